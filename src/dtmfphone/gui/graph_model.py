"""The script of an IVR call as a graph, and where in it the call is."""

from PySide6.QtCore import QObject, Signal

from dtmfphone.engine.events import AnyEvent, CallChanged, IvrGraph, IvrStep, Started
from dtmfphone.engine.masking import mask


class GraphModel(QObject):
    """Follows one IVR call at a time, and the next one when that has ended."""

    drawn = Signal()
    """There is another graph, or it is shown or hidden digits."""
    moved = Signal()
    """The call is elsewhere, or has ended."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._graph: IvrGraph | None = None
        self._masked = False
        self._node = ""
        self._over = False

    @property
    def graph(self) -> IvrGraph | None:
        """The graph, digits hidden when they shall be; None before the first IVR call."""
        return mask(self._graph) if self._graph is not None and self._masked else self._graph

    @property
    def node(self) -> str:
        """Where the call is, or was when it ended; empty before its first node."""
        return self._node

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self._over

    @property
    def place_text(self) -> str:
        """Where the call is, and in which script, in words."""
        if self._graph is None:
            return ""
        if not self._node:
            return self._graph.title
        return f"{'Ended at' if self._over else 'At'} “{self._node}”, {self._graph.title}"

    @property
    def says(self) -> str:
        """What callers may say where the call is, e.g. `yes, no`; empty: nothing that is known."""
        boxes = self._graph.boxes if self._graph is not None and not self._over else ()
        return next((box.says for box in boxes if box.node == self._node), "")

    def set_masked(self, masked: bool) -> None:
        """Hide or show digits."""
        if masked != self._masked:
            self._masked = masked
            self.drawn.emit()

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        match event:
            case IvrGraph() if self._graph is None or self._over:
                self._graph, self._node, self._over = event, "", False
                self.drawn.emit()
            case IvrStep(action="enter") if self._follows(event.call):
                self._node = event.node
                self.moved.emit()
            case CallChanged(leg="ivr", state="ended" | "failed") if self._follows(event.call):
                self.on_lost()
            case Started():
                self._graph, self._node, self._over = None, "", False
                self.drawn.emit()

    def on_lost(self) -> None:
        """The engine is gone."""
        self._over = True
        self.moved.emit()

    def _follows(self, call: str) -> bool:
        return self._graph is not None and self._graph.call == call and not self._over
