"""Deadlocks in which nobody has done anything yet: who would, as far as the kernels' sources tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

import tthal as ttnn
from tthal.columns import COLUMNS, unfolded

HEAD = '#include "api/dataflow/dataflow_api.h"\nusing word = volatile tt_l1_ptr uint32_t;\n'
OBJECTS = '#include "api/semaphore.h"\n#include "api/dataflow/circular_buffer.h"\n'
TOLD_BY_ARGUMENTS = """void kernel_main() {
    const uint32_t x = get_arg_val<uint32_t>(0), y = get_arg_val<uint32_t>(1);
    uint32_t semaphore = get_semaphore(get_compile_time_arg_val(0));
    noc_semaphore_wait(reinterpret_cast<word*>(semaphore), 1);
    noc_semaphore_inc(get_noc_addr(x, y, semaphore), 1);  // to the next
    noc_async_atomic_barrier();
}
"""
BY_OBJECTS = """void kernel_main() {
    Noc noc;
    Semaphore<> here(get_compile_time_arg_val(0));
    here.wait(1);
    here.up(noc, get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), 1);
}
"""
COUNTED = """void kernel_main() {
    uint32_t next = 0;
    const uint32_t x = get_arg_val<uint32_t>(next++), y = get_arg_val<uint32_t>(next++);
    noc_semaphore_wait(reinterpret_cast<word*>(get_semaphore(0)), 1);
    noc_semaphore_inc(get_noc_addr(x, y, get_semaphore(0)), 1);
}
"""
SENDER = """void kernel_main() {
    noc_semaphore_wait(reinterpret_cast<word*>(get_semaphore(0)), 6);
    const uint64_t all = get_noc_multicast_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1),
                                                get_arg_val<uint32_t>(2), get_arg_val<uint32_t>(3), get_semaphore(1));
    noc_semaphore_set(reinterpret_cast<word*>(get_semaphore(1)), VALID);
    noc_semaphore_set_multicast(get_semaphore(1), all, 6);
}
"""
RECEIVER = """void kernel_main() {
    word* ready = reinterpret_cast<word*>(get_semaphore(1));
    noc_semaphore_set(ready, INVALID);
    noc_semaphore_wait(ready, VALID);
    noc_semaphore_inc(get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(0)), 1);
}
"""
TAKES = """void kernel_main() {
    constexpr uint32_t cb_in = tt::CBIndex::c_0;
    cb_wait_front(cb_in, 1);
    noc_semaphore_inc(get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(0)), 1);
    cb_pop_front(cb_in, 1);
}
"""
MAKES = """void kernel_main() {
    constexpr auto cb_out = 0;
    noc_semaphore_wait(reinterpret_cast<word*>(get_semaphore(0)), 1);
    cb_push_back(1, 1);
    cb_push_back(cb_out, 1);
}
"""

Placed = tuple[str, bool, Sequence[tuple[ttnn.CoreCoord, list[ttnn.CoreCoord]]]]
"""A kernel's source, whether it is a reader, and for every core those whose coordinates are its arguments."""


def deadlock(kernels: Sequence[Placed], options: str = "") -> str:
    with ttnn.open_device(0, backend=f"emulator?check=default{options}") as device:
        program = ttnn.CreateProgram()
        cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(7, 6))
        for index in (0, 1):
            ring = ttnn.CircularBufferConfig(4096, {index: ttnn.DataFormat.UInt32}).set_page_size(index, 2048)
            ttnn.CreateCircularBuffer(program, cores, ring)
            ttnn.CreateSemaphore(program, cores, 0)
        for source, is_reader, places in kernels:
            config = ttnn.ReaderDataMovementConfig([0]) if is_reader else ttnn.WriterDataMovementConfig([0])
            ranges = ttnn.CoreRangeSet([ttnn.CoreRange(core) for core, _ in places])
            kernel = ttnn.CreateKernelFromString(program, HEAD + source, ranges, config)
            for core, others in places:
                virtual = [device.worker_core_from_logical_core(other) for other in others]
                ttnn.SetRuntimeArgs(program, kernel, core, [axis for each in virtual for axis in (each.x, each.y)])
        with pytest.raises(ttnn.DeadlockError) as caught:
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    assert max(map(len, str(caught.value).splitlines())) <= COLUMNS
    return unfolded(str(caught.value))


def ring(source: str, length: int) -> list[Placed]:
    cores = [ttnn.CoreCoord(x, 0) for x in range(length)]
    return [(source, False, [(core, [cores[(at + 1) % length]]) for at, core in enumerate(cores)])]


def links(message: str) -> list[str]:
    return re.findall(r"^ +\d+\. (core \(\d+,\d+\) \w+) ", message, re.MULTILINE)


