"""The main window: phone at the left, analyzer above log at the right."""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar, cast

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QActionGroup,
    QCloseEvent,
    QKeySequence,
    QPaintEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.engine.events import AnyEvent, Direction, Sighting, SightingStarted
from dtmfphone.engine.masking import MASK
from dtmfphone.gui.accounts_dialog import AccountsDialog
from dtmfphone.gui.actions import ACTIONS, MENUS, Actions
from dtmfphone.gui.call_bar import CallBar
from dtmfphone.gui.collector_panel import CollectorPanel
from dtmfphone.gui.dial_panel import DialPanel
from dtmfphone.gui.dialogs import AboutDialog, ShortcutsDialog
from dtmfphone.gui.icons import themed_icon
from dtmfphone.gui.keyboard import Keyboard
from dtmfphone.gui.keypad import Keypad
from dtmfphone.gui.look import Look
from dtmfphone.gui.notice_bar import NoticeBar
from dtmfphone.gui.panes import Panes
from dtmfphone.gui.phone_column import PhoneColumn
from dtmfphone.gui.serve_dialog import ServeDialog
from dtmfphone.gui.session import Session
from dtmfphone.gui.settings import Settings
from dtmfphone.gui.shadow_dialog import ShadowDialog
from dtmfphone.gui.sound_menu import SoundMenu
from dtmfphone.gui.speech_dialog import SpeechDialog
from dtmfphone.gui.status_line import StatusLine
from dtmfphone.gui.targets import short
from dtmfphone.gui.theme import Theme, ThemeChoice
from dtmfphone.gui.transfer_dialog import TransferDialog
from dtmfphone.gui.widgets import Card, edit, set_tone

WINDOW_SIZE: Final = QSize(1280, 800)
SMALLEST: Final = QSize(980, 560)
PHONE_SIZE: Final = QSize(390, 560)
D = TypeVar("D", bound=QDialog)
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
ICONS: Final = (
    "transfer",
    "keys-only",
    "mask",
    "follow",
    "copy",
    "export",
    "clear",
    "call-again",
    "zoom-in",
    "zoom-out",
    "zoom-fit",
    "shadows",
    "nodes",
)


class Analyzer(Protocol):
    """What the window needs of the analyzer pane, which is a widget."""

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        ...

    def mark(self, t: float, text: str, direction: Direction, duration: float = 0.0) -> None:
        """Show a key press beside the waterfall."""
        ...

    def set_paused(self, paused: bool) -> None:
        """Freeze the picture or go on."""
        ...

    @property
    def paused(self) -> bool:
        """Whether the picture is frozen."""
        ...


AnalyzerFactory = Callable[[Theme], QWidget]
"""Makes the analyzer pane (an `Analyzer`); called after the window's first paint, for its imports are slow."""


