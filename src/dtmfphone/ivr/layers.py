"""The order of boxes in layers: calls flow from top to bottom, and few ways cross. Lengths are in pixels."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

BOX_GAP: Final = 26.0
BEND_WIDTH: Final = 14.0
SWEEPS: Final = 8


@dataclass
class Item:
    """A box, or the bend of a long way on its layer."""

    left: float = BEND_WIDTH / 2
    """How far it reaches from `x`."""
    right: float = BEND_WIDTH / 2
    x: float = 0.0
    """Where ways begin and end."""
    above: "list[Item]" = field(default_factory=list)
    below: "list[Item]" = field(default_factory=list)


def ways_back(names: Sequence[str], ways: Mapping[str, Sequence[str]]) -> set[tuple[str, str]]:
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


def layers_of(names: Sequence[str], down: Sequence[tuple[str, str]]) -> dict[str, int]:
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


def join(above: Item, between: Sequence[list[Item]], below: Item) -> list[Item]:
    """Join two boxes, and return a bend for each layer between them."""
    bends = [Item() for _ in between]
    for row, bend in zip(between, bends, strict=True):
        row.append(bend)
    for upper, lower in itertools.pairwise([above, *bends, below]):
        upper.below.append(lower)
        lower.above.append(upper)
    return bends


def arrange(layers: list[list[Item]]) -> None:
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


def _number(row: list[Item]) -> None:
    for place, item in enumerate(row):
        item.x = (place + 1) / (len(row) + 1)


def settle(layers: list[list[Item]]) -> None:
    """Give each item its place near its neighbours, without overlap."""
    for row in layers:
        x = 0.0
        for item in row:
            item.x = x + item.left
            x += item.left + item.right + BOX_GAP
    for sweep in range(2 * SWEEPS):
        for row in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [_middle(item) for item in row]
            reached = -1e9
            for item, x in zip(row, wanted, strict=True):
                item.x = max(x, reached + item.left)
                reached = item.x + item.right + BOX_GAP
            shift = sum(x - item.x for item, x in zip(row, wanted, strict=True)) / len(row)
            for item in row:
                item.x += shift


def _middle(item: Item) -> float:
    neighbours = item.above + item.below
    return sum(other.x for other in neighbours) / len(neighbours) if neighbours else item.x
