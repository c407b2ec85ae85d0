"""What a kernel may leave behind at its end: posted increments, which nobody acknowledges, and nothing else."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest
from three_cores import run_on_three_cores

import tthal as ttnn
from tthal_check.listener import CheckWarning

WAIT = "noc_semaphore_wait(s, 20);\n"
ENDS = ["", "noc_async_write_barrier();\n", "noc_async_posted_writes_flushed();\n", "noc_async_atomic_barrier();\n"]


@pytest.fixture(params=["default", "full"])
def check(request: pytest.FixtureRequest) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", CheckWarning)
        yield f"check={request.param}"


def credits(board: str, posted: bool, end: str) -> None:
    """Let core (0,0) raise a semaphore of (1,0) 20 times, and end."""
    call = f"noc_semaphore_inc{'<true>' if posted else ''}(get_noc_addr(x, y, sem), 1);"
    send = f"for (int i = 0; i < 20; i++) {call}\n{end}"
    run_on_three_cores(board, {(0, "BRISC"): send, (1, "NCRISC"): WAIT})


@pytest.mark.parametrize("end", ENDS, ids=["none", "writes", "posted writes", "atomics"])
@pytest.mark.parametrize("board", ["emulator", pytest.param("emulator:p150", marks=pytest.mark.slow)])
def test_posted_increments_are_nothing_that_is_left(board: str, check: str, end: str) -> None:
    credits(f"{board}?{check}", True, end)


@pytest.mark.parametrize("end", ENDS[:3], ids=["none", "writes", "posted writes"])
def test_others_want_the_barrier(check: str, end: str) -> None:
    with pytest.raises(ttnn.KernelError, match=r"(?s)20\s+writes\s+or\s+increments.*TT-END-003"):
        credits(f"emulator?{check}&warnings=error", False, end)
