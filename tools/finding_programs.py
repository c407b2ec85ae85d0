"""Programs of one kernel for the findings that no pair of `tthal racebench` shows: for tools/finding_pages.py."""

from __future__ import annotations

import warnings

import numpy as np

import tthal as ttnn

PAGE = 2048
_CORE, _NEIGHBOUR = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0)
_HEAD = """#include "api/dataflow/dataflow_api.h"
#define WORDS(address) reinterpret_cast<volatile tt_l1_ptr uint32_t*>(address)
"""
_KERNEL = "void kernel_main() {{\n{body}}}\n"
_SOURCE = """const InterleavedAddrGen<true> pages = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
"""
_NEW = _SOURCE.replace("(0)", "(1)")
_READ = "noc_async_read(get_noc_addr(0, pages), {to}, 2048);\nnoc_async_read_barrier();\n"

BODIES = {
    "TT-CB-012": _SOURCE + "cb_reserve_back(0, 1);\n" + _READ.format(to="get_write_ptr(0)") + "cb_push_back(0, 1);\n",
    "TT-CB-013": "WORDS(get_write_ptr(0))[0] = get_tile_size(9);\n",
    "TT-CB-014": _SOURCE + "cb_reserve_back(0, 2);\n" + _READ.format(to="get_write_ptr(0) + 3072")
    + "cb_push_back(0, 2);\n",
    "TT-MEM-004": _SOURCE + _READ.format(to="get_write_ptr(0)")
    + "noc_async_write(get_write_ptr(0), get_noc_addr(my_x[0], my_y[0], get_write_ptr(0) + 0x40000), 2048);\n"
    "noc_async_write_barrier();\n",
    "TT-MEM-006": _SOURCE + _READ.format(to="get_write_ptr(0)")
    + "noc_async_write(get_write_ptr(0), get_noc_addr(my_x[0], my_y[0], 0x2000), 64);\nnoc_async_write_barrier();\n",
    "TT-MEM-007": _SOURCE + "noc_inline_dw_write(get_noc_addr(0, pages), 7);\nnoc_async_write_barrier();\n",
    "TT-MEM-012": _SOURCE.replace("<true>", "<false>") + _READ.format(to="get_write_ptr(0)"),
    "TT-MEM-015": "// The argument is the address of a buffer in L1 that was deallocated; another lies there now.\n"
    "noc_async_read(get_noc_addr(my_x[0], my_y[0], get_arg_val<uint32_t>(2)), get_write_ptr(0), 2048);\n"
    "noc_async_read_barrier();\n",
    "TT-MEM-016": _SOURCE + "// Core (1,0) has circular buffer 1 in front of its circular buffer 0.\n"
    + _READ.format(to="get_write_ptr(0)")
    + "const uint64_t there = get_noc_addr(NEIGHBOUR_X, NEIGHBOUR_Y, get_write_ptr(0));\n"
    "noc_async_write(get_write_ptr(0), there, 2048);\nnoc_async_write_barrier();\n",
    "TT-MEM-017": "// Semaphore 0 was created on core (0,0) alone.\n"
    "noc_semaphore_inc(get_noc_addr(NEIGHBOUR_X, NEIGHBOUR_Y, get_semaphore(0)), 1);\nnoc_async_atomic_barrier();\n",
    "TT-NOC-006": _SOURCE + "WORDS(get_write_ptr(0))[0] = 1;\n"
    "noc_async_write(get_write_ptr(0), get_noc_addr(0, pages), 2048);\nnoc_async_writes_flushed();\n"
    "WORDS(get_write_ptr(0))[0] = 2;\nnoc_async_write_barrier();\n",
    "TT-INI-004": _NEW + _READ.format(to="get_write_ptr(0)"),
    "TT-INI-005": _SOURCE + "noc_async_write(get_write_ptr(0), get_noc_addr(0, pages), 2048);\n"
    "noc_async_write_barrier();\n",
    "TT-PTR-002": "WORDS(get_write_ptr(0))[0] = WORDS(get_arg_addr(0))[2];  // of 2\n",
    "TT-PTR-003": "WORDS(HIDDEN)[0] = 1;  // the address of a buffer in L1\n",
    "TT-PTR-006": "WORDS(FREED)[0] = 1;  // the address of a buffer in L1 that was deallocated\n",
    "TT-NUM-001": "volatile int parts = 0;\nWORDS(get_write_ptr(0))[0] = 2048 / parts;\n",
    "TT-NUM-002": "volatile int least = -2147483647 - 1, by = -1;\nWORDS(get_write_ptr(0))[0] = least / by;\n",
}  # fmt: skip
"""What the kernel does; its arguments are a buffer in DRAM that was written and one that was not."""


def kernel(finding: str) -> str:
    """Return the kernel that shows a finding."""
    lines = BODIES[finding].splitlines()
    return _KERNEL.format(body="".join(f"    {line}\n" for line in lines))


def said(finding: str, options: str) -> str:
    """Return what a device with some options says of the kernel."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        raised = ""
        try:
            with ttnn.open_device(0, backend=f"emulator?{options}") as device:
                _run(device, kernel(finding), is_replaced=finding == "TT-MEM-015")
        except ttnn.TthalError as error:
            raised = f"{error}\n"
    return raised + "\n".join(str(item.message) for item in heard)


def _run(device: ttnn.Device, text: str, is_replaced: bool) -> None:
    written, new = (_buffer(device, ttnn.BufferType.DRAM) for _ in range(2))
    # With a page on every core, as an interleaved buffer keeps the same place on all.
    banks = len(device.properties.l1_banks)
    hidden, freed = (_buffer(device, ttnn.BufferType.L1, banks) for _ in range(2))
    ttnn.EnqueueWriteBuffer(device.command_queue(), written, np.ones(PAGE, np.uint8))
    program = ttnn.CreateProgram()
    ring = ttnn.CircularBufferConfig(2 * PAGE, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, PAGE)
    ttnn.CreateCircularBuffer(program, _CORE, ring)
    ttnn.CreateSemaphore(program, _CORE, 0)
    other = device.worker_core_from_logical_core(_NEIGHBOUR)
    defines = {"HIDDEN": f"0x{hidden.address():x}", "FREED": f"0x{freed.address():x}"}
    defines |= {"NEIGHBOUR_X": str(other.x), "NEIGHBOUR_Y": str(other.y)}
    ttnn.DeallocateBuffer(freed)
    ours = ttnn.CreateKernelFromString(program, _HEAD + text, _CORE, ttnn.ReaderDataMovementConfig(defines=defines))
    for index in (1, 0):
        ring = ttnn.CircularBufferConfig(2 * PAGE, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, PAGE)
        ttnn.CreateCircularBuffer(program, _NEIGHBOUR, ring)
    ttnn.CreateKernelFromString(program, _HEAD + _KERNEL.format(body=""), _NEIGHBOUR, ttnn.ReaderDataMovementConfig())
    # A core with one kernel alone may leave its pages to the host.
    ttnn.CreateKernelFromString(program, _HEAD + _KERNEL.format(body=""), _CORE, ttnn.WriterDataMovementConfig())
    arguments = [written.address(), new.address()]
    ttnn.SetRuntimeArgs(program, ours, _CORE, [*arguments, freed.address()] if is_replaced else arguments)
    kept = [_buffer(device, ttnn.BufferType.L1, banks)] if is_replaced else []
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    kept.clear()


def _buffer(device: ttnn.Device, kind: ttnn.BufferType, pages: int = 1) -> ttnn.Buffer:
    return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, pages * PAGE, PAGE, kind))
