"""A call without signalling: an RTP stream, up as soon as its ports are open."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace

from dtmfphone.calls.call import CallContext, CallError, CallStatistics, Media
from dtmfphone.calls.rtp.ports import local_address, resolve
from dtmfphone.calls.rtp.session import RtpSession
from dtmfphone.calls.rtp.target import EXAMPLE, PAYLOAD_TYPES, Target
from dtmfphone.rtp.stream import StreamParameters

Connect = Callable[[], Awaitable[tuple[RtpSession, StreamParameters]]]
"""Opens a session and says what it is to be started with; raises CallError."""
NOTHING = CallStatistics(0, 0, 0, 0, 0, 0.0, 0.0, 0.0)


class RtpCall:
    """One stream each way (see Call). The far end's RTCP BYE ends it."""

    def __init__(self, connect: Connect, context: CallContext, *, ends_after: float | None = None) -> None:
        """`ends_after`: seconds of silence that mean that the far end has gone; None: they are only told."""
        self._connect = connect
        self._context = context
        self._ends_after = ends_after
        self._session: RtpSession | None = None
        self._ending: asyncio.Task[None] | None = None
        self._events_enabled = True

    @property
    def media(self) -> Media | None:
        """What the address says; None until the ports are open."""
        media = self._session.media if self._session is not None else None
        return replace(media, negotiated=False) if media is not None else None

    @property
    def events_enabled(self) -> bool:
        """Whether outgoing slots may carry telephone-events."""
        return self._events_enabled

    @events_enabled.setter
    def events_enabled(self, enabled: bool) -> None:
        self._events_enabled = enabled
        if self._session is not None:
            self._session.events_enabled = enabled

    async def place(self) -> None:
        """Open the session and begin; raise CallError. Whether anybody listens shows later."""
        session, parameters = await self._connect()
        session.events_enabled = self._events_enabled
        session.on_bye = self._far_end_left
        session.on_silence = self._silent
        session.on_refused = self._refused
        if self._ends_after is not None:
            session.silence_seconds = self._ends_after
        self._session = session
        try:
            session.start(parameters)
        except BaseException:
            await session.close()
            raise
        self._context.observer.state_changed("connecting")
        self._context.observer.state_changed("up")

    async def hang_up(self) -> None:
        """Tell the far end by an RTCP BYE and free the ports; harmless when repeated."""
        if self._session is not None:
            await self._session.close()

    def statistics(self) -> CallStatistics:
        """Return the counters."""
        return self._session.statistics() if self._session is not None else NOTHING

    def _far_end_left(self, reason: str) -> None:
        told = f": {reason}" if reason else ""
        self._end(f"The far end ended its stream (RTCP BYE){told}.")

    def _refused(self, address: str) -> None:
        if self._ending is None:
            self._ending = asyncio.create_task(self.hang_up())
            self._context.observer.state_changed(
                "failed", f"Nobody listens at {address}.", "Start the far end first; check address and port."
            )

    def _silent(self, seconds: float) -> None:
        far_end = self.media.remote if self.media is not None and self.media.remote else "the far end"
        text = f"Nothing has come from {far_end} for {seconds:.0f} s."
        if self._ends_after is not None:
            self._end(text)
        else:
            remedy = "Check whether the far end sends to this machine, and that no firewall blocks UDP."
            self._context.observer.notice("warning", text, remedy)

    def _end(self, reason: str) -> None:
        self._ending = asyncio.create_task(self.hang_up())
        self._context.observer.state_changed("ended", reason)


def open_call(target: str, context: CallContext) -> RtpCall:
    """Return a call to `rtp://host:port?...`, not placed yet; raise CallError for an address that is none."""
    wanted = [name for name in context.codec.lower().split(",") if name in PAYLOAD_TYPES]
    parsed = Target.parse(target, *wanted[:1])
    if not parsed.port:
        raise CallError(f"{target!r} names no port to send to.", f"Use {EXAMPLE}.")

    async def connect() -> tuple[RtpSession, StreamParameters]:
        context.observer.state_changed("calling")
        _, host = await resolve(parsed.host)
        session = await RtpSession.open(
            parsed.local_host or local_address(host),
            parsed.local_port,
            source=context.source,
            sink=context.sink,
            observer=context.observer,
            slot=context.slot,
            clock=context.clock,
        )
        return session, parsed.parameters(host, parsed.port)

    return RtpCall(connect, context)
