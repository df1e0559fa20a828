"""Where the built-in IVR answers: an address per way to call."""

from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.serve_model import OPEN_WARNING, ServeModel, host_of, is_loopback
from dtmfphone.gui.widgets import Dot, set_flag, set_kind, set_tone


@dataclass(frozen=True)
class Way:
    """A way to be called."""

    id: str
    title: str
    tip: str
    head: str
    tail: str
    place: str
    """Where it listens unless told otherwise."""


WAYS: Final = (
    Way("http", "Browsers (HTTP)", "WebRTC with a page to call from", "http://", "", "127.0.0.1:8080"),
    Way("sip", "Phones (SIP, UDP and TCP)", "Any SIP phone can call it", "sip:", "", "127.0.0.1:5060"),
    Way("tls", "Phones (SIP over TLS)", "With a certificate of its own", "sip:", ";transport=tls", "127.0.0.1:5061"),
    Way("rtp", "Bare RTP (PCMU)", "Audio without signalling", "rtp://", "?codec=PCMU", "127.0.0.1:4000"),
)


class ServeDialog(QDialog):
    """Binds a `ServeModel`; does not block the window."""

    def __init__(self, model: ServeModel, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle("Let the IVR answer calls")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.ivr = QComboBox()
        self.ivr.setProperty("compact", True)
        self.ivr.setAccessibleName("IVR")
        self.boxes: dict[str, QCheckBox] = {}
        self.places: dict[str, QLineEdit] = {}
        self._dots: dict[str, Dot] = {}
        self._states: dict[str, QLabel] = {}
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        label = QLabel("IVR")
        label.setBuddy(self.ivr)
        grid.addWidget(label, 0, 0)
        grid.addWidget(self.ivr, 0, 1)
        grid.setRowMinimumHeight(0, 40)
        for number, way in enumerate(WAYS):
            box, place, dot, state = QCheckBox(way.title), QLineEdit(way.place), Dot(look), QLabel()
            box.setToolTip(way.tip)
            place.setProperty("compact", True)
            place.setAccessibleName(f"Address for {way.title}")
            place.setMinimumWidth(190)
            state.setFont(scaled(self.font(), 0.88))
            state.setWordWrap(True)
            state.setTextFormat(Qt.TextFormat.PlainText)
            state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            row = 2 * number + 1
            grid.addWidget(box, row, 0)
            grid.addWidget(place, row, 1)
            grid.addWidget(dot, row, 2)
            grid.addWidget(state, row + 1, 1, 1, 2)
            box.toggled.connect(self._check)
            place.textChanged.connect(self._check)
            self.boxes[way.id], self.places[way.id] = box, place
            self._dots[way.id], self._states[way.id] = dot, state
        self.warning = QLabel()
        self.warning.setWordWrap(True)
        self.warning.setTextFormat(Qt.TextFormat.PlainText)
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("Close all addresses; calls that are up go on")
        self.start = QPushButton("Start")
        set_kind(self.start, "primary")
        self.start.setDefault(True)
        close = QPushButton("Close")
        for button in (self.stop, close):
            button.setAutoDefault(False)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        for button in (self.stop, self.start, close):
            buttons.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 20, 16)
        layout.setSpacing(10)
        layout.addLayout(grid)
        layout.addWidget(self.warning)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setMinimumWidth(480)
        self._take_choice()
        self.start.clicked.connect(self._start)
        self.stop.clicked.connect(model.stop)
        close.clicked.connect(self.close)
        model.changed.connect(self.refresh)
        self._check()

    @property
    def listen(self) -> tuple[str, ...]:
        """The addresses that are switched on."""
        return tuple(self._address(way) for way in WAYS if self.boxes[way.id].isChecked())

    def refresh(self) -> None:
        """Show how the addresses stand."""
        for way in WAYS:
            server = self._model.servers.get(self._address(way))
            dot, state = self._dots[way.id], self._states[way.id]
            dot.setVisible(server is not None)
            state.setVisible(server is not None)
            if server is not None:
                failed = server.state == "failed"
                dot.set("bad" if failed else "good")
                words = " ".join(part for part in (server.reason, server.remedy) if part) or "It failed."
                state.setText(words if failed else f"{server.ivr or 'The IVR'} answers at {server.url}")
                set_tone(state, "bad" if failed else "quiet")
        self.stop.setEnabled(self._model.serving)
        self.start.setText("Start anew" if self._model.serving else "Start")

    def _address(self, way: Way) -> str:
        return f"{way.head}{self.places[way.id].text().strip()}{way.tail}"

    def _take_choice(self) -> None:
        self.ivr.addItems(list(self._model.ivrs))
        self.ivr.setCurrentIndex(max(0, self.ivr.findText(self._model.ivr)))
        for way in WAYS:
            for address in self._model.listen:
                place = address.removeprefix(way.head).removesuffix(way.tail)
                if address == f"{way.head}{place}{way.tail}" and not {";", "?", "/"} & set(place):
                    self.places[way.id].setText(place)
                    self.boxes[way.id].setChecked(True)

    def _check(self) -> None:
        problem, open_to = "", ""
        for way in WAYS:
            wrong = False
            if self.boxes[way.id].isChecked():
                try:
                    host = host_of(self._address(way))
                except ValueError as error:
                    wrong, problem = True, problem or str(error)
                else:
                    open_to = open_to or ("" if is_loopback(host) else self.places[way.id].text().strip())
            set_flag(self.places[way.id], "problem", on=wrong)
            self.places[way.id].setEnabled(self.boxes[way.id].isChecked())
        self.warning.setText(problem or (OPEN_WARNING.format(open_to) if open_to else ""))
        self.warning.setVisible(bool(self.warning.text()))
        set_tone(self.warning, "bad" if problem else "warn")
        self.start.setEnabled(not problem and bool(self.listen))
        self.refresh()

    def _start(self) -> None:
        self._model.choose(self.listen, self.ivr.currentText())
        self._model.start()
