"""Collectors beside each other: each does what it would do alone; verdicts of one number are about the same keys."""

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from dtmfphone.ivr.collection import Transition
from dtmfphone.ivr.collector import Collector
from dtmfphone.ivr.collector_settings import CollectorSettings
from dtmfphone.ivr.livekit_collector import LiveKitCollector, LiveKitSettings
from dtmfphone.ivr.shadow_collection import Shadow, ShadowCollection, ShadowStep

STANDARD = CollectorSettings(max_digits=4, min_digits=4, first_digit_seconds=None)
LIVEKIT = LiveKitSettings(4)


def both(standard: CollectorSettings = STANDARD, livekit: LiveKitSettings = LIVEKIT, **more: Any) -> ShadowCollection:
    return ShadowCollection((Shadow("Standard", standard), Shadow("LiveKit", livekit)), **more)


def happen(collection: Any, word: str) -> list[Any]:
    """Let happen what `KEY@SECONDS`, `user=STATE@SECONDS` or `agent=STATE@SECONDS` says; `.` is time."""
    what, _, at = word.partition("@")
    who, _, state = what.partition("=")
    t = float(at)
    if state:
        return list(collection.user_changed(state, t) if who == "user" else collection.agent_changed(state, t))
    return list(collection.tick(t) if what == "." else collection.key(what, t))


def run(collection: ShadowCollection, script: str) -> list[ShadowStep]:
    return [step for word in script.split() for step in happen(collection, word)]


def verdicts(steps: list[ShadowStep]) -> list[tuple[str, int, str, str, float]]:
    """Return who came to which end, in which collection and when."""
    return [
        (step.shadow.name, step.collection, step.transition.state, step.result, step.transition.t)
        for step in steps
        if step.result
    ]


def test_the_standard_ends_by_count_and_livekit_by_its_timer() -> None:
    assert verdicts(run(both(), "4@1 0@2 7@3 1@4 .@20")) == [
        ("Standard", 1, "done", "4071", 4),
        ("LiveKit", 1, "done", "4 0 7 1", 8),
    ]


def test_a_pause_fails_both_and_the_next_key_begins_anew() -> None:
    error = "Digits input not fully received. Expect 4 digits, got 2"
    assert verdicts(run(both(), "4@1 0@2 7@10 1@11 .@20")) == [
        ("Standard", 1, "failed", "inter-digit time-out after 2 digits", 6),
        ("LiveKit", 1, "failed", error, 6),
        ("Standard", 2, "failed", "inter-digit time-out after 2 digits", 15),
        ("LiveKit", 2, "failed", error, 15),
    ]


def test_the_stop_key_behind_the_count_is_for_who_still_waits() -> None:
    collection = both()
    assert verdicts(run(collection, "4@1 0@2 7@3 1@4 #@5 .@5")) == [
        ("Standard", 1, "done", "4071", 4),
        ("LiveKit", 1, "done", "4 0 7 1", 5),
    ]
    assert collection.number == 1
    run(collection, "5@6")
    assert collection.number == 2


def test_who_has_ended_takes_nothing_while_another_waits() -> None:
    collection = both()
    steps = run(collection, "4@1 0@2 7@3 1@4 5@5 .@20")
    assert verdicts(steps)[0][:4] == ("Standard", 1, "done", "4071")
    assert verdicts(steps)[1][3] == "Digits input not fully received. Expect 4 digits, got 5"
    assert [step.shadow.name for step in steps if step.transition.t > 4] == ["LiveKit", "LiveKit"]


def test_nothing_begins_before_the_first_key() -> None:
    collection = both()
    steps = collection.start(0)
    assert [(step.collection, step.transition.state) for step in steps] == [(0, "idle"), (0, "idle")]
    assert run(collection, "agent=speaking@1 user=speaking@2 .@100") == []


def test_a_time_for_the_first_digit_runs_from_the_end_of_what_the_agent_says() -> None:
    collection = both(CollectorSettings(max_digits=4, min_digits=4, first_digit_seconds=5.0))
    assert [step.transition.timer for step in collection.start(0)] == ["first-digit", ""]
    assert verdicts(run(collection, "agent=speaking@1 agent=listening@9 .@30")) == [
        ("Standard", 1, "failed", "first-digit time-out", 13)
    ]
    again = run(collection, "agent=speaking@40")
    assert verdicts(again) == [("LiveKit", 1, "collecting", "the agent spoke again; this one would wait on", 40)]
    assert again[-1].collection == 2, "no key is lost"
    assert collection.tick(100) == []
    steps = run(collection, "agent=listening@100 4@104 agent=speaking@105")
    assert {step.collection for step in steps} == {2}


