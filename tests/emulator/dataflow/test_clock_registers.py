"""The wall clock's registers, read through pointers that kernels make; addresses as in the vendor's tensix.h."""

from __future__ import annotations

import pytest

import tthal as ttnn
from tthal.errors import KernelError
from tthal_emulator.compiler.clock_registers import with_clock_registers

CORE = ttnn.CoreCoord(0, 0)
RESULTS = 0x40000

READING = """
#include "ckernel.h"
#include <cstdint>
struct Clock { volatile tt_reg_ptr uint32_t* words; };
__attribute__((noinline)) uint32_t word(const Clock& clock, uint32_t index) { return clock.words[index]; }
inline void measure(volatile tt_l1_ptr uint32_t* found) {
    const Clock clock = {reinterpret_cast<volatile tt_reg_ptr uint32_t*>(RISCV_DEBUG_REG_WALL_CLOCK_L)};
    found[0] = *reinterpret_cast<volatile uint32_t*>(0xFFB121F0u);
    found[1] = clock.words[0];
    found[2] = clock.words[1];
    found[3] = clock.words[2];
    found[4] = word(clock, 0);
    const uint32_t begin = word(clock, 0);
    while (clock.words[0] - begin < 1000) {}
    found[5] = *reinterpret_cast<volatile uint32_t*>(RISCV_DEBUG_REG_WALL_CLOCK_0);
    found[6] = *reinterpret_cast<volatile uint32_t*>(RISCV_DEBUG_REG_WALL_CLOCK_1);
    found[7] = *reinterpret_cast<volatile uint32_t*>(RISCV_DEBUG_REG_WALL_CLOCK_1_AT);
    found[8] = get_timestamp_32b();
}
"""
MOVING = """#include "api/dataflow/dataflow_api.h"
void kernel_main() { measure(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(0x40000)); }
"""
COMPUTING = """#include "api/compute/common.h"
namespace NAMESPACE {
void MAIN { measure(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(0x40000)); }
}
"""


def found(board: str, text: str, config: object) -> list[int]:
    first, rest = text.split("\n", 1)
    with ttnn.open_device(0, backend=f"emulator:{board}") as device:
        program = ttnn.CreateProgram()
        ttnn.CreateKernelFromString(program, f"{first}\n{READING}{rest}", CORE, config)
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        words: list[int] = ttnn.ReadFromDeviceL1(device, CORE, RESULTS, 4 * 9).view("uint32").tolist()
    return words


@pytest.mark.parametrize("board", ["n150", "p150"])
@pytest.mark.parametrize(
    ("text", "config"),
    [
        (MOVING, ttnn.ReaderDataMovementConfig()),
        (MOVING, ttnn.WriterDataMovementConfig()),
        (COMPUTING, ttnn.ComputeConfig()),
    ],
    ids=["NCRISC", "BRISC", "TRISC"],
)
def test_pointers_read_the_clock(board: str, text: str, config: object) -> None:
    words = found(board, text, config)
    times = [words[place] for place in (0, 1, 4, 5, 8)]
    assert times == sorted(set(times)), "it goes on with every look"
    assert words[5] - words[4] >= 1000
    assert [words[place] for place in (2, 3, 6, 7)] == [0] * 4, "the upper half, until four seconds have passed"


def test_other_registers_are_still_no_memory() -> None:
    load = "*reinterpret_cast<volatile uint32_t*>(0x40000) = *reinterpret_cast<volatile uint32_t*>(0xFFB121F0u + 12); "
    beside = MOVING.replace("measure(", load + "measure(")
    with pytest.raises(KernelError, match="memory"):
        found("n150", beside, ttnn.ReaderDataMovementConfig())


def test_modules_without_the_address_stay_as_they_are() -> None:
    module = "define void @f(ptr %p) {\n  %1 = load atomic volatile i32, ptr %p acquire, align 4\n  ret void\n}\n"
    assert with_clock_registers(module) == module
    reading = module.replace(
        "%p acquire, align 4", "inttoptr (i32 -5168652 to ptr) acquire, align 4, !dbg !7, !tbaa !3"
    )
    line = "  %1 = call i32 @card.load(ptr inttoptr (i32 -5168652 to ptr), i32 1851236637), !dbg !7\n"
    assert line in with_clock_registers(reading)
