"""Where a URI is reached, without asking DNS (RFC 3261 section 18.1.1, RFC 3263 section 4)."""

from ipaddress import ip_address
from typing import Final

from dtmfphone.sip.flow import DEFAULT_PORTS, Flow, Transport
from dtmfphone.sip.uri import SipUri

LOOK_UP: Final = 0
"""In place of a port: the host is a name without one, so DNS may know better (SRV)."""
_TRANSPORTS: Final[dict[str, Transport]] = {"": "udp", "udp": "udp", "tcp": "tcp", "tls": "tls"}


def next_hop(uri: str, near: Flow | None = None) -> Flow:
    """Return where requests to a URI go; raise ValueError with a sentence when that cannot be said.

    `near` is how the far end came last: an open connection to the same host is used again, whatever its port.
    """
    address = SipUri.parse(uri)
    if address.scheme == "tel":
        raise ValueError(f"{uri[:80]!r} names a telephone, but no host that can be reached.")
    transport = _TRANSPORTS.get(address.parameters.get("transport").lower())
    if transport is None:
        raise ValueError(f"{uri[:80]!r} asks for a transport other than UDP, TCP and TLS.")
    if address.scheme == "sips":
        transport = "tls"
    host = address.parameters.get("maddr") or address.host
    port = address.port or (DEFAULT_PORTS[transport] if _is_address(host) else LOOK_UP)
    same = near is not None and (near.transport, near.host) == (transport, host)
    return Flow(transport, host, port, near.connection if near is not None and same else None)


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
