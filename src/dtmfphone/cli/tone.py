"""`dtmfphone tone`: write keys as tones to a file, as exact or as damaged as a test needs them."""

import argparse
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np

from dtmfphone.cli.call import FAILED, OK
from dtmfphone.cli.tone_signal import ToneSignal
from dtmfphone.cli.wave_writer import MOST_SAMPLES, STANDARD_OUTPUT, SUFFIXES, write_audio
from dtmfphone.dtmf.dial_string import DialStringError, Pause, Press, Wait, normalise, parse
from dtmfphone.dtmf.impairments import DIAL_TONE_HZ
from dtmfphone.dtmf.levels import to_int16
from dtmfphone.dtmf.profiles import SENDERS, judge
from dtmfphone.dtmf.tones import TimedKey

FULL_SCALE: Final = 32767.5 / 32768
"""What is louder does not fit into 16 bits."""
SHOWN: Final = 40
"""Digits that are repeated to the user."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of `dtmfphone tone`."""
    parser.add_argument("digits", metavar="DIGITS", help="0-9 * # A-D; ',' pauses for 2 s, 'p' for 0.5 s")
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        required=True,
        help="16-bit .wav or .flac, replaced if it exists; - is WAV on standard output",
    )
    parser.add_argument(
        "--profile",
        choices=tuple(SENDERS),
        default="q23",
        help="sender whose lengths, levels and edges are taken where none are given: "
        + "; ".join(
            f"{name}: {sender.title}, {sender.on_ms:g}/{sender.off_ms:g} ms, twist {sender.sent_twist_db:g} dB"
            for name, sender in SENDERS.items()
        ),
    )
    parser.add_argument("--on", type=_number(1, 60_000, "ms"), metavar="MS", help="length of a tone")
    parser.add_argument("--off", type=_number(0, 60_000, "ms"), metavar="MS", help="pause between, before and after")
    parser.add_argument("--level", type=_level, metavar="DBM0", help="level of the low tone (default: -10)")
    parser.add_argument("--twist", type=_number(-30, 30, "dB"), metavar="DB", help="high level minus low level")
    parser.add_argument("--edge", type=_number(0, 1000, "ms"), metavar="MS", help="rise and fall (default: 5)")
    parser.add_argument(
        "--deviation",
        type=_deviation,
        default=(0.0, 0.0),
        metavar="PERCENT",
        help="off the nominal frequencies: both tones, or low,high as in --deviation=-1,1.5",
    )
    parser.add_argument("--rate", type=_whole(8000, 192_000), default=8000, metavar="HZ", help="(default: 8000)")
    parser.add_argument(
        "--gap",
        type=_pair("MS@MS", _number(0, 60_000, "ms"), _number(0, 60_000, "ms")),
        metavar="MS@MS",
        help="interruption within each tone: 10@20 is 10 ms long and begins 20 ms after the tone",
    )
    parser.add_argument(
        "--noise",
        type=_number(-20, 100, "dB"),
        metavar="DB",
        help="white noise: both tones together against what of it lies below 4 kHz",
    )
    parser.add_argument("--seed", type=_whole(0, 2**32 - 1), default=0, metavar="N", help="of the noise (default: 0)")
    parser.add_argument(
        "--dial-tone",
        type=_tones(DIAL_TONE_HZ),
        metavar="[HZ[+HZ]@]DBM0",
        help="dial tone beneath, 350+440 Hz with this level each, or as in 425@-15",
    )
    parser.add_argument("--hum", type=_tones((50.0,)), metavar="[HZ@]DBM0", help="mains hum beneath (50 Hz)")
    parser.add_argument(
        "--dc", type=_number(-99, 99, "percent"), default=0.0, metavar="PERCENT", help="offset, of full scale"
    )
    parser.add_argument(
        "--echo",
        type=_pair("MS@DB", _number(0, 1000, "ms"), _number(-60, 0, "dB")),
        metavar="MS@DB",
        help="echo of the tones: 20@-10 is 20 ms late and 10 dB weaker",
    )
    parser.add_argument(
        "--overload", type=_number(0, 60, "dB"), metavar="DB", help="amplify all and clip it at full scale"
    )


