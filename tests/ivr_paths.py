"""Walks through an IVR script that together take every way that a key takes, found on a virtual clock."""

import heapq
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from dtmfphone.dtmf.keys import CODES
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.nodes import Branch, Collect, Confirm, Menu, Repeat
from ivr_rehearsal import ENDED, Rehearsal, Sign

KEY_SECONDS: Final = 0.2
PROMPT_SECONDS: Final = 5.0
"""About what it costs on a real call to hear a prompt out."""
MOST_KEYS: Final = 45
"""A walk that is so long goes to the next end; another one takes what is left."""


class Move(NamedTuple):
    """What a caller does once so many signs were seen: press keys one after another, or wait for a time-out."""

    after: int
    keys: str
    """Empty: wait."""


@dataclass(frozen=True)
class Walk:
    """What a caller does from the answer to the IVR's hanging up, and all that the IVR does meanwhile."""

    moves: tuple[Move, ...]
    signs: tuple[Sign, ...]

    @property
    def keys(self) -> str:
        """All keys in order."""
        return "".join(move.keys for move in self.moves)

    @property
    def waits(self) -> int:
        """How often nothing is pressed until a timer runs out."""
        return sum(not move.keys for move in self.moves)

    @property
    def entered(self) -> list[str]:
        """The nodes in the order in which they are entered."""
        return [sign.node for sign in self.signs if sign.what == "enter"]


def walks(script: Script, *, all_time_outs: bool = False) -> list[Walk]:
    """Return walks that together take all ways of all keys, and reach all nodes, each to the end of the call.

    Time-outs are waited for only where nothing else leads to a node, unless all of them are wanted. Raise ValueError
    where a node is out of reach, or where the call never ends.
    """
    graph = _Graph(script, all_time_outs=all_time_outs)
    missing = {name for name, _ in script.all_nodes()} - {goal[1] for goal in graph.goals() if goal[0] == "node"}
    if missing:
        raise ValueError(f"no caller comes to {', '.join(sorted(missing))}")
    todo = graph.goals()
    found = []
    while todo:
        moves = graph.route(todo)
        found.append(_walk(script, moves))
    return found


Goal = tuple[str, ...]
State = tuple[object, ...]


@dataclass(frozen=True)
class _Way:
    """What comes of an action in a state."""

    keys: str
    cost: float
    to: State | None
    """None: the end of the call."""
    goals: frozenset[Goal]


class _Graph:
    """All states that a call can be in where a key is waited for, and what leads from one to the next."""

    def __init__(self, script: Script, *, all_time_outs: bool) -> None:
        self._script = script
        self._all_time_outs = all_time_outs
        root = Rehearsal(script)
        self._root = _state(root, counted=False)
        self._first: frozenset[Goal] = frozenset(("node", name) for name in _entered(root, 0))
        self._ways: dict[State, list[_Way]] = {}
        todo = [(self._root, root)]
        while todo:
            state, run = todo.pop()
            if state in self._ways:
                continue
            self._ways[state] = []
            for label, keys in _actions(script, run.session.node):
                after = run.copy()
                way = self._try(after, label, keys)
                if way is not None:
                    self._ways[state].append(way)
                    if way.to is not None and way.to not in self._ways:
                        todo.append((way.to, after))

    def goals(self) -> set[Goal]:
        """Return all that walks are to show: nodes, and what comes of keys."""
        return {goal for ways in self._ways.values() for way in ways for goal in way.goals} | self._first

    def route(self, todo: set[Goal]) -> list[str]:
        """Return the keys of one call, which takes all that it can of what is to do off it, and then ends."""
        todo.difference_update(self._first)
        state: State | None = self._root
        keys: list[str] = []
        before = len(todo)
        while state is not None:
            path = None
            if sum(map(len, keys)) < MOST_KEYS:
                path = self._path(state, lambda way: way.to is not None and bool(way.goals & todo))
                path = path or self._path(state, lambda way: bool(way.goals & todo))
            path = path or self._path(state, lambda way: way.to is None)
            if path is None:
                raise ValueError(f"{self._script.name}: the call never ends after {' '.join(keys)}")
            for way in path:
                keys.append(way.keys)
                todo.difference_update(way.goals)
                state = way.to
        if todo and len(todo) == before:
            raise ValueError(f"{self._script.name}: no call does {min(todo)}")
        return keys

    def _try(self, run: Rehearsal, label: str, keys: str) -> _Way | None:
        """Return what comes of an action, or None where it does not count."""
        begin = len(run.signs.all)
        cost = KEY_SECONDS * len(keys)
        node = run.session.node
        if not keys:
            cost = PROMPT_SECONDS + run.wait()
        elif not run.press(keys):
            return None
        entered = _entered(run, begin)
        goals: set[Goal] = {("node", name) for name in entered}
        if keys or self._all_time_outs:
            goals.add(("way", node, label, *(entered[:1] or ["again"])))
            goals |= {("edge", *pair) for pair in itertools.pairwise(entered)}
        to = None if run.session.ended else _state(run, counted=label == "count")
        return _Way(keys, cost, to, frozenset(goals))

    def _path(self, state: State, wanted: Callable[[_Way], bool]) -> list[_Way] | None:
        """Return the cheapest path whose last way is wanted, or None."""
        tie = itertools.count()
        best: dict[State, float] = {state: 0.0}
        heap: list[tuple[float, int, State, list[_Way]]] = [(0.0, next(tie), state, [])]
        arrived: tuple[float, list[_Way]] | None = None
        while heap:
            cost, _, here, path = heapq.heappop(heap)
            if arrived is not None and cost >= arrived[0]:
                break
            for way in self._ways[here] if cost == best[here] else ():
                total = cost + way.cost
                if wanted(way) and (arrived is None or total < arrived[0]):
                    arrived = total, [*path, way]
                if way.to is not None and total < best.get(way.to, math.inf):
                    best[way.to] = total
                    heapq.heappush(heap, (total, next(tie), way.to, [*path, way]))
        return arrived[1] if arrived is not None else None


