"""Of several transfers before one barrier, the one that breaks a rule is named, with its own line."""

from __future__ import annotations

import pytest

import tthal as ttnn

CORE = ttnn.CoreCoord(0, 0)
KERNEL = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const uint64_t far = get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0));
    const uint32_t here = get_write_ptr(0);
    noc_async_CALL(FIRST);
    noc_async_CALL(SECOND);
    noc_async_CALL(THIRD);
    END
}
"""
ARGUMENTS = {
    "read": ("far, here, 64", "far + 64, here + 68, 64", "far + 128, here + 128, 64"),
    "write": ("here, far, 64", "here + 68, far + 64, 64", "here + 128, far + 128, 64"),
}


@pytest.mark.parametrize("call", ["read", "write"])
@pytest.mark.parametrize("waits", [True, False], ids=["barrier", "none"])
@pytest.mark.parametrize("check", ["off", "default"])
def test_its_own_line_is_named(call: str, waits: bool, check: str) -> None:
    text = KERNEL.replace("CALL", call).replace("END", f"noc_async_{call}_barrier();" if waits else "")
    for place, arguments in zip(("FIRST", "SECOND", "THIRD"), ARGUMENTS[call], strict=True):
        text = text.replace(place, arguments)
    with ttnn.open_device(0, backend=f"emulator?check={check}") as device:
        config = ttnn.InterleavedBufferConfig(device, 2048, 2048, ttnn.BufferType.DRAM)
        buffer, program = ttnn.CreateBuffer(config), ttnn.CreateProgram()
        ring = ttnn.CircularBufferConfig(2048, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 2048)
        ttnn.CreateCircularBuffer(program, CORE, ring)
        kernel = ttnn.CreateKernelFromString(program, text, CORE, ttnn.ReaderDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, CORE, [buffer.address()])
        with pytest.raises(ttnn.KernelError, match=r"Kernel_Source_Code:6:") as caught:
            ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    if waits:
        assert caught.value.line == 6
        assert "noticed at Kernel_Source_Code:8:" in str(caught.value)
