"""A headless Chromium, driven over the DevTools protocol: pages, JavaScript, real clicks and keys, screenshots."""

import asyncio
import base64
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-port=0",
)
START_SECONDS = 30.0
REPLY_SECONDS = 60.0


def find_chromium() -> str:
    """Return the browser's path; where there is none, fail under CI and skip elsewhere."""
    path = next((found for name in NAMES if (found := shutil.which(name))), None)
    if path is None:
        message = "Chromium is not installed: apt-get install chromium"
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(message)
        pytest.skip(message)
    return path


class JavaScriptError(Exception):
    """An exception in the page."""


class Page:
    """One tab, attached by its session."""

    def __init__(self, browser: "Chromium", target: str, session: str) -> None:
        self._browser = browser
        self._target = target
        self._session = session
        self.console: list[str] = []
        """What the page logged, exceptions included."""

    async def send(self, method: str, **params: Any) -> Any:
        """Send a DevTools command to this tab and return its result."""
        return await self._browser.send(method, self._session, **params)

    async def evaluate(self, expression: str) -> Any:
        """Return the value of an expression, awaited when it is a promise; raise JavaScriptError."""
        reply = await self.send(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True, userGesture=True
        )
        if "exceptionDetails" in reply:
            details = reply["exceptionDetails"]
            raise JavaScriptError(details.get("exception", {}).get("description") or details["text"])
        return reply["result"].get("value")

    async def call(self, function: str, *arguments: object) -> Any:
        """Return what a function of the page returns for the arguments."""
        return await self.evaluate(f"({function})({', '.join(json.dumps(each) for each in arguments)})")

    async def wait_for(self, condition: str, timeout: float = 20.0) -> None:
        """Wait until an expression is true in the page."""
        try:
            async with asyncio.timeout(timeout):
                look = f"function look() {{ ({condition}) ? resolve() : setTimeout(look, 20); }}"
                await self.evaluate(f"new Promise(resolve => ({look})())")
        except TimeoutError:
            text = await self.evaluate("document.body.innerText")
            pytest.fail(f"{condition} did not come true in {timeout:g} s; console {self.console}; page:\n{text}")

    async def click(self, selector: str, *, hold: float = 0.0) -> None:
        """Move the mouse to the middle of an element and click it, like a person."""
        x, y = await self.call(
            """selector => {
                const element = document.querySelector(selector);
                element.scrollIntoView({ block: "nearest" });
                const box = element.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }""",
            selector,
        )
        await self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        mouse: dict[str, Any] = {"x": x, "y": y, "button": "left", "clickCount": 1}
        await self.send("Input.dispatchMouseEvent", type="mousePressed", **mouse)
        await asyncio.sleep(hold)
        await self.send("Input.dispatchMouseEvent", type="mouseReleased", **mouse)

    async def press(self, key: str) -> None:
        """Press and release a key of the keyboard that types one character."""
        await self.send("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
        await self.send("Input.dispatchKeyEvent", type="keyUp", key=key)

    async def text(self, selector: str) -> str:
        """Return the text of an element."""
        value = await self.call("selector => document.querySelector(selector).textContent", selector)
        assert isinstance(value, str)
        return value

    async def screenshot(self, *, width: int, height: int, dark: bool = False) -> bytes:
        """Return what the page looks like at that size as a PNG."""
        await self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.send("Emulation.setEmulatedMedia", features=[scheme])
        reply = await self.send("Page.captureScreenshot", format="png")
        return base64.b64decode(reply["data"])

    async def close(self) -> None:
        """Close the tab."""
        await self._browser.send("Target.closeTarget", targetId=self._target)


class Chromium:
    """The browser's end of the DevTools websocket; all tabs share it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self._pages: dict[str, Page] = {}

    async def send(self, method: str, session: str | None = None, **params: Any) -> Any:
        """Send a DevTools command and return its result."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        reply = self._replies[self._number] = asyncio.get_running_loop().create_future()
        await self._socket.send_str(json.dumps(message))
        async with asyncio.timeout(REPLY_SECONDS):
            return await reply

    async def open(self, url: str) -> Page:
        """Open a tab of its own browser context (own permissions, no shared state) and wait until it is loaded."""
        context = await self.send("Target.createBrowserContext", disposeOnDetach=True)
        target = await self.send("Target.createTarget", url="about:blank", browserContextId=context["browserContextId"])
        attached = await self.send("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = self._pages[attached["sessionId"]] = Page(self, target["targetId"], attached["sessionId"])
        await page.send("Runtime.enable")
        await page.send("Page.enable")
        reply = await page.send("Page.navigate", url=url)
        assert "errorText" not in reply, f"{url}: {reply['errorText']}"
        await page.wait_for("document.readyState === 'complete' && location.href !== 'about:blank'")
        return page

    async def read(self) -> None:
        """Hand on replies and what pages log, until the browser closes the socket."""
        async for message in self._socket:
            data = json.loads(message.data)
            if "id" in data:
                reply = self._replies.pop(data["id"])
                if reply.done():
                    continue
                if "error" in data:
                    reply.set_exception(RuntimeError(f"DevTools: {data['error']['message']}"))
                else:
                    reply.set_result(data["result"])
            elif (page := self._pages.get(data.get("sessionId", ""))) is not None:
                page.console += _logged(data["method"], data["params"])
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(ConnectionError("Chromium closed the DevTools connection"))


def _logged(method: str, params: dict[str, Any]) -> list[str]:
    if method == "Runtime.consoleAPICalled":
        return [" ".join(str(arg.get("value", arg.get("description"))) for arg in params["args"])]
    if method == "Runtime.exceptionThrown":
        details = params["exceptionDetails"]
        return [details.get("exception", {}).get("description") or details["text"]]
    return []


@asynccontextmanager
async def chromium() -> AsyncIterator[Chromium]:
    """Run a headless Chromium with a fresh profile."""
    program = find_chromium()
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            program,
            *FLAGS,
            f"--user-data-dir={profile}",
            "about:blank",
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stderr is not None
        drain: asyncio.Task[None] | None = None
        try:
            address = await _devtools_address(process.stderr)
            drain = asyncio.create_task(_drain(process.stderr))
            async with aiohttp.ClientSession() as http, http.ws_connect(address, max_msg_size=0) as socket:
                browser = Chromium(socket)
                reader = asyncio.create_task(browser.read())
                try:
                    yield browser
                finally:
                    with suppress(ConnectionError, TimeoutError):
                        await browser.send("Browser.close")
                    await reader
        finally:
            await _end(process)
            if drain is not None:
                await drain


async def _devtools_address(stderr: asyncio.StreamReader) -> str:
    said: list[str] = []
    async with asyncio.timeout(START_SECONDS):
        while line := (await stderr.readline()).decode(errors="replace"):
            said.append(line)
            if line.startswith("DevTools listening on "):
                return line.split()[-1]
    raise AssertionError("Chromium did not start:\n" + "".join(said))


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(65_536):
        pass


async def _end(process: asyncio.subprocess.Process) -> None:
    for signal in (None, process.terminate, process.kill):
        if signal is not None:
            with suppress(ProcessLookupError):
                signal()
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await process.wait()
                return
