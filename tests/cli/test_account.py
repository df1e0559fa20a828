"""`dtmfphone account` and `history` as a script sees them."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import keyring
import pytest

from dtmfphone.__main__ import main
from dtmfphone.accounts import Accounts
from dtmfphone.history import History, PastCall
from memory_keyring import LockedKeyring, MemoryKeyring


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ring: MemoryKeyring) -> None:
    monkeypatch.setenv("DTMFPHONE_HOME", str(tmp_path))


def add(*words: str) -> int:
    return main(["account", "add", "work", "sip:alice@example.com", *words])


def test_an_account_comes_and_goes(capsys: pytest.CaptureFixture[str], ring: MemoryKeyring) -> None:
    assert add("--no-password", "--transport", "tls", "--codec", "pcma,pcmu", "--expires", "60", "--no-register") == 0
    assert main(["account", "list"]) == 0
    assert capsys.readouterr().out == "work  sip:alice@example.com  tls, does not register\n"
    assert main(["account", "show", "work", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["codecs"], facts["register"], facts["password"]) == (["pcma", "pcmu"], False, "none")
    assert main(["account", "remove", "work"]) == 0
    assert main(["account", "list"]) == 0
    assert "There is no account." in capsys.readouterr().out
    assert ring.kept == {}


def test_the_password_comes_from_the_environment(
    capsys: pytest.CaptureFixture[str], ring: MemoryKeyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIP_PASSWORD", "secret")
    assert add("--password-env", "SIP_PASSWORD") == 0
    assert ring.kept == {("dtmfphone", "work"): "secret"}
    for words in (["list"], ["list", "--json"], ["show", "work"], ["show", "work", "--json"]):
        assert main(["account", *words]) == 0
        out, _ = capsys.readouterr()
        assert "work" in out
        assert "secret" not in out
    assert main(["account", "show", "work"]) == 0
    assert "password      in the keyring\n" in capsys.readouterr().out


def test_the_password_is_asked_for_at_a_terminal(monkeypatch: pytest.MonkeyPatch, ring: MemoryKeyring) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "typed")
    assert add() == 0
    assert ring.kept == {("dtmfphone", "work"): "typed"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "--password-env NAME or --no-password"),
        (["--password-env", "NOT_SET_ANYWHERE"], "NOT_SET_ANYWHERE is empty or not set"),
        (["--no-password", "--codec", "pcmu,g729"], "--codec: 'g729' is none of"),
    ],
)
def test_wrong_usage(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        add(*words)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_an_account_is_overwritten_only_on_demand(capsys: pytest.CaptureFixture[str]) -> None:
    assert add("--no-password") == 0
    assert add("--no-password") == 1
    assert capsys.readouterr().err == ("dtmfphone: There is an account called 'work' already. Choose another name.\n")
    assert add("--no-password", "--replace", "--user", "other") == 0
    assert [account.user for account in Accounts().all()] == ["other"]


@pytest.mark.parametrize("words", [["show", "nobody"], ["remove", "nobody"], ["add", "x", "alice", "--no-password"]])
def test_what_cannot_be_done_is_told(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["account", *words]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("dtmfphone: ")


def test_a_keyring_that_does_not_work_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keyring.set_keyring(LockedKeyring())
    monkeypatch.setenv("SIP_PASSWORD", "secret")
    assert add("--password-env", "SIP_PASSWORD") == 0
    assert "The account is kept, its password is not. The keyring is locked." in capsys.readouterr().err
    assert main(["account", "show", "work"]) == 0
    assert "password      none: The keyring is locked." in capsys.readouterr().out
    assert main(["account", "remove", "work"]) == 0
    assert "The account is forgotten. The keyring is locked." in capsys.readouterr().err


def test_a_damaged_file_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "accounts.json").write_text("[{]")
    assert main(["account", "list"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert "accounts.json, line 1, column 3" in err


def test_history(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["history"]) == 0
    assert capsys.readouterr().out == "No call was made or missed yet.\n"
    began = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    local = began.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    history = History()
    history.append(PastCall(began=began, direction="outgoing", far_end="sip:b@example.com", duration=83.4))
    missed = PastCall(
        began=began, direction="incoming", far_end="sip:c@example.com", account="work", outcome="missed", reason="No."
    )
    history.append(missed)
    assert main(["history"]) == 0
    assert capsys.readouterr().out == (
        f"{local}  -> 1:23      sip:b@example.com\n{local}  <- missed    sip:c@example.com (work)  No.\n"
    )
    assert main(["history", "--json"]) == 0
    assert [json.loads(line)["far_end"] for line in capsys.readouterr().out.splitlines()] == [
        "sip:b@example.com",
        "sip:c@example.com",
    ]
    assert main(["history", "--clear"]) == 0
    assert history.all() == ()


def test_a_history_that_cannot_be_read_is_told(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "history.jsonl").mkdir()
    assert main(["history"]) == 1
    assert capsys.readouterr().err.endswith("history.jsonl: Is a directory. Mend its access rights.\n")
