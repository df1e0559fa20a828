"""`dtmfphone call sip:...` against sipp, whose scenarios it must keep to: while the call is up."""

import re
from pathlib import Path

import pytest
from scenario import (
    EVENT_ATTRIBUTES,
    answer,
    done,
    pause,
    receive,
    receive_invite,
    reply,
    request,
    sdp,
)
from sipp_calls import EVENTS, HUNG_UP, UP, header, placed, reason, sent

pytestmark = [pytest.mark.interop]


async def test_hold_and_resume(tmp_path: Path) -> None:
    peer, terminal = await placed(
        tmp_path,
        *UP,
        receive("INVITE"),
        reply("200 OK", tag="", body=sdp(attributes=(*EVENT_ATTRIBUTES, "recvonly"), version=2)),
        receive("ACK"),
        receive("INVITE"),
        reply("200 OK", tag="", body=sdp(version=3)),
        receive("ACK"),
        *HUNG_UP,
        options=(*EVENTS, "--hold", "0.4"),
    )
    _, hold, resume = peer.received("INVITE")
    assert "a=sendonly" in hold
    assert "a=sendonly" not in resume
    versions = [int(re.search(r"o=\S+ \d+ (\d+)", each)[1]) for each in peer.received("INVITE")]  # type: ignore[index]
    assert versions == [versions[0], versions[0] + 1, versions[0] + 2]
    assert [each.get("here", False) for each in terminal.of("hold")] == [True, False]
    assert sent(terminal) == "12#"


async def test_a_refused_hold_is_said(tmp_path: Path) -> None:
    _, terminal = await placed(
        tmp_path,
        *UP,
        receive("INVITE"),
        reply("488 Not Acceptable Here", tag=""),
        receive("ACK"),
        *HUNG_UP,
        options=(*EVENTS, "--hold", "0.4"),
        code=1,
    )
    assert sent(terminal) == "12#"
    assert any("488" in each["text"] for each in terminal.of("notice")), terminal.report()


@pytest.mark.parametrize(
    ("host", "direction", "answered"),
    [("[media_ip]", "sendonly", "recvonly"), ("[media_ip]", "inactive", "inactive"), ("0.0.0.0", "sendrecv", "")],
)
async def test_the_far_end_holds_and_resumes(tmp_path: Path, host: str, direction: str, answered: str) -> None:
    held = sdp(attributes=(*EVENT_ATTRIBUTES, direction), version=2, host=host)
    peer, terminal = await placed(
        tmp_path,
        *UP,
        request("INVITE", body=held),
        receive("100", optional=True),
        receive("200"),
        request("ACK"),
        pause(200),
        request("INVITE", body=sdp(version=3)),
        receive("100", optional=True),
        receive("200"),
        request("ACK"),
        *HUNG_UP,
        options=("--digits", ",12#", "--duration", "60"),
    )
    replies = [each for each in peer.received(r"SIP/2.0 200") if "INVITE" in header(each, "CSeq")]
    if answered:
        assert f"a={answered}" in replies[0]
    assert [each.get("there", False) for each in terminal.of("hold")] == [True, False], terminal.report()
    assert sent(terminal) == "12#"


async def test_the_far_end_hangs_up_after_the_digits(tmp_path: Path) -> None:
    said = 'Reason: SIP;cause=200;text="Thank you"'
    _, terminal = await placed(
        tmp_path, *UP, pause(1500), request("BYE", said), receive("200"), options=(*EVENTS, "--stay", "10")
    )
    assert sent(terminal) == "12#"
    assert "Thank you" in reason(terminal)


async def test_the_far_end_hangs_up_before_all_digits_are_out(tmp_path: Path) -> None:
    _, terminal = await placed(
        tmp_path, *UP, pause(500), request("BYE"), receive("200"), options=("--digits", "1,2"), code=1
    )
    assert sent(terminal) == "1"


