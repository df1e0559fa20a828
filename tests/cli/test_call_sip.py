"""`dtmfphone call` and `serve` by SIP and plain RTP, as a script sees them."""

import asyncio
import json
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from dtmfphone.cli.session import Session
from dtmfphone.cli.turns import dialed_or_over
from dtmfphone.engine.commands import Account, OpenAccount, Serve
from dtmfphone.engine.events import AccountChanged, AnyEvent, CallChanged, Dialing, Notice, ServerChanged

CALL = [sys.executable, "-m", "dtmfphone", "call"]


def call(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([*CALL, *words], capture_output=True, text=True, check=False, timeout=60)


def events(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@contextmanager
def serving(*words: str, addresses: int = 1) -> Iterator[tuple[list[str], list[dict[str, Any]]]]:
    """Let the echo script answer; yield the addresses, and a list that holds what it told when it has ended."""
    told: list[dict[str, Any]] = []
    with subprocess.Popen(
        [sys.executable, "-m", "dtmfphone", "serve", *words, "--ivr", "echo", "--json"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        urls: list[str] = []
        while len(urls) < addresses:
            line = json.loads(process.stdout.readline())
            if line["event"] == "server":
                assert line["state"] == "listening", line
                urls.append(line["url"])
        yield urls, told
        process.send_signal(signal.SIGTERM)
        told += [json.loads(line) for line in process.stdout]
        assert process.wait(10) == 0


def test_digits_by_sip_and_plain_rtp_in_one_server() -> None:
    with serving("--sip", "127.0.0.1:0", "--rtp", "127.0.0.1:0?codec=PCMU", addresses=2) as ((sip, rtp), told):
        done = call(sip, "--digits", "12#", "--codec", "pcma,pcmu", "--hold", "0.1", "--stay", "0.1", "--json")
        assert (done.returncode, done.stderr) == (0, "")
        lines = events(done)
        media = next(line for line in lines if line["event"] == "media" and line["leg"] == "phone")
        assert (media["codec"], media["method"]) == ("pcma", "rfc4733")
        assert [line.get("here", False) for line in lines if line["event"] == "hold"] == [True, False]
        assert not any(line["event"] == "signalling" for line in lines)
        assert call(f"{rtp}?codec=PCMU", "--digits", "34", "--stay", "0.1").returncode == 0
    keys = [line["key"] for line in told if line["event"] == "key" and line["direction"] == "received"]
    assert keys == list("12#34")


def test_trace_shows_the_messages_and_hides_secrets_and_masked_digits() -> None:
    with serving("--sip", "127.0.0.1:0", "--trace") as ((sip,), told):
        words = (sip, "--digits", "7", "--method", "info", "--user", "alice", "--password", "hush", "--stay", "0")
        done = call(*words, "--trace", "--mask", "--srtp", "required")
        assert done.returncode == 0
    assert "          INFO sip:" in done.stdout
    assert "          Signal=•" in done.stdout
    assert "Signal=7" not in done.stdout
    assert "inline:***" in done.stdout
    assert "hush" not in done.stdout
    first = next(line for line in done.stdout.splitlines() if "  sip   udp " in line)
    assert "->" in first
    assert any(line["event"] == "signalling" and line["summary"].startswith("BYE") for line in told)


class Silent:
    """Shows nothing."""

    def show(self, event: AnyEvent) -> None:
        pass


def opened(event: AnyEvent) -> str | None:
    match event:
        case AccountChanged(state="ready"):
            return event.contact or event.address
        case ServerChanged(state="listening"):
            return event.url
    return None


async def test_a_transfer_is_done_or_its_failure_is_exit_code_1() -> None:
    bob = Account(name="bob", address="sip:bob@127.0.0.1", register=False, local="127.0.0.1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"sip:carol@127.0.0.1:{taken.getsockname()[1]};transport=tcp"
        async with Session(Silent(), sound=False) as session:
            session.submit(OpenAccount(account=bob, ivr="echo"))
            far_end = await session.wait_for(opened, 10)
            since = len(session.events)
            session.submit(Serve(listen=("sip:127.0.0.1:0",), ivr="echo"))
            carol = await session.wait_for(opened, 10, since)
            for target, code in ((carol, 0), (nobody, 1)):
                done = await asyncio.to_thread(call, far_end, "--digits", "1", "--transfer", target, "--json")
                told = [line["state"] for line in events(done) if line["event"] == "transfer"]
                assert (done.returncode, told[0], told[-1]) == (code, "asked", "failed" if code else "done")
                assert [line for line in events(done) if line["event"] == "call"][-1]["state"] == "ended"


def test_what_cannot_be_transferred_is_exit_code_1() -> None:
    done = call("builtin:echo", "--transfer", "sip:carol@example.com")
    assert done.returncode == 1
    assert "This kind of call cannot be transferred." in done.stdout


def test_patience_ends_a_call_that_is_not_answered() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        done = call(f"sip:bob@127.0.0.1:{deaf.getsockname()[1]}", "--cancel-after", "0.3", "--json")
    assert done.returncode == 1
    assert done.stderr == "dtmfphone: the call was not answered within 0.3 s.\n"
    last = [line for line in events(done) if line["event"] == "call"][-1]
    assert (last["state"], bool(last["reason"])) == ("ended", True)


def test_a_call_that_breaks_off_after_it_was_up_is_exit_code_1() -> None:
    sdp = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.settimeout(20)
        port = far.getsockname()[1]
        with subprocess.Popen([*CALL, f"sip:bob@127.0.0.1:{port}"], stdout=subprocess.PIPE, text=True) as process:
            data, phone = far.recvfrom(65535)
            invite = data.decode().partition("\r\n\r\n")[0].split("\r\n")
            copied = [line for line in invite if line.startswith(("Via:", "From:", "Call-ID:", "CSeq:"))]
            answer = ["SIP/2.0 200 OK", *copied, f"To: <sip:bob@127.0.0.1:{port}>;tag=bob"]
            answer += [f"Contact: <sip:bob@127.0.0.1:{port}>", "Require: timer", "Session-Expires: 2;refresher=uas"]
            answer += ["Content-Type: application/sdp", f"Content-Length: {len(sdp)}", "", sdp]
            far.sendto("\r\n".join(answer).encode(), phone)
            output = process.communicate(timeout=20)[0]
    assert process.returncode == 1
    assert "The session was not refreshed within 2 seconds." in output


def test_a_port_that_is_taken_is_named_the_others_are_closed_and_the_exit_code_is_1() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        done = subprocess.run(
            [
                *(sys.executable, "-m", "dtmfphone", "serve", "--json", "--rtp", "127.0.0.1:0"),
                *("--sip", "127.0.0.1:0", "--sip", f"127.0.0.1:{port};transport=udp"),
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 1
    told = [line for line in events(done) if line["event"] == "server"]
    (failed,) = (line for line in told if line["state"] == "failed")
    assert (failed["url"], bool(failed["remedy"])) == (f"sip:127.0.0.1:{port};transport=udp", True)
    assert failed["reason"] == f"127.0.0.1:{port} is in use already."
    opened, closed = ({line["url"] for line in told if line["state"] == state} for state in ("listening", "closed"))
    assert opened == closed
    assert len(opened) == 2, "the others were open and are closed"
    assert events(done)[-1]["event"] == "stopped"


def dialing(state: Any, sent: int) -> Dialing:
    return Dialing(t=1.0, call="c", state=state, sent=sent)


@pytest.mark.parametrize(
    ("event", "outcome"),
    [
        (dialing("sending", 2), None),
        (dialing("waiting", 2), None),
        (dialing("idle", 2), "sent"),
        (dialing("idle", 1), "refused"),
        (dialing("stopped", 1), "stopped"),
        (dialing("stopped", 2), "sent"),
        (Notice(t=1.0, level="error", text="No."), "error"),
        (Notice(t=1.0, level="warning", text="It goes as a tone."), None),
        (CallChanged(t=1.0, call="c", leg="phone", state="ended"), "ended"),
        (CallChanged(t=1.0, call="c", leg="ivr", state="ended"), None),
    ],
)
def test_what_became_of_the_digits(event: AnyEvent, outcome: str | None) -> None:
    assert dialed_or_over(2, event) == outcome
