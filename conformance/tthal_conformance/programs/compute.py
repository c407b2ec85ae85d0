"""Compute kernels: the matrix unit's operations, DST, packing, and layouts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import tthal as ttnn
from tthal_conformance.compute_bench import ComputeBench, Tensor
from tthal_conformance.declaration import program
from tthal_conformance.requirements import COMPUTE
from tthal_conformance.run import POISON, Run
from tthal_conformance.tile_bench import BF16, Tiles, TileWork
from tthal_conformance.tolerance import Form, Tolerance
from tthal_conformance.values import Doubles, decode, from_tiles, random_bfloat16, small_integers, truncated
from tthal_conformance.workbench import CORE, accessor, filled, launch, output, read

ROUNDED = Tolerance(
    "half a unit of bfloat16, and operands aligned to 11 bits before (numerics.md §3.5)",
    2**-8 + 2**-10,
    form=Form.BFLOAT16,
)
ALIGNED = Tolerance(
    "the matrix unit rounds products to 11 bits of the largest before it adds (numerics.md §3.4)",
    scaled=2**-11,
    form=Form.FLOAT32,
)
IN_BFLOAT16_DST = Tolerance(
    "DST holds bfloat16: a unit in the last place for each of the few roundings there",
    2**-7,
    2**-7,
    form=Form.BFLOAT16,
)
FP32 = {"fp32_dest_acc_en": True}
F32 = ttnn.DataFormat.Float32


@program("compute.copy", covers=["copy_init", "copy_tile", "pack_tile", "ComputeConfig"], needs=COMPUTE)
def copy(run: Run) -> None:
    """Tiles go through DST unchanged, all bits of bfloat16 kept."""
    matrix = random_bfloat16(run.rng, (5 * 32, 32), -60, 60)
    found = TileWork("compute_copy", 5, arguments=[5]).matrix(run, matrix.shape, Tiles.of(matrix))
    run.check("tiles in reverse order", found, matrix.reshape(5, 32, 32)[::-1].reshape(matrix.shape))


def _binary(run: Run, name: str, a: Doubles, b: Doubles, **settings: Any) -> Doubles:
    init, tiles = ("mul_init", "mul_tiles") if name == "mul" else (f"{name}_init", f"{name}_tiles")
    count = a.size // 1024
    work = TileWork("compute_binary", count, arguments=[count], defines={"INIT": init, "TILES": tiles}, **settings)
    return work.matrix(run, a.shape, Tiles.of(a), Tiles.of(b))


@program("compute.add", covers=["add_init", "add_tiles"], needs=COMPUTE)
def add(run: Run) -> None:
    """Sums of small integers are exact."""
    a, b = small_integers(run.rng, (96, 32)), small_integers(run.rng, (96, 32))
    run.check("a + b", _binary(run, "add", a, b), a + b)


@program("compute.sub", covers=["sub_init", "sub_tiles"], needs=COMPUTE)
def sub(run: Run) -> None:
    """Differences of small integers are exact, and the right way round."""
    a, b = small_integers(run.rng, (96, 32)), small_integers(run.rng, (96, 32))
    run.check("a - b", _binary(run, "sub", a, b), a - b)


@program("compute.mul", covers=["mul_init", "mul_tiles"], needs=COMPUTE)
def mul(run: Run) -> None:
    """Products of small integers are exact."""
    a, b = small_integers(run.rng, (96, 32), 15), small_integers(run.rng, (96, 32), 15)
    run.check("a * b", _binary(run, "mul", a, b), a * b)


@program("compute.add_rounds", covers=["add_tiles", "fp32_dest_acc_en"], needs=COMPUTE, tolerance=ROUNDED)
def add_rounds(run: Run) -> None:
    """Sums that bfloat16 cannot hold are rounded to nearest, not cut off, when they are packed from float32."""
    # Far apart, so that the bits to round away are random and halves, which the packer rounds up, are rare.
    a = np.abs(random_bfloat16(run.rng, (64, 64), 0, 1))
    b = np.abs(random_bfloat16(run.rng, (64, 64), 4, 5))
    found = _binary(run, "add", a, b, config=FP32)
    run.check("a + b", found, a + b)
    # Cutting off loses half a unit on average, rounding nothing.
    bias = float(np.mean((found - (a + b)) / (a + b)))
    run.check("no bias", np.array([1.0 + bias]), np.array([1.0]), Tolerance("rounding errors cancel", absolute=2**-10))


@program("compute.mul_rounds", covers=["mul_tiles"], needs=COMPUTE, tolerance=ROUNDED)
def mul_rounds(run: Run) -> None:
    """Products of all bits of bfloat16 are computed whole and rounded once."""
    a, b = random_bfloat16(run.rng, (64, 64)), random_bfloat16(run.rng, (64, 64))
    run.check("a * b", _binary(run, "mul", a, b, config=FP32), a * b)


@program("compute.special_positions", covers=["add_tiles"], needs=COMPUTE)
def special_positions(run: Run) -> None:
    """Every element of a tile keeps its place: faces are not exchanged, rows not shifted."""
    place = np.arange(1024, dtype=np.float64).reshape(32, 32)
    a, b = np.floor(place / 32) + 1.0, np.mod(place, 32) * 4.0
    run.check("row + 4 * column", _binary(run, "add", a, b), a + b)


@program("compute.registers", covers=["tile_regs_acquire", "pack_tile"], needs=COMPUTE)
def registers(run: Run) -> None:
    """DST holds several tiles at once."""
    for tiles, config in ((4, {}), (8, {}), (4, FP32), (16, {"dst_full_sync_en": True})):
        a, b = small_integers(run.rng, (tiles * 32, 32)), small_integers(run.rng, (tiles * 32, 32))
        work = TileWork("compute_registers", tiles, arguments=[tiles], config=config)
        found = work.matrix(run, a.shape, Tiles.of(a), Tiles.of(b))
        run.check(f"{tiles} tiles {config}", found, (a + b).reshape(tiles, 32, 32)[::-1].reshape(a.shape))


@program("compute.fresh_registers", covers=["tile_regs_acquire", "mul_tiles"], needs=COMPUTE)
def fresh_registers(run: Run) -> None:
    """DST is zero whenever it is acquired: a product that adds onto it sees nothing of earlier ones."""
    a, b = small_integers(run.rng, (8 * 32, 32), 15), small_integers(run.rng, (8 * 32, 32), 15)
    found = TileWork("compute_fresh", 8, arguments=[8]).matrix(run, a.shape, Tiles.of(a), Tiles.of(b))
    run.check("a * b", found, a * b)


@program("compute.accumulate", covers=["add_init"], needs=COMPUTE)
def accumulate(run: Run) -> None:
    """An addition told to accumulate adds onto what DST holds."""
    a, b = small_integers(run.rng, (4 * 32, 32), 15), small_integers(run.rng, (4 * 32, 32), 15)
    work = TileWork("compute_accumulate", 1, arguments=[4])
    found = work.matrix(run, (32, 32), Tiles.of(a), Tiles.of(b))
    run.check("sum of all", found, (a + b).reshape(4, 32, 32).sum(axis=0))


@program("compute.out_of_order", covers=["pack_tile"], needs=COMPUTE)
def out_of_order(run: Run) -> None:
    """Tiles are packed to places of the kernel's choice."""
    matrix = random_bfloat16(run.rng, (4 * 32, 32))
    found = TileWork("compute_out_of_order", 4, arguments=[4]).matrix(run, matrix.shape, Tiles.of(matrix))
    run.check("moved by one", found, np.roll(matrix, 32, axis=0))


