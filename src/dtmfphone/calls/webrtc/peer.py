"""One WebRTC peer with one audio stream and its telephone-events: offer or answer, connect, watch, close."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Final

from aiortc import (
    MediaStreamTrack,
    RTCConfiguration,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCRtpTransceiver,
    RTCSessionDescription,
)

from dtmfphone.calls.audio_frame import AUDIO_RATES
from dtmfphone.calls.call import CallError, CallObserver, CallState, CallStatistics, Media
from dtmfphone.calls.media import AudioSink, AudioSource
from dtmfphone.calls.packet_log import PacketRecord
from dtmfphone.calls.tone_timer import Slot
from dtmfphone.calls.webrtc import sdp
from dtmfphone.calls.webrtc.ice import UnsupportedAioice, gather_loopback
from dtmfphone.calls.webrtc.tap import RtpTap, UnsupportedAiortc
from dtmfphone.calls.webrtc.track import OutgoingTrack, TrackReader

WATCH_SECONDS: Final = 1.0
SETTLE_SECONDS: Final = 0.05
"""More than aioice takes from one connectivity check to the next."""
DEAF_PACKETS: Final = 100
"""So many audio packets without a decoded frame mean that the decoder has given up."""


class ConnectError(CallError):
    """The connection did not come about."""


class IceFailed(ConnectError):
    """No pair of addresses let packets through in both directions (RFC 8445)."""


class DtlsFailed(ConnectError):
    """The far end was reached, but no encrypted connection came about (RFC 5763)."""


class WebRtcPeer:
    """A peer for one call: `offer` then `accept`, or `answer`; then `connected`; in any state `close`.

    The observer hears `connecting` with both descriptions known, `up`, and then `ended` or `failed` when it was not us
    who closed. What fails before `up` is raised by `connected` instead.
    """

    def __init__(
        self,
        *,
        source: AudioSource,
        sink: AudioSink,
        observer: CallObserver,
        slot: Callable[[float], Slot],
        clock: Callable[[], float] = time.monotonic,
        loopback_only: bool = False,
        ice_servers: Sequence[str] = (),
    ) -> None:
        """`slot`: asked once per outgoing audio packet, with its time, while events can and may be sent."""
        self.media: Media | None = None
        self.direction: sdp.Direction = "sendrecv"
        """As negotiated, seen from this side."""
        self._sink = sink
        self._observer = observer
        self._slot = slot
        self._clock = clock
        self._loopback_only = loopback_only
        self._ice_servers = tuple(ice_servers)
        self._events_enabled = True
        self._track = OutgoingTrack(source, clock)
        self._connection: RTCPeerConnection | None = None
        self._transceiver: RTCRtpTransceiver | None = None
        self._offered: sdp.Profile | None = None
        self._tap: RtpTap | None = None
        self._reader: TrackReader | None = None
        self._reading: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        self._round_trip: float | None = None
        self._up = False
        self._over = False
        self._ice_broke = False
        self._failure: ConnectError | None = None
        self._settled = asyncio.Event()
        """Up, failed or closed."""

    @property
    def events_enabled(self) -> bool:
        """Whether outgoing slots may carry telephone-events; False: `slot` is not asked."""
        return self._events_enabled

    @events_enabled.setter
    def events_enabled(self, enabled: bool) -> None:
        self._events_enabled = enabled
        if self._tap is not None:
            self._tap.events_enabled = enabled

    async def offer(self, codec: str) -> str:
        """Return an SDP offer with all candidates; `codec` is `opus`, `g711`, `g722`, `pcmu` or `pcma`.

        Raises CallError, also where this machine has no address to be reached at.
        """
        self._offered = sdp.PROFILES[codec]
        connection, transceiver = self._open()
        capabilities = {each.mimeType.lower(): each for each in RTCRtpSender.getCapabilities("audio").codecs}
        transceiver.setCodecPreferences([capabilities[f"audio/{name}"] for name in self._offered.codecs])
        await connection.setLocalDescription(await connection.createOffer())
        return sdp.add_event(self._local_sdp(), self._offered.event)

    async def accept(self, answer: str) -> Media:
        """Take the answer to our offer and begin to connect; raise SdpError, NoCommonCodec among them."""
        assert self._offered is not None
        description = sdp.parse(answer)
        audio = description.accepted_audio()
        formats = sdp.formats(audio)
        codecs = sdp.common_codecs(formats, self._offered.codecs)
        event = sdp.choose_event(codecs[0].clock, formats)
        self._agree(description, codecs[0], event)
        await self._take(sdp.audio_only(description, codecs, "passive"), "answer")
        clocks = {self._offered.event.payload_type: self._offered.event.clock} if event is not None else {}
        return self._attach(codecs, event, clocks)

    async def answer(self, offer: str) -> str:
        """Take an offer and return the answer with one codec and at most one telephone-event; begin to connect.

        The far end's order of codecs is honoured. Raises SdpError, NoCommonCodec among them.
        """
        description = sdp.parse(offer)
        formats = sdp.formats(description.audio())
        codec = sdp.common_codecs(formats)[0]
        event = sdp.choose_event(codec.clock, formats)
        remote = sdp.audio_only(description, [codec], "active")
        connection, _ = self._open()
        self._agree(description, codec, event)
        await self._take(remote, "offer")
        await connection.setLocalDescription(await connection.createAnswer())
        answer = sdp.complete_answer(description, sdp.add_event(self._local_sdp(), event))
        # A far end that offered two event clocks may send with the other one.
        self._attach([codec], event, {each.payload_type: each.clock for each in sdp.offered_events(formats)})
        return answer

    async def connected(self, timeout: float) -> None:
        """Return when audio can flow; raise IceFailed or DtlsFailed, or ConnectError when closed meanwhile."""
        try:
            async with asyncio.timeout(timeout):
                await self._settled.wait()
        except TimeoutError:
            self._failure = self._failure or self._explain(f"within {timeout:g} s")
        if self._failure is not None:
            raise self._failure
        if not self._up:
            raise ConnectError("The call was hung up before it was up.")

    async def close(self) -> None:
        """End the call and free all it holds; harmless when repeated."""
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    def statistics(self) -> CallStatistics:
        """Return what this side counted; packets include those of events."""
        if self._tap is None:
            return CallStatistics(0, 0, 0, 0, 0, 0.0, 0.0, 0.0)
        sent, received = self._tap.packets.sent, self._tap.packets.received
        p99, most = self._tap.lateness()
        return CallStatistics(
            packets_sent=sent.audio + sent.events,
            packets_received=received.audio + received.events,
            packets_lost=self._tap.lost,
            event_packets_sent=sent.events,
            event_packets_received=received.events,
            jitter_ms=self._tap.jitter * 1000,
            lateness_p99_ms=p99 * 1000,
            lateness_max_ms=most * 1000,
            round_trip_ms=None if self._round_trip is None else self._round_trip * 1000,
        )

    def packets(self) -> tuple[PacketRecord, ...]:
        """Return the RTP packets that passed last, oldest first."""
        return tuple(self._tap.packets.records) if self._tap is not None else ()

    def _open(self) -> tuple[RTCPeerConnection, RTCRtpTransceiver]:
        assert self._connection is None, "a peer is for one call"
        servers = [RTCIceServer(urls=url) for url in self._ice_servers]
        connection = self._connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        try:
            connection.addTrack(self._track)
            transceiver = self._transceiver = connection.getTransceivers()[0]
            dtls = transceiver.receiver.transport
            gather_loopback(dtls.transport, only=self._loopback_only)
        except ValueError as error:
            raise CallError(
                f"{', '.join(self._ice_servers)} is not a STUN or TURN server.", "Use stun:HOST:PORT."
            ) from error
        except UnsupportedAioice as error:
            raise CallError(str(error), "Install the versions in requirements/run.txt.") from error
        dtls.on("statechange", self._transport_changed)
        dtls.transport.on("statechange", self._transport_changed)
        connection.on("track", self._track_added)
        connection.on("connectionstatechange", self._connection_changed)
        return connection, transceiver

    def _local_sdp(self) -> str:
        assert self._connection is not None
        text = self._connection.localDescription.sdp
        if "a=candidate:" not in text:
            raise CallError(
                "This machine has no network address at which it could be reached.", "Check the network connection."
            )
        return text

    def _agree(self, description: sdp.Description, codec: sdp.Format, event: sdp.Format | None) -> None:
        self.direction = sdp.REVERSED[description.direction(description.audio())]
        if self.direction == "inactive":
            raise sdp.SdpError("The far end neither sends nor takes audio (a=inactive).", "Take it off hold.")
        self._track.use(codec.name)
        self.media = Media(
            codec=codec.name,
            clock=codec.clock,
            payload_type=codec.payload_type,
            event_payload_type=event.payload_type if event is not None else None,
            event_clock=event.clock if event is not None else None,
        )

    async def _take(self, remote: str, kind: str) -> None:
        assert self._connection is not None
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(remote, kind))
        except Exception as error:  # whatever aiortc makes of a text from outside
            raise sdp.SdpError(f"The far end's SDP cannot be used: {error or type(error).__name__}.") from error

    def _attach(self, codecs: Sequence[sdp.Format], event: sdp.Format | None, clocks: dict[int, int]) -> Media:
        assert self.media is not None
        assert self._transceiver is not None
        if event is not None:
            clocks = {event.payload_type: event.clock} | clocks
        types = [codec.payload_type for codec in codecs]
        try:
            self._tap = RtpTap(
                self._transceiver.receiver.transport,
                ssrc=self._own_ssrc(),
                media=self.media,
                audio_payload_types=types,
                event_clocks={number: rate for number, rate in clocks.items() if number not in types},
                audio_rate=AUDIO_RATES[self.media.codec],
                slot=self._slot,
                observer=self._observer,
                clock=self._clock,
            )
        except UnsupportedAiortc as error:
            raise CallError(str(error), "Install the versions in requirements/run.txt.") from error
        self._tap.events_enabled = self._events_enabled
        self._watching = asyncio.create_task(self._watch())
        self._observer.state_changed("connecting")
        return self.media

    def _own_ssrc(self) -> int:
        own = sdp.parse(self._local_sdp()).audio()
        return int(own.attributes("ssrc")[0].split()[0])

    def _track_added(self, track: MediaStreamTrack) -> None:
        self._reader = TrackReader(track, self._sink, self._clock)
        self._reading = asyncio.create_task(self._reader.run())

    def _transport_changed(self) -> None:
        """Find whether ICE broke: aiortc closes everything then, as if the far end had hung up."""
        assert self._transceiver is not None
        dtls = self._transceiver.receiver.transport
        ice = dtls.transport
        if ice.state == "failed" or (dtls.state == "closed" and not ice.iceGatherer.getLocalCandidates()):
            self._ice_broke = True

    def _connection_changed(self) -> None:
        """Act on the connection's state; `closed` comes when aiortc closed it itself, or when we did."""
        assert self._connection is not None
        if self._over or self._closing is not None:
            return
        match self._connection.connectionState:
            case "connected" if not self._up:
                self._up = True
                self._settled.set()
                self._observer.state_changed("up")
            case "failed" | "closed" if not self._up:
                self._failure = self._failure or self._explain()
                self._over = True
                self._settled.set()
            case "failed" | "closed" if self._ice_broke:
                self._end(
                    "failed",
                    "The far end no longer answers: its consent to receive (ICE) has run out.",
                    "Check the network and whether the far end still runs, then call again.",
                )
            case "failed":
                self._end("failed", "The encrypted connection to the far end broke (DTLS).", "Call again.")
            case "closed":
                self._end("ended", "The far end hung up.")

    def _end(self, state: CallState, reason: str, remedy: str = "") -> None:
        if not self._over:
            self._over = True
            self._observer.state_changed(state, reason, remedy)

    def _explain(self, when: str = "") -> ConnectError:
        """Return why the connection did not come about."""
        assert self._transceiver is not None
        dtls = self._transceiver.receiver.transport
        if dtls.transport.state == "completed":
            if dtls.state == "failed":
                return DtlsFailed(
                    "No encryption (DTLS) could be agreed on, or the far end's certificate is not the one in its SDP.",
                    "Make sure that nothing between changes the SDP, and that the far end speaks DTLS-SRTP.",
                )
            return DtlsFailed(
                f"The far end was reached but did not complete the encryption handshake (DTLS) {when}.".replace(
                    " .", "."
                ),
                "Check whether the far end still runs, then call again.",
            )
        known = dtls.transport.getRemoteCandidates()
        remote = ", ".join(sorted({f"{each.ip}:{each.port}" for each in known})) or "none that it told"
        return IceFailed(
            f"No UDP path to the far end was found {when} (its addresses: {remote}).".replace("  ", " "),
            "Check that both sides are in one network or give a STUN server, and that no firewall blocks UDP.",
        )

    async def _watch(self) -> None:
        """Find what nothing tells: a decoder that gave up, an audio stream that ended; and measure the round trip."""
        assert self._tap is not None
        frames = heard = 0
        deaf = ended = False
        while not self._over:
            await asyncio.sleep(WATCH_SECONDS)
            if self._reader is not None and self._reader.frames != frames:
                frames, heard, deaf = self._reader.frames, self._tap.packets.received.audio, False
            elif self._up and not deaf and self._tap.packets.received.audio - heard > DEAF_PACKETS:
                deaf = True
                self._observer.state_changed(
                    "up", "The far end's audio arrives but cannot be decoded.", "Call again with another codec."
                )
            if self._up and self._reading is not None and self._reading.done():
                if (error := self._reading.exception()) is not None:
                    self._end("failed", f"Received audio could not be processed: {error}.", "Report this with the log.")
                elif ended:
                    self._end("ended", "The far end ended its audio.")
                ended = True  # the end of the connection comes with it, as a rule
            if self._up:
                await self._measure_round_trip()

    async def _measure_round_trip(self) -> None:
        assert self._connection is not None
        for report in (await self._connection.getStats()).values():
            if report.type == "remote-inbound-rtp" and report.roundTripTime is not None:
                self._round_trip = report.roundTripTime

    async def _close(self) -> None:
        self._over = True
        self._settled.set()
        if self._tap is not None:
            self._tap.detach()
        tasks = [task for task in (self._watching, self._reading) if task is not None]
        for task in tasks:
            task.cancel()
        for result in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(result, Exception):
                _report_fault("A task of a WebRTC peer failed.", result)
        self._track.stop()
        if self._connection is not None:
            await self._connection.close()
        if self._transceiver is not None and not self._up:
            # What connects inside aiortc notices the end only at its next check, and begins to watch the path if it
            # had just been found.
            await asyncio.sleep(SETTLE_SECONDS)
            await self._transceiver.receiver.transport.transport.stop()


def _report_fault(message: str, error: Exception) -> None:
    asyncio.get_running_loop().call_exception_handler({"message": message, "exception": error})
