"""Readers of single messages and packets: whatever comes is read or refused by their own error."""

import contextlib
from collections.abc import Callable, Sequence
from typing import Final

from fuzz_mutator import Mutator
from fuzz_samples import CHALLENGES, EVENT, INVITE, MESSAGES, RTCP, RTP
from fuzz_size import size_of
from fuzz_target import Target

import sdp_of_peers
from dtmfphone.rtp import rtcp, telephone_event
from dtmfphone.rtp.event_receiver import EventReceiver
from dtmfphone.rtp.packet import RtpPacket, RtpPacketError
from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.digest import challenges, credentials
from dtmfphone.sip.framing import FramingError, StreamFraming
from dtmfphone.sip.ingress import MAX_MESSAGE, SipSyntaxError, parse
from dtmfphone.sip.message import Request
from dtmfphone.sip.offer_answer import LocalMedia, accept, answer, offer
from dtmfphone.sip.sdp import SdpError, SessionDescription
from dtmfphone.sip.uri import SipUri

LOCAL: Final = LocalMedia(
    host="192.0.2.1",
    port=4000,
    rtcp_port=4001,
    codecs=("opus", "g722", "pcmu", "pcma"),
    security="optional",
    session_id=7,
)
OUR_OFFER: Final = offer(LOCAL, bytes)


class Reader:
    """A function that reads bytes and keeps nothing."""

    def __init__(self, samples: Sequence[bytes], read: Callable[[bytes], None]) -> None:
        self._samples = samples
        self._read = read

    def step(self, mutator: Mutator) -> None:
        """Read a damaged sample."""
        self._read(mutator.mutate(mutator.random.choice(self._samples)))

    def end(self) -> None:
        """There is nothing to be left behind."""


def read_message(data: bytes) -> None:
    """A SIP message that is taken can be written, and its URIs are read or refused."""
    try:
        message = parse(data)
    except SipSyntaxError:
        return
    again = parse(bytes(message))
    assert again.headers.without("Content-Length") == message.headers.without("Content-Length")
    with contextlib.suppress(ValueError):
        NameAddress.parse_list(message.headers.get_all("Contact"))
    if isinstance(message, Request):
        with contextlib.suppress(ValueError):
            assert SipUri.parse(str(SipUri.parse(message.uri)))


def read_sdp(data: bytes) -> None:
    """A description that is taken is written so that it reads the same, and answered or refused."""
    try:
        remote = SessionDescription.parse(data)
    except SdpError:
        return
    assert SessionDescription.parse(bytes(remote)) == remote
    with contextlib.suppress(SdpError):
        ours, parameters, _ = answer(remote, LOCAL, bytes)
        assert SessionDescription.parse(bytes(ours)) == ours
        assert parameters.codec in LOCAL.codecs
    with contextlib.suppress(SdpError):
        accept(OUR_OFFER, remote)


def read_challenge(data: bytes) -> None:
    """A challenge that is taken can be answered."""
    request = parse(INVITE)
    assert isinstance(request, Request)
    for challenge in challenges([data.decode("utf-8", "surrogateescape")]):
        credentials(challenge, "alice", "secret", request, count=1, client_nonce="n")


def read_rtp(data: bytes) -> None:
    """A packet that is taken is written as it was."""
    with contextlib.suppress(RtpPacketError):
        assert bytes(RtpPacket.parse(data)) == data


def read_rtcp(data: bytes) -> None:
    """The packets of a datagram that is taken can be written."""
    with contextlib.suppress(rtcp.RtcpError):
        rtcp.parse(rtcp.compound(rtcp.parse(data)))


def read_events(data: bytes) -> None:
    """Blocks of a payload that is taken are within their limits."""
    with contextlib.suppress(telephone_event.TelephoneEventError):
        for block in telephone_event.parse(data):
            assert 0 <= block.code < 256
            assert 0 <= block.duration < 65536


class Framing:
    """A stream that is cut into messages; it is closed at the first error."""

    LIMIT: Final = 4 * MAX_MESSAGE

    def __init__(self) -> None:
        self._framing = StreamFraming()

    def step(self, mutator: Mutator) -> None:
        """Feed some messages in pieces of any size."""
        data = b"".join(mutator.random.choices(MESSAGES, k=3))
        data = mutator.mutate(data)
        while data:
            size = mutator.random.choice((1, 7, 100, 1500))
            try:
                for item in self._framing.feed(data[:size]):
                    assert not isinstance(item, bytes) or len(item) <= MAX_MESSAGE
            except FramingError:
                self._framing = StreamFraming(accepted=mutator.random.random() < 0.5)
            data = data[size:]
        assert size_of(self._framing) < self.LIMIT

    def end(self) -> None:
        """Nothing is left that is too large."""
        assert size_of(self._framing) < self.LIMIT


class Events:
    """The telephone-events of one direction."""

    LIMIT: Final = 1_000_000

    def __init__(self) -> None:
        self._receiver = EventReceiver()
        self._t = 0.0
        self._open: set[int] = set()

    def step(self, mutator: Mutator) -> None:
        """Take a packet with a damaged payload, a little or long after the last."""
        random = mutator.random
        self._t += random.choice((0.0, 0.02, 0.02, 0.3))
        if random.random() < 0.1:
            self._receiver.media_packet(ssrc=random.randrange(3))
        reports = self._receiver.packet(
            ssrc=random.randrange(3),
            sequence=random.randrange(65536),
            timestamp=random.choice((0, 160, 320, 0xFFFFFFFF, random.getrandbits(32))),
            marker=random.random() < 0.3,
            payload=mutator.mutate(EVENT),
            payload_type=101,
            clock_rate=random.choice((8000, 48000)),
            t=self._t,
        )
        if random.random() < 0.2:
            reports += self._receiver.tick(self._t)
        for report in reports:
            match type(report).__name__:
                case "EventStarted":
                    assert report.id not in self._open
                    assert report.id is not None
                    self._open.add(report.id)
                case "EventEnded":
                    assert report.id is not None
                    self._open.remove(report.id)

    def end(self) -> None:
        """All events that began end."""
        for report in self._receiver.flush(self._t + 10):
            if type(report).__name__ == "EventEnded":
                assert report.id is not None
                self._open.remove(report.id)
        assert not self._open
        assert size_of(self._receiver) < self.LIMIT


READERS: Final[dict[str, Callable[[], Target]]] = {
    "ingress": lambda: Reader(MESSAGES, read_message),
    "sdp": lambda: Reader(list(sdp_of_peers.ALL.values()), read_sdp),
    "digest": lambda: Reader(CHALLENGES, read_challenge),
    "rtp": lambda: Reader(RTP, read_rtp),
    "rtcp": lambda: Reader(RTCP, read_rtcp),
    "telephone-event": lambda: Reader([EVENT, EVENT * 3], read_events),
    "framing": Framing,
    "events": Events,
}
