"""The faults that the shared memory model (macOS, Windows) does not see are these and no others.

Both models run the same kernels; what the mapped one traps on, the shared one either reports too, or lets pass within
the memory that the core's processors share.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import tthal as ttnn

sys.path.append(str(Path(__file__).resolve().parents[1]))
from test_bad_input import KERNEL_FAULTS

CORE = ttnn.CoreCoord(0, 0)
PASS_IN_SILENCE = {"four bytes past L1", "null page", "read of the null page"}
"""A hole of the address space is memory that nobody uses there."""

MORE = {
    "far outside": ("*(volatile uint32_t*)get_arg_val<uint32_t>(0) = 1;", 0xF0000000, "out of bounds"),
    "a sibling's block": ("*(volatile uint32_t*)get_arg_val<uint32_t>(0) = 0;", 0x400000, ""),
    "below the stack": ("*(volatile uint32_t*)get_arg_val<uint32_t>(0) = 0;", 0x1D0000, ""),
}
MORE_IN_SILENCE = {"a sibling's block", "below the stack"}


@pytest.fixture(scope="module")
def device() -> Iterator[ttnn.Device]:
    with ttnn.open_device(0, backend="emulator?memory=shared&watchdog=200000000") as opened:
        yield opened


@pytest.mark.parametrize("name", [*KERNEL_FAULTS, *MORE])
def test_what_differs_is_listed(name: str, device: ttnn.Device, run: Callable, make_program: Callable) -> None:
    statement, argument, text = (KERNEL_FAULTS | MORE)[name]
    program = make_program(f"void kernel_main() {{ {statement} }}", args=[argument], circular_buffers=[(0, 2)])
    if name in PASS_IN_SILENCE | MORE_IN_SILENCE:
        run(program)
    else:
        with pytest.raises(ttnn.KernelError, match=text):
            run(program)
    ttnn.WriteToDeviceL1(device, CORE, 0x30000, np.array([35], np.uint32))
    run(make_program("void kernel_main() { *(volatile uint32_t*)0x30000 += 7; }"))
    assert ttnn.ReadFromDeviceL1(device, CORE, 0x30000, 4).view(np.uint32)[0] == 42
