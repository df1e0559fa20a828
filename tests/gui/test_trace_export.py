import json
from pathlib import Path

import pytest
from sip_messages import invite, response

from dtmfphone.gui.trace_export import save, to_text


def test_as_text() -> None:
    text = to_text([invite(), response("200 OK", t=2.0)])
    first, second = text.split("--- ")[1:]
    assert first.startswith("0:01.000  UDP  192.0.2.9:5060 → 192.0.2.1:5060\nINVITE sip:bob@192.0.2.1 SIP/2.0\nVia:")
    assert second.startswith("0:02.000  UDP  192.0.2.9:5060 ← 192.0.2.1:5060\nSIP/2.0 200 OK\n")
    assert "\r" not in text


def test_as_json_lines(tmp_path: Path) -> None:
    save([invite(), response("200 OK")], tmp_path / "trace.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [row["event"] for row in rows] == ["signalling", "signalling"]
    assert rows[0]["text"] == invite().text


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        save([invite()], tmp_path / "none" / "trace.txt")
