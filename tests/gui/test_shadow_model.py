import pytest
from gui_collectors import Time, collecting, session_clock, shadow, still
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from dtmfphone.engine.commands import AnyCommand, Shadow
from dtmfphone.engine.events import CallChanged, Started
from dtmfphone.gui.collector_model import CollectorModel
from dtmfphone.gui.shadow_choice import ShadowChoice
from dtmfphone.gui.shadow_model import ShadowModel

BOTH = ShadowChoice(standard=True)


class Models:
    """A collector model and a shadow model, fed as the session feeds them."""

    def __init__(self) -> None:
        clock = session_clock(Time())
        self.own = CollectorModel(clock)
        self.shadows = ShadowModel(clock, self.own.verdict)
        self.commands: list[AnyCommand] = []
        self.shadows.command.connect(self.commands.append)

    def feed(self, *events: object) -> None:
        for event in events:
            self.own.on_event(event)  # type: ignore[arg-type]
            self.shadows.on_event(event)  # type: ignore[arg-type]

    def builtin(self) -> None:
        self.feed(
            CallChanged(t=0.0, call="c1", leg="phone", state="calling", target="builtin:dental"),
            CallChanged(t=0.0, call="i1", leg="ivr", state="up", target="dtmfphone", direction="incoming"),
        )

    def elsewhere(self) -> None:
        self.feed(CallChanged(t=0.0, call="c1", leg="phone", state="up", target="sip:100@example.com"))

    @property
    def names(self) -> list[str]:
        return [verdict.name for verdict in self.shadows.verdicts]


@pytest.fixture
def models(qapp: object) -> Models:
    return Models()


def test_the_choice_goes_to_every_engine_and_at_once(models: Models) -> None:
    models.feed(Started(t=0.0, version="0", wall_clock=0.0))
    models.shadows.choose(BOTH)
    models.feed(Started(t=0.0, version="0", wall_clock=0.0))
    models.shadows.choose(ShadowChoice(livekit=False))
    models.feed(Started(t=0.0, version="0", wall_clock=0.0))
    assert models.commands == [ShadowChoice().command, BOTH.command, BOTH.command, Shadow()]


def test_on_a_call_to_our_ivr_its_view_is_shown(models: Models) -> None:
    models.builtin()
    models.feed(shadow("LiveKit", call="c1", digits="9"), shadow("LiveKit", digits="1"))
    assert [verdict.event.digits for verdict in models.shadows.verdicts] == ["1"]


def test_received_keys_are_the_phones_view(models: Models) -> None:
    models.shadows.choose(replace(BOTH, keys="received"))
    models.builtin()
    models.feed(shadow("LiveKit", call="c1", digits="9"), shadow("LiveKit", digits="1"))
    assert [verdict.event.digits for verdict in models.shadows.verdicts] == ["9"]


def test_on_other_calls_the_phones_view_is_shown(models: Models) -> None:
    on_call = [models.shadows.on_call]
    models.elsewhere()
    on_call.append(models.shadows.on_call)
    models.feed(shadow("LiveKit", call="c1"), shadow("LiveKit", call="i7"))
    assert models.names == ["LiveKit"]
    models.feed(CallChanged(t=1.0, call="c1", leg="phone", state="ended"))
    on_call.append(models.shadows.on_call)
    assert on_call == [False, True, False]
    assert not models.shadows.verdicts[0].state.timer_running
    models.feed(CallChanged(t=2.0, call="c2", leg="phone", state="calling", target="rtp://127.0.0.1:4000"))
    assert models.names == []


def test_what_is_taken_off_is_not_shown(models: Models) -> None:
    models.shadows.choose(BOTH)
    models.builtin()
    models.feed(shadow("Standard"), shadow("LiveKit"))
    assert models.names == ["LiveKit", "Standard"]
    models.shadows.choose(ShadowChoice())
    assert models.names == []
    models.feed(shadow("Standard", digits="407"))  # was under way when the command was given
    models.feed(still(shadow="Standard", state="idle", result="taken off"), shadow("LiveKit"))
    assert models.names == ["LiveKit"]
    models.feed(still(shadow="LiveKit", mode="livekit", state="idle", result="taken off"))
    assert models.names == []


def test_digits_and_results_can_be_hidden(models: Models) -> None:
    models.elsewhere()
    models.feed(shadow("LiveKit", call="c1", state="done", digits="4071", end_reason="stop-key", result="4 0 7 1"))
    models.shadows.set_masked(True)
    (verdict,) = models.shadows.verdicts
    assert verdict.event.digits == "••••"
    assert not any(char.isdigit() for char in verdict.event.result)
    models.shadows.set_masked(False)
    assert models.shadows.verdicts[0].event.result == "4 0 7 1"


