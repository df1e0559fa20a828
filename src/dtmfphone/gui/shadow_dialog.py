"""Which shadow collectors watch the calls: modes and settings, in a small window that does not block."""

from typing import Final, Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from dtmfphone.engine.commands import LONGEST_SECONDS, MOST_DIGITS
from dtmfphone.gui.look import scaled
from dtmfphone.gui.shadow_choice import Field, ShadowChoice
from dtmfphone.gui.shadow_model import ShadowModel
from dtmfphone.gui.widgets import set_flag, set_kind, set_tone

INTRO: Final = "They watch the keys of every call, show what they make of them, and change nothing."
LIVEKIT_TIP: Final = (
    "It waits for the stop key or a pause even when all digits are in, and for the first digit for ever"
)
STANDARD_TIP: Final = "It ends as soon as all digits are in, and has a time for the first digit"
FOLLOW_TIP: Final = "Where an IVR of ours answers, they begin with each of its collections"
KEYS: Final[tuple[tuple[Literal["sent", "received"], str], ...]] = (
    ("sent", "Those that I send"),
    ("received", "Those that I receive"),
)
STEP: Final = 0.5
SHORTEST: Final = 0.1


class ShadowDialog(QDialog):
    """Binds a `ShadowModel`; what is wrong is said in place."""

    def __init__(self, model: ShadowModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle("Shadow collectors")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.livekit = _check("LiveKit: as GetDtmfTask of livekit-agents collects", LIVEKIT_TIP)
        self.standard = _check("Standard: as phone menus collect", STANDARD_TIP)
        self.follow = _check("Follow the script of the built-in IVR", FOLLOW_TIP)
        self.digits = _count("Digits", 1, MOST_DIGITS)
        self.seconds = _seconds("Between digits", SHORTEST)
        self.stop_keys = QLineEdit()
        self.stop_keys.setPlaceholderText("none")
        self.stop_keys.setProperty("compact", True)
        self.stop_keys.setAccessibleName("Stop keys")
        self.stop_keys.setToolTip("Keys that end a collection and are not stored; LiveKit knows one, the first")
        self.keys = QComboBox()
        self.keys.setProperty("compact", True)
        self.keys.setAccessibleName("Whose keys")
        self.keys.setToolTip("On calls of this phone; on a call that an IVR of ours answers, always the caller's")
        for value, title in KEYS:
            self.keys.addItem(title, value)
        self.confirm = _check("The digits are read back and confirmed", "With 1 or 2 in standard mode")
        self.min_digits = _count("At least", -1, MOST_DIGITS)
        self.min_digits.setSpecialValueText("All of them")
        self.first_digit_seconds = _seconds("First digit within", 0.0)
        self.total_seconds = _seconds("All digits within", 0.0)
        self.problem = QLabel()
        self.problem.setWordWrap(True)
        self.problem.setTextFormat(Qt.TextFormat.PlainText)
        set_tone(self.problem, "bad")
        self.use = QPushButton()
        set_kind(self.use, "primary")
        self.use.setDefault(True)
        self._build()
        self._show(model.choice)
        for box in (self.livekit, self.standard, self.follow, self.confirm):
            box.toggled.connect(self._check)
        for field in (self.digits, self.min_digits):
            field.valueChanged.connect(self._check)
        for seconds in (self.seconds, self.first_digit_seconds, self.total_seconds):
            seconds.valueChanged.connect(self._check)
        self.stop_keys.textChanged.connect(self._check)
        self.use.clicked.connect(self._use)
        self._check()

    @property
    def choice(self) -> ShadowChoice:
        """What the fields say."""
        return ShadowChoice(
            livekit=self.livekit.isChecked(),
            standard=self.standard.isChecked(),
            digits=self.digits.value(),
            min_digits=None if self.min_digits.value() < 0 else self.min_digits.value(),
            seconds=self.seconds.value(),
            first_digit_seconds=self.first_digit_seconds.value() or None,
            total_seconds=self.total_seconds.value() or None,
            stop_keys=self.stop_keys.text().replace(" ", "").upper(),
            confirm=self.confirm.isChecked(),
            keys=self.keys.currentData(),
            follow=self.follow.isChecked(),
        )

    def _show(self, choice: ShadowChoice) -> None:
        self.livekit.setChecked(choice.livekit)
        self.standard.setChecked(choice.standard)
        self.follow.setChecked(choice.follow)
        self.digits.setValue(choice.digits)
        self.min_digits.setValue(-1 if choice.min_digits is None else choice.min_digits)
        self.seconds.setValue(choice.seconds)
        self.first_digit_seconds.setValue(choice.first_digit_seconds or 0.0)
        self.total_seconds.setValue(choice.total_seconds or 0.0)
        self.stop_keys.setText(choice.stop_keys)
        self.keys.setCurrentIndex(max(0, self.keys.findData(choice.keys)))
        self.confirm.setChecked(choice.confirm)

    def _check(self) -> None:
        choice = self.choice
        problems = choice.problems if choice.some else {}
        fields: dict[Field, QWidget] = {
            "digits": self.digits,
            "min_digits": self.min_digits,
            "seconds": self.seconds,
            "first_digit_seconds": self.first_digit_seconds,
            "total_seconds": self.total_seconds,
            "stop_keys": self.stop_keys,
        }
        for name, field in fields.items():
            set_flag(field, "problem", on=name in problems)
        self.problem.setText(" ".join(problems.values()))
        self.problem.setVisible(bool(problems))
        for widget in (self.follow, self.digits, self.seconds, self.stop_keys, self.keys, self.confirm):
            widget.setEnabled(choice.some)
        for widget in (self.min_digits, self.first_digit_seconds, self.total_seconds):
            widget.setEnabled(choice.standard)
        self.use.setText("Put on" if choice.some else "Take off")
        self.use.setEnabled(not problems)

    def _use(self) -> None:
        self._model.choose(self.choice)
        self.close()

    def _build(self) -> None:
        intro = QLabel(INTRO)
        intro.setWordWrap(True)
        set_tone(intro, "quiet")
        form = QFormLayout()
        form.setHorizontalSpacing(14)
        form.setVerticalSpacing(6)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        heading = QLabel("On other calls, or without following")
        heading.setFont(scaled(self.font(), 1.0, weight=QFont.Weight.DemiBold))
        form.addRow(heading)
        for field in (self.digits, self.seconds, self.stop_keys, self.keys):
            form.addRow(field.accessibleName(), field)
        form.addRow("", self.confirm)
        heading = QLabel("In standard mode")
        heading.setFont(scaled(self.font(), 1.0, weight=QFont.Weight.DemiBold))
        form.addRow(heading)
        for field in (self.min_digits, self.first_digit_seconds, self.total_seconds):
            form.addRow(field.accessibleName(), field)
        cancel = QPushButton("Cancel")
        cancel.setAutoDefault(False)
        cancel.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self.use)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 14, 20, 16)
        layout.setSpacing(8)
        layout.addWidget(intro)
        for box in (self.livekit, self.standard, self.follow):
            layout.addWidget(box)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setMinimumWidth(400)


def _check(title: str, tip: str) -> QCheckBox:
    box = QCheckBox(title)
    box.setToolTip(tip)
    return box


def _count(name: str, low: int, high: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(low, high)
    field.lineEdit().setTextMargins(6, 0, 0, 0)
    field.setProperty("compact", True)
    field.setAccessibleName(name)
    return field


def _seconds(name: str, low: float) -> QDoubleSpinBox:
    """Return a field for seconds; one that may be 0 calls that no limit."""
    field = QDoubleSpinBox()
    field.setRange(low, LONGEST_SECONDS)
    field.lineEdit().setTextMargins(6, 0, 0, 0)
    field.setDecimals(1)
    field.setSingleStep(STEP)
    field.setSuffix(" s")
    field.setProperty("compact", True)
    field.setAccessibleName(name)
    if not low:
        field.setSpecialValueText("No limit")
    return field
