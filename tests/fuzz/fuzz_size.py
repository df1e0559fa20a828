"""How much memory an object holds."""

import gc
import sys
import types
from typing import Any, Final

_SHARED: Final = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.CodeType)


def size_of(thing: Any) -> int:
    """Return the bytes of all that can be reached from an object, without code, classes and modules."""
    seen: set[int] = set()
    total = 0
    waiting = [thing]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, _SHARED):
            continue
        seen.add(id(each))
        total += sys.getsizeof(each, 0)
        waiting += gc.get_referents(each)
    return total
