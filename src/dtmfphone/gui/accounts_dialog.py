"""SIP accounts: the list at the left, the one that is edited at the right."""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.accounts import AccountError, check
from dtmfphone.engine.commands import Account
from dtmfphone.gui.account_choice import dot_icon
from dtmfphone.gui.account_form import AccountForm
from dtmfphone.gui.accounts_model import AccountsModel
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.notice_bar import NoticeBar
from dtmfphone.gui.status_model import Message
from dtmfphone.gui.widgets import ElidedLabel, set_kind, set_tone

SIZE: Final = QSize(720, 520)
NEW: Final = "New account"


class AccountsDialog(QDialog):
    """Binds an `AccountsModel`; does not block the window. What is typed is kept by Save alone."""

    def __init__(self, model: AccountsModel, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self._editing: str | None = None
        """Name of the account in the form; None: a new one."""
        self._dirty = False
        self.setWindowTitle("Accounts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget()
        self.list.setAccessibleName("Accounts")
        self.list.setIconSize(QSize(10, 10))
        self.list.setFixedWidth(190)
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.add = QPushButton("Add")
        self.add.setToolTip("Begin a new account")
        self.remove = QPushButton("Remove")
        self.remove.setToolTip("Forget the account and its password; this can be undone")
        self.form = AccountForm(look)
        self.state = ElidedLabel()
        self.state.setFont(scaled(self.font(), 0.92))
        self.keyring = QLabel()
        self.keyring.setWordWrap(True)
        self.keyring.setTextFormat(Qt.TextFormat.PlainText)
        self.keyring.setFont(scaled(self.font(), 0.92))
        self.save = QPushButton("Save")
        set_kind(self.save, "primary")
        self.save.setDefault(True)
        self.save.setToolTip("Keep the account and register it")
        self.revert = QPushButton("Revert")
        self.revert.setToolTip("Take back what was typed")
        self.close_button = QPushButton("Close")
        self.close_button.setAutoDefault(False)
        for button in (self.add, self.remove, self.revert):
            button.setAutoDefault(False)
        self._build()
        self.notice = NoticeBar(look, self)
        self.add.clicked.connect(self.begin_new)
        self.remove.clicked.connect(self._remove)
        self.save.clicked.connect(self.keep)
        self.revert.clicked.connect(self._revert)
        self.close_button.clicked.connect(self.close)
        self.form.edited.connect(self._note_edit)
        self.list.currentItemChanged.connect(self._choose)
        model.changed.connect(self.refresh)
        model.message.connect(self.notice.show_message)
        look.changed.connect(self.refresh)
        self.resize(SIZE)
        self.refresh()
        self.edit(model.chosen) if model.accounts else self.begin_new()

    def edit(self, name: str) -> None:
        """Show an account in the form."""
        account = self._model.find(name)
        if account is None:
            return
        self._editing = name
        self._show(account)

    def begin_new(self) -> None:
        """Show an empty form."""
        self._editing = None
        self._show(Account())
        self.form.name.setFocus()

    def keep(self) -> None:
        """Save what stands in the form, or say what is wrong with it."""
        account = self.form.account
        try:
            check(account)
            if account.name in self._model.names and account.name != self._editing:
                raise AccountError("There is an account of this name already.", "Choose another name.", "name")
            self._model.put(account, replaces=self._editing)
        except AccountError as error:
            words = " ".join(part for part in (error.reason, error.remedy) if part)
            if not self.form.show_problem(error.field, words):
                self.notice.show_message(Message("error", error.reason, error.remedy))
            return
        self._dirty = False
        self.edit(account.name)
        self.refresh()

    def refresh(self) -> None:
        """Show the model."""
        self.list.blockSignals(True)
        self.list.clear()
        for name in self._model.names:
            item = QListWidgetItem(dot_icon(self._look.theme, self._model.tone(name)), name, self.list)
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setToolTip(self._model.state_text(name))
        if self._editing is None:
            item = QListWidgetItem(dot_icon(self._look.theme, "border"), self.form.account.name or NEW, self.list)
            item.setData(Qt.ItemDataRole.UserRole, None)
        self.list.setCurrentRow(
            self._model.names.index(self._editing) if self._editing in self._model.names else self.list.count() - 1
        )
        self.list.blockSignals(False)
        self._show_state()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._model.message.disconnect(self.notice.show_message)
        self._model.changed.disconnect(self.refresh)
        super().closeEvent(event)

    def _build(self) -> None:
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.list, 1)
        under = QHBoxLayout()
        under.setSpacing(8)
        under.addWidget(self.add)
        under.addWidget(self.remove)
        left.addLayout(under)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self.form)
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addWidget(scroll, 1)
        right.addWidget(self.keyring)
        right.addWidget(self.state)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(self.revert)
        buttons.addWidget(self.save)
        buttons.addWidget(self.close_button)
        right.addLayout(buttons)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 16)
        layout.setSpacing(18)
        layout.addLayout(left)
        layout.addLayout(right, 1)

    def _show(self, account: Account) -> None:
        self.form.show_account(account, has_password=self._model.has_password(account.name))
        self._dirty = False
        self.refresh()

    def _show_state(self) -> None:
        name = self._editing
        self.state.set_whole(self._model.state_text(name) if name else "Save the account to register it.")
        tone = self._model.tone(name) if name else "quiet"
        set_tone(self.state, "quiet" if tone == "muted" else tone)
        problem = self._model.no_keyring
        self.keyring.setText(
            f"{problem.reason} The password is kept for this session only."
            if problem
            else "The password goes into the system's keyring."
        )
        set_tone(self.keyring, "warn" if problem else "quiet")
        self.remove.setEnabled(name is not None)
        self.revert.setEnabled(self._dirty)
        self.save.setEnabled(self._dirty)

    def _note_edit(self) -> None:
        self._dirty = True
        self.form.show_problem("", "")
        item = self.list.currentItem()
        if self._editing is None and item is not None:
            item.setText(self.form.name.text().strip() or NEW)
        self._show_state()

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is None or (name := item.data(Qt.ItemDataRole.UserRole)) is None:
            return
        if self._dirty:
            editing, typed = self._editing, self.form.account
            text = f"What was typed for {typed.name or 'the new account'} is not saved."
            self.notice.show_message(
                Message("info", text, button="Back to it", action=lambda: self._go_on(editing, typed))
            )
        self.edit(name)

    def _go_on(self, editing: str | None, typed: Account) -> None:
        self._editing = editing
        self._show(typed)
        self.form.password.setText(typed.password)
        self._note_edit()

    def _remove(self) -> None:
        if self._editing is not None:
            name, self._editing = self._editing, None
            self._model.remove(name)
            self.edit(self._model.chosen) if self._model.accounts else self.begin_new()

    def _revert(self) -> None:
        account = self._model.find(self._editing) if self._editing else Account()
        self._show(account or Account())
