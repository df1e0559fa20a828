"""RFC 3263 against a DNS server of the test's own on loopback."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import dns.asyncresolver
import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest

from dtmfphone.calls.call import CallError
from dtmfphone.calls.sip.resolver import Resolver

NAPTR = [
    '20 50 "s" "SIP+D2U" "" _sip._udp.example.test.',
    '10 50 "s" "SIP+D2T" "" _sip._tcp.example.test.',
    '5 50 "s" "H323:D2T" "" _h323._tcp.example.test.',
    '5 50 "u" "E2U+sip" "!^.*$!sip:x@example.test!" .',
]


class DnsServer(asyncio.DatagramProtocol):
    """Answers from a table by name and type; what is not in it does not exist; with no table it is silent."""

    def __init__(self, table: dict[tuple[str, str], list[str]] | None) -> None:
        self.table = table
        self.asked: list[tuple[str, str]] = []
        self.transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | object, int]) -> None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name, kind = question.name.to_text(omit_final_dot=True), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if self.table is None:
            return
        response = dns.message.make_response(query)
        records = self.table.get((name, kind))
        if records is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        else:
            response.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, records))
        self.transport.sendto(response.to_wire(), addr)


@asynccontextmanager
async def resolving(table: dict[tuple[str, str], list[str]] | None) -> AsyncIterator[tuple[Resolver, DnsServer]]:
    transport, server = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: DnsServer(table), local_addr=("127.0.0.1", 0)
    )
    own = dns.asyncresolver.Resolver(configure=False)
    own.nameservers = ["127.0.0.1"]
    own.port = transport.get_extra_info("sockname")[1]
    try:
        yield Resolver(own), server
    finally:
        transport.close()


async def flows(resolver: Resolver, *args: object, **more: object) -> list[str]:
    return [str(server.flow) for server in await resolver.servers(*args, **more)]  # type: ignore[arg-type]


async def test_an_address_needs_no_dns() -> None:
    async with resolving({}) as (resolver, server):
        assert await flows(resolver, "192.0.2.7") == ["udp:192.0.2.7:5060"]
        assert await flows(resolver, "2001:db8::1", 5070, "tcp") == ["tcp:[2001:db8::1]:5070"]
        assert await flows(resolver, "192.0.2.7", secure=True) == ["tls:192.0.2.7:5061"]
        assert server.asked == []


async def test_a_secure_address_never_goes_over_udp() -> None:
    async with resolving({}) as (resolver, _):
        with pytest.raises(CallError, match="over TLS only"):
            await resolver.servers("192.0.2.7", 5060, "udp", secure=True)
        assert await flows(resolver, "192.0.2.7", 5060, "tcp", secure=True) == ["tls:192.0.2.7:5060"]


async def test_a_port_skips_service_records_and_udp_is_the_default() -> None:
    async with resolving({}) as (resolver, server):
        assert "udp:127.0.0.1:5070" in await flows(resolver, "localhost", 5070)
        assert server.asked == []


async def test_naptr_decides_on_the_transport_and_srv_on_host_and_port() -> None:
    table = {
        ("example.test", "NAPTR"): NAPTR,
        ("_sip._tcp.example.test", "SRV"): ["10 1 5062 127.0.0.2."],
        ("_sip._udp.example.test", "SRV"): ["20 1 5064 127.0.0.4.", "10 1 5063 127.0.0.3."],
    }
    async with resolving(table) as (resolver, _):
        servers = await resolver.servers("example.test")
    assert [str(server.flow) for server in servers] == [
        "tcp:127.0.0.2:5062",
        "udp:127.0.0.3:5063",
        "udp:127.0.0.4:5064",
    ]
    assert {server.name for server in servers} == {"example.test"}


async def test_a_wanted_transport_asks_for_its_srv_alone() -> None:
    table = {
        ("example.test", "NAPTR"): NAPTR,
        ("_sip._udp.example.test", "SRV"): ["10 1 5063 127.0.0.3."],
    }
    async with resolving(table) as (resolver, _):
        assert await flows(resolver, "example.test", None, "udp") == ["udp:127.0.0.3:5063"]


async def test_sips_takes_tls_only() -> None:
    table = {
        ("example.test", "NAPTR"): NAPTR,
        ("_sips._tcp.example.test", "SRV"): ["10 1 5061 127.0.0.9."],
    }
    async with resolving(table) as (resolver, _):
        assert await flows(resolver, "example.test", secure=True) == ["tls:127.0.0.9:5061"]


async def test_without_naptr_srv_of_every_transport_is_tried_udp_first() -> None:
    table = {
        ("_sip._udp.example.test", "SRV"): ["10 1 5060 127.0.0.1."],
        ("_sip._tcp.example.test", "SRV"): ["10 1 5060 127.0.0.2."],
    }
    async with resolving(table) as (resolver, _):
        assert await flows(resolver, "example.test") == ["udp:127.0.0.1:5060", "tcp:127.0.0.2:5060"]


async def test_weights_share_the_load() -> None:
    table = {("_sip._udp.example.test", "SRV"): ["10 90 5060 127.0.0.1.", "10 10 5060 127.0.0.2."]}
    async with resolving(table) as (resolver, _):
        first = [(await flows(resolver, "example.test", None, "udp"))[0] for _ in range(60)]
    assert 30 < first.count("udp:127.0.0.1:5060") < 60


async def test_a_target_that_is_not_known_leaves_the_others() -> None:
    table = {
        ("_sip._udp.example.test", "SRV"): ["10 1 5060 nowhere.invalid.", "20 1 5061 127.0.0.2.", "30 1 5062 ."],
    }
    async with resolving(table) as (resolver, _):
        assert await flows(resolver, "example.test", None, "udp") == ["udp:127.0.0.2:5061"]


async def test_a_name_without_records_is_looked_up_as_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"pbx.example.test": "192.0.2.9"}

    async def getaddrinfo(host: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 2, 17, "", (known[host], 0)), (2, 2, 17, "", (known[host], 0))]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    async with resolving({}) as (resolver, _):
        assert await flows(resolver, "pbx.example.test") == ["udp:192.0.2.9:5060"]
        assert await flows(resolver, "pbx.example.test", secure=True) == ["tls:192.0.2.9:5061"]


async def test_a_silent_dns_server_holds_a_call_up_for_a_short_time_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dtmfphone.calls.sip.resolver.RECORD_SECONDS", 0.2)
    async with resolving(None) as (resolver, _):
        began = time.monotonic()
        with pytest.raises(CallError, match=r"The host nowhere\.invalid is not known\."):
            await resolver.servers("nowhere.invalid")
        assert time.monotonic() - began < 5


async def test_localhost_and_plain_names_are_no_matter_for_dns() -> None:
    async with resolving({}) as (resolver, server):
        assert "udp:127.0.0.1:5060" in await flows(resolver, "localhost")
        assert server.asked == []


@pytest.mark.parametrize("name", ["nowhere.invalid", "x" * 70 + ".test", "a..b"])
async def test_a_name_that_nobody_knows_is_one_sentence(name: str) -> None:
    async with resolving({}) as (resolver, _):
        with pytest.raises(CallError) as caught:
            await resolver.servers(name)
    assert caught.value.reason.endswith("is not known.")
    assert caught.value.remedy
