"""The picture of a script: what is in it, and that it can be read."""

from itertools import combinations
from xml.etree import ElementTree

import pytest

from dtmfphone.ivr.graph import Graph, GraphEdge, GraphNode, graph_of
from dtmfphone.ivr.graph_svg import svg
from dtmfphone.ivr.layout import Label, draw
from dtmfphone.ivr.script import load, names, parse


def test_ways_say_what_takes_them() -> None:
    graph = graph_of(load("dental"))
    labels = {(edge.source, edge.target): edge.label for edge in graph.edges}
    assert graph.nodes[0].name == "welcome"
    assert labels["welcome", "consent"] == ""
    assert labels["consent", "consent.ask"] == "task"
    assert labels["consent", "record"] == "given"
    assert labels["consent.ask", "consent.refused"] == "no (2), wrong key"
    assert labels["main", "goodbye"] == "#, no key"
    assert labels["patient.ask", "patient.unknown"] == "too few, no key"
    bank = {(edge.source, edge.target): edge.label for edge in graph_of(load("bank")).edges}
    assert bank["log_in.check_pin", "log_in.wrong"] == "else"
    assert bank["log_in.again", "log_in.customer"] == "at most 2×"


def test_a_collection_that_is_confirmed_says_so() -> None:
    text = "title: D\nstart: a\nnodes:\n  a: {collect: Digits., confirm: true, variable: d, max_digits: 4, next: b,\n"
    retries = "    invalid: {say: No., next: b}, time_out: {say: No., next: b}}\n  b: {hang_up: Bye.}\n"
    assert [node.line for node in graph_of(parse(text + retries)).nodes] == [
        "collect, confirm: Digits.",
        "hang up: Bye.",
    ]


def test_long_labels_are_cut() -> None:
    cases = ", ".join(f'"{number}{"x" * 30}": c' for number in range(9))
    text = 'title: D\nstart: s\nnodes:\n  s: {set: {v: "1"}, next: a}\n'
    text += f'  a: {{branch: v, cases: {{"{"y" * 40}": b, {cases}}}, otherwise: b}}\n'
    text += "  b: {hang_up: Bye.}\n  c: {hang_up: Bye.}\n"
    _, one, many = graph_of(parse(text)).edges
    assert one.label == f"= {'y' * 23}…, else"
    assert (len(many.label), many.label[-1]) == (60, "…")


@pytest.mark.parametrize("name", names())
def test_no_two_boxes_overlap_and_all_is_inside(name: str) -> None:
    drawing = draw(graph_of(load(name)))
    assert len(drawing.boxes) == len(list(load(name).all_nodes()))
    for one, other in combinations(drawing.boxes, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y
    for box in drawing.boxes:
        assert 0 <= box.x <= box.x + box.width <= drawing.width
        assert 0 <= box.y <= box.y + box.height <= drawing.height


@pytest.mark.parametrize("name", names())
def test_ways_begin_and_end_at_their_boxes_and_lead_down_unless_they_go_back(name: str) -> None:
    drawing = draw(graph_of(load(name)))
    boxes = {box.node.name: box for box in drawing.boxes}
    for arrow in drawing.arrows:
        source, target = boxes[arrow.edge.source], boxes[arrow.edge.target]
        if source is target:
            assert arrow.points == ()
            continue
        (x, y), (to_x, to_y) = arrow.points[0], arrow.points[-1]
        assert source.x <= x <= source.x + source.width
        assert target.x <= to_x <= target.x + target.width
        assert y in (source.y, source.y + source.height)
        assert to_y in (target.y, target.y + target.height)
        heights = [point[1] for point in arrow.points]
        assert heights == sorted(heights, reverse=heights[0] > heights[-1])


def test_the_picture_is_xml_with_the_texts_in_it() -> None:
    script = parse('title: A & B <x>\nstart: bye\nnodes:\n  bye: {hang_up: "Bye & <good> luck."}\n')
    picture = svg(draw(graph_of(script)))
    root = ElementTree.fromstring(picture)
    texts = [element.text for element in root.iter() if element.text and element.text.strip()]
    assert "A & B <x>" in texts
    assert "hang up: Bye & <good> luck." in texts
    assert "prefers-color-scheme: dark" in picture
    assert root.find(".//*[@id='bye']") is not None


def test_labels_in_the_picture_are_where_the_layout_has_them() -> None:
    drawing = draw(graph_of(load("dental")))
    places = {(arrow.edge.label, arrow.label) for arrow in drawing.arrows if arrow.label}
    root = ElementTree.fromstring(svg(drawing))
    spaces = {"": "http://www.w3.org/2000/svg"}
    papers = root.findall("rect[@class='paper']", spaces)
    texts = root.findall("text[@class='label']", spaces)
    found = {
        (text.text, Label(*(float(paper.get(name, "")) for name in ("x", "y", "width", "height"))))
        for paper, text in zip(papers, texts, strict=True)
        if abs(float(paper.get("x", "")) + float(paper.get("width", "")) / 2 - float(text.get("x", ""))) < 0.2
    }
    assert found == {(words, Label(*(round(x, 1) for x in (at.x, at.y, at.width, at.height)))) for words, at in places}
    assert len(found) == 21


def test_a_script_of_the_greatest_size_is_drawn() -> None:
    count = 1000
    nodes = tuple(GraphNode(f"n{number}", "speak", "say", "x") for number in range(count))
    edges = tuple(GraphEdge(f"n{number}", f"n{number + 1}") for number in range(count - 1))
    long = tuple(GraphEdge(f"n{number}", f"n{count - 1}", "bye") for number in range(count - 2))
    drawing = draw(Graph("Many", nodes, edges + long))
    assert len(drawing.boxes) == count
    assert len({box.y for box in drawing.boxes}) == count
