"""A source that is used again after a flush: on Wormhole a warning of ``check=full``, never an error."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import tthal as ttnn
from tthal_check.listener import CheckWarning

PAGES, PAGE = 4, 2048
KERNEL = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const InterleavedAddrGen<true> pages = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    for (uint32_t i = 0; i < 4; i++) {
        for (int j = 0; j < 512; j++) words[j] = i + 1;
        WRITE;
        WAIT;
    }
    noc_async_write_barrier();
    END;
}
"""
WRITE = "noc_async_write(get_write_ptr(0), get_noc_addr(i, pages), 2048)"
BY_ID = (
    "noc_async_write_one_packet_with_trid(get_write_ptr(0), get_noc_addr(i, pages), 2048, 3)",
    "noc_async_write_flushed_with_trid(3)",
    "noc_async_write_barrier_with_trid(3)",
)
POSTED = "noc_async_write<NOC_MAX_BURST_SIZE + 1, true, true>(get_write_ptr(0), get_noc_addr(i, pages), 2048)"


def launch(selection: str, write: str, wait: str, end: str = "") -> tuple[bool, list[str]]:
    """Run the kernel; tell whether the bytes are right, and what the checks warn of."""
    text = KERNEL.replace("WRITE;", f"{write};").replace("WAIT;", f"{wait};").replace("END;", f"{end};")
    core, program = ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
    with warnings.catch_warnings(record=True) as told, ttnn.open_device(0, backend=selection) as device:
        warnings.simplefilter("always", CheckWarning)
        place = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, PAGES * PAGE, PAGE, ttnn.BufferType.DRAM))
        ring = ttnn.CircularBufferConfig(PAGE, {0: ttnn.DataFormat.UInt32}).set_page_size(0, PAGE)
        ttnn.CreateCircularBuffer(program, core, ring)
        kernel = ttnn.CreateKernelFromString(program, text, core, ttnn.WriterDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, core, [place.address()])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        found = ttnn.EnqueueReadBuffer(device.command_queue(), place).view(np.uint32)
    right = np.array_equal(found, np.repeat(np.arange(1, PAGES + 1), PAGE // 4))
    return right, [str(item.message) for item in told if item.category is CheckWarning]


@pytest.mark.parametrize("options", ["check=full", "check=full&warnings=error"])
def test_on_wormhole_a_flush_does_not_say_that_the_data_were_read(options: str) -> None:
    right, told = launch(f"emulator?{options}", WRITE, "noc_async_writes_flushed()")
    assert right
    (text,) = told
    assert "[TT-NOC-006]" in text
    assert "at Kernel_Source_Code:6:" in text  # the store
    assert "the write: core (0,0) BRISC, kernel Kernel_Source_Code at Kernel_Source_Code:7:" in text


def test_a_posted_write_that_was_flushed_is_none_that_was_read() -> None:
    right, told = launch("emulator?check=full", POSTED, "noc_async_posted_writes_flushed()")
    assert right
    assert [text.count("[TT-NOC-006]") for text in told] == [1]


@pytest.mark.parametrize(
    ("selection", "write", "wait"),
    [
        ("emulator", WRITE, "noc_async_writes_flushed()"),  # under full only
        ("emulator:p150?check=full", WRITE, "noc_async_writes_flushed()"),  # on Wormhole only
        ("emulator?check=full", WRITE, "noc_async_write_barrier()"),
        ("emulator?check=full", WRITE, "noc_async_writes_departed()"),
        ("emulator?check=full", POSTED, "noc_async_writes_departed()"),
        ("emulator?check=full", BY_ID[0], BY_ID[1]),
        ("emulator?check=full", BY_ID[0], BY_ID[2]),
    ],
)
def test_what_waits_until_the_data_were_read_is_right(selection: str, write: str, wait: str) -> None:
    end = BY_ID[2] if write == BY_ID[0] else ""
    assert launch(selection, write, wait, end) == (True, [])


def test_a_flush_of_other_writes_lets_posted_ones_go_on() -> None:
    with pytest.raises(ttnn.KernelError, match="TT-NOC-001"):
        launch("emulator?check=full", POSTED, "noc_async_writes_flushed()")
