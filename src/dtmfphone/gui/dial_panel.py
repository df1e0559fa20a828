"""Dial string, queue, method and durations."""

from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.engine.commands import Method
from dtmfphone.engine.masking import MASK
from dtmfphone.gui.call_model import CallModel
from dtmfphone.gui.dial_model import DialModel
from dtmfphone.gui.icons import themed_icon
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.widgets import Card, ElidedLabel, set_compact, set_tone

METHODS: Final[tuple[tuple[Method, str, str], ...]] = (
    ("auto", "Automatic", "RFC 4733 if the far end answered it, else SIP INFO, else tones in the audio"),
    ("rfc4733", "RFC 4733", "Telephone-events in RTP packets of their own, beside the audio"),
    ("info", "INFO relay", "SIP INFO with application/dtmf-relay: one request per key, with its length"),
    ("info-dtmf", "INFO dtmf", "SIP INFO with application/dtmf: one request per key, the digit alone"),
    ("inband", "In-band", "Tones mixed into the audio, as a telephone makes them"),
)
HINT: Final = "Digits, * # A–D;  , pauses 2 s;  w waits for the far end"
HELP: Final = "0–9 * # A–D are keys; a comma pauses 2 s, p half a second, w waits for the far end"


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


class DialPanel(Card):
    """Binds a `DialModel`, and the method of a `CallModel`."""

    def __init__(self, model: DialModel, call: CallModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._call = call
        self._look = look
        self.edit = DialEdit(model, look)
        self.edit.setPlaceholderText("Dial string, e.g. 1234#,,5w67")
        self.edit.setAccessibleName("Dial string")
        self.edit.setClearButtonEnabled(False)
        self.edit.setToolTip(HELP)
        self.send = QPushButton("Send")
        self.send.setProperty("kind", "primary")
        self.send.setFixedWidth(66)
        self.stop = QPushButton()
        self.stop.setFixedWidth(34)
        self.stop.setStyleSheet("padding: 0;")
        self.stop.setAccessibleName("Stop")
        self.stop.setToolTip("End the tone and drop what is queued (Esc)")
        self.info = ElidedLabel()
        self.info.setFont(scaled(self.font(), 0.92))
        self.queue = QueueView(model, look)
        self.skip = QPushButton("Continue")
        self.skip.setProperty("kind", "small")
        self.skip.setToolTip("Go on without waiting for the far end (Ctrl+G)")
        self.method = QComboBox()
        self.method.setProperty("compact", True)
        self.method.setAccessibleName("Method")
        self.method.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for row, (method, title, tip) in enumerate(METHODS):
            self.method.addItem(title, method)
            self.method.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
        self.duration = _milliseconds("Tone ", 40, "Length of a dialled tone, 40 to 6000 ms")
        self.gap = _milliseconds("Gap ", 30, "Silence between dialled tones, 30 to 6000 ms")
        self._build()
        self.edit.textChanged.connect(model.set_text)
        self.edit.returnPressed.connect(self._send)
        self.send.clicked.connect(self._send)
        self.stop.clicked.connect(model.stop)
        self.skip.clicked.connect(model.skip_wait)
        self.method.activated.connect(lambda: call.set_method(self.method.currentData()))
        self.duration.setValue(model.duration_ms)
        self.gap.setValue(model.gap_ms)
        self.duration.valueChanged.connect(self._set_duration)
        self.gap.valueChanged.connect(self._set_gap)
        model.changed.connect(self.refresh)
        call.changed.connect(self._show_method)
        look.changed.connect(self._draw_icons)
        self._draw_icons()
        self._show_method()
        self.refresh()

    def set_masked(self, masked: bool) -> None:
        """Hide or show the digits of string and queue."""
        self.queue.masked = masked
        self.edit.setEchoMode(QLineEdit.EchoMode.Password if masked else QLineEdit.EchoMode.Normal)
        self.queue.update()

    def refresh(self) -> None:
        """Show the model."""
        model = self._model
        if self.edit.text() != model.text:
            self.edit.setText(model.text)
        problem = bool(model.problems)
        if self.edit.property("problem") != problem:
            self.edit.setProperty("problem", problem)
            self.edit.style().unpolish(self.edit)
            self.edit.style().polish(self.edit)
        self.edit.setToolTip(model.problems[0].detail if problem else HELP)
        self.edit.update()
        self.send.setEnabled(model.can_send)
        self.send.setToolTip("Send the dial string" if model.in_call else "Press Call first")
        self.stop.setEnabled(model.busy)
        self.skip.setVisible(model.waiting)
        self._line.setCurrentIndex(1 if model.busy and not problem and not model.hint else 0)
        text, tone = self._message()
        self.info.set_whole(text)
        set_tone(self.info, tone)

    def set_dense(self, dense: bool) -> None:
        """Save height, or not."""
        for widget in (self.edit, self.send, self.stop):
            set_compact(widget, dense)
        self._line.setFixedHeight(20 if dense else 24)
        self._layout.setContentsMargins(10, 6 if dense else 8, 10, 6 if dense else 8)
        self._layout.setSpacing(4 if dense else 5)

    def _message(self) -> tuple[str, str]:
        model = self._model
        if model.problems:
            return model.explanation, "bad"
        if model.hint:
            return model.hint, "warn"
        if model.state == "stopped":
            return model.reason or "Stopped.", "quiet"
        return HINT, "quiet"

    def _build(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.edit, 1)
        top.addWidget(self.send)
        top.addWidget(self.stop)
        self._line = QStackedWidget()
        self._line.addWidget(self.info)
        self._line.addWidget(self.queue)
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self._line, 1)
        middle.addWidget(self.skip)
        bottom = QHBoxLayout()
        bottom.setSpacing(8)
        bottom.addWidget(self.method, 110)
        bottom.addWidget(self.duration, 116)
        bottom.addWidget(self.gap, 112)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(top)
        self._layout.addLayout(middle)
        self._layout.addLayout(bottom)
        self.set_dense(False)

    def _draw_icons(self) -> None:
        self.stop.setIcon(themed_icon("stop", self._look.theme))

    def _show_method(self) -> None:
        index = self.method.findData(self._call.method)
        if index != self.method.currentIndex():
            self.method.setCurrentIndex(index)
        _, title, tip = METHODS[index]
        self.method.setToolTip(self._call.method_text or f"How keys are sent. {title}: {tip}")

    def _send(self) -> None:
        self._model.send()
        if self._model.can_send:
            self.edit.selectAll()

    def _set_duration(self, value: int) -> None:
        self._model.duration_ms = value

    def _set_gap(self, value: int) -> None:
        self._model.gap_ms = value


def _milliseconds(prefix: str, low: int, tip: str) -> QSpinBox:
    box = QSpinBox()
    box.setProperty("compact", True)
    box.setRange(low, 6000)
    box.setSingleStep(10)
    box.setPrefix(prefix)
    box.setSuffix(" ms")
    box.setToolTip(tip)
    box.setAccessibleName(tip.partition(",")[0])
    box.lineEdit().setTextMargins(6, 0, 0, 0)
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return box


def _wave(x: float, y: float, width: float) -> QPainterPath:
    path = QPainterPath()
    path.moveTo(x, y)
    step, up = 2.0, True
    while step <= width:
        path.lineTo(x + step, y - 2 if up else y)
        step, up = step + 2, not up
    return path
