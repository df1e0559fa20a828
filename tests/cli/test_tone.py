"""`dtmfphone tone` as a person or a script sees it: what is in the file, what the lines and exit codes say."""

import resource
import subprocess
import sys
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from dtmfphone.__main__ import main
from dtmfphone.dtmf.detector import Detector
from dtmfphone.dtmf.digits import DigitEnded
from dtmfphone.dtmf.keys import CODES
from dtmfphone.dtmf.levels import Pcm, power_dbm0, to_float


def read(path: Path) -> tuple[Pcm, int]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
        assert len(pcm) == file.getnframes()
        return pcm, file.getframerate()


def made(path: Path, *words: str) -> Pcm:
    assert main(["tone", *words, "-o", str(path)]) == 0
    return read(path)[0]


def heard(pcm: Pcm) -> list[DigitEnded]:
    detector = Detector()
    events = [*detector.feed(pcm), *detector.feed(np.zeros(4000, dtype=np.int16)), *detector.reset()]
    return [event for event in events if isinstance(event, DigitEnded)]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tone.wav"


def refused(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the last line of a run that ends with exit code 2."""
    with pytest.raises(SystemExit) as left:
        main(["tone", *words])
    assert left.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_the_detector_measures_what_was_asked_for(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--on", "82", "--off", "61", "--level", "-13", "--twist", "2.5", "--deviation", "1.2,-0.8"]
    pcm = made(file, CODES, *words)
    found = heard(pcm)
    assert "".join(digit.key for digit in found) == CODES
    for number, digit in enumerate(found):
        assert digit.onset == pytest.approx(0.061 + number * 0.143 + 0.0025, abs=0.001)  # half of the edge
        assert digit.duration == pytest.approx(0.082, abs=0.001)
        assert digit.low_deviation == pytest.approx(0.012, abs=1e-5)
        assert digit.high_deviation == pytest.approx(-0.008, abs=1e-5)
        assert digit.low_dbm0 == pytest.approx(-13.0, abs=0.02)
        assert digit.twist_db == pytest.approx(2.5, abs=0.02)
        assert digit.snr_db > 60
    assert len(pcm) == round((16 * 0.143 + 0.061) * 8000)
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (f"{file}: {CODES}, 16 keys in 2.349 s at 8000 Hz, low tones -13 dBm0, high tones -10.5 dBm0\n")


@pytest.mark.parametrize(
    ("profile", "on", "off", "twist"), [("q23", 0.1, 0.07, 0), ("etsi", 0.065, 0.065, 2), ("tia", 0.05, 0.05, 2)]
)
def test_a_profile_says_what_is_not_given(file: Path, profile: str, on: float, off: float, twist: float) -> None:
    first, second, third = heard(made(file, "159", "--profile", profile))
    assert second.onset - first.onset == pytest.approx(on + off, abs=0.002)
    assert second.duration == pytest.approx(on, abs=0.002)
    assert third.twist_db == pytest.approx(twist, abs=0.02)
    assert third.low_dbm0 == pytest.approx(-10, abs=0.02)
    (longer,) = heard(made(file, "1", "--profile", profile, "--on", "150", "--twist", "-1"))
    assert longer.duration == pytest.approx(0.15, abs=0.002)
    assert longer.twist_db == pytest.approx(-1.0, abs=0.02)


def test_what_the_sender_must_not_send_is_said(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(file, "15,9", "--profile", "etsi", "--off", "40", "--deviation=-2,0")
    assert capsys.readouterr().err.splitlines()[1] == (
        "Not what ETSI ES 201 235-2 lets a sender send: "
        "low tone -2.00 % off (limit 1.5 %, unverified); pause 40 ms (least 65)."
    )
    made(file, "1", "--noise", "15")
    assert "(least 20, unverified)" in capsys.readouterr().err
    made(file, "1", "--profile", "tia", "--deviation", "1.5", "--off", "1")
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_many_digits_are_not_all_repeated(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(file, "1" * 40)
    assert f": {'1' * 40}, 40 keys" in capsys.readouterr().err
    made(file, "1" * 41)
    assert f": {'1' * 37}..., 41 keys" in capsys.readouterr().err


def test_commas_pause_and_what_has_no_meaning_is_left_out(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second, third = heard(made(file, "(a) 1,p-2", "--off", "60"))
    assert second.onset - first.onset == pytest.approx(0.16, abs=0.002)
    assert third.onset - second.onset == pytest.approx(0.16 + 2.5, abs=0.002)
    assert ": A1,p2, 3 keys in 3.040 s at 8000 Hz" in capsys.readouterr().err


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100, 48000, 96000])
@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_rates_and_formats_hold_the_same_samples(tmp_path: Path, rate: int, suffix: str) -> None:
    path = tmp_path / f"tone{suffix}"
    assert main(["tone", "5", "--on", "1000", "--off", "0", "--edge", "0", "--rate", str(rate), "-o", str(path)]) == 0
    with av.open(str(path)) as container:
        assert container.streams.audio[0].rate == rate
        frames = [frame.to_ndarray().ravel().astype(np.float64) for frame in container.decode(audio=0)]
    x = np.concatenate(frames) / 32768
    assert len(x) == rate
    lines = np.abs(np.fft.rfft(x)) * 2 / rate  # one bin per Hz
    for hz in (770, 1336):
        assert power_dbm0(float(lines[hz] ** 2 / 2)) == pytest.approx(-10.0, abs=0.01)
        lines[hz] = 0
    assert power_dbm0(float(lines.max() ** 2 / 2)) < -105


def test_noise_has_its_ratio_and_its_seed(file: Path) -> None:
    words = ("5", "--on", "5000", "--off", "0", "--edge", "0", "--twist", "3")
    clean = to_float(made(file, *words))
    noisy = to_float(made(file, *words, "--noise", "12"))
    ratio = np.square(clean).mean() / np.square(noisy - clean).mean()
    assert 10 * np.log10(ratio) == pytest.approx(12.0, abs=0.1)
    assert np.array_equal(made(file, *words, "--noise", "12", "--seed", "0"), (noisy * 32768).astype(np.int16))
    assert not np.array_equal(made(file, *words, "--noise", "12", "--seed", "1"), (noisy * 32768).astype(np.int16))


def test_tones_beneath_go_on_through_pauses(file: Path) -> None:
    words = ("1,2", "--on", "300", "--off", "350")
    clean = to_float(made(file, *words)).astype(np.float64)

    def beneath(*more: str) -> dict[int, float]:
        """Levels by frequency, in whole cycles per file."""
        lines = np.abs(np.fft.rfft(to_float(made(file, *words, *more)) - clean)) * 2 / len(clean)
        return {
            int(hz): round(power_dbm0(float(lines[hz]) ** 2 / 2), 1) for hz in np.flatnonzero(lines > 1e-3).tolist()
        }

    seconds = len(clean) / 8000
    assert beneath() == {}
    found = beneath("--dial-tone", "400+500@-18", "--hum", "60@-24", "--dc", "2")
    assert {hz / seconds: level for hz, level in found.items()} == pytest.approx(
        {0: 3.14 + 20 * np.log10(0.04), 400: -18.0, 500: -18.0, 60: -24.0}, abs=0.1
    )


def test_interruption_begins_where_it_was_asked_for_in_each_tone(file: Path) -> None:
    words = ("19", "--on", "80", "--off", "50")
    clean, cut = made(file, *words), made(file, *words, "--gap", "10@25.5")
    for onset in (400, 1440):
        start = onset + 204
        assert not cut[start : start + 80].any()
        assert clean[start : start + 80].any()
        clean[start : start + 80] = 0
    assert np.array_equal(clean, cut)


def test_echo_and_overload(file: Path) -> None:
    words = ("4", "--on", "80", "--off", "50", "--level", "-9")
    clean = made(file, *words) / 32768
    late = made(file, *words, "--echo", "20@-10") / 32768
    assert late[160:] - clean[160:] == pytest.approx(10**-0.5 * clean[:-160], abs=2 / 32768)
    loud = made(file, *words, "--overload", "12") / 32768
    assert loud == pytest.approx(np.clip(10**0.6 * clean, -1, 1), abs=3 / 32768)
    assert (loud > 0.999).sum() > 50


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("5", "--on", "0"), "argument --on: 0 is not between 1 and 60000 ms"),
        (("5", "--off", "nan"), "argument --off: nan is not between 0 and 60000 ms"),
        (("5", "--level", "4"), "argument --level: 4 is not between -80 and 3 dBm0"),
        (("5", "--twist", "x"), "argument --twist: 'x' is no number"),
        (("5", "--deviation=1,30"), "argument --deviation: 30 is not between -20 and 20 percent"),
        (("5", "--rate", "4000"), "argument --rate: 4000 is not between 8000 and 192000"),
        (("5", "--rate", "8e3"), "argument --rate: '8e3' is no whole number"),
        (("5", "--gap", "10"), "argument --gap: '10' is not of the form MS@MS"),
        (("5", "--dial-tone", "9000@-10"), "argument --dial-tone: 9000 is not between 1 and 3999 Hz"),
        (("5", "--on", "3"), "--edge: 5 ms is too long for a tone of 3 ms: give an edge of 3 ms or less"),
        (("5", "--gap", "40@70"), "--gap: it ends 110 ms after the tone begins: end it within the 100 ms of the tone"),
        (("1w2",), "DIGITS: 'w' waits for the far end, and a file has none: use ',' (2 s) or 'p' (0.5 s)"),
        ((",",), "DIGITS: there is no key to send: use 0-9, *, # or A-D"),
        (("5", "--off", "60000", "--rate", "192000", "--on", "60000", ","), "unrecognized arguments: ,"),
        (
            ("1" * 200, "--off", "60000", "--rate", "192000", "--on", "60000"),
            "6.7 h at 192000 Hz do not fit into a WAV file: send fewer digits",
        ),
    ],
)
def test_wrong_words_name_the_flag(
    file: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], line: str
) -> None:
    assert refused(capsys, *words, "-o", str(file)).endswith(f"error: {line}")
    assert not file.exists()


def test_a_wrong_character_is_named_with_its_place(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "DIGITS: 'x' at position 2 is not allowed" in refused(capsys, "1x", "-o", str(file))


def test_another_format_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "neither .wav nor .flac" in refused(capsys, "1", "-o", str(tmp_path / "tone.mp3"))


def test_nothing_is_clipped_in_silence(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(file, "5", "--level", "-2.9")
    file.unlink()
    for words in (("--level", "-2"), ("--level", "-4", "--dial-tone", "-10"), ("--level", "-4", "--noise", "5")):
        line = refused(capsys, "5", *words, "-o", str(file))
        assert "dB beyond full scale: make the tones" in line
        assert "--overload 0" in line
    assert not file.exists()
    assert np.abs(made(file, "5", "--level", "-2", "--overload", "0")).max() == 32767


def test_a_file_is_replaced_only_when_the_new_one_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "tone.wav"
    before = made(path, "1")
    path.chmod(0o640)

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    words = [sys.executable, "-m", "dtmfphone", "tone", "2" * 100, "-o", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, preexec_fn=small, timeout=60)
    assert done.returncode == 1
    assert done.stderr == f"dtmfphone: {path} cannot be written: File too large. Make room, or write it elsewhere.\n"
    assert np.array_equal(read(path)[0], before)
    assert list(tmp_path.iterdir()) == [path]
    assert len(made(path, "2" * 100)) > len(before)
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "there.wav").symlink_to(tmp_path / "real.wav")
    pcm = made(tmp_path / "there.wav", "1")
    assert (tmp_path / "there.wav").is_symlink()
    assert np.array_equal(read(tmp_path / "real.wav")[0], pcm)


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_a_full_disk_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str], suffix: str) -> None:
    path = tmp_path / f"full{suffix}"
    path.symlink_to("/dev/full")
    assert main(["tone", "5" * 100, "-o", str(path)]) == 1
    assert capsys.readouterr().err == (
        f"dtmfphone: {path} cannot be written: No space left on device. Make room, or write it elsewhere.\n"
    )


def test_a_missing_folder_and_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tone", "5", "-o", str(tmp_path / "none" / "tone.wav")]) == 1
    assert capsys.readouterr().err == (
        f"dtmfphone: {tmp_path}/none/tone.wav cannot be written: there is no folder {tmp_path}/none. "
        "Make it first, or name another.\n"
    )
    (tmp_path / "tone.wav").mkdir()
    assert main(["tone", "5", "-o", str(tmp_path / "tone.wav")]) == 1
    assert "it is a folder. Name a file in it." in capsys.readouterr().err


def test_standard_output_takes_the_same_file_and_a_reader_may_leave(file: Path) -> None:
    made(file, "12#")
    words = [sys.executable, "-m", "dtmfphone", "tone", "12#", "-o", "-"]
    done = subprocess.run(words, capture_output=True, check=False, timeout=60)
    assert done.returncode == 0
    assert done.stdout == file.read_bytes()
    assert done.stderr.startswith(b"standard output: 12#, 3 keys")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr == (
        b"dtmfphone: standard output cannot be written: No space left on device. Make room, or write it elsewhere.\n"
    )
    words[4] = "1" * 5000
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stderr is not None
        assert running.stdout.read(4) == b"RIFF"
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 1
