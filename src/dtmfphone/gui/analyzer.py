"""The analyzer pane: spectrum above waterfall on one frequency axis, for sent or received audio."""

from typing import Final

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QHideEvent, QMouseEvent, QPainter, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import Direction
from dtmfphone.gui.analyzer_model import BAND, AnalyzerModel, Reading
from dtmfphone.gui.level_range import LevelRange
from dtmfphone.gui.look import scaled
from dtmfphone.gui.spectrum_view import KeyFrequencyLabels, SpectrumView
from dtmfphone.gui.theme import Theme
from dtmfphone.gui.waterfall_view import MarkStrip, WaterfallView

FRAME_MS: Final = 33
"""30 frames per second."""
DTMF_BAND: Final = (600.0, 1700.0)
_MARGIN: Final = 54
"""Width of the margin right of the plots, pixels."""


class AnalyzerPane(QFrame):
    """Spectrum, waterfall, key marks and read-outs of one direction, drawn 30 times a second while it is seen."""

    pausedChanged = Signal(bool)
    directionChanged = Signal(str)

    def __init__(self, display: DisplayRing, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("analyzer")
        self.model = AnalyzerModel(display)
        self._theme = theme
        self._pointer: QPointF | None = None
        self._watched: QWidget | None = None
        small = scaled(self.font(), 0.9, tabular=True)

        self._spectrum = SpectrumView()
        self._waterfall = WaterfallView(self.model.frequencies)
        self._labels = KeyFrequencyLabels(self._spectrum.view, small)
        self._marks = MarkStrip(small)
        self._build_controls()
        self._build_plots(small)
        self._build_readouts(small)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(self._controls)
        layout.addLayout(self._readouts)
        layout.addWidget(self._plots, 1)
        layout.addWidget(self._veil, 1)

        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.refresh)
        self.set_theme(theme)
        self._set_band(DTMF_BAND)

    # What the window uses

    def set_theme(self, theme: Theme) -> None:
        """Use these colours, in what is shown already too."""
        self._theme = theme
        self.setStyleSheet(_style(theme))
        self._plots.setBackground(theme.panel)
        for part in (self._spectrum, self._waterfall, self._labels, self._marks, self._levels):
            part.set_theme(theme)
        for axis in self._axes:
            axis.setPen(theme.border)
            axis.setTextPen(theme.text)
            axis.setTickPen(theme.grid)
        for line in self._cursor:
            line.setPen(pg.mkPen(theme.muted))
        self._unit.setText("Hz", color=theme.text)
        self._set_levels(*self._levels.range)
        self._draw()

    def mark(self, t: float, text: str, direction: Direction, duration: float = 0.0) -> None:
        """Put a key press (session seconds) into the waterfall's margin; seen twice it is still one."""
        self._marks.add(t, text, direction, duration)

    def select_direction(self, direction: Direction) -> None:
        """Show sent or received audio, its last ten seconds included."""
        (self._sent if direction == "sent" else self._received).setChecked(True)
        if direction != self.model.direction:
            self.model.select(direction)
            self.directionChanged.emit(direction)
            self._draw()

    def set_paused(self, paused: bool) -> None:
        """Freeze or go on with the display; the call does not notice."""
        self._pause.setChecked(paused)
        if paused != self.model.paused:
            self.model.paused = paused
            self.pausedChanged.emit(paused)
            self.refresh()

    @property
    def paused(self) -> bool:
        """Whether the display is frozen."""
        return self.model.paused

    def set_masked(self, masked: bool) -> None:
        """Cover everything that would give hidden digits away: tones, their frequencies and the key marks."""
        self._plots.setVisible(not masked)
        self._veil.setVisible(masked)
        self._tone_label.setVisible(not masked)
        self._cursor_label.setVisible(not masked)

    def clear(self) -> None:
        """Forget what is shown: a new session begins."""
        self.model.clear()
        self._marks.clear()
        self._draw()

    def refresh(self) -> None:
        """Take what is new and draw it, as the timer does; for whoever grabs a picture of a window never shown."""
        if self.model.pull():
            self._draw()

    # Parts

    def _build_controls(self) -> None:
        self._sent = _button("Sent", "Audio that this phone sends")
        self._received = _button("Received", "Audio that comes from the far end")
        self._received.setChecked(True)
        self._dtmf = _button("DTMF", "600 to 1700 Hz")
        self._voice = _button("Voice band", "300 to 3400 Hz")
        self._dtmf.setChecked(True)
        self._hold = _button("Peak hold", "The highest level of late, falling 12 dB per second")
        self._hold.setChecked(True)
        self._pause = _button("Pause", "Freeze the picture; the call goes on")
        self._levels = LevelRange()
        self._controls = QHBoxLayout()
        self._controls.setSpacing(8)
        self._controls.addLayout(self._segments(self._sent, self._received))
        self._controls.addLayout(self._segments(self._dtmf, self._voice))
        self._controls.addWidget(self._hold)
        self._controls.addWidget(self._pause)
        self._controls.addStretch(1)
        self._controls.addWidget(self._levels, 100)
        self._sent.clicked.connect(lambda: self.select_direction("sent"))
        self._received.clicked.connect(lambda: self.select_direction("received"))
        self._dtmf.clicked.connect(lambda: self._set_band(DTMF_BAND))
        self._voice.clicked.connect(lambda: self._set_band(BAND))
        self._hold.toggled.connect(self._set_hold)
        self._pause.toggled.connect(self.set_paused)
        self._levels.rangeChanged.connect(self._set_levels)

    def _segments(self, *buttons: QPushButton) -> QHBoxLayout:
        row, group = QHBoxLayout(), QButtonGroup(self)
        row.setSpacing(0)
        for place, button in enumerate(buttons):
            button.setProperty("segment", "first" if place == 0 else "last")
            group.addButton(button)
            row.addWidget(button)
        return row

    def _build_plots(self, font: QFont) -> None:
        self._plots = pg.GraphicsLayoutWidget()
        self._plots.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        self._plots.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plots.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._plots.setMinimumSize(260, 120)
        self._plots.setAccessibleName("Spectrum above waterfall")
        level_axis, time_axis = pg.AxisItem("left"), pg.AxisItem("left")
        frequency_axis = pg.AxisItem("bottom")
        self._axes = (level_axis, frequency_axis, time_axis)
        for axis, view in zip(
            self._axes, (self._spectrum.view, self._spectrum.view, self._waterfall.view), strict=True
        ):
            axis.linkToView(view)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(tickFont=font, tickLength=-4, autoExpandTextSpace=False)
        level_axis.setLabel("dBm0")
        time_axis.setLabel("seconds ago")
        for axis in (level_axis, time_axis):
            axis.setWidth(46)
        frequency_axis.setHeight(20)
        self._unit = pg.LabelItem("Hz", justify="left", size=f"{font.pointSizeF():.1f}pt")
        grid = self._plots.ci.layout
        grid.setContentsMargins(0, 0, 0, 5)
        grid.setSpacing(0)
        for item, row, column in (
            (self._labels, 0, 1),
            (level_axis, 1, 0),
            (self._spectrum.view, 1, 1),
            (frequency_axis, 2, 1),
            (self._unit, 2, 2),
            (time_axis, 3, 0),
            (self._waterfall.view, 3, 1),
            (self._marks, 3, 2),
        ):
            self._plots.addItem(item, row, column)
        grid.setColumnFixedWidth(2, _MARGIN)
        grid.setRowStretchFactor(1, 2)
        grid.setRowStretchFactor(3, 3)
        across = pg.InfiniteLine(angle=0, movable=False)
        self._cursor = (pg.InfiniteLine(angle=90, movable=False), pg.InfiniteLine(angle=90, movable=False), across)
        crossed = (self._spectrum.view, self._waterfall.view, self._waterfall.view)
        for line, view in zip(self._cursor, crossed, strict=True):
            line.setVisible(False)
            view.addItem(line, ignoreBounds=True)
        self._plots.viewport().installEventFilter(self)

    def _build_readouts(self, font: QFont) -> None:
        self._tone_label, self._cursor_label = QLabel(), QLabel()
        self._tone_label.setTextFormat(Qt.TextFormat.RichText)
        self._tone_label.setAccessibleName("Tone")
        self._cursor_label.setAccessibleName("Cursor")
        self._readouts = QHBoxLayout()
        for label, stretch in ((self._tone_label, 1), (self._cursor_label, 0)):
            label.setFont(font)
            label.setMinimumHeight(label.fontMetrics().height() + 2)
            self._readouts.addWidget(label, stretch)
        self._veil = QLabel("Digits are hidden, and tones would give them away.")
        self._veil.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._veil.setWordWrap(True)
        self._veil.hide()
        self._tone_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    # Choices

    def _set_band(self, band: tuple[float, float]) -> None:
        self._labels.set_rows(1 if band == DTMF_BAND else 2)
        self._spectrum.set_band(*band)
        self._waterfall.set_band(*band)
        self._draw()

    def _set_levels(self, lowest: float, highest: float) -> None:
        self._spectrum.set_levels(lowest, highest)
        self._waterfall.set_colours(self._theme, lowest, highest)

    def _set_hold(self, shown: bool) -> None:
        self._spectrum.set_hold(shown)
        self._draw()

    # Drawing

    def _draw(self) -> None:
        model = self.model
        tone = model.reading if model.sounding else None
        self._spectrum.show_rows(model.frequencies, model.live, model.held, tone)
        self._waterfall.show_history(model.history)
        self._marks.set_now(model.now)
        text = _describe_tone(model.reading, self._theme, sounding=model.sounding, heard=model.now is not None)
        if text != self._tone_label.text():
            self._tone_label.setText(text)
        self._draw_cursor()

    def _draw_cursor(self) -> None:
        text = ""
        in_spectrum = in_waterfall = False
        if self._pointer is not None:
            in_spectrum = self._spectrum.view.sceneBoundingRect().contains(self._pointer)
            in_waterfall = self._waterfall.view.sceneBoundingRect().contains(self._pointer)
        if self._pointer is not None and (in_spectrum or in_waterfall):
            view = self._spectrum.view if in_spectrum else self._waterfall.view
            place = view.mapSceneToView(self._pointer)
            text = self._describe_cursor(place, in_waterfall=in_waterfall)
            for line in self._cursor[:2]:
                line.setValue(place.x())
            if in_waterfall:
                self._cursor[2].setValue(place.y())
        for line, shown in zip(self._cursor, (text, text, in_waterfall), strict=True):
            line.setVisible(bool(shown))
        if text != self._cursor_label.text():
            self._cursor_label.setText(text)

    def _describe_cursor(self, place: QPointF, *, in_waterfall: bool) -> str:
        now, hz = self.model.now, place.x()
        if now is None:
            return f"{hz:.0f} Hz"
        t = now - place.y() if in_waterfall else now
        level = self.model.level_at(t, hz)
        shown = "" if level is None else f"   {_signed(level)} dBm0"
        return f"{t:.2f} s   {hz:.0f} Hz{shown}"

    # Life

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._watched is not self.window():
            if self._watched is not None:
                self._watched.removeEventFilter(self)
            self._watched = self.window()
            self._watched.installEventFilter(self)
        self._run_or_rest()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowStateChange:
            self._run_or_rest()
        elif watched is self._plots.viewport():
            if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseMove:
                self._pointer = self._plots.mapToScene(event.position().toPoint())
                self._draw_cursor()
            elif event.type() == QEvent.Type.Leave:
                self._pointer = None
                self._draw_cursor()
        return False

    def _run_or_rest(self) -> None:
        if self.isVisible() and not self.window().isMinimized():
            self.refresh()
            self._timer.start()
        else:
            self._timer.stop()


