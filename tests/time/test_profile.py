"""Launches on the emulator, timed: against workloads written down by hand, and against the same run untimed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from timed_programs import COMPUTE

import tthal as ttnn
from tthal.cli.root import tthal as command_line
from tthal.errors import SelectionError
from tthal.types import Arch
from tthal_time import settings
from tthal_time.actions import ActionList
from tthal_time.constants import CHIPS
from tthal_time.constants.vector_unit import UNKNOWN, VECTOR_FUNCTIONS
from tthal_time.layouts import Kind
from tthal_time.places import Places
from tthal_time.profile import Cause, Profile
from tthal_time.solver import Solver
from tthal_time.solving import Workload

PAGE, PAGES = 2048, 24
READER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto pages = TensorAccessor(args, get_arg_val<uint32_t>(0), 2048);
    cb_reserve_back(0, 24);
    uint32_t place = get_write_ptr(0);
    for (uint32_t page = 0; page < 24; page++, place += 2048) noc_async_read_tile(page, pages, place);
    noc_async_read_barrier();
    cb_push_back(0, 24);
}
"""
WRITER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto pages = TensorAccessor(args, get_arg_val<uint32_t>(0), 2048);
    cb_wait_front(0, 24);
    uint32_t place = get_read_ptr(0);
    for (uint32_t page = 0; page < 24; page++, place += 2048) noc_async_write_tile(page, pages, place);
    noc_async_write_barrier();
    cb_pop_front(0, 24);
}
"""
SENDER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    uint32_t rounds = get_arg_val<uint32_t>(0);
    uint64_t semaphore = get_noc_addr(get_arg_val<uint32_t>(1), get_arg_val<uint32_t>(2), get_semaphore(0));
    for (uint32_t i = 0; i < rounds; i++) noc_semaphore_inc(semaphore, 1);
    noc_async_atomic_barrier();
}
"""
WAITER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    auto* semaphore = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0));
    noc_semaphore_wait(semaphore, get_arg_val<uint32_t>(0));
    noc_semaphore_set(semaphore, 0);
}
"""
FLAG = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    auto* semaphore = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0));
    noc_semaphore_set(semaphore, 7);
    uint64_t all = get_noc_multicast_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_arg_val<uint32_t>(2),
                                          get_arg_val<uint32_t>(3), get_semaphore(0));
    noc_semaphore_set_multicast(get_semaphore(0), all, 3);
    noc_async_write_barrier();
}
"""


def copy(backend: str) -> np.ndarray:  # type: ignore[type-arg]
    """Copy pages of DRAM through one core; return what arrived."""
    with ttnn.open_device(0, backend=backend) as device:
        config = ttnn.InterleavedBufferConfig(
            device=device, size=PAGE * PAGES, page_size=PAGE, buffer_type=ttnn.BufferType.DRAM
        )
        source, target = ttnn.CreateBuffer(config), ttnn.CreateBuffer(config)
        program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
        ring = ttnn.CircularBufferConfig(PAGE * PAGES, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, PAGE)
        ttnn.CreateCircularBuffer(program, core, ring)
        for text, buffer, config_of in (
            (READER, source, ttnn.ReaderDataMovementConfig),
            (WRITER, target, ttnn.WriterDataMovementConfig),
        ):
            words = ttnn.TensorAccessorArgs(buffer).get_compile_time_args()
            kernel = ttnn.CreateKernelFromString(program, text, core, config_of(words))
            ttnn.SetRuntimeArgs(program, kernel, core, [buffer.address()])
        data = np.arange(PAGE * PAGES, dtype=np.uint32).astype(np.uint8)
        ttnn.EnqueueWriteBuffer(device.command_queue(), source, data)
        ttnn.EnqueueProgram(device.command_queue(), program, True)
        out = np.zeros_like(data)
        ttnn.EnqueueReadBuffer(device.command_queue(), target, out, True)
    np.testing.assert_array_equal(out, data)
    return out


