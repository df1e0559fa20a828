"""sipp transfers a call of `dtmfphone call sip:...` to another sipp."""

from pathlib import Path

import pytest
from scenario import answer, done, matching, pause, receive, receive_invite, reply, request, scenario
from sipp import sipp
from sipp_calls import RINGING, UP, header, placed

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
