"""The event log as a file: CSV or JSON lines."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from dtmfphone.engine.events import IvrStep, Sighting, SightingRejected, Utterance
from dtmfphone.gui.log_rows import Column, KeyEvent, LogEvent, cell, note, start_of

CSV_HEADER: Final = (
    "time_s",
    "side",
    "direction",
    "method",
    "key",
    "duration_ms",
    "volume_dbm0",
    "low_dbm0",
    "high_dbm0",
    "twist_db",
    "low_hz",
    "high_hz",
    "low_off_percent",
    "high_off_percent",
    "snr_db",
    "pause_ms",
    "verdicts",
    "refused",
    "words",
    "source",
    "confidence",
    "counts_as",
    "note",
)


def to_csv(events: Iterable[LogEvent]) -> str:
    """Return a CSV table (RFC 4180) with a header, one line per row, numbers without units."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(CSV_HEADER)
    writer.writerows(_csv_row(event) for event in events)
    return out.getvalue()


def to_json_lines(events: Iterable[LogEvent]) -> str:
    """Return one JSON object per line, in the form of the terminal's `--json`."""
    return "".join(msgspec.json.encode(event).decode() + "\n" for event in events)


def to_text(events: Iterable[LogEvent], columns: int) -> str:
    """Return rows as they are shown, cells separated by tabs, for the clipboard."""
    return "\n".join("\t".join(cell(event, column) for column in range(columns)) for event in events)


def save(events: Iterable[LogEvent], path: Path) -> None:
    """Write the rows as JSON lines if the name ends in `.jsonl` or `.json`, else as CSV; raise OSError."""
    form = to_json_lines if path.suffix.lower() in (".jsonl", ".json") else to_csv
    path.write_text(form(events), encoding="utf-8", newline="")


def _csv_row(event: LogEvent) -> list[str]:
    side = "ivr" if isinstance(event, IvrStep) else event.leg
    row = {"time_s": f"{start_of(event):.3f}", "side": side, "key": cell(event, Column.KEY), "note": note(event)}
    if isinstance(event, KeyEvent):
        row |= {"direction": event.direction, "method": event.method}
    if isinstance(event, Utterance):
        row |= _spoken(event)
    if isinstance(event, Sighting | SightingRejected):
        row |= {"duration_ms": f"{event.duration * 1000:.1f}"} | _tones(event)
    match event:
        case Sighting():
            row["verdicts"] = "; ".join(f"{name}: {words}" for name, words in event.verdicts.items())
            if event.volume is not None:
                row["volume_dbm0"] = str(-event.volume)
        case SightingRejected():
            row["refused"] = event.reason
    return [row.get(title, "") for title in CSV_HEADER]


def _spoken(event: Utterance) -> dict[str, str]:
    return {
        "direction": event.direction,
        "method": cell(event, Column.METHOD),
        "duration_ms": f"{event.duration * 1000:.1f}",
        "words": event.text,
        "source": event.source,
        "confidence": "" if event.confidence is None else f"{event.confidence:.2f}",
        "counts_as": event.keys,
        "note": event.note,
    }


def _tones(event: Sighting | SightingRejected) -> dict[str, str]:
    measured = {
        "low_dbm0": event.low_dbm0,
        "high_dbm0": event.high_dbm0,
        "twist_db": event.twist_db,
        "low_hz": event.low_hz,
        "high_hz": event.high_hz,
        "low_off_percent": event.low_deviation,
        "high_off_percent": event.high_deviation,
        "snr_db": event.snr_db,
        "pause_ms": None if event.pause is None else event.pause * 1000,
    }
    return {title: f"{number:z.2f}" for title, number in measured.items() if number is not None}
