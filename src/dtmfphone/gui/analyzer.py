"""The analyzer pane: spectrum above waterfall on one frequency axis, for sent or received audio."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from dtmfphone.engine.display import DisplayRing
from dtmfphone.engine.events import Direction
from dtmfphone.gui.analyzer_model import BAND, AnalyzerModel, Reading
from dtmfphone.gui.analyzer_plots import DTMF_BAND, AnalyzerPlots, Pointed
from dtmfphone.gui.level_range import LevelRange
from dtmfphone.gui.look import scaled
from dtmfphone.gui.theme import Theme

FRAME_MS: Final = 33
"""30 frames per second."""


class AnalyzerPane(QFrame):
    """Spectrum, waterfall, key marks and read-outs of one direction, drawn 30 times a second while it is seen."""

    pausedChanged = Signal(bool)
    directionChanged = Signal(str)

    def __init__(self, display: DisplayRing, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("analyzer")
        self.model = AnalyzerModel(display)
        self._theme = theme
        self._watched: QWidget | None = None
        small = scaled(self.font(), 0.9, tabular=True)

        self.plots = AnalyzerPlots(self.model, small)
        self.plots.pointer_moved.connect(self._draw_cursor)
        self._build_controls()
        self._build_readouts(small)

        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 6)
        layout.setSpacing(4)
        layout.addLayout(self._controls)
        layout.addLayout(self._readouts)
        layout.addWidget(self.plots.widget, 1)
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
        self._levels.set_theme(theme)
        self.plots.set_theme(theme)
        self._set_levels(*self._levels.range)
        self._draw()

    def mark(self, t: float, text: str, direction: Direction, duration: float = 0.0) -> None:
        """Put a key press (session seconds) into the waterfall's margin; seen twice it is still one."""
        self.plots.marks.add(t, text, direction, duration)

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
        self.plots.widget.setVisible(not masked)
        self._veil.setVisible(masked)
        self._tone_label.setVisible(not masked)
        self._cursor_label.setVisible(not masked)

    def clear(self) -> None:
        """Forget what is shown: a new session begins."""
        self.model.clear()
        self.plots.marks.clear()
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
        self.plots.set_band(band)
        self._draw()

    def _set_levels(self, lowest: float, highest: float) -> None:
        self.plots.spectrum.set_levels(lowest, highest)
        self.plots.waterfall.set_colours(self._theme, lowest, highest)

    def _set_hold(self, shown: bool) -> None:
        self.plots.spectrum.set_hold(shown)
        self._draw()

    # Drawing

    def _draw(self) -> None:
        model = self.model
        self.plots.draw()
        text = _describe_tone(model.reading, self._theme, sounding=model.sounding, heard=model.now is not None)
        if text != self._tone_label.text():
            self._tone_label.setText(text)
        self._draw_cursor()

    def _draw_cursor(self) -> None:
        pointed = self.plots.pointed()
        text = "" if pointed is None else self._describe_pointed(pointed)
        if text != self._cursor_label.text():
            self._cursor_label.setText(text)

    def _describe_pointed(self, pointed: Pointed) -> str:
        if self.model.now is None:
            return f"{pointed.hz:.0f} Hz"
        t = self.model.now - (pointed.ago or 0.0)
        level = self.model.level_at(t, pointed.hz)
        shown = "" if level is None else f"   {_signed(level)} dBm0"
        return f"{t:.2f} s   {pointed.hz:.0f} Hz{shown}"

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

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowStateChange:
            self._run_or_rest()
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
        #analyzer {{ background: {theme.panel}; border: none; border-radius: 8px; }}
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
