"""The script of the shown call's IVR as a graph, and where in it the call is."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from dtmfphone.engine.events import AnyEvent, CallChanged, CollectorChanged, IvrGraph, IvrStep, Started
from dtmfphone.engine.masking import mask
from dtmfphone.gui.shown_call import ShownCall


@dataclass
class _Place:
    """Where a call is in its script."""

    graph: IvrGraph
    node: str = ""
    confirming: bool = False
    """Whether the IVR has read back an answer, and wants a yes or no of its own language."""


class GraphModel(QObject):
    """Follows the IVR of the shown call; see `ShownCall`."""

    drawn = Signal()
    """There is another graph, or none, or it is shown or hidden digits."""
    moved = Signal()
    """The call is elsewhere, or has ended."""
    says_changed = Signal()
    """Callers may say something else where the call is."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown = ShownCall()
        self._places: dict[str, _Place] = {}
        """By call: of the shown one, and of others that may be shown once that has ended."""
        self._masked = False

    @property
    def graph(self) -> IvrGraph | None:
        """The graph, digits hidden when they shall be; None where no IVR of ours takes part in the shown call."""
        place = self._place
        return None if place is None else mask(place.graph) if self._masked else place.graph

    @property
    def node(self) -> str:
        """Where the call is, or was when it ended; empty before its first node."""
        return self._place.node if self._place is not None else ""

    @property
    def over(self) -> bool:
        """Whether the call has ended."""
        return self._shown.ivr_over

    @property
    def place_text(self) -> str:
        """Where the call is, and in which script, in words."""
        place = self._place
        if place is None:
            return ""
        if not place.node:
            return place.graph.title
        return f"{'Ended at' if self.over else 'At'} “{place.node}”, {place.graph.title}"

    @property
    def says(self) -> str:
        """What callers may say where the call is, e.g. `yes, no`; empty: nothing that is known."""
        place = self._place
        if place is None or place.confirming or self.over:
            return ""
        return next((box.says for box in place.graph.boxes if box.node == place.node), "")

    def set_masked(self, masked: bool) -> None:
        """Hide or show digits."""
        if masked != self._masked:
            self._masked = masked
            self.drawn.emit()

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        before, was_over = self._shown.ivr, self.over
        another = self._shown.on_event(event)
        if another and was_over:
            self._places.pop(before, None)
        match event:
            case Started():
                self._places.clear()
            case IvrGraph():
                self._places[event.call] = _Place(event)
                another = event.call == self._shown.ivr
            case IvrStep(action="enter") if place := self._places.get(event.call):
                place.node = event.node
            case CollectorChanged(shadow="") if place := self._places.get(event.call):
                place.confirming = event.state == "confirming"
            case CallChanged(leg="ivr", state="ended" | "failed") if event.call != self._shown.ivr:
                self._places.pop(event.call, None)
        if another:
            self.drawn.emit()
        elif self._place is not None:
            self._tell(event)

    def on_lost(self) -> None:
        """The engine is gone."""
        self._shown.end()
        self.moved.emit()

    @property
    def _place(self) -> _Place | None:
        return self._places.get(self._shown.ivr)

    def _tell(self, event: AnyEvent) -> None:
        """Tell what an event has changed in the graph that is shown."""
        match event:
            case IvrStep(action="enter") | CallChanged(leg="ivr", state="ended" | "failed"):
                if event.call == self._shown.ivr:
                    self.moved.emit()
            case CollectorChanged(shadow="") if event.call == self._shown.ivr:
                self.says_changed.emit()
