"""SIP calls between two stacks over real sockets on loopback."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sip_side import Board, Phone, listening, settle, until
from tls_authority import Authority

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallError, Holdable, InfoCapable, Transferable
from dtmfphone.calls.sip.call import OutgoingCall, open_call


@pytest.fixture(autouse=True)
async def _nothing_stays() -> AsyncIterator[None]:
    yield
    await settle()


async def place(phone: Phone, target: str, account: Account | None = None, codec: str = "auto") -> OutgoingCall:
    call = open_call(target, phone.context(account, codec=codec))
    await call.place()
    return call


async def both_hear(near: Phone, board: Board) -> None:
    await until(lambda: near.loud and board.phones and board.phones[-1].loud)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
async def test_a_call_with_audio_both_ways(transport: str, host: str) -> None:
    async with listening(f"sip:{host}:0;transport={transport}") as board:
        near = Phone()
        call = await place(near, board.target())
        await both_hear(near, board)
        assert near.states == ["calling", "ringing", "connecting", "up"]
        assert call.media is not None
        assert (call.media.codec, call.media.event_clock) == ("opus", 48000)
        await call.hang_up()
        far = board.phones[0]
        await until(lambda: far.states[-1] == "ended")
        assert far.states == ["connecting", "up", "ended"]
        assert far.reason == "The far end hung up."
        assert near.states[-1] == "up"  # who hung up knows
        assert call.statistics().packets_received > 0
        assert {message.transport for message in near.messages} == {transport}


async def test_a_line_without_a_transport_takes_udp_and_tcp_at_one_port() -> None:
    async with listening("sip:127.0.0.1:0") as board:
        for suffix in (";transport=udp", ";transport=tcp", ""):
            call = await place(Phone(), board.target() + suffix)
            await call.hang_up()
        assert len(board.phones) == 3


async def test_a_call_over_tls(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    cert, key = authority.issue("localhost")
    async with listening(f"sip:127.0.0.1:0;transport=tls;cert={cert};key={key}") as board:
        near = Phone()
        port = board.address.split(":")[2]
        account = Account(ca_file=str(authority.file))
        call = await place(near, f"sip:bob@localhost:{port}", account)
        await both_hear(near, board)
        await call.hang_up()
        await until(lambda: board.phones[0].states[-1] == "ended")  # the BYE took the same connection
        assert {message.transport for message in near.messages} == {"tls"}


async def test_an_unknown_certificate_ends_a_call_before_it_begins_unless_told_otherwise() -> None:
    async with listening("sip:127.0.0.1:0;transport=tls") as board:
        with pytest.raises(CallError) as caught:
            await place(Phone(), board.target())
        assert caught.value.reason == "The certificate of 127.0.0.1 is from an authority that is not known here."
        near = Phone()
        call = await place(near, board.target(), Account(insecure=True))
        assert [text for _, text, _ in near.notices] == ["The certificate of 127.0.0.1 is not checked."]
        await call.hang_up()


@pytest.mark.parametrize("codec", ["pcmu", "pcma", "g722", "opus"])
async def test_keys_are_heard_with_every_codec(codec: str) -> None:
    async with listening() as board:
        near = Phone()
        call = await place(near, board.target(), codec=codec)
        assert call.media is not None
        assert call.media.codec == codec
        near.dial("1#")
        await until(lambda: board.phones[0].keys("received") == "1#")
        await call.hang_up()


async def test_a_key_that_sounds_ends_on_the_wire_before_the_goodbye() -> None:
    async with listening() as board:
        near = Phone()
        call = await place(near, board.target(), codec="pcmu")
        near.dialer.key_down("5", time.monotonic())
        await until(lambda: board.phones[0].keys("received") == "5")
        await call.hang_up()
        await until(lambda: board.phones[0].states[-1] == "ended")
        [(_, event)] = [each for each in board.phones[0].ended if each[0] == "received"]
        bye = next(message for message in board.phones[0].messages if message.summary.startswith("BYE"))
        assert event.ended_by == "end-bit"
        assert event.end <= bye.t


async def test_encrypted_audio_and_no_key_in_the_trace() -> None:
    async with listening() as board:
        near = Phone()
        call = await place(near, board.target(), Account(security="required"))
        assert call.media is not None
        assert call.media.secure
        await both_hear(near, board)
        texts = [message.text for message in near.messages if "a=crypto" in message.text]
        assert len(texts) == 2
        assert all(text.count("a=crypto") == text.count("inline:***") for text in texts)
        await call.hang_up()


@pytest.mark.parametrize(
    ("refusal", "reason"),
    [
        ("busy", "is busy (486 Busy Here)."),
        ("declined", "declined the call (603 Decline)."),
        ("unavailable", "cannot be reached now (480 Temporarily Unavailable)."),
    ],
)
async def test_a_refusal_in_plain_words(refusal: str, reason: str) -> None:
    async with listening(action=refusal) as board:  # type: ignore[arg-type]
        near = Phone()
        with pytest.raises(CallError) as caught:
            await place(near, board.target())
        assert caught.value.reason == f"{board.target()} {reason}"
        assert caught.value.remedy
        assert near.states == ["calling", "ringing"]


async def test_no_codec_in_common() -> None:
    async with listening(action="ring") as board:
        near = Phone()
        call = open_call(board.target(), near.context(codec="pcma"))
        placing = asyncio.create_task(call.place())
        await until(lambda: board.incomings)
        board.answer(board.incomings[0], codec="pcmu")
        with pytest.raises(CallError, match="no codec or encryption in common"):
            await placing
        with pytest.raises(CallError, match="no audio codec in common"):
            await board.tasks[-1]


async def test_giving_up_while_it_rings_withdraws_the_call() -> None:
    async with listening(action="ring") as board:
        near = Phone()
        call = open_call(board.target(), near.context())
        placing = asyncio.create_task(call.place())
        await until(lambda: "ringing" in near.states)
        placing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await placing
        await call.hang_up()
        await until(lambda: board.withdrawals)
        summaries = [message.summary for message in near.messages if message.direction == "sent"]
        assert [summary.partition(" ")[0] for summary in summaries] == ["INVITE", "CANCEL", "ACK"]


async def test_a_call_taken_after_it_was_withdrawn_fails_with_a_sentence() -> None:
    async with listening(action="ring") as board:
        near = Phone()
        call = open_call(board.target(), near.context())
        placing = asyncio.create_task(call.place())
        await until(lambda: board.incomings)
        placing.cancel()
        await asyncio.gather(placing, return_exceptions=True)
        await until(lambda: board.withdrawals)
        board.answer(board.incomings[0])
        with pytest.raises(CallError, match="The caller gave up"):
            await board.tasks[-1]
        await board.incomings[0].refuse("busy")


async def test_the_far_end_hangs_up() -> None:
    async with listening() as board:
        near = Phone()
        call = await place(near, board.target())
        await board.calls[0].hang_up()
        await until(lambda: near.states[-1] == "ended")
        assert near.reason == "The far end hung up."
        await call.hang_up()
        with pytest.raises(CallError, match="not up"):
            await call.hold(True)


async def test_hold_and_resume_from_either_side() -> None:
    async with listening() as board:
        near = Phone()
        call = await place(near, board.target())
        far, far_call = board.phones[0], board.calls[0]
        await until(lambda: far.states[-1] == "up")
        assert isinstance(call, Holdable)
        await both_hear(near, board)
        await call.hold(True)
        assert (near.holds, far.holds) == ([(True, False)], [(False, True)])
        await asyncio.sleep(0.1)
        heard = len(near.heard_at), len(far.heard_at)
        await asyncio.sleep(0.1)
        assert (len(near.heard_at), len(far.heard_at)) == heard
        await far_call.hold(True)
        assert near.holds[-1] == (True, True)
        await far_call.hold(False)
        await call.hold(False)
        assert (near.holds[-1], far.holds[-1]) == ((False, False), (False, False))
        await until(lambda: len(near.heard_at) > heard[0] and len(far.heard_at) > heard[1])
        await call.hang_up()


@pytest.mark.parametrize("content_type", ["application/dtmf-relay", "application/dtmf"])
async def test_keys_by_info(content_type: str) -> None:
    async with listening() as board:
        near = Phone()
        call = await place(near, board.target())
        assert isinstance(call, InfoCapable)
        for char in "5*#":
            key = await call.send_info(char, 0.16, content_type)
            assert (key.status, key.char) == (200, char)
            assert key.answered_at is not None
        assert [key.char for way, key in near.info_keys if way == "sent"] == ["5", "*", "#"]
        received = [(key.char, key.duration) for way, key in board.phones[0].info_keys]
        length = 0.16 if content_type == "application/dtmf-relay" else None
        assert received == [("5", length), ("*", length), ("#", length)]
        await call.hang_up()


async def test_every_message_is_told_to_the_call_it_belongs_to() -> None:
    async with listening() as board:
        near = Phone()
        call = await place(near, board.target())
        await until(lambda: board.phones[0].states[-1] == "up")
        await call.hang_up()
        await until(lambda: len(board.phones[0].messages) >= 6)
        for phone, first in ((near, "sent"), (board.phones[0], "received")):
            assert [m.summary.split()[0] for m in phone.messages] == ["INVITE", "180", "200", "ACK", "BYE", "200"]
            assert phone.messages[0].direction == first
            assert len({m.dialog for m in phone.messages}) == 1
            times = [m.t for m in phone.messages]
            assert times == sorted(times)
            assert all(m.local and m.remote and m.text.startswith(m.text.split()[0]) for m in phone.messages)
        assert board.messages == []


async def test_messages_of_a_call_that_nobody_takes_are_told_to_the_line() -> None:
    async with listening(action="busy") as board:
        with pytest.raises(CallError):
            await place(Phone(), board.target())
        await until(lambda: len(board.messages) >= 4)
        assert [m.summary.split()[0] for m in board.messages] == ["INVITE", "180", "486", "ACK"]
    async with listening(action="ring") as board:
        near = Phone()
        call = open_call(board.target(), near.context())
        placing = asyncio.create_task(call.place())
        await until(lambda: "ringing" in near.states)
        placing.cancel()
        await asyncio.gather(placing, return_exceptions=True)
        await until(lambda: len(board.messages) >= 6)
        assert {m.summary.split()[0] for m in board.messages} == {"INVITE", "180", "CANCEL", "200", "487", "ACK"}


async def test_several_calls_at_once_on_one_line() -> None:
    async with listening() as board:
        phones = [Phone() for _ in range(5)]
        calls = await asyncio.gather(*(place(phone, board.target(str(i))) for i, phone in enumerate(phones)))
        await until(lambda: all(phone.loud for phone in phones))
        await asyncio.gather(*(call.hang_up() for call in calls))
        assert len(board.phones) == 5


async def test_a_blind_transfer() -> None:
    async with listening() as board, listening() as third:
        near = Phone()
        call = await place(near, board.target())
        assert isinstance(call, Transferable)
        board.calls[0]._follows_transfers = True  # as with an account
        await until(lambda: board.phones[0].states[-1] == "up")
        await call.transfer(third.target("carol"))
        states = [state for state, _ in near.transfers]
        assert (states[0], states[-1]) == ("asked", "done")
        assert near.states[-1] == "ended"
        assert near.reason == "The call was transferred."
        far = board.phones[0]
        assert [state for state, _ in far.transfers][-1] == "done"
        before = len(far.heard_at)
        third.phones[0].loud = False
        await until(lambda: third.phones[0].loud and len(far.heard_at) > before)
        await third.calls[0].hang_up()
        await until(lambda: far.states[-1] == "ended")


async def test_a_transfer_that_fails_leaves_the_call() -> None:
    async with listening() as board, listening(action="busy") as third:
        near = Phone()
        call = await place(near, board.target())
        board.calls[0]._follows_transfers = True
        await until(lambda: board.phones[0].states[-1] == "up")
        with pytest.raises(CallError, match="The transfer failed"):
            await call.transfer(third.target())
        assert near.transfers[-1][0] == "failed"
        near.loud = False
        await until(lambda: near.loud)
        await call.hang_up()


async def test_a_line_where_anybody_may_call_follows_no_transfer() -> None:
    async with listening() as board, listening() as third:
        near = Phone()
        call = await place(near, board.target())
        await until(lambda: board.phones[0].states[-1] == "up")
        with pytest.raises(CallError, match="603"):
            await call.transfer(third.target())
        assert "asks us to call" in board.phones[0].notices[-1][1]
        assert third.incomings == []
        await call.hang_up()


async def test_nobody_at_the_address() -> None:
    async with listening() as board:
        target = board.target()
    began = time.monotonic()
    for suffix in (";transport=udp", ";transport=tcp"):
        with pytest.raises(CallError) as caught:
            await place(Phone(), target + suffix)
        assert caught.value.reason.endswith("refused the connection: nothing listens there.")
        assert caught.value.remedy == "Check the port and that the server runs."
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("sip:", "has no host that can be called."),
        ("sip:bob@", "has no host that can be called."),
        ("sip:bob@host:99999", "has no host that can be called."),
        ("tel:+4930123", "A telephone number can be called with an account or by way of a proxy only."),
        ("tel:xyz", "has no telephone number."),
        ("sip:bob@nowhere.invalid", "The host nowhere.invalid is not known."),
        ("sip:bob@127.0.0.1;transport=sctp", "The transport sctp is not one that dtmfphone knows."),
    ],
)
async def test_targets_that_cannot_be_called(target: str, reason: str) -> None:
    with pytest.raises(CallError) as caught:
        await place(Phone(), target)
    assert caught.value.reason.endswith(reason)
    assert caught.value.remedy


async def test_a_proxy_is_asked_in_place_of_the_target() -> None:
    async with listening() as board:
        near = Phone()
        port = board.address.split(":")[2]
        call = await place(near, "tel:+49301234", Account(proxy=f"127.0.0.1:{port}", user="me"))
        invite = near.messages[0].text
        assert invite.startswith("INVITE sip:+49301234@127.0.0.1;user=phone SIP/2.0\n")
        assert f"Route: <sip:127.0.0.1:{port};lr>" in invite
        assert "From: <sip:me@127.0.0.1>" in invite
        await call.hang_up()


async def test_own_address_and_port_can_be_chosen() -> None:
    async with listening() as board:
        near = Phone()
        call = await place(near, board.target(), Account(local="127.0.0.2"))
        assert near.messages[0].local.startswith("127.0.0.2:")
        assert "c=IN IP4 127.0.0.2" in near.messages[0].text
        await both_hear(near, board)
        await call.hang_up()
        with pytest.raises(CallError, match="is no address of this machine"):
            await place(Phone(), board.target(), Account(local="192.0.2.1"))
        with pytest.raises(CallError, match="is no address of this machine"):
            await place(Phone(), board.target(), Account(local="a:b:c]"))


async def test_an_address_in_use_and_addresses_that_are_none() -> None:
    async with listening() as board:
        with pytest.raises(CallError, match="is in use already"):
            async with listening(board.address):
                pass
    for address in ("sip:bob@127.0.0.1", "sip:127.0.0.1;transport=ws", "sip:"):
        with pytest.raises(CallError):
            async with listening(address):
                pass
