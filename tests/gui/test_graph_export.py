from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from PySide6.QtGui import QColor, QFont, QImage, QPainter
from PySide6.QtWidgets import QApplication

from dtmfphone.engine.events import IvrBox, IvrGraph, IvrLabel, IvrWay
from dtmfphone.gui import graph_export
from dtmfphone.gui.graph_export import DENSITY, save
from dtmfphone.gui.graph_picture import GraphPicture
from dtmfphone.gui.theme import DARK, LIGHT, Theme

BOXES = tuple(
    IvrBox(node=node, role="ask", line=line, text=line, x=20.0, y=y, width=200, height=44)
    for node, line, y in (("menu", "menu: Press 1.", 60.0), ("task.deep.end", "hang up: Goodbye.", 160.0))
)
PLACE = IvrLabel(x=97.0, y=126.0, width=46.0, height=15.0, growth=2.0)
WAYS = (
    IvrWay(
        source="menu", target="task.deep.end", label="yes (1)", points=((120.0, 104.0), (120.0, 160.0)), place=PLACE
    ),
)
GRAPH = IvrGraph(t=0.0, call="i", script="s", title="A & B", width=240, height=230, boxes=BOXES, ways=WAYS)


@pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)
def test_svg_holds_the_words(qapp: QApplication, tmp_path: Path, theme: Theme) -> None:
    save(GRAPH, theme, QFont(), tmp_path / "g.svg", node="menu")
    root = ElementTree.parse(tmp_path / "g.svg").getroot()
    words = {(text.text or "").strip() for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"A & B", "menu", "menu: Press 1.", "task.deep.end", "hang up: Goodbye.", "yes (1)"} <= words
    assert root.findtext("{http://www.w3.org/2000/svg}title") == "A & B"
    assert (root.get("viewBox") or "").split() == ["0", "0", "240", "230"]


def test_png_is_sharp(qapp: QApplication, tmp_path: Path) -> None:
    save(GRAPH, LIGHT, QFont(), tmp_path / "g.PNG", node="menu")
    image = QImage(str(tmp_path / "g.PNG"))
    assert (image.width(), image.height()) == (240 * DENSITY, 230 * DENSITY)
    assert image.pixelColor(2, 2).name() == LIGHT.panel
    assert image.pixelColor(30 * DENSITY, 64 * DENSITY) == QColor(LIGHT.accent)


def test_a_huge_png_has_fewer_pixels(qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graph_export, "MOST_PIXELS", 55_200 // 4)
    save(GRAPH, LIGHT, QFont(), tmp_path / "g.png")
    image = QImage(str(tmp_path / "g.png"))
    assert (image.width(), image.height()) == (120, 115)


def test_a_small_picture_keeps_its_names_readable(qapp: QApplication) -> None:
    def ink(scale: float, graph: IvrGraph) -> int:
        image = QImage(round(240 * scale), round(230 * scale), QImage.Format.Format_RGB32)
        image.fill(QColor(LIGHT.panel))
        painter = QPainter(image)
        painter.scale(scale, scale)
        GraphPicture(QFont()).draw(painter, graph, LIGHT, scale=scale)
        painter.end()
        rows = range(round(64 * scale), round(100 * scale))
        dark = [y for y in rows for x in range(image.width()) if image.pixelColor(x, y).lightness() < 110]
        return max(dark) - min(dark) + 1 if dark else 0

    alone = msgspec.structs.replace(GRAPH, ways=())
    assert ink(0.5, alone) >= 6  # pixels from the highest to the lowest of the name's letters
    assert ink(1.0, alone) > ink(0.5, alone)  # name and line
