"""A far end that answers any call over UDP and keeps every datagram of signalling and audio."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import cast

from free_port import free_port
from packets import Address, Packet

_SDP = """\
v=0
o=- 1 1 IN IP4 127.0.0.1
s=-
c=IN IP4 127.0.0.1
t=0 0
m=audio {port} RTP/AVP {payload_type} 101
{rtpmap}\
a=rtpmap:101 telephone-event/{clock}
a=fmtp:101 0-15
"""
_RTPMAPS = {"opus": (96, "a=rtpmap:96 opus/48000/2\n", 48000), "pcmu": (0, "", 8000), "g722": (9, "", 8000)}


class RecordingFarEnd:
    """Answers with 200 and one codec, and telephone-event as payload type 101."""

    def __init__(self, codec: str) -> None:
        self.port = free_port()
        self.media_port = free_port(2)
        self.address = f"sip:far-end@127.0.0.1:{self.port}"
        self.packets: list[Packet] = []
        self._codec = codec
        self._ended = asyncio.Event()

    async def ended(self) -> None:
        """Wait until the caller has hung up."""
        async with asyncio.timeout(30):
            await self._ended.wait()

    def signalling(self, data: bytes) -> bytes | None:
        """Return the answer to a request."""
        head = data.decode().partition("\r\n\r\n")[0]
        method = head.partition(" ")[0]
        if method in ("ACK", "SIP/2.0"):
            return None
        kept = [
            line for line in head.split("\r\n") if re.match(r"(?i)(via|from|to|call-id|cseq|record-route) *:", line)
        ]
        if method == "INVITE" and ";tag=" not in next(line for line in kept if line.lower().startswith("to")):
            kept = [line + ";tag=far-end" if line.lower().startswith("to") else line for line in kept]
        body = ""
        if method == "INVITE":
            payload_type, rtpmap, clock = _RTPMAPS[self._codec]
            body = _SDP.format(port=self.media_port, payload_type=payload_type, rtpmap=rtpmap, clock=clock)
            kept += [f"Contact: <{self.address}>", "Content-Type: application/sdp"]
        if method == "BYE":
            self._ended.set()
        body = body.replace("\n", "\r\n")
        return "\r\n".join(["SIP/2.0 200 OK", *kept, f"Content-Length: {len(body)}", "", body]).encode()


class _Socket(asyncio.DatagramProtocol):
    """Keeps what comes and goes at a port."""

    def __init__(self, port: int, packets: list[Packet], answer: Callable[[bytes], bytes | None]) -> None:
        self._own = ("127.0.0.1", port)
        self._packets = packets
        self._answer = answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._packets.append(Packet(time.time(), addr, self._own, data))
        if (reply := self._answer(data)) is not None:
            self._transport.sendto(reply, addr)
            self._packets.append(Packet(time.time(), self._own, addr, reply))


@asynccontextmanager
async def recording_far_end(codec: str = "pcmu") -> AsyncIterator[RecordingFarEnd]:
    """Listen until the block ends; nobody calls twice."""
    far_end = RecordingFarEnd(codec)
    loop = asyncio.get_running_loop()
    transports = []
    sockets: list[tuple[int, Callable[[bytes], bytes | None]]] = [(far_end.port, far_end.signalling)]
    sockets += [(far_end.media_port, _nothing), (far_end.media_port + 1, _nothing)]
    try:
        for port, reply in sockets:
            listener = partial(_Socket, port, far_end.packets, reply)
            transport, _ = await loop.create_datagram_endpoint(listener, local_addr=("127.0.0.1", port))
            transports.append(transport)
        yield far_end
    finally:
        for transport in transports:
            transport.close()


def _nothing(_: bytes) -> None:
    return None
