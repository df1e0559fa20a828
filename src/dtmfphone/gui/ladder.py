"""The ladder: us at the left, every far end in a lane of its own, an arrow per SIP message."""

from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from dtmfphone.gui.log_rows import clock_text
from dtmfphone.gui.look import Look, scaled
from dtmfphone.gui.trace_model import TraceModel
from dtmfphone.gui.trace_rows import TraceRow

ROW_HEIGHT: Final = 34
HEADER_HEIGHT: Final = 28
TIME_WIDTH: Final = 72
EDGE: Final = 22
"""From the time to our line, and from the last line to the border."""
NARROWEST_LANE: Final = 104
EMPTY: Final = "SIP messages that are sent and received appear here, passwords hidden."


def lines(width: int, lanes: int) -> list[float]:
    """Return where the upright lines stand: ours, then one per lane."""
    first, last = TIME_WIDTH + EDGE, max(width - EDGE, TIME_WIDTH + EDGE + lanes * NARROWEST_LANE)
    return [first + (last - first) * number / max(1, lanes) for number in range(lanes + 1)]


def narrowest(lanes: int) -> int:
    """Return the least width of a ladder."""
    return TIME_WIDTH + 2 * EDGE + max(1, lanes) * NARROWEST_LANE


def pause_text(seconds: float | None) -> str:
    """Return the time since the message before, e.g. `+12 ms` or `+1.5 s`."""
    if seconds is None:
        return ""
    if seconds < 0.9995:
        return f"+{seconds * 1000:.0f} ms"
    return f"+{seconds:.1f} s" if seconds < 100 else f"+{seconds:.0f} s"


