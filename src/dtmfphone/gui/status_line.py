"""The line at the bottom: sound, account, where the IVR answers, how well the engine keeps time."""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from dtmfphone.gui.account_choice import dot_icon
from dtmfphone.gui.accounts_model import STATES, AccountsModel
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.serve_model import ServeModel
from dtmfphone.gui.status_model import StatusModel
from dtmfphone.gui.widgets import Dot, ElidedLabel, set_tone

LONGEST_NAME: Final = 16


class StatusLine(QWidget):
    """Binds a `StatusModel`, the accounts and the addresses of the IVR."""

    def __init__(
        self,
        model: StatusModel,
        accounts: AccountsModel,
        serve: ServeModel,
        look: Look,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._accounts = accounts
        self._serve = serve
        self._look = look
        font = scaled(self.font(), 0.9, tabular=True)
        self.dot = Dot(look)
        self.sound = ElidedLabel()
        self.account = QToolButton()
        self.account.setProperty("line", True)
        self.account.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.account.setIconSize(QSize(10, 10))
        self.account.setFont(font)
        self.account.clicked.connect(lambda: accounts.edit_wanted.emit(accounts.chosen))
        self.server = QLabel()
        self.lateness = QLabel()
        for label in (self.sound, self.server, self.lateness):
            label.setFont(font)
            set_tone(label, "quiet")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(7)
        layout.addWidget(self.dot)
        layout.addWidget(self.sound, 1)
        layout.addWidget(self.account)
        layout.addSpacing(3)
        layout.addWidget(self.server)
        layout.addSpacing(10)
        layout.addWidget(self.lateness)
        self.setFixedHeight(20)
        self._narrow = False
        for each in (model, accounts, serve):
            each.changed.connect(self.refresh)
        look.changed.connect(self.refresh)
        self.refresh()

    def set_narrow(self, narrow: bool) -> None:
        """Show sound alone where room is short."""
        self._narrow = narrow
        self.refresh()

    def refresh(self) -> None:
        """Show the model."""
        model = self._model
        self.dot.set("warn" if model.sound_problem else "good" if model.sound else "muted")
        self.sound.set_whole(model.sound_text)
        set_tone(self.sound, "warn" if model.sound_problem else "quiet")
        self._show_account()
        self.server.setText(self._serve.text)
        self.server.setToolTip(self._serve.details)
        self.server.setVisible(bool(self._serve.text) and not self._narrow)
        self.lateness.setText(model.lateness_text)
        self.lateness.setVisible(bool(model.lateness_text) and not self._narrow)
        details = (model.sound_text, self._serve.details, model.lateness_text)
        self.setToolTip("\n".join(text for text in details if text))

    def _show_account(self) -> None:
        model = self._accounts
        self.account.setVisible(bool(model.accounts))
        if not model.accounts:
            return
        name = model.chosen or model.names[0]
        state = model.states.get(name)
        others = len(model.accounts) - 1
        words = STATES[state.state].partition(",")[0] if state else "not open"
        short = name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"
        self.account.setText(f"{short} {words}{f' +{others}' if others else ''}")
        self.account.setIcon(dot_icon(self._look.theme, model.tone(name)))
        lines = "\n".join(model.state_text(each) for each in model.names)
        self.account.setToolTip(f"{lines}\nClick to edit accounts.")
        self.account.setAccessibleName(f"Accounts: {self.account.text()}")
