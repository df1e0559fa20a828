"""The kinds of lines, by the scheme of their address."""

from collections.abc import Callable
from typing import Protocol, cast

from dtmfphone.calls.account import Account
from dtmfphone.calls.call import CallError
from dtmfphone.calls.line import Line, LineObserver
from dtmfphone.calls.plugin import plugin

LINES = {
    "http": "dtmfphone.calls.webrtc.line",
    "rtp": "dtmfphone.calls.rtp.line",
    "sip": "dtmfphone.calls.sip.line",
    "sips": "dtmfphone.calls.sip.line",
}
"""Scheme to the module that offers `open_line(address, observer, clock) -> Line`; imported when first used."""
ACCOUNTS = {"sip": "dtmfphone.calls.sip.line", "sips": "dtmfphone.calls.sip.line"}
"""Scheme to the module that offers `open_account(account, observer, clock) -> Line`."""


class Listening(Protocol):
    """A module that knows one kind of address to listen at."""

    def open_line(self, address: str, observer: LineObserver, clock: Callable[[], float]) -> Line:
        """Return a line at an address of ours, not open yet; raise CallError for an address that is none."""
        ...


class Registering(Protocol):
    """A module that knows one kind of account."""

    def open_account(self, account: Account, observer: LineObserver, clock: Callable[[], float]) -> Line:
        """Return the line of an account, not open yet; raise CallError for settings that cannot work."""
        ...


def open_line(address: str, observer: LineObserver, clock: Callable[[], float]) -> Line:
    """Return a line at `scheme:...`, not open yet; raise CallError for an address that is none."""
    module = LINES.get(address.partition(":")[0].lower())
    if module is None:
        raise CallError(
            f"{address!r} is no address at which calls can come in.",
            "Use http://host:port, sip:host:port or rtp://host:port?codec=PCMU.",
        )
    return cast(Listening, plugin(module)).open_line(address, observer, clock)


def open_account(account: Account, observer: LineObserver, clock: Callable[[], float]) -> Line:
    """Return the line of an account, not open yet; raise CallError for settings that cannot work."""
    module = ACCOUNTS.get(account.address.partition(":")[0].lower())
    if module is None:
        raise CallError(f"{account.address!r} is no address of an account.", "Use sip:user@domain.")
    return cast(Registering, plugin(module)).open_account(account, observer, clock)
