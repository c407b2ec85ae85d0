"""Data formats: what goes through the unpackers and the packer, and what they round."""

from __future__ import annotations

import numpy as np

import tthal as ttnn
from tthal.device_interface import Capability
from tthal_conformance.declaration import program
from tthal_conformance.requirements import COMPUTE
from tthal_conformance.run import Run
from tthal_conformance.tile_bench import BF16, Tiles, TileWork
from tthal_conformance.tolerance import Form, Tolerance
from tthal_conformance.values import (
    Doubles,
    block_float_bytes,
    block_float_values,
    from_tiles,
    random_bfloat16,
    small_integers,
    to_tiles,
    truncated,
)

Format = ttnn.DataFormat
F32, F16, BFP8, BFP4 = Format.Float32, Format.Float16, Format.Bfp8_b, Format.Bfp4_b
FP32 = {"fp32_dest_acc_en": True}
BLOCK = COMPUTE | {Capability.BLOCK_FLOAT}
INTEGER = COMPUTE | {Capability.INTEGER_TILES}


def _copied(run: Run, tiles: Tiles, out_format: Format, **config: object) -> Doubles:
    """Copy tiles, which come out in reverse order; return their values in the order they went in."""
    work = TileWork("compute_copy", tiles.count, out_format, config, [tiles.count])
    found = work.matrix(run, (tiles.count * 32, 32), tiles)
    return found.reshape(-1, 32, 32)[::-1].reshape(found.shape)


@program("format.float32_as_tf32", covers=["DataFormat", "fp32_dest_acc_en"], needs=COMPUTE, formats=[F32])
def float32_as_tf32(run: Run) -> None:
    """Float32 goes through the matrix unit as TF32: 11 bits of significand, the rest cut off."""
    matrix = run.rng.standard_normal((64, 32)).astype(np.float32).astype(np.float64)
    found = _copied(run, Tiles.of(matrix, F32), F32, **FP32)
    run.check("11 bits", found, truncated(matrix, 11))


@program("format.float32_to_bfloat16", covers=["DataFormat"], needs=COMPUTE, formats=[F32, BF16])
def float32_to_bfloat16(run: Run) -> None:
    """TF32 is rounded to nearest when it is packed as bfloat16."""
    matrix = truncated(np.abs(run.rng.standard_normal((64, 32))) + 1.0, 11)
    found = _copied(run, Tiles.of(matrix, F32), BF16, **FP32)
    tolerance = Tolerance("half a unit in the last place", 2**-8, form=Form.BFLOAT16)
    run.check("rounded", found, matrix, tolerance)
    bias = float(np.mean(found / matrix))
    run.check("no bias", np.array([bias]), np.array([1.0]), Tolerance("rounding errors cancel", absolute=2**-11))


@program("format.bfloat16_to_float32", covers=["DataFormat"], needs=COMPUTE, formats=[F32, BF16])
def bfloat16_to_float32(run: Run) -> None:
    """Bfloat16 becomes float32 without loss."""
    matrix = random_bfloat16(run.rng, (96, 32), -30, 30)
    run.check("values", _copied(run, Tiles.of(matrix), F32, **FP32), matrix)


@program("format.float16", covers=["DataFormat"], needs=COMPUTE, formats=[F16])
def float16(run: Run) -> None:
    """Float16 goes through with all its bits."""
    significands = run.rng.integers(1024, 2048, (64, 32)) / 1024.0
    matrix = run.rng.choice([-1.0, 1.0], (64, 32)) * np.ldexp(significands, run.rng.integers(-10, 10, (64, 32)))
    run.check("values", _copied(run, Tiles.of(matrix, F16), F16), matrix)


def _block_float(run: Run, data_format: Format, mantissa_bits: int) -> None:
    data = block_float_bytes(run.rng, 3, mantissa_bits)
    matrix = from_tiles(block_float_values(data, 3, mantissa_bits), 96, 32)
    run.check("values", _copied(run, Tiles(data, data_format, 3), BF16), matrix)


@program("format.bfp8_in", covers=["DataFormat"], needs=BLOCK, formats=[BFP8, BF16])
def bfp8_in(run: Run) -> None:
    """Bfp8_b is read exactly: a sign and seven bits over the exponent of sixteen elements."""
    _block_float(run, BFP8, 7)


@program("format.bfp4_in", covers=["DataFormat"], needs=BLOCK, formats=[BFP4, BF16])
def bfp4_in(run: Run) -> None:
    """Bfp4_b is read exactly: a sign and three bits over the exponent of sixteen elements."""
    _block_float(run, BFP4, 3)


def _packed(matrix: Doubles, dropped_bits: int) -> Doubles:
    """Return what the packer makes of bfloat16: 7 bits, then steps of the group's exponent (numerics.md §5.4, §5.5).

    Each value is rounded to 7 bits of significand, halves up; sixteen of them share the largest exponent, under which
    each is rounded to 7 bits again, 127 at most; shorter formats cut the last ``dropped_bits`` off.
    """
    flat = to_tiles(matrix).reshape(-1, 16)
    fraction, exponent = np.frexp(np.abs(flat))
    seven = np.ldexp(np.floor(np.ldexp(fraction, 7) + 0.5), exponent - 7)
    shared = np.frexp(seven.max(axis=1, keepdims=True))[1] - 1
    steps = np.minimum(np.floor(np.ldexp(seven, 6 - shared) + 0.5), 127)
    kept = np.floor(np.ldexp(steps, -dropped_bits))
    values = np.copysign(np.ldexp(kept, shared - 6 + dropped_bits), flat)
    return from_tiles(values.reshape(-1), *matrix.shape)


