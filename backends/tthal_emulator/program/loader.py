"""From a program's image to what a launch needs: modules, placement, and the processor blocks of its kernels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tthal.device_interface import KernelImage, LaunchState, ProgramImage
from tthal.types import NOC, Arch, DataFormat, UnpackToDestMode
from tthal_emulator import abi
from tthal_emulator.board.machine import Machine
from tthal_emulator.compiler import ENTRIES, Compiler, Progress
from tthal_emulator.engine import Module
from tthal_emulator.engine.host_functions import IMPORT_MODULE
from tthal_emulator.tensix.formats import Operand, page_bytes
from tthal_emulator.tensix.operations import Grade
from tthal_emulator.tensix.tile_unit import TileConfiguration, operand_of

from .config_region import RiscType, risc_of
from .kernel_formats import Registers, is_narrowed, registers_of
from .placement import CircularBufferPlacement, CorePlacement, KernelPlacement, Placement, ProgramPlacer
from .source.preamble import compile_request

BLOCK_TEMPLATE_SIZE = abi.PROCESSOR_BLOCK.offsets["noc_queue"]
"""The part of a processor block that a launch writes: all before the queue."""

Record = npt.NDArray[np.void]


@dataclass(frozen=True, slots=True)
class TileOptions:
    """Who does the tile math, and how exactly; ``on_host`` leaves all of it to numpy."""

    grade: Grade
    on_host: bool


@dataclass(frozen=True, slots=True)
class KernelStart:
    """One kernel on one core, ready to start.

    Attributes:
        core: index in the compute grid.
        block: the first bytes of its processor block.
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
    pages: tuple[int, ...]
    tiles: TileConfiguration | None


