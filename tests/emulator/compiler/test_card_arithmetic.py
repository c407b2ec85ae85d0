"""The rewriting of LLVM IR: which instructions become calls, and which stay as they are."""

from __future__ import annotations

import pytest

from tthal_emulator.compiler.card_arithmetic import with_card_arithmetic

SATURATING = "  %3 = call i8 @llvm.fptoui.sat.i8.f32(float %2), !dbg !7"


@pytest.mark.parametrize(
    "line",
    [
        "  %3 = sdiv i32 %1, 10, !dbg !4",
        "  %3 = srem i32 %1, -7",
        "  %3 = udiv i64 %1, 4294967295",
        "  %3 = sdiv exact i32 %1, 4",
        "  %3 = sdiv i128 %1, %2",
        "  %3 = fdiv float %1, %2",
        '  %3 = call i32 asm "i32.div_s", "=r"()',
        "  %3 = uitofp i32 %1 to float",
        "  %3 = fptosi <4 x float> %2 to <4 x i32>",
        '@.str = private constant [25 x i8] c"  %3 = sdiv i32 %1, %2\\00"',
        '@.str = private constant [31 x i8] c"  %3 = fptosi float %2 to i8\\00"',
    ],
)
def test_what_has_an_answer_stays(line: str) -> None:
    assert with_card_arithmetic(f"{line}\n").strip() == line.strip()


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("  %3 = sdiv i32 %1, %2, !dbg !4", "  %3 = call i32 @card.sdiv.i32(i32 %1, i32 %2), !dbg !4"),
        ("  %3 = sdiv i32 %1, -1", "  %3 = call i32 @card.sdiv.i32(i32 %1, i32 -1)"),
        ("  %3 = urem i64 9, 0", "  %3 = call i64 @card.urem.i64(i64 9, i64 0)"),
        ("  %rem = srem i32 %call, %conv", "  %rem = call i32 @card.srem.i32(i32 %call, i32 %conv)"),
        (
            "  %3 = udiv <4 x i32> %1, <i32 1, i32 0, i32 2, i32 3>",
            "  %3 = call <4 x i32> @card.udiv.v4i32(<4 x i32> %1, <4 x i32> <i32 1, i32 0, i32 2, i32 3>)",
        ),
        (SATURATING, "  %3 = call i8 @card.fptoui.i8.f32(float %2), !dbg !7"),
        (
            "  %3 = fptosi <4 x float> %2 to <4 x i16>, !dbg !7",
            "  %3 = call <4 x i16> @card.fptosi.v4i16.v4f32(<4 x float> %2), !dbg !7",
        ),
    ],
)
def test_what_has_none_becomes_a_call(line: str, call: str) -> None:
    changed = with_card_arithmetic(f"{line}\n")
    assert changed.splitlines()[0] == call
    name = call[call.index("@card.") : call.rindex("(")].partition("(")[0]
    assert sum(line.startswith("define internal") and f" {name}(" in line for line in changed.splitlines()) == 1


def test_everything_is_defined_and_declared_once() -> None:
    lines = [SATURATING, SATURATING.replace("%3", "%4"), "  %5 = fptoui float %2 to i16", "  %6 = sdiv i32 %5, %4"]
    changed = with_card_arithmetic("\n".join([*lines, "declare i8 @llvm.fptoui.sat.i8.f32(float) #5", ""]))
    heads = [line for line in changed.splitlines() if line.startswith(("define", "declare"))]
    assert len(heads) == len(set(heads)) == 5
    assert "declare i32 @llvm.fptoui.sat.i32.f32(float)" in heads
