"""Passwords of accounts in the system's keyring."""

from typing import Final

SERVICE: Final = "dtmfphone"


class NoKeyring(Exception):
    """The keyring cannot be used: one sentence for the cause, one for the remedy."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.remedy = remedy


class Passwords:
    """The passwords by account name; asking may make the system open a dialog, and wait for it."""

    def get(self, account: str) -> str | None:
        """Return a password; None when none is kept. Raise NoKeyring."""
        import keyring  # here, for it looks for its backends
        from keyring.errors import KeyringError

        try:
            return keyring.get_password(SERVICE, account)
        except KeyringError as error:
            raise _no_keyring(error) from error

    def set(self, account: str, password: str) -> None:
        """Keep a password; an empty one is forgotten. Raise NoKeyring."""
        import keyring
        from keyring.errors import KeyringError

        if not password:
            self.forget(account)
            return
        try:
            keyring.set_password(SERVICE, account, password)
        except KeyringError as error:
            raise _no_keyring(error) from error

    def forget(self, account: str) -> None:
        """Remove a password, if there is one. Raise NoKeyring."""
        import keyring
        from keyring.errors import KeyringError, PasswordDeleteError

        try:
            if keyring.get_password(SERVICE, account) is not None:
                keyring.delete_password(SERVICE, account)
        except PasswordDeleteError as error:
            raise NoKeyring(
                f"The keyring does not give up the password of {account!r}.", "Delete it in the keyring's own program."
            ) from error
        except KeyringError as error:
            raise _no_keyring(error) from error


def _no_keyring(error: Exception) -> NoKeyring:
    from keyring.errors import KeyringLocked, NoKeyringError

    asked = "the password is asked for each time until then"
    if isinstance(error, NoKeyringError):
        return NoKeyring(
            "This system has no keyring to keep passwords in.",
            f"Install and unlock one (sudo apt install gnome-keyring); {asked}.",
        )
    if isinstance(error, KeyringLocked):
        return NoKeyring("The keyring is locked.", f"Unlock it; {asked}.")
    return NoKeyring(f"The keyring cannot be used: {str(error).rstrip('.')}.", f"Repair or unlock it; {asked}.")
