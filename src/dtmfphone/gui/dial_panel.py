"""What is sent as a whole: a dial string with method and durations, or words with a voice."""

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.engine.commands import Method
from dtmfphone.gui.call_model import CallModel
from dtmfphone.gui.dial_edit import DialEdit
from dtmfphone.gui.dial_model import DialModel
from dtmfphone.gui.icons import themed_icon
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.queue_view import QueueView
from dtmfphone.gui.say_box import SayBox
from dtmfphone.gui.say_model import SayModel
from dtmfphone.gui.widgets import Card, ElidedLabel, edit, set_compact, set_tone

METHODS: Final[tuple[tuple[Method, str, str], ...]] = (
    ("auto", "Automatic", "RFC 4733 if the far end answered it, else SIP INFO, else tones in the audio"),
    ("rfc4733", "RFC 4733", "Telephone-events in RTP packets of their own, beside the audio"),
    ("info", "INFO relay", "SIP INFO with application/dtmf-relay: one request per key, with its length"),
    ("info-dtmf", "INFO dtmf", "SIP INFO with application/dtmf: one request per key, the digit alone"),
    ("inband", "In-band", "Tones mixed into the audio, as a telephone makes them"),
)
HINT: Final = "Digits, * # A–D;  , pauses 2 s;  w waits for the far end"
HELP: Final = "0–9 * # A–D are keys; a comma pauses 2 s, p half a second, w waits for the far end"


class DialPanel(Card):
    """Binds a `DialModel`, the method of a `CallModel`, and a `SayModel`, to type for one of them at a time."""

    def __init__(
        self, model: DialModel, call: CallModel, say: SayModel, look: Look, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._model = model
        self._call = call
        self._say = say
        self.say_box = SayBox(say)
        self.words = QToolButton()
        self.words.setCheckable(True)
        self.words.setIconSize(QSize(18, 18))
        self.words.setAccessibleName("Words in place of keys")
        self.words.setToolTip("Say words (Ctrl+S) or send keys (Ctrl+L)")
        self._look = look
        self.edit = DialEdit(model, look)
        self.edit.setPlaceholderText("Dial string, e.g. 12#,,5w6")
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
        self.stop.setToolTip("End the tone or the words, and drop what is queued (Esc)")
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
        self.stop.clicked.connect(self._stop)
        self.skip.clicked.connect(model.skip_wait)
        self.method.activated.connect(lambda: call.set_method(self.method.currentData()))
        self.duration.setValue(model.duration_ms)
        self.gap.setValue(model.gap_ms)
        self.duration.valueChanged.connect(self._set_duration)
        self.gap.valueChanged.connect(self._set_gap)
        self.words.toggled.connect(self._switch)
        say.changed.connect(self.refresh)
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
        self.say_box.set_masked(masked)
        self.queue.update()

    def edit_keys(self) -> None:
        """Put the cursor into the dial string."""
        self.words.setChecked(False)
        edit(self.edit)

    def edit_words(self) -> None:
        """Put the cursor into the words to say."""
        self.words.setChecked(True)
        edit(self.say_box.edit)

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
        self.stop.setEnabled(model.busy or self._say.speaking)
        self.skip.setVisible(model.waiting)
        speaks = model.busy and (self.words.isChecked() or not (problem or model.hint))
        self._line.setCurrentIndex(1 if speaks else 0)
        text, tone = self._message()
        self.info.set_whole(text)
        set_tone(self.info, tone)

    def set_dense(self, dense: bool) -> None:
        """Save height, or not."""
        for widget in (self.edit, self.send, self.stop):
            set_compact(widget, dense)
        self.say_box.set_dense(dense)
        self._line.setFixedHeight(20 if dense else 24)
        self._layout.setContentsMargins(10, 6 if dense else 8, 10, 6 if dense else 8)
        self._layout.setSpacing(4 if dense else 5)

    def _message(self) -> tuple[str, str]:
        model = self._model
        if self.words.isChecked():
            return self._say.explanation, "warn" if self._say.problem else "quiet"
        if model.problems:
            return model.explanation, "bad"
        if model.hint:
            return model.hint, "warn"
        if model.state == "stopped":
            return model.reason or "Stopped.", "quiet"
        return HINT, "quiet"

    def _build(self) -> None:
        keys = QWidget()
        line = QHBoxLayout(keys)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(self.edit, 1)
        line.addWidget(self.send)
        self._inputs = QStackedWidget()
        self._inputs.addWidget(keys)
        self._inputs.addWidget(self.say_box.line)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.words)
        top.addWidget(self._inputs, 1)
        top.addWidget(self.stop)
        self._line = QStackedWidget()
        self._line.addWidget(self.info)
        self._line.addWidget(self.queue)
        middle = QHBoxLayout()
        middle.setSpacing(8)
        middle.addWidget(self._line, 1)
        middle.addWidget(self.skip)
        sending = QWidget()
        bottom = QHBoxLayout(sending)
        bottom.setContentsMargins(0, 0, 0, 0)
        bottom.setSpacing(8)
        bottom.addWidget(self.method, 110)
        bottom.addWidget(self.duration, 116)
        bottom.addWidget(self.gap, 112)
        self._layout = QVBoxLayout(self)
        self._layout.addLayout(top)
        self._layout.addLayout(middle)
        self._options = QStackedWidget()
        self._options.addWidget(sending)
        self._options.addWidget(self.say_box.options)
        self._layout.addWidget(self._options)
        self.set_dense(False)

    def _draw_icons(self) -> None:
        self.stop.setIcon(themed_icon("stop", self._look.theme))
        self.words.setIcon(themed_icon("say", self._look.theme))

    def _switch(self, words: bool) -> None:
        for stack in (self._inputs, self._options):
            stack.setCurrentIndex(int(words))
        if words:
            self._say.ask_voices()
        self.refresh()

    def _show_method(self) -> None:
        index = self.method.findData(self._call.method)
        if index != self.method.currentIndex():
            self.method.setCurrentIndex(index)
        _, title, tip = METHODS[index]
        self.method.setToolTip(self._call.method_text or f"How keys are sent. {title}: {tip}")

    def _stop(self) -> None:
        self._model.stop()
        self._say.stop()

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
