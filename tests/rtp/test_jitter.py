"""Interarrival jitter, worked by hand from RFC 3550 section 6.4.1."""

import pytest

from dtmfphone.rtp.jitter import Jitter


def test_a_steady_stream_has_none() -> None:
    jitter = Jitter(48000)
    for n in range(100):
        jitter.add(n * 960, 7.0 + n * 0.02)
    assert jitter.seconds == pytest.approx(0)


def test_one_late_packet_counts_twice_and_decays() -> None:
    jitter = Jitter(8000)
    for n, late in enumerate((0.0, 0.016, 0.0, 0.0)):
        jitter.add(n * 160, n * 0.02 + late)
    first = 0.016 / 16
    second = first + (0.016 - first) / 16
    assert jitter.seconds == pytest.approx(second * 15 / 16)


def test_the_timestamp_wraps() -> None:
    jitter = Jitter(8000)
    jitter.add(2**32 - 160, 1.0)
    jitter.add(0, 1.02)
    assert jitter.seconds == pytest.approx(0)
