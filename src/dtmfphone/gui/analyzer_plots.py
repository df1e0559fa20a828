"""The analyzer's plots in one grid, so that spectrum, waterfall and key marks share their axes by construction.

          697  770  852  941       1209  1336 ...     names of the lines
dBm0   |  spectrum                               |
          700      900      1100    ...             | Hz
seconds|  waterfall                              | key marks
ago    |                                         |
"""

from typing import Final, NamedTuple

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter
from PySide6.QtWidgets import QGraphicsView

from dtmfphone.gui.analyzer_model import AnalyzerModel
from dtmfphone.gui.spectrum_view import KeyFrequencyLabels, SpectrumView
from dtmfphone.gui.theme import Theme
from dtmfphone.gui.waterfall_view import MarkStrip, WaterfallView

DTMF_BAND: Final = (600.0, 1700.0)
_AXIS_WIDTH: Final = 46


class Pointed(NamedTuple):
    """What lies under the mouse."""

    hz: float
    ago: float | None
    """Seconds ago in the waterfall; None in the spectrum."""


class AnalyzerPlots(QObject):
    """Spectrum above waterfall, and the cursor in both."""

    pointer_moved = Signal()

    def __init__(self, model: AnalyzerModel, font: QFont) -> None:
        super().__init__()
        self._model = model
        self._pointer: QPointF | None = None
        self.spectrum = SpectrumView()
        self.waterfall = WaterfallView(model.frequencies)
        self.labels = KeyFrequencyLabels(self.spectrum.view, font)
        self.marks = MarkStrip(font)
        level_axis, frequency_axis, time_axis = pg.AxisItem("left"), pg.AxisItem("bottom"), pg.AxisItem("left")
        self.axes = (level_axis, frequency_axis, time_axis)
        for axis, view in zip(self.axes, (self.spectrum.view, self.spectrum.view, self.waterfall.view), strict=True):
            axis.linkToView(view)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickFont=font, tickLength=-4, autoExpandTextSpace=False)
        level_axis.setLabel("dBm0")
        time_axis.setLabel("seconds ago")
        level_axis.setWidth(_AXIS_WIDTH)
        time_axis.setWidth(_AXIS_WIDTH)
        frequency_axis.setHeight(20)
        self._unit = pg.LabelItem("Hz", justify="left", size=f"{font.pointSizeF():.1f}pt")

        self._grid = pg.GraphicsLayoutWidget()
        self.widget: QGraphicsView = self._grid
        self.widget.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self.widget.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.widget.setMinimumSize(260, 120)
        self.widget.setAccessibleName("Spectrum above waterfall")
        for item, row, column in (
            (self.labels, 0, 1),
            (level_axis, 1, 0),
            (self.spectrum.view, 1, 1),
            (frequency_axis, 2, 1),
            (self._unit, 2, 2),
            (time_axis, 3, 0),
            (self.waterfall.view, 3, 1),
            (self.marks, 3, 2),
        ):
            self._grid.addItem(item, row, column)
        layout = self._grid.ci.layout
        layout.setContentsMargins(0, 0, 0, 5)
        layout.setSpacing(0)
        layout.setColumnFixedWidth(2, self.marks.room())
        layout.setRowStretchFactor(1, 2)
        layout.setRowStretchFactor(3, 3)

        self.cursor = tuple(pg.InfiniteLine(angle=angle, movable=False) for angle in (90, 90, 0))
        for line, view in zip(self.cursor, (self.spectrum.view, self.waterfall.view, self.waterfall.view), strict=True):
            line.setVisible(False)
            view.addItem(line, ignoreBounds=True)
        self.widget.viewport().installEventFilter(self)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours for all but the waterfall's levels."""
        self._grid.setBackground(theme.panel)
        for part in (self.spectrum, self.waterfall, self.labels, self.marks):
            part.set_theme(theme)
        for axis in self.axes:
            axis.setPen(theme.border)
            axis.setTextPen(theme.text)
            axis.setTickPen(theme.grid)
        for line in self.cursor:
            line.setPen(pg.mkPen(theme.muted))
        self._unit.setText("Hz", color=theme.text)

    def set_band(self, band: tuple[float, float]) -> None:
        """Show these frequencies."""
        self.labels.set_rows(1 if band == DTMF_BAND else 2)
        self.spectrum.set_band(*band)
        self.waterfall.set_band(*band)

    def draw(self) -> None:
        """Draw what the model holds now."""
        model = self._model
        tone = model.reading if model.sounding else None
        self.spectrum.show_rows(model.frequencies, model.live, model.held, tone)
        self.waterfall.show_history(model.history)
        self.marks.set_now(model.now)

    def pointed(self) -> Pointed | None:
        """Return what lies under the mouse, and draw the cursor there."""
        found: Pointed | None = None
        if self._pointer is not None:
            for view in (self.spectrum.view, self.waterfall.view):
                if view.sceneBoundingRect().contains(self._pointer):
                    place = view.mapSceneToView(self._pointer)
                    found = Pointed(place.x(), place.y() if view is self.waterfall.view else None)
        spectrum, waterfall, across = self.cursor
        for line in (spectrum, waterfall):
            line.setVisible(found is not None)
            if found is not None:
                line.setValue(found.hz)
        across.setVisible(found is not None and found.ago is not None)
        if found is not None and found.ago is not None:
            across.setValue(found.ago)
        return found

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
            self._pointer = self.widget.mapToScene(event.position().toPoint())
            self.pointer_moved.emit()
        elif event.type() == QEvent.Type.Leave:
            self._pointer = None
            self.pointer_moved.emit()
        return False
