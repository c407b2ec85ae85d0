"""Every mistake of a kernel gives one error of the right class with its place, and the next program runs."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import (
    CompileError,
    DeadlockError,
    InvalidArgument,
    KernelError,
    KernelFileNotFound,
    PlacementError,
)

CORE = ttnn.CoreCoord(0, 0)
SCRATCH = 0x30000
L1_SIZE = 1_499_136
WORD = "*(volatile uint32_t*)"

ENDLESS_CALLS = "for (;;) { noc_async_read(get_noc_addr(0x30000), 0x30040, 32); noc_async_read_barrier(); }"

GOOD = f"void kernel_main() {{ *(volatile uint32_t*){SCRATCH} += 7; }}"


@pytest.fixture(autouse=True)
def next_program_runs(device: ttnn.Device, run, make_program) -> Iterator[None]:
    """After whatever the test did, the device runs the next program correctly."""
    yield
    ttnn.WriteToDeviceL1(device, CORE, SCRATCH, np.array([35], np.uint32))
    run(make_program(GOOD))
    assert ttnn.ReadFromDeviceL1(device, CORE, SCRATCH, 4).view(np.uint32)[0] == 42


KERNEL_FAULTS = {
    "four bytes past L1": ("*(volatile uint32_t*)get_arg_val<uint32_t>(0) = 1;", L1_SIZE, "past the end of L1"),
    "null page": ("*(uint32_t*)get_arg_val<uint32_t>(0) = 1;", 0, "null page"),
    "read of the null page": (
        f"*(volatile uint32_t*){SCRATCH} = *(volatile uint32_t*)get_arg_val<uint32_t>(0);", 4, "null page",
    ),
    "misaligned volatile": ("*(volatile uint32_t*)get_arg_val<uint32_t>(0) = 1;", SCRATCH + 1, "multiple of its size"),
    "argument that does not exist": ("get_arg_val<uint32_t>(get_arg_val<uint32_t>(0));", 9, "argument 9 does not"),
    "common argument that does not exist": ("get_common_arg_val<uint32_t>(0);", 0, "common runtime argument 0"),
    "buffer that is not configured": ("cb_wait_front(get_arg_val<uint32_t>(0), 1);", 5, "5 is not configured"),
    "more pages than there are": ("cb_reserve_back(0, get_arg_val<uint32_t>(0));", 9, "it has 2"),
    "push without reserve": ("cb_push_back(0, 2); cb_push_back(0, get_arg_val<uint32_t>(0));", 1, "cb_reserve_back"),
    "pop without wait": ("cb_pop_front(0, get_arg_val<uint32_t>(0));", 1, "cb_wait_front"),
    "coordinate without a node": (
        f"noc_async_read(get_noc_addr(15, 15, get_arg_val<uint32_t>(0)), {SCRATCH}, 32); noc_async_read_barrier();",
        0x1000, "nothing",
    ),
    "misaligned DRAM read": (
        f"noc_async_read(get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0)), {SCRATCH}, 32); "
        "noc_async_read_barrier();",
        0x200004, "modulo 32",
    ),
    "read past DRAM": (
        f"noc_async_read(get_noc_addr(0, 11, 0) + (uint64_t(get_arg_val<uint32_t>(0)) << 1), {SCRATCH}, 64); "
        "noc_async_read_barrier();",
        0x3FFFFFF0, "past the end",
    ),
    "read past L1": (
        "noc_async_read(get_noc_addr_from_bank_id<true>(0, 0x200000), get_arg_val<uint32_t>(0), 64); "
        "noc_async_read_barrier();",
        L1_SIZE - 32, "is not in L1",
    ),
    "jump to nowhere": ("reinterpret_cast<void (*)()>(get_arg_val<uint32_t>(0))();", 1234, "function pointer"),
}  # fmt: skip


@pytest.mark.parametrize("name", KERNEL_FAULTS)
def test_fault_names_its_place(name: str, run, make_program) -> None:
    statement, argument, text = KERNEL_FAULTS[name]
    source = f"#include <cstdint>\n\nvoid kernel_main() {{\n    {statement}\n}}\n"
    with pytest.raises(KernelError, match=text) as caught:
        run(make_program(source, args=[argument], circular_buffers=[(0, 2)]))
    error = caught.value
    assert (error.core, error.processor, error.kernel) == ((0, 0), "BRISC", "Kernel_Source_Code")
    assert (error.file, error.line) == ("Kernel_Source_Code", 4)
    assert "core (0,0) BRISC" in str(error)
    assert "Kernel_Source_Code:4" in str(error)


def test_stack_overflow(run, make_program) -> None:
    source = """
