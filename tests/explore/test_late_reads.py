"""Orders in which the network reads a source only after its flush, as Wormhole may, where they are asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

import tthal as ttnn
from tthal_explore.commands import explore_command

PAGES, PAGE = 4, 1024
SEEDS = range(1, 7)
KERNEL = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const InterleavedAddrGen<true> pages = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 1024};
    auto* words = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_write_ptr(0));
    for (uint32_t i = 0; i < 4; i++) {
        for (int j = 0; j < 256; j++) words[j] = i + 1;
        noc_async_write(get_write_ptr(0), get_noc_addr(i, pages), 1024);
        WAIT;
    }
    noc_async_write_barrier();
}
"""
FLUSH = "noc_async_writes_flushed()"


def written(selection: str | None, wait: str) -> list[int]:
    """Return what came into each page."""
    core, program = ttnn.CoreCoord(0, 0), ttnn.CreateProgram()
    with ttnn.open_device(0, backend=selection) as device:
        place = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, PAGES * PAGE, PAGE, ttnn.BufferType.DRAM))
        ring = ttnn.CircularBufferConfig(PAGE, {0: ttnn.DataFormat.UInt32}).set_page_size(0, PAGE)
        ttnn.CreateCircularBuffer(program, core, ring)
        text = KERNEL.replace("WAIT;", f"{wait};")
        kernel = ttnn.CreateKernelFromString(program, text, core, ttnn.WriterDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, core, [place.address()])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        found = ttnn.EnqueueReadBuffer(device.command_queue(), place).view(np.uint32).reshape(PAGES, -1)
    assert (found == found[:, :1]).all()
    return [int(word) for word in found[:, 0]]


def test_a_source_used_again_after_a_flush_may_be_read_late() -> None:
    came = [written(f"emulator?check=off&late_reads=on&seed={seed}", FLUSH) for seed in SEEDS]
    assert any(pages != [1, 2, 3, 4] for pages in came)
    for pages in came:  # what the source held at the flush, or later
        assert all(page >= right for page, right in zip(pages, (1, 2, 3, 4), strict=True))


@pytest.mark.parametrize(
    ("selection", "wait"),
    [
        ("emulator?check=off", FLUSH),
        ("emulator:p150?check=off&late_reads=on", FLUSH),
        ("emulator?check=off&late_reads=on", "noc_async_writes_departed()"),
        ("emulator?check=off&late_reads=on", "noc_async_write_barrier()"),
    ],
)
def test_elsewhere_it_is_what_it_was(selection: str, wait: str) -> None:
    for seed in (0, *SEEDS):
        assert written(f"{selection}&seed={seed}", wait) == [1, 2, 3, 4]


def test_a_decision_repeats_it() -> None:
    assert written("emulator?check=off&late_reads=on&order=default", FLUSH) == [1, 2, 3, 4]
    late = [written(f"emulator?check=off&late_reads=on&order=l{step}", FLUSH) for step in range(12)]
    assert [2, 2, 3, 4] in late


SCRIPT = f"""
import sys
sys.path.append({str(Path(__file__).parent)!r})
from test_late_reads import FLUSH, written
print(written(None, FLUSH))
"""


@pytest.mark.slow
def test_the_warning_comes_with_a_witness(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(SCRIPT, encoding="utf-8")
    told = CliRunner().invoke(explore_command, ["--races", "--seeds", "6", "--backend", "emulator", str(script)])
    assert told.exit_code == 0, told.output
    assert "1 finding of check=full, 1 with a witness" in told.output
    assert "TT-NOC-006" in told.output
    assert "late_reads=on" in told.output
