"""Each form of the compiled matrix product gives the bits of the definition in numpy, in both grades."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tthal.types import DataFormat
from tthal_emulator.board.tensix_traits import BLACKHOLE_TENSIX, WORMHOLE_TENSIX
from tthal_emulator.compiler import Cache
from tthal_emulator.tensix.formats import info
from tthal_emulator.tensix.operations import Grade

sys.path.append(str(Path(__file__).resolve().parent))
from multiplying import FIDELITIES, FORMS, KINDS, Case, best_form, open_form, pages, patterns, start_of

F = DataFormat
FAST_FORMATS = (F.Float16_b, F.Float32, F.Bfp8_b, F.Bfp4_b)
FAMILIES = {
    "8-bit exponents": (F.Float16_b, F.Float32, F.Tf32, F.Bfp8_b, F.Bfp4_b, F.Bfp2_b),
    "5-bit exponents": (F.Float16, F.Lf8, F.Fp8_e4m3, F.Bfp8, F.Bfp4, F.Bfp2),
    "integers": (F.Int8, F.UInt8),
}
"""Formats that can be multiplied with each other."""


@pytest.fixture(scope="module")
def forms(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Any]:
    folder: Path = tmp_path_factory.mktemp("multiply")
    folder.chmod(0o700)
    cache, opened = Cache(folder), {}

    def form(index: int) -> Any:
        if index > best_form(cache):
            pytest.skip(f"this processor has no {FORMS[index]}")
        if index not in opened:
            opened[index] = open_form(index, cache)
        return opened[index]

    return form


def check(part: Any, case: Case) -> bool:
    """Compare the two, and return whether there was something to see."""
    expected, got = case.defined(), case.compiled(part)
    np.testing.assert_array_equal(got, expected, f"{case.fidelity.name} {case.format0.name} {case.format1.name}")
    return bool((expected != case.start).any())


@pytest.mark.parametrize("wide", [False, True], ids=["16-bit DST", "32-bit DST"])
@pytest.mark.parametrize("kind", ["ordinary", "any", "tiny", "huge"])
@pytest.mark.parametrize("form", range(len(FORMS)), ids=FORMS)
def test_fast_grade(forms: Callable[[int], Any], form: int, kind: str, wide: bool) -> None:
    part, rng = forms(form), np.random.default_rng(form + 7)
    for fidelity in FIDELITIES:
        for format0, format1 in ((f, g) for f in FAST_FORMATS for g in FAST_FORMATS):
            present = patterns("ordinary", 6 * 1024, rng).view(np.float32)
            # Products that lose bits are seen only next to a sum as small as they are.
            present *= np.float32(2.0**-125 if kind == "tiny" else 1)
            start = present.view(np.uint32).reshape(6, 32, 32) & np.uint32(0xFFFF_FFFF if wide else 0xFFFF_0000)
            left, right = pages(format0, kind, 2, rng), pages(format1, kind, 3, rng)
            transpose = bool(rng.integers(2))
            check(
                part,
                Case(format0, format1, left, right, start, fidelity, wide, Grade.FAST, transpose=transpose, times=1),
            )


@pytest.mark.parametrize("wide", [False, True], ids=["16-bit DST", "32-bit DST"])
@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("form", range(len(FORMS)), ids=FORMS)
def test_exact_grade(forms: Callable[[int], Any], form: int, family: str, wide: bool) -> None:
    """Every pair of formats that go together and every fidelity, on all kinds of numbers in turn and both chips."""
    if family == "integers" and not wide:
        pytest.skip("integers need a 32-bit DST")
    part, rng, turn, seen = forms(form), np.random.default_rng(form), 0, 0
    for format0, format1 in ((f, g) for f in FAMILIES[family] for g in FAMILIES[family]):
        for fidelity in FIDELITIES:
            kind, of_dst = KINDS[turn % len(KINDS)], ("zero", *KINDS)[turn % (len(KINDS) + 1)]
            blackhole = turn % 2 == 0 or F.Fp8_e4m3 in (format0, format1)
            seen += check(part, exact_case(format0, format1, kind, of_dst, fidelity, wide, blackhole, rng))
            turn += 1
    assert seen > turn // 2


def exact_case(
    format0: F, format1: F, kind: str, of_dst: str, fidelity: Any, wide: bool, blackhole: bool, rng: np.random.Generator
) -> Case:
    rows, columns = (int(side) for side in rng.integers(1, 3, 2))
    return Case(
        format0,
        format1,
        pages(format0, kind, rows, rng),
        pages(format1, kind, columns, rng),
        start_of(of_dst, rows * columns, wide, info(format1).exponent_bits == 5, rng),
        fidelity,
        wide,
        chip=BLACKHOLE_TENSIX if blackhole else WORMHOLE_TENSIX,
        transpose=bool(rng.integers(2)),
    )


@pytest.mark.parametrize("form", range(len(FORMS)), ids=FORMS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    family=st.sampled_from(list(FAMILIES)),
    places=st.tuples(st.integers(0, 5), st.integers(0, 5)),
    kinds=st.tuples(st.sampled_from(KINDS), st.sampled_from(KINDS)),
    fidelity=st.sampled_from(FIDELITIES),
    wide=st.booleans(),
    blackhole=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_exact_grade_on_any_case(
    forms: Callable[[int], Any],
    form: int,
    family: str,
    places: tuple[int, int],
    kinds: tuple[str, str],
    fidelity: Any,
    wide: bool,
    blackhole: bool,
    seed: int,
) -> None:
    formats = FAMILIES[family]
    format0, format1 = (formats[place % len(formats)] for place in places)
    rng = np.random.default_rng(seed)
    blackhole = blackhole or F.Fp8_e4m3 in (format0, format1)
    case = exact_case(format0, format1, *kinds, fidelity, wide or family == "integers", blackhole, rng)
    np.testing.assert_array_equal(case.compiled(forms(form)), case.defined())


@pytest.mark.parametrize("form", range(len(FORMS)), ids=FORMS)
def test_both_kinds_of_arithmetic_are_used(forms: Callable[[int], Any], form: int) -> None:
    """Numbers at the limits of what float32 carries: just inside and just outside."""
    part, rng = forms(form), np.random.default_rng(3)
    for wide in (False, True):
        for low, high in ((84, 86), (83, 85), (24, 26), (23, 25), (180, 182), (181, 183), (240, 254), (1, 254)):
            exponent = rng.integers(low, high + 1, (2, 1024)).astype(np.uint32)
            bits = rng.integers(0, 1 << 32, (2, 1024), dtype=np.uint32) & np.uint32(0x807F_FFFF)
            left, right = ((bits | exponent << np.uint32(23)) >> np.uint32(16)).astype(np.uint16)
            start = start_of("zero", 1, wide, False, rng)
            for fidelity in FIDELITIES:
                operands = left.view(np.uint8)[None], right.view(np.uint8)[None]
                case = Case(F.Float16_b, F.Float16_b, *operands, start, fidelity, wide)
                np.testing.assert_array_equal(
                    case.compiled(part), case.defined(), f"{low} {high} {fidelity.name} {wide}"
                )
