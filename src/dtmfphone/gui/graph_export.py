"""The graph of a script as a picture file: SVG or PNG."""

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRect, QSize
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from dtmfphone.engine.events import IvrGraph
from dtmfphone.gui.graph_picture import GraphPicture
from dtmfphone.gui.theme import Theme

DENSITY: Final = 2
"""Pixels of a PNG per unit of the graph."""
PIXELS_PER_INCH: Final = 96
"""What a pixel is to a browser."""
MOST_PIXELS: Final = 60_000_000


def save(graph: IvrGraph, theme: Theme, font: QFont, path: Path, *, node: str = "", over: bool = False) -> None:
    """Write a graph as PNG if the name ends in `.png`, else as SVG, in the theme's colours; raise OSError."""
    size = QSize(round(graph.width), round(graph.height))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    draw = partial(_draw, graph=graph, theme=theme, font=font, node=node, over=over)
    if path.suffix.lower() == ".png":
        density = min(DENSITY, (MOST_PIXELS / max(1, size.width() * size.height())) ** 0.5)
        image = QImage(size * density, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(QColor(theme.panel))
        painter = QPainter(image)
        painter.scale(density, density)
        draw(painter)
        if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
            raise OSError("the picture is too large")
    else:
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(size)
        generator.setViewBox(QRect(0, 0, size.width(), size.height()))
        generator.setResolution(PIXELS_PER_INCH)
        generator.setTitle(graph.title)
        painter = QPainter(generator)
        painter.fillRect(generator.viewBox(), QColor(theme.panel))
        draw(painter)
    buffer.close()
    path.write_bytes(data.data())


def _draw(painter: QPainter, graph: IvrGraph, theme: Theme, font: QFont, node: str, over: bool) -> None:
    GraphPicture(font).draw(painter, graph, theme, node=node, over=over)
    title = QFont(font)
    title.setPixelSize(15)
    title.setWeight(QFont.Weight.DemiBold)
    painter.setFont(title)
    painter.setPen(QColor(theme.text))
    painter.drawText(QPointF(24, 28), graph.title)
    painter.end()
