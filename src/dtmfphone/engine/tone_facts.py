"""What was measured of a burst, in the words of the events."""

from typing import Any

from dtmfphone.dtmf.digits import Burst
from dtmfphone.dtmf.profiles import verdicts
from dtmfphone.engine.events import PASS


def tone_facts(burst: Burst) -> dict[str, Any]:
    """Return the fields of `events.Tones`, without more digits than a measurement has; profiles are not asked."""
    return {
        "low_hz": _rounded(burst.low_hz, 4),
        "high_hz": _rounded(burst.high_hz, 4),
        "low_deviation": _rounded(100 * burst.low_deviation, 4),
        "high_deviation": _rounded(100 * burst.high_deviation, 4),
        "low_dbm0": _rounded(burst.low_dbm0, 3),
        "high_dbm0": _rounded(burst.high_dbm0, 3),
        "twist_db": _rounded(burst.twist_db, 3),
        "snr_db": _rounded(burst.snr_db, 2),
        "pause": None if burst.pause is None else _rounded(burst.pause, 6),
    }


def verdict_words(burst: Burst) -> dict[str, str]:
    """Return what each receiver profile says of a digit."""
    return {name: "; ".join(reasons) or PASS for name, reasons in verdicts(burst).items()}


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) + 0.0  # not -0.0
