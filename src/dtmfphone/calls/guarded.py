"""Calls to whoever listens: a fault there does not end a packet stream."""

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def guarded(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
    """Return what a listener returns; its fault reaches the loop's exception handler, and None is returned."""
    try:
        return call(*args, **kwargs)
    except Exception as error:
        asyncio.get_running_loop().call_exception_handler(
            {"message": "A listener of a packet stream failed.", "exception": error}
        )
        return None
