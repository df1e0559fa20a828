"""Named profiles of DTMF senders and receivers, and what a measured digit is by each of them.

The figures come from published summaries of the standards (test houses, data sheets); the ITU and ETSI texts were not
read in full. Figures that not even such a summary confirms are listed in `unverified`, and every sentence about them
says so. Limits in dBm at the receiver's input are compared with the measured dBm0, as if nothing lay between the zero
level point and the receiver.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final, NamedTuple

from dtmfphone.dtmf.digits import Burst
from dtmfphone.dtmf.keys import KEYS

FREQUENCY_TOLERANCE_HZ: Final = 0.1
LEVEL_TOLERANCE_DB: Final = 0.1
TIME_TOLERANCE_MS: Final = 1.0
SNR_TOLERANCE_DB: Final = 1.0
"""What a measurement may err by: a digit this close to a limit counts as at the limit, and a limit belongs to its
range. At 20 dB SNR 95 % of the measured frequencies and levels are nearer than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Limits of a digit; None where the profile sets none."""

    title: str
    deviation: float | None = None
    """Largest deviation of each frequency, as a fraction ..."""
    deviation_hz: float = 0.0
    """... plus this many Hz."""
    twist_db: tuple[float | None, float] | None = None
    """High level minus low level, least and most."""
    tone_ms: float | None = None
    """Shortest tone."""
    pause_ms: float | None = None
    """Shortest pause before."""
    cycle_ms: float | None = None
    """Shortest tone and pause together."""
    snr_db: float | None = None
    """Least ratio of both tones to all the rest."""
    unverified: frozenset[str] = frozenset()
    """Names of the fields that no published summary confirms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiverProfile(Profile):
    """What a receiver must take (the limits of `Profile` and `level_dbm0`), and what it must not take."""

    level_dbm0: tuple[float, float] | None = None
    """Of each tone, least and most."""
    refused_deviation: float | None = None
    """A tone this far off or further, as a fraction, is none."""
    refused_level_dbm0: float | None = None
    """A tone this weak or weaker is none."""
    refused_tone_ms: float | None = None
    """A digit this short or shorter is none."""
    bridged_ms: float | None = None
    """A gap this short or shorter within a digit does not begin another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderProfile(Profile):
    """What a sender must keep to, and what to send if nothing else is asked for."""

    on_ms: float
    off_ms: float
    sent_level_dbm0: float = -10.0
    """Of the low tone."""
    sent_twist_db: float = 0.0
    edge_ms: float = 5.0


_ALL: Final = frozenset(field.name for field in fields(ReceiverProfile))

RECEIVERS: Final = {
    "att": ReceiverProfile(
        title="AT&T (ITU-T Q.24)",
        deviation=0.015,
        twist_db=(-8.0, 4.0),
        tone_ms=40,
        pause_ms=40,
        cycle_ms=93,
        level_dbm0=(-25.0, 0.0),
        refused_deviation=0.035,
        refused_level_dbm0=-55.0,
        refused_tone_ms=23,
        bridged_ms=10,
    ),
    "ntt": ReceiverProfile(
        title="NTT (ITU-T Q.24)",
        deviation=0.018,
        twist_db=(-5.0, 5.0),
        tone_ms=40,
        pause_ms=30,
        cycle_ms=120,
        level_dbm0=(-24.0, -3.0),
        refused_deviation=0.03,
        refused_level_dbm0=-29.0,
        refused_tone_ms=24,
        bridged_ms=10,
    ),
    "denmark": ReceiverProfile(
        title="Denmark (ITU-T Q.24)",
        deviation=0.015,
        deviation_hz=2.0,
        twist_db=(-6.0, 6.0),
        tone_ms=40,
        pause_ms=40,
        cycle_ms=100,
        level_dbm0=(-25.0, 0.0),
        refused_level_dbm0=-34.0,
        refused_tone_ms=20,
        bridged_ms=20,
        unverified=_ALL,
    ),
    "australia": ReceiverProfile(
        title="Australia (ITU-T Q.24)",
        deviation=0.015,
        deviation_hz=4.0,
        twist_db=(-10.0, 10.0),
        tone_ms=40,
        pause_ms=70,
        cycle_ms=125,
        level_dbm0=(-27.0, -5.0),
        refused_deviation=0.07,
        refused_level_dbm0=-30.0,
        refused_tone_ms=25,
        bridged_ms=12,
        unverified=_ALL,
    ),
    "brazil": ReceiverProfile(
        title="Brazil (ITU-T Q.24)",
        deviation=0.018,
        twist_db=(-9.0, 9.0),
        tone_ms=40,
        pause_ms=30,
        cycle_ms=120,
        level_dbm0=(-25.0, -3.0),
        refused_deviation=0.03,
        refused_level_dbm0=-50.0,
        refused_tone_ms=20,
        bridged_ms=10,
        unverified=_ALL,
    ),
    # ETSI sets a range of levels whose place the interface decides, so no level is judged.
    "etsi": ReceiverProfile(
        title="ETSI ES 201 235-3",
        deviation=0.015,
        deviation_hz=4.0,
        twist_db=(-6.0, 6.0),
        tone_ms=40,
        pause_ms=40,
        refused_tone_ms=20,
        bridged_ms=20,
        unverified=frozenset({"deviation", "twist_db"}),
    ),
    "tia464": ReceiverProfile(
        title="TIA-464, Bellcore LSSGR",
        deviation=0.015,
        deviation_hz=2.0,
        twist_db=(-8.0, 4.0),
        snr_db=15.0,
        refused_deviation=0.035,
        unverified=frozenset({"twist_db", "refused_deviation"}),
    ),
}
"""By name, the most usual first."""

SENDERS: Final = {
    "q23": SenderProfile(
        title="ITU-T Q.23",
        deviation=0.018,
        snr_db=20.0,
        on_ms=100,
        off_ms=70,
        unverified=frozenset({"snr_db"}),
    ),
    "etsi": SenderProfile(
        title="ETSI ES 201 235-2",
        deviation=0.015,
        twist_db=(1.0, 4.0),
        tone_ms=65,
        pause_ms=65,
        snr_db=20.0,
        on_ms=65,
        off_ms=65,
        sent_twist_db=2.0,
        unverified=frozenset({"deviation", "snr_db"}),
    ),
    "tia": SenderProfile(
        title="TIA-464, TIA-968",
        deviation=0.015,
        twist_db=(None, 4.0),
        tone_ms=50,
        pause_ms=45,
        cycle_ms=100,
        snr_db=20.0,
        on_ms=50,
        off_ms=50,
        sent_twist_db=2.0,
        unverified=frozenset({"deviation", "twist_db", "snr_db"}),
    ),
}
"""By name. Q.23 leaves twist, tone and pause to each country."""


class Verdict(NamedTuple):
    """What a digit is by one profile."""

    outside: tuple[str, ...]
    """Why it is outside of what must work, or of what a sender may send; empty if it is not."""
    refused: tuple[str, ...] = ()
    """Those of them for which a receiver must not take it; empty if it may."""


def judge(burst: Burst, profile: Profile) -> Verdict:
    """Say what a digit is by a profile; without a pause measured there is no verdict on it.

    A sender's profile judges a digit that comes over a clean line.
    """
    found = list(_reasons(burst, profile))
    return Verdict(tuple(text for text, _ in found), tuple(text for text, refused in found if refused))


def verdicts(burst: Burst) -> dict[str, tuple[str, ...]]:
    """Return, by receiver profile, why this digit is outside of what must work; empty where it must."""
    return {name: judge(burst, profile).outside for name, profile in RECEIVERS.items()}


def _reasons(burst: Burst, profile: Profile) -> Iterator[tuple[str, bool]]:
    """Yield sentences, and whether it means that the digit must not be taken."""
    yield from _frequencies(burst, profile)
    if isinstance(profile, ReceiverProfile):
        yield from _levels(burst, profile)
    yield from _twist(burst, profile)
    yield from _times(burst, profile)
    if profile.snr_db is not None and burst.snr_db < profile.snr_db - SNR_TOLERANCE_DB:
        limit = _limit(profile, "snr_db", f"least {profile.snr_db:g}")
        yield f"all the rest {burst.snr_db:.1f} dB below the tones {limit}", False


def _limit(profile: Profile, field: str, text: str) -> str:
    return f"({text}, unverified)" if field in profile.unverified else f"({text})"


def _frequencies(burst: Burst, profile: Profile) -> Iterator[tuple[str, bool]]:
    key = KEYS[burst.key]
    refused = profile.refused_deviation if isinstance(profile, ReceiverProfile) else None
    for name, hz, nominal in (("low", burst.low_hz, key.low_hz), ("high", burst.high_hz, key.high_hz)):
        off = abs(hz - nominal)
        text = f"{name} tone {100 * (hz / nominal - 1):+.2f} % off"
        if refused is not None and off >= refused * nominal - FREQUENCY_TOLERANCE_HZ:
            limit = _limit(profile, "refused_deviation", f"{100 * refused:g} % or more must not work")
            yield f"{text} {limit}", True
        elif profile.deviation is not None:
            most = profile.deviation * nominal + profile.deviation_hz
            if off > most + FREQUENCY_TOLERANCE_HZ:
                plus = f" + {profile.deviation_hz:g} Hz" if profile.deviation_hz else ""
                yield f"{text} {_limit(profile, 'deviation', f'limit {100 * profile.deviation:g} %{plus}')}", False


def _levels(burst: Burst, profile: ReceiverProfile) -> Iterator[tuple[str, bool]]:
    refused = profile.refused_level_dbm0
    for name, dbm0 in (("low", burst.low_dbm0), ("high", burst.high_dbm0)):
        text = f"{name} level {dbm0:.1f} dBm0"
        if refused is not None and dbm0 <= refused + LEVEL_TOLERANCE_DB:
            yield f"{text} {_limit(profile, 'refused_level_dbm0', f'{refused:g} or less must not work')}", True
        elif profile.level_dbm0 is not None:
            least, most = profile.level_dbm0
            if dbm0 < least - LEVEL_TOLERANCE_DB:
                yield f"{text} {_limit(profile, 'level_dbm0', f'least {least:g}')}", False
            elif dbm0 > most + LEVEL_TOLERANCE_DB:
                yield f"{text} {_limit(profile, 'level_dbm0', f'most {most:g}')}", False


def _twist(burst: Burst, profile: Profile) -> Iterator[tuple[str, bool]]:
    if profile.twist_db is None:
        return
    least, most = profile.twist_db
    twist = burst.twist_db
    for beyond, limit in (
        (least is not None and twist < least - LEVEL_TOLERANCE_DB, least),
        (twist > most + LEVEL_TOLERANCE_DB, most),
    ):
        if beyond:
            yield f"twist {twist:+.1f} dB {_limit(profile, 'twist_db', f'limit {limit:+g}')}", False


def _times(burst: Burst, profile: Profile) -> Iterator[tuple[str, bool]]:
    tone = 1000 * burst.duration
    refused = profile.refused_tone_ms if isinstance(profile, ReceiverProfile) else None
    text = f"tone {tone:.0f} ms"
    if refused is not None and tone <= refused + TIME_TOLERANCE_MS:
        yield f"{text} {_limit(profile, 'refused_tone_ms', f'{refused:g} or less must not work')}", True
    elif profile.tone_ms is not None and tone < profile.tone_ms - TIME_TOLERANCE_MS:
        yield f"{text} {_limit(profile, 'tone_ms', f'least {profile.tone_ms:g}')}", False
    if burst.pause is None:
        return
    pause = 1000 * burst.pause
    bridged = profile.bridged_ms if isinstance(profile, ReceiverProfile) else None
    text = f"pause {pause:.0f} ms"
    if bridged is not None and pause <= bridged + TIME_TOLERANCE_MS:
        yield f"{text} {_limit(profile, 'bridged_ms', f'{bridged:g} or less is no pause')}", True
    elif profile.pause_ms is not None and pause < profile.pause_ms - TIME_TOLERANCE_MS:
        yield f"{text} {_limit(profile, 'pause_ms', f'least {profile.pause_ms:g}')}", False
    if profile.cycle_ms is not None and tone + pause < profile.cycle_ms - TIME_TOLERANCE_MS:
        text = f"tone and pause {tone + pause:.0f} ms"
        yield f"{text} {_limit(profile, 'cycle_ms', f'least {profile.cycle_ms:g}')}", False
