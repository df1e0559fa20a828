"""Registration with kamailio, and calls through it: it challenges, and stays in the path."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
import pytest_asyncio
from baresip import Baresip, baresip
from certificates import Authority
from kamailio import PASSWORD, Kamailio, kamailio
from kept_accounts import KeptAccounts
from terminal import Terminal, completed, dtmfphone

pytestmark = [pytest.mark.interop, pytest.mark.asyncio(loop_scope="module")]

SECRET = {"SECRET": PASSWORD}


class Office:
    """A kamailio with the account `bob` of baresip, and what its TLS is signed with."""

    def __init__(self, server: Kamailio, bob: Baresip, authority: Authority) -> None:
        self.server = server
        self.bob = bob
        self.authority = authority

    def address(self, user: str, transport: str = "udp") -> str:
        port = self.server.tls_port if transport == "tls" else self.server.port
        return f"sip:{user}@127.0.0.1:{port};transport={transport}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    authority = Authority(tmp_path_factory.mktemp("authority"))
    certificate = authority.certificate("IP:127.0.0.1")
    async with (
        kamailio(tmp_path_factory.mktemp("kamailio"), certificate=certificate) as server,
        baresip(tmp_path_factory.mktemp("baresip"), {}) as bob,
    ):
        parameters = f";answermode=auto;regint=60;auth_pass={PASSWORD};audio_codecs=PCMU"
        bob.command("uanew", f"<sip:bob@127.0.0.1:{server.port}>{parameters}")
        await bob.wait_for("REGISTER_OK", "bob")
        yield Office(server, bob, authority)


@pytest.fixture
def kept(tmp_path: Path) -> KeptAccounts:
    return KeptAccounts(tmp_path)


def keys(terminal: Terminal, **facts: object) -> str:
    return "".join(each["key"] for each in terminal.of("key", **facts))


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_a_call_through_the_proxy(office: Office, transport: str) -> None:
    begin, logged = len(office.bob.events), len(office.server.program.output)
    code, terminal = await completed(
        "call", office.address("bob", transport), "--digits", "12#", "--stay", "0",
        "--user", "alice@127.0.0.1", "--password-env", "SECRET", "--ca-file", str(office.authority.file),
        environment=SECRET,
    )  # fmt: skip
    assert code == 0, terminal.report() + office.server.program.report()
    await office.bob.wait_for("CALL_CLOSED", "bob", after=begin)
    assert office.bob.digits("bob", after=begin) == "12#"
    for method, count in (("ACK", 1), ("BYE", 1)):
        assert office.server.count(method, "alice", what="routed", after=logged) == count
    assert office.server.count("INVITE", "alice", after=logged) == 2
    assert PASSWORD not in terminal.report()


async def test_keys_by_info_through_the_proxy(office: Office) -> None:
    begin, logged = len(office.bob.events), len(office.server.program.output)
    code, terminal = await completed(
        "call", office.address("bob"), "--digits", "12#", "--method", "info", "--stay", "0", "--hold", "0.2",
        "--user", "alice@127.0.0.1", "--password-env", "SECRET",
        environment=SECRET,
    )  # fmt: skip
    assert code == 0, terminal.report()
    await office.bob.wait_for("CALL_CLOSED", "bob", after=begin)
    assert office.bob.digits("bob", after=begin) == "12#"
    assert office.server.count("INFO", "alice", what="routed", after=logged) == 3
    assert office.server.count("INVITE", "alice", what="routed", after=logged) == 2


async def test_the_outbound_proxy_is_asked_first(office: Office) -> None:
    begin, logged = len(office.bob.events), len(office.server.program.output)
    code, terminal = await completed(
        "call", f"sip:bob@127.0.0.1:{office.bob.port}", "--proxy", f"127.0.0.1:{office.server.port}",
        "--digits", "5", "--stay", "0", "--user", "alice@127.0.0.1", "--password-env", "SECRET",
        environment=SECRET,
    )  # fmt: skip
    assert code == 0, terminal.report()
    await office.bob.wait_for("CALL_CLOSED", "bob", after=begin)
    assert office.bob.digits("bob", after=begin) == "5"
    assert office.server.count("BYE", "alice", what="routed", after=logged) == 1


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--user", "alice@127.0.0.1", "--password", "wrong"), "does not take the user name and password"),
        ((), "wants a user name and a password"),
    ],
)
async def test_without_the_right_password_there_is_no_call(office: Office, options: tuple[str, ...], word: str) -> None:
    code, terminal = await completed("call", office.address("bob"), *options)
    assert code == 1
    assert word in terminal.of("call", leg="phone", state="failed")[0]["reason"], terminal.report()


async def test_nobody_there(office: Office) -> None:
    code, terminal = await completed(
        "call", office.address("nobody"), "--user", "alice@127.0.0.1", "--password-env", "SECRET", environment=SECRET
    )
    assert code == 1
    assert "404" in terminal.of("call", leg="phone", state="failed")[0]["reason"]


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
async def test_a_registered_account_is_called(office: Office, kept: KeptAccounts, transport: str) -> None:
    options = ("--ca-file", str(office.authority.file), "--transport", transport)
    await kept.add("office", office.address("alice", transport).partition(";")[0], PASSWORD, *options)
    logged = len(office.server.program.output)
    async with dtmfphone("serve", "--account", "office", "--ivr", "echo", environment=kept.environment) as terminal:
        state = await terminal.wait_for("account", account="office", state="registered")
        assert 0 < state["expires"] <= 3600
        begin = len(office.bob.events)
        await office.bob.dial("bob", office.address("alice"))
        await office.bob.wait_for("CALL_ESTABLISHED", "bob", after=begin)
        await office.bob.press("9#")
        await terminal.wait_for("key", leg="ivr", direction="received", key="#", method="rfc4733")
        office.bob.command("hangup")
        await terminal.wait_for("call", leg="ivr", state="ended")
    assert keys(terminal, leg="ivr", direction="received", method="rfc4733") == "9#", terminal.report()
    await office.server.program.wait_for(
        r"registered REGISTER of alice: \S*(expires=0|[^\n]* 0\n)", after=logged, timeout=3
    )
    assert PASSWORD not in terminal.report()


async def test_the_menu_hangs_up_through_the_proxy(office: Office, kept: KeptAccounts, tmp_path: Path) -> None:
    script = tmp_path / "short.yaml"
    script.write_text("title: Short\nstart: bye\nnodes:\n  bye:\n    hang_up: Bye.\n")
    await kept.add("office", f"sip:alice@127.0.0.1:{office.server.port}", PASSWORD)
    async with dtmfphone(
        "serve", "--account", "office", "--ivr", str(script), environment=kept.environment
    ) as terminal:
        await terminal.wait_for("account", account="office", state="registered")
        begin, logged = len(office.bob.events), len(office.server.program.output)
        await office.bob.dial("bob", office.address("alice"))
        await office.bob.wait_for("CALL_ESTABLISHED", "bob", after=begin)
        await office.bob.wait_for("CALL_CLOSED", "bob", after=begin)
    assert office.server.count("BYE", "alice", what="routed", after=logged) == 1


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_registration_is_renewed_and_the_phone_calls_itself(
    tmp_path_factory: pytest.TempPathFactory, kept: KeptAccounts, algorithm: str
) -> None:
    folder = tmp_path_factory.mktemp("kamailio")
    async with kamailio(folder, algorithm=algorithm, expires=(1, 4), nonce_seconds=2) as server:
        await kept.add("office", f"sip:carol@127.0.0.1:{server.port}", PASSWORD)
        async with dtmfphone("serve", "--account", "office", "--ivr", "echo", environment=kept.environment) as terminal:
            state = await terminal.wait_for("account", account="office", state="registered")
            assert state["expires"] == 4
            code, caller = await completed(
                "call", f"sip:carol@127.0.0.1:{server.port}", "--digits", "12#", "--stay", "0",
                "--user", "dave@127.0.0.1", "--password-env", "SECRET",
                environment=SECRET,
            )  # fmt: skip
            assert code == 0, caller.report() + server.program.report()
            await server.program.wait_for(r"(?s)(registered REGISTER of carol.*){3}", timeout=12)
        assert keys(terminal, leg="ivr", direction="received", method="rfc4733") == "12#", terminal.report()
        assert not [each for each in terminal.of("account") if each["state"] == "failed"]


async def test_a_wrong_password_is_told_and_ends_the_server(office: Office, kept: KeptAccounts) -> None:
    await kept.add("office", f"sip:alice@127.0.0.1:{office.server.port}", "wrong")
    logged = len(office.server.program.output)
    code, terminal = await completed("serve", "--account", "office", environment=kept.environment)
    assert code == 1, terminal.report()
    failed = terminal.of("account", account="office", state="failed")[0]
    assert "password" in failed["reason"] + failed["remedy"]
    assert office.server.count("REGISTER", "alice", after=logged) <= 3


@pytest.mark.parametrize("name", ["", "DNS:other.example"])
async def test_a_certificate_that_does_not_prove_the_name(
    office: Office, tmp_path_factory: pytest.TempPathFactory, name: str
) -> None:
    """Without a name: one that nobody signed whom we trust."""
    user = ("--user", "alice@127.0.0.1", "--password-env", "SECRET")
    async with AsyncExitStack() as stack:
        server = office.server
        trust: tuple[str, ...] = ()
        if name:
            authority = Authority(tmp_path_factory.mktemp("authority"))
            folder = tmp_path_factory.mktemp("kamailio")
            server = await stack.enter_async_context(kamailio(folder, certificate=authority.certificate(name)))
            trust = ("--ca-file", str(authority.file))
        target = f"sip:bob@127.0.0.1:{server.tls_port};transport=tls"
        code, terminal = await completed("call", target, *user, *trust, environment=SECRET)
        assert code == 1, terminal.report()
        failed = terminal.of("call", leg="phone", state="failed")[0]
        assert "certificate" in failed["reason"], failed
        assert failed["remedy"]
        assert terminal.errors == ""

        insecure, terminal = await completed("call", target, "--insecure", "--stay", "0", *user, environment=SECRET)
        assert insecure == (1 if name else 0), terminal.report()
        if name:
            assert "404" in terminal.of("call", leg="phone", state="failed")[0]["reason"], "nobody is registered there"
        assert any("certificate" in each["text"] for each in terminal.of("notice")), terminal.report()
