"""What is agreed on for a stream to and from the far end's media: address, codec, events, packet length, direction."""

from collections.abc import Sequence
from typing import Final

from dtmfphone.rtp.stream import StreamParameters
from dtmfphone.sip.payload_format import CODECS, PayloadFormat, event_codes
from dtmfphone.sip.sdp import NOWHERE, REVERSED, Direction, MediaDescription, SessionDescription

PACKET_MS: Final = (60, 40, 30, 20)
"""Lengths of the packets that we can send; Opus knows none of 30 ms (RFC 6716 section 2.1.4)."""


def parameters(
    remote: SessionDescription,
    media: MediaDescription,
    own_direction: Direction,
    codec: PayloadFormat,
    event: PayloadFormat | None,
    packet_ms: int,
    notes: list[str],
    *,
    mux: bool,
) -> StreamParameters:
    """Return the parameters of a stream to and from the far end's media, with one codec and without keys."""
    assert codec.codec is not None
    if codec.codec == "g722" and codec.clock != 8000:
        notes.append("The far end writes G722/16000; its RTP clock is taken to be 8000 Hz, as RFC 3551 says.")
    host = remote.host(media)
    wish = REVERSED[remote.direction(media)]
    codes = event_codes(event.parameters) if event else None
    if event is not None and codes is None:
        notes.append(f"The far end's list of events, {event.parameters[:40]!r}, cannot be read: 0-15 is taken.")
    clock = CODECS[codec.codec].clock
    return StreamParameters(
        remote_host="" if host in NOWHERE else host,
        remote_port=media.port,
        remote_rtcp_port=None if mux else remote.rtcp_port(media),
        codec=codec.codec,
        payload_type=codec.payload_type,
        clock=clock,
        receive={codec.payload_type: codec.codec},
        codec_parameters=codec.parameters,
        event_payload_type=event.payload_type if event else None,
        event_clock=clock if event else None,
        event_codes=codes or frozenset(range(16)),
        receive_events={event.payload_type: clock} if event else {},
        packet_ms=_packet_ms(remote, media, codec.codec, packet_ms, notes),
        sending=_sends(own_direction) and _sends(wish) and host not in NOWHERE,
        receiving=_receives(own_direction) and _receives(wish),
    )


def choose_event(formats: Sequence[PayloadFormat], codec: PayloadFormat, notes: list[str]) -> PayloadFormat | None:
    """Return the telephone-event whose clock is the codec's, else any (RFC 4733 section 2.1 wants the same clock)."""
    assert codec.codec is not None
    clock = CODECS[codec.codec].clock
    events = [each for each in formats if each.is_event]
    event = next((each for each in events if each.clock == clock), events[0] if events else None)
    if event is not None and event.clock != clock:
        notes.append(
            f"The far end has telephone-event only at {event.clock} Hz beside {codec.name.capitalize()} at {clock} Hz: "
            "peers disagree on the unit of durations then, which are counted by the clock of the audio here."
        )
    return event


def _packet_ms(
    remote: SessionDescription, media: MediaDescription, codec: str, preferred: int, notes: list[str]
) -> int:
    """Return the length of the packets to send: what the far end wants, else what we prefer, and no more than it takes.

    See RFC 8866 sections 6.4 and 6.5.
    """
    lengths = [length for length in PACKET_MS if codec != "opus" or length != 30]
    longest = remote.milliseconds(media, "maxptime") or lengths[0]
    wanted = min(remote.milliseconds(media, "ptime") or preferred, longest)
    if longest < lengths[-1]:
        notes.append(f"The far end takes at most {longest} ms of audio per packet; packets of 20 ms are sent.")
    return next((length for length in lengths if length <= wanted), lengths[-1])


def _sends(direction: Direction) -> bool:
    return direction in ("sendrecv", "sendonly")


def _receives(direction: Direction) -> bool:
    return direction in ("sendrecv", "recvonly")
