"""A source that is used again after an answer: who got a word behind the data says that these have left."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from three_cores import B, N, run_on_three_cores

import tthal as ttnn

LOAD = "noc_async_read(get_noc_addr(0, pages), a, 2048); noc_async_read_barrier();\n"
STORE = "noc_async_write(a, get_noc_addr(me, pages), 2048); noc_async_write_barrier();\n"
SEND = "noc_async_write(a, get_noc_addr(x, y, a), 2048);\n"
TELL = "noc_semaphore_inc(get_noc_addr(x, y, sem), 1);\n"
TELL_ELSEWHERE = "noc_semaphore_inc(get_noc_addr(x, y, sem, 1 - noc_index), 1, 1 - noc_index);\n"
ANSWER = "noc_semaphore_inc(get_noc_addr(x, y, sem1), 1); noc_async_atomic_barrier();\n"
HEARD, ANSWERED = "noc_semaphore_wait_min(s, r + 1);\n", "noc_semaphore_wait_min(s1, r + 1);\n"
END = "noc_async_write_barrier(); noc_async_atomic_barrier(); noc_async_atomic_barrier(1 - noc_index);\n"
Kernels = Mapping[tuple[int, str], str]


def rounds(body: str, end: str = "") -> str:
    """Four of them, counted by ``r``."""
    return f"for (uint32_t r = 0; r < 4; r++) {{\n{body}}}\n{end}"


RECEIVER = {(1, N): rounds(HEARD + STORE + ANSWER)}
GO = "noc_semaphore_set(s, r + 1);\n"
BESIDE: Kernels = {
    (0, N): rounds("noc_semaphore_wait_min(s, r + 1);\n" + SEND + TELL, END),
    (0, B): rounds("if (r != 0) noc_semaphore_wait_min(s1, r);\n" + LOAD + GO),
    **RECEIVER,
}
BACK = SEND + "noc_async_write_barrier();\n"
FLAG = "noc_semaphore_set(s, r + 1);\nnoc_semaphore_set_remote(sem, get_noc_addr(x, y, sem));\n"
RIGHT: dict[str, Kernels] = {
    "refilled after the answer": {(0, N): rounds(LOAD + SEND + TELL + ANSWERED, END), **RECEIVER},
    "refilled by the other processor": BESIDE,
    "overwritten by who got the data": {
        (0, N): rounds(LOAD + SEND + TELL + ANSWERED, END),
        (1, N): rounds(HEARD + BACK + ANSWER),
    },
    "a flag that is answered": {(0, N): rounds(FLAG + ANSWERED, END), (1, N): rounds(HEARD + ANSWER)},
    "answered by way of another core": {
        (0, N): rounds(LOAD + SEND + TELL + ANSWERED, END),
        (1, N): rounds(HEARD + STORE + "noc_semaphore_set(s1, r + 1);\n"),
        (1, B): rounds(ANSWERED + ANSWER),
    },
}
WRONG: dict[str, tuple[str, str, Kernels]] = {
    "no answer": ("default", "TT-NOC-001", {(0, N): rounds(LOAD + SEND, END)}),
    "data that go to DRAM": (
        "default",
        "TT-NOC-001",
        {(0, N): rounds(LOAD + STORE.replace("noc_async_write_barrier();", "") + TELL + ANSWERED, END), **RECEIVER},
    ),
    "nobody waits for the answer": (
        "full",
        "TT-NOC-001|TT-RACE-005",
        {(0, N): rounds(LOAD + SEND + TELL, END), **RECEIVER},
    ),
    "the word goes by the other NoC": (
        "full",
        "TT-RACE-00[25]",
        {(0, N): rounds(LOAD + SEND + TELL_ELSEWHERE + ANSWERED, END), **RECEIVER},
    ),
    "an answer of a round before": (
        "full",
        "TT-NOC-001|TT-RACE-005",
        {(0, N): rounds(LOAD + SEND + TELL + "noc_semaphore_wait_min(s1, r);\n", END), **RECEIVER},
    ),
}
BOARDS = pytest.mark.parametrize("board", ["emulator", "emulator:p150"])


@BOARDS
@pytest.mark.parametrize("check", ["default", "full"])
@pytest.mark.parametrize("kernels", RIGHT.values(), ids=RIGHT.keys())
def test_an_answer_says_that_the_data_have_left(kernels: Kernels, check: str, board: str) -> None:
    for seed in range(3):
        run_on_three_cores(f"{board}?check={check}&warnings=error&seed={seed}", kernels)


@BOARDS
@pytest.mark.parametrize(("check", "finding", "kernels"), WRONG.values(), ids=WRONG.keys())
def test_what_is_no_answer_does_not(check: str, finding: str, kernels: Kernels, board: str) -> None:
    with pytest.raises(ttnn.KernelError, match=finding):
        run_on_three_cores(f"{board}?check={check}&warnings=error&seed=1", kernels)
