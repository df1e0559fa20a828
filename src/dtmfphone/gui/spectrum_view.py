"""The spectrum: newest row as a filled curve, peak hold above it, and the eight DTMF frequencies named on top."""

from typing import Final

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsWidget, QStyleOptionGraphicsItem, QWidget

from dtmfphone.dtmf.keys import HIGH_HZ, LOW_HZ
from dtmfphone.gui.analyzer_model import Levels, Reading
from dtmfphone.gui.theme import Theme

DASHES: Final = {"low": [5.0, 3.0], "high": [1.0, 2.5]}
"""Told apart by dash, not only by colour."""
HEADROOM_DB: Final = 5.0
"""Shown above the highest level, so that a curve never touches the frame."""


def plain_view() -> pg.ViewBox:
    """Return a view that the mouse does not move and whose range nothing changes but us."""
    view = pg.ViewBox(enableMenu=False, defaultPadding=0.0)
    view.setMouseEnabled(False, False)
    view.disableAutoRange()
    return view


def surface(theme: Theme) -> str:
    """Return the colour behind the curves, which is also the waterfall's colour for silence."""
    return theme.bg if theme.dark else theme.panel


def group_of(hz: float) -> str:
    """Return `low` or `high` for one of the eight frequencies."""
    return "low" if hz in LOW_HZ else "high"


def line_pen(theme: Theme, group: str, alpha: int) -> QPen:
    """Return the pen of a frequency line: colour and dash of its group."""
    colour = QColor(theme.low if group == "low" else theme.high)
    colour.setAlpha(alpha)
    pen = QPen(colour, 0)
    pen.setDashPattern(DASHES[group])
    return pen


class KeyFrequencyLines:
    """The eight DTMF frequencies as vertical lines of a view."""

    def __init__(self, view: pg.ViewBox, alpha: int) -> None:
        self._alpha = alpha
        self._lines = {hz: pg.InfiniteLine(hz, angle=90, movable=False) for hz in LOW_HZ + HIGH_HZ}
        for line in self._lines.values():
            view.addItem(line, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        for hz, line in self._lines.items():
            line.setPen(line_pen(theme, group_of(hz), self._alpha))


class KeyFrequencyLabels(QGraphicsWidget):
    """The eight frequencies in Hz above their lines, in one or two rows; one that does not fit is left out."""

    def __init__(self, view: pg.ViewBox, font: QFont) -> None:
        super().__init__()
        self._view = view
        self._metrics = QFontMetricsF(font)
        self._colours: dict[str, QColor] = {}
        self.setFont(font)
        view.sigXRangeChanged.connect(lambda *_: self.update())
        self.set_rows(1)

    def set_rows(self, rows: int) -> None:
        """Take the height of one or two rows of text."""
        self._rows = rows
        self.setMinimumHeight(rows * self._metrics.height() + 1)
        self.setMaximumHeight(rows * self._metrics.height() + 1)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._colours = {"low": QColor(theme.low), "high": QColor(theme.high)}
        self.update()

    def places(self) -> list[tuple[float, QRectF]]:
        """Return frequency and rectangle of each label that fits."""
        (x0, x1), _ = self._view.viewRange()
        ends = [-1e9] * self._rows
        found: list[tuple[float, QRectF]] = []
        for place, hz in enumerate(LOW_HZ + HIGH_HZ):
            middle = (hz - x0) / (x1 - x0) * self.size().width()
            width = self._metrics.horizontalAdvance(f"{hz:.0f}")
            row = place % self._rows
            left = middle - width / 2
            if left > ends[row] + 2 and middle + width / 2 <= self.size().width() + 20:
                ends[row] = left + width
                found.append((hz, QRectF(left, row * self._metrics.height(), width, self._metrics.height())))
        return found

    def paint(self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None) -> None:
        painter.setFont(self.font())
        for hz, place in self.places():
            painter.setPen(self._colours[group_of(hz)])
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, f"{hz:.0f}")


class SpectrumView:
    """Curves over a view whose x axis is in Hz and whose y axis is in dBm0."""

    def __init__(self) -> None:
        self.view = plain_view()
        self._held = pg.PlotCurveItem(antialias=True)
        self._live = pg.PlotCurveItem(antialias=True)
        self._peaks = pg.ScatterPlotItem(size=7, pxMode=True)
        for item in (self._held, self._live):
            item.setSegmentedLineMode("off")
            self.view.addItem(item, ignoreBounds=True)
        self._lines = KeyFrequencyLines(self.view, alpha=170)
        self.view.addItem(self._peaks, ignoreBounds=True)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self.view.setBackgroundColor(surface(theme))
        self.view.setBorder(pg.mkPen(theme.border))
        fill = QColor(theme.accent)
        fill.setAlpha(60)
        self._live.setPen(pg.mkPen(theme.accent))
        self._live.setBrush(fill)
        self._held.setPen(pg.mkPen(theme.muted))
        self._peaks.setPen(pg.mkPen(theme.text))
        self._peaks.setBrush(QColor(surface(theme)))
        self._lines.set_theme(theme)

    def set_band(self, low_hz: float, high_hz: float) -> None:
        """Show these frequencies."""
        self.view.setXRange(low_hz, high_hz, padding=0)

    def set_levels(self, lowest: float, highest: float) -> None:
        """Show these levels."""
        self.view.setYRange(lowest, highest + HEADROOM_DB, padding=0)
        self._live.setFillLevel(lowest - 20)

    def set_hold(self, shown: bool) -> None:
        """Show or hide the peak hold."""
        self._held.setVisible(shown)

    def show_rows(self, frequencies: NDArray[np.float64], live: Levels, held: Levels, tone: Reading | None) -> None:
        """Draw the newest row, the peak hold and the peaks of the tone that sounds."""
        self._live.setData(frequencies, live, skipFiniteCheck=True)
        if self._held.isVisible():
            self._held.setData(frequencies, held, skipFiniteCheck=True)
        peaks = [QPointF(peak.hz, peak.dbm0) for peak in tone.peaks] if tone is not None else []
        if peaks or len(self._peaks.data):
            self._peaks.setData(pos=[(p.x(), p.y()) for p in peaks])
