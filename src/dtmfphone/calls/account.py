"""An account with a provider or PBX: who we are, where we register, how we call."""

from typing import Literal

import msgspec

Codec = Literal["auto", "opus", "g722", "pcmu", "pcma"]
Method = Literal["auto", "rfc4733", "info", "info-dtmf", "inband"]
"""How keys are sent; `info` is SIP INFO with `application/dtmf-relay`, `info-dtmf` with `application/dtmf`."""
SignallingTransport = Literal["auto", "udp", "tcp", "tls"]
MediaSecurity = Literal["off", "optional", "required"]
DEFAULT_EXPIRES = 600


class Account(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A SIP account; also what a single call needs to know of its caller."""

    name: str = ""
    """Unique among the accounts, chosen by the user."""
    address: str = ""
    """Address of record, `sip:alice@example.com`; empty: `sip:dtmfphone@` our own address."""
    display_name: str = ""
    registrar: str = ""
    """`host` or `host:port`; empty: the domain of the address."""
    user: str = ""
    """For authentication; empty: the user part of the address."""
    password: str = ""
    """Never stored with the account, printed or logged."""
    proxy: str = ""
    """Outbound proxy, `host`, `host:port` or a SIP URI; empty: none."""
    transport: SignallingTransport = "auto"
    """`auto`: what the address says, else what DNS says, else UDP."""
    insecure: bool = False
    """Accept any TLS certificate."""
    ca_file: str = ""
    """PEM file with certificates to trust besides the system's."""
    security: MediaSecurity = "off"
    """SDES-SRTP (RFC 4568)."""
    codecs: tuple[Codec, ...] = ("opus", "g722", "pcmu", "pcma")
    """In the order of the offer."""
    method: Method = "auto"
    register: bool = True
    expires: int = DEFAULT_EXPIRES
    """Seconds asked for in REGISTER."""
    local: str = ""
    """Own `host` or `host:port` to bind; empty: the address that the way to the far end has, any port."""

    def __repr__(self) -> str:
        return f"Account(name={self.name!r}, address={self.address!r})"
