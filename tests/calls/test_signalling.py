"""The HTTP client against real servers on loopback."""

import asyncio
import datetime
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from dtmfphone.calls.call import CallError
from dtmfphone.calls.webrtc import sdp
from dtmfphone.calls.webrtc.signalling import Answer, NoCommonCodec, SignallingError, exchange, hang_up

OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
ANSWER = OFFER.replace("o=- 1", "o=- 2")
TOKEN = "s3cret-token"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Run a server that gives every request to the handler; yields `http://127.0.0.1:PORT`."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def raw_server(reply: bytes) -> AsyncIterator[str]:
    """Run a server that sends bytes, whatever it is asked, and closes; yields its address."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def always(response: Callable[[], web.Response]) -> Handler:
    async def handler(request: web.Request) -> web.Response:
        await request.read()
        return response()

    return handler


async def failure(target: str, *, token: str = "", timeout: float = 10.0) -> SignallingError:
    """Return the error of an exchange, which must read like one."""
    with pytest.raises(SignallingError) as caught:
        await exchange(target, OFFER, token=token, timeout=timeout)
    error = caught.value
    assert error.reason.endswith(".")
    assert "\n" not in error.reason
    assert error.remedy.endswith(".")
    assert TOKEN not in f"{error!r} {error.reason} {error.remedy}"
    return error


async def test_json_goes_both_ways() -> None:
    seen: list[tuple[str, str, object]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.method, request.content_type, await request.json()))
        return web.json_response({"sdp": ANSWER, "type": "answer", "pc_id": "bot-1"})

    async with serving(handler) as url:
        assert await exchange(f"{url}/api/offer", OFFER) == Answer(ANSWER, None)
    assert seen == [("POST", "application/json", {"type": "offer", "sdp": OFFER})]


async def test_json_labelled_as_text_is_taken() -> None:
    async with serving(
        always(lambda: web.Response(text='{"type":"answer","sdp":"v=0\\r\\n"}', content_type="text/plain"))
    ) as url:
        assert (await exchange(url, OFFER)).sdp == "v=0\r\n"


async def test_whip_posts_sdp_with_the_token_and_hangs_up_at_the_location() -> None:
    seen: list[tuple[str, str, str | None, str | None, str]] = []

    async def handler(request: web.Request) -> web.Response:
        authorization = request.headers.get("Authorization")
        content_type = request.headers.get("Content-Type")
        seen.append((request.method, request.path, authorization, content_type, await request.text()))
        if request.method == "DELETE":
            return web.Response()
        return web.Response(
            status=201, text=ANSWER, content_type="application/sdp", headers={"Location": "../session/7?x=1"}
        )

    async with serving(handler) as url:
        answer = await exchange(f"whip+{url}/live/whip", OFFER, token=TOKEN)
        assert answer == Answer(ANSWER, f"{url}/session/7?x=1")
        assert answer.session_url is not None
        await hang_up(answer.session_url, token=TOKEN)
    assert seen == [
        ("POST", "/live/whip", f"Bearer {TOKEN}", "application/sdp", OFFER),
        ("DELETE", "/session/7", f"Bearer {TOKEN}", None, ""),
    ]


@pytest.mark.parametrize("location", [None, "mailto:nobody", "http://[broken"])
async def test_an_answer_without_usable_location_is_a_call_without_session(location: str | None) -> None:
    headers = {"Location": location} if location else {}
    async with serving(
        always(lambda: web.Response(status=201, text=ANSWER, content_type="application/sdp", headers=headers))
    ) as url:
        assert (await exchange(f"whip+{url}/", OFFER)).session_url is None


@pytest.mark.parametrize("token", ["", TOKEN])
async def test_the_token_is_not_for_a_session_at_another_origin(token: str) -> None:
    elsewhere = "http://127.0.0.2:9/session"
    async with serving(
        always(
            lambda: web.Response(
                status=201, text=ANSWER, content_type="application/sdp", headers={"Location": elsewhere}
            )
        )
    ) as url:
        assert (await exchange(f"whip+{url}/", OFFER, token=token)).session_url == (None if token else elsewhere)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirects_are_followed_with_the_offer_and_the_token(status: int) -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {TOKEN}"
        assert (await request.json())["sdp"] == OFFER
        if request.path == "/old":
            return web.Response(status=status, headers={"Location": "/new"})
        return web.json_response({"sdp": ANSWER, "type": "answer"})

    async with serving(handler) as url:
        assert (await exchange(f"{url}/old", OFFER, token=TOKEN)).sdp == ANSWER


async def test_the_token_stays_at_its_origin() -> None:
    seen: list[str | None] = []

    async def other(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization"))
        return web.Response(status=401)

    async with (
        serving(other) as other_url,
        serving(always(lambda: web.Response(status=307, headers={"Location": f"{other_url}/x"}))) as url,
    ):
        error = await failure(url, token=TOKEN)
    assert seen == [None]
    assert error.reason == f"{url} redirected to {other_url}, where the token was not sent."
    assert error.remedy == "Call that address itself."


async def test_a_redirect_for_ever_ends() -> None:
    async with serving(always(lambda: web.Response(status=302, headers={"Location": "/again"}))) as url:
        assert "redirects more than 5 times" in (await failure(url)).reason


async def test_a_redirect_to_anything_else_is_refused() -> None:
    async with serving(always(lambda: web.Response(status=302, headers={"Location": "file:///etc/passwd"}))) as url:
        assert "redirects to something that is not a web address" in (await failure(url)).reason


STATUSES = [
    (400, SignallingError, "did not answer the call (400 Bad Request)"),
    (401, SignallingError, "wants a valid token"),
    (403, SignallingError, "forbids the call"),
    (404, SignallingError, "knows no /offer"),
    (405, SignallingError, "takes no offers at /offer"),
    (406, NoCommonCodec, "cannot use the offer (406 Not Acceptable)"),
    (413, SignallingError, "finds the offer too long"),
    (415, SignallingError, "does not take offers in this form"),
    (422, NoCommonCodec, "cannot use the offer (422 Unprocessable"),
    (488, NoCommonCodec, "cannot use the offer (488)"),
    (500, SignallingError, "failed (500 Internal Server Error)"),
    (503, SignallingError, "is busy or not ready"),
    (599, SignallingError, "failed (599)"),
    (303, SignallingError, "did not answer the call (303 See Other)"),
]


@pytest.mark.parametrize(("status", "kind", "words"), STATUSES)
async def test_every_status_has_its_sentence(status: int, kind: type[SignallingError], words: str) -> None:
    async with serving(
        always(lambda: web.Response(status=status, text=f"Because of {TOKEN}\nand\x1b[31m more."))
    ) as url:
        error = await failure(f"{url}/offer", token=TOKEN)
    assert type(error) is kind
    assert error.reason.startswith(f"{url} ")
    assert words in error.reason
    assert error.reason.endswith("; it says: Because of ••• and[31m more.")


def test_a_missing_codec_is_one_kind_of_error_wherever_it_is_found() -> None:
    assert issubclass(NoCommonCodec, sdp.NoCommonCodec)
    assert issubclass(SignallingError, CallError)


async def test_a_page_of_html_is_not_quoted() -> None:
    async with serving(
        always(lambda: web.Response(status=502, text="<html>nginx</html>", content_type="text/html"))
    ) as url:
        assert (await failure(url)).reason == f"{url} failed (502 Bad Gateway)."


BAD_ANSWERS = [
    ("", lambda: web.Response(text="<html>", content_type="text/html"), "answered with text/html"),
    ("", lambda: web.Response(body=b"{", content_type="application/json"), "not a JSON object"),
    ("", lambda: web.Response(body=b"\xff{}", content_type="application/json"), "not a JSON object"),
    ("", lambda: web.Response(body=b"[" * 60_000, content_type="application/json"), "not a JSON object"),
    ("", lambda: web.json_response({"type": "answer"}), "missing required field `sdp`"),
    ("", lambda: web.json_response({"type": "answer", "sdp": 5}), "Expected `str`, got `int`"),
    ("", lambda: web.json_response({"type": "offer", "sdp": ANSWER}), "type 'offer', not of type 'answer'"),
    ("", lambda: web.json_response({"type": "answer", "sdp": "hello"}), "begins with 'hello'"),
    ("", lambda: web.json_response({"type": "answer", "sdp": "v=0\r\n" + "x" * 65_536}), "more than 64 KiB"),
    ("", lambda: web.Response(status=204), "answered with"),
    ("whip+", lambda: web.json_response({"type": "answer", "sdp": ANSWER}), "answered with application/json"),
    ("whip+", lambda: web.Response(status=201, body=b"", content_type="application/sdp"), "begins with ''"),
    ("whip+", lambda: web.Response(status=201, body=b"\xff", content_type="application/sdp"), "not UTF-8"),
]


@pytest.mark.parametrize(("prefix", "response", "words"), BAD_ANSWERS)
async def test_what_is_no_answer_is_refused(prefix: str, response: Callable[[], web.Response], words: str) -> None:
    async with serving(always(response)) as url:
        assert words in (await failure(prefix + url)).reason


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("", "does not begin with http"),
        ("bot.example/offer", "does not begin with http"),
        ("ftp://bot.example/offer", "does not begin with http"),
        ("whip+ftp://bot.example/offer", "does not begin with http"),
        ("http://", "names no host"),
        ("http:///offer", "names no host"),
        ("http://bot.example:99999/", "not a web address"),
        ("http://bot.example:0/", "port is not between 1 and 65535"),
        ("http://bot.example:x/", "not a web address"),
        ("http://[::1/", "not a web address"),
    ],
)
async def test_a_malformed_target_is_refused(target: str, words: str) -> None:
    error = await failure(target)
    assert words in error.reason.lower()
    assert "http://HOST:PORT/PATH" in error.remedy


async def test_secrets_in_the_address_stay_out_of_messages() -> None:
    async with serving(always(lambda: web.Response(status=500))) as url:
        error = await failure(url.replace("//", f"//me:{TOKEN}@") + f"/offer?key={TOKEN}")
    assert error.reason == f"{url} failed (500 Internal Server Error)."
    error = await failure(f"http://me:pass@127.0.0.1:9/{TOKEN}", token=TOKEN)
    assert "a user name in its address and a token as well" in error.reason


@pytest.mark.parametrize("token", [f"{TOKEN}\r\nX-Evil: 1", f"{TOKEN} ", f"{TOKEN}é"])
async def test_a_token_that_no_header_can_carry_is_refused(token: str) -> None:
    assert "The token holds characters" in (await failure("http://127.0.0.1:9/", token=token)).reason


async def test_nobody_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        error = await failure(f"http://127.0.0.1:{port}/offer")
    assert error.reason == f"http://127.0.0.1:{port} refused the connection."


async def test_an_unknown_host() -> None:
    assert (await failure("http://nowhere.invalid/offer")).reason == "The host nowhere.invalid is not known."


async def test_a_server_that_never_answers() -> None:
    async def handler(request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    async with serving(handler) as url:
        assert (await failure(url, timeout=0.2)).reason == f"{url} did not answer within 0.2 s."


async def test_a_server_that_hangs_up() -> None:
    async with raw_server(b"") as url:
        assert (await failure(url)).reason == f"{url} closed the connection without an answer."


async def test_a_server_that_breaks_off() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    async with raw_server(head) as url:
        assert "broke off" in (await failure(url)).reason


async def test_something_that_is_not_http() -> None:
    async with raw_server(b"220 mail.example ESMTP\r\n") as url:
        assert (await failure(url)).reason == f"{url} does not speak HTTP."


async def test_tls_with_a_server_without_it() -> None:
    async with serving(always(web.Response)) as url:
        error = await failure(url.replace("http:", "https:"))
    assert "TLS with https://127.0.0.1" in error.reason
    assert "http://" in error.remedy


async def test_a_certificate_that_nobody_trusts(tmp_path: Path) -> None:
    async with serving(always(web.Response), tls=self_signed(tmp_path)) as url:
        error = await failure(url)
    assert error.reason == f"The certificate of {url} is not trusted: self-signed certificate."
    assert "SSL_CERT_FILE" in error.remedy


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    return context


@pytest.mark.parametrize("status", [200, 204, 404, 410])
async def test_hanging_up_what_is_gone_is_fine(status: int) -> None:
    async with serving(always(lambda: web.Response(status=status))) as url:
        await hang_up(f"{url}/session/1")


async def test_hanging_up_can_fail() -> None:
    async with serving(always(lambda: web.Response(status=500))) as url:
        with pytest.raises(SignallingError, match="failed"):
            await hang_up(f"{url}/session/1", token=TOKEN)


async def test_cancelling_an_exchange_cancels_it() -> None:
    asked = asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        asked.set()
        await asyncio.sleep(60)
        return web.Response()

    async with serving(handler) as url:
        task = asyncio.create_task(exchange(url, OFFER))
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