@program("compute.chain", covers=["add_init", "mul_init", "CircularBuffer"], needs=COMPUTE)
def chain(run: Run) -> None:
    """A result goes through a circular buffer into the next operation of the same kernel."""
    a, b = small_integers(run.rng, (64, 32), 10), small_integers(run.rng, (64, 32), 5)
    found = TileWork("compute_chain", 2, arguments=[2], middle=1).matrix(run, a.shape, Tiles.of(a), Tiles.of(b))
    run.check("(a + b) * a", found, (a + b) * a)


@program("compute.reuse_dst", covers=["sub_reuse_dest_init", "sub_reuse_dest_tiles"], needs=COMPUTE)
def reuse_dst(run: Run) -> None:
    """What stays in DST becomes an operand of the next operation."""
    a, b = small_integers(run.rng, (64, 32), 11), small_integers(run.rng, (64, 32), 11)
    found = TileWork("compute_reuse", 2, arguments=[2]).matrix(run, a.shape, Tiles.of(a), Tiles.of(b))
    run.check("a * b - a", found, a * b - a)


@program("compute.arguments", covers=["get_arg_val", "get_common_arg_val", "named_compile_args"], needs=COMPUTE)
def arguments(run: Run) -> None:
    """Compute kernels get runtime, common and named arguments and macros as data-movement kernels do."""
    matrix = random_bfloat16(run.rng, (10 * 32, 32))
    pages = Tiles.of(matrix).data.view(np.uint8).reshape(10, 2048)
    run.note_input(pages)
    tensors = [Tensor(index, BF16, pages) for index in (0, 16)]
    kernel = Path(run.kernel("compute_arguments"))
    named, defines = {"named": 3}, {"EXTRA": "4"}
    prepared = ComputeBench(run.device).prepare(
        kernel, tensors[:1], tensors[1:], [1], common_args=[2], named_compile_args=named, defines=defines
    )
    found = prepared.run(POISON)[0].view(np.uint16)
    expected = Tiles.of(matrix.reshape(10, 32, 32)[::-1].reshape(matrix.shape)).data
    run.check("ten tiles in reverse order", found.reshape(-1), expected)


