"""Keys for SRTP in SDP: `a=crypto` (RFC 4568)."""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

SUITES: Final = ("AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32")
"""That we can do, preferred first."""
KEY_BYTES: Final = 30
"""A master key of 16 bytes and a master salt of 14, in both suites."""

_TAG: Final = re.compile(r"\d{1,9}", re.ASCII)
_LIFETIME: Final = re.compile(r"2\^\d{1,2}|\d{1,15}", re.ASCII)
_MKI: Final = re.compile(r"\d+:\d{1,3}", re.ASCII)
_HARMLESS: Final = re.compile(r"-.*|WSH=\d+|KDR=0", re.ASCII)
"""Session parameters that change nothing for us (RFC 4568 section 6.3)."""


class CryptoError(ValueError):
    """An `a=crypto` that we cannot do, a phrase that says why."""


@dataclass(frozen=True)
class Crypto:
    """A key for one direction, and how it is used."""

    tag: int
    suite: str
    key: bytes = field(repr=False)
    """Key and salt in one."""

    @classmethod
    def parse(cls, value: str) -> "Crypto":
        """Read the value of `a=crypto`; raise CryptoError when it is damaged or asks for what we cannot do."""
        tag, suite, keys, *parameters = [*value.split(), "", "", ""]
        if not _TAG.fullmatch(tag) or not keys:
            raise CryptoError("a damaged a=crypto line")
        if suite.upper() not in SUITES:
            raise CryptoError(f"the suite {suite[:60]!r}")
        for parameter in parameters:
            if parameter and not _HARMLESS.fullmatch(parameter):
                raise CryptoError(f"the session parameter {parameter.partition('=')[0][:40]!r}")
        if ";" in keys:
            raise CryptoError("several master keys")
        method, _, rest = keys.partition(":")
        key_text, *others = rest.split("|")
        if method.lower() != "inline":
            raise CryptoError(f"the key method {method[:20]!r}")
        for other in others:
            # How long the key may live does not matter: 2**31 packets and more are years of one call.
            if _MKI.fullmatch(other):
                raise CryptoError("a master key identifier")
            if not _LIFETIME.fullmatch(other):
                raise CryptoError("a damaged key lifetime")
        try:
            key = base64.b64decode(key_text, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if len(key) != KEY_BYTES:
            raise CryptoError(f"a key that is not {KEY_BYTES} bytes long")
        return cls(int(tag), suite.upper(), key)

    @classmethod
    def new(cls, tag: int, suite: str, random_bytes: Callable[[int], bytes]) -> "Crypto":
        """Return a fresh key."""
        return cls(tag, suite, random_bytes(KEY_BYTES))

    def value(self) -> str:
        """Return what `a=crypto` says."""
        return f"{self.tag} {self.suite} inline:{base64.b64encode(self.key).decode()}"


def usable(values: tuple[str, ...]) -> tuple[list[Crypto], list[str]]:
    """Return those of the values of `a=crypto` that we can do, in their order, and what hinders the others."""
    found: list[Crypto] = []
    hindrances: list[str] = []
    for value in values:
        try:
            found.append(Crypto.parse(value))
        except CryptoError as error:
            hindrances.append(str(error))
    return found, hindrances
