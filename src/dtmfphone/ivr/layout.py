"""A layered drawing of a script's graph: calls flow from top to bottom, ways back lead up. Lengths are in pixels."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dtmfphone.ivr.graph import Graph, GraphEdge, GraphNode
from dtmfphone.ivr.label_rows import LABEL_HEIGHT, Course, place_labels, room, row_top
from dtmfphone.ivr.layers import Item, arrange, join, layers_of, settle, ways_back
from dtmfphone.ivr.text_width import text_width

HEIGHT: Final = 44.0
MARGIN: Final = 24.0
LEAST_WIDTH: Final = 112.0
"""Of a box, so that short names can be read where all is small."""
TITLE_SIZE: Final = 15.0
NAME_SIZE: Final = 12.0
LINE_SIZE: Final = 11.0
"""Of what boxes do, and of labels."""
LOOP: Final = 18.0
"""How far a way from a node to itself leads out."""
BESIDE: Final = LOOP + 4
"""How far from its box the label of such a way stands."""
BACK: Final = 12.0
"""How far beside the ways down the ways back run."""
MOST_BENDS: Final = 20_000
"""Beyond these long ways are drawn straight, and may cross boxes."""

Point = tuple[float, float]


@dataclass(frozen=True)
class Box:
    """A node in its place; `x` and `y` are of the upper left corner."""

    node: GraphNode
    x: float
    y: float
    width: float
    height: float = HEIGHT


@dataclass(frozen=True)
class Label:
    """What takes a way, in its place; `x` and `y` are of the upper left corner.

    It lies on its way, or beside it where that leads to its own node; it lies on no other label, and on no box.
    """

    x: float
    y: float
    width: float
    height: float = LABEL_HEIGHT


@dataclass(frozen=True)
class Arrow:
    """A way in its place; a way from a node to itself has no points, one that always follows no label."""

    edge: GraphEdge
    points: tuple[Point, ...]
    label: Label | None


@dataclass(frozen=True)
class Drawing:
    """A graph in its place."""

    title: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw(graph: Graph) -> Drawing:
    """Place a graph."""
    names = [node.name for node in graph.nodes]
    ways = {name: [edge.target for edge in graph.edges if edge.source == name] for name in names}
    back = ways_back(names, ways)
    down = [
        (edge.target, edge.source) if (edge.source, edge.target) in back else (edge.source, edge.target)
        for edge in graph.edges
        if edge.source != edge.target
    ]
    layer = layers_of(names, down)
    loops = {edge.source: edge for edge in graph.edges if edge.source == edge.target}
    items = {node.name: _item(node, loops.get(node.name)) for node in graph.nodes}
    layers: list[list[Item]] = [[] for _ in range(max(layer.values()) + 1)]
    for name in names:
        layers[layer[name]].append(items[name])
    straight = sum(layer[below] - layer[above] - 1 for above, below in down) > MOST_BENDS
    bends = {
        (above, below): join(items[above], [] if straight else layers[layer[above] + 1 : layer[below]], items[below])
        for above, below in dict.fromkeys(down)
    }
    arrange(layers)
    settle(layers)
    trails = [_Trail(edge, layer, items, bends) for edge in graph.edges]
    tops = _tops(trails, len(layers))
    arrows = [trail.arrow(tops) for trail in trails]
    boxes = [
        Box(node, item.x - item.left, tops[layer[node.name]], 2 * item.left)
        for node, item in zip(graph.nodes, items.values(), strict=True)
    ]
    ends = [end for row in layers for item in row for end in (item.x - item.left, item.x + item.right)]
    return _framed(graph.title, boxes, arrows, ends)


class _Trail:
    """A way that has no heights yet: where it begins, bends and ends, and what it does between two layers."""

    def __init__(
        self,
        edge: GraphEdge,
        layer: Mapping[str, int],
        items: Mapping[str, Item],
        bends: Mapping[tuple[str, str], Sequence[Item]],
    ) -> None:
        self._edge = edge
        self._source = items[edge.source]
        self._first, self._last = layer[edge.source], layer[edge.target]
        self._upward = self._last < self._first
        self._stops: list[float] = []
        self.courses: dict[int, Course] = {}
        """By the layer above."""
        if edge.source == edge.target:
            return
        between = reversed(bends[edge.target, edge.source]) if self._upward else bends[edge.source, edge.target]
        side = BACK if self._upward else 0.0
        self._stops = [item.x + side for item in (self._source, *between, items[edge.target])]
        straight = len(self._stops) <= abs(self._last - self._first)
        for number, (x, next_x) in enumerate(itertools.pairwise(self._stops)):
            to = x if straight else next_x  # so far from its end a long way is still upright
            ends = (to, x) if self._upward else (x, to)
            width = 0.0 if number else _label_width(edge)
            self.courses[self._layer(number) - self._upward] = Course(*ends, self._upward, width)

    def arrow(self, tops: Sequence[float]) -> Arrow:
        """Return the way in its place, the layers' boxes beginning at these heights."""
        if not self._stops:
            return Arrow(self._edge, (), self._beside(tops[self._first]))
        points: list[Point] = []
        for number, x in enumerate(self._stops[:-1]):
            top = tops[self._layer(number)]
            points += [(x, top + HEIGHT), (x, top)] if self._upward else [(x, top), (x, top + HEIGHT)]
        end = (self._stops[-1], tops[self._last] + (HEIGHT if self._upward else 0.0))
        return Arrow(self._edge, (*points[1:], end), self._between(tops))

    def _layer(self, number: int) -> int:
        return self._first - number if self._upward else self._first + number

    def _beside(self, top: float) -> Label | None:
        width = _label_width(self._edge)
        x = self._source.x + self._source.left + BESIDE
        return Label(x, top + (HEIGHT - LABEL_HEIGHT) / 2, width) if width else None

    def _between(self, tops: Sequence[float]) -> Label | None:
        above = self._first - self._upward
        course = self.courses[above]
        y = tops[above] + HEIGHT + row_top(course.row)
        return Label(course.middle - course.width / 2, y, course.width) if course.width else None


