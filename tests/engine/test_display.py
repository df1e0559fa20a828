"""The ring between engine and window: order, overrun, pauses, torn reads, two processes, removal."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing import get_context, shared_memory
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dtmfphone.calls.media import Pcm
from dtmfphone.engine.display import CAPACITY, RATE, DisplayRing
from dtmfphone.engine.events import Direction


def ramp(start: int, n: int) -> Pcm:
    """Return samples whose values tell their index."""
    return (np.arange(start, start + n) % 30011).astype(np.int16)


@pytest.fixture(params=["local", "shared"])
def ring(request: pytest.FixtureRequest) -> Iterator[DisplayRing]:
    ring = DisplayRing.local() if request.param == "local" else DisplayRing.create()
    yield ring
    ring.close()


def test_reads_what_was_written_once_and_in_order(ring: DisplayRing) -> None:
    ring.write("sent", ramp(0, 160), 0.02)
    ring.write("sent", ramp(160, 160), 0.04)
    first = ring.read("sent", 0)
    assert first.pcm.tolist() == ramp(0, 320).tolist()
    assert (first.next_index, first.t, first.skipped) == (320, 0.04, 0)
    assert ring.read("sent", first.next_index).pcm.size == 0
    ring.write("sent", ramp(320, 160), 0.06)
    assert ring.read("sent", first.next_index).pcm.tolist() == ramp(320, 160).tolist()


def test_the_directions_are_apart(ring: DisplayRing) -> None:
    ring.write("sent", ramp(0, 160), 0.02)
    assert ring.written("received") == 0
    assert ring.read("received", 0).pcm.size == 0
    ring.write("received", -ramp(1, 80), 0.5)
    assert ring.read("received", 0).pcm.tolist() == (-ramp(1, 80)).tolist()
    assert ring.read("sent", 0).pcm.tolist() == ramp(0, 160).tolist()


def test_a_late_reader_skips_ahead_and_is_told(ring: DisplayRing) -> None:
    total = CAPACITY + 1000
    for start in range(0, total, 160):
        ring.write("sent", ramp(start, min(160, total - start)), (start + 160) / RATE)
    excerpt = ring.read("sent", 500)
    assert excerpt.skipped == 500
    assert excerpt.next_index == total
    assert np.array_equal(excerpt.pcm, ramp(1000, CAPACITY))


def test_a_block_longer_than_the_ring_keeps_its_end(ring: DisplayRing) -> None:
    ring.write("sent", ramp(0, CAPACITY + 7), 20.0)
    excerpt = ring.read("sent", 0)
    assert (excerpt.next_index, excerpt.skipped) == (CAPACITY + 7, 7)
    assert np.array_equal(excerpt.pcm, ramp(7, CAPACITY))


def test_a_pause_becomes_silence_so_that_samples_are_time(ring: DisplayRing) -> None:
    ring.write("received", ramp(1, 160), 1.02)
    ring.write("received", ramp(1, 160), 2.02)
    excerpt = ring.read("received", 0)
    assert excerpt.next_index == RATE + 160
    assert not excerpt.pcm[160:RATE].any()
    assert excerpt.pcm[RATE:].tolist() == ramp(1, 160).tolist()


def test_jitter_of_the_writer_makes_no_gap(ring: DisplayRing) -> None:
    for slot in range(50):
        ring.write("sent", ramp(slot * 160, 160), slot * 0.02 + (0.09 if slot % 7 == 3 else 0.0))
    assert ring.written("sent") == 50 * 160


def test_a_pause_longer_than_the_ring_leaves_nothing_old(ring: DisplayRing) -> None:
    ring.write("sent", ramp(1, 160), 1.0)
    ring.write("sent", ramp(1, 160), 1000.0)
    excerpt = ring.read("sent", 160)
    assert excerpt.next_index == 160 + 999 * RATE
    assert not excerpt.pcm[:-160].any()
    assert excerpt.skipped + excerpt.pcm.size == 999 * RATE


def test_an_index_of_another_ring_is_refused(ring: DisplayRing) -> None:
    with pytest.raises(ValueError, match="another ring"):
        ring.read("sent", 1)


@given(blocks=st.lists(st.integers(0, 3000), max_size=80), reads=st.lists(st.booleans(), min_size=80, max_size=80))
def test_any_mix_of_blocks_and_reads_loses_nothing(blocks: list[int], reads: list[bool]) -> None:
    ring = DisplayRing.local()
    written, index, got = 0, 0, np.empty(0, np.int16)
    for n, read in zip(blocks, reads, strict=False):
        written += n
        ring.write("sent", ramp(written - n, n), written / RATE)
        if read:
            excerpt = ring.read("sent", index)
            assert excerpt.skipped == 0 or written - index > CAPACITY
            got, index = np.append(got, excerpt.pcm), excerpt.next_index
    assert np.array_equal(got, ramp(0, index)) or written > CAPACITY


def test_a_torn_read_is_never_handed_out() -> None:
    ring = DisplayRing.create()
    stop = threading.Event()

    def write() -> None:
        index = 0
        while not stop.is_set():
            ring.write("sent", ramp(index, 4000), index / RATE)
            index += 4000

    writer = threading.Thread(target=write)
    often = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    writer.start()
    try:
        index, seen = 0, 0
        while seen < 500_000:
            excerpt = ring.read("sent", index)
            index = excerpt.next_index
            seen += excerpt.pcm.size
            assert np.array_equal(excerpt.pcm, ramp(index - excerpt.pcm.size, excerpt.pcm.size))
    finally:
        stop.set()
        writer.join()
        sys.setswitchinterval(often)
        ring.close()


def test_a_writer_that_died_while_writing_does_not_block_the_reader_or_its_successor() -> None:
    ring = DisplayRing.create()
    ring.write("sent", ramp(0, 160), 0.02)
    dying = DisplayRing.attach(ring.name)
    dying._headers["sent"][0] |= np.uint64(1)
    dying.close()
    assert ring.read("sent", 0).pcm.size == 0
    successor = DisplayRing.attach(ring.name)
    successor.write("sent", ramp(160, 160), 0.04)
    assert ring.read("sent", 0).pcm.tolist() == ramp(0, 320).tolist()
    successor.close()
    ring.close()


def write_from_engine(name: str) -> None:
    ring = DisplayRing.attach(name)
    for direction in get_args(Direction):
        for slot in range(100):
            ring.write(direction, ramp(slot * 160, 160), (slot + 1) * 0.02)
    ring.close()


def test_an_engine_process_writes_and_ends_and_the_memory_stays() -> None:
    ring = DisplayRing.create()
    for _ in range(2):
        process = get_context("spawn").Process(target=write_from_engine, args=(ring.name,))
        process.start()
        process.join(30)
        assert process.exitcode == 0
    excerpt = ring.read("received", 0)
    assert excerpt.pcm[:16000].tolist() == ramp(0, 16000).tolist()
    assert excerpt.t == 2.0
    name = ring.name
    ring.close()
    with pytest.raises(FileNotFoundError):
        DisplayRing.attach(name)


def test_an_unrelated_process_neither_removes_the_memory_nor_complains() -> None:
    ring = DisplayRing.create()
    code = (
        "import sys, numpy as np; from dtmfphone.engine.display import DisplayRing\n"
        "ring = DisplayRing.attach(sys.argv[1]); ring.write('sent', np.full(160, 7, np.int16), 1.0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, ring.name], capture_output=True, text=True, timeout=30, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ring.read("sent", 0).pcm.tolist() == [7] * 160
    DisplayRing.attach(ring.name).close()
    ring.close()


def test_the_owner_removes_without_complaint() -> None:
    code = (
        "from dtmfphone.engine.display import DisplayRing\n"
        "ring = DisplayRing.create(); other = DisplayRing.attach(ring.name); print(ring.name)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    with pytest.raises(FileNotFoundError):
        DisplayRing.attach(done.stdout.strip())


def test_foreign_memory_is_refused() -> None:
    memory = shared_memory.SharedMemory(create=True, size=4096)
    try:
        with pytest.raises(ValueError, match="no display ring"):
            DisplayRing.attach(memory.name)
    finally:
        memory.close()
        memory.unlink()
