"""Address space for large memories, and large pages for what is filled as a whole."""

from __future__ import annotations

import sys

import pytest

from tthal.errors import DeviceError
from tthal_emulator.board.reserved_memory import LEAST_LARGE, ReservedMemory


def test_it_is_zeroed_and_of_its_size() -> None:
    memory = ReservedMemory(1 << 30).bytes
    assert len(memory) == 1 << 30
    assert not memory[:: 1 << 20].any()
    memory[-1] = 7
    assert memory[-1] == 7


@pytest.mark.parametrize("start", [0, 32, 4096, (1 << 21) + 5])
@pytest.mark.parametrize("size", [1, LEAST_LARGE - 1, LEAST_LARGE, 3 * LEAST_LARGE + 33])
def test_saying_what_will_be_filled_changes_no_byte(start: int, size: int) -> None:
    reserved = ReservedMemory(1 << 28)
    memory = reserved.bytes
    memory[start], memory[start + size] = 1, 2
    reserved.will_fill(start, size)
    assert memory[start] == 1
    assert memory[start + size] == 2
    assert memory.sum(dtype=int) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="what a process is given is told by Linux's files")
def test_only_large_parts_ask_for_large_pages() -> None:
    reserved = ReservedMemory(1 << 28)
    reserved.will_fill(0, LEAST_LARGE - 1)
    before = _advised()
    reserved.will_fill(1 << 21, LEAST_LARGE)
    assert _advised() - before == LEAST_LARGE


def test_too_much_says_what_to_raise() -> None:
    with pytest.raises(DeviceError, match=r"cannot reserve \d+ GiB of address space"):
        ReservedMemory(1 << 60)


def _advised() -> int:
    """Return the bytes of this process's memory that large pages were asked for ("hg" in smaps)."""
    total, size = 0, 0
    with open("/proc/self/smaps") as lines:
        for line in lines:
            if line.startswith("Size:"):
                size = int(line.split()[1]) << 10
            elif line.startswith("VmFlags:") and "hg" in line.split():
                total += size
    return total
