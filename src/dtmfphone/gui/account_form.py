"""The fields of an account: what everybody needs first, the rest folded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.accounts import LONGEST_EXPIRES, SHORTEST_EXPIRES
from dtmfphone.engine.commands import Account
from dtmfphone.gui.codec_list import CodecList
from dtmfphone.gui.dial_panel import METHODS
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.widgets import set_flag, set_kind, set_tone

TRANSPORTS: Final = (
    ("auto", "Automatic", "What the address says, else what DNS says, else UDP"),
    ("udp", "UDP", ""),
    ("tcp", "TCP", ""),
    ("tls", "TLS", "Encrypted, with a checked certificate"),
)
SECURITY: Final = (
    ("off", "Off", "Audio goes in the clear"),
    ("optional", "Offer it", "Encrypted if the far end can"),
    ("required", "Required", "No call without it"),
)
INSECURE_WARNING: Final = "Anyone on the way can pose as the server then, and read the password's answer and the calls."
KEYS_WARNING: Final = "Without TLS the keys of SRTP pass in the clear."
TEXTS: Final = ("name", "address", "user", "registrar", "display_name", "proxy", "ca_file", "local")


class AccountForm(QWidget):
    """Edits one account; what is wrong stands under its field."""

    edited = Signal()

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._account = Account()
        self._problems: dict[str, QLabel] = {}
        self.name = _line("Name", "alice at work")
        self.address = _line("SIP address", "sip:alice@example.com")
        self.user = _line("User", "for the password, if it is not the one in the address")
        self.password = _line("Password", "")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.show_password = QCheckBox("Show")
        self.show_password.setToolTip("Show the password while it is typed")
        self.registrar = _line("Registrar", "the domain of the address")
        self.transport = _choice("Transport", TRANSPORTS)
        self.register = QCheckBox("Register at start, so that calls come in")
        self.display_name = _line("Display name", "what the far end may show")
        self.proxy = _line("Outbound proxy", "none")
        self.codecs = CodecList(look)
        self.method = _choice("DTMF method", METHODS)
        self.security = _choice("SRTP", SECURITY)
        self.insecure = QCheckBox("Accept any TLS certificate")
        self.ca_file = _line("CA file", "the system's certificates alone")
        self.browse = QPushButton("Browse…")
        set_kind(self.browse, "small")
        self.browse.setToolTip("Choose a PEM file with certificates to trust")
        self.expires = QSpinBox()
        self.expires.setRange(SHORTEST_EXPIRES, LONGEST_EXPIRES)
        self.expires.setSingleStep(60)
        self.expires.setSuffix(" s")
        self.expires.setProperty("compact", True)
        self.expires.lineEdit().setTextMargins(6, 0, 0, 0)
        self.expires.setAccessibleName("Registration lasts")
        self.local = _line("Own address", "any; else host or host:port")
        self.more = QToolButton()
        self.more.setText("Advanced")
        self.more.setProperty("fold", True)
        self.more.setCheckable(True)
        self.more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.more.setArrowType(Qt.ArrowType.RightArrow)
        self.advanced = QWidget()
        self._build()
        self._connect()

    @property
    def account(self) -> Account:
        """The account as it stands in the fields, with a password if one was typed."""
        texts = {name: getattr(self, name).text().strip() for name in TEXTS}
        if texts["address"] and ":" not in texts["address"].partition("@")[0]:
            texts["address"] = f"sip:{texts['address']}"
        return msgspec.structs.replace(
            self._account,
            **texts,
            password=self.password.text(),
            transport=self.transport.currentData(),
            register=self.register.isChecked(),
            codecs=self.codecs.codecs,
            method=self.method.currentData(),
            security=self.security.currentData(),
            insecure=self.insecure.isChecked(),
            expires=self.expires.value(),
        )

    def show_account(self, account: Account, *, has_password: bool) -> None:
        """Show an account; its password stays where it is."""
        self._account = account
        for name in TEXTS:
            getattr(self, name).setText(getattr(account, name))
        self.password.clear()
        self.show_password.setChecked(False)
        self.password.setPlaceholderText("unchanged" if has_password else "none")
        for box, value in (
            (self.transport, account.transport),
            (self.method, account.method),
            (self.security, account.security),
        ):
            box.setCurrentIndex(max(0, box.findData(value)))
        self.register.setChecked(account.register)
        self.insecure.setChecked(account.insecure)
        self.expires.setValue(account.expires)
        self.codecs.set_codecs(account.codecs)
        self.show_problem("", "")
        self.more.setChecked(self._needs_more(account))
        self._warn()

    def show_problem(self, field: str, text: str) -> bool:
        """Say under a field what is wrong there, and go to it; return False when there is no such field.

        An empty field takes back what was said.
        """
        for name, label in self._problems.items():
            label.setText(text if name == field else "")
            label.setVisible(name == field)
            set_flag(getattr(self, name), "problem", on=name == field)
        if field not in self._problems:
            return False
        edit: QWidget = getattr(self, field)
        if self.advanced.isAncestorOf(edit):
            self.more.setChecked(True)
        edit.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def _build(self) -> None:
        password = QHBoxLayout()
        password.setSpacing(10)
        password.addWidget(self.password, 1)
        password.addWidget(self.show_password)
        file = QHBoxLayout()
        file.setSpacing(10)
        file.addWidget(self.ca_file, 1)
        file.addWidget(self.browse)
        self.insecure_warning = _warning(INSECURE_WARNING)
        self.keys_warning = _warning(KEYS_WARNING)
        basic = _form()
        self._row(basic, "Name", self.name, "name")
        self._row(basic, "SIP address", self.address, "address")
        self._row(basic, "User", self.user, "user")
        self._row(basic, "Password", password, "password", self.password)
        self._row(basic, "Registrar", self.registrar, "registrar")
        self._row(basic, "Transport", self.transport)
        basic.addRow("", self.register)
        advanced = _form()
        self._row(advanced, "Display name", self.display_name, "display_name")
        self._row(advanced, "Outbound proxy", self.proxy, "proxy")
        self._row(advanced, "Codecs", self.codecs, "codecs")
        self._row(advanced, "DTMF method", self.method)
        self._row(advanced, "SRTP", self.security)
        advanced.addRow("", self.keys_warning)
        self._row(advanced, "CA file", file, "ca_file", self.ca_file)
        advanced.addRow("", self.insecure)
        advanced.addRow("", self.insecure_warning)
        self._row(advanced, "Expires after", self.expires, "expires")
        self._row(advanced, "Own address", self.local, "local")
        self.advanced.setLayout(advanced)
        self.advanced.setVisible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 8, 0)
        layout.setSpacing(8)
        layout.addLayout(basic)
        layout.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.advanced)
        layout.addStretch(1)

    def _row(
        self,
        form: QFormLayout,
        title: str,
        content: QWidget | QHBoxLayout,
        field: str = "",
        buddy: QWidget | None = None,
    ) -> None:
        label = QLabel(title)
        set_tone(label, "quiet")
        label.setMinimumWidth(104)
        if buddy is not None or isinstance(content, QWidget):
            label.setBuddy(buddy or content)  # type: ignore[arg-type]
        form.addRow(label, content)
        if field:
            problem = _warning("")
            set_tone(problem, "bad")
            self._problems[field] = problem
            form.addRow("", problem)

    def _connect(self) -> None:
        for name in TEXTS:
            getattr(self, name).textEdited.connect(self._edit)
        self.password.textEdited.connect(self._edit)
        for box in (self.transport, self.method, self.security):
            box.activated.connect(self._edit)
        for check in (self.register, self.insecure):
            check.clicked.connect(self._edit)
        self.expires.valueChanged.connect(self._edit)
        self.codecs.changed.connect(self._edit)
        self.show_password.toggled.connect(
            lambda on: self.password.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
        )
        self.browse.clicked.connect(self._browse)
        self.more.toggled.connect(self._unfold)

    def _edit(self, *_: object) -> None:
        self._warn()
        self.edited.emit()

    def _warn(self) -> None:
        self.insecure_warning.setVisible(self.insecure.isChecked())
        clear = self.security.currentData() != "off" and self.transport.currentData() in ("udp", "tcp")
        self.keys_warning.setVisible(clear)

    def _unfold(self, unfolded: bool) -> None:
        self.more.setArrowType(Qt.ArrowType.DownArrow if unfolded else Qt.ArrowType.RightArrow)
        self.advanced.setVisible(unfolded)

    def _browse(self) -> None:
        name, _ = QFileDialog.getOpenFileName(
            self, "Certificates to trust", str(Path.home()), "Certificates (*.pem *.crt *.cer);;All files (*)"
        )
        if name:
            self.ca_file.setText(name)
            self._edit()

    @staticmethod
    def _needs_more(account: Account) -> bool:
        plain = Account(
            **{
                name: getattr(account, name)
                for name in ("name", "address", "user", "password", "registrar", "transport", "register")
            }
        )
        return account != plain


def _form() -> QFormLayout:
    form = QFormLayout()
    form.setContentsMargins(0, 0, 0, 0)
    form.setHorizontalSpacing(12)
    form.setVerticalSpacing(7)
    form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    return form


def _line(name: str, hint: str) -> QLineEdit:
    edit = QLineEdit()
    edit.setProperty("compact", True)
    edit.setAccessibleName(name)
    edit.setPlaceholderText(hint)
    return edit


def _choice(name: str, choices: Sequence[tuple[Any, str, str]]) -> QComboBox:
    box = QComboBox()
    box.setProperty("compact", True)
    box.setAccessibleName(name)
    for row, (value, title, tip) in enumerate(choices):
        box.addItem(title, value)
        box.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
    return box


def _warning(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setFont(scaled(label.font(), 0.92))
    set_tone(label, "warn")
    label.setVisible(False)
    return label
