"""Sounds of a telephone line that are no DTMF digit: each function makes one of them, at random within its kind."""

import itertools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from detection.tape import noise
from detection.tone_pair import HIGH_HZ, KEYS, LOW_HZ, RATE, Wave, frequencies, peak_of

Floats = Sequence[float] | NDArray[np.float64]

NEAR = 0.035
"""Within this fraction of nominal a receiver may take a frequency for that of a digit (Q.24, AT&T)."""
R1_HZ = (700.0, 900.0, 1100.0, 1300.0, 1500.0, 1700.0)
R2_HZ = ((1380.0, 1500.0, 1620.0, 1740.0, 1860.0, 1980.0), (540.0, 660.0, 780.0, 900.0, 1020.0, 1140.0))
PROGRESS_HZ = ((350.0, 440.0), (425.0,), (440.0, 480.0), (480.0, 620.0), (400.0,), (400.0, 450.0), (440.0,))
SIT_HZ = (950.0, 1400.0, 1800.0)


def tones(rng: np.random.Generator, hz: Floats, levels: Floats, seconds: float) -> Wave:
    """Return sines with edges of 0 to 7 ms, each with its level in dBm0."""
    t = np.arange(round(seconds * RATE)) / RATE
    wave = np.zeros(len(t))
    for f, dbm0 in zip(hz, levels, strict=True):
        wave += peak_of(dbm0) * np.sin(2 * np.pi * f * t + rng.uniform(0, 2 * np.pi))
    return faded(wave, rng.uniform(0, 0.007))


def faded(wave: Wave, seconds: float) -> Wave:
    """Return the wave with raised-cosine edges of this length."""
    n = max(1, min(round(seconds * RATE), len(wave) // 2))
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(n) + 0.5) / n)
    wave[:n] *= ramp
    wave[-n:] *= ramp[::-1]
    return wave


def _seconds(rng: np.random.Generator) -> float:
    return float(rng.uniform(0.06, 0.4))


def single(rng: np.random.Generator) -> Wave:
    """One of the eight tones alone."""
    return tones(rng, [rng.choice(LOW_HZ + HIGH_HZ)], [rng.uniform(-20, 0)], _seconds(rng))


def any_single(rng: np.random.Generator) -> Wave:
    """One tone anywhere."""
    return tones(rng, [rng.uniform(200, 3400)], [rng.uniform(-20, 0)], _seconds(rng))


def two_of_a_group(rng: np.random.Generator) -> Wave:
    """Two low or two high tones."""
    pair = rng.choice((LOW_HZ, HIGH_HZ)[int(rng.integers(2))], 2, replace=False)
    return tones(rng, pair, rng.uniform(-15, -5, 2), _seconds(rng))


def three(rng: np.random.Generator) -> Wave:
    """Two tones of one group and one of the other, all about as loud."""
    groups = [LOW_HZ, HIGH_HZ] if rng.integers(2) else [HIGH_HZ, LOW_HZ]
    hz = [*rng.choice(groups[0], 2, replace=False), rng.choice(groups[1])]
    return tones(rng, hz, rng.uniform(-3, 3, 3) - 12, _seconds(rng))


def twisted(rng: np.random.Generator) -> Wave:
    """A digit whose one tone is 15 to 30 dB weaker."""
    levels = np.array([-5.0, -5.0 - rng.uniform(15, 30)])
    return tones(rng, frequencies(str(rng.choice(list(KEYS)))), levels[:: rng.choice((-1, 1))], _seconds(rng))


def progress(rng: np.random.Generator) -> Wave:
    """Dial, ringing and busy tones."""
    hz = PROGRESS_HZ[int(rng.integers(len(PROGRESS_HZ)))]
    return tones(rng, hz, [rng.uniform(-20, -5)] * len(hz), rng.uniform(0.2, 1.0))


def information(rng: np.random.Generator) -> Wave:
    """The three rising tones before an announcement (ITU-T E.180)."""
    return np.concatenate([tones(rng, [hz], [-10.0], 0.33) for hz in SIT_HZ])


def fax(rng: np.random.Generator) -> Wave:
    """CNG (1100 Hz) or CED (2100 Hz), up to 15 Hz or 38 Hz off (ITU-T T.30)."""
    calling = bool(rng.integers(2))
    hz = rng.uniform(1085, 1115) if calling else rng.uniform(2085, 2115)
    return tones(rng, [hz], [rng.uniform(-20, -5)], 0.5)


