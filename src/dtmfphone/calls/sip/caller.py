"""Who calls whom by which way: a target and an account become a URI, an identity and servers to try."""

from dataclasses import dataclass
from typing import Final

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallError
from dtmfphone.calls.sip.local_address import host_and_port, place
from dtmfphone.calls.sip.resolver import Resolver, Server
from dtmfphone.sip.flow import Transport
from dtmfphone.sip.identity import Identity
from dtmfphone.sip.uri import SipUri

TRANSPORTS: Final[dict[str, Transport]] = {"udp": "udp", "tcp": "tcp", "tls": "tls"}
ANONYMOUS: Final = "dtmfphone"


@dataclass(frozen=True)
class NextHop:
    """A server by name, as a URI or a setting has it."""

    host: str
    port: int | None
    transport: Transport | None
    secure: bool = False

    async def servers(self, resolver: Resolver) -> list[Server]:
        """Look it up; raise CallError."""
        return await resolver.servers(self.host, self.port, self.transport, secure=self.secure)


def parse_target(text: str, account: Account) -> SipUri:
    """Return the URI to call; a telephone number is called at the account's domain. Raise CallError."""
    try:
        uri = SipUri.parse(text)
    except ValueError as error:
        raise CallError(str(error), "Write it as sip:user@host, sip:user@host:port or tel:+49301234.") from error
    if uri.scheme != "tel":
        return uri
    domain = _uri(account.address, "address").host if account.address else ""
    if not domain and account.proxy:
        domain = proxy_uri(account).host
    if not domain:
        raise CallError(
            "A telephone number can be called with an account or by way of a proxy only.",
            "Choose an account, or write it as sip:NUMBER@HOST.",
        )
    return SipUri.parse(f"sip:{uri.user}@{f'[{domain}]' if ':' in domain else domain};user=phone")


def next_hop(target: SipUri, account: Account) -> NextHop:
    """Return where requests to a target go first: the proxy, the account's server for its domain, or the target."""
    if account.proxy:
        return _of_uri(proxy_uri(account), account)
    own = _uri(account.address, "address").host if account.address else ""
    if account.registrar and target.host.lower() == own.lower():
        return _of_uri(registrar_uri(account), account)
    return _of_uri(target, account)


def registrar_uri(account: Account) -> SipUri:
    """Return the URI to register at; raise CallError."""
    if not account.registrar:
        address = _uri(account.address, "address")
        return SipUri(address.scheme, host=address.host, port=address.port, parameters=address.parameters)
    return _server(account.registrar, "registrar")


def proxy_uri(account: Account) -> SipUri:
    """Return the URI of the outbound proxy; raise CallError."""
    return _server(account.proxy, "proxy")


def identity(account: Account, own_host: str, target: SipUri | None = None) -> Identity:
    """Return who we are: the account's address, its user at the target's host, or nobody at our own host."""
    address = account.address
    if not address:
        user, host = (account.user, target.host) if account.user and target is not None else (ANONYMOUS, own_host)
        address = str(SipUri("sip", user, host=host))
    route: tuple[str, ...] = ()
    if account.proxy:
        proxy = str(proxy_uri(account))
        transport = f";transport={account.transport}" if account.transport != "auto" else ""
        if transport and "transport=" not in proxy:
            proxy += transport
        route = (f"<{proxy if ';lr' in proxy else f'{proxy};lr'}>",)
    return Identity(
        address,
        display_name=account.display_name,
        user=account.user,
        password=account.password,
        route=route,
    )


def _of_uri(uri: SipUri, account: Account) -> NextHop:
    name = uri.parameters.get("transport").lower()
    if name and name not in TRANSPORTS:
        raise CallError(f"The transport {name} is not one that dtmfphone knows.", "Use udp, tcp or tls.")
    transport = TRANSPORTS.get(name) or TRANSPORTS.get(account.transport)
    return NextHop(uri.host, uri.port, transport, uri.scheme == "sips")


def _server(text: str, what: str) -> SipUri:
    if text.lower().startswith(("sip:", "sips:")):
        return _uri(text, what)
    server, semicolon, parameters = text.partition(";")
    try:
        host, port = host_and_port(server, 0)
    except ValueError as error:
        raise CallError(f"{text!r} is no address of a {what}.", "Write it as HOST or HOST:PORT.") from error
    return _uri(f"sip:{place(host, port) if port else place(host, 0).removesuffix(':0')}{semicolon}{parameters}", what)


def _uri(text: str, what: str) -> SipUri:
    try:
        return SipUri.parse(text)
    except ValueError as error:
        raise CallError(f"The account's {what} is wrong: {error}", "Write it as sip:user@host.") from error
