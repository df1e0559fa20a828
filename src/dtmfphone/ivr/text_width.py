"""How wide text is in fonts of user interfaces: on the generous side, as nobody knows which one will draw it."""

import unicodedata
from typing import Final

_EMS: Final = {
    **dict.fromkeys("ijlI'", 0.3),
    **dict.fromkeys(" .,:;!-()[]|/\\ftrJ", 0.42),
    **dict.fromkeys('ck*?szL"_–', 0.59),
    **dict.fromkeys("ABCDEFGHKNOPQRSTUVXYZ&w", 0.82),
    **dict.fromkeys("=#+<>~^×÷", 0.86),
    **dict.fromkeys("mMW@%…—", 1.02),
}
_LATIN: Final = 0.65
_OTHER: Final = 1.1
_LAST_LATIN: Final = "\u024f"
_BOLD: Final = 1.13


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Return the width of a line in a font of a size, in the unit of the size."""
    return sum(map(_ems, text)) * size * (_BOLD if bold else 1.0)


def _ems(char: str) -> float:
    if unicodedata.combining(char):
        return 0.0
    plain = unicodedata.normalize("NFD", char)[0]
    return _EMS.get(plain, _LATIN if plain <= _LAST_LATIN else _OTHER)
