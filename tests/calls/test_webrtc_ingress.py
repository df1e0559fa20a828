"""Received packets without holes, judged by aiortc's own jitter buffer."""

import random
from collections.abc import Iterable

import pytest
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket as AiortcPacket
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.calls.webrtc.ingress import Ingress
from dtmfphone.rtp.packet import RtpPacket

AUDIO, EVENT = 111, 110


def packet(sequence: int, kind: str = "a", timestamp: int | None = None, ssrc: int = 1) -> RtpPacket:
    return RtpPacket(
        payload_type=AUDIO if kind == "a" else EVENT,
        marker=False,
        sequence=sequence & 0xFFFF,
        timestamp=(sequence * 960 if timestamp is None else timestamp) & 0xFFFFFFFF,
        ssrc=ssrc,
        payload=(sequence & 0xFFFFFFFF).to_bytes(4, "big"),
    )


def handed_on(arrivals: str) -> str:
    """Feed `10a 11e ...` and return what is handed on for the first time: `f` for fillers, with whose timestamp."""
    ingress = Ingress(frozenset({AUDIO}), 48000)
    out = [each for word in arrivals.split() for each in ingress.feed(packet(int(word[:-1]), word[-1]), 0.0)]
    return " ".join(
        f"{each.sequence}a" if each.payload else f"{each.sequence}f{each.timestamp // 960}"
        for each in dict.fromkeys(out)
    )


@pytest.mark.parametrize(
    ("arrives", "expected"),
    [
        ("10a 11a 12a", "10a 11a 12a"),
        ("10a 11e 12e 13e 14a 15a", "10a 11a 12a"),
        ("10e 11e 12a 13a", "10a 11a"),
        # Audio lost, and late.
        ("10a 12a 13a 14a", "10a 12a 13a 11f10 14a"),
        ("10a 12a 11a 13a", "10a 12a 11a 13a"),
        ("10a 12a 13a 14a 11a 15a", "10a 12a 13a 11f10 14a 15a"),
        ("10a 13a 14a 15a", "10a 13a 14a 11f10 12f10 15a"),
        ("10a 13a 11a 14a 15a", "10a 13a 11a 14a 12f11 15a"),
        # Events lost among events leave nothing behind; events out of order neither.
        ("10a 11e 13e 14e 15e 16a", "10a 11a"),
        ("10a 12e 11e 13a 14a", "10a 11a 12a"),
        ("10a 12e 11a 13a", "10a 11a 12a"),
        # An event that comes after the audio behind it has left a number.
        ("10a 12a 11e 13a", "10a 12a 11f10 13a"),
        ("10a 11e 13a 12e 14a", "10a 12a 11f10 13a"),
        # A filler waits until the packet before it has come or is given up.
        ("10a 13a 12e 11a 14a", "10a 13a 11a 12f11 14a"),
        ("10a 13a 12e 14a 15a", "10a 13a 14a 11f10 12f10 15a"),
        # Repeats.
        ("10a 11a 11a 12a", "10a 11a 12a"),
        # More lost than fillers could mend: closed up at once, and what comes late is too late.
        ("10a 18a 19a 12a", "10a 11a 12a"),
        ("10a 11e 12a 14a 15e 17a", "10a 11a 13a 12f12 15a"),
    ],
)
def test_numbers(arrives: str, expected: str) -> None:
    assert handed_on(arrives) == expected


def test_the_sequence_number_wraps() -> None:
    assert handed_on("65534a 65535e 65536e 65537a 65538a").split() == ["65534a", "65535a", "0a"]


def test_a_new_sequence_goes_on_without_a_gap() -> None:
    """One stray packet is dropped, two in a row are a new beginning."""
    assert handed_on("10a 11a 40000a 12a 13a") == "10a 11a 12a 13a"
    assert handed_on("10a 11a 40000a 40001a 40002e 40003a") == "10a 11a 12a 13a"
    assert handed_on("10a 12a 40000a 40001a") == "10a 12a 11f10 13a"


def test_empty_audio_is_taken_out() -> None:
    """An empty packet would end the decoder's stream."""
    ingress = Ingress(frozenset({AUDIO}), 48000)
    ingress.feed(packet(10), 0.0)
    assert ingress.feed(packet(11).without_payload(), 0.02) == []
    assert [each.sequence for each in ingress.feed(packet(12), 0.04)] == [11]


