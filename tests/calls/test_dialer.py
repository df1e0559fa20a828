import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.calls.dialer import Dialer, DialerChange, Slot
from dtmfphone.calls.media import SLOT_SECONDS
from dtmfphone.dtmf.dial_string import Pause, parse
from dtmfphone.dtmf.keys import CODES, key_of
from dtmfphone.rtp.event_receiver import EventReceiver, EventStarted, Report
from dtmfphone.rtp.event_sender import EventSender


class Line:
    """A dialer that is asked once per slot, and what it said."""

    def __init__(self) -> None:
        self.dialer = Dialer()
        self.slots: list[Slot] = []
        self.changes: list[DialerChange] = []
        self.far_end_quiet = False
        self.far_end_silent = False

    @property
    def t(self) -> float:
        return len(self.slots) * SLOT_SECONDS

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / SLOT_SECONDS)):
            t = self.t
            self.slots.append(self.dialer.slot(t, far_end_quiet=self.far_end_quiet, far_end_silent=self.far_end_silent))
            self.changes += self.dialer.changes()

    def run_until_idle(self) -> None:
        while self.dialer.state in ("sending", "waiting"):
            self.run(SLOT_SECONDS)
            assert self.t < 100

    def click(self, char: str, held: float = 0.0) -> None:
        self.dialer.key_down(char, self.t)
        self.dialer.key_up(char, self.t + held)

    def tones(self) -> list[tuple[str, float, float]]:
        """Key, start and length in ms of every tone."""
        tones: list[tuple[str, float, float]] = []
        before = Slot(None, last=False)
        for n, slot in enumerate(self.slots):
            if slot.char is not None:
                if before.char != slot.char or before.last:
                    tones.append((slot.char, n * 20, 0))
                char, start, length = tones[-1]
                tones[-1] = (char, start, length + 20)
            before = slot
        return tones

    def keys(self) -> str:
        return "".join(char for char, _, _ in self.tones())

    def assert_gaps(self, least: float = 40) -> None:
        for (_, start, length), (_, following, _) in pairwise(self.tones()):
            assert following - (start + length) >= least


@pytest.fixture
def line() -> Line:
    return Line()


def test_nothing_to_do(line: Line) -> None:
    line.run(1)
    assert set(line.slots) == {Slot(None, last=False)}
    assert line.changes == []
    assert (line.dialer.state, line.dialer.current, line.dialer.remaining) == ("idle", "", "")


class TestDial:
    def test_keys_with_their_times(self, line: Line) -> None:
        line.dialer.dial(parse("12#"), 100, 70, 0.0)
        line.run_until_idle()
        assert line.tones() == [("1", 0, 100), ("2", 180, 100), ("#", 360, 100)]
        assert [n * 20 for n, slot in enumerate(line.slots) if slot.last] == [80, 260, 440]
        assert line.dialer.sent == 3

    @pytest.mark.parametrize(
        ("duration", "gap", "length", "step"), [(10, 0, 40, 80), (45, 45, 60, 120), (9000, 9000, 6000, 12000)]
    )
    def test_times_are_clamped_and_only_grow(
        self, line: Line, duration: float, gap: float, length: float, step: float
    ) -> None:
        line.dialer.dial(parse("11"), duration, gap)
        line.run_until_idle()
        assert line.tones() == [("1", 0, length), ("1", step, length)]

    def test_a_second_string_comes_after_the_first(self, line: Line) -> None:
        line.dialer.dial(parse("12"))
        line.run(0.1)
        line.dialer.dial(parse("34"), 40, 30)
        line.run_until_idle()
        assert [(char, length) for char, _, length in line.tones()] == [("1", 100), ("2", 100), ("3", 40), ("4", 40)]

    def test_progress(self, line: Line) -> None:
        line.dialer.dial(parse("1,2"))
        line.run_until_idle()
        line.run(0.5)
        assert [(change.state, change.current, change.remaining, change.sent) for change in line.changes] == [
            ("sending", "1", ",2", 0),
            ("sending", "", ",2", 1),
            ("waiting", "", "2", 1),
            ("sending", "2", "", 1),
            ("sending", "", "", 2),
            ("idle", "", "", 2),
        ]
        assert [round(change.t, 2) for change in line.changes] == [0.0, 0.1, 0.18, 2.18, 2.28, 2.34]
        assert line.changes[2].reason == "Pauses for 2 s."

    def test_the_state_is_known_before_the_first_slot(self, line: Line) -> None:
        line.dialer.dial(parse("12"))
        assert (line.dialer.state, line.dialer.remaining) == ("sending", "12")

    def test_pauses_add_up(self, line: Line) -> None:
        line.dialer.dial(parse("1,,p2"))
        line.run_until_idle()
        assert line.tones()[1][1] == 180 + 4500

    def test_a_pause_of_any_length(self, line: Line) -> None:
        line.dialer.dial([Pause(0.03), *parse("1")])
        line.run_until_idle()
        assert line.tones()[0][1] == 40

    def test_an_empty_string_does_nothing(self, line: Line) -> None:
        line.dialer.dial(parse(" "))
        line.run(0.1)
        assert line.changes == []


