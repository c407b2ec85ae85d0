"""Races in L1 (``check=full``): between cores, on one, and of a kernel with its own transfers; each beside its twin."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from three_cores import B, N, run_on_three_cores

import tthal as ttnn

FILL = "for (int i = 0; i < 512; i++) w[i] = i + me;\n"
SUM = "uint32_t sum = 0; for (int i = 0; i < 512; i++) sum += w[i];\nv[0] = sum;\n"
ACROSS = "noc_async_write(a, get_noc_addr(x, y, a), 2048);\n"
WRITTEN, READY = "noc_async_write_barrier();\n", "noc_async_read_barrier();\n"
TELL = "noc_semaphore_inc(get_noc_addr(x, y, sem), 1);\n"
DONE = "noc_async_atomic_barrier();\n"
AWAIT = "noc_semaphore_wait(s, 1);\n"
READ = "noc_async_read(get_noc_addr(0, pages), a, 2048);\n"
ON_0 = "noc_async_write(a, get_noc_addr(x, y, a, 0), 2048, 0);\n"
TELL_1 = "noc_semaphore_inc(get_noc_addr(x, y, sem, 1), 1, 1);\nnoc_async_atomic_barrier(1);\n"
BARRIER_0, BARRIER_1 = "noc_async_write_barrier(0);\n", "noc_async_write_barrier(1);\n"
REUSE = "noc_semaphore_wait(s1, 1);\nfor (int i = 0; i < 512; i++) w[i] = 7;\n"
TO_THIRD = "noc_async_write(a, get_noc_addr(x + {more}, y, b + {at}), {size});\nnoc_async_write_barrier();\n"
DATA_TO_ALL = "noc_async_write_multicast(a, get_noc_multicast_addr(x + 1, y, x, y, a), 2048, 2);\n"
FLAG_TO_ALL = (
    "noc_semaphore_set(s, 1);\nnoc_semaphore_set_multicast(sem, get_noc_multicast_addr(x + 1, y, x, y, sem), 2);\n"
)
FLUSHED = "noc_async_writes_flushed();\n"
POSTED_ACROSS = "noc_async_write_one_packet<true, true>(a, get_noc_addr(x, y, a), 2048);\n"
POSTED_TO_DRAM = "noc_async_write_one_packet<true, true>(a, get_noc_addr(0, pages), 2048);\n"
POSTED_FLUSHED = "noc_async_posted_writes_flushed();\n"
TELL_THIRD = "noc_semaphore_inc(get_noc_addr(x + 1, y, sem), 1);\n" + DONE
HAND_ON = {(2, B): AWAIT + TELL + DONE, (1, B): AWAIT + SUM}
READ_BACK = "noc_async_read(get_noc_addr(0, pages), b, 2048);\n" + READY
IN_PAGE = "w = reinterpret_cast<word*>(get_read_ptr(0));\n"


@dataclass(frozen=True)
class Case:
    """Kernels by (core, processor); ``id`` is empty where they are right, ``cure`` is in the fix."""

    name: str
    id: str
    kernels: dict[tuple[int, str], str]
    cure: str = ""


CASES = [
    Case("told after the barrier", "", {(0, B): FILL + ACROSS + WRITTEN + TELL + DONE, (1, B): AWAIT + SUM}),
    Case("told behind the data, the same way", "",
         {(0, B): FILL + ACROSS + TELL + WRITTEN + DONE, (1, B): AWAIT + SUM}),
    Case("told before the data", "TT-RACE-002", {(0, B): FILL + TELL + ACROSS + WRITTEN + DONE, (1, B): AWAIT + SUM},
         "tells too early"),
    Case("told twice, waited for once", "TT-RACE-00[23]",
         {(0, B): TELL + FILL + ACROSS + WRITTEN + TELL + DONE, (1, B): "noc_semaphore_wait_min(s, 1);\n" + SUM}),
    Case("told twice, waited for twice", "",
         {(0, B): TELL + FILL + ACROSS + WRITTEN + TELL + DONE, (1, B): "noc_semaphore_wait_min(s, 2);\n" + SUM}),
    Case("told by way of a third core before the data", "TT-RACE-002",
         {(0, B): FILL + TELL_THIRD + ACROSS + WRITTEN, **HAND_ON}, "tells too early"),
    Case("never told", "TT-RACE-00[123]", {(0, B): FILL + ACROSS + WRITTEN, (1, B): SUM}, "order them with"),
    Case("told on the other NoC", "TT-RACE-002", {(0, B): FILL + ON_0 + TELL_1 + BARRIER_0, (1, B): AWAIT + SUM},
         r"noc_async_write_barrier\(\) of the write's NoC"),
    Case("barrier of the other NoC", "TT-RACE-002",
         {(0, B): FILL + ON_0 + BARRIER_1 + TELL_1 + BARRIER_0, (1, B): AWAIT + SUM}, "write's NoC"),
    Case("barrier of the right NoC", "", {(0, B): FILL + ON_0 + BARRIER_0 + TELL_1, (1, B): AWAIT + SUM}),
    Case("page in DRAM, told to a core without a barrier", "TT-RACE-002",
         {(0, B): FILL + "noc_async_write(a, get_noc_addr(0, pages), 2048);\n" + TELL + WRITTEN + DONE,
          (1, B): AWAIT + READ + READY + SUM}, "or to another core"),
    Case("two fill one page", "TT-RACE-001", {(0, B): FILL, (0, N): FILL}, "order them with"),
    Case("one fills, one sums", "TT-RACE-00[23]", {(0, B): FILL, (0, N): SUM}),
    Case("told by a semaphore of the core", "", {(0, B): FILL + "noc_semaphore_set(s, 1);", (0, N): AWAIT + SUM}),
    Case("told by a plain word", "",
         {(0, B): FILL + "*s = 1;", (0, N): "while (*s != 1) invalidate_l1_cache();\n" + SUM}),
    Case("told before its read has come", "TT-RACE-002",
         {(0, B): READ + "noc_semaphore_set(s, 1);\n" + READY, (0, N): AWAIT + SUM},
         r"noc_async_read_barrier\(\) of the read's NoC"),
    Case("told after its read has come", "",
         {(0, B): READ + READY + "noc_semaphore_set(s, 1);\n", (0, N): AWAIT + SUM}),
    Case("own read used too early", "TT-RACE-005", {(0, B): READ + SUM + READY}, r"noc_async_read_barrier\(\)"),
    Case("own read used in time", "", {(0, B): READ + READY + SUM}),
    Case("own read sent on too early", "TT-NOC-005", {(0, B): READ + ACROSS + READY + WRITTEN}, "between the read"),
    Case("own page read back too early", "TT-RACE-005",
         {(0, B): FILL + "noc_async_write(a, get_noc_addr(0, pages), 2048);\n"
          "noc_async_read(get_noc_addr(0, pages), b, 2048);\n" + READY + WRITTEN}, r"noc_async_write_barrier\(\)"),
    Case("own page read back in time", "",
         {(0, B): FILL + "noc_async_write(a, get_noc_addr(0, pages), 2048);\n" + WRITTEN
          + "noc_async_read(get_noc_addr(0, pages), b, 2048);\n" + READY}),
    Case("source filled again by the other processor", "TT-RACE-003|TT-NOC-001",
         {(0, B): FILL + ACROSS + "noc_semaphore_set(s1, 1);\n" + WRITTEN, (0, N): REUSE}, "flushed"),
    Case("source filled again after the flush", "",
         {(0, B): FILL + ACROSS + FLUSHED + "noc_semaphore_set(s1, 1);\n" + WRITTEN, (0, N): REUSE}),
    Case("two cores write a third", "TT-RACE-001",
         {(0, B): FILL + TO_THIRD.format(more=1, at=0, size=2048),
          (1, B): FILL + TO_THIRD.format(more=2, at=0, size=2048)}),
    Case("two cores write halves of a third", "",
         {(0, B): FILL + TO_THIRD.format(more=1, at=0, size=1024),
          (1, B): FILL + TO_THIRD.format(more=2, at=1024, size=1024)}),
    Case("multicast of data, then of a flag", "",
         {(0, B): FILL + DATA_TO_ALL + FLUSHED + FLAG_TO_ALL + WRITTEN, (1, B): AWAIT + SUM, (2, B): AWAIT + SUM}),
    Case("multicast of a flag, then of data", "TT-RACE-002",
         {(0, B): FILL + FLAG_TO_ALL + DATA_TO_ALL + WRITTEN, (1, B): AWAIT + SUM, (2, B): AWAIT + SUM}),
    Case("read from a core that did not tell", "TT-RACE-00[23]",
         {(0, B): FILL, (1, B): "noc_async_read(get_noc_addr(x, y, a), b, 2048);\n" + READY}),
    Case("read from a core whose word was read first", "",
         {(0, B): FILL + "*s = 5;", (1, B): "do {\nnoc_async_read(get_noc_addr(x, y, sem), b, 16);\n" + READY
          + "} while (v[0] != 5);\nnoc_async_read(get_noc_addr(x, y, a), b, 2048);\n" + READY}),
    Case("read from two cores whose words were read before one barrier", "",
         {(0, B): FILL + "*s = 5;", (2, B): FILL + "*s = 5;",
          (1, B): "do {\nnoc_async_read(get_noc_addr(x, y, sem), b, 16);\n"
          "noc_async_read(get_noc_addr(x + 2, y, sem), b + 16, 16);\n" + READY + "} while (v[0] != 5 || v[4] != 5);\n"
          "noc_async_read(get_noc_addr(x, y, a), b, 1024);\n"
          "noc_async_read(get_noc_addr(x + 2, y, a), b + 1024, 1024);\n" + READY}),
    Case("posted and flushed, told by way of a third core", "TT-RACE-002",
         {(0, B): FILL + POSTED_ACROSS + POSTED_FLUSHED + TELL_THIRD, **HAND_ON}, "its write is posted"),
    Case("not posted, told by way of a third core", "",
         {(0, B): FILL + ACROSS + WRITTEN + TELL_THIRD, **HAND_ON}),
    Case("posted, told behind the data the same way", "",
         {(0, B): FILL + POSTED_ACROSS + TELL + POSTED_FLUSHED + DONE, (1, B): AWAIT + SUM}),
    Case("posted, told the same way, and then by way of a third core", "",
         {(0, B): FILL + POSTED_ACROSS + POSTED_FLUSHED + TELL.replace("sem)", "sem1)") + DONE + TELL_THIRD,
          **HAND_ON}),
    Case("posted, and a write behind it that is waited for", "",
         {(0, B): FILL + POSTED_ACROSS + POSTED_FLUSHED + ACROSS.replace("2048", "64") + WRITTEN + TELL_THIRD,
          **HAND_ON}),
    Case("posted, and a write to elsewhere that is waited for", "TT-RACE-002",
         {(0, B): FILL + POSTED_ACROSS + POSTED_FLUSHED + TO_THIRD.format(more=1, at=0, size=64) + TELL_THIRD,
          **HAND_ON}, "its write is posted"),
    Case("posted and flushed, told on the other NoC", "TT-RACE-002",
         {(0, B): FILL + POSTED_ACROSS.replace("y, a)", "y, a, 1 - noc_index)").replace("2048)", "2048, 1 - noc_index)")
          + "noc_async_posted_writes_flushed(1 - noc_index);\n" + TELL + DONE, (1, B): AWAIT + SUM},
         "its write is posted"),
    Case("posted, and the source filled again after the flush", "",
         {(0, B): FILL + POSTED_ACROSS + POSTED_FLUSHED + "noc_semaphore_set(s1, 1);\n", (0, N): REUSE}),
    Case("posted, and the source filled again before it", "TT-RACE-003|TT-NOC-001",
         {(0, B): FILL + POSTED_ACROSS + "noc_semaphore_set(s1, 1);\n" + POSTED_FLUSHED, (0, N): REUSE}, "flushed"),
    Case("posted and flushed, read back", "TT-RACE-005",
         {(0, B): FILL + POSTED_TO_DRAM + POSTED_FLUSHED + READ_BACK}, "the write is posted"),
    Case("posted, a write behind it that is waited for, read back", "",
         {(0, B): FILL + POSTED_TO_DRAM + POSTED_FLUSHED + POSTED_TO_DRAM.replace("<true, true>", "").replace(
             "2048", "64") + WRITTEN + READ_BACK}),
    Case("pages through a circular buffer", "",
         {(0, N): "cb_reserve_back(0, 1);\n" + READ + READY + "cb_push_back(0, 1);\n",
          (0, B): "cb_wait_front(0, 1);\n" + IN_PAGE + SUM + "cb_pop_front(0, 1);\n"}),
]  # fmt: skip
QUICK = {
    "told after the barrier", "told before the data", "told on the other NoC", "barrier of the right NoC",
    "page in DRAM, told to a core without a barrier", "two fill one page", "told by a plain word",
    "told before its read has come", "own read used too early", "own read sent on too early",
    "source filled again by the other processor", "multicast of a flag, then of data",
    "posted and flushed, told by way of a third core", "posted, told behind the data the same way",
    "posted, and a write behind it that is waited for",
}  # fmt: skip
MARKED = [pytest.param(case, id=case.name, marks=[] if case.name in QUICK else pytest.mark.slow) for case in CASES]
SLOW = [pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2, 7)]


@pytest.mark.parametrize("seed", [0, *SLOW])
@pytest.mark.parametrize("case", MARKED)
def test_a_race_is_named_with_what_orders_it(case: Case, seed: int) -> None:
    selection = f"emulator?check=full&warnings=error&suppress=TT-INI-001+TT-INI-005&seed={seed}"
    if not case.id:
        run_on_three_cores(selection, case.kernels)
        return
    with pytest.raises(ttnn.KernelError, match=rf"\[({case.id})\]") as caught:
        run_on_three_cores(selection, case.kernels)
    finding = caught.value.findings[0]
    assert finding.location is not None
    assert finding.other_location is not None, "the lines of both"
    if case.cure:
        assert caught.match(case.cure)


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_on_blackhole(case: Case) -> None:
    selection = "emulator:p150?check=full&warnings=error&suppress=TT-INI-001"
    if not case.id:
        run_on_three_cores(selection, case.kernels)
        return
    with pytest.raises(ttnn.KernelError, match=rf"\[({case.id})\]"):
        run_on_three_cores(selection, case.kernels)


@pytest.mark.parametrize("board", ["n150", pytest.param("p150", marks=pytest.mark.slow)])
def test_posted_writes_have_arrived_when_the_launch_is_over(board: str) -> None:
    first = {(0, B): FILL + POSTED_ACROSS + POSTED_TO_DRAM + POSTED_FLUSHED}
    second = {(1, B): SUM + READ + READY, (2, B): READ + READY}
    selection = f"emulator:{board}?check=full&warnings=error&suppress=TT-INI-001"
    run_on_three_cores(selection, first, then=second)
