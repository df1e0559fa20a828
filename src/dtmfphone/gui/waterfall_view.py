"""The waterfall: history of levels, newest on top, and the margin where keys are marked at their time."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsWidget, QStyleOptionGraphicsItem, QWidget

from dtmfphone.engine.events import Direction
from dtmfphone.gui.analyzer_model import LOWEST_DBM0, SPAN, STEP_DB, History
from dtmfphone.gui.spectrum_view import KeyFrequencyLines, plain_view, surface
from dtmfphone.gui.theme import Theme

_DARK_STOPS: Final = ((0.25, "#3a2063"), (0.5, "#a32c6e"), (0.75, "#f0763a"), (0.9, "#fbc04e"), (1.0, "#fdf6c8"))
_LIGHT_STOPS: Final = ((0.25, "#c9dff0"), (0.5, "#6fa8d6"), (0.75, "#2364a8"), (0.9, "#123a75"), (1.0, "#05132e"))
_SAME_PRESS: Final = 0.08
"""Seconds within which two marks of one key in one direction are one press."""
_LONGEST_LABEL: Final = 3
_MOST_MARKS: Final = 500
_LABEL_EDGE: Final = 8.0


def colour_stops(theme: Theme) -> tuple[tuple[float, QColor], ...]:
    """Return the colours of the waterfall, 0 (lowest level, the plot's own colour) to 1."""
    stops = _DARK_STOPS if theme.dark else _LIGHT_STOPS
    return ((0.0, QColor(surface(theme))), *((place, QColor(colour)) for place, colour in stops))


def lookup_table(theme: Theme, lowest: float, highest: float) -> NDArray[np.uint8]:
    """Return the colour of each of the history's 256 levels, shape (256, 3), for the level range shown (dBm0)."""
    stops = colour_stops(theme)
    places = [place for place, _ in stops]
    shade = (LOWEST_DBM0 + STEP_DB * np.arange(256) - lowest) / (highest - lowest)
    channels = [
        np.interp(shade, places, [getattr(colour, name)() for _, colour in stops]) for name in ("red", "green", "blue")
    ]
    return np.stack(channels, axis=1).astype(np.uint8)


class WaterfallView:
    """An image over a view whose x axis is in Hz and whose y axis is in seconds ago."""

    def __init__(self, frequencies: NDArray[np.float64]) -> None:
        self.view = plain_view()
        self.view.invertY(True)
        self.view.setYRange(0, SPAN, padding=0)
        self._frequencies = frequencies
        self._columns = slice(0, len(frequencies))
        self._placed: slice | None = None
        self._image = pg.ImageItem(axisOrder="row-major")
        self._image.setLevels((0, 255))
        self.view.addItem(self._image, ignoreBounds=True)
        self._lines = KeyFrequencyLines(self.view, alpha=120)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours for all but the image."""
        self.view.setBackgroundColor(surface(theme))
        self.view.setBorder(pg.mkPen(theme.border))
        self._lines.set_theme(theme)

    def set_colours(self, theme: Theme, lowest: float, highest: float) -> None:
        """Map this range of levels (dBm0) to colours, in what is shown already too."""
        self._image.setLookupTable(lookup_table(theme, lowest, highest))

    def set_band(self, low_hz: float, high_hz: float) -> None:
        """Show these frequencies."""
        first = int(np.searchsorted(self._frequencies, low_hz, "right")) - 1
        last = int(np.searchsorted(self._frequencies, high_hz)) + 1
        self._columns = slice(max(0, first), last)
        self.view.setXRange(low_hz, high_hz, padding=0)

    def show_history(self, history: History) -> None:
        """Draw the rows; each pixel stands in the middle of its bin and of its row."""
        image = history.image()[:, self._columns]
        self._image.setImage(np.ascontiguousarray(image), autoLevels=False)
        if self._placed != self._columns:
            shown = self._frequencies[self._columns]
            step = shown[1] - shown[0]
            row = SPAN / history.rows
            self._image.setRect(QRectF(shown[0] - step / 2, -row / 2, step * len(shown), SPAN))
            self._placed = self._columns


@dataclass
class Mark:
    """A key press in the margin."""

    start: float
    end: float
    text: str
    direction: Direction


class MarkStrip(QGraphicsWidget):
    """Key presses beside the waterfall: sent ones at the left edge with ↑, received ones at the right edge with ↓."""

    def __init__(self, font: QFont) -> None:
        super().__init__()
        self.marks: list[Mark] = []
        self._now: float | None = None
        self._metrics = QFontMetricsF(font)
        self._colours: dict[Direction, QColor] = {}
        self.setFont(font)
        self.setToolTip("Key presses: ↑ sent, ↓ received; the bar is the key's duration")

    def room(self) -> float:
        """Return the width in pixels that two labels side by side take."""
        return 2 * (_LABEL_EDGE + self._metrics.horizontalAdvance("↓#" + "0" * (_LONGEST_LABEL - 1)))

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._colours = {"sent": QColor(theme.sent), "received": QColor(theme.received)}
        self.update()

    def add(self, t: float, text: str, direction: Direction, duration: float) -> None:
        """Mark a press; another sighting of the same press widens its bar instead."""
        for mark in reversed(self.marks):
            overlaps = t < mark.end + _SAME_PRESS and t + duration > mark.start - _SAME_PRESS
            if (mark.text, mark.direction) == (text, direction) and overlaps:
                mark.start, mark.end = min(mark.start, t), max(mark.end, t + duration)
                break
        else:
            self.marks.append(Mark(t, t + duration, text, direction))
            self.marks = sorted(self.marks, key=lambda mark: mark.start)[-_MOST_MARKS:]
        self.update()

    def set_now(self, now: float | None) -> None:
        """Move everything to this session time, and forget what has left the waterfall."""
        self._now = now
        if now is not None and self.marks:
            self.marks = [mark for mark in self.marks if mark.end > now - SPAN - 1]
            self.update()

    def clear(self) -> None:
        """Forget all marks."""
        self.marks = []
        self.update()

    def labels(self) -> list[tuple[float, str, Direction]]:
        """Return time, text and direction of each label; presses too close to be written one by one share one."""
        height_seconds = self._metrics.height() / max(1.0, self.size().height()) * SPAN
        groups: dict[Direction, list[tuple[float, str]]] = {"sent": [], "received": []}
        for mark in self.marks:
            group = groups[mark.direction]
            if group and mark.start - group[-1][0] < height_seconds:
                group[-1] = (group[-1][0], group[-1][1] + mark.text)
            else:
                group.append((mark.start, mark.text))
        return [
            (t, text if len(text) <= _LONGEST_LABEL else text[: _LONGEST_LABEL - 2] + "…", direction)
            for direction, group in groups.items()
            for t, text in group
        ]

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        if self._now is None or not self.marks:
            return
        width, height = self.size().width(), self.size().height()
        scale = height / SPAN
        painter.setClipRect(QRectF(0, 0, width, height))
        for mark in self.marks:
            top, bottom = (self._now - mark.end) * scale, (self._now - mark.start) * scale
            left = 2.0 if mark.direction == "sent" else width - 5.0
            painter.fillRect(QRectF(left, top, 3.0, max(2.0, bottom - top)), self._colours[mark.direction])
        painter.setFont(self.font())
        for t, text, direction in self.labels():
            baseline = (self._now - t) * scale + self._metrics.descent()
            painter.setPen(self._colours[direction])
            if direction == "sent":
                painter.drawText(QPointF(_LABEL_EDGE, baseline), f"↑{text}")
            else:
                label = f"↓{text}"
                painter.drawText(QPointF(width - _LABEL_EDGE - self._metrics.horizontalAdvance(label), baseline), label)
