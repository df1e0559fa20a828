import argparse
import getpass
import sys
from io import StringIO
from pathlib import Path

import pytest

from dtmfphone.accounts import Accounts
from dtmfphone.calls.account import Account
from dtmfphone.cli import call, caller
from memory_keyring import MemoryKeyring


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ring: MemoryKeyring) -> None:
    monkeypatch.setenv("DTMFPHONE_HOME", str(tmp_path))
    monkeypatch.setattr(sys, "stdin", StringIO())


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def account(*words: str) -> Account | None:
    parser = argparse.ArgumentParser()
    call.add_arguments(parser)
    return caller.account_for_call(parser.parse_args(words), parser)


def test_without_flags_somebody_unnamed_calls() -> None:
    assert account("sip:bob@example.com") == Account(register=False)


def test_flags_of_the_moment() -> None:
    found = account(
        *("sip:bob@example.com", "--user", "alice", "--password", "secret", "--proxy", "10.0.0.1:5070"),
        *("--transport", "tls", "--insecure", "--ca-file", "ca.pem", "--srtp", "required", "--local", "10.0.0.2"),
        *("--codec", "PCMA,opus"),
    )
    assert found == Account(
        register=False,
        user="alice",
        password="secret",
        proxy="10.0.0.1:5070",
        transport="tls",
        insecure=True,
        ca_file="ca.pem",
        security="required",
        local="10.0.0.2",
        codecs=("pcma", "opus"),
    )


def test_a_user_with_a_domain_is_an_address() -> None:
    found = account("sip:bob@example.com", "--user", "sip:alice@example.org", "--password", "x")
    assert found is not None
    assert (found.user, found.address) == ("alice", "sip:alice@example.org")


def test_the_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIP_PASSWORD", "secret")
    found = account("sip:bob@example.com", "--user", "alice", "--password-env", "SIP_PASSWORD")
    assert found is not None
    assert found.password == "secret"


def test_the_password_is_asked_for_in_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "typed"

    monkeypatch.setattr(getpass, "getpass", ask)
    found = account("sip:bob@example.com", "--user", "alice")
    assert found is not None
    assert (found.password, asked) == ("", [])
    monkeypatch.setattr(sys, "stdin", Terminal())
    found = account("sip:bob@example.com", "--user", "alice")
    assert found is not None
    assert (found.password, asked) == ("typed", ["Password of alice: "])


def test_a_kept_account_and_flags_beside_it() -> None:
    kept = Account(name="office", address="sip:alice@example.com", transport="tcp", method="info", password="kept")
    Accounts().save(kept)
    assert account("sip:bob@example.com", "--account", "office") == kept
    found = account("sip:bob@example.com", "--account", "office", "--transport", "tls")
    assert found is not None
    assert (found.transport, found.method, found.password) == ("tls", "info", "kept")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sip:bob@example.com", "--account", "nobody"], "no account called 'nobody'"),
        (["builtin:echo", "--user", "alice"], "--user is for sip: and tel: targets"),
        (["builtin:echo", "--codec", "pcmu,pcma"], "several codecs are for sip:"),
        (["sip:bob@example.com", "--codec", "pcmu,smoke"], "'smoke' is no codec"),
        (["sip:bob@example.com", "--codec", "pcmu,pcmu"], "twice"),
        (["sip:bob@example.com", "--codec", "auto,pcmu"], "auto beside others"),
        (["sip:bob@example.com", "--user", "a", "--password-env", "NO_SUCH_VARIABLE"], "NO_SUCH_VARIABLE is empty"),
        (["sip:bob@example.com", "--password", "a", "--password-env", "PATH"], "not allowed with"),
    ],
)
def test_wrong_usage(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        account(*words)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_a_server_without_keyring_has_its_password_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    Accounts().save(Account(name="desk", address="sip:desk@example.com"))
    monkeypatch.setenv("DESK_PASSWORD", "secret")
    parser = argparse.ArgumentParser()
    assert caller.kept_account("desk", parser, caller.from_environment("DESK_PASSWORD", parser)).password == "secret"
