"""Modules that are loaded when their kind of call is first needed."""

import contextlib
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType

from dtmfphone.calls.call import CallError


def plugin(name: str) -> ModuleType:
    """Return the module; raise CallError where a library that it needs is missing."""
    try:
        return import_module(name)
    except ImportError as error:
        raise CallError(f"{error}.", "Run dtmfphone doctor: it names what to install.") from error


def preload(names: Iterable[str]) -> None:
    """Load modules before they are needed; what cannot be loaded is told when it is needed."""
    for name in names:
        with contextlib.suppress(CallError):
            plugin(name)