@program("compute.relu", covers=["pack_relu_config"], needs=COMPUTE)
def relu(run: Run) -> None:
    """The packer sets negative values to zero."""
    matrix = random_bfloat16(run.rng, (64, 32))
    found = TileWork("compute_relu", 2, arguments=[2]).matrix(run, matrix.shape, Tiles.of(matrix))
    run.check("max(a, 0)", found, np.maximum(matrix, 0.0))


@program("compute.l1_accumulate", covers=["pack_reconfig_l1_acc"], needs=COMPUTE)
def l1_accumulate(run: Run) -> None:
    """The packer adds onto what L1 holds."""
    matrix = small_integers(run.rng, (4 * 32, 32))
    found = TileWork("compute_l1_accumulate", 1, arguments=[4]).matrix(run, (32, 32), Tiles.of(matrix))
    run.check("sum of all", found, matrix.reshape(4, 32, 32).sum(axis=0))


@program("compute.transpose", covers=["transpose_init", "transpose_tile"], needs=COMPUTE)
def transpose(run: Run) -> None:
    """Tiles are transposed, all bits kept."""
    matrix = random_bfloat16(run.rng, (96, 32))
    found = TileWork("compute_transpose", 3, arguments=[3]).matrix(run, matrix.shape, Tiles.of(matrix))
    run.check("transposed", found, matrix.reshape(3, 32, 32).transpose(0, 2, 1).reshape(matrix.shape))


@program("compute.tilize", covers=["tilize_init", "tilize_block", "tilize_uninit"], needs=COMPUTE)
def tilize(run: Run) -> None:
    """Rows become tiles."""
    matrix = random_bfloat16(run.rng, (64, 96))
    rows = Tiles(Tiles.of(matrix).data, BF16, 6)
    flat = (matrix.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).reshape(-1)
    found = TileWork("compute_tilize", 6, arguments=[3, 2]).run(run, Tiles(flat, BF16, 6)).view(np.uint16)
    run.check("tiles", found, rows.data)


