from pathlib import Path

import pytest
from gui_phone import Phone
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from dtmfphone.engine.events import CallChanged, IvrBox, IvrGraph, IvrStep, IvrWay
from dtmfphone.gui.graph_area import LARGEST, OVERVIEW, SMALLEST, STEP
from dtmfphone.gui.graph_canvas import EMPTY, tip
from dtmfphone.gui.graph_picture import TONES

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


def up(call: str = "i1") -> CallChanged:
    return CallChanged(t=0.0, call=call, leg="ivr", state="up", target="a", direction="incoming")


def enter(node: str) -> IvrStep:
    return IvrStep(t=0.0, call="i1", script="s", node=node, action="enter")


def shown(phone: Phone) -> None:
    phone.window.resize(980, 560)
    phone.window.actions_by_id["show-ivr"].trigger()
    phone.feed(up(), graph(), enter("start"))
    phone.window.actions_by_id["zoom-whole"].trigger()
    QApplication.processEvents()


def inside(phone: Phone, node: str) -> str:
    """Return the colour in a box's upper left corner, where no words are."""
    canvas = phone.window.panes.graph.canvas
    box = canvas.box_of(node)
    assert box is not None
    return canvas.grab().toImage().pixelColor(QPoint(round(box.x()) + 9, round(box.y()) + 5)).name()


def in_sight(phone: Phone) -> list[str]:
    return [node for node in NODES if phone.window.panes.graph.area.shows(node)]


def place_of(phone: Phone, node: str) -> QPointF:
    """Return where a node's box begins in the viewport."""
    canvas = phone.window.panes.graph.canvas
    box = canvas.box_of(node)
    assert box is not None
    return box.topLeft() + QPointF(canvas.pos())


def drag(phone: Phone, by: QPoint) -> None:
    view = phone.window.panes.graph.area.viewport()
    at = view.rect().center()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=at)
    QTest.mouseMove(view, at + by)
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=at + by)


def test_the_node_where_the_call_is_is_marked_and_in_sight(phone: Phone) -> None:
    shown(phone)
    accent = QColor(phone.look.theme.accent).name()
    for node in (*NODES, "start"):
        phone.feed(enter(node))
        assert [name for name in NODES if inside(phone, name) == accent] == [node]
        assert in_sight(phone) == [node]
        assert phone.window.panes.graph.place.whole == f"At “{node}”, A test"
        assert phone.window.panes.graph.area.accessibleDescription() == f"At “{node}”, A test"
    phone.feed(CallChanged(t=1.0, call="i1", leg="ivr", state="ended"))
    assert inside(phone, "start") != accent
    assert phone.window.panes.graph.place.whole == "Ended at “start”, A test"


def test_the_node_is_in_sight_when_the_pane_is_opened_later(phone: Phone) -> None:
    phone.feed(up(), graph(), enter("end"))
    phone.window.actions_by_id["show-ivr"].trigger()
    assert in_sight(phone) == ["end"]
    phone.window.resize(980, 560)
    assert in_sight(phone) == ["end"]


def test_who_looks_elsewhere_is_left_alone_until_following(phone: Phone) -> None:
    shown(phone)
    follow = phone.window.actions_by_id["follow"]
    before = place_of(phone, "start")
    assert follow.isChecked()
    drag(phone, QPoint(-30, -40))
    assert place_of(phone, "start") == before - QPointF(30, 40)
    assert not follow.isChecked()
    phone.feed(enter("end"))
    assert place_of(phone, "start") == before - QPointF(30, 40)
    follow.trigger()
    assert (in_sight(phone), follow.isChecked()) == (["end"], True)
    QTest.keyClick(phone.window.panes.graph.area, Qt.Key.Key_Up)
    assert not follow.isChecked()
    follow.trigger()
    phone.window.panes.show_page("trace")
    phone.window.panes.show_page("ivr")
    assert follow.isChecked()


def test_zoom_by_actions_and_keys(phone: Phone) -> None:
    shown(phone)
    area, actions = phone.window.panes.graph.area, phone.window.actions_by_id
    actions["zoom-in"].trigger()
    assert area.scale == STEP
    QTest.keyClick(area, Qt.Key.Key_Minus)
    QTest.keyClick(area, Qt.Key.Key_Minus)
    assert area.scale == pytest.approx(1 / STEP)
    QTest.keyClick(area, Qt.Key.Key_Plus)
    actions["zoom-whole"].trigger()
    assert area.scale == 1
    assert in_sight(phone) == ["start"]
    for _ in range(20):
        actions["zoom-in"].trigger()
    assert area.scale == LARGEST
    for _ in range(30):
        actions["zoom-out"].trigger()
    assert area.scale == SMALLEST
    assert actions["follow"].isChecked()


