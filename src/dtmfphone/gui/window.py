"""The main window: phone at the left, analyzer above log at the right."""

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QActionGroup,
    QCloseEvent,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.gui.action_icons import ActionIcons
from dtmfphone.gui.actions import ACTIONS, MENUS, Actions
from dtmfphone.gui.analyzer_card import Analyzer, AnalyzerCard, AnalyzerFactory
from dtmfphone.gui.call_bar import CallBar
from dtmfphone.gui.collector_panel import CollectorPanel
from dtmfphone.gui.dial_panel import DialPanel
from dtmfphone.gui.keyboard import Keyboard
from dtmfphone.gui.keypad import Keypad
from dtmfphone.gui.look import Look
from dtmfphone.gui.notice_bar import NoticeBar
from dtmfphone.gui.panes import Panes
from dtmfphone.gui.phone_column import PhoneColumn
from dtmfphone.gui.session import Session
from dtmfphone.gui.settings import Settings
from dtmfphone.gui.sound_menu import SoundMenu
from dtmfphone.gui.status_line import StatusLine
from dtmfphone.gui.targets import short
from dtmfphone.gui.theme import ThemeChoice
from dtmfphone.gui.widgets import edit
from dtmfphone.gui.window_dialogs import WindowDialogs

WINDOW_SIZE: Final = QSize(1280, 800)
SMALLEST: Final = QSize(980, 560)
PHONE_SIZE: Final = QSize(390, 560)
SEPARATED: Final = (
    "hold",
    "target",
    "accounts",
    "restart",
    "zoom-in",
    "pause",
    "theme-system",
    "keys-only",
    "follow",
    "call-again",
    "copy",
)
"""Actions with a line above them in their menu."""


