"""`dtmfphone serve --sip` is called by sipp, whose scenarios it must keep to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from free_port import free_port
from scenario import call, matching, outgoing, pause, receive, receive_answer, scenario, sdp
from sipp import Sipp, sipp
from sipp_calls import header
from terminal import Terminal, dtmfphone

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]

UP = (receive_answer(), outgoing("ACK"))
HUNG_UP = (outgoing("BYE"), receive("200"))


class Phone:
    """`dtmfphone serve`, listening for SIP over UDP and TCP."""

    def __init__(self, terminal: Terminal, port: int) -> None:
        self.terminal = terminal
        self.port = port

    def calls(self) -> list[str]:
        """Return the names of all calls so far."""
        return list(dict.fromkeys(each["call"] for each in self.terminal.of("call", leg="ivr")))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def phone() -> AsyncIterator[Phone]:
    port = free_port()
    async with dtmfphone("serve", "--sip", f"127.0.0.1:{port}", "--ivr", "echo") as terminal:
        await terminal.wait_for("server", state="listening")
        yield Phone(terminal, port)
    assert terminal.errors == ""


@asynccontextmanager
async def calling(folder: Path, phone: Phone, *steps: str, transport: str = "udp") -> AsyncIterator[Sipp]:
    """Play a scenario that calls; the block runs meanwhile."""
    target = f"127.0.0.1:{phone.port}"
    async with sipp(folder, scenario(*steps), target=target, user="menu", transport=transport) as peer:
        yield peer
        await peer.succeeded()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_a_plain_call_with_info_digits(tmp_path: Path, phone: Phone, transport: str) -> None:
    known = len(phone.calls())
    info = outgoing("INFO", body="Signal=5\nDuration=120\n", content_type="application/dtmf-relay")
    steps = (call(body=sdp()), *UP, info, receive("200"), pause(200), *HUNG_UP)
    async with calling(tmp_path, phone, *steps, transport=transport) as peer:
        ended = await phone.terminal.wait_for(
            "call", leg="ivr", state="ended", when=lambda each: each["call"] not in phone.calls()[:known]
        )
    (key,) = phone.terminal.of("key", call=ended["call"], direction="received", method="info")
    assert (key["key"], key["duration"]) == ("5", pytest.approx(0.12))
    (answered,) = [each for each in peer.received("SIP/2.0 200") if "INVITE" in header(each, "CSeq")]
    assert "m=audio " in answered
    assert "a=rtpmap:101 telephone-event/8000" in answered


async def test_the_offer_may_come_with_our_200(tmp_path: Path, phone: Phone) -> None:
    steps = (call(), receive_answer(), outgoing("ACK", body=sdp()), pause(300), *HUNG_UP)
    async with calling(tmp_path, phone, *steps) as peer:
        pass
    (answered,) = [each for each in peer.received("SIP/2.0 200") if "INVITE" in header(each, "CSeq")]
    assert "telephone-event/8000" in answered


@pytest.mark.parametrize(
    ("description", "status"),
    [(sdp(payload_types="18", attributes=()), "488"), ("v=0\nthis is no SDP\n", "(400|488)")],
)
async def test_an_offer_that_we_cannot_take(tmp_path: Path, phone: Phone, description: str, status: str) -> None:
    expected = ("400", "488") if "|" in status else (status,)
    refused = "".join(receive(each, optional=each != expected[-1]) for each in ("100", *expected))
    async with calling(tmp_path, phone, call(body=description), refused, outgoing("ACK")):
        pass


async def test_extensions_that_nobody_knows_are_refused_by_name(tmp_path: Path, phone: Phone) -> None:
    refused = receive("420", actions=matching("Unsupported", "weather"))
    async with calling(
        tmp_path, phone, call("Require: weather", body=sdp()), receive("100", optional=True), refused, outgoing("ACK")
    ):
        pass


async def test_a_call_that_changes_while_it_is_up(tmp_path: Path, phone: Phone) -> None:
    held = sdp(attributes=("rtpmap:101 telephone-event/8000", "sendonly"), version=2)
    steps = (
        call(body=sdp()),
        *UP,
        outgoing("INVITE", "Subject: hold", body=held),
        receive_answer(),
        outgoing("ACK"),
        outgoing("UPDATE", body=sdp(version=3)),
        receive("200"),
        outgoing("INVITE", body=sdp(payload_types="18", attributes=(), version=4)),
        receive("100", optional=True),
        receive("488"),
        outgoing("ACK"),
        outgoing("OPTIONS"),
        receive("200"),
        *HUNG_UP,
    )
    async with calling(tmp_path, phone, *steps) as peer:
        pass
    answers = [each for each in peer.received("SIP/2.0 200") if "m=audio" in each]
    assert ["recvonly" in each for each in answers] == [False, True, False]


async def test_a_call_outside_of_any_dialog_is_not_known(tmp_path: Path, phone: Phone) -> None:
    steps = (
        outgoing("OPTIONS", first=True),
        receive("200", actions=matching("Allow", "INVITE")),
        outgoing("BYE", first=True, to_tag="nobody"),
        receive("481"),
        outgoing("INFO", first=True, to_tag="nobody"),
        receive("481"),
        outgoing("MESSAGE", first=True, body="Hello", content_type="text/plain"),
        receive("405", actions=matching("Allow", "INVITE")),
    )
    async with calling(tmp_path, phone, *steps):
        pass


async def test_many_calls_at_once(tmp_path: Path, phone: Phone) -> None:
    known = len(phone.calls())
    ended = len(phone.terminal.of("call", leg="ivr", state="ended"))
    info = outgoing("INFO", body="#", content_type="application/dtmf")
    xml = scenario(call(body=sdp()), *UP, pause(500), info, receive("200"), *HUNG_UP)
    async with sipp(tmp_path, xml, target=f"127.0.0.1:{phone.port}", user="menu", calls=8) as peer:
        await peer.succeeded()
    await phone.terminal.wait_for(
        "call",
        leg="ivr",
        state="ended",
        when=lambda _: len(phone.terminal.of("call", leg="ivr", state="ended")) == ended + 8,
    )
    new = phone.calls()[known:]
    assert len(new) == 8
    for each in new:
        assert [key["key"] for key in phone.terminal.of("key", call=each, direction="received")] == ["#"]


async def test_sessions_have_a_time_limit_if_the_caller_wants_one(tmp_path: Path, phone: Phone) -> None:
    steps = (
        call("Supported: timer", "Session-Expires: 60", body=sdp()),
        receive("100", optional=True),
        receive("422", actions=matching("Min-SE", "90")),
        outgoing("ACK"),
        call("Supported: timer", "Session-Expires: 90;refresher=uac", "Min-SE: 90", body=sdp()),
        receive_answer(),
        outgoing("ACK"),
        outgoing("UPDATE", "Supported: timer", "Session-Expires: 90;refresher=uac"),
        receive("200"),
        *HUNG_UP,
    )
    async with calling(tmp_path, phone, *steps) as peer:
        pass
    timed = [each for each in peer.received("SIP/2.0 200") if "BYE" not in header(each, "CSeq")]
    limits = [header(each, "Session-Expires") for each in timed]
    assert limits == ["90;refresher=uac"] * 2


async def test_odd_but_legal_requests(tmp_path: Path, phone: Phone) -> None:
    lines = [
        "INVITE sip:menu@[remote_ip]:[remote_port];x=%41 SIP/2.0",
        "v: SIP / 2.0 / [transport]  [local_ip]:[local_port] ; branch=[branch]",
        't: "Menu, \\"the <one>\\"" <sip:menu@[remote_ip]:[remote_port]>',
        "f:   A caller's \t name<sip:sipp@[local_ip]>;tag=[pid]odd[call_number];x",
        "i: [call_id]",
        "cseq: 0009    INVITE",
        "m: <sip:sipp@[local_ip]:[local_port];transport=[transport]>;q=0.5",
        "max-forwards: 070",
        "X-Empty:",
        "s:",
        "k:",
        "c: application/sdp",
        "l: [len]",
        "",
        sdp(payload_types="0 8 101 13"),
    ]
    invite = '<send retrans="500"><![CDATA[\n' + "\n".join(lines) + "\n]]></send>\n"
    async with calling(tmp_path, phone, invite, receive_answer(), outgoing("ACK"), pause(100), *HUNG_UP):
        pass
