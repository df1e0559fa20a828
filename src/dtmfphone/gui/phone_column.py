"""The phone: call bar, keypad, dial string and collector below each other."""

from typing import Final

from PySide6.QtCore import QEvent
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from dtmfphone.gui.call_bar import CallBar
from dtmfphone.gui.collector_panel import QWIDGETSIZE_MAX, CollectorPanel
from dtmfphone.gui.dial_panel import DialPanel
from dtmfphone.gui.keypad import Keypad

COLUMN_WIDTH: Final = 368
DENSE_HEIGHT: Final = 560
"""Below this height every row is low."""


class PhoneColumn(QWidget):
    """Of fixed width beside the panes, as wide as the window alone."""

    def __init__(self, call_bar: CallBar, keypad: Keypad, dial: DialPanel, collector: CollectorPanel) -> None:
        super().__init__()
        self._call_bar, self._keypad, self._dial, self._collector = call_bar, keypad, dial, collector
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.addWidget(call_bar)
        self._layout.addWidget(keypad, 3)
        self._layout.addWidget(dial)
        self._layout.addWidget(collector, 1)
        for card in (call_bar, dial):
            card.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_alone(False)

    def set_alone(self, alone: bool) -> None:
        """Take the whole window's width, or a fixed one."""
        self.setMinimumWidth(COLUMN_WIDTH)
        self.setMaximumWidth(QWIDGETSIZE_MAX if alone else COLUMN_WIDTH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        dense = self.height() < DENSE_HEIGHT
        self._call_bar.set_dense(dense)
        self._dial.set_dense(dense)
        for card in (self._call_bar, self._dial):
            if (layout := card.layout()) is not None:
                layout.activate()  # its new height is asked for below
        self._layout.setSpacing(6 if dense else 8)
        self._collector.set_room(self._room())

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self._collector.set_room(self._room())
        return done

    def _room(self) -> int:
        """Return how many pixels are left to the collector panel when the keypad is as small as it may be."""
        items = [self._layout.itemAt(i) for i in range(self._layout.count())]
        widgets = [item.widget() for item in items if item is not None]
        shown = [widget for widget in widgets if widget is not None and not widget.isHidden()]
        others = [widget for widget in shown if widget not in (self._keypad, self._collector)]
        used = sum(widget.sizeHint().height() for widget in others) + self._keypad.minimumHeight()
        return self.height() - used - self._layout.spacing() * (len(shown) - 1)
