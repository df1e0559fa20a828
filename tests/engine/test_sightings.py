import pytest

from dtmfphone.calls.call import InfoKey
from dtmfphone.dtmf.digits import DigitEnded, DigitRejected, DigitRetracted, DigitStarted, Reason
from dtmfphone.engine.events import (
    AnyEvent,
    Direction,
    Notice,
    Sighting,
    SightingRejected,
    SightingRetracted,
    SightingStarted,
)
from dtmfphone.engine.sightings import REJECTIONS_IN_A_ROW, Sightings
from dtmfphone.rtp.event_receiver import EventEnded, EventProblem, EventReceiver, EventStarted, Report
from dtmfphone.rtp.telephone_event import TelephoneEvent


def digit(key: str, onset: float) -> DigitEnded:
    return DigitEnded(
        key=key,
        onset=onset,
        duration=0.1,
        reported=onset + 0.15,
        low_hz=697,
        high_hz=1209,
        low_dbm0=-10,
        high_dbm0=-10,
        snr_db=40,
    )


def refused(key: str, onset: float, reason: Reason = "too-short") -> DigitRejected:
    return DigitRejected(
        key=key,
        onset=onset,
        duration=0.022,
        reported=onset + 0.06,
        low_hz=770,
        high_hz=1336,
        low_dbm0=-10,
        high_dbm0=-12,
        snr_db=30,
        reason=reason,
        detail="22 ms, 40 ms is the least.",
    )


class Leg:
    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.keys: list[tuple[str, float]] = []
        self.sent: list[tuple[str, float]] = []
        self.now = 9.0
        self.sightings = Sightings("call", "ivr", self.events.append, lambda: self.now, on_key=self._key)
        self._receiver = EventReceiver()

    def _key(self, direction: Direction, char: str, t: float) -> None:
        (self.keys if direction == "received" else self.sent).append((char, t))

    def packet(self, code: int, timestamp: int, t: float, payload: bytes | None = None) -> None:
        self.report(
            self._receiver.packet(
                ssrc=1,
                sequence=round(t * 50),
                timestamp=timestamp,
                marker=True,
                payload=TelephoneEvent(code, False, 10, 160).serialize() if payload is None else payload,
                payload_type=101,
                clock_rate=8000,
                t=t,
            )
        )

    def flush(self, t: float) -> None:
        self.report(self._receiver.flush(t))

    def report(self, reports: list[Report]) -> None:
        for report in reports:
            match report:
                case EventStarted():
                    self.sightings.event_started("received", report)
                case EventEnded():
                    self.sightings.event_ended("received", report)
                case EventProblem():
                    self.sightings.event_problem("received", report)

    def tone(self, key: str, onset: float) -> None:
        self.sightings.tone("received", DigitStarted(key, onset, onset + 0.04), 0.0)
        self.sightings.tone("received", digit(key, onset), 0.0)

    def guess(self, key: str, onset: float) -> None:
        self.sightings.tone("received", DigitStarted(key, onset, onset + 0.025, tentative=True), 0.0)


def test_a_guess_that_is_confirmed_keeps_its_name_and_is_one_key() -> None:
    leg = Leg()
    leg.guess("1", 1.003)
    assert leg.keys == []
    leg.tone("1", 1.0)
    first, second, end = leg.events
    assert isinstance(first, SightingStarted)
    assert isinstance(second, SightingStarted)
    assert isinstance(end, Sighting)
    assert (first.tentative, second.tentative) == (True, False)
    assert first.id == second.id == end.id
    assert leg.keys == [("1", 1.0)]


def test_a_guess_that_is_taken_back_was_no_key() -> None:
    leg = Leg()
    leg.guess("1", 1.0)
    leg.sightings.tone("received", DigitRetracted("1", 1.0, 1.06), 0.0)
    leg.sightings.tone("received", refused("5", 1.0), 10.0)
    leg.tone("2", 2.0)
    guess, retracted, rejected, start, _ = leg.events
    assert isinstance(guess, SightingStarted)
    assert isinstance(retracted, SightingRetracted)
    assert isinstance(start, SightingStarted)
    assert retracted.id == guess.id != start.id
    assert isinstance(rejected, SightingRejected)
    assert (rejected.key, rejected.reason, rejected.start, rejected.duration) == ("5", "too-short", 11.0, 0.022)
    assert leg.keys == [("2", 2.0)]


