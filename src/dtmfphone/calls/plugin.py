"""Modules that are loaded when their kind of call is first needed."""

import contextlib
import gc
import sys
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from dtmfphone.calls.call import CallError


def plugin(name: str) -> ModuleType:
    """Return the module; raise CallError where a library that it needs is missing."""
    if name in sys.modules:
        return sys.modules[name]
    try:
        module = import_module(name)
    except ImportError as error:
        raise CallError(f"{error}.", "Run dtmfphone doctor: it names what to install.") from error
    gc.freeze()  # what modules hold stays; to look through it takes the collector 150 ms, in which no packet leaves
    return module


def preload(names: Iterable[str]) -> None:
    """Load modules before they are needed; what cannot be loaded is told when it is needed."""
    for name in names:
        with contextlib.suppress(CallError):
            plugin(name)
