from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtmfphone.dtmf.digits import Burst
from dtmfphone.dtmf.keys import CODES, KEYS
from dtmfphone.dtmf.profiles import (
    RECEIVERS,
    SENDERS,
    Profile,
    SenderProfile,
    judge,
    verdicts,
)

ATT, NTT, ETSI, TIA = (RECEIVERS[name] for name in ("att", "ntt", "etsi", "tia464"))


def burst(key: str = "5", *, low: float = 0.0, high: float = 0.0, **more: Any) -> Burst:
    """A digit that every profile must take, but for what is said; `low` and `high` are deviations."""
    facts: dict[str, Any] = {
        "onset": 1.0,
        "duration": 0.08,
        "reported": 1.1,
        "low_dbm0": -11.0,
        "high_dbm0": -9.0,
        "snr_db": 40.0,
        "pause": 0.08,
    }
    hz = {"low_hz": KEYS[key].low_hz * (1 + low), "high_hz": KEYS[key].high_hz * (1 + high)}
    return Burst(key=key, **facts | hz | more)


def changed(good: Burst, **facts: Any) -> Burst:
    return replace(good, **facts)


@pytest.mark.parametrize("key", CODES)
def test_a_good_digit_passes_all(key: str) -> None:
    assert verdicts(burst(key)) == dict.fromkeys(RECEIVERS, ())
    assert not any(judge(burst(key), sender).outside for sender in SENDERS.values())
    assert verdicts(burst(key, pause=None)) == dict.fromkeys(RECEIVERS, ())


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"low": 0.019}, "low tone +1.90 % off (limit 1.5 %)"),
        ({"high": -0.0195}, "high tone -1.95 % off (limit 1.5 %)"),
        ({"high_dbm0": -5.9}, "twist +5.1 dB (limit +4)"),
        ({"low_dbm0": -2.0, "high_dbm0": -11.0}, "twist -9.0 dB (limit -8)"),
        ({"duration": 0.035}, "tone 35 ms (least 40)"),
        ({"pause": 0.022}, "pause 22 ms (least 40)"),
        ({"duration": 0.045, "pause": 0.045}, "tone and pause 90 ms (least 93)"),
        ({"low_dbm0": -27.0, "high_dbm0": -24.0}, "low level -27.0 dBm0 (least -25)"),
        ({"low_dbm0": -1.0, "high_dbm0": 1.5}, "high level 1.5 dBm0 (most 0)"),
    ],
)
def test_reasons_outside_what_att_must_take(facts: dict[str, Any], reason: str) -> None:
    found = judge(burst(**facts), ATT)
    assert found.outside == (reason,)
    assert not found.refused
    assert verdicts(burst(**facts))["att"] == (reason,)


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"low": 0.04}, "low tone +4.00 % off (3.5 % or more must not work)"),
        ({"high": -0.035}, "high tone -3.50 % off (3.5 % or more must not work)"),
        ({"duration": 0.023}, "tone 23 ms (23 or less must not work)"),
        ({"low_dbm0": -56.0, "high_dbm0": -54.0}, "low level -56.0 dBm0 (-55 or less must not work)"),
        ({"pause": 0.008}, "pause 8 ms (10 or less is no pause)"),
    ],
)
def test_reasons_for_which_att_must_not_take_it(facts: dict[str, Any], reason: str) -> None:
    found = judge(burst(**facts), ATT)
    assert found.refused == (reason,)
    assert reason in found.outside


def test_every_reason_is_told() -> None:
    found = judge(burst(low=0.02, high=0.04, duration=0.03, pause=0.03, low_dbm0=-30.0, high_dbm0=-25.0), ATT)
    assert found.outside == (
        "low tone +2.00 % off (limit 1.5 %)",
        "high tone +4.00 % off (3.5 % or more must not work)",
        "low level -30.0 dBm0 (least -25)",
        "twist +5.0 dB (limit +4)",
        "tone 30 ms (least 40)",
        "pause 30 ms (least 40)",
        "tone and pause 60 ms (least 93)",
    )
    assert found.refused == found.outside[1:2]


def test_only_north_american_practice_asks_for_a_ratio_to_noise() -> None:
    assert {name for name, reasons in verdicts(burst(snr_db=12.0)).items() if reasons} == {"tia464"}
    assert judge(burst(snr_db=12.0), TIA).outside == ("all the rest 12.0 dB below the tones (least 15)",)


def test_what_is_unverified_says_so() -> None:
    assert judge(burst(low=0.03), ETSI).outside == ("low tone +3.00 % off (limit 1.5 % + 4 Hz, unverified)",)
    assert judge(burst(duration=0.03), ETSI).outside == ("tone 30 ms (least 40)",)
    assert judge(burst(high=0.03), NTT).refused == ("high tone +3.00 % off (3 % or more must not work)",)
    wrong = burst(low=0.08, duration=0.01, pause=0.001, low_dbm0=-60.0, high_dbm0=10.0)
    for name in ("denmark", "australia", "brazil"):
        reasons = judge(wrong, RECEIVERS[name]).outside
        assert len(reasons) == 7
        assert all(reason.endswith(", unverified)") for reason in reasons)


