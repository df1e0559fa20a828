import random
from collections.abc import Iterator

import pytest
from gui_collectors import Time, session_clock

from dtmfphone.engine.events import (
    AnyEvent,
    CallChanged,
    CallState,
    CollectorChanged,
    IvrBox,
    IvrGraph,
    IvrStep,
    IvrWay,
    Started,
)
from dtmfphone.gui.collector_model import CollectorModel
from dtmfphone.gui.graph_model import GraphModel


def graph(call: str = "i1", title: str = "Reception") -> IvrGraph:
    box = IvrBox(
        node="menu", role="ask", line="menu: Press 1.", text="Press 1.", x=0, y=0, width=90, height=44, says="one"
    )
    way = IvrWay(source="menu", target="menu", label="= 4072")
    return IvrGraph(t=0.0, call=call, script="s", title=title, width=90, height=44, boxes=(box,), ways=(way,))


def enter(node: str, call: str = "i1") -> IvrStep:
    return IvrStep(t=0.0, call=call, script="s", node=node, action="enter")


def ivr(call: str = "i1", state: CallState = "up", caller: str = "dtmfphone") -> CallChanged:
    return CallChanged(t=0.0, call=call, leg="ivr", state=state, target=caller, direction="incoming")


def phone(call: str, state: CallState, target: str = "builtin:s") -> CallChanged:
    return CallChanged(t=0.0, call=call, leg="phone", state=state, target=target)


def collector(call: str, **fields: object) -> CollectorChanged:
    return CollectorChanged(t=0.0, call=call, **fields)  # type: ignore[arg-type]


def days_work(seed: int) -> Iterator[AnyEvent]:
    """Yield what an engine tells of calls of all kinds, some of them at the same time."""
    draw = random.Random(seed)
    phones: list[str] = []
    ivrs: dict[str, str] = {}
    for number in range(200):
        match draw.choice(("phone", "phone ends", "caller", "ivr ends", "acts", "acts", "acts")):
            case "phone" if not phones:
                ours = draw.random() < 0.5
                phones.append(f"c{number}")
                yield phone(phones[0], "calling", "builtin:s" if ours else "sip:a@b")
                if ours:
                    ivrs[f"i{number}"] = "dtmfphone"
                    yield ivr(f"i{number}", "connecting")
                    yield ivr(f"i{number}")
                    yield graph(f"i{number}")
                yield phone(phones[0], "up", "builtin:s" if ours else "sip:a@b")
            case "phone ends" if phones:
                yield phone(phones.pop(), "ended")
            case "caller":
                ivrs[f"i{number}"] = f"192.0.2.1:{number}"
                yield ivr(f"i{number}", "up", ivrs[f"i{number}"])
                yield graph(f"i{number}")
            case "ivr ends" if ivrs:
                call = draw.choice(list(ivrs))
                yield ivr(call, "ended", ivrs.pop(call))
            case "acts" if ivrs:
                call = draw.choice(list(ivrs))
                yield enter(f"at-{number}", call)
                yield collector(call, state="collecting", node=f"at-{number}")


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
    for event in (ivr("i1", caller="a"), graph("i1"), ivr("i2", caller="b"), graph("i2", "Bank"), enter("pin", "i2")):
        model.on_event(event)
    model.on_event(ivr("i2", "ended", "b"))
    assert (model.place_text, model.over) == ("Reception", False)
    for event in (ivr("i3", caller="c"), graph("i3", "Bank"), enter("pin", "i3")):
        model.on_event(event)
    model.on_event(ivr("i1", "failed", "a"))
    assert (model.place_text, model.over) == ("Reception", True)
    model.on_event(enter("amount", "i3"))
    assert (model.place_text, model.over) == ("At “amount”, Bank", False)


def test_a_call_elsewhere_has_no_graph(model: GraphModel) -> None:
    for event in (ivr("i1", caller="a"), graph("i1"), enter("menu"), phone("c1", "calling", "sip:a@b")):
        model.on_event(event)
    assert (model.graph, model.node, model.place_text, model.says) == (None, "", "", "")
    drawn: list[IvrGraph | None] = []
    model.drawn.connect(lambda: drawn.append(model.graph))
    for event in (phone("c1", "ended"), phone("c2", "calling"), ivr("i2"), graph("i2", "Bank")):
        model.on_event(event)
    assert drawn == [None, None, graph("i2", "Bank")]


@pytest.mark.parametrize("seed", range(30))
def test_graph_and_collector_panel_are_about_the_same_call(qapp: object, seed: int) -> None:
    model, panel = GraphModel(), CollectorModel(session_clock(Time()))
    known: set[str] = set()
    together = 0
    for event in days_work(seed):
        model.on_event(event)
        panel.on_event(event)
        if isinstance(event, IvrGraph):
            known.add(event.call)
        shown = panel._shown.ivr
        assert (model.graph.call if model.graph else "") == (shown if shown in known else "")
        assert model.over == panel.over
        assert model.node == panel.node
        together += bool(model.node)
    assert together


def test_what_may_be_said_is_not_known_while_an_answer_is_confirmed(model: GraphModel) -> None:
    for event in (ivr(), graph(), enter("menu")):
        model.on_event(event)
    says: list[str] = []
    model.says_changed.connect(lambda: says.append(model.says))
    model.on_event(collector("i1", state="confirming"))
    model.on_event(collector("i2", state="collecting"))
    model.on_event(collector("i1", state="done", shadow="LiveKit"))
    model.on_event(collector("i1", state="collecting"))
    assert says == ["", "one"]


def test_digits_can_be_hidden(model: GraphModel) -> None:
    model.on_event(ivr())
    model.on_event(graph())
    model.set_masked(True)
    assert model.graph is not None
    assert (model.graph.ways[0].label, model.graph.boxes[0].line) == ("= ••••", "menu: Press •.")
    model.set_masked(False)
    assert model.graph == graph()


def test_another_engine_begins_with_nothing(model: GraphModel) -> None:
    model.on_event(ivr())
    model.on_event(graph())
    model.on_lost()
    assert model.over
    model.on_event(Started(t=0.0, version="0", wall_clock=0.0))
    assert model.graph is None
