"""Accounts: kept without passwords, checked by field, nothing lost of a file that cannot be read."""

import json
import stat
from pathlib import Path

import keyring
import pytest
from keyring.backends.fail import Keyring as NoBackend
from msgspec.structs import replace

from dtmfphone.accounts import AccountError, Accounts, check
from dtmfphone.calls.account import Account
from dtmfphone.passwords import NoKeyring, Passwords
from dtmfphone.places import config_folder, data_folder
from memory_keyring import LockedKeyring, MemoryKeyring

WORK = Account(name="work", address="sip:alice@example.com", codecs=("pcma", "pcmu"), transport="tls")
HOME = Account(name="home", address="sip:bob@192.0.2.1", registrar="192.0.2.1:5070", register=False)


@pytest.fixture
def accounts(tmp_path: Path, ring: MemoryKeyring) -> Accounts:
    return Accounts(tmp_path / "folder" / "accounts.json")


def test_no_file_is_no_account(accounts: Accounts) -> None:
    assert accounts.all() == ()
    assert accounts.find("work") is None
    assert accounts.problems == ()


def test_accounts_are_kept_in_their_order(accounts: Accounts) -> None:
    accounts.save(WORK)
    accounts.save(HOME)
    again = Accounts(accounts.path)
    assert again.all() == (WORK, HOME)
    assert again.find("home") == HOME


def test_the_password_goes_to_the_keyring_alone(accounts: Accounts, ring: MemoryKeyring) -> None:
    accounts.save(replace(WORK, password="secret"))
    assert "secret" not in accounts.path.read_text()
    assert ring.kept == {("dtmfphone", "work"): "secret"}
    assert accounts.all() == (WORK,)
    assert accounts.with_password(WORK).password == "secret"
    assert accounts.with_password(HOME).password == ""


def test_only_the_owner_may_read_the_file(accounts: Accounts) -> None:
    accounts.save(WORK)
    assert stat.S_IMODE(accounts.path.stat().st_mode) == 0o600
    assert [each.name for each in accounts.path.parent.iterdir()] == ["accounts.json"]


def test_an_account_is_replaced_in_its_place(accounts: Accounts, ring: MemoryKeyring) -> None:
    accounts.save(replace(WORK, password="secret"))
    accounts.save(HOME)
    changed = replace(WORK, name="office", expires=60)
    accounts.save(changed, replaces="work")
    assert accounts.all() == (changed, HOME)
    assert ring.kept == {("dtmfphone", "office"): "secret"}
    accounts.save(replace(changed, method="info", password="other"), replaces="office")
    assert ring.kept == {("dtmfphone", "office"): "other"}
    assert [account.method for account in accounts.all()] == ["info", "auto"]


def test_names_are_unique(accounts: Accounts) -> None:
    accounts.save(WORK)
    accounts.save(HOME)
    for replaces in (None, "home"):
        with pytest.raises(AccountError) as caught:
            accounts.save(replace(HOME, name="work"), replaces=replaces)
        assert (caught.value.field, caught.value.reason) == ("name", "There is an account called 'work' already.")
    assert accounts.all() == (WORK, HOME)


def test_an_account_is_removed_with_its_password(accounts: Accounts, ring: MemoryKeyring) -> None:
    accounts.save(replace(WORK, password="secret"))
    accounts.save(HOME)
    accounts.remove("work")
    accounts.remove("home")
    assert accounts.all() == ()
    assert ring.kept == {}
    with pytest.raises(AccountError, match="There is no account called 'work'"):
        accounts.remove("work")


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        (
            NoBackend(),  # type: ignore[no-untyped-call]
            "This system has no keyring to keep passwords in.",
        ),
        (LockedKeyring(), "The keyring is locked."),
    ],
)
def test_without_a_keyring_the_account_is_kept_and_the_password_is_not(
    accounts: Accounts, backend: keyring.backend.KeyringBackend, reason: str
) -> None:
    keyring.set_keyring(backend)
    with pytest.raises(NoKeyring) as caught:
        accounts.save(replace(WORK, password="secret"))
    assert caught.value.reason == reason
    assert "asked for each time" in caught.value.remedy
    assert accounts.all() == (WORK,)
    with pytest.raises(NoKeyring):
        accounts.with_password(WORK)
    with pytest.raises(NoKeyring):
        accounts.remove("work")
    assert accounts.all() == ()


