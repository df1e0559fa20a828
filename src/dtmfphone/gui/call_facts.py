"""The figures of a call: codec, events, packets, loss, jitter; whether it is encrypted."""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from dtmfphone.gui.call_model import CallModel
from dtmfphone.gui.icons import themed_icon
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.widgets import ElidedLabel, set_tone

FACTS: Final = {"Codec": 70, "Event PT": 80, "Packets": 86, "Loss": 40, "Jitter": 46}
"""Titles and shares of the width."""


class CallFacts(QWidget):
    """Shows a `CallModel` when told to; all that is known stands in its tool tip."""

    def __init__(self, model: CallModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self.values: dict[str, ElidedLabel] = {}
        self.titles: dict[str, ElidedLabel] = {}
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(6)
        layout.setVerticalSpacing(0)
        for column, (title, share) in enumerate(FACTS.items()):
            label = ElidedLabel(title)
            label.setFont(scaled(self.font(), 0.8))
            set_tone(label, "quiet")
            value = ElidedLabel("–")
            value.setFont(scaled(self.font(), 0.9, tabular=True))
            layout.addWidget(label, 0, column)
            layout.addWidget(value, 1, column)
            layout.setColumnStretch(column, share)
            self.values[title] = value
            self.titles[title] = label
        self.lock = QLabel()
        self.lock.setAccessibleName("Encrypted")
        layout.addWidget(self.lock, 0, 0, Qt.AlignmentFlag.AlignRight)
        look.changed.connect(self._draw_icons)
        self._draw_icons()

    def refresh(self) -> None:
        """Show the model."""
        for title, text in self._model.facts.items():
            self.values[title].set_whole(text)
            self.values[title].setAccessibleName(f"{title} {text}")
        media, junk = self._model.media, self._model.junk_text
        self.lock.setVisible(media is not None and media.secure)
        self.titles["Packets"].set_whole(f"Packets · {junk}" if junk else "Packets")
        set_tone(self.titles["Packets"], "warn" if junk else "quiet")
        remote = f"Audio goes to {media.remote}" if media and media.remote else ""
        tips = (self._model.media_text, remote, self._model.statistics_text)
        self.setToolTip("\n".join(tip for tip in tips if tip))

    def _draw_icons(self) -> None:
        self.lock.setPixmap(themed_icon("lock", self._look.theme, 12).pixmap(QSize(12, 12)))
