from io import StringIO
from typing import Any

from dtmfphone.cli.printer import printer
from dtmfphone.engine.events import CallChanged, CollectorChanged


def change(state: Any, **more: Any) -> CollectorChanged:
    return CollectorChanged(
        t=1.0,
        call=more.pop("call", "call-1"),
        state=state,
        shadow="LiveKit",
        mode="livekit",
        expected="2 digits, then # or a pause of 4 s",
        **more,
    )


def printed(*events: CollectorChanged, masked: bool = False) -> list[str]:
    out = StringIO()
    shown = printer(json=False, masked=masked, out=out)
    for event in events:
        shown.show(event)
    return [line[10:] for line in out.getvalue().splitlines()]


def test_a_line_for_each_beginning_and_end_and_none_for_keys() -> None:
    assert printed(
        change("idle", collection=0),
        change("prompting"),
        change("collecting"),
        change("collecting", digits="1"),
        change("collecting", digits="1", paused="agent speaking"),
        change("done", digits="12", result="1 2"),
        change("collecting", collection=2),
        change("failed", collection=2, digits="1", result="hang-up after 1 digit"),
    ) == [
        "shadow LiveKit watches: 2 digits, then # or a pause of 4 s",
        "shadow LiveKit, collection 1: begins, 2 digits, then # or a pause of 4 s",
        "shadow LiveKit, collection 1: done, 1 2",
        "shadow LiveKit, collection 2: begins, 2 digits, then # or a pause of 4 s",
        "shadow LiveKit, collection 2: failed, hang-up after 1 digit",
    ]


def test_collections_without_a_verdict_and_read_backs() -> None:
    assert printed(
        change("collecting"),
        change("collecting", digits="1", result="the script went on; this one would fail 2.0 s later"),
        change("confirming", collection=2, digits="12"),
        change("confirming", collection=2, digits="12"),
        change("idle", collection=2, result="taken off"),
        change("done", collection=3),
    )[1:] == [
        "shadow LiveKit, collection 1: the script went on; this one would fail 2.0 s later",
        "shadow LiveKit, collection 2: reads back 1 2",
        "shadow LiveKit taken off",
        "shadow LiveKit, collection 3: done, no digits",
    ]


def test_two_calls_are_not_confused() -> None:
    begun = printed(change("collecting"), change("collecting", call="call-2"), change("collecting"))
    assert len(begun) == 2


def test_a_call_that_is_over_is_forgotten() -> None:
    over = CallChanged(t=2.0, call="call-1", leg="phone", state="ended")
    out = StringIO()
    shown = printer(json=False, masked=False, out=out)
    for event in (change("collecting"), over, change("collecting")):
        shown.show(event)
    assert out.getvalue().count("begins") == 2


def test_digits_are_hidden_where_that_is_wanted() -> None:
    hidden = printed(
        change("done", digits="12", result="1 2"), change("confirming", collection=2, digits="34"), masked=True
    )
    assert hidden == ["shadow LiveKit, collection 1: done, • •", "shadow LiveKit, collection 2: reads back • •"]
