"""Accounts that `dtmfphone` keeps in a home and a keyring of the test's own."""

import asyncio
import os
import sys
from pathlib import Path


class KeptAccounts:
    """Give `environment` to programs that shall find them."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            "DTMFPHONE_HOME": str(folder),
            "FILE_KEYRING": str(folder / "keyring"),
            "PYTHON_KEYRING_BACKEND": "file_keyring.FileKeyring",
            "PYTHONPATH": os.pathsep.join(filter(None, [str(Path(__file__).parent), os.environ.get("PYTHONPATH")])),
        }

    async def add(self, name: str, address: str, password: str, *options: str) -> None:
        """Keep an account, as a person would."""
        words = ("account", "add", name, address, "--password-env", "SECRET", *options)
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "dtmfphone", *words, env={**os.environ, **self.environment, "SECRET": password}
        )
        assert await process.wait() == 0
