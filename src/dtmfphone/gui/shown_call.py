"""Which call the collector panel, its shadows and the graph are about."""

from typing import Final

from dtmfphone.engine.commands import BUILTIN
from dtmfphone.engine.events import AnyEvent, CallChanged, CollectorChanged, IvrStep, Started
from dtmfphone.gui.present_call import PresentCall

OURS: Final = ("", "dtmfphone")
"""How the phone itself is called by an IVR of ours that answers it."""


class ShownCall:
    """The phone's call, with the IVR of ours that answers it; without one, a caller of an IVR of ours.

    A call is shown until another begins; callers take turns when one has ended, but do not displace the phone's call.
    """

    def __init__(self) -> None:
        self.phone = ""
        """The phone's call; empty: a caller's is shown, or none."""
        self.ivr = ""
        """The call as the IVR of ours sees it; empty: none takes part."""
        self.builtin = False
        """Whether the phone called an IVR of ours."""
        self.phone_over = False
        self.ivr_over = False
        self._present = PresentCall()
        self._others: set[str] = set()

    def on_event(self, event: AnyEvent) -> bool:
        """Follow the engine, and return whether the panel is about another call now."""
        match event:
            case Started():
                self._present, self._others = PresentCall(), set()
                self._show()
                return True
            case CallChanged(leg="phone") if self._present.is_of(event):
                return self._phone_changed(event)
            case CallChanged(leg="ivr"):
                return self._ivr_changed(event)
            case CollectorChanged(shadow="") | IvrStep():
                return self._ivr_acts(event.call)
        return False

    def end(self) -> None:
        """The engine is gone."""
        self.phone_over = self.ivr_over = True

    def _phone_changed(self, event: CallChanged) -> bool:
        if event.state in ("ended", "failed"):
            self.phone_over = True
        elif event.call != self.phone:
            if self.ivr and not self.ivr_over:
                self._others.add(self.ivr)
            self._show(phone=event.call)
            self.builtin = event.target.startswith(BUILTIN)
            return True
        return False

    def _ivr_changed(self, event: CallChanged) -> bool:
        if event.state in ("ended", "failed"):
            self._others.discard(event.call)
            self.ivr_over |= event.call == self.ivr
            return False
        if self._waits and event.target not in OURS:
            self._others.add(event.call)
        elif self.phone_over and event.call not in self._others | {self.ivr}:
            self._show()
        return self._ivr_acts(event.call)

    def _ivr_acts(self, call: str) -> bool:
        if call == self.ivr:
            return False
        if self._waits and call not in self._others:
            self.ivr, self.ivr_over = call, False
            return True
        if not self.phone and (not self.ivr or self.ivr_over):
            self._others.discard(call)
            self._show(ivr=call)
            return True
        self._others.add(call)
        return False

    @property
    def _waits(self) -> bool:
        """Whether the IVR of ours that the phone calls has yet to show itself."""
        return self.builtin and not self.ivr and not self.phone_over

    def _show(self, *, phone: str = "", ivr: str = "") -> None:
        self.phone, self.ivr, self.builtin = phone, ivr, False
        self.phone_over = self.ivr_over = False
