"""All view-models of the window, fed with the engine's events."""

from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from dtmfphone.accounts import Accounts
from dtmfphone.engine.commands import HangUp, RejectCall, SelectDevices, SetAudio
from dtmfphone.engine.events import AnyEvent, Started
from dtmfphone.gui.accounts_model import AccountsModel
from dtmfphone.gui.call_model import CallModel
from dtmfphone.gui.collector_model import CollectorModel
from dtmfphone.gui.dial_model import DialModel
from dtmfphone.gui.graph_model import GraphModel
from dtmfphone.gui.history_model import HistoryModel
from dtmfphone.gui.keypad_model import KeypadModel
from dtmfphone.gui.log_model import LogModel
from dtmfphone.gui.say_model import SayModel
from dtmfphone.gui.serve_model import DEFAULT_IVR, DEFAULT_LISTEN, ServeModel
from dtmfphone.gui.session_clock import SessionClock
from dtmfphone.gui.settings import Settings
from dtmfphone.gui.shadow_model import ShadowModel
from dtmfphone.gui.speech_model import SpeechModel
from dtmfphone.gui.status_model import Message, StatusModel
from dtmfphone.gui.targets import short
from dtmfphone.gui.trace_model import TraceModel
from dtmfphone.history import History, PastCall

LOG_INTERVAL_MS = 50
"""Log and trace take their rows in batches, at most this often; the first after a pause goes in at once."""


