"""Blind transfers of calls of `dtmfphone call sip:...` to sipp, asked for by either side."""

from pathlib import Path

import pytest
from scenario import answer, done, matching, pause, receive, receive_invite, reply, request, scenario
from sipp import sipp
from sipp_calls import HUNG_UP, RINGING, UP, header, placed

pytestmark = [pytest.mark.interop]


@pytest.mark.parametrize("answered", [True, False])
async def test_the_far_end_transfers_the_call(tmp_path: Path, answered: bool) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    taken = (answer(), receive("ACK"), receive("BYE"), done())
    refused = (reply("486 Busy Here"), receive("ACK"))
    steps = scenario(receive_invite(), RINGING, *(taken if answered else refused))
    async with sipp(elsewhere, steps) as third:
        progress = matching("Content-Type", "message/sipfrag")
        last = "200" if answered else "486"
        peer, terminal = await placed(
            tmp_path,
            *UP,
            pause(300),
            request("REFER", f"Refer-To: <{third.address}>", "Referred-By: <sip:sipp@[local_ip]>"),
            receive("202"),
            receive("NOTIFY", actions=progress),
            done(),
            receive("NOTIFY", actions=progress),
            done(),
            receive("NOTIFY", actions=progress),
            done(),
            request("BYE"),
            receive("200"),
            options=("--user", "alice@127.0.0.1", "--password", "x", "--stay", "3"),
        )
        await third.succeeded()
    told = [each.splitlines()[-1] for each in peer.received("NOTIFY")]
    assert told[-1].startswith(f"SIP/2.0 {last}"), told
    assert header(peer.received("NOTIFY")[-1], "Subscription-State").startswith("terminated")
    states = [each["state"] for each in terminal.of("transfer")]
    assert states[-1] == ("done" if answered else "failed"), terminal.report()


@pytest.mark.parametrize(("told", "code"), [("200 OK", 0), ("486 Busy Here", 1)])
async def test_we_transfer_the_call(tmp_path: Path, told: str, code: int) -> None:
    def notify(status: str, state: str) -> str:
        headers = ("Event: refer", f"Subscription-State: {state}")
        return request("NOTIFY", *headers, body=f"SIP/2.0 {status}\n", content_type="message/sipfrag;version=2.0")

    target = "sip:desk@192.0.2.7"
    peer, terminal = await placed(
        tmp_path,
        *UP,
        receive("REFER", actions=matching("Refer-To", target)),
        reply("202 Accepted", tag=""),
        notify("100 Trying", "active;expires=60"),
        receive("200"),
        notify(told, "terminated;reason=noresource"),
        receive("200"),
        *HUNG_UP,
        options=("--digits", "1", "--transfer", target),
        code=code,
    )
    assert "Referred-By" in peer.received("REFER")[0]
    assert terminal.of("transfer")[-1]["state"] == ("failed" if code else "done"), terminal.report()


async def test_a_refused_transfer_is_said(tmp_path: Path) -> None:
    _, terminal = await placed(
        tmp_path,
        *UP,
        receive("REFER"),
        reply("603 Decline", tag=""),
        *HUNG_UP,
        options=("--transfer", "sip:desk@192.0.2.7"),
        code=1,
    )
    assert terminal.of("transfer")[-1]["state"] == "failed", terminal.report()
