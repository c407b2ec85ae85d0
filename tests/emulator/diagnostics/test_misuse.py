"""Every mistake that the device headers report has words of its own, and what they do not know is called that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from typing import Any

import pytest

import tthal as ttnn
from tthal_emulator import abi
from tthal_emulator.abi import DstCall, FormatSetup, FormatUnit, MailboxThread, Misuse, OddDivision, ThreadTrouble, Wait
from tthal_emulator.abi.codes import Observed, ZoneMark
from tthal_emulator.abi.formats import SHARED
from tthal_emulator.abi.layout import CORE_REGISTERS
from tthal_emulator.abi.tile_operations import SetUp
from tthal_emulator.abi.vocabulary import EXPORTED
from tthal_emulator.diagnostics import misuse, print_records, states

UNKNOWN = "reports a mistake that the device headers do not know"


class Kernel:
    """A kernel with two circular buffers."""

    core = 0
    place = (0, 0)
    role = "BRISC"
    kernel = "kernel.cpp"
    l1 = memoryview(bytes(64))
    registers = memoryview(bytes(CORE_REGISTERS.size)).cast("I")
    block = memoryview(bytes(abi.PROCESSOR_BLOCK.size))
    pages = (2, 4)
    waiting: tuple[int, int, int] | None = None


def text(what: int, a: int = 0, b: int = 0) -> str:
    return misuse.explain(Kernel(), what, a, b)


SPOKEN: dict[type[IntEnum], Iterable[Mapping[Any, Any]]] = {
    Misuse: [misuse.TEXTS],
    ThreadTrouble: [misuse._THREAD_TROUBLES],
    DstCall: [misuse._DST_CALLS, misuse._DST_NEEDS],
    FormatUnit: [misuse._SET_UP_CALLS],
    MailboxThread: [states.MAILBOX_NAMES],
    Wait: [states.ACTIVITIES],
    OddDivision: [{each: each.meaning for each in OddDivision if each.meaning}],
    abi.PrintKind: [print_records._NUMBERS | print_records._VALUES | dict.fromkeys(print_records.STRUCTURES)],
}
"""Enumerations of the border that the host turns into words, and the tables by which it does, by key."""

SILENT = {
    *SHARED, abi.BinaryOperation, abi.Broadcast, abi.Decision, abi.Dimension, abi.EdgeMask, abi.MonitorEvent,
    abi.NocFlag, abi.NocOperation, abi.NumericsFlag, Observed, abi.Pool, abi.PrintSetting, abi.ReluMode,
    abi.ReuseDest, abi.Strategy, SetUp, ZoneMark,
}  # fmt: skip
"""Those that no message of the emulator takes apart: it acts on them, shows their number, or Python's name for them."""


def test_every_enumeration_of_the_border_is_spoken_or_silent() -> None:
    assert SPOKEN.keys() | SILENT == EXPORTED.keys()
    assert not SPOKEN.keys() & SILENT


@pytest.mark.parametrize("codes", SPOKEN, ids=lambda codes: codes.__name__)
def test_every_code_has_its_words_by_key(codes: type[IntEnum]) -> None:
    for table in SPOKEN[codes]:
        assert set(table) == set(codes)


def test_every_mistake_has_words_of_its_own() -> None:
    texts = [text(what) for what in Misuse]
    assert not any(UNKNOWN in each for each in texts)
    assert len(set(texts)) == len(Misuse)
    assert misuse.TEXTS.keys() == set(Misuse)


@pytest.mark.parametrize(
    ("what", "codes"),
    [
        (Misuse.THREADS, [(trouble, 0) for trouble in ThreadTrouble]),
        (Misuse.DST_STATE, [(call, 0) for call in DstCall]),
        (Misuse.FORMAT_SETUP, [(0, FormatSetup(unit, 0).packed()) for unit in FormatUnit]),
        (Misuse.MAILBOX_EMPTY, [(thread, 0) for thread in MailboxThread]),
        (Misuse.MAILBOX_FULL, [(0, thread) for thread in MailboxThread]),
    ],
)
def test_every_code_of_a_mistake_has_words_of_its_own(what: Misuse, codes: list[tuple[int, int]]) -> None:
    texts = [text(what, *operands) for operands in codes]
    assert not any(UNKNOWN in each for each in texts)
    assert len(set(texts)) == len(codes)


@pytest.mark.parametrize(
    ("what", "a", "b"),
    [
        (max(Misuse) + 1, 0, 0),
        (min(set(range(max(Misuse))) - set(Misuse)), 0, 0),
        (0xFFFFFFFF, 0, 0),
        (Misuse.THREADS, len(ThreadTrouble), 0),
        (Misuse.DST_STATE, len(DstCall), 0),
        (Misuse.FORMAT_SETUP, 0, len(FormatUnit)),
        (Misuse.FORMAT_SETUP, 0, FormatSetup(FormatUnit.SRC_A, 0x80).packed()),
        (Misuse.MAILBOX_EMPTY, len(MailboxThread), 0),
        (Misuse.MAILBOX_FULL, 0, 0xFFFFFFFF),
        (Misuse.CB_TOO_MANY, 2, 0),
        (Misuse.CB_OVER_PUSH, 0xFFFFFFFF, 0),
        (Misuse.CB_OVER_POP, 64, 0),
    ],
)
def test_what_nobody_knows_is_not_told_as_another_mistake(what: int, a: int, b: int) -> None:
    assert text(what, a, b) == f"the kernel {UNKNOWN} ({what}, {a}, {b})"


def test_every_wait_has_words_of_its_own() -> None:
    texts = []
    for kind in Wait:
        kernel = Kernel()
        kernel.waiting = (kind, 0, 1)
        texts.append(states.activity(kernel))
    assert len(set(texts)) == len(Wait)
    assert states.ACTIVITIES.keys() == set(Wait)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("tthal::tthal_host_misuse(99, 1, 2)", r"do not know \(99, 1, 2\)"),
        ("tthal::misuse(tthal::Misuse::THREADS, 7, 0)", r"do not know \(18, 7, 0\)"),
        ("tthal::misuse(tthal::Misuse::CB_TOO_MANY, 200, 0)", r"do not know \(1, 200, 0\)"),
    ],
)
def test_a_kernel_that_makes_up_a_mistake(run: Callable, make_program: Callable, call: str, message: str) -> None:
    with pytest.raises(ttnn.KernelError, match=message):
        run(make_program(f"void kernel_main() {{ {call}; }}"))
