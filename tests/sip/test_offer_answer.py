"""Offer and answer: what we offer, what we answer to peers of all kinds, what is agreed on."""

import contextlib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sdp_of_peers as peers
from dtmfphone.rtp.stream import SrtpKeys, StreamParameters
from dtmfphone.sip.media_security import Security
from dtmfphone.sip.offer_answer import LocalMedia, accept, answer, offer
from dtmfphone.sip.sdp import Direction, NoCommonCodec, SdpError, SessionDescription

KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd"
KEY_BYTES = bytes(range(30))
LOCAL = LocalMedia(
    host="198.51.100.1",
    port=4000,
    rtcp_port=4001,
    codecs=("opus", "g722", "pcmu", "pcma"),
    session_id=7,
)
DIGITS = frozenset(range(16))
HEAD = "v=0\r\no=- 7 1 IN IP4 198.51.100.1\r\ns=-\r\nc=IN IP4 198.51.100.1\r\nt=0 0\r\n"


def counting_bytes(size: int) -> bytes:
    return bytes(range(size))


def sdp(*media: str) -> SessionDescription:
    """Return what a peer wrote; without `m=` lines PCMU and PCMA with events are meant."""
    if not any(line.startswith("m=") for line in media):
        media = ("m=audio 6000 RTP/AVP 0 8 101", "a=rtpmap:101 telephone-event/8000", *media)
    return SessionDescription.parse(
        "\r\n".join(["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", *media]).encode()
    )


def lines_of(description: SessionDescription) -> list[str]:
    return bytes(description).decode().splitlines()


def answered(remote: SessionDescription, **changes: Any) -> StreamParameters:
    return answer(remote, replace(LOCAL, **changes), counting_bytes)[1]


# Offers


def test_an_offer_byte_by_byte() -> None:
    assert bytes(offer(LOCAL, counting_bytes)).decode() == HEAD + (
        "m=audio 4000 RTP/AVP 111 9 0 8 110 101\r\n"
        "a=rtpmap:111 opus/48000/2\r\n"
        "a=rtpmap:9 G722/8000\r\n"
        "a=rtpmap:0 PCMU/8000\r\n"
        "a=rtpmap:8 PCMA/8000\r\n"
        "a=rtpmap:110 telephone-event/48000\r\n"
        "a=fmtp:110 0-15\r\n"
        "a=rtpmap:101 telephone-event/8000\r\n"
        "a=fmtp:101 0-15\r\n"
        "a=ptime:20\r\n"
        "a=rtcp-mux\r\n"
        "a=sendrecv\r\n"
    )


@pytest.mark.parametrize(
    ("codecs", "media"),
    [
        (("pcma", "pcmu"), "m=audio 4000 RTP/AVP 8 0 101"),
        (("pcma", "opus"), "m=audio 4000 RTP/AVP 8 111 101 110"),
        (("opus",), "m=audio 4000 RTP/AVP 111 110 101"),
    ],
)
def test_codecs_are_offered_in_our_order_with_one_event_per_clock(codecs: tuple[str, ...], media: str) -> None:
    assert media in lines_of(offer(replace(LOCAL, codecs=codecs), counting_bytes))


def test_an_offer_over_ipv6_with_other_ports() -> None:
    lines = lines_of(offer(replace(LOCAL, host="2001:db8::1", rtcp_port=4010, packet_ms=40), counting_bytes))
    assert "o=- 7 1 IN IP6 2001:db8::1" in lines
    assert "c=IN IP6 2001:db8::1" in lines
    assert "a=rtcp:4010" in lines
    assert "a=ptime:40" in lines


@pytest.mark.parametrize(("security", "protocol"), [("optional", "RTP/AVP"), ("required", "RTP/SAVP")])
def test_encryption_is_offered_with_both_suites(security: Security, protocol: str) -> None:
    lines = lines_of(offer(replace(LOCAL, security=security, codecs=("pcmu",)), counting_bytes))
    assert f"m=audio 4000 {protocol} 0 101" in lines
    assert [line for line in lines if line.startswith("a=crypto")] == [
        f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}",
        f"a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:{KEY}",
    ]


