"""The user's accounts in a file, without their passwords."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from dtmfphone.calls.account import Account
from dtmfphone.passwords import NoKeyring as NoKeyring
from dtmfphone.passwords import Passwords
from dtmfphone.places import config_folder

FILE_NAME: Final = "accounts.json"
LONGEST_NAME: Final = 64
SHORTEST_EXPIRES: Final = 30
LONGEST_EXPIRES: Final = 86_400

_FIELD: Final = re.compile(r"(?P<what>.*?) - at `\$\.(?P<field>\w+)")


class AccountError(Exception):
    """An account that cannot be kept: one sentence for the cause, one for the remedy."""

    def __init__(self, reason: str, remedy: str = "", field: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy
        self.field = field
        """Which field of the account is meant, if one is."""


class Accounts:
    """The accounts, read anew by each question; what cannot be read stays in the file and is told in `problems`."""

    def __init__(self, path: Path | None = None, passwords: Passwords | None = None) -> None:
        self.path = path if path is not None else config_folder() / FILE_NAME
        self.passwords = passwords if passwords is not None else Passwords()
        self.problems: tuple[str, ...] = ()
        """What was wrong with the file when it was read last, a sentence each."""

    def all(self) -> tuple[Account, ...]:
        """Return the accounts in their order, without passwords."""
        return tuple(each.account for each in self._read() if each.account is not None)

    def find(self, name: str) -> Account | None:
        """Return the account of that name, without its password."""
        return next((account for account in self.all() if account.name == name), None)

    def with_password(self, account: Account) -> Account:
        """Return the account with its password from the keyring, if one is there; raise NoKeyring."""
        return msgspec.structs.replace(account, password=self.passwords.get(account.name) or "")

    def save(self, account: Account, *, replaces: str | None = None) -> None:
        """Add an account, or put it in the place of the one called `replaces`; its password goes to the keyring.

        An empty password leaves the one in the keyring as it is. Raise AccountError when the account is faulty, its
        name is taken or the file cannot be written, and NoKeyring, after all else is done, when the password was not
        kept.
        """
        raise NotImplementedError

    def remove(self, name: str) -> None:
        """Forget an account and its password; raise AccountError when there is none, or NoKeyring after all else."""
        raise NotImplementedError

    def _read(self) -> "list[_Entry]":
        raise NotImplementedError


@dataclass(frozen=True)
class _Entry:
    """An entry of the file and the account it holds; None when that cannot be read."""

    raw: Any
    account: Account | None


def check(account: Account) -> None:
    """Raise AccountError, with the field, when an account cannot work."""
    raise NotImplementedError
