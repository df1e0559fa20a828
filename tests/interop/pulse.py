"""A private PulseAudio with a virtual loudspeaker and a virtual microphone, so that sound runs without a sound card.

`dtmf` is a sink whose monitor is what a person would hear; `mic` is a sink that feeds the source `vmic`. Nothing on
the machine is changed: server, home and ALSA configuration live in a folder of their own, named by `environment`.
"""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from program import need

PROGRAMS = {
    "pulseaudio": "pulseaudio",
    "pactl": "pulseaudio-utils",
    "parec": "pulseaudio-utils",
    "pacat": "pulseaudio-utils",
}
RATE = 48_000
_ALSA = """\
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
"""
_MODULES = (
    "module-native-protocol-unix auth-anonymous=1 socket={socket}",
    # Without norewinds the loop is one to two seconds late.
    f"module-null-sink sink_name=dtmf rate={RATE} channels=2 norewinds=1",
    f"module-null-sink sink_name=mic rate={RATE} channels=1 norewinds=1",
    "module-remap-source master=mic.monitor source_name=vmic",
)


class PulseServer:
    """A running server; give `environment` to programs that shall use it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = folder / "socket"
        (folder / "asound.conf").write_text(_ALSA)
        self.environment = os.environ | {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_STATE_PATH": str(folder),
            "PULSE_SERVER": f"unix:{self.socket}",
            "PULSE_SINK": "dtmf",
            "PULSE_SOURCE": "vmic",
            "ALSA_CONFIG_PATH": str(folder / "asound.conf"),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the server and wait for its devices."""
        arguments = [f"--load={module.format(socket=self.socket)}" for module in _MODULES]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--disable-shm=yes", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + 20
        while "vmic" not in self._sources():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"pulseaudio did not start: {(self.folder / 'log').read_text(errors='replace')}")
            time.sleep(0.05)

    def _sources(self) -> str:
        if not self.socket.exists():
            return ""
        listing = ["pactl", "list", "short", "sources"]
        return subprocess.run(
            listing, env=self.environment, capture_output=True, text=True, timeout=10, check=False
        ).stdout

    @contextmanager
    def recording(self) -> "Iterator[Recording]":
        """Record what the virtual loudspeaker plays, mono int16 at 8 kHz, while the block runs."""
        command = [
            "parec",
            "--device=dtmf.monitor",
            "--rate=8000",
            "--channels=1",
            "--format=s16le",
            "--latency-msec=20",
        ]
        with tempfile.TemporaryFile(dir=self.folder) as file:
            process = subprocess.Popen(
                [*command, "--latency-msec=20"], env=self.environment, stdin=subprocess.DEVNULL, stdout=file
            )
            recording = Recording()
            try:
                deadline = time.monotonic() + 10
                while not os.fstat(file.fileno()).st_size:
                    if process.poll() is not None or time.monotonic() > deadline:
                        raise RuntimeError("parec recorded nothing")
                    time.sleep(0.01)
                yield recording
                # What the block played last is still on its way.
                time.sleep(0.5)
            finally:
                process.terminate()
                process.wait(10)
                file.seek(0)
                recording.pcm = np.frombuffer(file.read(), np.int16)

    def speak(self, pcm: NDArray[np.int16], rate: int) -> "subprocess.Popen[bytes]":
        """Feed the virtual microphone with mono samples; the process ends when they have been heard."""
        file = self.folder / f"speech-{time.monotonic_ns()}"
        file.write_bytes(pcm.tobytes())
        command = ["pacat", "--playback", "--device=mic", f"--rate={rate}", "--channels=1", "--format=s16le"]
        with file.open("rb") as samples:
            return subprocess.Popen([*command, "--latency-msec=40"], env=self.environment, stdin=samples)

    def close(self) -> None:
        """End the server, as pulling the plug of all its devices would."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None


class Recording:
    """What was heard, complete once the recording block ends."""

    pcm: NDArray[np.int16] = np.zeros(0, np.int16)


@contextmanager
def pulse_server() -> Iterator[PulseServer]:
    """Run a server; without it, fail under CI and skip elsewhere."""
    need(**PROGRAMS)
    with ExitStack() as stack:
        # Paths of sockets are short.
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pulse-", dir="/tmp")))
        server = PulseServer(folder)
        stack.callback(server.close)
        server.start()
        yield server
