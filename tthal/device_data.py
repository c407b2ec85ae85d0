"""The data that crosses the border to a backend: what a device is, buffers, programs and launches.

All of it is frozen, serialisable and free of live objects. It is imported from :mod:`tthal.device_interface`, which
says who hands it to whom. Units: addresses and sizes are bytes, coordinates are logical unless a name says otherwise,
arguments are unsigned 32-bit words.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import Enum

import msgspec

from tthal.coordinates import CoreCoord, CoreRangeSet
from tthal.host_rules import CURRENT as CURRENT_HOST_RULES
from tthal.types import (
    NOC,
    NOC_MODE,
    Arch,
    BufferType,
    CoreType,
    DataFormat,
    DataMovementProcessor,
    DispatchMode,
    Eth,
    KernelBuildOptLevel,
    MathFidelity,
    ShardDistributionStrategy,
    ShardOrientation,
    TensorMemoryLayout,
    UnpackToDestMode,
)

# ---------------------------------------------------------------------------------------------- what a device is


class Capability(str, Enum):
    """What a device can do beyond allocating, writing and reading DRAM; conformance decides applicability from it."""

    DATA_MOVEMENT_KERNELS = "data-movement-kernels"
    COMPUTE_KERNELS = "compute-kernels"
    SFPU = "sfpu"
    BLOCK_FLOAT = "block-float"
    INTEGER_TILES = "integer-tiles"
    SHARDED_BUFFERS = "sharded-buffers"
    EXPLICIT_ADDRESS = "explicit-address"
    RAW_MEMORY_ACCESS = "raw-memory-access"
    TWO_QUEUES = "two-queues"
    ETHERNET = "ethernet"
    DPRINT = "dprint"
    EXACT_MATRIX_UNIT = "exact-matrix-unit"
    DETECTS_DEADLOCK = "detects-deadlock"
    DETECTS_ILLEGAL_ACCESS = "detects-illegal-access"
    OBSERVABLE = "observable"


@dataclass(frozen=True, slots=True)
class Limits:
    """Counts that a program may not exceed; per core where it says so (host-api.md §1, §3)."""

    runtime_args: int = 255
    circular_buffers: int = 32
    semaphores: int = 8


PORTABLE_LIMITS = Limits()
"""The reference's documented limits: a program within them runs on every architecture."""


@dataclass(frozen=True, slots=True)
class Alignments:
    """Byte alignments (host-api.md §3): of pages in a bank, of allocations, and of NoC transfers by memory."""

    dram_page: int
    l1_page: int
    allocation: int
    noc_dram_read: int
    noc_dram_write: int
    noc_l1_read: int
    noc_l1_write: int


@dataclass(frozen=True, slots=True)
class DramBank:
    """One DRAM bank: its coordinates as kernels see them on each NoC, and the offset that address generators add."""

    noc0: tuple[int, int]
    noc1: tuple[int, int]
    offset: int


@dataclass(frozen=True, slots=True)
class DeviceProperties:
    """Everything a frontend, a conformance run or a replay needs to know without asking the device again.

    ``host_rules`` is one of :mod:`tthal.host_rules`; only the devices of old traces have others than today's.
    ``worker_virtual`` and ``l1_banks`` use these orders: ``worker_virtual[y * grid.x + x]`` is the (x, y) that kernels
    use for logical core (x, y); ``l1_banks[b]`` is the logical core that holds L1 bank ``b``.
    """

    arch: Arch
    board: str
    dispatch_mode: DispatchMode
    compute_grid: CoreCoord
    worker_virtual: tuple[tuple[int, int], ...]
    l1_size: int
    l1_base: int
    l1_banks: tuple[CoreCoord, ...]
    dram_banks: tuple[DramBank, ...]
    dram_base: int
    dram_bank_size: int
    alignments: Alignments
    limits: Limits
    max_noc_burst: int
    tile_shapes: tuple[tuple[int, int], ...]
    data_formats: tuple[DataFormat, ...]
    num_queues: int
    accessor_encoding: int
    capabilities: frozenset[Capability]
    l1_small_size: int = 0
    library_versions: dict[str, str] = field(default_factory=dict)
    host_rules: int = CURRENT_HOST_RULES

    def virtual_core(self, core: CoreCoord) -> tuple[int, int]:
        """Return the NoC coordinate that kernels use for a logical core."""
        return self.worker_virtual[core.y * self.compute_grid.x + core.x]


# ---------------------------------------------------------------------------------------------- buffers


@dataclass(frozen=True, slots=True)
class ShardLayout:
    """How a sharded buffer's pages lie on the cores; shapes are counted in pages.

    ``cores`` is the list of banks in the order in which they take shards; ``tensor_shape`` and ``shard_shape`` have the
    same rank. Shards are numbered row-major over the grid of shards. Shard k goes to bank k modulo the number of banks,
    with CONTIGUOUS_1D to bank k divided by the number of shards per bank. GRID_2D has one bank per shard, so that the
    rectangle it was asked for is in the order of ``cores`` already.
    """

    cores: tuple[CoreCoord, ...]
    tensor_shape: tuple[int, ...]
    shard_shape: tuple[int, ...]
    orientation: ShardOrientation = ShardOrientation.ROW_MAJOR
    strategy: ShardDistributionStrategy = ShardDistributionStrategy.ROUND_ROBIN_1D


