"""Addresses of plain RTP: `rtp://host:port?codec=PCMU&events=101&local=host:port&ptime=20`.

Nothing is negotiated without signalling, so the address says what both ends have to know.
"""

import base64
import binascii
import os
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from dtmfphone.calls.call import CallError
from dtmfphone.calls.rtp.codecs import CLOCKS, JOINABLE
from dtmfphone.rtp.stream import SrtpKeys, StreamParameters

PAYLOAD_TYPES: Final = {"pcmu": 0, "pcma": 8, "g722": 9, "opus": 111}
"""Static ones (RFC 3551 table 4); Opus has none."""
EVENT_PAYLOAD_TYPE: Final = 101
PACKET_MS: Final = (20, 40, 60)
SUITE: Final = "AES_CM_128_HMAC_SHA1_80"
KEY_BYTES: Final = 30
EXAMPLE: Final = "rtp://192.0.2.1:4000?codec=PCMU&events=101"
KNOWN: Final = {
    "codec": "PCMU, PCMA, G722 or OPUS",
    "pt": "payload type of the codec",
    "clock": "RTP clock in Hz",
    "events": "payload type of telephone-events, or none",
    "local": "own host:port",
    "ptime": "20, 40 or 60 ms",
    "srtp": "name of an environment variable with the key in base64, or both keys: sent,received",
}


@dataclass(frozen=True, kw_only=True)
class Target:
    """What an address says."""

    host: str
    port: int
    codec: str
    payload_type: int
    clock: int
    event_payload_type: int | None
    local_host: str = ""
    """Empty: the address by which the far end is reached."""
    local_port: int = 0
    packet_ms: int = 20
    srtp: SrtpKeys | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, address: str, codec: str = "pcmu") -> "Target":
        """Parse an address; `codec`: where it names none. Raises CallError."""
        try:
            parts = urlsplit(address)
        except ValueError as error:
            raise CallError(f"{address!r} is no address of an RTP stream.", f"Use {EXAMPLE}.") from error
        host, port = _host_and_port(parts.netloc, address)
        if parts.scheme.lower() != "rtp" or not host or port is None or parts.path not in ("", "/") or parts.fragment:
            raise CallError(f"{address!r} is no address of an RTP stream.", f"Use {EXAMPLE}.")
        values = _values(parts.query)
        codec = values.get("codec", codec).lower()
        if codec not in PAYLOAD_TYPES:
            raise CallError(f"The codec {codec!r} is not known.", f"Use {KNOWN['codec']}.")
        local_host, local_port = _host_and_port(values.get("local", ""), address)
        packet_ms = _number(values, "ptime", 20)
        if packet_ms not in PACKET_MS or (packet_ms > 20 and codec not in JOINABLE):
            raise CallError(
                f"Packets of {codec.upper()} cannot last {packet_ms} ms.",
                "Use 20; G.711 and G.722 take 40 and 60 too.",
            )
        target = cls(
            host=host,
            port=port,
            codec=codec,
            payload_type=_number(values, "pt", PAYLOAD_TYPES[codec], 127),
            clock=_number(values, "clock", CLOCKS[codec], 192000),
            event_payload_type=_events(values),
            local_host=local_host,
            local_port=local_port or 0,
            packet_ms=packet_ms,
            srtp=_keys(values["srtp"]) if "srtp" in values else None,
        )
        if target.event_payload_type == target.payload_type:
            raise CallError(
                f"Audio and telephone-events cannot both have payload type {target.payload_type}.",
                "Change one of them.",
            )
        return target

    def parameters(self, host: str, port: int) -> StreamParameters:
        """Return how to talk with a far end at an address."""
        events = self.event_payload_type
        return StreamParameters(
            remote_host=host,
            remote_port=port,
            remote_rtcp_port=port + 1,
            codec=self.codec,
            payload_type=self.payload_type,
            clock=self.clock,
            receive={self.payload_type: self.codec},
            event_payload_type=events,
            event_clock=self.clock if events is not None else None,
            receive_events={events: self.clock} if events is not None else {},
            packet_ms=self.packet_ms,
            srtp=self.srtp,
        )


def _values(query: str) -> dict[str, str]:
    values = {}
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        if name.lower() not in KNOWN:
            known = "; ".join(f"{name} ({meaning})" for name, meaning in KNOWN.items())
            raise CallError(f"An RTP address has no parameter {name!r}.", f"It may have {known}.")
        values[name.lower()] = unquote(value)
    return values


def _host_and_port(text: str, address: str) -> tuple[str, int | None]:
    """Split `host:port`, `[IPv6]:port`, `host` or `:port`; what is missing is empty or None."""
    host, bracket, rest = text.rpartition("]")
    if not bracket:
        host, _, rest = text.partition(":")
    port = rest.removeprefix(":")
    if port and (not port.isdecimal() or int(port) > 65534):
        raise CallError(f"{port!r} in {address!r} is no port.", f"Use {EXAMPLE}; an IPv6 address stands in brackets.")
    return host.removeprefix("["), int(port) if port else None


def _number(values: dict[str, str], name: str, default: int, most: int = 1000) -> int:
    text = values.get(name, str(default))
    if not text.isdecimal() or int(text) > most or (int(text) == 0 and name != "pt"):
        raise CallError(f"{text!r} cannot be the {name} of an RTP stream.", f"It is the {KNOWN[name]}.")
    return int(text)


def _events(values: dict[str, str]) -> int | None:
    if values.get("events", "").lower() in ("0", "none", "off"):
        return None
    return _number(values, "events", EVENT_PAYLOAD_TYPE, 127)


def _keys(variable: str) -> SrtpKeys:
    """Read the keys from the environment, so that they stand in no log and no list of processes."""
    text = os.environ.get(variable)
    if text is None:
        raise CallError(f"The environment variable {variable!r} is not set.", f"srtp is the {KNOWN['srtp']}.")
    try:
        keys = [base64.b64decode(key.strip(), validate=True) for key in text.split(",")]
    except binascii.Error:
        keys = []
    if len(keys) not in (1, 2) or any(len(key) != KEY_BYTES for key in keys):
        raise CallError(
            f"{variable} holds no SRTP key: it must be {KEY_BYTES} bytes in base64, once, or twice with a comma.",
            f"Make one with: openssl rand -base64 {KEY_BYTES}",
        )
    return SrtpKeys(SUITE, keys[0], keys[-1])
