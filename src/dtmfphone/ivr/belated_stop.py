"""Stop keys that come after their collection: callers press them out of habit when the count has ended it already."""

from dataclasses import dataclass
from typing import Final

BELATED_SECONDS: Final = 4.0
"""A stop key this soon after the count, or while the text after it is said, belongs to that collection."""

BELATED: Final = "belated stop key, ignored"
"""What is noted of one."""


@dataclass(frozen=True)
class BelatedStop:
    """The stop keys of a collection that has ended by its count."""

    keys: str = ""
    until: float = 0.0
    text_of: str = ""
    """The node that the collection leads to."""

    def has(self, keys: str, t: float, *, saying: str) -> bool:
        """Say whether keys at `t` are such a one, while the text of some node is said, or none (empty)."""
        return keys != "" and keys in self.keys and (t <= self.until or saying == self.text_of)
