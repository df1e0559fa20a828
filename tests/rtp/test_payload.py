"""Durations of payloads."""

import pytest

from dtmfphone.rtp.payload import units


@pytest.mark.parametrize("codec", ["pcmu", "pcma", "g722"])
def test_a_byte_is_a_unit(codec: str) -> None:
    assert (units(codec, bytes(160)), units(codec, b"")) == (160, 0)


@pytest.mark.parametrize(
    ("toc", "milliseconds"),
    [
        ("00", 10),
        ("08", 20),
        ("18", 60),
        ("59", 120),
        ("60", 10),
        ("68", 20),
        ("80", 2.5),
        ("98", 20),
        ("f8", 20),
        ("fc", 20),
        ("fd", 40),
        ("fe", 40),
        ("fb03", 60),
        ("fb06", 120),
        ("fb07", 0),
        ("fb", 0),
        ("", 0),
    ],
)
def test_opus_says_it_in_its_first_bytes(toc: str, milliseconds: float) -> None:
    assert units("opus", bytes.fromhex(toc)) == milliseconds * 48
