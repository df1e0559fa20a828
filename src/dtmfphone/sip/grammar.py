"""What SIP's header values are made of: tokens, quoted strings, lists (RFC 3261 section 25.1)."""

import re
from typing import Final

TOKEN: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


def quote(text: str) -> str:
    """Return a quoted string that means the text."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unquote(text: str) -> str:
    """Return what a quoted string means; a text without quotes means itself."""
    if len(text) >= 2 and text.startswith('"') and text.endswith('"'):
        return _ESCAPE.sub(r"\1", text[1:-1])
    return text


def split(text: str, separator: str, limit: int = -1) -> list[str]:
    """Split at a character that stands neither in quotes nor in angle brackets; parts come without white space around.

    A quote or bracket that nothing closes counts as an ordinary character. `limit`: of cuts; negative: none.
    """
    wanted = re.compile(f'["<{re.escape(separator)}]')
    closing = {'"': True, "<": True}
    parts: list[str] = []
    start = place = 0
    while len(parts) != limit and (found := wanted.search(text, place)):
        place = found.end()
        if found[0] == separator:
            parts.append(text[start : found.start()].strip())
            start = place
        elif closing[found[0]]:
            end = closing_end(text, found.start())
            closing[found[0]] = end is not None
            place = end or place
    parts.append(text[start:].strip())
    return parts


def closing_end(text: str, start: int) -> int | None:
    """Return where the quoted string or bracket that begins at `start` is over; None where it is not closed."""
    if text[start] == '"':
        quoted = _QUOTED.match(text, start)
        return quoted.end() if quoted else None
    end = text.find(">", start)
    return end + 1 if end >= 0 else None


def decoded(data: bytes) -> str:
    """Return bytes as text: UTF-8, or Latin-1 where they are none, as old phones send it."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
