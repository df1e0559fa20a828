"""Event log, SIP trace, history and IVR graph with what can be done to each of them."""

from pathlib import Path

from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFileDialog

from dtmfphone.gui.actions import Actions
from dtmfphone.gui.graph_pane import GraphPane
from dtmfphone.gui.history_pane import HistoryPane
from dtmfphone.gui.log_export import save as save_log
from dtmfphone.gui.log_pane import LogPane
from dtmfphone.gui.look import Look
from dtmfphone.gui.pane_tabs import Page, PaneTabs
from dtmfphone.gui.session import Session
from dtmfphone.gui.settings import Settings
from dtmfphone.gui.status_model import Message
from dtmfphone.gui.trace_export import save as save_trace
from dtmfphone.gui.trace_pane import TracePane
from dtmfphone.gui.widgets import edit


class Panes(PaneTabs):
    """The panes of a `Session`; actions without a pane of their own mean the one that is shown."""

    def __init__(self, session: Session, settings: Settings, actions: Actions, look: Look) -> None:
        self.log = LogPane(session.log, actions, look)
        self.trace = TracePane(session.trace, actions, look)
        self.history = HistoryPane(session.history, actions, look)
        self.graph = GraphPane(session.graph, actions, look)
        super().__init__(
            (
                Page("log", "Log", self.log, self.log.head),
                Page("trace", "SIP trace", self.trace, self.trace.head),
                Page("history", "History", self.history, self.history.head),
                Page("ivr", "IVR", self.graph, self.graph.head),
            )
        )
        self._session = session
        self._settings = settings
        self._actions = actions
        self._missed = 0
        group = QActionGroup(self)
        for name in self.tabs:
            group.addAction(actions[f"show-{name}"])
        actions.connect(
            filter=lambda: edit(self._pane.filter),
            copy=self._copy,
            export=self._export,
            clear=self._clear,
            show_log=lambda: self.show_page("log"),
            show_trace=lambda: self.show_page("trace"),
            show_history=lambda: self.show_page("history"),
            show_ivr=lambda: self.show_page("ivr"),
        )
        actions["follow"].triggered.connect(self._set_following)
        self.trace.ladder.verticalScrollBar().valueChanged.connect(self._show_following)
        self.graph.following_changed.connect(self._show_following)
        session.graph.drawn.connect(self._offer_picture)
        actions["keys-only"].toggled.connect(session.log.set_keys_only)
        actions["all-refused"].toggled.connect(session.log.set_all_refused)
        self.history.call_wanted.connect(session.call_again)
        session.history.missed.connect(self._count_missed)
        self.changed.connect(self._follow)
        self.show_page(settings.pane)

    def export_to(self, path: Path) -> None:
        """Write what the log, the trace or the graph shows, and say how that went."""
        session = self._session
        try:
            if self.current == "ivr":
                self.graph.save(path)
                session.status.say(Message("info", f"Saved the picture to {path}."))
                return
            if self.current == "trace":
                what, count = "SIP messages", session.trace.rowCount()
                save_trace(session.trace.shown(), path)
            else:
                what, count = "rows", session.log.rowCount()
                save_log(session.log.shown(), path)
        except OSError as error:
            text = f"Nothing was saved to {path}: {error.strerror or error}."
            session.status.say(Message("error", text, "Choose a folder that you may write to."))
        else:
            session.status.say(Message("info", f"Saved {count} {what} to {path}."))

    @property
    def _pane(self) -> LogPane | TracePane | HistoryPane:
        panes: dict[str, LogPane | TracePane | HistoryPane]
        panes = {"log": self.log, "trace": self.trace, "history": self.history}
        return panes[self.current]

    def _copy(self) -> None:
        self._pane.copy()

    def _export(self) -> None:
        if self.current == "trace":
            title = f"Export {self._session.trace.rowCount()} SIP messages"
            name, kinds = "dtmfphone-sip.txt", "Text (*.txt);;JSON lines (*.jsonl)"
        elif self.current == "ivr":
            title, name, kinds = "Save picture", "dtmfphone-ivr.svg", "Drawing (*.svg);;Picture (*.png)"
        else:
            title = f"Export {self._session.log.rowCount()} rows"
            name, kinds = "dtmfphone.csv", "CSV table (*.csv);;JSON lines (*.jsonl)"
        path, _ = QFileDialog.getSaveFileName(self, title, name, kinds)
        if path:
            self.export_to(Path(path))

    def _clear(self) -> None:
        session = self._session
        {"log": session.clear_log, "trace": session.clear_trace, "history": session.clear_history}[self.current]()

    def _follow(self, name: str) -> None:
        self._actions[f"show-{name}"].setChecked(True)
        for tool in ("filter", "copy", "clear"):
            self._actions[tool].setEnabled(name != "ivr")
        self._actions["follow"].setEnabled(name in ("trace", "ivr"))
        self._offer_picture()
        self._show_following()
        self._settings.pane = name
        if name == "history":
            self._missed = 0
            self.mark("history", "")

    def _offer_picture(self) -> None:
        shown = self.current == "ivr"
        self.graph.set_shown(shown)
        self._actions["export"].setEnabled(self.graph.has_picture if shown else self.current != "history")

    def _set_following(self, following: bool) -> None:
        pane = self.graph if self.current == "ivr" else self.trace.ladder
        pane.set_following(following)
        self._show_following()

    def _show_following(self) -> None:
        pane = self.graph if self.current == "ivr" else self.trace.ladder
        self._actions["follow"].setChecked(pane.following)

    def _count_missed(self) -> None:
        if self.current != "history":
            self._missed += 1
            self.mark("history", f"({self._missed})")
