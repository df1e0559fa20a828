"""The account to call from, each with the state of its registration."""

from typing import Final

from PySide6.QtCore import QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from dtmfphone.gui.accounts_model import AccountsModel
from dtmfphone.gui.look import Look
from dtmfphone.gui.theme import Theme

NONE: Final = "No account"
EDIT: Final = "Edit accounts…"


class AccountChoice(QComboBox):
    """Binds an `AccountsModel`."""

    edit_wanted = Signal()

    def __init__(self, model: AccountsModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self.setProperty("compact", True)
        self.setAccessibleName("Account")
        self.setIconSize(QSize(10, 10))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumContentsLength(6)
        self.activated.connect(self._choose)
        model.changed.connect(self.refresh)
        look.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the model."""
        model, theme = self._model, self._look.theme
        with QSignalBlocker(self):
            self.clear()
            self.addItem(NONE, "")
            for name in model.names:
                self.addItem(dot_icon(theme, model.tone(name)), name, name)
                self.setItemData(self.count() - 1, model.state_text(name), Qt.ItemDataRole.ToolTipRole)
            self.insertSeparator(self.count())
            self.addItem(EDIT)
            self.setCurrentIndex(max(0, self.findData(model.chosen)))
        tip = model.state_text(model.chosen) if model.chosen else "Calls go out without an account"
        self.setToolTip(f"The account to call from. {tip}")
        self.setAccessibleDescription(tip)

    def _choose(self, row: int) -> None:
        if row == self.count() - 1:
            self.setCurrentIndex(max(0, self.findData(self._model.chosen)))
            self.edit_wanted.emit()
        else:
            self._model.choose(self.itemData(row))


def dot_icon(theme: Theme, tone: str) -> QIcon:
    """Return a point in one of the theme's colours."""
    pixmap = QPixmap(20, 20)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(getattr(theme, tone)))
    painter.drawEllipse(QRectF(3, 3, 14, 14))
    painter.end()
    pixmap.setDevicePixelRatio(2)
    icon = QIcon(pixmap)
    icon.addPixmap(pixmap, QIcon.Mode.Selected)
    return icon
