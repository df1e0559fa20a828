"""The graph of a script as a widget, at any scale."""

from html import escape
from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from dtmfphone.engine.events import IvrBox
from dtmfphone.gui.graph_model import GraphModel
from dtmfphone.gui.graph_picture import CENTRED, GraphPicture, rect_of
from dtmfphone.gui.look import Look

EMPTY: Final = "The script of the next call to an IVR is drawn here."
TOO_LARGE: Final = "This script is too large to be drawn here; “dtmfphone ivr graph” draws it to a file."


class GraphCanvas(QWidget):
    """Draws the graph of a `GraphModel` in the middle of itself; whoever holds it gives it its size."""

    def __init__(self, model: GraphModel, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._look = look
        self._picture = GraphPicture(self.font())
        self.scale = 1.0
        """Pixels per unit of the graph."""
        self.setAccessibleName("Graph of the IVR's script")
        look.changed.connect(self.update)

    @property
    def needed(self) -> QSize:
        """The size that shows all of the graph."""
        graph = self._model.graph
        if graph is None or not graph.boxes:
            return QSize(0, 0)
        return QSize(round(graph.width * self.scale), round(graph.height * self.scale))

    @property
    def origin(self) -> QPointF:
        """Where the graph's upper left corner is drawn."""
        spare = self.size() - self.needed
        return QPointF(max(0, spare.width() // 2), max(0, spare.height() // 2))

    def box_of(self, node: str) -> QRectF | None:
        """Return where a node is drawn; None when it is not."""
        boxes = self._model.graph.boxes if self._model.graph else ()
        return next((self._placed(box) for box in boxes if box.node == node), None)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            boxes = self._model.graph.boxes if self._model.graph else ()
            at = QPointF(event.pos())
            text = next((tip(box) for box in boxes if self._placed(box).contains(at)), "")
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        graph = self._model.graph
        if graph is None or not graph.boxes:
            painter.setPen(QColor(self._look.theme.muted))
            text = EMPTY if graph is None else TOO_LARGE
            painter.drawText(self.rect().adjusted(16, 0, -16, -8), CENTRED | int(Qt.TextFlag.TextWordWrap), text)
        else:
            painter.translate(self.origin)
            painter.scale(self.scale, self.scale)
            model = self._model
            self._picture.draw(painter, graph, self._look.theme, node=model.node, over=model.over, scale=self.scale)
        painter.end()

    def _placed(self, box: IvrBox) -> QRectF:
        rect = rect_of(box)
        return QRectF(rect.topLeft() * self.scale + self.origin, rect.size() * self.scale)


def tip(box: IvrBox) -> str:
    """Return a node's tool tip: all that it says or does, as rich text, so that long lines are broken."""
    words = escape(box.text).replace("\n", "<br>")
    return f"<b>{escape(box.node)}</b><br>{words}"