@program(
    "compute.untilize", covers=["pack_untilize_init", "pack_untilize_block", "pack_untilize_uninit"], needs=COMPUTE
)
def untilize(run: Run) -> None:
    """Tiles become rows."""
    matrix = random_bfloat16(run.rng, (64, 96))
    flat = (matrix.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16).reshape(-1)
    found = TileWork("compute_untilize", 6, arguments=[3, 2]).run(run, Tiles.of(matrix)).view(np.uint16)
    run.check("rows", found, flat)


# ---------------------------------------------------------------------------------------------- broadcast, reduction


def _broadcast(run: Run, operation: str, shape: str, b: Doubles, expected: Any) -> None:
    a = small_integers(run.rng, (64, 32), 12)
    defines = {"INIT": f"{operation}_bcast_{shape}_init", "TILES": f"{operation}_tiles_bcast_{shape}"}
    work = TileWork("compute_binary", 2, arguments=[2], defines=defines)
    found = work.matrix(run, a.shape, Tiles.of(a), Tiles.of(b))
    run.check(f"{operation} {shape}", found, expected(a.reshape(2, 32, 32), b.reshape(2, 32, 32)).reshape(a.shape))


@program(
    "compute.broadcast_rows",
    covers=["add_bcast_rows_init", "add_tiles_bcast_rows", "mul_tiles_bcast_rows"],
    needs=COMPUTE,
)
def broadcast_rows(run: Run) -> None:
    """The first row of B goes to all rows of A."""
    b = small_integers(run.rng, (64, 32), 12)
    _broadcast(run, "add", "rows", b, lambda x, y: x + y[:, :1, :])
    _broadcast(run, "mul", "rows", b, lambda x, y: x * y[:, :1, :])


@program(
    "compute.broadcast_columns",
    covers=["mul_bcast_cols_init", "mul_tiles_bcast_cols", "sub_tiles_bcast_cols"],
    needs=COMPUTE,
)
def broadcast_columns(run: Run) -> None:
    """The first column of B goes to all columns of A."""
    b = small_integers(run.rng, (64, 32), 12)
    _broadcast(run, "mul", "cols", b, lambda x, y: x * y[:, :, :1])
    _broadcast(run, "sub", "cols", b, lambda x, y: x - y[:, :, :1])


@program("compute.broadcast_scalar", covers=["mul_bcast_scalar_init", "mul_tiles_bcast_scalar"], needs=COMPUTE)
def broadcast_scalar(run: Run) -> None:
    """The first element of B goes to all of A."""
    b = small_integers(run.rng, (64, 32), 12)
    _broadcast(run, "mul", "scalar", b, lambda x, y: x * y[:, :1, :1])
    _broadcast(run, "add", "scalar", b, lambda x, y: x + y[:, :1, :1])


def _reduced(run: Run, pool: str, dimension: str, tiles: int = 2) -> tuple[Doubles, Doubles]:
    """Return the input tiles and the reduced one; the scaler is 1 wherever the hardware may look."""
    a = small_integers(run.rng, (tiles * 32, 32), 9)
    work = TileWork("compute_reduce", 1, F32, FP32, [tiles], {"POOL": pool, "DIMENSION": f"REDUCE_{dimension}"})
    found = work.matrix(run, (32, 32), Tiles.of(a), Tiles.of(np.ones((32, 32))))
    return a.reshape(tiles, 32, 32), found


@program("compute.reduce_rows", covers=["reduce_init", "reduce_tile", "reduce_uninit"], needs=COMPUTE)
def reduce_rows(run: Run) -> None:
    """Sums and maxima along rows come out in the first column."""
    a, found = _reduced(run, "SUM", "ROW")
    run.check("sums", found[:, 0], a.sum(axis=(0, 2)))
    a, found = _reduced(run, "MAX", "ROW")
    run.check("maxima", found[:, 0], a.max(axis=(0, 2)))


@program("compute.reduce_columns", covers=["reduce_init", "reduce_tile"], needs=COMPUTE)
def reduce_columns(run: Run) -> None:
    """Sums and maxima along columns come out in the first row; the rest is zero."""
    a, found = _reduced(run, "SUM", "COL")
    expected = np.zeros((32, 32))
    expected[0] = a.sum(axis=(0, 1))
    run.check("sums", found, expected)
    a, found = _reduced(run, "MAX", "COL")
    run.check("maxima", found[0], a.max(axis=(0, 1)))


