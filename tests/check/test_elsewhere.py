"""Writes at the address of a circular buffer that lies elsewhere on the receiver's core."""

from __future__ import annotations

import numpy as np
import pytest

import tthal as ttnn

CORES = [ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0)]
HEAD = '#include "api/dataflow/dataflow_api.h"\nvoid kernel_main() {\n'
FILL = """    const InterleavedAddrGen<true> pages = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
    const uint32_t x = get_arg_val<uint32_t>(1), y = get_arg_val<uint32_t>(2), given = get_arg_val<uint32_t>(3);
    noc_async_read(get_noc_addr(0, pages), get_write_ptr(0), 2048);
    noc_async_read_barrier();
"""
UNICAST = "    noc_async_write(get_write_ptr(0), get_noc_addr(x, y, TO), 2048);\n"
MULTICAST = "    noc_async_write_multicast(get_write_ptr(0), get_noc_multicast_addr(x, y, x, y, TO), 2048, 1);\n"
END = "    noc_async_write_barrier();\n    (void)given;\n}\n"


def launch(
    board: str, send: str, to: str, receiver: tuple[int, ...], is_given: bool = False, sender: tuple[int, ...] = (0,)
) -> None:
    """Let core (0,0), which has one circular buffer, send to (1,0), whose circular buffers lie in an order."""
    with ttnn.open_device(0, backend=f"{board}?warnings=error") as device:
        config = ttnn.InterleavedBufferConfig(device, 2048, 2048, ttnn.BufferType.DRAM)
        buffer, program = ttnn.CreateBuffer(config), ttnn.CreateProgram()
        ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, np.ones(2048, np.uint8))
        for core, rings in zip(CORES, ([sender], [(index,) for index in receiver]), strict=True):
            for indices in rings:
                ring = ttnn.CircularBufferConfig(4096, dict.fromkeys(indices, ttnn.DataFormat.UInt32))
                for index in indices:
                    ring.set_page_size(index, 2048)
                ttnn.CreateCircularBuffer(program, core, ring)
        other = device.worker_core_from_logical_core(CORES[1])
        text = HEAD + FILL + send.replace("TO", to) + END
        kernel = ttnn.CreateKernelFromString(program, text, CORES[0], ttnn.WriterDataMovementConfig())
        ttnn.CreateKernelFromString(program, HEAD + "}", CORES[1], ttnn.WriterDataMovementConfig())
        base = device.properties.l1_base if is_given else 0
        ttnn.SetRuntimeArgs(program, kernel, CORES[0], [buffer.address(), other.x, other.y, base])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


@pytest.mark.parametrize("send", [UNICAST, MULTICAST], ids=["unicast", "multicast"])
@pytest.mark.parametrize("board", ["emulator", "emulator:p150"])
def test_another_circular_buffer_lies_there(board: str, send: str) -> None:
    with pytest.raises(ttnn.KernelError, match=r"circular\s+buffer 0 of\s+the\s+sender") as caught:
        launch(board, send, "get_write_ptr(0)", (1, 0))
    assert caught.value.findings[0].id == "TT-MEM-016"


def test_one_of_the_indices_of_its_memory_lies_there() -> None:
    launch("emulator", UNICAST, "get_write_ptr(1)", (1, 0), sender=(0, 1))


@pytest.mark.parametrize(
    ("to", "receiver", "is_given"),
    [
        ("get_write_ptr(0)", (0, 1), False),  # the same place
        ("get_write_ptr(0)", (1,), False),  # the other core has none of that index: it is its own affair
        ("given", (1, 0), True),  # an argument says so
    ],
    ids=["same place", "another index on purpose", "given"],
)
def test_what_is_meant(to: str, receiver: tuple[int, ...], is_given: bool) -> None:
    launch("emulator", UNICAST, to, receiver, is_given)
