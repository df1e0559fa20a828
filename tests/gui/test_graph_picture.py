"""Whether labels that are drawn stay where the layout has put them, in the fonts that there are."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QPainter
from PySide6.QtWidgets import QApplication

from dtmfphone.engine.events import IvrBox, IvrGraph, IvrLabel, IvrWay
from dtmfphone.engine.ivr_graph import ivr_graph
from dtmfphone.gui.graph_picture import LEAST_SIZE, LINE_SIZE, NAME_SIZE, GraphPicture
from dtmfphone.gui.theme import LIGHT
from dtmfphone.ivr.script import load, names

PLACE = IvrLabel(x=100.0, y=100.0, width=60.0, height=15.0, growth=2.0)
BOXES = tuple(
    IvrBox(node=node, role="do", line="", text="", x=0, y=y, width=9, height=9) for node, y in (("a", 0), ("b", 190))
)


def ink(place: IvrLabel | None, label: str, scale: float = 1.0) -> tuple[float, float, float, float] | None:
    """Return the ends of what a label alone adds to a picture, in units of the graph; None: nothing."""

    def drawn(place: IvrLabel | None) -> QImage:
        way = IvrWay(source="a", target="b", label=label, points=((4.0, 9.0), (4.0, 190.0)), place=place)
        graph = IvrGraph(t=0.0, call="i", script="s", title="T", width=300, height=200, boxes=BOXES, ways=(way,))
        image = QImage(round(300 * scale), round(200 * scale), QImage.Format.Format_RGB32)
        image.fill(0)
        painter = QPainter(image)
        painter.scale(scale, scale)
        GraphPicture(QFont()).draw(painter, graph, LIGHT, scale=scale)
        painter.end()
        return image

    with_label, without = drawn(place), drawn(None)
    differ = [
        (x, y)
        for x in range(without.width())
        for y in range(without.height())
        if with_label.pixel(x, y) != without.pixel(x, y)
    ]
    if not differ:
        return None
    across, down = zip(*differ, strict=True)
    return min(across) / scale, min(down) / scale, (max(across) + 1) / scale, (max(down) + 1) / scale


@pytest.mark.parametrize("name", names())
def test_words_of_scripts_fit_their_places(qapp: QApplication, name: str) -> None:
    def width(size: float, weight: QFont.Weight) -> Callable[[str], float]:
        font = QFont()
        font.setPixelSize(round(size))
        font.setWeight(weight)
        return QFontMetricsF(font).horizontalAdvance

    plain, bold = width(LINE_SIZE, QFont.Weight.Normal), width(NAME_SIZE, QFont.Weight.DemiBold)
    graph = ivr_graph(load(name), "i")
    for way in graph.ways:
        assert (way.place is not None) == bool(way.label)
        assert way.place is None or plain(way.label) <= way.place.width
    for box in graph.boxes:
        assert max(plain(box.line), bold(box.node)) <= box.width - 10


@pytest.mark.parametrize("label", ["1", "wrong key", "a label that has no room at all in its place"])
@pytest.mark.parametrize("scale", [1.0, 0.75, 0.5, 2.0])
def test_a_label_stays_in_the_room_that_it_may_take(qapp: QApplication, label: str, scale: float) -> None:
    found = ink(PLACE, label, scale)
    assert found is not None
    growth = min(PLACE.growth, max(1.0, LEAST_SIZE / (LINE_SIZE * scale)))
    left, upper, right, lower = found
    pixel = 1 / scale
    assert 130 - growth * 30 - pixel <= left < right <= 130 + growth * 30 + pixel
    assert 107.5 - growth * 7.5 - pixel <= upper < lower <= 107.5 + growth * 7.5 + pixel
    assert (left + right) / 2 == pytest.approx(130, abs=2 * pixel)


def test_a_label_is_as_large_as_it_may_be_until_it_cannot_be_read(qapp: QApplication) -> None:
    narrow = IvrLabel(x=100.0, y=100.0, width=60.0, height=15.0)
    large, small = ink(PLACE, "wrong key", 0.6), ink(narrow, "wrong key", 0.6)
    assert large is not None
    assert small is not None
    assert large[2] - large[0] > 1.3 * (small[2] - small[0])
    assert ink(narrow, "wrong key", 0.5) is None
    assert ink(None, "wrong key") is None