int deeper(volatile int* x, int n) {
    volatile int room[256];
    room[n & 255] = *x;
    return n == 0 ? 0 : deeper(room, n - 1) + room[3];
}
void kernel_main() { volatile int x = 3; deeper(&x, get_arg_val<uint32_t>(0)); }
"""
    with pytest.raises(KernelError, match="stack") as caught:
        run(make_program(source, args=[100_000]))
    assert caught.value.file == "Kernel_Source_Code"


def test_other_processors_memory_is_out_of_reach(device: ttnn.Device, run) -> None:
    """A processor's stack and data are not in the address space of its siblings."""
    program = ttnn.CreateProgram()
    victim = f"""
void kernel_main() {{
    volatile uint32_t secret = 1234;
    *(volatile uint32_t*){SCRATCH} = (uint32_t)&secret;
    noc_semaphore_wait((volatile uint32_t*){SCRATCH + 16}, 1);
    *(volatile uint32_t*){SCRATCH + 32} = secret;
}}"""
    attacker = f"""
void kernel_main() {{
    volatile uint32_t mine = 5678;
    uint32_t address;
    while ((address = *(volatile uint32_t*){SCRATCH}) == 0) invalidate_l1_cache();
    *(volatile uint32_t*)address = 99;
    *(volatile uint32_t*){SCRATCH + 16} = 1;
}}"""
    ttnn.WriteToDeviceL1(device, CORE, SCRATCH, np.zeros(16, np.uint32))
    ttnn.CreateKernelFromString(program, victim, CORE, ttnn.WriterDataMovementConfig())
    ttnn.CreateKernelFromString(program, attacker, CORE, ttnn.ReaderDataMovementConfig())
    run(program)
    assert ttnn.ReadFromDeviceL1(device, CORE, SCRATCH + 32, 4).view(np.uint32)[0] == 1234


@pytest.mark.parametrize(
    "body",
    [
        "while (true) {}",
        f"volatile uint32_t* flag = (volatile uint32_t*){SCRATCH + 64}; while (*flag != 99) {{}}",
        "for (;;) invalidate_l1_cache();",
    ],
)
def test_endless_loop(body: str, run, make_program) -> None:
    with pytest.raises(KernelError, match="does not end") as caught:
        run(make_program(f"\nvoid kernel_main() {{\n    {body}\n}}"))
    assert caught.value.file == "Kernel_Source_Code"


def test_endless_calls_stop_at_the_time_limit(make_program) -> None:
    source = f"void kernel_main() {{ {ENDLESS_CALLS} }}"
    with (
        ttnn.open_device(0, backend="emulator?timeout=0.5") as device,
        pytest.raises(ttnn.LaunchError, match=r"did not end within 0.5 s.*timeout="),
    ):
        ttnn.EnqueueProgram(device.command_queue(), make_program(source), blocking=True)


def test_deadlock_names_every_waiting_processor(run) -> None:
    program = ttnn.CreateProgram()
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0))
    config = ttnn.CircularBufferConfig(4096, {3: ttnn.DataFormat.Float16_b}).set_page_size(3, 2048)
    ttnn.CreateCircularBuffer(program, cores, config)
    reader = "\nvoid kernel_main() {\n    cb_wait_front(3, 1);\n}"
    writer = "\n\nvoid kernel_main() {\n    noc_semaphore_wait((volatile uint32_t*)get_semaphore(0), 5);\n}"
    ttnn.CreateSemaphore(program, cores, 2)
    ttnn.CreateKernelFromString(program, reader, cores, ttnn.ReaderDataMovementConfig())
    ttnn.CreateKernelFromString(program, writer, cores, ttnn.WriterDataMovementConfig())
    with pytest.raises(DeadlockError, match="none of the 4 unfinished") as caught:
        run(program)
    states = {(state.core, state.processor): state for state in caught.value.waiting}
    assert set(states) == {((x, 0), role) for x in (0, 1) for role in ("BRISC", "NCRISC")}
    assert states[(1, 0), "NCRISC"].location.line == 3
    assert "cb 3" in states[(1, 0), "NCRISC"].state
    assert states[(0, 0), "BRISC"].location.line == 4
    assert "it is 2" in states[(0, 0), "BRISC"].state
    assert "0 of 2 pages" in str(caught.value)


COMPILE_FAULTS = {
    "syntax": ("    uint32_t x = 1\n", 4, "expected ';'"),
    "misspelt": ("    uint32_t x = get_arg_vall<uint32_t>(0);\n", 4, "get_arg_val"),
    "compile-time argument": ("    volatile uint32_t x = get_compile_time_arg_val(3);\n", 4, "out of range"),
    "garbage": ("    @#$%;\n", 4, ""),
    "undefined function": ("    void nowhere(); nowhere();\n", 4, "nowhere"),
}


