"""Scripts and graphs drawn from a seed: valid, crowded, and of all kinds of ways."""

import random
from collections.abc import Iterator

from dtmfphone.ivr.document import Script
from dtmfphone.ivr.graph import Graph, GraphEdge, GraphNode
from dtmfphone.ivr.script import parse

KEYS = "1234567890*#"
WORDS = ("please", "press", "one", "for", "sales", "or", "enter", "your", "number", "followed", "by", "hash")


def random_script(seed: int, most_nodes: int = 24) -> Script:
    """Return a valid script in which keys lead anywhere, also back, and to the node itself."""
    draw = random.Random(seed)
    names = [f"{draw.choice(WORDS)}_{number}" for number in range(draw.randint(2, most_nodes))]
    nodes = "".join(f"  {name}: {{{node}}}\n" for name, node in _nodes(draw, names))
    return parse(f"title: Random {seed}\nstart: {names[0]}\nnodes:\n{nodes}  bye: {{hang_up: Goodbye.}}\n")


def random_graph(seed: int, nodes: int = 16, edges: int = 90) -> Graph:
    """Return a graph that is more crowded than scripts may be; some of its labels are wide."""
    draw = random.Random(seed)
    names = [f"n{number}" for number in range(nodes)]
    pairs = dict.fromkeys((draw.choice(names), draw.choice(names)) for _ in range(edges))
    return Graph(
        f"Random {seed}",
        tuple(GraphNode(name, "speak", "say", draw.choice("xW漢") * draw.randint(0, 40)) for name in names),
        tuple(GraphEdge(*pair, draw.choice(("", "1", "漢字", "W" * draw.randint(1, 50)))) for pair in pairs),
    )


def _nodes(draw: random.Random, names: list[str]) -> Iterator[tuple[str, str]]:
    for number, name in enumerate(names):
        onward = names[number + 1] if number + 1 < len(names) else "bye"
        anywhere = [*names, "bye"]
        say = " ".join(draw.choices(WORDS, k=draw.randint(1, 12)))
        retry = f"invalid: {{say: No., next: {draw.choice(anywhere)}}}, time_out: {{say: No., next: bye}}"
        match draw.choice(("menu", "menu", "confirm", "collect", "say")):
            case "menu":
                keys = draw.sample(KEYS, draw.randint(1, len(KEYS)))
                ways = ", ".join(f'"{key}": {draw.choice(anywhere)}' for key in keys[1:])
                yield name, f'menu: {say}, keys: {{"{keys[0]}": {onward}{", " if ways else ""}{ways}}}, {retry}'
            case "confirm":
                yield name, f"confirm: {say}, yes: {onward}, no: {draw.choice(anywhere)}, {retry}"
            case "collect":
                yield name, f"collect: {say}, variable: v{number}, max_digits: 4, next: {onward}, {retry}"
            case _:
                yield name, f"say: {say}, next: {onward}"
