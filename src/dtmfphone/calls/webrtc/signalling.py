"""The caller's side of HTTP signalling: an SDP offer is posted, the answer comes back.

http(s)://...        POST {"type", "sdp"} as JSON, JSON comes back
whip+http(s)://...   POST application/sdp, 201 with Location comes back (RFC 9725); DELETE hangs up
"""

import asyncio
import errno
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus

import aiohttp
from yarl import URL

from dtmfphone import __version__
from dtmfphone.calls.call import CallError
from dtmfphone.calls.webrtc import sdp
from dtmfphone.calls.webrtc.description import JSON, MAX_BYTES, SDP, from_json, from_sdp, to_json

TIMEOUT = 10.0
"""Seconds for the whole exchange: name look-up, connection, redirects and the far end's work on the answer."""
MAX_REDIRECTS = 5
REDIRECTS = (301, 302, 307, 308)
"""Statuses after which the request is sent again to the new address; 303 would turn it into a GET."""
QUOTE_LENGTH = 160
"""How much of a server's own words goes into a message."""


class SignallingError(CallError):
    """The far end gave no usable answer: one sentence for the cause, one for the remedy; never holds a token."""


class NoCommonCodec(SignallingError, sdp.NoCommonCodec):
    """The far end refused what was offered; another offer may do."""


@dataclass(frozen=True)
class Answer:
    """The far end's answer to an SDP offer."""

    sdp: str
    session_url: str | None
    """Where a DELETE hangs up; None where the signalling has no word for it."""


@dataclass(frozen=True)
class _Reply:
    url: URL
    status: int
    content_type: str
    location: str | None
    body: bytes


async def exchange(target: str, offer_sdp: str, *, token: str = "", timeout: float = TIMEOUT) -> Answer:
    """Post the offer to an `http(s)://` or `whip+http(s)://` target and return the answer; raise SignallingError."""
    url, whip = parse_target(target)
    _check_token(url, token)
    body, content_type = (offer_sdp.encode(), SDP) if whip else (to_json("offer", offer_sdp), JSON)
    reply = await _request("POST", url, token, timeout, body=body, content_type=content_type)
    _raise_for_status(reply, url, whip=whip, token=token)
    accepted = (SDP, "text/plain") if whip else (JSON, "text/json", "text/plain")
    if reply.content_type not in accepted and not (not whip and reply.content_type.endswith("+json")):
        raise SignallingError(
            f"{_name(reply.url)} answered with {reply.content_type[:60] or 'no content type'}, not with {accepted[0]}.",
            _other_form(whip),
        )
    try:
        answer = from_sdp(reply.body) if whip else from_json(reply.body, "answer")
    except ValueError as error:
        reason = _without(token, str(error))
        raise SignallingError(f"{_name(reply.url)} sent no usable answer: {reason}", _other_form(whip)) from error
    return Answer(answer, _session_url(reply, url, token))


async def hang_up(session_url: str, token: str = "", timeout: float = TIMEOUT) -> None:
    """Tell the far end that the call is over; a session that it no longer knows is none the worse.

    Raise SignallingError.
    """
    url = _parse_url(session_url)
    _check_token(url, token)
    reply = await _request("DELETE", url, token, timeout)
    if reply.status not in (404, 410):
        _raise_for_status(reply, url, whip=True, token=token)


def parse_target(target: str) -> tuple[URL, bool]:
    """Return the address of a target and whether it is of the WHIP kind; raise SignallingError."""
    text = target.strip()
    whip = text.lower().startswith("whip+")
    return _parse_url(text[5:] if whip else text), whip


def _parse_url(text: str) -> URL:
    remedy = "Write it as http://HOST:PORT/PATH, https://... or whip+https://..."
    try:
        url = URL(text)
        port = url.port
    except ValueError as error:
        raise SignallingError("The target is not a web address.", remedy) from error
    if url.scheme not in ("http", "https"):
        raise SignallingError("The target does not begin with http:// or https://.", remedy)
    if not url.host or not url.raw_host or any(char.isspace() or char in "\\<>\"'" for char in url.host):
        raise SignallingError("The target names no host.", remedy)
    if not port or not 0 < port < 65536:
        raise SignallingError("The target's port is not between 1 and 65535.", remedy)
    return url.with_fragment(None)


