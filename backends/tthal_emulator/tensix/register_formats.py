"""In which formats the circular buffers of a core reach the registers, and which mixtures have none.

The vendor's build decides this once per kernel, over all circular buffers on its cores, used or not: where one of them
has a 5-bit exponent, Float32 is unpacked as Float16. The rules were read off the ``chlkc_descriptors.h`` that ttnn
0.81.1 writes for every mixture of one, two and three formats, both widths of DST, on both chips; the table and the
program that asks for it are in tests/metal.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tthal.types import DataFormat
from tthal_emulator.board.tensix_traits import TensixTraits

from .errors import UnsupportedFormat
from .formats import FORMATS, pack_register_format, unpack_register_format

EIGHT_BIT_EXPONENT = frozenset({DataFormat.Float16_b, DataFormat.Bfp8_b, DataFormat.Bfp4_b, DataFormat.Bfp2_b})
FIVE_BIT_EXPONENT = frozenset(
    {DataFormat.Float16, DataFormat.Bfp8, DataFormat.Bfp4, DataFormat.Bfp2, DataFormat.Lf8, DataFormat.Int8}
)
"""Formats of which a core holds either these or the ones above; the vendor's build counts Int8 among these."""


@dataclass(frozen=True, slots=True)
class RegisterFormats:
    """One circular buffer: its format in SrcA and SrcB (or DST), and the packer's between DST and L1."""

    unpacked: DataFormat
    packed: DataFormat


@dataclass(frozen=True, slots=True)
class UnitSettings:
    """What else decides: the chip, the width of DST, exact packing of block floats; None for data movement."""

    chip: TensixTraits
    fp32_dest_acc_en: bool | None = None
    bfp8_pack_precise: bool = False


def register_formats(formats: Mapping[int, DataFormat], settings: UnitSettings) -> dict[int, RegisterFormats]:
    """Return the register formats of the circular buffers of a kernel's cores, by index.

    Buffers that are unpacked to DST directly (UnpackToDestMode) keep their own format there; that is not told here.

    Raises:
        UnsupportedFormat: the vendor's build refuses the formats together, or one of them.
    """
    present = {index: each for index, each in formats.items() if each is not DataFormat.Invalid}
    _check(present, settings)
    narrow = any(each in FIVE_BIT_EXPONENT for each in present.values())
    return {index: _of(each, narrow, settings) for index, each in present.items()}


def _of(data_format: DataFormat, narrow: bool, settings: UnitSettings) -> RegisterFormats:
    wide = bool(settings.fp32_dest_acc_en)
    unpacked = unpack_register_format(data_format, wide)
    packed = pack_register_format(data_format, wide, settings.bfp8_pack_precise)
    shared = DataFormat.Float16 if narrow else DataFormat.Float16_b
    if data_format is DataFormat.Float32:
        unpacked = DataFormat.Float16 if narrow else unpacked
        packed = packed if wide else shared
    elif data_format is DataFormat.Fp8_e4m3:
        packed = shared
    return RegisterFormats(unpacked, packed)


def _check(formats: Mapping[int, DataFormat], settings: UnitSettings) -> None:
    for index, each in formats.items():
        if each in FORMATS:
            _check_one(index, each, settings)
    found = [
        next((f"{each.name} (circular buffer {index})" for index, each in formats.items() if each in kind), None)
        for kind in (FIVE_BIT_EXPONENT, EIGHT_BIT_EXPONENT)
    ]
    if None not in found:
        raise UnsupportedFormat(
            f"{found[0]} and {found[1]} on one core: all its formats must have the same exponent format, 5 bits or 8 "
            "(Float32, the 16- and 32-bit integers and UInt8 go with either), whether the kernel uses the buffers or "
            "not"
        )


def _check_one(index: int, data_format: DataFormat, settings: UnitSettings) -> None:
    where = f"circular buffer {index}"
    if data_format is DataFormat.Tf32:
        raise UnsupportedFormat(f"{where}: TF32 is unsupported as the format of a buffer; Float32 becomes TF32 inside")
    chip = settings.chip
    if data_format in chip.missing_formats:
        raise UnsupportedFormat(
            f"{where}: {data_format.name} exists on Blackhole only; use Float16_b or Bfp8_b on Wormhole"
        )
    if settings.fp32_dest_acc_en is None:
        return
    if data_format is DataFormat.Lf8 and settings.fp32_dest_acc_en:
        never = f" (on {chip.chip} Lf8 cannot be used)" if data_format in chip.needs_32_bit_dst else ""
        raise UnsupportedFormat(
            f"{where}: there is no conversion from a 32-bit DST to Lf8, and a compute kernel may pack to every buffer "
            f"of its core; leave fp32_dest_acc_en off{never}"
        )
    if data_format in chip.needs_32_bit_dst and not settings.fp32_dest_acc_en:
        raise UnsupportedFormat(
            f"{where}: {data_format.name} needs a 32-bit DST on {chip.chip}; set fp32_dest_acc_en in the ComputeConfig"
        )
