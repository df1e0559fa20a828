import pytest
from msgspec.structs import replace

from dtmfphone.engine.commands import AnyCommand, ListVoices, Say, StopSaying
from dtmfphone.engine.events import (
    AnyEvent,
    CallChanged,
    CollectorChanged,
    IvrBox,
    IvrGraph,
    IvrStep,
    SpeechChanged,
    Started,
    VoicesListed,
)
from dtmfphone.gui.graph_model import GraphModel
from dtmfphone.gui.say_model import LONGEST_HISTORY, SayModel
from dtmfphone.gui.speech_model import SpeechModel

OURS, OTHERS = "builtin:dental", "sip:bob@192.0.2.1"


@pytest.fixture
def model(qapp: object) -> SayModel:
    return SayModel(SpeechModel(), GraphModel())


def commands_of(model: SayModel) -> list[AnyCommand]:
    commands: list[AnyCommand] = []
    model.command.connect(commands.append)
    return commands


def call(model: SayModel, target: str, recognizer: str = "") -> None:
    model._speech.recognizer = recognizer
    model.on_event(CallChanged(t=1.0, call="c", leg="phone", state="calling", target=target))
    model.on_event(CallChanged(t=1.5, call="c", leg="phone", state="up"))


@pytest.mark.parametrize(
    ("target", "aloud", "recognizer", "words", "can"),
    [
        (OURS, True, "", "Sounds in the call; the IVR takes it as heard; source: typed.", True),
        (OURS, False, "", "The IVR takes this as heard; source: typed.", True),
        (OURS, True, "vosk", "Sounds in the call; the IVR hears it by Vosk.", True),
        (OURS, False, "vosk", "The IVR takes this as heard; source: typed.", True),
        (OTHERS, True, "vosk", "Sounds in the call, in a synthetic voice.", True),
        (OTHERS, False, "", "Only an IVR of ours takes silent words: say it aloud.", False),
        ("", True, "", "No call is up, so nobody would hear it: press Call first.", False),
    ],
)
def test_it_says_what_will_happen(
    model: SayModel, target: str, aloud: bool, recognizer: str, words: str, can: bool
) -> None:
    if target:
        call(model, target, recognizer)
    model.set_aloud(aloud)
    model.set_text("yes")
    assert (model.explanation, model.can_say) == (words, can)
    assert model.problem == (not can and bool(target))
    commands = commands_of(model)
    model.say()
    assert commands == ([Say(text="yes", aloud=aloud)] if can else [])


def test_a_call_is_needed_from_up_to_end(model: SayModel) -> None:
    model.set_text("yes")
    states = []
    for state in ("calling", "ringing", "up", "ended"):
        model.on_event(CallChanged(t=1.0, call="c", leg="phone", state=state, target=OURS))
        states.append(model.can_say)
    assert states == [False, False, True, False]
    call(model, OURS)
    model.on_lost()
    assert not model.can_say
    call(model, OURS)
    model.on_event(Started(t=0.0, version="0", wall_clock=0.0))
    assert not model.can_say


def test_a_caller_is_no_ivr(model: SayModel) -> None:
    model.on_event(CallChanged(t=1.0, call="c", leg="phone", state="incoming", target="builtin:x"))
    model.on_event(CallChanged(t=1.0, call="c", leg="phone", state="up"))
    assert model.explanation == "Sounds in the call, in a synthetic voice."


def test_words_are_said_in_the_chosen_voice(model: SayModel) -> None:
    call(model, OURS)
    commands = commands_of(model)
    model.set_voice("de")
    model.set_text("  office \t hours ")
    model.say()
    assert commands == [Say(text="office hours", voice="de")]
    assert model.text == ""
    model.say()
    assert len(commands) == 1


def test_what_was_said_comes_back(model: SayModel) -> None:
    call(model, OURS)
    for text in ("yes", "no", "yes", "four oh"):
        model.set_text(text)
        model.say()
    model.set_text("half")
    seen = []
    for _ in range(4):
        model.go_back()
        seen.append(model.text)
    assert seen == ["four oh", "yes", "no", "no"]
    for _ in range(4):
        model.go_on()
    assert model.text == "half"
    for number in range(2 * LONGEST_HISTORY):
        model.set_text(str(number))
        model.say()
    for _ in range(2 * LONGEST_HISTORY):
        model.go_back()
    assert model.text == str(LONGEST_HISTORY)


def test_voices_are_asked_for_once(model: SayModel) -> None:
    commands = commands_of(model)
    model.ask_voices()
    model.ask_voices()
    assert commands == [ListVoices()]
    listed = VoicesListed(t=1.0, problem="None.")
    model.on_event(listed)
    assert model.listed is listed


def test_it_tells_what_the_ivr_listens_to(model: SayModel) -> None:
    assert model.hint == "Say words, once a call is up"

    def tell(*events: AnyEvent) -> None:
        for event in events:
            model.on_event(event)
            model._graph.on_event(event)

    def boxed(call: str) -> IvrGraph:
        boxes = tuple(
            IvrBox(node=node, role="ask", line="", text="", x=0, y=0, width=9, height=9, says=says)
            for node, says in (("menu", "hours, front desk"), ("bye", ""))
        )
        return IvrGraph(t=1.0, call=call, script="s", title="T", width=9, height=9, boxes=boxes)

    def enter(node: str, call: str = "i") -> IvrStep:
        return IvrStep(t=1.0, call=call, script="s", node=node, action="enter")

    ivr = CallChanged(t=1.0, call="i", leg="ivr", state="up", target="dtmfphone", direction="incoming")
    other = CallChanged(t=1.0, call="x", leg="ivr", state="up", target="192.0.2.1:9", direction="incoming")
    calling = CallChanged(t=1.0, call="c", leg="phone", state="calling", target=OURS)
    tell(calling, ivr, boxed("i"), replace(calling, state="up"))
    assert model.hint == "Say words, e.g. yes"
    hints = []
    model.changed.connect(lambda: hints.append(model.hint))
    tell(enter("menu"), enter("bye"), enter("menu"))
    tell(other, boxed("x"), enter("bye", "x"), CollectorChanged(t=2.0, call="x", state="confirming"))
    tell(CollectorChanged(t=2.0, call="i", state="confirming"))
    tell(CollectorChanged(t=2.0, call="i", state="done", shadow="LiveKit"))
    tell(CollectorChanged(t=2.0, call="i", state="collecting"))
    tell(replace(ivr, state="ended"))
    menu, anything = "Say: hours, front desk", "Say words, e.g. yes"
    assert hints == [menu, anything, menu, anything, menu, anything]
    tell(replace(calling, state="ended"), replace(calling, call="d", target=OTHERS), enter("menu", "x"))
    tell(replace(calling, call="d", state="up", target=OTHERS))
    assert model.hint == anything


def test_what_is_said_can_be_cut_short(model: SayModel) -> None:
    call(model, OURS)
    commands = commands_of(model)
    model.stop()
    model.on_event(SpeechChanged(t=2.0, call="c", direction="received", speaking=True))
    model.stop()
    assert commands == []
    model.on_event(SpeechChanged(t=2.0, call="c", direction="sent", speaking=True))
    assert model.explanation == "The voice speaks in the call; Esc cuts it short."
    model.stop()
    assert commands == [StopSaying()]
    model.on_event(CallChanged(t=3.0, call="c", leg="phone", state="ended"))
    assert not model.speaking
