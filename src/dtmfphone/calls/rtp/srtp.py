"""Encryption of RTP and RTCP with keys from the signalling (RFC 3711, RFC 4568)."""

from typing import Final, Self

from pylibsrtp import Error, Policy, Session

from dtmfphone.calls.call import CallError
from dtmfphone.rtp.stream import SrtpKeys

SUITES: Final = {
    "AES_CM_128_HMAC_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
    "AES_CM_128_HMAC_SHA1_32": Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
}
MAX_BYTES: Final = 1500
"""Longer datagrams are none that we take."""


class Srtp:
    """Protects what leaves and checks what arrives; keeps the roll-over counters of the call."""

    def __init__(self, keys: SrtpKeys, before: Self | None = None) -> None:
        """`before`: a direction whose key stays goes on counting.

        Raises CallError for a suite that we do not know or keys of a wrong length.
        """
        self.keys: Final = keys
        self._send: Session
        self._receive: Session
        profile = SUITES.get(keys.suite)
        if profile is None:
            raise CallError(f"The SRTP suite {keys.suite} is not supported.", f"Use {' or '.join(SUITES)}.")
        try:
            if before is not None and (before.keys.suite, before.keys.send) == (keys.suite, keys.send):
                self._send = before._send
            else:
                self._send = Session(Policy(keys.send, Policy.SSRC_ANY_OUTBOUND, srtp_profile=profile))
            if before is not None and (before.keys.suite, before.keys.receive) == (keys.suite, keys.receive):
                self._receive = before._receive
            else:
                self._receive = Session(Policy(keys.receive, Policy.SSRC_ANY_INBOUND, srtp_profile=profile))
        except (Error, ValueError) as error:
            raise CallError(
                f"The SRTP keys cannot be used: they must have 30 bytes, not {len(keys.send)} and {len(keys.receive)}.",
                "Check the a=crypto lines of both sides.",
            ) from error

    def protect(self, data: bytes) -> bytes:
        """Return an RTP packet encrypted."""
        return self._send.protect(data)

    def protect_rtcp(self, data: bytes) -> bytes:
        """Return an RTCP packet encrypted."""
        return self._send.protect_rtcp(data)

    def unprotect(self, data: bytes) -> bytes | None:
        """Return an RTP packet decrypted; None for one that is forged, repeated or none at all."""
        if len(data) > MAX_BYTES:
            return None
        try:
            return self._receive.unprotect(data)
        except Error:
            return None

    def unprotect_rtcp(self, data: bytes) -> bytes | None:
        """Return an RTCP packet decrypted; None for one that is forged, repeated or none at all."""
        if len(data) > MAX_BYTES:
            return None
        try:
            return self._receive.unprotect_rtcp(data)
        except Error:
            return None
