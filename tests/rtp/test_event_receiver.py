import random
import sys
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.rtp.event_receiver import (
    MAX_KNOWN,
    MAX_OPEN,
    EventEnded,
    EventProblem,
    EventReceiver,
    EventStarted,
    EventUpdated,
    Report,
)
from dtmfphone.rtp.event_sender import EndSpacing, EventSender, Style
from dtmfphone.rtp.telephone_event import TelephoneEvent

BASE = 40_000


@dataclass(frozen=True)
class Packet:
    """An event packet at its arrival."""

    t: float
    sequence: int
    timestamp: int
    code: int
    duration: int
    end: bool = False
    marker: bool = False
    ssrc: int = 1
    payload_type: int = 126
    clock_rate: int = 8000

    def feed(self, receiver: EventReceiver) -> list[Report]:
        return receiver.packet(
            ssrc=self.ssrc,
            sequence=self.sequence & 0xFFFF,
            timestamp=self.timestamp,
            marker=self.marker,
            payload=TelephoneEvent(self.code, self.end, 10, self.duration).serialize(),
            payload_type=self.payload_type,
            clock_rate=self.clock_rate,
            t=self.t,
        )


def press(
    code: int,
    slots: int = 5,
    *,
    start: float = 0.0,
    sequence: int = 100,
    timestamp: int = BASE,
    ends: int = 3,
    clock_rate: int = 8000,
) -> list[Packet]:
    """One event as most peers send it."""
    unit = clock_rate // 50
    updates = [
        Packet(start + n * 0.02, sequence + n, timestamp, code, (n + 1) * unit, marker=n == 0, clock_rate=clock_rate)
        for n in range(slots - 1)
    ]
    end = start + (slots - 1) * 0.02
    return updates + [
        Packet(end, sequence + slots - 1 + n, timestamp, code, slots * unit, end=True, clock_rate=clock_rate)
        for n in range(ends)
    ]


def receive(packets: list[Packet], receiver: EventReceiver | None = None) -> list[Report]:
    """Feed packets, with a tick every 20 ms between them and until all is over."""
    receiver = receiver or EventReceiver()
    reports: list[Report] = []
    t = packets[0].t
    for packet in packets:
        while t + 0.02 < packet.t:
            t += 0.02
            reports += receiver.tick(t)
        reports += packet.feed(receiver)
    for slot in range(20):
        reports += receiver.tick(packets[-1].t + slot * 0.02)
    return reports


def started(reports: list[Report]) -> list[int]:
    return [report.code for report in reports if isinstance(report, EventStarted)]


def ended(reports: list[Report]) -> list[EventEnded]:
    return [report for report in reports if isinstance(report, EventEnded)]


def the_end(reports: list[Report]) -> EventEnded:
    (end,) = ended(reports)
    return end


def problems(reports: list[Report]) -> list[str]:
    return [report.kind for report in reports if isinstance(report, EventProblem)]


def test_a_clean_event() -> None:
    packets = press(5, start=1.0)
    reports = receive(packets)
    assert reports[0] == EventStarted(
        id=1, code=5, start=1.0, ssrc=1, timestamp=BASE, marker=True, volume=10, payload_type=126, clock_rate=8000
    )
    updates = [report for report in reports if isinstance(report, EventUpdated)]
    assert [round(update.duration, 3) for update in updates] == [0.04, 0.06, 0.08, 0.1]
    assert [update.end for update in updates] == [False, False, False, True]
    assert reports[-1] == EventEnded(
        id=1,
        code=5,
        start=1.0,
        end=packets[-1].t,
        duration=0.1,
        duration_units=800,
        span=packets[-1].t - 1.0,
        packets=7,
        end_packets=3,
        retransmits=2,
        duplicates=0,
        lost=0,
        marker=True,
        volume=10,
        payload_type=126,
        clock_rate=8000,
        ssrc=1,
        timestamp=BASE,
        ended_by="end-bit",
        segments=1,
        notes=(),
    )


