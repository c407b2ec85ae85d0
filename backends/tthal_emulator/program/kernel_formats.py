"""The formats of the circular buffers on a kernel's cores, as its build is told: in L1 and in the registers."""

from __future__ import annotations

from collections.abc import Mapping

from tthal.device_interface import CircularBufferFormat, KernelImage, ProgramImage
from tthal.errors import Unsupported
from tthal.types import DataFormat
from tthal_emulator.board.tensix_traits import TensixTraits
from tthal_emulator.tensix.errors import UnsupportedFormat
from tthal_emulator.tensix.register_formats import RegisterFormats, UnitSettings, register_formats

Registers = Mapping[int, RegisterFormats]
"""By circular buffer index."""


def formats_of(image: ProgramImage, kernel: KernelImage) -> dict[int, CircularBufferFormat]:
    """Return the circular buffer formats on a kernel's cores by index; the first one counts where they differ."""
    found: dict[int, CircularBufferFormat] = {}
    for buffer in image.circular_buffers:
        if buffer.core_ranges.intersects(kernel.core_ranges):
            for entry in buffer.formats:
                found.setdefault(entry.index, entry)
    return found


def registers_of(image: ProgramImage, kernel: KernelImage, chip: TensixTraits) -> Registers:
    """Return the register formats of a kernel's circular buffers.

    Raises:
        Unsupported: the vendor's build refuses these formats for the kernel.
    """
    settings = UnitSettings(chip)
    if kernel.compute is not None:
        settings = UnitSettings(chip, kernel.compute.fp32_dest_acc_en, kernel.compute.bfp8_pack_precise)
    formats = {index: each.data_format for index, each in formats_of(image, kernel).items()}
    try:
        return register_formats(formats, settings)
    except UnsupportedFormat as error:
        raise Unsupported(f"kernel {kernel.content.source_name}: {error}") from error


def is_narrowed(registers: Registers) -> bool:
    """Whether other buffers make a Float32 one a Float16 in SrcA and SrcB, or in the packer."""
    return any(DataFormat.Float16 in (each.unpacked, each.packed) for each in registers.values())