class MainWindow(QMainWindow):
    """Binds a `Session`; `first_painted` comes once, when the window can be seen."""

    first_painted = Signal()

    def __init__(self, session: Session, settings: Settings, look: Look) -> None:
        super().__init__()
        self._session = session
        self._settings = settings
        self._look = look
        self._make_analyzer: AnalyzerFactory | None = None
        self.analyzer: Analyzer | None = None
        self._painted = False
        self._hold_shown: tuple[bool, str] | None = None
        self._unfolded_size = WINDOW_SIZE
        self.setWindowTitle("dtmfphone")
        self.actions_by_id = Actions(self)
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

    def use_analyzer(self, factory: AnalyzerFactory) -> None:
        """Show an analyzer in place of the present one, once there is something to see it on."""
        self._make_analyzer = factory
        if self.analyzer is not None:
            old = cast(QWidget, self.analyzer)
            self.analyzer = None
            old.setParent(None)
            old.deleteLater()
            self._placeholder.show()
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
        self._analyzer_card = Card()
        self._placeholder = QLabel("The analyzer starts.")
        self._placeholder.setAlignment(Qt.AlignmentFlag.AlignCenter)
        set_tone(self._placeholder, "quiet")
        holder = QVBoxLayout(self._analyzer_card)
        holder.setContentsMargins(1, 1, 1, 1)
        holder.addWidget(self._placeholder)
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
            transfer=lambda: self._bring_up(
                TransferDialog, lambda: TransferDialog(session.call, self._settings.targets, self)
            ),
            accounts=self.show_accounts,
            serve_where=lambda: self._bring_up(ServeDialog, lambda: ServeDialog(session.serve, self._look, self)),
            shadows=lambda: self._bring_up(ShadowDialog, lambda: ShadowDialog(session.shadows, self)),
            target=lambda: edit(self.call_bar.target.lineEdit()),
            restart=session.restart,
            quit=self.close,
            speech=lambda: self._bring_up(SpeechDialog, lambda: SpeechDialog(session.speech, self)),
            dial_string=self.dial_panel.edit_keys,
            say=self.dial_panel.edit_words,
            paste=self._paste,
            send=session.dial.send,
            stop=self._stop,
            pause=self._toggle_pause,
            theme_system=lambda: self._choose_theme("system"),
            theme_light=lambda: self._choose_theme("light"),
            theme_dark=lambda: self._choose_theme("dark"),
            shortcuts=lambda: ShortcutsDialog(self).show(),
            about=lambda: AboutDialog(self).show(),
        )
        actions["continue"].triggered.connect(session.dial.skip_wait)
        actions["serve"].triggered.connect(self._serve)
        actions["mask"].toggled.connect(session.set_masked)
        actions["mask"].toggled.connect(self.dial_panel.set_masked)
        actions["fold"].toggled.connect(self._fold)
        session.call.rang.connect(self._ring)
        session.accounts.edit_wanted.connect(self.show_accounts)
        self.call_bar.account.edit_wanted.connect(self.show_accounts)
        session.call.placed.connect(lambda: self.keypad.setFocus(Qt.FocusReason.OtherFocusReason))
        session.call.changed.connect(self._enable)
        session.dial.changed.connect(self._enable)
        session.serve.changed.connect(self._enable)
        session.status.message.connect(self.notice.show_message)
        session.received.connect(self._mark_keys)
        self._look.changed.connect(self._adopt)
        self._draw_icons()
        self._enable()

    def _enable(self) -> None:
        session, actions = self._session, self.actions_by_id
        actions["call"].setEnabled(session.call.can_call)
        actions["hang-up"].setEnabled(session.call.active)
        actions["answer"].setEnabled(session.call.incoming)
        actions["reject"].setEnabled(session.call.incoming)
        actions["hold"].setEnabled(session.call.up)
        actions["transfer"].setEnabled(session.call.can_transfer)
        self._show_hold()
        actions["send"].setEnabled(session.dial.can_send)
        actions["continue"].setEnabled(session.dial.waiting)
        actions["serve"].setChecked(session.serve.serving)
        actions["serve"].setEnabled(session.call.standing not in ("starting", "lost"))

    def _after_first_paint(self) -> None:
        self.first_painted.emit()
        self._place_analyzer()

    def _place_analyzer(self) -> None:
        if self._painted and self.analyzer is None and self._make_analyzer is not None and not self.folded:
            widget = self._make_analyzer(self._look.theme)
            self._placeholder.hide()
            layout = self._analyzer_card.layout()
            assert layout is not None
            layout.addWidget(widget)
            self.analyzer = cast(Analyzer, widget)

    def _adopt(self, theme: Theme) -> None:
        self._draw_icons()
        if self.analyzer is not None:
            self.analyzer.set_theme(theme)

    def _draw_icons(self) -> None:
        for name in ICONS:
            self.actions_by_id[name].setIcon(themed_icon(name, self._look.theme))
        self._show_hold()

    def _show_hold(self) -> None:
        held = self._session.call.held_here
        action = self.actions_by_id["hold"]
        if (held, self._look.theme.name) != self._hold_shown:
            self._hold_shown = (held, self._look.theme.name)
            action.setIcon(themed_icon("resume" if held else "hold", self._look.theme))
            action.setText("Res&ume" if held else "H&old")
            words = "Go on with the call" if held else "Put the call on hold"
            action.setToolTip(f"{words} ({action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)})")

    def _mark_keys(self, batch: list[AnyEvent]) -> None:
        if self.analyzer is None:
            return
        for event in batch:
            if isinstance(event, SightingStarted) and event.tentative:
                continue
            if isinstance(event, SightingStarted | Sighting) and event.leg == "phone":
                key = MASK if self._session.log.masked else event.key
                duration = event.duration if isinstance(event, Sighting) else 0.0
                self.analyzer.mark(event.start, key, event.direction, duration)

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

    def show_accounts(self, name: str | bool = "") -> None:
        """Show the accounts, this one first."""
        accounts = self._session.accounts
        dialog = self._bring_up(AccountsDialog, lambda: AccountsDialog(accounts, self._look, self))
        if isinstance(name, str) and name:
            dialog.edit(name)

    def _bring_up(self, kind: type[D], make: Callable[[], D]) -> D:
        """Show a dialog on top: the one of its kind that is open, or a new one."""
        shown = (dialog for dialog in self.findChildren(kind) if dialog.isVisible())
        dialog = next(shown, None) or make()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
        return dialog

    def _ring(self) -> None:
        QApplication.alert(self)
        if QAccessible.isActive():
            words = f"Incoming call from {short(self._session.call.far_end)}"
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.call_bar, words))

    def _toggle_pause(self) -> None:
        if self.analyzer is not None:
            self.analyzer.set_paused(not self.analyzer.paused)

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
