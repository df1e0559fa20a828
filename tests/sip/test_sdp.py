"""Session descriptions: what peers write is read, and written again as it was."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dtmfphone.sip.sdp import Direction, MediaDescription, Origin, SdpError, SessionDescription

WHOLE = (
    b"v=0\r\n"
    b"o=alice 2890844526 2890844527 IN IP4 host.example.com\r\n"
    b"s= \r\n"
    b"i=A call\r\n"
    b"u=http://www.example.com\r\n"
    b"e=alice@example.com\r\n"
    b"c=IN IP4 192.0.2.1\r\n"
    b"b=AS:84\r\n"
    b"t=3724394400 3724398000\r\n"
    b"r=7d 1h 0 25h\r\n"
    b"z=0 0\r\n"
    b"k=clear:no\r\n"
    b"a=sendonly\r\n"
    b"a=ptime:30\r\n"
    b"X=unknown line\r\n"
    b"m=audio 49170/2 RTP/AVP 0 8 97\r\n"
    b"i=The voice\r\n"
    b"c=IN IP4 224.2.1.1/127/3\r\n"
    b"a=rtpmap:97 iLBC/8000\r\n"
    b"a=fmtp:97 mode=20\r\n"
    b"a=maxptime: 60\r\n"
    b"a=rtcp:53020 IN IP4 192.0.2.9\r\n"
    b"a=rtcp-mux\r\n"
    b"a=silenceSupp:off - - - -\r\n"
    b"m=video 0 RTP/AVP 31\r\n"
    b"m=image 4560 udptl t38\r\n"
    b"c=IN IP6 2001:db8::1\r\n"
    b"a=T38FaxVersion:0\r\n"
    b"a=inactive\r\n"
)


def description(*lines: str) -> SessionDescription:
    return SessionDescription.parse("\r\n".join(["v=0", *lines, ""]).encode())


def test_it_is_written_as_it_was() -> None:
    assert bytes(SessionDescription.parse(WHOLE)) == WHOLE


def test_fields() -> None:
    whole = SessionDescription.parse(WHOLE)
    audio, video, image = whole.media
    assert whole.origin == Origin(2890844526, 2890844527, "host.example.com")
    assert (audio.kind, audio.port, audio.count, audio.protocol) == ("audio", 49170, 2, "RTP/AVP")
    assert audio.formats == ("0", "8", "97")
    assert audio.attributes("rtpmap") == ("97 iLBC/8000",)
    assert audio.attributes("rtcp-mux") == ("",)
    assert audio.attributes("rtcp") == ("53020 IN IP4 192.0.2.9",)
    assert [whole.host(media) for media in whole.media] == ["224.2.1.1", "192.0.2.1", "2001:db8::1"]
    assert [whole.direction(media) for media in whole.media] == ["sendonly", "sendonly", "inactive"]
    assert (whole.milliseconds(audio, "ptime"), whole.milliseconds(audio, "maxptime")) == (30, 60)
    assert whole.rtcp_port(audio) == 53020
    assert (video.port, video.formats) == (0, ("31",))
    assert (image.protocol, image.formats, whole.rtcp_port(image)) == ("udptl", ("t38",), 4561)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n\r\n", b" \r\n"])
def test_line_ends_of_any_kind(end: bytes) -> None:
    data = end.join([b"v=0", b"c=IN IP4 192.0.2.1", b"m=audio 4000 RTP/AVP 0", b"a=recvonly", b""])
    parsed = SessionDescription.parse(data)
    assert parsed.media[0] == MediaDescription("audio", 4000, "RTP/AVP", ("0",), parsed.media[0].lines)
    assert parsed.direction(parsed.media[0]) == "recvonly"
    assert parsed.host(parsed.media[0]) == "192.0.2.1"


def test_the_least_that_is_enough() -> None:
    parsed = SessionDescription.parse(b"v=0\nm=audio 4000 RTP/AVP 0\nc=IN IP4 192.0.2.1")
    assert parsed.origin is None
    assert parsed.host(parsed.media[0]) == "192.0.2.1"
    assert parsed.direction(parsed.media[0]) == "sendrecv"
    assert parsed.rtcp_port(parsed.media[0]) == 4001
    assert parsed.milliseconds(parsed.media[0], "ptime") is None


@pytest.mark.parametrize(
    ("line", "media"),
    [
        ("m=audio  4000  RTP/AVP  0  8 ", MediaDescription("audio", 4000, "RTP/AVP", ("0", "8"))),
        ("m=AUDIO 4000 RTP/AVP 0", MediaDescription("audio", 4000, "RTP/AVP", ("0",))),
        ("m=audio 0 RTP/AVP", MediaDescription("audio", 0, "RTP/AVP", ())),
        ("m=application 9 UDP/DTLS/SCTP webrtc-datachannel", None),
        ("m=message 5060 TCP/MSRP *", None),
    ],
)
def test_odd_media_lines(line: str, media: MediaDescription | None) -> None:
    parsed = description(line)
    if media is None:
        assert str(parsed.media[0]) == line
    else:
        assert parsed.media == (media,)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "This is not a session description: it is empty."),
        (b"<html>", "This is not a session description: it begins with '<html>', not with 'v=0'."),
        (b"v=0\r\nhello\r\n", "Line 2 of the SDP is not of the form 'x=...': 'hello'."),
        (b"v=0\r\nm=audio\r\n", "Line 2 of the SDP is not a media description: 'm=audio'."),
        (b"v=0\r\nm=audio 70000 RTP/AVP 0\r\n", "Line 2 of the SDP is not a media description: 'm=audio 70000"),
        (b"v=0\r\nm=audio -1 RTP/AVP 0\r\n", "Line 2 of the SDP is not a media description: 'm=audio -1"),
    ],
)
def test_what_is_no_description_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(SdpError) as caught:
        SessionDescription.parse(data)
    assert caught.value.reason.startswith(reason)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("s=-", "The SDP does not say where audio goes: it has no c= line."),
        ("c=IN IP4", "The connection line of the SDP cannot be read: 'c=IN IP4'."),
        ("c=ATM NSAP 1", "The connection line of the SDP cannot be read: 'c=ATM NSAP 1'."),
    ],
)
def test_an_address_that_cannot_be_read_is_named(line: str, reason: str) -> None:
    parsed = description(line, "m=audio 4000 RTP/AVP 0")
    with pytest.raises(SdpError) as caught:
        parsed.host(parsed.media[0])
    assert caught.value.reason == reason


@pytest.mark.parametrize("value", ["", "x", "0", "-20", "999999"])
def test_a_packet_length_that_is_none(value: str) -> None:
    parsed = description("m=audio 4000 RTP/AVP 0", f"a=ptime:{value}")
    assert parsed.milliseconds(parsed.media[0], "ptime") is None


@pytest.mark.parametrize(
    ("port", "line", "expected"),
    [(4000, "a=rtcp:", 4001), (4000, "a=rtcp:70000", 4001), (4000, "a=rtcp:0", 4001), (65535, "a=x", None)],
)
def test_rtcp_goes_to_the_next_port_unless_told(port: int, line: str, expected: int | None) -> None:
    parsed = description(f"m=audio {port} RTP/AVP 0", line)
    assert parsed.rtcp_port(parsed.media[0]) == expected


@pytest.mark.parametrize("direction", ["sendrecv", "sendonly", "recvonly", "inactive"])
def test_the_direction_of_the_session_holds_for_media_without(direction: Direction) -> None:
    parsed = description(f"a={direction}", "m=audio 4000 RTP/AVP 0", "m=audio 4002 RTP/AVP 0", "a=recvonly")
    assert [parsed.direction(media) for media in parsed.media] == [direction, "recvonly"]


def test_bytes_that_are_no_utf_8_are_kept() -> None:
    data = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=\xff\xfe\r\nm=audio 4000 RTP/AVP 0\r\n"
    assert bytes(SessionDescription.parse(data)) == data


def test_keys_are_not_shown() -> None:
    parsed = description("a=crypto:1 S inline:SECRET", "m=audio 4000 RTP/SAVP 0", "a=crypto:1 S inline:SECRET")
    assert "SECRET" not in repr(parsed)


LINES = st.sampled_from([line.decode() for line in WHOLE.split(b"\r\n")[:-1]]) | st.text(max_size=30)


@settings(deadline=None)
@given(st.lists(LINES, max_size=12))
def test_whatever_is_read_is_written_so_that_it_reads_the_same(lines: list[str]) -> None:
    data = "\r\n".join(["v=0", *lines]).encode("utf-8", "surrogatepass")
    try:
        parsed = SessionDescription.parse(data)
    except SdpError:
        return
    assert SessionDescription.parse(bytes(parsed)) == parsed