class TestWait:
    def test_it_ends_when_the_far_end_has_spoken(self, line: Line) -> None:
        line.dialer.dial(parse("1w2"))
        line.far_end_quiet = True
        line.run(0.2)
        line.far_end_quiet = False
        assert line.dialer.state == "waiting"
        assert line.changes[-1].reason == "Waits until the far end has spoken."
        line.run(3)
        assert line.keys() == "1"
        line.far_end_quiet = True
        line.run_until_idle()
        assert line.tones()[1] == ("2", 3200, 100)

    def test_what_was_true_before_the_wait_does_not_end_it(self, line: Line) -> None:
        """The caller begins to listen anew when it sees the change."""
        line.dialer.dial(parse("w2"))
        line.far_end_quiet = True
        line.run(SLOT_SECONDS)
        assert line.changes[-1].state == "waiting"
        line.far_end_quiet = False
        line.run(1)
        assert line.keys() == ""

    def test_a_silent_far_end_is_waited_for_5_s(self, line: Line) -> None:
        line.dialer.dial(parse("w2"))
        line.far_end_silent = True
        line.run_until_idle()
        assert line.tones() == [("2", 5000, 100)]
        assert "said nothing for 5 s" in line.changes[1].reason

    def test_a_far_end_that_begins_late_is_not_silent(self, line: Line) -> None:
        line.dialer.dial(parse("w2"))
        line.far_end_silent = True
        line.run(4.9)
        line.far_end_silent = False
        line.run(3)
        assert line.keys() == ""
        line.far_end_quiet = True
        line.run_until_idle()
        assert line.tones()[0][1] == 7900

    def test_a_far_end_that_does_not_stop_is_waited_for_60_s(self, line: Line) -> None:
        line.dialer.dial(parse("w2"))
        line.run_until_idle()
        assert line.tones() == [("2", 60_000, 100)]
        assert "not quiet within 60 s" in line.changes[1].reason

    def test_two_waits_are_two(self, line: Line) -> None:
        line.dialer.dial(parse("ww2"))
        line.far_end_silent = True
        line.run_until_idle()
        assert line.tones()[0][1] == 10_000

    @pytest.mark.parametrize("text", ["1w2", "1,2"])
    def test_skip(self, line: Line, text: str) -> None:
        line.dialer.dial(parse(text))
        line.run(1)
        line.dialer.skip_wait()
        line.run_until_idle()
        assert line.tones()[1][1] == 1000

    def test_skip_without_a_wait_skips_nothing(self, line: Line) -> None:
        line.dialer.skip_wait()
        line.dialer.dial(parse("1,2"))
        line.dialer.skip_wait()
        line.run_until_idle()
        assert line.tones()[1][1] == 2180

    def test_a_wait_at_the_end(self, line: Line) -> None:
        line.dialer.dial(parse("1w"))
        line.run(1)
        line.far_end_quiet = True
        line.run_until_idle()
        assert line.changes[-1].state == "idle"


