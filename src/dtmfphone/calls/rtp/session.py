"""RTP audio in both directions over a pair of UDP sockets, whatever the signalling."""

from collections.abc import Callable
from typing import Self

from dtmfphone.calls.call import CallObserver, CallStatistics, Media
from dtmfphone.calls.media import AudioSink, AudioSource
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.rtp.stream import StreamParameters


class RtpSession:
    """Sends and receives the audio and telephone-events of one call.

    `on_bye` is called when the far end ended the stream (RTCP BYE), with its reason or an empty text; `on_silence` when
    nothing came for `silence_seconds` while `receiving`, with the seconds, once per silence.
    """

    host: str
    port: int
    rtcp_port: int
    events_enabled: bool
    """Whether outgoing slots may carry telephone-events; False: `slot` is not asked."""
    media: Media | None
    """None until `start`."""
    last_received: float | None
    """When valid RTP came last, on the clock of `open`."""
    on_bye: Callable[[str], None] | None
    on_silence: Callable[[float], None] | None
    silence_seconds: float

    @classmethod
    async def open(
        cls,
        host: str,
        port: int,
        *,
        source: AudioSource,
        sink: AudioSink,
        observer: CallObserver,
        slot: Callable[[float], Slot],
        clock: Callable[[], float],
    ) -> Self:
        """Bind a pair of ports, RTP on the even one; port 0: any pair. Raises CallError. Nothing is sent yet."""
        raise NotImplementedError

    def start(self, parameters: StreamParameters) -> None:
        """Begin, or go on with what was negotiated anew; SSRC, sequence numbers and timestamps run on.

        Raises CallError where a codec is not available; then all stays as it was.
        """
        raise NotImplementedError

    def statistics(self) -> CallStatistics:
        """Return the counters."""
        raise NotImplementedError

    async def close(self) -> None:
        """Send an RTCP BYE and free the ports; harmless when repeated."""
        raise NotImplementedError
