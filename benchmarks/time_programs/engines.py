"""Compute kernels on data in L1: compute_block_size, matmul_output_subblock, handshake_elision, sfpu_tile_scope."""

from __future__ import annotations

import tthal as ttnn

from .common import Variant, circular_buffer, core_set, one_core

PRODUCTS = """#include "api/compute/common.h"
#include "api/compute/matmul.h"
#include "api/compute/pack.h"
constexpr uint32_t SIDE = 16, HEIGHT = get_compile_time_arg_val(0), WIDTH = get_compile_time_arg_val(1);
void kernel_main() {
    const uint32_t times = get_arg_val<uint32_t>(0);
    mm_block_init(0, 1, 16, 0, WIDTH, HEIGHT, 1);
    cb_reserve_back(0, SIDE);
    cb_push_back(0, SIDE);
    cb_reserve_back(1, SIDE);
    cb_push_back(1, SIDE);
    for (uint32_t time = 0; time < times; time++) {
        mm_block_init_short(0, 1, 0, WIDTH, HEIGHT, 1);
        cb_wait_front(0, SIDE);
        cb_wait_front(1, SIDE);
        cb_reserve_back(16, SIDE * SIDE);
        for (uint32_t row = 0; row < SIDE; row += HEIGHT)
            for (uint32_t column = 0; column < SIDE; column += WIDTH) {
                tile_regs_acquire();
                matmul_block(0, 1, row, column, 0, 0, WIDTH, HEIGHT, 1);
                tile_regs_commit();
                tile_regs_wait();
                for (uint32_t i = 0; i < HEIGHT * WIDTH; i++)
                    pack_tile<true>(i, 16, (row + i / WIDTH) * SIDE + column + i % WIDTH);
                tile_regs_release();
            }
        cb_push_back(16, SIDE * SIDE);
        if (time + 1 == times) break;
        cb_wait_front(16, SIDE * SIDE);
        cb_pop_front(16, SIDE * SIDE);
    }
}
"""
TILIZE = """#include "api/compute/common.h"
#include "api/compute/tilize.h"
void kernel_main() {
    const uint32_t times = get_arg_val<uint32_t>(0), rows = get_arg_val<uint32_t>(1), width = get_arg_val<uint32_t>(2);
    compute_kernel_hw_startup(0, 16);
    tilize_init(0, width, 16);
    for (uint32_t time = 0; time < times; time++)
        for (uint32_t row = 0; row < rows; row++) {
#ifdef HANDSHAKE
            cb_wait_front(0, width);
            cb_reserve_back(16, width);
            tilize_block(0, width, 16);
            cb_push_back(16, width);
            cb_pop_front(0, width);
#else
            tilize_block(0, width, 16, row * width, row * width);
#endif
        }
    tilize_uninit(0, 16);
}
"""
ARM = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint32_t times = get_arg_val<uint32_t>(0), pages = get_arg_val<uint32_t>(1);
    for (uint32_t time = 0; time < times; time++) {
        cb_reserve_back(0, pages);
        cb_push_back(0, pages);
    }
}
"""
DRAIN = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint32_t times = get_arg_val<uint32_t>(0), pages = get_arg_val<uint32_t>(1);
    for (uint32_t time = 0; time < times; time++) {
        cb_wait_front(16, pages);
        cb_pop_front(16, pages);
    }
}
"""
SCOPE = """#include "api/compute/common.h"
#include "api/compute/compute_kernel_api.h"
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/eltwise_unary/recip.h"
#include "api/compute/eltwise_unary/rsqrt.h"
#include "api/compute/tile_move_copy.h"
void kernel_main() {
    const uint32_t times = get_arg_val<uint32_t>(0);
    init_sfpu(0, 16);
    FUNCTION_tile_init();
    cb_reserve_back(0, 1);
    cb_push_back(0, 1);
    cb_wait_front(0, 1);
    tile_regs_acquire();
    copy_tile(0, 0, 0);
    for (uint32_t time = 0; time < times; time++) FUNCTION_tile(0, static_cast<int>(VectorMode::MODE));
    tile_regs_commit();
    tile_regs_wait();
    cb_reserve_back(16, 1);
    pack_tile(0, 16);
    cb_push_back(16, 1);
    tile_regs_release();
}
"""
PHASES = """#include "api/compute/common.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/matmul.h"
#include "api/compute/pack.h"
#include "api/compute/pack_untilize.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/tilize.h"
constexpr uint32_t ROWS = get_compile_time_arg_val(0), BLOCKS = get_compile_time_arg_val(1), WIDTH = 4;
void formats(uint32_t a, uint32_t b, uint32_t out) {
#ifdef RECONFIGURES
    reconfig_data_format(a, b);
    pack_reconfig_data_format(out);
#endif
}
void tilize(uint32_t in, uint32_t out) {
    formats(in, in, out);
    tilize_init(in, WIDTH, out);
    for (uint32_t row = 0; row < ROWS; row++) {
        cb_wait_front(in, WIDTH);
        cb_reserve_back(out, WIDTH);
        tilize_block(in, WIDTH, out);
        cb_push_back(out, WIDTH);
        cb_pop_front(in, WIDTH);
    }
    tilize_uninit(in, out);
}
void add(uint32_t a, uint32_t b, uint32_t out) {
    formats(a, b, out);
    add_tiles_init(a, b);
    for (uint32_t i = 0; i < ROWS * WIDTH; i++) {
        cb_wait_front(a, 1);
        cb_wait_front(b, 1);
        tile_regs_acquire();
        add_tiles(a, b, 0, 0, 0);
        cb_pop_front(a, 1);
        cb_pop_front(b, 1);
        cb_reserve_back(out, 1);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, out);
        tile_regs_release();
        cb_push_back(out, 1);
    }
}
void multiply(uint32_t a, uint32_t b, uint32_t out) {
    formats(b, a, out);
    mm_block_init_short(a, b, 0, WIDTH, 1, WIDTH);
    cb_wait_front(a, ROWS * WIDTH);
    cb_wait_front(b, WIDTH * WIDTH);
    for (uint32_t row = 0; row < ROWS; row++) {
        tile_regs_acquire();
        for (uint32_t k = 0; k < WIDTH; k++) matmul_block(a, b, row * WIDTH + k, k * WIDTH, 0, 0, WIDTH, 1, WIDTH);
        tile_regs_commit();
        cb_reserve_back(out, WIDTH);
        tile_regs_wait();
        for (uint32_t i = 0; i < WIDTH; i++) pack_tile(i, out);
        tile_regs_release();
        cb_push_back(out, WIDTH);
    }
    cb_pop_front(a, ROWS * WIDTH);
}
void untilize(uint32_t in, uint32_t out) {
    formats(in, in, out);
    pack_untilize_init<WIDTH>(in, out);
    for (uint32_t row = 0; row < ROWS; row++) {
        cb_wait_front(in, WIDTH);
        cb_reserve_back(out, WIDTH);
        pack_untilize_block<WIDTH>(in, 1, out);
        cb_push_back(out, WIDTH);
        cb_pop_front(in, WIDTH);
    }
    pack_untilize_uninit(out);
}
void kernel_main() {
    const uint32_t times = get_arg_val<uint32_t>(0);
    compute_kernel_hw_startup(0, 1, 16);
    cb_reserve_back(2, WIDTH * WIDTH);
    cb_push_back(2, WIDTH * WIDTH);
    for (uint32_t time = 0; time < times; time++) {
        for (uint32_t cb = 0; cb < 2; cb++) {
            cb_reserve_back(cb, 8 * WIDTH);
            cb_push_back(cb, 8 * WIDTH);
        }
        for (uint32_t block = 0; block < BLOCKS; block++) {
            tilize(0, 3);
            tilize(1, 4);
            add(3, 4, 5);
            multiply(5, 2, 6);
            untilize(6, 16);
        }
        cb_wait_front(16, 8 * WIDTH);
        cb_pop_front(16, 8 * WIDTH);
    }
}
"""


