"""What is taken and what is free in a kind of memory of a device (ttnn 0.81.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tthal.device import Device
from tthal.device_interface import DeviceProperties
from tthal.types import BufferType
from tthal.words import member

__all__ = ["MemoryView", "get_memory_view"]

_NO_BLOCK = str((1 << 64) - 1)
"""How the vendor writes that no block follows, or comes before."""


@dataclass(frozen=True, slots=True)
class MemoryView:
    """A kind of memory, bank by bank alike; sizes in bytes.

    Attributes:
        block_table: a dict of text per block, in the order of their addresses, which count from the allocator's base:
            ``address``, ``size``, ``allocated`` (yes or no), and the numbers ``blockID``, ``prevID``, ``nextID``.
    """

    num_banks: int
    total_bytes_per_bank: int
    total_bytes_allocated_per_bank: int
    total_bytes_free_per_bank: int
    largest_contiguous_bytes_free_per_bank: int
    block_table: list[dict[str, str]] = field(repr=False)


def get_memory_view(device: Device, buffer_type: BufferType) -> MemoryView:
    """Return how much of a kind of memory the buffers that somebody refers to take; see :class:`MemoryView`.

    Buffers with an explicit address reserve nothing and do not count.
    """
    kind = member(BufferType, buffer_type, "buffer_type")
    banks, base, total = _region(device.properties, kind)
    taken = sorted(
        (buffer.address() - base, buffer.aligned_size_per_bank())
        for buffer in device.buffers()
        if buffer.buffer_type() is kind and buffer.spec.address is None and buffer.size()
    )
    blocks = list(_blocks(taken, total))
    free = [size for _, size, allocated in blocks if not allocated]
    return MemoryView(banks, total, total - sum(free), sum(free), max(free, default=0), list(_table(blocks)))


def _region(properties: DeviceProperties, kind: BufferType) -> tuple[int, int, int]:
    """Return the number of banks of a kind, and where its memory begins and how much it is in each of them."""
    small = properties.l1_size - properties.l1_small_size
    if kind is BufferType.L1:
        return len(properties.l1_banks), properties.l1_base, small - properties.l1_base
    if kind is BufferType.L1_SMALL:
        return len(properties.l1_banks) if properties.l1_small_size else 0, small, properties.l1_small_size
    whole = properties.dram_bank_size - properties.dram_base if kind is BufferType.DRAM else 0
    return len(properties.dram_banks), properties.dram_base, whole


def _blocks(taken: list[tuple[int, int]], total: int) -> Iterator[tuple[int, int, bool]]:
    """Walk a bank, as (address, size, whether it is taken); an empty one is one free block."""
    at = 0
    for address, size in taken:
        if address > at:
            yield at, address - at, False
        yield address, size, True
        at = address + size
    if at < total or not taken:
        yield at, total - at, False


def _table(blocks: list[tuple[int, int, bool]]) -> Iterator[dict[str, str]]:
    for number, (address, size, allocated) in enumerate(blocks):
        yield {
            "blockID": str(number),
            "address": str(address),
            "size": str(size),
            "prevID": str(number - 1) if number else _NO_BLOCK,
            "nextID": str(number + 1) if number + 1 < len(blocks) else _NO_BLOCK,
            "allocated": "yes" if allocated else "no",
        }
