"""The compute stages of the ladder of kernels, one by one, with real arguments (device-api.md §6).

Every stage runs a kernel of ours of the same kind (folder kernels/compute); where the vendor's wheel ``ttnn`` holds the
stage's own file, that runs too, with the same arguments, data and oracle. ``TTHAL_KERNEL_CORPUS`` names the folder the
wheel was unpacked into; without it the vendor's files are skipped.

Operands are bfloat16 unless a stage says otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tthal as ttnn

sys.path.append(str(Path(__file__).resolve().parent))
from stage_data import (
    ALIGNED,
    BF16,
    F64,
    HALF_UNIT,
    OWN,
    TILE_BYTES,
    Bench,
    F,
    Pages,
    check,
    empty,
    kernels,
    matrix,
    normal,
    pages,
    rounded,
    row_tile,
    scaler_tile,
    tiles_of,
)

# ---- 13 to 16: copies and sums


@kernels("13_copy.cpp", "kernel/compute/eltwise_copy_metal2.cpp")
def test_13_copy_converts_formats(kernel: Path, benches: Bench, tensor: Any) -> None:
    x = normal(13, 32, 96)
    out = tensor(16, F.Float32, empty(3, 4096), depth=1)
    named = {"args::per_core_tile_cnt": 3, "dfb::in": 0, "dfb::out": 16}
    got = benches("emulator").run(kernel, [tensor(0, F.Float16_b, pages(x), depth=2)], [out], named_compile_args=named)[
        0
    ]
    assert np.array_equal(matrix(got, 32, 96, dtype=np.float32), x)


def sum_of(a: F64, b: F64) -> F64:
    """The sum of two tensors, which is rounded once."""
    return rounded(a + b)


@kernels("14_add_two_tiles.cpp")
def test_14_one_addition(kernel: Path, benches: Bench, tensor: Any) -> None:
    a, b = normal(1, 32, 32), normal(2, 32, 32)
    inputs = [tensor(0, F.Float16_b, pages(a)), tensor(1, F.Float16_b, pages(b))]
    got = benches("emulator").run(kernel, inputs, [tensor(16, F.Float16_b, empty(1))])[0]
    # The unit aligns the smaller operand to the larger one's 10 bits, and a 16-bit DST cuts.
    check(matrix(got, 32, 32), a + b, HALF_UNIT, ALIGNED * np.maximum(np.abs(a), np.abs(b)))


@kernels("15_streaming_add.cpp")
def test_15_streaming_addition(kernel: Path, benches: Bench, tensor: Any) -> None:
    a, b = normal(3, 64, 160), normal(4, 64, 160)
    inputs = [tensor(cb, F.Float16_b, pages(x), depth=2) for cb, x in enumerate((a, b))]
    out = tensor(16, F.Float16_b, empty(10), depth=2)
    got = benches("emulator").run(kernel, inputs, [out], [10], fp32_dest_acc_en=True)[0]
    check(matrix(got, 64, 160), a + b, HALF_UNIT, ALIGNED * np.maximum(np.abs(a), np.abs(b)))


def test_16_many_cores_add_their_ranges(benches: Bench) -> None:
    """13 tiles on a grid of 3 x 2 cores: one core has three, the others two."""
    device = benches("emulator").device
    a, b = normal(5, 32, 13 * 32), normal(6, 32, 13 * 32)
    config = ttnn.InterleavedBufferConfig(device, 13 * TILE_BYTES, TILE_BYTES, ttnn.BufferType.DRAM)
    buffers = [ttnn.CreateBuffer(config) for _ in range(3)]
    queue = device.command_queue()
    for buffer, x in zip(buffers, (a, b), strict=False):
        ttnn.EnqueueWriteBuffer(queue, buffer, pages(x))
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(2, 1))
    program = ttnn.CreateProgram()
    for cb in (0, 1, 16):
        plain = ttnn.CircularBufferConfig(2 * TILE_BYTES, {cb: F.Float16_b}).set_page_size(cb, TILE_BYTES)
        ttnn.CreateCircularBuffer(program, cores, plain)
    movers = []
    for read, tensors, kind in (
        (1, buffers[:2], ttnn.ReaderDataMovementConfig),
        (0, buffers[2:], ttnn.WriterDataMovementConfig),
    ):
        words = [word for buffer in tensors for word in ttnn.TensorAccessorArgs(buffer).get_compile_time_args()]
        settings = kind(words, named_compile_args={"read": read, "tensors": len(tensors)})
        movers.append((ttnn.CreateKernel(program, str(OWN / "16_move_range.cpp"), cores, settings), tensors))
    named = {"cb_a": 0, "cb_b": 1, "cb_out": 16}
    adder = ttnn.CreateKernel(
        program, str(OWN / "16_add_range.cpp"), cores, ttnn.ComputeConfig(named_compile_args=named)
    )
    first = 0
    for number, core in enumerate(cores):
        tiles = 3 if number == 0 else 2
        for mover, tensors in movers:
            ttnn.SetRuntimeArgs(program, mover, core, [first, tiles, *(buffer.address() for buffer in tensors)])
        ttnn.SetRuntimeArgs(program, adder, core, [tiles])
        first += tiles
    ttnn.EnqueueProgram(queue, program, blocking=True)
    got = np.frombuffer(bytes(ttnn.EnqueueReadBuffer(queue, buffers[2])), np.uint8)
    check(matrix(got, 32, 13 * 32), a + b, HALF_UNIT, ALIGNED * np.maximum(np.abs(a), np.abs(b)))


# ---- 17 to 20: the vector unit


def one_by_one(kernel: Path, bench: Any, tensor: Any, x: F64, out_cb: int = 16, more: Any = (), **config: Any) -> F64:
    """Run a kernel that streams tiles of buffer 0, their number being its first runtime argument."""
    tiles = x.size // 1024
    inputs = [tensor(0, F.Float16_b, pages(x), depth=2), *more]
    out = tensor(out_cb, F.Float16_b, empty(tiles), depth=2)
    return matrix(bench.run(kernel, inputs, [out], [tiles], fp32_dest_acc_en=True, **config)[0], *x.shape)


@kernels("17_exponential.cpp")
def test_17_exponential(kernel: Path, benches: Bench, tensor: Any) -> None:
    x = normal(17, 64, 64, deviation=3)
    # float32 inside, rounded once: to bfloat16.
    check(one_by_one(kernel, benches("emulator"), tensor, x), np.exp(x), HALF_UNIT)


@kernels("18_softplus.cpp")
def test_18_softplus_as_a_chain_in_dst(kernel: Path, benches: Bench, tensor: Any) -> None:
    x = normal(18, 64, 64, deviation=3)
    ones = tensor(1, F.Float16_b, pages(np.ones((32, 32))), depth=1)
    got = one_by_one(kernel, benches("emulator"), tensor, x, more=[ones])
    # 1 + e^x has float32's 24 bits, so what is left of a small e^x is off by 2^-24.
    check(got, np.logaddexp(0, x), HALF_UNIT, 2.0**-23)


CHAINS: dict[str, tuple[str, Callable[[F64], F64]]] = {
    "exponential": ("exp_tile_init<0u>(); exp_tile<0u>(0);", np.exp),
    "rectified, root": (
        "relu_tile_init(); relu_tile(0); sqrt_tile_init(); sqrt_tile(0);",
        lambda x: np.sqrt(np.maximum(x, 0)),
    ),
    "2 x^2 + 1": (
        "square_tile_init(); square_tile(0); binop_with_scalar_tile_init(); mul_unary_tile(0, 0x40000000u);"
        " add_unary_tile(0, 0x3F800000u);",
        lambda x: 2 * x * x + 1,
    ),
    "sine": ("sin_tile_init(); sin_tile(0);", np.sin),
}  # fmt: skip


@pytest.mark.parametrize("chain", CHAINS)
@kernels("19_chosen_chain.cpp", "operations/eltwise/unary/device/kernels/compute/eltwise_sfpu.cpp")
def test_19_a_chain_of_the_hosts_choice(kernel: Path, chain: str, benches: Bench, tensor: Any) -> None:
    x = normal(19, 32, 96, deviation=2)
    # As the vendor's host code has it: the chain is made of further defines.
    defines = {"SFPU_OP_CHAIN_0": "SFPU_OP_CHAIN_0_FUNC_0", "SFPU_OP_CHAIN_0_FUNC_0": CHAINS[chain][0]}
    got = one_by_one(kernel, benches("emulator"), tensor, x, 2, defines=defines)
    check(got, CHAINS[chain][1](x), HALF_UNIT, 2.0**-22)


@kernels("20_smoothstep.cpp")
def test_20_own_code_for_the_vector_unit(kernel: Path, benches: Bench, tensor: Any) -> None:
    x = normal(20, 32, 64, deviation=2)
    t = np.clip((x + 1) / 3, 0, 1)
    # The constants are float32; nothing else is rounded before packing.
    check(one_by_one(kernel, benches("emulator"), tensor, x), t * t * (3 - 2 * t), HALF_UNIT, 2.0**-22)


# ---- 21 to 23: products of matrices


def product_bound(a: F64, b: F64) -> F64:
    """What sums of products are off by: with four phases products are exact, sums keep 10 bits of the largest."""
    return np.asarray(ALIGNED * (np.abs(a) @ np.abs(b)))


def operand_pairs(a: F64, b: F64) -> tuple[Pages, Pages]:
    """Return the operands' tiles in the order in which a tile-by-tile product takes them."""
    left, right = tiles_of(a), tiles_of(b)
    order = [(m, k, n) for m in range(len(left)) for n in range(right.shape[1]) for k in range(len(right))]
    return np.stack([left[m, k] for m, k, _ in order]), np.stack([right[k, n] for _, k, n in order])