class TestHold:
    def test_the_tone_lasts_as_long_as_the_key_is_held(self, line: Line) -> None:
        line.run(0.1)
        line.dialer.key_down("5", line.t)
        line.run(0.7)
        line.dialer.key_up("5", line.t)
        line.run(0.2)
        assert line.tones() == [("5", 100, 700)]
        assert not any(slot.last for slot in line.slots)

    def test_a_click_lasts_80_ms(self, line: Line) -> None:
        line.click("5")
        line.run(0.2)
        assert line.tones() == [("5", 0, 80)]
        assert line.slots[3].last

    def test_a_short_hold_lasts_80_ms(self, line: Line) -> None:
        line.dialer.key_down("5", 0)
        line.run(0.02)
        line.dialer.key_up("5", line.t)
        line.run(0.2)
        assert line.tones() == [("5", 0, 80)]
        assert line.slots[3].last

    def test_the_safety_stop(self, line: Line) -> None:
        line.dialer.key_down("5", 0)
        line.run(12)
        assert line.tones() == [("5", 0, 10_000)]
        assert line.slots[499].last
        assert any("held for 10 s" in change.reason for change in line.changes)
        line.dialer.key_up("5", line.t)
        line.click("6")
        line.run_until_idle()
        assert line.keys() == "56"
        assert line.dialer.sent == 2

    def test_a_second_key_ends_the_first(self, line: Line) -> None:
        line.dialer.key_down("1", 0)
        line.run(0.3)
        line.dialer.key_down("2", line.t)
        line.run(0.3)
        line.dialer.key_up("1", line.t)
        line.run(0.1)
        line.dialer.key_up("2", line.t)
        line.run_until_idle()
        assert line.tones() == [("1", 0, 300), ("2", 340, 360)]

    def test_the_same_key_again_is_a_second_press(self, line: Line) -> None:
        line.dialer.key_down("1", 0)
        line.run(0.3)
        line.dialer.key_down("1", line.t)
        line.run(0.3)
        line.dialer.key_up("1", line.t)
        line.run_until_idle()
        assert line.tones() == [("1", 0, 300), ("1", 340, 260)]

    def test_small_letters(self, line: Line) -> None:
        line.dialer.key_down("a", 0)
        line.run(0.2)
        line.dialer.key_up("A", line.t)
        line.run_until_idle()
        assert line.tones() == [("A", 0, 200)]

    def test_no_key(self, line: Line) -> None:
        with pytest.raises(ValueError, match="not a DTMF key"):
            line.dialer.key_down("x", 0)
        assert line.dialer.state == "idle"

    def test_a_key_up_without_key_down_is_harmless(self, line: Line) -> None:
        line.dialer.key_up("1", 0)
        line.run(0.1)
        assert line.changes == []

    def test_all_at_once(self, line: Line) -> None:
        for char in CODES * 3:
            line.click(char)
        line.run_until_idle()
        assert line.keys() == CODES * 3
        assert {length for _, _, length in line.tones()} == {80}
        line.assert_gaps()

    def test_a_press_that_had_to_wait_sounds_as_long_as_it_was_held(self, line: Line) -> None:
        line.dialer.dial(parse("123"))
        line.click("4", held=0.2)
        line.run_until_idle()
        assert line.tones()[3] == ("4", 540, 200)

    @pytest.mark.parametrize("interval", [0.02, 0.05, 0.1])
    def test_fast_typing_loses_nothing(self, line: Line, interval: float) -> None:
        keys = "".join(random.Random(1).choices(CODES, k=100))
        for char in keys:
            line.dialer.key_down(char, line.t)
            line.run(interval)
            line.dialer.key_up(char, line.t)
        line.run_until_idle()
        assert line.keys() == keys
        assert line.dialer.sent == 100
        line.assert_gaps()

    def test_a_key_by_hand_comes_after_the_keys_being_dialed(self, line: Line) -> None:
        line.dialer.dial(parse("12"))
        line.run(0.02)
        line.click("3")
        line.dialer.dial(parse("4"))
        line.run_until_idle()
        assert line.keys() == "1234"

    @pytest.mark.parametrize("text", ["1w2", "1,2"])
    @pytest.mark.parametrize("early", [False, True])
    def test_a_key_by_hand_does_not_wait_for_the_far_end(self, line: Line, text: str, early: bool) -> None:
        line.dialer.dial(parse(text))
        if not early:
            line.run(1.0)
        line.click("9")
        line.run_until_idle()
        assert line.keys() == "192"
        _, (_, by_hand, length), (_, after, _) = line.tones()
        assert by_hand == (180 if early else 1000)
        wait_begins = 180 + length + 40 if early else 180
        assert after == wait_begins + (2000 if text == "1,2" else 60_000)

    def test_a_key_by_hand_does_not_lengthen_a_pause(self, line: Line) -> None:
        line.dialer.dial(parse("1,2"))
        line.run(1.0)
        line.click("9")
        line.run_until_idle()
        assert line.tones()[2][1] == 2180

    def test_a_key_held_beyond_a_pause_delays_what_follows(self, line: Line) -> None:
        line.dialer.dial(parse("1,2"))
        line.run(1.0)
        line.dialer.key_down("9", line.t)
        line.run(3.0)
        line.dialer.key_up("9", line.t)
        line.run_until_idle()
        assert line.tones()[1:] == [("9", 1000, 3000), ("2", 4040, 100)]


