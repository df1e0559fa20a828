"""Headless Chromium calls `dtmfphone serve` and is called by `dtmfphone call`."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from answerer import Answerer
from chromium import Chromium, Page, chromium
from terminal import JsonObject, Terminal, dtmfphone

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]

ALL_KEYS = "123A456B789C*0#D"
BUTTONS = {"*": "#key-star", "#": "#key-hash"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Chromium]:
    async with chromium() as each:
        yield each


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Terminal, str]]:
    """Run `dtmfphone serve` with the echo IVR; yields it and its address."""
    async with dtmfphone("serve", "--listen", "127.0.0.1:0", "--ivr", "echo") as terminal:
        listening = await terminal.wait_for("server", state="listening")
        yield terminal, listening["url"]
    assert terminal.errors == ""


@asynccontextmanager
async def calling(browser: Chromium, url: str, codec: str, *, microphone: bool = True) -> AsyncIterator[Page]:
    """Call from the page with a codec; yields the page, in the call."""
    page = await browser.open(url)
    if not microphone:
        await page.click("#microphone")
    await page.call("codec => { document.querySelector('#codec').value = codec; }", codec)
    await page.click("#call")
    await page.wait_for("document.querySelector('#state').dataset.state === 'up'")
    assert await page.text("#can-insert") == "true"
    yield page
    assert page.console == []
    await page.close()


async def press(page: Page, keys: str) -> None:
    for key in keys:
        await page.click(BUTTONS.get(key, f"#key-{key}"))


async def received(terminal: Terminal, count: int) -> list[JsonObject]:
    """Wait for so many key presses at the IVR and return every sighting of one there, whatever the method."""
    await terminal.wait_for(
        "key", leg="ivr", direction="received", when=lambda _: len(received_so_far(terminal)) >= count
    )
    return received_so_far(terminal)


def received_so_far(terminal: Terminal) -> list[JsonObject]:
    return terminal.of("key", leg="ivr", direction="received")


def keys_of(sightings: list[JsonObject]) -> str:
    return "".join(each["key"] for each in sightings)


@pytest.mark.parametrize(("codec", "clock"), [("opus", 48000), ("PCMU", 8000)])
async def test_a_person_in_the_browser_dials_all_keys(browser: Chromium, codec: str, clock: int) -> None:
    async with serving() as (terminal, url), calling(browser, url, codec) as page:
        media = await terminal.wait_for("media", leg="ivr")
        assert (media["codec"], media["clock"], media["event_clock"]) == (codec.lower(), clock, clock)
        assert re.fullmatch(rf"{codec}, PT \d+", await page.text("#codec-used"), re.IGNORECASE)
        assert await page.text("#event-used") == f"PT {media['event_payload_type']}, {clock} Hz"

        await press(page, ALL_KEYS)
        await received(terminal, len(ALL_KEYS))
        assert await page.text("#sent") == ALL_KEYS

        await page.click("#hang-up")
        await terminal.wait_for("call", leg="ivr", state="ended")
        assert await page.text("#state-text") == "Call ended"
        got = received_so_far(terminal)
        assert keys_of(got) == ALL_KEYS, terminal.report()
        for each in got:
            facts = (each["method"], each["clock"], each["packets"], each["end_packets"], each["ended_by"])
            assert facts == ("rfc4733", clock, 7, 3, "end-bit"), terminal.report()
            assert each["marker"]
            assert each["duration"] == pytest.approx(0.1)
        assert len({each["id"] for each in got}) == len(got)


@pytest.mark.parametrize(("codec", "microphone"), [("opus", True), ("PCMU", False)])
async def test_the_keyboard_dials_and_tones_are_40_ms_or_2_s_long(
    browser: Chromium, codec: str, microphone: bool
) -> None:
    async with serving() as (terminal, url), calling(browser, url, codec, microphone=microphone) as page:
        await page.evaluate("document.querySelector('#duration').value = '40'")
        for key in "7*":
            await page.press(key)
        await received(terminal, 2)
        await page.evaluate("document.querySelector('#duration').value = '2000'")
        await page.press("c")
        got = await received(terminal, 3)
    assert keys_of(got) == "7*C", terminal.report()
    assert [each["duration"] for each in got] == pytest.approx([0.04, 0.04, 2.0], abs=0.03)
    assert {each["ended_by"] for each in got} == {"end-bit"}


async def test_a_second_browser_is_told_that_the_line_is_busy(browser: Chromium) -> None:
    async with serving() as (terminal, url), calling(browser, url, "opus") as page:
        other = await browser.open(url)
        await other.click("#call")
        await other.wait_for("document.querySelector('#state').dataset.state === 'failed'")
        assert "busy" in (await other.text("#problem")).lower()
        await other.close()
        await press(page, "5")
        assert keys_of(await received(terminal, 1)) == "5"


async def test_the_page_learns_that_the_far_end_hung_up(browser: Chromium) -> None:
    async with serving() as (terminal, url), calling(browser, url, "opus") as page:
        await terminal.end()
        await page.wait_for("document.querySelector('#state').dataset.state === 'ended'")


@asynccontextmanager
async def called(
    browser: Chromium, *options: str, events: bool = True, wanted: str = ""
) -> AsyncIterator[tuple[Answerer, Terminal]]:
    """Run `dtmfphone call` against a page that answers."""
    async with (
        Answerer(events=events, wanted=wanted).open(browser) as answerer,
        dtmfphone("call", f"{answerer.url}/offer", "--stay", "1", *options) as terminal,
    ):
        yield answerer, terminal


@pytest.mark.parametrize("method", ["rfc4733", "inband"])
@pytest.mark.parametrize(("codec", "clock"), [("opus", 48000), ("pcmu", 8000)])
async def test_the_browser_hears_every_digit(browser: Chromium, codec: str, clock: int, method: str) -> None:
    options = ("--digits", ALL_KEYS, "--codec", codec, "--method", method)
    async with called(browser, *options) as (answerer, terminal):
        assert await terminal.exit_code() == 0, terminal.report()
        heard = await answerer.heard()
    media = terminal.of("media", leg="phone")[-1]
    assert (media["codec"], media["clock"], media["event_clock"]) == (codec, clock, clock)
    assert media["method"] == method
    assert "".join(each.key for each in heard) == ALL_KEYS, terminal.report()
    assert all(0.07 < each.duration < 0.16 for each in heard), heard
    sent = terminal.of("key", leg="phone", direction="sent")
    assert keys_of(sent) == ALL_KEYS, terminal.report()
    assert {each["method"] for each in sent} == {method}
    assert terminal.errors == ""


async def test_the_browser_hears_short_and_long_events(browser: Chromium) -> None:
    async with called(browser, "--digits", "19#D", "--duration", "40", "--codec", "opus", "--method", "rfc4733") as (
        answerer,
        terminal,
    ):
        assert await terminal.exit_code() == 0, terminal.report()
        assert "".join(each.key for each in await answerer.heard()) == "19#D"
    async with called(browser, "--digits", "5", "--duration", "2000", "--codec", "opus", "--method", "rfc4733") as (
        answerer,
        terminal,
    ):
        assert await terminal.exit_code() == 0, terminal.report()
        (heard,) = await answerer.heard()
    assert heard.key == "5"
    assert heard.duration == pytest.approx(2.0, abs=0.1)
    (sent,) = terminal.of("key", leg="phone", direction="sent")
    assert sent["duration"] == pytest.approx(2.0, abs=0.02)


async def test_without_telephone_event_rfc4733_is_not_available_but_the_call_is_up(browser: Chromium) -> None:
    async with called(browser, "--digits", "12", "--method", "rfc4733", events=False) as (_, terminal):
        assert await terminal.exit_code() == 3, terminal.report()
    media = terminal.of("media", leg="phone")[-1]
    assert media.get("event_payload_type") is None
    assert media.get("method") is None
    assert "no telephone-event" in media["method_reason"]
    states = [each["state"] for each in terminal.of("call", leg="phone")]
    assert states == ["calling", "connecting", "up", "ended"], terminal.report()
    assert terminal.of("key", direction="sent") == []


async def test_without_telephone_event_auto_sends_tones(browser: Chromium) -> None:
    async with called(browser, "--digits", ALL_KEYS, events=False) as (answerer, terminal):
        assert await terminal.exit_code() == 0, terminal.report()
        heard = await answerer.heard()
    media = terminal.of("media", leg="phone")[-1]
    assert media["method"] == "inband"
    assert "no telephone-event" in media["method_reason"]
    assert "".join(each.key for each in heard) == ALL_KEYS, terminal.report()


async def test_where_opus_is_refused_g711_is_offered(browser: Chromium) -> None:
    async with called(browser, "--digits", "90", wanted="PCMU") as (answerer, terminal):
        assert await terminal.exit_code() == 0, terminal.report()
        heard = await answerer.heard()
    assert answerer.requests == ["POST", "POST"]
    media = terminal.of("media", leg="phone")[-1]
    assert (media["codec"], media["event_clock"], media["method"]) == ("pcmu", 8000, "rfc4733")
    assert "".join(each.key for each in heard) == "90", terminal.report()


async def test_whip_with_a_token_and_a_delete_at_the_end(browser: Chromium) -> None:
    token = "a-secret-token"
    async with Answerer(token=token).open(browser) as answerer:
        target = f"whip+{answerer.url}/offer"
        async with dtmfphone(
            "call",
            target,
            "--digits",
            "42",
            "--stay",
            "1",
            "--token-env",
            "WHIP_TOKEN",
            environment={"WHIP_TOKEN": token},
        ) as terminal:
            assert await terminal.exit_code() == 0, terminal.report()
        assert answerer.requests == ["POST", f"DELETE /offer/the-call Bearer {token}"]
        assert "".join(each.key for each in await answerer.heard()) == "42"
        async with dtmfphone("call", target) as terminal:
            assert await terminal.exit_code() == 1, terminal.report()
    (failed,) = terminal.of("call", state="failed")
    assert "wants a valid token" in failed["reason"]
    assert token not in terminal.report()