def test_the_wheel_zooms_where_the_pointer_is(phone: Phone) -> None:
    shown(phone)
    area = phone.window.panes.graph.area
    at = place_of(phone, "start")
    for modifier, scale in ((Qt.KeyboardModifier.ControlModifier, STEP), (Qt.KeyboardModifier.NoModifier, STEP)):
        wheel = QWheelEvent(
            at,
            QPointF(area.viewport().mapToGlobal(at.toPoint())),
            QPoint(),
            QPoint(0, 120),
            Qt.MouseButton.NoButton,
            modifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(area.viewport(), wheel)
        assert area.scale == scale
        if modifier:
            moved = place_of(phone, "start") - at
            assert abs(moved.x()) <= 1
            assert abs(moved.y()) <= 1
            assert phone.window.actions_by_id["follow"].isChecked()
    assert not phone.window.actions_by_id["follow"].isChecked()


@pytest.mark.parametrize(("height", "whole"), [(450.0, True), (4000.0, False)])
def test_all_of_the_graph_fits_or_its_width(phone: Phone, height: float, whole: bool) -> None:
    phone.window.resize(1280, 800)
    phone.window.actions_by_id["show-ivr"].trigger()
    box = IvrBox(node="n", role="ask", line="x", text="x", x=400.0, y=height - 100, width=90, height=44)
    phone.feed(up("i"), IvrGraph(t=0.0, call="i", script="s", title="T", width=1000, height=height, boxes=(box,)))
    area = phone.window.panes.graph.area
    fitted = area.scale
    phone.window.actions_by_id["zoom-whole"].trigger()
    phone.window.actions_by_id["zoom-fit"].trigger()
    assert area.scale == fitted
    assert OVERVIEW <= area.scale < 1
    assert area.horizontalScrollBar().maximum() == 0
    assert (area.verticalScrollBar().maximum() == 0) == whole
    before = area.scale
    phone.window.resize(1280, 700)
    QApplication.processEvents()
    assert (area.scale < before) == whole
    phone.window.actions_by_id["zoom-in"].trigger()
    assert not area.fitted


def test_a_node_is_chosen_from_a_list(phone: Phone) -> None:
    shown(phone)
    pane = phone.window.panes.graph
    phone.window.actions_by_id["nodes"].trigger()
    actions = pane.nodes.actions()
    assert [(action.text(), action.isChecked()) for action in actions] == [
        ("start – menu", True),
        ("middle – menu", False),
        ("end – menu", False),
    ]
    actions[2].trigger()
    pane.nodes.close()
    assert (in_sight(phone), pane.following) == (["end"], False)


@pytest.mark.parametrize("name", ["graph.svg", "graph.png"])
def test_the_picture_is_saved(phone: Phone, tmp_path: Path, name: str) -> None:
    shown(phone)
    assert phone.window.actions_by_id["export"].isEnabled()
    phone.window.panes.export_to(tmp_path / name)
    assert phone.window.notice.text.text() == f"Saved the picture to {tmp_path / name}."
    assert (tmp_path / name).stat().st_size > 1000
    phone.window.panes.export_to(tmp_path / "none" / name)
    assert "No such file" in phone.window.notice.text.text()


def test_tools_fit_what_is_shown(phone: Phone) -> None:
    actions = phone.window.actions_by_id
    phone.window.panes.show_page("ivr")
    names = ("zoom-in", "zoom-out", "zoom-fit", "zoom-whole", "nodes", "export")
    assert not any(actions[name].isEnabled() for name in ("filter", "copy", "clear", *names))
    phone.feed(up(), graph())
    assert all(actions[name].isEnabled() for name in (*names, "follow"))
    phone.window.panes.show_page("log")
    assert all(actions[name].isEnabled() for name in ("filter", "copy", "export", "clear"))
    assert not any(actions[name].isEnabled() for name in (*names[:-1], "follow"))


def test_without_a_graph_it_says_what_comes(phone: Phone) -> None:
    phone.window.panes.show_page("ivr")
    canvas = phone.window.panes.graph.canvas
    blank = canvas.grab().toImage()
    assert len({blank.pixel(x, blank.height() // 2 - 4) for x in range(blank.width())}) > 1, EMPTY
    phone.feed(IvrGraph(t=0.0, call="i1", script="s", title="Huge"), enter("n"))
    assert canvas.grab().toImage() != blank
    assert phone.window.panes.graph.place.whole == "At “n”, Huge"


def test_a_tool_tip_has_all_of_the_words_and_they_are_no_markup() -> None:
    box = IvrBox(node="a.b", role="ask", line="x", text="Press <1>\nor 2.", x=0, y=0, width=9, height=9)
    assert tip(box) == "<b>a.b</b><br>Press &lt;1&gt;<br>or 2."


def test_each_role_has_a_colour_of_its_own() -> None:
    assert len(set(TONES.values())) == len(TONES)
