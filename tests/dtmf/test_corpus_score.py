"""The judge is judged: samples are what their labels say, and the score tells hits from every kind of miss."""

import numpy as np
import pytest

from detection import codecs, corpus
from detection.g711 import mulaw
from detection.heard import Heard
from detection.recording import Label, Recording
from detection.score import Tally
from detection.speech import resampled
from detection.tape import Tape, digit, spread, to_pcm
from detection.tone_pair import RATE, TonePair, frequencies

GROUPS = {group.name: group for group in corpus.GROUPS}


def pair(**changes: object) -> TonePair:
    facts = {"low_hz": 770.0, "high_hz": 1336.0, "low_dbm0": -10.0, "high_dbm0": -12.0, "duration": 0.1}
    return TonePair(**(facts | changes))  # type: ignore[arg-type]


def render(tones: TonePair, onset: float = 0.05, seconds: float = 0.25) -> np.ndarray:
    wave = np.zeros(round(seconds * RATE))
    tones.mix_into(wave, onset)
    return wave


def test_keys_have_the_frequencies_of_q23() -> None:
    assert frequencies("1") == (697, 1209)
    assert frequencies("#") == (941, 1477)
    assert frequencies("D") == (941, 1633)


def test_a_pair_has_its_frequencies_and_levels() -> None:
    wave = render(pair(duration=1.0), onset=0.0, seconds=1.0)
    spectrum = np.abs(np.fft.rfft(wave)) / (len(wave) / 2)
    assert spectrum[770] == pytest.approx(32768 * 10 ** (-13.14 / 20), rel=1e-6)
    assert spectrum[1336] == pytest.approx(32768 * 10 ** (-15.14 / 20), rel=1e-6)
    spectrum[[770, 1336]] = 0
    assert spectrum.max() < 1e-6
    assert np.mean(np.square(wave)) == pytest.approx(pair().power)


def test_a_pair_has_half_its_amplitude_at_onset_and_end() -> None:
    soft = render(pair(rise=0.006, fall=0.004))
    hard = render(pair(duration=0.19, phases=(-2 * np.pi * 770 * 0.05, -2 * np.pi * 1336 * 0.05)), onset=0.0)
    for at in (0.05, 0.15):
        assert soft[round(at * RATE)] == pytest.approx(hard[round(at * RATE)] / 2, abs=1)
    assert not np.any(soft[: round(0.0465 * RATE)])
    assert not np.any(soft[round(0.1525 * RATE) :])


def test_a_gap_is_silent_and_an_echo_is_later_and_weaker() -> None:
    gapped = render(pair(gap=(0.04, 0.01)))
    assert not np.any(gapped[round(0.0901 * RATE) : round(0.0999 * RATE)])
    assert np.any(gapped[round(0.1 * RATE) : round(0.15 * RATE)])
    plain, echoed = render(pair()), render(pair(echo=(0.02, 10.0)))
    assert np.allclose((echoed - plain)[160:], plain[:-160] * 10**-0.5)


def test_noise_is_as_loud_as_the_label_says() -> None:
    recording = next(corpus.recordings(GROUPS["noise, SNR 6 dB"], 1, 0.1))
    before = recording.samples[: round((recording.labels[0].onset - 0.01) * RATE)].astype(np.float64)
    label = recording.labels[0]
    assert label.snr_db is not None
    assert 10 * np.log10(label.pair.power / np.mean(np.square(before))) == pytest.approx(label.snr_db, abs=0.5)


def test_mulaw_has_the_steps_of_g711() -> None:
    pcm = np.array([0, 1, 3, 4, -5, 100, 1000, -1000, 32767, -32768], dtype=np.int16)
    assert mulaw(pcm).tolist() == [0, 0, 0, 8, -8, 104, 988, -988, 32124, -32124]
    assert len(np.unique(mulaw(np.arange(-32768, 32768).astype(np.int16)))) == 255


@pytest.mark.parametrize("name", ["all legal at once", "other signals", "noise, SNR 3 dB", "vowels", "chords"])
def test_a_seed_always_makes_the_same_samples(name: str) -> None:
    first, again, other = (
        [recording.samples.tobytes() for recording in corpus.recordings(GROUPS[name], seed, 0.02)] for seed in (7, 7, 8)
    )
    assert first == again
    assert first != other