def test_a_guess_while_another_key_still_sounds() -> None:
    leg = Leg()
    leg.sightings.tone("received", DigitStarted("1", 1.0, 1.04), 0.0)
    leg.guess("2", 1.1)
    leg.sightings.tone("received", digit("1", 1.0), 0.0)
    leg.tone("2", 1.1)
    ends = {e.key: e.id for e in leg.events if isinstance(e, Sighting)}
    starts = {e.key: e.id for e in leg.events if isinstance(e, SightingStarted) and not e.tentative}
    assert starts == ends
    assert len(set(ends.values())) == 2


def test_measurements_and_verdicts_of_a_tone() -> None:
    leg = Leg()
    leg.sightings.tone("received", DigitStarted("1", 1.0, 1.04), 0.0)
    end = digit("1", 1.0)
    object.__setattr__(end, "pause", 0.02)
    object.__setattr__(end, "high_hz", 1209 * 1.02)
    leg.sightings.tone("received", end, 0.0)
    sighting = leg.events[-1]
    assert isinstance(sighting, Sighting)
    assert (sighting.low_deviation, sighting.high_deviation, sighting.pause) == (0.0, 2.0, 0.02)
    assert sighting.verdicts["att"].startswith("high tone +2.00 % off")
    assert "; pause 20 ms" in sighting.verdicts["att"]
    assert sighting.verdicts["tia464"].startswith("high tone")


@pytest.mark.parametrize("reason", ["speech", "too-short"])
def test_speech_does_not_flood_the_stream(reason: Reason) -> None:
    leg = Leg()

    def count() -> int:
        leg.events.clear()
        for n in range(200):
            leg.sightings.tone("received", refused("5", leg.now + n / 1000, reason), 0.0)
        return len(leg.events)

    assert count() == REJECTIONS_IN_A_ROW + 1
    assert count() == 0
    leg.now += 0.6
    assert count() == 1
    leg.now += 600
    assert count() == REJECTIONS_IN_A_ROW + 1


def test_a_tone_beside_its_event_is_one_key_press_and_says_so() -> None:
    leg = Leg()
    leg.packet(1, 1000, 5.0)
    leg.tone("1", 5.05)
    leg.flush(5.5)
    leg.tone("1", 6.5)
    assert leg.keys == [("1", 5.0), ("1", 6.5)]
    notes = [e.note for e in leg.events if isinstance(e, Sighting) and e.method == "inband"]
    assert notes == ["same press as the telephone-event", ""]


def info(key: str, t: float, duration: float | None = 0.1) -> InfoKey:
    return InfoKey(char=key, start=t, duration=duration, content_type="application/dtmf-relay")


def notes_of(leg: Leg, method: str) -> list[str]:
    """Return what is said of the presses; that no end packet came is not the point."""
    return [
        e.note.removeprefix("no end packet").removeprefix("; ")
        for e in leg.events
        if isinstance(e, Sighting) and e.method == method
    ]


def test_a_key_in_an_info_request_is_a_key_press() -> None:
    leg = Leg()
    leg.sightings.info_key("received", info("7", 5.0))
    leg.sightings.info_key("received", info("7", 5.2))
    assert leg.keys == [("7", 5.0), ("7", 5.2)]
    begin, end, *_ = leg.events
    assert isinstance(begin, SightingStarted)
    assert isinstance(end, Sighting)
    assert begin.id == end.id
    assert (end.method, end.key, end.start, end.duration) == ("info", "7", 5.0, 0.1)
    assert (end.content_type, end.status, end.note) == ("application/dtmf-relay", None, "")


def test_an_info_request_beside_an_event_is_one_key_press_and_says_so() -> None:
    leg = Leg()
    leg.packet(7, 1000, 5.0)
    leg.flush(5.15)
    leg.sightings.info_key("received", info("7", 5.2))
    leg.packet(7, 4000, 5.3)
    leg.flush(5.45)
    leg.sightings.info_key("received", info("7", 5.5))
    leg.sightings.info_key("received", info("8", 5.5))
    assert leg.keys == [("7", 5.0), ("7", 5.3), ("8", 5.5)]
    assert notes_of(leg, "info") == ["same press as the telephone-event"] * 2 + [""]
    assert notes_of(leg, "rfc4733") == ["", ""]


