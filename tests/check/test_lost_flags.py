"""What a deadlock says of words that were set: by whom and how, and whether the receiver's own reset lost one."""

from __future__ import annotations

import pytest

import tthal as ttnn
from tthal.columns import unfolded

BOTH = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0))
SENDER, RECEIVER = BOTH.start, BOTH.end
HEAD = """#include "api/dataflow/dataflow_api.h"
inline volatile tt_l1_ptr uint32_t* word(uint32_t id) {
    return reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(id));
}
inline uint64_t there(uint32_t id) {
    return get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(id));
}
inline uint64_t everywhere(uint32_t id) {
    uint32_t x = get_arg_val<uint32_t>(0), y = get_arg_val<uint32_t>(1);
    return get_noc_multicast_addr(x, y, x, y, get_semaphore(id));
}
void kernel_main() {
"""
FLAG = {
    "noc_semaphore_set_multicast": "noc_semaphore_set_multicast(get_semaphore(0), everywhere(0), 1);",
    "noc_semaphore_set_remote": "noc_semaphore_set_remote(get_semaphore(0), there(0));",
    "noc_inline_dw_write": "noc_inline_dw_write(there(0), 1);",
    "noc_async_write": "noc_async_write(get_semaphore(0), there(0), 4);",
}
SEND = """    noc_semaphore_set(word(0), 1);
    for (int i = 0; i < {times}; i++) {{
        {flag}
        noc_async_write_barrier();
    }}
    noc_semaphore_inc(there(1), 1);
    noc_async_atomic_barrier();
}}"""
TAKE = """    noc_semaphore_wait(word(1), 1);
    for (int i = 0; i < 2; i++) {
        noc_semaphore_wait_min(word(0), 1);
        noc_semaphore_set(word(0), 0);
    }
}"""


def message(send: str, take: str = TAKE, beside: str = "", check: str = "default") -> str:
    """What is said when core (1,0) waits forever; ``beside`` runs there, too."""
    with ttnn.open_device(0, backend=f"emulator?check={check}") as device:
        program = ttnn.CreateProgram()
        for _ in range(2):
            ttnn.CreateSemaphore(program, BOTH, 0)
        kernel = ttnn.CreateKernelFromString(program, HEAD + send, SENDER, ttnn.WriterDataMovementConfig())
        virtual = device.worker_core_from_logical_core(RECEIVER)
        ttnn.SetRuntimeArgs(program, kernel, SENDER, [virtual.x, virtual.y])
        ttnn.CreateKernelFromString(program, HEAD + take, RECEIVER, ttnn.ReaderDataMovementConfig())
        if beside:
            ttnn.CreateKernelFromString(program, HEAD + beside, RECEIVER, ttnn.WriterDataMovementConfig())
        with pytest.raises(ttnn.DeadlockError) as caught:
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    assert max(map(len, str(caught.value).splitlines())) <= 100
    return unfolded(str(caught.value))


@pytest.mark.parametrize("call", FLAG)
def test_a_flag_that_the_reset_overwrote(call: str) -> None:
    """The second one comes before the first is taken; the lines are those of the two calls in the sources."""
    said = message(SEND.format(times=2, flag=FLAG[call]))
    assert "core (0,0) BRISC, which did it before, has ended, and what came was overwritten" in said
    assert "has ever" not in said
    assert "Hint: core (1,0) NCRISC waits for what came already: core (1,0) semaphore 0 was set 2 times, " in said
    assert f"the last time to 1, by core (0,0) BRISC at Kernel_Source_Code:15:9 ({call}), 1 wait there ended" in said
    assert "the reset by core (1,0) NCRISC at Kernel_Source_Code:16:9 overwrote the rest" in said


def test_increments_that_the_reset_overwrote() -> None:
    said = message(SEND.format(times=2, flag="noc_semaphore_inc(there(0), 1); noc_async_atomic_barrier();"))
    assert "core (1,0) semaphore 0 was raised by 2 in all by core (0,0) BRISC at Kernel_Source_Code:15:9, " in said
    assert "waits there took 1, and the reset by core (1,0) NCRISC at Kernel_Source_Code:16:9 overwrote" in said


def test_all_that_came_was_taken() -> None:
    said = message(SEND.format(times=1, flag=FLAG["noc_semaphore_set_remote"]))
    assert "which did it before, has ended: once too few there, or waited for once too often here?" in said
    assert "semaphore 0 was set to 1 by core (0,0) BRISC at Kernel_Source_Code:15:9 (noc_semaphore_set_remote)" in said
    assert "semaphore 0 was set to 0 by core (1,0) NCRISC at Kernel_Source_Code:16:9 (noc_semaphore_set)" in said
    assert "overw" not in said


def test_a_word_that_the_core_itself_sets() -> None:
    """Its other processor counts up to 2, and 3 is waited for; a write of more than the word counts as one, too."""
    wait = "    noc_semaphore_wait(word(0), 3);\n}"
    said = message("}", wait, "    noc_semaphore_set(word(0), 1);\n    noc_semaphore_set(word(0), 2);\n}")
    assert "core (1,0) BRISC, which did it before, has ended: once too few" in said
    assert "semaphore 0 was set to 2 by core (1,0) BRISC at Kernel_Source_Code:14:5 (noc_semaphore_set)" in said
    wide = "    noc_async_write(get_semaphore(0), there(0), 16);\n    noc_async_write_barrier();\n}"
    said = message(wide, wait)
    assert "semaphore 0 was written 1 time, 16 B with others, by core (0,0) BRISC at Kernel_Source_Code:13:5" in said
    assert "has ever" not in said


def test_several_that_have_ended() -> None:
    flag = "    noc_inline_dw_write(there(0), 1);\n    noc_async_write_barrier();\n}"
    said = message(flag, "    noc_semaphore_wait(word(0), 3);\n}", "    noc_semaphore_set(word(0), 2);\n}")
    assert "core (0,0) BRISC, core (1,0) BRISC, which did it before, have ended" in said or (
        "core (1,0) BRISC, core (0,0) BRISC, which did it before, have ended" in said
    )


def test_nobody_did() -> None:
    said = message("}", "    noc_semaphore_wait(word(0), 1);\n}")
    assert "can never be satisfied: no kernel of this launch has ever incremented or set it" in said
