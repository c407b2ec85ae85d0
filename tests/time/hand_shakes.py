"""A program in which one core works and another waits for it, by words that are set and awaited in several ways."""

from __future__ import annotations

import tthal as ttnn

BACKEND = "emulator:n150?time=on&check=off"
ROUNDS, WORK = 6, 3000
SENDER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    auto* credit = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0));
    auto* flag = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(1));
    const uint64_t there = get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(1));
    const uint64_t all = get_noc_multicast_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1),
                                                get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(1));
    for (uint32_t round = 1; round <= 6; round++) {
        noc_semaphore_wait(credit, CREDITS);
        RESET(credit, 0);
        for (volatile uint32_t i = 0; i < 3000; i = i + 1) {}
        RESET(flag, VALUE);
        SEND;
        noc_async_write_barrier();
    }
}
"""
RECEIVER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    auto* flag = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(1));
    const uint64_t credit = get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(0));
    for (uint32_t round = 1; round <= 6; round++) {
        RESET(flag, 0);
        for (uint32_t i = 0; i < CREDITS; i++) noc_semaphore_inc(credit, 1);
        AWAIT;
    }
    noc_async_atomic_barrier();
}
"""
STORE = "#define RESET(word, value) *(word) = (value)\n"
CALL = "#define RESET(word, value) noc_semaphore_set(word, value)\n"
SENDS = {
    "remote": "noc_semaphore_set_remote(get_semaphore(1), there)",
    "multicast": "noc_semaphore_set_multicast(get_semaphore(1), all, 1)",
    "inline": "noc_inline_dw_write(there, VALUE)",
}
WAITS = {
    "wait": "noc_semaphore_wait(flag, VALUE)",
    "least": "noc_semaphore_wait_min(flag, VALUE)",
    "poll": "while (*flag != VALUE) invalidate_l1_cache()",
    "spin": "while (*flag != VALUE) {}",
}


LATE = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    auto* flag = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(1));
    noc_semaphore_wait(flag, 1);
}
"""
SLOW = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    for (volatile uint32_t i = 0; i < 60000; i = i + 1) {}
    noc_inline_dw_write(get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(1)), 1);
    noc_async_write_barrier();
}
"""


def hand_shakes(
    reset: str, send: str, wait: str, value: str = "1", credits: int = 2, *, bystanders: bool = False
) -> None:
    """Six rounds in which core (2, 0) works for a while before it sets the flag of core (0, 0).

    Args:
        bystanders: core (5, 0) waits for core (6, 0), by the same semaphore, until the others are done.
    """
    with ttnn.open_device(0, backend=BACKEND) as device:
        program, sender, receiver = ttnn.CreateProgram(), ttnn.CoreCoord(2, 0), ttnn.CoreCoord(0, 0)
        for _ in range(2):
            ttnn.CreateSemaphore(program, ttnn.CoreRangeSet([ttnn.CoreRange(receiver, ttnn.CoreCoord(6, 0))]), 0)
        for text, place in ((LATE, 5), (SLOW, 6)) if bystanders else ():
            core = ttnn.CoreCoord(place, 0)
            kernel = ttnn.CreateKernelFromString(program, text, core, ttnn.WriterDataMovementConfig())
            ttnn.SetRuntimeArgs(program, kernel, core, list(device.properties.virtual_core(ttnn.CoreCoord(5, 0))))
        for text, core, other in ((SENDER, sender, receiver), (RECEIVER, receiver, sender)):
            for name, code in (
                ("SEND", SENDS[send]),
                ("AWAIT", WAITS[wait]),
                ("VALUE", value),
                ("CREDITS", f"{credits}u"),
            ):
                text = text.replace(name, code)
            config = ttnn.DataMovementConfig(processor=ttnn.DataMovementProcessor.RISCV_0, noc=ttnn.NOC.NOC_0)
            kernel = ttnn.CreateKernelFromString(program, reset + text, core, config)
            ttnn.SetRuntimeArgs(program, kernel, core, list(device.properties.virtual_core(other)))
        ttnn.EnqueueProgram(device.command_queue(), program, True)
