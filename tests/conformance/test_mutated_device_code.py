"""Deliberately broken device headers and kernel library: a copy of the C++ with one mistake, caught by a program."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import tthal_emulator.compiler.compiler as compiler_module
import tthal_emulator.device as device_module
from tthal_conformance.schema import Outcome

pytestmark = pytest.mark.slow
HEADERS, LIBRARY = "include", "library"
KERNEL_SIDE = Path(device_module.__file__).parent / "kernel_side"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: where, what stands there, what stands there instead, and the program that must notice."""

    folder: str
    file: str
    before: str
    after: str
    program: str


MUTANTS = {
    "pages are never pushed": Mutant(
        HEADERS, "tthal/dataflow/circular_buffers.h", ".received += pages;", ".received += 0;", "cb.stream"
    ),
    "pages are never popped": Mutant(
        HEADERS, "tthal/dataflow/circular_buffers.h", ".acked += pages;", ".acked += 0;", "cb.stream"
    ),
    "rounding truncates": Mutant(LIBRARY, "simd.h", "splat(1u << (bits - 1))", "splat(0)", "compute.add_rounds"),
    "subtraction adds": Mutant(
        LIBRARY,
        "tile_elementwise.cpp",
        "BinaryOperation::SUB ? SIGN : 0",
        "BinaryOperation::SUB ? 0 : 0",
        "compute.sub",
    ),
    "sums of products forget DST": Mutant(
        LIBRARY,
        "tile_elementwise.cpp",
        "wasm_f32x4_add(old, wasm_f32x4_mul(a, b))",
        "wasm_f32x4_mul(a, a)",
        "compute.mul",
    ),
}
CASES = pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)


@CASES
def test_a_mutant_is_caught(mutant: Mutant, run_program: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_program(mutant.program).outcome is Outcome.PASSED
    copy = tmp_path / mutant.folder
    shutil.copytree(KERNEL_SIDE / mutant.folder, copy)
    text = (copy / mutant.file).read_text(encoding="utf-8")
    assert mutant.before in text, f"{mutant.file} does not say {mutant.before!r} any more"
    (copy / mutant.file).write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
    if mutant.folder == HEADERS:
        monkeypatch.setattr(device_module, "INCLUDE_FOLDER", copy)
    else:
        monkeypatch.setattr(compiler_module, "LIBRARY_FOLDER", copy)
    result = run_program(mutant.program)
    assert result.outcome is Outcome.FAILED
    assert result.reason
    assert "does not compile" not in result.reason
