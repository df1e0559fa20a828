"""Keys of a recording as a table for people."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table

from dtmfphone.engine.events import PASS, REASONS, RecordedKey, RecordedRejection, RecordingEvent

TITLES: Final = (
    *("Key", "Start", "ms", "Pause", "Low Hz", "off %", "High Hz", "off %"),
    *("dBm0", "Twist", "S/N", "Profiles"),
)
SUBJECT: Final = re.compile(r"(?:^|; )([a-z ]+?) [-+]?\d")
"""What a reason is about: the words before its first figure."""
UNVERIFIED: Final = "? A limit of this profile that was not checked against the standard itself."


class KeyTables:
    """Collects what is found in one file after the other and prints each file's tables and summary."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._found: dict[int, list[RecordingEvent]] = {}
        self._unverified = False
        self.digits = 0
        """In all files."""

    def add(self, event: RecordingEvent) -> None:
        """Take a finding."""
        self._found.setdefault(event.channel, []).append(event)

    def end_file(self, file: str, channels: int) -> None:
        """Print what was found in a file."""
        for channel in range(channels):
            name = f"{file}, {channel_name(channel, channels)}" if channels > 1 else file
            events = self._found.get(channel, [])
            if events:
                self._console.print(self._table(events))
            keys = [event.key for event in events if isinstance(event, RecordedKey)]
            self.digits += len(keys)
            self._console.print(f"{name}: {summary(keys)}", markup=False, soft_wrap=True)
        self._found = {}

    def end(self, files: int) -> None:
        """Print what holds for all files."""
        if files > 1:
            self._console.print(f"{files} files, {_count(self.digits)}")
        if self._unverified:
            self._console.print(UNVERIFIED, style="dim")

    def _table(self, events: Sequence[RecordingEvent]) -> Table:
        table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
        for title in TITLES[:-1]:
            table.add_column(title, justify="left" if title == "Key" else "right", no_wrap=True)
        table.add_column(TITLES[-1], overflow="fold", min_width=12)
        for event in events:
            table.add_row(*self._row(event), style="dim" if isinstance(event, RecordedRejection) else None)
        return table

    def _row(self, event: RecordingEvent) -> list[str]:
        last = _refusal(event) if isinstance(event, RecordedRejection) else compact(event.verdicts)
        self._unverified = self._unverified or "?" in last
        return [
            event.key,
            clock(event.start),
            f"{event.duration * 1000:.0f}",
            "" if event.pause is None else f"{event.pause * 1000:.0f}",
            *(_number(value, form) for value, form in ((event.low_hz, ".2f"), (event.low_deviation, "+z.2f"))),
            *(_number(value, form) for value, form in ((event.high_hz, ".2f"), (event.high_deviation, "+z.2f"))),
            f"{_number(event.low_dbm0, '.1f')}/{_number(event.high_dbm0, '.1f')}",
            _number(event.twist_db, "+z.1f"),
            _number(event.snr_db, ".0f"),
            last,
        ]


def summary(keys: Sequence[str]) -> str:
    """Return how many digits there are, and which."""
    return f"{_count(len(keys))}: {''.join(keys)}" if keys else "no digits."


def compact(verdicts: Mapping[str, str]) -> str:
    """Return `all pass`, or each profile that does not with what it finds fault with, as in `ntt: twist, tone`."""
    failed = []
    for name, words in verdicts.items():
        if words != PASS:
            subjects = dict.fromkeys("S/N" if found == "all the rest" else found for found in SUBJECT.findall(words))
            failed.append(f"{name}{'?' * ('unverified' in words)}: {', '.join(subjects)}")
    return "; ".join(failed) or "all pass"


def channel_name(channel: int, channels: int) -> str:
    """Return what people call a channel."""
    return ("left", "right")[channel] if channels == 2 else f"channel {channel}"


def clock(seconds: float) -> str:
    """Return a time as m:ss.mmm, from one hour on as h:mm:ss.mmm."""
    milliseconds = max(0, round(seconds * 1000))
    minutes, rest = divmod(milliseconds, 60_000)
    hours = f"{minutes // 60}:{minutes % 60:02}" if minutes >= 60 else f"{minutes}"
    return f"{hours}:{rest // 1000:02}.{rest % 1000:03}"


def _refusal(event: RecordedRejection) -> str:
    return f"refused: {REASONS[event.reason]}. {event.detail}".rstrip()


def _count(number: int) -> str:
    return f"{number} digit{'s' * (number != 1)}"


def _number(value: float | None, form: str) -> str:
    return "" if value is None else format(value, form)
