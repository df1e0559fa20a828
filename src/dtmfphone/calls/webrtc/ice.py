"""Which addresses ICE gathers. aioice skips loopback: a call inside this machine, or a laptop off line, needs it.

The only place that touches the private parts of aioice.
"""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

import aioice.ice

LOOPBACK = "127.0.0.1"

_loopback_only: ContextVar[bool] = ContextVar("loopback_only", default=False)


class UnsupportedAioice(RuntimeError):
    """This version of aioice gathers its addresses in another way."""


def _host_addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    if _loopback_only.get():
        return [LOOPBACK]
    return _original(use_ipv4, use_ipv6) or [LOOPBACK]


def _install() -> None:
    if list(inspect.signature(_original).parameters) != ["use_ipv4", "use_ipv6"]:
        raise UnsupportedAioice("This version of aioice is not supported: its host address look-up has changed.")
    aioice.ice.get_host_addresses = _host_addresses


_original = aioice.ice.get_host_addresses
_install()


@contextmanager
def gathering(*, loopback_only: bool) -> Iterator[None]:
    """Within the block, candidates are gathered on loopback only, or on it where the host has nothing else."""
    token = _loopback_only.set(loopback_only)
    try:
        yield
    finally:
        _loopback_only.reset(token)
