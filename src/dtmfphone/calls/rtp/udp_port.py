"""A UDP socket that takes all that is there at once, and hears when nobody listens at the far end."""

import asyncio
import socket
import struct
import sys
from collections.abc import Callable
from typing import Final

Address = tuple[str, int]
MAX_BYTES: Final = 65535
MAX_AT_ONCE: Final = 64
"""Datagrams that are read before others have their turn."""
_RECVERR: Final = {socket.AF_INET: (socket.IPPROTO_IP, 11), socket.AF_INET6: (socket.IPPROTO_IPV6, 25)}
"""Linux' IP_RECVERR and IPV6_RECVERR: ICMP errors reach a socket that is not connected, too."""
_REFUSED: Final = {2: 3, 3: 4}
"""By origin of the error, ICMP or ICMPv6: the code of an unreachable port."""
_ERROR: Final = struct.Struct("=IBBBB")


def address_text(address: Address) -> str:
    """Return `host:port`, an IPv6 address in brackets."""
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class UdpPort:
    """Hands on datagrams with their source, and where datagrams of ours were refused."""

    def __init__(self, sock: socket.socket) -> None:
        self.host, self.port = sock.getsockname()[:2]
        self._socket = sock
        self._on_datagram: Callable[[bytes, Address], None]
        self._on_refused: Callable[[Address], None]
        if sys.platform == "linux":
            sock.setsockopt(*_RECVERR[sock.family], 1)
        self._loop = asyncio.get_running_loop()

    def listen(self, on_datagram: Callable[[bytes, Address], None], on_refused: Callable[[Address], None]) -> None:
        """Begin to hand on what comes."""
        self._on_datagram = on_datagram
        self._on_refused = on_refused
        self._loop.add_reader(self._socket, self._read)

    def send(self, data: bytes, to: Address) -> str:
        """Send a datagram; return why it cannot be sent, or an empty text.

        One that the system has no room for is lost, as on any network.
        """
        for _ in range(2):
            try:
                self._socket.sendto(data, to)
            except BlockingIOError:
                break
            except ConnectionRefusedError:
                continue  # this was about an earlier datagram
            except OSError as error:
                return error.strerror or str(error)
            break
        return ""

    def close(self) -> None:
        """Free the port; harmless when repeated."""
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._socket.close()

    def _read(self) -> None:
        for number in range(MAX_AT_ONCE):
            try:
                data, source = self._socket.recvfrom(MAX_BYTES)
            except BlockingIOError:
                if number == 0:
                    self._read_errors()  # what else can have woken us
                return
            except OSError:
                self._read_errors()
                return
            self._on_datagram(data, source[:2])
            if self._socket.fileno() < 0:
                return

    def _read_errors(self) -> None:
        """Empty the queue of ICMP errors: the loop would wake for it for ever."""
        if sys.platform != "linux":
            return
        for _ in range(MAX_AT_ONCE):
            try:
                _, control, _, to = self._socket.recvmsg(0, 512, socket.MSG_ERRQUEUE)
            except OSError:
                return
            for _, _, data in control:
                if len(data) >= _ERROR.size:
                    _, origin, _, code, _ = _ERROR.unpack_from(data)
                    if _REFUSED.get(origin) == code:
                        self._on_refused(to[:2])
