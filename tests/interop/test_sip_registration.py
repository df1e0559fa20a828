"""`dtmfphone serve --account` registers with sipp, whose scenario it must keep to."""

import re
from pathlib import Path

import pytest
from digest_check import challenge, check
from kept_accounts import KeptAccounts
from scenario import noting, receive, reply, scenario
from sipp import sipp
from sipp_calls import header
from terminal import dtmfphone

pytestmark = [pytest.mark.interop]


async def test_challenged_too_short_beside_others_and_ended(tmp_path: Path) -> None:
    folder = tmp_path / "sipp"
    folder.mkdir()
    asks = f"WWW-Authenticate: {challenge('r', nonce='one', algorithm='SHA-256')}"
    stale = f"WWW-Authenticate: {challenge('r', nonce='two', algorithm='SHA-256', more=',stale=true')}"
    others = '<sip:alice@192.0.2.1>;expires=17, "A, B" <sip:alice@192.0.2.2;x=y>;expires=18'
    steps = scenario(
        receive("REGISTER"),
        reply("401 Unauthorized", asks, contact=""),
        receive("REGISTER"),
        reply("401 Unauthorized", stale, contact=""),
        receive("REGISTER"),
        reply("423 Interval Too Brief", "Min-Expires: 7200", contact=""),
        receive("REGISTER", actions=noting("Contact", "<[^>]*>", "bound")),
        reply("200 OK", f"Contact: {others}", contact="Contact: [$bound];expires=7100"),
        receive("REGISTER"),
        reply("200 OK", f"Contact: {others}", contact=""),
    )
    kept = KeptAccounts(tmp_path)
    async with sipp(folder, steps) as peer:
        await kept.add("line", f"sip:alice@127.0.0.1:{peer.port}", "secret")
        async with dtmfphone("serve", "--account", "line", environment=kept.environment) as terminal:
            state = await terminal.wait_for("account", state="registered")
            assert state["expires"] == 7100, "what the registrar grants us, not others"
        await peer.succeeded()
    requests = peer.received("REGISTER")
    assert "Authorization" not in requests[0]
    for message, nonce in zip(requests[1:], ["one", "two", "two", "two"], strict=True):
        credentials = header(message, "Authorization")
        check(credentials, "REGISTER", user="alice", password="secret", nonce=nonce, algorithm="SHA-256")
    counts = [part[1] for message in requests[2:] if (part := re.search(r"nc=(\d+)", header(message, "Authorization")))]
    assert counts == ["00000001", "00000002", "00000003"]
    numbers = [int(header(each, "CSeq").split()[0]) for each in requests]
    assert numbers == list(range(numbers[0], numbers[0] + 5))
    assert len({header(each, "Call-ID") for each in requests}) == 1
    assert [wish(each) for each in requests] == [600, 600, 600, 7200, 0]


def wish(message: str) -> int:
    """Return for how long a REGISTER asks, wherever it says so."""
    contact = header(message, "Contact")
    return int(contact.rpartition("expires=")[2] if "expires=" in contact else header(message, "Expires"))
