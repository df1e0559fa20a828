"""What is read of recordings in many forms, sound and faulty, and what is said of them."""

import random
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from recordings import RATE, digits, write

from dtmfphone.cli.recording import Recording, RecordingError
from dtmfphone.cli.recording_file import open_recording

KEYS = digits("4071#")


def read(path: Path, raw: int | None = None) -> tuple[NDArray[np.int16], Recording]:
    with open_recording(str(path), raw) as recording:
        return np.concatenate([np.empty((0, recording.channels), np.int16), *recording.blocks()]), recording


def problem(path: Path) -> str:
    """Return the one thing that is wrong with a file, opened or read."""
    try:
        (found,) = read(path)[1].problems
    except RecordingError as error:
        return str(error)
    return found


@pytest.mark.parametrize(
    ("codec", "error"),
    [
        ("pcm_s16le", 0),
        ("pcm_s24le", 0),
        ("pcm_s32le", 0),
        ("pcm_s64le", 0),
        ("pcm_f32le", 0),
        ("pcm_f64le", 0),
        ("pcm_u8", 256),
        ("pcm_mulaw", 600),
        ("pcm_alaw", 600),
    ],
)
def test_samples_of_every_width_come_out_the_same(tmp_path: Path, codec: str, error: int) -> None:
    left, right = KEYS, digits("28BD*")
    samples, recording = read(write(tmp_path / "a.wav", left, right, codec=codec))
    assert (recording.rate, recording.channels, recording.problems) == (RATE, 2, [])
    assert recording.seconds == pytest.approx(len(KEYS) / RATE)
    assert samples.shape == (len(KEYS), 2)
    assert np.abs(samples - np.stack([left, right], axis=1).astype(int)).max() <= error
    eight_bits = [remark for remark in recording.remarks if "8-bit" in remark]
    assert bool(eight_bits) == (codec == "pcm_u8")


@pytest.mark.parametrize(("name", "codec"), [("a.flac", "flac"), ("a.aiff", "pcm_s16be"), ("a.caf", "pcm_s16be")])
def test_other_containers(tmp_path: Path, name: str, codec: str) -> None:
    samples, recording = read(write(tmp_path / name, KEYS, codec=codec))
    assert np.array_equal(samples[:, 0], KEYS)
    assert recording.problems == []


@pytest.mark.parametrize(("name", "codec"), [("a.flac", "flac"), ("a.wav", "pcm_s64le"), ("a.mp4", "aac")])
def test_eight_channels(tmp_path: Path, name: str, codec: str) -> None:
    channels = [np.roll(np.tile(KEYS, 6), 100 * number) for number in range(8)]
    samples, recording = read(write(tmp_path / name, *channels, codec=codec, rate=48000))
    assert (recording.channels, recording.problems) == (8, [])
    if codec == "aac":
        assert len(samples) >= len(channels[0])
    else:
        assert np.array_equal(samples, np.stack(channels, axis=1))


def test_raw_samples(tmp_path: Path) -> None:
    path = tmp_path / "a.raw"
    path.write_bytes(KEYS.astype("<i2").tobytes())
    samples, recording = read(path, 11025)
    assert np.array_equal(samples[:, 0], KEYS)
    assert recording.rate == 11025
    path.write_bytes(KEYS.astype("<i2").tobytes() + b"\0")
    samples, recording = read(path, RATE)
    assert np.array_equal(samples[:, 0], KEYS)
    assert "middle of a sample" in recording.problems[0]