def test_keys_go_to_who_waits_after_a_first_digit_time_out() -> None:
    collection = both(CollectorSettings(max_digits=1, first_digit_seconds=5.0), LiveKitSettings(1))
    steps = collection.start(0) + run(collection, "4@7 agent=speaking@8 agent=listening@9 .@99")
    assert verdicts(steps) == [
        ("Standard", 1, "failed", "first-digit time-out", 5),
        ("LiveKit", 1, "done", "4", 13),
    ]


def test_with_a_script_every_collection_of_it_begins_one_of_each() -> None:
    collection = both(follows=True)
    assert run(collection, "9@1") == [], "the script waits for nothing"
    menu = CollectorSettings(stop_keys="", first_digit_seconds=6.0)
    number = CollectorSettings(
        max_digits=6, min_digits=2, stop_keys="*#", inter_digit_seconds=3.0, first_digit_seconds=None
    )
    steps = collection.follow(menu, 2, "main")
    assert [(step.node, step.shadow.settings.expected) for step in steps] == [
        ("main", "1 digit"),
        ("main", "1 digit, then # or a pause of 4 s"),
    ]
    steps = run(collection, "4@3")
    assert verdicts(steps) == [("Standard", 1, "done", "4", 3)]
    collection.script_ended()
    assert run(collection, "5@3.5")[0].shadow.name == "LiveKit", "it still waits"
    steps = collection.follow(number, 4, "number")
    assert verdicts(steps) == [("LiveKit", 1, "collecting", "the script went on; this one would fail 3.5 s later", 4)]
    assert [step.shadow.settings.expected for step in steps[1:]] == [
        "2 to 6 digits, then * or #",
        "6 digits, then * or a pause of 3 s",
    ]
    assert verdicts(run(collection, "1@5 2@6 #@7 .@7 .@20")) == [
        ("Standard", 2, "done", "12", 7),
        ("LiveKit", 2, "failed", "Digits input not fully received. Expect 6 digits, got 3", 10),
    ]


def test_one_without_a_key_would_wait_on_when_the_script_goes_on() -> None:
    collection = both(follows=True)
    collection.follow(CollectorSettings(first_digit_seconds=5.0), 0)
    run(collection, ".@5")
    assert verdicts(collection.follow(STANDARD, 5)) == [
        ("LiveKit", 1, "collecting", "the script went on; this one would wait on", 5)
    ]


def test_a_stop_key_that_lets_the_script_go_on_ends_the_collection_before() -> None:
    collection = both(follows=True)
    collection.follow(STANDARD, 0)
    run(collection, "1@1 2@2 3@3 4@4 #@5")
    assert verdicts(collection.follow(STANDARD, 5)) == [("LiveKit", 1, "done", "1 2 3 4", 5)]


def test_a_belated_stop_key_ends_what_was_unfinished_when_the_script_went_on() -> None:
    collection = both(follows=True)
    collection.follow(STANDARD, 0)
    run(collection, "1@1 2@2 3@3 4@4")
    collection.follow(STANDARD, 4)
    assert verdicts(collection.belated("#", 4.2)) == [("LiveKit", 1, "done", "1 2 3 4", 4.2)]
    assert collection.belated("#", 4.3) == [], "it has ended"
    assert verdicts(run(collection, "5@5 6@5.1 7@5.2 8@5.3")) == [("Standard", 2, "done", "5678", 5.3)]


def test_a_stop_key_that_comes_after_the_timer_or_another_key_or_is_another_ends_nothing() -> None:
    for keys, char, t in ((".@4.1", "#", 8.1), ("1@4.1", "#", 4.2), (".@4.1", "*", 4.2)):
        collection = both(follows=True)
        collection.follow(STANDARD, 0)
        run(collection, "1@1 2@2 3@3 4@4")
        collection.follow(STANDARD, 4)
        run(collection, keys)
        assert collection.belated(char, t) == []


