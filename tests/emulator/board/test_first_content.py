"""What memory holds before anybody writes to it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal_emulator.board.first_content import POISON, poison, random_bytes

Words = npt.NDArray[np.uint32]
CORE = ttnn.CoreCoord(3, 2)


def found(fill: str, seed: int = 0) -> tuple[Words, Words, Words]:
    """Return words of a DRAM buffer, of an L1 buffer, and of L1 that nobody has."""
    with ttnn.open_device(0, backend=f"emulator?fill={fill}&seed={seed}") as device:
        queue, parts = device.command_queue(), []
        for kind in (ttnn.BufferType.DRAM, ttnn.BufferType.L1):
            buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 30 * 2048, 2048, kind))
            parts.append(np.asarray(ttnn.EnqueueReadBuffer(queue, buffer)).view(np.uint32))
        base = device.properties.l1_base
        parts.append(np.asarray(ttnn.ReadFromDeviceL1(device, CORE, base, 4096)).view(np.uint32))
        return parts[0], parts[1], parts[2]


@pytest.mark.parametrize(("fill", "word"), [("zero", 0), ("poison", POISON)])
def test_every_word_is_the_same(fill: str, word: int) -> None:
    for part in found(fill):
        assert np.all(part == word)


def test_poison_is_no_number_in_any_format() -> None:
    content = poison(64)
    assert np.all(np.isnan(content.view(np.float32)))
    assert np.all(np.isnan(content.view(np.float16)))
    assert np.all(np.isnan((content.view(np.uint16).astype(np.uint32) << 16).view(np.float32))), "bfloat16"
    assert len(poison(7)) == 7


def test_random_content_follows_the_seed() -> None:
    first, again, other = found("random", 3), found("random", 3), found("random", 4)
    for mine, same, different in zip(first, again, other, strict=True):
        assert np.array_equal(mine, same)
        assert not np.array_equal(mine, different)
        assert len(np.unique(mine)) > 1000
    assert not np.array_equal(random_bytes(1)(64), random_bytes(2)(64))


def test_what_was_written_stays() -> None:
    with ttnn.open_device(0, backend="emulator?fill=poison") as device:
        buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 4096, 2048, ttnn.BufferType.DRAM))
        ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, np.arange(1024, dtype=np.uint32))
        other = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 4096, 2048, ttnn.BufferType.DRAM))
        read = np.asarray(ttnn.EnqueueReadBuffer(device.command_queue(), buffer)).view(np.uint32)
        assert np.array_equal(read, np.arange(1024))
        assert other.address() != buffer.address()