def test_the_first_packet_and_the_first_end_packet_report_at_once() -> None:
    receiver = EventReceiver()
    packets = press(5)
    assert [type(report) for report in packets[0].feed(receiver)] == [EventStarted]
    for packet in packets[1:4]:
        packet.feed(receiver)
    (update,) = packets[4].feed(receiver)
    assert isinstance(update, EventUpdated)
    assert update.end
    assert packets[5].feed(receiver) == []
    assert receiver.tick(packets[-1].t + 0.059) == []
    assert [type(report) for report in receiver.tick(packets[-1].t + 0.061)] == [EventEnded]
    assert receiver.tick(99) == []


@pytest.mark.parametrize("spacing", [0.0, 0.02, 0.05])
def test_all_end_packets_are_counted_however_they_are_spaced(spacing: float) -> None:
    packets = press(5)
    packets[-2] = replace(packets[-2], t=packets[-3].t + spacing)
    packets[-1] = replace(packets[-1], t=packets[-3].t + 2 * spacing)
    end = the_end(receive(packets))
    assert (end.end_packets, end.retransmits, round(end.span, 3)) == (3, 2, 0.08)


def test_the_deadline_says_when_a_tick_is_wanted() -> None:
    receiver = EventReceiver()
    packets = press(5)
    packets[0].feed(receiver)
    assert receiver.deadline == pytest.approx(0.15)
    packets[-1].feed(receiver)
    assert receiver.deadline == pytest.approx(0.14)
    assert [type(report) for report in receiver.tick(0.1401)] == [EventEnded]
    assert (EventReceiver().deadline, receiver.deadline) == (None, None)


def test_endless_end_packets_do_not_keep_an_event_open() -> None:
    packets = press(5) + [replace(press(5)[-1], t=0.08 + n * 0.03, sequence=107 + n) for n in range(1, 60)]
    end = the_end(receive(packets))
    assert end.end_packets < 12


@pytest.mark.parametrize("kept", range(7))
def test_any_single_packet_is_enough(kept: int) -> None:
    reports = receive([press(9)[kept]])
    assert started(reports) == [9]
    end = the_end(reports)
    assert end.ended_by == ("end-bit" if kept >= 4 else "time-out")
    assert ("no marker bit" in end.notes) == (kept > 0)
    assert ("no end packet" in end.notes) == (kept < 4)


@pytest.mark.parametrize("digits", ["1", "1234567890*#", "5555"])
@pytest.mark.parametrize("lost", ["none", "first", "last", "middle"])
def test_three_packets_lost_of_each_event(digits: str, lost: str) -> None:
    stream: list[Packet] = []
    for n, digit in enumerate(digits):
        packets = press(
            "0123456789*#".index(digit), 13, start=n * 0.5, sequence=100 + 25 * n, timestamp=BASE + 4000 * n
        )
        where = {"none": slice(0, 0), "first": slice(0, 3), "last": slice(-3, None), "middle": slice(6, 9)}[lost]
        del packets[where]
        stream += packets
    reports = receive(stream)
    assert "".join("0123456789*#"[code] for code in started(reports)) == digits
    ends = ended(reports)
    assert [end.lost for end in ends] == [3 if lost == "middle" else 0] * len(digits)
    assert {end.ended_by for end in ends} == {"time-out" if lost == "last" else "end-bit"}


def test_without_end_packets_an_event_times_out_after_150_ms() -> None:
    receiver = EventReceiver()
    packets = press(5)[:4]
    for packet in packets:
        packet.feed(receiver)
    assert receiver.tick(0.06 + 0.149) == []
    (end,) = receiver.tick(0.06 + 0.151)
    assert isinstance(end, EventEnded)
    assert (end.ended_by, end.end, end.duration) == ("time-out", packets[-1].t, 0.08)


def test_time_out_without_ticks() -> None:
    receiver = EventReceiver()
    press(5)[0].feed(receiver)
    reports = press(6, start=3.0, timestamp=BASE + 24000)[0].feed(receiver)
    assert [type(report) for report in reports] == [EventEnded, EventStarted]
    assert the_end(reports).ended_by == "time-out"


def test_a_new_event_ends_the_one_before() -> None:
    first = press(5)[:4]
    second = press(5, start=0.1, sequence=110, timestamp=BASE + 800)
    reports = receive(first + second)
    assert started(reports) == [5, 5]
    assert [end.ended_by for end in ended(reports)] == ["next-event", "end-bit"]
    order = [type(report).__name__ for report in reports if not isinstance(report, EventUpdated)]
    assert order == ["EventStarted", "EventEnded", "EventStarted", "EventEnded"]


