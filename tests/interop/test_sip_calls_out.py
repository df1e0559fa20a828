"""`dtmfphone call sip:...` against sipp, whose scenarios it must keep to: how a call comes up, or does not."""

import re
from pathlib import Path

import pytest
from digest_check import challenge, check
from scenario import answer, done, pause, receive, receive_invite, reply, reply_to_invite, sdp
from sipp_calls import EVENTS, HUNG_UP, RINGING, UP, header, placed, reason, sent

pytestmark = [pytest.mark.interop]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_plain_call_and_its_echo(tmp_path: Path, transport: str) -> None:
    peer, terminal = await placed(
        tmp_path, reply("100 Trying"), RINGING, *UP, *HUNG_UP, options=(*EVENTS, "--stay", "0.5"), transport=transport
    )
    states = [each["state"] for each in terminal.of("call", leg="phone")]
    assert states == ["calling", "ringing", "connecting", "up", "ended"], terminal.report()
    assert sent(terminal) == "12#"
    echoed = terminal.of("key", direction="received", method="rfc4733")
    assert "".join(each["key"] for each in echoed) == "12#", terminal.report()
    assert [each["duration"] for each in echoed] == pytest.approx([0.06] * 3, abs=0.021)
    (invite,) = peer.received("INVITE")
    assert header(invite, "Via").startswith(f"SIP/2.0/{transport.upper()} ")


@pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="this machine has no IPv6")
async def test_ipv6(tmp_path: Path) -> None:
    peer, terminal = await placed(tmp_path, RINGING, *UP, *HUNG_UP, host="::1")
    (invite,) = peer.received("INVITE")
    assert "[::1]" in header(invite, "Via")
    assert "[::1]" in header(invite, "Contact")
    assert "c=IN IP6 ::1" in invite
    assert sent(terminal) == "12#"


@pytest.mark.parametrize(
    ("status", "asks", "answers"),
    [
        ("401 Unauthorized", "WWW-Authenticate", "Authorization"),
        ("407 Proxy Authentication Required", "Proxy-Authenticate", "Proxy-Authorization"),
    ],
)
async def test_challenges_to_invite_and_bye(tmp_path: Path, status: str, asks: str, answers: str) -> None:
    first = challenge("far, end", nonce="one", algorithm="MD5")
    second = challenge("far, end", nonce="two", algorithm="MD5", more=",stale=true")
    peer, terminal = await placed(
        tmp_path,
        reply(status, f"{asks}: {first}", tag="tag=challenge"),
        receive("ACK"),
        receive_invite(),
        *UP,
        receive("BYE"),
        reply(status, f"{asks}: {second}", tag=""),
        receive("BYE"),
        done(),
        options=(*EVENTS, "--user", "alice", "--password", 's3cret,"'),
    )
    invites, byes = peer.received("INVITE"), peer.received("BYE")
    check(header(invites[1], answers), "INVITE", user="alice", password='s3cret,"', nonce="one", algorithm="MD5")
    check(header(byes[1], answers), "BYE", user="alice", password='s3cret,"', nonce="two", algorithm="MD5")
    assert int(header(invites[1], "CSeq").split()[0]) == int(header(invites[0], "CSeq").split()[0]) + 1
    assert "s3cret" not in terminal.report()


async def test_the_strongest_of_several_challenges_and_one_by_each_of_two(tmp_path: Path) -> None:
    weak = challenge("registrar", nonce="md5", algorithm="MD5")
    strong = challenge("registrar", nonce="sha", algorithm="SHA-256")
    proxy = challenge("proxy", nonce="proxy", algorithm="MD5", qop="")
    peer, _ = await placed(
        tmp_path,
        reply("407 Proxy Authentication Required", f"Proxy-Authenticate: {proxy}", tag="tag=proxy"),
        receive("ACK"),
        receive_invite(),
        reply("401 Unauthorized", f"WWW-Authenticate: {weak}", f"WWW-Authenticate: {strong}", tag="tag=registrar"),
        receive("ACK"),
        receive_invite(),
        *UP,
        *HUNG_UP,
        options=(*EVENTS, "--user", "alice", "--password", "secret"),
    )
    last = peer.received("INVITE")[2]
    check(
        header(last, "Proxy-Authorization"), "INVITE", user="alice", password="secret", nonce="proxy", algorithm="MD5"
    )
    check(header(last, "Authorization"), "INVITE", user="alice", password="secret", nonce="sha", algorithm="SHA-256")