def test_two_shadows_are_compared(models: Models) -> None:
    models.shadows.choose(BOTH)
    models.elsewhere()
    models.feed(
        shadow("LiveKit", call="c1", digits="4071"),
        shadow("Standard", call="c1", state="done", digits="4071", end_reason="count", result="4071"),
    )
    assert models.shadows.comparison.text.startswith("Standard took 4071 at the fourth digit; LiveKit still waits 3.0")
    models.shadows.set_masked(True)
    assert models.shadows.comparison.text.startswith("Standard took •••• at")


def test_verdicts_that_differ_are_not_alike_because_their_digits_are_hidden(models: Models) -> None:
    models.shadows.choose(BOTH)
    models.elsewhere()
    models.feed(
        shadow("Standard", call="c1", state="done", digits="1234", end_reason="count", result="1234"),
        shadow("LiveKit", call="c1", state="done", digits="3456", end_reason="speech", result="3 4 5 6"),
    )
    models.shadows.set_masked(True)
    found = models.shadows.comparison
    assert found.text == "LiveKit took ••••; Standard took •••• at the fourth digit."
    assert found.differ


def test_a_shadow_is_compared_with_the_ivrs_own_until_the_next_keys(models: Models) -> None:
    models.builtin()
    models.feed(
        still(t=1.0, node="menu", digits=""),
        shadow("LiveKit", t=1.0, node="menu", digits="", timer="", timer_left=0.0),
        shadow("LiveKit", t=2.0, node="menu", digits="1", timer="inter-digit", timer_left=4.0),
        still(t=2.0, node="menu", digits="1", state="done", end_reason="count"),
    )
    waits = models.shadows.comparison.text
    assert waits.startswith("The IVR took 1 at the first digit; LiveKit still waits ")
    models.feed(
        still(t=2.1, node="patient", digits=""),
        still(
            t=2.1,
            shadow="LiveKit",
            mode="livekit",
            node="menu",
            digits="1",
            result="the script went on; this one would be done 3.9 s later",
        ),
        still(t=2.1, shadow="LiveKit", mode="livekit", node="patient", digits="", collection=2),
    )
    assert models.shadows.comparison.text == (
        "Before: the IVR took 1 at the first digit; LiveKit would be done 3.9 s later."
    )
    models.feed(
        still(t=3.0, node="patient", digits="4071", state="done", end_reason="stop-key"),
        shadow(
            "LiveKit",
            t=3.0,
            node="patient",
            digits="4071",
            state="done",
            end_reason="stop-key",
            collection=2,
            result="x",
        ),
    )
    assert models.shadows.comparison.text == "Both took 4071 at the stop key."


def test_a_stop_key_that_comes_late_ends_the_collection_before(models: Models) -> None:
    models.builtin()
    models.feed(
        still(t=1.0, node="ask", digits=""),
        shadow("LiveKit", t=1.0, node="ask", digits="", timer="", timer_left=0.0),
        still(t=2.0, node="ask", digits="4071", state="done", end_reason="count"),
        shadow("LiveKit", t=2.0, node="ask", digits="4071", result="the script went on; this one would be done later"),
        shadow("LiveKit", t=2.0, node="check", digits="", timer="", timer_left=0.0, collection=2),
        still(t=2.0, node="check", digits=""),
        shadow("LiveKit", t=2.2, node="ask", digits="4071", state="done", end_reason="stop-key", result="4 0 7 1"),
    )
    assert models.shadows.verdicts[0].event.node == "check"
    assert models.shadows.comparison.text == (
        "Before: Both took 4071: the IVR at the fourth digit, LiveKit 0.2\N{NO-BREAK SPACE}s later at the stop key."
    )


def test_without_following_the_ivrs_own_collections_are_others(models: Models) -> None:
    models.builtin()
    models.feed(collecting(t=1.0), shadow("LiveKit", t=2.0))
    assert models.shadows.comparison.text == ""


def test_the_engine_is_lost(models: Models, qtbot: QtBot) -> None:
    models.elsewhere()
    models.feed(shadow("LiveKit", call="c1"))
    with qtbot.waitSignal(models.shadows.changed):
        models.shadows.on_lost()
    assert not models.shadows.verdicts[0].state.timer_running
    assert not models.shadows.on_call
