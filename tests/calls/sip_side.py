"""Ends of SIP calls for tests: a phone that calls, a line that answers, and a far end by script on a raw socket."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Literal, cast

import numpy as np
from observer import Observer

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallContext, WireMessage
from dtmfphone.calls.dialer import Dialer
from dtmfphone.calls.line import Incoming, Line, LineChange, Refusal
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.sip.incoming import AnsweredCall
from dtmfphone.calls.sip.line import open_account, open_line
from dtmfphone.calls.sip.stack import LINGERING
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.dtmf.dial_string import parse

SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 101\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\na={direction}\r\n"
)


async def until(true: Callable[[], object], seconds: float = 5.0) -> None:
    """Return when it is true."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - it is about many things
            await asyncio.sleep(0.005)


async def settle() -> None:
    """End what goes on in the background."""
    while tasks := list(LINGERING):
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class Phone(Observer):
    """Source, sink and observer of one call: it hums, and notes what it hears."""

    def __init__(self) -> None:
        super().__init__()
        self.dialer = Dialer()
        self.heard_at: list[float] = []
        self.loud = False
        self.pulled = 0

    def context(self, account: Account | None = None, line: Line | None = None, codec: str = "auto") -> CallContext:
        def no_builtin(name: str, call: Incoming) -> None:
            raise AssertionError(name)

        return CallContext(
            source=self,
            sink=self,
            observer=self,
            slot=self.slot,
            clock=time.monotonic,
            answer_builtin=no_builtin,
            codec=codec,
            account=account,
            line=line,
        )

    def dial(self, digits: str) -> None:
        self.dialer.dial(parse(digits), 80, 60)

    def slot(self, t: float) -> Slot:
        return self.dialer.slot(t, far_end_quiet=True)

    def pull(self, samples: int, rate: int, t: float) -> Pcm:
        phase = 2 * np.pi * 400 * (self.pulled + np.arange(samples)) / rate
        self.pulled += samples
        return np.asarray(8000 * np.sin(phase), np.int16)

    def push(self, pcm: Pcm, rate: int, t: float, *, jump: bool) -> None:
        self.heard_at.append(t)
        self.loud = self.loud or bool(np.abs(pcm).max(initial=0) > 4000)


class Board:
    """Observer of a line: answers, refuses, or lets it ring."""

    def __init__(self, action: Literal["answer", "ring"] | Refusal = "answer") -> None:
        self.action = action
        self.phones: list[Phone] = []
        self.calls: list[AnsweredCall] = []
        self.incomings: list[Incoming] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.answered_at: list[float] = []
        self.changes: list[LineChange] = []
        self.withdrawals: list[str] = []
        self.messages: list[WireMessage] = []
        self.notices: list[tuple[str, str, str]] = []

    @property
    def address(self) -> str:
        return self.changes[0].address

    def target(self, user: str = "bob") -> str:
        return self.address.replace("sip:", f"sip:{user}@", 1)

    def incoming(self, call: Incoming) -> None:
        self.incomings.append(call)
        if self.action == "answer":
            self.answer(call)
        elif self.action != "ring":
            self.tasks.append(asyncio.create_task(call.refuse(self.action)))

    def answer(self, call: Incoming, codec: str = "auto") -> None:
        phone = Phone()
        self.phones.append(phone)
        opened = cast(AnsweredCall, call.open(phone.context(codec=codec)))
        self.calls.append(opened)
        self.answered_at.append(time.monotonic())
        self.tasks.append(asyncio.create_task(opened.place()))

    def withdrawn(self, call: Incoming, reason: str) -> None:
        self.withdrawals.append(reason)

    def line_changed(self, change: LineChange) -> None:
        self.changes.append(change)

    def message(self, message: WireMessage) -> None:
        self.messages.append(message)

    def notice(self, level: Literal["info", "warning", "error"], text: str, remedy: str = "") -> None:
        self.notices.append((level, text, remedy))


@asynccontextmanager
async def listening(
    address: str = "sip:127.0.0.1:0", action: Literal["answer", "ring"] | Refusal = "answer"
) -> AsyncIterator[Board]:
    """Take calls at an address meanwhile."""
    board = Board(action)
    line = open_line(address, board, time.monotonic)
    await line.open()
    try:
        yield board
    finally:
        for call in board.calls:
            await call.hang_up()
        await line.close()
        await asyncio.gather(*board.tasks, return_exceptions=True)
        await settle()


@asynccontextmanager
async def registered(account: Account) -> AsyncIterator[tuple[Board, Line]]:
    """Have an account open meanwhile."""
    board = Board()
    line = open_account(account, board, time.monotonic)
    await line.open()
    try:
        yield board, line
    finally:
        for call in board.calls:
            await call.hang_up()
        await line.close()
        await settle()


class SipText:
    """A message, read with no more than a few regular expressions."""

    def __init__(self, data: bytes, address: tuple[str, int]) -> None:
        self.text = data.decode()
        self.address = address
        head, _, self.body = self.text.partition("\r\n\r\n")
        self.start, *self.lines = head.split("\r\n")
        self.method = self.start.partition(" ")[0]

    def all(self, name: str) -> list[str]:
        return [line.partition(":")[2].strip() for line in self.lines if line.lower().startswith(f"{name.lower()}:")]

    def get(self, name: str) -> str:
        return (self.all(name) or [""])[0]


