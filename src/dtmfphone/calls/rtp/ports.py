"""Free UDP ports for audio: RTP on an even one, RTCP on the next (RFC 3550 section 11)."""

import asyncio
import socket
from typing import Final

from dtmfphone.calls.call import CallError

MAX_TRIES: Final = 50
RECEIVE_BUFFER: Final = 1 << 20
"""Bytes that the system keeps while we are busy, as far as it lets us: half a second of fifty calls."""


async def bind_pair(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Return sockets for RTP and RTCP at an address of ours; port 0: any pair. Raises CallError."""
    family, address = await resolve(host)
    try:
        if port:
            return _bind(family, address, port, port + 1)
        for _ in range(MAX_TRIES):
            pair = _bind_any(family, address)
            if pair is not None:
                return pair
    except OSError as error:
        ports = f"UDP ports {port} and {port + 1}" if port else "UDP ports"
        raise CallError(
            f"{ports} cannot be used for audio at {host}: {error.strerror}.",
            "Choose another address or port, or end the program that has it.",
        ) from error
    raise CallError(f"No pair of UDP ports is free at {host}.", "End programs that use the network.")


async def resolve(host: str) -> tuple[socket.AddressFamily, str]:
    """Return the address of a host, IPv4 before IPv6; raise CallError where it has none."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        raise CallError(f"The host {host!r} is not known.", "Check how it is written, or give its address.") from error
    family, _, _, _, address = min(found, key=lambda each: each[0] != socket.AF_INET)
    return socket.AddressFamily(family), str(address[0])


def _bind_any(family: socket.AddressFamily, address: str) -> tuple[socket.socket, socket.socket] | None:
    """Let the system choose a port, and take the pair that it belongs to; None where a part of it is taken."""
    with _socket(family) as chosen:
        chosen.bind((address, 0))
        port = chosen.getsockname()[1] & ~1
    try:
        return _bind(family, address, port, port + 1)
    except OSError:
        return None


def _bind(family: socket.AddressFamily, address: str, *ports: int) -> tuple[socket.socket, socket.socket]:
    sockets = _socket(family), _socket(family)
    try:
        for sock, port in zip(sockets, ports, strict=True):
            sock.bind((address, port))
    except OSError:
        for sock in sockets:
            sock.close()
        raise
    return sockets


def _socket(family: socket.AddressFamily) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    return sock


def local_address(remote: str) -> str:
    """Return our address on the way to a far end; raise CallError where there is no way."""
    family = socket.AF_INET6 if ":" in remote else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect((remote, 9))
        except OSError as error:
            raise CallError(
                f"{remote} cannot be reached from this machine: {error.strerror}.", "Check the network connection."
            ) from error
        return str(sock.getsockname()[0])
