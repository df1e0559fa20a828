"""A script that answers SIP calls on real sockets, with hostile callers."""

import asyncio
import contextlib
import itertools
from typing import Any, Final

from fuzz_mutator import Mutator
from fuzz_samples import message
from fuzz_sip_peer import Peer

from dtmfphone.engine.commands import Serve, Shutdown
from dtmfphone.engine.engine import Engine
from dtmfphone.engine.events import AnyEvent, CallChanged, Notice, ServerChanged

PATIENCE: Final = 5.0
"""Seconds."""


class _Socket(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.last: asyncio.Event = asyncio.Event()
        """The request that is sent last was answered."""

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.received.append(data)
        if b"last-one" in data:
            self.last.set()


class Server:
    """The engine serves; no fault reaches its loop, and afterwards it still answers."""

    _numbers: Final = itertools.count()

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._faults: list[Any] = []
        self._runner.get_loop().set_exception_handler(lambda loop, context: self._faults.append(context))
        self._calls: set[str] = set()
        self._address = ("", 0)
        self._peer: Peer | None = None
        self._listening = asyncio.Event()
        self._engine = Engine(self._emit, sound=False)
        self._runner.run(self._begin())

    def step(self, mutator: Mutator) -> None:
        """Send a datagram, and some bytes on a connection now and then."""
        self._runner.run(self._send(mutator))
        assert not self._faults, self._faults

    def end(self) -> None:
        """It answers OPTIONS, and ends."""
        self._runner.run(self._finish())
        self._runner.close()
        assert not self._faults, self._faults

    def _emit(self, event: AnyEvent) -> None:
        if isinstance(event, ServerChanged) and event.state == "listening":
            host, _, port = event.url.removeprefix("sip:").partition(";")[0].rpartition(":")
            self._address = host, int(port)
            self._listening.set()
        elif isinstance(event, Notice) and event.text.startswith("Internal error"):
            self._faults.append(event)
        elif isinstance(event, CallChanged):
            (self._calls.discard if event.state in ("ended", "failed") else self._calls.add)(event.call)

    async def _begin(self) -> None:
        await self._engine.start()
        self._engine.submit(Serve(listen=("sip:127.0.0.1:0",), ivr="echo"))
        await asyncio.wait_for(self._listening.wait(), PATIENCE)
        self._transport, self._socket = await asyncio.get_running_loop().create_datagram_endpoint(
            _Socket, ("127.0.0.1", 0)
        )

    async def _send(self, mutator: Mutator) -> None:
        random = mutator.random
        if self._peer is None:
            host, port = self._transport.get_extra_info("sockname")[:2]
            self._peer = Peer(random, f"{host}:{port}", f"s{next(self._numbers)}")
        data = self._peer.message()
        if random.random() < 0.3:
            data = mutator.mutate(data)
        if random.random() < 0.05:
            _, writer = await asyncio.open_connection(*self._address)
            writer.write(data)
            await asyncio.sleep(0)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
        else:
            self._transport.sendto(data, self._address)
        await asyncio.sleep(random.choice((0.0, 0.001, 0.01)))
        for each in self._socket.received:
            self._peer.see(each)
        self._socket.received.clear()

    async def _finish(self) -> None:
        host, port = self._transport.get_extra_info("sockname")[:2]
        self._transport.sendto(
            message(
                "OPTIONS sip:us@127.0.0.1 SIP/2.0",
                f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKlast{next(self._numbers)};rport",
                "From: <sip:last@example.com>;tag=last",
                "To: <sip:us@example.com>",
                "Call-ID: last-one",
                "CSeq: 1 OPTIONS",
                "Max-Forwards: 70",
            ),
            self._address,
        )
        await asyncio.wait_for(self._socket.last.wait(), PATIENCE)
        self._engine.submit(Shutdown())
        await asyncio.wait_for(self._engine.stopped(), PATIENCE)
        self._transport.close()
        await asyncio.sleep(0)
        assert not self._calls, self._calls
