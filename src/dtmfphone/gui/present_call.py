"""Which call the phone is in."""

from dtmfphone.engine.events import CallChanged


class PresentCall:
    """Tells the phone's call from callers that heard busy meanwhile: those end without ever having begun."""

    def __init__(self) -> None:
        self._call = ""

    def is_of(self, event: CallChanged) -> bool:
        """Whether a change is one of the present call; one that begins is present from then on."""
        if event.state in ("ended", "failed"):
            if event.call != self._call and (self._call or event.direction == "incoming"):
                return False
            self._call = ""
        else:
            self._call = event.call
        return True
