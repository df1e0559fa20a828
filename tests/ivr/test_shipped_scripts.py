"""Every shipped script, walked by keys to every node and every leaf; and scripts damaged in all ways."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ivr_phone import SPEECH, Phone

from dtmfphone.assets import assets
from dtmfphone.dtmf.keys import CODES
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.nodes import HangUp
from dtmfphone.ivr.script import ScriptError, load, names, parse
from ivr_paths import walks
from ivr_rehearsal import Sign


@pytest.mark.parametrize("name", names())
def test_every_node_and_every_leaf_of_a_shipped_script_is_reached_by_keys(name: str) -> None:
    script = load(name)
    found = walks(script)
    assert {node for walk in found for node in walk.entered} == {node for node, _ in script.all_nodes()}
    ends = {Sign("hang-up", node) for node, one in script.all_nodes() if isinstance(one, HangUp)}
    assert {walk.signs[-1] for walk in found} == ends


def test_the_dental_reception_asks_for_consent_and_reads_the_patient_number_back() -> None:
    phone = Phone(load("dental"), lambda _text: SPEECH[:400]).listen().press("1").listen()
    assert [step.text for step in phone.steps("record") if step.accepted] == ["start"]
    phone.press("1").listen().press("4711#").listen()
    assert phone.said()[-1].startswith("You entered: 4 7 1 1. If that is right")
    phone.press("1").listen()
    assert phone.nodes()[-4:] == ["patient.ask", "patient.check", "patient.known", "appointment"]
    refused = Phone(load("dental"), lambda _text: SPEECH[:400]).listen().press("2").listen()
    assert refused.steps("record") == []
    assert refused.nodes()[-1] == "main"


def test_the_phone_number_is_taken_without_a_stop_key_and_confirmed() -> None:
    phone = Phone(load("phone-number"), lambda _text: SPEECH[:400]).listen().press("5551234567").listen()
    assert phone.said()[-1].startswith("You entered: 5 5 5 1 2 3 4 5 6 7.")
    for _ in range(2):
        phone.press("2").listen().press("5559876543").listen()
    phone.press("1").listen()
    assert phone.nodes()[-1] == "thanks"
    assert phone.session.variables == {"number": "5559876543"}


def test_the_bank_lets_its_customer_in_and_nobody_else() -> None:
    phone = Phone(load("bank"), lambda _text: SPEECH[:400]).listen().press("123456#").listen().press("1111#").listen()
    assert "That customer number and PIN do not match." in phone.said()
    phone.press("123456#").listen().press("2468#").listen().press("1").listen()
    assert phone.nodes()[-2:] == ["balance", "main"]
    other = Phone(load("bank"), lambda _text: SPEECH[:400]).listen()
    for _ in range(3):
        other.press("999999").listen().press("2468").listen()
    assert other.nodes()[-1] == "refused"
    assert other.session.ended


def test_the_conference_opens_to_its_pin() -> None:
    phone = Phone(load("conference"), lambda _text: SPEECH[:400]).listen().press("4321#").listen().press("*").listen()
    assert phone.nodes()[-2:] == ["room", "left"]
    other = Phone(load("conference"), lambda _text: SPEECH[:400]).listen()
    for _ in range(3):
        other.press("1234#").listen()
    assert other.nodes()[-1] == "refused"


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(names()), st.data())
def test_whatever_is_done_to_a_script_it_runs_or_is_refused(name: str, data: st.DataObject) -> None:
    lines = (assets() / "ivr" / f"{name}.yaml").read_text().splitlines()
    words = sorted({word for line in lines for word in line.split()})
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "double", "swap", "word"])):
            case "drop":
                del lines[place]
            case "double":
                lines.insert(data.draw(st.integers(0, len(lines))), lines[place])
            case "swap":
                other = data.draw(st.integers(0, len(lines) - 1))
                lines[place], lines[other] = lines[other], lines[place]
            case _:
                parts = lines[place].split(" ")
                parts[data.draw(st.integers(0, len(parts) - 1))] = data.draw(st.sampled_from(words))
                lines[place] = " ".join(parts)
    try:
        script = parse("\n".join(lines))
    except ScriptError as error:
        problems = error.all
    else:
        run(script, data.draw(st.lists(st.sampled_from([*CODES, "wait"]), max_size=12)))
        return
    assert all(one.line is not None and one.column is not None and one.remedy for one in problems)


def run(script: Script, keys: list[str]) -> None:
    phone = Phone(script, lambda _text: SPEECH[:100])
    for key in keys:
        if key != "wait":
            phone.events += phone.session.key(key, phone.t)
        phone.wait(0.1 if key != "wait" else 8)
        if not phone.session.ended:
            phone.events += phone.session.sent(phone.t) + phone.session.transfer_failed(phone.t)
    assert len(phone.events) < 2000
