"""The session of one dialog: our descriptions, the far end's, and what both agreed on (RFC 3264)."""

import secrets
from dataclasses import replace
from typing import Final

from dtmfphone.calls.account import MediaSecurity
from dtmfphone.rtp.stream import StreamParameters
from dtmfphone.sip.offer_answer import LocalMedia, accept, answer, offer
from dtmfphone.sip.sdp import SessionDescription

MAX_SESSION_ID: Final = 1 << 62


class Negotiation:
    """Offers and answers of one dialog, one after the other; they raise SdpError where nothing can be agreed on."""

    def __init__(self, host: str, port: int, rtcp_port: int, codecs: tuple[str, ...], security: MediaSecurity) -> None:
        self.holding = False
        """We put the far end on hold, or try to."""
        self.held = False
        """The far end put us on hold."""
        self.notes: tuple[str, ...] = ()
        """Oddities of the last exchange, sentences for a person."""
        self._local = LocalMedia(
            host=host,
            port=port,
            rtcp_port=rtcp_port,
            codecs=codecs,
            security=security,
            session_id=secrets.randbelow(MAX_SESSION_ID),
        )
        self._ours: SessionDescription | None = None
        """Our description that is in force, be it offer or answer."""
        self._offered: SessionDescription | None = None
        """Our offer that waits for its answer."""
        self._last: SessionDescription | None = None
        """The last that we sent, also when it was refused: versions count on from it."""

    @property
    def waits(self) -> bool:
        """Whether our offer waits for its answer."""
        return self._offered is not None

    def offer(self) -> bytes:
        """Return an offer."""
        self._last = self._offered = offer(self._with_direction(), secrets.token_bytes, self._last)
        return bytes(self._offered)

    def accept(self, sdp: bytes) -> StreamParameters:
        """Take the answer to our offer; again if several come, of several far ends."""
        ours = self._offered or self._ours
        assert ours is not None
        parameters, self.notes = accept(ours, SessionDescription.parse(sdp))
        return self._agreed(parameters)

    def settle(self) -> None:
        """No further answer to our offer comes."""
        self._ours, self._offered = self._offered or self._ours, None

    def refused(self) -> None:
        """Our offer was refused: what was agreed on before stays."""
        self._offered = None

    def answer(self, sdp: bytes) -> tuple[bytes, StreamParameters]:
        """Take an offer and return the answer."""
        ours, parameters, self.notes = answer(
            SessionDescription.parse(sdp), self._with_direction(), secrets.token_bytes, self._last
        )
        self._ours = self._last = ours
        self._offered = None  # it was answered before, in a provisional response
        return bytes(ours), self._agreed(parameters)

    def _with_direction(self) -> LocalMedia:
        return replace(self._local, direction="sendonly" if self.holding else "sendrecv")

    def _agreed(self, parameters: StreamParameters) -> StreamParameters:
        """Return what is done with what was agreed on: a far end on hold hears nothing from us."""
        self.held = not parameters.sending
        return replace(parameters, sending=False, receiving=False) if self.holding else parameters
