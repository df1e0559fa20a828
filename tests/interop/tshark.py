"""tshark as the reader of captures."""

import subprocess
from pathlib import Path

from packets import Packet, write_pcap
from program import need

COMPLAINTS = "_ws.malformed || _ws.expert.group == 0x07000000 || _ws.expert.severity >= 0x00600000"
"""Display filter: what is malformed, be it slightly, and what it warns of."""


class Tshark:
    """Decodes datagrams, told which ports carry what."""

    def __init__(self, folder: Path, packets: list[Packet], ports: dict[int, str]) -> None:
        need(tshark="tshark")
        self._file = folder / "packets.pcap"
        write_pcap(self._file, packets)
        self._decoding = [word for port, protocol in ports.items() for word in ("-d", f"udp.port=={port},{protocol}")]

    def read(self, display_filter: str, *fields: str) -> list[dict[str, str]]:
        """Return these fields of the packets that pass a filter."""
        wanted = [word for field in fields for word in ("-e", field)]
        text = self._run("-Y", display_filter, "-T", "fields", "-E", "separator=/t", "-E", "occurrence=f", *wanted)
        return [dict(zip(fields, line.split("\t"), strict=True)) for line in text.splitlines()]

    def complaints(self) -> str:
        """Return in full the packets that it finds fault with."""
        return self._run("-Y", COMPLAINTS, "-V")

    def _run(self, *words: str) -> str:
        command = ["tshark", "-n", "-r", str(self._file), *self._decoding, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
