"""What is known of one received source: numbers, losses, jitter (RFC 3550 section 6.4.1, appendix A)."""

from typing import Final

from dtmfphone.rtp.jitter import Jitter
from dtmfphone.rtp.rtcp import ReportBlock, SenderReport

MAX_DROPOUT: Final = 3000
MAX_MISORDER: Final = 100
"""Jumps of the sequence number that are still the same sequence (appendix A.1)."""
WINDOW: Final = 128
"""Sequence numbers back from the highest for which a repeat is known as such."""


class Reception:
    """Counts the packets of one source (SSRC); all times are the caller's seconds."""

    def __init__(self, ssrc: int, clock_rate: int) -> None:
        self.ssrc: Final = ssrc
        self.jitter = Jitter(clock_rate)
        self.received = 0
        """Packets without repeats."""
        self.duplicates = 0
        self.restarts = 0
        """Times that the source began to number anew."""
        self.clock_rate = clock_rate
        self._before = 0
        """Packets expected in earlier sequences."""
        self._first = 0
        self._highest: int | None = None
        self._seen = 0
        """Bit k: number `highest - k` has come."""
        self._resync: int | None = None
        """The sequence number that would confirm a new beginning."""
        self._reported: tuple[int, int] = (0, 0)
        """Expected and received when the last report was made."""
        self._sender_report: tuple[int, float] | None = None
        """Middle bits of its NTP time, and when it came."""

    @property
    def expected(self) -> int:
        """Packets that the numbers say were sent."""
        return 0 if self._highest is None else self._before + self._highest - self._first + 1

    @property
    def lost(self) -> int:
        """Packets that have not come."""
        return max(0, self.expected - self.received)

    def packet(self, sequence: int) -> int | None:
        """Count a packet and return its number without wrap, growing over restarts too; None for a stray one."""
        if self._highest is None:
            self._first = self._highest = sequence + 0x10000
            self._seen = 1
            self.received = 1
            return self._highest
        step = ((sequence - self._highest + 0x8000) & 0xFFFF) - 0x8000
        if not -MAX_MISORDER <= step <= MAX_DROPOUT:
            if sequence != self._resync:
                self._resync = (sequence + 1) & 0xFFFF
                return None
            return self._restart(sequence)
        self._resync = None
        if step > 0:
            self._seen = (self._seen << step | 1) & (1 << WINDOW) - 1
            self._highest += step
            self.received += 1
            return self._highest
        number = self._highest + step
        if self._seen >> -step & 1:
            self.duplicates += 1
        else:
            self._seen |= 1 << -step
            self.received += 1
            self._first = min(self._first, number)
        return number

    def change_clock(self, clock_rate: int) -> None:
        """The source sends audio on another RTP clock from now on."""
        self.clock_rate = clock_rate
        self.jitter = Jitter(clock_rate)

    def sender_report(self, report: SenderReport, t: float) -> None:
        """Note a sender report of this source."""
        self._sender_report = report.ntp >> 16 & 0xFFFFFFFF, t

    def report(self, t: float) -> ReportBlock:
        """Return what to tell the source; the share lost counts from the report before."""
        expected, received = self.expected - self._reported[0], self.received - self._reported[1]
        self._reported = self.expected, self.received
        missing = expected - received
        last_report, came = self._sender_report or (0, t)
        return ReportBlock(
            ssrc=self.ssrc,
            fraction_lost=min(255, missing * 256 // expected) if expected > 0 and missing > 0 else 0,
            lost=self.expected - self.received,
            highest=(self._highest or 0) - 0x10000 & 0xFFFFFFFF,
            jitter=round(self.jitter.seconds * self.clock_rate) & 0xFFFFFFFF,
            last_report=last_report,
            delay=min(round((t - came) * 65536), 0xFFFFFFFF),
        )

    def _restart(self, sequence: int) -> int:
        """Two packets in a row tell that the source numbers anew."""
        assert self._highest is not None
        self.restarts += 1
        self._before = self.expected
        self._first = self._highest = ((self._highest >> 16) + 1 << 16) + sequence
        self._seen = 1
        self._resync = None
        self.received += 1
        return self._highest