class LoadedImage:
    """A compiled program on one machine; the device interface's LoadedProgram."""

    def __init__(
        self,
        placer: ProgramPlacer,
        modules: Sequence[Module],
        options: TileOptions,
        registers: Sequence[Registers],
    ) -> None:
        self.placer = placer
        self._image = placer.image
        self._machine = placer.machine
        self._modules = tuple(modules)
        self._registers = tuple(registers)
        self._options = options
        self._base = _machine_block(placer.machine)
        self.fingerprint = self._image.fingerprint
        self._starts: tuple[Placement, tuple[KernelStart, ...]] | None = None

    @property
    def image(self) -> ProgramImage:
        """The image it was loaded from."""
        return self._image

    @property
    def multiplies(self) -> bool:
        """Whether some kernel asks the host for products of tiles."""
        return any((IMPORT_MODULE, "matmul") in module.imports for module in self._modules)

    def starts(self, placement: Placement) -> tuple[KernelStart, ...]:
        """Return every kernel on every core of a placement, in core order."""
        if self._starts is None or self._starts[0] is not placement:
            starts = [
                self._start(core, index, kernel)
                for core, index in zip(placement.cores, self.placer.core_indices, strict=True)
                for kernel in core.kernels
            ]
            self._starts = (placement, tuple(starts))
        return self._starts[1]

    def config_words(self, placement: Placement, state: LaunchState) -> npt.NDArray[np.uint32]:
        """Return the configuration region's words, one row per core of the placement."""
        return self.placer.config_words(placement, state)

    def _start(self, core: CorePlacement, index: int, placed: KernelPlacement) -> KernelStart:
        kernel = self._image.kernels[placed.kernel]
        module = self._modules[placed.kernel]
        pages = [0] * abi.MAX_CIRCULAR_BUFFERS
        for buffer in core.circular_buffers:
            pages[buffer.index] = buffer.num_pages
        return KernelStart(
            name=kernel.content.source_name,
            core=index,
            place=(core.core.x, core.core.y),
            risc=placed.risc,
            module=module,
            entry=next(entry for entry in ENTRIES if entry in module.exports),
            block=self._block(core, placed, kernel),
            pages=tuple(pages),
            tiles=self._tiles(core, kernel, self._registers[placed.kernel]),
        )

    def _block(self, core: CorePlacement, placed: KernelPlacement, kernel: KernelImage) -> bytes:
        block, registers = self._base.copy(), self._registers[placed.kernel]
        virtual = self._machine.virtual(core.core)
        block["runtime_args"] = placed.runtime_args
        block["common_runtime_args"] = placed.common_args
        block["runtime_arg_count"] = placed.runtime_arg_count
        block["common_runtime_arg_count"] = placed.common_arg_count
        block["semaphores"] = core.semaphore_base
        block["my_x"], block["my_y"] = virtual[0], virtual[1]
        block["my_logical_x"], block["my_logical_y"] = core.core.x, core.core.y
        # Relative to the origin of the sub-device, and there is one: the whole grid.
        block["my_relative_x"], block["my_relative_y"] = core.core.x, core.core.y
        if kernel.data_movement is not None:
            block["noc_index"] = int(kernel.data_movement.noc)
        if kernel.compute is not None:
            block["math_fidelity"] = int(kernel.compute.math_fidelity)
            block["fp32_dest"] = kernel.compute.fp32_dest_acc_en
            block["dst_full_sync"] = kernel.compute.dst_full_sync_en
            block["math_approximate"] = kernel.compute.math_approx_mode
            block["bfp8_pack_precise"] = kernel.compute.bfp8_pack_precise
            block["math_on_host"] = self._options.on_host or is_narrowed(registers)
            block["numerics"] = self._numerics()
        for buffer in core.circular_buffers:
            self._describe(block, buffer, kernel, registers)
        return bytes(block.tobytes()[:BLOCK_TEMPLATE_SIZE])

    def _numerics(self) -> abi.NumericsFlag:
        flags = abi.NumericsFlag(0)
        if self._options.grade is Grade.EXACT:
            flags |= abi.NumericsFlag.EXACT
        if self._machine.chip.arch is Arch.BLACKHOLE:
            flags |= abi.NumericsFlag.BLACKHOLE
        return flags

    def _describe(
        self, block: Record, buffer: CircularBufferPlacement, kernel: KernelImage, registers: Registers
    ) -> None:
        interface, tile = block["circular_buffers"][buffer.index], block["tiles"][buffer.index]
        shift = abi.COMPUTE_ADDRESS_SHIFT if kernel.compute is not None else 0
        interface["fifo_size"] = buffer.total_size >> shift
        interface["fifo_limit"] = (buffer.address + buffer.total_size) >> shift
        interface["fifo_page_size"] = buffer.page_size >> shift
        interface["fifo_num_pages"] = buffer.num_pages
        interface["fifo_rd_ptr"] = interface["fifo_wr_ptr"] = buffer.address >> shift
        if buffer.in_buffer:
            block["in_buffers"][buffer.index // 32] |= 1 << buffer.index % 32
        if buffer.data_format is DataFormat.Invalid:
            return
        operand = _operand(buffer, kernel, registers)
        tile["format"] = int(buffer.data_format)
        tile["rows"], tile["columns"] = buffer.tile
        tile["unpack_to_dest"] = operand.unpack_to_dest
        tile["bytes"] = page_bytes(operand.format, operand.shape)

    def _tiles(self, core: CorePlacement, kernel: KernelImage, registers: Registers) -> TileConfiguration | None:
        if kernel.compute is None:
            return None
        operands: list[Operand | None] = [None] * abi.MAX_CIRCULAR_BUFFERS
        for buffer in core.circular_buffers:
            if buffer.data_format is not DataFormat.Invalid:
                operands[buffer.index] = _operand(buffer, kernel, registers)
        return TileConfiguration(self._machine.chip.arch, self._options.grade, kernel.compute, tuple(operands))


def load(
    image: ProgramImage,
    machine: Machine,
    compiler: Compiler,
    options: TileOptions,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> LoadedImage:
    """Compile a program's kernels.

    Raises:
        CompileError: a kernel does not compile.
        PlacementError, Unsupported: no launch of it could work on this machine.
    """
    placer = ProgramPlacer(image, machine)
    registers = [registers_of(image, kernel, machine.chip.arch) for kernel in image.kernels]
    requests = [compile_request(image, kernel, risc_of(kernel), machine) for kernel in image.kernels]
    return LoadedImage(placer, compiler.compile_all(requests, progress, jobs), options, registers)


def _operand(buffer: CircularBufferPlacement, kernel: KernelImage, registers: Registers) -> Operand:
    modes = kernel.compute.unpack_to_dest_mode if kernel.compute is not None else ()
    to_dest = buffer.index < len(modes) and modes[buffer.index] is UnpackToDestMode.UnpackToDestFp32
    return operand_of(buffer.data_format, buffer.tile, to_dest, registers.get(buffer.index))


def _machine_block(machine: Machine) -> Record:
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
            block["l1_bank_xy"][noc, bank] = y << 6 | x
    for bank, offset in enumerate(machine.dram_offsets):
        block["dram_bank_offset"][bank] = offset
    for x in range(machine.grid.x):
        block["logical_to_virtual_x"][x] = machine.chip.worker_columns[x]
    for y in range(machine.grid.y):
        block["logical_to_virtual_y"][y] = machine.chip.worker_rows[y]
    return block
