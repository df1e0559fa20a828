"""The engines that recognise spoken words, by name; which are there depends on what is installed.

`pocketsphinx` comes with the extra `speech` and brings its model. `vosk` and `whisper` work once their package and a
model are installed; nothing here downloads anything.

Another distribution adds an engine by an entry point of the group `dtmfphone.recognizers`. It names something that is
called with the model's folder ("" if none was given), blocks while it loads, and returns a `Recognizer` or raises
RecognizerError. In the other distribution's `pyproject.toml`:

    [project.entry-points."dtmfphone.recognizers"]
    parrot = "parrot.engine:Parrot"

and in `parrot/engine.py`:

    from dtmfphone.ivr.recognition import Grammar, Recognised

    class Parrot:
        name = "parrot"
        most_phrases = None
        takes_digits = False

        def __init__(self, model: str) -> None:
            pass

        def recognise(self, pcm, grammar: Grammar) -> Recognised:
            return Recognised(grammar.phrases[0], 0.5)

`dtmfphone serve --listen-with parrot` uses it then.
"""

import importlib
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from dtmfphone.ivr.recognition import Recognizer, RecognizerError

GROUP: Final = "dtmfphone.recognizers"
RECOGNIZERS: Final[Mapping[str, str]] = {
    "pocketsphinx": "dtmfphone.ivr.recognizers.pocketsphinx:Pocketsphinx",
    "vosk": "dtmfphone.ivr.recognizers.vosk:Vosk",
    "whisper": "dtmfphone.ivr.recognizers.whisper:Whisper",
}
"""The engines of this program."""


def names() -> tuple[str, ...]:
    """Return the names of all engines, ours first; that one is named does not say that its package is installed."""
    return (*RECOGNIZERS, *sorted(_plugins().keys() - RECOGNIZERS.keys()))


def load_recognizer(name: str, model: str = "") -> Recognizer:
    """Return an engine with its model, or raise RecognizerError; blocks, and may take seconds."""
    if name in RECOGNIZERS:
        module, factory = RECOGNIZERS[name].split(":")
        engine: Recognizer = getattr(importlib.import_module(module), factory)(model)
        return engine
    plugin = _plugins().get(name)
    if plugin is None:
        raise RecognizerError(f"There is no recognizer {name!r}.", f"There are {', '.join(names())}.")
    package = plugin.dist.name if plugin.dist else plugin.value
    try:
        engine = plugin.load()(model)
    except RecognizerError:
        raise
    except Exception as error:  # whatever somebody else's code raises
        reason = f"The recognizer {name!r} of {package} cannot be loaded: {type(error).__name__}: {error}."
        raise RecognizerError(reason, f"Ask those who make {package}, or choose another one.") from error
    return engine


def _plugins() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}
