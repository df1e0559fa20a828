"""`dtmfphone detect` as people and scripts see it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recordings import RATE, digits, write

from dtmfphone.__main__ import main
from dtmfphone.cli.key_table import clock, compact
from dtmfphone.dtmf.levels import to_int16
from dtmfphone.dtmf.profiles import RECEIVERS
from dtmfphone.dtmf.tones import sequence

Lines = list[dict[str, Any]]


def detect(*words: str, data: bytes = b"") -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(
        [sys.executable, "-m", "dtmfphone", "detect", *words], input=data, capture_output=True, check=False, timeout=60
    )


def lines(text: str | bytes) -> Lines:
    return [json.loads(line) for line in text.splitlines()]


def found(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, Lines, str]:
    """Run in this process; return the exit code, the events and what stands on standard error."""
    code = main(["detect", "--json", *words])
    out, err = capsys.readouterr()
    return code, lines(out), err


def keys(events: Lines, channel: int = 0) -> str:
    return "".join(event["key"] for event in events if event["event"] == "key" and event["channel"] == channel)


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("a.wav", "pcm_s16le", 8000),
        ("a.wav", "pcm_s16le", 11025),
        ("a.wav", "pcm_s16le", 22050),
        ("a.wav", "pcm_s16le", 44100),
        ("a.wav", "pcm_s16le", 48000),
        ("a.wav", "pcm_s16le", 96000),
        ("a.wav", "pcm_f32le", 16000),
        ("a.wav", "pcm_u8", 8000),
        ("a.wav", "pcm_mulaw", 8000),
        ("a.flac", "flac", 8000),
        ("a.mp3", "libmp3lame", 44100),
        ("a.ogg", "libopus", 48000),
    ],
)
def test_each_digit_is_a_line_with_its_times_and_measurements(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, codec: str, rate: int
) -> None:
    path = write(tmp_path / name, digits("4071#", rate), codec=codec, rate=rate)
    code, events, _ = found(capsys, str(path))
    assert (code, keys(events)) == (0, "4071#")
    for number, event in enumerate(events):
        assert (event["event"], event["method"], event["direction"]) == ("key", "inband", "received")
        assert (event["file"], event["channel"]) == (str(path), 0)
        assert event["start"] == pytest.approx(0.0825 + 0.16 * number, abs=0.003)
        assert event["duration"] == pytest.approx(0.08, abs=0.004)
        assert 0.024 < event["reported"] - event["start"] < 0.08
        assert event["reported"] * 50 == pytest.approx(round(event["reported"] * 50))
        assert set(event["verdicts"]) == set(RECEIVERS)
    first, last = events[0], events[-1]
    assert (first["low_hz"], first["high_hz"]) == pytest.approx((770, 1209), abs=0.2)
    assert (last["low_deviation"], last["high_deviation"]) == pytest.approx((0, 0), abs=0.02)
    assert (last["low_dbm0"], last["high_dbm0"], last["twist_db"]) == pytest.approx((-10, -10, 0), abs=0.7)
    assert last["snr_db"] > 12
    assert "pause" not in first
    assert last["verdicts"]["att"] == "pass"


def test_verdicts_say_why_a_profile_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tones = to_int16(np.asarray(sequence("5", 80, 80, RATE, twist_db=-7)))
    (event,) = found(capsys, str(write(tmp_path / "a.wav", tones)))[1]
    assert event["verdicts"]["att"] == "pass"
    assert event["verdicts"]["ntt"].startswith("twist -7.0 dB")


def test_frames_of_a_live_call_give_the_same_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noise = np.random.default_rng(2).normal(0, 300, 30 * RATE).astype(np.int16)
    noise[: len(digits("1234567890*#ABCD"))] += digits("1234567890*#ABCD")
    noise[-len(digits("42")) :] += digits("42")
    for rate, samples in ((RATE, noise), (11025, digits("77", 11025))):
        path = str(write(tmp_path / f"{rate}.wav", samples, rate=rate))
        code, events, _ = found(capsys, path)
        assert code == 0
        assert len(events) in (2, 18)
        assert found(capsys, "--stream", path)[1] == events


def test_what_was_refused_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [sequence("1", 80, 80), sequence("2", 20, 80), sequence("3", 80, 80, twist_db=-13), sequence("4", 80, 80)]
    path = str(write(tmp_path / "a.wav", to_int16(np.concatenate(parts))))
    assert keys(found(capsys, path)[1]) == "14"
    code, events, _ = found(capsys, "--rejected", path)
    assert (code, keys(events)) == (0, "14")
    assert [event["event"] for event in events] == ["key", "key-rejected", "key-rejected", "key"]
    _, short, twisted, _ = events
    assert (short["key"], short["reason"], short["direction"]) == ("2", "too-short", "received")
    assert short["duration"] == pytest.approx(0.02, abs=0.002)
    assert "20" in short["detail"]
    assert (twisted["key"], twisted["reason"]) == ("3", "twist")
    assert twisted["twist_db"] == pytest.approx(-13, abs=0.1)
    assert found(capsys, "--rejected", "--stream", path)[1] == events
    main(["detect", "--rejected", path])
    text = capsys.readouterr().out
    assert "refused: too short. " in text
    assert f"{path}: 2 digits: 14\n" in text


def test_channels_are_heard_apart_and_told_in_order_of_time(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    left = np.concatenate([digits("1", tone_ms=900), digits("23")])
    right = np.zeros_like(left)
    right[2000 : 2000 + len(digits("789"))] = digits("789")
    path = str(write(tmp_path / "a.wav", left, right))
    _, events, _ = found(capsys, path)
    assert (keys(events, 0), keys(events, 1)) == ("123", "789")
    starts = [event["start"] for event in events]
    assert starts == sorted(starts)
    assert [event["channel"] for event in events] == [0, 1, 1, 1, 0, 0]
    assert found(capsys, "--stream", path)[1] == events
    main(["detect", path])
    text = capsys.readouterr().out
    assert f"{path}, left: 3 digits: 123\n" in text
    assert f"{path}, right: 3 digits: 789\n" in text


def test_a_digit_at_the_very_end_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for rate in (8000, 44100):
        tone = digits("9", rate)[: round(0.14 * rate)]
        (event,) = found(capsys, str(write(tmp_path / "a.wav", tone, rate=rate)))[1]
        assert event["duration"] == pytest.approx(0.0575, abs=0.004)


def test_people_get_a_table_and_a_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tones = write(tmp_path / "a.wav", to_int16(np.asarray(sequence("71", 80, 80, RATE, twist_db=-7))))
    noise = write(tmp_path / "b.wav", np.random.default_rng(1).integers(-99, 99, RATE).astype(np.int16))
    assert main(["detect", str(tones), str(noise)]) == 0
    out, err = capsys.readouterr()
    table = [line.split() for line in out.splitlines()]
    assert table[0][:3] == ["Key", "Start", "ms"]
    assert (table[1][0], table[1][2]) == ("7", "80")
    assert table[1][1] in ("0:00.082", "0:00.083")
    assert "ntt: twist" in out
    assert f"{tones}: 2 digits: 71\n" in out
    assert f"{noise}: no digits.\n" in out
    assert "2 files, 2 digits\n" in out
    assert err == ""


def test_digits_can_be_hidden(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(write(tmp_path / "a.wav", digits("4071")))
    _, events, _ = found(capsys, "--mask", path)
    assert keys(events) == "••••"
    assert not any("low_hz" in event or "high_hz" in event for event in events)
    main(["detect", "--mask", path])
    text = capsys.readouterr().out
    assert "4 digits: ••••" in text
    assert "1209" not in text


def test_one_bad_file_does_not_stop_the_others(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, cut = write(tmp_path / "a.wav", digits("12")), write(tmp_path / "b.wav", digits("345"))
    cut.write_bytes(cut.read_bytes()[: 2 * RATE * 37 // 100])
    (tmp_path / "c.txt").write_text("hello")
    code, events, err = found(capsys, str(tmp_path / "c.txt"), str(cut), str(tmp_path), str(good))
    assert code == 1
    assert keys(events) == "3412"
    complaints = err.splitlines()
    assert [line.split(": ")[1] for line in complaints] == [str(tmp_path / "c.txt"), str(cut), str(tmp_path)]
    assert all(line.startswith("dtmfphone: ") for line in complaints)
    assert "cut short" in complaints[1]


def test_a_remark_is_no_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "a.wav", *[digits("12")] * 6, codec="pcm_u8")
    code, events, err = found(capsys, str(path))
    assert code == 0
    assert [keys(events, channel) for channel in range(6)] == ["12"] * 6
    assert "6 channels" in err
    assert "8-bit" in err


def test_what_is_no_number_never_makes_a_digit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every tenth sample invalid would turn one tone into pairs of tones."""
    t = np.arange(2 * RATE) / RATE
    tone = np.sin(2 * np.pi * 1477 * t)
    for period in (2, 3, 5, 10, 11, 12, 16):
        path = write(tmp_path / "a.wav", tone * 0.4, codec="pcm_f32le")
        data = path.read_bytes()
        start = data.index(b"data") + 8
        samples = np.frombuffer(data[start:], "<f4").copy()
        samples[::period] = np.nan
        samples[1::period] = np.inf
        path.write_bytes(data[:start] + samples.tobytes())
        code, events, err = found(capsys, str(path))
        assert (code, events) == (1, [])
        assert "no number" in err


