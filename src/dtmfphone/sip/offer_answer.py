"""Offer and answer of one audio stream (RFC 3264): what we offer, what we answer, what was agreed on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from dtmfphone.rtp.stream import SrtpKeys, StreamParameters
from dtmfphone.sip import agreed_stream
from dtmfphone.sip.media_security import Security, agreed_keys, offered_key, own_keys
from dtmfphone.sip.payload_format import CODECS, EVENTS, STATIC, PayloadFormat, payload_formats
from dtmfphone.sip.sdes import SUITES, Crypto
from dtmfphone.sip.sdp import (
    Direction,
    MediaDescription,
    NoCommonCodec,
    Origin,
    SdpError,
    SessionDescription,
    family,
)

_DYNAMIC: Final = range(96, 128)


@dataclass(frozen=True, kw_only=True)
class LocalMedia:
    """What we offer or accept."""

    host: str
    """Our address, as the far end reaches it."""
    port: int
    rtcp_port: int
    codecs: tuple[str, ...]
    """`opus`, `g722`, `pcmu` and `pcma`, preferred first."""
    packet_ms: int = 20
    security: Security = "off"
    """`optional`: RTP/AVP with `a=crypto`, encrypted if the far end takes it; `required`: RTP/SAVP or nothing."""
    session_id: int
    version: int = 1
    """Of the first description; later ones count on from the previous."""
    direction: Direction = "sendrecv"
    """`sendonly` puts the far end on hold."""


def offer(
    local: LocalMedia, random_bytes: Callable[[int], bytes], previous: SessionDescription | None = None
) -> SessionDescription:
    """Return an offer.

    `previous` is our last description in the same call, be it offer or answer: payload types, keys and the order of
    media are kept, and the version grows only when something differs (RFC 3264 section 8).
    """
    place, old = _own_audio(previous)
    cryptos = own_keys(old)
    if old is None and local.security != "off":
        cryptos = [Crypto.new(tag, suite, random_bytes) for tag, suite in enumerate(SUITES, 1)]
    protocol = old.protocol if old else "RTP/SAVP" if local.security == "required" else "RTP/AVP"
    formats = _offered_formats(local.codecs, payload_formats(old) if old else ())
    mux = old is None or bool(old.attributes("rtcp-mux"))
    audio = _audio(local, protocol, formats, cryptos, local.packet_ms, local.direction, mux=mux)
    others = [each.rejected() for each in previous.media] if previous else [audio]
    others[place] = audio
    return _description(local, "t=0 0", others, previous)


def answer(
    remote_offer: SessionDescription,
    local: LocalMedia,
    random_bytes: Callable[[int], bytes],
    previous: SessionDescription | None = None,
) -> tuple[SessionDescription, StreamParameters, tuple[str, ...]]:
    """Return the answer to an offer, what was agreed on, and sentences for a person; raise SdpError when we refuse.

    `previous` is our last description in the same call. Of the offered codecs we answer the first that we know; of
    several audio streams we take one, and an encrypted one first unless encryption is off.
    """
    places = [i for i, media in enumerate(remote_offer.media) if media.kind == "audio" and media.port]
    if not places:
        raise _no_audio(remote_offer)
    if local.security != "off":
        places.sort(key=lambda i: not remote_offer.attributes(remote_offer.media[i], "crypto"))
    first_error: SdpError | None = None
    for place in places:
        try:
            audio, parameters, notes = _answer_audio(remote_offer, place, local, random_bytes, previous)
        except SdpError as error:
            first_error = first_error or error
            continue
        media = [each.rejected() for each in remote_offer.media]
        media[place] = audio
        time = next((line for line in remote_offer.lines if line.startswith("t=")), "t=0 0")
        return _description(local, time, media, previous), parameters, tuple(notes)
    assert first_error is not None
    raise first_error


def accept(
    own_offer: SessionDescription, remote_answer: SessionDescription
) -> tuple[StreamParameters, tuple[str, ...]]:
    """Return what was agreed on by an answer, and sentences for a person; raise SdpError when nothing was.

    We send with the payload types of the answer, and receive with ours.
    """
    place, own = _own_audio(own_offer)
    assert own is not None
    media = _answered_audio(remote_answer, place)
    notes: list[str] = []
    ours = payload_formats(own)
    theirs = payload_formats(media, {**STATIC, **{each.payload_type: each for each in ours}})
    offered = [each.codec for each in ours]
    answered = [each for each in theirs if each.codec and each.codec in offered]
    if not answered:
        raise _no_common_codec(theirs, [codec for codec in offered if codec])
    codec = answered[0]
    event = agreed_stream.choose_event([each for each in theirs if each.clock in EVENTS], codec, notes)
    names = {each.codec for each in answered}
    receive = {each.payload_type: each.codec for each in answered if each.codec}
    receive |= {each.payload_type: each.codec for each in ours if each.codec in names and each.codec}
    preferred = own_offer.milliseconds(own, "ptime") or agreed_stream.PACKET_MS[-1]
    mux = bool(own.attributes("rtcp-mux") and media.attributes("rtcp-mux"))
    parameters = agreed_stream.parameters(
        remote_answer, media, own_offer.direction(own), codec, event, preferred, notes, mux=mux
    )
    receive_events = {each.payload_type: each.clock for each in ours if each.is_event} | dict(parameters.receive_events)
    return replace(
        parameters,
        receive={number: name for number, name in receive.items() if number not in receive_events},
        receive_events=receive_events,
        srtp=agreed_keys(own, remote_answer, media, notes),
    ), tuple(notes)


def _own_audio(own: SessionDescription | None) -> tuple[int, MediaDescription | None]:
    """Return the one audio stream of a description of ours, and its place."""
    if own is None:
        return 0, None
    return next((i, media) for i, media in enumerate(own.media) if media.kind == "audio" and media.port)


def _offered_formats(codecs: Sequence[str], old: Sequence[PayloadFormat]) -> list[PayloadFormat]:
    """Return our codecs and telephone-events; what is in use keeps number and place.

    One event for each clock of the codecs, and one at 8000 Hz beside Opus alone: some far ends know no other.
    """
    known = {(each.name, each.clock): each.payload_type for each in old}
    order = [each.codec for each in old if each.codec in codecs]
    wanted = [CODECS[name] for name in dict.fromkeys([*(codec for codec in order if codec), *codecs])]
    wanted += [EVENTS[clock] for clock in dict.fromkeys([*(each.clock for each in wanted), 8000])]
    taken = {*known.values(), *(each.payload_type for each in wanted if (each.name, each.clock) not in known)}
    found: list[PayloadFormat] = []
    for each in wanted:
        number = known.get((each.name, each.clock), each.payload_type)
        if (each.name, each.clock) not in known and number in known.values():
            number = next(free for free in _DYNAMIC if free not in taken)
            taken.add(number)
        found.append(replace(each, payload_type=number))
    return found


def _answer_audio(
    remote: SessionDescription,
    place: int,
    local: LocalMedia,
    random_bytes: Callable[[int], bytes],
    previous: SessionDescription | None,
) -> tuple[MediaDescription, StreamParameters, list[str]]:
    media = remote.media[place]
    notes: list[str] = []
    theirs = offered_key(remote, media, local.security)
    if theirs is None and local.security == "optional" and remote.attributes(media, "crypto"):
        notes.append("The far end offers no encryption that is known here: the audio is not encrypted.")
    formats = payload_formats(media)
    codec = next((each for each in formats if each.codec in local.codecs), None)
    if codec is None:
        raise _no_common_codec(formats, local.codecs)
    event = agreed_stream.choose_event(formats, codec, notes)
    mux = bool(media.attributes("rtcp-mux"))
    parameters = agreed_stream.parameters(remote, media, local.direction, codec, event, local.packet_ms, notes, mux=mux)
    ours = None
    if theirs is not None:
        old = _own_audio(previous)[1]
        kept = next((each.key for each in own_keys(old) if each.suite == theirs.suite), None)
        ours = Crypto(theirs.tag, theirs.suite, kept or random_bytes(len(theirs.key)))
        parameters = replace(parameters, srtp=SrtpKeys(theirs.suite, send=ours.key, receive=theirs.key))
    answered = [replace(CODECS[parameters.codec], payload_type=codec.payload_type)]
    if event is not None:
        answered.append(replace(event, parameters="0-15"))
    audio = _audio(
        local,
        media.protocol,
        answered,
        [ours] if ours else [],
        parameters.packet_ms,
        _direction(parameters),
        mux=mux,
    )
    return audio, parameters, notes


def _answered_audio(remote: SessionDescription, place: int) -> MediaDescription:
    """Return the answered stream; by rule it is in the place of the offered one."""
    media = remote.media[place] if place < len(remote.media) else None
    if media is None or media.kind != "audio":
        media = next((each for each in remote.media if each.kind == "audio"), None)
    if media is None:
        raise _no_audio(remote)
    if not media.port:
        raise NoCommonCodec(
            "The far end refused the audio that was offered.",
            "Choose other codecs or another encryption, or allow ours at the far end.",
        )
    return media


def _audio(
    local: LocalMedia,
    protocol: str,
    formats: Sequence[PayloadFormat],
    cryptos: Sequence[Crypto],
    packet_ms: int,
    direction: Direction,
    *,
    mux: bool,
) -> MediaDescription:
    lines = [line for each in formats for line in each.lines()]
    lines += [f"a=crypto:{each.value()}" for each in cryptos]
    lines.append(f"a=ptime:{packet_ms}")
    if local.rtcp_port != local.port + 1:
        lines.append(f"a=rtcp:{local.rtcp_port}")
    if mux:
        lines.append("a=rtcp-mux")
    lines.append(f"a={direction}")
    return MediaDescription("audio", local.port, protocol, tuple(str(f.payload_type) for f in formats), tuple(lines))


def _description(
    local: LocalMedia, time: str, media: Sequence[MediaDescription], previous: SessionDescription | None
) -> SessionDescription:
    """Return our description; its version is the previous one where nothing else differs."""
    old = previous.origin if previous else None
    origin = old or Origin(local.session_id, local.version, local.host)
    connection = f"c=IN {family(local.host)} {local.host}"
    description = SessionDescription((str(origin), "s=-", connection, time), tuple(media))
    if old is None or description == previous:
        return description
    origin = Origin(old.session_id, old.version + 1, local.host)
    return SessionDescription((str(origin), *description.lines[1:]), description.media)


def _direction(parameters: StreamParameters) -> Direction:
    if parameters.sending:
        return "sendrecv" if parameters.receiving else "sendonly"
    return "recvonly" if parameters.receiving else "inactive"


def _no_audio(remote: SessionDescription) -> SdpError:
    kinds = ", ".join(sorted({media.kind for media in remote.media if media.kind != "audio"}))
    return SdpError(f"The far end's SDP holds no audio{kinds and f', only {kinds}'}.", "Let the far end use audio.")


def _no_common_codec(theirs: Sequence[PayloadFormat], ours: Sequence[str]) -> NoCommonCodec:
    names = ", ".join(dict.fromkeys(str(each) for each in theirs if not each.is_event)) or "nothing that is known here"
    return NoCommonCodec(
        f"The far end and we have no audio codec in common: it takes {names[:200]}; we take "
        f"{', '.join(str(CODECS[name]) for name in ours)}.",
        "Choose another codec, or allow one of ours at the far end.",
    )