@pytest.mark.parametrize("grade", ["emulator", "emulator?numerics=fast"])
@kernels("21_matmul_tiles.cpp")
def test_21_product_of_matrices(kernel: Path, grade: str, benches: Bench, tensor: Any) -> None:
    a, b = normal(1, 64, 96), normal(2, 96, 128)
    inputs = [tensor(cb, F.Float16_b, side, depth=2) for cb, side in enumerate(operand_pairs(a, b))]
    out = tensor(16, F.Float16_b, empty(8), depth=2)
    got = benches(grade).run(kernel, inputs, [out], compile_args=[2, 3, 4], fp32_dest_acc_en=True)[0]
    check(matrix(got, 64, 128), a @ b, HALF_UNIT, product_bound(a, b))


@kernels("22_batched_matmul.cpp", "operations/matmul/device/kernels/compute/bmm.cpp")
def test_22_a_batch_of_products(kernel: Path, benches: Bench, tensor: Any) -> None:
    a, b = normal(3, 3, 64, 64), normal(4, 3, 64, 32)
    sides = [operand_pairs(x, y) for x, y in zip(a, b, strict=True)]
    inputs = [tensor(cb, F.Float16_b, np.concatenate([s[cb] for s in sides]), depth=2) for cb in (0, 1)]
    out = tensor(16, F.Float16_b, empty(6), depth=2)
    named = {"cb_in0": 0, "cb_in1": 1, "cb_out": 16}
    config = {"compile_args": [3, 2, 2, 1], "named_compile_args": named, "fp32_dest_acc_en": True}
    got = benches("emulator").run(kernel, inputs, [out], **config)[0]
    for number in range(3):
        result = matrix(got[2 * number : 2 * number + 2], 64, 32)
        check(result, a[number] @ b[number], HALF_UNIT, product_bound(a[number], b[number]))