def test_the_duration_never_shrinks() -> None:
    packets = press(5)
    packets = [packets[0], packets[2], packets[1], packets[4], packets[3], *packets[5:]]
    packets = [replace(packet, t=n * 0.01) for n, packet in enumerate(packets)]
    reports = receive(packets)
    durations = [report.duration for report in reports if isinstance(report, EventUpdated)]
    assert durations == sorted(durations)
    end = the_end(reports)
    assert (end.duration_units, end.lost, end.packets, end.marker) == (800, 0, 7, True)


@pytest.mark.parametrize("later", [0.3, 5.0, 60.0])
def test_a_late_repeat_is_no_new_event(later: float) -> None:
    packets = press(5)
    reports = receive([*packets, replace(packets[-1], t=later, sequence=900)])
    assert started(reports) == [5]
    assert len(ended(reports)) == 1
    assert problems(reports) == []


def test_late_repeats_between_the_next_events_do_not_double_keys() -> None:
    """Receivers that compare with the last timestamp only read this as A B A B."""
    a, b = press(12), press(13, start=0.2, sequence=110, timestamp=BASE + 1600)
    reports = receive([*a, b[0], replace(a[-1], t=0.21), b[1], replace(a[-1], t=0.23), *b[2:]])
    assert started(reports) == [12, 13]
    assert [end.ended_by for end in ended(reports)] == ["end-bit", "end-bit"]


def test_the_first_packets_may_be_swapped() -> None:
    packets = press(5)
    packets = [replace(packets[1], t=0.01), replace(packets[0], t=0.011), *packets[2:]]
    end = the_end(receive(packets))
    assert (end.packets, end.lost, end.marker, end.notes) == (7, 0, True, ())


def test_an_event_that_is_repeated_stays_known() -> None:
    def others(first: int) -> list[Packet]:
        return [
            Packet(n * 0.02, n, BASE + n * 160, 1, 160, end=True, marker=True)
            for n in range(first, first + MAX_KNOWN - 9)
        ]

    receiver = EventReceiver()
    a = Packet(0, 0, BASE, 5, 160, end=True, marker=True)
    reports = receive([a, *others(1)], receiver)
    later = reports[-1].id if isinstance(reports[-1], EventEnded) else 0
    assert later == MAX_KNOWN - 8
    reports = receive([replace(a, t=20), *[replace(p, t=p.t + 20) for p in others(1000)]], receiver)
    reports += receive([replace(a, t=90)], receiver)
    assert 5 not in started(reports)


def test_many_events_at_once_are_bounded() -> None:
    """Each is older than the first, so that none ends another."""
    receiver = EventReceiver()
    reports: list[Report] = []
    for n in range(3 * MAX_OPEN):
        reports += Packet(n * 1e-4, n, BASE + 10**6 - n * 800, 5, 160).feed(receiver)
        assert len(started(reports)) == n + 1
        assert len(started(reports)) - len(ended(reports)) <= MAX_OPEN


def test_an_event_that_goes_on_for_long_after_its_time_out_is_told_once() -> None:
    packets = press(5, 200)
    reports = receive(packets[:5] + packets[20:])
    assert started(reports) == [5]
    assert problems(reports) == ["late"]


def test_an_event_that_goes_on_after_its_time_out_is_one_event() -> None:
    packets = press(5, 40)
    reports = receive(packets[:5] + packets[20:])
    assert started(reports) == [5]
    assert the_end(reports).ended_by == "time-out"
    assert problems(reports) == ["late"]


def test_a_different_code_with_the_same_timestamp_is_told() -> None:
    other = press(6, start=0.3, sequence=110)
    reports = receive(press(5) + other)
    assert started(reports) == [5, 6]
    assert problems(reports) == ["same-timestamp"]
    assert ended(reports)[1].notes == ("same timestamp as event 5",)


def test_two_codes_that_alternate_with_one_timestamp_are_two_events() -> None:
    a, b = press(5), press(6, sequence=200)
    reports = receive([packet for pair in zip(a, b, strict=True) for packet in pair])
    assert started(reports) == [5, 6]
    assert len(ended(reports)) == 2


