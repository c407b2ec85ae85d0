"""A board as it was opened: the regions of its memories, its coordinates, and what the frontend is told of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from tthal.coordinates import CoreCoord
from tthal.device_interface import Alignments, Capability, DeviceProperties, DramBank, Limits
from tthal.errors import InvalidArgument
from tthal.types import DataFormat, DispatchMode

from .bank_order import cores_of_banks
from .boards import KIB, Board, Chip, Coordinate

TILE_SHAPES = tuple((height, width) for height in (32, 16, 8, 4, 2, 1) for width in (32, 16))
ACCESSOR_ENCODING = 2
"""Words per interleaved tensor in TensorAccessorArgs: flags and aligned page size (host-api.md §5)."""
TRACE_PAGE = 8 * KIB
"""Granule of the trace region in each bank (host-api.md §2.6)."""
L1_PAGE_ALIGNMENT = 16
SEMAPHORE_STRIDE = 16
ZEROS_SIZE = 512


def align_up(value: int, alignment: int) -> int:
    """Round up to a multiple of ``alignment``."""
    return -(-value // alignment) * alignment


@dataclass(frozen=True)
class Machine:
    """A board as it was opened: dispatch mode and memory regions fixed; all addresses and coordinates follow.

    Raises:
        InvalidArgument: the memory regions do not fit.
    """

    board: Board
    dispatch: DispatchMode = DispatchMode.FAST
    l1_small_size: int = 0
    trace_region_size: int = 0
    worker_l1_size: int = 0
    limits_local_memory: bool = True

    def __post_init__(self) -> None:
        for name in ("l1_small_size", "trace_region_size", "worker_l1_size"):
            if getattr(self, name) < 0:
                raise InvalidArgument(f"{name} is {getattr(self, name)}; it must not be negative")
        largest = self.chip.l1_size - self.chip.config_base
        if self.worker_l1_size > largest:
            raise InvalidArgument(f"worker_l1_size {self.worker_l1_size} B exceeds the {largest} B above the firmware")
        if self.l1_small_base < self.l1_base:
            raise InvalidArgument(
                f"l1_small_size {self.l1_small_size} B does not fit the {self.chip.l1_size - self.l1_base} B of L1 "
                f"that {self.board.name} has for buffers"
            )
        if self.trace_base < self.chip.dram_base:
            raise InvalidArgument(
                f"trace_region_size {self.trace_region_size} B needs {self.chip.dram_bank_size - self.trace_base} B "
                f"in each of {len(self.board.dram)} DRAM banks of {self.chip.dram_bank_size} B; make it smaller"
            )

    @property
    def chip(self) -> Chip:
        """The chip's facts."""
        return self.board.chip

    @cached_property
    def grid(self) -> CoreCoord:
        """The compute grid: columns and rows."""
        return self.board.compute_grid(self.dispatch)

    @property
    def num_cores(self) -> int:
        """The number of cores in the compute grid."""
        return self.grid.x * self.grid.y

    @property
    def granule(self) -> int:
        """Size and address unit of the allocator, also for L1."""
        return self.chip.dram_alignment

    @property
    def l1_base(self) -> int:
        """First address for circular buffers and lowest one for L1 buffers."""
        if not self.worker_l1_size:
            return self.chip.config_base + self.chip.config_size
        return align_up(self.chip.l1_size - self.worker_l1_size, self.granule)

    @property
    def config_size(self) -> int:
        """Bytes of the kernel configuration region."""
        return self.l1_base - self.chip.config_base

    @property
    def l1_small_base(self) -> int:
        """End of the L1 region and start of L1_SMALL, which reaches to the top."""
        return self.chip.l1_size - align_up(self.l1_small_size, self.granule)

    @property
    def trace_base(self) -> int:
        """End of the DRAM region and start of the trace region in every bank."""
        pages = -(-self.trace_region_size // TRACE_PAGE)
        return self.chip.dram_bank_size - -(-pages // len(self.board.dram)) * TRACE_PAGE

    @cached_property
    def l1_bank_cores(self) -> tuple[int, ...]:
        """The core index that holds each L1 bank."""
        return tuple(cores_of_banks(self.num_cores))

    @property
    def dram_offsets(self) -> tuple[int, ...]:
        """What address generators add to an address in each DRAM bank."""
        return tuple(view.offset for view in self.board.dram)

    def core_index(self, core: CoreCoord) -> int:
        """Return a logical core's place in the compute grid, row by row.

        Raises:
            InvalidArgument: the core lies outside the compute grid.
        """
        if core.x >= self.grid.x or core.y >= self.grid.y:
            raise InvalidArgument(
                f"core {core} lies outside the {self.grid.x}x{self.grid.y} compute grid of {self.board.name} "
                f"({self.dispatch.value} dispatch)"
            )
        return core.y * self.grid.x + core.x

    def core(self, index: int) -> CoreCoord:
        """Return the logical core at a place in the compute grid."""
        return CoreCoord(index % self.grid.x, index // self.grid.x)

    def virtual(self, core: CoreCoord) -> Coordinate:
        """Return what a kernel finds in ``my_x``, ``my_y``, on either NoC."""
        return self.chip.worker_columns[core.x], self.chip.worker_rows[core.y]

    def physical(self, core: CoreCoord, noc: int = 0) -> Coordinate:
        """Return where a logical core sits on the chip; harvested rows or columns are taken to be the last ones."""
        x, y = self.chip.physical_columns[core.x], self.chip.physical_rows[core.y]
        return (x, y) if noc == 0 else self.mirrored((x, y))

    def mirrored(self, place: Coordinate) -> Coordinate:
        """Return a physical coordinate of one NoC as the other NoC counts it."""
        return self.chip.noc_size[0] - 1 - place[0], self.chip.noc_size[1] - 1 - place[1]

    def kernel_defines(self) -> tuple[tuple[str, str], ...]:
        """Return the macros about the machine that every kernel is compiled with (device-api.md §5)."""
        counts = (("DRAM", len(self.board.dram)), ("L1", self.num_cores))
        banks = [macro for memory, count in counts for macro in _bank_macros(memory, count)]
        pcie = (("PCIE_NOC_X", str(self.chip.pcie[0])), ("PCIE_NOC_Y", str(self.chip.pcie[1])))
        return ((self.chip.define, "1"), *banks, *pcie)

    def alignments(self) -> Alignments:
        """Return the byte alignments of pages, allocations and NoC transfers."""
        dram = self.chip.dram_alignment
        return Alignments(
            dram_page=dram,
            l1_page=L1_PAGE_ALIGNMENT,
            allocation=self.granule,
            noc_dram_read=dram,
            noc_dram_write=16,
            noc_l1_read=16,
            noc_l1_write=16,
        )

    def limits(self) -> Limits:
        """Return what the hardware allows per core."""
        return Limits(runtime_args=4094, circular_buffers=self.chip.circular_buffers, semaphores=16)

    def properties(
        self,
        capabilities: frozenset[Capability],
        data_formats: Iterable[DataFormat],
        num_queues: int = 1,
        library_versions: dict[str, str] | None = None,
    ) -> DeviceProperties:
        """Describe the opened device to the frontend."""
        cores = [self.core(index) for index in range(self.num_cores)]
        return DeviceProperties(
            arch=self.chip.arch,
            board=self.board.name,
            dispatch_mode=self.dispatch,
            compute_grid=self.grid,
            worker_virtual=tuple(self.virtual(core) for core in cores),
            l1_size=self.chip.l1_size,
            l1_base=self.l1_base,
            l1_banks=tuple(cores[index] for index in self.l1_bank_cores),
            dram_banks=tuple(DramBank(view.noc0, view.noc1, view.offset) for view in self.board.dram),
            dram_base=self.chip.dram_base,
            dram_bank_size=self.chip.dram_bank_size,
            alignments=self.alignments(),
            limits=self.limits(),
            max_noc_burst=self.chip.max_noc_burst,
            tile_shapes=TILE_SHAPES,
            data_formats=tuple(data_formats),
            num_queues=num_queues,
            accessor_encoding=ACCESSOR_ENCODING,
            capabilities=capabilities,
            l1_small_size=self.l1_small_size,
            library_versions=library_versions or {},
        )


def _bank_macros(memory: str, count: int) -> tuple[tuple[str, str], tuple[str, str]]:
    if count & (count - 1) == 0:
        kind = (f"LOG_BASE_2_OF_NUM_{memory}_BANKS", str(count.bit_length() - 1))
    else:
        kind = (f"IS_NOT_POW2_NUM_{memory}_BANKS", "1")
    return (f"NUM_{memory}_BANKS", str(count)), kind
