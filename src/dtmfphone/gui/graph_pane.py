"""The IVR pane: the graph of the script, with the node marked where the call is."""

from itertools import pairwise
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QToolTip, QVBoxLayout, QWidget

from dtmfphone.engine.events import IvrBox, IvrWay
from dtmfphone.gui.graph_model import GraphModel
from dtmfphone.gui.look import Look
from dtmfphone.gui.widgets import ElidedLabel, set_tone

EMPTY: Final = "The script of the next call to an IVR is drawn here."
TOO_LARGE: Final = "This script is too large to be drawn here; “dtmfphone ivr graph” draws it to a file."
TONES: Final = {"ask": "accent", "speak": "muted", "do": "warn", "task": "received", "end": "bad"}
TINT: Final = 28
"""Opacity of a box's colour, of 255."""
LOOP: Final = 24.0
"""How far a way from a node to itself leads out."""
HEAD: Final = 7.0
"""Length of an arrow's head."""
ABOVE: Final = 24.0
"""The least that is shown above the marked node."""
CENTRED: Final = int(Qt.AlignmentFlag.AlignCenter)


class GraphCanvas(QWidget):
    """Draws the graph in its own size."""

    def __init__(self, model: GraphModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self._name_font, self._line_font = QFont(self.font()), QFont(self.font())
        self._name_font.setPixelSize(12)
        self._name_font.setWeight(QFont.Weight.DemiBold)
        self._line_font.setPixelSize(11)
        self.setAccessibleName("Graph of the IVR's script")
        look.changed.connect(self.update)

    def box_of(self, node: str) -> QRectF | None:
        """Return where a node is drawn; None when it is not."""
        boxes = self._model.graph.boxes if self._model.graph else ()
        return next((_rect(box) for box in boxes if box.node == node), None)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            boxes = self._model.graph.boxes if self._model.graph else ()
            text = next((box.text for box in boxes if _rect(box).contains(QPointF(event.pos()))), "")
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        graph = self._model.graph
        if graph is None or not graph.boxes:
            painter.setPen(QColor(self._look.theme.muted))
            text = EMPTY if graph is None else TOO_LARGE
            painter.drawText(self.rect().adjusted(16, 0, -16, -8), CENTRED | int(Qt.TextFlag.TextWordWrap), text)
        else:
            boxes = {box.node: _rect(box) for box in graph.boxes}
            for way in graph.ways:
                self._draw_way(painter, way, boxes[way.source])
            for box in graph.boxes:
                self._draw_box(painter, box)
            for way in graph.ways:
                self._draw_label(painter, way, boxes[way.source])
        painter.end()

    def _draw_box(self, painter: QPainter, box: IvrBox) -> None:
        theme, rect = self._look.theme, _rect(box)
        here = box.node == self._model.node
        live = here and not self._model.over
        colour = QColor(getattr(theme, TONES[box.role]))
        tint = QColor(colour)
        tint.setAlpha(TINT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.accent if live else theme.panel))
        painter.drawRoundedRect(rect, 7, 7)
        painter.setBrush(Qt.BrushStyle.NoBrush if live else tint)
        painter.setPen(QPen(QColor(theme.text) if here else colour, 2.5 if here else 1))
        painter.drawRoundedRect(rect, 7, 7)
        upper, lower = QRectF(rect), QRectF(rect)
        upper.setBottom(rect.center().y() + 2)
        lower.setTop(rect.center().y())
        for font, text, part, tone in (
            (self._name_font, box.node, upper, theme.text),
            (self._line_font, box.line, lower, theme.muted),
        ):
            painter.setFont(font)
            painter.setPen(QColor(theme.on_accent if live else tone))
            short = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()) - 10)
            painter.drawText(part, CENTRED, short)

    def _draw_way(self, painter: QPainter, way: IvrWay, source: QRectF) -> None:
        colour = QColor(self._look.theme.muted)
        painter.setPen(QPen(colour, 1.3, Qt.PenStyle.DashLine if way.inward else Qt.PenStyle.SolidLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if way.points:
            points = [QPointF(x, y) for x, y in way.points]
            path = QPainterPath(points[0])
            for begin, end in pairwise(points):
                half = (begin.y() + end.y()) / 2
                path.cubicTo(QPointF(begin.x(), half), QPointF(end.x(), half), end)
            tip, along = points[-1], QPointF(0, HEAD if points[-1].y() > points[-2].y() else -HEAD)
        else:
            right, y = source.right(), source.center().y()
            path = QPainterPath(QPointF(right, y - 9))
            path.cubicTo(QPointF(right + LOOP, y - 15), QPointF(right + LOOP, y + 15), QPointF(right, y + 9))
            tip, along = QPointF(right, y + 9), QPointF(-HEAD, 0)
        painter.drawPath(path)
        across = QPointF(along.y(), along.x()) / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(QPolygonF([tip, tip - along + across, tip - along - across]))

    def _draw_label(self, painter: QPainter, way: IvrWay, source: QRectF) -> None:
        if not way.label:
            return
        if way.points:
            (x, y), (to_x, to_y) = way.points[:2]
            middle = QPointF(x + 0.62 * (to_x - x), y + 0.58 * (to_y - y))
        else:
            middle = QPointF(source.right() + LOOP, source.center().y())
        metrics = QFontMetrics(self._line_font)
        place = QRectF(0, 0, metrics.horizontalAdvance(way.label) + 6, metrics.height())
        place.moveCenter(middle)
        painter.fillRect(place, QColor(self._look.theme.panel))
        painter.setFont(self._line_font)
        painter.setPen(QColor(self._look.theme.text))
        painter.drawText(place, CENTRED, way.label)


class GraphPane(QWidget):
    """Binds a `GraphModel` and keeps the marked node in sight; `head` says where the call is."""

    def __init__(self, model: GraphModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self.place = ElidedLabel()
        set_tone(self.place, "quiet")
        self.head = QWidget()
        row = QHBoxLayout(self.head)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.place)
        self.canvas = GraphCanvas(model, look)
        self.area = QScrollArea()
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setWidget(self.canvas)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)
        model.drawn.connect(self._draw)
        model.moved.connect(self._move)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 90)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Show, QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._show_place()
        return done

    def _draw(self) -> None:
        graph = self._model.graph
        self.canvas.setMinimumSize(round(graph.width) if graph else 0, round(graph.height) if graph else 0)
        self._move()

    def _move(self) -> None:
        self.place.set_whole(self._model.place_text)
        self.canvas.update()
        self._show_place()

    def _show_place(self) -> None:
        """Scroll so that the marked node, or the first, stands above the middle: where it leads matters most."""
        graph = self._model.graph
        if graph is None or not graph.boxes:
            return
        box = self.canvas.box_of(self._model.node or graph.boxes[0].node)
        if box is not None:
            view = self.area.viewport()
            self.area.horizontalScrollBar().setValue(round(box.center().x() - view.width() / 2))
            self.area.verticalScrollBar().setValue(round(box.y() - max(ABOVE, view.height() / 3 - box.height() / 2)))


def _rect(box: IvrBox) -> QRectF:
    return QRectF(box.x, box.y, box.width, box.height)
