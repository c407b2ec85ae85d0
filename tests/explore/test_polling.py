"""Kernels that poll a word in a loop of their own: in other orders they see what is there for a while only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import tthal as ttnn
from tthal_explore.commands import explore_command

LETTERS = 6
TEXT = """#include "api/dataflow/dataflow_api.h"
using word = volatile tt_l1_ptr uint32_t;
void kernel_main() {
    const uint32_t slot = get_write_ptr(0), own = get_write_ptr(1);
    const uint32_t x = get_arg_val<uint32_t>(1), y = get_arg_val<uint32_t>(2);
    const InterleavedAddrGen<true> pages = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 64};
    word *sent = reinterpret_cast<word*>(get_semaphore(0)), *taken = reinterpret_cast<word*>(get_semaphore(1));
    uint32_t sum = 0;
    for (uint32_t letter = 0; letter < LETTERS; letter++) {
#ifdef SENDER
        while (ACKNOWLEDGED && *taken < letter) invalidate_l1_cache();
        for (uint32_t i = 0; i < 16; i++) reinterpret_cast<word*>(own)[i] = letter * 100 + i;
        noc_async_write(own, get_noc_addr(x, y, slot), 64);
        noc_async_write_barrier();
        noc_inline_dw_write(get_noc_addr(x, y, get_semaphore(0)), letter + 1);
        noc_async_write_barrier();
#else
        while (*sent < letter + 1) invalidate_l1_cache();
        sum += reinterpret_cast<word*>(slot)[letter];
        noc_inline_dw_write(get_noc_addr(x, y, get_semaphore(1)), letter + 1);
        noc_async_write_barrier();
#endif
    }
#ifndef SENDER
    *reinterpret_cast<word*>(own) = sum;
    noc_async_write(own, get_noc_addr(0, pages), 4);
    noc_async_write_barrier();
#endif
}
"""
RIGHT = sum(letter * 100 + letter for letter in range(LETTERS))


def mail(options: str, acknowledged: bool) -> int:
    """Send letters into one slot of another core; return the sum of what was read there, a word of each."""
    with ttnn.open_device(0, backend=f"emulator:{options}") as device:
        queue, program = device.command_queue(), ttnn.CreateProgram()
        result = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 64, 64, ttnn.BufferType.DRAM))
        cores = [ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0)]
        both = ttnn.CoreRange(*cores)
        for index in (0, 1):
            ring = ttnn.CircularBufferConfig(64, {index: ttnn.DataFormat.UInt32}).set_page_size(index, 64)
            ttnn.CreateCircularBuffer(program, both, ring)
            ttnn.CreateSemaphore(program, both, 0)
        for core, other, defines in (cores[0], cores[1], {"SENDER": "1"}), (cores[1], cores[0], {}):
            said = {"LETTERS": str(LETTERS), "ACKNOWLEDGED": str(int(acknowledged))} | defines
            config = ttnn.WriterDataMovementConfig(defines=said)
            kernel = ttnn.CreateKernelFromString(program, TEXT, core, config)
            there = device.worker_core_from_logical_core(other)
            ttnn.SetRuntimeArgs(program, kernel, core, [result.address(), there.x, there.y])
        ttnn.EnqueueProgram(queue, program, blocking=True)
        return int(np.asarray(ttnn.EnqueueReadBuffer(queue, result)).view(np.uint32)[0])


@pytest.mark.parametrize("order", ["random", "pct:2:40"])
def test_who_polls_sees_what_is_there_for_a_while_only(order: str) -> None:
    sums = {mail(f"n150?check=off&order={order}&seed={seed}", acknowledged=False) for seed in range(1, 9)}
    assert len(sums) > 2
    assert RIGHT in {mail(f"n150?check=off&order={order}&seed={seed}", acknowledged=True) for seed in range(1, 3)}


@pytest.mark.parametrize("board", ["n150", "p150"])
def test_a_letter_is_overwritten_while_it_is_read(board: str) -> None:
    for seed in range(1, 4):
        with pytest.raises(ttnn.KernelError, match=r"TT-RACE-00[123]"):
            mail(f"{board}?seed={seed}&check=full", acknowledged=False)
        assert mail(f"{board}?seed={seed}&check=full", acknowledged=True) == RIGHT


def test_a_script_that_names_its_backend_is_not_explored(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text('import tthal\nwith tthal.open_device(0, backend="emulator"): pass\n')
    told = CliRunner().invoke(explore_command, ["--seeds", "1", "--backend", "emulator", str(script)])
    assert told.exit_code == 1
    assert "nothing was explored" in told.output


@pytest.mark.slow
def test_races_are_looked_for_where_the_output_differs(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    here = Path(__file__)
    script.write_text(
        f"import os, sys\nsys.path.insert(0, {str(here.parent)!r})\nfrom {here.stem} import mail\n"
        "print(mail(os.environ['TTHAL_BACKEND'].partition(':')[2], acknowledged=False))\n"
    )
    told = CliRunner().invoke(explore_command, ["--races", "--seeds", "6", "--backend", "emulator:n150", str(script)])
    assert told.exit_code == 1
    assert "passing cases printed" in told.output, told.output
    assert "1 finding of check=full, 1 with a witness" in told.output
