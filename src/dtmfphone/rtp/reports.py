"""Which RTCP reports we send and when, and what those of the far end say of our stream (RFC 3550 section 6)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from dtmfphone.rtp.reception import Reception
from dtmfphone.rtp.rtcp import (
    Bye,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    SenderReport,
    SourceDescription,
    compound,
)

INTERVAL_SECONDS: Final = 5.0
NTP_EPOCH: Final = 2208988800
"""Seconds from 1900 to 1970."""
MAX_ROUND_TRIP_SECONDS: Final = 30.0
"""A larger one is a wrong report."""


@dataclass(frozen=True)
class SentSoFar:
    """What a sender report tells of our stream."""

    timestamp: int
    """The RTP timestamp of now."""
    packets: int
    octets: int


class Reports:
    """Makes the reports of one session; times are the caller's seconds."""

    def __init__(
        self,
        ssrc: int,
        name: str,
        begin: float,
        *,
        random: Callable[[], float],
        wall_clock: float,
        interval: float = INTERVAL_SECONDS,
    ) -> None:
        """`name`: our CNAME. `wall_clock`: seconds since 1970 at time 0. `random`: from 0 up to 1."""
        self.ssrc: Final = ssrc
        self.remote_lost: int | None = None
        """Packets of ours that the far end missed."""
        self.remote_jitter: float | None = None
        """Seconds."""
        self.round_trip: float | None = None
        """Seconds."""
        self._name = name
        self._random = random
        self._wall_clock = wall_clock
        self._interval = interval
        self.deadline = begin + interval / 2
        """When the next report is due."""

    def make(self, t: float, sent: SentSoFar | None, sources: Sequence[Reception]) -> bytes:
        """Return the report that is due; `sent`: None where nothing was sent lately."""
        # Spread over half to one and a half intervals, so that parties do not fall into step (section 6.2).
        self.deadline = t + self._interval * (0.5 + self._random())
        return compound((self._report(t, sent, sources), self._description))

    def bye(self, t: float, sent: SentSoFar | None, sources: Sequence[Reception], reason: str = "") -> bytes:
        """Return the last report, with the word that our stream ends."""
        return compound((self._report(t, sent, sources), self._description, Bye((self.ssrc,), reason)))

    def take(self, packets: Iterable[RtcpPacket], sources: Sequence[Reception], clock_rate: int, t: float) -> None:
        """Learn from what the far end reports; `clock_rate`: of our stream."""
        for packet in packets:
            if isinstance(packet, SenderReport | ReceiverReport) and packet.ssrc == self.ssrc:
                continue  # an echo of our own
            if isinstance(packet, SenderReport):
                for source in sources:
                    if source.ssrc == packet.ssrc:
                        source.sender_report(packet, t)
            if isinstance(packet, SenderReport | ReceiverReport):
                for block in packet.reports:
                    if block.ssrc == self.ssrc:
                        self._learn(block, clock_rate, t)

    @property
    def _description(self) -> SourceDescription:
        return SourceDescription(((self.ssrc, self._name),))

    def _report(self, t: float, sent: SentSoFar | None, sources: Sequence[Reception]) -> RtcpPacket:
        blocks = tuple(source.report(t) for source in sources)
        if sent is None:
            return ReceiverReport(ssrc=self.ssrc, reports=blocks)
        return SenderReport(
            ssrc=self.ssrc,
            ntp=self._ntp(t),
            timestamp=sent.timestamp,
            packets=sent.packets,
            octets=sent.octets,
            reports=blocks,
        )

    def _learn(self, block: ReportBlock, clock_rate: int, t: float) -> None:
        self.remote_lost = max(0, block.lost)
        self.remote_jitter = block.jitter / clock_rate
        if block.last_report:
            units = ((self._ntp(t) >> 16) - block.last_report - block.delay) & 0xFFFFFFFF
            seconds = (units - 0x100000000 if units & 0x80000000 else units) / 65536
            if seconds <= MAX_ROUND_TRIP_SECONDS:
                self.round_trip = max(0.0, seconds)

    def _ntp(self, t: float) -> int:
        return int((self._wall_clock + t + NTP_EPOCH) * 2**32) & 0xFFFFFFFFFFFFFFFF
