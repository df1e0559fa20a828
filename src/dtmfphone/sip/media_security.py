"""Which keys encrypt a stream: none, or those in SDP (RFC 4568); DTLS-SRTP is refused."""

from collections.abc import Sequence
from typing import Final, Literal

from dtmfphone.rtp.stream import SrtpKeys
from dtmfphone.sip.sdes import SUITES, Crypto, usable
from dtmfphone.sip.sdp import MediaDescription, SdpError, SessionDescription

Security = Literal["off", "optional", "required"]

_PLAIN: Final = ("RTP/AVP", "RTP/AVPF")
_SECURE: Final = ("RTP/SAVP", "RTP/SAVPF")


def offered_key(remote: SessionDescription, media: MediaDescription, security: Security) -> Crypto | None:
    """Return the first key of an offered stream that we can use, None where audio is to go in the clear."""
    secure = _is_secure(media)
    if security == "off":
        if secure:
            raise SdpError(
                f"The far end takes only encrypted audio ({media.protocol}), and encryption is off here.",
                "Set encryption (SRTP) to optional or required.",
            )
        return None
    keys, hindrances = usable(remote.attributes(media, "crypto"))
    if keys:
        return keys[0]
    if hindrances and (secure or security == "required"):
        raise _no_common_suite(hindrances)
    if secure:
        raise _no_key(media)
    if security == "required":
        raise SdpError(
            "The far end offers no encryption, and encryption is required here.",
            "Set encryption (SRTP) to optional, or switch it on at the far end.",
        )
    return None


def agreed_keys(
    own: MediaDescription, remote: SessionDescription, media: MediaDescription, notes: list[str]
) -> SrtpKeys | None:
    """Return the keys of an answered stream (RFC 4568 section 5.1.3), None where audio goes in the clear."""
    ours = own_keys(own)
    secure = _is_secure(media)
    keys, hindrances = usable(remote.attributes(media, "crypto"))
    if not ours:
        if secure:
            raise SdpError(
                f"The far end answered with encryption ({media.protocol}) that was not offered.",
                "Set encryption (SRTP) to optional or required.",
            )
        return None
    if not keys:
        if hindrances:
            raise _no_common_suite(hindrances)
        if secure:
            raise _no_key(media)
        if _is_secure(own):
            raise SdpError(
                "The far end answered without encryption, and encryption is required here.",
                "Set encryption (SRTP) to optional, or switch it on at the far end.",
            )
        notes.append("The far end took no encryption: the audio is not encrypted.")
        return None
    theirs = keys[0]
    same_suite = [each for each in ours if each.suite == theirs.suite]
    mine = next((each for each in same_suite if each.tag == theirs.tag), None)
    if mine is None:
        raise SdpError(
            f"The far end answered encryption number {theirs.tag} with {theirs.suite}, which was not offered.",
            "Set encryption (SRTP) to off, or report it to the maker of the far end.",
        )
    return SrtpKeys(theirs.suite, send=mine.key, receive=theirs.key)


def _is_secure(media: MediaDescription) -> bool:
    """Whether a stream is SRTP with keys in the SDP; raise SdpError when it is neither that nor plain RTP."""
    protocol = media.protocol.upper()
    if protocol in _PLAIN or protocol in _SECURE:
        return protocol in _SECURE
    if protocol.startswith("UDP/TLS/"):
        raise SdpError(
            f"The far end wants its keys by DTLS ({media.protocol}), as browsers do; SIP calls here do not.",
            "Let the far end use RTP/AVP, or RTP/SAVP with SDES keys; call browsers by an http address.",
        )
    raise SdpError(
        f"The far end wants its audio by {media.protocol[:40]!r}, which is not known here.",
        "Let the far end use RTP/AVP or RTP/SAVP.",
    )


def own_keys(own: MediaDescription | None) -> list[Crypto]:
    """Return the keys in a stream of ours."""
    return usable(own.attributes("crypto"))[0] if own else []


def _no_common_suite(hindrances: Sequence[str]) -> SdpError:
    return SdpError(
        f"The far end's encryption cannot be used: it wants {', '.join(dict.fromkeys(hindrances))[:200]}; we take "
        f"{' and '.join(SUITES)} with one key.",
        "Set encryption (SRTP) to off, or allow one of these at the far end.",
    )


def _no_key(media: MediaDescription) -> SdpError:
    return SdpError(
        f"The far end wants encrypted audio ({media.protocol}) but gives no key (a=crypto).",
        "Let the far end give keys in its SDP (SDES), or set encryption (SRTP) to off.",
    )
