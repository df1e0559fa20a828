"""Where the built-in IVR answers calls, and how each address stands."""

import re
from typing import Final

from PySide6.QtCore import QObject, Signal

from dtmfphone.engine.commands import Serve, StopServing
from dtmfphone.engine.events import AnyEvent, ServerChanged, Started

DEFAULT_LISTEN: Final = ("http://127.0.0.1:8080", "sip:127.0.0.1:5060")
DEFAULT_IVR: Final = "reception"
_HOST: Final = re.compile(r"[\w.-]+|\[[0-9a-fA-F:.]+\]")
OPEN_WARNING: Final = "Whoever reaches {} can call the IVR. Keep to 127.0.0.1 unless that is what you want."


class ServeModel(QObject):
    """Chosen addresses and IVR, and what the engine says of them."""

    command = Signal(object)
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.listen: tuple[str, ...] = DEFAULT_LISTEN
        self.ivr = DEFAULT_IVR
        self.ivrs: tuple[str, ...] = (DEFAULT_IVR,)
        self.servers: dict[str, ServerChanged] = {}
        """By URL: those that listen, and those that failed since the last start."""

    @property
    def serving(self) -> bool:
        """Whether callers can reach the IVR."""
        return bool(self.open)

    @property
    def open(self) -> tuple[ServerChanged, ...]:
        """The addresses that listen."""
        return tuple(server for server in self.servers.values() if server.state == "listening")

    @property
    def text(self) -> str:
        """Where callers reach the IVR, in one line."""
        if not self.open:
            return ""
        more = f" +{len(self.open) - 1}" if len(self.open) > 1 else ""
        return f"{self.open[0].ivr or 'IVR'} answers at {self.open[0].url}{more}"

    @property
    def details(self) -> str:
        """Where callers reach the IVR, a line per address."""
        return "\n".join(f"{server.ivr or 'IVR'} answers at {server.url}" for server in self.open)

    def choose(self, listen: tuple[str, ...], ivr: str) -> None:
        """Choose addresses and IVR; what answers already goes on until `start`."""
        self.listen, self.ivr = listen, ivr
        self.changed.emit()

    def start(self) -> None:
        """Let the IVR answer at the chosen addresses."""
        self.servers.clear()
        self.command.emit(Serve(listen=self.listen, ivr=self.ivr))
        self.changed.emit()

    def stop(self) -> None:
        """Close all addresses."""
        self.command.emit(StopServing())

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        match event:
            case ServerChanged(state="closed"):
                if event.url:
                    self.servers.pop(event.url, None)
                else:
                    self.servers.clear()
            case ServerChanged():
                self.servers[event.url] = event
            case Started():
                self.servers.clear()
                self.ivrs = event.ivrs or (DEFAULT_IVR,)
            case _:
                return
        self.changed.emit()

    def on_lost(self) -> None:
        """The engine is gone."""
        self.servers.clear()
        self.changed.emit()


def host_of(address: str) -> str:
    """Return the host of an address; raise ValueError when it is none or has no port."""
    way, _, rest = address.partition(":")
    place = rest.removeprefix("//").partition(";")[0].partition("?")[0]
    host, _, port = place.rpartition(":")
    good = way in ("http", "sip", "rtp") and _HOST.fullmatch(host) and port.isdecimal() and 0 < int(port) < 65536
    if not good:
        raise ValueError(f"{place or address} is no address: write host:port, such as 127.0.0.1:5060.")
    return host.strip("[]")


def is_loopback(host: str) -> bool:
    """Return whether only this machine reaches a host."""
    return host == "localhost" or host == "::1" or host.startswith("127.")
