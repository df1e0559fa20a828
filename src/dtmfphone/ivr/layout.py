"""A layered drawing of a script's graph: calls flow from top to bottom, ways back lead up. Lengths are in pixels."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from dtmfphone.ivr.graph import Graph, GraphEdge, GraphNode

HEIGHT: Final = 44.0
LAYER_GAP: Final = 58.0
BOX_GAP: Final = 26.0
MARGIN: Final = 24.0
CHARACTER: Final = 6.9
"""Width of a character, on average."""
BEND_WIDTH: Final = 14.0
MOST_BENDS: Final = 20_000
"""Beyond these long ways are drawn straight."""
SWEEPS: Final = 8

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
class Arrow:
    """A way in its place; a way from a node to itself has no points."""

    edge: GraphEdge
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Drawing:
    """A graph in its place."""

    title: str
    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


@dataclass
class _Item:
    """A box, or the bend of a long way on its layer."""

    width: float
    x: float = 0.0
    """Of the middle."""
    above: "list[_Item]" = field(default_factory=list)
    below: "list[_Item]" = field(default_factory=list)


def draw(graph: Graph) -> Drawing:
    """Place a graph."""
    names = [node.name for node in graph.nodes]
    ways = {name: [edge.target for edge in graph.edges if edge.source == name] for name in names}
    back = _ways_back(names, ways)
    down = [
        (edge.target, edge.source) if (edge.source, edge.target) in back else (edge.source, edge.target)
        for edge in graph.edges
        if edge.source != edge.target
    ]
    layer = _layers(names, down)
    items = {node.name: _Item(_width(node)) for node in graph.nodes}
    layers: list[list[_Item]] = [[] for _ in range(max(layer.values()) + 1)]
    for name in names:
        layers[layer[name]].append(items[name])
    straight = sum(layer[below] - layer[above] - 1 for above, below in down) > MOST_BENDS
    bends = {pair: _bend(pair, layer, items, layers, straight=straight) for pair in dict.fromkeys(down)}
    _arrange(layers)
    width = _settle(layers)
    boxes = tuple(
        Box(node, items[node.name].x - items[node.name].width / 2, _top(layer[node.name]), items[node.name].width)
        for node in graph.nodes
    )
    arrows = tuple(_arrow(edge, layer, items, bends, back) for edge in graph.edges)
    return Drawing(graph.title, width + 2 * MARGIN, _top(len(layers) - 1) + HEIGHT + MARGIN, boxes, arrows)


def _ways_back(names: Sequence[str], ways: Mapping[str, Sequence[str]]) -> set[tuple[str, str]]:
    """Return the ways that lead to where a call came from, so that the others make no circle."""
    back: set[tuple[str, str]] = set()
    open_, done = set[str](), set[str]()
    for first in names:
        if first in done:
            continue
        open_.add(first)
        stack = [(first, iter(ways[first]))]
        while stack:
            name, onward = stack[-1]
            for to in onward:
                if to in open_:
                    back.add((name, to))
                elif to not in done:
                    open_.add(to)
                    stack.append((to, iter(ways[to])))
                    break
            else:
                open_.remove(name)
                done.add(name)
                stack.pop()
    return back


def _layers(names: Sequence[str], down: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return for each node the number of steps on the longest way to it."""
    waiting = dict.fromkeys(names, 0)
    below: dict[str, list[str]] = {name: [] for name in names}
    for source, target in down:
        waiting[target] += 1
        below[source].append(target)
    layer = dict.fromkeys(names, 0)
    ready = [name for name in names if not waiting[name]]
    while ready:
        name = ready.pop()
        for to in below[name]:
            layer[to] = max(layer[to], layer[name] + 1)
            waiting[to] -= 1
            if not waiting[to]:
                ready.append(to)
    return layer


def _bend(
    pair: tuple[str, str],
    layer: Mapping[str, int],
    items: Mapping[str, _Item],
    layers: list[list[_Item]],
    *,
    straight: bool,
) -> list[_Item]:
    """Join two boxes, with a bend on each layer in between."""
    source, target = pair
    chain = [items[source]]
    for number in range(layer[source] + 1, layer[target]):
        if straight:
            break
        bend = _Item(BEND_WIDTH)
        layers[number].append(bend)
        chain.append(bend)
    chain.append(items[target])
    for above, below in itertools.pairwise(chain):
        above.below.append(below)
        below.above.append(above)
    return chain[1:-1]


def _arrange(layers: list[list[_Item]]) -> None:
    """Order each layer so that few ways cross: each item goes to the middle of its neighbours."""
    for sweep in range(SWEEPS):
        downward = sweep % 2 == 0
        for row in layers if downward else reversed(layers):
            _number(row)
            for item in row:
                neighbours = item.above if downward else item.below
                if neighbours:
                    item.x = sum(other.x for other in neighbours) / len(neighbours)
            row.sort(key=lambda item: item.x)
            _number(row)


def _number(row: list[_Item]) -> None:
    for place, item in enumerate(row):
        item.x = (place + 1) / (len(row) + 1)


def _settle(layers: list[list[_Item]]) -> float:
    """Give each item its place near its neighbours, without overlap; return the width of it all."""
    for row in layers:
        x = 0.0
        for item in row:
            item.x = x + item.width / 2
            x += item.width + BOX_GAP
    for sweep in range(2 * SWEEPS):
        for row in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [_middle(item) for item in row]
            reached = -1e9
            for item, x in zip(row, wanted, strict=True):
                item.x = max(x, reached + item.width / 2)
                reached = item.x + item.width / 2 + BOX_GAP
            shift = sum(x - item.x for item, x in zip(row, wanted, strict=True)) / len(row)
            for item in row:
                item.x += shift
    everything = [item for row in layers for item in row]
    left = min(item.x - item.width / 2 for item in everything)
    for item in everything:
        item.x += MARGIN - left
    return max(item.x + item.width / 2 for item in everything) - MARGIN


def _middle(item: _Item) -> float:
    neighbours = item.above + item.below
    return sum(other.x for other in neighbours) / len(neighbours) if neighbours else item.x


def _arrow(
    edge: GraphEdge,
    layer: Mapping[str, int],
    items: Mapping[str, _Item],
    bends: Mapping[tuple[str, str], list[_Item]],
    back: set[tuple[str, str]],
) -> Arrow:
    if edge.source == edge.target:
        return Arrow(edge, ())
    upward = (edge.source, edge.target) in back
    source, target = items[edge.source], items[edge.target]
    chain = bends[(edge.target, edge.source) if upward else (edge.source, edge.target)]
    first, step = layer[edge.source], -1 if upward else 1
    between: list[Point] = []
    for number, item in enumerate(reversed(chain) if upward else chain, start=1):
        top = _top(first + step * number)
        between += [(item.x, top + HEIGHT), (item.x, top)] if upward else [(item.x, top), (item.x, top + HEIGHT)]
    side = 12.0 if upward else 0.0
    begin = (source.x + side, _top(first) + (0.0 if upward else HEIGHT))
    end = (target.x + side, _top(layer[edge.target]) + (HEIGHT if upward else 0.0))
    return Arrow(edge, (begin, *between, end))


def _top(layer: int) -> float:
    return 2.5 * MARGIN + layer * (HEIGHT + LAYER_GAP)


def _width(node: GraphNode) -> float:
    return max(len(node.name), len(node.line)) * CHARACTER + 24
