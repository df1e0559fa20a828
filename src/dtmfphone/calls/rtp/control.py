"""The RTCP of one session: reports out, the far end's reports and its BYE in."""

import random
import time
from typing import Final

from dtmfphone.calls.rtp.receiver import Receiver
from dtmfphone.calls.rtp.remote import Remote
from dtmfphone.calls.rtp.sender import Sender
from dtmfphone.calls.rtp.srtp import Srtp
from dtmfphone.calls.rtp.udp_port import Address
from dtmfphone.calls.rtp.wire import Wire
from dtmfphone.rtp.reception import Reception
from dtmfphone.rtp.reports import Reports, SentSoFar
from dtmfphone.rtp.rtcp import Bye, RtcpError, parse

RECENT_SECONDS: Final = 10.0
"""Reports tell of what was sent and heard since then: two intervals."""


class Control:
    """Speaks RTCP beside the stream that a sender makes and a receiver takes."""

    def __init__(self, wire: Wire, remote: Remote, sender: Sender, receiver: Receiver, interval: float) -> None:
        self.reports: Reports | None = None
        """None before `start`."""
        self._wire = wire
        self._remote = remote
        self._sender = sender
        self._receiver = receiver
        self._interval = interval
        self._srtp: Srtp | None = None
        self._agreed_port: int | None = None
        self._source: Address | None = None
        """Where the far end's RTCP comes from."""

    def start(self, port: int | None, srtp: Srtp | None, t: float) -> None:
        """Begin, or go on with another port of the far end (None: its RTP port) and other keys."""
        self._agreed_port, self._srtp, self._source = port, srtp, None
        if self.reports is None or self.reports.ssrc != self._sender.ssrc:
            name = f"{self._sender.ssrc:08x}@{self._wire.host}"
            wall_clock = time.time() - t
            self.reports = Reports(
                self._sender.ssrc, name, t, random=random.random, wall_clock=wall_clock, interval=self._interval
            )

    def moved(self) -> None:
        """The far end's RTP comes from another address than before."""
        self._source = None

    def report(self, t: float, timestamp: int | None) -> None:
        """Send a report if one is due; `timestamp`: of our stream now, None where nothing was sent lately."""
        if self.reports is not None and t >= self.reports.deadline:
            self._send(self.reports.make(t, self._sent(timestamp), self._heard(t)))

    def bye(self, t: float, timestamp: int | None, reason: str) -> None:
        """Send the last report."""
        if self.reports is not None:
            self._send(self.reports.bye(t, self._sent(timestamp), self._heard(t), reason))

    def take(self, data: bytes, source: Address, clock_rate: int, t: float) -> str | None:
        """Take a datagram; return the reason, perhaps empty, where the far end ends its stream by it.

        `clock_rate`: of our stream. Raises RtcpError for what is not the far end's RTCP.
        """
        address = self._remote.address
        if self.reports is None or address is None or source[0] != address[0]:
            raise RtcpError("RTCP came from elsewhere than RTP.")
        plain = data if self._srtp is None else self._srtp.unprotect_rtcp(data)
        if plain is None:
            raise RtcpError("RTCP came without proof of the agreed key.")
        packets = parse(plain)
        self._source = source
        self.reports.take(packets, self._heard(t), clock_rate, t)
        for packet in packets:
            # A far end that refuses the stream has sent none.
            if isinstance(packet, Bye) and (self._receiver.empty or any(map(self._receiver.knows, packet.sources))):
                return packet.reason
        return None

    def _heard(self, t: float) -> list[Reception]:
        return self._receiver.receptions(t - RECENT_SECONDS)

    def _sent(self, timestamp: int | None) -> SentSoFar | None:
        return None if timestamp is None else SentSoFar(timestamp, self._sender.packets, self._sender.octets)

    def _send(self, data: bytes) -> None:
        """Send to where the far end's RTCP comes from, or should come from."""
        address = self._remote.address
        if address is None:
            return
        if self._srtp is not None:
            data = self._srtp.protect_rtcp(data)
        if self._agreed_port is None:
            self._wire.send(data, address)
        elif self._source is not None:
            self._wire.send_rtcp(data, self._source)
        else:
            port = self._agreed_port if address == self._remote.agreed else address[1] + 1
            self._wire.send_rtcp(data, (address[0], port))
