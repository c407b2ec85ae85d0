"""Pages that were pushed and never waited for: a warning, page by page; what is left on purpose is none."""

from __future__ import annotations

import warnings

import pytest
from copying import COMPUTE, CORRECT, MATH, READ, READER, WRITE, WRITER, run

import tthal as ttnn
from tthal_check.listener import CheckWarning

PUSH_FIVE = READER.replace("i < 4", "i < 5").replace("get_noc_addr(i,", "get_noc_addr(i & 3,")
POP = "cb_pop_front(0, 1);"
LEFT = {
    "the writer takes three of four": ({WRITE: WRITER.replace("i < 4", "i < 3")}, "nobody waited for 1 of"),
    "the reader brings one more": ({READ: PUSH_FIVE}, "nobody waited for 1 of"),
    "a pop was forgotten": ({MATH: COMPUTE.replace(POP, "if (i < 2) " + POP)}, "nobody waited for 1 of"),
}
LEGAL = {
    "pages are waited for and not popped": {MATH: COMPUTE.replace(POP, "if (i < 3) " + POP)},
    "the last wait is for all": {
        MATH: COMPUTE.replace("cb_wait_front(0, 1);", "cb_wait_front(0, i < 2 ? 1 : i - 1);")
        .replace("copy_tile(0, 0, 0)", "copy_tile(0, i < 2 ? 0 : i - 2, 0)")
        .replace(POP, "if (i < 2) " + POP)
    },
}


@pytest.mark.parametrize("board", ["emulator", "emulator:p150"])
@pytest.mark.parametrize(("texts", "says"), LEFT.values(), ids=LEFT.keys())
def test_pages_that_nobody_waited_for_are_counted(board: str, texts: dict[str, str], says: str) -> None:
    with ttnn.open_device(0, backend=board) as device, pytest.warns(CheckWarning, match=says) as told:
        run(device, {**CORRECT, **texts})
    text = str(told[0].message)
    assert "[TT-CB-012]" in text
    assert "the last wait: core (0,0)" in text
    assert "cb_pop_front" in text


@pytest.mark.parametrize("board", ["emulator", "emulator:p150"])
@pytest.mark.parametrize("texts", LEGAL.values(), ids=LEGAL.keys())
def test_pages_that_were_waited_for_may_stay(board: str, texts: dict[str, str]) -> None:
    with warnings.catch_warnings(), ttnn.open_device(0, backend=board) as device:
        warnings.simplefilter("error", CheckWarning)
        assert run(device, {**CORRECT, **texts})


def test_the_last_page_of_a_lock_is_left() -> None:
    """A circular buffer whose pages carry nothing says that something may be used: it is free at the end."""
    lock = "    cb_wait_front(1, 1); cb_pop_front(1, 1); cb_reserve_back(1, 1); cb_push_back(1, 1);\n}\n"
    kernels = (
        "    cb_reserve_back(1, 1); cb_push_back(1, 1);\n" + lock,
        "    cb_wait_front(1, 1);\n}\n",
    )
    program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
    ring = ttnn.CircularBufferConfig(2 * 32, {1: ttnn.DataFormat.UInt32}).set_page_size(1, 32)
    ttnn.CreateCircularBuffer(program, core, ring)
    configs = ttnn.ReaderDataMovementConfig(), ttnn.WriterDataMovementConfig()
    for text, config in zip(kernels, configs, strict=True):
        source = '#include "api/dataflow/dataflow_api.h"\nvoid kernel_main() {\n' + text
        ttnn.CreateKernelFromString(program, source, core, config)
    with warnings.catch_warnings(), ttnn.open_device(0) as device:
        warnings.simplefilter("error", CheckWarning)
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