def test_each_key_is_another_one() -> None:
    fills = iter((b"1" * 30, b"2" * 30))
    lines = lines_of(offer(replace(LOCAL, security="required"), lambda size: next(fills)))
    assert len({line.split()[2] for line in lines if line.startswith("a=crypto")}) == 2


# Offers in a call that is up


def test_the_same_again_keeps_its_version() -> None:
    first = offer(LOCAL, counting_bytes)
    assert offer(LOCAL, counting_bytes, first) == first


def test_hold_and_resume_count_the_version_on() -> None:
    first = offer(LOCAL, counting_bytes)
    held = offer(replace(LOCAL, direction="sendonly"), counting_bytes, first)
    resumed = offer(LOCAL, counting_bytes, held)
    assert lines_of(held)[1] == "o=- 7 2 IN IP4 198.51.100.1"
    assert lines_of(held)[2:-1] == lines_of(first)[2:-1]
    assert lines_of(held)[-1] == "a=sendonly"
    assert lines_of(resumed)[1] == "o=- 7 3 IN IP4 198.51.100.1"
    assert lines_of(resumed)[2:] == lines_of(first)[2:]


def test_after_an_answer_payload_types_keys_and_places_are_kept() -> None:
    local = replace(LOCAL, security="optional")
    ours = answer(SessionDescription.parse(peers.FREESWITCH), local, counting_bytes)[0]
    again = offer(replace(local, direction="sendonly"), lambda size: b"x" * size, ours)
    assert lines_of(again)[5:] == [
        "m=audio 0 RTP/AVP 102 9 0 8 103 101",
        "m=audio 4000 RTP/SAVP 102 9 0 8 103 101",
        "a=rtpmap:102 opus/48000/2",
        "a=rtpmap:9 G722/8000",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        "a=rtpmap:103 telephone-event/48000",
        "a=fmtp:103 0-15",
        "a=rtpmap:101 telephone-event/8000",
        "a=fmtp:101 0-15",
        f"a=crypto:2 AES_CM_128_HMAC_SHA1_80 inline:{KEY}",
        "a=ptime:20",
        "a=sendonly",
    ]


def test_the_codec_in_use_stays_first_and_no_payload_type_gets_another_meaning() -> None:
    remote = sdp("m=audio 6000 RTP/AVP 111 8", "a=rtpmap:111 telephone-event/8000", "a=rtpmap:8 PCMA/8000")
    ours = answer(remote, LOCAL, counting_bytes)[0]
    lines = lines_of(offer(LOCAL, counting_bytes, ours))
    assert "m=audio 4000 RTP/AVP 8 96 9 0 111 110" in lines
    assert "a=rtpmap:96 opus/48000/2" in lines
    assert "a=rtpmap:111 telephone-event/8000" in lines


# Answers


ANSWERS = {
    "baresip": ["RTP/AVP 96 101", "96 opus/48000/2", "101 telephone-event/8000"],
    "linphone": ["RTP/AVPF 96 99", "96 opus/48000/2", "99 telephone-event/48000"],
    "pjsip": ["RTP/AVP 0 96", "0 PCMU/8000", "96 telephone-event/8000"],
    "asterisk": ["RTP/AVP 8 101", "8 PCMA/8000", "101 telephone-event/8000"],
    "livekit": ["RTP/AVP 9 101", "9 G722/8000", "101 telephone-event/8000"],
    "twilio": ["RTP/AVP 0 101", "0 PCMU/8000", "101 telephone-event/8000"],
    "cisco": ["RTP/AVP 0 101", "0 PCMU/8000", "101 telephone-event/8000"],
}


@pytest.mark.parametrize(("peer", "words"), ANSWERS.items(), ids=ANSWERS)
def test_an_answer_byte_by_byte(peer: str, words: list[str]) -> None:
    media, codec, event = words
    ours = answer(SessionDescription.parse(peers.ALL[peer]), LOCAL, counting_bytes)[0]
    assert bytes(ours).decode() == HEAD + (
        f"m=audio 4000 {media}\r\n"
        f"a=rtpmap:{codec}\r\n"
        f"a=rtpmap:{event}\r\n"
        f"a=fmtp:{event.split()[0]} 0-15\r\n"
        "a=ptime:20\r\n"
        "a=sendrecv\r\n"
    )


