"""Writes to the sender's own L1, alone or among others: into reserved pages, and over before these are pushed."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import pytest
from three_cores import B, N, run_on_three_cores

import tthal as ttnn
from tthal.columns import unfolded
from tthal_check.listener import CheckWarning

COPY = "noc_async_write(b, get_noc_addr(get_write_ptr(0)), 2048);\n"
BOTH = "get_noc_multicast_addr(my_x[noc_index], my_y[noc_index], x, y, {})"
SEND = f"noc_async_write_multicast_loopback_src(b, {BOTH.format('get_write_ptr(0)')}, 2048, 2);\n"
BARRIER = "noc_async_write_barrier();\n"
RESERVE = "cb_reserve_back(0, 1);\n"
PRODUCE = f"""for (uint32_t i = 0; i < 4; i++) {{
    noc_async_read(get_noc_addr(i, pages), b, 2048);
    noc_async_read_barrier();
    {RESERVE}    {COPY}    {BARRIER}    cb_push_back(0, 1);
}}
"""
CONSUME = "for (int i = 0; i < 4; i++) {\n    cb_wait_front(0, 1);\n    cb_pop_front(0, 1);\n}\n"
SENT = PRODUCE.replace(COPY, SEND)
LATE = ("cb_push_back", "cb_reserve_back(0, 1); cb_push_back")
TWO = [1, 2]
"""Pages of the ring."""


@pytest.fixture(params=["default", "full"])
def check(request: pytest.FixtureRequest) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", CheckWarning)
        yield f"check={request.param}"


def other(text: str, *changes: tuple[str, str]) -> str:
    """A text with some of its parts replaced, each of which it has."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


FLAG = "noc_semaphore_set(s, 1);\n" + f"noc_semaphore_set_multicast_loopback_src(sem1, {BOTH.format('sem')}, 2);\n"
TOLD = "noc_semaphore_set(s1, 1); noc_semaphore_set(s, 0);\n" + FLAG.split("\n", 1)[1] + "noc_semaphore_wait(s, 1);\n"
RAISED = "noc_semaphore_inc(get_noc_addr(sem), 1); noc_semaphore_wait(s, i + 1);\n"
AFTER = "    cb_push_back(0, 1);\n"
ITSELF = SEND.replace("(b,", "(get_write_ptr(0),")
OWN_PART = f"""noc_async_read(get_noc_addr(0, pages), b, 2048);
noc_async_read_barrier();
{COPY}{BARRIER}noc_semaphore_inc(get_noc_addr(sem), 1);
noc_async_atomic_barrier();
"""
GATHER = f"""noc_semaphore_wait(s, 1);
{RESERVE}cb_push_back(0, 1);
cb_wait_front(0, 1);
cb_pop_front(0, 1);
"""
CHANGE = "cb_wait_front(0, 1);\nnoc_async_write(get_read_ptr(0) + 64, get_noc_addr(get_read_ptr(0)), 64);\n" + BARRIER
RIGHT = {
    "a page at a time": {N: PRODUCE, B: CONSUME},
    "to another core, too": {N: SENT, B: CONSUME},
    "a flag follows the data": {N: other(SENT, (BARRIER, TOLD), (AFTER, AFTER + BARRIER)), B: CONSUME},
    "an increment follows the data": {
        N: other(PRODUCE, (BARRIER, RAISED), (AFTER, AFTER + BARRIER + "noc_async_atomic_barrier();\n")),
        B: CONSUME,
    },
    "the part of one that gathers": {N: GATHER, B: OWN_PART},
    "a page that was waited for": {N: PRODUCE, B: other(CONSUME, ("cb_wait_front(0, 1);\n", CHANGE))},
    "where it comes from": {N: other(PRODUCE, (BARRIER, BARRIER + 2 * ITSELF + BARRIER)), B: CONSUME},
    "scratch": {N: other(PRODUCE, (RESERVE, ""), ("    cb_push_back(0, 1);\n", ""))},
}


@pytest.mark.parametrize("pages", TWO)
@pytest.mark.parametrize("kernels", RIGHT.values(), ids=RIGHT.keys())
@pytest.mark.parametrize("board", ["emulator", pytest.param("emulator:p150", marks=pytest.mark.slow)])
def test_right_programs_are_told_nothing(board: str, check: str, kernels: dict[str, str], pages: int) -> None:
    given = {(0, processor): text for processor, text in kernels.items()}
    run_on_three_cores(f"{board}?{check}", given, pages)


FORWARD = f"noc_async_read(get_noc_addr(0, pages), b, 2048);\nnoc_async_read_barrier();\n{COPY}"
OUT = "noc_async_write(get_write_ptr(0), get_noc_addr(1, pages), 2048);\n" + BARRIER
WRONG = {
    "before the reserve": ("TT-CB-006", other(PRODUCE, (RESERVE, ""), LATE), 1),
    "before the reserve, to another core, too": ("TT-CB-006", other(SENT, (RESERVE, ""), LATE), 2),
    "to the read pointer": ("TT-CB-006", other(PRODUCE, ("get_write_ptr(0)", "get_read_ptr(0)")), 2),
    "behind the reserved page": ("TT-CB-006", other(PRODUCE, ("get_write_ptr(0)", "get_write_ptr(0) + 64")), 2),
    "past the end": ("TT-CB-014", other(PRODUCE, ("get_write_ptr(0)", "get_write_ptr(0) + 64")), 1),
    "pushed too early": ("TT-CB-001", other(PRODUCE, (BARRIER, ""), (AFTER, AFTER + BARRIER)), 2),
    "pushed after a flush": (
        "TT-CB-001",
        other(PRODUCE, (BARRIER, "noc_async_writes_flushed();\n"), (AFTER, AFTER + BARRIER)),
        2,
    ),
    "pushed too early, to another core, too": ("TT-CB-001", other(SENT, (BARRIER, ""), (AFTER, AFTER + BARRIER)), 2),
    "sent on too early": ("TT-NOC-005", FORWARD + OUT, 1),
}


@pytest.mark.parametrize(("finding", "text", "pages"), WRONG.values(), ids=WRONG.keys())
@pytest.mark.parametrize("board", ["emulator", pytest.param("emulator:p150", marks=pytest.mark.slow)])
def test_mistakes_are_told(board: str, check: str, finding: str, text: str, pages: int) -> None:
    kernels = {(0, N): text, (0, B): CONSUME} if "cb_push_back" in text else {(0, N): text}
    with pytest.raises(ttnn.KernelError) as caught:
        run_on_three_cores(f"{board}?{check}", kernels, pages)
    found = caught.value.findings[0]
    assert found.id == finding
    assert "write" in unfolded(found.message)
    assert "read" not in found.fix
    if finding in ("TT-CB-001", "TT-NOC-005"):
        assert found.other.startswith("the write: core (0,0) NCRISC")
        assert "noc_async_write_barrier()" in found.fix
