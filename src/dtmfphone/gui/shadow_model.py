"""The shadow collectors on a call: who is wanted, and what each makes of the keys."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Signal

from dtmfphone.engine.events import AnyEvent, CollectorChanged, Started
from dtmfphone.engine.masking import mask
from dtmfphone.gui.collector_state import CollectorState
from dtmfphone.gui.session_clock import SessionClock
from dtmfphone.gui.shadow_choice import ShadowChoice
from dtmfphone.gui.shadow_words import Comparison, Verdict, compare, within
from dtmfphone.gui.shown_call import ShownCall


class ShadowModel(QObject):
    """Follows the shown call: as the IVR of ours sees it that answers the phone, else as the phone does."""

    command = Signal(object)
    changed = Signal()

    def __init__(
        self, clock: SessionClock, own: Callable[[str, float], Verdict | None], parent: QObject | None = None
    ) -> None:
        """`own` tells what the IVR itself made of the keys in a node's collection that began then."""
        super().__init__(parent)
        self.choice = ShadowChoice()
        self._clock = clock
        self._own = own
        self._shown = ShownCall()
        self._states: dict[str, CollectorState] = {}
        self._before: dict[str, CollectorState] = {}
        """Of the last collection that came to its end."""
        self._masked = False

    @property
    def call(self) -> str:
        """The call whose shadows are shown; empty: none."""
        shown = self._shown
        outside = not shown.builtin or self.choice.keys == "received"
        return shown.phone if shown.phone and outside else shown.ivr

    @property
    def on_call(self) -> bool:
        """Whether there is a call to put shadows on."""
        shown = self._shown
        return bool(shown.phone or shown.ivr) and not self.over

    @property
    def over(self) -> bool:
        """Whether the shown call has ended."""
        return self._shown.phone_over if self._shown.phone else self._shown.ivr_over

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What each shadow shows, LiveKit's before the standard one; digits hidden when they shall be."""
        return self._verdicts(self._states.values())

    @property
    def comparison(self) -> Comparison:
        """Where verdicts differ: two shadows', or one's and the IVR's own; of the collection before if no longer."""
        now = self._compared(self.verdicts)
        if now.text or not self._before:
            return now
        before = self._compared(self._verdicts(self._before.values()))
        return Comparison(within(f"Before: {before.text}")) if before.text else now

    def choose(self, choice: ShadowChoice) -> None:
        """Put these collectors on the call, and on those to come, in place of the present ones."""
        self.choice = choice
        self._forget()
        self.command.emit(choice.command)
        self.changed.emit()

    def set_masked(self, masked: bool) -> None:
        """Hide or show digits."""
        if masked != self._masked:
            self._masked = masked
            self.changed.emit()

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        if isinstance(event, Started) and self.choice.some:
            self.command.emit(self.choice.command)
        over = self.over
        another = self._shown.on_event(event)
        if another:
            self._forget()
        if isinstance(event, CollectorChanged) and event.shadow and event.call == self.call:
            self._take(event)
        elif not another and over == self.over:
            return
        self._mark_over()
        self.changed.emit()

    def on_lost(self) -> None:
        """The engine is gone."""
        self._shown.end()
        self._mark_over()
        self.changed.emit()

    def _take(self, event: CollectorChanged) -> None:
        chosen = self.choice.livekit if event.mode == "livekit" else self.choice.standard
        taken_off = event.state == "idle" and event.result
        if taken_off or not chosen:
            self._states.pop(event.shadow, None)
            return
        state, before = self._states.get(event.shadow), self._before.get(event.shadow)
        if before is not None and before.event is not None and before.event.collection == event.collection:
            before.take(event)  # a stop key that belongs to the collection before
            return
        if state is None or (state.event is not None and state.is_another(event)):
            if state is not None and state.event is not None and state.event.state != "idle":
                self._before[event.shadow] = state
            state = self._states[event.shadow] = CollectorState(self._clock)
        state.take(event)

    def _forget(self) -> None:
        self._states.clear()
        self._before.clear()

    def _mark_over(self) -> None:
        for state in self._states.values():
            state.over = self.over

    def _verdicts(self, states: Iterable[CollectorState]) -> tuple[Verdict, ...]:
        verdicts = []
        for state in states:
            assert state.event is not None
            verdicts.append(Verdict(state.event.shadow, state, mask(state.event) if self._masked else state.event))
        return tuple(sorted(verdicts, key=lambda verdict: (verdict.event.mode, verdict.name)))

    def _compared(self, verdicts: tuple[Verdict, ...]) -> Comparison:
        match verdicts:
            case (one, other, *_):
                return compare(one, other)
            case (one,) if (own := self._own(one.event.node, one.state.began)) is not None:
                return compare(own, one)
            case _:
                return Comparison()