def test_a_list_of_files(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{number}.wav", digits(number)) for number in "123"]
    listed = "".join(f"{path}\r\n\n" for path in paths)
    (tmp_path / "list").write_text(listed)
    done = detect("--json", "--files-from", str(tmp_path / "list"))
    assert (done.returncode, done.stderr, keys(lines(done.stdout))) == (0, b"", "123")
    done = detect("--json", str(paths[2]), "--files-from", "-", data=listed.encode())
    assert keys(lines(done.stdout)) == "3123"


def test_standard_input(tmp_path: Path) -> None:
    raw = detect("--json", "--raw", "8000", "-", data=digits("42").astype("<i2").tobytes())
    assert (raw.returncode, keys(lines(raw.stdout))) == (0, "42")
    assert lines(raw.stdout)[0]["file"] == "-"
    path = write(tmp_path / "a.flac", digits("77"), codec="flac")
    container = detect("--json", "-", data=path.read_bytes())
    assert (container.returncode, keys(lines(container.stdout))) == (0, "77")


def test_lines_come_while_a_pipe_is_open() -> None:
    words = [sys.executable, "-m", "dtmfphone", "detect", "--json", "--raw", "8000", "-"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(np.concatenate([digits("42"), np.zeros(4000, np.int16)]).astype("<i2").tobytes())
        process.stdin.flush()
        assert [json.loads(process.stdout.readline())["key"] for _ in "42"] == ["4", "2"]
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        message = process.stderr.read()
    assert message.startswith(b"dtmfphone: Stopped by you at 0.9 s of -")
    assert message.count(b"\n") == 1


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_reader_that_goes_away_is_no_news(tmp_path: Path, form: list[str]) -> None:
    path = write(tmp_path / "a.wav", np.tile(digits("5"), 400))
    words = [sys.executable, "-m", "dtmfphone", "detect", *form, *[str(path)] * 20]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(30) == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_full_disk_is_a_sentence(tmp_path: Path, form: list[str]) -> None:
    path = write(tmp_path / "a.wav", digits("5"))
    words = [sys.executable, "-m", "dtmfphone", "detect", *form, str(path)]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(words, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert done.stderr == (
        "dtmfphone: the output cannot be written: No space left on device. Make room, or write it elsewhere.\n"
    )


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"a\xff\n.wav")
    write(tmp_path / "a.wav", digits("5")).rename(path)
    done = detect("--json", str(path), str(path) + "x")
    (event,) = lines(done.stdout)
    assert event["file"].endswith("a\ufffd\\n.wav")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["--raw", "0", "a.raw"],
        ["--raw", "fast", "a.raw"],
        ["--files-from", "no such list"],
        ["-", "--files-from", "-"],
        ["-", "-"],
        ["--nonsense", "a.wav"],
    ],
)
def test_wrong_usage_is_exit_code_2(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(["detect", *words])
    assert exit_.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_it_starts_without_the_window_or_a_call() -> None:
    code = (
        "import sys; from dtmfphone.__main__ import main; main(['detect', '--json', 'no.wav']);"
        "print([name for name in ('PySide6', 'aiortc', 'aiohttp', 'av', 'rich') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "[]\n"


def test_hours_take_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.raw"
    with path.open("wb") as file:
        file.write(digits("5").astype("<i2").tobytes())
        file.truncate(2 * RATE * 3 * 3600)
    code = (
        "import resource, sys; from dtmfphone.__main__ import main;"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss;"
        f"main(['detect', '--json', '--raw', '8000', {str(tmp_path / 'short.raw')!r}]); before = peak();"
        f"main(['detect', '--json', '--raw', '8000', {str(path)!r}]); print(peak() - before)"
    )
    (tmp_path / "short.raw").write_bytes(path.read_bytes()[: 2 * RATE * 60])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    *events, grown = done.stdout.splitlines()
    assert [json.loads(event)["key"] for event in events] == ["5", "5"]
    assert int(grown) < 8_000  # kilobytes


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ({"att": "pass", "ntt": "pass"}, "all pass"),
        ({"att": "pass", "ntt": "twist -7.0 dB (limit -5)"}, "ntt: twist"),
        (
            {
                "att": "tone 30 ms (least 40); pause 20 ms (least 40); tone and pause 50 ms (least 93)",
                "brazil": "low level -30.0 dBm0 (least -25, unverified)",
                "tia464": "all the rest 10.8 dB below the tones (least 15)",
            },
            "att: tone, pause, tone and pause; brazil?: low level; tia464: S/N",
        ),
    ],
)
def test_verdicts_in_few_words(verdicts: dict[str, str], words: str) -> None:
    assert compact(verdicts) == words


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "0:00.000"), (61.2345, "1:01.234"), (3599.9999, "1:00:00.000"), (-0.004, "0:00.000")]
)
def test_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text
