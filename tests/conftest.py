"""No test touches the user's own files or keyring."""

from collections.abc import Iterator

import keyring
import pytest

from memory_keyring import MemoryKeyring


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """An empty home for accounts and history, and a keyring that forgets."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DTMFPHONE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")  # of programs that tests start
        before = keyring.get_keyring()
        keyring.set_keyring(MemoryKeyring())
        yield
        keyring.set_keyring(before)


@pytest.fixture
def ring() -> Iterator[MemoryKeyring]:
    """An empty keyring of the test's own."""
    before = keyring.get_keyring()
    ring = MemoryKeyring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)
