"""The IVR pane: the graph of the script, with the node marked where the call is."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from dtmfphone.gui.actions import Actions
from dtmfphone.gui.graph_area import GraphArea
from dtmfphone.gui.graph_canvas import GraphCanvas
from dtmfphone.gui.graph_export import save
from dtmfphone.gui.graph_model import GraphModel
from dtmfphone.gui.log_pane import tool_buttons
from dtmfphone.gui.look import Look
from dtmfphone.gui.widgets import ElidedLabel, set_tone

TOOLS: Final = ("zoom-out", "zoom-in", "zoom-fit", "nodes", "follow", "export")
ZOOMS: Final = ("zoom-out", "zoom-in", "zoom-fit", "zoom-whole", "nodes")


class GraphPane(QWidget):
    """Binds a `GraphModel`, and keeps the marked node in sight until a person looks elsewhere.

    `head` says where the call is, and holds the tools.
    """

    following_changed = Signal()

    def __init__(self, model: GraphModel, actions: Actions, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = model
        self._actions = actions
        self._look = look
        self._following = True
        self.place = ElidedLabel()
        set_tone(self.place, "quiet")
        self.head = QWidget()
        row = QHBoxLayout(self.head)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.place, 1)
        for button in tool_buttons(actions, TOOLS):
            row.addWidget(button)
        self.canvas = GraphCanvas(model, look)
        self.area = GraphArea(self.canvas)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)
        self.nodes = QMenu("Nodes", self)
        self.nodes.setToolTipsVisible(True)
        actions.connect(
            zoom_in=self.area.zoom_in,
            zoom_out=self.area.zoom_out,
            zoom_fit=self.area.fit,
            zoom_whole=lambda: self.area.zoom_to(1.0),
            nodes=self._list_nodes,
        )
        model.drawn.connect(self._draw)
        model.moved.connect(self._move)
        self.area.panned.connect(partial(self.set_following, False))
        self.area.zoomed.connect(self._keep_in_sight)

    @property
    def following(self) -> bool:
        """Whether the marked node stays in sight."""
        return self._following

    def set_following(self, following: bool) -> None:
        """Keep the marked node in sight, from now, or leave the picture where it is."""
        if following != self._following:
            self._following = following
            self.following_changed.emit()
        self._keep_place()

    def set_shown(self, shown: bool) -> None:
        """Offer the tools of the pane while it is the one that is shown."""
        for name in ZOOMS:
            self._actions[name].setEnabled(shown and self.has_picture)

    @property
    def has_picture(self) -> bool:
        """Whether there is a graph that is drawn."""
        return self._model.graph is not None and bool(self._model.graph.boxes)

    def save(self, path: Path) -> None:
        """Write the picture, SVG or PNG by the name; raise OSError."""
        graph = self._model.graph
        if graph is not None:
            save(graph, self._look.theme, self.font(), path, node=self._model.node, over=self._model.over)

    def minimumSizeHint(self) -> QSize:
        return QSize(220, 90)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Show, QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._keep_place()
        return done

    def _draw(self) -> None:
        self.area.redraw()
        self.set_shown(self.isVisible())
        self._move()

    def _move(self) -> None:
        self.place.set_whole(self._model.place_text)
        self.area.setAccessibleDescription(self._model.place_text)
        self.canvas.update()
        self._keep_place()
        if self.isVisible() and self._model.place_text:
            self._tell(self._model.place_text)

    @property
    def _marked(self) -> str:
        """The node that is kept in sight: the first one before the call has come to any."""
        graph = self._model.graph
        return self._model.node or (graph.boxes[0].node if graph is not None and graph.boxes else "")

    def _keep_place(self) -> None:
        if self._following:
            self.area.bring(self._marked)

    def _keep_in_sight(self) -> None:
        if not self.area.shows(self._marked):
            self._keep_place()

    def _list_nodes(self) -> None:
        """Let a person choose a node to look at."""
        self.nodes.clear()
        graph = self._model.graph
        for box in graph.boxes if graph is not None else ():
            action = self.nodes.addAction(f"{box.node} – {box.line}".replace("&", "&&"))
            action.setToolTip(box.text)
            action.setCheckable(True)
            action.setChecked(box.node == self._model.node)
            action.triggered.connect(partial(self._look_at, box.node, box.text))
        self.nodes.popup(self.head.mapToGlobal(self.head.rect().bottomLeft()))

    def _look_at(self, node: str, text: str, _checked: bool = False) -> None:
        self.set_following(False)
        self.area.bring(node)
        self._tell(f"{node}: {text}")

    def _tell(self, words: str) -> None:
        if QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.area, words))
