"""SIP over TCP and TLS: one connection, whoever opened it (RFC 3261 section 18.3, RFC 5626 section 4.4.1)."""

import asyncio
from typing import Final, Protocol

from dtmfphone.sip.flow import Flow, Transport
from dtmfphone.sip.framing import FramingError, KeepAlive, StreamFraming

PING: Final = b"\r\n\r\n"
PONG: Final = b"\r\n"
MAX_UNSENT: Final = 1 << 20
"""Bytes that may wait for a far end that does not read."""


class StreamUser(Protocol):
    """Who owns connections."""

    def opened(self, connection: "StreamConnection") -> None:
        """A connection is ready."""
        ...

    def stream_message(self, connection: "StreamConnection", data: bytes) -> None:
        """A message came."""
        ...

    def closed(self, connection: "StreamConnection", reason: str) -> None:
        """A connection has ended; `reason` is empty where we ended it."""
        ...


class StreamConnection(asyncio.Protocol):
    """A TCP or TLS connection that carries SIP messages."""

    def __init__(self, user: StreamUser, kind: Transport, number: int, *, incoming: bool) -> None:
        self.kind = kind
        self.number = number
        self.incoming = incoming
        self.host = ""
        """Of the far end."""
        self.port = 0
        self.local = ("", 0)
        self.flows: set[Flow] = set()
        """What was sent along here, as it was asked for."""
        self.messages = 0
        """That came."""
        self.last_heard = asyncio.get_running_loop().time()
        """By the loop's clock."""
        self.ended = asyncio.Event()
        self._user = user
        self._framing = StreamFraming(accepted=incoming)
        self._transport: asyncio.Transport | None = None
        self._reason = "the far end closed the connection"

    @property
    def flow(self) -> Flow:
        """This very connection."""
        return Flow(self.kind, self.host, self.port, self.number)

    def send(self, data: bytes) -> None:
        """Send; a far end that does not read is given up."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MAX_UNSENT:
            self._give_up("the far end does not read what is sent")

    def close(self) -> None:
        """End the connection; what was sent before still goes out."""
        self._reason = ""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """End the connection at once."""
        self._give_up("")

    def _give_up(self, reason: str) -> None:
        self._reason = reason
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection is ready (see asyncio)."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        peer, own = transport.get_extra_info("peername"), transport.get_extra_info("sockname")
        if not peer or not own:
            transport.abort()  # it was gone before it could be taken
            return
        self.host, self.port = str(peer[0]), int(peer[1])
        self.local = str(own[0]), int(own[1])
        self._user.opened(self)

    def data_received(self, data: bytes) -> None:
        """Bytes came (see asyncio)."""
        self.last_heard = asyncio.get_running_loop().time()
        try:
            for item in self._framing.feed(data):
                if isinstance(item, KeepAlive):
                    self.send(PONG)
                else:
                    self._user.stream_message(self, item)
        except FramingError as error:
            self._give_up(str(error))

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection has ended (see asyncio)."""
        self.ended.set()
        if exc is not None and self._reason:
            self._reason = f"the connection broke ({getattr(exc, 'strerror', None) or exc})"
        self._user.closed(self, self._reason)
