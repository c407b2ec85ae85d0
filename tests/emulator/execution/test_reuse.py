"""A processor is used again by the next launch of a program, and is as new every time, whatever ended the last one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import tthal as ttnn

CORE = ttnn.CoreCoord(0, 0)
SCRATCH = 0x40000
WORD = "*(volatile uint32_t*)"
LAUNCHES = 40

HEAD = """
__attribute__((noinline)) uint32_t deep(uint32_t n) {
    volatile uint32_t room[512];
    room[n % 512] = n;
    if (n == 1) __builtin_trap();
    if (n == 2) noc_async_read(get_noc_addr(63, 63, 0), 0x40000, 32);
    if (n == 2) noc_async_read_barrier();
    if (n == 3) cb_pop_front(0, 1);
    if (n == 4) *(volatile uint32_t*)0 = 1;
    if (n == 5) cb_wait_front(0, 1);
    return room[n % 512];
}
"""
WORK = f"for (volatile uint32_t i = 0; i < 3000000; i = i + 1) {{}} {WORD}{SCRATCH} = {WORD}{SCRATCH} + 1;"
"""Long enough to give way several times."""


@pytest.fixture
def program(make_program: Callable) -> ttnn.Program:
    """Traps as its argument says, with 2 KB of stack in use; does its work with 0."""
    source = f"{HEAD} void kernel_main() {{ deep(get_arg_val<uint32_t>(0)); {WORK} }}"
    return make_program(source, args=[0], circular_buffers=[(0, 1)])


def launch(device: ttnn.Device, program: ttnn.Program, argument: int) -> None:
    ttnn.SetRuntimeArgs(program, program.kernel(0), CORE, [argument])
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


def word(device: ttnn.Device) -> int:
    return int(ttnn.ReadFromDeviceL1(device, CORE, SCRATCH, 4).view(np.uint32)[0])


ENDS = {1: "cannot be reached", 2: r"\(63,63\)", 3: "pops more", 4: "null page", 5: "deadlock"}


@pytest.mark.parametrize("argument", ENDS)
def test_launch_after_an_error_is_as_the_first(device: ttnn.Device, program: ttnn.Program, argument: int) -> None:
    ttnn.WriteToDeviceL1(device, CORE, SCRATCH, np.zeros(1, np.uint32))
    for count in range(LAUNCHES // 4):
        with pytest.raises(ttnn.LaunchError, match=ENDS[argument]):
            launch(device, program, argument)
        if count % 4 == 3:
            launch(device, program, 0)
    assert word(device) == LAUNCHES // 16


def test_each_error_is_reported_as_its_own(device: ttnn.Device, program: ttnn.Program) -> None:
    for argument in (2, 1, 3, 4, 2, 5, 1, 4, 3):
        with pytest.raises(ttnn.LaunchError, match=ENDS[argument]):
            launch(device, program, argument)


def test_kernels_have_no_globals_that_outlive_a_launch(
    device: ttnn.Device, run: Callable, make_program: Callable
) -> None:
    source = f"""
static uint32_t __attribute__((address_space(1))) count;
void kernel_main() {{ {WORD}{SCRATCH} = ++count; }}"""
    with pytest.raises(ttnn.CompileError, match="address space 1"):
        run(make_program(source))
