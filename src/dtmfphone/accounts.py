"""The user's accounts in a file, without their passwords."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final

import msgspec

from dtmfphone.calls.account import DEFAULT_EXPIRES as DEFAULT_EXPIRES
from dtmfphone.calls.account import Account as Account
from dtmfphone.calls.account import Codec as Codec
from dtmfphone.calls.account import MediaSecurity as MediaSecurity
from dtmfphone.calls.account import Method as Method
from dtmfphone.calls.account import SignallingTransport as SignallingTransport
from dtmfphone.passwords import NoKeyring as NoKeyring
from dtmfphone.passwords import Passwords
from dtmfphone.places import config_folder, write_file
from dtmfphone.sip.uri import SipUri

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
        self._unreadable = False

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
        check(account)
        entries = self._read()
        names = [entry.name for entry in entries]
        old = replaces if replaces in names else None
        if account.name in names and account.name != old:
            raise AccountError(f"There is an account called {account.name!r} already.", "Choose another name.", "name")
        entry = _Entry(_bare(account), account)
        if old is None:
            entries.append(entry)
        else:
            entries[names.index(old)] = entry
        self._write(entries)
        password: str | None = account.password
        if old is not None and old != account.name:
            password = password or self.passwords.get(old)
            self.passwords.forget(old)
        if password:
            self.passwords.set(account.name, password)

    def remove(self, name: str) -> None:
        """Forget an account and its password; raise AccountError when there is none, or NoKeyring after all else."""
        entries = self._read()
        kept = [entry for entry in entries if entry.name != name]
        if len(kept) == len(entries):
            raise AccountError(f"There is no account called {name!r}.", "dtmfphone account list names them.", "name")
        self._write(kept)
        self.passwords.forget(name)

    def _read(self) -> "list[_Entry]":
        """Read all entries; those that cannot be read keep their place."""
        self._unreadable = False
        self.problems = ()
        try:
            text = self.path.read_text("utf-8")
            entries = json.loads(text)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise AccountError(f"{self.path} cannot be read: {error.strerror}.", "Mend its access rights.") from error
        except json.JSONDecodeError as error:
            return self._damaged(f"line {error.lineno}, column {error.colno}: {error.msg}")
        except (UnicodeDecodeError, RecursionError) as error:
            return self._damaged(f"{type(error).__name__}")
        if not isinstance(entries, list):
            return self._damaged("line 1: it is not a list of accounts")
        found: list[_Entry] = []
        problems: list[str] = []
        taken: set[str] = set()
        for number, (raw, (start, end)) in enumerate(zip(entries, _places(text), strict=True), 1):
            try:
                account = msgspec.convert(raw, Account)
                check(account)
                if account.name in taken:
                    raise AccountError("An account before has the same name.", field="name")
                if account.password:
                    raise AccountError("A password must not be in this file.", field="password")
            except (msgspec.ValidationError, AccountError) as error:
                field, what = _explain(error)
                line = _line(text, start, end, field)
                problems.append(f"{self.path}, line {line}, account {number}{field and f', field {field}'}: {what}")
                found.append(_Entry(raw, None))
            else:
                taken.add(account.name)
                found.append(_Entry(raw, account))
        self.problems = tuple(problems)
        return found

    def _damaged(self, what: str) -> "list[_Entry]":
        self._unreadable = True
        self.problems = (f"{self.path}, {what}. No account can be read; the file is kept when new ones are saved.",)
        return []

    def _write(self, entries: "list[_Entry]") -> None:
        try:
            if self._unreadable:
                names = (self.path.with_suffix(f".damaged-{number}") for number in count(1))
                aside = next(name for name in names if not name.exists())
                self.path.rename(aside)
                self.problems = (f"{self.path} could not be read; it is kept as {aside.name}.",)
            text = json.dumps([entry.raw for entry in entries], indent=2, ensure_ascii=False) + "\n"
            write_file(self.path, text.encode())
        except OSError as error:
            raise AccountError(
                f"{self.path} cannot be written: {error.strerror}.", "Mend the folder's access rights, or free space."
            ) from error


@dataclass(frozen=True)
class _Entry:
    """An entry of the file and the account it holds; None when that cannot be read."""

    raw: Any
    account: Account | None

    @property
    def name(self) -> str | None:
        return self.account.name if self.account else None


def check(account: Account) -> None:
    """Raise AccountError, with the field, when an account cannot work."""
    for wrong, field, reason, remedy in _faults(account):
        if wrong:
            raise AccountError(reason, remedy, field)
    try:
        msgspec.convert(msgspec.to_builtins(account), Account)
    except msgspec.ValidationError as error:
        field, what = _explain(error)
        raise AccountError(what, "Choose one of the known values.", field) from error


def _faults(account: Account) -> Iterator[tuple[bool, str, str, str]]:
    """Yield whether something is wrong, the field, the cause and the remedy."""
    name = account.name
    yield not name.strip(), "name", "The account has no name.", "Give it one."
    yield len(name) > LONGEST_NAME, "name", f"The name is longer than {LONGEST_NAME} characters.", "Shorten it."
    for field in ("name", "address", "display_name", "registrar", "user", "proxy", "ca_file", "local"):
        text = getattr(account, field)
        yield not text.isprintable(), field, f"The {field} holds control characters.", "Type it anew."
    address = f"{account.address!r} is no SIP address."
    needed = bool(account.address) or account.register
    yield needed and not _is_address(account.address), "address", address, "Write it like sip:alice@example.com."
    for field in ("registrar", "local"):
        text = getattr(account, field)
        yield not _is_host(text), field, f"{text!r} is no host.", "Write host or host:port."
    yield (
        not _is_host(account.proxy) and not _is_uri(account.proxy),
        "proxy",
        f"{account.proxy!r} is no proxy.",
        ("Write host, host:port or a SIP URI."),
    )
    yield not account.codecs, "codecs", "The account has no codec.", "Choose one at least."
    yield len(set(account.codecs)) != len(account.codecs), "codecs", "A codec is named twice.", "Name each once."
    expires = f"A registration cannot last {account.expires} s."
    yield (
        not SHORTEST_EXPIRES <= account.expires <= LONGEST_EXPIRES,
        "expires",
        expires,
        (f"Choose {SHORTEST_EXPIRES} to {LONGEST_EXPIRES} s."),
    )


def _is_uri(text: str) -> bool:
    try:
        return SipUri.parse(text).scheme in ("sip", "sips")
    except ValueError:
        return False


def _is_address(text: str) -> bool:
    return _is_uri(text) and bool(SipUri.parse(text).user)


def _is_host(text: str) -> bool:
    """Whether it is empty, a host or host:port."""
    return not text or (_is_uri(f"sip:{text}") and SipUri.parse(f"sip:{text}").host_port == text)


def _bare(account: Account) -> Any:
    """Return what of an account goes into the file."""
    return msgspec.to_builtins(msgspec.structs.replace(account, password=""))


def _explain(error: Exception) -> tuple[str, str]:
    """Return the field and the cause."""
    if isinstance(error, AccountError):
        return error.field, error.reason
    match = _FIELD.match(str(error))
    return (match["field"], f"{match['what']}.") if match else ("", f"{error}.")


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Yield where each element of a JSON list begins and ends."""
    decoder = json.JSONDecoder()
    place = text.index("[") + 1
    while text[place] != "]":
        if text[place].isspace() or text[place] == ",":
            place += 1
            continue
        start = place
        _, place = decoder.raw_decode(text, start)
        yield start, place


def _line(text: str, start: int, end: int, field: str) -> int:
    """Return the line of an entry's field, or where the entry begins."""
    place = text.find(f'"{field}"', start, end)
    return text.count("\n", 0, place if place >= 0 else start) + 1
