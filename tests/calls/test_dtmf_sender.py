"""The W3C's conformance cases for RTCDTMFSender, each step within 30 ms."""

from collections.abc import Callable
from dataclasses import FrozenInstanceError

import pytest

from dtmfphone.calls.dtmf_sender import DtmfSender, InvalidCharacterError, InvalidStateError, ToneChange
from dtmfphone.calls.media import SLOT_SECONDS
from dtmfphone.calls.tone_timer import Slot

Step = tuple[str, str, float]
"""Tone, tone buffer seen in the handler, milliseconds since the step before."""
TOLERANCE_MS = 30


class Peer:
    """A sender, asked once per slot, whose permission to send can change."""

    def __init__(self) -> None:
        self.direction = "sendrecv"
        self.connected = self.track = self.negotiated = True
        self.sender = DtmfSender(self.can_insert, self.changed)
        self.steps: list[tuple[str, str, float]] = []
        self.slots: list[Slot] = []
        self.on_tone: Callable[[str], None] = lambda tone: None

    def can_insert(self) -> bool:
        return self.connected and self.track and self.negotiated and self.direction in ("sendrecv", "sendonly")

    def changed(self, change: ToneChange) -> None:
        assert isinstance(change, ToneChange)
        assert isinstance(change.tone, str)
        assert change.t == self.t
        self.steps.append((change.tone, self.sender.tone_buffer, change.t))
        self.on_tone(change.tone)

    @property
    def t(self) -> float:
        return len(self.slots) * SLOT_SECONDS

    def run(self, milliseconds: float) -> None:
        for _ in range(round(milliseconds / 20)):
            slot = self.sender.slot(self.t)
            self.slots.append(slot)

    def run_until(self, tone: str) -> None:
        """Run until this tone has begun; what follows comes before the next slot, within 20 ms."""
        while not self.steps or self.steps[-1][0] != tone:
            self.run(20)

    def expect(self, *expected: Step) -> None:
        """Run until nothing more can come, and compare."""
        self.run(sum(step[2] for step in expected) + 1000)
        assert [step[:2] for step in self.steps] == [step[:2] for step in expected]
        times = [step[2] for step in self.steps]
        for n in range(1, len(times)):
            assert (times[n] - times[n - 1]) * 1000 == pytest.approx(expected[n][2], abs=TOLERANCE_MS)

    def heard(self) -> list[tuple[str, int]]:
        """Tones with their length in ms, as asked of the wire."""
        tones: list[tuple[str, int]] = []
        before: Slot = Slot(None, last=False)
        for slot in self.slots:
            if slot.char is not None:
                if before.char != slot.char or before.last:
                    tones.append((slot.char, 0))
                tones[-1] = (slot.char, tones[-1][1] + 20)
            before = slot
        return tones


@pytest.fixture
def peer() -> Peer:
    return Peer()


T1: list[Step] = [("1", "23", 0), ("2", "3", 170), ("3", "", 170), ("", "", 170)]