@kernels("23_blocked_matmul.cpp", "operations/matmul/device/kernels/compute/bmm_large_block_zm.cpp")
def test_23_a_blocked_product_that_spills(kernel: Path, benches: Bench, tensor: Any) -> None:
    """4 x 6 @ 6 x 4 tiles in three blocks of the inner dimension, subblocks of 2 x 2."""
    a, b = normal(5, 128, 192), normal(6, 192, 128)
    left, right = tiles_of(a), tiles_of(b)
    blocks = [slice(2 * i, 2 * i + 2) for i in range(3)]
    in0 = np.concatenate([left[:, block].reshape(8, -1) for block in blocks])
    in1 = np.concatenate([right[block].reshape(8, -1) for block in blocks])
    inputs = [tensor(0, F.Float16_b, in0, depth=16), tensor(1, F.Float16_b, in1, depth=16)]
    out = tensor(16, F.Float16_b, empty(16), depth=16)
    named = {"cb_in0": 0, "cb_in1": 1, "cb_out": 16, "cb_intermed0": 24}
    compile_args = [2, 2, 8, 4, 2, 8, 4, 3, 2, 2, 4, 1]
    scratch = {24: (F.Float16_b, TILE_BYTES, 16)}
    config = {"compile_args": compile_args, "named_compile_args": named, "fp32_dest_acc_en": True}
    got = benches("emulator").run(kernel, inputs, [out], scratch=scratch, **config)[0]
    # Subblocks follow each other by rows; each has its own four tiles.
    result = got.reshape(2, 2, 2, 2, -1).transpose(0, 2, 1, 3, 4).reshape(16, -1)
    # The two partial sums that wait in L1 are rounded there.
    partial = sum(np.abs(a[:, : 64 * n] @ b[: 64 * n]) for n in (1, 2))
    check(matrix(result, 128, 128), a @ b, HALF_UNIT, product_bound(a, b) + HALF_UNIT * partial)


