"""Ports that nothing uses."""

import random
import socket
import time
from contextlib import ExitStack
from pathlib import Path

_LOWEST, _HIGHEST = 20_000, 32_000
"""Below the range from which systems take ports for outgoing connections."""
_random = random.SystemRandom()


def free_port(span: int = 1) -> int:
    """Return the first of so many neighbouring ports, an even one, free on 127.0.0.1 for UDP and TCP."""
    for _ in range(1000):
        port = _random.randrange(_LOWEST, _HIGHEST, 2)
        if _is_free(port, span):
            return port
    raise RuntimeError("no free port")


def _is_free(port: int, span: int) -> bool:
    with ExitStack() as stack:
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            for each in range(port, port + span):
                sock = stack.enter_context(socket.socket(socket.AF_INET, kind))
                try:
                    sock.bind(("127.0.0.1", each))
                except OSError:
                    return False
    return True


def wait_until_bound(port: int, transport: str) -> None:
    """Wait until a program listens on the port; `transport` is udp or tcp. Raise TimeoutError after 15 s."""
    needle = f":{port:04X} 00000000:0000 {'07' if transport == 'udp' else '0A'} "
    deadline = time.monotonic() + 15
    while needle not in Path(f"/proc/net/{transport}").read_text():
        if time.monotonic() > deadline:
            raise TimeoutError(f"nothing listens on {transport} port {port}")
        time.sleep(0.01)
