"""Every shipped IVR on real calls: each way of each key, over WebRTC and plain RTP, to the end that the script says.

Each IVR answers in a process of its own; the callers are engines in this one, several at once. A caller presses its
next keys when the IVR is ready for them, as its own events tell.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import pytest
import pytest_asyncio
from terminal import JsonObject, Terminal, dtmfphone

from dtmfphone.calls.account import Method
from dtmfphone.engine.commands import AnyCommand, Dial, HangUp, PlaceCall, Shutdown
from dtmfphone.engine.engine import Engine
from dtmfphone.engine.events import AnyEvent, CallChanged, Notice, Statistics
from dtmfphone.engine.pacing import load_for
from dtmfphone.ivr.document import Script
from dtmfphone.ivr.script import load, names
from ivr_paths import Walk, walks
from ivr_rehearsal import Signs

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]

AT_ONCE: Final = 14
"""Calls that are up at the same time."""
TONES_AT_ONCE: Final = 8
"""Fewer, after all others: tones do not survive audio that comes late, as telephone-events do."""
PATIENCE: Final = 60.0
"""Seconds in which the IVR must do what comes next: longer than any prompt and timer."""
RTP: Final = "?codec=PCMU"
HTTP_LINES: Final = 4
"""Addresses of a script for WebRTC: each takes one call at a time."""
TRIES: Final = 3
"""How often a walk is taken on a machine that is too busy for it."""
OVERLOADED_MS: Final = 300.0
"""So far behind, processes lose packets: their sockets overflow."""
HELD_UP_MS: Final = 25.0
"""So late, tones may have holes: jitter buffers hold 40 ms at least."""


@dataclass(frozen=True)
class Manner:
    """How the calls are made."""

    schemes: tuple[str, ...]
    """Of the addresses that are called; walks take turns."""
    method: Method
    key_ms: int
    """How long a key sounds, and the pause after it."""
    late_ms: float
    """Where packets left later than this, a call tells nothing: what came of its keys is the machine's fault."""
    waits: bool = False
    """Whether walks that wait for time-outs are taken, too."""


MANNERS: Final = {
    "webrtc": Manner(("http",), "rfc4733", 60, OVERLOADED_MS),
    "rtp": Manner(("rtp",), "rfc4733", 60, OVERLOADED_MS, waits=True),
    "inband": Manner(("http", "rtp"), "inband", 100, HELD_UP_MS),
}


class Answered:
    """What an IVR did in one call."""

    def __init__(self, script: Script) -> None:
        self.signs = Signs(script)
        self.keys: dict[str, str] = defaultdict(str)
        """Received, by method."""
        self.end: JsonObject | None = None
        self.late_ms = 0.0
        """The most by which it sent late."""

    def take(self, event: JsonObject) -> None:
        """Take an event of this call."""
        match event["event"]:
            case "ivr":
                self.signs.step(event["action"], event["node"], event.get("text", ""))
            case "collector" if "shadow" not in event:
                self.signs.collector(
                    event["state"], event["node"], event.get("digits", ""), event.get("end_reason", "")
                )
            case "key" if event["direction"] == "received":
                self.keys[event["method"]] += event["key"]
            case "stats":
                self.late_ms = max(self.late_ms, event["lateness_max_ms"])
            case "call" if event["state"] in ("ended", "failed"):
                self.end = event


class Ivr:
    """A script that answers at several addresses."""

    def __init__(self, script: Script, terminal: Terminal) -> None:
        self.script = script
        self.terminal = terminal
        self.calls: dict[str, Answered] = {}
        self.free: dict[str, asyncio.Queue[str]] = {"http": asyncio.Queue(), "rtp": asyncio.Queue()}
        """Addresses that can be called."""
        self.placing = asyncio.Lock()
        """Held from placing a call until it is known which one it is here."""
        self.changed = Changed()
        terminal.on_event = self._take

    async def listens(self) -> None:
        """Wait until all addresses are open, and tell callers of them."""
        addresses = HTTP_LINES + 1
        await self.terminal.wait_for("server", when=lambda _: len(self.terminal.of("server")) == addresses)
        for each in self.terminal.of("server", state="listening"):
            if each["url"].startswith("rtp:"):
                for _ in range(AT_ONCE):  # it takes many calls
                    self.free["rtp"].put_nowait(each["url"] + RTP)
            else:
                self.free["http"].put_nowait(f"{each['url']}/offer")

    def _take(self, event: JsonObject) -> None:
        if event["event"] == "call":
            self.calls.setdefault(event["call"], Answered(self.script))
        if (call := self.calls.get(event.get("call", ""))) is not None:
            call.take(event)
            self.changed.tell()


class Changed:
    """Wakes all who wait for something."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def tell(self) -> None:
        """Let all look again."""
        self._event.set()
        self._event = asyncio.Event()

    async def until(self, true: Callable[[], bool]) -> None:
        """Return when it is true; raise TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while not true():
                await self._event.wait()