def test_an_older_event_that_arrives_late_is_reported_and_does_not_end_the_newer() -> None:
    a, b = press(1), press(2, start=0.14, sequence=107, timestamp=BASE + 1120)
    reports = receive([b[0], replace(a[-1], t=0.145), *b[1:]])
    assert started(reports) == [2, 1]
    notes = {end.code: end.notes for end in ended(reports)}
    assert "arrived after a later event" in notes[1]
    assert notes[2] == ()


def test_the_same_timestamp_on_another_ssrc_is_another_event() -> None:
    other = [replace(packet, ssrc=2, t=packet.t + 0.04) for packet in press(5)]
    reports = receive(press(5)[:2] + other)
    assert started(reports) == [5, 5]
    assert [end.ended_by for end in ended(reports)] == ["next-event", "end-bit"]


def test_chromium_with_the_wrong_clock() -> None:
    """Answered with both clocks it sends three packets, all with marker and end bit, 960 units of 8000 Hz."""
    packets = [Packet(n * 0.0001, n, BASE, 7, 960, end=True, marker=True) for n in range(3)]
    reports = receive(packets)
    assert started(reports) == [7]
    end = the_end(reports)
    assert (end.end_packets, end.retransmits, end.duration) == (3, 2, 0.12)
    assert end.notes == ("marker bit on 3 packets", "the first packet already claims 120 ms: wrong clock")


@pytest.mark.parametrize(("sent", "read", "hint"), [(48000, 8000, "48000 Hz"), (8000, 48000, "8000 Hz")])
def test_an_event_counted_in_another_clock_is_noted(sent: int, read: int, hint: str) -> None:
    packets = [replace(packet, clock_rate=read) for packet in press(5, 8, clock_rate=sent)]
    (note,) = the_end(receive(packets)).notes
    assert "wrong clock" in note
    assert hint in note


@pytest.mark.parametrize("clock_rate", [8000, 16000, 48000])
@pytest.mark.parametrize("slots", [2, 5, 13])
def test_jitter_gives_no_clock_note(clock_rate: int, slots: int) -> None:
    rng = random.Random(slots)
    for _ in range(50):
        packets = press(5, slots, clock_rate=clock_rate)
        jittered = sorted(packet.t + rng.uniform(0, 0.03) for packet in packets)
        packets = [replace(packet, t=t) for packet, t in zip(packets, jittered, strict=True)]
        assert the_end(receive(packets)).notes == ()


def test_all_packets_in_one_burst_are_noted() -> None:
    """aiortp sends 160 ms within 1 ms, the marker on the first end packet."""
    packets = [replace(packet, t=n * 0.0001, marker=packet.end) for n, packet in enumerate(press(5, 8))]
    packets[-1], packets[-2] = replace(packets[-1], marker=False), replace(packets[-2], marker=False)
    notes = the_end(receive(packets)).notes
    assert notes[0] == "marker bit on a later packet than the first"
    assert "wrong clock" in notes[1]


def test_chromium_to_an_opus_peer() -> None:
    """Elapsed style: 960 to 3840, then 4800 with E three times."""
    packets = [Packet(n * 0.02, n, BASE, 7, (n + 1) * 960, marker=n == 0, clock_rate=48000) for n in range(4)]
    packets += [Packet(0.08, 4 + n, BASE, 7, 4800, end=True, clock_rate=48000) for n in range(3)]
    end = the_end(receive(packets))
    assert (end.duration, end.packets, end.notes) == (0.1, 7, ())


def test_a_missing_marker_is_noted() -> None:
    packets = [replace(packet, marker=False) for packet in press(5)]
    reports = receive(packets)
    assert started(reports) == [5]
    assert the_end(reports).notes == ("no marker bit",)


def test_livekit_sip() -> None:
    """13 packets at 20 ms from 160 to 2080, the last three times; keys advance by 4000 units within one string."""
    stream = []
    for n, code in enumerate((1, 2, 3, 11)):
        stream += press(code, 13, start=n * 0.52, sequence=100 + n * 28, timestamp=BASE + n * 4000)
    reports = receive(stream)
    assert started(reports) == [1, 2, 3, 11]
    assert {(end.duration, end.packets, end.end_packets, end.notes) for end in ended(reports)} == {(0.26, 15, 3, ())}


