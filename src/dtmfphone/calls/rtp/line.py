"""Where RTP streams come in without signalling: one pair of ports; each address that sends valid RTP is a call."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from dtmfphone.calls.line import LineChange, LineObserver
from dtmfphone.calls.rtp.incoming import SILENCE_SECONDS, RtpIncoming
from dtmfphone.calls.rtp.ports import bind_pair
from dtmfphone.calls.rtp.remote import MAX_STEP
from dtmfphone.calls.rtp.srtp import Srtp
from dtmfphone.calls.rtp.target import Target
from dtmfphone.calls.rtp.udp_port import Address, UdpPort, address_text
from dtmfphone.rtp.packet import RtpPacket, RtpPacketError, is_rtcp

MAX_CALLS: Final = 100
WATCH_SECONDS: Final = 1.0
MAX_CANDIDATES: Final = 256
"""Addresses of which one packet has come."""


class RtpLine:
    """Listens at one pair of ports (see Line); all calls go through them."""

    def __init__(self, target: Target, observer: LineObserver, clock: Callable[[], float]) -> None:
        self.host, self.port, self.rtcp_port = target.host, target.port, target.port + 1
        self.junk = 0
        """Datagrams that belong to no call and begin none."""
        self.target = target
        self._observer = observer
        self._clock = clock
        self._rtp: UdpPort | None = None
        self._rtcp: UdpPort | None = None
        self._probe = Srtp(target.srtp) if target.srtp is not None else None
        """Tells whether a first packet is encrypted with our key."""
        self._calls: dict[Address, RtpIncoming] = {}
        self._over: dict[Address, float] = {}
        """Addresses whose call we ended, with the time when they were heard last: they must fall silent first."""
        self._candidates: OrderedDict[Address, tuple[int, int]] = OrderedDict()
        """SSRC and sequence number of the first packet."""
        self._timer: asyncio.TimerHandle | None = None
        self._listening = False
        self._full = False

    async def open(self) -> None:
        """Begin to listen; raise CallError."""
        self._rtp, self._rtcp = (UdpPort(sock) for sock in await bind_pair(self.host, self.port))
        self.host, self.port, self.rtcp_port = self._rtp.host, self._rtp.port, self._rtcp.port
        self._rtp.listen(self._datagram, self._refused)
        self._rtcp.listen(self._rtcp_datagram, lambda _address: None)
        self._listening = True
        self._arm()
        self._observer.line_changed(LineChange(state="ready", address=f"rtp://{address_text((self.host, self.port))}"))

    async def close(self) -> None:
        """Take no more calls; those that are up go on and free the ports with the last one."""
        self._listening = False
        for call in list(self._calls.values()):
            if not call.opened:
                call.close()
        self._close_when_idle()

    def send(self, data: bytes, to: Address) -> str:
        """Send a datagram from the RTP port; return why it cannot be sent, or an empty text."""
        return self._rtp.send(data, to) if self._rtp is not None else ""

    def send_rtcp(self, data: bytes, to: Address) -> str:
        """Send a datagram from the RTCP port."""
        return self._rtcp.send(data, to) if self._rtcp is not None else ""

    def end(self, source: Address) -> None:
        """Forget a call; what its source still sends begins no other. Harmless when repeated."""
        if self._calls.pop(source, None) is not None:
            self._over[source] = self._clock()
            self._full = False
            self._close_when_idle()

    def _datagram(self, data: bytes, source: Address) -> None:
        call = self._calls.get(source)
        if call is not None:
            if call.session is not None:
                call.session.datagram(data, source)
            call.heard = self._clock()
        elif source in self._over:
            self._over[source] = self._clock()
        elif not self._begins(data, source):
            self.junk += 1

    def _begins(self, data: bytes, source: Address) -> bool:
        """Whether a packet may be the beginning of a call; the second one in a row begins it."""
        if not self._listening or is_rtcp(data):
            return False
        plain = data if self._probe is None else self._probe.unprotect(data)
        try:
            packet = RtpPacket.parse(plain or b"")
        except RtpPacketError:
            return False
        if packet.payload_type not in (self.target.payload_type, self.target.event_payload_type):
            return False
        ssrc, last = self._candidates.pop(source, (None, 0))
        if ssrc != packet.ssrc or not 0 < (packet.sequence - last) & 0xFFFF <= MAX_STEP:
            self._candidates[source] = packet.ssrc, packet.sequence
            if len(self._candidates) > MAX_CANDIDATES:
                self._candidates.popitem(last=False)
            return True
        if len(self._calls) >= MAX_CALLS:
            if not self._full:
                self._full = True
                text = f"{MAX_CALLS} RTP streams are here: the one from {address_text(source)} is not taken."
                self._observer.notice("warning", text, "End some of the calls.")
            return False
        call = self._calls[source] = RtpIncoming(self, source, self._clock())
        self._observer.incoming(call)
        return True

    def _rtcp_datagram(self, data: bytes, source: Address) -> None:
        """Hand RTCP to the call from the same host whose port is next to it, or whose SSRC it names."""
        call = self._calls.get((source[0], source[1] - 1))
        if call is None:
            ssrc = int.from_bytes(data[4:8], "big")
            near = (each for each in self._calls.values() if each.source[0] == source[0])
            call = next((each for each in near if each.session is not None and each.session.knows(ssrc)), None)
        if call is not None and call.session is not None:
            call.session.rtcp_datagram(data, source)
        elif source[0] not in {host for host, _ in self._over}:
            self.junk += 1

    def _refused(self, destination: Address) -> None:
        call = self._calls.get(destination)
        if call is not None and call.session is not None:
            call.session.refused(destination)

    def _watch(self) -> None:
        """Find the callers that gave up before they were answered, and the addresses that have fallen silent."""
        t = self._clock()
        for call in [call for call in self._calls.values() if call.session is None]:
            if t - call.heard >= SILENCE_SECONDS:
                call.close()
                if not call.opened:
                    self._observer.withdrawn(call, f"Nothing came from {call.caller} for {SILENCE_SECONDS:.0f} s.")
        self._over = {source: heard for source, heard in self._over.items() if t - heard < SILENCE_SECONDS}
        self._arm()

    def _arm(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(WATCH_SECONDS, self._watch)

    def _close_when_idle(self) -> None:
        if self._listening or self._calls:
            return
        if self._timer is not None:
            self._timer.cancel()
        for port in (self._rtp, self._rtcp):
            if port is not None:
                port.close()


def open_line(address: str, observer: LineObserver, clock: Callable[[], float]) -> RtpLine:
    """Return a line at `rtp://host:port?...`, not open yet; raise CallError for an address that is none."""
    return RtpLine(Target.parse(address), observer, clock)
