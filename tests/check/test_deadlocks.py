"""What the report of a deadlock says: the cycle, what can never come, and what is kept on request."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from copying import COMPUTE, CORRECT, MATH
from copying import run as copy

import tthal as ttnn
from tthal.columns import unfolded

CORE = ttnn.CoreCoord(0, 0)
ALONE = ttnn.CoreRange(CORE, CORE)
HEAD = '#include "api/dataflow/dataflow_api.h"\nvoid kernel_main() {\n'
READER = "cb_reserve_back(0, 1); cb_push_back(0, 1); cb_wait_front(1, 2);\n"
WRITER = "cb_reserve_back(1, 1); cb_push_back(1, 1); cb_wait_front(0, 2);\n"


def run(device: ttnn.Device, reader: str, writer: str, cores: ttnn.CoreRange = ALONE) -> None:
    program = ttnn.CreateProgram()
    for index in (0, 1):
        ring = ttnn.CircularBufferConfig(4096, {index: ttnn.DataFormat.UInt32}).set_page_size(index, 2048)
        ttnn.CreateCircularBuffer(program, cores, ring)
    ttnn.CreateSemaphore(program, cores, 7)
    ttnn.CreateKernelFromString(program, HEAD + reader + "}", cores, ttnn.ReaderDataMovementConfig())
    ttnn.CreateKernelFromString(program, HEAD + writer + "}", cores, ttnn.WriterDataMovementConfig())
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


def test_the_cycle_is_a_numbered_chain_and_a_graph(tmp_path: Path) -> None:
    selection = f"emulator?check=default&dump={tmp_path}"
    with ttnn.open_device(0, backend=selection) as device, pytest.raises(ttnn.DeadlockError) as caught:
        run(device, READER, WRITER)
    message = unfolded(str(caught.value))
    assert "1. core (0,0) " in message
    assert "2. core (0,0) " in message
    assert "needs a push into circular buffer 0, which core (0,0) NCRISC does" in message
    assert "needs a push into circular buffer 1, which core (0,0) BRISC does" in message
    assert "(1.)" in message
    place = tmp_path / "launch-1"
    assert f"Kept in {place}." in message
    dot = (place / "waits.dot").read_text(encoding="utf-8")
    assert dot.startswith("digraph waits {")
    assert dot.count(" -> ") == 2
    with np.load(place / "state.npz") as state:
        assert state["semaphores_0_0"].tolist() == [7]
        assert len(state["l1_0_0"]) == 1_499_136
        assert state["circular_buffers_0_0"]["pushed"].tolist() == [1, 1]
    assert "deadlock" in (place / "report.txt").read_text(encoding="utf-8")


def test_what_can_never_come_is_said() -> None:
    with ttnn.open_device(0, backend="emulator?check=default") as device:
        with pytest.raises(
            ttnn.DeadlockError, match=r"(?s)BRISC can never .* NCRISC, which\s+did\s+it\s+before,\s+has\s+ended"
        ) as caught:
            run(device, "cb_reserve_back(0, 1); cb_push_back(0, 1);", "cb_wait_front(0, 2);")
        message = unfolded(str(caught.value))
        assert "BRISC waits for 2 pages of circular buffer 0 at a time, and 1 was pushed in all" in message
        with pytest.raises(ttnn.DeadlockError, match=r"can never be satisfied: no kernel of\s+this\s+launch\s+has"):
            run(device, "", "cb_wait_front(0, 1);")


def test_an_error_is_kept_too(tmp_path: Path) -> None:
    with ttnn.open_device(0, backend=f"emulator?check=default&dump={tmp_path}") as device:
        with pytest.raises(ttnn.KernelError, match="Kept in"):
            run(device, "cb_reserve_back(0, 1); cb_push_back(0, 2);", "")
        run(device, "cb_reserve_back(0, 1); cb_push_back(0, 1);", "cb_wait_front(0, 1); cb_pop_front(0, 1);")
    assert [path.name for path in tmp_path.iterdir()] == ["launch-1"]
    assert not (tmp_path / "launch-1" / "waits.dot").exists()


def test_cores_that_say_the_same_are_one_line_and_a_forgotten_pop_is_named() -> None:
    four = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 1))
    push = "for (int i = 0; i < 3; i++) { cb_reserve_back(0, 1); cb_push_back(0, 1); }"
    with (
        ttnn.open_device(0, backend="emulator?check=default") as device,
        pytest.raises(ttnn.DeadlockError) as caught,
    ):
        run(device, push, "for (int i = 1; i < 3; i++) cb_wait_front(0, i);", four)
    message = unfolded(str(caught.value))
    assert message.count("cb 0: 2 pages pushed by") == 1
    assert message.count("(likewise 3 other cores: (0,1)-(1,1), (1,0))") == 3  # the state, what it needs, the pages
    assert message.endswith(
        "Fix: pages of circular buffer 0 were waited for: is cb_pop_front(0, …) missing behind that?"
    )


@pytest.mark.parametrize(
    ("reader", "named"),
    [("cb_reserve_back(0, 1); cb_wait_front(1, 1);", True), ("cb_wait_front(1, 1);", False)],
    ids=["reserved, never pushed", "never reserved"],
)
def test_a_forgotten_push_is_named(reader: str, named: bool) -> None:
    with (
        ttnn.open_device(0, backend="emulator?check=default") as device,
        pytest.raises(ttnn.DeadlockError) as caught,
    ):
        run(device, reader, "cb_wait_front(0, 1);")
    assert ("is cb_push_back(0, …) missing" in unfolded(str(caught.value))) is named


def test_semaphores_have_their_ids_and_nobody_begins() -> None:
    wait = "noc_semaphore_wait(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0)), {});"
    with (
        ttnn.open_device(0, backend="emulator?check=default") as device,
        pytest.raises(ttnn.DeadlockError) as caught,
    ):
        run(device, wait.format(8), wait.format(9))
    message = unfolded(str(caught.value))
    assert "semaphore 0 at L1 0x" in message
    assert "(semaphore 0 to change)" in message
    assert "does each wait for the other to begin" in message
    assert "can never be satisfied" not in message, "another waiting kernel might set it"


@pytest.mark.parametrize("board", ["emulator", "emulator:p150"])
def test_dst_is_kept(tmp_path: Path, board: str) -> None:
    """A kernel fails before it releases its fourth section, which is the second one in turns."""
    broken = COMPUTE.replace("tile_regs_release();", "if (i == 3) cb_pop_front(0, 2);\n        tile_regs_release();")
    selection = f"{board}?dump={tmp_path}"
    with ttnn.open_device(0, backend=selection) as device, pytest.raises(ttnn.KernelError, match="TT-CB-003"):
        copy(device, {**CORRECT, MATH: broken})
    with np.load(tmp_path / "launch-1" / "state.npz") as state:
        assert state["dst_0_0"].shape == (16, 32, 32)
        values = state["dst_0_0"].view(np.float32)
    assert ((values[8] >= 1) & (values[8] < 2)).all(), "the fourth tile"
    assert not values[0].any(), "released"
