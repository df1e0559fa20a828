"""Addresses of plain RTP."""

import base64

import pytest

from dtmfphone.calls.call import CallError
from dtmfphone.calls.rtp.target import KNOWN, Target
from dtmfphone.rtp.stream import SrtpKeys

KEY, OTHER = bytes(range(30)), bytes(range(40, 70))


def test_what_an_address_leaves_open_is_what_everybody_has() -> None:
    target = Target.parse("rtp://192.0.2.1:4000")
    assert target == Target(
        host="192.0.2.1", port=4000, codec="pcmu", payload_type=0, clock=8000, event_payload_type=101
    )
    parameters = target.parameters("192.0.2.1", 4000)
    assert (parameters.remote_host, parameters.remote_port, parameters.remote_rtcp_port) == ("192.0.2.1", 4000, 4001)
    assert parameters.receive == {0: "pcmu"}
    assert parameters.receive_events == {101: 8000}
    assert parameters.event_clock == 8000


@pytest.mark.parametrize(
    ("query", "codec", "payload_type", "clock", "events"),
    [
        ("codec=PCMA", "pcma", 8, 8000, 101),
        ("CODEC=g722&Events=96", "g722", 9, 8000, 96),
        ("codec=Opus", "opus", 111, 48000, 101),
        ("codec=opus&pt=96&clock=48000&events=none", "opus", 96, 48000, None),
        ("events=0&pt=0", "pcma", 0, 8000, None),
        ("codec=g722&clock=16000", "g722", 9, 16000, 101),
        ("", "pcma", 8, 8000, 101),
    ],
)
def test_parameters(query: str, codec: str, payload_type: int, clock: int, events: int | None) -> None:
    target = Target.parse(f"RTP://host.example:4000?{query}", "pcma")
    assert (target.codec, target.payload_type, target.clock, target.event_payload_type) == (
        codec,
        payload_type,
        clock,
        events,
    )
    assert target.parameters("192.0.2.1", 4000).receive_events == ({events: clock} if events is not None else {})


@pytest.mark.parametrize(
    ("local", "host", "port"),
    [
        ("127.0.0.1:4002", "127.0.0.1", 4002),
        ("127.0.0.1", "127.0.0.1", 0),
        (":4002", "", 4002),
        ("[::1]:4002", "::1", 4002),
        ("[::1]", "::1", 0),
    ],
)
def test_our_own_address(local: str, host: str, port: int) -> None:
    target = Target.parse(f"rtp://[2001:db8::1]:4000/?local={local}&ptime=60")
    assert (target.host, target.port) == ("2001:db8::1", 4000)
    assert (target.local_host, target.local_port, target.packet_ms) == (host, port, 60)


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("rtp://", "is no address of an RTP stream"),
        ("rtp://192.0.2.1", "is no address of an RTP stream"),
        ("rtp:192.0.2.1:4000", "is no address of an RTP stream"),
        ("rtp://[::1", "is no address of an RTP stream"),
        ("rtp://192.0.2.1:4000/path", "is no address of an RTP stream"),
        ("rtp://192.0.2.1:4000#x", "is no address of an RTP stream"),
        ("rtp://192.0.2.1:99999", "'99999' in .* is no port"),
        ("rtp://192.0.2.1:rtp", "'rtp' in .* is no port"),
        ("rtp://::1:4000", "is no port"),
        ("rtp://192.0.2.1:4000?codec=speex", "The codec 'speex' is not known"),
        ("rtp://192.0.2.1:4000?ptime=30", "Packets of PCMU cannot last 30 ms"),
        ("rtp://192.0.2.1:4000?ptime=x", "'x' cannot be the ptime"),
        ("rtp://192.0.2.1:4000?codec=opus&ptime=40", "Packets of OPUS cannot last 40 ms"),
        ("rtp://192.0.2.1:4000?pt=128", "'128' cannot be the pt"),
        ("rtp://192.0.2.1:4000?pt=-1", "'-1' cannot be the pt"),
        ("rtp://192.0.2.1:4000?clock=0", "'0' cannot be the clock"),
        ("rtp://192.0.2.1:4000?events=x", "'x' cannot be the events"),
        ("rtp://192.0.2.1:4000?pt=96&events=96", "cannot both have payload type 96"),
        ("rtp://192.0.2.1:4000?local=here:there", "'there' in .* is no port"),
        ("rtp://192.0.2.1:4000?srtp=NOT_THERE", "The environment variable 'NOT_THERE' is not set"),
    ],
)
def test_mistakes_are_told_with_a_remedy(address: str, reason: str) -> None:
    with pytest.raises(CallError, match=reason) as caught:
        Target.parse(address)
    assert caught.value.reason.endswith(".")
    assert caught.value.remedy


def test_an_unknown_parameter_is_answered_with_the_known_ones() -> None:
    with pytest.raises(CallError, match="no parameter 'tcodec'") as caught:
        Target.parse("rtp://192.0.2.1:4000?tcodec=PCMU")
    assert all(name in caught.value.remedy for name in KNOWN)


def test_keys_come_from_the_environment_and_are_shown_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (base64.b64encode(key).decode() for key in (KEY, OTHER))
    for text, keys in ((one, (KEY, KEY)), (f"{one},{two}", (KEY, OTHER)), (f" {one} , {two}\n", (KEY, OTHER))):
        monkeypatch.setenv("CALL_KEY", text)
        target = Target.parse("rtp://192.0.2.1:4000?srtp=CALL_KEY")
        assert target.srtp == SrtpKeys("AES_CM_128_HMAC_SHA1_80", *keys)
        assert target.parameters("192.0.2.1", 4000).srtp == target.srtp
        assert "SrtpKeys" not in repr(target)
    for text in ("", "x", one[:-4], f"{one},{one},{one}", f"{one},"):
        monkeypatch.setenv("CALL_KEY", text)
        with pytest.raises(CallError, match="CALL_KEY holds no SRTP key") as caught:
            Target.parse("rtp://192.0.2.1:4000?srtp=CALL_KEY")
        assert one[:-4] not in caught.value.reason + caught.value.remedy