@program("compute.reduce_scalar", covers=["reduce_init", "reduce_tile"], needs=COMPUTE)
def reduce_scalar(run: Run) -> None:
    """The sum of whole tiles comes out in the first element."""
    a, found = _reduced(run, "SUM", "SCALAR")
    run.check("sum", found[0, 0], a.sum())


# ---------------------------------------------------------------------------------------------- matrix products


def _matmul(run: Run, a: Doubles, b: Doubles, transpose: bool = False, **settings: Any) -> Doubles:
    rows, inner = a.shape[0] // 32, a.shape[1] // 32
    columns = b.size // 1024 // inner
    work = TileWork("compute_matmul", rows * columns, arguments=[rows, inner, columns, int(transpose)], **settings)
    return work.matrix(run, (rows * 32, columns * 32), Tiles.of(a), Tiles.of(b))


@program("matmul.integers", covers=["matmul_init", "matmul_tiles", "SrcOrder"], needs=COMPUTE)
def matmul_integers(run: Run) -> None:
    """A product of small integers is exact in float32."""
    a, b = small_integers(run.rng, (64, 96)), small_integers(run.rng, (96, 64))
    run.check("a @ b", _matmul(run, a, b, config=FP32, out_format=F32), a @ b)


@program("matmul.transposed", covers=["matmul_init"], needs=COMPUTE)
def matmul_transposed(run: Run) -> None:
    """The tiles of B are transposed on request."""
    a, b = small_integers(run.rng, (32, 64)), small_integers(run.rng, (64, 32))
    flipped = b.reshape(2, 32, 32).transpose(0, 2, 1).reshape(64, 32)
    run.check("a @ b'", _matmul(run, a, b, True, config=FP32, out_format=F32), a @ flipped)


@program("matmul.block", covers=["matmul_block_init", "matmul_block"], needs=COMPUTE)
def matmul_block(run: Run) -> None:
    """Blocks of tiles are multiplied at once, one inner step at a time."""
    a, b = small_integers(run.rng, (64, 96)), small_integers(run.rng, (96, 64))
    work = TileWork("compute_matmul_block", 4, F32, FP32, [3])
    run.check("a @ b", work.matrix(run, (64, 64), Tiles.of(a), Tiles.of(b)), a @ b)


@program(
    "matmul.bfloat16",
    covers=["matmul_tiles"],
    needs=COMPUTE,
    tolerance=Tolerance(
        "one rounding to bfloat16, and sums aligned to the largest product", 2**-8, 2**-10, form=Form.BFLOAT16
    ),
)
def matmul_bfloat16(run: Run) -> None:
    """A product of bfloat16 matrices is rounded once."""
    a, b = random_bfloat16(run.rng, (64, 128)), random_bfloat16(run.rng, (128, 32))
    found = _matmul(run, a, b, config=FP32)
    run.check("a @ b", found, a @ b, scale=np.abs(a) @ np.abs(b))


@program("matmul.in_bfloat16_dst", covers=["fp32_dest_acc_en"], needs=COMPUTE, tolerance=IN_BFLOAT16_DST)
def matmul_in_bfloat16_dst(run: Run) -> None:
    """Without float32 in DST a product is still right to bfloat16's precision."""
    a, b = random_bfloat16(run.rng, (32, 32)), random_bfloat16(run.rng, (32, 32))
    found = _matmul(run, a, b)
    run.check("a @ b", found, a @ b, scale=np.abs(a) @ np.abs(b))


@program("matmul.fp32_dst", covers=["fp32_dest_acc_en"], needs=COMPUTE, tolerance=ALIGNED)
def matmul_fp32_dst(run: Run) -> None:
    """With float32 in DST sums keep bits that bfloat16 has not."""
    a, b = (run.rng.integers(100, 128, shape).astype(np.float64) for shape in ((32, 256), (256, 32)))
    found = _matmul(run, a, b, config=FP32, out_format=F32)
    run.check("a @ b", found, a @ b, scale=a @ b)