def _actions(script: Script, name: str) -> Iterator[tuple[str, str]]:
    """Yield what a caller may do at a node that waits: what it is called, and the keys."""
    node = script.node(name)
    if isinstance(node, Menu | Confirm):
        choices = node.choices()
        yield from ((key, key) for key in choices)
        yield from [("wrong key", key) for key in "9876543210*#ABCD" if key not in choices][:1]
    elif isinstance(node, Collect):
        yield from _collections(script, node)
    yield "time-out", ""


def _collections(script: Script, node: Collect) -> Iterator[tuple[str, str]]:
    """Yield what may be typed at a collection, of each way to end it one."""
    digit = next(key for key in "7" + "".join(CODES) if key not in node.stop_keys)
    fewest = digit * max(1, node.min_digits)
    values = [fewest, digit * node.max_digits]
    for _, other in script.all_nodes():
        if isinstance(other, Branch) and other.branch == node.variable:
            values += [value for value in other.cases if _can_be_typed(value, node)]
    for value in dict.fromkeys(values):
        if len(value) == node.max_digits:
            yield "count", value
            # A stop key later than this may still belong to the collection, or not: that is a matter of time.
            yield from ((f"count, then {key}", value + key) for key in node.stop_keys[:1])
        else:
            yield from ((f"digits, {key}", value + key) for key in node.stop_keys)
    if node.min_digits > 0:
        yield from ((f"only {key}", key) for key in node.stop_keys)
    if node.min_digits > 1:
        yield from ((f"too few, {key}", digit * (node.min_digits - 1) + key) for key in node.stop_keys)


def _can_be_typed(value: str, node: Collect) -> bool:
    return node.min_digits <= len(value) <= node.max_digits and all(
        key in CODES and key not in node.stop_keys for key in value
    )


def _state(run: Rehearsal, *, counted: bool) -> State:
    """Return all on which it depends what keys do from here on."""
    session, script, signs = run.session, run.session.script, run.signs.all
    last = max(i for i, sign in enumerate(signs) if sign.what == "enter")
    failures = Counter(_failure(sign) for sign in signs[last:] if sign.what in ENDED)
    visits = Counter(sign.node for sign in signs if sign.what == "enter")
    repeats = tuple(visits[name] % (node.limit + 1) for name, node in script.all_nodes() if isinstance(node, Repeat))
    failed = tuple(sorted(failures.items()))
    return session.node, tuple(session.callers), tuple(sorted(session.variables.items())), failed, repeats, counted


def _failure(sign: Sign) -> str:
    return "time-out" if sign.text.startswith(" by") and "stop-key" not in sign.text else "invalid"


def _entered(run: Rehearsal, begin: int) -> list[str]:
    return [sign.node for sign in run.signs.all[begin:] if sign.what == "enter"]


def _walk(script: Script, keys: list[str]) -> Walk:
    run = Rehearsal(script)
    moves = []
    for each in keys:
        moves.append(Move(run.ready, each))
        if each:
            run.press(each)
        else:
            run.wait()
    return Walk(tuple(moves), tuple(run.signs.all))
