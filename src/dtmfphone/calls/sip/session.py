"""The media of one SIP call: an RTP session that follows what is negotiated."""

import asyncio
from dataclasses import replace
from typing import Final, Self

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallContext, CallError, CallStatistics, Media
from dtmfphone.calls.rtp.session import RtpSession
from dtmfphone.calls.sip.local_address import is_address
from dtmfphone.calls.sip.negotiation import Negotiation
from dtmfphone.calls.sip.resolver import addresses
from dtmfphone.rtp.stream import StreamParameters
from dtmfphone.sip.sdp import SdpError

SILENCE_SECONDS: Final = 30.0
DEFAULT_CODECS: Final = Account().codecs


class CallSession:
    """Offers, answers and the RTP that follows from them; CallError where nothing can be agreed on."""

    def __init__(self, rtp: RtpSession, context: CallContext, account: Account) -> None:
        self._rtp = rtp
        self._context = context
        self._account = account
        self._negotiation = Negotiation(
            rtp.host, rtp.port, rtp.rtcp_port, codecs(context.codec, account), account.security
        )
        self._looking_up: asyncio.Task[None] | None = None
        self._told: set[str] = set()
        """Sentences that the observer has read already."""
        self._held = (False, False)

    @classmethod
    async def open(cls, host: str, context: CallContext, account: Account) -> Self:
        """Bind ports at an address of ours; raise CallError."""
        codecs(context.codec, account)
        rtp = await RtpSession.open(
            host,
            0,
            source=context.source,
            sink=context.sink,
            observer=context.observer,
            slot=context.slot,
            clock=context.clock,
        )
        session = cls(rtp, context, account)
        rtp.silence_seconds = SILENCE_SECONDS
        rtp.on_silence = session._silent
        return session

    @property
    def media(self) -> Media | None:
        """What was negotiated."""
        return self._rtp.media

    @property
    def events_enabled(self) -> bool:
        """Whether outgoing slots may carry telephone-events."""
        return self._rtp.events_enabled

    @events_enabled.setter
    def events_enabled(self, enabled: bool) -> None:
        self._rtp.events_enabled = enabled

    @property
    def holding(self) -> bool:
        """Whether we put the far end on hold, or want to."""
        return self._negotiation.holding

    @holding.setter
    def holding(self, holding: bool) -> None:
        self._negotiation.holding = holding

    @property
    def waits(self) -> bool:
        """Whether our offer waits for its answer; early ones do not count."""
        return self._negotiation.waits

    def offer(self) -> bytes:
        """Return an offer."""
        return self._negotiation.offer()

    def accept(self, sdp: bytes, *, early: bool = False) -> None:
        """Take the answer to our offer and let audio flow; `early`: another answer may follow."""
        try:
            parameters = self._negotiation.accept(sdp)
        except SdpError as error:
            raise CallError(error.reason, error.remedy) from error
        if not early:
            self._negotiation.settle()
        self._start(parameters)

    def refused(self) -> None:
        """Our offer was refused: all stays as it was."""
        self._negotiation.refused()

    def answer(self, sdp: bytes) -> bytes:
        """Take an offer, let audio flow, and return the answer."""
        try:
            ours, parameters = self._negotiation.answer(sdp)
        except SdpError as error:
            raise CallError(error.reason, error.remedy) from error
        self._start(parameters)
        return ours

    def another(self) -> "CallSession":
        """Return the same media for another far end, with which nothing is agreed on yet."""
        return CallSession(self._rtp, self._context, self._account)

    def statistics(self) -> CallStatistics:
        """Return the counters."""
        return self._rtp.statistics()

    async def close(self) -> None:
        """End the media; harmless when repeated."""
        if self._looking_up is not None:
            self._looking_up.cancel()
        await self._rtp.close()

    def _start(self, parameters: StreamParameters) -> None:
        observer = self._context.observer
        for note in self._negotiation.notes:
            if note not in self._told:
                self._told.add(note)
                observer.notice("warning", note)
        if parameters.remote_host and not is_address(parameters.remote_host):
            self._looking_up = asyncio.create_task(self._look_up_and_start(parameters))
            return
        before = self.media
        self._rtp.start(parameters)
        if self.media != before:
            observer.media_changed()
        held = (self._negotiation.holding, self._negotiation.held)
        if held != self._held:
            self._held = held
            observer.held(here=held[0], there=held[1])

    async def _look_up_and_start(self, parameters: StreamParameters) -> None:
        try:
            found = await addresses(parameters.remote_host)
            self._start(replace(parameters, remote_host=found[0]))
        except CallError as error:
            self._context.observer.notice("error", f"No audio can be sent. {error.reason}", error.remedy)

    def _silent(self, seconds: float) -> None:
        self._context.observer.notice(
            "warning",
            f"No audio has come from the far end for {seconds:.0f} s.",
            "It may be gone, or a firewall blocks its RTP; hang up if it stays silent.",
        )


def codecs(wish: str, account: Account) -> tuple[str, ...]:
    """Return the codecs to offer: those wished for, else the account's, else all; raise CallError for unknown ones."""
    names = tuple(wish.split(",")) if wish != "auto" else account.codecs
    unknown = [name for name in names if name not in (*DEFAULT_CODECS, "auto")]
    if unknown:
        raise CallError(
            f"The codec {unknown[0]!r} is not one that dtmfphone knows.", f"Use {', '.join(DEFAULT_CODECS)}."
        )
    return tuple(name for name in names if name != "auto") or DEFAULT_CODECS