@pytest.mark.parametrize("offset", [65535, 66240])
@pytest.mark.parametrize("lose_full", [False, True])
def test_segments_of_a_long_event_are_one_event(offset: int, lose_full: bool) -> None:
    """RFC 4733 adds 65535 to the timestamp; Chromium goes on at its RTP time, which is 66240 later."""
    packets = [Packet(n * 0.02, n, BASE, 5, (n + 1) * 960, marker=n == 0, clock_rate=48000) for n in range(68)]
    if not lose_full:
        packets.append(Packet(68 * 0.02, 68, BASE, 5, 65535, clock_rate=48000))
    packets += [Packet(n * 0.02, n, BASE + offset, 5, (n + 1) * 960 - offset, clock_rate=48000) for n in range(69, 99)]
    packets += [Packet(99 * 0.02, 99 + n, BASE + offset, 5, 96000 - offset, True, clock_rate=48000) for n in range(3)]
    reports = receive(packets)
    assert started(reports) == [5]
    end = the_end(reports)
    assert (end.duration, end.duration_units, end.segments, end.ended_by) == (2.0, 96000, 2, "end-bit")
    assert end.timestamp == BASE
    assert end.lost == int(lose_full)
    assert end.notes == ()


def test_a_late_packet_of_the_first_segment_belongs_to_the_event() -> None:
    packets = [Packet(n * 0.02, n, BASE, 5, (n + 1) * 960, marker=n == 0, clock_rate=48000) for n in range(68)]
    packets += [Packet(1.38, 69, BASE + 65535, 5, 1665, clock_rate=48000)]
    packets += [Packet(1.381, 68, BASE, 5, 65535, clock_rate=48000)]
    packets += [Packet(1.4, 70, BASE + 65535, 5, 2625, end=True, clock_rate=48000)]
    end = the_end(receive(packets))
    assert (end.duration_units, end.segments, end.lost) == (68160, 2, 0)


@pytest.mark.parametrize("why", ["marker", "ended", "code", "timestamp", "short"])
def test_what_is_no_next_segment(why: str) -> None:
    first = [Packet(n * 0.02, n, BASE, 5, (n + 1) * 960, marker=n == 0, clock_rate=48000) for n in range(68)]
    follow = Packet(1.38, 69, BASE + 65535, 5, 1665, clock_rate=48000)
    match why:
        case "marker":
            follow = replace(follow, marker=True)
        case "ended":
            first[-1] = replace(first[-1], end=True)
        case "code":
            follow = replace(follow, code=6)
        case "timestamp":
            follow = replace(follow, timestamp=BASE + 65535 + 48 * 45)
        case "short":
            first = first[:4]
    assert len(started(receive([*first, follow]))) == 2


def test_audio_among_event_packets_is_not_lost() -> None:
    """baresip goes on with audio meanwhile, sipp counts sequence numbers in steps of two."""
    packets = [replace(packet, sequence=100 + 2 * n) for n, packet in enumerate(press(5))]
    assert the_end(receive(packets)).lost == 6
    receiver = EventReceiver()
    reports: list[Report] = []
    for packet in packets:
        reports += packet.feed(receiver)
        receiver.media_packet(ssrc=1)
        receiver.media_packet(ssrc=2)
    assert the_end(reports + receiver.flush(1.0)).lost == 0


def test_duplicates_by_the_network_are_counted_apart() -> None:
    packets = [copy for packet in press(5) for copy in (packet, packet)]
    end = the_end(receive(packets))
    assert (end.packets, end.end_packets, end.retransmits, end.duplicates, end.lost) == (7, 3, 2, 7, 0)


def test_sequence_numbers_wrap() -> None:
    packets = press(5, sequence=65533)
    assert packets[-1].sequence > 65535
    end = the_end(receive(packets[:2] + packets[3:]))
    assert (end.packets, end.lost) == (6, 1)


def test_timestamps_wrap() -> None:
    first = press(5, timestamp=2**32 - 300)[:4]
    second = press(6, start=0.2, sequence=110, timestamp=1300)
    assert [end.ended_by for end in ended(receive(first + second))] == ["next-event", "end-bit"]


