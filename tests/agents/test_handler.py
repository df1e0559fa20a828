"""Keys handed to a function, and keys sent, on a clock whose time passes at once."""

import asyncio
import logging

import pytest
from scripted_dtmf_call import ScriptedCall, run

from dtmfphone.agents import DtmfEvent, DtmfHandler, ToolError, send_dtmf_events


def test_an_async_callback_has_every_key_in_order_zero_included() -> None:
    async def job() -> list[str]:
        got: list[str] = []

        async def slow(key: DtmfEvent) -> None:
            await asyncio.sleep(0.5 if key == "0" else 0.01)
            got.append(key)

        handler = DtmfHandler(slow)
        handler.start(ScriptedCall("0123456789*#ABCD", every=0.1))
        await asyncio.sleep(2.0)
        await handler.stop()
        return got

    assert "".join(run(job())) == "0123456789*#ABCD"


def test_the_callback_is_replaced_and_its_error_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def job() -> list[str]:
        got: list[str] = []

        def fail(key: DtmfEvent) -> None:
            raise OSError(key)

        handler = DtmfHandler(fail)
        call = ScriptedCall("12")
        handler.start(call)
        with pytest.raises(RuntimeError, match="stop it first"):
            handler.start(call)
        await asyncio.sleep(1.5)
        handler.set_callback(got.append)
        await asyncio.sleep(1.5)
        await handler.stop()
        return got

    with caplog.at_level(logging.ERROR):
        assert run(job()) == ["2"]
    assert "callback for keys failed" in caplog.text


def test_keys_are_sent_with_their_spacing() -> None:
    async def job() -> list[tuple[str, float]]:
        call = ScriptedCall()
        await send_dtmf_events(call, "1w2#a")
        await send_dtmf_events(call, [DtmfEvent.ZERO])
        return call.sent

    assert run(job()) == [("1", 0.0), ("2", 0.8), ("#", 1.1), ("A", 1.4), ("0", 1.4)]


def test_the_first_error_ends_sending() -> None:
    async def job() -> list[tuple[str, float]]:
        call = ScriptedCall()
        call.refused = "2"
        with pytest.raises(
            ToolError, match=r"Failed to send DTMF event: 2\. Error: The far end takes no such key"
        ) as caught:
            await send_dtmf_events(call, "123")
        assert caught.value.digits == "1"
        with pytest.raises(ValueError, match="not a DTMF key"):
            await send_dtmf_events(call, "1x")
        return call.sent

    assert run(job()) == [("1", 0.0)]