@program("format.bfp8_out", covers=["DataFormat"], needs=BLOCK, formats=[BFP8, BF16])
def bfp8_out(run: Run) -> None:
    """Bfloat16 is packed as Bfp8_b under the exponent of each group of sixteen, rounded."""
    matrix = random_bfloat16(run.rng, (64, 32), -3, 3)
    run.check("values", _copied(run, Tiles.of(matrix), BFP8), _packed(matrix, 0))


@program("format.bfp4_out", covers=["DataFormat"], needs=BLOCK, formats=[BFP4, BF16])
def bfp4_out(run: Run) -> None:
    """Bfloat16 is packed as Bfp4_b under the exponent of each group of sixteen, cut off."""
    matrix = random_bfloat16(run.rng, (64, 32), -3, 3)
    run.check("values", _copied(run, Tiles.of(matrix), BFP4), _packed(matrix, 4))


@program(
    "format.bfp8_matmul",
    covers=["matmul_tiles"],
    needs=BLOCK,
    formats=[BFP8, F32],
    tolerance=Tolerance("products are rounded to 11 bits of the largest before they are added", scaled=2**-9),
)
def bfp8_matmul(run: Run) -> None:
    """Block-float operands are multiplied as the numbers they mean."""
    data = [block_float_bytes(run.rng, 1, 7) for _ in range(2)]
    a, b = (from_tiles(block_float_values(each, 1, 7), 32, 32) for each in data)
    work = TileWork("compute_matmul", 1, F32, FP32, [1, 1, 1, 0])
    found = work.matrix(run, (32, 32), Tiles(data[0], BFP8, 1), Tiles(data[1], BFP8, 1))
    run.check("a @ b", found, a @ b, scale=np.abs(a) @ np.abs(b))


@program("format.two_inputs", covers=["reconfig_data_format_srca"], needs=COMPUTE, formats=[F32, BF16])
def two_inputs(run: Run) -> None:
    """One kernel reads two formats by reconfiguring the unpacker."""
    first = truncated(run.rng.standard_normal((32, 32)), 11)
    second = random_bfloat16(run.rng, (32, 32))
    work = TileWork("compute_two_formats", 2, F32, FP32)
    found = work.matrix(run, (64, 32), Tiles.of(first, F32), Tiles.of(second))
    run.check("both", found, np.concatenate([second, first]))


@program("format.uint16", covers=["DataFormat"], needs=INTEGER, formats=[Format.UInt16])
def uint16(run: Run) -> None:
    """UInt16 tiles are moved unchanged."""
    matrix = run.rng.integers(1, 1 << 16, (64, 32)).astype(np.float64)
    run.check("values", _copied(run, Tiles.of(matrix, Format.UInt16), Format.UInt16), matrix)


@program("format.int32", covers=["DataFormat", "UnpackToDestMode"], needs=INTEGER, formats=[Format.Int32])
def int32(run: Run) -> None:
    """Int32 tiles go straight to DST with all their bits."""
    matrix = run.rng.integers(-(1 << 31) + 1, 1 << 31, (64, 32)).astype(np.float64)
    modes = [ttnn.UnpackToDestMode.UnpackToDestFp32] * 32
    found = _copied(run, Tiles.of(matrix, Format.Int32), Format.Int32, unpack_to_dest_mode=modes, **FP32)
    run.check("values", found, matrix)


@program(
    "format.wide_integers_default_mode",
    covers=["DataFormat", "copy_tile", "transpose_tile"],
    needs=INTEGER,
    formats=[Format.Int32, Format.UInt32],
)
def wide_integers_default_mode(run: Run) -> None:
    """Int32 and UInt32 go straight to DST by their format: the unpack mode need not say so."""
    for name, low in ((Format.Int32, -(1 << 31) + 1), (Format.UInt32, 0)):
        matrix = run.rng.integers(low, low + (1 << 32) - 1, (64, 32)).astype(np.float64)
        run.check(f"{name.name} copied", _copied(run, Tiles.of(matrix, name), name, **FP32), matrix)
        found = TileWork("compute_transpose", 2, name, FP32, [2]).matrix(run, matrix.shape, Tiles.of(matrix, name))
        expected = matrix.reshape(2, 32, 32).transpose(0, 2, 1).reshape(matrix.shape)
        run.check(f"{name.name} transposed", found, expected)


@program("format.unpack_to_dest", covers=["UnpackToDestMode"], needs=COMPUTE, formats=[F32])
def unpack_to_dest(run: Run) -> None:
    """Float32 unpacked straight to DST keeps all its bits."""
    matrix = run.rng.standard_normal((64, 32)).astype(np.float32).astype(np.float64)
    modes = [ttnn.UnpackToDestMode.UnpackToDestFp32] + [ttnn.UnpackToDestMode.Default] * 31
    found = _copied(run, Tiles.of(matrix, F32), F32, unpack_to_dest_mode=modes, **FP32)
    run.check("values", found, matrix)


@program("format.small_tile", covers=["Tile", "set_tile_dims"], needs=COMPUTE, tiles=[(16, 32)])
def small_tile(run: Run) -> None:
    """Tiles of 16 rows are added as whole ones are."""
    a, b = small_integers(run.rng, (64, 32)), small_integers(run.rng, (64, 32))
    half = [Tiles(Tiles.of(each).data, BF16, 4) for each in (a, b)]
    work = TileWork(
        "compute_binary",
        4,
        arguments=[4],
        defines={"INIT": "add_init", "TILES": "add_tiles"},
        page_bytes={BF16: 1024},
        tile=(16, 32),
    )
    found = work.matrix(run, (64, 32), *half)
    run.check("a + b", found, a + b)