def fsk(rng: np.random.Generator) -> Wave:
    """A V.21 modem, 300 bit/s, either channel."""
    mark, space = ((980, 1180), (1650, 1850))[int(rng.integers(2))]
    bits = rng.integers(0, 2, 150)
    hz = np.where(np.repeat(bits, 27), mark, space).astype(np.float64)
    return peak_of(rng.uniform(-20, -8)) * np.sin(2 * np.pi * np.cumsum(hz) / RATE)


def psk(rng: np.random.Generator) -> Wave:
    """A V.22 modem, 600 symbols/s of four phases, either carrier."""
    carrier = (1200.0, 2400.0)[int(rng.integers(2))]
    symbols = np.cumsum(rng.integers(0, 4, 400)) * np.pi / 2
    t = np.arange(round(400 / 600 * RATE)) / RATE
    at = np.minimum((t * 600).astype(int), 399)
    smooth = np.ones(7) / 7
    i, q = (np.convolve(part, smooth, "same") for part in (np.cos(symbols[at]), np.sin(symbols[at])))
    wave = peak_of(rng.uniform(-20, -8)) * (i * np.cos(2 * np.pi * carrier * t) - q * np.sin(2 * np.pi * carrier * t))
    return np.asarray(wave)


def _near_a_digit(pair: Sequence[float]) -> bool:
    return all(
        any(abs(hz / nominal - 1) < NEAR for nominal in group)
        for hz, group in zip(sorted(pair), (LOW_HZ, HIGH_HZ), strict=True)
    )


MF_PAIRS = [
    pair
    for group in (R1_HZ, *R2_HZ)
    for pair in itertools.combinations(group, 2)
    if not _near_a_digit(pair)  # 700 + 1500 Hz is a digit 1.6 % off: nobody may say what it is
]


def multi_frequency(rng: np.random.Generator) -> Wave:
    """Register signals R1 and R2 (ITU-T Q.320, Q.441), 55 to 150 ms."""
    pair = MF_PAIRS[int(rng.integers(len(MF_PAIRS)))]
    return tones(rng, pair, rng.uniform(-1, 1, 2) - 9, rng.uniform(0.055, 0.15))


def _glide(rng: np.random.Generator, low: float, high: float, n: int) -> Wave:
    """Return n frequencies from one to the other, up or down."""
    return np.linspace(low, high, n)[:: int(rng.choice((-1, 1)))]


def sweep(rng: np.random.Generator) -> Wave:
    """One tone gliding over the band, up or down."""
    seconds = rng.uniform(0.2, 2)
    hz = _glide(rng, 200.0, 3400.0, round(seconds * RATE))
    wave = peak_of(rng.uniform(-15, -3)) * np.sin(2 * np.pi * np.cumsum(hz) / RATE)
    return faded(np.asarray(wave), 0.005)


def two_sweeps(rng: np.random.Generator) -> Wave:
    """Two tones gliding over the groups, fast enough to pass a digit's tolerance within 20 ms."""
    n = round(0.15 * RATE)
    wave = np.zeros(n)
    for low, high in ((600.0, 1050.0), (1100.0, 1750.0)):
        hz = _glide(rng, low, high, n)
        wave += peak_of(-10) * np.sin(2 * np.pi * np.cumsum(hz) / RATE)
    return faded(wave, 0.005)


def noise_burst(rng: np.random.Generator) -> Wave:
    """White noise or noise in the band of one group."""
    wave = noise(rng, round(_seconds(rng) * RATE), 1.0)
    band = ((0, 4000), (650, 1000), (1150, 1700), (650, 1700))[int(rng.integers(4))]
    spectrum = np.fft.rfft(wave)
    hz = np.fft.rfftfreq(len(wave), 1 / RATE)
    spectrum[(hz < band[0]) | (hz > band[1])] = 0
    wave = np.fft.irfft(spectrum, len(wave))
    wave *= peak_of(rng.uniform(-15, -3)) / np.sqrt(2 * np.mean(np.square(wave)))
    return faded(wave, 0.002)


def clicks(rng: np.random.Generator) -> Wave:
    """Dial pulses: ten steps a second."""
    wave = np.zeros(round(rng.integers(2, 8) * 0.1 * RATE))
    for start in range(0, len(wave), RATE // 10):
        length = round(0.06 * RATE)
        t = np.arange(min(length, len(wave) - start)) / RATE
        wave[start : start + length] += 20000 * rng.uniform(0.3, 1) * np.exp(-t * 300) * np.cos(2 * np.pi * 900 * t)
    return wave


ALL: tuple[Callable[[np.random.Generator], Wave], ...] = (
    single,
    any_single,
    two_of_a_group,
    three,
    twisted,
    progress,
    information,
    fax,
    fsk,
    psk,
    multi_frequency,
    sweep,
    two_sweeps,
    noise_burst,
    clicks,
)
