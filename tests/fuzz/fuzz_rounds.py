"""Rounds of hostile input, each decided by a target's name and a number."""

import random
from collections.abc import Callable
from typing import Final

from fuzz_agent import Agent, TransactionLayer
from fuzz_media import Buffer, Session
from fuzz_mutator import Mutator
from fuzz_readers import READERS
from fuzz_samples import MESSAGES
from fuzz_server import Server
from fuzz_target import Target

import sdp_of_peers

TARGETS: Final[dict[str, Callable[[], Target]]] = {
    **READERS,
    "jitter-buffer": Buffer,
    "rtp-session": lambda: Session(secure=False),
    "srtp-session": lambda: Session(secure=True),
    "transactions": TransactionLayer,
    "user-agent": Agent,
    "server": Server,
}
SAMPLES: Final = (*MESSAGES, *sdp_of_peers.ALL.values())


class Find(Exception):
    """Something that must not happen, and how it is made to happen again."""


def play(name: str, number: int, steps: int) -> None:
    """Play one round; raise Find for whatever leaves the target."""
    random.seed(f"{name} {number}")  # what the session draws
    mutator = Mutator(f"{name} {number}", SAMPLES)
    try:
        target = TARGETS[name]()
        for _ in range(steps):
            target.step(mutator)
        target.end()
    except Exception as error:
        raise Find(f"{name}, round {number}: make fuzz ARGS='--target {name} --first {number}'") from error
