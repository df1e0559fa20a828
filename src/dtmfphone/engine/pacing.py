"""How the engine's loop runs: switch interval and garbage collection set for packets every 20 ms."""

import asyncio
import gc
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

SWITCH_INTERVAL = 0.0005
"""Seconds a thread may hold the interpreter before the loop gets its turn (the default of 5 ms delays packets)."""


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` in a new event loop tuned for media, and return its result."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.collect()
    gc.freeze()
    return asyncio.run(main)
