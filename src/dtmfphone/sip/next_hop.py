"""Where a URI is reached, without asking DNS (RFC 3261 section 18.1.1, RFC 3263 section 4)."""

from ipaddress import ip_address
from typing import Final

from dtmfphone.sip.flow import DEFAULT_PORTS, Flow, Transport
from dtmfphone.sip.uri import SipUri

LOOK_UP: Final = 0
"""In place of a port: the host is a name without one, so DNS may know better (SRV)."""
_TRANSPORTS: Final[dict[str, Transport]] = {"udp": "udp", "tcp": "tcp", "tls": "tls"}


def next_hop(uri: str, near: Flow | None = None) -> Flow:
    """Return where requests to a URI go; raise ValueError with a sentence when that cannot be said.

    `near` is how the far end came last. An open connection to the same host is used again, whatever its port, and
    where the URI names no transport, the one that this host uses.
    """
    address = SipUri.parse(uri)
    if address.scheme == "tel":
        raise ValueError(f"{uri[:80]!r} names a telephone, but no host that can be reached.")
    host = address.parameters.get("maddr") or address.host
    if near is not None and near.host != host:
        near = None
    transport = _transport(address, near)
    port = address.port or (DEFAULT_PORTS[transport] if _is_address(host) else LOOK_UP)
    connection = near.connection if near is not None and near.transport == transport else None
    return Flow(transport, host, port, connection)


def _transport(address: SipUri, near: Flow | None) -> Transport:
    if address.scheme == "sips":
        return "tls"
    named = address.parameters.get("transport").lower()
    if not named:
        return near.transport if near is not None else "udp"
    if named not in _TRANSPORTS:
        raise ValueError(f"{str(address)[:80]!r} asks for a transport other than UDP, TCP and TLS.")
    return _TRANSPORTS[named]


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
