"""In what the chips' matrix paths differ: unpackers, FPU and packers, bit for bit (numerics.md §11)."""

from __future__ import annotations

from dataclasses import dataclass

from tthal.types import DataFormat


@dataclass(frozen=True, slots=True)
class TensixTraits:
    """What one chip generation's matrix path does in its own way.

    Attributes:
        chip: the generation's name, for words.
        minus_one_quirk: the normaliser mistakes a sum of exactly -1 units (numerics.md §3.2, §11.1).
        partial_takes_both_widths: a partial scalar result goes back to SrcA as TF32 only if SrcB is set up for that
            too; else SrcA alone decides (§11.2).
        missing_formats: formats that its unpackers and packers do not know.
        needs_32_bit_dst: formats that go with a 32-bit DST only; compiling any other compute kernel is refused by the
            vendor's build (ttnn 0.81.1, tests/metal/format_table.py).
    """

    chip: str
    minus_one_quirk: bool
    partial_takes_both_widths: bool
    missing_formats: frozenset[DataFormat]
    needs_32_bit_dst: frozenset[DataFormat]


WORMHOLE_TENSIX = TensixTraits(
    chip="Wormhole",
    minus_one_quirk=True,
    partial_takes_both_widths=False,
    missing_formats=frozenset({DataFormat.Fp8_e4m3}),
    needs_32_bit_dst=frozenset(),
)
BLACKHOLE_TENSIX = TensixTraits(
    chip="Blackhole",
    minus_one_quirk=False,
    partial_takes_both_widths=True,
    missing_formats=frozenset(),
    needs_32_bit_dst=frozenset({DataFormat.Lf8, DataFormat.Fp8_e4m3}),
)
