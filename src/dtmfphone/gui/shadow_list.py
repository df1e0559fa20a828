"""The shadow collectors below each other, and in a sentence where they differ."""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.shadow_model import ShadowModel
from dtmfphone.gui.shadow_row import LINE_HEIGHT, ROW_HEIGHT, ShadowRow
from dtmfphone.gui.shadow_words import Verdict, result_text
from dtmfphone.gui.widgets import ElidedLabel, set_tone

SENTENCE_HEIGHT: Final = 36
FOOT_HEIGHT: Final = 20
SPACING: Final = 4


def height_of(rows: int, *, compact: bool) -> int:
    """Return how high so many rows with their sentence are, in pixels."""
    return rows * LINE_HEIGHT + FOOT_HEIGHT + 2 if compact else rows * ROW_HEIGHT + SPACING + SENTENCE_HEIGHT


class ShadowList(QWidget):
    """Binds a `ShadowModel`; in little room a row is a line, and the IVR's own collector is one of them."""

    def __init__(self, model: ShadowModel, look: Look, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self._compact = False
        self._alone = False
        self.rows: list[ShadowRow] = []
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.sentence.setFixedHeight(SENTENCE_HEIGHT)
        self.line = ElidedLabel()
        for label in (self.sentence, self.line):
            label.setFont(scaled(self.font(), 0.92, tabular=True))
        self.title = QLabel("Shadow collectors")
        self.title.setFont(scaled(self.font(), 0.92, weight=QFont.Weight.DemiBold))
        self.head, self.button = tool_button(action), tool_button(action)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.head)
        foot = QHBoxLayout()
        foot.setSpacing(6)
        foot.addWidget(self.line, 1)
        foot.addWidget(self.button)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._layout = layout
        layout.addLayout(top)
        layout.addLayout(self._lines)
        layout.addWidget(self.sentence)
        layout.addLayout(foot)
        self._arrange()

    def set_room(self, *, compact: bool, alone: bool) -> None:
        """Use a line for each collector, or two; alone it has a title where there is room."""
        if (compact, alone) != (self._compact, self._alone):
            self._compact, self._alone = compact, alone
            self._arrange()

    def refresh(self, own: Verdict | None) -> None:
        """Show the model, and the IVR's own collector where that is one of the lines."""
        verdicts = ((own,) if own is not None else ()) + self._model.verdicts
        while len(self.rows) > len(verdicts):
            row = self.rows.pop()
            self._lines.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(verdicts):
            row = ShadowRow(self._look, self)
            row.set_compact(self._compact)
            self._lines.addWidget(row)
            row.show()
            self.rows.append(row)
        for row, verdict in zip(self.rows, verdicts, strict=True):
            row.show_verdict(verdict)
        self._compare()

    @property
    def ticking(self) -> bool:
        """Whether a timer runs."""
        return any(verdict.state.timer_running for verdict in self._model.verdicts)

    def tick(self) -> None:
        """Move the timers on."""
        for row in self.rows:
            row.tick()
        self._compare()

    @property
    def news(self) -> str:
        """What a screen reader should say: how each shadow ended, and where verdicts differ."""
        ends = [f"{v.name}: {result_text(v)}" for v in self._model.verdicts if v.event.state in ("done", "failed")]
        comparison = self._model.comparison
        return " ".join([*ends, comparison.text if comparison.final and comparison.differ else ""]).strip()

    def _compare(self) -> None:
        comparison = self._model.comparison
        tone = "warn" if comparison.differ else "quiet"
        sign = "≠  " if comparison.differ else ""
        if (text := sign + comparison.text) != self.sentence.text():
            self.sentence.setText(text)
            self.line.set_whole(sign + comparison.brief)
        for label in (self.sentence, self.line):
            set_tone(label, tone)

    def _arrange(self) -> None:
        for row in self.rows:
            row.set_compact(self._compact)
        self.sentence.setVisible(not self._compact)
        self.line.setVisible(self._compact)
        self.button.setVisible(self._compact)
        for widget in (self.title, self.head):
            widget.setVisible(self._alone and not self._compact)
        self._layout.setSpacing(2 if self._compact else SPACING)


def tool_button(action: QAction) -> QToolButton:
    """Return a small button for an action's icon."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(16, 16))
    button.setFixedSize(24, FOOT_HEIGHT)
    button.setProperty("line", True)
    return button
