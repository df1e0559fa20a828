"""A browser page behind an HTTP address: offers go to the page, its answers come back, what it hears is recorded."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
from aiohttp import web
from chromium import Chromium, Page
from ear import Heard, listen

PAGES = Path(__file__).parent / "pages"


class Answerer:
    """Answers `POST /offer`, in JSON or in SDP (then with 201, Location and DELETE)."""

    def __init__(self, *, events: bool = True, token: str = "", wanted: str = "") -> None:
        self.requests: list[str] = []
        self.offer = ""
        """The last one."""
        self.url = ""
        self._events = events
        self._token = token
        self._wanted = wanted
        """A codec without which an offer is refused (406)."""
        self._page: Page | None = None

    async def heard(self) -> list[Heard]:
        """End the call and return the keys that the page heard in it."""
        assert self._page is not None
        recording = await self._page.evaluate("take()")
        return listen(np.frombuffer(base64.b64decode(recording["pcm"]), "<i2"), int(recording["rate"]))

    async def _post(self, request: web.Request) -> web.Response:
        assert self._page is not None
        self.requests.append("POST")
        if self._token and request.headers.get("Authorization") != f"Bearer {self._token}":
            return web.Response(status=401)
        json = request.content_type == "application/json"
        self.offer = (await request.json())["sdp"] if json else await request.text()
        if self._wanted and f" {self._wanted}/" not in self.offer:
            return web.Response(status=406, text=f"Offer {self._wanted}.")
        answer = await self._page.call("answer", self.offer, {"events": self._events})
        if json:
            return web.json_response({"type": "answer", "sdp": answer})
        return web.Response(
            status=201, text=answer, content_type="application/sdp", headers={"Location": "/offer/the-call"}
        )

    async def _delete(self, request: web.Request) -> web.Response:
        self.requests.append(f"DELETE {request.path} {request.headers.get('Authorization', '')}".strip())
        return web.Response()

    @asynccontextmanager
    async def open(self, browser: Chromium) -> AsyncIterator["Answerer"]:
        """Serve the page and load it in the browser."""
        app = web.Application()
        app.router.add_post("/offer", self._post)
        app.router.add_delete("/offer/the-call", self._delete)
        app.router.add_get("/", _page)
        app.router.add_get("/recorder.js", _recorder)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            self._page = await browser.open(self.url)
            yield self
            assert self._page.console == []
            await self._page.close()
        finally:
            await runner.cleanup()


async def _page(_: web.Request) -> web.Response:
    return web.Response(text=(PAGES / "answerer.html").read_text(), content_type="text/html")


async def _recorder(_: web.Request) -> web.Response:
    return web.Response(text=(PAGES / "recorder.js").read_text(), content_type="text/javascript")
