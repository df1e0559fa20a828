"""What calls need is loaded before packets flow."""

import socket
import subprocess
import sys

import pytest

WATCH = """
import sys
from dtmfphone.engine.engine import Engine

late, start = [], Engine.start

async def started(engine):
    await start(engine)
    sys.addaudithook(lambda name, args: late.append(args[0]) if name == "import" else None)

Engine.start = started
from dtmfphone.__main__ import main

code = main()
print("late:", *late[:9], file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize("target", ["sip:bob@127.0.0.1:{}", "rtp://127.0.0.1:{}?codec=PCMU"])
def test_nothing_is_loaded_while_the_engine_runs(target: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody:
        nobody.bind(("127.0.0.1", 0))
        words = ("call", target.format(nobody.getsockname()[1] & ~1), "--cancel-after", "0.1", "--stay", "0.1")
        done = subprocess.run(
            [sys.executable, "-c", WATCH, *words], capture_output=True, text=True, check=False, timeout=60
        )
    assert done.stderr.splitlines()[-1] == "late:"


@pytest.mark.parametrize(
    ("argument", "address", "module"),
    [
        ("targets", "SIPS:bob@example.com", "dtmfphone.calls.sip.call"),
        ("listen", "rtp://127.0.0.1:4000", "dtmfphone.calls.rtp.line"),
        ("accounts", "sip:alice@example.com", "dtmfphone.calls.sip.line"),
        ("targets", "nothing that is known", ""),
    ],
)
def test_only_what_is_needed_is_loaded(argument: str, address: str, module: str) -> None:
    script = (
        "import sys\n"
        "from dtmfphone.engine.pacing import load_for\n"
        f"load_for({argument}=[{address!r}])\n"
        "print({'dtmfphone.calls.sip.call', 'dtmfphone.calls.sip.line', 'dtmfphone.calls.rtp.line', "
        "'dtmfphone.calls.webrtc.call'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert (module in done.stdout) if module else done.stdout == "set()\n"
    assert "webrtc" not in done.stdout
