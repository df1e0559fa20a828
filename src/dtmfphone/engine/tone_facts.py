"""What was measured of a burst, in the words of the events."""

from typing import Any, Final

from dtmfphone.dtmf.digits import Burst
from dtmfphone.dtmf.profiles import verdicts

PASS: Final = "pass"


def tone_facts(burst: Burst) -> dict[str, Any]:
    """Return the fields of `events.Tones`, without more digits than a measurement has; profiles are not asked."""
    return {
        "low_hz": round(burst.low_hz, 4),
        "high_hz": round(burst.high_hz, 4),
        "low_deviation": round(100 * burst.low_deviation, 4),
        "high_deviation": round(100 * burst.high_deviation, 4),
        "low_dbm0": round(burst.low_dbm0, 3),
        "high_dbm0": round(burst.high_dbm0, 3),
        "twist_db": round(burst.twist_db, 3),
        "snr_db": round(burst.snr_db, 2),
        "pause": None if burst.pause is None else round(burst.pause, 6),
    }


def verdict_words(burst: Burst) -> dict[str, str]:
    """Return what each receiver profile says of a digit."""
    return {name: "; ".join(reasons) or PASS for name, reasons in verdicts(burst).items()}
