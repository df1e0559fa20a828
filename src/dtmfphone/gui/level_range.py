"""A slider with two handles for a range of levels, which is also the legend of the waterfall's colours."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from dtmfphone.gui.theme import DARK, Theme
from dtmfphone.gui.waterfall_view import colour_stops

LIMITS: Final = (-100.0, 3.0)
DEFAULT: Final = (-70.0, 0.0)
NARROWEST: Final = 15.0
"""dB between the handles, at least."""
_HANDLE: Final = 5


class LevelRange(QWidget):
    """Lowest and highest level shown, dBm0: drag a handle or the bar, or use the arrow keys (Shift: the upper one)."""

    rangeChanged = Signal(float, float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = DARK
        self._range: tuple[float, float] = DEFAULT
        self._grabbed: tuple[float, tuple[float, float], str] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(320)
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setAccessibleName("Level range")
        self._describe()

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest level shown."""
        return self._range

    def set_range(self, lowest: float, highest: float) -> None:
        """Show these levels, kept within the limits and apart."""
        lowest = min(max(lowest, LIMITS[0]), LIMITS[1] - NARROWEST)
        highest = max(min(highest, LIMITS[1]), lowest + NARROWEST)
        if (lowest, highest) != self._range:
            self._range = (lowest, highest)
            self._describe()
            self.update()
            self.rangeChanged.emit(lowest, highest)

    def set_theme(self, theme: Theme) -> None:
        """Use these colours."""
        self._theme = theme
        self.update()

    def _describe(self) -> None:
        shown = "{:.0f} to {:.0f} dBm0".format(*self._range).replace("-", "−")
        self.setAccessibleDescription(shown)
        self.setToolTip(f"Levels shown: {shown}. Drag an end, or between them; double-click for the default.")

    def sizeHint(self) -> QSize:
        return QSize(220, self.fontMetrics().height() + 10)

    def minimumSizeHint(self) -> QSize:
        return QSize(90, self.fontMetrics().height() + 8)

    def _bar(self) -> QRectF:
        left, right = (8.0, 8.0) if self._is_short() else (self._room("−100"), self._room("−70 dBm0"))
        return QRectF(left, self.height() / 2 - 5, self.width() - left - right, 10)

    def _room(self, text: str) -> float:
        return self.fontMetrics().horizontalAdvance(text) + 10.0

    def _is_short(self) -> bool:
        """Return whether there is no room for the two numbers, which the spectrum's axis shows too."""
        return self.width() < self._room("−100") + self._room("−70 dBm0") + 70

    def _x(self, level: float) -> float:
        bar = self._bar()
        return bar.left() + (level - LIMITS[0]) / (LIMITS[1] - LIMITS[0]) * bar.width()

    def _level(self, x: float) -> float:
        bar = self._bar()
        return LIMITS[0] + (x - bar.left()) / bar.width() * (LIMITS[1] - LIMITS[0])

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bar, theme = self._bar(), self._theme
        x0, x1 = (self._x(level) for level in self._range)
        gradient = QLinearGradient(x0, 0, x1, 0)
        for place, colour in colour_stops(theme):
            gradient.setColorAt(place, colour)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(gradient)
        painter.drawRoundedRect(bar, 3, 3)
        painter.setPen(QPen(QColor(theme.panel), 1))
        painter.setBrush(QColor(theme.accent if self.hasFocus() else theme.text))
        for x in (x0, x1):
            painter.drawRoundedRect(QRectF(x - _HANDLE / 2, bar.top() - 4, _HANDLE, bar.height() + 8), 2, 2)
        if self._is_short():
            return
        lowest, highest = (f"{level:.0f}".replace("-", "−") for level in self._range)
        middle = Qt.AlignmentFlag.AlignVCenter
        before = QRectF(0, 0, bar.left() - 8, self.height())
        after = QRectF(bar.right() + 8, 0, self.width() - bar.right() - 8, self.height())
        painter.setPen(QColor(theme.text))
        painter.drawText(before, Qt.AlignmentFlag.AlignRight | middle, lowest)
        painter.drawText(after, middle, f"{highest} dBm0")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        x = event.position().x()
        x0, x1 = (self._x(level) for level in self._range)
        near = 2 * _HANDLE
        if min(abs(x - x0), abs(x - x1)) > near and x0 < x < x1:
            part = "both"
        else:
            part = "lowest" if abs(x - x0) < abs(x - x1) else "highest"
        self._grabbed = (self._level(x), self._range, part)
        if part != "both":
            self._drag(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grabbed is not None:
            self._drag(event.position())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._grabbed = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self._grabbed = None
        self.set_range(*DEFAULT)

    def _drag(self, position: QPointF) -> None:
        assert self._grabbed is not None
        level = round(self._level(position.x()))
        start, (lowest, highest), part = self._grabbed
        if part == "lowest":
            self.set_range(min(level, highest - NARROWEST), highest)
        elif part == "highest":
            self.set_range(lowest, max(level, lowest + NARROWEST))
        else:
            shift = min(max(round(level - start), LIMITS[0] - lowest), LIMITS[1] - highest)
            self.set_range(lowest + shift, highest + shift)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -5, Qt.Key.Key_Right: 5}.get(Qt.Key(event.key()), 0)
        if not step:
            super().keyPressEvent(event)
            return
        lowest, highest = self._range
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.set_range(lowest, max(highest + step, lowest + NARROWEST))
        else:
            self.set_range(min(lowest + step, highest - NARROWEST), highest)
