"""Whom the far end shall call: a small window that does not block."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from dtmfphone.gui.call_model import CallModel
from dtmfphone.gui.targets import dialled, is_sip, short
from dtmfphone.gui.widgets import set_kind, set_tone


class TransferDialog(QDialog):
    """Binds a `CallModel`; closes by itself when there is nothing left to transfer."""

    def __init__(self, model: CallModel, targets: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.setWindowTitle("Transfer the call")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(400)
        what = QLabel(f"{short(model.far_end) or 'The far end'} is asked to call:")
        what.setTextFormat(Qt.TextFormat.PlainText)
        self.target = QComboBox()
        self.target.setEditable(True)
        self.target.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.target.setAccessibleName("Transfer to")
        self.target.addItems([target for target in targets if is_sip(target)])
        self.target.setCurrentText("")
        edit = self.target.lineEdit()
        assert edit is not None
        edit.setPlaceholderText("sip:user@host, or a number")
        edit.setAccessibleName("Transfer to")
        self.hint = QLabel("The call ends here as soon as the far end has reached them.")
        self.hint.setWordWrap(True)
        set_tone(self.hint, "quiet")
        cancel = QPushButton("Cancel")
        cancel.clicked.connect(self.close)
        self.button = QPushButton("Transfer")
        set_kind(self.button, "primary")
        self.button.setDefault(True)
        self.button.clicked.connect(self._transfer)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(cancel)
        row.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(20, 16, 20, 16)
        layout.setSpacing(10)
        layout.addWidget(what)
        layout.addWidget(self.target)
        layout.addWidget(self.hint)
        layout.addLayout(row)
        self.target.editTextChanged.connect(self._check)
        model.changed.connect(self._follow)
        self._check()
        self.target.setFocus()

    def _check(self) -> None:
        text = self.target.currentText().strip()
        wrong = bool(text) and not is_sip(text)
        self.button.setEnabled(bool(text) and not wrong and self._model.can_transfer)
        self.hint.setText(
            "A call can be transferred to a SIP address or a number only."
            if wrong
            else f"The far end is asked to call {dialled(text, self._model.home)}."
            if text
            else "The call ends here as soon as the far end has reached them."
        )
        set_tone(self.hint, "bad" if wrong else "quiet")

    def _transfer(self) -> None:
        self._model.transfer_to(self.target.currentText())
        self.close()

    def _follow(self) -> None:
        if not self._model.up:
            self.close()
