import csv
import io
import json
from pathlib import Path

import pytest

from dtmfphone.engine.events import CallChanged, IvrStep, Sighting, SightingRejected, Utterance
from dtmfphone.gui.log_export import CSV_HEADER, save, to_csv, to_json_lines, to_text
from dtmfphone.gui.log_model import LogModel
from dtmfphone.gui.log_rows import LogEvent

TONE = Sighting(
    t=1.0,
    call="c",
    leg="ivr",
    id="2",
    direction="received",
    key="#",
    method="inband",
    start=0.9,
    duration=0.0856,
    low_hz=941.24,
    high_hz=1476.9,
    low_dbm0=-11.26,
    high_dbm0=-9.0,
    twist_db=2.26,
    low_deviation=0.0255,
    high_deviation=-0.0068,
    pause=0.07,
    verdicts={"att": "pass", "ntt": "twist +6.0 dB (limit +5)"},
    note='late, "odd"',
)
REFUSED = SightingRejected(
    t=1.5,
    call="c",
    leg="ivr",
    direction="received",
    key="#",
    method="inband",
    start=1.2,
    duration=0.022,
    low_hz=941.0,
    high_hz=1477.0,
    twist_db=-0.001,
    reason="too-short",
    detail="22 ms, 40 ms is the least.",
)
EVENTS: list[LogEvent] = [
    TONE,
    REFUSED,
    CallChanged(t=2.0, call="c", leg="phone", state="ended", reason="Over."),
    IvrStep(t=3.0, call="c", script="s", node="n", action="say", text="Hello,\nyou."),
    IvrStep(t=4.0, call="c", script="s", node="n", action="key", text="#", note="belated stop key, ignored"),
]


def test_csv_reads_back() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(EVENTS))))
    assert [len(row) for row in rows] == [len(CSV_HEADER)] * 5
    assert rows[0] == {
        "time_s": "0.900",
        "side": "ivr",
        "direction": "received",
        "method": "inband",
        "key": "#",
        "duration_ms": "85.6",
        "volume_dbm0": "",
        "low_dbm0": "-11.26",
        "high_dbm0": "-9.00",
        "twist_db": "2.26",
        "low_hz": "941.24",
        "high_hz": "1476.90",
        "low_off_percent": "0.03",
        "high_off_percent": "-0.01",
        "snr_db": "",
        "pause_ms": "70.00",
        "verdicts": "att: pass; ntt: twist +6.0 dB (limit +5)",
        "refused": "",
        "words": "",
        "source": "",
        "confidence": "",
        "counts_as": "",
        "note": 'late, "odd" · 941.2 + 1476.9 Hz · fails ntt',
    }
    refused = rows[1]
    assert (refused["key"], refused["refused"], refused["duration_ms"]) == ("#", "too-short", "22.0")
    assert (refused["twist_db"], refused["verdicts"]) == ("0.00", "")
    assert rows[2]["note"] == "Call ended. Over"
    assert rows[3]["note"] == "“Hello,\nyou.”"
    assert (rows[4]["key"], rows[4]["direction"], rows[4]["note"]) == ("#", "", "belated stop key, ignored")


def test_json_lines_are_the_events() -> None:
    lines = [json.loads(line) for line in to_json_lines(EVENTS).splitlines()]
    assert [line["event"] for line in lines] == ["key", "key-rejected", "call", "ivr", "ivr"]
    assert (lines[0]["key"], lines[0]["start"], lines[0]["duration"]) == ("#", 0.9, 0.0856)


def test_text_for_the_clipboard() -> None:
    assert to_text([TONE], 6) == "0:00.900\tIVR\t↓ received\tIn-band\t#\t86"


@pytest.mark.parametrize("form", [to_csv, to_json_lines, lambda events: to_text(events, 9)])
def test_hidden_digits_are_not_exported(qapp: object, form: object) -> None:
    model = LogModel()
    model.append(EVENTS)
    model.set_masked(True)
    assert callable(form)
    text = form(model.shown())
    assert "#" not in text
    assert "941" not in text


def test_the_name_chooses_the_form(tmp_path: Path) -> None:
    save(EVENTS, tmp_path / "a.jsonl")
    save(EVENTS, tmp_path / "a.csv")
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8").startswith('{"event"')
    assert (tmp_path / "a.csv").read_bytes().startswith(b"time_s,side")
    with pytest.raises(OSError, match="missing"):
        save(EVENTS, tmp_path / "missing" / "a.csv")


def test_spoken_words_have_columns_of_their_own() -> None:
    heard = Utterance(
        t=2.0,
        call="c",
        leg="ivr",
        direction="received",
        text="yes",
        source="pocketsphinx",
        start=1.25,
        duration=0.5,
        confidence=0.714,
        keys="1",
        note="asked back",
    )
    (row,) = csv.DictReader(io.StringIO(to_csv([heard])))
    assert {title: value for title, value in row.items() if value} == {
        "time_s": "1.250",
        "side": "ivr",
        "direction": "received",
        "method": "speech",
        "duration_ms": "500.0",
        "words": "yes",
        "source": "pocketsphinx",
        "confidence": "0.71",
        "counts_as": "1",
        "note": "asked back",
    }
    assert json.loads(to_json_lines([heard]))["confidence"] == 0.714
