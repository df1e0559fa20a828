"""The digit collector of the far end's IVR, as the panel shows it."""

from typing import Final

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from dtmfphone.engine.events import AnyEvent, CallChanged, CollectorChanged, IvrStep
from dtmfphone.engine.masking import mask
from dtmfphone.gui.collector_state import CollectorState
from dtmfphone.gui.session_clock import SessionClock
from dtmfphone.gui.shadow_words import Verdict
from dtmfphone.gui.shown_call import ShownCall

SILENT: Final = IvrStep(t=0.0, call="", script="", node="", action="enter")
SAME_BEGINNING: Final = 0.25
"""Seconds; a shadow that follows the script begins no later after the IVR's own collector."""


class CollectorModel(QObject):
    """Follows the IVR of the shown call; see `ShownCall`."""

    changed = Signal()

    def __init__(self, clock: SessionClock, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._clock = clock
        self._shown = ShownCall()
        self._masked = False
        self.state = CollectorState(clock)
        """Of the present collection."""
        self._before: CollectorState | None = None
        self._speech = SILENT

    @property
    def present(self) -> bool:
        """Whether an IVR of ours takes part in the shown call."""
        return bool(self._shown.ivr)

    @property
    def over(self) -> bool:
        """Whether the followed call has ended."""
        return self._shown.ivr_over

    @property
    def collector(self) -> CollectorChanged | None:
        """Its last state, digits hidden when they shall be; None before the first."""
        event = self.state.event
        return mask(event) if event is not None and self._masked else event

    @property
    def node(self) -> str:
        """Where in its script the IVR stands."""
        return self._speech.node or (self.state.event.node if self.state.event else "")

    @property
    def speech(self) -> str:
        """What the IVR says or said last."""
        return mask(self._speech).text if self._masked else self._speech.text

    @property
    def speaking(self) -> bool:
        """Whether it speaks now."""
        return self._speech.action == "say" and not self.over

    def verdict(self, node: str, began: float) -> Verdict | None:
        """Return what the IVR made of the keys in a node's collection that began then; None where it knows no such."""
        for state in (self.state, self._before):
            if state is None or state.event is None or state.event.node != node:
                continue
            if abs(state.began - began) < SAME_BEGINNING:
                hidden = mask(state.event) if self._masked else state.event
                return Verdict("The IVR", state, hidden, own=True)
        return None

    def set_masked(self, masked: bool) -> None:
        """Hide or show digits."""
        if masked != self._masked:
            self._masked = masked
            self.changed.emit()

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        another = self._shown.on_event(event)
        if another:
            self._forget()
        match event:
            case CollectorChanged(shadow="") if event.call == self._shown.ivr:
                self._take(event)
            case IvrStep() if event.call == self._shown.ivr:
                self._hear(event)
            case CallChanged(leg="ivr") if event.call == self._shown.ivr:
                self.state.over = self.over
            case _ if not another:
                return
        self.changed.emit()

    def on_lost(self) -> None:
        """The engine is gone."""
        self._shown.end()
        self.state.over = True
        self.changed.emit()

    def _take(self, event: CollectorChanged) -> None:
        was = self.state.event
        if was is not None and self.state.is_another(event):
            if was.state not in ("done", "failed"):  # it asks again
                self.state.take(replace(was, t=event.t, state="failed", timer="", end_reason=event.end_reason))
            self._before, self.state = self.state, CollectorState(self._clock)
        self.state.take(event)

    def _forget(self) -> None:
        self.state, self._before, self._speech = CollectorState(self._clock), None, SILENT

    def _hear(self, step: IvrStep) -> None:
        if step.action == "key":
            return
        text = step.text or ("" if step.action == "say" else self._speech.text)
        self._speech = IvrStep(
            t=step.t, call=step.call, script=step.script, node=step.node, action=step.action, text=text
        )
