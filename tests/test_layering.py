"""The import rules of the house: arrows point down only, Qt stays in gui/, IO stays out of the sans-IO parts."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "src" / "dtmfphone"
MAY_IMPORT = {
    "dtmf": set[str](),
    "rtp": {"dtmf"},
    "sip": {"dtmf", "rtp"},
    "audio": {"dtmf", "rtp"},
    "ivr": {"dtmf", "rtp"},
    "calls": {"dtmf", "rtp", "sip"},
    "engine": {"dtmf", "rtp", "audio", "ivr", "calls"},
    "cli": {"dtmf", "ivr", "engine"},
    "gui": {"dtmf", "engine"},
    "agents": {"dtmf", "ivr", "engine"},
}
"""The packages that each package may import, besides itself and the modules at the top."""
NO_IO = ("asyncio", "socket", "selectors", "threading", "time", "aiohttp", "aiortc", "subprocess")
SANS_IO = (
    *("dtmf/", "rtp/", "sip/"),
    *(
        "ivr/case.py",
        "ivr/collection.py",
        "ivr/collector.py",
        "ivr/collector_settings.py",
        "ivr/end_pointer.py",
        "ivr/livekit_collector.py",
    ),
    *("ivr/journey.py", "ivr/meaning.py", "ivr/narrator.py", "ivr/question.py", "ivr/session.py"),
    *("ivr/shadow_collection.py", "ivr/spoken_digits.py"),
)


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


FILES = sorted(ROOT.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    place = path.relative_to(ROOT)
    package = place.parts[0] if len(place.parts) > 1 else None
    for name in imports(path):
        parts = name.split(".")
        if parts[0] == "dtmfphone" and package is not None and len(parts) > 1 and (ROOT / parts[1]).is_dir():
            assert parts[1] == package or parts[1] in MAY_IMPORT[package], f"{place} imports {name}"
        if parts[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            assert package == "gui", f"{place} imports {name}"
        if str(place).startswith(SANS_IO):
            assert parts[0] not in NO_IO, f"{place} imports {name}"


def test_the_rules_cover_every_package() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES if path.parent != ROOT} <= set(MAY_IMPORT)


def test_the_window_sees_only_messages_and_value_types() -> None:
    allowed = {"commands", "events", "link", "display", "masking"}
    for path in (ROOT / "gui").rglob("*.py"):
        for name in imports(path):
            if name.startswith("dtmfphone.engine."):
                assert name.split(".")[2] in allowed, f"{path.name} imports {name}"
