"""Looks at what passes at both legs of a call: when prompts and keys leave, come, and are heard."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from dtmfphone.calls.media import Pcm
from dtmfphone.engine.ivr_leg import IvrLeg
from dtmfphone.engine.leg import CallLeg
from dtmfphone.engine.phone import PhoneLeg

LOUD: Final = 300
"""A sample beyond this is the prompt's: its amplitude is 8000, what is left in a decoder is less."""


@dataclass
class Probe:
    """What happened last in one call, by the engine's clock."""

    pulled: deque[tuple[int, float | None]] = field(default_factory=deque)
    """The IVR's frames that have not left: position of the end, and seconds from the begin to the last loud sample."""
    position: int = 0
    prompt_left: float = 0.0
    """When the last loud sample left: the packet's time and its place in the packet."""
    prompt_packet: float = 0.0
    """When the packet left that holds it."""
    prompt_heard: float = 0.0
    key_left: float | None = None
    """When the first packet of a key left the phone; None: none since it was asked for."""
    key_came: float | None = None
    """When the first packet of a telephone-event came to the IVR."""

    def expect_key(self) -> None:
        """From now on look for the next key."""
        self.key_left = self.key_came = None


def install(placed: deque[Probe]) -> None:
    """Have all legs tell a probe what passes; each new leg belongs to the call that was placed last."""
    probes: dict[CallLeg, Probe] = {}

    def probe_of(leg: CallLeg) -> Probe:
        if (probe := probes.get(leg)) is None:
            probe = probes[leg] = placed[-1]
        return probe

    def wrap(kind: type[CallLeg], name: str, look: Callable[..., None]) -> None:
        original = getattr(kind, name)

        def method(self: CallLeg, *args: Any, **kwargs: Any) -> Any:
            result = original(self, *args, **kwargs)
            look(probe_of(self), result, *args, **kwargs)
            return result

        setattr(kind, name, method)

    def ivr_pulled(probe: Probe, pcm: Pcm, _samples: int, rate: int, _t: float) -> None:
        probe.position += len(pcm)
        probe.pulled.append((probe.position, last_loud(pcm, rate)))

    def ivr_sent(probe: Probe, _: None, position: int, _rate: int, t: float) -> None:
        while probe.pulled and probe.pulled[0][0] <= position:
            end, loud = probe.pulled.popleft()
            if end == position and loud is not None:
                probe.prompt_packet, probe.prompt_left = t, t + loud

    def ivr_event(probe: Probe, _: None, direction: str, event: Any) -> None:
        if direction == "received" and probe.key_came is None:
            probe.key_came = event.start

    def phone_event(probe: Probe, _: None, direction: str, event: Any) -> None:
        if direction == "sent" and probe.key_left is None:
            probe.key_left = event.start

    def phone_pulled(probe: Probe, pcm: Pcm, _samples: int, _rate: int, t: float) -> None:
        # A tone leaves as soon as it was pulled: encoding takes a millisecond.
        if probe.key_left is None and pcm.any():
            probe.key_left = t

    def phone_heard(probe: Probe, _: None, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        if (loud := last_loud(pcm, rate)) is not None:
            probe.prompt_heard = t - len(pcm) / rate + loud

    wrap(IvrLeg, "pull", ivr_pulled)
    wrap(IvrLeg, "audio_sent", ivr_sent)
    wrap(IvrLeg, "event_started", ivr_event)
    wrap(PhoneLeg, "event_started", phone_event)
    wrap(PhoneLeg, "pull", phone_pulled)
    wrap(PhoneLeg, "push", phone_heard)


def last_loud(pcm: Pcm, rate: int) -> float | None:
    """Return the seconds from the begin of a frame to the end of its last loud sample, or None."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > LOUD)
    return (int(loud[-1]) + 1) / rate if len(loud) else None
