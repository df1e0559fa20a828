"""The line at the bottom: sound, HTTP endpoint, how well the engine keeps time."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.status_model import StatusModel
from dtmfphone.gui.widgets import Dot, ElidedLabel, set_tone


class StatusLine(QWidget):
    """Binds a `StatusModel`."""

    def __init__(self, model: StatusModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        font = scaled(self.font(), 0.9, tabular=True)
        self.dot = Dot(look)
        self.sound = ElidedLabel()
        self.server = QLabel()
        self.lateness = QLabel()
        for label in (self.sound, self.server, self.lateness):
            label.setFont(font)
            set_tone(label, "quiet")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(4, 0, 4, 0)
        layout.setSpacing(7)
        layout.addWidget(self.dot)
        layout.addWidget(self.sound, 1)
        layout.addWidget(self.server)
        layout.addSpacing(10)
        layout.addWidget(self.lateness)
        self.setFixedHeight(20)
        self._narrow = False
        model.changed.connect(self.refresh)
        self.refresh()

    def set_narrow(self, narrow: bool) -> None:
        """Show sound alone where room is short."""
        self._narrow = narrow
        self.refresh()

    def refresh(self) -> None:
        """Show the model."""
        model = self._model
        self.dot.set("warn" if model.sound_problem else "good" if model.sound else "muted")
        self.sound.set_whole(model.sound_text)
        set_tone(self.sound, "warn" if model.sound_problem else "quiet")
        self.server.setText(model.server_text)
        self.server.setVisible(bool(model.server_text) and not self._narrow)
        self.lateness.setText(model.lateness_text)
        self.lateness.setVisible(bool(model.lateness_text) and not self._narrow)
        details = (model.sound_text, model.server_text, model.lateness_text)
        self.setToolTip("\n".join(text for text in details if text))