class TestStop:
    def test_it_drops_the_queue_and_ends_the_tone(self, line: Line) -> None:
        line.dialer.dial(parse("123w4"), 1000)
        line.run(1.3)
        line.dialer.stop(line.t)
        (change,) = line.dialer.changes()
        assert (change.t, change.state, change.remaining, change.sent) == (line.t, "stopped", "", 1)
        assert change.reason == "Stopped; keys not sent: 2."
        line.run(1)
        assert line.tones() == [("1", 0, 1000), ("2", 1080, 220)]
        assert [(change.state, change.sent) for change in line.changes[-1:]] == [("stopped", 2)]
        assert line.dialer.state == "stopped"

    def test_a_tone_just_begun_is_still_long_enough(self, line: Line) -> None:
        line.dialer.dial(parse("12"))
        line.run(0.02)
        line.dialer.stop(line.t)
        line.run(0.5)
        assert line.tones() == [("1", 0, 40)]

    def test_it_ends_a_held_key(self, line: Line) -> None:
        line.dialer.key_down("1", 0)
        line.run(0.5)
        line.dialer.stop(line.t)
        line.run(0.5)
        line.dialer.key_up("1", line.t)
        line.run(0.5)
        assert line.tones() == [("1", 0, 500)]
        assert not any("held" in change.reason for change in line.changes)

    @pytest.mark.parametrize("text", ["w2", ",2"])
    def test_it_ends_a_wait(self, line: Line, text: str) -> None:
        line.dialer.dial(parse(text))
        line.run(0.5)
        line.dialer.stop(line.t)
        line.run(20)
        assert line.keys() == ""
        assert line.dialer.state == "stopped"

    def test_it_is_possible_to_go_on(self, line: Line) -> None:
        line.dialer.dial(parse("12"))
        line.run(0.1)
        line.dialer.stop(line.t)
        line.dialer.dial(parse("3"))
        line.run_until_idle()
        line.dialer.stop(line.t)
        line.click("4")
        line.run_until_idle()
        assert line.keys() == "134"
        line.assert_gaps()
        assert line.changes[-1].state == "idle"

    def test_without_anything_to_stop_nothing_is_told(self, line: Line) -> None:
        line.dialer.stop(line.t)
        line.dialer.stop(line.t)
        line.run(0.1)
        assert line.changes == []
        assert line.dialer.state == "idle"


