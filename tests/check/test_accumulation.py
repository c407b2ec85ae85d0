"""The packer adds to what lies in L1: a page to which nobody wrote anything before holds whatever was there."""

from __future__ import annotations

import pytest
from copying import CORRECT, MATH, WRITE, WRITER, run

import tthal as ttnn
from tthal.columns import unfolded

SUM = """void kernel_main() {
    compute_kernel_hw_startup(0, 16);
    copy_init(0);
    cb_reserve_back(16, 1);
    for (int i = 0; i < 4; i++) {
        cb_wait_front(0, 1);
        tile_regs_acquire();
        copy_tile(0, 0, 0);
        tile_regs_commit();
        tile_regs_wait();
        pack_reconfig_l1_acc(ADDS);
        pack_tile<true>(0, 16, 0);
        tile_regs_release();
        cb_pop_front(0, 1);
    }
    pack_reconfig_l1_acc(0);
    cb_push_back(16, 1);
}
"""
BOARDS = ["emulator", pytest.param("emulator:p150", marks=pytest.mark.slow)]


def add_up(selection: str, adds: str, launches: int = 1) -> None:
    """Add four tiles in a page; ``adds`` says from which on the packer does."""
    texts = {**CORRECT, MATH: SUM.replace("ADDS", adds), WRITE: WRITER.replace("i < 4", "i < 1")}
    with ttnn.open_device(0, backend=f"{selection}&warnings=error") as device:
        for _ in range(launches):
            run(device, texts)


@pytest.mark.parametrize("check", ["default", "full"])
@pytest.mark.parametrize("board", BOARDS)
def test_the_first_block_does_not_add(board: str, check: str) -> None:
    add_up(f"{board}?check={check}", "i != 0", launches=2)


@pytest.mark.parametrize("board", BOARDS)
def test_the_first_block_adds(board: str) -> None:
    with pytest.raises(ttnn.KernelError) as caught:
        add_up(f"{board}?check=full", "1")
    (found,) = caught.value.findings
    assert found.id == "TT-INI-002"
    assert "the packer adds to 2048 B of circular buffer 16, of which 2048 B were never" in unfolded(found.message)
    assert "pack_reconfig_l1_acc(0)" in found.fix
