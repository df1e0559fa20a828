"""How the engine's loop runs: switch interval and garbage collection set for packets every 20 ms."""

import asyncio
import gc
import sys
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from dtmfphone.calls.lines import ACCOUNTS, LINES
from dtmfphone.calls.plugin import preload
from dtmfphone.calls.ways import WAYS

T = TypeVar("T")

SWITCH_INTERVAL = 0.0005
"""Seconds a thread may hold the interpreter before the loop gets its turn (the default of 5 ms delays packets)."""


def load_for(*, targets: Iterable[str] = (), listen: Iterable[str] = (), accounts: Iterable[str] = ()) -> None:
    """Load what calls to these targets, and lines at these addresses and of these accounts, will need.

    To do so when the first packets flow would stop them for a quarter of a second.
    """
    for modules, addresses in ((WAYS, targets), (LINES, listen), (ACCOUNTS, accounts)):
        schemes = (address.partition(":")[0].lower() for address in addresses)
        preload(modules[scheme] for scheme in schemes if scheme in modules)


def run_loop(main: Coroutine[Any, Any, T]) -> T:
    """Run `main` in a new event loop tuned for media, and return its result."""
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.collect()
    gc.freeze()
    return asyncio.run(main)
