"""SDP: one event clock, the offer's order, rejected sections; odd but legal texts, and hopeless ones."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.calls.webrtc import sdp
from dtmfphone.calls.webrtc.sdp import PROFILES, Format, NoCommonCodec, SdpError

FOLDER = Path(__file__).parent / "sdp"
CHROMIUM = (FOLDER / "chromium_audio.sdp").read_bytes().decode()
CHROMIUM_ALL = (FOLDER / "chromium_audio_video_data.sdp").read_bytes().decode()
"""Offers of Chromium 156, gathered with a fake microphone (and camera, and a data channel)."""
ICE = "a=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
DTLS = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32) + "\r\na=setup:actpass\r\n"
HEAD = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"


def offer(audio: str = "m=audio 9 UDP/TLS/RTP/SAVPF 0 8\r\n", *, head: str = HEAD, rest: str = ICE + DTLS) -> str:
    return head + audio + rest


def names(text: str) -> list[str]:
    return [each.name for each in sdp.formats(sdp.parse(text).audio())]


def test_what_chromium_offers() -> None:
    description = sdp.parse(CHROMIUM)
    formats = sdp.formats(description.audio())
    assert [(each.payload_type, each.name, each.clock) for each in formats] == [
        (111, "opus", 48000),
        (63, "red", 48000),
        (9, "g722", 8000),
        (0, "pcmu", 8000),
        (8, "pcma", 8000),
        (13, "cn", 8000),
        (110, "telephone-event", 48000),
        (126, "telephone-event", 8000),
    ]
    assert formats[0].channels == 2
    assert formats[0].parameters == "minptime=10;useinbandfec=1"
    assert description.bundle() == ("0",)
    assert description.direction(description.audio()) == "sendrecv"
    assert sdp.common_codecs(formats)[0].name == "opus"


@pytest.mark.parametrize(("clock", "payload_type"), [(48000, 110), (8000, 126), (16000, None)])
def test_the_event_has_the_audio_clock(clock: int, payload_type: int | None) -> None:
    chosen = sdp.choose_event(clock, sdp.formats(sdp.parse(CHROMIUM).audio()))
    assert (chosen.payload_type if chosen else None) == payload_type


def test_each_profile_has_one_clock() -> None:
    for profile in PROFILES.values():
        assert {sdp.CODECS[codec] for codec in profile.codecs} == {profile.event.clock}


def test_the_order_of_the_media_line_counts() -> None:
    text = CHROMIUM.replace("SAVPF 111 63 9 0 8", "SAVPF 63 8 0 111 9")
    codec = sdp.common_codecs(sdp.formats(sdp.parse(text).audio()))[0]
    assert codec == Format(8, "pcma", 8000)


def test_static_payload_types_need_no_rtpmap() -> None:
    assert names(offer("m=audio 9 RTP/SAVPF 9 8 0 77 101\r\na=rtpmap:101 Telephone-Event/8000/1\r\n")) == [
        "g722",
        "pcma",
        "pcmu",
        "telephone-event",
    ]


def test_names_are_not_case_sensitive_and_odd_maps_are_ignored() -> None:
    text = offer(
        "m=audio 9 X 96 97 98 98\r\na=rtpmap:96 OPUS/48000/2\r\na=rtpmap:97\r\na=rtpmap:98 foo\r\na=fmtp:99 x=1\r\n"
    )
    assert names(text) == ["opus"]


@pytest.mark.parametrize("line", ["a=rtpmap:0 opus/48000/2", "a=rtpmap:0 PCMU/16000", "a=rtpmap:0 G722/8000"])
def test_formats_that_aiortc_cannot_take_are_no_choice(line: str) -> None:
    with pytest.raises(NoCommonCodec):
        sdp.common_codecs(sdp.formats(sdp.parse(offer(f"m=audio 9 X 0\r\n{line}\r\n")).audio()))


def test_no_common_codec_names_both_sides() -> None:
    with pytest.raises(NoCommonCodec, match=r"it takes speex/16000, we take opus, g722, pcmu, pcma") as caught:
        sdp.common_codecs([Format(99, "speex", 16000)])
    assert caught.value.remedy


def test_add_event() -> None:
    text = sdp.add_event(CHROMIUM_ALL, Format(101, "telephone-event", 16000))
    lines = text.split("\r\n")
    assert lines[7] == "m=audio 47732 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126 101"
    place = lines.index("a=rtpmap:126 telephone-event/8000")
    assert lines[place + 1 : place + 3] == ["a=rtpmap:101 telephone-event/16000", "a=fmtp:101 0-15"]
    assert sdp.add_event(CHROMIUM, None) == CHROMIUM
    bare = sdp.add_event("v=0\r\nm=audio 9 X 0\r\n", Format(101, "telephone-event", 8000))
    assert bare == "v=0\r\nm=audio 9 X 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n"


def reduced(text: str) -> str:
    description = sdp.parse(text)
    return sdp.audio_only(description, sdp.common_codecs(sdp.formats(description.audio()))[:1], "active")


def test_audio_only_leaves_nothing_else() -> None:
    text = reduced(CHROMIUM_ALL)
    assert text.count("m=") == 1
    for gone in ("video", "red/", "telephone-event", " tcp ", "rtcp-fb", "transport-wide"):
        assert gone not in text
    assert "m=audio 47732 UDP/TLS/RTP/SAVPF 111\r\n" in text
    assert text.count("a=candidate:") == 2
    assert "a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid\r\n" in text


def test_attributes_of_the_session_hold_for_the_section() -> None:
    text = reduced(
        offer("m=audio 9 UDP/TLS/RTP/SAVPF 8\n", head=HEAD + ICE + DTLS + "a=sendonly\na=ice-lite\n", rest="")
    )
    assert "a=ice-lite" in text.partition("m=")[0]
    for line in ("a=ice-ufrag:abcd", "a=ice-pwd:0123456789012345678901", "a=sendonly", "a=setup:actpass"):
        assert line in text.partition("m=")[2]


def test_bundled_audio_takes_the_transport_of_the_first_section() -> None:
    candidate = "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\n"
    video = f"m=video 5000 UDP/TLS/RTP/SAVPF 96\r\na=mid:v\r\n{ICE}{DTLS}{candidate}"
    audio = "m=audio 0 UDP/TLS/RTP/SAVPF 0\r\na=mid:a\r\na=bundle-only\r\n"
    text = reduced(HEAD + "a=group:BUNDLE v a\r\n" + video + audio)
    assert candidate in text
    assert "a=ice-ufrag:abcd" in text


def test_a_missing_setup_attribute_has_its_default() -> None:
    text = offer(rest=ICE + DTLS.replace("a=setup:actpass\r\n", ""))
    assert "a=setup:active\r\n" in reduced(text)


@pytest.mark.parametrize(
    ("candidate", "usable"),
    [
        ("1 1 UDP 2130706431 192.0.2.1 5000 typ host", True),
        ("1 1 udp 1 fd00::2 5000 typ srflx raddr 192.0.2.1 rport 9", True),
        ("1 1 udp 1 5f5a0f0c-9d1f-4f0e-8a32-9f2f0e6ad0c5.local 5000 typ host", True),
        ("1 2 udp 1 192.0.2.1 5001 typ host", False),
        ("1 1 tcp 1 192.0.2.1 9 typ host tcptype active", False),
        ("1 1 udp 1 host.example 5000 typ host", False),
        ("1 1 udp x 192.0.2.1 5000 typ host", False),
        ("1 1 udp 1 192.0.2.1 70000 typ host", False),
        ("1 1 udp 1 192.0.2.1 5000 host", False),
        ("", False),
    ],
)
def test_candidates(candidate: str, usable: bool) -> None:
    text = reduced(offer(rest=ICE + DTLS + f"a=candidate:{candidate}\r\n"))
    assert ("a=candidate" in text) == usable


OURS = HEAD + "a=group:BUNDLE 0\r\nm=audio 4000 UDP/TLS/RTP/SAVPF 111 110\r\na=mid:0\r\n"


def test_the_answer_rejects_all_but_audio() -> None:
    answer = sdp.complete_answer(sdp.parse(CHROMIUM_ALL), OURS)
    description = sdp.parse(answer)
    assert [(section.kind, section.port) for section in description.sections] == [
        ("audio", 4000),
        ("video", 0),
        ("application", 0),
    ]
    assert [section.attributes("mid") for section in description.sections] == [["0"], ["1"], ["2"]]
    assert description.bundle() == ("0",)
    assert description.sections[2].formats == ("webrtc-datachannel",)


def test_the_answer_mirrors_protocol_and_absent_mids() -> None:
    plain = sdp.parse(offer("m=audio 0 X 0\r\nm=audio 9 UDP/TLS/RTP/SAVP 0 8\r\n"))
    answer = sdp.parse(sdp.complete_answer(plain, OURS))
    assert [(section.port, section.protocol) for section in answer.sections] == [(0, "X"), (4000, "UDP/TLS/RTP/SAVP")]
    assert answer.bundle() == ()
    assert answer.sections[1].attributes("mid") == []


def test_rejected_audio_in_an_answer() -> None:
    with pytest.raises(NoCommonCodec, match="refused"):
        sdp.parse("v=0\r\nm=audio 0 UDP/TLS/RTP/SAVPF 0\r\n").accepted_audio()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "begins with ''"),
        ("<html>", "begins with '<html>'"),
        (HEAD + "garbage\r\n", "Line 5 of the SDP is not of the form"),
        (HEAD + "m=audio nine X 0\r\n", "Line 5 of the SDP is not a media description"),
        (HEAD + "m=audio 9 X\r\n", "not a media description"),
        (HEAD, r"holds no audio\."),
        (HEAD + "m=video 9 X 96\r\nm=application 9 X y\r\n", "no audio, only application, video"),
        (HEAD + "m=audio 0 X 0\r\n", r"holds no audio\."),
        (offer("m=audio 9 X 0 x\r\n"), "'x' in the SDP's audio section is not an RTP payload type"),
        (offer("m=audio 9 X 300\r\n"), "'300' in the SDP's audio section"),
        (offer("m=audio 9 X ٣\r\n"), "not an RTP payload type"),
        (offer("m=audio " + "9" * 5000 + " X 0\r\n"), "not a media description"),
        (offer("m=audio 9 X " + "9" * 5000 + "\r\n"), "not an RTP payload type"),
        (offer(rest=DTLS), "no ICE user name"),
        (offer(rest="a=ice-ufrag:abcd\r\n" + DTLS), "no ICE password"),
        (offer(rest=ICE), "no certificate fingerprint"),
        (offer(rest=ICE + "a=fingerprint:md5 00\r\n"), "SHA-256"),
        (offer(rest=ICE + DTLS.replace("actpass", "holdconn")), "'holdconn'"),
    ],
)
def test_hopeless_texts_are_one_clear_sentence(text: str, reason: str) -> None:
    with pytest.raises(SdpError, match=reason) as caught:
        reduced(text)
    assert caught.value.reason.endswith(".")
    assert "\n" not in caught.value.reason


ODD = ("m=", "a=", "a=rtpmap", "a=mid", "a=group:", "a=ssrc:", "a=fmtp:", "m=audio 1 X 0")
LINES = st.sampled_from([*CHROMIUM_ALL.splitlines(), *ODD])


@settings(deadline=None)
@given(st.lists(LINES, max_size=30))
def test_shuffled_lines_are_taken_or_refused(lines: list[str]) -> None:
    try:
        text = reduced("\n".join(["v=0", *lines]))
    except SdpError:
        return
    assert sdp.parse(sdp.complete_answer(sdp.parse("\n".join(["v=0", *lines])), text)).audio().port