@pytest.mark.parametrize(
    ("method", "content_type", "body"),
    [("info", "application/dtmf-relay", r"Signal=\s*{}\s+Duration=\s*60"), ("info-dtmf", "application/dtmf", r"{}")],
)
@pytest.mark.parametrize(("status", "code"), [("200 OK", 0), ("405 Method Not Allowed", 1), ("415 Unsupported", 1)])
async def test_digits_by_info_and_what_the_far_end_says_to_them(
    tmp_path: Path, method: str, content_type: str, body: str, status: str, code: int
) -> None:
    peer, terminal = await placed(
        tmp_path,
        *UP,
        *(receive("INFO"), reply(status, tag="")) * (2 if code == 0 else 1),
        *HUNG_UP,
        options=("--digits", "5#" if code == 0 else "5", "--duration", "60", "--method", method),
        code=code,
    )
    for message, key in zip(peer.received("INFO"), "5#", strict=False):
        assert header(message, "Content-Type") == content_type
        assert re.search(rf"\n\n{body.format(key)}\s*$", message), message
    told = terminal.of("key", direction="sent", method="info")
    assert [each["status"] for each in told] == [int(status[:3])] * len(told)
    assert {each["content_type"] for each in told} == {content_type}
    assert "received" not in "".join(each.get("note", "") for each in told)


@pytest.mark.parametrize(
    ("payload_types", "attributes", "expected"),
    [
        ("0 101", EVENT_ATTRIBUTES, ("rfc4733", 101)),
        ("0 96", ("rtpmap:96 telephone-event/8000",), ("rfc4733", 96)),
        ("0", (), ("info", None)),
    ],
)
async def test_the_method_follows_from_the_answer(
    tmp_path: Path, payload_types: str, attributes: tuple[str, ...], expected: tuple[str, int | None]
) -> None:
    method, payload_type = expected
    digits = () if method == "rfc4733" else (receive("INFO"), done()) * 3
    _, terminal = await placed(
        tmp_path,
        answer("Allow: INVITE, ACK, BYE, INFO", description=sdp(payload_types=payload_types, attributes=attributes)),
        receive("ACK"),
        *digits,
        *HUNG_UP,
    )
    media = terminal.of("media", leg="phone")[-1]
    assert media["method"] == method, terminal.report()
    assert media.get("event_payload_type") == payload_type
    assert media["method_reason"]
    assert sent(terminal, method) == "12#"


async def test_without_events_and_with_info_refused_keys_are_sent_as_tones(tmp_path: Path) -> None:
    _, terminal = await placed(
        tmp_path,
        answer(description=sdp(payload_types="8", attributes=())),
        receive("ACK"),
        receive("INFO"),
        reply("405 Method Not Allowed", "Allow: INVITE, ACK, BYE", tag=""),
        *HUNG_UP,
    )
    media = terminal.of("media", leg="phone")[-1]
    assert (media["codec"], media["method"]) == ("pcma", "inband"), terminal.report()
    assert sent(terminal, "inband") == "12#"
    echoed = terminal.of("key", direction="received", method="inband")
    assert "".join(each["key"] for each in echoed).startswith("12"), terminal.report()


async def test_the_far_end_refreshes_the_session(tmp_path: Path) -> None:
    timer = "Session-Expires: 90;refresher=uas"
    peer, terminal = await placed(
        tmp_path,
        answer(timer, "Supported: timer"),
        receive("ACK"),
        request("INVITE", "Session-Expires: 90;refresher=uac", "Supported: timer", body=sdp()),
        receive("100", optional=True),
        receive("200"),
        request("ACK"),
        request("UPDATE", "Session-Expires: 90;refresher=uac", "Supported: timer"),
        receive("200"),
        *HUNG_UP,
        options=("--digits", ",1"),
    )
    assert "timer" in header(peer.received("INVITE")[0], "Supported")
    refreshed = peer.received("SIP/2.0 200")
    assert [header(each, "Session-Expires").split(";")[0] for each in refreshed] == ["90", "90"]
    assert sent(terminal) == "1"


async def test_a_session_interval_that_is_too_small_is_asked_for_again(tmp_path: Path) -> None:
    peer, _ = await placed(
        tmp_path,
        reply("422 Session Interval Too Small", "Min-SE: 7200", tag="tag=small"),
        receive("ACK"),
        receive_invite(),
        *UP,
        *HUNG_UP,
    )
    _, second = peer.received("INVITE")
    assert header(second, "Min-SE") == "7200"
    assert int(header(second, "Session-Expires").split(";")[0]) >= 7200