_PASSES = {"LoFi": 1, "HiFi2": 2, "HiFi3": 3, "HiFi4": 4}


def _with_fidelity(a: Doubles, b: Doubles, passes: int) -> Doubles:
    """Return the product as the matrix unit's passes make it: B in 5 + 3 bits, A in 7 + 1 (numerics.md §3.1)."""
    a_high, b_high = truncated(a, 7), truncated(b, 5)
    a_low, b_low = a - a_high, b - b_high
    steps = (a_high @ b_high, a_high @ b_low, a_low @ b_high, a_low @ b_low)
    return np.asarray(sum(steps[:passes]))


def _fidelity(run: Run, name: str) -> None:
    a = np.abs(random_bfloat16(run.rng, (32, 32), 0, 1))
    b = np.abs(random_bfloat16(run.rng, (32, 32), 0, 1))
    config = {**FP32, "math_fidelity": ttnn.MathFidelity[name]}
    run.check("a @ b", _matmul(run, a, b, config=config, out_format=F32), _with_fidelity(a, b, _PASSES[name]))


@program("matmul.lofi", covers=["MathFidelity"], needs=COMPUTE)
def matmul_lofi(run: Run) -> None:
    """LoFi multiplies the operands' leading bits only."""
    _fidelity(run, "LoFi")


@program("matmul.hifi2", covers=["MathFidelity"], needs=COMPUTE)
def matmul_hifi2(run: Run) -> None:
    """HiFi2 adds the second operand's remaining bits."""
    _fidelity(run, "HiFi2")


@program("matmul.hifi3", covers=["MathFidelity"], needs=COMPUTE)
def matmul_hifi3(run: Run) -> None:
    """HiFi3 adds the first operand's remaining bits, too."""
    _fidelity(run, "HiFi3")


@program("matmul.hifi4", covers=["MathFidelity"], needs=COMPUTE)
def matmul_hifi4(run: Run) -> None:
    """HiFi4 multiplies all bits of bfloat16."""
    _fidelity(run, "HiFi4")


@program("matmul.multi_core", covers=["CoreRange"], needs=COMPUTE, grid=(2, 2), tolerance=ROUNDED)
def matmul_multi_core(run: Run) -> None:
    """Cores compute the rows of a product that each is dealt."""
    a, b = small_integers(run.rng, (128, 64)), small_integers(run.rng, (64, 32))
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 1))
    sources = [filled(run, Tiles.of(each).data, 2048) for each in (a, b)]
    target = output(run, 4 * 2048, 2048)
    work = ttnn.CreateProgram()
    for index, pages in ((0, 2), (1, 2), (16, 1)):
        config = ttnn.CircularBufferConfig(pages * 2048, {index: BF16}).set_page_size(index, 2048)
        ttnn.CreateCircularBuffer(work, cores, config)
    words = [word for source in (*sources, target) for word in accessor(source)]
    reader = ttnn.CreateKernel(work, run.kernel("rows_in"), cores, ttnn.ReaderDataMovementConfig(words))
    computing = ttnn.ComputeConfig(fp32_dest_acc_en=True, compile_args=[1, 2, 1, 0])
    ttnn.CreateKernel(work, run.kernel("compute_matmul"), cores, computing)
    writer = ttnn.CreateKernel(work, run.kernel("row_out"), cores, ttnn.WriterDataMovementConfig(accessor(target)))
    for row, core in enumerate(ttnn.CoreRangeSet.of(cores).cores()):
        ttnn.SetRuntimeArgs(work, reader, core, [sources[0].address(), sources[1].address(), row])
        ttnn.SetRuntimeArgs(work, writer, core, [target.address(), row])
    launch(run, work)
    found = from_tiles(decode(read(run, target, np.uint8), BF16), 128, 32)
    run.check("a @ b", found, a @ b)
