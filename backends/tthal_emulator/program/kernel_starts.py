"""What each kernel of a launch starts with: its processor's block and, for compute kernels, its tile unit's setup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np
import numpy.typing as npt

from tthal.device_interface import KernelImage
from tthal.types import NOC, DataFormat, UnpackToDestMode
from tthal_emulator import abi
from tthal_emulator.board.machine import Machine
from tthal_emulator.compiler import ENTRIES
from tthal_emulator.engine import Module
from tthal_emulator.tensix.formats import Operand, goes_to_dest, page_bytes
from tthal_emulator.tensix.operations import Follow, Grade
from tthal_emulator.tensix.tile_unit import TileConfiguration, operand_of

from .config_region import RiscType
from .kernel_formats import KernelFormats, Registers, is_narrowed
from .placement import CircularBufferPlacement, CorePlacement, KernelPlacement, Placement
from .preamble import ExactVectorUnit

BLOCK_TEMPLATE_SIZE = abi.PROCESSOR_BLOCK.offsets["noc_queue"]
"""The part of a processor block that a launch writes: all before the queue."""

Record = npt.NDArray[np.void]
Buffers = tuple[CircularBufferPlacement, ...]


@dataclass(frozen=True, slots=True)
class TileOptions:
    """Who does the tile math, and how exactly; ``on_host`` leaves all of it to numpy.

    Attributes:
        vector_unit: how the exact grade's vector unit computes; None in the fast grade.
    """

    grade: Grade
    follow: Follow
    on_host: bool
    vector_unit: ExactVectorUnit | None = None


@dataclass(frozen=True, slots=True)
class KernelStart:
    """One kernel on one core, ready to start.

    Attributes:
        core: index in the compute grid.
        block: the first bytes of its processor block.
        arguments: the compile-time arguments that its code may load, as bytes.
        pages: pages of every circular buffer index, 0 = not configured.
        tiles: for a compute kernel, what its tile unit is told.
    """

    name: str
    core: int
    place: tuple[int, int]
    risc: RiscType
    module: Module
    entry: str
    block: bytes
    arguments: bytes
    pages: tuple[int, ...]
    tiles: TileConfiguration | None


@dataclass(frozen=True, slots=True)
class _Kernel:
    """What a kernel's starts have in common wherever it runs."""

    image: KernelImage
    registers: Registers
    arguments: bytes


@dataclass(frozen=True, slots=True)
class _Shared:
    """What a kernel's starts have in common on the cores with the same circular buffers."""

    block: Record
    pages: tuple[int, ...]
    tiles: TileConfiguration | None


class KernelStarts:
    """Makes the starts of one program's kernels."""

    def __init__(self, kernels: Sequence[KernelFormats], machine: Machine, options: TileOptions) -> None:
        self._machine = machine
        self._options = options
        self._base = machine_block(machine)
        self._kernels = [_Kernel(each.kernel, each.in_registers, _loadable(each.kernel)) for each in kernels]

    def of(self, placement: Placement, modules: Sequence[Module]) -> tuple[KernelStart, ...]:
        """Return the start of every kernel on every core of a placement, in core order.

        Args:
            modules: compiled code, one per kernel.
        """
        shared: dict[tuple[int, Buffers], _Shared] = {}
        starts = []
        for core in placement.cores:
            for placed in core.kernels:
                key = (placed.kernel, core.circular_buffers)
                if key not in shared:
                    shared[key] = self._shared(self._kernels[placed.kernel], core.circular_buffers)
                starts.append(self._start(core, placed, modules[placed.kernel], shared[key]))
        return tuple(starts)

    def _start(self, core: CorePlacement, placed: KernelPlacement, module: Module, shared: _Shared) -> KernelStart:
        return KernelStart(
            name=self._kernels[placed.kernel].image.content.source_name,
            core=self._machine.core_index(core.core),
            place=(core.core.x, core.core.y),
            risc=placed.risc,
            module=module,
            entry=next(entry for entry in ENTRIES if entry in module.exports),
            block=self._block(core, placed, shared.block),
            arguments=self._kernels[placed.kernel].arguments,
            pages=shared.pages,
            tiles=shared.tiles,
        )

    def _block(self, core: CorePlacement, placed: KernelPlacement, shared: Record) -> bytes:
        block = shared.copy()
        block["runtime_args"] = placed.runtime_args
        block["common_runtime_args"] = placed.common_args
        block["runtime_arg_count"] = placed.runtime_arg_count
        block["common_runtime_arg_count"] = placed.common_arg_count
        block["semaphores"] = core.semaphore_base
        block["my_x"], block["my_y"] = self._machine.virtual(core.core)
        block["my_logical_x"], block["my_logical_y"] = core.core.x, core.core.y
        # Relative to the origin of the sub-device, and there is one: the whole grid.
        block["my_relative_x"], block["my_relative_y"] = core.core.x, core.core.y
        return bytes(block.tobytes()[:BLOCK_TEMPLATE_SIZE])

    def _shared(self, kernel: _Kernel, buffers: Buffers) -> _Shared:
        block, pages = self._base.copy(), [0] * abi.MAX_CIRCULAR_BUFFERS
        operands: list[Operand | None] = [None] * abi.MAX_CIRCULAR_BUFFERS
        compute = kernel.image.compute
        self._set_up_units(block, kernel.image, is_narrowed(kernel.registers))
        for buffer in buffers:
            pages[buffer.index] = buffer.num_pages
            operands[buffer.index] = operand = _operand(buffer, kernel)
            _set_up_buffer(block, buffer, abi.COMPUTE_ADDRESS_SHIFT if compute is not None else 0)
            if operand is not None:
                _set_up_tile(block["tiles"][buffer.index], buffer, operand)
        tiles = None
        if compute is not None:
            tiles = TileConfiguration(
                self._machine.chip.tensix, self._options.grade, self._options.follow, compute, tuple(operands)
            )
        return _Shared(block, tuple(pages), tiles)

    def _set_up_units(self, block: Record, kernel: KernelImage, is_narrowed: bool) -> None:
        if kernel.data_movement is not None:
            block["noc_index"] = int(kernel.data_movement.noc)
        if kernel.compute is not None:
            block["math_fidelity"] = int(kernel.compute.math_fidelity)
            block["fp32_dest"] = kernel.compute.fp32_dest_acc_en
            block["dst_full_sync"] = kernel.compute.dst_full_sync_en
            block["math_approximate"] = kernel.compute.math_approx_mode
            block["bfp8_pack_precise"] = kernel.compute.bfp8_pack_precise
            block["math_on_host"] = self._options.on_host or is_narrowed
            block["numerics"] = self._numerics()

    def _numerics(self) -> abi.NumericsFlag:
        tensix = self._machine.chip.tensix
        present = {
            abi.NumericsFlag.EXACT: self._options.grade is Grade.EXACT,
            abi.NumericsFlag.MINUS_ONE_QUIRK: tensix.minus_one_quirk,
            abi.NumericsFlag.PARTIAL_TAKES_BOTH: tensix.partial_takes_both_widths,
            abi.NumericsFlag.FOLLOW_SIMULATOR: self._options.follow is Follow.SIMULATOR,
            abi.NumericsFlag.FP8_E4M3: DataFormat.Fp8_e4m3 not in tensix.missing_formats,
        }
        return reduce(or_, (flag for flag, holds in present.items() if holds), abi.NumericsFlag(0))