@dataclass(frozen=True, slots=True)
class BufferSpec:
    """What a buffer is: ``size`` and ``page_size`` in bytes; ``address`` set means: use it, reserve nothing."""

    size: int
    page_size: int
    buffer_type: BufferType
    layout: TensorMemoryLayout = TensorMemoryLayout.INTERLEAVED
    shards: ShardLayout | None = None
    address: int | None = None
    bottom_up: bool | None = None

    @property
    def num_pages(self) -> int:
        """The number of host pages."""
        return self.size // self.page_size if self.page_size else 0


@dataclass(frozen=True, slots=True)
class Allocation:
    """A placed buffer; ``address`` is what kernels see, the same in every bank; ``id`` is unique per device."""

    id: int
    address: int
    spec: BufferSpec


# ---------------------------------------------------------------------------------------------- programs


@dataclass(frozen=True, slots=True)
class Header:
    """A user header a kernel includes: the name it was included by, and its text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class KernelContent:
    """A kernel's source and the closure of the user headers it includes; names are logical, never absolute paths."""

    name: str
    source: str
    headers: tuple[Header, ...] = ()
    source_name: str = "Kernel_Source_Code"


@dataclass(frozen=True, slots=True)
class DataMovementSettings:
    """What a data-movement kernel runs on."""

    processor: DataMovementProcessor
    noc: NOC
    noc_mode: NOC_MODE


@dataclass(frozen=True, slots=True)
class ComputeSettings:
    """How the matrix and vector units are set up for a compute kernel."""

    math_fidelity: MathFidelity
    fp32_dest_acc_en: bool
    dst_full_sync_en: bool
    unpack_to_dest_mode: tuple[UnpackToDestMode, ...]
    bfp8_pack_precise: bool
    math_approx_mode: bool


@dataclass(frozen=True, slots=True)
class EthernetSettings:
    """What an Ethernet kernel runs on."""

    eth_mode: Eth
    noc: NOC
    processor: DataMovementProcessor
    noc_mode: NOC_MODE = NOC_MODE.DM_DEDICATED_NOC


@dataclass(frozen=True, slots=True)
class KernelImage:
    """One kernel as the compiler needs it; exactly one of the three settings is set.

    ``runtime_arg_counts`` lists (core, number of words) for every core that has arguments, in core order.
    """

    content: KernelContent
    core_ranges: CoreRangeSet
    opt_level: KernelBuildOptLevel
    data_movement: DataMovementSettings | None = None
    compute: ComputeSettings | None = None
    ethernet: EthernetSettings | None = None
    compile_time_args: tuple[int, ...] = ()
    named_compile_time_args: tuple[tuple[str, int], ...] = ()
    defines: tuple[tuple[str, str], ...] = ()
    runtime_arg_counts: tuple[tuple[CoreCoord, int], ...] = ()
    common_runtime_arg_count: int = 0


@dataclass(frozen=True, slots=True)
class CircularBufferFormat:
    """What one index of a circular buffer holds; ``tile`` is (height, width), None = 32x32.

    ``unpacked`` is the (height, width) that compute kernels read and write of each tile, None for all of it.
    """

    index: int
    data_format: DataFormat
    tile: tuple[int, int] | None = None
    unpacked: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class CircularBufferImage:
    """A circular buffer as the compiler needs it; its sizes and address are part of the launch state."""

    core_ranges: CoreRangeSet
    formats: tuple[CircularBufferFormat, ...]


@dataclass(frozen=True, slots=True)
class SemaphoreImage:
    """A semaphore; ``initial_value`` is written at every launch."""

    id: int
    core_ranges: CoreRangeSet
    initial_value: int
    core_type: CoreType = CoreType.WORKER


@dataclass(frozen=True, slots=True)
class ProgramImage:
    """A program's structure: all that compiling depends on. Equal images have equal fingerprints."""

    kernels: tuple[KernelImage, ...] = ()
    circular_buffers: tuple[CircularBufferImage, ...] = ()
    semaphores: tuple[SemaphoreImage, ...] = ()

    @property
    def fingerprint(self) -> str:
        """The sha256 of the image's canonical JSON, as 64 hexadecimal digits."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


class Written:
    """Something that remembers when it was written, beside its value: neither compared nor recorded.

    Attributes:
        written: nanoseconds of ``time.perf_counter_ns``; unset where nobody noted it.
    """

    __slots__ = ("written",)
    written: int


@dataclass(frozen=True, slots=True)
class KernelArguments(Written):
    """A kernel's argument values: words per core, and the words common to all its cores."""

    per_core: tuple[tuple[CoreCoord, tuple[int, ...]], ...] = ()
    common: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CircularBufferState:
    """A circular buffer's sizes in bytes; with ``allocation`` it lies ``address_offset`` bytes into that buffer."""

    total_size: int
    page_sizes: tuple[tuple[int, int], ...]
    allocation: Allocation | None = None
    address_offset: int = 0


@dataclass(frozen=True, slots=True)
class LaunchState:
    """What may change between launches; ``kernels`` and ``circular_buffers`` are parallel to the image's.

    ``allocations`` are the buffers the program owns or its circular buffers lie in: they stay until the launch is done.
    """

    kernels: tuple[KernelArguments, ...] = ()
    circular_buffers: tuple[CircularBufferState, ...] = ()
    allocations: tuple[Allocation, ...] = ()
