"""What both ends of an RTP audio stream have agreed on."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SrtpKeys:
    """Keys of SDES-SRTP (RFC 4568), key and salt in one."""

    suite: str
    """`AES_CM_128_HMAC_SHA1_80` or `AES_CM_128_HMAC_SHA1_32`."""
    send: bytes = field(repr=False)
    receive: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class StreamParameters:
    """An RTP audio stream in both directions, as negotiated, or as the user said where nothing is negotiated."""

    remote_host: str
    """An address; empty: not known, so what arrives first tells."""
    remote_port: int
    remote_rtcp_port: int | None = None
    """None: RTCP goes to the RTP port (RFC 5761)."""
    codec: str
    """That we send: `opus`, `g722`, `pcmu` or `pcma`."""
    payload_type: int
    clock: int
    """RTP clock of the codec, Hz."""
    receive: Mapping[int, str]
    """Codec by payload type that may arrive."""
    codec_parameters: str = ""
    """What the far end's `a=fmtp` says of the codec."""
    event_payload_type: int | None = None
    """For telephone-events that we send; None: none were negotiated."""
    event_clock: int | None = None
    event_codes: frozenset[int] = frozenset(range(16))
    """Events that the far end takes."""
    receive_events: Mapping[int, int] = field(default_factory=dict)
    """Clock by payload type of telephone-events that may arrive."""
    packet_ms: int = 20
    """Length of a packet that we send."""
    sending: bool = True
    """False: the far end wants nothing, as on hold."""
    receiving: bool = True
    srtp: SrtpKeys | None = None