def test_an_event_of_a_held_key_is_the_press_of_the_request_at_its_end() -> None:
    leg = Leg()
    leg.packet(7, 1000, 5.0)
    leg.sightings.info_key("received", info("7", 8.0, 3.0))
    assert leg.keys == [("7", 5.0)]


def test_an_event_behind_its_info_request_says_so() -> None:
    leg = Leg()
    leg.sightings.info_key("received", info("7", 5.0, None))
    leg.packet(7, 1000, 5.1)
    leg.flush(5.3)
    leg.packet(7, 9000, 6.0)
    leg.flush(6.2)
    assert leg.keys == [("7", 5.0), ("7", 6.0)]
    assert notes_of(leg, "rfc4733") == ["same press as the INFO request", ""]


def test_a_tone_that_comes_in_two_pieces_beside_its_event_is_no_second_press() -> None:
    leg = Leg()
    leg.packet(1, 1000, 5.0)
    leg.tone("1", 5.05)
    leg.tone("1", 5.2)
    assert leg.keys == [("1", 5.0)]


def test_two_events_with_their_tones_are_two_presses() -> None:
    leg = Leg()
    for start, timestamp in ((5.0, 1000), (5.2, 3000)):
        leg.packet(1, timestamp, start)
        leg.flush(start + 0.1)
        leg.tone("1", start + 0.08)
    assert leg.keys == [("1", 5.0), ("1", 5.2)]


@pytest.mark.parametrize(
    ("status", "reason", "note"),
    [
        (200, "OK", "accepted (200 OK)"),
        (202, "", "accepted (202)"),
        (405, "Method Not Allowed", "refused (405 Method Not Allowed)"),
        (None, "no answer within 32 s", "no answer within 32 s"),
        (None, "", "no answer"),
    ],
)
def test_a_sent_info_key_says_how_it_was_answered_never_that_it_was_heard(
    status: int | None, reason: str, note: str
) -> None:
    leg = Leg()
    key = InfoKey(char="5", start=1.0, duration=0.1, content_type="application/dtmf", status=status, reason=reason)
    leg.sightings.info_key("sent", key)
    _, end = leg.events
    assert isinstance(end, Sighting)
    assert (end.direction, end.status, end.note) == ("sent", status, note)
    assert leg.keys == []


def test_a_tone_of_ours_is_no_event_of_theirs() -> None:
    leg = Leg()
    leg.packet(1, 1000, 5.0)
    leg.sightings.tone("sent", DigitStarted("1", 5.0, 5.04), 0.0)
    leg.sightings.tone("sent", digit("1", 5.0), 0.0)
    assert [e.note for e in leg.events if isinstance(e, Sighting) and e.direction == "sent"] == [""]


def test_each_sighting_has_an_id_of_its_own_from_start_to_end() -> None:
    leg = Leg()
    leg.packet(1, 1000, 5.0)
    leg.flush(5.2)
    leg.packet(1, 9000, 6.0)
    leg.tone("2", 6.5)
    leg.flush(7.0)
    started = [e.id for e in leg.events if isinstance(e, SightingStarted)]
    ended = [e.id for e in leg.events if isinstance(e, Sighting)]
    assert len(set(started)) == 3
    assert sorted(started) == sorted(ended)


def test_flash_is_told_but_is_no_key() -> None:
    leg = Leg()
    leg.packet(16, 1000, 5.0)
    leg.flush(5.2)
    assert leg.keys == []
    (notice,) = leg.events
    assert isinstance(notice, Notice)
    assert "16" in notice.text


def test_faults_of_the_sender_are_told() -> None:
    leg = Leg()
    leg.packet(1, 1000, 5.0, payload=b"123")
    (notice,) = leg.events
    assert isinstance(notice, Notice)
    assert notice.level == "warning"
    assert "far end" in notice.text
