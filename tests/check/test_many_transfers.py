"""Many transfers under way at a time: the first of them counts as much as the last."""

from __future__ import annotations

import re

import pytest

import tthal as ttnn

PAGE, ROOM = 2048, 480 << 10
MODES = pytest.mark.parametrize("mode", ["default", "full"])
PIECES = pytest.mark.parametrize(
    ("count", "step"),
    [(100, 64), (300, 32), (300, 0), (40000, 96)],
    ids=["as few as ever", "side by side", "one place", "round and round"],
)
KERNEL = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const InterleavedAddrGen<true> pages = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
    const uint32_t others = get_write_ptr(1), count = get_arg_val<uint32_t>(1), step = get_arg_val<uint32_t>(2);
    auto elsewhere = [&](uint32_t i) { return others + i * step % 491520; };
    cb_reserve_back(0, 1);
    BODY
}
"""
READ = "noc_async_read(get_noc_addr(0, pages), get_write_ptr(0), 2048);"
WRITE = "noc_async_write(get_write_ptr(0), get_noc_addr(0, pages), 2048);"
MORE_READS = "for (uint32_t i = 0; i < count; i++) noc_async_read(get_noc_addr(1, pages), elsewhere(i), 32);"
MORE_WRITES = "for (uint32_t i = 0; i < count; i++) noc_async_write(elsewhere(i), get_noc_addr(1, pages), 32);"
READ_BARRIER, WRITE_BARRIER, PUSH = "noc_async_read_barrier();", "noc_async_write_barrier();", "cb_push_back(0, 1);"
FILL = (MORE_READS, READ_BARRIER)  # what is sent is to be written before
MISTAKES = {
    "pushed": (READ, MORE_READS, PUSH, READ_BARRIER),
    "pushed before writes": (*FILL, READ, MORE_WRITES, WRITE_BARRIER, PUSH, READ_BARRIER),
    "overwritten": (*FILL, READ, READ_BARRIER, WRITE, MORE_WRITES, READ, READ_BARRIER, WRITE_BARRIER),
    "sent too early": (READ, MORE_READS, WRITE, READ_BARRIER, WRITE_BARRIER),
}
IDS = {
    "pushed": "TT-CB-001",
    "pushed before writes": "TT-CB-001",
    "overwritten": "TT-NOC-001",
    "sent too early": "TT-NOC-005",
}
RIGHT = (READ, MORE_READS, READ_BARRIER, PUSH, WRITE, MORE_WRITES, WRITE_BARRIER, MORE_READS, READ_BARRIER)


def launch(mode: str, body: tuple[str, ...], count: int, step: int) -> None:
    """Run a kernel with a statement on each line from line 7 on; warnings are errors."""
    core, program = ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
    text = KERNEL.replace("BODY", "\n".join(body))
    with ttnn.open_device(0, backend=f"emulator?check={mode}&warnings=error") as device:
        config = ttnn.InterleavedBufferConfig(device, 2 * PAGE, PAGE, ttnn.BufferType.DRAM)
        place = ttnn.CreateBuffer(config)
        ttnn.EnqueueWriteBuffer(device.command_queue(), place, bytes(2 * PAGE))
        for index, size in (0, PAGE), (1, ROOM):
            ring = ttnn.CircularBufferConfig(size, {index: ttnn.DataFormat.UInt32}).set_page_size(index, PAGE)
            ttnn.CreateCircularBuffer(program, core, ring)
        kernel = ttnn.CreateKernelFromString(program, text, core, ttnn.WriterDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, core, [place.address(), count, step])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


@MODES
@PIECES
@pytest.mark.parametrize("mistake", MISTAKES)
def test_the_first_of_many_is_remembered(mistake: str, count: int, step: int, mode: str) -> None:
    with pytest.raises(ttnn.KernelError) as caught:
        launch(mode, MISTAKES[mistake], count, step)
    assert IDS[mistake] in str(caught.value)
    line = 7 + MISTAKES[mistake].index(WRITE if mistake == "overwritten" else READ)
    assert f"Kernel_Source_Code:{line}:" in str(caught.value)  # where the first was asked for


@MODES
@PIECES
def test_a_barrier_ends_them_all(count: int, step: int, mode: str) -> None:
    launch(mode, RIGHT, count, step)


@MODES
@PIECES
@pytest.mark.parametrize(("more", "what"), [(MORE_READS, "reads on their way"), (MORE_WRITES, "writes that nobody")])
def test_all_that_are_left_are_counted(more: str, what: str, count: int, step: int, mode: str) -> None:
    with pytest.raises(ttnn.KernelError) as caught:
        launch(mode, (READ, MORE_READS, READ_BARRIER, PUSH, more), count, step)
    found = re.search(rf"ended with (\d+) {what}", " ".join(str(caught.value).split()))
    assert found is not None
    assert int(found[1]) == count


@MODES
def test_a_barrier_of_an_id_ends_those_of_the_id(mode: str) -> None:
    sent = "noc_async_write_one_packet_with_trid(elsewhere(i), get_noc_addr(1, pages), 32, 1 + i % 3 / 2);"
    loop = f"for (uint32_t i = 0; i < count; i++) {sent}"
    with pytest.raises(ttnn.KernelError, match=r"ended with 200\s+writes"):
        launch(mode, (*FILL, loop, "noc_async_write_barrier_with_trid(2);"), 300, 32)
    launch(
        mode, (*FILL, loop, "noc_async_write_barrier_with_trid(2);", "noc_async_write_barrier_with_trid(1);"), 300, 32
    )


@MODES
@pytest.mark.parametrize("places", [0, 3, 4, 40])
def test_where_all_places_are_taken_right_programs_run(places: int, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tthal_check.cores._TRANSFERS", places)
    launch(mode, RIGHT, 300, 64)
    if places >= 4:  # the last are known all the same
        with pytest.raises(ttnn.KernelError, match="TT-CB-001"):
            launch(mode, (MORE_READS, READ, PUSH, READ_BARRIER), 300, 64)