def test_a_copy_is_what_its_commands_take(profiles: list[Profile]) -> None:
    """The same commands, written down by hand."""
    copy("emulator:n150?time=on")
    (profile,) = profiles
    chip, solver = CHIPS[Arch.WORMHOLE_B0], Solver()
    with ttnn.open_device(0, backend="emulator:n150") as device:
        device.observe(solver)
        places = Places(chip, device.properties)
    call = chip.buffer_call.value
    reader, writer = ActionList(chip), ActionList(chip)
    for processor in (reader, writer):
        processor.add(Kind.CODE, chip.l1_load.value)  # its argument
    reader.add(Kind.QUEUE_RESERVE, call, channel=0, count=PAGES)
    for page in range(PAGES):
        node, bank = places.banks[page % len(places.banks)]
        reader.work(chip.new_address.value)
        reader.read(node, PAGE, channel=bank)
    reader.barrier(reads=True)
    reader.add(Kind.QUEUE_PUSH, call, channel=0, count=PAGES)
    writer.add(Kind.QUEUE_WAIT, call, channel=0, count=PAGES)
    for page in range(PAGES):
        node, bank = places.banks[page % len(places.banks)]
        writer.work(chip.new_address.value)
        writer.write(node, PAGE, channel=bank, noc=1)
    writer.barrier(reads=False)
    writer.add(Kind.QUEUE_POP, call, channel=0, count=PAGES)
    workload = Workload(
        nodes=[places.core(0, 0)] * 2,
        actions=[reader.array(), writer.array()],
        queues=(PAGES,),
        channels=len(places.banks),
    )
    assert profile.cycles == solver.solve(chip, workload).cycles + chip.start.value
    assert profile.dram_bytes == 2 * PAGE * PAGES
    assert {item.thread.processor for item in profile.threads} == {"BRISC", "NCRISC"}
    for item in profile.threads:
        assert sum(item.spent.values()) == pytest.approx(item.finish)


def test_two_banks_less_traffic_each(profiles: list[Profile]) -> None:
    copy("emulator:p150?time=on")
    (profile,) = profiles
    assert profile.chip.name == "blackhole"
    assert 0 < profile.dram_share < 1
    assert profile.nanoseconds == pytest.approx(profile.cycles / 1.35)


def test_nobody_listens_when_it_is_off(profiles: list[Profile]) -> None:
    copy("emulator:n150")
    copy("emulator:n150?time=off")
    assert profiles == []


def test_results_and_times_are_the_same_again(profiles: list[Profile]) -> None:
    first, second = copy("emulator:n150?time=on"), copy("emulator:n150?time=on&seed=5")
    np.testing.assert_array_equal(first, second)
    assert profiles[0].cycles == profiles[1].cycles


def signal(device: ttnn.Device, rounds: int) -> None:
    """Core (3, 2) raises a semaphore that core (0, 0) waits for."""
    program, waiter, sender = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0), ttnn.CoreCoord(3, 2)
    ttnn.CreateSemaphore(program, ttnn.CoreRangeSet([ttnn.CoreRange(waiter, sender)]), 0)
    x, y = device.properties.virtual_core(waiter)
    for text, core, words in ((SENDER, sender, [rounds, x, y]), (WAITER, waiter, [rounds])):
        kernel = ttnn.CreateKernelFromString(program, text, core, ttnn.WriterDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, core, words)
    ttnn.EnqueueProgram(device.command_queue(), program, True)


def test_a_semaphore_is_waited_for_until_the_last_increment(profiles: list[Profile]) -> None:
    with ttnn.open_device(0, backend="emulator:n150?time=on") as device:
        signal(device, 4)
        signal(device, 12)
    few, many = ({item.thread.core: item for item in profile.threads} for profile in profiles)
    issue = CHIPS[Arch.WORMHOLE_B0].write_issue.value
    assert many[0, 0].finish - few[0, 0].finish == pytest.approx(8 * issue)
    assert many[0, 0].spent[Cause.SEMAPHORE] > 12 * issue
    assert not [note for profile in profiles for note in profile.notes if "never" in note]


