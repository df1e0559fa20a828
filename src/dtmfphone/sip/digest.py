"""Digest authentication of our requests (RFC 3261 section 22, RFC 7616, RFC 8760)."""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from dtmfphone.sip.address import NameAddress
from dtmfphone.sip.grammar import quote, split
from dtmfphone.sip.message import Request, Response
from dtmfphone.sip.uri import SipUri

_HASHES: Final = {"SHA-256": "sha256", "SHA-512-256": "sha512_256", "MD5": "md5"}
"""By the name of the algorithm, best first."""
ALGORITHMS: Final = tuple(
    name + variant
    for name, hash_name in _HASHES.items()
    if hash_name in hashlib.algorithms_available
    for variant in ("", "-sess")
)
"""What we can do, best first."""
_SCHEME: Final = re.compile(r"([A-Za-z0-9\-]+)[ \t]+([^\s=].*)", re.DOTALL)
_STALE_LIMIT: Final = 2
"""How often in a row a fresh nonce may be called stale."""
_MAX_REALMS: Final = 4
"""At one host."""


class AuthenticationError(Exception):
    """A challenge that we cannot meet: what the far end does, to follow its name, and one sentence for the remedy."""

    def __init__(self, cause: str, remedy: str) -> None:
        super().__init__(cause)
        self.cause = cause
        self.remedy = remedy


@dataclass(frozen=True)
class Challenge:
    """One Digest challenge; texts are what stands between the quotes."""

    realm: str
    nonce: str
    algorithm: str = ""
    """One of ALGORITHMS; empty: not said, which means MD5."""
    qop: str = ""
    """`auth` or `auth-int`, the one that we take; empty: the far end does not know any."""
    opaque: str | None = None
    stale: bool = False

    @property
    def rank(self) -> int:
        """How good the algorithm is; 0 is best."""
        return ALGORITHMS.index(self.algorithm or "MD5")


def challenges(values: Iterable[str]) -> list[Challenge]:
    """Read the values of WWW-Authenticate or Proxy-Authenticate; what we cannot answer is left out."""
    return [challenge for value in values for parts in _schemes(value) if (challenge := _challenge(parts))]


def _schemes(value: str) -> Iterator[dict[str, str]]:
    """Yield the parameters of each Digest challenge in a value, names in lower case."""
    current: dict[str, str] | None = None
    for part in split(value, ","):
        begin = _SCHEME.fullmatch(part)
        if begin:
            if current:
                yield current
            current = {} if begin[1].lower() == "digest" else None
        name, equals, text = (begin[2] if begin else part).partition("=")
        if current is not None and equals:
            current[name.strip().lower()] = _inner(text.strip())
    if current:
        yield current


