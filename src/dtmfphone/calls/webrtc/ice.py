"""Which addresses ICE gathers: aioice skips loopback, but calls inside this machine need it.

The only module that knows aiortc's and aioice's private names for this.
"""

import inspect
from typing import Final

import aioice
from aiortc import RTCIceTransport

LOOPBACK: Final = "127.0.0.1"


class UnsupportedAioice(RuntimeError):
    """This version of aioice gathers candidates in another way than we know."""


def gather_loopback(transport: RTCIceTransport, *, only: bool) -> None:
    """Let a transport that has not gathered yet use 127.0.0.1: `only` that, or where the host has no other address.

    Raises UnsupportedAioice.
    """
    connection = getattr(transport, "_connection", None)
    gather = getattr(connection, "get_component_candidates", None)
    if (
        not isinstance(connection, aioice.Connection)
        or not inspect.iscoroutinefunction(gather)
        or list(inspect.signature(gather).parameters) != ["component", "addresses", "timeout"]
    ):
        raise UnsupportedAioice(
            f"This version of aioice ({aioice.__version__}) gathers candidates in an unknown way; "
            "install one that dtmfphone was tested with (0.10 to 0.13)."
        )

    async def gather_with_loopback(component: int, addresses: list[str], timeout: int = 5) -> list[aioice.Candidate]:
        chosen = [LOOPBACK] if only else addresses or [LOOPBACK]
        candidates: list[aioice.Candidate] = await gather(component, chosen, timeout)
        return candidates

    setattr(connection, gather.__name__, gather_with_loopback)