def test_what_is_agreed_on_with_pjsip() -> None:
    assert answered(SessionDescription.parse(peers.PJSIP)) == StreamParameters(
        remote_host="192.0.2.12",
        remote_port=4000,
        remote_rtcp_port=4001,
        codec="pcmu",
        payload_type=0,
        clock=8000,
        receive={0: "pcmu"},
        event_payload_type=96,
        event_clock=8000,
        event_codes=frozenset(range(17)),
        receive_events={96: 8000},
    )


def test_the_address_of_the_media_counts() -> None:
    assert answered(SessionDescription.parse(peers.CISCO)).remote_host == "192.0.2.18"


def test_opus_with_events_at_8000_hz_is_taken_and_told() -> None:
    _, parameters, notes = answer(SessionDescription.parse(peers.BARESIP), LOCAL, counting_bytes)
    assert (parameters.clock, parameters.event_clock) == (48000, 48000)
    assert parameters.receive_events == {101: 48000}
    assert parameters.codec_parameters == "stereo=1;sprop-stereo=1"
    assert notes == (
        "The far end has telephone-event only at 8000 Hz beside Opus at 48000 Hz: peers disagree on the unit of "
        "durations then, which are counted by the clock of the audio here.",
    )


def test_the_event_of_the_codecs_clock_is_answered() -> None:
    remote = SessionDescription.parse(peers.ASTERISK)
    assert answered(remote, codecs=("opus",)).receive_events == {102: 48000}
    assert answered(remote, codecs=("g722",)).receive_events == {101: 8000}


def test_no_event_is_answered_where_none_is_offered() -> None:
    ours, parameters, notes = answer(sdp("m=audio 6000 RTP/AVP 0"), LOCAL, counting_bytes)
    assert "m=audio 4000 RTP/AVP 0" in lines_of(ours)
    assert (parameters.event_payload_type, parameters.event_clock, notes) == (None, None, ())


@pytest.mark.parametrize(
    ("parameters", "codes"),
    [
        ("0-15", DIGITS),
        ("0-11,16", {*range(12), 16}),
        ("events=0-15", DIGITS),
        ("0-15,66,70", {*DIGITS, 66, 70}),
        ("0-11, 16,", {*range(12), 16}),
        ("0,1,2,3", {0, 1, 2, 3}),
        ("0-999", set(range(256))),
    ],
)
def test_the_events_that_the_far_end_takes(parameters: str, codes: set[int]) -> None:
    assert answered(sdp(f"a=fmtp:101 {parameters}")).event_codes == codes


def test_events_without_a_list_are_the_digits() -> None:
    assert answered(sdp()).event_codes == DIGITS


@pytest.mark.parametrize("parameters", ["all", "15-0", "0-15;x=y z", "1000"])
def test_a_list_of_events_that_cannot_be_read_is_told(parameters: str) -> None:
    _, agreed, notes = answer(sdp(f"a=fmtp:101 {parameters}"), LOCAL, counting_bytes)
    assert agreed.event_codes == DIGITS
    assert notes == (f"The far end's list of events, {parameters!r}, cannot be read: 0-15 is taken.",)


def test_other_media_are_rejected_in_their_place() -> None:
    remote = sdp("m=video 5000 RTP/AVP 96", "m=image 5002 udptl t38", "m=audio 6000/2 RTP/AVP 0", "m=audio 0 RTP/AVP 8")
    assert [line for line in lines_of(answer(remote, LOCAL, counting_bytes)[0]) if line.startswith("m=")] == [
        "m=video 0 RTP/AVP 96",
        "m=image 0 udptl t38",
        "m=audio 4000 RTP/AVP 0",
        "m=audio 0 RTP/AVP 8",
    ]


def test_an_answer_takes_the_offers_time() -> None:
    remote = SessionDescription.parse(b"v=0\r\nc=IN IP4 192.0.2.1\r\nt=5 9\r\nm=audio 6000 RTP/AVP 0\r\n")
    assert "t=5 9" in lines_of(answer(remote, LOCAL, counting_bytes)[0])


