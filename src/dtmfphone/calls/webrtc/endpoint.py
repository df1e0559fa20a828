"""The answering side's HTTP endpoint: SDP offers in, answers out, and one page with a keypad.

    GET    /             the page and its files
    POST   /offer        {"type", "sdp"} as JSON -> 200 with the same, or application/sdp -> 201 and Location (RFC 9725)
    DELETE /offer/ID     hangs up

Who may ask: programs, the endpoint's own page and, where it listens on loopback only, pages of other servers on this
machine. On loopback the Host header must name this machine, so that no name that an attacker points at 127.0.0.1
(DNS rebinding) makes a foreign page one of ours.
"""

import asyncio
import errno
import ipaddress
import logging
import secrets
import socket
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler
from yarl import URL

from dtmfphone.assets import assets
from dtmfphone.calls.call import CallError
from dtmfphone.calls.webrtc.description import JSON, MAX_BYTES, SDP, from_json, from_sdp, to_json
from dtmfphone.calls.webrtc.incoming import Busy
from dtmfphone.calls.webrtc.sdp import NoCommonCodec, SdpError

log = logging.getLogger(__name__)

BODY_SECONDS = 10.0
"""How long a caller may take to send its offer."""
RETRY_SECONDS = 5
"""When a caller that found the line busy may try again."""
MAX_SESSIONS = 256
"""How many calls, the latest ones, can be hung up by DELETE."""
PAGE = {"/": "index.html", "/phone.js": "phone.js", "/phone.css": "phone.css"}
CONTENT_TYPES = {"html": "text/html", "js": "text/javascript", "css": "text/css"}
PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; media-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
}


