"""The whole keyboard dials, unless a text field has the focus."""

from collections.abc import Hashable
from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

from dtmfphone.dtmf.keys import KEYS
from dtmfphone.gui.keypad import KeyButton
from dtmfphone.gui.keypad_model import KeypadModel

_CHORDS: Final = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
_ACTIVATORS: Final = (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Select)


class Keyboard(QObject):
    """Event filter for a top-level window: keys of the keyboard press keys of the keypad.

    A release is matched to its press by the physical key: with Shift let go first, `#` comes up as `3`.
    """

    def __init__(self, model: KeypadModel, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._down: set[Hashable] = set()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress:
                return self._press(event)
            if event.type() == QEvent.Type.KeyRelease:
                return self._release(event)
        return False

    def _press(self, event: QKeyEvent) -> bool:
        source = _physical(event)
        if event.isAutoRepeat():
            return source in self._down
        char = _key_for(event, QApplication.focusWidget())
        if char is None:
            return False
        self._down.add(source)
        self._model.press(char, source)
        return True

    def _release(self, event: QKeyEvent) -> bool:
        source = _physical(event)
        if source not in self._down:
            return False
        if not event.isAutoRepeat():
            self._down.discard(source)
            self._model.release(source, debounce=True)
        return True


def takes_text(widget: QWidget | None) -> bool:
    """Return whether what is typed belongs to the widget."""
    if isinstance(widget, QComboBox):
        return widget.isEditable()
    return isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit | QAbstractSpinBox)


def _key_for(event: QKeyEvent, focus: QWidget | None) -> str | None:
    if event.modifiers() & _CHORDS or takes_text(focus):
        return None
    if isinstance(focus, KeyButton) and event.key() in _ACTIVATORS:
        return focus.key.char
    char = event.text().upper()
    return char if char in KEYS else None


def _physical(event: QKeyEvent) -> Hashable:
    if event.nativeScanCode() > 1:
        return ("scan", event.nativeScanCode())
    return ("virtual", event.nativeVirtualKey()) if event.nativeVirtualKey() else ("key", event.key())
