"""Target, Call and Hang up, the call's state and what flows."""

from typing import Final

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer
from PySide6.QtGui import QFont, QMouseEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.engine.commands import BUILTIN, Codec
from dtmfphone.gui.account_choice import AccountChoice
from dtmfphone.gui.accounts_model import AccountsModel
from dtmfphone.gui.actions import Actions
from dtmfphone.gui.call_facts import CallFacts
from dtmfphone.gui.call_model import CallModel
from dtmfphone.gui.call_words import CODEC_NAMES
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.settings import Settings
from dtmfphone.gui.targets import name_of, short
from dtmfphone.gui.widgets import Card, Chip, ElidedLabel, set_compact, set_flag, set_kind, set_tone

CODECS: Final[tuple[tuple[Codec, str], ...]] = (
    ("auto", "Any codec"),
    ("opus", CODEC_NAMES["opus"]),
    ("g722", CODEC_NAMES["g722"]),
    ("pcmu", CODEC_NAMES["pcmu"]),
    ("pcma", CODEC_NAMES["pcma"]),
)
TONES: Final = {
    "starting": "muted",
    "idle": "muted",
    "calling": "warn",
    "ringing": "warn",
    "incoming": "accent",
    "connecting": "warn",
    "up": "good",
    "ended": "muted",
    "failed": "bad",
    "lost": "bad",
}
BLINK_MS: Final = 600
"""While a call rings here its chip changes at this pace."""


class CallButton(QPushButton):
    """Call and Hang up in one place; a double click counts once, so that it never hangs up what it began."""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()


