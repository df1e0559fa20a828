"""Other people's detectors, run as programs of their own on the same recordings."""

import shutil
import subprocess
import sys
import wave
from pathlib import Path
from typing import Final

import numpy as np

from detection.heard import FRAME, Heard
from detection.recording import Samples
from detection.speech import NoMaterialError, resampled
from detection.tone_pair import RATE

SOURCE: Final = Path(__file__).with_name("spandsp_ear.c")
PYDTMF: Final = (
    "PyDTMF==1.0.0",
    "--hash=sha256:8e9c264ef9213a40e0ff12587a96316866bbfca7bef63ca063fbdc011694cbf2",
)
MULTIMON_RATE: Final = 22050


class Spandsp:
    """The receiver of libspandsp, in 20 ms frames; with its dial tone notch if `notch`."""

    def __init__(self, scratch: Path, *, notch: bool = False) -> None:
        self.name = "spandsp+notch" if notch else "spandsp"
        self._notch = notch
        self._program = scratch / "spandsp_ear"
        if not self._program.exists():
            compiler = shutil.which("cc") or shutil.which("gcc")
            if compiler is None:
                raise NoMaterialError("spandsp: there is no C compiler; install gcc (make bench-detect does)")
            command = [compiler, "-O2", "-o", str(self._program), str(SOURCE), "-l:libspandsp.so.2"]
            built = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False)
            if built.returncode:
                reason = built.stderr.strip()[-200:]
                raise NoMaterialError(f"spandsp: its driver cannot be built; install libspandsp2, libc6-dev ({reason})")

    def __call__(self, samples: Samples) -> list[Heard]:
        lines = self._run(samples, runs=0).splitlines()
        return [Heard(key, int(at) / RATE) for key, at in (line.split() for line in lines)]

    def cpu_seconds(self, samples: Samples, runs: int, frame: int = FRAME) -> float:
        """Return the processor time that the fastest of several runs over these samples took."""
        return float(self._run(samples, runs=runs, frame=frame))

    def _run(self, samples: Samples, *, runs: int, frame: int = FRAME) -> str:
        command = [str(self._program), str(frame), str(int(self._notch)), str(runs)]
        done = subprocess.run(command, input=samples.tobytes(), stdout=subprocess.PIPE, check=True, timeout=600)
        return done.stdout.decode()


class Multimon:
    """multimon-ng, which wants 22.05 kHz and gives no times: digits are matched by their order."""

    name = "multimon-ng"

    def __init__(self) -> None:
        found = shutil.which("multimon-ng")
        if found is None:
            raise NoMaterialError("multimon-ng: it is not installed; install multimon-ng (make bench-detect does)")
        self._command = [found, "-q", "-c", "-a", "DTMF", "-t", "raw", "-"]

    def __call__(self, samples: Samples) -> list[Heard]:
        # It hears the last digit only when something follows.
        wave_22k = resampled(np.pad(samples, (0, RATE)), MULTIMON_RATE / RATE)
        pcm = np.clip(np.rint(wave_22k), -32768, 32767).astype(np.int16)
        done = subprocess.run(self._command, input=pcm.tobytes(), stdout=subprocess.PIPE, check=True, timeout=600)
        lines = done.stdout.decode().splitlines()
        return [Heard(line.removeprefix("DTMF: "), None) for line in lines if line.startswith("DTMF: ")]


class PyDtmf:
    """The Python package PyDTMF, installed into a folder of its own; it gives no times either."""

    name = "PyDTMF"

    def __init__(self, scratch: Path) -> None:
        self._home = scratch / "pydtmf"
        self._file = scratch / "pydtmf.wav"
        listing = scratch / "pydtmf.txt"
        listing.write_text(" ".join(PYDTMF) + "\n")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--only-binary=:all:", "--require-hashes", "--target", str(self._home), "-r", str(listing)]
        done = subprocess.run(command, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
        if done.returncode:
            raise NoMaterialError(f"PyDTMF: it cannot be installed; look at the network ({done.stderr.strip()[-200:]})")

    def __call__(self, samples: Samples) -> list[Heard]:
        with wave.open(str(self._file), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(samples.tobytes())
        command = [sys.executable, "-m", "PyDTMF", str(self._file)]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=self._home, timeout=600)
        digits = done.stdout.decode().partition(":")[2].strip()
        return [] if digits == "none" else [Heard(key, None) for key in digits]
