"""How many spoken menu words and digits are recognised after a telephone's line, how many others are taken for them?

Synthetic voices speak (espeak-ng), each utterance goes through PCMU at 8 kHz and the end-pointer. The figures of the
recognizer were set with other voices (--tuned hears those). Human callers are another matter.
Usage: .venv/bin/python bench/bench_speech.py [--recognizer pocketsphinx] [--model FOLDER] [--seed 1] [--tuned]
"""

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Awaitable, Iterable, Sequence
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dtmfphone.calls.rtp import g711
from dtmfphone.dtmf.levels import Pcm
from dtmfphone.dtmf.resample import Resampler
from dtmfphone.ivr import espeak
from dtmfphone.ivr.ears import Ears
from dtmfphone.ivr.end_pointer import DIGITS_HANG_SECONDS, WORD_HANG_SECONDS, EndPointer, SpeechEnded
from dtmfphone.ivr.language import ENGLISH
from dtmfphone.ivr.recognition import Grammar, Recognised, Recognizer
from dtmfphone.ivr.recognizers import load_recognizer
from dtmfphone.ivr.spoken_digits import spoken_keys

RATE: Final = 16000
FRAME: Final = RATE // 50
LINE_NOISE: Final = 8.0
"""Root mean square of the line's noise at 8 kHz, about -70 dBm0."""
TUNED: Final = (
    *("en-us", "en-us+f1", "en-us+f3", "en-us+m3", "en-us+m7", "en-gb", "en-gb+f2", "en-gb+m1"),
    *("en-gb-scotland+f4", "en-gb-x-rp+m5", "en-us+klatt4", "en-029"),
)
"""Voices with which the figures of pocketsphinx were set."""
FRESH: Final = (
    *("en-us+f2", "en-us+m1", "en-us+m5", "en-us+Annie", "en-us+Michael", "en-us-nyc+m2", "en-gb+f4", "en-gb+m6"),
    *("en-gb-x-gbclan+f3", "en-gb-x-gbcwmd+m4", "en-gb-scotland+m8", "en-gb-x-rp+f5"),
)
ROUNDS: Final = 20
SPEEDS: Final = (125, 165)
"""Words per minute."""
MENUS: Final = (
    *(("yes", "no"), ("one", "two"), ("sales", "support")),
    *(("one", "two", "three"), ("appointments", "billing", "operator"), ("sales", "support", "billing")),
    *(("one", "two", "three", "four"), ("north", "south", "east", "west")),
    ("check balance", "transfer money", "pay a bill", "something else"),
    ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today"),
    ("yes", "yeah", "yep", "yup", "correct", "right", "no", "nope", "nah", "wrong", "incorrect", "not right"),
)
OTHERS: Final = (
    *("hello", "maybe", "repeat", "banana", "window", "yesterday", "customer", "i do not know", "help me please"),
    *("pizza", "garden", "telephone", "excuse me", "hold on", "purple", "computer", "music", "weather", "river"),
)


def line(pcm: Pcm) -> Pcm:
    """Return what a caller's words are after PCMU, with quiet around them."""
    quiet = np.zeros(RATE, np.int16)
    narrow = Resampler(RATE, 8000).process(np.concatenate([quiet, pcm, quiet]))
    noise = np.random.default_rng(5).normal(0, LINE_NOISE, len(narrow))
    narrow = np.clip(np.rint(narrow + noise), -32768, 32767).astype(np.int16)
    return Resampler(8000, RATE).process(g711.decoding("pcmu")[g711.encoding("pcmu")[narrow.view(np.uint16)]])


@cache
def utterances(text: str, voice: str, speed: int, hang: float) -> tuple[Pcm, ...]:
    """Return what the end-pointer cuts out of a line on which a text is spoken."""
    pcm = line(espeak.synthesize(text, voice, speed))
    pointer = EndPointer(hang)
    events = [
        event for end in range(FRAME, len(pcm) + 1, FRAME) for event in pointer.feed(pcm[end - FRAME : end], end / RATE)
    ]
    return tuple(event.pcm for event in events if isinstance(event, SpeechEnded))


class Trial:
    """Has a recognizer hear utterances, and takes the time."""

    def __init__(self, engine: Recognizer) -> None:
        self._engine = engine
        self.seconds: list[float] = []

    def hear(self, text: str, voice: str, speed: int, grammar: Grammar) -> Recognised:
        """Return what is understood; words that the end-pointer took apart count as nothing."""
        hang = DIGITS_HANG_SECONDS if grammar.digits else WORD_HANG_SECONDS
        cut = utterances(text, voice, speed, hang)
        if len(cut) != 1:
            return Recognised()
        begin = time.perf_counter()
        found = self._engine.recognise(cut[0], grammar)
        self.seconds.append(time.perf_counter() - begin)
        return found