# ---- 29 to 32: tiles by themselves


@kernels("29_transpose.cpp", "operations/data_movement/transpose/device/kernels/compute/transpose_wh.cpp")
def test_29_transposition(kernel: Path, benches: Bench, tensor: Any) -> None:
    x = normal(29, 64, 96)
    columns = np.ascontiguousarray(tiles_of(x).swapaxes(0, 1)).reshape(6, -1)
    inputs, out = [tensor(0, F.Float16_b, columns, depth=2)], tensor(16, F.Float16_b, empty(6), depth=2)
    got = benches("emulator").run(kernel, inputs, [out], [6])[0]
    assert np.array_equal(matrix(got, 96, 64), x.T)


@kernels("30_tilize.cpp", "operations/data_movement/tilize/device/kernels/compute/tilize.cpp")
def test_30_rows_to_tiles(kernel: Path, benches: Bench, tensor: Any) -> None:
    x = normal(30, 96, 128)
    # Pages of a tile's size hold the rows of three blocks of 32.
    rows = x.astype(BF16).view(np.uint8).reshape(12, TILE_BYTES)
    inputs, out = [tensor(0, F.Float16_b, rows, depth=8)], tensor(16, F.Float16_b, empty(12), depth=8)
    got = benches("emulator").run(kernel, inputs, [out], compile_args=[0, 16, 3, 4])[0]
    assert np.array_equal(matrix(got, 96, 128), x)


@kernels("30_untilize.cpp", "operations/data_movement/untilize/device/kernels/compute/untilize.cpp")
def test_30_tiles_to_rows(kernel: Path, benches: Bench, tensor: Any) -> None:
    x = normal(31, 96, 128)
    inputs, out = [tensor(0, F.Float16_b, pages(x), depth=8)], tensor(16, F.Float16_b, empty(12), depth=8)
    got = benches("emulator").run(kernel, inputs, [out], compile_args=[3, 4, 0, 16])[0]
    assert np.array_equal(got.reshape(-1).view(BF16).reshape(96, 128).astype(np.float64), x)


BROADCASTS: dict[str, tuple[str, Callable[[F64, F64], F64]]] = {
    "add": ("ELWADD", np.add),
    "sub": ("ELWSUB", np.subtract),
    "mul": ("ELWMUL", np.multiply),
}


def broadcast_defines(operation: str) -> dict[str, str]:
    return {
        "BCAST_LLKOP": f"EltwiseBinaryType::{BROADCASTS[operation][0]}",
        "BCAST_DIM": "BroadcastType::ROW",
        "BCAST_OP": f"{operation}_tiles_bcast",
    }


def check_broadcast(got: F64, operation: str, x: F64, row: F64) -> None:
    # Sums are aligned to the larger operand's 10 bits. Products read all 8 bits of both operands in four phases, and
    # DST, of 16 bits, rounds what each of them adds.
    roundings = 4 if operation == "mul" else 1
    aligned = 0.0 if operation == "mul" else ALIGNED * np.maximum(np.abs(x), np.abs(row))
    check(got, BROADCASTS[operation][1](x, row), roundings * HALF_UNIT, aligned)