async def test_a_wrong_password_is_said_and_not_tried_for_ever(tmp_path: Path) -> None:
    refusal = (
        reply("401 Unauthorized", f"WWW-Authenticate: {challenge('r', nonce='n', algorithm='MD5')}"),
        receive("ACK"),
    )
    _, terminal = await placed(
        tmp_path, *refusal, receive_invite(), *refusal,
        options=("--user", "alice", "--password", "wrong"), code=1,
    )  # fmt: skip
    assert "password" in reason(terminal)


async def test_the_trace_shows_each_message_without_secrets(tmp_path: Path) -> None:
    asks = f"WWW-Authenticate: {challenge('r', nonce='n', algorithm='MD5')}"
    _, terminal = await placed(
        tmp_path,
        reply("401 Unauthorized", asks, tag="tag=challenge"),
        receive("ACK"),
        receive_invite(),
        *UP,
        *HUNG_UP,
        options=("--digits", "1", "--user", "alice", "--password", "s3cret", "--trace"),
    )
    passed = [(each["direction"], each["summary"].split(" sip:")[0]) for each in terminal.of("signalling")]
    assert [(way, summary.removeprefix("SIP/2.0 ")) for way, summary in passed] == [
        ("sent", "INVITE"),
        ("received", "401 Unauthorized"),
        ("sent", "ACK"),
        ("sent", "INVITE"),
        ("received", "200 OK"),
        ("sent", "ACK"),
        ("sent", "BYE"),
        ("received", "200 OK"),
    ]
    credentials = header(terminal.of("signalling")[3]["text"], "Authorization")
    assert 'username="alice"' in credentials
    assert re.search(r'response="\*+"', credentials)


async def test_early_media_is_heard_while_it_rings(tmp_path: Path) -> None:
    _, terminal = await placed(
        tmp_path, reply("183 Session Progress", body=sdp()), pause(300), *UP, *HUNG_UP, options=EVENTS
    )
    states = [each["state"] for each in terminal.of("call", leg="phone")]
    assert states == ["calling", "ringing", "connecting", "up", "ended"], terminal.report()
    events = terminal.events
    media = events.index(terminal.of("media", leg="phone")[0])
    assert media < events.index(terminal.of("call", leg="phone", state="up")[0])
    assert sent(terminal) == "12#"


@pytest.mark.parametrize(
    ("status", "word"),
    [
        ("404 Not Found", "does not know"),
        ("480 Temporarily Unavailable", "cannot be reached"),
        ("486 Busy Here", "is busy"),
        ("488 Not Acceptable Here", "codec"),
        ("503 Service Unavailable", "not in service"),
        ("603 Decline", "declined"),
    ],
)
async def test_refusals_in_plain_words(tmp_path: Path, status: str, word: str) -> None:
    said = 'Reason: Q.850;cause=17;text="Gone fishing"'
    _, terminal = await placed(tmp_path, RINGING, reply(status, said), receive("ACK"), code=1)
    assert word in reason(terminal)
    assert "Gone fishing" in reason(terminal)


async def test_a_redirect_is_followed(tmp_path: Path) -> None:
    elsewhere = "Contact: <sip:elsewhere@[local_ip]:[local_port]>;q=0.9"
    peer, terminal = await placed(
        tmp_path,
        reply("302 Moved Temporarily", contact=elsewhere, tag="tag=moved"),
        receive("ACK"),
        receive_invite(),
        *UP,
        *HUNG_UP,
    )
    first, second = peer.received("INVITE")
    assert first.startswith("INVITE sip:sipp@")
    assert second.startswith("INVITE sip:elsewhere@")
    assert peer.received("ACK")[0].startswith("ACK sip:sipp@"), "the ACK of a refusal goes where the INVITE went"
    assert sent(terminal) == "12#"