def menu(trial: Trial, phrases: tuple[str, ...], voices: Sequence[str]) -> tuple[list[float], list[float]]:
    """Print how a menu is understood; return the scores of what was understood rightly and wrongly."""
    grammar = Grammar(phrases)
    said = [(text, trial.hear(text, voice, speed, grammar)) for voice in voices for speed in SPEEDS for text in phrases]
    right = [found for text, found in said if found.text == text]
    nothing = sum(not found.text for _, found in said)
    wrong = [found for text, found in said if found.text not in ("", text)]
    other = [trial.hear(text, voice, 150, grammar) for voice in voices[::3] for text in OTHERS]
    taken = [found for found in other if found.text]
    shown = ", ".join(phrases) if len(phrases) < 5 else f"{len(phrases)} phrases: {phrases[0]}, {phrases[1]}, ..."
    print(
        f"  {shown:64} right {share(len(right), len(said))}  nothing {share(nothing, len(said))}"
        f"  wrong {share(len(wrong), len(said))}  other words taken {share(len(taken), len(other))}",
        flush=True,
    )
    return scores(right), scores([*wrong, *taken])


def digits(trial: Trial, voices: Sequence[str], chance: random.Random) -> None:
    """Print how many strings of four digits are understood."""
    right = singles = 0
    strings = [[chance.choice(ENGLISH.digits) for _ in range(4)] for _ in voices]
    for voice, words in zip(voices, strings, strict=True):
        found = trial.hear(" ".join(words), voice, 130, Grammar(digits=True))
        keys, wanted = spoken_keys(found.text) or "", spoken_keys(" ".join(words)) or ""
        right += keys == wanted
        singles += sum(a == b for a, b in zip(keys, wanted, strict=False)) if len(keys) == 4 else 0
    print(f"  4 digits: strings {share(right, len(voices))}, digits {share(singles, 4 * len(voices))}")


async def ticks(work: Awaitable[object]) -> NDArray[np.float64]:
    """Return how late a ticker of 1 ms is while some work goes on, in ms."""
    late: list[float] = []
    task = asyncio.ensure_future(work)
    while not task.done():
        due = time.perf_counter() + 0.001
        await asyncio.sleep(0.001)
        late.append((time.perf_counter() - due) * 1e3)
    await task
    return np.array(late)


async def lateness(engine: Recognizer, name: str, model: str) -> None:
    """Print what recognition costs the loop that packets come from: in a thread, and as the program does it."""
    phrases = MENUS[3]
    grammar = Grammar(phrases[: engine.most_phrases])
    pcm = utterances(phrases[0], FRESH[0], SPEEDS[0], WORD_HANG_SECONDS)[0]
    ears = Ears()
    await ears.open(name, model)

    async def again() -> None:
        for _ in range(ROUNDS):
            await ears.recognise(pcm, grammar)

    def in_thread() -> None:
        for _ in range(ROUNDS):
            engine.recognise(pcm, grammar)

    for way, work in (
        ("nothing else goes on", asyncio.sleep(1)),
        ("recognised in a thread", asyncio.to_thread(in_thread)),
        ("in a process of its own", again()),
    ):
        late = await ticks(work)
        p50, p99 = np.quantile(late, (0.5, 0.99))
        print(f"  ticker, {way}: p50 {p50:.1f} ms late, p99 {p99:.1f}, max {late.max():.1f}")
    await ears.close()


def share(count: int, total: int) -> str:
    return f"{count / max(1, total):6.1%} of {total}"


def scores(found: Iterable[Recognised]) -> list[float]:
    return [one.score for one in found if one.score is not None]


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recognizer", default="pocketsphinx")
    parser.add_argument("--model", default="", help="folder of its model")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tuned", action="store_true", help="hear the voices that the figures were set with")
    args = parser.parse_args()
    begin = time.perf_counter()
    engine = load_recognizer(args.recognizer, args.model)
    print(f"{args.recognizer}: loaded in {time.perf_counter() - begin:.2f} s")
    trial = Trial(engine)
    voices = TUNED if args.tuned else FRESH
    print(f"{len(voices)} voices, {' and '.join(map(str, SPEEDS))} words per minute:")
    right: list[float] = []
    wrong: list[float] = []
    for phrases in MENUS:
        if engine.most_phrases is None or len(phrases) <= engine.most_phrases:
            found = menu(trial, phrases, voices)
            right += found[0]
            wrong += found[1]
    if right and wrong:
        for least in (0.3, 0.5, 0.7, 0.9):
            low_right, low_wrong = (sum(score < least for score in scores) for scores in (right, wrong))
            print(f"  score below {least}: {share(low_right, len(right))} right, {share(low_wrong, len(wrong))} wrong")
    if engine.takes_digits:
        digits(trial, voices, random.Random(args.seed))
    asyncio.run(lateness(engine, args.recognizer, args.model))
    spent = np.array(trial.seconds) * 1e3
    print(f"time of {len(spent)} utterances: p50 {np.median(spent):.0f} ms, p99 {np.quantile(spent, 0.99):.0f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
