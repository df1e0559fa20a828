"""Recognizers of somebody else's, in a distribution that is built and installed for the tests."""

import subprocess
import sys
from pathlib import Path
from typing import Final

PROJECT: Final = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "parrots"
version = "1.0"

[project.entry-points."dtmfphone.recognizers"]
parrot = "parrots:Parrot"
crashing = "parrots:Crashing"
failing = "parrots:Failing"
gone = "parrots:Gone"
broken = "parrots:Broken"
modelless = "parrots:Modelless"
"""
CODE: Final = '''\
"""They say what a caller may."""

import os
import time

from dtmfphone.ivr.recognition import Recognised, RecognizerError


class Parrot:
    name = "parrot"
    most_phrases = 3
    takes_digits = True

    def __init__(self, model):
        self.model = model

    def recognise(self, pcm, grammar):
        return Recognised(f"{grammar.phrases[0]} {self.model} {len(pcm)} {os.getpid()}", 0.5)


class Crashing(Parrot):
    def recognise(self, pcm, grammar):
        os._exit(3)


class Failing(Parrot):
    def recognise(self, pcm, grammar):
        if not len(pcm):
            time.sleep(600)
        raise KeyError("cracker")


class Broken:
    def __init__(self, model):
        raise ValueError("no cage")


class Modelless:
    def __init__(self, model):
        raise RecognizerError("The parrot needs a cage.", "Buy one.")
'''


def install_parrots(folder: Path) -> Path:
    """Build and install them under a folder, once; return the folder that `sys.path` must have."""
    source, place = folder / "parrots" / "source", folder / "parrots" / "installed"
    if place.exists():
        return place
    (source / "parrots").mkdir(parents=True)
    (source / "pyproject.toml").write_text(PROJECT)
    (source / "parrots" / "__init__.py").write_text(CODE)
    options = ("--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", *options, "--target", str(place), str(source)], check=True, timeout=120
    )
    return place
