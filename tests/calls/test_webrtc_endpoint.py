"""The HTTP endpoint, asked over real sockets."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import aiohttp
import pytest

from dtmfphone.calls.call import CallError
from dtmfphone.calls.webrtc.endpoint import Endpoint
from dtmfphone.calls.webrtc.incoming import Busy
from dtmfphone.calls.webrtc.sdp import NoCommonCodec, SdpError
from dtmfphone.calls.webrtc.signalling import exchange, hang_up

OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
ANSWER = OFFER.replace("o=- 1", "o=- 2")
SDP_TYPE = {"Content-Type": "application/sdp"}


class Line:
    """Answers offers the way the engine does: one call at a time, or an error."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.offers: list[str] = []
        self.hung_up: list[str] = []
        self.was_hung_up = asyncio.Event()
        self.delay = 0.0

    async def answer(self, offer: str, caller: str) -> tuple[str, str]:
        assert caller in ("127.0.0.1", "::1")
        self.offers.append(offer)
        await asyncio.sleep(self.delay)
        if self.error is not None:
            raise self.error
        return ANSWER, f"call-{len(self.offers)}"

    async def hang_up(self, call: str) -> None:
        self.hung_up.append(call)
        self.was_hung_up.set()


class Client:
    """Asks the endpoint and checks what every reply must have."""

    def __init__(self, url: str, line: Line, http: aiohttp.ClientSession) -> None:
        self.url = url
        self.line = line
        self._http = http

    async def ask(
        self, method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, dict[str, str]]:
        async with self._http.request(method, self.url + path, data=body, headers=headers) as response:
            text = await response.text()
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "Origin" in response.headers["Vary"]
            if response.status >= 400 and method != "HEAD":
                assert response.content_type == "text/plain"
                assert re.fullmatch(r"[^\n]+\.", text), text
            return response.status, text, dict(response.headers)

    async def offer(self, **headers: str) -> tuple[int, str, dict[str, str]]:
        return await self.ask("POST", "/offer", OFFER, SDP_TYPE | {k.capitalize(): v for k, v in headers.items()})


@asynccontextmanager
async def listening(host: str = "127.0.0.1") -> AsyncIterator[Client]:
    line = Line()
    endpoint = Endpoint(answer=line.answer, hang_up=line.hang_up)
    url = await endpoint.start(host, 0)
    try:
        async with aiohttp.ClientSession() as http:
            yield Client(url, line, http)
    finally:
        await endpoint.close()


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with listening() as each:
        yield each


async def test_json_offers_are_answered_in_json(client: Client) -> None:
    body = json.dumps({"sdp": OFFER, "type": "offer", "extra": [1]})
    status, text, headers = await client.ask(
        "POST", "/offer", body, {"Content-Type": "application/json; charset=utf-8"}
    )
    assert (status, json.loads(text)) == (200, {"type": "answer", "sdp": ANSWER})
    assert headers["Content-Type"].startswith("application/json")
    assert client.line.offers == [OFFER]


async def test_sdp_offers_are_answered_in_sdp_and_hung_up_by_delete(client: Client) -> None:
    status, text, headers = await client.offer()
    assert (status, text) == (201, ANSWER)
    assert headers["Content-Type"].startswith("application/sdp")
    assert re.fullmatch(r"/offer/[\w-]{22}", headers["Location"])
    assert (await client.ask("DELETE", headers["Location"]))[0] == 200
    assert client.line.hung_up == ["call-1"]
    assert (await client.ask("DELETE", headers["Location"]))[0] == 404
    assert (await client.ask("DELETE", "/offer/call-1"))[0] == 404
    assert client.line.hung_up == ["call-1"]


async def test_our_own_client_calls_it_both_ways(client: Client) -> None:
    assert (await exchange(f"{client.url}/offer", OFFER)).sdp == ANSWER
    answer = await exchange(f"whip+{client.url}/offer", OFFER, token="unneeded")
    assert answer.sdp == ANSWER
    assert answer.session_url is not None
    await hang_up(answer.session_url)
    assert client.line.hung_up == ["call-2"]


