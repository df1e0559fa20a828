"""UDP datagrams that passed, kept with their time, and written as a capture file."""

import socket
import struct
from dataclasses import dataclass
from pathlib import Path

Address = tuple[str, int]
_RAW_IPV4 = 228


@dataclass(frozen=True)
class Packet:
    """A UDP datagram over IPv4."""

    t: float
    """Seconds."""
    source: Address
    destination: Address
    data: bytes


def write_pcap(path: Path, packets: list[Packet]) -> None:
    """Write a capture file with microseconds (libpcap 2.4)."""
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, _RAW_IPV4))
        for packet in packets:
            data = _ipv4(packet)
            seconds, microseconds = divmod(round(packet.t * 1e6), 1_000_000)
            file.write(struct.pack("<IIII", seconds, microseconds, len(data), len(data)) + data)


def _ipv4(packet: Packet) -> bytes:
    length = 8 + len(packet.data)
    # No checksums: 0 says so for UDP, and readers do not check that of IP.
    udp = struct.pack(">HHHH", packet.source[1], packet.destination[1], length, 0) + packet.data
    source, destination = socket.inet_aton(packet.source[0]), socket.inet_aton(packet.destination[0])
    return struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + length, 0, 0, 64, 17, 0, source, destination) + udp
