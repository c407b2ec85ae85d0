"""Words that kernels wait for: set by the API, stored plainly, polled; the model's order is the functional run's."""

from __future__ import annotations

import pytest
from timed_programs import COMPUTE

import tthal as ttnn
from tthal_time.profile import Cause, Profile, ThreadTime

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


def both(profile: Profile) -> tuple[ThreadTime, ThreadTime]:
    """The one that works, and the one that waits for it."""
    found = {item.thread.core: item for item in profile.threads}
    return found[2, 0], found[0, 0]


@pytest.mark.parametrize("reset", [STORE, CALL], ids=["stores", "calls"])
@pytest.mark.parametrize("send", SENDS)
@pytest.mark.parametrize("wait", WAITS)
def test_whoever_waits_waits_for_the_work_of_every_round(
    profiles: list[Profile], reset: str, send: str, wait: str
) -> None:
    hand_shakes(reset, send, wait)
    (profile,) = profiles
    works, waits = both(profile)
    assert works.spent[Cause.OWN] > ROUNDS * WORK
    assert waits.spent[Cause.SEMAPHORE] > 0.95 * works.spent[Cause.OWN]
    assert waits.finish > works.spent[Cause.OWN]
    assert not [note for note in profile.notes if "never" in note]
    assert bool([note for note in profile.notes if "polled" in note]) == (wait in ("poll", "spin"))


@pytest.mark.parametrize("send", ["remote", "multicast"])
def test_a_word_stored_plainly_takes_as_long_as_one_set_by_the_api(profiles: list[Profile], send: str) -> None:
    """But for the calls themselves, three a round."""
    hand_shakes(STORE, send, "wait")
    hand_shakes(CALL, send, "wait")
    plain, called = profiles
    assert 0 <= called.cycles - plain.cycles < ROUNDS * 3 * 40


def test_a_value_that_grows_from_round_to_round(profiles: list[Profile]) -> None:
    hand_shakes(STORE, "remote", "wait", value="(round * 7)", credits=1)
    works, waits = both(profiles[0])
    assert waits.spent[Cause.SEMAPHORE] > 0.95 * works.spent[Cause.OWN]


def test_a_multicast_changes_words_of_its_rectangle_only(profiles: list[Profile]) -> None:
    hand_shakes(CALL, "multicast", "wait", bystanders=True)
    (profile,) = profiles
    assert not profile.notes
    times = {item.thread.core: item for item in profile.threads}
    assert times[5, 0].spent[Cause.SEMAPHORE] > 0.95 * times[6, 0].spent[Cause.OWN]


def test_a_kernel_that_computes_for_long_does_not_poll(profiles: list[Profile]) -> None:
    """It gives way because its turn is over: tile operations take turns of their own."""
    with ttnn.open_device(0, backend=BACKEND) as device:
        program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
        ring = ttnn.CircularBufferConfig(2048, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, 2048)
        ttnn.CreateCircularBuffer(program, core, ring)
        text = COMPUTE.replace("CALLS", "for (uint32_t i = 0; i < 400; i++) relu_tile(0);")
        ttnn.CreateKernelFromString(program, text, core, ttnn.ComputeConfig())
        ttnn.EnqueueProgram(device.command_queue(), program, True)
    assert not [note for note in profiles[0].notes if "polled" in note]
