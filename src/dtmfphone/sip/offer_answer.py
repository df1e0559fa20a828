"""Offer and answer of one audio stream (RFC 3264): what we offer, what we answer, what was agreed on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from dtmfphone.rtp.stream import StreamParameters
from dtmfphone.sip.sdp import Direction, SessionDescription

Security = Literal["off", "optional", "required"]


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
    """Return an offer. `previous` is our last description in the same call, whether offer or answer: payload types,
    keys and the order of media are kept, and its version grows only when something differs."""
    raise NotImplementedError


def answer(
    remote_offer: SessionDescription,
    local: LocalMedia,
    random_bytes: Callable[[int], bytes],
    previous: SessionDescription | None = None,
) -> tuple[SessionDescription, StreamParameters, tuple[str, ...]]:
    """Return the answer to an offer, what was agreed on, and sentences for a person; raise SdpError when we refuse.

    `previous` is our last description in the same call.
    """
    raise NotImplementedError


def accept(
    own_offer: SessionDescription, remote_answer: SessionDescription
) -> tuple[StreamParameters, tuple[str, ...]]:
    """Return what was agreed on by the far end's answer, and sentences for a person; raise SdpError when nothing was."""
    raise NotImplementedError
