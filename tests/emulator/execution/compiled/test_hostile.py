"""Kernels that call the host directly, or overwrite what they share with it: an error, and the device goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest

import tthal as ttnn
from tthal_emulator import abi

CORE = ttnn.CoreCoord(0, 0)
SCRATCH = 0x40000
WORD = "volatile uint32_t*"


@pytest.fixture(scope="module", params=["mapped", "shared"])
def device(request: pytest.FixtureRequest) -> Iterator[ttnn.Device]:
    """One of each memory model: the second is that of macOS and Windows."""
    if request.param == "mapped" and sys.platform != "linux":
        pytest.skip("only Linux has the mapped memory model")
    with ttnn.open_device(0, backend=f"emulator?memory={request.param}&watchdog=200000000") as opened:
        yield opened


def runs_well(device: ttnn.Device, run: Callable, make_program: Callable) -> None:
    ttnn.WriteToDeviceL1(device, CORE, SCRATCH, np.zeros(1, np.uint32))
    run(make_program(f"void kernel_main() {{ *({WORD}){SCRATCH} = 8; }}"))
    assert ttnn.ReadFromDeviceL1(device, CORE, SCRATCH, 4).view(np.uint32)[0] == 8


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("tthal::tthal_host_wait(99, 0, 0);", "waits for something unknown"),
        ("tthal::tthal_host_wait(0, 64, 1);", "waits for something unknown"),
        ("tthal::tthal_host_wait(5, 4, 0);", "waits for something unknown"),
        ("tthal::tthal_host_wait(2, 0xFFFFFFFE, 1);", "not in L1"),
        # At the end of what a processor may have; behind its module's data it has memory in the shared model only.
        ("tthal::tthal_host_matmul(0, 0, 0, 0, (uint32_t*)0x3FFFF0, 0x84A5);", "multiplies tiles"),
        ("tthal::tthal_host_matmul(0xFFFFFFF0, 0, 0, 0, (uint32_t*)0x208000, 0x84A5);", "multiplies tiles"),
        ("tthal::tthal_host_matmul(0, 0xFFFFFFFF, 0, 0, (uint32_t*)0x208000, 0xC0A5);", "multiplies tiles"),
        ("tthal::tthal_host_matmul(0, 0, 0, 0, (uint32_t*)0x40000, 0x84A5);", "multiplies tiles"),
        ("tthal::tthal_host_matmul(0, 0, 0, 0, (uint32_t*)0x208000, 0xFFCA5);", "multiplies tiles"),
        ("tthal::tthal_host_matmul(0, 0, 0, 0, (uint32_t*)0x208000, 0x87FF);", "multiplies tiles"),
    ],
)
def test_direct_call_is_refused(
    device: ttnn.Device, run: Callable, make_program: Callable, call: str, message: str
) -> None:
    with pytest.raises(ttnn.KernelError, match=message):
        run(make_program(f"void kernel_main() {{ {call} }}"))
    runs_well(device, run, make_program)


@pytest.mark.parametrize("count", [abi.NOC_QUEUE_CAPACITY + 1, 0xFFFFFFFF])
def test_count_of_transfers_is_not_believed(
    device: ttnn.Device, run: Callable, make_program: Callable, count: int
) -> None:
    source = f"""
void kernel_main() {{
    noc_async_read(get_noc_addr(63, 63, 0), {SCRATCH}, 32);
    tthal::processor().noc_queue_count = {count}u;
    noc_async_read_barrier();
}}"""
    with pytest.raises(ttnn.KernelError, match=r"\(63,63\)"):
        run(make_program(source))
    runs_well(device, run, make_program)


def test_counters_of_circular_buffers_are_not_believed(
    device: ttnn.Device, run: Callable, make_program: Callable
) -> None:
    source = """
void kernel_main() {
    tthal::core_registers().circular_buffers[0].received = 0xFFFFFFFF;
    tthal::tthal_host_wait(1, 0, 0xFFFFFFFF);
}"""
    with pytest.raises(ttnn.DeadlockError):
        run(make_program(source, circular_buffers=[(0, 2)]))
    runs_well(device, run, make_program)


def test_wide_sizes_do_not_wrap(device: ttnn.Device, run: Callable, make_program: Callable) -> None:
    source = f"""
void kernel_main() {{
    tthal::noc_push(tthal::NocOperation::READ, noc_index, get_noc_addr({SCRATCH}), {SCRATCH + 64}, 0xFFFFFFC0u);
    noc_async_read_barrier();
}}"""
    with pytest.raises(ttnn.KernelError, match="past the end"):
        run(make_program(source))
    runs_well(device, run, make_program)