async def test_info_options_and_what_nobody_knows_from_the_far_end(tmp_path: Path) -> None:
    def info(body: str, content_type: str) -> str:
        return request("INFO", body=body, content_type=content_type)

    peer, terminal = await placed(
        tmp_path,
        *UP,
        info("Signal=7\nDuration=160\n", "application/dtmf-relay"),
        receive("200"),
        info("Signal= *\nDuration= 100\n", "application/dtmf-relay"),
        receive("200"),
        info("#", "application/dtmf"),
        receive("200"),
        info("<xml/>", "application/media_control+xml"),
        receive("415"),
        request("OPTIONS"),
        receive("200"),
        request("SING"),
        receive("405"),
        request("BYE"),
        receive("200"),
        options=("--stay", "10"),
    )
    heard = terminal.of("key", direction="received", method="info")
    assert "".join(each["key"] for each in heard) == "7*#", terminal.report()
    assert heard[0]["duration"] == pytest.approx(0.16)
    allow = header(peer.received("SIP/2.0 405")[0], "Allow")
    assert {"INVITE", "ACK", "CANCEL", "BYE", "OPTIONS", "INFO"} <= {each.strip() for each in allow.split(",")}
    assert "application/dtmf-relay" in header(peer.received("SIP/2.0 415")[0], "Accept")


async def test_odd_but_legal_answers(tmp_path: Path) -> None:
    description = (
        "v=0\no=- 1 1 IN IP4 [local_ip]\ns= \ni=odd\na=sendrecv\na=ptime:20\nt=0 0\n"
        "m=video 0 RTP/AVP 31\nm=audio [media_port] RTP/AVP 13 0 101\nc=IN IP4 [media_ip]\n"
        "a=rtpmap:101 TELEPHONE-EVENT/8000\na=fmtp:101 0-11,16\na=x-strange:1\n"
    ).replace("m=video 0 RTP/AVP 31\n", "")
    compact = [
        "SIP/2.0 200",
        "v : [$via]",
        "f:[$caller]",
        't: "odd \\"<sip:x@y>\\" name" <sip:sipp@[local_ip]:[local_port]>  ; tag=odd',
        "i:   [call_id]",
        "CSEQ: [$number]   INVITE",
        'm: "a, b; <c>" <sip:sipp@[local_ip]:[local_port];x="y">;+sip.instance="<urn:uuid:1>", <sip:second@host>',
        'k: a;b="c,d"',
        "c: application/sdp ; charset=utf-8",
        "l: [len]",
    ]
    text = "\n".join([*compact, "", description])
    _, terminal = await placed(
        tmp_path,
        f"<send><![CDATA[\n{text}\n]]></send>\n",
        receive("ACK"),
        *HUNG_UP,
        options=("--digits", "1*", "--duration", "60"),
    )
    media = terminal.of("media", leg="phone")[-1]
    assert (media["codec"], media["event_payload_type"]) == ("pcmu", 101), terminal.report()
    assert sorted(media["event_codes"]) == [*range(12), 16]
    assert sent(terminal) == "1*"


async def test_an_answer_without_a_common_codec_ends_the_call(tmp_path: Path) -> None:
    _, terminal = await placed(
        tmp_path, answer(description=sdp(payload_types="3", attributes=())), receive("ACK"), *HUNG_UP, code=1
    )
    assert "codec" in reason(terminal)


async def test_a_change_that_crosses_another_is_tried_again(tmp_path: Path) -> None:
    peer, terminal = await placed(
        tmp_path,
        *UP,
        receive("INVITE"),
        reply("491 Request Pending", tag=""),
        receive("ACK"),
        receive("INVITE"),
        reply("200 OK", tag="", body=sdp(attributes=(*EVENT_ATTRIBUTES, "recvonly"), version=2)),
        receive("ACK"),
        receive("INVITE"),
        reply("200 OK", tag="", body=sdp(version=3)),
        receive("ACK"),
        *HUNG_UP,
        options=("--digits", "1", "--hold", "0.3"),
    )
    assert ["a=sendonly" in each for each in peer.received("INVITE")] == [False, True, True, False]
    assert [each.get("here", False) for each in terminal.of("hold")] == [True, False]