@pytest.mark.parametrize("name", COMPILE_FAULTS)
def test_compile_error_shows_the_users_line(name: str, run, make_program) -> None:
    body, line, text = COMPILE_FAULTS[name]
    with pytest.raises(CompileError) as caught:
        run(make_program(f"#include <cstdint>\n\nvoid kernel_main() {{\n{body}}}\n"))
    places = [d.location for d in caught.value.diagnostics if d.location is not None]
    assert all(place.file == "Kernel_Source_Code" for place in places)
    assert line in {place.line for place in places}
    assert text in str(caught.value)


def test_missing_include_is_named(run, make_program) -> None:
    with pytest.raises(CompileError, match=r"no/such/header\.h"):
        run(make_program('#include "no/such/header.h"\nvoid kernel_main() {}'))


def test_garbage_as_compile_time_arguments() -> None:
    program = ttnn.CreateProgram()
    for garbage in ([-1], [2**32], ["x"], [1.5]):
        with pytest.raises((InvalidArgument, TypeError)):
            ttnn.CreateKernelFromString(
                program,
                GOOD,
                CORE,
                ttnn.DataMovementConfig(compile_args=garbage),  # type: ignore[list-item]
            )


def test_missing_kernel_file() -> None:
    with pytest.raises(KernelFileNotFound, match=r"nope\.cpp"):
        ttnn.CreateKernel(ttnn.CreateProgram(), "nope.cpp", CORE)


def test_wrong_buffer_size(device: ttnn.Device) -> None:
    config = ttnn.InterleavedBufferConfig(device, 4096, 2048, ttnn.BufferType.DRAM)
    buffer = ttnn.CreateBuffer(config)
    with pytest.raises(InvalidArgument, match=r"100.*4096|4096.*100"):
        ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, bytes(100), blocking=True)


def test_circular_buffer_that_does_not_fit(run, make_program) -> None:
    with pytest.raises(PlacementError, match="beyond max L1 size of 1499136"):
        run(make_program(GOOD, circular_buffers=[(0, 800)]))


def test_circular_buffer_that_clashes_with_a_buffer(device: ttnn.Device, run, make_program) -> None:
    size = 64 * 2048 * 600
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, size, 2048, ttnn.BufferType.L1))
    with pytest.raises(PlacementError, match="clash with L1 buffers"):
        run(make_program(GOOD, circular_buffers=[(0, 200)]))
    ttnn.DeallocateBuffer(buffer)
    run(make_program(GOOD, circular_buffers=[(0, 200)]))


def test_program_for_more_cores_than_there_are(run, make_program) -> None:
    cores = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(8, 7))
    with pytest.raises(PlacementError, match="8 x 8"):
        run(make_program(GOOD, cores=cores))


@pytest.mark.parametrize(
    "body",
    ["while (true) {}", "for (;;) { noc_async_read(get_noc_addr(0x30000), 0x30040, 32); noc_async_read_barrier(); }"],
)
def test_interrupt_during_a_launch(body: str, make_program) -> None:
    program = make_program(f"void kernel_main() {{ {body} }}")
    with ttnn.open_device(0, backend="emulator?watchdog=1000000000000") as device:
        timer = threading.Timer(0.7, lambda: os.kill(os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        timer.join()
        good = make_program(GOOD)
        ttnn.WriteToDeviceL1(device, CORE, SCRATCH, np.array([1], np.uint32))
        ttnn.EnqueueProgram(device.command_queue(), good, blocking=True)
        assert ttnn.ReadFromDeviceL1(device, CORE, SCRATCH, 4).view(np.uint32)[0] == 8


def test_failure_surfaces_at_the_next_blocking_call(device: ttnn.Device, make_program: Callable) -> None:
    queue = device.command_queue()
    ttnn.EnqueueProgram(
        queue, make_program("void kernel_main() { *(uint32_t*)get_arg_val<uint32_t>(0) = 1; }", args=[0])
    )
    ttnn.EnqueueProgram(queue, make_program("void kernel_main() { *(volatile uint32_t*)0x30100 = 77; }"))
    with pytest.raises(KernelError, match="null page"):
        ttnn.Finish(queue)
    ttnn.Finish(queue)
    assert ttnn.ReadFromDeviceL1(device, CORE, 0x30100, 4).view(np.uint32)[0] != 77


def test_large_initialised_data_runs(run, make_program, device: ttnn.Device) -> None:
    """More of it than a turn has fuel: copying it is no code of the kernel's."""
    text = "abcdefgh" * 175_000
    source = (
        f'static const char t[] = "{text}"; void kernel_main() {{ {WORD}{SCRATCH} = t[get_arg_val<uint32_t>(0)]; }}'
    )
    run(make_program(source, args=[1399999]))
    assert ttnn.ReadFromDeviceL1(device, CORE, SCRATCH, 4).view(np.uint32)[0] == ord("h")
