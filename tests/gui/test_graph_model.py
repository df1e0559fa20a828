import pytest

from dtmfphone.engine.events import CallChanged, IvrBox, IvrGraph, IvrStep, IvrWay, Started
from dtmfphone.gui.graph_model import GraphModel


def graph(call: str = "i1", title: str = "Reception") -> IvrGraph:
    box = IvrBox(
        node="menu", role="ask", line="menu: Press 1.", text="Press 1.", x=0, y=0, width=90, height=44, says="one"
    )
    way = IvrWay(source="menu", target="menu", label="= 4072")
    return IvrGraph(t=0.0, call=call, script="s", title=title, width=90, height=44, boxes=(box,), ways=(way,))


def enter(node: str, call: str = "i1") -> IvrStep:
    return IvrStep(t=0.0, call=call, script="s", node=node, action="enter")


@pytest.fixture
def model(qapp: object) -> GraphModel:
    return GraphModel()


def test_it_follows_a_call_from_node_to_node(model: GraphModel) -> None:
    assert (model.graph, model.place_text) == (None, "")
    model.on_event(enter("menu"))
    assert model.node == ""
    model.on_event(graph())
    assert model.place_text == "Reception"
    model.on_event(enter("menu"))
    assert (model.node, model.place_text, model.says) == ("menu", "At “menu”, Reception", "one")
    model.on_event(CallChanged(t=1.0, call="i1", leg="ivr", state="ended"))
    assert (model.over, model.place_text, model.says) == (True, "Ended at “menu”, Reception", "")


def test_one_call_is_followed_at_a_time(model: GraphModel) -> None:
    model.on_event(graph("i1"))
    model.on_event(graph("i2", "Bank"))
    model.on_event(enter("pin", "i2"))
    model.on_event(CallChanged(t=1.0, call="i2", leg="ivr", state="ended"))
    assert (model.place_text, model.over) == ("Reception", False)
    model.on_event(CallChanged(t=2.0, call="i1", leg="ivr", state="failed"))
    model.on_event(graph("i3", "Bank"))
    model.on_event(enter("pin", "i3"))
    assert model.place_text == "At “pin”, Bank"


def test_digits_can_be_hidden(model: GraphModel) -> None:
    model.on_event(graph())
    model.set_masked(True)
    assert model.graph is not None
    assert (model.graph.ways[0].label, model.graph.boxes[0].line) == ("= ••••", "menu: Press •.")
    model.set_masked(False)
    assert model.graph == graph()


def test_another_engine_begins_with_nothing(model: GraphModel) -> None:
    model.on_event(graph())
    model.on_lost()
    assert model.over
    model.on_event(Started(t=0.0, version="0", wall_clock=0.0))
    assert model.graph is None