def test_counters() -> None:
    ingress = Ingress(frozenset({AUDIO}), 48000)
    for number in (65530, 65531, 65531, 65534, 65537, 65536):
        ingress.feed(packet(number), number * 0.02)
    assert (ingress.lost, ingress.duplicates) == (3, 1)
    for number in range(20):
        ingress.feed(packet(500, ssrc=number + 2), 0.0)
        ingress.feed(packet(502, ssrc=number + 2), 0.0)
    assert ingress.lost == 3 + 20


def order(fates: list[str]) -> list[int]:
    """Return the indexes in the order in which they arrive."""
    arrivals: list[tuple[float, int]] = []
    for index, fate in enumerate(fates):
        if fate != "lost":
            delay = float(fate[5:]) + 0.5 if fate.startswith("late") else 0.0
            arrivals += [(index + delay, index)] * (2 if fate == "again" else 1)
    return [index for _, index in sorted(arrivals)]


def played(packets: Iterable[RtpPacket]) -> list[JitterFrame]:
    """Put packets through the buffer as aiortc does."""
    buffer = JitterBuffer(capacity=16, prefetch=4)
    frames = []
    for each in packets:
        received = AiortcPacket.parse(bytes(each))
        vars(received)["_data"] = received.payload
        _, frame = buffer.add(received)
        if frame is not None:
            frames.append(frame)
    return frames


FATES = ["ok"] * 14 + ["lost", "lost", "late 1", "late 2", "late 5", "again"]


@settings(deadline=None)
@given(
    kinds=st.lists(st.sampled_from("aaaaaaeee"), min_size=30, max_size=120),
    fates=st.lists(st.sampled_from(FATES), min_size=120),
)
def test_the_jitter_buffer_never_gets_an_empty_or_backward_frame(kinds: list[str], fates: list[str]) -> None:
    ingress = Ingress(frozenset({AUDIO}), 48000)
    frames = played(
        each
        for index in order(fates[: len(kinds)])
        for each in ingress.feed(packet(65500 + index, kinds[index]), index * 0.02)
    )
    assert all(len(frame.data) == 4 for frame in frames), "fillers and repeats leave no trace"
    timestamps = [frame.timestamp for frame in frames]
    assert timestamps == sorted(set(timestamps))


@settings(deadline=None)
@given(fates=st.lists(st.sampled_from(FATES), min_size=185, max_size=185), events=st.booleans())
def test_the_jitter_buffer_never_stalls(fates: list[str], events: bool) -> None:
    """Whatever was lost or late, after twenty good packets the delay is the four frames of the buffer's own."""
    ingress = Ingress(frozenset({AUDIO}), 48000)
    handed_on = [
        each
        for index in order(["ok", *fates, *["ok"] * 20])
        for each in ingress.feed(packet(index, "e" if events and 100 <= index < 150 else "a"), index * 0.02)
    ]
    assert played(handed_on)[-1].timestamp == (len(fates) + 20 - 4) * 960


def test_several_holes_at_once_are_drained() -> None:
    ingress = Ingress(frozenset({AUDIO}), 48000)
    arrivals = [*range(183), 186, 184, 185, *range(187, 200)]
    frames = played(each for index in arrivals for each in ingress.feed(packet(index), index * 0.02))
    assert frames[-1].timestamp == (199 - 4) * 960


@pytest.mark.parametrize("first", [[0], [0, 1], [0, 2, 1]])
def test_a_stream_that_begins_with_events(first: list[int]) -> None:
    ingress = Ingress(frozenset({AUDIO}), 48000)
    arrivals = [*first, *(index for index in range(4, 100) if index not in (30, 60, 61))]
    frames = played(
        each for index in arrivals for each in ingress.feed(packet(index, "e" if index < 3 else "a"), index * 0.02)
    )
    assert frames[-1].timestamp == (99 - 4) * 960


@pytest.mark.parametrize("share", [0.02, 0.05, 0.1])
def test_lost_audio_is_all_that_is_lost(share: float) -> None:
    dice = random.Random(4733)
    ingress = Ingress(frozenset({AUDIO}), 48000)
    arrived = [index for index in range(2000) if dice.random() >= share]
    frames = played(each for index in arrived for each in ingress.feed(packet(index), index * 0.02))
    assert [frame.timestamp // 960 for frame in frames] == arrived[: len(frames)]
    assert len(frames) == len(arrived) - 4