def test_what_follows_the_samples_of_a_wav_file_is_no_audio(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", KEYS)
    path.write_bytes(path.read_bytes() + b"LIST" + struct.pack("<I", 4000) + 4000 * b"x")
    samples, recording = read(path)
    assert (len(samples), recording.problems) == (len(KEYS), [])


def test_a_wav_file_whose_length_was_never_filled_in(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", KEYS)
    data = bytearray(path.read_bytes())
    place = data.index(b"data") + 4
    data[place : place + 4] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    samples, recording = read(path)
    assert (len(samples), recording.problems) == (len(KEYS), [])


@pytest.mark.parametrize(
    ("name", "codec", "left"),
    [
        ("a.wav", "pcm_s16le", 7001),
        ("a.wav", "pcm_f32le", 9001),
        ("a.wav", "pcm_mulaw", 3000),
        ("a.flac", "flac", -1500),
        ("a.mp3", "libmp3lame", 3000),
        ("a.ogg", "libopus", -100),
    ],
)
def test_a_file_that_is_cut_short_is_read_as_far_as_it_goes(tmp_path: Path, name: str, codec: str, left: int) -> None:
    path = write(tmp_path / name, *[np.tile(KEYS, 3)], codec=codec)
    whole = path.read_bytes()
    assert read(path)[1].problems == []
    path.write_bytes(whole[:left])
    samples, recording = read(path)
    (text,) = recording.problems
    assert "cut short" in text or "damaged packet" in text
    assert 0.1 < len(samples) / recording.rate < 3 * len(KEYS) / RATE


@pytest.mark.parametrize(("codec", "kind"), [("pcm_f32le", "<f4"), ("pcm_f64le", "<f8")])
def test_what_is_no_number_is_silence(tmp_path: Path, codec: str, kind: str) -> None:
    path = write(tmp_path / "a.wav", KEYS, KEYS, codec=codec)
    data = path.read_bytes()
    start = data.index(b"data") + 8
    samples = np.frombuffer(data[start:], kind).reshape(-1, 2).copy()
    samples[1000, 0] = np.nan
    samples[2000:2004, 0] = np.inf
    samples[2100, 0] = -np.inf  # 12 ms behind: what lies between is lost too
    samples[4000, 0] = 1e30  # loud, but a number
    path.write_bytes(data[:start] + samples.tobytes())
    found, recording = read(path)
    (text,) = recording.problems
    assert "6 samples" in text
    assert "0.125 s" in text
    expected = KEYS.copy()
    expected[1000] = 0
    expected[2000:2101] = 0
    expected[4000] = 32767
    assert np.array_equal(found[:, 0], expected)
    assert np.array_equal(found[:, 1], KEYS)


def test_a_title_that_is_not_utf_8_is_no_fault(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", KEYS, codec="pcm_f32le")
    data = path.read_bytes()
    assert data.count(b"Lavf") == 1
    path.write_bytes(data.replace(b"Lavf", b"\xe9\xff\xe9\xff"))
    samples, recording = read(path)
    assert (len(samples), recording.problems) == (len(KEYS), [])


def test_silence_is_told(tmp_path: Path) -> None:
    assert "silent" in problem(write(tmp_path / "a.wav", np.zeros(8000, np.int16)))
    assert "silent" in problem(write(tmp_path / "b.wav", np.zeros(8000, np.int16), codec="pcm_alaw"))
    quiet = np.zeros(8000, np.int16)
    quiet[4000] = 17
    assert read(write(tmp_path / "c.wav", quiet))[1].problems == []


def test_faulty_files_are_named_with_the_cause(tmp_path: Path) -> None:
    path = tmp_path / "a"
    assert "does not exist" in problem(path)
    assert "directory" in problem(tmp_path)
    path.touch()
    assert "empty" in problem(path)
    path.write_text("These are no samples.\n" * 100)
    assert "not audio" in problem(path)
    path.write_bytes(random.Random(1).randbytes(5000))
    assert "not audio" in problem(path)
    header = write(tmp_path / "b.wav", KEYS).read_bytes()
    path.write_bytes(header[:20])
    assert "not audio" in problem(path)
    assert "null" in problem(Path("a\0b"))


def test_a_header_without_samples(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", KEYS)
    header = path.read_bytes()[: path.read_bytes().index(b"data")]
    path.write_bytes(header + b"data" + bytes(4))
    assert "no samples" in problem(path)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        (22, b"\x00\x00", "0 channels"),
        (22, b"\xff\xff", "65535 channels"),
        (24, b"\x00\x00\x00\x00", "0 samples per second"),
        (24, struct.pack("<I", 2000), "too few"),
        (24, struct.pack("<I", 3_999_999_999), "no recorder"),
    ],
)
def test_headers_that_cannot_be(tmp_path: Path, field: int, value: bytes, words: str) -> None:
    path = write(tmp_path / "a.wav", KEYS)
    data = bytearray(path.read_bytes())
    data[field : field + len(value)] = value
    if field == 22:
        data[32:34] = struct.pack("<H", 2 * int.from_bytes(value, "little") & 0xFFFF)
    path.write_bytes(data)
    assert words in problem(path)


def test_damage_in_the_middle_is_silence(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(-8000, 8000, 5 * RATE).astype(np.int16)
    path = write(tmp_path / "a.flac", noise, codec="flac")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    samples, recording = read(path)
    (text,) = recording.problems
    assert "counts as silence" in text
    assert len(samples) == len(noise)
    assert np.array_equal(samples[:RATE, 0], noise[:RATE])
    assert np.array_equal(samples[-RATE:, 0], noise[-RATE:])


def test_remarks(tmp_path: Path) -> None:
    assert "96000" in read(write(tmp_path / "a.wav", digits("1", 96000), rate=96000))[1].remarks[0]
    assert "6 channels" in read(write(tmp_path / "b.wav", *[KEYS] * 6))[1].remarks[0]
    assert read(write(tmp_path / "c.wav", digits("1", 44100), rate=44100))[1].remarks == []


def test_hours_take_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.raw"
    with path.open("wb") as file:
        file.truncate(2 * RATE * 7200)
    tracemalloc.start()
    try:
        with open_recording(str(path), RATE) as recording:
            seconds = sum(len(block) for block in recording.blocks()) / RATE
        assert tracemalloc.get_traced_memory()[1] < 8_000_000
    finally:
        tracemalloc.stop()
    assert seconds == 7200


@pytest.mark.parametrize(
    ("name", "codec"), [("a.wav", "pcm_s16le"), ("b.wav", "pcm_f32le"), ("a.flac", "flac"), ("a.ogg", "libopus")]
)
def test_whatever_bytes_a_file_holds_only_one_error_leaves_the_reader(
    tmp_path: Path, name: str, codec: str, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = write(tmp_path / name, np.tile(KEYS, 3), codec=codec).read_bytes()
    chance = random.Random(f"{name} {codec}")
    path = tmp_path / f"broken-{name}"
    outcomes = set()
    for _ in range(150):
        data = bytearray(whole)
        zone = chance.choice((60, 200, len(data)))
        for _ in range(chance.choice((1, 3, 20))):
            data[chance.randrange(min(zone, len(data)))] = chance.randrange(256)
        path.write_bytes(data[: chance.randrange(len(data))] if chance.random() < 0.3 else data)
        try:
            with open_recording(str(path)) as recording:
                for block in recording.blocks():
                    assert block.dtype == np.int16
                    assert block.shape[1] == recording.channels
                    if recording.heard > 3600:
                        break
                outcomes.add("faults" if recording.problems else "read")
        except RecordingError:
            outcomes.add("refused")
    assert outcomes == {"faults", "read", "refused"}
    assert capfd.readouterr() == ("", "")
