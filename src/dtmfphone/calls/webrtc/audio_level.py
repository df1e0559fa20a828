"""The level that aiortc writes into each packet (RFC 6464, RFC 6465), computed by numpy.

aiortc computes it sample by sample in Python, which takes more of a core than the rest of sending a packet.
"""

import math

import aiortc.rtp
import numpy as np
from av import AudioFrame

QUIETEST_DBOV = -127


def audio_level_dbov(frame: AudioFrame) -> int:
    """Return the level of a frame's first plane of int16 samples, -127 to 0 dBov (RFC 6465 appendix A)."""
    samples = np.frombuffer(bytes(frame.planes[0]), np.int16).astype(np.float64)
    power = float(np.dot(samples, samples)) / (frame.samples * 32767.0**2)
    if power <= 0.0:
        return QUIETEST_DBOV
    return round(min(0.0, max(QUIETEST_DBOV, 10 * math.log10(power))))


def install() -> None:
    """Have aiortc use it."""
    if hasattr(aiortc.rtp, "compute_audio_level_dbov"):
        aiortc.rtp.compute_audio_level_dbov = audio_level_dbov
