"""Both sides of a call into a WAV file: the far end on the left, we on the right."""

import asyncio
import os
import wave
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from dtmfphone.calls.media import Pcm
from dtmfphone.dtmf.resample import Resampler

FOLDER: Final = "recordings"
WRITE_SECONDS: Final = 1.0
"""How much audio is written at once, in a thread."""
LATEST_SECONDS: Final = 0.5
"""Audio of the far end that came faster than ours went out is dropped beyond this."""


class CallRecorder:
    """Records until it is closed; a frame of ours is what moves it on."""

    def __init__(self, folder: Path, call_id: str) -> None:
        """Create the file, which only its owner may read; raise OSError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        began = datetime.now().astimezone()
        self.path = folder / f"{began:%Y-%m-%d-%H%M%S}-{began.microsecond:06}-{call_id}.wav"
        self._file = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        self._wave: wave.Wave_write | None = None
        self._failure: OSError | None = None
        self._rate = 0
        self._heard: deque[Pcm] = deque()
        self._heard_samples = 0
        self._resamplers: dict[tuple[str, int], Resampler] = {}
        self._stereo: list[Pcm] = []
        self._samples = 0
        self._writing: asyncio.Task[None] | None = None

    def heard(self, pcm: Pcm, rate: int) -> None:
        """Take a frame of the far end."""
        if not self._rate:
            return
        pcm = self._fitting("heard", pcm, rate)
        self._heard.append(pcm)
        self._heard_samples += len(pcm)
        while self._heard_samples > LATEST_SECONDS * self._rate:
            self._heard_samples -= len(self._heard.popleft())

    def spoken(self, pcm: Pcm, rate: int) -> None:
        """Take a frame of ours."""
        self._rate = self._rate or rate
        pcm = self._fitting("spoken", pcm, rate)
        stereo = np.zeros((len(pcm), 2), dtype=np.int16)
        stereo[:, 1] = pcm
        filled = 0
        while filled < len(pcm) and self._heard:
            piece = self._heard.popleft()
            part = piece[: len(pcm) - filled]
            stereo[filled : filled + len(part), 0] = part
            if len(part) < len(piece):
                self._heard.appendleft(piece[len(part) :])
            filled += len(part)
        self._heard_samples -= filled
        self._stereo.append(stereo)
        self._samples += len(pcm)
        if self._samples >= WRITE_SECONDS * self._rate and (self._writing is None or self._writing.done()):
            self._writing = asyncio.get_running_loop().create_task(self._write())

    async def close(self) -> None:
        """Write what is left; raise OSError when something could not be written."""
        try:
            if self._writing is not None:
                await self._writing
            await self._write()
        finally:
            await asyncio.to_thread(self._finish)
        if self._failure is not None:
            raise self._failure

    async def _write(self) -> None:
        stereo, self._stereo, self._samples = self._stereo, [], 0
        if stereo and self._failure is None:
            try:
                await asyncio.to_thread(self._append, np.concatenate(stereo).tobytes())
            except OSError as error:
                self._failure = error

    def _append(self, data: bytes) -> None:
        self._opened().writeframes(data)

    def _opened(self) -> wave.Wave_write:
        if self._wave is None:
            self._wave = wave.Wave_write(self._file)
            self._wave.setnchannels(2)
            self._wave.setsampwidth(2)
            self._wave.setframerate(self._rate or 8000)
        return self._wave

    def _finish(self) -> None:
        try:
            self._opened().close()
        finally:
            self._file.close()

    def _fitting(self, side: str, pcm: Pcm, rate: int) -> Pcm:
        if rate == self._rate:
            return pcm
        resampler = self._resamplers.setdefault((side, rate), Resampler(rate, self._rate))
        return resampler.process(pcm)
