from typing import Any

import pytest

from dtmfphone.engine.commands import AnyCommand, HangUp, PlaceCall, SetMethod
from dtmfphone.engine.events import (
    CallChanged,
    CallState,
    HoldChanged,
    MediaChanged,
    Started,
    Statistics,
    TransferChanged,
)
from dtmfphone.gui.call_model import CallModel


@pytest.fixture
def model(qapp: object) -> CallModel:
    model = CallModel()
    model.on_event(Started(t=0.0, version="0", wall_clock=0.0, ivrs=("reception", "pin")))
    return model


@pytest.fixture
def commands(model: CallModel) -> list[AnyCommand]:
    got: list[AnyCommand] = []
    model.command.connect(got.append)
    return got


def changed(state: CallState, call: str = "c1", t: float = 1.0, **more: Any) -> CallChanged:
    return CallChanged(t=t, call=call, leg="phone", state=state, **more)


def statistics(t: float, **more: float) -> Statistics:
    counts = {"packets_sent": 100, "packets_received": 97, "packets_lost": 3, "jitter_ms": 1.25, **more}
    return Statistics(t=t, call="c1", leg="phone", event_packets_sent=0, event_packets_received=0, **counts)  # type: ignore[arg-type]


def test_the_engine_starts(qapp: object) -> None:
    model = CallModel()
    assert model.state_text == "Starting"
    model.on_event(Started(t=0.0, version="0", wall_clock=0.0))
    assert (model.can_call, model.state_text) == (True, "Ready")
    model.set_target("  ")
    assert not model.can_call


def test_an_early_call_is_not_forgotten(qapp: object) -> None:
    model = CallModel()
    commands: list[AnyCommand] = []
    model.command.connect(commands.append)
    model.place_call()
    model.on_event(Started(t=0.0, version="0", wall_clock=0.0))
    assert commands == [PlaceCall(target="builtin:reception")]
    assert model.standing == "calling"


def test_a_call_is_placed_with_what_was_chosen(model: CallModel, commands: list[AnyCommand]) -> None:
    model.set_target(" whip+https://a.example/w ")
    model.token, model.codec = "secret", "pcmu"
    model.set_method("inband")
    model.place_call()
    assert commands == [
        SetMethod(method="inband"),
        PlaceCall(target="whip+https://a.example/w", method="inband", codec="pcmu", token="secret"),
    ]
    assert model.standing == "calling"
    model.place_call()
    assert len(commands) == 2


def test_a_token_stays_here_unless_the_target_is_reached_by_http(model: CallModel, commands: list[AnyCommand]) -> None:
    model.token = "secret"
    model.place_call()
    assert commands == [PlaceCall(target="builtin:reception")]


def test_a_calls_life(model: CallModel, commands: list[AnyCommand]) -> None:
    model.hang_up()
    assert commands == []
    seen = []
    for event in (changed("calling"), changed("connecting"), changed("up", t=5.0), statistics(67.4)):
        model.on_event(event)
        seen.append((model.state_text, model.active, model.can_call))
    assert seen == [
        ("Calling", True, False),
        ("Connecting", True, False),
        ("In call 0:00", True, False),
        ("In call 1:02", True, False),
    ]
    model.hang_up()
    assert commands == [HangUp()]
    model.on_event(changed("ended", reason="The far end hung up."))
    assert (model.state_text, model.active, model.can_call, model.reason) == (
        "Call ended",
        False,
        True,
        "The far end hung up.",
    )


def test_the_ivrs_leg_is_not_ours(model: CallModel) -> None:
    model.on_event(CallChanged(t=1.0, call="x", leg="ivr", state="up"))
    assert model.standing == "idle"


def test_a_late_word_of_the_last_call_does_not_end_this_one(model: CallModel) -> None:
    model.on_event(changed("up", "c1"))
    model.on_event(changed("calling", "c2"))
    model.on_event(changed("ended", "c1"))
    assert model.standing == "calling"
    model.on_event(changed("failed", "c2", reason="No answer.", remedy="Try again."))
    assert (model.standing, model.remedy) == ("failed", "Try again.")


def test_facts(model: CallModel) -> None:
    assert set(model.facts.values()) == {"–"}
    model.on_event(changed("up"))
    media = MediaChanged(t=1.0, call="c1", leg="phone", codec="pcmu", clock=8000, payload_type=0)
    model.on_event(media)
    assert model.facts["Event PT"] == "none"
    model.on_event(
        MediaChanged(
            t=1.0,
            call="c1",
            leg="phone",
            codec="opus",
            clock=48000,
            payload_type=96,
            event_payload_type=110,
            event_clock=48000,
            method="rfc4733",
            method_reason="offered",
        )
    )
    model.on_event(statistics(2.0))
    assert model.facts == {
        "Codec": "Opus 48 kHz",
        "Event PT": "110 · 48 kHz",
        "Packets": "↑100 ↓97",
        "Loss": "3.0 %",
        "Jitter": "1.2 ms",
    }
    assert model.media_text == "Opus 48 kHz · PT 96 · events PT 110 at 48 kHz"
    assert model.method_text == "RFC 4733: offered"
    model.on_event(changed("calling", "c2"))
    assert set(model.facts.values()) == {"–"}


def test_builtin_targets(model: CallModel) -> None:
    assert model.builtin_targets == ("builtin:reception", "builtin:pin")


def test_a_lost_engine(model: CallModel) -> None:
    model.on_event(changed("up"))
    model.on_lost("The engine stopped.")
    assert (model.active, model.can_call, model.reason) == (False, False, "The engine stopped.")
    model.restart()
    model.on_event(Started(t=0.0, version="0", wall_clock=0.0))
    assert model.can_call


def test_hold_and_transfer_of_a_call_that_an_ivr_has_taken_are_not_ours(model: CallModel) -> None:
    model.on_event(changed("up"))
    model.on_event(HoldChanged(t=2.0, call="ivr-1", there=True))
    model.on_event(TransferChanged(t=2.0, call="ivr-1", state="asked", target="sip:desk@example.com"))
    assert (model.hold, model.transfer) == (None, None)
    model.on_event(HoldChanged(t=3.0, call="c1", there=True))
    model.on_event(TransferChanged(t=3.0, call="c1", state="asked", target="sip:desk@example.com"))
    assert model.hold is not None
    assert model.transfer is not None
