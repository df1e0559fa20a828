from pathlib import Path

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from dtmfphone.accounts import AccountError, Accounts, NoKeyring
from dtmfphone.engine.commands import Account, AnyCommand, CloseAccount, OpenAccount
from dtmfphone.engine.events import AccountChanged, Started
from dtmfphone.gui.accounts_model import AccountsModel
from dtmfphone.gui.status_model import Message
from dtmfphone.passwords import Passwords

ALICE = Account(name="alice", address="sip:alice@a.example")
BOB = Account(name="bob", address="sip:bob@b.example", register=False)
STARTED = Started(t=0.0, version="0", wall_clock=0.0)


class Keyring(Passwords):
    """A keyring in memory, or none."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.kept: dict[str, str] = {}

    def get(self, account: str) -> str | None:
        self._check()
        return self.kept.get(account)

    def set(self, account: str, password: str) -> None:
        self._check()
        self.kept[account] = password

    def forget(self, account: str) -> None:
        self._check()
        self.kept.pop(account, None)

    def _check(self) -> None:
        if not self.there:
            raise NoKeyring("This system has no keyring.", "Install one.")


@pytest.fixture
def keyring() -> Keyring:
    return Keyring()


@pytest.fixture
def store(tmp_path: Path, keyring: Keyring) -> Accounts:
    return Accounts(tmp_path / "accounts.json", keyring)


@pytest.fixture
def model(qapp: object, store: Accounts) -> AccountsModel:
    return AccountsModel(store)


@pytest.fixture
def commands(model: AccountsModel) -> list[AnyCommand]:
    got: list[AnyCommand] = []
    model.command.connect(got.append)
    return got


@pytest.fixture
def messages(model: AccountsModel) -> list[Message]:
    got: list[Message] = []
    model.message.connect(got.append)
    return got


def with_password(account: Account, password: str) -> Account:
    return msgspec.structs.replace(account, password=password)


def test_accounts_are_opened_with_the_engine(
    qtbot: QtBot, model: AccountsModel, store: Accounts, commands: list[AnyCommand]
) -> None:
    store.save(with_password(ALICE, "s3cret"))
    store.save(BOB)
    model.on_event(STARTED)
    qtbot.waitUntil(lambda: len(commands) == 2, timeout=2000)
    assert commands == [OpenAccount(account=with_password(ALICE, "s3cret")), OpenAccount(account=BOB)]
    assert (model.names, model.chosen) == (("alice", "bob"), "alice")
    assert model.caller == with_password(ALICE, "s3cret")
    assert model.accounts[0].password == ""
    model.on_lost()
    model.on_event(STARTED)
    assert commands[2:] == commands[:2]


def test_an_account_is_added_changed_and_renamed(
    model: AccountsModel, store: Accounts, keyring: Keyring, commands: list[AnyCommand]
) -> None:
    model.put(with_password(ALICE, "one"))
    assert commands.pop() == OpenAccount(account=with_password(ALICE, "one"))
    assert (store.all(), keyring.kept, model.chosen) == ((ALICE,), {"alice": "one"}, "alice")
    moved = msgspec.structs.replace(ALICE, registrar="r.example")
    model.put(moved, replaces="alice")
    assert commands.pop() == OpenAccount(account=with_password(moved, "one"))
    renamed = msgspec.structs.replace(moved, name="work")
    model.put(renamed, replaces="alice")
    assert commands == [CloseAccount(name="alice"), OpenAccount(account=with_password(renamed, "one"))]
    assert (store.all(), keyring.kept, model.chosen) == ((renamed,), {"work": "one"}, "work")


def test_a_faulty_account_is_refused(model: AccountsModel, commands: list[AnyCommand]) -> None:
    with pytest.raises(AccountError, match="is no SIP address"):
        model.put(Account(name="x", address="nonsense"))
    assert (model.accounts, commands) == ((), [])


def test_removing_can_be_undone(
    model: AccountsModel, store: Accounts, keyring: Keyring, commands: list[AnyCommand], messages: list[Message]
) -> None:
    model.put(with_password(ALICE, "one"))
    model.put(BOB)
    commands.clear()
    model.remove("alice")
    assert (model.names, model.chosen, commands) == (("bob",), "bob", [CloseAccount(name="alice")])
    assert (store.all(), keyring.kept) == ((BOB,), {})
    undo = messages[0].action
    assert undo is not None
    undo()
    undo()
    assert model.names == ("bob", "alice")
    assert keyring.kept == {"alice": "one"}
    assert commands[1:] == [OpenAccount(account=with_password(ALICE, "one"))]


def test_without_a_keyring_a_password_lives_for_the_session(
    qtbot: QtBot, model: AccountsModel, store: Accounts, keyring: Keyring, commands: list[AnyCommand]
) -> None:
    keyring.there = False
    model.put(with_password(ALICE, "one"))
    assert model.no_keyring is not None
    assert model.caller == with_password(ALICE, "one")
    assert "one" not in store.path.read_text("utf-8")
    again = AccountsModel(store)
    messages: list[Message] = []
    wanted: list[str] = []
    again.command.connect(commands.append)
    again.message.connect(messages.append)
    again.edit_wanted.connect(wanted.append)
    commands.clear()
    again.on_event(STARTED)
    qtbot.waitUntil(lambda: bool(commands), timeout=2000)
    assert commands == [OpenAccount(account=ALICE)]
    assert messages[0].text == "The accounts have no passwords: this system has no keyring."
    assert messages[0].action is not None
    messages[0].action()
    assert wanted == ["alice"]


def test_how_an_account_stands(model: AccountsModel, messages: list[Message]) -> None:
    model.put(ALICE)
    assert (model.state_text("alice"), model.tone("alice")) == ("alice: not open", "muted")
    registered = AccountChanged(t=1.0, account="alice", state="registered", contact="sip:alice@h:5060", expires=600)
    model.on_event(registered)
    assert model.state_text("alice") == "alice: registered for 600 s as sip:alice@h:5060"
    assert model.tone("alice") == "good"
    failed = AccountChanged(t=2.0, account="alice", state="failed", reason="403 Forbidden.", remedy="Check it.")
    for _ in range(2):
        model.on_event(failed)
    assert model.state_text("alice") == "alice: failed. 403 Forbidden. Check it."
    assert [(m.text, m.remedy, m.button) for m in messages] == [
        ("alice is not registered: 403 Forbidden.", "Check it.", "Edit")
    ]
    model.on_lost()
    assert model.state_text("alice") == "alice: not open"


def test_what_is_wrong_with_the_file_is_told(model: AccountsModel, store: Accounts, messages: list[Message]) -> None:
    store.path.write_text("[{]", "utf-8")
    model.on_event(STARTED)
    assert "accounts.json" in messages[0].text
