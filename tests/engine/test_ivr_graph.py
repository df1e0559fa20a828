from dtmfphone.engine.ivr_graph import MOST_NODES, ivr_graph
from dtmfphone.ivr.script import parse

SCRIPT = """\
title: A test
start: ask
nodes:
  ask:
    menu: Press one.
    keys: {"1": bye}
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  bye: {hang_up: Bye.}
"""


def test_boxes_and_ways_are_in_their_places() -> None:
    graph = ivr_graph(parse(SCRIPT), "ivr-1")
    assert (graph.call, graph.title) == ("ivr-1", "A test")
    ask, bye = graph.boxes
    assert [(box.node, box.role, box.line) for box in (ask, bye)] == [
        ("ask", "ask", "menu: Press one."),
        ("bye", "end", "hang up: Bye."),
    ]
    (way,) = graph.ways
    assert (way.source, way.target) == ("ask", "bye")
    assert way.label.startswith("1")
    assert ask.x <= way.points[0][0] <= ask.x + ask.width
    assert (way.points[0][1], way.points[-1][1]) == (ask.y + ask.height, bye.y)
    assert all(box.x >= 0 and box.x + box.width <= graph.width for box in graph.boxes)
    assert bye.y + bye.height <= graph.height


def test_a_script_that_is_too_large_has_no_boxes() -> None:
    chain = "".join(f"  n{number}: {{say: Go., next: n{number + 1}}}\n" for number in range(MOST_NODES))
    text = f"title: Long\nstart: n0\nnodes:\n{chain}  n{MOST_NODES}: {{hang_up: Bye.}}\n"
    graph = ivr_graph(parse(text), "ivr-1")
    assert (graph.title, graph.boxes, graph.ways) == ("Long", (), ())


def test_each_box_knows_what_may_be_said() -> None:
    text = """\
title: Words
start: menu
nodes:
  menu:
    menu: Hours or desk?
    keys: {"1": number, "2": bye}
    words: {"1": [hours, office hours], "2": [desk]}
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  number:
    collect: Your number.
    variable: number
    max_digits: 4
    next: sure
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  sure:
    confirm: Sure?
    yes: bye
    no: bye
    invalid: {say: Wrong., next: bye}
    time_out: {say: Nothing., next: bye}
  bye: {hang_up: Bye.}
"""
    says = {box.node: box.says for box in ivr_graph(parse(text), "ivr-1").boxes}
    assert says == {"menu": "hours, office hours, desk", "number": "digits", "sure": "yes, no", "bye": ""}


def test_labels_are_in_their_places_with_room_to_grow() -> None:
    (way,) = ivr_graph(parse(SCRIPT), "ivr-1").ways
    place = way.place
    assert place is not None
    (x, y), (to_x, to_y) = way.points
    assert y < place.y < place.y + place.height < to_y
    assert min(x, to_x) - place.width < place.x < max(x, to_x)
    assert 1 < place.growth < 3
