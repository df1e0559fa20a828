"""Draws the graph of a script, on whatever is painted on."""

from itertools import pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from dtmfphone.engine.events import IvrBox, IvrGraph, IvrWay
from dtmfphone.gui.theme import Theme

TONES: Final = {"ask": "accent", "speak": "muted", "do": "warn", "task": "received", "end": "bad"}
TINT: Final = 28
"""Opacity of a box's colour, of 255."""
LOOP: Final = 24.0
"""How far a way from a node to itself leads out."""
HEAD: Final = 7.0
"""Length of an arrow's head."""
NAME_SIZE: Final = 12.0
LINE_SIZE: Final = 11.0
LEAST_SIZE: Final = 10.5
"""Pixels on the screen that no text falls below, as long as a box can hold it."""
TALLEST: Final = 30.0
"""The largest text that a box can hold."""
OVERVIEW: Final = 0.66
"""Below this scale boxes hold their names alone."""
CENTRED: Final = int(Qt.AlignmentFlag.AlignCenter)


class GraphPicture:
    """Draws graphs in the font of a widget."""

    def __init__(self, font: QFont) -> None:
        self._font = font

    def draw(
        self,
        painter: QPainter,
        graph: IvrGraph,
        theme: Theme,
        *,
        node: str = "",
        over: bool = False,
        scale: float = 1.0,
    ) -> None:
        """Draw in the graph's own units; `scale` is the painter's, and text stays readable at a small one.

        `node` is marked as where the call is, or was when it is over.
        """
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        name = _sized(self._font, min(TALLEST, max(NAME_SIZE, LEAST_SIZE / scale)), QFont.Weight.DemiBold)
        line = _sized(self._font, min(TALLEST, max(LINE_SIZE, LEAST_SIZE / scale)))
        boxes = {box.node: rect_of(box) for box in graph.boxes}
        for way in graph.ways:
            _draw_way(painter, way, boxes[way.source], theme)
        for box in graph.boxes:
            here = box.node == node
            colour = _frame(painter, boxes[box.node], box, theme, here=here, live=here and not over)
            _write(painter, boxes[box.node], box, name, line if scale >= OVERVIEW else None, colour)
        painter.setFont(line)
        for way in graph.ways:
            _draw_label(painter, way, boxes[way.source], theme)


def rect_of(box: IvrBox) -> QRectF:
    """Return the place of a box, in the graph's units."""
    return QRectF(box.x, box.y, box.width, box.height)


def _sized(font: QFont, pixels: float, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    result = QFont(font)
    result.setPixelSize(round(pixels))
    result.setWeight(weight)
    return result


def _frame(
    painter: QPainter, rect: QRectF, box: IvrBox, theme: Theme, *, here: bool, live: bool
) -> tuple[QColor, QColor]:
    """Draw a box without its words, and return their colours."""
    colour = QColor(getattr(theme, TONES[box.role]))
    tint = QColor(colour)
    tint.setAlpha(TINT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.accent if live else theme.panel))
    painter.drawRoundedRect(rect, 7, 7)
    painter.setBrush(Qt.BrushStyle.NoBrush if live else tint)
    painter.setPen(QPen(QColor(theme.text) if here else colour, 2.5 if here else 1))
    painter.drawRoundedRect(rect, 7, 7)
    words = QColor(theme.on_accent)
    return (words, words) if live else (QColor(theme.text), QColor(theme.muted))


def _write(
    painter: QPainter, rect: QRectF, box: IvrBox, name: QFont, line: QFont | None, colours: tuple[QColor, QColor]
) -> None:
    upper, lower = QRectF(rect), QRectF(rect)
    if line is not None:
        upper.setBottom(rect.center().y() + 2)
        lower.setTop(rect.center().y())
    parts = [(name, box.node, upper, colours[0])]
    if line is not None:
        parts.append((line, box.line, lower, colours[1]))
    for font, text, part, colour in parts:
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(part, CENTRED, _short(text, font, rect.width() - 10))


def _short(text: str, font: QFont, width: float) -> str:
    """Return as much of a text as fits; of a node in a task the task's name goes first."""
    metrics = QFontMetricsF(font)
    if metrics.horizontalAdvance(text) > width and "." in text and " " not in text:
        text = f"…{text.rpartition('.')[2]}"
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def _draw_way(painter: QPainter, way: IvrWay, source: QRectF, theme: Theme) -> None:
    colour = QColor(theme.muted)
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


def _draw_label(painter: QPainter, way: IvrWay, source: QRectF, theme: Theme) -> None:
    if not way.label:
        return
    if way.points:
        (x, y), (to_x, to_y) = way.points[:2]
        middle = QPointF(x + 0.62 * (to_x - x), y + 0.58 * (to_y - y))
    else:
        middle = QPointF(source.right() + LOOP, source.center().y())
    metrics = QFontMetricsF(painter.font())
    place = QRectF(0, 0, metrics.horizontalAdvance(way.label) + 6, metrics.height())
    place.moveCenter(middle)
    painter.fillRect(place, QColor(theme.panel))
    painter.setPen(QColor(theme.text))
    painter.drawText(place, CENTRED, way.label)