@pytest.mark.parametrize(
    ("source", "call"),
    [
        (TOLD_BY_ARGUMENTS, "has a call for it, noc_semaphore_inc at Kernel_Source_Code:7:5"),
        (OBJECTS + BY_OBJECTS, "has a call for it, up at Kernel_Source_Code:9:10"),
        (COUNTED, "may do it by noc_semaphore_inc at Kernel_Source_Code:7:5"),
    ],
    ids=["told by arguments", "objects", "coordinates among the arguments"],
)
def test_a_ring_in_which_nobody_begins_is_a_numbered_chain(tmp_path: Path, source: str, call: str) -> None:
    message = deadlock(ring(source, 4), f"&dump={tmp_path}")
    assert links(message) == [f"core ({x},0) BRISC" for x in (0, 3, 2, 1)], "each waits for the one before it"
    assert message.count(call) == 4
    is_sure = "has a call" in call
    assert ("\n    The wait cycle:" in message) is is_sure
    assert ("nobody in the cycle has begun" in message) is is_sure
    assert "(likewise 3 other cores: (1,0)-(3,0))" in message
    dot = (tmp_path / "launch-1" / "waits.dot").read_text(encoding="utf-8")
    for waiter, other in ((0, 3), (3, 2), (2, 1), (1, 0)):
        assert re.search(rf"k{waiter * 5} -> k{other * 5} \[style=dashed, label=\"semaphore 0 to change: ", dot)
    assert dot.count(" -> ") == 4
    assert [f"core ({x},0) BRISC" in dot for x in range(4)] == [True] * 4


def test_a_long_ring_is_cut_in_the_middle() -> None:
    message = deadlock(
        [
            (
                TOLD_BY_ARGUMENTS,
                False,
                [
                    (ttnn.CoreCoord(at % 8, at // 8), [ttnn.CoreCoord((at + 1) % 56 % 8, (at + 1) % 56 // 8)])
                    for at in range(56)
                ],
            )
        ]
    )
    assert "(likewise 55 other cores: " in message
    assert links(message)[0] == "core (0,0) BRISC"
    assert links(message)[-1] == "core (1,0) BRISC"
    assert "… 44 more (waits.dot of dump=FOLDER has all), up to" in message


def test_a_sender_and_its_receivers_that_wait_for_one_another() -> None:
    sender = ttnn.CoreCoord(0, 0)
    receivers = [ttnn.CoreCoord(x, y) for y in range(2) for x in range(1, 4)]
    message = deadlock(
        [
            (SENDER, False, [(sender, [receivers[0], receivers[-1]])]),
            (RECEIVER, False, [(core, [sender]) for core in receivers]),
        ]
    )
    assert links(message) == ["core (0,0) BRISC", "core (1,0) BRISC"]
    assert "core (1,0) BRISC has a call for it, noc_semaphore_inc at Kernel_Source_Code:7:5" in message
    assert "(and so 5 other cores: (1,1)-(3,1), (2,0)-(3,0))" in message
    assert "core (0,0) BRISC has a call for it, noc_semaphore_set_multicast at Kernel_Source_Code:8:5" in message
    assert "but waits itself (likewise 4 other cores: (1,1)-(3,1), (3,0))" in message


def test_a_cycle_of_pages_and_semaphores() -> None:
    cores = [ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0)]
    takers = [(core, [cores[1 - at]]) for at, core in enumerate(cores)]
    message = deadlock([(TAKES, False, takers), (MAKES, True, [(core, []) for core in cores])])
    assert links(message) == [f"core ({x},0) {processor}" for x in (0, 1) for processor in ("BRISC", "NCRISC")]
    assert message.count("core (0,0) NCRISC has a call for it, cb_push_back at Kernel_Source_Code:7:5") == 1
    assert message.count("core (1,0) BRISC has a call for it, noc_semaphore_inc at Kernel_Source_Code:6:5") == 1


@pytest.mark.parametrize(
    "call",
    [
        "noc_semaphore_inc(get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(1)), 1);",
        "noc_semaphore_inc(get_noc_addr(1, 1, get_semaphore(0)), 1);",
        "noc_semaphore_set(reinterpret_cast<word*>(get_semaphore(0)), 1);",
        "// noc_semaphore_inc(get_noc_addr(x, y, get_semaphore(0)), 1);",
    ],
    ids=["another semaphore", "another core", "only its own", "a comment"],
)
def test_calls_that_are_about_something_else_are_nobodys(call: str) -> None:
    wait = "noc_semaphore_wait(reinterpret_cast<word*>(get_semaphore(0)), 1);"
    message = deadlock(ring(f"void kernel_main() {{ {wait}\n{call}\n}}", 2))
    assert not links(message)
    assert "no source of those that still wait has a call for it" in message
    assert "does each wait for the other to begin" in message
    assert "can never be satisfied" not in message, "a store or a write would do"


def test_what_cannot_be_told_is_only_possible() -> None:
    """A parameter of a function, whatever other functions call by that name."""
    source = """void tell(uint64_t semaphore) { noc_semaphore_inc(semaphore, 1); }
void kernel_main() {
    uint32_t semaphore = get_semaphore(1);
    noc_semaphore_wait(reinterpret_cast<word*>(get_semaphore(0)), 1);
    tell(get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), semaphore));
}
"""
    message = deadlock(ring(source, 2))
    assert "core (1,0) BRISC may do it by noc_semaphore_inc at Kernel_Source_Code:3:33" in message