def test_an_empty_password_is_forgotten(ring: MemoryKeyring) -> None:
    passwords = Passwords()
    passwords.set("work", "secret")
    passwords.set("work", "")
    passwords.forget("work")
    assert passwords.get("work") is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 65}, "name"),
        ({"name": "a\nb"}, "name"),
        ({"display_name": "a\x1b[0m"}, "display_name"),
        ({"address": ""}, "address"),
        ({"address": "alice@example.com"}, "address"),
        ({"address": "sip:example.com"}, "address"),
        ({"address": "tel:+4912345"}, "address"),
        ({"registrar": "sip:example.com"}, "registrar"),
        ({"registrar": "a b"}, "registrar"),
        ({"proxy": "http://example.com"}, "proxy"),
        ({"local": "127.0.0.1:port"}, "local"),
        ({"codecs": ()}, "codecs"),
        ({"codecs": ("pcmu", "pcmu")}, "codecs"),
        ({"codecs": ("pcmu", "g729")}, "codecs"),
        ({"transport": "sctp"}, "transport"),
        ({"expires": 5}, "expires"),
        ({"expires": 100_000}, "expires"),
    ],
)
def test_what_is_wrong_is_told_by_field(accounts: Accounts, changes: dict[str, object], field: str) -> None:
    with pytest.raises(AccountError) as caught:
        accounts.save(replace(WORK, **changes))
    assert caught.value.field == field
    assert caught.value.reason.endswith(".")
    assert caught.value.remedy.endswith(".")
    assert not accounts.path.exists()


@pytest.mark.parametrize(
    "account",
    [
        WORK,
        Account(name="direct", register=False),
        Account(name="v6", address="sip:a@[2001:db8::1]:5070", registrar="[2001:db8::1]:5070", local="[::1]:5090"),
        Account(name="proxy", address="sips:a@example.com", proxy="sip:proxy.example.com;lr;transport=tcp"),
        Account(name="Büro", address="sip:a@example.com", proxy="proxy.example.com:5061", codecs=("auto",)),
    ],
)
def test_accounts_that_work(accounts: Accounts, account: Account) -> None:
    check(account)
    accounts.save(account)
    assert accounts.all() == (account,)


def test_an_entry_that_cannot_be_read_is_named_and_stays(accounts: Accounts) -> None:
    accounts.path.parent.mkdir()
    text = (
        '[\n {"name": "old",\n  "address": "sip:a@example.com",\n  "expires": "soon"},\n {"name": "work", '
        '"address": "sip:alice@example.com"},\n 7,\n {"name": "work", "address": "sip:b@example.com"},\n '
        '{"name": "open", "address": "sip:c@example.com",\n "password": "x"}\n]\n'
    )
    accounts.path.write_text(text)
    assert [account.name for account in accounts.all()] == ["work"]
    place = f"{accounts.path}, line "
    assert accounts.problems == (
        f"{place}4, account 1, field expires: Expected `int`, got `str`.",
        f"{place}6, account 3: Expected `object`, got `int`.",
        f"{place}7, account 4, field name: An account before has the same name.",
        f"{place}9, account 5, field password: A password must not be in this file.",
    )
    assert accounts.path.read_text() == text
    accounts.save(HOME)
    assert json.loads(accounts.path.read_text())[:5] == json.loads(text)
    assert [account.name for account in accounts.all()] == ["work", "home"]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b'[\n {"name": "work",}\n]', "line 2, column 18: "),
        (b'{"name": "work"}', "line 1: it is not a list of accounts"),
        (b"\xff\xfe[", "UnicodeDecodeError"),
        (b"", "line 1, column 1: "),
        (b"[" * 100_000, "RecursionError"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_kept_aside(accounts: Accounts, data: bytes, problem: str) -> None:
    accounts.path.parent.mkdir()
    accounts.path.write_bytes(data)
    assert accounts.all() == ()
    assert accounts.problems[0].startswith(f"{accounts.path}, {problem}")
    assert accounts.path.read_bytes() == data
    accounts.save(WORK)
    assert accounts.path.with_name("accounts.damaged-1").read_bytes() == data
    assert accounts.problems == (f"{accounts.path} could not be read; it is kept as accounts.damaged-1.",)
    again = Accounts(accounts.path)
    assert (again.all(), again.problems) == ((WORK,), ())


def test_no_file_kept_aside_is_overwritten(accounts: Accounts) -> None:
    accounts.path.parent.mkdir()
    for content in ("one", "two"):
        accounts.path.write_text(content)
        accounts.save(WORK)
    kept = [accounts.path.with_name(f"accounts.damaged-{number}").read_text() for number in (1, 2)]
    assert kept == ["one", "two"]


def test_a_file_that_cannot_be_written_or_read_is_told(tmp_path: Path, ring: MemoryKeyring) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AccountError, match=r"accounts.json cannot be (read|written): Not a directory"):
        Accounts(tmp_path / "file" / "accounts.json").save(WORK)
    with pytest.raises(AccountError, match="cannot be read: Is a directory"):
        Accounts(tmp_path).all()


def test_one_folder_may_hold_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTMFPHONE_HOME", str(tmp_path))
    assert config_folder() == data_folder() == tmp_path
    assert Accounts().path == tmp_path / "accounts.json"
    monkeypatch.delenv("DTMFPHONE_HOME")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert config_folder() == tmp_path / "config" / "dtmfphone"
    assert data_folder() == tmp_path / "data" / "dtmfphone"
