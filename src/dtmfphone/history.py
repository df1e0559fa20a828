"""The calls that were made and missed."""

from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from dtmfphone.places import data_folder

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
        """Return the calls, the oldest first."""
        raise NotImplementedError

    def append(self, call: PastCall) -> None:
        """Add a call; raise OSError when the file cannot be written."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget all calls; raise OSError when the file cannot be removed."""
        raise NotImplementedError