def _compute(
    program: ttnn.Program,
    cores: ttnn.CoreRangeSet,
    text: str,
    words: list[int],
    config: ttnn.ComputeConfig,
) -> None:
    kernel = ttnn.CreateKernelFromString(program, text, cores, config)
    ttnn.SetRuntimeArgs(program, kernel, cores, words)


def matmul_output_subblock(_device: ttnn.Device, variant: Variant, iterations: int) -> ttnn.Program:
    """Products of 16 by 16 tiles, one deep, in output blocks of several shapes."""
    program, cores = ttnn.CreateProgram(), one_core()
    for index, pages in ((0, 16), (1, 16), (16, 256)):
        circular_buffer(program, cores, index, pages)
    config = ttnn.ComputeConfig(math_fidelity=ttnn.MathFidelity.HiFi2, compile_args=[variant["sb_h"], variant["sb_w"]])
    _compute(program, cores, PRODUCTS, [iterations], config)
    return program


def handshake_elision(_device: ttnn.Device, variant: Variant, iterations: int) -> ttnn.Program:
    """Rows become tiles, with or without telling others through circular buffers."""
    program, cores = ttnn.CreateProgram(), core_set([(x, 0) for x in range(variant["cores"])])
    rows, width = variant["shard_tiles"]
    for index in (0, 16):
        circular_buffer(program, cores, index, rows * width)
    handshake = variant["variant"] == "handshake"
    config = ttnn.ComputeConfig(defines={"HANDSHAKE": "1"} if handshake else {})
    _compute(program, cores, TILIZE, [iterations, rows, width], config)
    if handshake:
        for text, config_of in ((ARM, ttnn.ReaderDataMovementConfig), (DRAIN, ttnn.WriterDataMovementConfig)):
            kernel = ttnn.CreateKernelFromString(program, text, cores, config_of())
            ttnn.SetRuntimeArgs(program, kernel, cores, [iterations, rows * width])
    return program


