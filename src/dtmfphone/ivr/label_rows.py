"""Where labels of ways stand between two layers of boxes: in rows, each on its way, none on another."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

LABEL_HEIGHT: Final = 15.0
ROW: Final = 16.0
PAD: Final = 10.0
"""Between boxes and labels; it holds the heads of arrows."""
FEWEST: Final = 3
SPACE: Final = 6.0
"""Between two labels in a row."""
SHIFTS: Final = (0.0, -0.2, 0.2, -0.4, 0.4)
"""How far a label's middle may be from its way, in widths of the label."""
BEST: Final = 0.6
"""Where between two layers labels are best, from where their ways begin: there ways part from each other."""
_STEPS: Final = 64
_T: Final = tuple(step / _STEPS for step in range(_STEPS + 1))
_DOWN: Final = tuple(1.5 * t - 1.5 * t * t + t**3 for t in _T)
_ACROSS: Final = tuple(3 * t * t - 2 * t**3 for t in _T)


@dataclass
class Course:
    """A way between two layers: a curve from `above` to `below` that leaves and arrives upright.

    One with a width has a label of that width; `place_labels` sets its row and the middle of the label.
    """

    above: float
    below: float
    upward: bool = False
    width: float = 0.0
    row: int = 0
    middle: float = 0.0

    def x(self, part: float) -> float:
        """Return where the way is when it has come this part of its way across, 0 at the upper layer to 1."""
        return self.above + (self.below - self.above) * part


def across(down: float) -> float:
    """Return how far across a curve has come, 0 to 1, when it has come so far down."""
    step = min(max(bisect_left(_DOWN, down), 1), _STEPS)
    part = (down - _DOWN[step - 1]) / (_DOWN[step] - _DOWN[step - 1])
    return _ACROSS[step - 1] + part * (_ACROSS[step] - _ACROSS[step - 1])


def room(rows: int) -> float:
    """Return the height between two layers that holds so many rows."""
    return 2 * PAD + max(rows, FEWEST) * ROW


def row_top(row: int) -> float:
    """Return where a row's labels begin, below the upper layer."""
    return PAD + row * ROW + (ROW - LABEL_HEIGHT) / 2


def place_labels(courses: Sequence[Course]) -> int:
    """Give all labels between two layers their places; return the number of rows."""
    labelled = sorted((one for one in courses if one.width), key=lambda one: (one.above + one.below, one.above))
    rows = FEWEST
    while not _Rows(courses, rows).take(labelled):
        rows += 1 + rows // 4
    return rows


class _Rows:
    """A number of rows, and what stands in them."""

    def __init__(self, courses: Sequence[Course], count: int) -> None:
        height = room(count)
        self._middles = [(PAD + (row + 0.5) * ROW) / height for row in range(count)]
        self._parts = [across(middle) for middle in self._middles]
        self._taken: list[list[tuple[float, float]]] = [[] for _ in range(count)]
        edges = [across((PAD + row * ROW) / height) for row in range(count + 1)]
        ways = [[sorted((one.x(upper), one.x(lower))) for one in courses] for upper, lower in pairwise(edges)]
        self._lefts = [sorted(left for left, _ in row) for row in ways]
        """Where ways cross each row: their left ends there, and their right ends."""
        self._rights = [sorted(right for _, right in row) for row in ways]

    def take(self, labelled: Sequence[Course]) -> bool:
        """Give each label its place, and then a better one among the others; say whether there is enough room."""
        for course in labelled:
            if not self._place(course):
                return False
        for course in labelled:
            self._taken[course.row].remove(_ends(course.middle, course.width))
            self._place(course)
        return True

    def _place(self, course: Course) -> bool:
        found = []
        for row, part in enumerate(self._parts):
            for shift in SHIFTS:
                middle = course.x(part) + shift * course.width
                left, right = _ends(middle, course.width)
                if not self._meets(row, left - SPACE, right + SPACE):
                    found.append((self._cost(course, row, left, right) + 4.0 * abs(shift), row, middle))
        if found:
            _, course.row, course.middle = min(found)
            insort(self._taken[course.row], _ends(course.middle, course.width))
        return bool(found)

    def _meets(self, row: int, left: float, right: float) -> bool:
        """Return whether there is a label in a row between two places."""
        if not 0 <= row < len(self._taken):
            return False
        taken = self._taken[row]
        after = bisect_left(taken, (left, left))
        return (after > 0 and taken[after - 1][1] > left) or (after < len(taken) and taken[after][0] < right)

    def _cost(self, course: Course, row: int, left: float, right: float) -> float:
        """Return how bad a free place is: it hides ways, is close to labels above or below, or far from the best."""
        hidden = bisect_left(self._lefts[row], right) - bisect_right(self._rights[row], left)
        close = self._meets(row - 1, left, right) + self._meets(row + 1, left, right)
        off = abs(self._middles[row] - (1 - BEST if course.upward else BEST))
        return 3.0 * hidden + 1.5 * close + 20.0 * off**2


def _ends(middle: float, width: float) -> tuple[float, float]:
    return middle - width / 2, middle + width / 2
