"""Calls that come in by SIP from a far end by script."""

import pytest
from sip_side import SDP, listening, scripted, until

from dtmfphone.calls.call import CallError


async def test_a_caller_with_a_name_and_an_offer() -> None:
    async with listening() as board, scripted() as uas:
        uas.invite(board.target(), SDP.format(port=uas.media_port, direction="sendrecv"))
        await uas.response(180)
        answer = await uas.response(200)
        assert "m=audio" in answer.body
        far = board.phones[0]
        assert board.incomings[0].caller == f"Ann <sip:ann@127.0.0.1:{uas.port}>"
        assert far.states == ["connecting"]
        uas.answer_to(answer, "ACK", 1)
        await until(lambda: far.states == ["connecting", "up"])
        uas.answer_to(answer, "BYE", 2)
        await uas.response(200)
        assert far.states[-1] == "ended"


async def test_the_answer_is_repeated_until_it_is_acknowledged() -> None:
    async with listening() as board, scripted() as uas:
        uas.invite(board.target(), SDP.format(port=uas.media_port, direction="sendrecv"))
        await uas.response(180)
        answer = await uas.response(200)
        assert (await uas.response(200)).text == answer.text
        uas.answer_to(answer, "ACK", 1)
        await until(lambda: board.phones[0].states[-1] == "up")
        uas.answer_to(answer, "BYE", 2)
        await uas.response(200)


async def test_a_caller_without_an_offer_gets_ours() -> None:
    async with listening() as board, scripted() as uas:
        uas.invite(board.target())
        await uas.response(180)
        answer = await uas.response(200)
        assert "a=rtpmap:111 opus/48000/2" in answer.body
        far = board.phones[0]
        assert far.states == []
        uas.answer_to(answer, "ACK", 1, SDP.format(port=uas.media_port, direction="sendrecv"))
        await until(lambda: far.states == ["connecting", "up"])
        assert board.calls[0].media is not None
        assert board.calls[0].media.codec == "pcmu"
        uas.answer_to(answer, "BYE", 2)
        await uas.response(200)


@pytest.mark.parametrize(
    "answer_sdp", [None, "v=0\r\nnonsense", SDP.format(port=4000, direction="sendrecv").replace(" 0 101", " 18")]
)
async def test_a_caller_that_gives_no_usable_answer_is_hung_up(answer_sdp: str | None) -> None:
    async with listening() as board, scripted() as uas:
        uas.invite(board.target())
        await uas.response(180)
        uas.answer_to(await uas.response(200), "ACK", 1, answer_sdp)
        uas.reply(await uas.request("BYE"), 200, "OK")
        with pytest.raises(CallError) as caught:
            await board.tasks[0]
        assert caught.value.reason.endswith(".")
        assert "up" not in board.phones[0].states


@pytest.mark.parametrize(
    "sdp", ["nonsense", "v=0\r\n", SDP.format(port=4000, direction="sendrecv").replace(" 0 101", " 18")]
)
async def test_an_offer_that_cannot_be_answered_is_refused(sdp: str) -> None:
    async with listening() as board, scripted() as uas:
        uas.invite(board.target(), sdp)
        await uas.response(180)
        await uas.response(488)
        with pytest.raises(CallError):
            await board.tasks[0]


async def test_a_caller_that_gives_up_says_why() -> None:
    async with listening(action="ring") as board, scripted() as uas:
        uas.invite(board.target(), SDP.format(port=uas.media_port, direction="sendrecv"))
        await uas.response(180)
        uas.invite(board.target(), None, 'Reason: SIP;cause=200;text="Call completed elsewhere"', method="CANCEL")
        await uas.response(200)
        await uas.response(487)
        assert board.withdrawals == ["Call completed elsewhere"]
        board.answer(board.incomings[0])
        with pytest.raises(CallError, match=r"The caller gave up \(Call completed elsewhere\)\."):
            await board.tasks[0]


async def test_requests_that_belong_to_no_call_are_answered_and_traced_with_the_line() -> None:
    async with listening() as board, scripted() as uas:
        uas.invite(board.target(), method="OPTIONS")
        assert "INVITE" in (await uas.response(200)).get("Allow")
        uas.invite(board.target(), method="BYE", cseq=2)
        await uas.response(481)
        assert [message.summary.split()[0] for message in board.messages] == ["OPTIONS", "200", "BYE", "481"]
        assert board.incomings == []


async def test_junk_on_a_line_is_told_of() -> None:
    async with listening() as board, scripted() as uas:
        port = int(board.address.rpartition(":")[2])
        uas.send(b"\xff\xfe\x00 not SIP", ("127.0.0.1", port))
        await until(lambda: board.notices)
        assert board.notices[0][1].startswith(f"A message dropped, the last from 127.0.0.1:{uas.port}:")
        uas.invite(board.target(), method="OPTIONS")
        await uas.response(200)
