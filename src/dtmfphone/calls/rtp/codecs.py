"""The audio codecs of RTP streams, one packet's payload at a time.

G.711 is done here by table; G.722 and Opus are aiortc's, whose names for them only this module knows.
"""

from functools import cache
from typing import Final, Protocol

import numpy as np
from aiortc.codecs import get_decoder, get_encoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import AudioFrame
from av.error import FFmpegError

from dtmfphone.calls.audio_frame import AUDIO_RATES, frame_for, mono
from dtmfphone.calls.call import CallError
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.rtp import g711

CLOCKS: Final = {"opus": 48000, "g722": 8000, "pcmu": 8000, "pcma": 8000}
"""RTP clock of each codec, Hz (RFC 3551: 8000 for G.722, RFC 7587)."""
JOINABLE: Final = ("pcmu", "pcma", "g722")
"""Codecs whose payloads can be put one behind the other in a packet."""


class UndecodableError(ValueError):
    """A payload that is none of its codec."""


class Encoder(Protocol):
    """Makes the payloads of one outgoing stream."""

    rate: int
    """Samples per second of its audio."""

    def encode(self, pcm: Pcm) -> bytes:
        """Return the payload of 20 ms of audio."""
        ...


class Decoder(Protocol):
    """Reads the payloads of one incoming stream."""

    rate: int

    def decode(self, payload: bytes) -> Pcm:
        """Return the samples; raise UndecodableError."""
        ...


@cache
def require(codec: str) -> None:
    """Raise CallError unless a codec can be opened both ways."""
    open_encoder(codec)
    open_decoder(codec)


def open_encoder(codec: str) -> Encoder:
    """Return an encoder for `opus`, `g722`, `pcmu` or `pcma`; raise CallError where this machine has none."""
    if codec in g711.LAWS:
        return _G711(codec)
    try:
        return _AiortcEncoder(codec)
    except (FFmpegError, KeyError, ValueError) as error:
        raise _missing(codec) from error


def open_decoder(codec: str) -> Decoder:
    """Return a decoder for `opus`, `g722`, `pcmu` or `pcma`; raise CallError where this machine has none."""
    if codec in g711.LAWS:
        return _G711(codec)
    try:
        return _AiortcDecoder(codec)
    except (FFmpegError, KeyError, ValueError) as error:
        raise _missing(codec) from error


def _missing(codec: str) -> CallError:
    return CallError(
        f"The codec {codec.upper()} is not available on this machine.", "Use PCMU or PCMA, or install another PyAV."
    )


class _G711:
    """Both directions, as there is no state."""

    def __init__(self, law: str) -> None:
        self.rate = AUDIO_RATES[law]
        self._codes = g711.encoding(law)
        self._samples = g711.decoding(law)

    def encode(self, pcm: Pcm) -> bytes:
        return self._codes[pcm.view(np.uint16)].tobytes()

    def decode(self, payload: bytes) -> Pcm:
        return self._samples[np.frombuffer(payload, np.uint8)]


class _AiortcEncoder:
    def __init__(self, codec: str) -> None:
        self.rate = AUDIO_RATES[codec]
        self._codec = codec
        self._encoder = get_encoder(_parameters(codec))
        self._position = 0

    def encode(self, pcm: Pcm) -> bytes:
        frame = frame_for(self._codec, pcm, self._position)
        self._position += len(pcm)
        payloads, _ = self._encoder.encode(frame)
        assert len(payloads) == 1, "20 ms make one packet"
        return payloads[0]


class _AiortcDecoder:
    def __init__(self, codec: str) -> None:
        self.rate = AUDIO_RATES[codec]
        self._decoder = get_decoder(_parameters(codec))

    def decode(self, payload: bytes) -> Pcm:
        try:
            frames = self._decoder.decode(JitterFrame(payload, 0))
        except FFmpegError as error:
            raise UndecodableError(f"{len(payload)} bytes cannot be decoded: {error.strerror}.") from error
        parts = [mono(frame) for frame in frames if isinstance(frame, AudioFrame)]
        return np.concatenate(parts) if parts else np.zeros(0, np.int16)


def _parameters(codec: str) -> RTCRtpCodecParameters:
    channels = 2 if codec == "opus" else 1
    return RTCRtpCodecParameters(mimeType=f"audio/{codec}", clockRate=CLOCKS[codec], channels=channels, payloadType=96)
