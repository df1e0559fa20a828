"""Past calls: appended, bounded, and read although lines are damaged."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dtmfphone.history import LIMIT, History, PastCall

BEGAN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def call(number: int = 0) -> PastCall:
    return PastCall(began=BEGAN + timedelta(minutes=number), direction="outgoing", far_end=f"sip:{number}@example.com")


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path / "folder" / "history.jsonl")


def test_no_file_is_no_call(history: History) -> None:
    assert history.all() == ()
    history.clear()


def test_calls_are_kept_in_their_order(history: History) -> None:
    missed = PastCall(
        began=BEGAN, direction="incoming", far_end="sip:bob@example.com", account="work", outcome="missed", reason="No."
    )
    for each in (call(1), missed, call(2)):
        history.append(each)
    assert History(history.path).all() == (call(1), missed, call(2))


def test_a_line_byte_by_byte(history: History) -> None:
    history.append(PastCall(began=BEGAN, direction="incoming", far_end="sip:b@example.com", duration=12.5))
    assert history.path.read_bytes() == (
        b'{"began":"2026-01-02T03:04:05Z","direction":"incoming","far_end":"sip:b@example.com","duration":12.5}\n'
    )


def test_only_the_last_calls_are_kept(history: History) -> None:
    history.append(call())
    history.path.write_bytes(history.path.read_bytes() * (LIMIT + 10))
    assert len(history.all()) == LIMIT
    history.append(call(1))
    history.append(call(2))
    assert len(history.all()) == LIMIT
    assert history.all()[-3:] == (call(), call(1), call(2))
    assert history.path.read_bytes().count(b"\n") == LIMIT


@pytest.mark.parametrize("damage", [b"", b"\n\n", b"{", b"\xff\xfe\n", b'{"began": 1}\n', b"[]\nnull\n"])
def test_damage_hides_no_other_call(history: History, damage: bytes) -> None:
    history.append(call(1))
    history.path.write_bytes(history.path.read_bytes() + damage)
    assert history.all() == (call(1),)
    history.append(call(2))
    history.append(call(3))
    assert history.all() == (call(1), call(2), call(3))


def test_calls_are_forgotten(history: History) -> None:
    history.append(call())
    history.clear()
    assert history.all() == ()
    assert not history.path.exists()
