"""What words tell (``check=full``): a wait hears of what satisfied it, and of no more; resets that lose steps."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from three_cores import B, N, run_on_three_cores

import tthal as ttnn

SEND = "noc_async_write(a, get_noc_addr(x, y, a), 2048);\nnoc_async_write_barrier();\n"
OUT = "noc_async_write(a, get_noc_addr(me, pages), 2048);\nnoc_async_write_barrier();\n"
FILL = "for (int i = 0; i < 512; i++) w[i] = i + round;\n"
TELL = "noc_semaphore_inc(get_noc_addr(x, y, sem{n}), 1);\nnoc_async_atomic_barrier();\n"
TELL_0 = TELL.format(n="")
FLAG = (
    "noc_semaphore_set(s1, 1);\nnoc_semaphore_set_remote(sem1, get_noc_addr(x, y, sem));\nnoc_async_write_barrier();\n"
)
INLINE = "noc_inline_dw_write(get_noc_addr(x, y, sem), 1);\nnoc_async_write_barrier();\n"
MULTICAST = (
    "noc_semaphore_set(s1, 1);\n"
    "noc_semaphore_set_multicast(sem1, get_noc_multicast_addr(x, y, x, y, sem), 1);\nnoc_async_write_barrier();\n"
)


def rounds(body: str) -> str:
    """Do something in each of four rounds."""
    return "for (uint32_t round = 0; round < 4; round++) {\n" + body + "}\n"


def turns(tell: str, *, reset: str = "", wait: str = "noc_semaphore_wait_min(s, round + 1);\n", credit: bool = True,
          late: str = "") -> dict[tuple[int, str], str]:  # fmt: skip
    """Core 0 sends a page in every round, which core 1 sends on; what a round of the next waits for is a credit."""
    back = "noc_semaphore_wait_min(s1, round + 1);\n" if credit else ""
    if tell in (FLAG, MULTICAST):  # whose source is the second semaphore
        back = back.replace("s1", "s")
    credit_to = "sem" if tell in (FLAG, MULTICAST) else "sem1"
    give = f"noc_semaphore_inc(get_noc_addr(x, y, {credit_to}), 1);\nnoc_async_atomic_barrier();\n"
    return {
        (0, B): rounds(FILL + SEND + tell + back),
        (1, B): rounds(wait + OUT + reset + give + late),
    }


RESET, EXACT = "noc_semaphore_set(s, 0);\n", "noc_semaphore_wait(s, 1);\n"
CHANGE = rounds("v[4] = v[4] + 1;\n")
PUSH = "cb_reserve_back(0, 1);\n{}cb_push_back(0, 1);\n"
POP = "cb_wait_front(0, 1);\n{}cb_pop_front(0, 1);\n"


@dataclass(frozen=True)
class Case:
    """Kernels by (core, processor); ``id`` is empty where they are right."""

    name: str
    id: str
    kernels: dict[tuple[int, str], str]


CASES = [
    Case("every page is waited for and given back", "", turns(TELL_0)),
    Case("the sender does not wait for the credit", "TT-RACE-00[123]", turns(TELL_0, credit=False)),
    Case("the receiver waits for fewer", "TT-RACE-00[123]|TT-INI-005",
         turns(TELL_0, wait="noc_semaphore_wait_min(s, round);\n", credit=True)),
    Case("a counter that is reset in time", "", turns(TELL_0, wait=EXACT, reset=RESET)),
    Case("a counter that is reset too late", "TT-RACE-006", turns(TELL_0, wait=EXACT, late=RESET)),
    Case("a flag that is reset in time", "", turns(FLAG, wait=EXACT, reset=RESET)),
    Case("a flag that is reset too late", "TT-RACE-006", turns(FLAG, wait=EXACT, late=RESET)),
    Case("a flag that is never reset", "TT-RACE-00[123]", turns(FLAG, wait=EXACT)),
    Case("an inline flag that is reset in time", "", turns(INLINE, wait=EXACT, reset=RESET)),
    Case("an inline flag that is never reset", "TT-RACE-00[123]", turns(INLINE, wait=EXACT)),
    Case("an inline flag that is reset too late", "TT-RACE-006", turns(INLINE, wait=EXACT, late=RESET)),
    Case("a multicast flag that is reset in time", "", turns(MULTICAST, wait=EXACT, reset=RESET)),
    Case("a multicast flag that is never reset", "TT-RACE-00[123]", turns(MULTICAST, wait=EXACT)),
    Case("both count in one word", "TT-RACE-007",
         {(0, N): "v[4] = 0;\nnoc_semaphore_set(s, 1);\n" + CHANGE, (0, B): "noc_semaphore_wait(s, 1);\n" + CHANGE}),
    Case("each counts in its turn", "",
         {(0, N): "v[4] = 0;\n" + CHANGE + "noc_semaphore_set(s, 1);\n",
          (0, B): "noc_semaphore_wait(s, 1);\n" + CHANGE}),
    Case("a flag of two states", "",
         {(0, N): rounds("while (*s != 0) invalidate_l1_cache();\n" + FILL + "*s = 1;\n"),
          (0, B): rounds("while (*s != 1) invalidate_l1_cache();\n" + OUT + "*s = 0;\n")}),
    Case("two add to a semaphore that is waited for whole", "",
         {(0, B): TELL_0, (2, B): TELL_0, (1, B): "noc_semaphore_wait(s, 2);\nnoc_semaphore_set(s, 0);\n"}),
    Case("two add to a semaphore that is reset after the first", "TT-RACE-006",
         {(0, B): TELL_0, (2, B): TELL_0, (1, B): "noc_semaphore_wait_min(s, 1);\nnoc_semaphore_set(s, 0);\n"}),
    Case("two consumers by turns that nothing orders", "TT-CB-005",
         {(0, N): PUSH.format("") * 2 + POP.format("") + PUSH.format("") + POP.format(""),
          (0, B): POP.format("")}),
]  # fmt: skip
QUICK = {CASES[0].name, CASES[1].name, CASES[4].name, CASES[7].name, CASES[13].name, CASES[14].name}
MARKED = [pytest.param(case, id=case.name, marks=[] if case.name in QUICK else pytest.mark.slow) for case in CASES]


@pytest.mark.parametrize("options", ["", *(pytest.param(f"&seed={n}", marks=pytest.mark.slow) for n in (1, 2, 7))])
@pytest.mark.parametrize("board", ["", pytest.param(":p150", marks=pytest.mark.slow)])
@pytest.mark.parametrize("case", MARKED)
def test_what_words_tell(case: Case, board: str, options: str) -> None:
    selection = f"emulator{board}?check=full&suppress=TT-INI-001{options}"
    if not case.id:
        run_on_three_cores(selection, case.kernels, pages=2)
        return
    with pytest.raises((ttnn.KernelError, ttnn.DeadlockError), match=case.id):
        run_on_three_cores(selection, case.kernels, pages=2)
