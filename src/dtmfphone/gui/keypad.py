"""The keypad: sixteen keys with the frequencies of their rows and columns."""

from functools import partial
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from dtmfphone.dtmf.keys import HIGH_HZ, KEYS, LAYOUT, LOW_HZ, Key
from dtmfphone.gui.keypad_model import KeypadModel
from dtmfphone.gui.look import Look, scaled

LETTERS: Final = {
    "2": "ABC",
    "3": "DEF",
    "4": "GHI",
    "5": "JKL",
    "6": "MNO",
    "7": "PQRS",
    "8": "TUV",
    "9": "WXYZ",
    "0": "+",
}
SPOKEN: Final = {"*": "Star", "#": "Pound"}
SMALLEST: Final = 44
LARGEST: Final = 80
_GAP: Final = 5
_SIDE: Final = 32
"""Width of the row labels."""
_TOP: Final = 18
"""Height of the column labels."""
_ARROWS: Final = {
    int(Qt.Key.Key_Left): (0, -1),
    int(Qt.Key.Key_Right): (0, 1),
    int(Qt.Key.Key_Up): (-1, 0),
    int(Qt.Key.Key_Down): (1, 0),
}


class KeyButton(QAbstractButton):
    """One key: sounds while the mouse holds it, wherever the pointer wanders meanwhile."""

    moved = Signal(int, int)
    """An arrow key asks for the neighbour: rows down, columns right."""

    def __init__(self, key: Key, model: KeypadModel, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.key = key
        self._model = model
        self._look = look
        spoken = SPOKEN.get(key.char)
        self.setText(key.char)
        self.setAccessibleName(spoken or f"{'Digit' if key.char.isdigit() else 'Key'} {key.char}")
        self.setAccessibleDescription(f"{key.low_hz:.0f} and {key.high_hz:.0f} hertz")
        self.setToolTip(f"{key.char}: {key.low_hz:.0f} + {key.high_hz:.0f} Hz. Hold for a longer tone.")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMinimumSize(SMALLEST, SMALLEST)
        # click() and a screen reader's press action come this way, the mouse does not
        self.pressed.connect(partial(model.press, key.char, ("action", key.char)))
        self.released.connect(partial(model.release, ("action", key.char)))

    def sizeHint(self) -> QSize:
        return QSize(76, 54)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._model.press(self.key.char, self._mouse)
            event.accept()
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._model.release(self._mouse)
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._model.release(self._mouse)
        super().focusOutEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._model.release(self._mouse)
        super().hideEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _ARROWS:
            self.moved.emit(*_ARROWS[event.key()])
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        sounding = self.key.char in self._model.sounding
        surface = theme.accent if sounding else theme.hover if self.underMouse() else theme.raised
        ink = theme.on_accent if sounding else theme.text
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setBrush(QColor(surface))
        painter.setPen(QPen(QColor(theme.accent if sounding else theme.border), 1))
        painter.drawRoundedRect(box, 9, 9)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.on_accent if sounding else theme.accent), 2))
            inset = 3.5 if sounding else 1
            painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), 8, 8)
        letters = LETTERS.get(self.key.char, "")
        digit = QFont(self.font())
        digit.setPixelSize(round(self.height() * 0.38))
        digit.setWeight(QFont.Weight.DemiBold)
        small = QFont(self.font())
        small.setPixelSize(max(9, round(self.height() * 0.175)))
        small.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, 1.2)
        painter.setPen(QColor(ink))
        painter.setFont(digit)
        upper = QRectF(0, self.height() * (0.10 if letters else 0.0), self.width(), self.height() * 0.56)
        place = upper if letters else QRectF(self.rect())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), self.key.char)
        if letters:
            painter.setFont(small)
            painter.setPen(QColor(theme.on_accent if sounding else theme.muted))
            lower = QRectF(0, self.height() * 0.64, self.width(), self.height() * 0.26)
            painter.drawText(lower, int(Qt.AlignmentFlag.AlignCenter), letters)
        painter.end()

    @property
    def _mouse(self) -> tuple[str, str]:
        return ("mouse", self.key.char)


class Keypad(QWidget):
    """Four rows of four keys; one of them is in the tab order, arrow keys move between them."""

    def __init__(self, model: KeypadModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self.setAccessibleName("Keypad")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(_SIDE + 4 * SMALLEST + 3 * _GAP, _TOP + 4 * SMALLEST + 3 * _GAP)
        self.setMaximumHeight(_TOP + 4 * LARGEST + 3 * _GAP)
        self.buttons = {key.char: KeyButton(key, model, look, self) for key in KEYS.values()}
        for char, button in self.buttons.items():
            button.moved.connect(partial(self._move, char))
        self._home = self.buttons["1"]
        self._home.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self._home)
        model.changed.connect(self._repaint)

    def sizeHint(self) -> QSize:
        return QSize(_SIDE + 4 * 76 + 3 * _GAP, _TOP + 4 * 54 + 3 * _GAP)

    def set_home(self, button: KeyButton) -> None:
        """Make a key the one that the Tab key reaches."""
        if button is not self._home:
            self._home.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            self._home = button
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setFocusProxy(button)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        width = (self.width() - _SIDE - 3 * _GAP) / 4
        height = (self.height() - _TOP - 3 * _GAP) / 4
        for r, line in enumerate(LAYOUT):
            for c, char in enumerate(line):
                left, right = _SIDE + c * (width + _GAP), _SIDE + c * (width + _GAP) + width
                top, bottom = _TOP + r * (height + _GAP), _TOP + r * (height + _GAP) + height
                self.buttons[char].setGeometry(
                    round(left), round(top), round(right) - round(left), round(bottom) - round(top)
                )

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        lows = {KEYS[char].low_hz for char in self._model.sounding}
        highs = {KEYS[char].high_hz for char in self._model.sounding}
        painter = QPainter(self)
        plain = scaled(self.font(), 0.88, tabular=True)
        loud = scaled(self.font(), 0.92, weight=QFont.Weight.Bold, tabular=True)
        painter.setFont(scaled(self.font(), 0.82))
        painter.setPen(QColor(theme.muted))
        painter.drawText(QRectF(0, 0, _SIDE - 6, _TOP - 2), int(Qt.AlignmentFlag.AlignRight), "Hz")
        for r, hz in enumerate(LOW_HZ):
            beside = self.buttons[LAYOUT[r][0]].geometry()
            painter.setFont(loud if hz in lows else plain)
            painter.setPen(QColor(theme.low))
            box = QRectF(0, beside.top(), _SIDE - 6, beside.height())
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), f"{hz:.0f}")
        for c, hz in enumerate(HIGH_HZ):
            below = self.buttons[LAYOUT[0][c]].geometry()
            painter.setFont(loud if hz in highs else plain)
            painter.setPen(QColor(theme.high))
            box = QRectF(below.left(), 0, below.width(), _TOP - 2)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignHCenter), f"{hz:.0f}")
        painter.end()

    def _move(self, char: str, down: int, right: int) -> None:
        row = next(r for r, line in enumerate(LAYOUT) if char in line)
        column = LAYOUT[row].index(char)
        target = self.buttons[LAYOUT[(row + down) % 4][(column + right) % 4]]
        self.set_home(target)
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    def _repaint(self) -> None:
        self.update()
        for button in self.buttons.values():
            button.update()