def _check_token(url: URL, token: str) -> None:
    if not token.isascii() or any(not char.isprintable() or char == " " for char in token):
        raise SignallingError(
            "The token holds characters that an HTTP header cannot carry.",
            "Copy it again, without spaces or line ends.",
        )
    if token and url.user is not None:
        raise SignallingError(
            "The target has a user name in its address and a token as well.", "Use the one that the server wants."
        )


async def _request(
    method: str, url: URL, token: str, timeout: float, *, body: bytes | None = None, content_type: str | None = None
) -> _Reply:
    """Send the request, follow redirects, read the reply; the token goes to the target's own origin only."""
    origin = url.origin()
    headers = {"User-Agent": f"dtmfphone/{__version__}"}
    if content_type is not None:
        headers |= {"Content-Type": content_type, "Accept": content_type}
    with_token = headers | {"Authorization": f"Bearer {token}"} if token else headers
    async with (
        _as_signalling_errors(origin, timeout),
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        for _ in range(MAX_REDIRECTS + 1):
            own = url.origin() == origin
            async with http.request(
                method, url, data=body, headers=with_token if own else headers, allow_redirects=False
            ) as response:
                location = response.headers.get("Location")
                if response.status in REDIRECTS and location is not None:
                    url = _redirected(url, location)
                    continue
                return _Reply(url, response.status, response.content_type, location, await _read(response))
    raise SignallingError(
        f"{_name(origin)} redirects more than {MAX_REDIRECTS} times.", "Ask its operator for the right address."
    )


@asynccontextmanager
async def _as_signalling_errors(origin: URL, timeout: float) -> AsyncIterator[None]:
    """Turn every failure of the HTTP client into one sentence."""
    name = _name(origin)
    try:
        async with asyncio.timeout(timeout):
            yield
    except TimeoutError as error:
        raise SignallingError(
            f"{name} did not answer within {timeout:g} s.", "Check the address, the network and that the server runs."
        ) from error
    except aiohttp.ClientConnectorDNSError as error:
        raise SignallingError(
            f"The host {error.host} is not known.", "Check its spelling and this machine's network."
        ) from error
    except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientSSLError, ssl.SSLError) as error:
        raise _tls_error(name, error) from error
    except aiohttp.ClientOSError as error:
        raise _connection_error(name, error) from error
    except aiohttp.ServerDisconnectedError as error:
        raise SignallingError(
            f"{name} closed the connection without an answer.", "Check the port and the server's log."
        ) from error
    except aiohttp.ClientResponseError as error:
        raise SignallingError(
            f"{name} does not speak HTTP.", "Check the port, and whether it wants https://."
        ) from error
    except (aiohttp.ClientError, ValueError) as error:
        raise SignallingError(
            f"The exchange with {name} broke off ({type(error).__name__}).", "Try again; check the server's log."
        ) from error


