"""Where a SIP message came from, or goes to."""

from dataclasses import dataclass
from typing import Final, Literal

Transport = Literal["udp", "tcp", "tls"]

DEFAULT_PORTS: Final[dict[Transport, int]] = {"udp": 5060, "tcp": 5060, "tls": 5061}


@dataclass(frozen=True)
class Flow:
    """A transport address and, for TCP and TLS, the connection that is meant."""

    transport: Transport
    host: str
    """A name or an address; IPv6 without brackets."""
    port: int
    connection: int | None = None
    """The number of an open connection; None: any to that address, opened if there is none."""

    @property
    def reliable(self) -> bool:
        """Whether the transport delivers or fails (RFC 3261 section 18): no retransmission by us."""
        return self.transport != "udp"

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.transport}:{host}:{self.port}"
