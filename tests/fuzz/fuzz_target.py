"""What is fuzzed, one round after the other."""

from typing import Protocol

from fuzz_mutator import Mutator


class Target(Protocol):
    """Takes hostile input; whatever it raises is a find."""

    def step(self, mutator: Mutator) -> None:
        """Make one input and take it."""
        ...

    def end(self) -> None:
        """Look whether the round left something behind."""
        ...