@pytest.mark.parametrize("profile", [*RECEIVERS.values(), *SENDERS.values()], ids=lambda profile: profile.title)
def test_marks_name_fields(profile: Profile) -> None:
    assert profile.unverified <= {field.name for field in fields(profile)}


@pytest.mark.parametrize("name", RECEIVERS)
@pytest.mark.parametrize("key", CODES)
def test_measured_at_the_limits_passes_and_past_them_does_not(name: str, key: str) -> None:
    profile = RECEIVERS[name]
    good = burst(key)
    assert profile.deviation is not None
    for sign in (1, -1):
        for nominal, field in ((KEYS[key].low_hz, "low_hz"), (KEYS[key].high_hz, "high_hz")):
            limit = nominal * profile.deviation + profile.deviation_hz
            assert not verdicts(changed(good, **{field: nominal + sign * (limit + 0.05)}))[name]
            assert verdicts(changed(good, **{field: nominal + sign * (limit + 0.2)}))[name]
    for field, milliseconds in (("duration", profile.tone_ms), ("pause", profile.pause_ms)):
        if milliseconds is not None:
            other = {"duration": 0.2, "pause": 0.2}
            assert not verdicts(changed(good, **other | {field: (milliseconds - 0.1) / 1000}))[name]
            assert verdicts(changed(good, **other | {field: (milliseconds - 2) / 1000}))[name]
    assert profile.twist_db is not None
    for twist in profile.twist_db:
        assert twist is not None
        for part, passes in ((1.005, True), (1.05, False)):
            half = twist * part / 2
            assert (not verdicts(replace(good, low_dbm0=-12.0 - half, high_dbm0=-12.0 + half))[name]) is passes
    if profile.level_dbm0 is not None:
        least, most = profile.level_dbm0
        assert not verdicts(replace(good, low_dbm0=least - 0.05, high_dbm0=least))[name]
        assert verdicts(replace(good, low_dbm0=least - 0.2, high_dbm0=least))[name]
        assert not verdicts(replace(good, low_dbm0=most + 0.05, high_dbm0=most))[name]
        assert verdicts(replace(good, low_dbm0=most + 0.2, high_dbm0=most))[name]


@given(
    key=st.sampled_from(CODES),
    off=st.tuples(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1)),
    levels=st.tuples(st.floats(-70, 5), st.floats(-70, 5)),
    times=st.tuples(st.floats(0, 1), st.none() | st.floats(0, 1)),
    snr=st.floats(-10, 90),
)
def test_what_must_not_work_is_outside_of_what_must(
    key: str, off: tuple[float, float], levels: tuple[float, float], times: tuple[float, float | None], snr: float
) -> None:
    wild = burst(
        key,
        low=off[0],
        high=off[1],
        low_dbm0=levels[0],
        high_dbm0=levels[1],
        duration=times[0],
        pause=times[1],
        snr_db=snr,
    )
    for profile in (*RECEIVERS.values(), *SENDERS.values()):
        found = judge(wild, profile)
        assert set(found.refused) <= set(found.outside)
        if isinstance(profile, SenderProfile):
            assert not found.refused
        if profile.tone_ms is not None and times[0] * 1000 < profile.tone_ms - 1:
            assert found.outside
        if times[1] is None:
            assert not any("pause" in reason for reason in found.outside)


@pytest.mark.parametrize(
    ("facts", "reasons"),
    [
        ({"low": 0.0165}, {"etsi": ("low tone +1.65 % off (limit 1.5 %, unverified)",)}),
        ({"high_dbm0": -10.5}, {"etsi": ("twist +0.5 dB (limit +1)",)}),
        ({"duration": 0.06}, {"etsi": ("tone 60 ms (least 65)",)}),
        ({"duration": 0.05, "pause": 0.045}, {"tia": ("tone and pause 95 ms (least 100)",)}),
        ({"snr_db": 15.0}, {"q23": ("all the rest 15.0 dB below the tones (least 20, unverified)",)}),
    ],
)
def test_what_a_sender_breaks(facts: dict[str, Any], reasons: dict[str, tuple[str, ...]]) -> None:
    found = {name: judge(burst(**facts), sender).outside for name, sender in SENDERS.items()}
    assert found | reasons == found
    if "low" in facts:
        assert not found["q23"]


@pytest.mark.parametrize("name", SENDERS)
def test_what_a_sender_sends_by_itself_keeps_its_own_limits(name: str) -> None:
    sender = SENDERS[name]
    sent = burst(
        duration=sender.on_ms / 1000,
        pause=sender.off_ms / 1000,
        low_dbm0=sender.sent_level_dbm0,
        high_dbm0=sender.sent_level_dbm0 + sender.sent_twist_db,
    )
    assert not judge(sent, sender).outside
    assert not judge(sent, ATT).outside
