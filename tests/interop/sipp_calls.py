"""Calls of `dtmfphone` to sipp."""

import re
from pathlib import Path

from scenario import answer, done, receive, receive_invite, reply, scenario
from sipp import Sipp, sipp
from terminal import Terminal, completed

RINGING = reply("180 Ringing")
UP = (answer(), receive("ACK"))
HUNG_UP = (receive("BYE"), done())
EVENTS = ("--digits", "12#", "--duration", "60", "--gap", "50")


async def placed(
    folder: Path,
    *steps: str,
    options: tuple[str, ...] = EVENTS,
    transport: str = "udp",
    code: int = 0,
    host: str = "127.0.0.1",
) -> tuple[Sipp, Terminal]:
    """Call sipp, which plays these steps after it got the INVITE; leave at once after the digits."""
    async with sipp(folder, scenario(receive_invite(), *steps), transport=transport, host=host) as peer:
        target = f"{peer.address};transport={transport}"
        got, terminal = await completed("call", target, "--stay", "0", *options)
        assert got == code, terminal.report() + peer.report()
        await peer.succeeded()
    return peer, terminal


def sent(terminal: Terminal, method: str = "rfc4733") -> str:
    return "".join(each["key"] for each in terminal.of("key", direction="sent", method=method))


def header(message: str, name: str) -> str:
    """Return the first header of a name."""
    found = re.search(rf"(?im)^{name}\s*:\s*(.*)$", message)
    assert found, f"no {name} in {message}"
    return found[1]


def reason(terminal: Terminal) -> str:
    """Return cause and remedy of a call that failed or ended."""
    last = [each for each in terminal.of("call", leg="phone") if each["state"] in ("failed", "ended")][-1]
    return f"{last.get('reason', '')} {last.get('remedy', '')}"