@pytest.mark.parametrize("operation", BROADCASTS)
@kernels("31_add_row.cpp")
def test_31_a_row_onto_all_rows(kernel: Path, operation: str, benches: Bench, tensor: Any) -> None:
    x, row = normal(1, 64, 96), normal(2, 96)
    again = np.concatenate([pages(row_tile(row))] * 2)
    inputs = [tensor(0, F.Float16_b, pages(x), depth=2), tensor(1, F.Float16_b, again, depth=2)]
    out = tensor(16, F.Float16_b, empty(6), depth=2)
    got = benches("emulator").run(kernel, inputs, [out], [1, 2, 3], defines=broadcast_defines(operation))[0]
    check_broadcast(matrix(got, 64, 96), operation, x, row)


@pytest.mark.parametrize("operation", BROADCASTS)
@kernels(
    "31_add_row_to_shard.cpp", "operations/data_movement/bcast/device/kernels/compute/bcast_h_sharded_optimised.cpp"
)
def test_31_rows_onto_a_shard(kernel: Path, operation: str, benches: Bench, tensor: Any) -> None:
    """Two batches of 5 x 3 tiles, each with a row of its own; two tiles of a column at a time, the last alone."""
    x, rows = normal(3, 320, 96), normal(4, 2, 96)
    own_rows = np.concatenate([pages(row_tile(row)) for row in rows])
    inputs = [tensor(0, F.Float16_b, pages(x)), tensor(1, F.Float16_b, own_rows)]
    names = ["NC", "Ht", "Wt", "h_blk", "batch_b", "Ht_per_batch_b"]
    named = {"dfb::in0": 0, "dfb::in1": 1, "dfb::out": 16, **{f"rta::{name}": i for i, name in enumerate(names)}}
    out = tensor(16, F.Float16_b, empty(30))
    config = {"defines": broadcast_defines(operation), "named_compile_args": named}
    got = benches("emulator").run(kernel, inputs, [out], [1, 10, 3, 2, 2, 5], **config)[0]
    check_broadcast(matrix(got, 320, 96), operation, x, np.repeat(rows, 160, axis=0))


REDUCTIONS: dict[str, tuple[str, int, int]] = {
    # dimension, results, tiles of each, of a matrix of 2 x 3 tiles
    "w": ("REDUCE_ROW", 2, 3),
    "h": ("REDUCE_COL", 3, 2),
    "hw": ("REDUCE_SCALAR", 1, 6),
}
POOLS: dict[str, Callable[..., F64]] = {"SUM": np.sum, "MAX": np.max, "AVG": np.mean}


def scaler_of(pool: str, count: int) -> float:
    return float(rounded(np.array(1 / count))) if pool == "AVG" else 1.0


