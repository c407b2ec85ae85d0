"""What kernels know of the hardware's memories and clock by the vendor's names; values of ttnn 0.81.1, both chips."""

from __future__ import annotations

import numpy as np
import pytest

import tthal as ttnn

CORE = ttnn.CoreCoord(0, 0)
RESULTS = 0x40000

KERNEL = """
#include "api/dataflow/dataflow_api.h"
#include <dev_mem_map.h>
#include "ckernel.h"

void kernel_main() {
    volatile tt_l1_ptr uint32_t* found = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(0x40000);
    const uint32_t values[] = {
        MEM_L1_BASE, MEM_L1_SIZE, MEM_LOCAL_BASE, MEM_BRISC_LOCAL_SIZE, MEM_NCRISC_LOCAL_SIZE, MEM_TRISC_LOCAL_SIZE,
        MEM_BRISC_STACK_MIN_SIZE, MEM_NCRISC_STACK_MIN_SIZE, MEM_TRISC0_STACK_MIN_SIZE, MEM_TRISC1_STACK_MIN_SIZE,
        MEM_TRISC2_STACK_MIN_SIZE,
    };
    for (uint32_t value : values) *found++ = value;
    const uint32_t early = ckernel::reg_read(RISCV_DEBUG_REG_WALL_CLOCK_L);
    *found++ = ckernel::reg_read(RISCV_DEBUG_REG_WALL_CLOCK_H);
    *found++ = ckernel::reg_read(RISCV_DEBUG_REG_WALL_CLOCK_L) - early;
}
"""
KIB = 1024
SIZES = {"n150": (1464, 4, 4, 2), "p150": (1536, 8, 8, 4)}


@pytest.mark.parametrize("board", SIZES)
def test_sizes_and_clock(board: str) -> None:
    with ttnn.open_device(0, backend=f"emulator:{board}") as device:
        program = ttnn.CreateProgram()
        ttnn.CreateKernelFromString(program, KERNEL, CORE)
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        found = ttnn.ReadFromDeviceL1(device, CORE, RESULTS, 4 * 13).view(np.uint32).tolist()
    l1, *local = SIZES[board]
    assert found[:3] == [0, l1 * KIB, 0xFFB00000]
    assert found[3:6] == [size * KIB for size in local]
    assert found[6:11] == [256, 256, 192, 192, 256]
    assert found[11] == 0, "the upper half, until four seconds have passed"
    assert found[12] > 0, "a clock that goes on"