class TestTakenBack:
    def test_a_key_that_was_not_taken_does_not_count(self, line: Line) -> None:
        line.dialer.dial(parse("12"))
        line.run(0.12)
        assert line.dialer.sent == 1
        line.dialer.take_back(again=False)
        line.run_until_idle()
        assert (line.keys(), line.dialer.sent) == ("12", 1)

    def test_again_it_comes_first_and_as_long(self, line: Line) -> None:
        line.dialer.dial(parse("12"), 240)
        line.run(0.26)
        assert line.dialer.sounded == pytest.approx(0.24)
        line.dialer.take_back(again=True)
        line.run_until_idle()
        assert [(key, length) for key, _, length in line.tones()] == [("1", 240), ("1", 240), ("2", 240)]
        assert line.dialer.sent == 2
        line.assert_gaps()

    def test_of_a_held_key_the_real_length(self, line: Line) -> None:
        line.dialer.key_down("5", line.t)
        line.run(0.3)
        line.dialer.key_up("5", line.t)
        line.run(0.04)
        line.dialer.take_back(again=True)
        line.run_until_idle()
        assert [(key, length) for key, _, length in line.tones()] == [("5", 300), ("5", 300)]

    def test_it_does_not_wait_behind_a_pause(self, line: Line) -> None:
        line.dialer.dial(parse("1,2"))
        line.run(0.12)
        line.dialer.take_back(again=True)
        line.run(0.3)
        assert line.keys() == "11"

    def test_not_again_when_all_was_stopped(self, line: Line) -> None:
        line.dialer.dial(parse("12"))
        line.run(0.12)
        line.dialer.stop(line.t)
        line.dialer.take_back(again=True)
        line.run(0.5)
        assert (line.keys(), line.dialer.sent) == ("1", 0)


class TestCut:
    def test_the_tone_ends_at_once_and_what_follows_comes(self, line: Line) -> None:
        line.dialer.dial(parse("12"))
        line.run(0.02)
        line.dialer.cut()
        line.run_until_idle()
        assert [(key, length) for key, _, length in line.tones()] == [("1", 20), ("2", 100)]

    def test_a_held_key_is_no_longer_held(self, line: Line) -> None:
        line.dialer.key_down("5", line.t)
        line.run(0.1)
        line.dialer.cut()
        line.run(0.5)
        assert line.tones() == [("5", 0, 100)]
        assert {change.reason for change in line.changes} == {""}


def test_dial_strings_wait_where_only_keys_by_hand_may_go() -> None:
    dialer = Dialer()
    dialer.dial(parse("12"))
    dialer.key_down("9", 0.0)
    dialer.key_up("9", 0.0)
    early = [dialer.slot(n * 0.02, far_end_quiet=False, by_hand_only=True).char for n in range(20)]
    later = [dialer.slot(n * 0.02, far_end_quiet=False).char for n in range(20, 40)]
    assert set(early) == {"9", None}
    assert [char for n, char in enumerate(later) if char is not None and later[n - 1] != char] == ["1", "2"]


