"""SIP lines: accounts at a registrar by script, and calls that come in and go out on them."""

import asyncio
import re
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from sip_side import Board, Phone, SipText, Uas, listening, registered, scripted, settle, until

from dtmfphone.calls import lines
from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallError
from dtmfphone.calls.sip import line as line_module
from dtmfphone.calls.sip.call import open_call
from dtmfphone.calls.sip.line import open_account, open_line

CHALLENGE = 'WWW-Authenticate: Digest realm="test", nonce="n1", algorithm=MD5, qop="auth"'


@pytest.fixture(autouse=True)
async def _nothing_stays() -> AsyncIterator[None]:
    yield
    await settle()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "RETRY_SECONDS", (0.05,))
    monkeypatch.setattr(line_module, "UNREGISTER_SECONDS", 0.2)


def account(uas: Uas, **more: object) -> Account:
    values = {"address": "sip:alice@example.test", "registrar": f"127.0.0.1:{uas.port}", "password": "secret"}
    return Account(**(values | more))  # type: ignore[arg-type]


def accept(uas: Uas, register: SipText, expires: int = 300) -> None:
    contact = register.all("Contact")[0].partition(";expires")[0]
    uas.reply(register, 200, "OK", f"Contact: {contact};expires={expires}")


async def serve(uas: Uas) -> None:
    """Take every registration."""
    while True:
        accept(uas, await uas.requests.get())


async def test_an_account_registers_and_unregisters() -> None:
    async with scripted() as uas:
        async with registered(account(uas)) as (board, _):
            assert board.changes[0].state == "registering"
            first = await uas.request("REGISTER")
            assert first.start == f"REGISTER sip:127.0.0.1:{uas.port} SIP/2.0"
            assert "sip:alice@example.test" in first.get("To")
            uas.reply(first, 401, "Unauthorized", CHALLENGE)
            second = await uas.request("REGISTER")
            assert 'username="alice"' in second.get("Authorization")
            accept(uas, second)
            await until(lambda: board.changes[-1].state == "registered")
            change = board.changes[-1]
            assert (change.address, change.expires) == ("sip:alice@example.test", 300)
            assert re.fullmatch(r"sip:alice@127\.0\.0\.1:\d+", change.contact)
            assert [message.summary.split()[0] for message in board.messages] == ["REGISTER", "401", "REGISTER", "200"]
            assert "secret" not in str(board.messages)
            serving = asyncio.create_task(serve(uas))
        assert board.changes[-1].state == "closed"
        last = uas.all_requests[-1]
        assert last.method == "REGISTER"
        assert "expires=0" in last.get("Contact")
        serving.cancel()


async def test_calls_come_in_and_go_out_on_the_registered_socket() -> None:
    async with scripted() as uas, registered(account(uas)) as (board, line):
        accept(uas, await uas.request("REGISTER"))
        await until(lambda: board.changes[-1].state == "registered")
        caller = Phone()
        incoming = open_call(board.changes[-1].contact, caller.context())
        await incoming.place()
        await until(lambda: board.phones[0].loud)
        await incoming.hang_up()
        assert board.incomings[0].caller == "sip:dtmfphone@127.0.0.1"
        phone = Phone()
        outgoing = open_call("sip:bob@example.test", phone.context(line=line))
        placing = asyncio.create_task(outgoing.place())
        invite = await uas.request("INVITE")  # the account's registrar serves its domain
        assert invite.address[1] == uas.all_requests[0].address[1]
        assert invite.get("From").startswith("<sip:alice@example.test>")
        uas.reply(invite, 200, "OK", sdp=True)
        await placing
        await uas.request("ACK")
        hanging_up = asyncio.create_task(outgoing.hang_up())
        uas.reply(await uas.request("BYE"), 200, "OK")
        await hanging_up
        number = open_call("tel:112", Phone().context(line=line))
        placing = asyncio.create_task(number.place())
        invite = await uas.request("INVITE")
        assert invite.start == "INVITE sip:112@example.test;user=phone SIP/2.0"
        uas.reply(invite, 404, "Not Found")
        with pytest.raises(CallError, match="does not know this number"):
            await placing


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (403, "forbids the registration (403 Forbidden)."),
        (404, "does not know this address (404 Forbidden)."),
        (405, "takes no registrations (405 Forbidden)."),
        (606, "did not take the registration (606 Forbidden)."),
    ],
)
async def test_a_refused_registration_in_plain_words(status: int, reason: str) -> None:
    async with scripted() as uas, registered(account(uas)) as (board, _):
        uas.reply(await uas.request("REGISTER"), status, "Forbidden")
        await until(lambda: board.changes[-1].state == "failed")
        assert board.changes[-1].reason == f"The registrar 127.0.0.1:{uas.port} {reason}"
        assert board.changes[-1].remedy


async def test_a_wrong_password() -> None:
    async with scripted() as uas, registered(account(uas)) as (board, _):
        for _ in range(2):
            uas.reply(await uas.request("REGISTER"), 401, "Unauthorized", CHALLENGE.replace("n1", str(id(object()))))
        await until(lambda: board.changes[-1].state == "failed")
        assert "does not take the user name and password" in board.changes[-1].reason


async def test_a_registrar_that_is_down_is_tried_again() -> None:
    async with scripted() as uas:
        settings = account(uas)
        port = uas.port
    async with registered(settings) as (board, _):
        await until(lambda: board.changes[-1].state == "failed")
        assert "refused the connection" in board.changes[-1].reason
        loop = asyncio.get_running_loop()
        transport, uas = await loop.create_datagram_endpoint(Uas, local_addr=("127.0.0.1", port))
        serving = asyncio.create_task(serve(uas))
        await until(lambda: board.changes[-1].state == "registered")
    serving.cancel()
    transport.close()