class MainWindow(QMainWindow):
    """Binds a `Session`; `first_painted` comes once, when the window can be seen."""

    first_painted = Signal()

    def __init__(self, session: Session, settings: Settings, look: Look) -> None:
        super().__init__()
        self._session = session
        self._settings = settings
        self._look = look
        self._painted = False
        self._unfolded_size = WINDOW_SIZE
        self.setWindowTitle("dtmfphone")
        self.actions_by_id = Actions(self)
        self._icons = ActionIcons(self.actions_by_id, session.call, look, self)
        self._dialogs = WindowDialogs(self, session, settings, look)
        self.call_bar = CallBar(session.call, session.accounts, settings, self.actions_by_id, look)
        self.keypad = Keypad(session.keypad, look)
        self.dial_panel = DialPanel(session.dial, session.call, session.say, look)
        self.collector = CollectorPanel(session.collector, session.shadows, self.actions_by_id["shadows"], look)
        self.panes = Panes(session, settings, self.actions_by_id, look)
        self.status = StatusLine(session.status, session.accounts, session.serve, look)
        central = self._build()
        below = (self.collector, self.status)
        self.notice = NoticeBar(look, central, (self._analyzer_card,), below, (self.collector,))
        self._build_menus()
        self._connect()
        self._keyboard = Keyboard(session.keypad, self)
        self.setMinimumSize(SMALLEST)
        self.resize(WINDOW_SIZE.boundedTo(self.screen().availableSize()))
        self.dial_panel.set_masked(settings.mask_digits)
        if not settings.geometry.isEmpty():
            self.restoreGeometry(settings.geometry)
            self._unfolded_size = self.size().expandedTo(SMALLEST)
        if not settings.splitter.isEmpty():
            self._splitter.restoreState(settings.splitter)
        if settings.folded:
            self.actions_by_id["fold"].setChecked(True)
        self.setFocus()  # on no text field, so that the keyboard dials

    @property
    def analyzer(self) -> Analyzer | None:
        """The analyzer, once it is there."""
        return self._analyzer_card.analyzer

    def use_analyzer(self, factory: AnalyzerFactory) -> None:
        """Show an analyzer in place of the present one, once there is something to see it on."""
        self._analyzer_card.use(factory)
        self._place_analyzer()

    # Qt

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        handle = self.windowHandle()
        if handle is not None:
            handle.removeEventFilter(self._keyboard)
            handle.installEventFilter(self._keyboard)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self._after_first_paint)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow():
            self._session.keypad.release_all()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._session.keypad.release_all()
        self._session.save()
        self._settings.theme = self._look.choice
        self._settings.folded = self.folded
        self._settings.splitter = self._splitter.saveState()
        if self.folded:
            self.resize(self._unfolded_size)
        self._settings.geometry = self.saveGeometry()
        super().closeEvent(event)

    # Parts

    @property
    def folded(self) -> bool:
        """Whether only the phone is shown."""
        return self.actions_by_id["fold"].isChecked()

    def _build(self) -> QWidget:
        self._column = PhoneColumn(self.call_bar, self.keypad, self.dial_panel, self.collector)
        self._analyzer_card = AnalyzerCard(self._look)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.setHandleWidth(8)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self._analyzer_card)
        self._splitter.addWidget(self.panes)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        self._splitter.setSizes([440, 300])
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._column)
        row.addWidget(self._splitter, 1)
        central = QWidget()
        layout = QVBoxLayout(central)
        layout.setContentsMargins(8, 4, 8, 3)
        layout.setSpacing(4)
        layout.addLayout(row, 1)
        layout.addWidget(self.status)
        self.setCentralWidget(central)
        return central

    def _build_menus(self) -> None:
        actions = self.actions_by_id
        for title in MENUS:
            menu = self.menuBar().addMenu(f"&{title}")
            menu.setToolTipsVisible(True)
            if title == "Sound":
                self._sound = SoundMenu(menu, actions, self._session.status)
                continue
            for spec in ACTIONS:
                if spec.menu == title:
                    if spec.id in SEPARATED:
                        menu.addSeparator()
                    menu.addAction(actions[spec.id])
        themes = QActionGroup(self)
        for choice in ("system", "light", "dark"):
            themes.addAction(actions[f"theme-{choice}"])
        actions[f"theme-{self._look.choice}"].setChecked(True)
        actions["mask"].setChecked(self._settings.mask_digits)

    def _connect(self) -> None:
        session, actions = self._session, self.actions_by_id
        actions.connect(
            call=session.call.place_call,
            hang_up=session.call.hang_up,
            answer=session.call.answer,
            reject=session.call.reject,
            hold=session.call.toggle_hold,
            transfer=self._dialogs.transfer,
            accounts=self._dialogs.accounts,
            serve_where=self._dialogs.serve,
            shadows=self._dialogs.shadows,
            target=lambda: edit(self.call_bar.target.lineEdit()),
            restart=session.restart,
            quit=self.close,
            speech=self._dialogs.speech,
            dial_string=self.dial_panel.edit_keys,
            say=self.dial_panel.edit_words,
            paste=self._paste,
            send=session.dial.send,
            stop=self._stop,
            pause=self._analyzer_card.toggle_pause,
            theme_system=lambda: self._choose_theme("system"),
            theme_light=lambda: self._choose_theme("light"),
            theme_dark=lambda: self._choose_theme("dark"),
            shortcuts=self._dialogs.shortcuts,
            about=self._dialogs.about,
        )
        actions["continue"].triggered.connect(session.dial.skip_wait)
        actions["serve"].triggered.connect(self._serve)
        actions["mask"].toggled.connect(session.set_masked)
        actions["mask"].toggled.connect(self.dial_panel.set_masked)
        actions["fold"].toggled.connect(self._fold)
        session.call.rang.connect(self._ring)
        session.accounts.edit_wanted.connect(self._dialogs.accounts)
        self.call_bar.account.edit_wanted.connect(self._dialogs.accounts)
        session.call.placed.connect(lambda: self.keypad.setFocus(Qt.FocusReason.OtherFocusReason))
        session.call.changed.connect(self._enable)
        session.dial.changed.connect(self._enable)
        session.serve.changed.connect(self._enable)
        session.status.message.connect(self.notice.show_message)
        session.received.connect(lambda batch: self._analyzer_card.mark_keys(batch, masked=session.log.masked))
        self._enable()

    def _enable(self) -> None:
        session, actions = self._session, self.actions_by_id
        actions["call"].setEnabled(session.call.can_call)
        actions["hang-up"].setEnabled(session.call.active)
        actions["answer"].setEnabled(session.call.incoming)
        actions["reject"].setEnabled(session.call.incoming)
        actions["hold"].setEnabled(session.call.up)
        actions["transfer"].setEnabled(session.call.can_transfer)
        actions["send"].setEnabled(session.dial.can_send)
        actions["continue"].setEnabled(session.dial.waiting)
        actions["serve"].setChecked(session.serve.serving)
        actions["serve"].setEnabled(session.call.standing not in ("starting", "lost"))

    def _after_first_paint(self) -> None:
        self.first_painted.emit()
        self._place_analyzer()

    def _place_analyzer(self) -> None:
        if self._painted and not self.folded:
            self._analyzer_card.fill()

    # What actions do

    def _stop(self) -> None:
        self._session.keypad.release_all()
        self._session.dial.stop()
        self._session.say.stop()

    def _paste(self) -> None:
        text = QApplication.clipboard().text().strip()
        if text:
            self.dial_panel.edit.setText(text.splitlines()[0])
            self.dial_panel.edit_keys()

    def _serve(self, wanted: bool) -> None:
        serve = self._session.serve
        self.actions_by_id["serve"].setChecked(serve.serving)
        if wanted:
            serve.start()
        else:
            serve.stop()

    def _ring(self) -> None:
        QApplication.alert(self)
        if QAccessible.isActive():
            words = f"Incoming call from {short(self._session.call.far_end)}"
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.call_bar, words))

    def _choose_theme(self, choice: ThemeChoice) -> None:
        self._look.choose(choice)

    def _fold(self, folded: bool) -> None:
        if folded:
            self._unfolded_size = self.size()
        self._splitter.setVisible(not folded)
        self._column.set_alone(folded)
        self.status.set_narrow(folded)
        self.setMinimumSize(PHONE_SIZE if folded else SMALLEST)
        self.resize(PHONE_SIZE if folded else self._unfolded_size)
        self._place_analyzer()
