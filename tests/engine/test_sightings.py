from dtmfphone.dtmf.digits import DigitEnded, DigitStarted
from dtmfphone.engine.events import AnyEvent, Notice, Sighting, SightingStarted
from dtmfphone.engine.sightings import Sightings
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


class Leg:
    def __init__(self) -> None:
        self.events: list[AnyEvent] = []
        self.keys: list[tuple[str, float]] = []
        self.sightings = Sightings(
            "call", "ivr", self.events.append, lambda: 9.0, on_key=lambda char, t: self.keys.append((char, t))
        )
        self._receiver = EventReceiver()

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


def test_a_tone_beside_its_event_is_one_key_press_and_says_so() -> None:
    leg = Leg()
    leg.packet(1, 1000, 5.0)
    leg.tone("1", 5.05)
    leg.flush(5.5)
    leg.tone("1", 6.5)
    assert leg.keys == [("1", 5.0), ("1", 6.5)]
    notes = [e.note for e in leg.events if isinstance(e, Sighting) and e.method == "inband"]
    assert notes == ["same press as the telephone-event", ""]


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