class CallBar(Card):
    """Binds a `CallModel`, and the account of an `AccountsModel` to call from."""

    def __init__(
        self,
        model: CallModel,
        accounts: AccountsModel,
        settings: Settings,
        actions: Actions,
        look: Look,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._settings = settings
        self.target = QComboBox()
        self.target.setEditable(True)
        self.target.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.target.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.target.setAccessibleName("Target")
        self.target.setToolTip("sip:user@host, a number, rtp://host:port?codec=PCMU, builtin:NAME or http(s)://…")
        edit = self.target.lineEdit()
        assert edit is not None
        edit.setPlaceholderText("sip:user@host, builtin:reception…")
        edit.setAccessibleName("Target")
        completer = self.target.completer()
        if completer is not None:
            completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.caller = ElidedLabel()
        self.caller.setFont(scaled(self.font(), 1.15, weight=QFont.Weight.DemiBold))
        self.hold = _tool(actions, "hold")
        self.transfer = _tool(actions, "transfer")
        self.reject = QPushButton("Reject")
        self.reject.setProperty("kind", "hang-up")
        self.reject.setToolTip("Refuse the call (Ctrl+Shift+R)")
        self.button = CallButton("Call")
        self.button.setFixedWidth(92)
        self.chip = Chip(look)
        self.codec = QComboBox()
        self.codec.setProperty("compact", True)
        self.codec.setAccessibleName("Codec")
        self.codec.setToolTip("The audio codec to offer")
        for codec, title in CODECS:
            self.codec.addItem(title, codec)
        self.account = AccountChoice(accounts, look)
        self.token = QLineEdit()
        self.token.setProperty("compact", True)
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setPlaceholderText("Bearer token")
        self.token.setAccessibleName("Bearer token")
        self.token.setToolTip("Sent with the HTTP request if not empty; never stored")
        self.method = ElidedLabel()
        self.method.setFont(scaled(self.font(), 0.92))
        set_tone(self.method, "quiet")
        self.detail = QLabel()
        self.detail.setWordWrap(True)
        self.detail.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.detail.setFont(scaled(self.font(), 0.92))
        self.detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.detail.setTextFormat(Qt.TextFormat.PlainText)
        self.facts = CallFacts(model, look)
        self._build()
        edit.textEdited.connect(model.set_target)
        self.target.activated.connect(lambda: model.set_target(self.target.currentText()))
        edit.returnPressed.connect(model.place_call)
        self.button.clicked.connect(self._press)
        self.codec.activated.connect(self._choose_codec)
        self.token.textEdited.connect(self._set_token)
        self.token.returnPressed.connect(model.place_call)
        self.reject.clicked.connect(model.reject)
        self._blink = QTimer(self)
        self._blink.setInterval(BLINK_MS)
        self._blink.timeout.connect(self._blink_chip)
        model.changed.connect(self.refresh)
        model.targets_changed.connect(self._list_targets)
        self._list_targets()
        self.codec.setCurrentIndex(self.codec.findData(model.codec))
        self.refresh()

    def refresh(self) -> None:
        """Show the model."""
        model = self._model
        edit = self.target.lineEdit()
        if edit is not None and edit.text() != model.target:
            edit.setText(model.target)
            edit.home(False)
        active, incoming = model.active, model.incoming
        taken = incoming or (active and model.came_in)
        self.target.setEnabled(not active)
        self.target.setVisible(not taken)
        self.caller.setVisible(taken)
        self.caller.set_whole(name_of(model.far_end) or "Somebody")
        self.caller.setToolTip(model.far_end)
        self.hold.setVisible(model.up)
        self.transfer.setVisible(model.up)
        self.reject.setVisible(incoming)
        self.button.setText("Hang up" if active else "Answer" if incoming else "Call")
        self.button.setEnabled(active or incoming or model.can_call)
        self.button.setToolTip(
            "End the call (Ctrl+Shift+H)"
            if active
            else "Take the call (Ctrl+Shift+A)"
            if incoming
            else "Call the target (Ctrl+Return)"
        )
        set_kind(self.button, "hang-up" if active else "call")
        self._dress_chip()
        self._options.setCurrentIndex(1 if active or incoming else 0)
        self.token.setVisible(model.takes_token)
        self.account.setVisible(model.takes_account)
        text, tone = self._doing()
        self.method.set_whole(text)
        set_tone(self.method, tone)
        self._lower.setCurrentIndex(1 if active else 0)
        self.detail.setText(self._detail())
        set_tone(self.detail, "bad" if model.standing in ("failed", "lost") else "quiet")
        self.detail.setToolTip(self.detail.text())
        self.facts.refresh()

    def set_dense(self, dense: bool) -> None:
        """Save height, or not."""
        set_compact(self.target, dense)
        set_compact(self.button, dense)
        set_compact(self.reject, dense)
        for button in (self.hold, self.transfer):
            button.setFixedSize(32, 26 if dense else 32)
        self._layout.setContentsMargins(10, 6 if dense else 8, 10, 6 if dense else 8)
        self._layout.setSpacing(4 if dense else 6)

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.target, 1)
        top.addWidget(self.caller, 1)
        top.addWidget(self.hold)
        top.addWidget(self.transfer)
        top.addWidget(self.reject)
        top.addWidget(self.button)
        idle = QWidget()
        row = QHBoxLayout(idle)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addStretch(1)
        row.addWidget(self.account, 20)
        row.addWidget(self.token, 20)
        row.addWidget(self.codec)
        busy = QWidget()
        row = QHBoxLayout(busy)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.method)
        self._options = _stack(idle, busy, 28)
        middle = QHBoxLayout()
        middle.setSpacing(10)
        middle.addWidget(self.chip)
        middle.addWidget(self._options, 1)
        self._lower = _stack(self.detail, self.facts, 30)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(top)
        self._layout.addLayout(middle)
        self._layout.addWidget(self._lower)
        self.set_dense(False)

    def _detail(self) -> str:
        model = self._model
        if model.incoming:
            return f"{short(model.far_end)} calls. Answer with Ctrl+Shift+A, reject with Ctrl+Shift+R."
        if model.reason:
            return " ".join(part for part in (model.reason, model.remedy) if part)
        if model.can_call and model.target.strip().startswith(BUILTIN):
            return "Press Call to reach the built-in IVR."
        return "Press Call to reach the target." if model.can_call else "Enter whom to call."

    def _doing(self) -> tuple[str, str]:
        """What the middle line says of a call, and in which tone."""
        model = self._model
        if model.incoming:
            return (f"for {model.line}" if model.line else ""), "quiet"
        if model.transfer_text and model.transfer is not None:
            return model.transfer_text, "bad" if model.transfer.state == "failed" else "accent"
        if not model.method_text:
            return model.who_text, "quiet"
        return model.method_text, "warn" if model.media and model.media.method is None else "quiet"

    def _dress_chip(self) -> None:
        model = self._model
        waits = model.up and model.hold is not None and (model.hold.here or model.hold.there)
        if model.incoming != self._blink.isActive():
            if model.incoming:
                self._blink.start()
            else:
                self._blink.stop()
        self.chip.set(model.state_text, "warn" if waits else TONES[model.standing], filled=model.standing != "idle")
        set_flag(self, "rings", on=model.incoming)

    def _blink_chip(self) -> None:
        self.chip.set(self.chip.text, TONES["incoming"], filled=not self.chip.filled)

    def _press(self) -> None:
        if self._model.incoming:
            self._model.answer()
        elif self._model.active:
            self._model.hang_up()
        else:
            self._model.place_call()

    def _choose_codec(self) -> None:
        self._model.codec = self.codec.currentData()

    def _set_token(self, token: str) -> None:
        self._model.token = token

    def _list_targets(self) -> None:
        with QSignalBlocker(self.target):
            self.target.clear()
            self.target.addItems(list(dict.fromkeys([*self._settings.targets, *self._model.builtin_targets])))
            self.target.setEditText(self._model.target)
        if (edit := self.target.lineEdit()) is not None:
            edit.home(False)


def _tool(actions: Actions, name: str) -> QToolButton:
    button = QToolButton()
    button.setDefaultAction(actions[name])
    button.setIconSize(QSize(16, 16))
    button.setAccessibleName(actions[name].iconText())
    return button


def _stack(first: QWidget, second: QWidget, height: int) -> QStackedWidget:
    stack = QStackedWidget()
    stack.addWidget(first)
    stack.addWidget(second)
    stack.setFixedHeight(height)
    return stack
