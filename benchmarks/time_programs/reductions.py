"""Reductions on one core, compute only: reduce_accumulate, row_reduce_accumulate, reduce_block."""

from __future__ import annotations

from dataclasses import dataclass

import tthal as ttnn

from .common import Variant, circular_buffer, one_core

_DIMENSIONS = {"row": "REDUCE_ROW", "col": "REDUCE_COL", "scalar": "REDUCE_SCALAR"}
_FORMATS = {"bf16": (ttnn.DataFormat.Float16_b, 2048), "fp32": (ttnn.DataFormat.Float32, 4096)}

HEAD = """#include "api/compute/common.h"
#include "api/compute/compute_kernel_api.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/eltwise_unary/binop_with_scalar.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reduce.h"
#include "api/compute/tile_move_copy.h"
constexpr ReduceDim DIM = ReduceDim::DIMENSION;
constexpr uint32_t IN = 0, SCALER = 1, ZERO = 2, BETWEEN = 3, OUT = 16;
void packed(uint32_t out) {
    cb_reserve_back(out, 1);
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, out);
    tile_regs_release();
    cb_push_back(out, 1);
}
void next(bool more) {
    if (!more) return;
    cb_wait_front(OUT, 1);
    cb_pop_front(OUT, 1);
}
"""
LIBRARY = """
// The library's reduction by the matrix unit: a section for an output tile, of columns for as many as DST holds.
void library(uint32_t in, uint32_t height, uint32_t width, uint32_t batches) {
    reconfig_data_format(in, SCALER);
    pack_reconfig_data_format(OUT);
    reduce_init<PoolType::AVG, DIM>(in, SCALER, OUT);
    cb_wait_front(SCALER, 1);
    for (uint32_t batch = 0; batch < batches; batch++) {
        if constexpr (DIM == ReduceDim::REDUCE_ROW) {
            for (uint32_t row = 0; row < height; row++) {
                cb_wait_front(in, width);
                tile_regs_acquire();
                for (uint32_t i = 0; i < width; i++) reduce_tile<PoolType::AVG, DIM>(in, SCALER, i, 0, 0);
                packed(OUT);
                cb_pop_front(in, width);
            }
        } else if constexpr (DIM == ReduceDim::REDUCE_COL) {
            for (uint32_t first = 0; first < width; first += 4) {
                const uint32_t chunk = width - first < 4 ? width - first : 4;
                cb_wait_front(in, height * chunk);
                tile_regs_acquire();
                for (uint32_t i = 0; i < height; i++)
                    for (uint32_t j = 0; j < chunk; j++)
                        reduce_tile<PoolType::AVG, DIM>(in, SCALER, i * chunk + j, 0, j);
                cb_reserve_back(OUT, chunk);
                tile_regs_commit();
                tile_regs_wait();
                for (uint32_t j = 0; j < chunk; j++) pack_tile(j, OUT);
                tile_regs_release();
                cb_push_back(OUT, chunk);
                cb_pop_front(in, height * chunk);
            }
        } else {
            cb_wait_front(in, height * width);
            tile_regs_acquire();
            for (uint32_t i = 0; i < height * width; i++) reduce_tile<PoolType::AVG, DIM>(in, SCALER, i, 0, 0);
            packed(OUT);
            cb_pop_front(in, height * width);
        }
    }
    reduce_uninit();
}
"""
ADDING = """
// The matrix unit adds pairs of tiles in DST, the vector unit sums the tile that is left.
void add_pairs(uint32_t first, uint32_t count, uint32_t stride) {
    uint32_t done = count % 2;
    if (done) {
        copy_tile_init(IN);
        copy_tile(IN, first, 0);
    } else {
        add_tiles_init(IN, IN);
        add_tiles(IN, IN, first, first + stride, 0);
        done = 2;
    }
    add_tiles_init(IN, IN, true);
    for (; done < count; done += 2) add_tiles(IN, IN, first + done * stride, first + (done + 1) * stride, 0);
}
void finish_in_dst(uint32_t scale) {
#ifdef INITIALISES
    sfpu_reduce_init<PoolType::SUM, DST_FORMAT>();
#endif
    if constexpr (DIM != ReduceDim::REDUCE_COL) sfpu_reduce<PoolType::SUM, DST_FORMAT, ReduceDim::REDUCE_ROW>(0);
    if constexpr (DIM != ReduceDim::REDUCE_ROW) sfpu_reduce<PoolType::SUM, DST_FORMAT, ReduceDim::REDUCE_COL>(0);
#ifdef INITIALISES
    binop_with_scalar_tile_init();
#endif
    mul_unary_tile(0, scale);
}
void adding(uint32_t height, uint32_t width, uint32_t batches) {
    const bool rows = DIM == ReduceDim::REDUCE_ROW, columns = DIM == ReduceDim::REDUCE_COL;
    const uint32_t outputs = rows ? height : columns ? width : 1;
    for (uint32_t out = 0; out < outputs * batches; out++) {
        tile_regs_acquire();
        add_pairs(rows ? out * width : columns ? out : out * height * width, height * width / outputs,
                  columns ? width : 1);
        finish_in_dst(0x3f000000);
        packed(OUT);
    }
}
"""
HELPER = """
void kernel_main() {
    const uint32_t times = get_arg_val<uint32_t>(0), height = get_arg_val<uint32_t>(1);
    const uint32_t width = get_arg_val<uint32_t>(2);
    const uint32_t batches = get_arg_val<uint32_t>(3), outputs = get_arg_val<uint32_t>(4);
    compute_kernel_hw_startup(IN, SCALER, OUT);
    for (uint32_t time = 0; time < times; time++) {
        cb_reserve_back(IN, height * width * batches);
        cb_push_back(IN, height * width * batches);
        library(IN, height, width, batches);
        if (time + 1 == times) break;
        cb_wait_front(OUT, outputs);
        cb_pop_front(OUT, outputs);
    }
}
"""
FAST = """
void kernel_main() {
    const uint32_t times = get_arg_val<uint32_t>(0), height = get_arg_val<uint32_t>(1);
    const uint32_t width = get_arg_val<uint32_t>(2);
    const uint32_t batches = get_arg_val<uint32_t>(3), outputs = get_arg_val<uint32_t>(4);
    binary_op_init_common(IN, IN, OUT);
    sfpu_reduce_init<PoolType::SUM, DST_FORMAT>();
    cb_reserve_back(IN, height * width * batches);
    cb_push_back(IN, height * width * batches);
    for (uint32_t time = 0; time < times; time++) {
#ifdef STARTS_AGAIN
        binary_op_init_common(IN, IN, OUT);
#endif
        cb_wait_front(IN, height * width * batches);
        adding(height, width, batches);
        if (time + 1 == times) break;
        cb_wait_front(OUT, outputs);
        cb_pop_front(OUT, outputs);
    }
    cb_pop_front(IN, height * width * batches);
}
"""
ROW = """
void add_zero(uint32_t count) {
    add_tiles_init(IN, ZERO);
    add_tiles(IN, ZERO, 0, 0, 0);
    add_tiles_init(IN, ZERO, true);
    for (uint32_t i = 1; i < count; i++) add_tiles(IN, ZERO, i, 0, 0);
}
void l1_accumulate(uint32_t count) {
    cb_reserve_back(BETWEEN, 1);
    copy_tile_init(IN);
    for (uint32_t i = 0; i < count; i++) {
        tile_regs_acquire();
        copy_tile(IN, i, 0);
        tile_regs_commit();
        tile_regs_wait();
        if (i > 0) pack_reconfig_l1_acc(1);
        pack_tile<true>(0, BETWEEN, 0);
        if (i > 0) pack_reconfig_l1_acc(0);
        tile_regs_release();
    }
    cb_push_back(BETWEEN, 1);
}
void kernel_main() {
    const uint32_t times = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(2);
    compute_kernel_hw_startup(IN, IN, OUT);
    cb_reserve_back(IN, count);
    cb_push_back(IN, count);
    cb_wait_front(IN, count);
#ifdef ADDS_ZERO
    cb_wait_front(ZERO, 1);
#endif
    for (uint32_t time = 0; time < times; time++) {
        binary_op_init_common(IN, OTHER, FINISHES_IN_DST ? OUT : BETWEEN);
#ifdef ACCUMULATES_IN_L1
        l1_accumulate(count);
#else
        tile_regs_acquire();
#ifdef ADDS_ZERO
        add_zero(count);
#else
        add_pairs(0, count, 1);
#endif
#if FINISHES_IN_DST
        finish_in_dst(0x3f000000);
        packed(OUT);
#else
        packed(BETWEEN);
#endif
#endif
#if !FINISHES_IN_DST
        library(BETWEEN, 1, 1, 1);
#endif
        next(time + 1 < times);
    }
    cb_pop_front(IN, count);
}
"""
FILL = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    for (uint32_t cb = 1; cb < 3; cb++) {
        cb_reserve_back(cb, 1);
        auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(cb));
        for (uint32_t face = 0; face < 4; face++)
            for (uint32_t i = 0; i < 8; i++) words[face * 128 + i] = cb == 1 ? 0x3f803f80 : 0;
        cb_push_back(cb, 1);
    }
}
"""


@dataclass(frozen=True, slots=True)
class _Reduction:
    text: str
    defines: dict[str, str]
    shape: tuple[int, int, int]
    fidelity: str
    formats: tuple[str, str] = ("bf16", "fp32")
    fp32: bool = True

    def outputs(self, dim: str) -> int:
        height, width, batches = self.shape
        return {"row": height, "col": width, "scalar": 1}[dim] * batches


def _program(dim: str, what: _Reduction, iterations: int) -> ttnn.Program:
    program, cores = ttnn.CreateProgram(), one_core()
    height, width, batches = what.shape
    (kind, page), between = _FORMATS[what.formats[0]], _FORMATS[what.formats[1]]
    for index, pages, (format_, size) in (
        (0, height * width * batches, (kind, page)),
        (1, 1, between if "ADDS" in what.text else (kind, page)),
        (2, 1, (kind, page)),
        (3, 1, between),
        (16, what.outputs(dim), _FORMATS["fp32"]),
    ):
        circular_buffer(program, cores, index, pages, size, format_)
    defines = {
        "DIMENSION": _DIMENSIONS[dim],
        "DST_FORMAT": "DataFormat::Float32" if what.fp32 else "DataFormat::Float16_b",
        **what.defines,
    }
    config = ttnn.ComputeConfig(
        math_fidelity=getattr(ttnn.MathFidelity, what.fidelity), fp32_dest_acc_en=what.fp32, defines=defines
    )
    kernel = ttnn.CreateKernelFromString(program, HEAD + what.text, cores, config)
    ttnn.SetRuntimeArgs(program, kernel, ttnn.CoreCoord(0, 0), [iterations, *what.shape, what.outputs(dim)])
    ttnn.CreateKernelFromString(program, FILL, cores, ttnn.ReaderDataMovementConfig())
    return program


def _along(dim: str, tiles: int) -> tuple[int, int, int]:
    return (tiles, 1, 1) if dim == "col" else (1, tiles, 1)


def reduce_accumulate(_device: ttnn.Device, variant: Variant, iterations: int) -> ttnn.Program:
    """Tiles of a row, a column or a block to one: by the library, or added in pairs first."""
    dim, shape = variant["dim"], _along(variant["dim"], variant["tiles"])
    if variant["variant"] == "helper":
        return _program(dim, _Reduction(LIBRARY + HELPER, {}, shape, "HiFi4"), iterations)
    defines = {"INITIALISES": "1", "STARTS_AGAIN": "1"}
    return _program(dim, _Reduction(ADDING + FAST, defines, shape, "HiFi4"), iterations)


def reduce_block(_device: ttnn.Device, variant: Variant, iterations: int) -> ttnn.Program:
    """A block of tiles to a column, a row or one: by the library, or added in pairs first."""
    dim = variant["dim"]
    shape = _along(dim, variant["R"]) if "R" in variant else tuple(map(int, variant["HtxWtxNC"].split("x")))
    fidelity = variant.get("fidelity", "HiFi4").split()[0]
    if variant["variant"] == "reduce_tile":
        return _program(dim, _Reduction(LIBRARY + HELPER, {}, shape, fidelity), iterations)
    return _program(dim, _Reduction(ADDING + FAST, {}, shape, fidelity), iterations)


def row_reduce_accumulate(_device: ttnn.Device, variant: Variant, iterations: int) -> ttnn.Program:
    """A row of tiles to one column, by six ways to accumulate."""
    read, kept = variant["precision_input_accum"].split("-")
    way, shape = variant["variant"], (1, variant["tiles"], 1)
    fp32 = kept == "fp32" or way == "l1_accum"
    if way == "reduce_fold":
        return _program("row", _Reduction(LIBRARY + HELPER, {}, shape, "HiFi4", (read, kept), fp32), iterations)
    defines = {"INITIALISES": "1", "FINISHES_IN_DST": str(int(way.endswith("sfpu")))}
    defines["OTHER"] = "IN" if "pairs" in way or way == "l1_accum" else "ZERO"
    if way == "l1_accum":
        defines["ACCUMULATES_IN_L1"] = "1"
    elif "pairs" not in way:
        defines["ADDS_ZERO"] = "1"
    return _program("row", _Reduction(LIBRARY + ADDING + ROW, defines, shape, "HiFi4", (read, kept), fp32), iterations)