class Session(QObject):
    """Hands batches of events to the view-models and collects their commands.

    Without stores, accounts and history live no longer than the session.
    """

    command = Signal(object)
    restart_wanted = Signal()
    received = Signal(list)
    """A batch, after the view-models have taken it."""

    def __init__(
        self,
        settings: Settings,
        clock: SessionClock | None = None,
        parent: QObject | None = None,
        *,
        accounts: Accounts | None = None,
        history: History | None = None,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self.clock = clock or SessionClock()
        self.call = CallModel(self)
        self.keypad = KeypadModel(self)
        self.dial = DialModel(self)
        self.log = LogModel(self)
        self.trace = TraceModel(self)
        self.history = HistoryModel(history, self)
        self.accounts = AccountsModel(accounts, settings.account, self)
        self.serve = ServeModel(self)
        self.speech = SpeechModel(self)
        self.collector = CollectorModel(self.clock, self)
        self.shadows = ShadowModel(self.clock, self.collector.verdict, self)
        self.graph = GraphModel(self)
        self.say = SayModel(self.speech, self.graph, self)
        self.status = StatusModel(self)
        self._listeners = (
            self.call,
            self.keypad,
            self.dial,
            self.speech,
            self.say,
            self.collector,
            self.shadows,
            self.graph,
            self.status,
            self.accounts,
            self.serve,
            self.history,
        )
        self._for_log: list[AnyEvent] = []
        self._log_timer = QTimer(self)
        self._log_timer.setSingleShot(True)
        self._log_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._log_timer.timeout.connect(self._flush_log)
        self._load()
        self._history_read = False
        for model in (self.call, self.keypad, self.dial, self.status, self.accounts, self.serve, self.shadows):
            model.command.connect(self.command)
        self.speech.command.connect(self.command)
        self.say.command.connect(self.command)
        for speaker in (self.accounts, self.history):
            speaker.message.connect(self.status.say)
        self.call.command.connect(self._note_given_up)
        self.history.missed.connect(self._tell_missed)
        self.accounts.changed.connect(self._choose_caller)
        self.call.placed.connect(self._remember_call)
        self.keypad.changed.connect(self._warn_without_call)

    @Slot(list)
    def on_events(self, batch: list[AnyEvent]) -> None:
        """Take a batch from the engine."""
        for event in batch:
            self.clock.observe(event.t)
            if isinstance(event, Started):
                self._configure_engine()
            for model in self._listeners:
                model.on_event(event)
        self.received.emit(batch)
        self._for_log += batch
        if not self._log_timer.isActive():
            self._flush_log()

    @Slot(str)
    def on_lost(self, reason: str) -> None:
        """The engine is gone: say so and offer another one."""
        self.keypad.release_all()
        self.call.on_lost(reason)
        self.dial.on_lost()
        self.say.on_lost()
        for model in (self.collector, self.shadows, self.graph, self.status, self.accounts, self.serve, self.history):
            model.on_lost()
        remedy = "Restart it to go on; the log is kept."
        self.status.say(Message("error", reason, remedy, "Restart", self.restart))

    def restart(self) -> None:
        """Ask for another engine."""
        self.clock.reset()
        self.call.restart()
        self.restart_wanted.emit()

    def flush(self) -> None:
        """Bring everything received into the log now."""
        self._flush_log()

    def clear_log(self) -> None:
        """Empty the log, with a way back."""
        if self.log.total:
            rows = self.log.clear()
            text = f"Cleared {rows} row{'s' * (rows != 1)} of the log."
            self.status.say(Message("info", text, button="Undo", action=self.log.restore))

    def clear_trace(self) -> None:
        """Empty the SIP trace, with a way back."""
        if self.trace.total:
            count = self.trace.clear()
            text = f"Cleared {count} SIP message{'s' * (count != 1)}."
            self.status.say(Message("info", text, button="Undo", action=self.trace.restore))

    def clear_history(self) -> None:
        """Forget all earlier calls, with a way back."""
        if self.history.total:
            count = self.history.clear()
            text = f"Cleared {count} call{'s' * (count != 1)} of the history."
            self.status.say(Message("info", text, button="Undo", action=self.history.restore))

    def call_again(self, target: str, account: str = "") -> None:
        """Call a far end of the history, from the account of then if there still is one."""
        if account in self.accounts.names:
            self.accounts.choose(account)
        self.call.call_again(target)

    def set_masked(self, masked: bool) -> None:
        """Hide or show digits wherever they are displayed, copied or exported."""
        self.log.set_masked(masked)
        self.trace.set_masked(masked)
        self.collector.set_masked(masked)
        self.shadows.set_masked(masked)
        self.graph.set_masked(masked)
        self._settings.mask_digits = masked

    def save(self) -> None:
        """Keep what the next session starts with."""
        self._settings.method, self._settings.codec = self.call.method, self.call.codec
        self._settings.duration_ms, self._settings.gap_ms = self.dial.duration_ms, self.dial.gap_ms
        self._settings.sidetone = self.status.sidetone
        self._settings.input_device, self._settings.output_device = self.status.input, self.status.output
        self._settings.account = self.accounts.chosen
        self._settings.listen, self._settings.ivr = self.serve.listen, self.serve.ivr
        self._settings.voice, self._settings.recognizer = self.say.voice, self.speech.recognizer
        self._settings.model_folders, self._settings.phone_listens = self.speech.folders, self.speech.phone
        self._settings.shadows = self.shadows.choice

    def _load(self) -> None:
        self.call.method, self.call.codec = self._settings.method, self._settings.codec
        if self._settings.targets:
            self.call.target = self._settings.targets[0]
        self.dial.duration_ms, self.dial.gap_ms = self._settings.duration_ms, self._settings.gap_ms
        self.status.sidetone = self._settings.sidetone
        self.status.input, self.status.output = self._settings.input_device, self._settings.output_device
        self.serve.listen, self.serve.ivr = self._settings.listen or DEFAULT_LISTEN, self._settings.ivr or DEFAULT_IVR
        self.say.voice, self.speech.recognizer = self._settings.voice, self._settings.recognizer
        self.speech.folders, self.speech.phone = self._settings.model_folders, self._settings.phone_listens
        self.shadows.choice = self._settings.shadows
        self.set_masked(self._settings.mask_digits)

    def _configure_engine(self) -> None:
        if not self._history_read:
            self._history_read = True
            self.history.load()
        self.command.emit(SetAudio(muted=self.status.muted, sidetone=self.status.sidetone))
        if self.status.input or self.status.output:
            self.command.emit(SelectDevices(input=self.status.input, output=self.status.output))

    def _remember_call(self, target: str) -> None:
        self._settings.remember_target(target)
        self.call.targets_changed.emit()

    def _choose_caller(self) -> None:
        self.call.set_account(self.accounts.caller)

    def _note_given_up(self, command: object) -> None:
        if isinstance(command, HangUp | RejectCall):
            self.history.give_up()

    def _tell_missed(self, call: PastCall) -> None:
        when = f"{call.began.astimezone():%H:%M}"
        text = f"Missed a call from {short(call.far_end)} at {when}."
        again = partial(self.call_again, call.far_end, call.account)
        self.status.say(Message("warning", text, call.reason, "Call back", again))

    def _warn_without_call(self) -> None:
        if self.keypad.held and not self.call.active:
            self.dial.show_hint("No call is up, so this key reaches nobody: press Call first.")

    def _flush_log(self) -> None:
        batch, self._for_log = self._for_log, []
        if batch:
            self.log.append(batch)
            self.trace.append(batch)
            self._log_timer.start(LOG_INTERVAL_MS)
