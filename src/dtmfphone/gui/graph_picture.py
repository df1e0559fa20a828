"""Draws the graph of a script, on whatever is painted on."""

from itertools import pairwise
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from dtmfphone.engine.events import IvrBox, IvrGraph, IvrLabel, IvrWay
from dtmfphone.gui.theme import Theme

TONES: Final = {"ask": "accent", "speak": "muted", "do": "warn", "task": "received", "end": "bad"}
TINT: Final = 28
"""Opacity of a box's colour, of 255."""
LOOP: Final = 18.0
"""How far a way from a node to itself leads out."""
HEAD: Final = 7.0
"""Length of an arrow's head."""
NAME_SIZE: Final = 12.0
LINE_SIZE: Final = 11.0
LEAST_SIZE: Final = 10.5
"""Pixels on the screen that no text falls below, as long as there is room for it."""
LEAST_LABEL: Final = 6.0
"""Pixels; labels that have no more room are left out."""
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
        for way in graph.ways:
            if way.place is not None:
                _draw_label(painter, way.label, way.place, self._font, theme, scale)


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
        path.cubicTo(QPointF(right + LOOP / 0.75, y - 15), QPointF(right + LOOP / 0.75, y + 15), QPointF(right, y + 9))
        tip, along = QPointF(right, y + 9), QPointF(-HEAD, 0)
    painter.drawPath(path)
    across = QPointF(along.y(), along.x()) / 2
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([tip, tip - along + across, tip - along - across]))


def _draw_label(painter: QPainter, text: str, place: IvrLabel, font: QFont, theme: Theme, scale: float) -> None:
    """Write a label in its place, or in as much more room as it needs on the screen and may take."""
    growth = min(place.growth, max(1.0, LEAST_SIZE / (LINE_SIZE * scale)))
    if LINE_SIZE * growth * scale < LEAST_LABEL:
        return
    words = _sized(font, LINE_SIZE)
    width = QFontMetricsF(words).horizontalAdvance(text)
    paper = QRectF(0, 0, min(width + 4, place.width), place.height)
    paper.moveCenter(QPointF(0, 0))
    painter.save()
    painter.translate(place.x + place.width / 2, place.y + place.height / 2)
    painter.scale(growth, growth)
    painter.fillRect(paper, QColor(theme.panel))
    if width > place.width:  # the font is wider than fonts usually are
        painter.scale(place.width / width, place.width / width)
    painter.setFont(words)
    painter.setPen(QColor(theme.text))
    painter.drawText(QRectF(-width, -20, 2 * width, 40), CENTRED, text)
    painter.restore()