class TestInsert:
    @pytest.mark.parametrize("tones", ["", "012345689", "ABCD", "abcd", "#*", ",", "0123456789ABCDabcd#*,"])
    def test_i1_allowed_characters(self, peer: Peer, tones: str) -> None:
        peer.sender.insert_dtmf(tones)
        assert peer.sender.tone_buffer == tones.upper()

    @pytest.mark.parametrize("tones", ["123FFABC", "E", "# *"])
    def test_i2_other_characters(self, peer: Peer, tones: str) -> None:
        peer.sender.insert_dtmf("99")
        with pytest.raises(InvalidCharacterError, match="is not a DTMF tone"):
            peer.sender.insert_dtmf(tones)
        assert peer.sender.tone_buffer == "99"

    @pytest.mark.parametrize("direction", ["stopped", "recvonly", "inactive"], ids=["i3", "i4", "i5"])
    def test_i3_i4_i5_not_sending(self, peer: Peer, direction: str) -> None:
        peer.direction = direction
        assert not peer.sender.can_insert_dtmf
        with pytest.raises(InvalidStateError, match="cannot be sent now"):
            peer.sender.insert_dtmf("")

    def test_i6_the_tone_buffer_is_replaced(self, peer: Peer) -> None:
        for tones, buffer in (("123", "123"), ("ABC", "ABC"), ("bcd", "BCD")):
            peer.sender.insert_dtmf(tones)
            assert peer.sender.tone_buffer == buffer

    def test_i7_after_removing_the_track_and_closing(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("1")
        peer.track = peer.connected = False
        with pytest.raises(InvalidStateError):
            peer.sender.insert_dtmf("1")

    @pytest.mark.parametrize("missing", ["connected", "track", "negotiated"])
    def test_what_sending_needs(self, peer: Peer, missing: str) -> None:
        assert Peer().sender.can_insert_dtmf
        setattr(peer, missing, False)
        assert not peer.sender.can_insert_dtmf
        with pytest.raises(InvalidStateError):
            peer.sender.insert_dtmf("1")

    def test_sendonly_is_enough(self, peer: Peer) -> None:
        peer.direction = "sendonly"
        assert peer.sender.can_insert_dtmf

    def test_the_state_is_checked_before_the_characters(self, peer: Peer) -> None:
        peer.connected = False
        with pytest.raises(InvalidStateError):
            peer.sender.insert_dtmf("x")


class TestToneChange:
    def test_t1_defaults(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("123")
        peer.expect(*T1)
        assert peer.heard() == [("1", 100), ("2", 100), ("3", 100)]

    def test_t2_given_times(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("abc", 100, 70)
        peer.expect(("A", "BC", 0), ("B", "C", 170), ("C", "", 170), ("", "", 170))

    def test_t3_nothing_inserted(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("")
        peer.expect()

    def test_t4_the_duration_is_raised_to_40(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("ABC", 10, 70)
        peer.expect(("A", "BC", 0), ("B", "C", 110), ("C", "", 110), ("", "", 110))
        assert peer.heard() == [("A", 40), ("B", 40), ("C", 40)]

    def test_t5_the_gap_is_raised_to_30(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("ABC", 100, 10)
        peer.expect(("A", "BC", 0), ("B", "C", 130), ("C", "", 130), ("", "", 130))

    def test_t6_a_comma_is_two_seconds(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("A,B", 100, 70)
        peer.expect(("A", ",B", 0), (",", "B", 170), ("B", "", 2000), ("", "", 170))
        assert peer.heard() == [("A", 100), ("B", 100)]

    def test_t7_stopped_in_the_handler(self, peer: Peer) -> None:
        def on_tone(tone: str) -> None:
            if tone == "B":
                peer.direction = "stopped"

        peer.on_tone = on_tone
        peer.sender.insert_dtmf("ABC")
        peer.expect(("A", "BC", 0), ("B", "C", 170))
        assert peer.heard() == [("A", 100)]

    def test_t8_replaced_on_the_way(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("ABC")
        peer.run_until("B")
        peer.sender.insert_dtmf("12")
        peer.expect(("A", "BC", 0), ("B", "C", 170), ("1", "2", 170), ("2", "", 170), ("", "", 170))
        assert peer.heard() == [("A", 100), ("B", 100), ("1", 100), ("2", 100)]

    def test_t9_replaced_twice(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("ABC")
        peer.run_until("B")
        peer.sender.insert_dtmf("12")
        peer.sender.insert_dtmf("34")
        peer.expect(("A", "BC", 0), ("B", "C", 170), ("3", "4", 170), ("4", "", 170), ("", "", 170))

    def test_t10_emptied_on_the_way(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("ABC")
        peer.run_until("B")
        peer.sender.insert_dtmf("")
        peer.expect(("A", "BC", 0), ("B", "C", 170), ("", "", 170))
        assert peer.heard() == [("A", 100), ("B", 100)]

    def test_t11_renegotiated_to_receive_only(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("ABCD")
        peer.run_until("A")
        peer.direction = "recvonly"
        peer.expect(("A", "BCD", 0))

    def test_t12_the_duration_is_lowered_to_6000(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("A", 8000, 70)
        peer.expect(("A", "", 0), ("", "", 6070))
        assert peer.heard() == [("A", 6000)]

    def test_the_gap_is_lowered_to_6000(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("AB", 100, 9000)
        peer.expect(("A", "B", 0), ("B", "", 6100), ("", "", 6100))

    @pytest.mark.parametrize("tone", ["1", "", "no tone at all", "\0"])
    def test_t13_a_tone_change_takes_any_tone(self, tone: str) -> None:
        change = ToneChange(tone)
        assert change.tone == tone
        with pytest.raises(FrozenInstanceError):
            change.tone = "2"  # type: ignore[misc]  # that it is read-only is what is tested

    def test_new_times_hold_from_the_next_tone(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("AB", 100, 70)
        peer.run_until("A")
        peer.sender.insert_dtmf("CD", 200, 200)
        peer.expect(("A", "B", 0), ("C", "D", 170), ("D", "", 400), ("", "", 400))
        assert peer.heard() == [("A", 100), ("C", 200), ("D", 200)]

    def test_tones_appended_to_the_tone_buffer(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("12")
        peer.run_until("1")
        peer.sender.insert_dtmf(peer.sender.tone_buffer + "3")
        peer.expect(*[("1", "2", 0), *T1[1:]])

    def test_inserting_in_the_last_handler_goes_on(self, peer: Peer) -> None:
        def on_tone(tone: str) -> None:
            if tone == "" and len(peer.steps) == 2:
                peer.sender.insert_dtmf("2")

        peer.on_tone = on_tone
        peer.sender.insert_dtmf("1")
        peer.expect(("1", "", 0), ("", "", 170), ("2", "", 0), ("", "", 170))

    def test_after_an_abort_a_new_insert_starts_at_once(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("AB")
        peer.run_until("A")
        peer.direction = "inactive"
        peer.run(1000)
        peer.direction = "sendrecv"
        peer.run(200)
        assert [step[0] for step in peer.steps] == ["A"]
        before = peer.t
        peer.sender.insert_dtmf("1")
        peer.run(1000)
        assert [step[0] for step in peer.steps] == ["A", "1", ""]
        assert peer.steps[1][2] == before

    def test_lengths_grow_by_less_than_a_packet(self, peer: Peer) -> None:
        peer.sender.insert_dtmf("12", 105, 70)
        peer.expect(("1", "2", 0), ("2", "", 200), ("", "", 200))
        assert peer.heard() == [("1", 120), ("2", 120)]