BAD_OFFERS = [
    (415, None, OFFER.encode(), "Send the offer as"),
    (415, "text/plain", OFFER.encode(), "Send the offer as"),
    (415, "application/x-www-form-urlencoded", b"sdp=v%3D0", "Send the offer as"),
    (413, "application/sdp", b"v=0\r\n" + b"a" * 65_536, "longer than 64 KiB"),
    (413, "application/json", b'{"sdp": "' + b"a" * 65_536, "longer than 64 KiB"),
    (400, "application/sdp", b"", "begins with ''"),
    (400, "application/sdp", b"\xff\xfe", "not UTF-8"),
    (400, "application/sdp", b"hello", "begins with 'hello'"),
    (400, "application/json", b"", "not a JSON object"),
    (400, "application/json", b"{", "not a JSON object"),
    (400, "application/json", b"[]", "not a JSON object"),
    (400, "application/json", b"[" * 60_000, "not a JSON object"),
    (400, "application/json", b'"\\ud800"', "not a JSON object"),
    (400, "application/json", b'{"type": "offer"}', "missing required field `sdp`"),
    (400, "application/json", b'{"sdp": "v=0\\r\\n"}', "missing required field `type`"),
    (400, "application/json", b'{"type": "offer", "sdp": null}', "Expected `str`"),
    (400, "application/json", b'{"type": "answer", "sdp": "v=0\\r\\n"}', "type 'answer', not of type 'offer'"),
    (400, "application/json", b'{"type": "offer", "sdp": "hi"}', "begins with 'hi'"),
]


@pytest.mark.parametrize(("status", "content_type", "body", "words"), BAD_OFFERS)
async def test_bad_offers_are_refused_with_one_sentence(
    client: Client, status: int, content_type: str | None, body: bytes, words: str
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    got, text, replied = await client.ask("POST", "/offer", body, headers)
    assert got == status
    assert words in text
    assert client.line.offers == []
    if status == 415:
        assert replied["Accept-Post"] == "application/sdp, application/json"
    assert (await client.offer())[0] == 201, "the next caller must not suffer"


async def test_an_offer_of_exactly_64_kib_is_read(client: Client) -> None:
    body = OFFER + "a" * (65_536 - len(OFFER))
    assert (await client.ask("POST", "/offer", body, SDP_TYPE))[0] == 201


async def test_a_length_that_is_only_announced_is_not_waited_for(client: Client) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"a" * 8192

    async with (
        aiohttp.ClientSession() as http,
        http.post(f"{client.url}/offer", data=endless(), headers=SDP_TYPE) as response,
    ):
        assert response.status == 413


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (Busy("Another call is up."), 503, "Another call is up."),
        (Busy(), 503, "The line is busy with another call."),
        (NoCommonCodec("We have no codec in common.", "Offer Opus."), 406, "We have no codec in common. Offer Opus."),
        (SdpError("The SDP holds no audio."), 422, "The SDP holds no audio."),
        (CallError("The script is broken.", "Mend it."), 500, "The script is broken. Mend it."),
    ],
)
async def test_every_refusal_of_the_engine_has_its_status(
    client: Client, error: Exception, status: int, words: str
) -> None:
    client.line.error = error
    got, text, headers = await client.offer()
    assert (got, text) == (status, words)
    assert ("Retry-After" in headers) == (status == 503)
    client.line.error = None
    assert (await client.offer())[0] == 201


async def test_a_fault_of_ours_is_logged_and_not_shown(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.line.error = RuntimeError("inner secret")
    status, text, _ = await client.offer()
    assert status == 500
    assert "secret" not in text
    assert "inner secret" in caplog.text


async def test_a_caller_that_left_is_hung_up(client: Client) -> None:
    client.line.delay = 0.2
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await client.offer()
    async with asyncio.timeout(5):
        await client.line.was_hung_up.wait()
    assert client.line.hung_up == ["call-1"]


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", "/offer", 405, "OPTIONS,POST"),
        ("PUT", "/offer", 405, "OPTIONS,POST"),
        ("PATCH", "/offer/abc", 405, "DELETE,OPTIONS"),
        ("POST", "/", 405, "GET,HEAD"),
        ("GET", "/nothing", 404, None),
        ("GET", "/../pyproject.toml", 404, None),
        ("GET", "/%2e%2e/pyproject.toml", 404, None),
    ],
)
async def test_wrong_methods_and_paths(client: Client, method: str, path: str, status: int, allow: str | None) -> None:
    got, _, headers = await client.ask(method, path)
    assert got == status
    assert headers.get("Allow") == allow


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "[broken", ""]
)
async def test_on_loopback_a_foreign_host_name_is_refused(client: Client, host: str) -> None:
    status, text, _ = await client.offer(host=host)
    assert status == 403
    assert "127.0.0.1 or localhost" in text
    assert (await client.ask("GET", "/", headers={"Host": host}))[0] == 403
    assert client.line.offers == []


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "127.3.2.1", "[::1]:8080", "phone.localhost"]
)
async def test_on_loopback_this_machine_has_many_names(client: Client, host: str) -> None:
    assert (await client.offer(host=host))[0] == 201


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1.evil.example", "http://[broken"])
async def test_pages_of_other_servers_may_not_call(client: Client, origin: str) -> None:
    status, _, headers = await client.offer(origin=origin)
    assert status == 403
    assert "Access-Control-Allow-Origin" not in headers
    status, _, headers = await client.ask("OPTIONS", "/offer", headers={"Origin": origin})
    assert status == 403
    assert "Access-Control-Allow-Methods" not in headers
    assert client.line.offers == []


