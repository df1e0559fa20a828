"""The phone: call bar, keypad, dial string and collector below each other."""

from typing import Final

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from dtmfphone.gui.call_bar import CallBar
from dtmfphone.gui.collector_panel import CollectorPanel
from dtmfphone.gui.dial_panel import DialPanel
from dtmfphone.gui.keypad import Keypad

COLUMN_WIDTH: Final = 368
ROOMY_HEIGHT: Final = 660
"""From this height on, the collector panel shows everything."""
DENSE_HEIGHT: Final = 560
"""Below this height every row is low."""


class PhoneColumn(QWidget):
    """Of fixed width beside the panes, as wide as the window alone."""

    def __init__(self, call_bar: CallBar, keypad: Keypad, dial: DialPanel, collector: CollectorPanel) -> None:
        super().__init__()
        self._call_bar, self._dial, self._collector = call_bar, dial, collector
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
        self.setMaximumWidth(16_777_215 if alone else COLUMN_WIDTH)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        dense = self.height() < DENSE_HEIGHT
        self._collector.set_compact(self.height() < ROOMY_HEIGHT)
        self._call_bar.set_dense(dense)
        self._dial.set_dense(dense)
        self._layout.setSpacing(6 if dense else 8)
