"""Readers and writers of tiles around a compute kernel: distribution_gate, dual_noc_read, shared_input_reuse."""

from __future__ import annotations

import tthal as ttnn

from .common import Core, Variant, circular_buffer, core_set, interleaved, ranges
from .movement import RELU
from .pipes import CAST

WALK = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto tensor = TensorAccessor(args, get_arg_val<uint32_t>(0), 2048);
    const uint32_t first_row = get_arg_val<uint32_t>(1), rows = get_arg_val<uint32_t>(2);
    const uint32_t first_column = get_arg_val<uint32_t>(3), columns = get_arg_val<uint32_t>(4);
    const uint32_t width = get_arg_val<uint32_t>(5);
    for (uint32_t done = 0; done < rows * columns; done += 8) {
        const uint32_t now = rows * columns - done < 8 ? rows * columns - done : 8;
#ifdef WRITES
        cb_wait_front(16, now);
        uint32_t place = get_read_ptr(16);
#else
        cb_reserve_back(0, now);
        uint32_t place = get_write_ptr(0);
#endif
        for (uint32_t i = done; i < done + now; i++, place += 2048) {
            const uint32_t page = (first_row + i / columns) * width + first_column + i % columns;
#ifdef WRITES
            noc_async_write(place, tensor.get_noc_addr(page), 2048);
        }
        noc_async_write_barrier();
        cb_pop_front(16, now);
#else
            noc_async_read(tensor.get_noc_addr(page), place, 2048);
        }
        noc_async_read_barrier();
        cb_push_back(0, now);
#endif
    }
}
"""
OPERANDS = """#include "api/dataflow/dataflow_api.h"
constexpr uint32_t BLOCK = get_compile_time_arg_val(0), SIZE = get_compile_time_arg_val(1);
constexpr auto args = TensorAccessorArgs<2>();
constexpr bool WAITS = VARIANT == 2, FIRST = SIDE == 0;
using Flag = volatile tt_l1_ptr uint32_t*;
void read(uint32_t tensor, uint32_t first, uint32_t place) {
    const auto pages = TensorAccessor(args, tensor, 2048);
    for (uint32_t i = 0; i < BLOCK; i++)
        for (uint32_t part = 0; part < 2048; part += SIZE)
            noc_async_read(pages.get_noc_addr(first + i, part), place + i * 2048 + part, SIZE);
}
void kernel_main() {
    const uint32_t a = get_arg_val<uint32_t>(0), b = get_arg_val<uint32_t>(1);
    const uint32_t first = get_arg_val<uint32_t>(2), count = get_arg_val<uint32_t>(3);
    auto* go = reinterpret_cast<Flag>(get_semaphore(0));
    auto* done = reinterpret_cast<Flag>(get_semaphore(1));
    const uint32_t base = get_write_ptr(1);
    uint32_t turn = 0;
    for (uint32_t page = first; page < first + count; page += BLOCK) {
        turn++;
        if constexpr (WAITS && !FIRST) {
            noc_semaphore_wait_min(go, turn);
            read(b, page, base + (turn - 1) % 2 * BLOCK * 2048);
            noc_async_read_barrier();
            noc_semaphore_set(done, turn);
            continue;
        }
        // Who alone reads both, or shares the circular buffers with the other side, reserves what it fills.
        constexpr bool HAS_A = VARIANT != 1 ? true : FIRST, HAS_B = VARIANT != 1 || !FIRST;
        if constexpr (HAS_A) cb_reserve_back(0, BLOCK);
        if constexpr (HAS_B) cb_reserve_back(1, BLOCK);
        if constexpr (WAITS) noc_semaphore_set(go, turn);
        if constexpr (HAS_A) read(a, page, get_write_ptr(0));
        if constexpr (HAS_B && !WAITS) read(b, page, get_write_ptr(1));
        noc_async_read_barrier();
        if constexpr (WAITS) noc_semaphore_wait_min(done, turn);
        if constexpr (HAS_A) cb_push_back(0, BLOCK);
        if constexpr (HAS_B) cb_push_back(1, BLOCK);
    }
}
"""
MULTIPLY = """#include "api/compute/common.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/pack.h"
constexpr uint32_t CHUNK = get_compile_time_arg_val(0);
void kernel_main() {
    const uint32_t tiles = get_arg_val<uint32_t>(0);
    binary_op_init_common(0, 1, 16);
    mul_tiles_init(0, 1);
    for (uint32_t done = 0; done < tiles; done += CHUNK) {
        cb_wait_front(0, CHUNK);
        cb_wait_front(1, CHUNK);
        cb_reserve_back(16, CHUNK);
        tile_regs_acquire();
#ifdef DO_MATH
        for (uint32_t i = 0; i < CHUNK; i++) mul_tiles(0, 1, i, i, i);
#endif
        tile_regs_commit();
        tile_regs_wait();
        for (uint32_t i = 0; i < CHUNK; i++) pack_tile(i, 16);
        tile_regs_release();
        cb_push_back(16, CHUNK);
        cb_pop_front(0, CHUNK);
        cb_pop_front(1, CHUNK);
    }
}
"""
SUM = """#include "api/compute/common.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
void kernel_main() {
    binary_op_init_common(0, 0, 2);
    sub_tiles_init(0, 0);
    cb_wait_front(0, 64);
    cb_reserve_back(2, 1);
    tile_regs_acquire();
    sub_tiles(0, 0, 0, 0, 0);
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, 2);
    tile_regs_release();
    cb_push_back(2, 1);
    cb_wait_front(2, 1);
    pack_reconfig_data_format(16);
    add_tiles_init(0, 2, true);
    tile_regs_acquire();
    for (uint32_t chunk = 0; chunk < 19; chunk++) {
        cb_wait_front(0, 64);
        for (uint32_t i = 0; i < 64; i++) add_tiles(0, 2, i, 0, 0);
        cb_pop_front(0, 64);
    }
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}
"""
CHUNKS = (
    '#include "api/dataflow/dataflow_api.h"\n'
    + CAST
    + """