class Uas(asyncio.DatagramProtocol):
    """A far end by script: takes requests in order, answers what it is told to, and loses what it is told to lose."""

    def __init__(self) -> None:
        self.requests: asyncio.Queue[SipText] = asyncio.Queue()
        self.responses: asyncio.Queue[SipText] = asyncio.Queue()
        self.all_requests: list[SipText] = []
        self.port = 0
        self.media_port = 0
        self._transport = cast(asyncio.DatagramTransport, None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        message = SipText(data, (str(addr[0]), addr[1]))
        if message.start.startswith("SIP/2.0"):
            self.responses.put_nowait(message)
        else:
            self.all_requests.append(message)
            self.requests.put_nowait(message)

    @property
    def target(self) -> str:
        return f"sip:bob@127.0.0.1:{self.port}"

    async def request(self, method: str) -> SipText:
        """Return the next request, which must be of that method."""
        message = await asyncio.wait_for(self.requests.get(), 5)
        assert message.method == method, message.text
        return message

    async def response(self, status: int) -> SipText:
        message = await asyncio.wait_for(self.responses.get(), 5)
        assert message.start.startswith(f"SIP/2.0 {status} "), message.text
        return message

    def send(self, data: bytes, address: tuple[str, int]) -> None:
        self._transport.sendto(data, address)

    def reply(
        self,
        request: SipText,
        status: int,
        reason: str = "Whatever",
        *fields: str,
        sdp: bool = False,
        tag: str = "far",
        direction: str = "sendrecv",
    ) -> bytes:
        """Answer a request and return what was sent."""
        body = SDP.format(port=self.media_port, direction=direction) if sdp else ""
        to = request.get("To")
        lines = [
            f"SIP/2.0 {status} {reason}",
            *(f"Via: {via}" for via in request.all("Via")),
            f"From: {request.get('From')}",
            f"To: {to}" if "tag=" in to or status == 100 else f"To: {to};tag={tag}",
            f"Call-ID: {request.get('Call-ID')}",
            f"CSeq: {request.get('CSeq')}",
            f"Contact: <sip:bob@127.0.0.1:{self.port}>",
            *fields,
            *(["Content-Type: application/sdp"] if sdp else []),
            f"Content-Length: {len(body)}",
        ]
        data = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
        self.send(data, request.address)
        return data

    def invite(self, target: str, sdp: str | None = None, *fields: str, cseq: int = 1, method: str = "INVITE") -> None:
        """Begin a call to an address on loopback, or cancel it."""
        port = int(target.rpartition(":")[2])
        body = sdp or ""
        lines = [
            f"{method} {target} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bKcall{cseq}",
            "Max-Forwards: 70",
            f"From: Ann <sip:ann@127.0.0.1:{self.port}>;tag=far",
            f"To: <{target}>",
            f"Call-ID: call@{self.port}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:ann@127.0.0.1:{self.port}>",
            *fields,
            *(["Content-Type: application/sdp"] if sdp is not None else []),
            f"Content-Length: {len(body)}",
        ]
        self.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), ("127.0.0.1", port))

    def answer_to(self, response: SipText, method: str, cseq: int, sdp: str | None = None) -> None:
        """Send a request in the dialog that a response to our INVITE began."""
        body = sdp or ""
        lines = [
            f"{method} {re.findall(r'<([^>]*)>', response.get('Contact'))[0]} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bKin{method}{cseq}",
            "Max-Forwards: 70",
            f"From: {response.get('From')}",
            f"To: {response.get('To')}",
            f"Call-ID: {response.get('Call-ID')}",
            f"CSeq: {cseq} {method}",
            *(["Content-Type: application/sdp"] if sdp is not None else []),
            f"Content-Length: {len(body)}",
        ]
        self.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), response.address)

    def in_dialog(self, invite: SipText, method: str, cseq: int, *fields: str, body: str = "", kind: str = "") -> None:
        """Send a request in the dialog that an INVITE of the other side began."""
        contact = re.findall(r"<([^>]*)>", invite.get("Contact"))[0]
        lines = [
            f"{method} {contact} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};rport;branch=z9hG4bK{method}{cseq}",
            "Max-Forwards: 70",
            f"From: {invite.get('To')};tag=far",
            f"To: {invite.get('From')}",
            f"Call-ID: {invite.get('Call-ID')}",
            f"CSeq: {cseq} {method}",
            f"Contact: <sip:bob@127.0.0.1:{self.port}>",
            *fields,
            *([f"Content-Type: {kind}"] if kind else []),
            f"Content-Length: {len(body)}",
        ]
        self.send(("\r\n".join(lines) + "\r\n\r\n" + body).encode(), invite.address)


@asynccontextmanager
async def scripted() -> AsyncIterator[Uas]:
    """Have a far end by script on loopback, with a socket that takes audio in silence."""
    loop = asyncio.get_running_loop()
    transport, uas = await loop.create_datagram_endpoint(Uas, local_addr=("127.0.0.1", 0))
    media, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    uas.media_port = media.get_extra_info("sockname")[1]
    try:
        yield uas
    finally:
        await settle()
        transport.close()
        media.close()