class Endpoint:
    """Serves offers over HTTP.

    `answer` takes an SDP offer and who sent it, and returns the answer and the call's name; it raises Busy, SdpError or
    CallError.
    `hang_up` takes the call's name.
    """

    def __init__(
        self, *, answer: Callable[[str, str], Awaitable[tuple[str, str]]], hang_up: Callable[[str], Awaitable[None]]
    ) -> None:
        self._answer = answer
        self._hang_up = hang_up
        self._calls: dict[str, str] = {}
        """Session name in the address, which cannot be guessed, to the call's name."""
        self._loopback = True
        self._runner: web.AppRunner | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen (port 0: any free one) and return the address for a browser on this machine; raise CallError."""
        app = web.Application(client_max_size=MAX_BYTES, middlewares=[self._guard])
        app.router.add_post("/offer", self._post)
        app.router.add_route(hdrs.METH_OPTIONS, "/offer", self._options)
        app.router.add_delete("/offer/{session}", self._delete)
        app.router.add_route(hdrs.METH_OPTIONS, "/offer/{session}", self._options)
        folder = assets() / "web"
        for path, name in PAGE.items():
            app.router.add_get(path, _file_handler((folder / name).read_bytes(), name.rpartition(".")[2]))
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except (OSError, OverflowError, UnicodeError) as error:
            await runner.cleanup()
            raise _listen_error(host, port, error) from error
        self._runner = runner
        self._loopback = all(ipaddress.ip_address(address[0]).is_loopback for address in runner.addresses)
        return _url(*runner.addresses[0][:2])

    async def close(self) -> None:
        """Stop listening; calls go on."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    async def _post(self, request: web.Request) -> web.Response:
        body = await _read(request)
        json = request.content_type == JSON
        try:
            offer = from_json(body, "offer") if json else from_sdp(body)
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        sdp, call = await self._answered(offer, request.remote or "")
        if request.transport is None or request.transport.is_closing():
            await self._hang_up(call)
            raise web.HTTPRequestTimeout(text="The caller left before its answer was ready.")
        if json:
            return web.Response(body=to_json("answer", sdp), content_type=JSON)
        session = secrets.token_urlsafe(16)
        self._calls[session] = call
        if len(self._calls) > MAX_SESSIONS:
            del self._calls[next(iter(self._calls))]
        return web.Response(status=201, text=sdp, content_type=SDP, headers={"Location": f"/offer/{session}"})

    async def _answered(self, offer: str, caller: str) -> tuple[str, str]:
        try:
            return await self._answer(offer, caller)
        except Busy as error:
            raise web.HTTPServiceUnavailable(
                text=str(error) or "The line is busy with another call.", headers={"Retry-After": str(RETRY_SECONDS)}
            ) from error
        except NoCommonCodec as error:
            raise web.HTTPNotAcceptable(text=_sentences(error)) from error
        except SdpError as error:
            raise web.HTTPUnprocessableEntity(text=_sentences(error)) from error
        except CallError as error:
            raise web.HTTPInternalServerError(text=_sentences(error)) from error

    async def _delete(self, request: web.Request) -> web.Response:
        call = self._calls.pop(request.match_info["session"], None)
        if call is None:
            raise web.HTTPNotFound(text="There is no such call, or it has been hung up.")
        await self._hang_up(call)
        return web.Response(text="Hung up.")

    async def _options(self, request: web.Request) -> web.Response:
        methods = "POST" if request.path == "/offer" else "DELETE"
        headers = {"Allow": f"{methods}, OPTIONS", "Accept-Post": f"{SDP}, {JSON}"}
        if hdrs.ORIGIN in request.headers:
            headers |= {
                "Access-Control-Allow-Methods": methods,
                "Access-Control-Allow-Headers": "Content-Type, Authorization",
                "Access-Control-Max-Age": "600",
            }
        return web.Response(status=204, headers=headers)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Check who asks; give every response its headers and every error one sentence."""
        origin = request.headers.get(hdrs.ORIGIN)
        try:
            self._check(request, origin)
            response = await handler(request)
        except web.HTTPException as error:
            response = _refusal(error, request)
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("%s %s failed", request.method, request.path)
            response = web.Response(status=500, text="dtmfphone failed to answer; its log says why.")
        response.headers["X-Content-Type-Options"] = "nosniff"
        if origin is not None and self._is_allowed(origin, request.host):
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = "Location, Retry-After"
        response.headers["Vary"] = "Origin"
        return response

    def _check(self, request: web.Request, origin: str | None) -> None:
        if self._loopback and not _is_loopback(_host(f"http://{request.host}")):
            raise web.HTTPForbidden(text="This address is for this machine only: ask for 127.0.0.1 or localhost.")
        if origin is not None and not self._is_allowed(origin, request.host):
            raise web.HTTPForbidden(text="A page of another server may not call here.")

    def _is_allowed(self, origin: str, host: str) -> bool:
        return origin.partition("://")[2] == host or (self._loopback and _is_loopback(_host(origin)))


async def _read(request: web.Request) -> bytes:
    if request.content_type not in (JSON, SDP):
        raise web.HTTPUnsupportedMediaType(
            text=f"Send the offer as {JSON} or {SDP}.", headers={"Accept-Post": f"{SDP}, {JSON}"}
        )
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await request.read()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout(text=f"The offer did not arrive within {BODY_SECONDS:g} s.") from error


def _refusal(error: web.HTTPException, request: web.Request) -> web.Response:
    """Return the refusal as one sentence of plain text."""
    allowed = error.headers.get("Allow", "")
    text = {
        404: f"There is nothing at {request.path[:80]}: offers go to /offer.",
        405: f"{request.method} is not possible at {request.path[:80]}: use {allowed}.",
        413: f"The offer is longer than {MAX_BYTES // 1024} KiB.",
    }
    own = error.text if error.text != f"{error.status}: {error.reason}" and error.status != 413 else None
    headers = {name: error.headers[name] for name in ("Allow", "Retry-After", "Accept-Post") if name in error.headers}
    return web.Response(status=error.status, text=own or text.get(error.status, error.reason), headers=headers)


def _file_handler(body: bytes, suffix: str) -> Handler:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type=CONTENT_TYPES[suffix], charset="utf-8", headers=PAGE_HEADERS)

    return handler


def _sentences(error: CallError) -> str:
    return f"{error.reason} {error.remedy}".strip()


def _host(url: str) -> str | None:
    try:
        return URL(url).host
    except ValueError:
        return None


def _is_loopback(host: str | None) -> bool:
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _url(address: str, port: int) -> str:
    """Return the address for a browser on this machine: a wildcard is reached over loopback."""
    ip = ipaddress.ip_address(address)
    if ip.is_unspecified:
        ip = ipaddress.ip_address("127.0.0.1" if ip.version == 4 else "::1")
    return f"http://[{ip}]:{port}" if ip.version == 6 else f"http://{ip}:{port}"


def _listen_error(host: str, port: int, error: Exception) -> CallError:
    place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    number = error.errno if isinstance(error, OSError) else None
    match number:
        case errno.EADDRINUSE:
            return CallError(f"{place} is in use already.", "Choose another port; port 0 takes any free one.")
        case errno.EACCES:
            return CallError(f"This user may not listen on {place}.", "Choose a port from 1024 up.")
        case errno.EADDRNOTAVAIL:
            return CallError(
                f"{host} is no address of this machine.", "Use 127.0.0.1, or 0.0.0.0 for all its addresses."
            )
    if isinstance(error, socket.gaierror | UnicodeError):
        return CallError(f"The host {host!r} is not known.", "Use 127.0.0.1 or another address of this machine.")
    if isinstance(error, OverflowError):
        return CallError(f"{port} is no port.", "Choose one from 1 to 65535; port 0 takes any free one.")
    return CallError(f"Listening on {place} failed: {error}.", "Choose another address.")
