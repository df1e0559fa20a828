"""Small widgets that several panes use."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QPushButton, QSizePolicy, QWidget

from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.theme import Theme


class Card(QFrame):
    """A panel with round corners."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)


class ElidedLabel(QLabel):
    """One line with an ellipsis where room is short, whole in its tool tip."""

    def __init__(self, text: str = "", mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        super().__init__()
        self._whole = ""
        self._mode = mode
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.set_whole(text)

    @property
    def whole(self) -> str:
        """The text, not shortened."""
        return self._whole

    def set_whole(self, text: str) -> None:
        """Show a text."""
        if text != self._whole:
            self._whole = text
            self.setAccessibleName(text)
            self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def _elide(self) -> None:
        short = QFontMetrics(self.font()).elidedText(self._whole, self._mode, max(0, self.width()))
        self.setText(short)
        self.setToolTip(self._whole if short != self._whole else "")


def set_tone(label: QLabel, tone: str) -> None:
    """Colour a label: empty, `quiet`, `accent`, `warn` or `bad`."""
    if (label.property("tone"), label.property("quiet")) != (tone, tone == "quiet"):
        label.setProperty("tone", tone)
        label.setProperty("quiet", tone == "quiet")
        label.style().unpolish(label)
        label.style().polish(label)


def set_compact(widget: QWidget, compact: bool) -> None:
    """Make an input or button low, or of full height."""
    if bool(widget.property("compact")) != compact:
        widget.setProperty("compact", compact)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def edit(field: QLineEdit | None) -> None:
    """Put the cursor into a field, its text selected."""
    if field is not None:
        field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        field.selectAll()


def set_kind(button: QPushButton, kind: str) -> None:
    """Give a button another meaning, and the colours of it: `call`, `hang-up`, `primary`, `small` or none."""
    _set_property(button, "kind", kind)


def set_flag(widget: QWidget, name: str, *, on: bool) -> None:
    """Set a property that the style sheet knows."""
    _set_property(widget, name, on)


def _set_property(widget: QWidget, name: str, value: object) -> None:
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Dot(QWidget):
    """A small coloured point beside its explanation."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._tone = "muted"
        self.setFixedSize(10, 10)

    def set(self, tone: str) -> None:
        """Take one of the theme's colours."""
        self._tone = tone
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(getattr(self._look.theme, self._tone)))
        painter.drawEllipse(QRectF(1.5, 1.5, 7, 7))
        painter.end()


class Chip(QWidget):
    """A word in a pill: filled when it is so, a bare outline when it is not."""

    def __init__(self, look: Look, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._text = ""
        self._tone = "muted"
        self._filled = False
        self.setFont(scaled(self.font(), 0.92))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set(text)

    @property
    def text(self) -> str:
        """The word."""
        return self._text

    @property
    def filled(self) -> bool:
        """Whether it is so."""
        return self._filled

    def set(self, text: str, tone: str = "muted", *, filled: bool = False) -> None:
        """Show a word in one of the theme's colours."""
        if (text, tone, filled) != (self._text, self._tone, self._filled):
            if text != self._text:
                self._text = text
                self.setAccessibleName(text)
                self.updateGeometry()
            self._tone, self._filled = tone, filled
            self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._text) + 20, metrics.height() + 6)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme: Theme = self._look.theme
        colour = QColor(getattr(theme, self._tone))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        tint = QColor(colour)
        tint.setAlpha(36 if self._filled else 0)
        painter.setBrush(tint)
        painter.setPen(QPen(colour if self._filled else QColor(theme.border), 1))
        painter.drawRoundedRect(box, box.height() / 2, box.height() / 2)
        painter.setPen(colour)
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self._text)
        painter.end()


class Bar(QWidget):
    """A thin bar that shows a share from 0 to 1."""

    def __init__(self, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self._share = 0.0
        self._tone = "accent"
        self.setFixedHeight(6)

    @property
    def share(self) -> float:
        """How far it is filled."""
        return self._share

    def set(self, share: float, tone: str = "accent") -> None:
        """Fill the bar up to a share."""
        if (share, tone) != (self._share, self._tone):
            self._share, self._tone = share, tone
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect())
        painter.setBrush(QColor(self._look.theme.grid))
        painter.drawRoundedRect(box, 3, 3)
        if self._share > 0:
            box.setWidth(max(6.0, box.width() * min(1.0, self._share)))
            painter.setBrush(QColor(getattr(self._look.theme, self._tone)))
            painter.drawRoundedRect(box, 3, 3)
        painter.end()


class FilterEdit(QLineEdit):
    """Where the words are typed that rows of a pane must have."""

    def __init__(self, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("compact", True)
        self.setPlaceholderText("Filter")
        self.setClearButtonEnabled(True)
        self.setAccessibleName("Filter")
        self.setToolTip(tip)
        self.setMaximumWidth(220)
