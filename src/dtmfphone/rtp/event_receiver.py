"""Telephone-events in a received packet stream (RFC 4733 section 2.5.2), with tolerance for what peers really send.

An event is known by SSRC, timestamp and code, never by its marker bit. What is reported, and when:

    packets   M  .  .  .  E  E  E          EventStarted   with the first packet that arrives, whichever that is:
    reports   |S  U  U  U  U .  .  |N                     the time to act on a key press
                                           EventUpdated   when the event grows or ends (`end`)
                                           EventEnded     once, when no repeated end packets are awaited any more
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Literal

from dtmfphone.rtp.received_event import ReceivedEvent
from dtmfphone.rtp.telephone_event import MAX_DURATION, TelephoneEvent, TelephoneEventError, parse

TIME_OUT_SECONDS: Final = 0.15
"""An event without end packet is over when no packet came for so long: three update intervals of 50 ms."""
SETTLE_SECONDS: Final = 0.06
"""Repeated end packets are awaited for so long after each one."""
MAX_SETTLE_SECONDS: Final = 0.2
"""... and for so long after the first."""
SEGMENT_TOLERANCE_SECONDS: Final = 0.04
"""How far the timestamp of a long event's next segment may be off: two slots."""
MAX_OPEN: Final = 16
MAX_KNOWN: Final = 256
"""Events that are remembered, to know their late packets."""
PROBLEM_INTERVAL_SECONDS: Final = 1.0
"""Problems of one kind are reported no faster than this."""

EndedBy = Literal["end-bit", "time-out", "next-event"]
ProblemKind = Literal["malformed", "same-timestamp", "late"]


@dataclass(frozen=True, kw_only=True)
class EventStarted:
    """The first packet of an event arrived."""

    id: int
    """Counts up from 1 in each receiver."""
    code: int
    start: float
    """Arrival of the first packet, seconds."""
    ssrc: int
    timestamp: int
    marker: bool
    volume: int
    payload_type: int
    clock_rate: int


@dataclass(frozen=True, kw_only=True)
class EventUpdated:
    """An event grew, or its first end packet arrived."""

    id: int
    code: int
    t: float
    duration: float
    """Seconds so far, as claimed."""
    end: bool


@dataclass(frozen=True, kw_only=True)
class EventEnded:
    """An event is complete."""

    id: int
    code: int
    start: float
    """Arrival of the first packet, seconds."""
    end: float
    """Arrival of the packet that ended the event, or of the last that let it grow."""
    duration: float
    """Seconds, as claimed by the duration fields and the clock of the payload type."""
    duration_units: int
    """The same in timestamp units, over all segments."""
    span: float
    """Seconds from `start` to `end`, as they arrived; about one packet less than `duration`."""
    packets: int
    """All packets with their own sequence number."""
    end_packets: int
    retransmits: int
    """Packets after the first end packet."""
    duplicates: int
    """Packets whose sequence number had already come; counted nowhere else."""
    lost: int
    """Sequence numbers missing between the first and the last packet."""
    marker: bool
    """Whether any packet had the marker bit."""
    volume: int
    payload_type: int
    clock_rate: int
    ssrc: int
    timestamp: int
    ended_by: EndedBy
    segments: int
    notes: tuple[str, ...]
    """Oddities, each a short phrase."""


@dataclass(frozen=True, kw_only=True)
class EventProblem:
    """Something that a correct sender does not send, one sentence."""

    kind: ProblemKind
    t: float
    text: str
    id: int | None = None
    """The event concerned."""


Report = EventStarted | EventUpdated | EventEnded | EventProblem