def _tls_error(name: str, error: Exception) -> SignallingError:
    cause = error.certificate_error if isinstance(error, aiohttp.ClientConnectorCertificateError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SignallingError(
            f"The certificate of {name} is not trusted: {cause.verify_message.rstrip('.')}.",
            "Install its authority's certificate, or name the file in SSL_CERT_FILE.",
        )
    return SignallingError(f"TLS with {name} failed.", "Check the port, and whether it wants http:// instead.")


def _connection_error(name: str, error: aiohttp.ClientOSError) -> SignallingError:
    number = error.errno
    if number == errno.ECONNREFUSED:
        return SignallingError(f"{name} refused the connection.", "Check the port and that the server runs.")
    if number in (errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED):
        return SignallingError(f"{name} broke the connection off.", "Check the port and the server's log.")
    what = error.strerror or "connection failed"
    return SignallingError(f"{name} cannot be reached: {what}.", "Check the address and this machine's network.")


def _redirected(url: URL, location: str) -> URL:
    try:
        new = _parse_url(str(url.join(URL(location))))
    except (ValueError, SignallingError) as error:
        raise SignallingError(
            f"{_name(url)} redirects to something that is not a web address.", "Ask its operator for the right address."
        ) from error
    if url.scheme == "https" and new.scheme == "http":
        raise SignallingError(
            f"{_name(url)} redirects to {_name(new)}, which is not encrypted.",
            "Ask its operator for an https:// address.",
        )
    return new


async def _read(response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for chunk in response.content.iter_chunked(8192):
        body += chunk
        if len(body) > MAX_BYTES:
            raise SignallingError(
                f"{_name(response.url)} sent more than {MAX_BYTES // 1024} KiB.",
                "Check the path of the address: this is no answer to a call.",
            )
    return bytes(body)


def _raise_for_status(reply: _Reply, target: URL, *, whip: bool, token: str) -> None:
    """Raise what a status other than success means; `target` is where the request first went."""
    status = reply.status
    if 200 <= status < 300:
        return
    name = _name(reply.url)
    said = _quote(reply, token)
    moved = reply.url.origin() != target.origin()
    match status:
        case 401 | 403 if moved and token:
            raise SignallingError(
                f"{_name(target)} redirected to {name}, where the token was not sent.", "Call that address itself."
            )
        case 401:
            raise SignallingError(f"{name} wants a valid token{said}.", "Give the bearer token of this server.")
        case 403:
            raise SignallingError(f"{name} forbids the call{said}.", "Check the token and what it is allowed to do.")
        case 404 | 410:
            raise SignallingError(
                f"{name} knows no {reply.url.path[:80]}{said}.",
                "Check the path, for example /offer, /api/offer or /whip.",
            )
        case 405:
            raise SignallingError(f"{name} takes no offers at {reply.url.path[:80]}{said}.", "Check the path.")
        case 413:
            raise SignallingError(f"{name} finds the offer too long{said}.", "Raise the limit in the server.")
        case 415:
            raise SignallingError(f"{name} does not take offers in this form{said}.", _other_form(whip))
        case 406 | 422 | 488:
            raise NoCommonCodec(
                f"{name} cannot use the offer ({_phrase(status)}){said}.",
                "Choose another codec, or check the server's log.",
            )
        case 503:
            raise SignallingError(f"{name} is busy or not ready{said}.", "Try again later.")
        case _ if status >= 500:
            raise SignallingError(f"{name} failed ({_phrase(status)}){said}.", "Look into the server's log.")
        case _:
            raise SignallingError(f"{name} did not answer the call ({_phrase(status)}){said}.", "Check the address.")


def _session_url(reply: _Reply, target: URL, token: str) -> str | None:
    """Return where to hang up; None when a token would have to go to an origin that it is not for."""
    if reply.status != HTTPStatus.CREATED or not reply.location:
        return None
    try:
        url = _parse_url(str(reply.url.join(URL(reply.location))))
    except (ValueError, SignallingError):
        return None  # the call itself is good; its end will be seen in the media
    return str(url) if not token or url.origin() == target.origin() else None


def _quote(reply: _Reply, token: str) -> str:
    """Return the server's own words, for the end of a sentence, or nothing when they are not meant for people."""
    if reply.content_type not in ("text/plain", JSON, "application/problem+json"):
        return ""
    text = " ".join(reply.body[: 4 * QUOTE_LENGTH].decode(errors="replace").split())
    text = "".join(char for char in _without(token, text) if char.isprintable())
    if len(text) > QUOTE_LENGTH:
        text = text[:QUOTE_LENGTH] + "…"
    return f"; it says: {text.rstrip('.')}" if text else ""


def _without(token: str, text: str) -> str:
    return text.replace(token, "•••") if token else text


def _other_form(whip: bool) -> str:
    if whip:
        return "If the server takes JSON offers, leave out whip+."
    return "If the server takes SDP offers (WHIP), put whip+ before the address."


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _name(url: URL) -> str:
    """Return the address's origin for people: no user name, path or query, which may hold secrets."""
    return str(url.origin())
