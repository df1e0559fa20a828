"""The calls that were made and missed."""

import contextlib
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from dtmfphone.places import data_folder, write_file

FILE_NAME: Final = "history.jsonl"
LIMIT: Final = 500
"""Calls that are kept."""

Outcome = Literal["answered", "failed", "missed", "rejected", "cancelled"]


class PastCall(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A call that is over."""

    began: datetime
    """With its time zone."""
    direction: Literal["outgoing", "incoming"]
    far_end: str
    """Who was called, or who called; a target that can be called again."""
    account: str = ""
    """Name of the account, where there was one."""
    outcome: Outcome = "answered"
    """`missed`: came in and was not taken; `rejected`: refused here; `cancelled`: given up here before the answer."""
    reason: str = ""
    """Why it ended or failed, one sentence."""
    duration: float = 0.0
    """Seconds from the answer to the end."""


class History:
    """The last calls, one JSON object per line; damaged lines are passed over."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path if path is not None else data_folder() / FILE_NAME

    def all(self) -> tuple[PastCall, ...]:
        """Return the calls, the oldest first; raise OSError when the file cannot be read."""
        calls = []
        for line in self._read().splitlines():
            with contextlib.suppress(msgspec.MsgspecError):
                calls.append(msgspec.json.decode(line, type=PastCall))
        return tuple(calls[-LIMIT:])

    def append(self, call: PastCall) -> None:
        """Add a call; raise OSError when the file cannot be written."""
        old = self._read()
        lines = old.splitlines()
        new = msgspec.json.encode(call)
        if 0 < len(lines) < LIMIT and old.endswith(b"\n"):
            with self.path.open("ab") as file:
                file.write(new + b"\n")
        else:
            write_file(self.path, b"".join(line + b"\n" for line in [*lines[-(LIMIT - 1) :], new]))

    def clear(self) -> None:
        """Forget all calls; raise OSError when the file cannot be removed."""
        self.path.unlink(missing_ok=True)

    def _read(self) -> bytes:
        try:
            return self.path.read_bytes()
        except FileNotFoundError:
            return b""