async def test_an_unknown_registrar_is_told_of_and_looked_up_again() -> None:
    settings = Account(address="sip:alice@nowhere.invalid")
    async with registered(settings) as (board, _):
        await until(lambda: len(board.changes) > 2)
        assert [change.state for change in board.changes[:3]] == ["registering", "failed", "failed"]
        assert board.changes[1].reason == "The host nowhere.invalid is not known."


async def test_a_lost_connection_is_opened_and_registered_again() -> None:
    contacts: list[str] = []
    answered = asyncio.Semaphore(0)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):  # the line is closed
            while data := await reader.readuntil(b"\r\n\r\n"):
                message = SipText(data.lstrip(), ("", 0))
                contacts.append(message.get("Contact"))
                lines_ = [line for line in message.lines if re.match("(?i)via|from|call-id|cseq|contact", line)]
                to = f"To: {message.get('To')};tag=r"
                writer.write("\r\n".join(["SIP/2.0 200 OK", *lines_, to, "", ""]).encode())
                if len(contacts) == 1:
                    await asyncio.sleep(0.05)
                    break
        writer.close()
        await writer.wait_closed()
        answered.release()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    settings = Account(address="sip:alice@example.test", registrar=f"127.0.0.1:{port}", transport="tcp")
    async with registered(settings) as (board, _):
        await until(lambda: [change.state for change in board.changes].count("registered") == 2)
        states = [change.state for change in board.changes]
        assert states == ["registering", "registered", "failed", "registered"]
        assert "closed the connection" in board.changes[2].reason
        assert contacts[0] != contacts[1]  # the port is the connection's
    for _ in range(2):
        await answered.acquire()
    server.close()


async def test_an_address_behind_a_nat_is_learned_from_the_registrar() -> None:
    async with scripted() as uas, registered(account(uas)) as (board, _):
        register = await uas.request("REGISTER")
        for number, line in enumerate(register.lines):
            if line.startswith("Via:"):
                register.lines[number] = re.sub(";rport[^;]*", ";received=192.0.2.44;rport=7777", line)
        accept(uas, register)
        again = await uas.request("REGISTER")
        contacts = " ".join(again.all("Contact"))
        assert "sip:alice@192.0.2.44:7777" in contacts
        assert "expires=0" in contacts  # the former one is taken back
        serving = asyncio.create_task(serve(uas))
        uas.requests.put_nowait(again)
        await until(lambda: "192.0.2.44:7777" in board.changes[-1].contact)
        serving.cancel()


async def test_an_account_that_does_not_register_is_ready() -> None:
    async with scripted() as uas, registered(account(uas, register=False)) as (board, _):
        await until(lambda: board.changes)
        assert board.changes[-1].state == "ready"
        assert uas.all_requests == []


async def test_a_line_may_be_closed_before_the_registrar_answered() -> None:
    async with scripted() as uas:
        async with registered(account(uas)) as (board, line):
            await uas.request("REGISTER")
            began = time.monotonic()
            await line.close()
            assert time.monotonic() - began < 10  # and not 32 s, as the transaction may take
        assert [change.state for change in board.changes] == ["registering", "closed"]


@pytest.mark.parametrize(("anywhere", "host"), [("0.0.0.0", "127.0.0.1"), ("[::]", "[::1]")])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_line_at_all_addresses_says_the_one_that_the_caller_reached(
    anywhere: str, host: str, transport: str
) -> None:
    async with listening(f"sip:{anywhere}:0;transport={transport}") as board:
        near = Phone()
        port = re.findall(r":(\d+)", board.address)[-1]
        call = open_call(f"sip:bob@{host}:{port};transport={transport}", near.context())
        await call.place()
        await until(lambda: near.loud and board.phones[0].loud)
        answer = next(message.text for message in near.messages if message.summary.startswith("200"))
        assert f"@{host}:{port}" in answer.partition("Contact:")[2].partition("\n")[0]
        assert f" {host.strip('[]')}\n" in answer.partition("c=")[2]
        await call.hang_up()
        await until(lambda: board.phones[0].states[-1] == "ended")


async def test_closing_an_address_leaves_calls_that_are_up() -> None:
    board = Board()
    line = open_line("sip:127.0.0.1:0", board, time.monotonic)
    await line.open()
    near = Phone()
    call = open_call(board.target(), near.context())
    await call.place()
    await line.close()
    await line.close()
    near.loud = False
    await until(lambda: near.loud)
    with pytest.raises(CallError):
        await open_call(board.target(), Phone().context()).place()
    await call.hang_up()
    await until(lambda: board.phones[0].states[-1] == "ended")
    await board.calls[0].hang_up()
    await settle()
    async with listening(board.address):
        pass  # the port is free again


@pytest.mark.parametrize(
    "values", [{"local": "1.2.3.4.5"}, {"registrar": "a b"}, {"proxy": "sip:"}, {"address": "sip:"}]
)
async def test_settings_that_cannot_work(values: dict[str, str]) -> None:
    settings = Account(**({"address": "sip:alice@example.test"} | values))  # type: ignore[arg-type]
    with pytest.raises(CallError) as caught:
        await open_account(settings, Board(), time.monotonic).open()
    assert caught.value.remedy


async def test_lines_are_found_by_the_scheme() -> None:
    assert isinstance(lines.open_line("sip:127.0.0.1:0", Board(), time.monotonic), line_module.ListeningLine)
    settings = Account(address="sips:alice@example.test")
    assert isinstance(lines.open_account(settings, Board(), time.monotonic), line_module.AccountLine)
