"""Programs with real calls: to the built-in IVR over WebRTC, and to each other over SIP."""

import asyncio
import socket

import pytest

from dtmfphone.agents import DtmfEvent, DtmfHandler, GetDtmfTask, LiveCall, ToolError, send_dtmf_events
from dtmfphone.engine.commands import Account


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def taken(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


async def test_keys_go_to_the_builtin_ivr() -> None:
    async with LiveCall("builtin:echo") as call:
        await send_dtmf_events(call, "12#")
    assert call.over


class Watcher(DtmfHandler):
    def __init__(self) -> None:
        super().__init__()
        self.states: list[str] = []

    def user_changed(self, state: str) -> None:
        self.states.append(f"user {state}")

    def agent_changed(self, state: str) -> None:
        self.states.append(f"agent {state}")


async def test_who_speaks_is_told_to_those_who_listen() -> None:
    watcher = Watcher()
    async with LiveCall("builtin:echo") as call:
        watcher.start(call)
        call.set_user_state("speaking")
        call.set_agent_state("thinking")
        await watcher.stop()
        call.set_user_state("listening")
    assert watcher.states == ["user speaking", "agent thinking"]


async def test_a_call_that_fails_says_why() -> None:
    with pytest.raises(ToolError, match="nobody"):
        async with LiveCall("builtin:nobody"):
            pass


async def test_one_program_answers_and_collects_what_the_other_sends() -> None:
    port = free_port()
    local = f"127.0.0.1:{port}"
    desk = Account(name="desk", address=f"sip:desk@{local}", register=False, local=local, codecs=("pcmu",))
    heard: list[DtmfEvent] = []
    interruptions: list[int] = []
    listening = asyncio.Event()

    async def answer() -> tuple[str, str, str]:
        async with LiveCall(account=desk, on_interrupt=lambda: interruptions.append(1)) as call:
            handler = DtmfHandler(heard.append)
            handler.start(call)
            listening.set()
            digits = await GetDtmfTask(call, num_digits=3)
            with pytest.raises(ToolError) as caught:
                await GetDtmfTask(call, num_digits=4)
            await handler.stop()
            with pytest.raises(ToolError):
                await send_dtmf_events(call, "1")
            return digits.user_input, caught.value.digits, str(caught.value)

    answering = asyncio.create_task(answer())
    for _ in range(250):
        if taken(port):
            break
        await asyncio.sleep(0.02)
    async with LiveCall(f"sip:desk@{local}", account=Account(register=False, codecs=("pcmu",))) as call:
        await asyncio.wait_for(listening.wait(), 5)
        await send_dtmf_events(call, "10D#7")
        await asyncio.sleep(0.2)
    user_input, rest, why = await asyncio.wait_for(answering, 10)
    assert (user_input, rest) == ("1 0 D", "7")
    assert why
    assert interruptions == [1]
    assert "".join(heard) == "10D#7"
