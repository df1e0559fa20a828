"""Digest challenges, and whether credentials answer them (RFC 7616, computed by itself)."""

import hashlib
import re

_HASHES = {"": hashlib.md5, "MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def challenge(realm: str, *, nonce: str, algorithm: str, qop: str = "auth,auth-int", more: str = "") -> str:
    """Return the value of a header that asks for credentials; without qop as RFC 2069 did."""
    parts = [f'realm="{realm}"', f'nonce="{nonce}"', 'opaque="op=aque"']
    parts += [f"algorithm={algorithm}"] if algorithm else []
    parts += [f'qop="{qop}"'] if qop else []
    return f"Digest {', '.join(parts)}{more}"


def check(credentials: str, method: str, *, user: str, password: str, nonce: str, algorithm: str) -> None:
    """Fail unless the value of an Authorization header proves the password."""
    assert credentials.startswith("Digest ")
    found = {name.lower(): quoted.replace('\\"', '"') or bare for name, quoted, bare in _PARAMETER.findall(credentials)}
    assert (found["username"], found["nonce"], found["opaque"]) == (user, nonce, "op=aque"), credentials
    assert found.get("algorithm", "") == algorithm

    def digest(text: str) -> str:
        return _HASHES[algorithm](text.encode()).hexdigest()

    secret = digest(f"{user}:{found['realm']}:{password}")
    request = digest(f"{method}:{found['uri']}")
    parts = [secret, nonce, request]
    if "qop" in found:
        assert found["qop"] == "auth"
        assert re.fullmatch(r"[0-9a-f]{8}", found["nc"])
        parts[2:2] = [found["nc"], found["cnonce"], found["qop"]]
    assert found["response"] == digest(":".join(parts)), credentials


_PARAMETER = re.compile(r'(\w+) *= *(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))')
