"""Ports that nothing uses."""

import random
import socket
from contextlib import ExitStack

_LOWEST, _HIGHEST = 20_000, 32_000
"""Below the range from which systems take ports for outgoing connections."""
_random = random.SystemRandom()
_given: set[int] = set()


def free_port(span: int = 1) -> int:
    """Return the first of so many neighbouring ports, an even one, free on 127.0.0.1 for UDP and TCP.

    It is not given again.
    """
    for _ in range(1000):
        port = _random.randrange(_LOWEST, _HIGHEST, 2)
        ports = set(range(port, port + span))
        if not ports & _given and _is_free(port, span):
            _given.update(ports)
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
