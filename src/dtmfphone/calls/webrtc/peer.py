"""One side of a WebRTC audio call: aiortc for ICE, DTLS, SRTP and codecs; the tap for telephone-events."""

import asyncio
import re
from collections.abc import Callable, Sequence

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamTrack

from dtmfphone.calls.call import CallError, CallObserver, CallStatistics, Media
from dtmfphone.calls.media import AudioSink, AudioSource
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.calls.webrtc import sdp
from dtmfphone.calls.webrtc.ice import gathering
from dtmfphone.calls.webrtc.tap import Direction, RtpTap, TapFormats
from dtmfphone.calls.webrtc.track import OutgoingTrack, read_track
from dtmfphone.rtp.event_receiver import EventEnded, EventStarted, Report

_SSRC = re.compile(r"^a=ssrc:(\d+) ", re.MULTILINE)


class ConnectError(CallError):
    """ICE or DTLS did not come up."""


class WebRtcPeer:
    """Offers or answers once, connects, closes."""

    def __init__(
        self,
        *,
        source: AudioSource,
        sink: AudioSink,
        observer: CallObserver,
        slot: Callable[[float], Slot],
        clock: Callable[[], float],
        loopback_only: bool = False,
        ice_servers: Sequence[str] = (),
    ) -> None:
        self.media: Media | None = None
        self._source = source
        self._sink = sink
        self._observer = observer
        self._slot = slot
        self._clock = clock
        self._loopback_only = loopback_only
        self._connection = RTCPeerConnection(RTCConfiguration([RTCIceServer(url) for url in ice_servers]))
        self._connection.on("connectionstatechange", self._state_changed)
        self._connection.on("track", self._take_track)
        self._events_enabled = True
        self._profile: sdp.Profile | None = None
        self._tap: RtpTap | None = None
        self._track: OutgoingTrack | None = None
        self._sender: RTCRtpSender | None = None
        self._incoming: MediaStreamTrack | None = None
        self._reader: asyncio.Task[None] | None = None
        self._settled = asyncio.Event()
        """The connection is up, or will never be."""
        self._closed = False

    @property
    def events_enabled(self) -> bool:
        """Whether outgoing slots may carry telephone-events; `slot` is asked only then."""
        return self._events_enabled

    @events_enabled.setter
    def events_enabled(self, enabled: bool) -> None:
        self._events_enabled = enabled
        if self._tap is not None:
            self._tap.events_enabled = enabled

    async def offer(self, profile: str) -> str:
        """Return a complete SDP offer with the codecs of a profile (see sdp.PROFILES) and one telephone-event."""
        self._profile = sdp.PROFILES[profile]
        transceiver = self._connection.addTransceiver("audio", direction="sendrecv")
        capabilities = RTCRtpSender.getCapabilities("audio").codecs
        transceiver.setCodecPreferences(
            [
                capability
                for name in self._profile.codecs
                for capability in capabilities
                if capability.mimeType.lower() == f"audio/{name}"
            ]
        )
        self._sender = transceiver.sender
        with gathering(loopback_only=self._loopback_only):
            await self._connection.setLocalDescription(await self._connection.createOffer())
        return sdp.add_event(self._connection.localDescription.sdp, self._profile.event)

    async def accept(self, answer: str) -> Media:
        """Take the answer to our offer; raise SdpError (NoCommonCodec among them)."""
        assert self._profile is not None
        assert self._sender is not None
        description = sdp.parse(answer)
        offered = sdp.formats(description.audio())
        codec = sdp.choose_codec(offered, self._profile.codecs)
        event = sdp.choose_event(codec.clock, offered)
        self._sender.replaceTrack(self._start_track(codec.name))
        await self._apply("answer", sdp.audio_only(description, codec, "active"))
        received = {self._profile.event.payload_type: self._profile.event.clock}
        return self._negotiated(codec, event, received if event is not None else {})

    async def answer(self, offer: str) -> str:
        """Return the answer to an offer; raise SdpError (NoCommonCodec among them)."""
        description = sdp.parse(offer)
        offered = sdp.formats(description.audio())
        codec = sdp.choose_codec(offered)
        event = sdp.choose_event(codec.clock, offered)
        await self._apply("offer", sdp.audio_only(description, codec, "active"))
        self._sender = self._connection.addTrack(self._start_track(codec.name))
        with gathering(loopback_only=self._loopback_only):
            await self._connection.setLocalDescription(await self._connection.createAnswer())
        text = sdp.add_event(self._connection.localDescription.sdp, event)
        self._negotiated(codec, event, {event.payload_type: event.clock} if event is not None else {})
        return sdp.complete_answer(description, text)

    async def connected(self, timeout: float) -> None:
        """Return when ICE and DTLS are up; raise ConnectError with the cause."""
        try:
            async with asyncio.timeout(timeout):
                await self._settled.wait()
        except TimeoutError:
            raise self._failure(f"within {timeout:g} s") from None
        if self._connection.connectionState != "connected":
            raise self._failure("")

    async def close(self) -> None:
        """End the call's media; harmless when it has ended."""
        if self._closed:
            return
        self._closed = True
        self._settled.set()
        if self._reader is not None:
            self._reader.cancel()
        if self._tap is not None:
            self._tap.detach()
        await self._connection.close()

    def statistics(self) -> CallStatistics:
        """Return what was counted on the wire."""
        tap = self._tap
        if tap is None:
            return CallStatistics(0, 0, 0, 0, 0, 0.0, 0.0, 0.0)
        counted = tap.counters
        return CallStatistics(
            packets_sent=counted.sent,
            packets_received=counted.received,
            packets_lost=tap.lost,
            event_packets_sent=counted.events_sent,
            event_packets_received=counted.events_received,
            jitter_ms=counted.jitter * 1000,
            lateness_p99_ms=tap.lateness.p99_ms,
            lateness_max_ms=tap.lateness.max_ms,
        )

    def audio_left(self, media_time: float, t: float) -> None:
        """An audio packet left (see TapObserver)."""
        assert self._track is not None
        position = self._track.position_at(media_time)
        if position is not None:
            self._observer.audio_sent(position, self._track.rate, t)

    def reported(self, direction: Direction, report: Report) -> None:
        """Something about a telephone-event on the wire (see TapObserver)."""
        match report:
            case EventStarted():
                self._observer.event_started(direction, report)
            case EventEnded():
                self._observer.event_ended(direction, report)

    def _start_track(self, codec: str) -> OutgoingTrack:
        self._track = OutgoingTrack(self._source, codec, self._clock)
        return self._track

    async def _apply(self, kind: str, text: str) -> None:
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(text, kind))
        except Exception as error:  # aiortc raises many kinds for SDP that it cannot use
            raise sdp.SdpError(f"The far end's SDP cannot be used: {error}.", "Check what it sends.") from error

    def _negotiated(self, codec: sdp.Format, event: sdp.Format | None, received: dict[int, int]) -> Media:
        assert self._sender is not None
        found = _SSRC.search(self._connection.localDescription.sdp)
        assert found is not None, "aiortc names the SSRC in its descriptions"
        if event is not None:
            received = {**received, event.payload_type: event.clock}
        self._tap = RtpTap(
            self._sender.transport,
            TapFormats(
                ssrc=int(found[1]),
                audio_payload_type=codec.payload_type,
                clock=codec.clock,
                event_payload_type=event.payload_type if event is not None else None,
                event_clocks=received,
            ),
            slot=self._slot,
            observer=self,
            clock=self._clock,
        )
        self._tap.events_enabled = self._events_enabled
        self.media = Media(
            codec=codec.name,
            clock=codec.clock,
            payload_type=codec.payload_type,
            event_payload_type=event.payload_type if event is not None else None,
            event_clock=event.clock if event is not None else None,
        )
        return self.media

    def _take_track(self, track: MediaStreamTrack) -> None:
        if track.kind == "audio" and self._reader is None:
            self._reader = asyncio.create_task(read_track(track, self._sink, self._clock))

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state not in ("connected", "failed", "closed"):
            return
        first = not self._settled.is_set()
        self._settled.set()
        if self._closed or (first and state != "connected"):
            return  # `connected` reports the failure
        if state == "closed":
            self._observer.state_changed("ended", "The far end hung up.")
        elif state == "failed":
            self._observer.state_changed("ended", "The far end can no longer be reached.", "Check the network.")

    def _failure(self, when: str) -> ConnectError:
        ice = self._connection.iceConnectionState
        if ice != "completed":
            return ConnectError(
                f"No network path to the far end was found {when}".rstrip() + " (ICE failed).",
                "Check that both sides reach each other over UDP, and firewalls between them.",
            )
        return ConnectError(
            f"The far end did not complete the encryption handshake {when}".rstrip() + " (DTLS failed).",
            "Check the certificate fingerprint in its SDP.",
        )
