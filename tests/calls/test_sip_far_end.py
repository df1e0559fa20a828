"""SIP calls to a far end by script, which loses messages, says odd things, and changes its mind."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from sip_side import SDP, Phone, SipText, Uas, scripted, until

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallContext, CallError
from dtmfphone.calls.sip import call as call_module
from dtmfphone.calls.sip import session as session_module
from dtmfphone.calls.sip import stack as stack_module
from dtmfphone.calls.sip.call import OutgoingCall, open_call
from dtmfphone.calls.sip.resolver import Resolver, Server
from dtmfphone.sip.flow import Flow, Transport


class Placing:
    """A call that is being placed."""

    def __init__(self, phone: Phone, target: str, context: CallContext) -> None:
        self.phone = phone
        self.call: OutgoingCall = open_call(target, context)
        self.task = asyncio.create_task(self.call.place())

    async def failed(self) -> CallError:
        """Return why the call did not come up."""
        with pytest.raises(CallError) as caught:
            await asyncio.wait_for(self.task, 5)
        assert caught.value.reason
        assert caught.value.reason.endswith(".")
        assert caught.value.remedy
        return caught.value


def place(uas: Uas, account: Account | None = None, clock: Callable[[], float] = time.monotonic) -> Placing:
    phone = Phone()
    context = replace(phone.context(account, codec="pcmu"), clock=clock)
    return Placing(phone, uas.target, context)


@asynccontextmanager
async def call_up() -> AsyncIterator[tuple[Uas, SipText, Placing]]:
    """Have a call up to a far end by script."""
    async with scripted() as uas:
        placing = place(uas)
        invite = await uas.request("INVITE")
        uas.reply(invite, 200, "OK", sdp=True)
        await uas.request("ACK")
        await placing.task
        try:
            yield uas, invite, placing
        finally:
            await end(uas, placing)


async def end(uas: Uas, placing: Placing) -> None:
    """Hang up and answer the BYE."""
    hanging_up = asyncio.create_task(placing.call.hang_up())
    while not hanging_up.done():
        try:
            request = await asyncio.wait_for(uas.requests.get(), 0.05)
        except TimeoutError:
            continue
        if request.method != "ACK":
            uas.reply(request, 200, "OK")
    await hanging_up


async def test_a_lost_invite_is_sent_again() -> None:
    async with scripted() as uas:
        placing = place(uas)
        first = await uas.request("INVITE")
        again = await uas.request("INVITE")
        assert again.text == first.text
        uas.reply(again, 200, "OK", sdp=True)
        await placing.task
        await uas.request("ACK")
        await end(uas, placing)


async def test_a_repeated_200_is_acknowledged_again() -> None:
    async with call_up() as (uas, invite, _):
        uas.reply(invite, 200, "OK", sdp=True)
        uas.reply(invite, 200, "OK", sdp=True)
        await uas.request("ACK")
        await uas.request("ACK")


async def test_a_lost_bye_is_sent_again() -> None:
    async with call_up() as (uas, _, placing):
        hanging_up = asyncio.create_task(placing.call.hang_up())
        first = await uas.request("BYE")
        again = await uas.request("BYE")
        assert again.text == first.text
        uas.reply(again, 200, "OK")
        await hanging_up


async def test_nobody_answers_at_all() -> None:
    # A clock that runs faster than its timers are set lets the first of them find that all is over.
    async with scripted() as uas:
        began = time.monotonic()
        placing = place(uas, clock=lambda: began + (time.monotonic() - began) * 100)
        error = await placing.failed()
        assert error.reason == f"{uas.target} did not answer at all."


async def test_it_rings_for_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_module, "RING_SECONDS", 0.1)
    async with scripted() as uas:
        placing = place(uas)
        invite = await uas.request("INVITE")
        uas.reply(invite, 180, "Ringing")
        uas.reply(await uas.request("CANCEL"), 200, "OK")
        uas.reply(invite, 487, "Request Terminated")
        error = await placing.failed()
        assert "did not answer within 0.1 s" in error.reason
        await uas.request("ACK")


async def test_early_media_and_an_answer_that_does_not_repeat_it() -> None:
    async with scripted() as uas:
        placing = place(uas)
        phone = placing.phone
        invite = await uas.request("INVITE")
        uas.reply(invite, 100, "Trying")
        uas.reply(invite, 183, "Session Progress", sdp=True)
        await until(lambda: phone.media_changes)
        assert phone.states == ["calling", "ringing"]
        assert phone.reason == "183 Session Progress"
        assert placing.call.media is not None
        assert placing.call.media.remote == f"127.0.0.1:{uas.media_port}"
        uas.reply(invite, 200, "OK")
        await placing.task
        assert phone.states == ["calling", "ringing", "connecting", "up"]
        await end(uas, placing)


async def test_the_answer_moves_the_media_away_from_the_early_ones() -> None:
    async with scripted() as uas, scripted() as other:
        placing = place(uas)
        invite = await uas.request("INVITE")
        uas.reply(invite, 183, "Session Progress", sdp=True, tag="one")
        await until(lambda: placing.call.media)
        uas.media_port = other.media_port
        uas.reply(invite, 200, "OK", sdp=True, tag="two")
        await placing.task
        assert placing.call.media is not None
        assert placing.call.media.remote == f"127.0.0.1:{other.media_port}"
        await end(uas, placing)


async def test_media_that_moved_before_the_answer_stay_where_they_are() -> None:
    async with scripted() as uas, scripted() as other:
        placing = place(uas)
        invite = await uas.request("INVITE")
        uas.reply(invite, 183, "Session Progress", "Require: 100rel", "RSeq: 1", sdp=True)
        uas.reply(await uas.request("PRACK"), 200, "OK")
        body = SDP.format(port=other.media_port, direction="sendrecv")
        uas.in_dialog(invite, "UPDATE", 100, body=body, kind="application/sdp")
        assert "m=audio" in (await uas.response(200)).body
        uas.reply(invite, 200, "OK")
        await placing.task
        assert placing.call.media is not None
        assert placing.call.media.remote == f"127.0.0.1:{other.media_port}"
        await uas.request("ACK")
        await end(uas, placing)


async def test_giving_up_before_anything_came_back_waits_with_cancel() -> None:
    async with scripted() as uas:
        placing = place(uas)
        invite = await uas.request("INVITE")
        placing.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await placing.task
        await asyncio.sleep(0.05)
        assert uas.requests.empty()
        uas.reply(invite, 180, "Ringing")
        uas.reply(await uas.request("CANCEL"), 200, "OK")
        uas.reply(invite, 487, "Request Terminated")
        await uas.request("ACK")
        await placing.call.hang_up()


async def test_an_answer_that_crosses_the_cancel_is_acknowledged_and_hung_up() -> None:
    async with scripted() as uas:
        placing = place(uas)
        invite = await uas.request("INVITE")
        uas.reply(invite, 180, "Ringing")
        await until(lambda: "ringing" in placing.phone.states)
        placing.task.cancel()
        cancel = await uas.request("CANCEL")
        uas.reply(invite, 200, "OK", sdp=True)
        uas.reply(cancel, 481, "No Such Call")
        await uas.request("ACK")
        uas.reply(await uas.request("BYE"), 200, "OK")
        await placing.call.hang_up()
        assert "up" not in placing.phone.states


@pytest.mark.parametrize(
    ("status", "phrase", "fields", "reason"),
    [
        (403, "Forbidden", (), "forbids the call (403 Forbidden)."),
        (404, "Not Found", (), "does not know this number or user (404 Not Found)."),
        (415, "Unsupported Media Type", (), "does not take a call described by SDP (415 Unsupported Media Type)."),
        (480, "Gone Fishing", (), "cannot be reached now (480 Gone Fishing)."),
        (484, "Address Incomplete", (), "finds the number incomplete (484 Address Incomplete)."),
        (486, "Busy Here", (), "is busy (486 Busy Here)."),
        (
            488,
            "Not Acceptable Here",
            ('Warning: 304 pbx.test "Media type not available"',),
            "does not take what we offer: no codec or encryption in common (488 Not Acceptable Here; "
            "it says: Media type not available).",
        ),
        (500, "Server Internal Error", (), "failed inside (500 Server Internal Error)."),
        (600, "Busy Everywhere", (), "is busy everywhere (600 Busy Everywhere)."),
        (
            603,
            "Decline",
            ('Reason: Q.850;cause=21;text="Call Rejected"',),
            "declined the call (603 Decline; it says: Call Rejected).",
        ),
        (499, "Strange", (), "did not take the call (499 Strange)."),
        (699, "", (), "did not take the call (699)."),
    ],
)
async def test_refusals_in_plain_words(status: int, phrase: str, fields: tuple[str, ...], reason: str) -> None:
    async with scripted() as uas:
        placing = place(uas)
        uas.reply(await uas.request("INVITE"), status, phrase, *fields)
        error = await placing.failed()
        assert error.reason == f"{uas.target} {reason}"
        await uas.request("ACK")


CHALLENGE = 'WWW-Authenticate: Digest realm="test", nonce="{nonce}", algorithm={algorithm}, qop="auth,auth-int"'


async def test_two_challenges_are_answered_and_the_password_is_in_no_trace() -> None:
    async with scripted() as uas:
        placing = place(uas, Account(user="me", password="very secret"))
        first = await uas.request("INVITE")
        challenges = [CHALLENGE.format(nonce="n", algorithm=name) for name in ("MD5", "SHA-256")]
        uas.reply(first, 401, "Unauthorized", *challenges)
        await uas.request("ACK")
        second = await uas.request("INVITE")
        assert second.get("Call-ID") == first.get("Call-ID")
        assert "algorithm=SHA-256" in " ".join(second.all("Authorization"))
        uas.reply(second, 200, "OK", sdp=True)
        await placing.task
        response = re.findall(r'response="([0-9a-f]+)"', second.text)[0]
        traced = "".join(message.text for message in placing.phone.messages)
        assert response not in traced
        assert "secret" not in traced + repr(placing.call)
        await uas.request("ACK")
        await end(uas, placing)


@pytest.mark.parametrize(
    ("password", "cause"),
    [("wrong", "does not take the user name and password"), ("", "wants a user name and a password")],
)
async def test_a_wrong_or_missing_password(password: str, cause: str) -> None:
    async with scripted() as uas:
        placing = place(uas, Account(user="me" if password else "", password=password))
        for number in range(2 if password else 1):
            invite = await uas.request("INVITE")
            uas.reply(invite, 401, "Unauthorized", CHALLENGE.format(nonce=f"n{number}", algorithm="MD5"))
            await uas.request("ACK")
        error = await placing.failed()
        assert cause in error.reason


async def test_a_redirect_is_followed_and_a_circle_is_left() -> None:
    async with scripted() as uas:
        placing = place(uas)
        while not placing.task.done():
            try:
                request = await asyncio.wait_for(uas.requests.get(), 0.3)
            except TimeoutError:
                continue
            if request.method == "INVITE":
                uas.reply(request, 302, "Moved Temporarily")
        error = await placing.failed()
        assert "redirects" in error.reason
        assert len([each for each in uas.all_requests if each.method == "INVITE"]) < 10


async def test_an_answer_without_audio_is_acknowledged_and_hung_up() -> None:
    async with scripted() as uas:
        placing = place(uas)
        uas.reply(await uas.request("INVITE"), 200, "OK")
        await uas.request("ACK")
        uas.reply(await uas.request("BYE"), 200, "OK")
        error = await placing.failed()
        assert error.reason == "The far end answered without a description of its audio."


async def test_an_answer_with_a_codec_that_was_not_offered() -> None:
    async with scripted() as uas:
        placing = place(uas)
        invite = await uas.request("INVITE")
        body = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 18\r\n"
        odd = uas.reply(invite, 180, "Ringing").decode()
        answer = odd.replace("180 Ringing", "200 OK").replace(
            "Content-Length: 0\r\n\r\n", f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )
        uas.send(answer.encode(), invite.address)
        await uas.request("ACK")
        uas.reply(await uas.request("BYE"), 200, "OK")
        assert "no audio codec in common" in (await placing.failed()).reason


async def test_folded_lines_odd_bytes_and_a_missing_phrase() -> None:
    async with scripted() as uas:
        placing = place(uas)
        invite = await uas.request("INVITE")
        plain = uas.reply(invite, 180, "Ringing", "Subject: x")
        body = SDP.format(port=uas.media_port, direction="sendrecv").replace("\r\n", "\n").encode()
        odd = (
            plain.replace(b"SIP/2.0 180 Ringing", b"SIP/2.0 200")
            .replace(b"Subject: x", b"Subject : caf\xe9\r\n folded\r\nc : application/sdp")
            .replace(b"\r\nContact: ", b"\r\nm:\r\n\t")
            .replace(b"Content-Length: 0", b"l: %d" % len(body))
        )
        uas.send(odd + body, invite.address)
        await placing.task
        await uas.request("ACK")
        await end(uas, placing)


async def test_junk_is_dropped_counted_and_told_without_flooding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack_module, "JUNK_SECONDS", 0.1)
    async with call_up() as (uas, invite, placing):
        for number in range(20):
            uas.send(b"\x00\xff junk %d" % number, invite.address)
        uas.send(b"SIP/2.0 200 OK\r\nVia: nonsense\r\n\r\n", invite.address)
        uas.send(b"INVITE sip:x SIP/2.0\r\n\r\n", invite.address)
        notices = placing.phone.notices
        await until(lambda: len(notices) == 2)
        assert {level for level, _, _ in notices} == {"warning"}
        assert notices[0][1].startswith(f"A message dropped, the last from 127.0.0.1:{uas.port}:")
        assert notices[1][1].startswith(f"21 messages dropped, the last from 127.0.0.1:{uas.port}:")
        await asyncio.sleep(0.15)
        assert len(notices) == 2


async def test_the_far_end_says_why_it_hangs_up() -> None:
    async with call_up() as (uas, invite, placing):
        uas.in_dialog(invite, "BYE", 100, 'Reason: SIP;cause=200;text="Call completed elsewhere"')
        await uas.response(200)
        assert placing.phone.states[-1] == "ended"
        assert placing.phone.reason == "The far end hung up (Call completed elsewhere)."
        uas.in_dialog(invite, "BYE", 100, 'Reason: SIP;cause=200;text="Call completed elsewhere"')
        await uas.response(200)  # a repeated one is answered again


async def test_a_refused_hold_leaves_the_call_as_it_was() -> None:
    async with call_up() as (uas, _, placing):
        holding = asyncio.create_task(placing.call.hold(True))
        reinvite = await uas.request("INVITE")
        assert "a=sendonly" in reinvite.body
        uas.reply(reinvite, 488, "Not Acceptable Here")
        await uas.request("ACK")
        with pytest.raises(CallError, match="488 Not Acceptable Here"):
            await holding
        assert placing.phone.holds == []
        holding = asyncio.create_task(placing.call.hold(True))
        again = await uas.request("INVITE")
        uas.reply(again, 200, "OK", sdp=True, direction="recvonly")
        await uas.request("ACK")
        await holding
        assert placing.phone.holds == [(True, False)]
        assert placing.phone.states[-1] == "up"


async def test_hold_ends_with_the_call() -> None:
    async with call_up() as (uas, invite, placing):
        holding = asyncio.create_task(placing.call.hold(True))
        await uas.request("INVITE")
        uas.in_dialog(invite, "BYE", 100)
        with pytest.raises(CallError):
            await asyncio.wait_for(holding, 5)


@pytest.mark.parametrize("direction", ["sendonly", "inactive"])
async def test_the_far_end_holds_resumes_and_moves_its_media(direction: str) -> None:
    async with call_up() as (uas, invite, placing), scripted() as other:
        body = SDP.format(port=uas.media_port, direction=direction)
        uas.in_dialog(invite, "INVITE", 100, body=body, kind="application/sdp")
        answer = await uas.response(200)
        assert ("a=recvonly" if direction == "sendonly" else "a=inactive") in answer.body
        uas.in_dialog(invite, "ACK", 100)
        assert placing.phone.holds == [(False, True)]
        body = SDP.format(port=other.media_port, direction="sendrecv")
        uas.in_dialog(invite, "INVITE", 101, body=body, kind="application/sdp")
        assert "a=sendrecv" in (await uas.response(200)).body
        uas.in_dialog(invite, "ACK", 101)
        assert placing.phone.holds == [(False, True), (False, False)]
        assert placing.call.media is not None
        assert placing.call.media.remote == f"127.0.0.1:{other.media_port}"


async def test_an_offer_without_a_common_codec_is_refused_and_the_call_goes_on() -> None:
    async with call_up() as (uas, invite, placing):
        body = SDP.format(port=4000, direction="sendrecv").replace("RTP/AVP 0 101", "RTP/AVP 18")
        uas.in_dialog(invite, "INVITE", 100, body=body, kind="application/sdp")
        await uas.response(488)
        uas.in_dialog(invite, "ACK", 100)
        assert placing.phone.states[-1] == "up"
        assert "A change that the far end wanted was refused." in placing.phone.notices[-1][1]


async def test_the_far_end_wants_our_offer() -> None:
    async with call_up() as (uas, invite, placing):
        uas.in_dialog(invite, "INVITE", 100)
        ours = await uas.response(200)
        assert "m=audio" in ours.body
        body = SDP.format(port=uas.media_port, direction="recvonly")
        uas.in_dialog(invite, "ACK", 100, body=body, kind="application/sdp")
        await until(lambda: placing.phone.states[-1] == "up")


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", ("5", 0.16)),
        ("application/dtmf-relay", "Signal= 5\r\nDuration= 160\r\n", ("5", 0.16)),
        ("application/dtmf-relay", "signal=11\n", ("#", None)),
        ("application/dtmf", "d", ("D", None)),
    ],
)
async def test_keys_in_info_of_all_sorts(kind: str, body: str, expected: tuple[str, float | None]) -> None:
    async with call_up() as (uas, invite, placing):
        uas.in_dialog(invite, "INFO", 100, body=body, kind=kind)
        await uas.response(200)
        ((way, key),) = placing.phone.info_keys
        assert (way, key.char, key.duration, key.content_type) == ("received", *expected, kind)


async def test_info_without_a_key_is_told() -> None:
    async with call_up() as (uas, invite, placing):
        uas.in_dialog(invite, "INFO", 100, body="Signal=flash\r\n", kind="application/dtmf-relay")
        await uas.response(200)
        assert placing.phone.info_keys == []
        assert "An INFO request holds no key" in placing.phone.notices[-1][1]


@pytest.mark.parametrize(("status", "phrase"), [(405, "Method Not Allowed"), (415, "Unsupported Media Type")])
async def test_a_refused_info_is_told_with_its_status(status: int, phrase: str) -> None:
    async with call_up() as (uas, _, placing):
        sending = asyncio.create_task(placing.call.send_info("7", 0.1, "application/dtmf-relay"))
        info = await uas.request("INFO")
        assert info.body == "Signal=7\r\nDuration=100\r\n"
        uas.reply(info, status, phrase)
        key = await sending
        assert (key.status, key.reason) == (status, phrase)
        assert placing.phone.info_keys == [("sent", key)]
        assert placing.phone.states[-1] == "up"


async def test_keys_in_info_while_it_rings() -> None:
    async with scripted() as uas:
        placing = place(uas)
        invite = await uas.request("INVITE")
        uas.reply(invite, 183, "Session Progress", sdp=True)
        await until(lambda: placing.call.media)
        sending = asyncio.create_task(placing.call.send_info("7", 0.1, "application/dtmf-relay"))
        info = await uas.request("INFO")
        assert "tag=far" in info.get("To")
        uas.reply(info, 200, "OK")
        assert (await sending).status == 200
        uas.reply(invite, 200, "OK", sdp=True)
        await uas.request("ACK")
        await placing.task
        await end(uas, placing)


async def test_before_it_rings_no_info_goes_out() -> None:
    async with scripted() as uas:
        placing = place(uas)
        with pytest.raises(CallError, match="not up"):
            await placing.call.send_info("7", 0.1, "application/dtmf")
        invite = await uas.request("INVITE")
        key = await placing.call.send_info("7", 0.1, "application/dtmf")
        assert (key.status, key.reason) == (None, "The call is not up.")
        uas.reply(invite, 200, "OK", sdp=True)
        await uas.request("ACK")
        await placing.task
        await end(uas, placing)


async def test_info_without_an_answer_ends_with_the_call() -> None:
    async with call_up() as (uas, invite, placing):
        sending = asyncio.create_task(placing.call.send_info("7", 0.1, "application/dtmf"))
        assert (await uas.request("INFO")).body == "7"
        uas.in_dialog(invite, "BYE", 100)
        key = await asyncio.wait_for(sending, 5)
        assert key.status is None
        assert key.reason
        assert key.answered_at is None


async def test_a_silent_far_end_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "SILENCE_SECONDS", 0.1)
    async with call_up() as (_, _, placing):
        await until(lambda: placing.phone.notices)
        assert placing.phone.notices[0][1].startswith("No audio has come from the far end for 0")
        assert placing.phone.states[-1] == "up"


async def test_a_transfer_with_conditions_is_declined() -> None:
    async with call_up() as (uas, invite, placing):
        uas.in_dialog(invite, "REFER", 100, "Refer-To: <sip:carol@127.0.0.1?Replaces=abc>")
        await uas.response(202)
        notified = await uas.request("NOTIFY")
        while "SIP/2.0 603" not in notified.body:
            uas.reply(notified, 200, "OK")
            notified = await uas.request("NOTIFY")
        uas.reply(notified, 200, "OK")
        assert placing.phone.transfers[-1][0] == "failed"
        assert placing.phone.states[-1] == "up"


async def test_the_next_server_is_tried_when_one_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted() as down:
        gone = down.port
    async with scripted() as overloaded, scripted() as uas:

        async def servers(
            self: Resolver, host: str, port: int | None = None, transport: Transport | None = None, *, secure: bool
        ) -> list[Server]:
            flows = [Flow("tcp", "127.0.0.1", gone)]
            flows += [Flow("udp", "127.0.0.1", port) for port in (gone, overloaded.port, uas.port)]
            return [Server(flow, host) for flow in flows]

        monkeypatch.setattr(Resolver, "servers", servers)
        placing = place(uas)
        uas_invite = asyncio.create_task(uas.request("INVITE"))
        overloaded.reply(await overloaded.request("INVITE"), 503, "Service Unavailable")
        uas.reply(await uas_invite, 200, "OK", sdp=True)
        await placing.task
        assert [level for level, text, _ in placing.phone.notices] == ["info"] * 3
        await uas.request("ACK")
        await end(uas, placing)


async def test_a_server_that_answers_no_is_not_asked_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scripted() as uas, scripted() as second:

        async def servers(self: Resolver, *_: object, **__: object) -> list[Server]:
            return [Server(Flow("udp", "127.0.0.1", port), "x") for port in (uas.port, second.port)]

        monkeypatch.setattr(Resolver, "servers", servers)
        placing = place(uas)
        uas.reply(await uas.request("INVITE"), 404, "Not Found")
        await placing.failed()
        assert second.all_requests == []
