"""Calls to `rtp://host:port`, over real UDP on loopback."""

import pytest
from rtp_side import Side, parameters, until

from dtmfphone.calls.call import Call, CallError
from dtmfphone.calls.rtp.call import RtpCall, open_call
from dtmfphone.calls.ways import open_call as open_any


async def test_a_call_is_up_at_once_and_ends_with_the_far_end() -> None:
    caller, callee = Side(), Side()
    far = await callee.open()
    call: Call = open_any(f"RTP://localhost:{far.port}?codec=PCMA&events=96", caller.context())
    assert call.statistics().packets_sent == 0
    await call.place()
    assert caller.states == ["calling", "connecting", "up"]
    assert call.media is not None
    assert (call.media.codec, call.media.event_payload_type, call.media.remote) == (
        "pcma",
        96,
        f"127.0.0.1:{far.port}",
    )
    far.start(parameters(None, "pcma", events=96))
    caller.dial("0#")
    await until(lambda: callee.keys("received") == "0#" and caller.heard)
    await far.close("done")
    await until(lambda: caller.states[-1] == "ended")
    assert caller.reason == "The far end ended its stream (RTCP BYE): done."
    assert call.statistics().event_packets_sent == 8
    await call.hang_up()


async def test_events_can_be_switched_off_before_and_in_the_call() -> None:
    caller, callee = Side(), Side()
    far = await callee.open()
    far.start(parameters(None))
    call = open_call(f"rtp://127.0.0.1:{far.port}", caller.context())
    call.events_enabled = False
    await call.place()
    caller.dial("1")
    await until(lambda: callee.heard)
    assert not call.events_enabled
    assert callee.keys("received") == ""
    call.events_enabled = True
    await until(lambda: callee.keys("received") == "1")
    await call.hang_up()
    await far.close()


async def test_hanging_up_tells_the_far_end() -> None:
    caller, callee = Side(), Side()
    far = await callee.open()
    byes: list[str] = []
    far.on_bye = byes.append
    far.start(parameters(None))
    call = open_call(f"rtp://127.0.0.1:{far.port}", caller.context())
    await call.place()
    await until(lambda: callee.heard)
    await call.hang_up()
    await call.hang_up()
    await until(lambda: byes)
    assert caller.states == ["calling", "connecting", "up"]
    await far.close()


async def test_a_call_to_a_port_where_nobody_listens_fails() -> None:
    caller, callee = Side(), Side()
    far = await callee.open()
    await far.close()
    call = open_call(f"rtp://127.0.0.1:{far.port}", caller.context())
    await call.place()
    await until(lambda: caller.states[-1] == "failed")
    assert caller.reason == f"Nobody listens at 127.0.0.1:{far.port}."
    await call.hang_up()


async def test_silence_is_told_and_the_call_goes_on() -> None:
    caller, callee = Side(), Side()
    far = await callee.open()
    call = open_call(f"rtp://127.0.0.1:{far.port}", caller.context())
    await call.place()
    call._silent(30.2)
    [(level, text, remedy)] = caller.notices
    assert (level, text) == ("warning", f"Nothing has come from 127.0.0.1:{far.port} for 30 s.")
    assert remedy
    assert caller.states[-1] == "up"
    await call.hang_up()
    await far.close()


@pytest.mark.parametrize(("wanted", "codec"), [("auto", "pcmu"), ("opus,pcma", "opus"), ("speex,PCMA", "pcma")])
async def test_the_codec_that_was_asked_for_is_taken_where_the_address_names_none(wanted: str, codec: str) -> None:
    side = Side()
    far = await side.open()
    call = open_call(f"rtp://127.0.0.1:{far.port}", side.context(wanted))
    await call.place()
    assert call.media is not None
    assert call.media.codec == codec
    await call.hang_up()
    await far.close()


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("rtp://no-such-host.invalid:4000", "is not known"),
        ("rtp://127.0.0.1:4000?local=192.0.2.1", "cannot be used for audio at 192.0.2.1"),
        ("rtp://127.0.0.1:0", "names no port"),
    ],
)
async def test_a_call_that_cannot_be_placed_is_told(target: str, reason: str) -> None:
    side = Side()
    with pytest.raises(CallError, match=reason):
        await open_call(target, side.context()).place()
    assert side.states in ([], ["calling"])


async def test_hanging_up_a_call_that_was_not_placed_is_harmless() -> None:
    call: RtpCall = open_call("rtp://127.0.0.1:4000", Side().context())
    await call.hang_up()
