"""Audio for display, handed from the engine's process to the window's through shared memory.

    engine: write(direction, pcm, t) ──> int16 ring, 8 kHz, 16 s per direction ──> window: read(direction, since_index)

One process writes, others read; nobody waits. A sequence counter per direction, odd while a write is under way,
tells a reader that what it copied was torn, and it copies again. Samples stand on one unbroken time line: where
audio paused, the ring holds silence, so a distance in samples is a distance in time.
"""

import sys
from collections.abc import Sized
from multiprocessing import resource_tracker, shared_memory
from typing import Final, NamedTuple, Self, get_args

import numpy as np
from numpy.typing import NDArray

from dtmfphone.calls.media import Pcm
from dtmfphone.engine.events import Direction

RATE: Final = 8000
"""Samples per second."""
CAPACITY: Final = 1 << 17
"""Samples kept per direction: 16.4 s."""
PAUSE: Final = 0.1
"""Seconds by which audio may come late before the ring is filled with silence."""

_DIRECTIONS: Final[tuple[Direction, ...]] = get_args(Direction)
_HEADER: Final = 64
_SIZE: Final = len(_DIRECTIONS) * (_HEADER + 2 * CAPACITY)
_MAGIC: Final = 0x314D464D54440001
_SEQUENCE, _WRITTEN, _TIME, _VERSION = range(4)
_ATTEMPTS: Final = 50


class Excerpt(NamedTuple):
    """What a reader got."""

    pcm: Pcm
    """Samples at 8 kHz, shape (n,); empty when nothing is new."""
    next_index: int
    """Index to read from the next time."""
    t: float
    """Session time of the last sample written, seconds."""
    skipped: int
    """Samples that the reader came too late for; they lie before `pcm`."""


class DisplayRing:
    """The last 16 s of sent and received audio at 8 kHz: one writer, any number of readers, no locks."""

    def __init__(self, memory: shared_memory.SharedMemory | bytearray, *, owner: bool) -> None:
        """Use `create`, `attach` or `local`."""
        self._memory = None if isinstance(memory, bytearray) else memory
        self._owner = owner
        self._headers: dict[Direction, NDArray[np.uint64]] = {}
        self._times: dict[Direction, NDArray[np.float64]] = {}
        self._rings: dict[Direction, Pcm] = {}
        buffer = memory if isinstance(memory, bytearray) else memory.buf
        assert buffer is not None, "closed shared memory"
        for place, direction in enumerate(_DIRECTIONS):
            offset = place * (_HEADER + 2 * CAPACITY)
            self._headers[direction] = np.frombuffer(buffer, np.uint64, _HEADER // 8, offset)
            self._times[direction] = np.frombuffer(buffer, np.float64, 1, offset + 8 * _TIME)
            self._rings[direction] = np.frombuffer(buffer, np.int16, CAPACITY, offset + _HEADER)

    @classmethod
    def create(cls) -> Self:
        """Make a ring in shared memory; its maker owns it and removes it in `close`."""
        ring = cls(shared_memory.SharedMemory(create=True, size=_SIZE), owner=True)
        ring._magic = _MAGIC
        return ring

    @classmethod
    def attach(cls, name: str) -> Self:
        """Open the ring that another process made; raise FileNotFoundError or ValueError where there is none."""
        memory = _open_untracked(name)
        if memory.size >= _SIZE:
            ring = cls(memory, owner=False)
            if ring._magic == _MAGIC:
                return ring
            ring.close()
        memory.close()
        raise ValueError(f"shared memory {name!r} holds no display ring of this version: start window and engine anew")

    @classmethod
    def local(cls) -> Self:
        """Make a ring in this process's own memory, for an engine that runs in the reader's process."""
        return cls(bytearray(_SIZE), owner=False)

    @property
    def name(self) -> str:
        """What to give to `attach`; empty for a local ring."""
        return self._memory.name if self._memory is not None else ""

    def write(self, direction: Direction, pcm: Pcm, t: float) -> None:
        """Append int16 samples at 8 kHz; `t` is the session time of the last one, seconds."""
        if not pcm.size:
            return
        header, ring = self._headers[direction], self._rings[direction]
        written = int(header[_WRITTEN])
        late = t - float(self._times[direction][0]) - pcm.size / RATE
        blank = round(late * RATE) if written and late > PAUSE else 0
        header[_SEQUENCE] |= np.uint64(1)
        if blank:
            _put(ring, written, np.zeros(min(blank, CAPACITY), np.int16))
            written += blank
        written += max(0, pcm.size - CAPACITY)
        _put(ring, written, pcm[-CAPACITY:])
        header[_WRITTEN] = written + min(pcm.size, CAPACITY)
        self._times[direction][0] = t
        header[_SEQUENCE] += np.uint64(1)

    def read(self, direction: Direction, since_index: int) -> Excerpt:
        """Return what was written from `since_index` on, at most the ring's length; 0 asks for all there is.

        Raise ValueError for an index that this ring has not reached.
        """
        header, ring, time = self._headers[direction], self._rings[direction], self._times[direction]
        for _ in range(_ATTEMPTS):
            sequence = int(header[_SEQUENCE])
            end, t = int(header[_WRITTEN]), float(time[0])
            start = max(since_index, end - CAPACITY)
            places = np.arange(start, end) % CAPACITY if end - start else np.empty(0, np.intp)
            pcm = ring[places]
            if sequence % 2 == 0 and int(header[_SEQUENCE]) == sequence:
                if since_index > end:
                    raise ValueError(f"index {since_index} is of another ring: this one has {end} samples")
                return Excerpt(pcm, end, t, start - since_index)
        return Excerpt(np.empty(0, np.int16), since_index, t, 0)

    def written(self, direction: Direction) -> int:
        """Return the number of samples written so far, silence of pauses included."""
        return int(self._headers[direction][_WRITTEN])

    def close(self) -> None:
        """Let go of the memory; its maker also removes it. The ring is of no use afterwards."""
        self._headers, self._times, self._rings = {}, {}, {}
        memory, self._memory = self._memory, None
        if memory is not None:
            memory.close()
            if self._owner:
                memory.unlink()

    def __del__(self) -> None:
        if hasattr(self, "_memory"):
            self.close()

    @property
    def _magic(self) -> int:
        return int(self._headers[_DIRECTIONS[0]][_VERSION])

    @_magic.setter
    def _magic(self, value: int) -> None:
        self._headers[_DIRECTIONS[0]][_VERSION] = value


def _put(ring: Pcm, index: int, pcm: Pcm) -> None:
    place = index % CAPACITY
    head = min(pcm.size, CAPACITY - place)
    ring[place : place + head] = pcm[:head]
    ring[: pcm.size - head] = pcm[head:]


def _open_untracked(name: str) -> shared_memory.SharedMemory:
    if sys.version_info >= (3, 13):
        return shared_memory.SharedMemory(name, track=False)
    # Before Python 3.13 whoever attaches is also registered for removal, so that the memory would vanish with
    # the first process that ends, or be removed twice.
    register = resource_tracker.register
    resource_tracker.register = _forget
    try:
        return shared_memory.SharedMemory(name)
    finally:
        resource_tracker.register = register


def _forget(name: Sized, rtype: str) -> None:
    del name, rtype