def run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Run `dtmfphone tone`; returns the exit code."""
    signal = _signal(args, parser)
    samples = round(signal.seconds * signal.rate)
    if samples > MOST_SAMPLES:
        parser.error(f"{signal.seconds / 3600:.1f} h at {signal.rate} Hz do not fit into a WAV file: send fewer digits")
    try:
        return _write(signal, samples, args, parser)
    except (BrokenPipeError, KeyboardInterrupt):  # a reader or a user that went away knows
        return FAILED


def _write(signal: ToneSignal, samples: int, args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    peak = max(float(np.abs(piece).max()) for piece in signal.render() if len(piece))
    if peak > FULL_SCALE and signal.overload_db is None:
        parser.error(
            f"--level: the signal goes {20 * math.log10(peak):.1f} dB beyond full scale: make the tones and what is "
            f"added to them weaker by as much, or clip it on purpose with --overload 0"
        )
    name = "standard output" if args.output == STANDARD_OUTPUT else args.output
    try:
        write_audio(args.output, (to_int16(piece) for piece in signal.render()), samples, signal.rate)
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"dtmfphone: {name} cannot be written: {_cause(error, name)}", file=sys.stderr)
        return FAILED
    count = len(signal.keys)
    digits = normalise(args.digits)
    print(
        f"{name}: {digits if len(digits) <= SHOWN else digits[: SHOWN - 3] + '...'}, "
        f"{count} {'key' if count == 1 else 'keys'} in {samples / signal.rate:.3f} s at {signal.rate} Hz, "
        f"low tones {signal.low_dbm0:g} dBm0, high tones {signal.high_dbm0:g} dBm0",
        file=sys.stderr,
    )
    sender = SENDERS[args.profile]
    if outside := judge(signal.digit, sender).outside:
        print(f"Not what {sender.title} lets a sender send: {'; '.join(outside)}.", file=sys.stderr)
    return OK


def _cause(error: OSError, name: str) -> str:
    """Return why a file cannot be written, with the remedy."""
    match error:
        case FileNotFoundError():
            return f"there is no folder {Path(name).parent}. Make it first, or name another."
        case IsADirectoryError():
            return "it is a folder. Name a file in it."
        case PermissionError():
            return f"{error.strerror}. Name a place where you may write."
        case _:
            return f"{error.strerror or error}. Make room, or write it elsewhere."


def _signal(args: argparse.Namespace, parser: argparse.ArgumentParser) -> ToneSignal:
    """Return what the arguments ask for; ends the process where they do not fit together."""
    sender = SENDERS[args.profile]
    on, off = _given(args.on, sender.on_ms), _given(args.off, sender.off_ms)
    low = _given(args.level, sender.sent_level_dbm0)
    high = low + _given(args.twist, sender.sent_twist_db)
    edge = _given(args.edge, sender.edge_ms)
    if edge > on:
        parser.error(f"--edge: {edge:g} ms is too long for a tone of {on:g} ms: give an edge of {on:g} ms or less")
    if args.gap and sum(args.gap) > on:
        parser.error(
            f"--gap: it ends {sum(args.gap):g} ms after the tone begins: end it within the {on:g} ms of the tone"
        )
    if args.output != STANDARD_OUTPUT and not args.output.lower().endswith(SUFFIXES):
        parser.error(f"--output: {args.output} is neither .wav nor .flac: write one of these and convert it")
    if args.output == STANDARD_OUTPUT and (sys.stdout is None or sys.stdout.isatty()):
        parser.error("--output: standard output is a terminal or closed: send it to a program or a file")
    keys, end = _timed(args.digits, on, off, parser)
    end += max(0.0, edge - off) / 1000  # the last tone fades, too
    return ToneSignal(
        keys=keys,
        seconds=end,
        rate=args.rate,
        low_dbm0=low,
        high_dbm0=high,
        edge_ms=edge,
        deviation=args.deviation,
        gap_ms=args.gap,
        echo=args.echo,
        dial_tone=args.dial_tone,
        hum=args.hum,
        dc=args.dc / 100,
        snr_db=args.noise,
        seed=args.seed,
        overload_db=args.overload,
    )


def _timed(digits: str, on: float, off: float, parser: argparse.ArgumentParser) -> tuple[tuple[TimedKey, ...], float]:
    """Return the keys of a dial string with their times, and the end, in seconds."""
    try:
        steps = parse(digits)
    except DialStringError as error:
        parser.error(f"DIGITS: {error}")
    keys: list[TimedKey] = []
    ms = off
    for step in steps:
        match step:
            case Press(char):
                keys.append(TimedKey(char, ms / 1000, (ms + on) / 1000))
                ms += on + off
            case Pause(seconds):
                ms += 1000 * seconds
            case Wait():
                parser.error("DIGITS: 'w' waits for the far end, and a file has none: use ',' (2 s) or 'p' (0.5 s)")
    if not keys:
        parser.error("DIGITS: there is no key to send: use 0-9, *, # or A-D")
    return tuple(keys), ms / 1000


def _given(value: float | None, default: float) -> float:
    return default if value is None else value


def _number(least: float, most: float, unit: str) -> Callable[[str], float]:
    def check(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least:g} and {most:g} {unit}")
        return value

    return check


def _whole(least: int, most: int) -> Callable[[str], int]:
    def check(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text} is not between {least} and {most}")
        return value

    return check


_level = _number(-80, 3, "dBm0")
_percent = _number(-20, 20, "percent")
_hertz = _number(1, 3999, "Hz")


def _deviation(text: str) -> tuple[float, float]:
    low, _, high = text.partition(",")
    return _percent(low) / 100, _percent(high or low) / 100


def _pair(
    form: str, first: Callable[[str], float], second: Callable[[str], float]
) -> Callable[[str], tuple[float, float]]:
    def check(text: str) -> tuple[float, float]:
        one, at, two = text.partition("@")
        if not at:
            raise argparse.ArgumentTypeError(f"{text!r} is not of the form {form}")
        return first(one), second(two)

    return check


def _tones(default: tuple[float, ...]) -> Callable[[str], tuple[tuple[float, ...], float]]:
    def check(text: str) -> tuple[tuple[float, ...], float]:
        hz, _, level = text.rpartition("@")
        return tuple(_hertz(part) for part in hz.split("+")) if hz else default, _level(level)

    return check