def check_reduction(got: F64, x: F64, pool: str, dimension: str) -> None:
    """Compare the lines of a reduction of a 64 x 96 matrix; the rest of the tiles is zero."""
    axis: Any = {"w": 1, "h": 0, "hw": (0, 1)}[dimension]
    wanted = POOLS[pool](x, axis=axis, keepdims=True)
    place = {"w": np.s_[:, :1], "h": np.s_[:1, :], "hw": np.s_[:1, :1]}[dimension]
    if pool == "MAX":
        assert np.array_equal(got[place], wanted)
    else:
        weight = np.sum(np.abs(x), axis=axis, keepdims=True) / (x.size // wanted.size if pool == "AVG" else 1)
        # The scaler of an average is a bfloat16.
        check(got[place], wanted, HALF_UNIT, ALIGNED * weight + (HALF_UNIT * np.abs(wanted) if pool == "AVG" else 0))
    rest = got.copy()
    rest[place] = 0
    assert not rest.any()


def reduction_input(x: F64, dimension: str) -> Pages:
    order = tiles_of(x).swapaxes(0, 1) if dimension == "h" else tiles_of(x)
    return np.ascontiguousarray(order).reshape(6, -1)


def reduction_shape(dimension: str) -> tuple[int, int]:
    return {"w": (64, 32), "h": (32, 96), "hw": (32, 32)}[dimension]


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("dimension", REDUCTIONS)
@kernels("32_reduce.cpp")
def test_32_reduction(kernel: Path, dimension: str, pool: str, benches: Bench, tensor: Any) -> None:
    x = normal(32, 64, 96)
    name, results, tiles = REDUCTIONS[dimension]
    # The scaler is applied once for every direction that is reduced.
    count = x.size // {"w": 64, "h": 96, "hw": 1}[dimension]
    value = scaler_of(pool, count) if dimension != "hw" else float(rounded(np.sqrt(scaler_of(pool, count))))
    inputs = [
        tensor(0, F.Float16_b, reduction_input(x, dimension), depth=2),
        tensor(2, F.Float16_b, scaler_tile(value), depth=1),
    ]
    out = tensor(16, F.Float16_b, empty(results), depth=2)
    config = {
        "compile_args": [results, tiles],
        "defines": {"REDUCE_OP": f"PoolType::{pool}", "REDUCE_DIM": f"ReduceDim::{name}"},
    }
    got = benches("emulator").run(kernel, inputs, [out], fp32_dest_acc_en=True, **config)[0]
    check_reduction(matrix(got, *reduction_shape(dimension)), x, pool, dimension)


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("dimension", REDUCTIONS)
@kernels("32_reduce_matrices.cpp", "operations/reduction/generic/device/kernels/compute/reduce.cpp")
def test_32_reduction_of_matrices(kernel: Path, dimension: str, pool: str, benches: Bench, tensor: Any) -> None:
    x = normal(33, 2, 64, 96)
    name, results, _ = REDUCTIONS[dimension]
    count = x[0].size // {"w": 64, "h": 96, "hw": 1}[dimension]
    value = scaler_of(pool, count) if dimension != "hw" else float(rounded(np.sqrt(scaler_of(pool, count))))
    tiles = np.concatenate([pages(one) for one in x])
    inputs = [tensor(0, F.Float16_b, tiles, depth=6), tensor(2, F.Float16_b, scaler_tile(value), depth=1)]
    named = {"dfb::in0": 0, "dfb::scaler": 2, "dfb::out": 16, "args::enable_fp32_sfpu": 0}
    named.update({f"rta::{name}": i for i, name in enumerate(["Ht", "Wt", "NC"])})
    defines = {"REDUCE_OP": f"PoolType::{pool}", "REDUCE_DIM": f"ReduceDim::{name}"}
    config = {"named_compile_args": named, "defines": defines, "fp32_dest_acc_en": True}
    out = tensor(16, F.Float16_b, empty(2 * results), depth=2 * results)
    got = benches("emulator").run(kernel, inputs, [out], [2, 3, 2], **config)[0].reshape(2, results, -1)
    for number in range(2):
        check_reduction(matrix(got[number], *reduction_shape(dimension)), x[number], pool, dimension)


# ---- 35: where the data lies already


@pytest.mark.parametrize("published", [True, False], ids=["published", "not published"])
def test_35_shards_are_added_where_they_lie(published: bool, benches: Bench) -> None:
    """Four cores, each with two tiles of operands and sum in its L1; readers publish them, or nobody does."""
    device = benches("emulator").device
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(3, 0))
    a, b = normal(35, 256, 32), normal(36, 256, 32)
    shard = ttnn.ShardSpecBuffer(
        ttnn.CoreRangeSet([cores]), (64, 32), ttnn.ShardOrientation.ROW_MAJOR, (32, 32), (8, 1)
    )
    config = ttnn.ShardedBufferConfig(
        device=device,
        size=8 * TILE_BYTES,
        page_size=TILE_BYTES,
        buffer_type=ttnn.BufferType.L1,
        buffer_layout=ttnn.TensorMemoryLayout.HEIGHT_SHARDED,
        shard_parameters=shard,
    )
    queue, program = device.command_queue(), ttnn.CreateProgram()
    buffers = [ttnn.CreateBuffer(config) for _ in range(3)]
    for cb, buffer in zip((0, 1, 16), buffers, strict=True):
        over = ttnn.CircularBufferConfig(2 * TILE_BYTES, {cb: F.Float16_b}).set_page_size(cb, TILE_BYTES)
        ttnn.CreateCircularBuffer(program, cores, over.set_globally_allocated_address(buffer))
    for buffer, x in zip(buffers, (a, b, np.zeros_like(a)), strict=True):
        ttnn.EnqueueWriteBuffer(queue, buffer, pages(x))
    if published:
        publish = "void kernel_main() { for (uint32_t cb : {0, 1}) { cb_reserve_back(cb, 2); cb_push_back(cb, 2); } }"
        ttnn.CreateKernelFromString(program, publish, cores, ttnn.ReaderDataMovementConfig())
    kernel = OWN / ("35_add_shards.cpp" if published else "35_add_unpublished_shards.cpp")
    adder = ttnn.CreateKernel(program, str(kernel), cores, ttnn.ComputeConfig())
    ttnn.SetRuntimeArgs(program, adder, cores, [2])
    ttnn.EnqueueProgram(queue, program, blocking=True)
    got = np.frombuffer(bytes(ttnn.EnqueueReadBuffer(queue, buffers[2])), np.uint8)
    check(matrix(got, 256, 32), a + b, HALF_UNIT, ALIGNED * np.maximum(np.abs(a), np.abs(b)))
    for buffer in buffers:
        ttnn.DeallocateBuffer(buffer)


