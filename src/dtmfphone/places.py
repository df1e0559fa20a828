"""Where dtmfphone keeps files of the user; DTMFPHONE_HOME puts all of them into one folder."""

import os
import tempfile
from pathlib import Path
from typing import Final

from platformdirs import user_config_path, user_data_path

HOME: Final = "DTMFPHONE_HOME"


def config_folder() -> Path:
    """Return the folder of what the user has chosen."""
    home = os.environ.get(HOME)
    return Path(home).expanduser() if home else user_config_path("dtmfphone", appauthor=False)


def data_folder() -> Path:
    """Return the folder of what came to be while the user worked."""
    home = os.environ.get(HOME)
    return Path(home).expanduser() if home else user_data_path("dtmfphone", appauthor=False)


def write_file(path: Path, data: bytes) -> None:
    """Write a file that only its owner may read, at once or not at all; raise OSError when that fails."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