@pytest.mark.parametrize("origin", ["http://localhost:3000", "http://127.0.0.1:5173", "https://[::1]"])
async def test_pages_of_this_machine_may_call_on_loopback(client: Client, origin: str) -> None:
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    status, _, headers = await client.ask("OPTIONS", "/offer", headers=preflight)
    assert (status, headers["Access-Control-Allow-Origin"]) == (204, origin)
    assert headers["Access-Control-Allow-Methods"] == "POST"
    status, _, headers = await client.offer(origin=origin)
    assert (status, headers["Access-Control-Allow-Origin"]) == (201, origin)
    assert "Location" in headers["Access-Control-Expose-Headers"]
    session = headers["Location"]
    _, _, headers = await client.ask("OPTIONS", session, headers=preflight)
    assert headers["Access-Control-Allow-Methods"] == "DELETE"
    client.line.error = Busy()
    assert (await client.offer(origin=origin))[2]["Access-Control-Allow-Origin"] == origin, "the page must see why"


async def test_on_all_addresses_names_are_free_and_only_the_own_page_may_call() -> None:
    async with listening("0.0.0.0") as client:
        assert client.url.startswith("http://127.0.0.1:")
        assert (await client.offer(host="phone.example"))[0] == 201
        assert (await client.offer(host="phone.example", origin="https://phone.example"))[0] == 201
        assert (await client.offer(host="phone.example", origin="http://localhost:3000"))[0] == 403


async def test_the_page_and_its_files(client: Client) -> None:
    status, page, headers = await client.ask("GET", "/")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    files = cast(list[str], re.findall(r'(?:src|href)="(/[^"]+)"', page))
    assert sorted(files) == ["/phone.css", "/phone.js"]
    for path in files:
        status, text, headers = await client.ask("GET", path)
        assert status == 200
        assert headers["Content-Type"].startswith(("text/css", "text/javascript"))
        assert "http://" not in text.replace("http://www.w3.org", "")
    assert (await client.ask("HEAD", "/"))[0] == 200


async def test_a_port_in_use() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        error = await refused("127.0.0.1", port)
    assert error.reason == f"127.0.0.1:{port} is in use already."
    assert "port 0" in error.remedy


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("192.0.2.1", 0, "192.0.2.1 is no address of this machine."),
        ("nowhere.invalid", 0, "The host 'nowhere.invalid' is not known."),
        ("a" * 70, 0, f"The host '{'a' * 70}' is not known."),
        ("127.0.0.1", 70_000, "70000 is no port."),
        ("127.0.0.1", -1, "-1 is no port."),
    ],
)
async def test_an_address_that_cannot_be_had(host: str, port: int, reason: str) -> None:
    assert (await refused(host, port)).reason == reason


async def refused(host: str, port: int) -> CallError:
    line = Line()
    endpoint = Endpoint(answer=line.answer, hang_up=line.hang_up)
    with pytest.raises(CallError) as caught:
        await endpoint.start(host, port)
    await endpoint.close()
    return caught.value


async def test_localhost_and_ipv6_have_addresses_that_work() -> None:
    for host in ("localhost", "::1"):
        async with listening(host) as client:
            assert (await client.ask("GET", "/"))[0] == 200


async def test_after_closing_the_port_is_free_at_once() -> None:
    line = Line()
    endpoint = Endpoint(answer=line.answer, hang_up=line.hang_up)
    url = await endpoint.start("127.0.0.1", 0)
    port = int(url.rpartition(":")[2])
    async with aiohttp.ClientSession() as http:
        await http.get(url)
        await endpoint.close()
    again = Endpoint(answer=line.answer, hang_up=line.hang_up)
    assert await again.start("127.0.0.1", port) == url
    await again.close()
