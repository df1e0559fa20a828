from gui_phone import Phone
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor

from dtmfphone.engine.events import CallChanged, IvrBox, IvrGraph, IvrStep, IvrWay
from dtmfphone.gui.graph_pane import EMPTY, TONES

NODES = ("start", "middle", "end")


def graph(call: str = "i1") -> IvrGraph:
    boxes = tuple(
        IvrBox(node=name, role="ask", line="menu", text=f"At {name}.", x=700.0, y=60.0 + 700 * row, width=90, height=44)
        for row, name in enumerate(NODES)
    )
    ways = (
        IvrWay(source="start", target="middle", label="1", points=((745.0, 104.0), (745.0, 760.0))),
        IvrWay(source="middle", target="middle", label="again", inward=True),
        IvrWay(source="end", target="start", points=((757.0, 1460.0), (757.0, 104.0))),
    )
    return IvrGraph(t=0.0, call=call, script="s", title="A test", width=1500, height=1600, boxes=boxes, ways=ways)


def enter(node: str) -> IvrStep:
    return IvrStep(t=0.0, call="i1", script="s", node=node, action="enter")


def inside(phone: Phone, node: str) -> str:
    """Return the colour in a box's upper left corner, where no words are."""
    canvas = phone.window.panes.graph.canvas
    box = canvas.box_of(node)
    assert box is not None
    return canvas.grab().toImage().pixelColor(QPoint(round(box.x()) + 9, round(box.y()) + 5)).name()


def in_sight(phone: Phone, node: str) -> bool:
    pane = phone.window.panes.graph
    box = pane.canvas.box_of(node)
    assert box is not None
    place = box.toRect().translated(pane.canvas.mapTo(pane.area.viewport(), QPoint(0, 0)))
    return pane.area.viewport().rect().contains(place)


def test_the_node_where_the_call_is_is_marked_and_in_sight(phone: Phone) -> None:
    phone.window.resize(980, 560)
    phone.window.actions_by_id["show-ivr"].trigger()
    phone.feed(graph(), enter("start"))
    accent = QColor(phone.look.theme.accent).name()
    for node in (*NODES, "start"):
        phone.feed(enter(node))
        assert [name for name in NODES if inside(phone, name) == accent] == [node]
        assert [name for name in NODES if in_sight(phone, name)] == [node]
        assert phone.window.panes.graph.place.whole == f"At “{node}”, A test"
    phone.feed(CallChanged(t=1.0, call="i1", leg="ivr", state="ended"))
    assert inside(phone, "start") != accent
    assert phone.window.panes.graph.place.whole == "Ended at “start”, A test"


def test_the_node_is_in_sight_when_the_pane_is_opened_later(phone: Phone) -> None:
    phone.feed(graph(), enter("end"))
    phone.window.actions_by_id["show-ivr"].trigger()
    assert in_sight(phone, "end")
    phone.window.resize(980, 560)
    assert in_sight(phone, "end")


def test_tools_for_rows_are_off(phone: Phone) -> None:
    actions = phone.window.actions_by_id
    phone.window.panes.show_page("ivr")
    assert not any(actions[name].isEnabled() for name in ("filter", "copy", "export", "clear", "follow"))
    phone.window.panes.show_page("log")
    assert all(actions[name].isEnabled() for name in ("filter", "copy", "export", "clear"))


def test_without_a_graph_it_says_what_comes(phone: Phone) -> None:
    phone.window.panes.show_page("ivr")
    canvas = phone.window.panes.graph.canvas
    blank = canvas.grab().toImage()
    assert len({blank.pixel(x, blank.height() // 2 - 4) for x in range(blank.width())}) > 1, EMPTY
    phone.feed(IvrGraph(t=0.0, call="i1", script="s", title="Huge"), enter("n"))
    assert canvas.grab().toImage() != blank
    assert phone.window.panes.graph.place.whole == "At “n”, Huge"


def test_each_role_has_a_colour_of_its_own() -> None:
    assert len(set(TONES.values())) == len(TONES)
