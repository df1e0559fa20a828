"""The event log as a file: CSV or JSON lines."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from dtmfphone.engine.events import IvrStep, Sighting, SightingStarted
from dtmfphone.gui.log_rows import LogEvent, cell, note, start_of

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
    row = [f"{start_of(event):.3f}", side]
    match event:
        case SightingStarted():
            row += [event.direction, event.method, event.key, *[""] * 7]
        case Sighting():
            volume = "" if event.volume is None else str(-event.volume)
            measured = (event.low_dbm0, event.high_dbm0, event.twist_db, event.low_hz, event.high_hz)
            numbers = ("" if number is None else f"{number:.2f}" for number in measured)
            row += [event.direction, event.method, event.key, f"{event.duration * 1000:.1f}", volume, *numbers]
        case _:
            row += [""] * 10
    return [*row, note(event)]
