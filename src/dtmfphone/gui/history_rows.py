"""What a row of the history says."""

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from dtmfphone.gui.targets import short
from dtmfphone.history import Outcome, PastCall


class Column(IntEnum):
    """The history's columns, left to right."""

    TIME = 0
    DIRECTION = 1
    FAR_END = 2
    ACCOUNT = 3
    DURATION = 4
    RESULT = 5


TITLES: Final = ("Time", "", "Far end", "Account", "Duration", "Result")
RESULTS: Final[dict[Outcome, str]] = {
    "answered": "answered",
    "failed": "failed",
    "missed": "missed",
    "rejected": "rejected",
    "cancelled": "given up",
}


def cell(call: PastCall, column: int) -> str:
    """Return the text of one cell."""
    match column:
        case Column.TIME:
            return f"{call.began.astimezone():%d %b %H:%M}"
        case Column.FAR_END:
            return short(call.far_end)
        case Column.ACCOUNT:
            return call.account
        case Column.DURATION:
            return duration_text(call.duration) if call.outcome == "answered" else ""
        case Column.RESULT:
            return result(call)
    return ""


def result(call: PastCall) -> str:
    """Return how a call came out, and why."""
    words = RESULTS[call.outcome]
    return f"{words}: {call.reason.rstrip('.')}" if call.reason else words


def duration_text(seconds: float) -> str:
    """Return a duration as m:ss, or h:mm:ss."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def to_text(calls: Iterable[PastCall]) -> str:
    """Return the calls as lines, cells separated by tabs."""
    return "\n".join(
        "\t".join(
            (
                f"{call.began:%Y-%m-%d %H:%M:%S}",
                call.direction,
                call.far_end,
                call.account,
                cell(call, Column.DURATION),
                result(call),
            )
        )
        for call in calls
    )