# ---- 37: operations of the host's choice


BINARIES: dict[str, tuple[str, str, str, Callable[[F64, F64], F64]]] = {
    # FPU operation, what is done to the left operand before, to the result behind
    "squared difference": ("sub", "", "square_tile_init(); square_tile(i);", lambda a, b: (a - b) ** 2),
    "log of a sum of powers": (
        "add",
        "exp_tile_init(); exp_tile(i);",
        "log_tile_init(); log_tile(i);",
        lambda a, b: np.log(rounded(np.exp(a)) + b),
    ),
    "product of a rectified": ("mul", "relu_tile_init(); relu_tile(i);", "", lambda a, b: np.maximum(a, 0) * b),
}


@pytest.mark.parametrize("operation", BINARIES)
@kernels("37_chosen_binary.cpp", "operations/eltwise/binary_ng/device/kernels/compute/eltwise_binary_no_bcast.cpp")
def test_37_an_operation_chosen_by_defines(kernel: Path, operation: str, benches: Bench, tensor: Any) -> None:
    """Five tiles, two per cycle: the last cycle has one."""
    fpu, before, behind, oracle = BINARIES[operation]
    a, b = normal(37, 32, 160), rounded(np.abs(normal(38, 32, 160)) + 1)
    defines = {
        "BINARY_OP": f"{fpu}_tiles",
        "BINARY_OP_TYPE": f"EltwiseBinaryType::ELW{fpu.upper()}",
        "PROCESS_LHS_ACTIVATIONS(i)": before,
        "PROCESS_RHS_ACTIVATIONS(i)": "",
        "PROCESS_POST_ACTIVATIONS(i)": behind,
    }
    inputs = [tensor(cb, F.Float16_b, pages(x), depth=4) for cb, x in enumerate((a, b))]
    out = tensor(2, F.Float16_b, empty(5), depth=4)
    config = {"compile_args": [2], "defines": defines, "fp32_dest_acc_en": True}
    got = benches("emulator").run(kernel, inputs, [out], [5], scratch={3: (F.Float16_b, TILE_BYTES, 4)}, **config)[0]
    # What the matrix unit is off by goes through the function's slope: 2 |a - b|, or 1 / (e^a + b) <= 1.
    slope = 2 * np.abs(a - b) if operation == "squared difference" else 1.0
    prepared = np.exp(a) if "log" in operation else a
    unit = 0.0 if fpu == "mul" else ALIGNED * np.maximum(np.abs(prepared), np.abs(b)) + HALF_UNIT * np.abs(prepared)
    check(matrix(got, 32, 160), oracle(a, b), HALF_UNIT, slope * unit)
