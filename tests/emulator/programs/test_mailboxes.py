"""Mailboxes: words between BRISC and the three compute threads of a core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import tthal as ttnn
from tthal.errors import CompileError, DeadlockError, KernelError

if TYPE_CHECKING:
    from tests.emulator.program_bench import Bench

CORE = ttnn.CoreCoord(0, 0)
OUT = 0x60000
BRISC = {"processor": ttnn.DataMovementProcessor.RISCV_0, "noc": ttnn.NOC.RISCV_0_default}
NCRISC = {"processor": ttnn.DataMovementProcessor.RISCV_1, "noc": ttnn.NOC.RISCV_1_default}
STORE = f"volatile uint32_t* out = reinterpret_cast<volatile uint32_t*>({OUT});"
COMPUTE = '#include "api/compute/common.h"\n'


def program(*, mover: str = "", compute: str = "", place: dict[str, object] = BRISC) -> ttnn.Program:
    made = ttnn.CreateProgram()
    if mover:
        source = f'#include "ckernel.h"\nvoid kernel_main() {{ {STORE} {mover} }}'
        ttnn.CreateKernelFromString(made, source, CORE, ttnn.DataMovementConfig(**place))
    if compute:
        source = f"{COMPUTE}void kernel_main() {{ {STORE} {compute} }}"
        ttnn.CreateKernelFromString(made, source, CORE, ttnn.ComputeConfig())
    return made


def test_words_from_brisc_to_the_compute_threads_in_their_order(any_bench: Bench) -> None:
    """More than four rounds, so that BRISC has to wait for room."""
    mover = """for (uint32_t i = 0; i < 20; i++) {
        ckernel::mailbox_write(ckernel::ThreadId::PackThreadId, 300 + i);
        ckernel::mailbox_write(ckernel::ThreadId::UnpackThreadId, 100 + i);
        ckernel::mailbox_write(ckernel::ThreadId::MathThreadId, 200 + i);
    }"""
    compute = """for (uint32_t i = 0; i < 20; i++) {
        UNPACK(out[3 * i] = mailbox_read(ckernel::ThreadId::BriscThreadId);)
        MATH((out[3 * i + 1] = mailbox_read(ThreadId::BriscThreadId)));
        PACK(out[3 * i + 2] = ckernel::mailbox_read(ckernel::ThreadId::BriscThreadId);)
    }"""
    any_bench.run(program(mover=mover, compute=compute))
    expected = [thread + i for i in range(20) for thread in (100, 200, 300)]
    assert any_bench.l1(CORE, OUT, 60).tolist() == expected


def test_words_between_the_compute_threads(bench: Bench) -> None:
    """Each receiver has a queue of its own, whatever is read first."""
    compute = """
        UNPACK(mailbox_write(ThreadId::MathThreadId, 11); mailbox_write(ThreadId::MathThreadId, 12);)
        UNPACK(mailbox_write(ThreadId::PackThreadId, 21));
        PACK(out[0] = mailbox_read(ThreadId::UnpackThreadId);)
        MATH(out[1] = mailbox_read(ThreadId::UnpackThreadId); out[2] = mailbox_read(ThreadId::UnpackThreadId);)
        MATH(out[3] = mailbox_not_empty(ThreadId::UnpackThreadId);)"""
    bench.run(program(compute=compute))
    assert bench.l1(CORE, OUT, 4).tolist() == [21, 11, 12, 0]


def test_an_answer_to_brisc(bench: Bench) -> None:
    mover = """ckernel::mailbox_write(ckernel::ThreadId::MathThreadId, 20);
        while (!ckernel::mailbox_not_empty(ckernel::ThreadId::PackThreadId)) {}
        out[0] = ckernel::mailbox_read(ckernel::ThreadId::PackThreadId);"""
    compute = """uint32_t word = 0;
        MATH(word = mailbox_read(ThreadId::BriscThreadId));
        PACK(mailbox_write(ThreadId::BriscThreadId, word + 1));"""
    bench.run(program(mover=mover, compute=compute))
    assert bench.l1(CORE, OUT, 1).tolist() == [21]


def test_mail_does_not_outlive_the_program(bench: Bench) -> None:
    bench.run(program(mover="ckernel::mailbox_write(ckernel::ThreadId::MathThreadId, 1);"))
    bench.run(program(compute="MATH(out[0] = mailbox_not_empty(ThreadId::BriscThreadId);)"))
    assert bench.l1(CORE, OUT, 1).tolist() == [0]


@pytest.mark.parametrize(
    ("mover", "compute", "doing"),
    [
        ("", "MATH((void)mailbox_read(ThreadId::BriscThreadId));", r"mailbox_read\(BriscThreadId\) in\s+Math"),
        (
            "for (uint32_t i = 0; i < 5; i++) ckernel::mailbox_write(ckernel::ThreadId::UnpackThreadId, i);",
            "",
            r"mailbox_write in Brisc: 4 words\s+were not read",
        ),
    ],
)
def test_waiting_for_ever_is_a_deadlock_that_names_the_mailbox(
    bench: Bench, mover: str, compute: str, doing: str
) -> None:
    with pytest.raises(DeadlockError, match=doing):
        bench.run(program(mover=mover, compute=compute))


@pytest.mark.parametrize(
    ("compute", "text"),
    [
        (
            "MATH((void)mailbox_read(ThreadId::UnpackThreadId)); UNPACK(mailbox_write(ThreadId::MathThreadId, 1));",
            r"mailbox_read\(UnpackThreadId\) in MATH\(\) comes before the word is written",
        ),
        (
            "for (uint32_t i = 0; i < 33; i++) { UNPACK(mailbox_write(ThreadId::PackThreadId, i)); }",
            r"UNPACK\(\) writes more words to the mailbox of PACK\(\)",
        ),
    ],
)
def test_an_order_that_three_threads_could_run_but_one_cannot_is_named(bench: Bench, compute: str, text: str) -> None:
    with pytest.raises(KernelError, match=text):
        bench.run(program(compute=compute))


def test_a_thread_that_does_not_exist_is_named(bench: Bench) -> None:
    with pytest.raises(KernelError, match="there is no mailbox of thread 9; name one by ckernel::ThreadId"):
        bench.run(program(mover="ckernel::mailbox_write(9, 1);"))


def test_ncrisc_has_no_mailbox(bench: Bench) -> None:
    """A branch that is never taken may name it, as the vendor's readers do."""
    write = "ckernel::mailbox_write(ckernel::ThreadId::UnpackThreadId, 1);"
    bench.run(program(mover=f"if constexpr (NOC_INDEX == 5) {{ {write} }} out[0] = 7;", place=NCRISC))
    assert bench.l1(CORE, OUT, 1).tolist() == [7]
    with pytest.raises(CompileError, match="NCRISC has none; run the kernel on RISCV_0"):
        bench.run(program(mover=write, place=NCRISC))