COUNTER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    auto* semaphore = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0));
    noc_semaphore_wait_min(semaphore, get_arg_val<uint32_t>(0));
}
"""


def test_semaphores_begin_anew_with_every_launch(profiles: list[Profile]) -> None:
    """What an earlier launch left in L1 does not end the waits of the next one."""
    with ttnn.open_device(0, backend="emulator:n150?time=on") as device:
        program, waiter, sender = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0), ttnn.CoreCoord(3, 2)
        ttnn.CreateSemaphore(program, ttnn.CoreRangeSet([ttnn.CoreRange(waiter, sender)]), 0)
        x, y = device.properties.virtual_core(waiter)
        for text, core, words in ((SENDER, sender, [9, x, y]), (COUNTER, waiter, [9])):
            kernel = ttnn.CreateKernelFromString(program, text, core, ttnn.WriterDataMovementConfig())
            ttnn.SetRuntimeArgs(program, kernel, core, words)
        for _ in range(2):
            ttnn.EnqueueProgram(device.command_queue(), program, True)
    first, second = profiles
    assert first.cycles == second.cycles
    waits = next(item for item in second.threads if item.thread.core == (0, 0))
    assert waits.spent[Cause.SEMAPHORE] > 100


def test_a_flag_that_is_multicast_ends_the_waits(profiles: list[Profile]) -> None:
    with ttnn.open_device(0, backend="emulator:n150?time=on") as device:
        program, sender = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
        others = ttnn.CoreRange(ttnn.CoreCoord(1, 0), ttnn.CoreCoord(3, 0))
        ttnn.CreateSemaphore(program, ttnn.CoreRangeSet([ttnn.CoreRange(sender, ttnn.CoreCoord(3, 0))]), 0)
        corners = [*device.properties.virtual_core(others.start), *device.properties.virtual_core(others.end)]
        config = ttnn.DataMovementConfig(processor=ttnn.DataMovementProcessor.RISCV_0, noc=ttnn.NOC.NOC_0)
        kernel = ttnn.CreateKernelFromString(program, FLAG, sender, config)
        ttnn.SetRuntimeArgs(program, kernel, sender, corners)
        waiting = ttnn.CreateKernelFromString(program, WAITER, ttnn.CoreRangeSet([others]), config)
        for x in range(1, 4):
            ttnn.SetRuntimeArgs(program, waiting, ttnn.CoreCoord(x, 0), [7])
        ttnn.EnqueueProgram(device.command_queue(), program, True)
    (profile,) = profiles
    assert not profile.notes
    assert all(item.spent[Cause.SEMAPHORE] > 0 for item in profile.threads if item.thread.core != (0, 0))


def test_the_vector_unit_costs_what_was_measured(profiles: list[Profile]) -> None:
    """Calls are told by the function's name: one tile, two operands, and one that was never measured."""
    calls = (
        "",
        "relu_tile(0);",
        "relu_tile(0); add_binary_tile_init(); add_binary_tile(0, 1, 0);",
        "log_tile_init(); log_tile(0);",
    )
    with ttnn.open_device(0, backend="emulator:n150?time=on") as device:
        for text in calls:
            program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
            ring = ttnn.CircularBufferConfig(PAGE, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, PAGE)
            ttnn.CreateCircularBuffer(program, core, ring)
            ttnn.CreateKernelFromString(program, COMPUTE.replace("CALLS", text), core, ttnn.ComputeConfig())
            ttnn.EnqueueProgram(device.command_queue(), program, True)
    math = [next(item for item in found.threads if item.thread.engine == "MATH") for found in profiles]
    nothing, relu, both, unknown = (item.spent[Cause.COMPUTE] for item in math)
    assert relu - nothing == VECTOR_FUNCTIONS["relu_tile"][0]
    initialisation = CHIPS[Arch.WORMHOLE_B0].vector_set_up.value
    assert both - relu == VECTOR_FUNCTIONS["add_binary_tile"][0] + initialisation
    assert unknown - nothing == UNKNOWN + initialisation
    assert [len(found.not_modelled) for found in profiles] == [0, 0, 0, 1]


def test_other_values_are_refused() -> None:
    with pytest.raises(SelectionError, match="time=maybe"):
        ttnn.open_device(0, backend="emulator?time=maybe")


def test_profile_prints_one_screen(
    profiles: list[Profile], project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    monkeypatch.setenv(settings.TIME_VARIABLE, "off")
    script = project_root / "examples" / "vector_add_single_core" / "vector_add_single_core.py"
    found = CliRunner().invoke(command_line, ["profile", str(script)])
    assert found.exit_code == 0, found.output
    lines = found.output.splitlines()
    assert any(line.startswith("device time ") for line in lines)
    assert any(line.startswith("bound by ") for line in lines)
    assert {"UNPACK", "MATH", "PACK", "NCRISC", "BRISC"} <= {word for line in lines for word in line.split()}
    assert len(lines) <= 50
