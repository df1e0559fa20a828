"""A few rounds of hostile input for everything that reads from the network; `make fuzz` plays many."""

import pytest
from fuzz_rounds import TARGETS, play

STEPS = 150
ROUNDS = [(name, number) for name in TARGETS for number in range(1 if name == "server" else 3)]


@pytest.mark.parametrize(("name", "number"), ROUNDS)
def test_nothing_leaves_and_nothing_stays(name: str, number: int) -> None:
    play(name, number, STEPS)
