"""Which page of a buffer lies where: interleaved over all banks, or in shards on a list of cores (host-api.md §4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import prod

from tthal.device_interface import BufferSpec, ShardLayout
from tthal.errors import InvalidArgument
from tthal.sharding import shard_counts, shards_per_core
from tthal.types import ShardDistributionStrategy, TensorMemoryLayout

from .machine import L1_PAGE_ALIGNMENT, Machine, align_up


@dataclass(frozen=True, slots=True)
class Shard:
    """One shard: its place in the list of cores, its first page slot there, and the host pages it holds.

    ``origin`` and ``shape`` count pages per dimension; a shard at the tensor's edge is smaller than the shard shape,
    but its slots are numbered as if it were whole, so padding keeps its place.
    """

    bank: int
    slot: int
    origin: tuple[int, ...]
    shape: tuple[int, ...]


def aligned_page_size(spec: BufferSpec, machine: Machine) -> int:
    """Return the distance in bytes of two neighbouring pages in a bank."""
    alignment = L1_PAGE_ALIGNMENT if spec.buffer_type.is_l1 else machine.chip.dram_alignment
    return align_up(spec.page_size, alignment)


def num_banks(spec: BufferSpec, machine: Machine) -> int:
    """Return how many banks an interleaved buffer of this type is spread over."""
    return machine.num_cores if spec.buffer_type.is_l1 else len(machine.board.dram)


def bank_extent(spec: BufferSpec, machine: Machine) -> int:
    """Return the bytes the buffer takes in every bank, before rounding to the allocator's granule.

    Raises:
        InvalidArgument: the specification is inconsistent, or names cores without a bank.
    """
    _check_spec(spec, machine)
    if spec.size == 0:
        return 0
    if spec.shards is None:
        pages = -(-spec.num_pages // num_banks(spec, machine))
    else:
        pages = pages_per_bank(spec.shards)
    return pages * aligned_page_size(spec, machine)


def aligned_size(spec: BufferSpec, machine: Machine) -> int:
    """Return the bytes the buffer takes in all its banks together, with padding between pages and in shards."""
    pages = spec.num_pages if spec.shards is None else len(spec.shards.cores) * pages_per_bank(spec.shards)
    return pages * aligned_page_size(spec, machine)


def pages_per_bank(layout: ShardLayout) -> int:
    """Return the page slots, padding included, that every core sets apart."""
    return shards_per_core(layout) * prod(layout.shard_shape)


def shards(layout: ShardLayout) -> Iterator[Shard]:
    """Walk the shards, row-major over the grid of shards."""
    counts = shard_counts(layout.tensor_shape, layout.shard_shape)
    volume = prod(layout.shard_shape)
    for number, place in enumerate(product(*(range(count) for count in counts))):
        bank, nth = _deal(layout, number)
        origin = tuple(index * size for index, size in zip(place, layout.shard_shape, strict=True))
        shape = tuple(
            min(size, total - start)
            for size, total, start in zip(layout.shard_shape, layout.tensor_shape, origin, strict=True)
        )
        yield Shard(bank, nth * volume, origin, shape)


def _deal(layout: ShardLayout, number: int) -> tuple[int, int]:
    """Return (place in the list of cores, how many shards lie before it on that core)."""
    if layout.strategy is ShardDistributionStrategy.CONTIGUOUS_1D:
        # Kernels divide without rounding up, hence the check that the shards come out even.
        return divmod(number, shards_per_core(layout))
    nth, bank = divmod(number, len(layout.cores))
    return bank, nth


def _check_spec(spec: BufferSpec, machine: Machine) -> None:
    if spec.size < 0 or spec.page_size < 0:
        raise InvalidArgument(f"buffer size {spec.size} and page size {spec.page_size} must not be negative")
    if spec.size and not spec.page_size:
        raise InvalidArgument(f"a buffer of {spec.size} B needs a page size; it is 0")
    if spec.size and spec.size % spec.page_size:
        raise InvalidArgument(
            f"buffer size {spec.size} B is not a multiple of its page size {spec.page_size} B; pad the data or choose "
            f"a page size that divides it"
        )
    interleaved = spec.layout is TensorMemoryLayout.INTERLEAVED
    if interleaved != (spec.shards is None):
        raise InvalidArgument(
            "an interleaved buffer takes no shard layout"
            if interleaved
            else f"a buffer with layout {spec.layout.name} needs a shard layout"
        )
    if spec.shards is not None and spec.size:
        _check_shards(spec, spec.shards, machine)


def _check_shards(spec: BufferSpec, layout: ShardLayout, machine: Machine) -> None:
    if not layout.cores:
        raise InvalidArgument("a sharded buffer needs at least one core")
    if len(layout.tensor_shape) != len(layout.shard_shape) or not layout.shard_shape:
        raise InvalidArgument(
            f"tensor shape {layout.tensor_shape} and shard shape {layout.shard_shape} must have the same rank, at "
            f"least 1"
        )
    if min(layout.shard_shape) < 1 or min(layout.tensor_shape) < 1:
        raise InvalidArgument(f"shapes {layout.tensor_shape} and {layout.shard_shape} must be positive")
    if prod(layout.tensor_shape) != spec.num_pages:
        raise InvalidArgument(
            f"tensor shape {layout.tensor_shape} has {prod(layout.tensor_shape)} pages, the buffer has "
            f"{spec.num_pages} ({spec.size} B of {spec.page_size} B pages)"
        )
    _check_cores(spec, layout, machine)
    _check_distribution(spec, layout)


def _check_cores(spec: BufferSpec, layout: ShardLayout, machine: Machine) -> None:
    l1 = spec.buffer_type.is_l1
    memory, banks = ("L1", machine.num_cores) if l1 else ("DRAM", len(machine.board.dram))
    for core in layout.cores:
        inside = core.x < machine.grid.x and core.y < machine.grid.y if l1 else core.x < banks and core.y == 0
        if not inside:
            raise InvalidArgument(
                f"Invalid shard grid: shard core ({core.x}, {core.y}) has no {memory} bank on this device, which has "
                f"{banks} of them; move the shard grid into "
                + (f"the {machine.grid.x}x{machine.grid.y} compute grid" if l1 else f"(0, 0) to ({banks - 1}, 0)")
            )
    if len(set(layout.cores)) != len(layout.cores):
        raise InvalidArgument("Invalid shard grid: a core is listed twice")


def _check_distribution(spec: BufferSpec, layout: ShardLayout) -> None:
    count = prod(shard_counts(layout.tensor_shape, layout.shard_shape))
    one_each = layout.strategy is ShardDistributionStrategy.GRID_2D or spec.layout is not TensorMemoryLayout.ND_SHARDED
    if layout.strategy is ShardDistributionStrategy.CONTIGUOUS_1D and count % len(layout.cores):
        raise InvalidArgument(
            f"CONTIGUOUS_1D needs the same number of shards on every core; {count} shards do not divide "
            f"over {len(layout.cores)} cores"
        )
    if one_each and count > len(layout.cores):
        raise InvalidArgument(f"Number of shards {count} must not exceed number of cores {len(layout.cores)}")
