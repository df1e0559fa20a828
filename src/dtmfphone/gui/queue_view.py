"""What is being sent of a dial string."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dtmfphone.engine.masking import MASK
from dtmfphone.gui.dial_model import DialModel
from dtmfphone.gui.look import Look, scaled


class QueueView(QWidget):
    """What is being sent: the key that sounds now, and what follows."""

    def __init__(self, model: DialModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self.masked = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        model.changed.connect(self._refresh)

    def sizeHint(self) -> QSize:
        return QSize(120, 24)

    def _refresh(self) -> None:
        model = self._model
        current, remaining = self._texts()
        doing = "Waiting for the far end" if model.waiting else f"Sending {current}"
        self.setAccessibleName(f"{doing}, then {remaining or 'nothing'}; {model.sent} sent")
        self.setToolTip(model.reason)
        self.update()

    def _texts(self) -> tuple[str, str]:
        current, remaining = self._model.current, self._model.remaining
        return (MASK * len(current), MASK * len(remaining)) if self.masked else (current, remaining)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._look.theme
        current, remaining = self._texts()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        small, loud = scaled(self.font(), 0.92), scaled(self.font(), 1.1, weight=QFont.Weight.DemiBold, tabular=True)
        lead = "Waiting" if self._model.waiting else f"{self._model.sent} sent"
        painter.setFont(small)
        painter.setPen(QColor(theme.warn if self._model.waiting else theme.muted))
        painter.drawText(self.rect(), middle, lead)
        x = float(QFontMetrics(small).horizontalAdvance(lead) + 10)
        metrics = QFontMetrics(loud)
        painter.setFont(loud)
        if current:
            box = QRectF(x, 1.5, max(22, metrics.horizontalAdvance(current) + 12), self.height() - 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.accent))
            painter.drawRoundedRect(box, 5, 5)
            painter.setPen(QColor(theme.on_accent))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), current)
            x = box.right() + 8
        spaced = " ".join(remaining)
        rest = QRectF(x, 0, max(0.0, self.width() - x), self.height())
        painter.setPen(QColor(theme.text))
        painter.drawText(rest, middle, metrics.elidedText(spaced, Qt.TextElideMode.ElideRight, int(rest.width())))
        painter.end()
