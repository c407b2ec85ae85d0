"""Kernels that ask for pages for ever instead of waiting for them: a deadlock like any other."""

from __future__ import annotations

import pytest

import tthal as ttnn
from tthal.columns import unfolded

CORE = ttnn.CoreCoord(0, 0)
HEAD = '#include "api/dataflow/dataflow_api.h"\nvoid kernel_main() {\n'
PUSH = "    cb_reserve_back(0, 1);\n    cb_push_back(0, 1);\n"


def failure(reader: str, writer: str, check: str = "default") -> ttnn.LaunchError:
    """What a launch on one core ends with, whose circular buffers 0 and 1 have two pages."""
    with ttnn.open_device(0, backend=f"emulator?check={check}&watchdog=10000000") as device:
        program = ttnn.CreateProgram()
        for index in range(2):
            ring = ttnn.CircularBufferConfig(128, {index: ttnn.DataFormat.UInt32}).set_page_size(index, 64)
            ttnn.CreateCircularBuffer(program, CORE, ring)
        configs = (ttnn.ReaderDataMovementConfig(), ttnn.WriterDataMovementConfig())
        for text, config in zip((reader, writer), configs, strict=True):
            ttnn.CreateKernelFromString(program, f"{HEAD}{text}}}\n", CORE, config)
        with pytest.raises(ttnn.LaunchError) as caught:
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    assert "command_export" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("check", ["off", "default", "full"])
def test_pages_that_never_come(check: str) -> None:
    error = failure(PUSH, "    while (!cb_pages_available_at_front(0, 2)) {}\n", check)
    assert isinstance(error, ttnn.DeadlockError)
    text = unfolded(str(error))
    assert (
        "BRISC Kernel_Source_Code at Kernel_Source_Code:3:13: polls cb_pages_available_at_front(cb 0, 2 pages): "
        in text
    )
    assert "1 of 2 pages are filled" in text
    assert "emulator?watchdog=" in text
    assert ("core (0,0) NCRISC, which did it before, has ended" in text) is (check != "off")


def test_more_pages_than_there_are() -> None:
    asks = "    while (!cb_pages_available_at_front(0, 3)) {}\n    cb_wait_front(0, 1);\n    cb_pop_front(0, 1);\n"
    text = unfolded(str(failure(PUSH + PUSH + PUSH, asks)))
    assert "core (0,0) BRISC can never be satisfied: circular buffer 0 has no more than 2 pages" in text
    assert "NCRISC Kernel_Source_Code at Kernel_Source_Code:7:5: cb_reserve_back(cb 0, 1 page)" in text, "the other one"
    assert "does not divide" not in text


def test_room_that_never_comes_is_part_of_the_wait_cycle() -> None:
    fill = "    cb_reserve_back({0}, 2);\n    cb_push_back({0}, 2);\n"
    drain = "    cb_wait_front({0}, 1);\n    cb_pop_front({0}, 1);\n"
    reader = fill.format(0) + drain.format(1) + "    while (!cb_pages_reservable_at_back(0, 2)) {}\n"
    writer = fill.format(1) + drain.format(0) + "    cb_reserve_back(1, 2);\n"
    text = unfolded(str(failure(reader, writer)))
    assert "The wait cycle:" in text
    assert "NCRISC at Kernel_Source_Code:7:13 needs a pop of circular buffer 0, which core (0,0) BRISC does" in text
    assert "BRISC at Kernel_Source_Code:7:5 needs a pop of circular buffer 1, which core (0,0) NCRISC does" in text


def test_what_was_answered_with_yes_is_not_polled_for() -> None:
    """The kernel asks in vain at first and loops elsewhere; in the next launch it does not ask at all."""
    loop = "    auto* word = reinterpret_cast<volatile uint32_t*>(get_write_ptr(1));\n    while (*word != 7) {}\n"
    error = failure(PUSH, "    while (!cb_pages_available_at_front(0, 1)) {}\n" + loop)
    assert isinstance(error, ttnn.KernelError)
    assert "loops without a call that waits while everybody else has finished" in unfolded(str(error))
    error = failure("    cb_reserve_back(0, 3 - 1); cb_push_back(0, 2); cb_reserve_back(0, 1);\n", loop)
    assert isinstance(error, ttnn.KernelError)
    text = unfolded(str(error))
    assert "while 1 other processor waits for it" in text
    assert "NCRISC Kernel_Source_Code at Kernel_Source_Code:3:" in text
