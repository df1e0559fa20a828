"""Codecs by their bytes: G.711 by table beside FFmpeg's, the others as aiortc has them."""

from contextlib import suppress

import numpy as np
import pytest
from aiortc.codecs import get_decoder, get_encoder
from aiortc.jitterbuffer import JitterFrame
from aiortc.rtcrtpparameters import RTCRtpCodecParameters
from av import AudioFrame

from dtmfphone.calls.audio_frame import AUDIO_RATES, frame_for, mono
from dtmfphone.calls.call import CallError
from dtmfphone.calls.media import Pcm
from dtmfphone.calls.rtp import codecs, g711
from dtmfphone.calls.rtp.codecs import CLOCKS, UndecodableError, open_decoder, open_encoder, require
from dtmfphone.rtp.payload import units


def tone(rate: int, slot: int, frequency: float = 440.0) -> Pcm:
    n = np.arange(rate // 50) + slot * rate // 50
    return np.asarray(8000 * np.sin(2 * np.pi * frequency * n / rate), np.int16)


def theirs(law: str) -> RTCRtpCodecParameters:
    return RTCRtpCodecParameters(mimeType=f"audio/{law}", clockRate=8000, channels=1, payloadType=0)


@pytest.mark.parametrize("law", g711.LAWS)
def test_every_code_is_decoded_as_elsewhere(law: str) -> None:
    [frame] = get_decoder(theirs(law)).decode(JitterFrame(bytes(range(256)), 0))
    assert isinstance(frame, AudioFrame)
    assert np.array_equal(mono(frame), g711.decoding(law))
    assert np.array_equal(open_decoder(law).decode(bytes(range(256))), g711.decoding(law))


@pytest.mark.parametrize("law", g711.LAWS)
def test_every_sample_is_encoded_as_elsewhere_or_by_the_neighbouring_step(law: str) -> None:
    samples = np.arange(-32768, 32768)[: 65536 // 160 * 160].astype(np.int16).reshape(-1, 160)
    encoder = get_encoder(theirs(law))
    other = b"".join(encoder.encode(frame_for(law, row, n * 160))[0][0] for n, row in enumerate(samples))
    ours = b"".join(open_encoder(law).encode(row) for row in samples)
    mine, other_codes = np.frombuffer(ours, np.uint8), np.frombuffer(other, np.uint8)
    assert (mine != other_codes).mean() < 0.02
    decoded = g711.decoding(law).astype(int)
    error = np.abs(decoded[mine] - samples.ravel())
    assert (error <= np.maximum(np.abs(samples.ravel().astype(int)) / 16, 16)).all()


@pytest.mark.parametrize(("law", "codes"), [("pcmu", "ff7f8000"), ("pcma", "d555aa2a")])
def test_codes_of_the_standard(law: str, codes: str) -> None:
    zero, below, most, least = bytes.fromhex(codes)
    table = g711.encoding(law)
    assert [int(table[np.uint16(sample & 0xFFFF)]) for sample in (0, 32767, -32768)] == [zero, most, least]
    assert int(table[np.uint16(-1 & 0xFFFF)]) in (zero, below)


@pytest.mark.parametrize("codec", CLOCKS)
def test_twenty_milliseconds_are_one_payload_and_come_back_as_loud(codec: str) -> None:
    encoder, decoder = open_encoder(codec), open_decoder(codec)
    assert encoder.rate == decoder.rate == AUDIO_RATES[codec]
    payloads = [encoder.encode(tone(encoder.rate, n)) for n in range(20)]
    assert {units(codec, payload) for payload in payloads} == {CLOCKS[codec] // 50}
    if codec != "opus":
        assert {len(payload) for payload in payloads} == {160}
    heard = [decoder.decode(payload) for payload in payloads]
    assert {(pcm.dtype.name, len(pcm)) for pcm in heard} == {("int16", AUDIO_RATES[codec] // 50)}
    power = np.sqrt(np.mean(np.concatenate(heard[5:]).astype(float) ** 2))
    assert power == pytest.approx(8000 / np.sqrt(2), rel=0.03)


@pytest.mark.parametrize("codec", codecs.JOINABLE)
def test_joined_payloads_are_decoded_like_single_ones(codec: str) -> None:
    encoder = open_encoder(codec)
    payloads = [encoder.encode(tone(encoder.rate, n)) for n in range(3)]
    single, joined = open_decoder(codec), open_decoder(codec)
    assert np.array_equal(
        np.concatenate([single.decode(payload) for payload in payloads]), joined.decode(b"".join(payloads))
    )


@pytest.mark.parametrize("codec", CLOCKS)
def test_junk_is_decoded_or_refused_and_the_decoder_goes_on(codec: str) -> None:
    encoder, decoder = open_encoder(codec), open_decoder(codec)
    dice = np.random.default_rng(1)
    for size in (1, 2, 3, 50, 400, 1400):
        with suppress(UndecodableError):
            assert decoder.decode(dice.integers(0, 256, size, np.uint8).tobytes()).dtype == np.int16
    assert len(decoder.decode(encoder.encode(tone(encoder.rate, 0)))) == AUDIO_RATES[codec] // 50


def test_a_payload_that_is_none_is_refused() -> None:
    with pytest.raises(UndecodableError, match="2 bytes cannot be decoded"):
        open_decoder("opus").decode(bytes.fromhex("ff00"))


def test_a_codec_that_this_machine_has_not_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(parameters: RTCRtpCodecParameters) -> None:
        raise ValueError("libopus")

    monkeypatch.setattr(codecs, "get_encoder", none)
    monkeypatch.setattr(codecs, "get_decoder", none)
    for opening in (open_encoder, open_decoder, require.__wrapped__):
        with pytest.raises(CallError, match="OPUS is not available") as caught:
            opening("opus")
        assert "PCMU" in caught.value.remedy
    with pytest.raises(CallError, match="SPEEX"):
        open_decoder("speex")
