"""Sockets of SIP stacks on loopback."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from tls_authority import Authority

from dtmfphone.calls.call import CallError
from dtmfphone.calls.sip import transport as transport_module
from dtmfphone.calls.sip.resolver import Resolver
from dtmfphone.calls.sip.tls import Trust
from dtmfphone.calls.sip.transport import SipTransport
from dtmfphone.sip.flow import Flow

MESSAGE = b"OPTIONS sip:x SIP/2.0\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"
REPLY = b"SIP/2.0 200 OK\r\nCall-ID: 1\r\nContent-Length: 0\r\n\r\n"


class User:
    """Notes what a transport tells."""

    def __init__(self) -> None:
        self.heard: list[tuple[bytes, Flow]] = []
        self.sent_to: list[Flow] = []
        self.failures: list[tuple[Flow, CallError]] = []
        self.long: list[int] = []

    def received(self, data: bytes, flow: Flow, local: tuple[str, int]) -> None:
        self.heard.append((data, flow))

    def sent(self, data: bytes, flow: Flow, local: tuple[str, int]) -> None:
        self.sent_to.append(flow)

    def failed(self, flow: Flow, error: CallError) -> None:
        self.failures.append((flow, error))

    def fragmented(self, length: int) -> None:
        self.long.append(length)


@asynccontextmanager
async def sockets(trust: Trust | None = None) -> AsyncIterator[tuple[SipTransport, User]]:
    user = User()
    transport = SipTransport(user, trust or Trust(), Resolver())
    try:
        yield transport, user
    finally:
        await transport.close()


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_datagrams_both_ways(host: str) -> None:
    async with sockets() as (near, near_user), sockets() as (far, far_user):
        address = await far.bind_udp(host, 0)
        await near.bind_udp(host, 0)
        near.send(MESSAGE, Flow("udp", *address))
        await until(lambda: far_user.heard)
        data, flow = far_user.heard[0]
        assert data == MESSAGE
        assert (flow.host, flow.port) == near.local(Flow("udp", host, 1))
        far.send(REPLY, flow)
        await until(lambda: near_user.heard)
        assert near_user.heard == [(REPLY, Flow("udp", *address))]


async def test_keep_alives_are_no_messages() -> None:
    async with sockets() as (near, _), sockets() as (far, far_user):
        address = await far.bind_udp("127.0.0.1", 0)
        await near.bind_udp("127.0.0.1", 0)
        for data in (b"\r\n\r\n", b"\r\n", b"\0\0\0\0", b"", MESSAGE):
            near.send(data, Flow("udp", *address))
        await until(lambda: far_user.heard)
        assert [data for data, _ in far_user.heard] == [MESSAGE]


async def test_a_refused_datagram_is_told_of() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    async with sockets() as (near, user), sockets() as (far, far_user):
        await near.bind_udp("127.0.0.1", 0)
        address = await far.bind_udp("127.0.0.1", 0)
        for _ in range(3):
            near.send(MESSAGE, Flow("udp", "127.0.0.1", port))
        await until(lambda: user.failures)
        flow, error = user.failures[0]
        assert flow == Flow("udp", "127.0.0.1", port)
        assert error.reason == f"127.0.0.1:{port} refused the connection: nothing listens there."
        near.send(MESSAGE, Flow("udp", *address))
        await until(lambda: far_user.heard)  # the socket lives on


async def test_the_name_of_a_flow_is_looked_up() -> None:
    async with sockets() as (near, user), sockets() as (far, far_user):
        _, port = await far.bind_udp("127.0.0.1", 0)
        await near.bind_udp("127.0.0.1", 0)
        near.send(MESSAGE, Flow("udp", "nowhere.invalid", 5060))
        near.send(MESSAGE, Flow("udp", "127.0.0.1", port))
        await until(lambda: far_user.heard and user.failures)
        assert user.failures[0][0] == Flow("udp", "nowhere.invalid", 5060)
        assert user.failures[0][1].reason == "The host nowhere.invalid is not known."


async def test_the_other_kind_of_address_has_no_socket() -> None:
    async with sockets() as (near, user):
        await near.bind_udp("127.0.0.1", 0)
        near.send(MESSAGE, Flow("udp", "::1", 5060))
        assert "no UDP socket" in user.failures[0][1].reason


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_one_connection_carries_both_directions_and_is_used_again(host: str) -> None:
    async with sockets() as (near, near_user), sockets() as (far, far_user):
        address = await far.listen("tcp", host, 0)
        for _ in range(3):
            near.send(MESSAGE, Flow("tcp", *address))
        await until(lambda: len(far_user.heard) == 3)
        flows = {flow for _, flow in far_user.heard}
        assert len(flows) == 1
        flow = flows.pop()
        assert flow.connection is not None
        assert near.local(Flow("tcp", *address)) == (flow.host, flow.port)
        far.send(REPLY, flow)
        far.send(MESSAGE, Flow("tcp", flow.host, flow.port))  # a request to the Contact goes along it as well
        await until(lambda: len(near_user.heard) == 2)
        assert not near_user.failures + far_user.failures


async def test_a_far_end_without_a_listener_is_reached_by_its_connection() -> None:
    async with sockets() as (near, near_user), sockets() as (far, far_user):
        near.send(MESSAGE, Flow("tcp", *await far.listen("tcp", "127.0.0.1", 0)))
        await until(lambda: far_user.heard)
        far.send(MESSAGE, Flow("tcp", "127.0.0.1", 9))
        await until(lambda: near_user.heard)


async def test_a_message_may_come_in_pieces_and_several_at_once() -> None:
    async with sockets() as (far, user):
        reader, writer = await asyncio.open_connection(*await far.listen("tcp", "127.0.0.1", 0))
        writer.write(MESSAGE + MESSAGE[:20])
        await until(lambda: len(user.heard) == 1)
        writer.write(MESSAGE[20:] + b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"  # the answer to the keep-alive
        assert [data for data, _ in user.heard] == [MESSAGE, MESSAGE]
        writer.close()


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\n", b"A" * 100_000])
async def test_garbage_on_a_stream_closes_it(garbage: bytes) -> None:
    async with sockets() as (far, user):
        reader, writer = await asyncio.open_connection(*await far.listen("tcp", "127.0.0.1", 0))
        writer.write(garbage)
        with suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 5) == b""
        assert user.heard == []
        assert user.failures
        writer.close()


async def test_a_refused_connection_is_told_of() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with sockets() as (near, user):
        flow = Flow("tcp", "127.0.0.1", port)
        near.send(MESSAGE, flow)
        await until(lambda: user.failures)
        assert user.failures[0][0] == flow
        assert user.failures[0][1].reason == f"127.0.0.1:{port} refused the connection: nothing listens there."
        with pytest.raises(CallError, match="refused"):
            await near.connect(flow)


async def test_a_lost_connection_fails_what_went_along_it_and_is_opened_again() -> None:
    async with sockets() as (near, user):
        async with sockets() as (far, far_user):
            address = await far.listen("tcp", "127.0.0.1", 0)
            near.send(MESSAGE, Flow("tcp", *address))
            await until(lambda: far_user.heard)
        await until(lambda: user.failures)
        assert Flow("tcp", *address) in {flow for flow, _ in user.failures}
        async with sockets() as (far, far_user):
            await far.listen("tcp", *address)
            near.send(MESSAGE, Flow("tcp", *address))
            await until(lambda: far_user.heard)


async def test_a_far_end_that_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dtmfphone.calls.sip.stream.MAX_UNSENT", 10_000)
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        async with sockets() as (near, user):
            flow = Flow("tcp", *deaf.getsockname())
            await near.connect(flow)
            while not user.failures:
                near.send(MESSAGE * 1000, flow)
                await asyncio.sleep(0)
            assert "does not read" in user.failures[0][1].reason


async def test_beyond_the_limit_the_connection_that_is_idle_makes_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "MAX_ACCEPTED", 2)
    async with sockets() as (far, user):
        address = await far.listen("tcp", "127.0.0.1", 0)
        streams = [await asyncio.open_connection(*address) for _ in range(2)]
        for _, writer in streams:
            writer.write(MESSAGE)
        await until(lambda: len(user.heard) == 2)
        streams[0][1].write(MESSAGE)
        await until(lambda: len(user.heard) == 3)
        streams.append(await asyncio.open_connection(*address))
        assert await asyncio.wait_for(streams[1][0].read(), 5) == b""
        streams.append(await asyncio.open_connection(*address))
        assert await asyncio.wait_for(streams[2][0].read(), 5) == b"", "it has said nothing yet"
        streams[0][1].write(MESSAGE)
        streams[3][1].write(MESSAGE)
        await until(lambda: len(user.heard) == 5)
        for _, writer in streams:
            writer.close()


async def test_flows_are_kept_alive_and_idle_connections_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport_module, "KEEP_ALIVE_SECONDS", 0.02)
    monkeypatch.setattr(transport_module, "IDLE_SECONDS", 0.15)
    monkeypatch.setattr(transport_module, "FIRST_SECONDS", 0.05)
    async with sockets() as (near, near_user), sockets() as (far, far_user):
        address = await far.listen("tcp", "127.0.0.1", 0)
        near.send(MESSAGE, Flow("tcp", *address))
        idle, writer = await asyncio.open_connection(*address)
        silent, silent_writer = await asyncio.open_connection(*address)
        writer.write(MESSAGE)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nat:
            nat.bind(("127.0.0.1", 0))
            nat.settimeout(5)
            await near.bind_udp("127.0.0.1", 0)
            flow = Flow("udp", *nat.getsockname())
            near.keep_alive(flow, on=True)
            assert await asyncio.to_thread(nat.recv, 100) == b"\r\n\r\n"
            near.keep_alive(flow, on=False)
        assert await asyncio.wait_for(silent.read(), 5) == b""
        assert not idle.at_eof()
        assert await asyncio.wait_for(idle.read(), 5) == b""
        assert not near_user.failures  # the ping keeps the other one
        writer.close()
        silent_writer.close()
        assert len(far_user.heard) == 2


async def test_tls_to_a_server_whose_authority_is_trusted(authority: Authority) -> None:
    cert, key = authority.issue("localhost", "127.0.0.1")
    async with sockets(Trust(str(authority.file))) as (near, near_user), sockets() as (far, far_user):
        _, port = await far.listen("tls", "127.0.0.1", 0, cert=cert, key=key)
        flow = Flow("tls", "127.0.0.1", port)
        near.send(MESSAGE, flow)
        await until(lambda: far_user.heard)
        far.send(REPLY, far_user.heard[0][1])
        await until(lambda: near_user.heard)


CASES = [
    (("localhost",), 10, "localhost", False, None),
    (("localhost",), 10, "sip.example.test", False, "The certificate shown is not one for sip.example.test."),
    (("127.0.0.2",), 10, "127.0.0.1", False, "The certificate shown is not one for 127.0.0.1."),
    (("localhost",), -1, "localhost", False, "The certificate of localhost has expired."),
    (
        ("localhost",),
        10,
        "localhost",
        True,
        "The certificate of localhost is from an authority that is not known here.",
    ),
]


@pytest.mark.parametrize(("names", "days", "name", "stranger", "reason"), CASES)
async def test_certificates_are_checked(
    authority: Authority,
    tmp_path: Path,
    names: tuple[str, ...],
    days: int,
    name: str,
    stranger: bool,
    reason: str | None,
) -> None:
    issuer = Authority(tmp_path, "stranger") if stranger else authority
    cert, key = issuer.issue(*names, days=days)
    async with sockets(Trust(str(authority.file))) as (near, _), sockets() as (far, _):
        _, port = await far.listen("tls", "127.0.0.1", 0, cert=cert, key=key)
        flow = Flow("tls", "127.0.0.1", port)
        near.remember(flow, name)
        if reason is None:
            await near.connect(flow)
        else:
            with pytest.raises(CallError) as caught:
                await near.connect(flow)
            assert caught.value.reason == reason
            assert caught.value.remedy
    async with sockets(Trust(insecure=True)) as (near, _), sockets() as (far, _):
        _, port = await far.listen("tls", "127.0.0.1", 0, cert=cert, key=key)
        await near.connect(Flow("tls", "127.0.0.1", port))


async def test_a_listener_without_a_certificate_makes_one(tmp_path: Path) -> None:
    async with sockets() as (strict, _), sockets(Trust(insecure=True)) as (lax, _), sockets() as (far, user):
        flow = Flow("tls", *await far.listen("tls", "127.0.0.1", 0))
        with pytest.raises(CallError, match="authority that is not known here"):
            await strict.connect(flow)
        lax.send(MESSAGE, flow)
        await until(lambda: user.heard)


async def test_tls_to_a_server_that_speaks_none() -> None:
    async with sockets() as (near, _), sockets() as (far, _):
        _, port = await far.listen("tcp", "127.0.0.1", 0)
        with pytest.raises(CallError) as caught:
            await near.connect(Flow("tls", "127.0.0.1", port))
        assert "TLS" in caught.value.reason + caught.value.remedy


async def test_files_that_hold_no_certificates(tmp_path: Path) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("nothing")
    async with sockets(Trust(str(junk))) as (near, _), sockets() as (far, _):
        _, port = await far.listen("tls", "127.0.0.1", 0)
        with pytest.raises(CallError, match="cannot be read"):
            await near.connect(Flow("tls", "127.0.0.1", port))
        with pytest.raises(CallError, match="cannot be used for TLS"):
            await far.listen("tls", "127.0.0.1", 0, cert=str(junk))
        with pytest.raises(CallError, match="There is no file"):
            await far.listen("tls", "127.0.0.1", 0, cert=str(tmp_path / "none.pem"))


async def bind(transport: SipTransport, kind: str, host: str, port: int) -> tuple[str, int]:
    return await (transport.bind_udp(host, port) if kind == "udp" else transport.listen("tcp", host, port))


@pytest.mark.parametrize("kind", ["udp", "tcp"])
async def test_an_address_that_is_taken_or_not_ours(kind: str) -> None:
    async with sockets() as (first, _), sockets() as (second, _):
        host, port = await bind(first, kind, "127.0.0.1", 0)
        with pytest.raises(CallError, match=f"127.0.0.1:{port} is in use"):
            await bind(second, kind, host, port)
        with pytest.raises(CallError, match="is no address of this machine"):
            await bind(second, kind, "192.0.2.1", 0)


async def test_closing_leaves_nothing_behind() -> None:
    async with sockets() as (near, user), sockets() as (far, far_user):
        near.send(MESSAGE, Flow("tcp", *await far.listen("tcp", "127.0.0.1", 0)))
        await until(lambda: far_user.heard)
        await near.close()
        await near.close()
        near.send(MESSAGE, Flow("tcp", "127.0.0.1", 9))
        assert not user.failures


def test_the_system_s_authorities_are_trusted_by_default() -> None:
    context = Trust().context()
    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname
