"""Increments and inline writes of a semaphore on a core that does not have it."""

from __future__ import annotations

import pytest

import tthal as ttnn

SENDER, RECEIVER = CORES = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0)
HEAD = '#include "api/dataflow/dataflow_api.h"\nvoid kernel_main() {\n'
THERE = "get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), get_semaphore(1))"
INCREMENT = f"    noc_semaphore_inc({THERE}, 1);\n    noc_async_atomic_barrier();\n}}\n"
INLINE = f"    noc_inline_dw_write({THERE}, 1);\n    noc_async_write_barrier();\n}}\n"


def launch(board: str, send: str, on_receiver: tuple[int, ...]) -> None:
    """Let core (0,0), which has semaphores 0 and 1, raise semaphore 1 of (1,0), which has some of them."""
    with ttnn.open_device(0, backend=f"{board}?warnings=error") as device:
        program = ttnn.CreateProgram()
        for number in range(2):
            cores = [SENDER, *([RECEIVER] if number in on_receiver else [])]
            ttnn.CreateSemaphore(program, ttnn.CoreRangeSet([ttnn.CoreRange(core, core) for core in cores]), 0)
        other = device.worker_core_from_logical_core(RECEIVER)
        kernel = ttnn.CreateKernelFromString(program, HEAD + send, SENDER, ttnn.WriterDataMovementConfig())
        ttnn.CreateKernelFromString(program, HEAD + "}", RECEIVER, ttnn.WriterDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, SENDER, [other.x, other.y])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


@pytest.mark.parametrize("on_receiver", [(), (0,)], ids=["none", "another"])
@pytest.mark.parametrize("send", [INCREMENT, INLINE], ids=["increment", "inline write"])
@pytest.mark.parametrize("board", ["emulator", "emulator:p150"])
def test_a_core_without_the_semaphore(board: str, send: str, on_receiver: tuple[int, ...]) -> None:
    with pytest.raises(ttnn.KernelError, match=r"semaphore\s+1\s+at") as caught:
        launch(board, send, on_receiver)
    assert caught.value.findings[0].id == "TT-MEM-017"


@pytest.mark.parametrize("on_receiver", [(1,), (0, 1)], ids=["alone", "both"])
@pytest.mark.parametrize("send", [INCREMENT, INLINE], ids=["increment", "inline write"])
def test_a_core_with_it(send: str, on_receiver: tuple[int, ...]) -> None:
    launch("emulator", send, on_receiver)
