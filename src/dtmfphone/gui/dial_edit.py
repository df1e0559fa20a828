"""Where a dial string is typed."""

from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QLineEdit, QWidget

from dtmfphone.gui.dial_model import DialModel
from dtmfphone.gui.look import Look


class DialEdit(QLineEdit):
    """A line in which the characters that cannot be dialled are underlined."""

    def __init__(self, model: DialModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._model.problems:
            return
        text, metrics = self.text(), QFontMetrics(self.font())
        cursor = self.cursorRect()
        origin = cursor.center().x() - metrics.horizontalAdvance(text[: self.cursorPosition()])
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.rect().adjusted(6, 0, -6, 0))
        painter.setPen(QPen(QColor(self._look.theme.bad), 1.5))
        y = cursor.center().y() + metrics.height() / 2 + 0.5
        for problem in self._model.problems:
            x = origin + metrics.horizontalAdvance(text[: problem.position])
            width = max(6, metrics.horizontalAdvance(text[problem.position : problem.position + 1]))
            painter.drawPath(_wave(x, y, width))
        painter.end()


def _wave(x: float, y: float, width: float) -> QPainterPath:
    path = QPainterPath()
    path.moveTo(x, y)
    step, up = 2.0, True
    while step <= width:
        path.lineTo(x + step, y - 2 if up else y)
        step, up = step + 2, not up
    return path