class LadderDelegate(QStyledItemDelegate):
    """Draws a message: its time, and its arrow with what it says above."""

    def __init__(self, model: TraceModel, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self._lanes: dict[str, int] = {}
        self._time_font = scaled(parent.font(), 0.9, tabular=True)
        self._pause_font = scaled(parent.font(), 0.8, tabular=True)
        self._label_font = scaled(parent.font(), 0.92)
        self._strong_font = scaled(parent.font(), 0.92, weight=QFont.Weight.DemiBold)
        model.lanes_changed.connect(self._number_lanes)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(narrowest(len(self._lanes)), ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        row, theme = self._model.at(index.row()), self._look.theme
        box: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(theme.hover))
        places = lines(box.width(), len(self._lanes))
        painter.setPen(QPen(QColor(theme.border), 1))
        for x in places:
            painter.drawLine(QPointF(box.x() + x, box.top()), QPointF(box.x() + x, box.bottom() + 1))
        self._draw_time(painter, box, row, self._model.pause_before(index.row()))
        lane = self._lanes.get(row.lane)
        if lane is not None:
            ground = QColor(theme.hover if state & QStyle.StateFlag.State_Selected else theme.panel)
            self._draw_arrow(painter, box, row, (places[0], places[lane]), ground)
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(QColor(theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.restore()

    def _draw_time(self, painter: QPainter, box: QRect, row: TraceRow, pause: float | None) -> None:
        theme = self._look.theme
        right = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(self._time_font)
        painter.setPen(QColor(theme.text))
        painter.drawText(QRect(box.x(), box.y() + 2, TIME_WIDTH - 4, 16), right, clock_text(row.message.t))
        painter.setFont(self._pause_font)
        painter.setPen(QColor(theme.muted))
        painter.drawText(QRect(box.x(), box.y() + 17, TIME_WIDTH - 4, 14), right, pause_text(pause))

    def _draw_arrow(
        self, painter: QPainter, box: QRect, row: TraceRow, places: tuple[float, float], ground: QColor
    ) -> None:
        ours, theirs = places
        colour, y = QColor(getattr(self._look.theme, row.tone)), box.y() + 24.5
        start, end = (ours, theirs) if row.message.direction == "sent" else (theirs, ours)
        head = 7.0 if end > start else -7.0
        style = Qt.PenStyle.DashLine if row.repeated else Qt.PenStyle.SolidLine
        painter.setPen(QPen(colour, 1.6, style))
        painter.drawLine(QPointF(box.x() + start, y), QPointF(box.x() + end - head, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        tip = box.x() + end
        painter.drawPolygon(
            QPolygonF([QPointF(tip, y), QPointF(tip - 1.3 * head, y - 4), QPointF(tip - 1.3 * head, y + 4)])
        )
        font = self._strong_font if not row.status else self._label_font
        painter.setFont(font)
        text = f"↻ {row.label}" if row.repeated else row.label
        left, width = box.x() + ours + 8, int(theirs - ours - 16)
        metrics = QFontMetrics(font)
        short = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)
        label = QRectF(left, box.y() + 3, width, 18)
        if len(self._lanes) > 1:  # no upright line through the words
            wide = metrics.horizontalAdvance(short) + 8.0
            painter.fillRect(QRectF(label.center().x() - wide / 2, label.y(), wide, 17), ground)
        painter.setPen(colour)
        painter.drawText(label, int(Qt.AlignmentFlag.AlignCenter), short)

    def _number_lanes(self) -> None:
        self._lanes = {lane: number for number, lane in enumerate(self._model.lanes, 1)}


class Ladder(QListView):
    """Rows of one height under a header with the addresses; follows the end until a person scrolls up."""

    def __init__(self, model: TraceModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._trace = model
        self._look = look
        self._following = True
        self._delegate = LadderDelegate(model, look, self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName("SIP trace")
        self.setUniformItemSizes(True)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setViewportMargins(0, HEADER_HEIGHT, 0, 0)
        self.header = LadderHeader(self, model, look)
        self.verticalScrollBar().valueChanged.connect(self._notice_scrolling)
        self.horizontalScrollBar().valueChanged.connect(self.header.update)
        model.rowsInserted.connect(self._after_insert)
        model.modelReset.connect(self.follow)
        model.lanes_changed.connect(self._widen)

    @property
    def following(self) -> bool:
        """Whether the last message stays in sight."""
        return self._following

    def follow(self) -> None:
        """Go to the end and stay there."""
        self.set_following(True)

    def set_following(self, following: bool) -> None:
        """Stay at the end, or stay here."""
        self._following = following
        if following:
            self.scrollToBottom()

    def chosen_rows(self) -> list[int]:
        """Return the selected rows, from top to bottom."""
        return sorted(index.row() for index in self.selectionModel().selectedIndexes())

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 90)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._trace.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(QColor(self._look.theme.muted))
            text = "No message passes the filter." if self._trace.total else EMPTY
            box = self.viewport().rect().adjusted(16, 0, -16, -8)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), text)
            painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.header.setGeometry(self.viewport().x(), self.viewport().y() - HEADER_HEIGHT, event.size().width(), 28)
        if self._following:
            self.scrollToBottom()

    def _widen(self) -> None:
        self.scheduleDelayedItemsLayout()
        self.header.update()
        self.viewport().update()

    def _notice_scrolling(self, value: int) -> None:
        self._following = value >= self.verticalScrollBar().maximum()

    def _after_insert(self, _parent: QModelIndex, _first: int, _last: int) -> None:
        if self._following:
            self.scrollToBottom()


class LadderHeader(QWidget):
    """Who stands at each upright line."""

    def __init__(self, ladder: Ladder, model: TraceModel, look: Look) -> None:
        super().__init__(ladder)
        self._ladder = ladder
        self._model = model
        self._look = look
        self.setFont(scaled(self.font(), 0.85))
        model.lanes_changed.connect(self._describe)

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme, names = self._look.theme, ("Here", *self._model.lanes)
        if len(names) == 1:
            return
        viewport, scrolled = self._ladder.viewport(), self._ladder.horizontalScrollBar().value()
        places = lines(max(viewport.width(), narrowest(len(names) - 1)), len(names) - 1)
        metrics, painter = QFontMetrics(self.font()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pitch = places[1] - places[0]
        for number, (name, x) in enumerate(zip(names, places, strict=True)):
            room = pitch - 44 if len(names) == 2 or number else 80
            text = metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, int(room))
            width = metrics.horizontalAdvance(text) + 14
            left = min(max(x - width / 2, 4), places[-1] + EDGE - width - 2) - scrolled
            box = QRectF(left, 3.5, width, 20)
            painter.setPen(QPen(QColor(theme.border), 1))
            painter.setBrush(QColor(theme.raised))
            painter.drawRoundedRect(box, 5, 5)
            painter.setPen(QColor(theme.muted if number else theme.text))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)
            painter.setPen(QPen(QColor(theme.border), 1))
            painter.drawLine(QPointF(x - scrolled, 24), QPointF(x - scrolled, self.height()))
        painter.end()

    def _describe(self) -> None:
        self.setToolTip("\n".join(self._model.lanes))