class EventReceiver:
    """Finds the telephone-events of one direction of one call. Memory is bounded, whatever arrives.

    All times are the caller's monotonic seconds and never go back; call `tick` about once per slot.
    """

    def __init__(self) -> None:
        self.malformed = 0
        """Payloads that could not be read."""
        self._count = 0
        self._open: list[ReceivedEvent] = []
        self._known: OrderedDict[tuple[int, int, int], ReceivedEvent] = OrderedDict()
        """By SSRC, timestamp and code; the events touched last come last."""
        self._latest: ReceivedEvent | None = None
        """The newest event by timestamp."""
        self._problem_at: dict[ProblemKind, float] = {}

    def packet(
        self,
        *,
        ssrc: int,
        sequence: int,
        timestamp: int,
        marker: bool,
        payload: bytes,
        payload_type: int,
        clock_rate: int,
        t: float,
    ) -> list[Report]:
        """Take an RTP packet whose payload type is telephone-event at `clock_rate` Hz; it arrived at `t`."""
        try:
            blocks = parse(payload)
        except TelephoneEventError as error:
            self.malformed += 1
            return self.tick(t) + self._problem("malformed", t, f"{error} So far there were {self.malformed}.")
        # A packet that was held up, by the network or by us, continues its event if nobody has looked meanwhile.
        reports = self._expire(t, besides=self._known.get((ssrc, timestamp, blocks[0].code)))
        for block in blocks:
            event = self._find(ssrc, timestamp, block.code, clock_rate, marker=marker)
            if event is None:
                self._count += 1
                event = ReceivedEvent(
                    self._count,
                    block,
                    ssrc=ssrc,
                    timestamp=timestamp,
                    sequence=sequence,
                    payload_type=payload_type,
                    clock_rate=clock_rate,
                    t=t,
                )
                reports += self._begin(event, t)
                reports.append(_started(event, marker=marker))
            self._remember((ssrc, timestamp, block.code), event)
            if event.over:
                reports += self._late(event, block, timestamp, t)
            elif event.add(block, timestamp, sequence, marker=marker, t=t):
                reports.append(_updated(event, t))
            # Several events in one packet follow each other without a gap, and each ends the one before.
            timestamp = (timestamp + block.duration) & 0xFFFFFFFF
            marker = False
        return reports

    @property
    def deadline(self) -> float | None:
        """When `tick` is wanted next, or None."""
        return min(map(_deadline, self._open), default=None)

    def media_packet(self, *, ssrc: int) -> None:
        """Note an audio packet of the same sequence space, so that it does not count as a lost event packet."""
        if self._latest is not None and not self._latest.over and self._latest.ssrc == ssrc:
            self._latest.note_other()

    def tick(self, t: float) -> list[Report]:
        """Report the events that are over by `t`."""
        return self._expire(t)

    def flush(self, t: float) -> list[Report]:
        """Report all events as over, at the end of a call or stream."""
        return [*self.tick(t), *(self._end(event, "time-out") for event in list(self._open))]

    def _expire(self, t: float, besides: ReceivedEvent | None = None) -> list[Report]:
        expired = [event for event in self._open if _deadline(event) <= t and event is not besides]
        return [self._end(event, "time-out") for event in expired]

    def _find(self, ssrc: int, timestamp: int, code: int, clock_rate: int, *, marker: bool) -> ReceivedEvent | None:
        """Return the event of a packet, or the long event of which it begins a new segment."""
        event = self._known.get((ssrc, timestamp, code))
        if event is not None:
            return event
        latest = self._latest
        if (
            latest is None
            or marker
            or latest.first_end is not None
            or (latest.ssrc, latest.code) != (ssrc, code)
            or latest.segment_units <= MAX_DURATION // 2
            or abs(_ahead(timestamp, latest.segment) - MAX_DURATION) > SEGMENT_TOLERANCE_SECONDS * clock_rate
        ):
            return None
        latest.begin_segment(timestamp)
        return latest

    def _remember(self, key: tuple[int, int, int], event: ReceivedEvent) -> None:
        self._known[key] = event
        self._known.move_to_end(key)
        if len(self._known) > MAX_KNOWN:
            self._known.popitem(last=False)

    def _begin(self, event: ReceivedEvent, t: float) -> list[Report]:
        """Take up a new event; a later event ends those before it."""
        reports: list[Report] = []
        place = (event.ssrc, event.timestamp)
        twin = next((known for known in self._known.values() if (known.ssrc, known.timestamp) == place), None)
        if twin is not None:
            event.note(f"same timestamp as event {twin.code}")
            reports += self._problem(
                "same-timestamp",
                t,
                f"Events {twin.code} and {event.code} have the same timestamp: the sender must give each its own.",
                event.id,
            )
        latest = self._latest
        if latest is None or latest.ssrc != event.ssrc or _ahead(event.timestamp, latest.segment) >= 0:
            reports += [self._end(other, "next-event") for other in list(self._open)]
            self._latest = event
        else:
            event.note("arrived after a later event")
        if len(self._open) >= MAX_OPEN:
            reports.append(self._end(self._open[0], "next-event"))
        self._open.append(event)
        return reports

    def _late(self, event: ReceivedEvent, block: TelephoneEvent, timestamp: int, t: float) -> list[Report]:
        """Packets that come after the end are repeats; only one that would let the event grow is worth a word."""
        if event.went_on or event.units_claimed(block, timestamp) <= event.units:
            return []
        event.went_on = True
        return self._problem(
            "late",
            t,
            f"Event {event.code} went on after it was taken as ended: packets were lost or held up.",
            event.id,
        )

    def _end(self, event: ReceivedEvent, otherwise: EndedBy) -> EventEnded:
        """Close an event; without end packet it ended by something else."""
        event.over = True
        self._open.remove(event)
        return EventEnded(
            id=event.id,
            code=event.code,
            start=event.start,
            end=event.end,
            duration=event.duration,
            duration_units=event.units,
            span=event.end - event.start,
            packets=event.packets,
            end_packets=event.end_packets,
            retransmits=event.retransmits,
            duplicates=event.duplicates,
            lost=event.lost,
            marker=event.marker,
            volume=event.volume,
            payload_type=event.payload_type,
            clock_rate=event.clock_rate,
            ssrc=event.ssrc,
            timestamp=event.timestamp,
            ended_by="end-bit" if event.first_end is not None else otherwise,
            segments=event.segments,
            notes=event.notes(),
        )

    def _problem(self, kind: ProblemKind, t: float, text: str, number: int | None = None) -> list[Report]:
        if t - self._problem_at.get(kind, -PROBLEM_INTERVAL_SECONDS) < PROBLEM_INTERVAL_SECONDS:
            return []
        self._problem_at[kind] = t
        return [EventProblem(kind=kind, t=t, text=text, id=number)]


def _deadline(event: ReceivedEvent) -> float:
    """Return when an event is over if nothing more arrives."""
    if event.first_end is None:
        return event.last + TIME_OUT_SECONDS
    return min(event.last + SETTLE_SECONDS, event.first_end + MAX_SETTLE_SECONDS)


def _ahead(timestamp: int, other: int) -> int:
    """Return by how much a timestamp is later than another, modulo 2**32."""
    return ((timestamp - other + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def _started(event: ReceivedEvent, *, marker: bool) -> EventStarted:
    return EventStarted(
        id=event.id,
        code=event.code,
        start=event.start,
        ssrc=event.ssrc,
        timestamp=event.timestamp,
        marker=marker,
        volume=event.volume,
        payload_type=event.payload_type,
        clock_rate=event.clock_rate,
    )


def _updated(event: ReceivedEvent, t: float) -> EventUpdated:
    return EventUpdated(id=event.id, code=event.code, t=t, duration=event.duration, end=event.first_end is not None)
