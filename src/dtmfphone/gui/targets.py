"""What a person writes to say whom to call."""

import re
from typing import Final

_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_HOST_AND_PORT: Final = re.compile(r"(localhost|[^:@/]+\.[^:@/]+):\d+$", re.IGNORECASE)
_HOST: Final = re.compile(r"\[|localhost$|\d+(\.\d+){3}$", re.IGNORECASE)
_DISPLAY_NAME: Final = re.compile(r'\s*(?:"([^"]*)"|([^<"]*))\s*<')
_SIP: Final = ("sip:", "sips:", "tel:")


def is_http(target: str) -> bool:
    """Return whether a target is reached by HTTP."""
    return target.strip().lower().startswith(("http:", "https:", "whip+"))


def is_sip(target: str) -> bool:
    """Return whether a target is reached by SIP: it says so, or it is a name or a number alone."""
    text = target.strip().lower()
    return bool(text) and (text.startswith(_SIP) or not _has_scheme(text))


def dialled(target: str, caller: str) -> str:
    """Return a target in full: a name or a number alone is called at the domain of the caller's SIP address."""
    text = target.strip()
    if not text or _has_scheme(text):
        return text
    if "@" in text or _HOST.match(text) or _HOST_AND_PORT.match(text):
        return f"sip:{text}"
    domain = domain_of(caller)
    return f"sip:{text.replace(' ', '')}@{domain}" if domain else f"sip:{text}"


def domain_of(address: str) -> str:
    """Return host and port of a SIP address, without its parameters; empty when it has none."""
    return re.split(r"[;?>]", address.rpartition("@")[2])[0].strip() if "@" in address else ""


def short(address: str) -> str:
    """Return an address as one reads it: without scheme and parameters."""
    text = re.split(r"[;?>]", address)[0]
    return re.sub(r"^.*<", "", text).removeprefix("sip:").removeprefix("sips:").strip() or address


def name_of(address: str) -> str:
    """Return the display name of an address, else the address as one reads it."""
    match = _DISPLAY_NAME.match(address)
    name = (match[1] or match[2] or "").strip() if match else ""
    return name or short(address)


def _has_scheme(text: str) -> bool:
    return bool(_SCHEME.match(text)) and not _HOST_AND_PORT.match(text)
