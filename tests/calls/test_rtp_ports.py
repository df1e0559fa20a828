"""Ports in pairs, and sockets that hear of refusals."""

import asyncio
import socket
import time

import pytest
from rtp_side import until

from dtmfphone.calls.call import CallError
from dtmfphone.calls.rtp.ports import bind_pair, local_address, resolve
from dtmfphone.calls.rtp.udp_port import MAX_AT_ONCE, Address, UdpPort, address_text


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
async def test_rtp_is_on_an_even_port_and_rtcp_on_the_next(host: str) -> None:
    for _ in range(5):
        rtp, rtcp = await bind_pair(host, 0)
        with rtp, rtcp:
            assert rtp.getsockname()[1] % 2 == 0
            assert rtcp.getsockname()[1] == rtp.getsockname()[1] + 1


async def test_the_system_keeps_more_than_usual_while_we_are_busy() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as usual:
        size = usual.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
    for sock in await bind_pair("127.0.0.1", 0):
        with sock:
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) > size


async def test_a_port_that_is_taken_is_told_and_nothing_stays_open() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        for wanted in (port, port - 1):
            with pytest.raises(CallError, match=rf"UDP ports {wanted} and {wanted + 1} cannot be used") as caught:
                await bind_pair("127.0.0.1", wanted)
            assert caught.value.remedy


async def test_hosts_that_are_not_known_are_told() -> None:
    for host in ("no-such-host.invalid", "x" * 300):
        with pytest.raises(CallError, match="is not known"):
            await bind_pair(host, 0)
    with pytest.raises(CallError, match=r"UDP ports cannot be used for audio at 192\.0\.2\.1"):
        await bind_pair("192.0.2.1", 0)


async def test_addresses() -> None:
    assert await resolve("127.0.0.1") == (socket.AF_INET, "127.0.0.1")
    assert await resolve("::1") == (socket.AF_INET6, "::1")
    assert local_address("127.0.0.1") == "127.0.0.1"
    assert local_address("::1") == "::1"
    assert (address_text(("127.0.0.1", 5)), address_text(("::1", 5))) == ("127.0.0.1:5", "[::1]:5")


class Ear:
    """A port and what came to it."""

    def __init__(self, sock: socket.socket) -> None:
        self.port = UdpPort(sock)
        self.got: list[tuple[bytes, Address]] = []
        self.refused: list[Address] = []
        self.port.listen(lambda data, source: self.got.append((data, source)), self.refused.append)

    @property
    def address(self) -> Address:
        return self.port.host, self.port.port


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_datagrams_arrive_in_order_however_many_there_are(host: str) -> None:
    one, two = (Ear(sock) for sock in await bind_pair(host, 0))
    count = 3 * MAX_AT_ONCE
    for n in range(count):
        assert one.port.send(b"%d" % n, two.address) == ""
    await until(lambda: len(two.got) == count)
    assert two.got == [(b"%d" % n, one.address) for n in range(count)]
    for ear in (one, two):
        ear.port.close()
        ear.port.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_a_refusal_is_heard_and_the_loop_sleeps_again(host: str) -> None:
    one, two = (Ear(sock) for sock in await bind_pair(host, 0))
    two.port.close()
    one.port.send(b"?", two.address)
    await until(lambda: one.refused)
    assert one.refused == [two.address]
    used = time.process_time()
    await asyncio.sleep(0.2)
    assert time.process_time() - used < 0.1
    for _ in range(5):
        assert one.port.send(b"?", two.address) == ""
        await asyncio.sleep(0.005)
    assert 2 <= len(one.refused) <= 6
    one.port.close()


async def test_what_cannot_be_sent_is_told() -> None:
    one, two = (Ear(sock) for sock in await bind_pair("127.0.0.1", 0))
    assert one.port.send(b"?", ("192.0.2.1", 9)) == "Invalid argument"
    assert one.port.send(bytes(70000), two.address) == "Message too long"
    one.port.close()
    two.port.close()
