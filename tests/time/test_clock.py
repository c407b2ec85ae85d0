"""Kernels that measure themselves get the model's time."""

from __future__ import annotations

import numpy as np
import pytest

import tthal as ttnn
from tthal_time import capture
from tthal_time.profile import Cause, Profile

MEASURING = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto pages = TensorAccessor(args, get_arg_val<uint32_t>(0), 2048);
    const auto out = TensorAccessor(args, get_arg_val<uint32_t>(1), 2048);
    auto* times = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    const uint32_t place = get_write_ptr(0) + 2048;
    for (uint32_t round = 0; round < 3; round++) {
        times[2 * round] = get_timestamp_32b();
        for (uint32_t page = 0; page < 4u << round; page++) noc_async_read_tile(page % 8, pages, place);
        noc_async_read_barrier();
        times[2 * round + 1] = get_timestamp_32b();
    }
    times[6] = get_timestamp_32b();
    riscv_wait(1000);
    times[7] = get_timestamp_32b();
    uint32_t looks = 0;
    const uint64_t until = get_timestamp() + 5000;
    while (get_timestamp() < until) looks++;
    times[8] = looks;
    times[9] = ckernel::reg_read(RISCV_DEBUG_REG_WALL_CLOCK_L);
    times[10] = ckernel::reg_read(RISCV_DEBUG_REG_WALL_CLOCK_H);
    noc_async_write_tile(0, out, get_write_ptr(0));
    noc_async_write_barrier();
}
"""


def measured(backend: str) -> np.ndarray:  # type: ignore[type-arg]
    """What the kernel wrote down, of two launches."""
    with ttnn.open_device(0, backend=backend) as device:
        config = ttnn.InterleavedBufferConfig(
            device=device, size=8 * 2048, page_size=2048, buffer_type=ttnn.BufferType.DRAM
        )
        source, target = ttnn.CreateBuffer(config), ttnn.CreateBuffer(config)
        queue = device.command_queue()
        ttnn.EnqueueWriteBuffer(queue, source, np.zeros(8 * 2048, np.uint8))
        found = []
        for _ in range(2):
            program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
            ring = ttnn.CircularBufferConfig(4096, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 2048)
            ttnn.CreateCircularBuffer(program, core, ring)
            words = ttnn.TensorAccessorArgs(source).get_compile_time_args()
            kernel = ttnn.CreateKernelFromString(program, MEASURING, core, ttnn.ReaderDataMovementConfig(words))
            ttnn.SetRuntimeArgs(program, kernel, core, [source.address(), target.address()])
            ttnn.EnqueueProgram(queue, program, True)
            out = np.zeros(8 * 2048, np.uint8)
            ttnn.EnqueueReadBuffer(queue, target, out, True)
            found.append(out.view(np.uint32)[:11].copy())
    return np.array(found)


def test_what_a_kernel_measures_is_what_the_profile_says(profiles: list[Profile]) -> None:
    first, second = measured("emulator:n150?time=on").tolist()
    begins, ends = np.array(first[0:6:2]), np.array(first[1:6:2])
    (thread,) = profiles[0].threads
    look = 10
    reading = thread.spent[Cause.READS] + thread.spent[Cause.ISSUE] + thread.spent[Cause.NETWORK]
    took = ends - begins
    assert took[0] < took[1] < took[2]
    # All reads, their barriers' and addresses' own cycles, and a look each; the last write is not among them.
    assert reading * 0.8 < took.sum() < thread.finish - 6000
    between = first[7] - first[6] - (1000 + 2 * look)
    assert 0 <= between < look, "the instructions between the two looks, and no more"
    # A turn of the loop is a look and a few instructions.
    assert 5000 / (look + 5) < first[8] <= 5000 / look + 2
    assert look <= begins[0] < 100
    assert first[7] + 5000 < first[9] < thread.finish
    assert first[10] == 0
    # The second launch begins when the first was over.
    assert second[0] == pytest.approx(profiles[0].cycles + begins[0], abs=1)
    assert [value - second[0] for value in second[:8]] == pytest.approx(
        [value - first[0] for value in first[:8]], abs=1
    )


@pytest.mark.parametrize("limit", ["_KEPT", "_CLOCK_EVENTS"])
def test_looks_beyond_the_limits_see_the_kernels_own_work(
    limit: str, profiles: list[Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = measured("emulator:n150?time=on")[0]
    monkeypatch.setattr(capture, limit, 0)
    found = measured("emulator:n150?time=on")[0]
    assert (found == measured("emulator:n150?time=on&jobs=1")[0]).all(), "it never matters who solves when"
    assert (np.diff(found[:8].astype(int)) > 0).all()
    assert found[7] - found[6] == whole[7] - whole[6], "cycles of its own"
    assert found[5] < whole[5], "and no waiting"
    (note,) = [note for note in profiles[2].notes if "looks at the clock" in note]
    assert int(note.split()[0]) >= 3
    assert not [note for note in profiles[0].notes if "looks at the clock" in note]


def test_without_the_model_it_is_a_counter() -> None:
    first, second = measured("emulator:n150").tolist()
    assert first == second
    assert first[0] == 32
    assert first[7] - first[6] == 1032


POINTER = """#include "api/dataflow/dataflow_api.h"
#include "ckernel.h"
void kernel_main() {
    auto* times = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(0x60000);
    auto* clock = reinterpret_cast<volatile tt_reg_ptr uint32_t*>(RISCV_DEBUG_REG_WALL_CLOCK_L);
    times[0] = get_timestamp_32b();
    times[1] = clock[0];
    riscv_wait(700);
    times[2] = clock[0];
    times[3] = get_timestamp_32b();
}
"""


@pytest.mark.parametrize("board", ["n150", "p150"])
def test_a_pointer_to_the_register_reads_the_same_time(board: str, profiles: list[Profile]) -> None:
    core, look = ttnn.CoreCoord(0, 0), 10
    with ttnn.open_device(0, backend=f"emulator:{board}?time=on") as device:
        program = ttnn.CreateProgram()
        ttnn.CreateKernelFromString(program, POINTER, core, ttnn.ReaderDataMovementConfig())
        ttnn.EnqueueProgram(device.command_queue(), program, True)
        times = ttnn.ReadFromDeviceL1(device, core, 0x60000, 16).view(np.uint32).tolist()
    assert 0 < times[0] < times[3] < profiles[0].threads[0].finish
    between = [times[1] - times[0] - look, times[2] - times[1] - 700 - 2 * look, times[3] - times[2] - look]
    assert all(0 <= cycles < 2 * look for cycles in between), "the instructions between two looks, and no more"