def test_rtcp_shares_the_port_only_when_both_say_so() -> None:
    ours, parameters, _ = answer(sdp("a=rtcp-mux"), LOCAL, counting_bytes)
    assert "a=rtcp-mux" in lines_of(ours)
    assert parameters.remote_rtcp_port is None
    own = offer(LOCAL, counting_bytes)
    assert accept(own, sdp("a=rtcp-mux"))[0].remote_rtcp_port is None
    assert accept(own, sdp())[0].remote_rtcp_port == 6001
    assert accept(own, sdp("a=rtcp:7007"))[0].remote_rtcp_port == 7007


@pytest.mark.parametrize(
    ("lines", "codec", "packet_ms"),
    [
        ([], "pcmu", 20),
        (["a=ptime:30"], "pcmu", 30),
        (["a=ptime:40"], "pcmu", 40),
        (["a=ptime:60"], "pcmu", 60),
        (["a=ptime:10"], "pcmu", 20),
        (["a=ptime:50"], "pcmu", 40),
        (["a=ptime:200"], "pcmu", 60),
        (["a=ptime:60", "a=maxptime:40"], "pcmu", 40),
        (["a=ptime:30"], "opus", 20),
        (["a=maxptime:150"], "pcmu", 20),
    ],
)
def test_packets_are_as_long_as_the_far_end_wants(lines: list[str], codec: str, packet_ms: int) -> None:
    remote = sdp("m=audio 6000 RTP/AVP 0 111", "a=rtpmap:111 opus/48000/2", *lines)
    ours, parameters, _ = answer(remote, replace(LOCAL, codecs=(codec,)), counting_bytes)
    assert parameters.packet_ms == packet_ms
    assert f"a=ptime:{packet_ms}" in lines_of(ours)


def test_our_packet_length_holds_where_the_far_end_says_none() -> None:
    assert answered(sdp(), packet_ms=40).packet_ms == 40
    assert accept(offer(replace(LOCAL, packet_ms=40), counting_bytes), sdp())[0].packet_ms == 40


def test_packets_that_are_too_long_for_the_far_end_are_told() -> None:
    _, parameters, notes = answer(sdp("a=maxptime:10"), LOCAL, counting_bytes)
    assert parameters.packet_ms == 20
    assert notes == ("The far end takes at most 10 ms of audio per packet; packets of 20 ms are sent.",)


@pytest.mark.parametrize(
    ("theirs", "ours", "line", "sending", "receiving"),
    [
        ("sendrecv", "sendrecv", "a=sendrecv", True, True),
        ("sendonly", "sendrecv", "a=recvonly", False, True),
        ("recvonly", "sendrecv", "a=sendonly", True, False),
        ("inactive", "sendrecv", "a=inactive", False, False),
        ("sendrecv", "sendonly", "a=sendonly", True, False),
        ("sendonly", "sendonly", "a=inactive", False, False),
    ],
)
def test_hold_in_answers(theirs: str, ours: Direction, line: str, sending: bool, receiving: bool) -> None:
    description, parameters, _ = answer(sdp(f"a={theirs}"), replace(LOCAL, direction=ours), counting_bytes)
    assert lines_of(description)[-1] == line
    assert (parameters.sending, parameters.receiving) == (sending, receiving)
    accepted, _ = accept(offer(replace(LOCAL, direction=ours), counting_bytes), sdp(f"a={theirs}"))
    assert (accepted.sending, accepted.receiving) == (sending, receiving)


@pytest.mark.parametrize("nowhere", ["IN IP4 0.0.0.0", "IN IP6 ::"])
def test_hold_by_an_address_that_is_none(nowhere: str) -> None:
    ours, parameters, _ = answer(sdp("m=audio 6000 RTP/AVP 0", f"c={nowhere}", "a=sendrecv"), LOCAL, counting_bytes)
    assert lines_of(ours)[-1] == "a=recvonly"
    assert (parameters.remote_host, parameters.sending, parameters.receiving) == ("", False, True)


