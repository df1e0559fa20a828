"""The detectors that a run can compare."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from detection.heard import FRAME, Ear, Ours
from detection.peers import Multimon, PyDtmf, Spandsp

NAMES: Final = ("ours", "stream", "spandsp", "notch", "multimon", "pydtmf")


def ear(name: str, scratch: Path) -> Ear:
    """Return the detector of this name; raises NoMaterialError if it is not on this machine.

    `scratch` is a folder for what has to be built.
    """
    makers: dict[str, Callable[[], Ear]] = {
        "ours": Ours,
        "stream": lambda: Ours(FRAME),
        "spandsp": lambda: Spandsp(scratch),
        "notch": lambda: Spandsp(scratch, notch=True),
        "multimon": Multimon,
        "pydtmf": lambda: PyDtmf(scratch),
    }
    return makers[name]()
