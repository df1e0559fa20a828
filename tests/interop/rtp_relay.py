"""A relay between two ends of plain RTP that keeps every datagram with its time."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from free_port import free_port
from packets import Address, Packet

LOOPBACK = "127.0.0.1"


class _Side(asyncio.DatagramProtocol):
    """A port of the relay; what comes to it goes on by its partner."""

    def __init__(self, packets: list[Packet], port: int, far_end: Address | None) -> None:
        self.partner: _Side | None = None
        self.port = port
        self._packets = packets
        self._far_end = far_end
        """Where it sends to: to whoever sent last, once somebody has."""
        self.transport: asyncio.DatagramTransport | None = None

    def datagram_received(self, data: bytes, addr: Address) -> None:
        self._packets.append(Packet(time.time(), addr, (LOOPBACK, self.port), data))
        self._far_end = addr
        assert self.partner is not None
        self.partner.send(data)

    def send(self, data: bytes) -> None:
        if self._far_end is not None and self.transport is not None:
            self.transport.sendto(data, self._far_end)


def _itself(side: _Side) -> _Side:
    return side


class RtpRelay:
    """Callers call `port`; the IVR sees them at `inner_port`. Neighbouring ports carry RTCP."""

    def __init__(self, port: int, inner_port: int) -> None:
        self.port = port
        self.inner_port = inner_port
        self.packets: list[Packet] = []
        """As they came: from the caller to `port`, from the IVR to `inner_port`."""


@asynccontextmanager
async def rtp_relay(ivr_port: int) -> AsyncIterator[RtpRelay]:
    """Relay to an RTP port on loopback and the RTCP port beside it."""
    relay = RtpRelay(free_port(2), free_port(2))
    open_sides: list[asyncio.DatagramTransport] = []
    loop = asyncio.get_running_loop()
    try:
        for beside in (0, 1):
            outer = _Side(relay.packets, relay.port + beside, None)
            inner = _Side(relay.packets, relay.inner_port + beside, (LOOPBACK, ivr_port + beside))
            outer.partner, inner.partner = inner, outer
            for side in (outer, inner):
                local = (LOOPBACK, side.port)
                side.transport, _ = await loop.create_datagram_endpoint(partial(_itself, side), local_addr=local)
                open_sides.append(side.transport)
        yield relay
    finally:
        for transport in open_sides:
            transport.close()
        await asyncio.sleep(0)  # now they are