class Caller:
    """A phone of its own."""

    def __init__(self) -> None:
        self.states: list[CallChanged] = []
        self.errors: list[Notice] = []
        self.late_ms = 0.0
        self.changed = Changed()
        self._engine = Engine(self._take, sound=False)

    @property
    def over(self) -> bool:
        return bool(self.states) and self.states[-1].state in ("ended", "failed")

    def submit(self, command: AnyCommand) -> None:
        self._engine.submit(command)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Caller"]:
        await self._engine.start()
        try:
            yield self
        finally:
            self._engine.submit(Shutdown())
            await self._engine.stopped()

    def _take(self, event: AnyEvent) -> None:
        if isinstance(event, CallChanged):
            self.states.append(event)
        elif isinstance(event, Statistics):
            self.late_ms = max(self.late_ms, event.lateness_max_ms)
        elif isinstance(event, Notice) and event.level == "error":
            self.errors.append(event)
        self.changed.tell()


async def take(walk: Walk, ivr: Ivr, how: Manner, url: str) -> bool:
    """Call the IVR and take a walk; assert that it does what it did on the virtual clock, and hangs up.

    Return False where that cannot be said, for the machine was too busy.
    """
    async with Caller().running() as caller:
        async with ivr.placing:
            known = set(ivr.calls)
            caller.submit(PlaceCall(target=url, method=how.method))
            await ivr.changed.until(lambda: len(ivr.calls) > len(known) or caller.over)
        assert not caller.over, caller.states[-1]
        (name,) = set(ivr.calls) - known
        call = ivr.calls[name]
        try:
            for move in walk.moves:
                await ivr.changed.until(lambda: len(call.signs.all) >= move.after or call.end is not None)  # noqa: B023
                if move.keys:
                    caller.submit(Dial(digits=move.keys, duration_ms=how.key_ms, gap_ms=how.key_ms))
            await ivr.changed.until(lambda: call.end is not None)
            await caller.changed.until(lambda: caller.over)
        except TimeoutError:
            caller.submit(HangUp())
            await ivr.changed.until(lambda: call.end is not None)
    assert call.end is not None
    found = (
        call.signs.all,
        "".join(call.keys[how.method]),
        sum(map(len, call.keys.values())),
        [call.end["state"], call.end.get("reason")],
        [each.state for each in caller.states][-2:],
    )
    wanted = (list(walk.signs), walk.keys, len(walk.keys), ["ended", "The IVR hung up."], ["up", "ended"])
    if found != wanted and max(call.late_ms, caller.late_ms) > how.late_ms:
        return False
    assert found == wanted, f"{ivr.script.name}, {name}: {walk.moves}; {caller.states[-1]}"
    assert caller.errors == []
    return True


Taken = dict[tuple[str, str], list["asyncio.Task[None]"]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def taken(request: pytest.FixtureRequest) -> AsyncIterator[Taken]:
    """The walks of the tests that were selected, all under way."""
    calls = [getattr(item, "callspec").params for item in request.session.items if item.path == request.path]  # noqa: B009
    selected = {(str(params["name"]), str(params["manner"])) for params in calls}
    load_for(targets=["http:", "rtp:"])
    room, room_for_tones = asyncio.Semaphore(AT_ONCE), asyncio.Semaphore(TONES_AT_ONCE)
    brief: list[asyncio.Task[None]] = []
    """Of the walks whose keys are telephone-events those that wait for no timer."""

    async def one(walk: Walk, ivr: Ivr, how: Manner, scheme: str) -> None:
        if how.method == "inband" and brief:
            await asyncio.wait(brief)
        for _ in range(TRIES):
            url = await ivr.free[scheme].get()
            try:
                async with room_for_tones if how.method == "inband" else room:
                    if await take(walk, ivr, how, url):
                        return
            finally:
                ivr.free[scheme].put_nowait(url)
        pytest.fail(
            "nothing can be said of this walk: packets left late in each of several calls, the machine is too busy"
        )

    async with AsyncExitStack() as stack:
        ivrs = []
        for name in sorted({name for name, _ in selected}):
            lines = ("--listen", "127.0.0.1:0") * HTTP_LINES
            words = ("serve", *lines, "--rtp", f"127.0.0.1:0{RTP}", "--ivr", name)
            ivrs.append(Ivr(load(name), await stack.enter_async_context(dtmfphone(*words))))
        found = {ivr.script.name: await asyncio.to_thread(walks, ivr.script) for ivr in ivrs}
        for ivr in ivrs:
            await ivr.listens()
        # Those that wait come first, for they take long and cost nothing.
        todo = [
            (walk, ivr, manner, how, how.schemes[number % len(how.schemes)])
            for ivr in ivrs
            for manner, how in MANNERS.items()
            if (ivr.script.name, manner) in selected
            for number, walk in enumerate(found[ivr.script.name])
            if how.waits or not walk.waits
        ]
        tasks: Taken = defaultdict(list)
        for walk, ivr, manner, how, scheme in sorted(todo, key=lambda each: -each[0].waits):
            task = asyncio.create_task(one(walk, ivr, how, scheme))
            tasks[ivr.script.name, manner].append(task)
            if how.method != "inband" and not walk.waits:
                brief.append(task)
        yield tasks
        left = [task for each in tasks.values() for task in each]
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        errors = [each for ivr in ivrs for each in ivr.terminal.of("notice", level="error")]
    assert errors == []
    assert [ivr.terminal.errors for ivr in ivrs if ivr.terminal.errors] == []


@pytest.mark.parametrize("manner", MANNERS)
@pytest.mark.parametrize("name", names())
async def test_a_script_goes_all_its_ways_on_real_calls(taken: Taken, name: str, manner: str) -> None:
    assert taken[name, manner]
    await asyncio.gather(*taken[name, manner])