class TestPressedAt:
    def test_of_a_key_by_hand(self, line: Line) -> None:
        line.run(0.1)
        line.dialer.key_down("5", 0.093)
        assert line.dialer.pressed_at("5") is None
        line.run(0.02)
        assert line.dialer.pressed_at("5") == 0.093
        assert line.dialer.pressed_at("6") is None
        line.dialer.key_up("5", line.t)
        line.run(1)
        assert line.dialer.pressed_at("5") == 0.093

    def test_of_queued_keys(self, line: Line) -> None:
        line.dialer.key_down("5", 0.001)
        line.dialer.key_down("6", 0.002)
        line.run(0.02)
        assert line.dialer.pressed_at("5") == 0.001
        line.run(0.2)
        assert line.dialer.pressed_at("6") == 0.002

    def test_of_a_dial_string_only_the_first_key(self, line: Line) -> None:
        line.dialer.dial(parse("11"), t=0.5)
        line.run(0.02)
        assert line.dialer.pressed_at("1") == 0.5
        line.run(0.2)
        assert line.dialer.current == "1"
        assert line.dialer.pressed_at("1") is None

    def test_of_a_dial_string_behind_another(self, line: Line) -> None:
        line.dialer.dial(parse("1"), t=0.5)
        line.dialer.dial(parse("2"), t=0.6)
        line.run(0.2)
        assert line.dialer.pressed_at("2") is None


ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("down"), st.sampled_from(CODES)),
        st.tuples(st.just("up"), st.sampled_from(CODES)),
        st.tuples(st.just("dial"), st.text(alphabet=CODES + ",pw", max_size=5)),
        st.tuples(st.just("run"), st.integers(1, 30).map(str)),
        st.tuples(st.just("skip"), st.just("")),
    ),
    max_size=25,
)


@settings(deadline=None)
@given(ACTIONS)
def test_every_key_is_sent_once_with_its_least_length_and_gap(actions: list[tuple[str, str]]) -> None:
    line = Line()
    line.far_end_silent = True
    wanted, by_hand, dialed = "", "", ""
    for action, text in actions:
        match action:
            case "down":
                line.dialer.key_down(text, line.t)
                by_hand += text
            case "up":
                line.dialer.key_up(text, line.t)
            case "dial":
                line.dialer.dial(parse(text), 60, 30, line.t)
                dialed += text
            case "run":
                line.run(int(text) * SLOT_SECONDS)
            case "skip":
                line.dialer.skip_wait()
    line.run(400)
    wanted = by_hand + "".join(char for char in dialed if char in CODES)
    assert sorted(line.keys()) == sorted(wanted)
    assert line.dialer.sent == len(wanted)
    assert line.dialer.state == "idle"
    if not dialed:
        assert line.keys() == by_hand
    if not by_hand:
        assert line.keys() == wanted
    line.assert_gaps()
    assert all(length >= 60 for _, _, length in line.tones())
    states = [(change.state, change.current, change.remaining, change.sent) for change in line.changes]
    assert all(one != next_one for one, next_one in pairwise(states))
    assert [change.sent for change in line.changes] == sorted(change.sent for change in line.changes)


@pytest.mark.parametrize("seed", range(5))
def test_100_keys_at_10_per_second_over_5_percent_loss(seed: int) -> None:
    """From the key to the far side's receiver: each key arrives once and in order."""
    rng = random.Random(seed)
    keys = "".join(rng.choices(CODES, k=100))
    line, sender, receiver = Line(), EventSender(48000), EventReceiver()
    reports: list[Report] = []
    sequence = slot = 0
    presses = [(n * 0.1, char) for n, char in enumerate(keys)]
    while presses or line.dialer.state != "idle" or slot % 50:
        while presses and presses[0][0] <= line.t:
            line.dialer.key_down(presses[0][1], presses[0][0])
            line.dialer.key_up(presses[0][1], presses[0][0] + 0.03)
            del presses[0]
        t = line.t
        line.run(SLOT_SECONDS)
        asked = line.slots[-1]
        code = None if asked.char is None else key_of(asked.char).code
        output = sender.slot(code, slot * 960, last=asked.last)
        sequence += output.audio
        for payload, timestamp, marker in output.packets:
            if rng.random() >= 0.05:
                reports += receiver.packet(
                    ssrc=1,
                    sequence=sequence & 0xFFFF,
                    timestamp=timestamp,
                    marker=marker,
                    payload=payload.serialize(),
                    payload_type=110,
                    clock_rate=48000,
                    t=t,
                )
            sequence += 1
        reports += receiver.tick(t)
        slot += 1
    assert "".join(CODES[report.code] for report in reports if isinstance(report, EventStarted)) == keys