def test_codes_that_are_no_keys_are_events_too() -> None:
    reports = receive([Packet(0, 1, BASE, 16, 800, end=True, marker=True)])
    assert the_end(reports).code == 16


def test_several_events_in_one_packet_follow_each_other() -> None:
    receiver = EventReceiver()
    payload = TelephoneEvent(1, True, 10, 320).serialize() + TelephoneEvent(2, False, 10, 160).serialize()

    def feed(t: float) -> list[Report]:
        return receiver.packet(
            ssrc=1, sequence=5, timestamp=BASE, marker=True, payload=payload, payload_type=101, clock_rate=8000, t=t
        )

    reports = feed(0.0)
    assert started(reports) == [1, 2]
    assert [r.timestamp for r in reports if isinstance(r, EventStarted)] == [BASE, BASE + 320]
    assert the_end(reports).ended_by == "end-bit"
    assert started(feed(0.02)) == []


@pytest.mark.parametrize("length", [0, 1, 3, 5, 1400])
def test_a_malformed_payload_is_a_problem_and_nothing_else(length: int) -> None:
    receiver = EventReceiver()
    payload = b"\x05" * (length + length // 1400)
    reports = receiver.packet(
        ssrc=1, sequence=1, timestamp=1, marker=True, payload=payload, payload_type=101, clock_rate=8000, t=0.0
    )
    assert problems(reports) == ["malformed"]
    assert receiver.flush(1.0) == []
    assert receiver.malformed == 1


def test_problems_of_one_kind_come_once_per_second() -> None:
    receiver = EventReceiver()
    texts = []
    for n in range(250):
        for report in receiver.packet(
            ssrc=1, sequence=n, timestamp=n, marker=False, payload=b"", payload_type=1, clock_rate=8000, t=n / 100
        ):
            assert isinstance(report, EventProblem)
            texts.append(report.text)
    assert len(texts) == 3
    assert "101" in texts[1]
    assert receiver.malformed == 250


def test_flush_ends_all_events() -> None:
    receiver = EventReceiver()
    press(5)[0].feed(receiver)
    assert the_end(receiver.flush(0.01)).ended_by == "time-out"
    assert receiver.flush(0.02) == []


def test_memory_is_bounded_under_junk() -> None:
    rng = random.Random(7)
    receiver = EventReceiver()

    def junk(count: int) -> int:
        starts = ends = 0
        for n in range(count):
            reports = receiver.packet(
                ssrc=rng.getrandbits(32) if n % 3 else 1,
                sequence=rng.getrandbits(16),
                timestamp=rng.getrandbits(32),
                marker=bool(n & 1),
                payload=rng.randbytes(4),
                payload_type=101,
                clock_rate=8000,
                t=n * 1e-6,
            )
            starts += len(started(reports))
            ends += len(ended(reports))
            assert starts - ends <= MAX_OPEN
        return starts - ends

    assert junk(20_000) <= MAX_OPEN
    known = receiver._known
    assert len(known) == MAX_KNOWN
    size = sum(sys.getsizeof(event.__dict__) for event in known.values())
    junk(1_000)
    assert len(known) == MAX_KNOWN
    assert sum(sys.getsizeof(event.__dict__) for event in known.values()) <= size * 1.1


def stream(tones: list[tuple[int, int, int, bool]], style: Style, spacing: EndSpacing, clock_rate: int) -> list[Packet]:
    """What EventSender makes of tones (code, slots, gap, held), with sequence numbers and times of departure."""
    sender = EventSender(clock_rate, style=style, end_spacing=spacing)
    asked: list[tuple[int | None, bool]] = []
    for code, slots, pause, held in tones:
        asked += [(code, not held and slot == slots - 1) for slot in range(slots)] + [(None, False)] * pause
    asked += [(None, False)] * 5
    packets = []
    sequence, unit = 65_500, clock_rate // 50
    for n, (wanted, last) in enumerate(asked):
        output = sender.slot(wanted, (2**32 - 5 * unit + n * unit) % 2**32, last=last)
        sequence += output.audio
        for extra, (payload, timestamp, marker) in enumerate(output.packets):
            packets.append(
                Packet(
                    n * 0.02 + extra * 0.0001,
                    sequence,
                    timestamp,
                    payload.code,
                    payload.duration,
                    payload.end,
                    marker,
                    clock_rate=clock_rate,
                )
            )
            sequence += 1
    return packets


TONES = st.lists(
    st.tuples(st.integers(0, 15), st.integers(1, 9), st.integers(2, 6), st.booleans()), min_size=1, max_size=12
)


@settings(max_examples=250, deadline=None)
@given(
    TONES,
    st.sampled_from(["cover", "elapsed"]),
    st.sampled_from(["burst", "paced"]),
    st.sampled_from([8000, 48000]),
    st.randoms(use_true_random=False),
)
def test_loss_reordering_and_duplication_neither_lose_nor_double_a_digit(
    tones: list[tuple[int, int, int, bool]], style: Style, spacing: EndSpacing, clock_rate: int, rng: random.Random
) -> None:
    sent = stream(tones, style, spacing, clock_rate)
    stamps = list(dict.fromkeys(packet.timestamp for packet in sent))
    kept_at_least = {rng.choice([p.sequence for p in sent if p.timestamp == stamp]) for stamp in stamps}
    loss = rng.choice([0.0, 0.05, 0.3, 0.9])
    kept = [packet for packet in sent if packet.sequence in kept_at_least or rng.random() >= loss]
    copies = [packet for packet in kept for _ in range(1 + (rng.random() < 0.2))]
    reach = rng.choice([0, 3])
    order = sorted(range(len(copies)), key=lambda n: n + rng.randint(0, reach))
    t, arrived = 0.0, []
    for n in order:
        t = max(t, copies[n].t)
        arrived.append(replace(copies[n], t=t))
    reports = receive(arrived)
    digits = {stamp: code for stamp, (code, _, _, _) in zip(stamps, tones, strict=True)}
    by_arrival = list(dict.fromkeys(packet.timestamp for packet in arrived))
    assert started(reports) == [digits[stamp] for stamp in by_arrival]
    assert sorted(by_arrival) == sorted(stamps)
    if reach == 0:
        assert by_arrival == stamps
    starts = [report.id for report in reports if isinstance(report, EventStarted)]
    assert sorted(end.id for end in ended(reports)) == starts
    if loss == 0.0 and reach == 0:
        for end, (code, slots, _, _) in zip(ended(reports), tones, strict=True):
            assert (end.code, end.duration, end.lost, end.end_packets) == (code, slots * 0.02, 0, 3)
            assert (end.ended_by, end.notes) == ("end-bit", ())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 15), st.integers(60, 220), st.just(3), st.booleans()),
        min_size=1,
        max_size=3,
        unique_by=lambda tone: tone[0],
    ),
    st.sampled_from(["cover", "elapsed"]),
    st.randoms(use_true_random=False),
)
def test_long_events_survive_loss_in_runs_of_five(
    tones: list[tuple[int, int, int, bool]], style: Style, rng: random.Random
) -> None:
    """Different keys: of equal ones, end and next start may be lost just where a segment could begin."""
    run = 0
    kept = []
    for packet in stream(tones, style, "burst", 48000):
        run = run + 1 if run < 5 and rng.random() < 0.5 else 0
        if run == 0:
            kept.append(packet)
    reports = receive(kept)
    assert started(reports) == [code for code, _, _, _ in tones]
    assert len(ended(reports)) == len(tones)


def test_a_packet_that_was_held_up_continues_its_event() -> None:
    receiver = EventReceiver()

    def packet(sequence: int, event: TelephoneEvent, t: float) -> list[Report]:
        return receiver.packet(
            ssrc=1,
            sequence=sequence,
            timestamp=1000,
            marker=sequence == 0,
            payload=event.serialize(),
            payload_type=101,
            clock_rate=8000,
            t=t,
        )

    packet(0, TelephoneEvent(5, False, 10, 160), 0.0)
    held_up = packet(1, TelephoneEvent(5, False, 10, 2000), 0.25)
    assert [type(report) for report in held_up] == [EventUpdated]
    packet(2, TelephoneEvent(5, True, 10, 2160), 0.27)
    (ended,) = receiver.flush(0.3)
    assert isinstance(ended, EventEnded)
    assert (ended.ended_by, ended.duration_units) == ("end-bit", 2160)
