"""SIP over UDP: one bound socket that also hears of refused datagrams."""

import asyncio
import logging
import os
import socket
import struct
import sys
from collections.abc import Callable
from typing import Final, Self, cast

from dtmfphone.calls.sip.local_address import family_of

log = logging.getLogger(__name__)

IP_RECVERR: Final = 11
IPV6_RECVERR: Final = 25
"""Linux: errors of datagrams (ICMP) are queued with the address that they were sent to."""
BUFFER_BYTES: Final = 1 << 20
MAX_DATAGRAM: Final = 65535
SEND_TRIES: Final = 8


class UdpEndpoint(asyncio.DatagramProtocol):
    """A bound UDP socket."""

    def __init__(
        self,
        sock: socket.socket,
        received: Callable[[bytes, str, int], None],
        failed: Callable[[str, int, OSError], None],
    ) -> None:
        self.host, self.port = str(sock.getsockname()[0]), int(sock.getsockname()[1])
        self.family = sock.family
        self._sock = sock
        self._received = received
        self._failed = failed
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(
        cls,
        host: str,
        port: int,
        received: Callable[[bytes, str, int], None],
        failed: Callable[[str, int, OSError], None],
    ) -> Self:
        """Bind to a literal address; port 0: any. Raise OSError.

        No SO_REUSEADDR: with UDP it would let two programs share the port, and each would miss messages.
        """
        sock = socket.socket(family_of(host), socket.SOCK_DGRAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
            if sock.family == socket.AF_INET6:
                sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if sys.platform == "linux":
                if sock.family == socket.AF_INET6:
                    sock.setsockopt(socket.IPPROTO_IPV6, IPV6_RECVERR, 1)
                else:
                    sock.setsockopt(socket.IPPROTO_IP, IP_RECVERR, 1)
            sock.bind((host, port))
            endpoint = cls(sock, received, failed)
            await asyncio.get_running_loop().create_datagram_endpoint(lambda: endpoint, sock=sock)
        except BaseException:
            sock.close()
            raise
        return endpoint

    def send(self, data: bytes, host: str, port: int) -> None:
        """Send a datagram to a literal address; what goes wrong is told by `failed`."""
        if self._transport is None or self._transport.is_closing():
            return
        if len(data) > MAX_DATAGRAM:
            self._failed(host, port, OSError(0, "the message is longer than a datagram can be"))
            return
        for _ in range(SEND_TRIES):
            try:
                self._sock.sendto(data, (host, port))
            except BlockingIOError:
                self._transport.sendto(data, (host, port))  # waits until there is room
            except OSError as error:
                # The kernel tells here of an earlier datagram to anybody, and has not sent this one.
                if not self._report_refused():
                    self._failed(host, port, error)
                    return
                continue
            return

    def close(self) -> None:
        """Close the socket."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The socket is ready (see asyncio)."""
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        """A datagram came (see asyncio)."""
        self._received(data, str(addr[0]), addr[1])

    def error_received(self, exc: Exception) -> None:
        """A datagram was refused, or none could be sent (see asyncio)."""
        if not self._report_refused():
            log.info("A datagram from port %d was lost: %s", self.port, exc)

    def _report_refused(self) -> int:
        """Tell of all datagrams that were refused, and return how many."""
        refused = self._refused()
        for host, port, error in refused:
            self._failed(host, port, error)
        return len(refused)

    def _refused(self) -> list[tuple[str, int, OSError]]:
        """Empty the queue of errors: where datagrams had gone, and what became of them."""
        refused: list[tuple[str, int, OSError]] = []
        while sys.platform == "linux":
            try:
                _, ancillary, _, address = self._sock.recvmsg(1, 512, socket.MSG_ERRQUEUE)
            except OSError:
                break
            if not ancillary:
                continue
            (number,) = struct.unpack_from("=I", ancillary[0][2])
            refused.append((str(address[0]), int(address[1]), OSError(number, os.strerror(number))))
        return refused