@pytest.mark.parametrize(
    ("lines", "codec", "payload_type"),
    [
        (["m=audio 6000 RTP/AVP 18 8"], "pcma", 8),
        (["m=audio 6000 RTP/AVP 0", "a=rtpmap:0 pcmu/8000/1"], "pcmu", 0),
        (["m=audio 6000 RTP/AVP 107 0", "a=rtpmap:107 OPUS/48000"], "opus", 107),
        (["m=audio 6000 RTP/AVP 97 97", "a=rtpmap:97 pcma/8000", "a=rtpmap:97 L16/8000"], "pcma", 97),
        (["m=audio 6000 RTP/AVP 0 9", "a=rtpmap:0 PCMU/16000"], "g722", 9),
        (["m=audio 6000 RTP/AVP 96 8", "a=rtpmap:96 PCMA/8000/2"], "pcma", 8),
        (["m=audio 6000 RTP/AVP 99 8"], "pcma", 8),
        (["m=audio 6000 RTP/AVP 111", "a=rtpmap: 111  opus/48000/2", "a=ice-ufrag:x", "a=fingerprint:y"], "opus", 111),
    ],
)
def test_odd_but_legal_formats(lines: list[str], codec: str, payload_type: int) -> None:
    parameters = answered(sdp(*lines))
    assert (parameters.codec, parameters.payload_type) == (codec, payload_type)
    assert parameters.receive == {payload_type: codec}


def test_g722_by_its_wrong_name_keeps_its_clock() -> None:
    ours, parameters, notes = answer(sdp("m=audio 6000 RTP/AVP 9", "a=rtpmap:9 G722/16000"), LOCAL, counting_bytes)
    assert (parameters.codec, parameters.clock) == ("g722", 8000)
    assert "a=rtpmap:9 G722/8000" in lines_of(ours)
    assert notes == ("The far end writes G722/16000; its RTP clock is taken to be 8000 Hz, as RFC 3551 says.",)


# Refusals


def test_no_common_codec_names_both_sides() -> None:
    with pytest.raises(NoCommonCodec) as caught:
        answered(SessionDescription.parse(peers.CISCO), codecs=("g722", "pcma"))
    assert caught.value.reason == (
        "The far end and we have no audio codec in common: it takes G729/8000, PCMU/8000, CN/8000; we take G722/8000, "
        "PCMA/8000."
    )
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("remote", "reason"),
    [
        (SessionDescription.parse(peers.FAX), "The far end's SDP holds no audio, only image."),
        (sdp("m=audio 0 RTP/AVP 0"), "The far end's SDP holds no audio."),
        (
            SessionDescription.parse(peers.BROWSER),
            "The far end wants its keys by DTLS (UDP/TLS/RTP/SAVPF), as browsers do; SIP calls here do not.",
        ),
        (sdp("m=audio 6000 TCP/RTP/AVP 0"), "The far end wants its audio by 'TCP/RTP/AVP', which is not known here."),
        (sdp("m=audio 6000 RTP/AVP 0 300"), "'300' in the SDP's audio line is not an RTP payload type."),
        (
            sdp("m=audio 6000 RTP/SAVP 0", f"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"),
            "The far end takes only encrypted audio (RTP/SAVP), and encryption is off here.",
        ),
    ],
)
def test_offers_that_are_refused(remote: SessionDescription, reason: str) -> None:
    with pytest.raises(SdpError) as caught:
        answered(remote)
    assert caught.value.reason == reason


# Encryption


@pytest.mark.parametrize("protocol", ["RTP/AVP", "RTP/SAVP", "RTP/AVPF", "RTP/SAVPF"])
@pytest.mark.parametrize("security", ["optional", "required"])
def test_offered_keys_are_answered_with_their_tag(protocol: str, security: Security) -> None:
    remote = sdp(
        f"m=audio 6000 {protocol} 0",
        "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:AAAA",
        f"a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:{KEY}|2^31 -x WSH=64",
    )
    ours, parameters, notes = answer(remote, replace(LOCAL, security=security), lambda size: b"x" * size)
    assert f"m=audio 4000 {protocol} 0" in lines_of(ours)
    assert f"a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:{'eHh4' * 10}" in lines_of(ours)
    assert parameters.srtp == SrtpKeys("AES_CM_128_HMAC_SHA1_32", send=b"x" * 30, receive=KEY_BYTES)
    assert notes == ()


