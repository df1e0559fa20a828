"""Where the graph of a script is moved and zoomed, by mouse and by keys."""

from typing import Final

from PySide6.QtCore import QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from dtmfphone.gui.graph_canvas import GraphCanvas

SMALLEST: Final = 0.25
LARGEST: Final = 4.0
STEP: Final = 1.25
OVERVIEW: Final = 0.35
"""No smaller when it is fitted: then its width fits, or not even that."""
ABOVE: Final = 24.0
"""The least that is shown above a node."""
PAN: Final = 48
"""How far an arrow key moves the picture."""


class GraphArea(QScrollArea):
    """Shows a part of a canvas; `panned` comes when a person moved it, `zoomed` when the scale is another."""

    panned = Signal()
    zoomed = Signal()

    def __init__(self, canvas: GraphCanvas, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = canvas
        self._fitted = True
        self._dragged: QPoint | None = None
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Graph of the IVR's script")
        self.setWidget(canvas)
        for bar in (self.horizontalScrollBar(), self.verticalScrollBar()):
            bar.actionTriggered.connect(self.panned)
            bar.setSingleStep(PAN)

    @property
    def scale(self) -> float:
        """Pixels per unit of the graph."""
        return self.canvas.scale

    @property
    def fitted(self) -> bool:
        """Whether the scale follows the room there is."""
        return self._fitted

    def zoom_to(self, scale: float, fixed: QPointF | None = None) -> None:
        """Set the scale; what is at `fixed` in the viewport, its middle unless told otherwise, stays there."""
        self._fitted = False
        self._scale_to(min(LARGEST, max(SMALLEST, scale)), fixed or QRectF(self.viewport().rect()).center())

    def zoom_in(self) -> None:
        """Draw everything larger by a quarter."""
        self.zoom_to(self.scale * STEP)

    def zoom_out(self) -> None:
        """Draw everything smaller by a fifth."""
        self.zoom_to(self.scale / STEP)

    def fit(self) -> None:
        """Show all of the graph, or at least its width when names could not be read otherwise, until it is zoomed."""
        self._fitted = True
        self._refit()

    def redraw(self) -> None:
        """Take another graph."""
        if self._fitted:
            self._refit()
        self._give_room()
        self.canvas.update()

    def bring(self, node: str) -> None:
        """Move the picture so that a node stands above the middle: where it leads matters most."""
        box = self.canvas.box_of(node)
        if box is not None:
            view = self.viewport()
            self.horizontalScrollBar().setValue(round(box.center().x() - view.width() / 2))
            self.verticalScrollBar().setValue(round(box.y() - max(ABOVE, view.height() / 3 - box.height() / 2)))

    def shows(self, node: str) -> bool:
        """Return whether a node is wholly in sight."""
        box = self.canvas.box_of(node)
        return box is not None and QRectF(self.viewport().rect()).contains(box.translated(self.canvas.pos()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitted:
            self._refit()
        self._give_room()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.zoom_to(self.scale * STEP ** (event.angleDelta().y() / 120), event.position())
            event.accept()
        else:
            super().wheelEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.text():
            case "+" | "=":
                self.zoom_in()
            case "-":
                self.zoom_out()
            case _:
                super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged = event.position().toPoint()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged is not None:
            at = event.position().toPoint()
            moved, self._dragged = at - self._dragged, at
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - moved.x())
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - moved.y())
            self.panned.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged = None
            self.viewport().unsetCursor()

    def _refit(self) -> None:
        room, whole = self.maximumViewportSize(), self.canvas.needed / self.scale
        if whole.isEmpty():
            return
        wide, high = room.width() / whole.width(), room.height() / whole.height()
        scale = min(1.0, wide, high)
        if scale < OVERVIEW:
            bar = self.verticalScrollBar().sizeHint().width()
            scale = max(OVERVIEW, min(1.0, (room.width() - bar) / whole.width()))
        self._scale_to(scale, QRectF(self.viewport().rect()).center())

    def _scale_to(self, scale: float, fixed: QPointF) -> None:
        if scale == self.scale:
            return
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        there = (QPointF(across.value(), down.value()) + fixed - self.canvas.origin) / self.scale
        self.canvas.scale = scale
        self._give_room()
        place = there * scale + self.canvas.origin - fixed
        across.setValue(round(place.x()))
        down.setValue(round(place.y()))
        self.canvas.update()
        self.zoomed.emit()

    def _give_room(self) -> None:
        self.canvas.resize(self.viewport().size().expandedTo(self.canvas.needed))
