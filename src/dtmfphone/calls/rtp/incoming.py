"""A stream that came to a line, and the call that it becomes."""

import random
from typing import Final, Protocol

from dtmfphone.calls.call import CallContext, CallError
from dtmfphone.calls.line import Refusal
from dtmfphone.calls.rtp.call import RtpCall
from dtmfphone.calls.rtp.session import RtpSession
from dtmfphone.calls.rtp.srtp import Srtp
from dtmfphone.calls.rtp.target import Target
from dtmfphone.calls.rtp.udp_port import Address, address_text
from dtmfphone.rtp.rtcp import Bye, ReceiverReport, SourceDescription, compound
from dtmfphone.rtp.stream import StreamParameters

SILENCE_SECONDS: Final = 5.0
"""A stream that is silent for so long is over."""
REFUSALS: Final[dict[Refusal, str]] = {
    "busy": "busy",
    "declined": "declined",
    "unavailable": "nobody takes calls here now",
}


class Ports(Protocol):
    """The line that a stream came to, whose ports it uses."""

    host: str
    port: int
    rtcp_port: int
    target: Target

    def send(self, data: bytes, to: Address) -> str:
        """Send a datagram from the RTP port; return why it cannot be sent, or an empty text."""
        ...

    def send_rtcp(self, data: bytes, to: Address) -> str:
        """Send a datagram from the RTCP port."""
        ...

    def end(self, source: Address) -> None:
        """Forget the stream from an address; harmless when repeated."""
        ...


class RtpIncoming:
    """A stream from a new address (see Incoming); when it is answered, the wire of its session."""

    def __init__(self, line: Ports, source: Address, t: float) -> None:
        self.source = source
        self.opened = False
        self.heard = t
        """When a packet came last before the answer."""
        self.session: RtpSession | None = None
        self.host, self.port, self.rtcp_port = line.host, line.port, line.rtcp_port
        self.send = line.send
        self.send_rtcp = line.send_rtcp
        self._line = line
        self._over = False

    @property
    def caller(self) -> str:
        """The address that the stream comes from."""
        return address_text(self.source)

    def open(self, context: CallContext) -> RtpCall:
        """Return the call, not answered yet."""
        self.opened = True

        async def connect() -> tuple[RtpSession, StreamParameters]:
            if self._over:
                raise CallError(f"{self.caller} sends no more.", "Call it.")
            self.session = RtpSession(
                self,
                source=context.source,
                sink=context.sink,
                observer=context.observer,
                slot=context.slot,
                clock=context.clock,
            )
            return self.session, self._line.target.parameters(*self.source)

        return RtpCall(connect, context, ends_after=SILENCE_SECONDS)

    async def refuse(self, refusal: Refusal) -> None:
        """Tell the caller by an RTCP BYE and take nothing more from it."""
        if self._over:
            return
        ssrc = random.getrandbits(32)
        name = SourceDescription(((ssrc, f"{ssrc:08x}@{self.host}"),))
        bye = compound((ReceiverReport(ssrc=ssrc), name, Bye((ssrc,), REFUSALS[refusal])))
        keys = self._line.target.srtp
        host, port = self.source
        self.send_rtcp(bye if keys is None else Srtp(keys).protect_rtcp(bye), (host, port + 1))
        self.close()

    def close(self) -> None:
        """The stream is over for us."""
        self._over = True
        self._line.end(self.source)
