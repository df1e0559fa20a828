"""Where labels stand: on their ways, off all boxes and all other labels, whatever the script."""

from collections.abc import Iterator
from functools import cache
from itertools import combinations

import pytest
from random_scripts import random_graph, random_script

from dtmfphone.ivr.graph import Graph, GraphEdge, GraphNode, graph_of
from dtmfphone.ivr.label_growth import MOST, growths
from dtmfphone.ivr.label_rows import LABEL_HEIGHT, across
from dtmfphone.ivr.layout import BESIDE, LOOP, Arrow, Box, Drawing, Label, draw
from dtmfphone.ivr.script import load, names

GRAPHS = [
    *(pytest.param(graph_of(load(name)), id=name) for name in names()),
    *(pytest.param(graph_of(random_script(seed)), id=f"script-{seed}") for seed in range(24)),
    *(pytest.param(random_graph(seed), id=f"graph-{seed}") for seed in range(10)),
]
drawn = cache(draw)
Place = tuple[float, float, float, float]
"""Left, upper, right and lower end."""


def place(one: Box | Label, growth: float = 1.0) -> Place:
    x, y = one.x + one.width / 2, one.y + one.height / 2
    across, down = growth * one.width / 2, growth * one.height / 2
    return x - across, y - down, x + across, y + down


def overlap(one: Place, other: Place) -> bool:
    nearly = 1e-6
    across = min(one[2], other[2]) - max(one[0], other[0]) > nearly
    return across and min(one[3], other[3]) - max(one[1], other[1]) > nearly


def labels(drawing: Drawing) -> Iterator[tuple[Arrow, Label]]:
    yield from ((arrow, arrow.label) for arrow in drawing.arrows if arrow.label is not None)


def pieces(arrow: Arrow) -> Iterator[tuple[float, float, float, float]]:
    """Yield the pieces of a way between layers and beside boxes."""
    for (x, y), (to_x, to_y) in zip(arrow.points, arrow.points[1:], strict=False):
        yield (x, y, to_x, to_y) if y < to_y else (to_x, to_y, x, y)


@pytest.mark.parametrize("graph", GRAPHS)
def test_no_label_lies_on_another_or_on_a_box(graph: Graph) -> None:
    drawing = drawn(graph)
    placed = [place(label) for _, label in labels(drawing)]
    assert len(placed) == len([edge for edge in graph.edges if edge.label])
    assert not [pair for pair in combinations(placed, 2) if overlap(*pair)]
    assert not [(one, box) for one in placed for box in drawing.boxes if overlap(one, place(box))]
    for left, upper, right, lower in placed:
        assert 0 <= left < right <= drawing.width
        assert 0 <= upper < lower <= drawing.height


@pytest.mark.parametrize("graph", GRAPHS)
def test_each_label_lies_on_its_way_near_where_that_begins(graph: Graph) -> None:
    drawing = drawn(graph)
    boxes = {box.node.name: box for box in drawing.boxes}
    for arrow, label in labels(drawing):
        if not arrow.points:
            source = boxes[arrow.edge.source]
            assert label.x == pytest.approx(source.x + source.width + BESIDE)
            assert label.y + label.height / 2 == pytest.approx(source.y + source.height / 2)
            continue
        (x, y), (to_x, to_y) = arrow.points[:2]
        down = (label.y + label.height / 2 - y) / (to_y - y)
        assert 0 < down < 1
        from_x, end = (x, to_x) if y < to_y else (to_x, x)
        here = from_x + (end - from_x) * across(down if y < to_y else 1 - down)
        assert label.x < here < label.x + label.width


@pytest.mark.parametrize("graph", GRAPHS)
def test_labels_and_boxes_that_grow_meet_nothing(graph: Graph) -> None:
    drawing = drawn(graph)
    grown = [
        place(arrow.label, growth)
        for arrow, growth in zip(drawing.arrows, growths(drawing), strict=True)
        if arrow.label and 1 <= growth <= MOST
    ]
    assert len(grown) == len(list(labels(drawing)))
    assert not [pair for pair in combinations(grown, 2) if overlap(*pair)]
    assert not [(one, box) for one in grown for box in drawing.boxes if overlap(one, place(box))]
    assert all(left > -1e-6 and right < drawing.width + 1e-6 for left, _, right, _ in grown)


@pytest.mark.parametrize("graph", GRAPHS)
def test_ways_cross_no_box(graph: Graph) -> None:
    drawing = drawn(graph)
    for arrow in drawing.arrows:
        for x, y, to_x, to_y in pieces(arrow):
            for box in drawing.boxes:
                if box.y < to_y and y < box.y + box.height:
                    assert x == to_x, "beside boxes ways lead straight down"
                    assert not box.x <= x <= box.x + box.width, (arrow.edge, box.node.name)


def test_the_same_script_is_drawn_in_the_same_way() -> None:
    assert draw(graph_of(random_script(1))) == draw(graph_of(random_script(1)))


def test_there_and_back_are_two_ways() -> None:
    names = ("a", "b", "c")
    nodes = tuple(GraphNode(name, "speak", "say", name) for name in names)
    edges = tuple(GraphEdge(*pair) for pair in (("a", "b"), ("b", "c"), ("a", "c"), ("c", "a")))
    *_, there, back = draw(Graph("T", nodes, edges)).arrows
    assert there.points[0][1] < there.points[-1][1]
    assert back.points[0][1] > back.points[-1][1]
    assert not {x for x, _ in there.points} & {x for x, _ in back.points}


def test_a_way_to_itself_has_room_for_its_label() -> None:
    nodes = tuple(GraphNode(name, "ask", "menu", "") for name in ("a", "b", "c"))
    edges = (GraphEdge("a", "b"), GraphEdge("a", "c"), GraphEdge("b", "b", "wrong key, no key"), GraphEdge("c", "c"))
    drawing = draw(Graph("T", nodes, edges))
    _, b, c = sorted(drawing.boxes, key=lambda box: (box.y, box.x))
    (_, label), *others = labels(drawing)
    assert not others
    assert label.height == LABEL_HEIGHT
    assert b.x + b.width + LOOP < label.x
    assert label.x + label.width < c.x
    assert c.x + c.width + LOOP < drawing.width


def test_the_title_fits_a_narrow_drawing() -> None:
    drawing = draw(Graph("A title that is long " * 3, (GraphNode("a", "end", "hang up", ""),), ()))
    assert drawing.width > 400
