"""The formats of the circular buffers on a kernel's cores, as its build is told: in L1 and in the registers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tthal.device_interface import CircularBufferFormat, KernelImage, ProgramImage
from tthal.errors import Unsupported
from tthal.types import DataFormat
from tthal_emulator.board.tensix_traits import TensixTraits
from tthal_emulator.tensix.errors import UnsupportedFormat
from tthal_emulator.tensix.register_formats import RegisterFormats, UnitSettings, register_formats

Registers = Mapping[int, RegisterFormats]
"""By circular buffer index."""


@dataclass(frozen=True, slots=True)
class KernelFormats:
    """A kernel with the formats of the circular buffers on its cores; the first one counts where they differ.

    Attributes:
        in_l1: what the buffers hold, by index.
        in_registers: what becomes of it in the registers.
    """

    kernel: KernelImage
    in_l1: Mapping[int, CircularBufferFormat]
    in_registers: Registers


def kernel_formats(image: ProgramImage, chip: TensixTraits) -> tuple[KernelFormats, ...]:
    """Return the kernels of a program with their formats.

    Raises:
        Unsupported: the vendor's build refuses the formats of a kernel.
    """
    found = ((kernel, _in_l1(image, kernel)) for kernel in image.kernels)
    return tuple(KernelFormats(kernel, in_l1, _in_registers(kernel, in_l1, chip)) for kernel, in_l1 in found)


def _in_l1(image: ProgramImage, kernel: KernelImage) -> dict[int, CircularBufferFormat]:
    found: dict[int, CircularBufferFormat] = {}
    for buffer in image.circular_buffers:
        if buffer.core_ranges.intersects(kernel.core_ranges):
            for entry in buffer.formats:
                found.setdefault(entry.index, entry)
    return found


def _in_registers(kernel: KernelImage, in_l1: Mapping[int, CircularBufferFormat], chip: TensixTraits) -> Registers:
    settings = UnitSettings(chip)
    if kernel.compute is not None:
        settings = UnitSettings(chip, kernel.compute.fp32_dest_acc_en, kernel.compute.bfp8_pack_precise)
    formats = {index: each.data_format for index, each in in_l1.items()}
    try:
        return register_formats(formats, settings)
    except UnsupportedFormat as error:
        raise Unsupported(f"kernel {kernel.content.source_name}: {error}") from error


def is_narrowed(registers: Registers) -> bool:
    """Whether other buffers make a Float32 one a Float16 in SrcA and SrcB, or in the packer."""
    return any(DataFormat.Float16 in (each.unpacked, each.packed) for each in registers.values())