def test_what_a_script_says_after_its_own_end_does_not_pause_livekit() -> None:
    collection = both(follows=True)
    collection.follow(STANDARD, 0)
    run(collection, "1@1 2@2 3@3 4@4")
    collection.script_ended()
    assert verdicts(run(collection, "agent=speaking@4 .@8")) == [("LiveKit", 1, "done", "1 2 3 4", 8)]
    began = collection.follow(STANDARD, 9)
    assert [step.transition.state for step in began] == ["prompting", "collecting"], "the agent still speaks"


def test_an_agent_that_is_not_followed_always_pauses_livekit() -> None:
    collection = both()
    run(collection, "1@1 2@2 3@3 4@4")
    collection.script_ended()
    assert verdicts(run(collection, "agent=speaking@4 .@8 agent=listening@9 .@13")) == [
        ("LiveKit", 1, "done", "1 2 3 4", 13)
    ]


def test_a_read_back_ends_when_the_agent_has_spoken() -> None:
    collection = both(
        CollectorSettings(max_digits=2, min_digits=2, first_digit_seconds=None, confirm=True),
        LiveKitSettings(2, confirm=True),
    )
    steps = run(collection, "1@1 2@2 .@6")
    confirming = [step for step in steps if step.transition.state == "confirming"]
    assert [(step.shadow.name, step.transition.t) for step in confirming] == [("Standard", 2), ("LiveKit", 6)]
    steps = run(collection, "agent=thinking@6.5 agent=speaking@7 9@8 agent=listening@9 1@10 .@20")
    assert verdicts(steps) == [
        ("Standard", 1, "done", "12", 10),
        ("LiveKit", 1, "failed", "Digits input not fully received. Expect 2 digits, got 1", 14),
    ]


def test_spoken_digits_are_the_result_of_livekit_and_keys_of_the_standard() -> None:
    collection = both()
    run(collection, "4@1")
    assert verdicts(collection.spoken("071", 2)) == [
        ("Standard", 1, "done", "4071", 2),
        ("LiveKit", 1, "done", "0 7 1", 2),
    ]


def test_what_was_said_is_read_back_where_livekit_wants_it_confirmed() -> None:
    collection = both(livekit=LiveKitSettings(3, confirm=True))
    run(collection, "4@1")
    assert verdicts(steps := collection.spoken("071", 2)) == [("Standard", 1, "done", "4071", 2)]
    assert (steps[-1].transition.state, steps[-1].transition.digits) == ("confirming", "071")
    steps = run(collection, "agent=speaking@3 agent=listening@4 1@5 2@6 3@7 .@20")
    assert [step.transition.state for step in steps][-1] == "confirming", "keys begin anew"
    assert verdicts(collection.hang_up(21)) == [("LiveKit", 1, "failed", "hang-up after 3 digits", 21)]


def test_a_call_that_ends_keeps_what_was_typed() -> None:
    collection = both()
    assert collection.hang_up(0) == []
    run(collection, "4@1 0@2")
    steps = collection.hang_up(3)
    assert verdicts(steps) == [
        ("Standard", 1, "failed", "hang-up after 2 digits", 3),
        ("LiveKit", 1, "failed", "hang-up after 2 digits", 3),
    ]
    assert {step.transition.digits for step in steps} == {"40"}
    assert collection.deadline is None


def test_shadows_that_are_taken_off_say_so() -> None:
    collection = both()
    run(collection, "4@1")
    assert [(step.transition.state, step.result) for step in collection.take_off(2)] == [("idle", "taken off")] * 2


def random_script(draw: random.Random) -> list[str]:
    t = 0.0
    words: list[str] = []
    for _ in range(draw.randrange(2, 40)):
        t = round(t + draw.choice((0.0, 0.1, 0.5, 1.0, 3.0, 4.0, 4.001, draw.uniform(0, 9))), 3)
        side = draw.random()
        if side < 0.1:
            words.append(f"user={draw.choice(('speaking', 'listening', 'away'))}@{t}")
        elif side < 0.25:
            words.append(f"agent={draw.choice(('idle', 'listening', 'thinking', 'speaking'))}@{t}")
        else:
            words.append(f"{draw.choice('0123456789*#ABCD##')}@{t}")
    return words


