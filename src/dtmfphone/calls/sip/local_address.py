"""Our own address as the way to a far end has it."""

import ipaddress
import socket

from dtmfphone.calls.call import CallError


def family_of(host: str) -> socket.AddressFamily:
    """Return the family of a literal address; raise ValueError for a name."""
    version = ipaddress.ip_address(host.partition("%")[0]).version
    return socket.AF_INET6 if version == 6 else socket.AF_INET


def is_address(host: str) -> bool:
    """Tell a literal address from a name."""
    try:
        family_of(host)
    except ValueError:
        return False
    return True


def toward(host: str) -> str:
    """Return the address that packets to a literal address leave from; raise CallError where no way leads there."""
    with socket.socket(family_of(host), socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, 9))  # nothing is sent: the kernel only chooses the way
        except OSError as error:
            raise CallError(
                f"No network path leads to {host} ({error.strerror}).", "Check the network connection and the address."
            ) from error
        return str(probe.getsockname()[0])


def own(text: str, far_host: str) -> tuple[str, int]:
    """Return what to bind: a setting `host` or `host:port`, or, if it is empty, what the way to a far end has.

    Port 0 stands for any. Raises CallError.
    """
    if not text:
        return toward(far_host), 0
    try:
        host, port = host_and_port(text, 0)
    except ValueError:
        host, port = "", 0
    if not is_address(host):
        raise CallError(f"{text!r} is no address of this machine.", "Write it as ADDRESS or ADDRESS:PORT.")
    return host, port


def host_and_port(text: str, default_port: int) -> tuple[str, int]:
    """Take `host`, `host:port`, `[v6]` or `[v6]:port` apart; raise ValueError."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            raise ValueError(f"{text!r} is no host, with or without a port.")
        port = rest[1:]
    elif text.count(":") > 1:
        host, port = text, ""
    else:
        host, _, port = text.partition(":")
    if not host or (port and not port.isdecimal()) or (port and int(port) > 65535):
        raise ValueError(f"{text!r} is no host, with or without a port.")
    return host, int(port) if port else default_port


def place(host: str, port: int) -> str:
    """Write `host:port`, an IPv6 address in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
