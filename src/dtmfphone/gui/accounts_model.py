"""The accounts: who we can call as, and how each stands with its registrar."""

import threading
from typing import Final

import msgspec
from PySide6.QtCore import QObject, Signal, Slot

from dtmfphone.accounts import AccountError, Accounts, NoKeyring
from dtmfphone.engine.commands import Account, CloseAccount, OpenAccount
from dtmfphone.engine.events import AccountChanged, AnyEvent, Started
from dtmfphone.gui.status_model import Message

STATES: Final = {
    "registering": "registering",
    "registered": "registered",
    "ready": "ready, not registered",
    "failed": "failed",
}
TONES: Final = {"registering": "warn", "registered": "good", "ready": "accent", "failed": "bad"}


class AccountsModel(QObject):
    """Accounts in order, the one to call from, their registrations.

    Passwords are asked for in a thread: the system may show a dialog first. What no keyring keeps lives here.
    """

    command = Signal(object)
    message = Signal(object)
    changed = Signal()
    edit_wanted = Signal(str)
    """A person wants to see the accounts, this one first."""
    _asked = Signal(object, object)

    def __init__(self, store: Accounts | None = None, chosen: str = "", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.accounts: tuple[Account, ...] = ()
        self.states: dict[str, AccountChanged] = {}
        self.chosen = chosen
        """Name of the account to call from; empty: none."""
        self.no_keyring: NoKeyring | None = None
        """Why passwords are not kept, if they are not."""
        self._passwords: dict[str, str] = {}
        self._running = self._loaded = False
        self._asked.connect(self._take_passwords)

    @property
    def names(self) -> tuple[str, ...]:
        """The accounts' names in order."""
        return tuple(account.name for account in self.accounts)

    @property
    def caller(self) -> Account | None:
        """The account to call from, with its password."""
        account = self.find(self.chosen)
        return self._complete(account) if account else None

    def find(self, name: str) -> Account | None:
        """Return the account of a name, without its password."""
        return next((account for account in self.accounts if account.name == name), None)

    def has_password(self, name: str) -> bool:
        """Whether a password is known."""
        return bool(self._passwords.get(name))

    def state_text(self, name: str) -> str:
        """How an account stands, e.g. `alice: registered for 600 s as sip:alice@192.0.2.1:5060`."""
        state = self.states.get(name)
        if state is None:
            return f"{name}: not open"
        words = STATES[state.state]
        if state.state == "registered":
            words += f" for {state.expires} s" if state.expires else ""
            words += f" as {state.contact}" if state.contact else ""
        text = ". ".join(part.rstrip(".") for part in (f"{name}: {words}", state.reason, state.remedy) if part)
        return f"{text}." if state.reason or state.remedy else text

    def tone(self, name: str) -> str:
        """Return the colour of an account's state."""
        state = self.states.get(name)
        return TONES[state.state] if state else "muted"

    def choose(self, name: str) -> None:
        """Call from this account from now on."""
        if name != self.chosen:
            self.chosen = name
            self.changed.emit()

    def put(self, account: Account, *, replaces: str | None = None) -> None:
        """Add an account, or put it in the place of another; an empty password leaves the known one.

        Raise AccountError when it cannot work or cannot be kept.
        """
        if self._store is not None:
            try:
                self._store.save(account, replaces=replaces)
            except NoKeyring as error:
                self.no_keyring = error
            else:
                self.no_keyring = None if account.password else self.no_keyring
        password = account.password or self._passwords.pop(replaces or account.name, "")
        self._passwords[account.name] = password
        bare = msgspec.structs.replace(account, password="")
        if replaces in self.names:
            self.accounts = tuple(bare if each.name == replaces else each for each in self.accounts)
        else:
            self.accounts = (*self.accounts, bare)
        if replaces and replaces != account.name:
            self._close(replaces)
        if self.chosen in ("", replaces):
            self.chosen = account.name
        self.command.emit(OpenAccount(account=self._complete(bare)))
        self.changed.emit()

    def remove(self, name: str) -> None:
        """Take an account away, with a way back."""
        account = self.find(name)
        if account is None:
            return
        gone = self._complete(account)
        if self._store is not None:
            try:
                self._store.remove(name)
            except NoKeyring as error:
                self.no_keyring = error
            except AccountError as error:
                self.message.emit(Message("error", error.reason, error.remedy))
                return
        self.accounts = tuple(each for each in self.accounts if each.name != name)
        if self.chosen == name:
            self.chosen = self.accounts[0].name if self.accounts else ""
        self._close(name)
        self.changed.emit()
        text = f"Removed the account {name} and its password."
        self.message.emit(Message("info", text, button="Undo", action=lambda: self._restore(gone)))

    def on_event(self, event: AnyEvent) -> None:
        """Follow the engine."""
        match event:
            case Started():
                self._running = True
                self.states.clear()
                if self._loaded:
                    self._open_all()
                else:
                    self._load()
            case AccountChanged(state="closed"):
                self.states.pop(event.account, None)
            case AccountChanged():
                before = self.states.get(event.account)
                self.states[event.account] = event
                if event.state == "failed" and (before is None or before.reason != event.reason):
                    self._tell_failure(event)
            case _:
                return
        self.changed.emit()

    def on_lost(self) -> None:
        """The engine is gone, and the registrations with it."""
        self._running = False
        self.states.clear()
        self.changed.emit()

    def _load(self) -> None:
        self._loaded = True
        if self._store is None:
            return
        try:
            self.accounts = self._store.all()
        except AccountError as error:
            self.message.emit(Message("error", error.reason, error.remedy))
        for problem in self._store.problems:
            self.message.emit(Message("warning", problem))
        if self.chosen not in self.names:
            self.chosen = self.accounts[0].name if self.accounts else ""
        if self.accounts:
            threading.Thread(
                target=self._ask_keyring, args=(self._store, self.accounts), name="keyring", daemon=True
            ).start()

    def _ask_keyring(self, store: Accounts, accounts: tuple[Account, ...]) -> None:
        passwords: dict[str, str] = {}
        problem: NoKeyring | None = None
        try:
            for account in accounts:
                passwords[account.name] = store.with_password(account).password
        except NoKeyring as error:
            problem = error
        self._asked.emit(passwords, problem)

    @Slot(object, object)
    def _take_passwords(self, passwords: dict[str, str], problem: NoKeyring | None) -> None:
        self._passwords = passwords | {name: known for name, known in self._passwords.items() if known}
        self.no_keyring = problem
        if problem is not None:
            name = self.names[0] if self.names else ""
            text = f"The accounts have no passwords: {problem.reason[:1].lower()}{problem.reason[1:]}"
            self.message.emit(
                Message("warning", text, problem.remedy, "Enter them", lambda: self.edit_wanted.emit(name))
            )
        if self._running:
            self._open_all()
        self.changed.emit()

    def _open_all(self) -> None:
        for account in self.accounts:
            self.command.emit(OpenAccount(account=self._complete(account)))

    def _tell_failure(self, event: AccountChanged) -> None:
        name = event.account
        text = f"{name} is not registered: {event.reason or 'the registrar refused it.'}"
        self.message.emit(Message("error", text, event.remedy, "Edit", lambda: self.edit_wanted.emit(name)))

    def _restore(self, account: Account) -> None:
        if account.name in self.names:
            return
        try:
            self.put(account)
        except AccountError as error:
            self.message.emit(Message("error", error.reason, error.remedy))

    def _complete(self, account: Account) -> Account:
        return msgspec.structs.replace(account, password=self._passwords.get(account.name, ""))

    def _close(self, name: str) -> None:
        self._passwords.pop(name, None)
        self.states.pop(name, None)
        self.command.emit(CloseAccount(name=name))