def _inner(text: str) -> str:
    """Return what stands between the quotes, escapes included: so it enters the digest (RFC 7616 section 3.4)."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text


def _challenge(parts: dict[str, str]) -> Challenge | None:
    named = parts.get("algorithm", "")
    algorithm = next((known for known in ALGORITHMS if known.lower() == named.lower()), "")
    offered = [qop.strip().lower() for qop in parts.get("qop", "").split(",") if qop.strip()]
    qop = next((known for known in ("auth", "auth-int") if known in offered), "")
    if "realm" not in parts or "nonce" not in parts or bool(named) != bool(algorithm) or bool(offered) != bool(qop):
        return None
    stale = parts.get("stale", "").lower() == "true"
    return Challenge(parts["realm"], parts["nonce"], algorithm, qop, parts.get("opaque"), stale)


def credentials(
    challenge: Challenge, user: str, password: str, request: Request, *, count: int, client_nonce: str
) -> str:
    """Return the value of Authorization that answers a challenge; `count`: how often the nonce was used, from 1."""
    algorithm = challenge.algorithm or "MD5"
    a1 = f"{user}:{challenge.realm}:{password}"
    if algorithm.endswith("-sess"):
        a1 = f"{_hash(algorithm, a1)}:{challenge.nonce}:{client_nonce}"
    a2 = f"{request.method}:{request.uri}"
    if challenge.qop == "auth-int":
        a2 += f":{_hash(algorithm, request.body)}"
    counted = f"{count:08x}:{client_nonce}:{challenge.qop}:" if challenge.qop else ""
    response = _hash(algorithm, f"{_hash(algorithm, a1)}:{challenge.nonce}:{counted}{_hash(algorithm, a2)}")
    parts = [
        f"username={quote(user)}",
        f'realm="{challenge.realm}"',
        f'nonce="{challenge.nonce}"',
        f'uri="{request.uri}"',
        f'response="{response}"',
    ]
    if challenge.algorithm:
        parts.append(f"algorithm={challenge.algorithm}")
    if challenge.qop or algorithm.endswith("-sess"):
        parts.append(f'cnonce="{client_nonce}"')
    if challenge.opaque is not None:
        parts.append(f'opaque="{challenge.opaque}"')
    if challenge.qop:
        parts += [f"qop={challenge.qop}", f"nc={count:08x}"]
    return "Digest " + ", ".join(parts)


def _hash(algorithm: str, data: str | bytes) -> str:
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    return hashlib.new(_HASHES[algorithm.removesuffix("-sess")], data, usedforsecurity=False).hexdigest()


@dataclass
class _Known:
    """A challenge that was answered, for the requests that follow."""

    challenge: Challenge
    count: int = 0
    """How often its nonce was used."""
    stale_in_row: int = 0


_HEADERS: Final = (("WWW-Authenticate", "Authorization"), ("Proxy-Authenticate", "Proxy-Authorization"))


class Authenticator:
    """Answers the challenges to one user's requests, and remembers them."""

    def __init__(self, user: str, password: str, *, token: Callable[[], str]) -> None:
        self._user = user
        self._password = password
        self._token = token
        """Makes strings that nobody can guess."""
        self._known: dict[tuple[str, str, str], _Known] = {}
        """By header, host that the requests go to, and realm."""

    def authorise(self, request: Request) -> Request:
        """Return the request with credentials for all that has challenged requests to the same place."""
        headers = request.headers.without("Authorization", "Proxy-Authorization")
        for (header, host, _), known in self._known.items():
            if host == _host(request, header):
                headers = headers.appended(header, self._credentials(known, request))
        return request.with_headers(headers)

    def answer(self, request: Request, response: Response) -> Request:
        """Return the request with credentials for the challenges of a 401 or 407; CSeq and branch are the caller's.

        Raise AuthenticationError when there are none to give, or when they have just been refused.
        """
        if not self._user:
            raise AuthenticationError("asks for a user name and a password", "Give those of your account there.")
        answered = False
        for asked, header in _HEADERS:
            best: dict[str, Challenge] = {}
            for challenge in challenges(response.headers.get_all(asked)):
                if challenge.realm not in best or challenge.rank < best[challenge.realm].rank:
                    best[challenge.realm] = challenge
            for realm, challenge in best.items():
                self._learn((header, _host(request, header), realm), challenge, request)
                answered = True
        if not answered:
            raise AuthenticationError(
                "asks for a proof of identity that is not known here",
                f"Let its operator allow Digest with one of {', '.join(ALGORITHMS)}.",
            )
        return self.authorise(request)

    def _learn(self, key: tuple[str, str, str], challenge: Challenge, request: Request) -> None:
        """Take a challenge on; raise AuthenticationError when it refuses a good answer to the one before."""
        known = self._known.get(key)
        if known is None:
            if sum(each[:2] == key[:2] for each in self._known) >= _MAX_REALMS:
                raise AuthenticationError(
                    f"asks for passwords of more than {_MAX_REALMS} realms", "Ask its operator which one counts."
                )
            self._known[key] = _Known(challenge)
            return
        carried = [value for value in request.headers.get_all(key[0]) if f'nonce="{known.challenge.nonce}"' in value]
        fresh = any(f", nc={1:08x}" in value or (", nc=" not in value and known.count == 1) for value in carried)
        stale_in_row = known.stale_in_row + 1 if fresh and challenge.stale else 0
        refused = carried and not challenge.stale and (fresh or challenge.nonce == known.challenge.nonce)
        if refused or stale_in_row > _STALE_LIMIT:
            del self._known[key]
            raise AuthenticationError(
                f"does not take the user name and password for its realm {challenge.realm!r}",
                "Check the user name and the password of the account.",
            )
        if challenge.stale or challenge.nonce != known.challenge.nonce:
            self._known[key] = _Known(challenge, stale_in_row=stale_in_row)

    def _credentials(self, known: _Known, request: Request) -> str:
        known.count += 1
        return credentials(
            known.challenge, self._user, self._password, request, count=known.count, client_nonce=self._token()
        )


def _host(request: Request, header: str) -> str:
    """Return whom credentials are for: the host of the Request-URI, or for a proxy that of the first Route."""
    uri = request.uri
    try:
        if header == "Proxy-Authorization" and (routes := NameAddress.parse_list(request.headers.get_all("Route"))):
            uri = routes[0].uri
        return SipUri.parse(uri).host.lower()
    except ValueError:
        return ""