constexpr uint32_t ROLE = get_compile_time_arg_val(0);
constexpr auto args = TensorAccessorArgs<1>();
void kernel_main() {
    const auto pages = TensorAccessor(args, get_arg_val<uint32_t>(0), 2048);
    const Cast cast = cast_of(1);
    for (uint32_t chunk = 0; chunk < 19; chunk++) {
        cb_reserve_back(0, 64);
        const uint32_t place = get_write_ptr(0);
        if constexpr (ROLE == 2) {
            cast.receive();
        } else {
            for (uint32_t i = 0; i < 64; i++) noc_async_read_tile(chunk * 64 + i, pages, place + i * 2048);
            noc_async_read_barrier();
            if constexpr (ROLE == 1) cast.send(place, place, 131072);
        }
        cb_push_back(0, 64);
    }
}
"""
)
ONE_TILE = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto pages = TensorAccessor(args, get_arg_val<uint32_t>(0), 4096);
    cb_wait_front(16, 1);
    noc_async_write_tile(get_arg_val<uint32_t>(1), pages, get_read_ptr(16));
    noc_async_write_barrier();
    cb_pop_front(16, 1);
}
"""


def distribution_gate(device: ttnn.Device, variant: Variant, _iterations: int) -> ttnn.Program:
    """A relu split by rows of tiles or by columns of tiles."""
    height, width = variant["H"] // 32, variant["W"] // 32
    by_columns = variant["variant"] == "width_split" or (
        variant["variant"] == "gated" and min(width, 64) > min(height, 64)
    )
    cores: list[Core] = [(k % 8, k // 8) for k in range(variant["cores"])]
    source, target = interleaved(device, height * width, 2048), interleaved(device, height * width, 2048)
    program, everywhere = ttnn.CreateProgram(), core_set(cores)
    for index in (0, 16):
        circular_buffer(program, everywhere, index, 16)
    compute = ttnn.CreateKernelFromString(program, RELU, everywhere, ttnn.ComputeConfig())
    sides = []
    for tensor, config_of, defines in (
        (source, ttnn.ReaderDataMovementConfig, {}),
        (target, ttnn.WriterDataMovementConfig, {"WRITES": "1"}),
    ):
        words = ttnn.TensorAccessorArgs(tensor).get_compile_time_args()
        sides.append((tensor, ttnn.CreateKernelFromString(program, WALK, everywhere, config_of(words, defines))))
        ttnn.AssignGlobalBufferToProgram(tensor, program)
    for core, (first, count, _) in ranges(cores, width if by_columns else height).items():
        place = ttnn.CoreCoord(*core)
        rectangle = [0, height, first, count] if by_columns else [first, count, 0, width]
        ttnn.SetRuntimeArgs(program, compute, place, [rectangle[1] * rectangle[3]])
        for tensor, kernel in sides:
            ttnn.SetRuntimeArgs(program, kernel, place, [tensor.address(), *rectangle, width])
    return program


_WAYS = {"one_riscv": 0, "two_riscv": 1, "two_riscv_sem": 2, "one_riscv_brisc": 0}


def dual_noc_read(device: ttnn.Device, variant: Variant, _iterations: int) -> ttnn.Program:
    """Two operands that one processor reads, or both."""
    columns, rows = variant["grid"]
    cores: list[Core] = [(x, y) for y in range(rows) for x in range(columns)]
    share, block, way = variant["tiles_per_operand_per_core"], variant["block"], variant["variant"]
    operands = [interleaved(device, share * len(cores), 2048) for _ in range(2)]
    program, everywhere = ttnn.CreateProgram(), core_set(cores)
    for index, pages in ((0, 2 * block), (1, 2 * block), (16, share)):
        circular_buffer(program, everywhere, index, pages)
    for _ in range(2):
        ttnn.CreateSemaphore(program, everywhere, 0)
    defines = {"DO_MATH": "1"} if variant["do_math"] else {}
    config = ttnn.ComputeConfig(compile_args=[min(block, 8)], defines=defines)
    compute = ttnn.CreateKernelFromString(program, MULTIPLY, everywhere, config)
    ttnn.SetRuntimeArgs(program, compute, everywhere, [share])
    words = [block, variant["txn_bytes"], *ttnn.TensorAccessorArgs(operands[0]).get_compile_time_args()]
    sides = [0, 1] if way.startswith("two") else [int(way.endswith("brisc"))]
    for side in sides:
        config_of = ttnn.WriterDataMovementConfig if side else ttnn.ReaderDataMovementConfig
        flags = {"VARIANT": str(_WAYS[way]), "SIDE": str(side)}
        kernel = ttnn.CreateKernelFromString(program, OPERANDS, everywhere, config_of(words, flags))
        for k, core in enumerate(cores):
            addresses = [operand.address() for operand in operands]
            ttnn.SetRuntimeArgs(program, kernel, ttnn.CoreCoord(*core), [*addresses, k * share, share])
    for operand in operands:
        ttnn.AssignGlobalBufferToProgram(operand, program)
    return program


def shared_input_reuse(device: ttnn.Device, variant: Variant, _iterations: int) -> ttnn.Program:
    """22 cores sum the same tiles: each reads them, or one reads and multicasts."""
    cores: list[Core] = [(x, y) for y in range(2) for x in range(11)]
    source, target = interleaved(device, 1216, 2048), interleaved(device, 22, 4096)
    program, everywhere = ttnn.CreateProgram(), core_set(cores)
    circular_buffer(program, everywhere, 0, 128)
    circular_buffer(program, everywhere, 2, 1)
    circular_buffer(program, everywhere, 16, 1, 4096, ttnn.DataFormat.Float32)
    for _ in range(2):
        ttnn.CreateSemaphore(program, everywhere, 0)
    config = ttnn.ComputeConfig(math_fidelity=ttnn.MathFidelity.HiFi2, fp32_dest_acc_en=True)
    ttnn.CreateKernelFromString(program, SUM, everywhere, config)
    corners = [
        *device.properties.virtual_core(ttnn.CoreCoord(0, 0)),
        *device.properties.virtual_core(ttnn.CoreCoord(10, 1)),
    ]
    accessor = ttnn.TensorAccessorArgs(source).get_compile_time_args()
    roles = {0: cores} if variant["variant"] == "per_core_dram" else {1: cores[:1], 2: cores[1:]}
    for role, group in roles.items():
        reader = ttnn.ReaderDataMovementConfig([role, *accessor])
        kernel = ttnn.CreateKernelFromString(program, CHUNKS, core_set(group), reader)
        ttnn.SetRuntimeArgs(program, kernel, core_set(group), [source.address(), *corners[:2], *corners, 21])
    words = ttnn.TensorAccessorArgs(target).get_compile_time_args()
    writer = ttnn.CreateKernelFromString(program, ONE_TILE, everywhere, ttnn.WriterDataMovementConfig(words))
    for k, core in enumerate(cores):
        ttnn.SetRuntimeArgs(program, writer, ttnn.CoreCoord(*core), [target.address(), k])
    for each in (source, target):
        ttnn.AssignGlobalBufferToProgram(each, program)
    return program
