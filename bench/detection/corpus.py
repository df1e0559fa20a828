"""All groups of the corpus, and how a seed and a scale become recordings."""

import zlib
from collections.abc import Iterator
from typing import Final

import numpy as np

from detection import accept, accuracy, beyond, codecs, over_speech, reject, talk_off
from detection.recording import Group, Recording

GROUPS: Final = (
    *accept.GROUPS,
    *reject.GROUPS,
    *beyond.GROUPS,
    *codecs.GROUPS,
    *over_speech.GROUPS,
    *talk_off.GROUPS,
    *accuracy.GROUPS,
)


def recordings(group: Group, seed: int, scale: float = 1.0) -> Iterator[Recording]:
    """Make a group: the same seed and scale give the same samples, whatever other groups are made."""
    rng = np.random.default_rng([seed, zlib.crc32(group.name.encode())])
    yield from group.make(rng, group.size * scale)


def chosen(names: str) -> list[Group]:
    """Return the groups of a list like `noise,clean`: each word is a kind, or a part of names; ValueError if none."""
    groups: list[Group] = []
    for word in filter(None, (part.strip() for part in names.split(","))):
        found = [group for group in GROUPS if word == group.kind or word.lower() in group.name.lower()]
        if not found:
            known = ", ".join(group.name for group in GROUPS)
            raise ValueError(f"no group is called {word!r}: take accept, reject, beyond, talk-off or a part of {known}")
        groups += found
    return [group for group in GROUPS if group in groups]
