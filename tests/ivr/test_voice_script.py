"""The voice that a script names, and the words that come with it."""

import sys

import pytest

from dtmfphone.dtmf.levels import Pcm
from dtmfphone.ivr import espeak
from dtmfphone.ivr.script import ScriptError, load, parse
from dtmfphone.ivr.session import IvrSession
from dtmfphone.ivr.session_events import NoVoice, Step
from dtmfphone.ivr.voice import Voice, texts_of

TEXT = """\
title: Eigen
voice: de
words_per_minute: 130
start: number
nodes:
  number:
    collect: Ihre Nummer bitte.
    variable: pin
    max_digits: 3
    next: bye
    invalid: {say: Nein., next: again}
    time_out: {say: Nichts., next: again}
  again: {set: {pin: ""}, next: bye}
  bye: {hang_up: "Sie haben {pin} gewählt."}
"""


def test_voice_and_speed_are_part_of_the_script() -> None:
    script = parse(TEXT)
    assert (script.voice, script.words_per_minute, script.language.code) == ("de", 130, "de")
    assert {"Sie haben", "gewählt.", "fünf,", "Raute.", "nichts."} < set(texts_of(script))
    assert "five," not in texts_of(script)
    usual = parse(TEXT.replace("voice: de\nwords_per_minute: 130\n", ""))
    assert (usual.voice, usual.words_per_minute, usual.language.code) == ("", 150, "en")


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("voice: de", "voice: xx", "2:8", "espeak-ng has no voice 'xx': see dtmfphone ivr voices"),
        ("voice: de", "voice: de+nosuch", "2:8", "espeak-ng has no voice 'de\\+nosuch'"),
        ("voice: de", "voice: German voice", "2:8", "voice is 'German voice': name a voice of espeak-ng, such as"),
        ("voice: de", "voice: [de]", "2:8", "voice is "),
        ("minute: 130", "minute: 79", "3:19", "words_per_minute is '79': use a whole number, 80 to 450"),
        ("minute: 130", "minute: 120.5", "3:19", "words_per_minute is '120.5'"),
    ],
)
def test_a_voice_that_is_none_is_named_with_its_place(old: str, new: str, place: str, message: str) -> None:
    pytest.importorskip("espeakng_loader", reason="install the speech extra")
    with pytest.raises(ScriptError, match=f"^script:{place}: {message}"):
        parse(TEXT.replace(old, new))


def test_without_espeak_nobody_knows_the_voices_and_calls_get_beeps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(espeak, "_speaker", None)
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    script = parse(TEXT.replace("voice: de", "voice: xx"))
    events = IvrSession(script, lambda _: None).start(0.0)
    assert [event.text for event in events if isinstance(event, NoVoice)] == ["Ihre Nummer bitte."]


async def test_digits_are_read_back_in_the_language_of_the_voice() -> None:
    script = load("termin")
    voice = Voice()
    prompts = await voice.prepare(script)
    voice.close()
    asked: list[str] = []

    def lookup(text: str) -> Pcm | None:
        asked.append(text)
        return prompts.lookup(text)

    session = IvrSession(script, lookup)
    events = session.start(0.0)
    for place, key in enumerate("10507"):
        events += session.key(key, 1.0 + place)
    assert not [event for event in events if isinstance(event, NoVoice)]
    assert asked[-6:] == [
        "Ihre Patientennummer:",
        "null,",
        "fünf,",
        "null,",
        "sieben.",
        "Wenn das stimmt, drücken Sie die 1, sonst die 2.",
    ]


def test_an_empty_variable_is_nothing_in_the_language_of_the_voice() -> None:
    session = IvrSession(parse(TEXT), lambda _: None)
    events = session.start(0.0)
    for _ in range(3):
        session.pull(160_000, 16_000, 0.0)
        events += session.tick(10.0)
        session.pull(160_000, 16_000, 10.0)
        events += session.tick(60.0)
    said = [event.text for event in events if isinstance(event, Step) and event.action == "say"]
    assert said[-1] == "Sie haben nichts gewählt."