def test_a_full_corpus_has_all_its_bursts() -> None:
    sizes = {kind: sum(group.size for group in corpus.GROUPS if group.kind == kind) for kind in ("accept", "reject")}
    assert sizes == {"accept": 14064, "reject": 3786 + 480}
    for group in corpus.GROUPS:
        if group.kind in sizes:
            assert sum(len(made.labels) for made in corpus.recordings(group, 1, 0.1)) == round(group.size * 0.1)


def test_groups_are_chosen_by_kind_or_part_of_name() -> None:
    assert {group.kind for group in corpus.chosen("accept, reject")} == {"accept", "reject"}
    assert [group.name for group in corpus.chosen("clean,dc 8")] == ["clean", "DC 8000"]
    with pytest.raises(ValueError, match="'spam'"):
        corpus.chosen("spam")


def test_values_are_spread_evenly() -> None:
    values = spread(np.random.default_rng(1), (1.0, 2.0, 3.0), 10)
    assert sorted(values.count(value) for value in (1.0, 2.0, 3.0)) == [3, 3, 4]


@pytest.mark.parametrize("ratio", [8000 / 22050, 441 / 160, 0.9137])
def test_resampling_moves_a_tone_by_the_ratio(ratio: float) -> None:
    before = np.sin(2 * np.pi * 0.05 * np.arange(20011)) * np.hanning(20011)
    after = resampled(before, ratio)
    assert len(after) == round(20011 * ratio)
    expected = np.sin(2 * np.pi * 0.05 / ratio * np.arange(len(after))) * np.hanning(len(after))
    assert np.max(np.abs(after - expected)) < 0.05


def test_a_codecs_delay_is_found() -> None:
    rng = np.random.default_rng(1)
    tape = Tape()
    tape.burst("5", digit(rng, "5"))
    tape.pause(0.1)
    tape.burst("9", digit(rng, "9"))
    before = to_pcm(tape.render())
    assert codecs.delay(before, np.pad(before // 2, (123, 0))) == 123
    assert codecs.delay(before, before[45:]) == -45


@pytest.fixture
def recording() -> Recording:
    labels = [Label(key, 0.1 + 0.1 * i, pair(duration=0.05)) for i, key in enumerate("1234")]
    return Recording(np.zeros(RATE, dtype=np.int16), tuple(labels))


def tally_of(recording: Recording, *said: tuple[str, float | None, float | None]) -> Tally:
    tally = Tally()
    tally.add(recording, [Heard(key, reported, onset) for key, onset, reported in said])
    return tally


def counts(tally: Tally) -> tuple[int, int, int, int, int]:
    return tally.once, tally.missed, tally.doubled, tally.wrong, tally.false


def test_digits_with_an_onset_are_matched_by_it(recording: Recording) -> None:
    tally = tally_of(recording, ("1", 0.101, 0.13), ("2", 0.2, 0.23), ("2", 0.22, 0.25), ("9", 0.3, 0.34))
    assert counts(tally) == (1, 1, 1, 1, 0)
    assert tally.latencies == [pytest.approx(0.04)]
    assert tally.failed("accept") == 3
    assert counts(tally_of(recording, ("1", 0.7, 0.74))) == (0, 4, 0, 0, 1)


def test_late_reports_are_matched_to_the_key_that_sounded(recording: Recording) -> None:
    tally = tally_of(recording, ("1", None, 0.2), ("2", None, 0.24), ("3", None, 0.4), ("4", None, 0.46))
    assert counts(tally) == (4, 0, 0, 0, 0)
    assert counts(tally_of(recording, ("1", None, 0.05))) == (0, 4, 0, 0, 1)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("1234", (4, 0, 0, 0, 0)),
        ("124", (3, 1, 0, 0, 0)),
        ("12334", (3, 0, 1, 0, 0)),
        ("12A4", (3, 0, 0, 1, 0)),
        ("12A34", (4, 0, 0, 0, 1)),
        ("", (0, 4, 0, 0, 0)),
    ],
)
def test_detectors_without_times_are_matched_by_order(
    recording: Recording, keys: str, expected: tuple[int, ...]
) -> None:
    assert counts(tally_of(recording, *((key, None, None) for key in keys))) == expected


def test_a_burst_to_be_rejected_fails_once_however_often_it_is_heard(recording: Recording) -> None:
    assert tally_of(recording).failed("reject") == 0
    assert tally_of(recording, ("1", 0.1, 0.13), ("7", 0.11, 0.15), ("5", 0.4, 0.44)).failed("reject") == 2