def test_the_encrypted_one_of_two_streams_is_taken() -> None:
    remote = SessionDescription.parse(peers.FREESWITCH)
    secure = answer(remote, replace(LOCAL, security="optional"), counting_bytes)
    plain = answer(remote, LOCAL, counting_bytes)
    assert [media.port for media in secure[0].media] == [0, 4000]
    assert secure[1].srtp is not None
    assert [media.port for media in plain[0].media] == [4000, 0]
    assert plain[1].srtp is None


@pytest.mark.parametrize(
    ("value", "wish"),
    [
        ("1 AES_256_CM_HMAC_SHA1_80 inline:AAAA", "the suite 'AES_256_CM_HMAC_SHA1_80'"),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4", "a master key identifier"),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|1:4", "a master key identifier"),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|2^20|1:4;inline:{KEY}|2^20|2:4", "several master keys"),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY}|soon", "a damaged key lifetime"),
        (f"1 AES_CM_128_HMAC_SHA1_80 inline:{KEY} UNENCRYPTED_SRTP", "the session parameter 'UNENCRYPTED_SRTP'"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:AAAA", "a key that is not 30 bytes long"),
        ("1 AES_CM_128_HMAC_SHA1_80 inline:%%%%", "a key that is not 30 bytes long"),
        ("1 AES_CM_128_HMAC_SHA1_80 uri:http://x", "the key method 'uri'"),
        ("x AES_CM_128_HMAC_SHA1_80 inline:AAAA", "a damaged a=crypto line"),
        ("", "a damaged a=crypto line"),
    ],
)
def test_keys_that_we_cannot_use_are_refused(value: str, wish: str) -> None:
    remote = sdp("m=audio 6000 RTP/SAVP 0", f"a=crypto:{value}")
    with pytest.raises(SdpError) as caught:
        answered(remote, security="optional")
    assert caught.value.reason == (
        f"The far end's encryption cannot be used: it wants {wish}; we take AES_CM_128_HMAC_SHA1_80 and "
        "AES_CM_128_HMAC_SHA1_32 with one key."
    )
    with pytest.raises(SdpError) as caught:
        accept(offer(replace(LOCAL, security="optional"), counting_bytes), remote)
    assert wish in caught.value.reason


def test_encrypted_audio_without_a_key_is_refused() -> None:
    with pytest.raises(SdpError, match=r"wants encrypted audio \(RTP/SAVP\) but gives no key"):
        answered(sdp("m=audio 6000 RTP/SAVP 0"), security="optional")


def test_plain_audio_is_told_or_refused_where_encryption_is_wanted() -> None:
    _, parameters, notes = answer(sdp(), replace(LOCAL, security="optional"), counting_bytes)
    assert parameters.srtp is None
    assert notes == (), "nothing was offered that could be missed"
    unknown = sdp("m=audio 6000 RTP/AVP 0", "a=crypto:1 F8_128_HMAC_SHA1_80 inline:AAAA")
    _, parameters, notes = answer(unknown, replace(LOCAL, security="optional"), counting_bytes)
    assert parameters.srtp is None
    assert notes == ("The far end offers no encryption that is known here: the audio is not encrypted.",)
    with pytest.raises(SdpError, match="offers no encryption, and encryption is required here"):
        answered(sdp(), security="required")
    parameters, notes = accept(offer(replace(LOCAL, security="optional"), counting_bytes), sdp())
    assert parameters.srtp is None
    assert notes == ("The far end took no encryption: the audio is not encrypted.",)
    with pytest.raises(SdpError, match="answered without encryption, and encryption is required here"):
        accept(offer(replace(LOCAL, security="required"), counting_bytes), sdp())


@pytest.mark.parametrize("security", ["optional", "required"])
@pytest.mark.parametrize("protocol", ["RTP/AVP", "RTP/SAVP"])
def test_answered_keys_decide_on_the_suite(security: Security, protocol: str) -> None:
    fills = iter((b"1" * 30, b"2" * 30))
    own = offer(replace(LOCAL, security=security), lambda size: next(fills))
    remote = sdp(f"m=audio 6000 {protocol} 0", f"a=crypto:2 AES_CM_128_HMAC_SHA1_32 inline:{KEY}")
    assert accept(own, remote)[0].srtp == SrtpKeys("AES_CM_128_HMAC_SHA1_32", send=b"2" * 30, receive=KEY_BYTES)


