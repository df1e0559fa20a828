"""The SIP trace as text or JSON lines."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from dtmfphone.engine.events import SignallingMessage
from dtmfphone.gui.trace_rows import heading


def to_text(messages: Iterable[SignallingMessage]) -> str:
    """Return the messages whole, each under a line that says when and between whom it passed."""
    return "\n".join(f"--- {heading(message)}\n{_whole(message)}\n" for message in messages)


def to_json_lines(messages: Iterable[SignallingMessage]) -> str:
    """Return one JSON object per line, in the form of the terminal's `--json`."""
    return "".join(msgspec.json.encode(message).decode() + "\n" for message in messages)


def save(messages: Iterable[SignallingMessage], path: Path) -> None:
    """Write the messages as JSON lines if the name ends in `.jsonl` or `.json`, else as text; raise OSError."""
    form = to_json_lines if path.suffix.lower() in (".jsonl", ".json") else to_text
    path.write_text(form(messages), encoding="utf-8", newline="")


def _whole(message: SignallingMessage) -> str:
    return message.text.replace("\r\n", "\n").rstrip("\n")
