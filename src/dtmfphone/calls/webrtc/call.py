"""A WebRTC call: offer, exchange of descriptions over whatever signalling, ICE, DTLS, audio."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dtmfphone.calls.call import CallContext, CallStatistics, Media
from dtmfphone.calls.webrtc import signalling
from dtmfphone.calls.webrtc.peer import WebRtcPeer

CONNECT_SECONDS = 15.0
"""How long ICE and DTLS may take."""


@dataclass(frozen=True)
class Answer:
    """What an answering side gave for an SDP offer."""

    sdp: str
    hang_up: Callable[[], Awaitable[None]] | None = None
    """Tells the answering side that the caller hung up, where the signalling has a word for it."""


Exchange = Callable[[str], Awaitable[Answer]]
"""Takes our SDP offer to the far end and returns its answer; raises CallError, NoCommonCodec among them."""


class WebRtcCall:
    """An outgoing WebRTC call."""

    def __init__(self, exchange: Exchange, context: CallContext, *, loopback_only: bool = False) -> None:
        self._exchange = exchange
        self._context = context
        self._loopback_only = loopback_only
        self._peer: WebRtcPeer | None = None
        self._answer: Answer | None = None
        self._events_enabled = True

    @property
    def media(self) -> Media | None:
        """What was negotiated; None until the far end answered."""
        return self._peer.media if self._peer is not None else None

    @property
    def events_enabled(self) -> bool:
        """Whether outgoing slots may carry telephone-events."""
        return self._events_enabled

    @events_enabled.setter
    def events_enabled(self, enabled: bool) -> None:
        self._events_enabled = enabled
        if self._peer is not None:
            self._peer.events_enabled = enabled

    async def place(self) -> None:
        """Offer Opus and, where the far end takes none, G.711 and G.722: one event clock in each offer.

        (Browsers that are offered two event clocks answer both and then use the wrong one.)
        """
        self._context.observer.state_changed("calling")
        try:
            if self._context.codec == "auto":
                try:
                    peer = await self._offer("opus")
                except signalling.NoCommonCodec:
                    peer = await self._offer("g711")
            else:
                peer = await self._offer(self._context.codec)
            await peer.connected(CONNECT_SECONDS)
        except BaseException:
            await self.hang_up()
            raise

    async def _offer(self, profile: str) -> WebRtcPeer:
        context = self._context
        peer = self._peer = WebRtcPeer(
            source=context.source,
            sink=context.sink,
            observer=context.observer,
            slot=context.slot,
            clock=context.clock,
            loopback_only=self._loopback_only,
        )
        peer.events_enabled = self._events_enabled
        try:
            self._answer = await self._exchange(await peer.offer(profile))
            await peer.accept(self._answer.sdp)
        except BaseException:
            await self.hang_up()
            raise
        return peer

    async def hang_up(self) -> None:
        """Close the media and tell the far end where the signalling has a word for it."""
        if self._peer is not None:
            await self._peer.close()
        answer, self._answer = self._answer, None
        if answer is not None and answer.hang_up is not None:
            await answer.hang_up()

    def statistics(self) -> CallStatistics:
        """Return the counters of this side."""
        assert self._peer is not None
        return self._peer.statistics()


def open_call(target: str, context: CallContext) -> WebRtcCall:
    """Return a call to an HTTP address that takes SDP offers."""

    async def exchange(offer: str) -> Answer:
        answer = await signalling.exchange(target, offer, token=context.token)
        url = answer.session_url
        if url is None:
            return Answer(answer.sdp)
        return Answer(answer.sdp, lambda: signalling.hang_up(url, token=context.token))

    return WebRtcCall(exchange, context)