def _tops(trails: Sequence[_Trail], count: int) -> list[float]:
    """Place the labels between the layers; return where the boxes of each layer begin."""
    below: list[list[Course]] = [[] for _ in range(count)]
    for trail in trails:
        for number, course in trail.courses.items():
            below[number].append(course)
    heights = [HEIGHT + room(place_labels(courses)) for courses in below[:-1]]
    return list(itertools.accumulate(heights, initial=2.5 * MARGIN))


def _framed(title: str, boxes: Sequence[Box], arrows: Sequence[Arrow], ends: Sequence[float]) -> Drawing:
    """Move all to where the margins are equal; `ends` are the left and right ends of all but labels."""
    labels = [arrow.label for arrow in arrows if arrow.label is not None]
    ends = [*ends, *(label.x for label in labels), *(label.x + label.width for label in labels)]
    right = MARGIN - min(ends)
    inner = max(max(ends) - min(ends), text_width(title, TITLE_SIZE, bold=True))
    return Drawing(
        title,
        inner + 2 * MARGIN,
        max(box.y for box in boxes) + HEIGHT + MARGIN,
        tuple(replace(box, x=box.x + right) for box in boxes),
        tuple(_moved(arrow, right) for arrow in arrows),
    )


def _moved(arrow: Arrow, right: float) -> Arrow:
    label = arrow.label and replace(arrow.label, x=arrow.label.x + right)
    return replace(arrow, points=tuple((x + right, y) for x, y in arrow.points), label=label)


def _item(node: GraphNode, loop: GraphEdge | None) -> Item:
    """Return a box, with room for a way to itself if it has one."""
    words = max(text_width(node.name, NAME_SIZE, bold=True), text_width(node.line, LINE_SIZE))
    half = max(LEAST_WIDTH, words + 24) / 2
    return Item(half, half if loop is None else half + BESIDE + _label_width(loop))


def _label_width(edge: GraphEdge) -> float:
    return text_width(edge.label, LINE_SIZE) + 4 if edge.label else 0.0