def test_a_key_that_answers_nothing_is_refused() -> None:
    own = offer(replace(LOCAL, security="required"), counting_bytes)
    with pytest.raises(SdpError, match="answered encryption number 3 with AES_CM_128_HMAC_SHA1_80"):
        accept(own, sdp("m=audio 6000 RTP/SAVP 0", f"a=crypto:3 AES_CM_128_HMAC_SHA1_80 inline:{KEY}"))
    with pytest.raises(SdpError, match="answered with encryption"):
        accept(offer(LOCAL, counting_bytes), sdp("m=audio 6000 RTP/SAVP 0"))


def test_our_key_stays_when_the_far_end_offers_again() -> None:
    local = replace(LOCAL, security="optional")
    remote = SessionDescription.parse(peers.LINPHONE)
    ours, parameters, _ = answer(remote, local, lambda size: b"1" * size)
    again, same, _ = answer(remote, local, lambda size: b"2" * size, ours)
    assert again == ours
    assert same == parameters


# Answers to our offers


def test_we_send_with_their_payload_types_and_receive_with_ours() -> None:
    remote = sdp(
        "m=audio 6000 RTP/AVP 96 8 97",
        "a=rtpmap:96 opus/48000/2",
        "a=fmtp:96 useinbandfec=1",
        "a=rtpmap:97 telephone-event/48000",
        "a=fmtp:97 0-11",
    )
    parameters, notes = accept(offer(LOCAL, counting_bytes), remote)
    assert parameters == StreamParameters(
        remote_host="192.0.2.1",
        remote_port=6000,
        remote_rtcp_port=6001,
        codec="opus",
        payload_type=96,
        clock=48000,
        receive={111: "opus", 96: "opus", 8: "pcma"},
        codec_parameters="useinbandfec=1",
        event_payload_type=97,
        event_clock=48000,
        event_codes=frozenset(range(12)),
        receive_events={97: 48000, 110: 48000, 101: 8000},
    )
    assert notes == ()


def test_of_several_answered_events_the_one_of_the_codecs_clock_is_used() -> None:
    events = ("a=rtpmap:101 telephone-event/8000", "a=rtpmap:110 telephone-event/48000")
    own = offer(LOCAL, counting_bytes)
    opus = accept(own, sdp("m=audio 6000 RTP/AVP 111 101 110", "a=rtpmap:111 opus/48000/2", *events))[0]
    pcmu = accept(own, sdp("m=audio 6000 RTP/AVP 0 110 101", *events))[0]
    assert (opus.event_payload_type, opus.event_clock) == (110, 48000)
    assert (pcmu.event_payload_type, pcmu.event_clock) == (101, 8000)


def test_opus_answered_with_events_at_8000_hz_is_told() -> None:
    parameters, notes = accept(offer(LOCAL, counting_bytes), SessionDescription.parse(peers.BARESIP))
    assert (parameters.codec, parameters.event_payload_type, parameters.event_clock) == ("opus", 101, 48000)
    assert parameters.receive_events == {110: 48000, 101: 48000}
    assert "only at 8000 Hz beside Opus at 48000 Hz" in notes[0]


def test_payload_types_answered_without_a_name_are_those_that_we_offered() -> None:
    parameters, _ = accept(offer(LOCAL, counting_bytes), sdp("m=audio 6000 RTP/AVP 111 101 110"))
    assert (parameters.codec, parameters.event_payload_type) == ("opus", 110)


def test_events_that_were_not_answered_are_not_sent() -> None:
    parameters, _ = accept(offer(LOCAL, counting_bytes), sdp("m=audio 6000 RTP/AVP 0"))
    assert (parameters.event_payload_type, parameters.event_clock) == (None, None)