async def test_a_call_is_cancelled(tmp_path: Path) -> None:
    _, terminal = await placed(
        tmp_path,
        RINGING,
        receive("CANCEL"),
        reply("200 OK", contact=""),
        reply_to_invite("487 Request Terminated"),
        receive("ACK"),
        options=("--cancel-after", "0.3"),
        code=1,
    )
    assert terminal.of("call", leg="phone")[-1]["state"] in ("ended", "failed")


async def test_no_cancel_before_the_far_end_has_said_anything(tmp_path: Path) -> None:
    peer, _ = await placed(
        tmp_path,
        pause(1200),
        RINGING,
        receive("CANCEL"),
        reply("200 OK", contact=""),
        reply_to_invite("487 Request Terminated"),
        receive("ACK"),
        options=("--cancel-after", "0.5"),
        code=1,
    )
    assert len(peer.received("CANCEL")) == 1


async def test_an_answer_that_crosses_the_cancel_is_hung_up(tmp_path: Path) -> None:
    await placed(
        tmp_path,
        RINGING,
        receive("CANCEL"),
        reply_to_invite("200 OK", body=sdp()),
        receive("ACK"),
        receive("BYE"),
        done(),
        options=("--cancel-after", "0.3"),
        code=1,
    )


async def test_a_reliable_183_is_acknowledged(tmp_path: Path) -> None:
    peer, terminal = await placed(
        tmp_path,
        reply("183 Session Progress", "Require: 100rel", "RSeq: 4711", body=sdp()),
        receive("PRACK"),
        done(),
        reply_to_invite("200 OK"),
        receive("ACK"),
        *HUNG_UP,
    )
    (invite,), (prack,) = peer.received("INVITE"), peer.received("PRACK")
    assert header(prack, "RAck") == f"4711 {header(invite, 'CSeq')}"
    assert "100rel" in header(invite, "Supported")
    assert sent(terminal) == "12#"


async def test_requests_in_the_call_take_the_recorded_route(tmp_path: Path) -> None:
    hops = [f"<sip:hop{n}@[local_ip]:[local_port];lr;n={n}>" for n in (1, 2, 3)]
    peer, _ = await placed(
        tmp_path,
        answer(f"Record-Route: {hops[0]}, {hops[1]}", f"Record-Route: {hops[2]}"),
        receive("ACK"),
        *HUNG_UP,
    )
    for method in ("ACK", "BYE"):
        (message,) = peer.received(method)
        assert re.match(rf"{method} sip:sipp@127.0.0.1:{peer.port};transport=UDP ", message)
        routes = re.findall(r"(?m)^Route: *(.*)$", message)
        assert re.findall(r"n=(\d)", ",".join(routes)) == ["3", "2", "1"]


async def test_the_second_answer_of_a_forked_call_is_hung_up(tmp_path: Path) -> None:
    peer, terminal = await placed(
        tmp_path,
        reply("180 Ringing", tag="tag=fork-a"),
        reply("180 Ringing", tag="tag=fork-b"),
        reply_to_invite("200 OK", body=sdp(), tag="tag=fork-a"),
        receive("ACK"),
        reply_to_invite("200 OK", body=sdp(), tag="tag=fork-b"),
        receive("ACK"),
        receive("BYE"),
        done(),
        receive("BYE"),
        done(),
    )
    assert [header(each, "To").split("tag=")[1] for each in peer.received("ACK")] == ["fork-a", "fork-b"]
    assert [header(each, "To").split("tag=")[1] for each in peer.received("BYE")] == ["fork-b", "fork-a"]
    assert sent(terminal) == "12#"
