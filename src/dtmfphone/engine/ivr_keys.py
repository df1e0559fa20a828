"""The keys that a script sends to its caller: as telephone-events if they were negotiated, else as INFO or tones."""

from collections.abc import Callable

from dtmfphone.calls.call import Call
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.dtmf.activity import Activity
from dtmfphone.dtmf.dial_string import parse
from dtmfphone.engine.events import AnyEvent, Dialing
from dtmfphone.engine.key_sender import KeySender
from dtmfphone.engine.leg import CallLeg, Spawn
from dtmfphone.ivr.nodes import Node, Send


class IvrKeys:
    """A key sender that says when all is sent, and shows no queue: that is what the window draws of the phone."""

    def __init__(self, leg: CallLeg, far_end: Activity, *, spawn: Spawn, on_sent: Callable[[], None]) -> None:
        self._dialer = Dialer()
        self._on_sent = on_sent
        self._busy = False
        self._sender = KeySender(
            leg, self._dialer, far_end, emit=self._told, spawn=spawn, asked="auto", on_sounding=lambda _: None
        )

    @property
    def call(self) -> Call | None:
        """The call on which keys are sent."""
        return self._sender.call

    @call.setter
    def call(self, call: Call) -> None:
        self._sender.call = call

    def choose(self) -> None:
        """Choose the method anew, as the far end negotiated something."""
        self._sender.choose(tell=True)

    def open(self, t: float) -> None:
        """The call is up."""
        self._sender.open(t, by_hand_only=False)

    def heard(self, t: float) -> None:
        """Audio of the far end came."""
        self._sender.heard(t)

    def hold(self, held: bool) -> None:
        """No key goes out while the call is on hold."""
        self._sender.hold(held)

    def close(self, t: float) -> None:
        """The call is over."""
        self._busy = False
        self._sender.close(t)

    def dial(self, node: Node, keys: str, t: float) -> None:
        """Send the keys of a node."""
        assert isinstance(node, Send)
        self._busy = True
        self._sender.dial(parse(keys), node.duration_ms, node.gap_ms, t)

    def slot(self, t: float) -> Slot:
        """Return which telephone-event sounds in the packet that leaves at time `t`."""
        return self._sender.slot(t)

    def frame(self, pcm: Pcm, rate: int, t: float) -> Pcm:
        """Return the audio of the frame that leaves at time `t`: what was given, or the tone of a key."""
        if self._busy and self._dialer.state == "idle":
            self._busy = False
            self._on_sent()
        return self._sender.frame(pcm, rate, t)

    def _told(self, event: AnyEvent) -> None:
        assert isinstance(event, Dialing)
