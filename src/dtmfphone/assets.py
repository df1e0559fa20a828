"""Files shipped with the program: `resources/` at the top of the checkout, `dtmfphone/resources` in a wheel."""

from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path


def assets() -> Traversable:
    """Return the folder of shipped files."""
    packed = resources.files("dtmfphone") / "resources"
    return packed if packed.is_dir() else Path(__file__).parents[2] / "resources"