def random_shadows(draw: random.Random) -> tuple[Shadow, ...]:
    most = draw.randrange(1, 5)
    standard = CollectorSettings(
        max_digits=most,
        min_digits=draw.randrange(most + 1),
        first_digit_seconds=None,
        total_seconds=draw.choice((None, 6.0)),
        stop_keys=draw.choice(("#", "*#", "")),
    )
    livekit = LiveKitSettings(most, draw.choice((4.0, 1.0)), draw.choice("##*"))
    return tuple(draw.sample([Shadow("Standard", standard), Shadow("LiveKit", livekit), Shadow("Other", livekit)], 2))


def alone(shadow: Shadow, words: list[str], states: dict[str, Any], until: float) -> list[Transition]:
    """Return what one collector does with the words of a collection, and until a time."""
    t = float(words[0].partition("@")[2])
    collector: Collector | LiveKitCollector
    if isinstance(shadow.settings, LiveKitSettings):
        collector = LiveKitCollector(shadow.settings, states["user"], states["agent"])
        seen = list(collector.start(t))
    else:
        collector = Collector(shadow.settings)
        begun = collector.start(t)
        begun += collector.user_changed(states["user"], t)
        seen = list((begun + collector.agent_changed(states["agent"], t))[-1:])
    for word in words:
        seen += happen(collector, word)
    while (due := collector.deadline) is not None and due < until:
        seen += collector.tick(due)
    return seen


@pytest.mark.parametrize("seed", range(400))
def test_each_does_what_it_would_do_alone(seed: int) -> None:
    draw = random.Random(seed)
    collection = ShadowCollection(random_shadows(draw))
    words = [*random_script(draw), ".@1000"]
    states = {"user": "listening", "agent": "listening"}
    began: list[tuple[int, dict[str, Any]]] = []
    seen: list[ShadowStep] = []
    for number, word in enumerate(words):
        before = dict(states)
        what = word.partition("@")[0]
        new = happen(collection, word)
        seen += new
        if "=" in what:
            states[what.partition("=")[0]] = what.partition("=")[2]
        if collection.number > len(began):
            assert "=" not in what, "only a key begins a collection"
            last = {step.shadow.name: step for step in seen if step.collection == len(began)}
            assert all(step.transition.state in ("done", "failed") for step in last.values()), (
                "all of the one before have ended"
            )
            began.append((number, before))
    for index, (first, at_first) in enumerate(began):
        end = began[index + 1][0] if index + 1 < len(began) else len(words)
        until = float(words[end].partition("@")[2]) if end < len(words) else 2000.0
        for shadow in collection.shadows:
            steps = [s.transition for s in seen if s.shadow == shadow and s.collection == index + 1]
            assert steps == alone(shadow, words[first:end], at_first, until), (words, shadow)
    assert began


@pytest.mark.parametrize("seed", range(300))
def test_every_collection_ends_in_one_verdict_of_each(seed: int) -> None:
    draw = random.Random(1000 + seed)
    shadows = tuple(
        replace(shadow, settings=replace(shadow.settings, confirm=draw.random() < 0.3))
        for shadow in random_shadows(draw)
    )
    if draw.random() < 0.3:
        shadows += (Shadow("Early", CollectorSettings(max_digits=2, first_digit_seconds=3.0)),)
    collection = ShadowCollection(shadows, follows=draw.random() < 0.4)
    seen = collection.start(0)
    t = 0.0
    for word in random_script(draw):
        t = float(word.partition("@")[2])
        what = draw.random()
        if what < 0.1:
            most = draw.randrange(1, 5)
            seen += collection.follow(CollectorSettings(max_digits=most), t) if collection.follows else []
        elif what < 0.15:
            collection.script_ended()
        elif what < 0.2:
            seen += collection.spoken(draw.choice(("1", "55", "")), t)
        else:
            seen += happen(collection, word)
    seen += collection.hang_up(t + 1)
    assert collection.deadline is None
    assert [step.transition.t for step in seen] == sorted(step.transition.t for step in seen)
    ends = Counter(
        (step.shadow.name, step.collection)
        for step in seen
        if step.result or (step.collection and step.transition.state in ("done", "failed"))
    )
    assert ends == {(shadow.name, n + 1): 1 for shadow in shadows for n in range(collection.number)}
