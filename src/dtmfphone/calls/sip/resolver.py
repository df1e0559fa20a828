"""Which servers to try for a SIP URI, in order (RFC 3263): NAPTR, SRV, addresses."""

import asyncio
import socket
from dataclasses import dataclass
from typing import Final

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver
from dns.rdata import Rdata
from dns.rdtypes.IN.NAPTR import NAPTR
from dns.rdtypes.IN.SRV import SRV

from dtmfphone.calls.call import CallError
from dtmfphone.calls.sip.local_address import is_address
from dtmfphone.sip.flow import DEFAULT_PORTS, Flow, Transport

RECORD_SECONDS: Final = 2.0
"""How long NAPTR and SRV are waited for; without an answer a name's addresses do."""
ADDRESS_SECONDS: Final = 5.0
MAX_TARGETS: Final = 8
SERVICES: Final[dict[str, Transport]] = {"SIP+D2U": "udp", "SIP+D2T": "tcp", "SIPS+D2T": "tls"}
"""NAPTR services (RFC 3263 section 4.1)."""
PREFIXES: Final[dict[Transport, str]] = {"udp": "_sip._udp", "tcp": "_sip._tcp", "tls": "_sips._tcp"}


@dataclass(frozen=True)
class Server:
    """One server to try."""

    flow: Flow
    """Its host is an address."""
    name: str
    """The name that was looked up: the one that a certificate must be for (RFC 5922 section 4)."""


class Resolver:
    """Looks names up; works, with addresses alone, where no DNS server can be reached."""

    def __init__(self, dns_resolver: dns.asyncresolver.Resolver | None = None) -> None:
        """`dns_resolver`: asked for NAPTR and SRV; None: the one that this machine is set up for."""
        self._dns = dns_resolver

    async def servers(
        self, host: str, port: int | None = None, transport: Transport | None = None, *, secure: bool = False
    ) -> list[Server]:
        """Return the servers for a host in the order to try; raise CallError when there are none.

        `port` and `transport`: what the URI says; `secure`: only TLS will do.
        """
        if secure and transport == "udp":
            raise CallError(
                "A sips: address is called over TLS only, not over UDP.", "Choose TLS, or write sip: for it."
            )
        if secure:
            transport = "tls"
        if port or is_address(host):
            kind = transport or "udp"
            return await self._at(host, host, port or DEFAULT_PORTS[kind], kind)
        if "." in host.rstrip(".") and not host.endswith(".localhost"):
            servers = await self._by_service(host, transport)
            if servers:
                return servers[:MAX_TARGETS]
        kind = transport or "udp"
        return await self._at(host, host, DEFAULT_PORTS[kind], kind)

    async def _by_service(self, host: str, transport: Transport | None) -> list[Server]:
        """Return what NAPTR and SRV records name (RFC 3263 section 4.1 and 4.2); nothing where there are none."""
        kinds: list[Transport] = [transport] if transport is not None else ["udp", "tcp", "tls"]
        naptr, by_kind = await asyncio.gather(
            self._naptr(host), asyncio.gather(*(self._srv(f"{PREFIXES[kind]}.{host}") for kind in kinds))
        )
        chosen = [(kind, name) for service, name in naptr if (kind := SERVICES.get(service)) in kinds]
        if chosen:
            services = [(kind, await self._srv(name)) for kind, name in chosen]
        else:
            services = list(zip(kinds, by_kind, strict=True))
        servers: list[Server] = []
        for kind, records in services:
            for target, port in records:
                try:
                    servers += await self._at(host, target, port, kind)
                except CallError:
                    continue  # another one may be known
        return servers

    async def _naptr(self, host: str) -> list[tuple[str, str]]:
        """Return services and the names of their SRV records, in order of preference."""
        records = [each for each in await self._records(host, "NAPTR") if isinstance(each, NAPTR)]
        return [
            (each.service.decode("latin-1").upper(), each.replacement.to_text())
            for each in records
            if each.flags.lower() == b"s"
        ]

    async def _srv(self, name: str) -> list[tuple[str, int]]:
        """Return hosts and ports, by priority and drawn by weight (RFC 2782)."""
        records = await self._records(name, "SRV")
        usable = [each for each in records if isinstance(each, SRV) and each.target != dns.name.root]
        return [(each.target.to_text(omit_final_dot=True), each.port) for each in usable]

    async def _records(self, name: str, kind: str) -> list[Rdata]:
        try:
            if self._dns is None:
                self._dns = dns.asyncresolver.Resolver()
            answer = await self._dns.resolve(name, kind, lifetime=RECORD_SECONDS)
        except (dns.exception.DNSException, OSError):
            return []  # none, or nobody to ask: the addresses of the name are tried then
        return list(answer.rrset.processing_order()) if answer.rrset is not None else []

    async def _at(self, name: str, host: str, port: int, transport: Transport) -> list[Server]:
        hosts = [host] if is_address(host) else await addresses(host)
        return [Server(Flow(transport, each, port), name) for each in hosts][:MAX_TARGETS]


async def addresses(host: str) -> list[str]:
    """Return a name's addresses as this machine's resolver has them, hosts file included; raise CallError."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(ADDRESS_SECONDS):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_DGRAM)
    except TimeoutError as error:
        raise CallError(
            f"Nobody could say within {ADDRESS_SECONDS:g} s where {host} is.", "Check this machine's network and DNS."
        ) from error
    except (OSError, UnicodeError) as error:
        raise CallError(f"The host {host} is not known.", "Check its spelling and this machine's network.") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
