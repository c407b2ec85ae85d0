"""Whose count of pages counts: the packer and the unpacker have their own and store them over the shared ones.

So it is in llk_io_pack.h, llk_io_unpack.h and dataflow_api.h of ttnn 0.81.1, and libtt_metal 0.81.1 on ttsim hangs
where a test here ends in a deadlock.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import DeadlockError, KernelError

PAGE = 64
READER = '#include "api/dataflow/dataflow_api.h"\n'
COMPUTE = '#include "api/compute/common.h"\n#include "api/compute/cb_api.h"\n'
BODY = """
void told(uint32_t index, uint32_t value) {
    reinterpret_cast<volatile uint32_t*>(get_arg_val<uint32_t>(0))[index] = value;
}
volatile uint32_t& flag(uint32_t index) {
    return *reinterpret_cast<volatile uint32_t*>(get_arg_val<uint32_t>(0) + 32 + 4 * index);
}
void received_and_acked(uint32_t index) {
    told(index, *get_cb_tiles_received_ptr(0));
    told(index + 1, *get_cb_tiles_acked_ptr(0));
}
void push(uint32_t pages) {
    for (; pages != 0; pages--) { cb_reserve_back(0, 1); cb_push_back(0, 1); }
}
void kernel_main() { %s }
"""
Run = Callable[..., "list[int]"]


@pytest.fixture
def run() -> Run:
    """Launch a reader and a compute kernel on one core; return eight words that they told."""

    def launch(reader: str, compute: str, pages: int = 2, check: str = "off", in_buffer: bool = False) -> list[int]:
        with ttnn.open_device(0, backend=f"emulator?check={check}") as device:
            core, program = ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
            words = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, PAGE, PAGE, ttnn.BufferType.L1))
            device.write_l1(core, words.address(), bytes(PAGE))
            ring = ttnn.CircularBufferConfig(pages * PAGE, {0: ttnn.DataFormat.UInt32}).set_page_size(0, PAGE)
            if in_buffer:
                size = pages * PAGE
                memory = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, size, size, ttnn.BufferType.L1))
                ring.set_globally_allocated_address(memory)
            ttnn.CreateCircularBuffer(program, core, ring)
            for head, body, config in (
                (READER, reader, ttnn.ReaderDataMovementConfig()),
                (COMPUTE, compute, ttnn.ComputeConfig()),
            ):
                kernel = ttnn.CreateKernelFromString(program, head + BODY % body, core, config)
                ttnn.SetRuntimeArgs(program, kernel, core, [words.address()])
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
            raw = device.read_l1(core, words.address(), 32)
            return [int(word) for word in np.frombuffer(raw, "<u4")]

    return launch


TURN = "cb_wait_front(0, 1); cb_pop_front(0, 1); push(1);"


def test_movers_add_to_the_shared_counts(run: Run) -> None:
    found = run("push(3); received_and_acked(0);", "cb_wait_front(0, 2); cb_pop_front(0, 2);")
    assert found[:2] == [3, 2]


def test_a_push_of_the_packer_forgets_those_of_others(run: Run) -> None:
    found = run(
        "push(3); flag(0) = 1;",
        "cb_wait_front(0, 2); cb_pop_front(0, 2); while (flag(0) == 0) {} received_and_acked(0);"
        "cb_push_back(0, 1); received_and_acked(2);",
    )
    assert found[:4] == [3, 2, 1, 2]


def test_a_pop_of_the_unpacker_forgets_those_of_others(run: Run) -> None:
    found = run(
        "push(2); cb_pop_front(0, 2); push(1); flag(0) = 1;",
        "while (flag(0) == 0) {} received_and_acked(0);cb_wait_front(0, 1); cb_pop_front(0, 1); received_and_acked(2);",
    )
    assert found[:4] == [3, 2, 3, 1]


def test_a_sum_that_goes_back_into_the_readers_ring_hangs(run: Run) -> None:
    with pytest.raises(DeadlockError, match="cb_wait_front"):
        run("push(1);", TURN + "cb_wait_front(0, 1);", pages=1)


def test_the_checks_name_both_before_it_hangs(run: Run) -> None:
    with pytest.raises(KernelError, match=r"two producers[\s\S]*the other producer: core \(0,0\) NCRISC") as raised:
        run("push(1);", TURN + "cb_wait_front(0, 1);", pages=1, check="default")
    assert "TT-CB-004" in str(raised.value)


def test_a_reader_may_push_after_the_packer(run: Run) -> None:
    found = run(
        "while (flag(0) == 0) {} push(1); received_and_acked(0);",
        "push(1); cb_wait_front(0, 1); cb_pop_front(0, 1); flag(0) = 1; cb_wait_front(0, 1); cb_pop_front(0, 1);",
        pages=1,
        check="default",
    )
    assert found[0] == 2


def test_the_unpacker_takes_pages_for_there_that_others_popped(run: Run) -> None:
    found = run(
        "push(1); cb_pop_front(0, 1); flag(0) = 1;",
        "while (flag(0) == 0) {} cb_wait_front(0, 1); told(0, 7);",
    )
    assert found[0] == 7


def test_who_waits_by_a_count_of_its_own_is_woken_by_it(run: Run) -> None:
    # Two were pushed, and one popped by another: the shared counts have one page, the unpacker's own two.
    found = run(
        "push(1); cb_pop_front(0, 1); flag(0) = 1; while (flag(1) == 0) {} push(1);",
        "while (flag(0) == 0) {} flag(1) = 1; cb_wait_front(0, 2); received_and_acked(0);",
    )
    assert found[:2] == [2, 1]


def test_the_packer_takes_room_for_free_that_others_filled(run: Run) -> None:
    found = run(
        "cb_reserve_back(0, 2); cb_push_back(0, 2); flag(0) = 1;",
        "while (flag(0) == 0) {} cb_reserve_back(0, 2); told(0, 7);",
    )
    assert found[0] == 7


@pytest.mark.parametrize("by_compute", [False, True])
def test_room_is_a_difference_of_16_bits(run: Run, by_compute: bool) -> None:
    # More pages than the ring has were pushed, as one may where it lies in a buffer: 2 - 3 is 65535.
    body = "cb_push_back(0, 1); cb_push_back(0, 1); cb_push_back(0, 1); cb_reserve_back(0, 1); told(0, 7);"
    found = run("" if by_compute else body, body if by_compute else "", in_buffer=True)
    assert found[0] == 7