def _loadable(kernel: KernelImage) -> bytes:
    words = kernel.compile_time_args[: abi.MAX_LOADED_ARGUMENTS]
    return np.array(words, dtype="<u4").tobytes()


def _set_up_buffer(block: Record, buffer: CircularBufferPlacement, shift: int) -> None:
    interface = block["circular_buffers"][buffer.index]
    interface["fifo_size"] = buffer.total_size >> shift
    interface["fifo_limit"] = (buffer.address + buffer.total_size) >> shift
    interface["fifo_page_size"] = buffer.page_size >> shift
    interface["fifo_num_pages"] = buffer.num_pages
    interface["fifo_rd_ptr"] = interface["fifo_wr_ptr"] = buffer.address >> shift
    if buffer.in_buffer:
        block["in_buffers"][buffer.index // 32] |= 1 << buffer.index % 32


def _set_up_tile(tile: Record, buffer: CircularBufferPlacement, operand: Operand) -> None:
    tile["format"] = int(buffer.data_format)
    tile["rows"], tile["columns"] = buffer.tile
    tile["unpack_to_dest"] = operand.unpack_to_dest
    tile["bytes"] = page_bytes(operand.format, operand.shape)


def _operand(buffer: CircularBufferPlacement, kernel: _Kernel) -> Operand | None:
    """Return what unpackers and packers are told of a circular buffer; nothing when it has no format."""
    if buffer.data_format is DataFormat.Invalid:
        return None
    compute = kernel.image.compute
    modes = compute.unpack_to_dest_mode if compute is not None else ()
    mode = modes[buffer.index] if buffer.index < len(modes) else UnpackToDestMode.Default
    to_dest = goes_to_dest(buffer.data_format, mode)
    return operand_of(buffer.data_format, buffer.tile, to_dest, kernel.registers.get(buffer.index))


def machine_block(machine: Machine) -> Record:
    """Return the part of a processor block that is the same for all processors of a machine."""
    block = np.zeros((), abi.PROCESSOR_BLOCK.dtype)
    block["l1_size"] = machine.chip.l1_size
    block["tiles"]["format"] = int(DataFormat.Invalid)
    for noc in NOC.NOC_0, NOC.NOC_1:
        for bank, view in enumerate(machine.board.dram):
            x, y = (view.noc0, view.noc1)[noc]
            block["dram_bank_xy"][noc, bank] = y << 6 | x
    for bank, core in enumerate(machine.l1_bank_cores):
        x, y = machine.virtual(machine.core(core))
        block["l1_bank_xy"][:, bank] = y << 6 | x
    for bank, offset in enumerate(machine.dram_offsets):
        block["dram_bank_offset"][bank] = offset
    for x in range(machine.grid.x):
        block["logical_to_virtual_x"][x] = machine.chip.worker_columns[x]
    for y in range(machine.grid.y):
        block["logical_to_virtual_y"][y] = machine.chip.worker_rows[y]
    return block