SCOPES = {"rc": "RC", "r": "R", "c": "C"}
"""Those that the compute API has a name for."""


def sfpu_tile_scope(_device: ttnn.Device, variant: Variant, iterations: int) -> ttnn.Program:
    """One function of the vector unit on a whole tile or on two of its faces, again and again."""
    program, cores = ttnn.CreateProgram(), one_core()
    circular_buffer(program, cores, 0, 1)
    circular_buffer(program, cores, 16, 1, 4096, ttnn.DataFormat.Float32)
    text = SCOPE.replace("FUNCTION", variant["func"]).replace("MODE", SCOPES[variant["scope"]])
    _compute(program, cores, text, [iterations], ttnn.ComputeConfig())
    return program


def compute_block_size(_device: ttnn.Device, variant: Variant, iterations: int) -> ttnn.Program:
    """Tilize, tilize, add, multiply, untilize, on blocks of several heights."""
    program, cores, rows = ttnn.CreateProgram(), one_core(), variant["block_rows"]
    pages = {0: 32, 1: 32, 2: 16, 3: 4 * rows, 4: 4 * rows, 5: 4 * rows, 6: 4 * rows, 16: 32}
    for index, count in pages.items():
        circular_buffer(program, cores, index, count)
    config = ttnn.ComputeConfig(
        math_fidelity=ttnn.MathFidelity.HiFi2,
        fp32_dest_acc_en=True,
        compile_args=[rows, variant["num_blocks"]],
        defines={"RECONFIGURES": "1"} if variant["reconfig"] == "on" else {},
    )
    _compute(program, cores, PHASES, [iterations], config)
    return program
