"""A keyring in a file, for programs that the tests start: PYTHON_KEYRING_BACKEND=file_keyring.FileKeyring."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend


class FileKeyring(KeyringBackend):
    """Keeps passwords in the file that the environment variable FILE_KEYRING names."""

    priority = 1

    def get_password(self, service: str, username: str) -> str | None:
        return self._read().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        _file().write_text(json.dumps(self._read() | {f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        _file().write_text(
            json.dumps({name: kept for name, kept in self._read().items() if name != f"{service} {username}"})
        )

    def _read(self) -> dict[str, str]:
        return dict(json.loads(_file().read_text())) if _file().exists() else {}


def _file() -> Path:
    return Path(os.environ["FILE_KEYRING"])