@pytest.mark.parametrize(
    ("remote", "kind", "reason"),
    [
        (sdp("m=audio 0 RTP/AVP 0"), NoCommonCodec, "The far end refused the audio that was offered."),
        (sdp("m=audio 6000 RTP/AVP 18"), NoCommonCodec, "The far end and we have no audio codec in common"),
        (sdp("m=video 6000 RTP/AVP 31"), SdpError, "The far end's SDP holds no audio, only video."),
        (SessionDescription.parse(b"v=0\r\n"), SdpError, "The far end's SDP holds no audio."),
        (SessionDescription.parse(peers.BROWSER), SdpError, "The far end wants its keys by DTLS"),
    ],
)
def test_answers_that_end_the_call(remote: SessionDescription, kind: type[SdpError], reason: str) -> None:
    with pytest.raises(kind) as caught:
        accept(offer(LOCAL, counting_bytes), remote)
    assert caught.value.reason.startswith(reason)


def test_audio_is_found_in_its_place_or_elsewhere() -> None:
    own = answer(sdp("m=video 5000 RTP/AVP 31", "m=audio 6000 RTP/AVP 0"), LOCAL, counting_bytes)[0]
    again = offer(LOCAL, counting_bytes, own)
    assert accept(again, sdp("m=video 0 RTP/AVP 31", "m=audio 6002 RTP/AVP 0"))[0].remote_port == 6002
    assert accept(again, sdp("m=audio 6004 RTP/AVP 0"))[0].remote_port == 6004


# Anything


CODECS = st.lists(st.sampled_from(LOCAL.codecs), min_size=1, max_size=4, unique=True).map(tuple)
SECURITY = st.sampled_from(["off", "optional", "required"])
DIRECTIONS = st.sampled_from(["sendrecv", "sendonly", "recvonly", "inactive"])


@settings(deadline=None)
@given(CODECS, CODECS, SECURITY, SECURITY, DIRECTIONS, st.binary(min_size=31, max_size=31))
def test_both_ends_agree(
    caller: tuple[str, ...],
    called: tuple[str, ...],
    caller_security: Security,
    called_security: Security,
    direction: Direction,
    noise: bytes,
) -> None:
    fill = iter(range(256))
    ours = replace(LOCAL, codecs=caller, security=caller_security, direction=direction)
    theirs = replace(LOCAL, host="192.0.2.1", port=6000, rtcp_port=6001, codecs=called, security=called_security)
    own = offer(ours, lambda size: bytes([next(fill)]) + noise[: size - 1])
    try:
        reply, here, _ = answer(SessionDescription.parse(bytes(own)), theirs, lambda size: noise[:size])
    except SdpError as error:
        impossible = not set(caller) & set(called) or {caller_security, called_security} == {"off", "required"}
        assert impossible, error.reason  # noqa: PT017 - only these two are reasons to refuse
        return
    there, _ = accept(own, SessionDescription.parse(bytes(reply)))
    assert (there.codec, there.payload_type, there.clock) == (here.codec, here.payload_type, here.clock)
    assert there.codec == next(codec for codec in caller if codec in called)
    assert (there.event_payload_type, there.event_clock) == (here.event_payload_type, here.event_clock)
    assert there.event_clock == there.clock
    assert (there.sending, there.receiving) == (here.receiving, here.sending)
    assert here.payload_type in there.receive
    if there.srtp is None or here.srtp is None:
        assert there.srtp is here.srtp is None
    else:
        assert (there.srtp.send, there.srtp.receive) == (here.srtp.receive, here.srtp.send)


LINES = st.sampled_from([line for data in peers.ALL.values() for line in data.split(b"\r\n")[:-1]])


@settings(deadline=None)
@given(st.lists(LINES | st.binary(max_size=20), max_size=25), SECURITY)
def test_any_lines_are_agreed_on_or_refused(lines: list[bytes], security: Security) -> None:
    local = replace(LOCAL, security=security)
    try:
        remote = SessionDescription.parse(b"\r\n".join([b"v=0", *lines]))
    except SdpError:
        return
    found = []
    with contextlib.suppress(SdpError):
        found.append(answer(remote, local, counting_bytes)[1])
    with contextlib.suppress(SdpError):
        found.append(accept(offer(local, counting_bytes), remote)[0])
    for parameters in found:
        assert 0 < parameters.remote_port < 65536
        assert parameters.payload_type < 128
        assert parameters.codec in LOCAL.codecs