def _button(text: str, hint: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    button.setToolTip(hint)
    button.setAccessibleDescription(hint)
    return button


def _signed(value: float) -> str:
    return f"{round(value, 1) + 0.0:.1f}".replace("-", "−")


def _describe_tone(reading: Reading | None, theme: Theme, *, sounding: bool, heard: bool) -> str:
    if reading is None:
        hint = "No tone yet" if heard else "No audio yet: place a call"
        return f"<span style='color:{theme.muted}'>{hint}</span>"
    colours = (theme.low, theme.high) if sounding else (theme.muted, theme.muted)
    parts = [
        f"<span style='color:{colour}'><b>{peak.hz:.1f}</b> Hz {_signed(peak.dbm0)} dBm0</span>"
        for peak, colour in zip(reading.peaks, colours, strict=False)
    ]
    plain = theme.text if sounding else theme.muted
    if reading.key:
        parts.insert(0, f"<span style='color:{plain}'><b>{reading.key}</b></span>")
    if reading.twist_db is not None:
        sign = "" if round(reading.twist_db, 1) < 0 else "+"
        parts.append(f"<span style='color:{plain}'>twist {sign}{_signed(reading.twist_db)} dB</span>")
    if not sounding:
        parts.insert(0, f"<span style='color:{plain}'>last</span>")
    return " &nbsp; ".join(parts)


def _style(theme: Theme) -> str:
    return f"""
        #analyzer {{ background: {theme.panel}; border: 1px solid {theme.grid}; border-radius: 10px; }}
        #analyzer QLabel {{ color: {theme.text}; }}
        #analyzer QPushButton {{
            background: {theme.raised}; color: {theme.text}; border: 1px solid {theme.border};
            border-radius: 6px; padding: 0 8px; min-height: 22px;
        }}
        #analyzer QPushButton:hover {{ background: {theme.hover}; }}
        #analyzer QPushButton:checked {{
            background: {theme.accent}; color: {theme.on_accent}; border-color: {theme.accent};
        }}
        #analyzer QPushButton:focus {{ border: 1px solid {theme.text}; padding: 0 8px; }}
        #analyzer QPushButton[segment="first"] {{ border-top-right-radius: 0; border-bottom-right-radius: 0; }}
        #analyzer QPushButton[segment="last"] {{
            border-top-left-radius: 0; border-bottom-left-radius: 0; border-left: none;
        }}
    """
