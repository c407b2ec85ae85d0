"""Explanations of single elements: the steps lead to what whole tiles give, for any operands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tthal.types import DataFormat, MathFidelity
from tthal_emulator.board.tensix_traits import BLACKHOLE_TENSIX, WORMHOLE_TENSIX, TensixTraits
from tthal_emulator.commands import numerics
from tthal_emulator.tensix.errors import TensixError
from tthal_emulator.tensix.explain import OPERATIONS, Question, explain
from tthal_emulator.tensix.fpu import Sum
from tthal_emulator.tensix.operations import Follow

F = DataFormat
FORMATS = (F.Float16_b, F.Float32, F.Bfp8_b, F.Bfp4_b, F.Float16)


def question(operation: str, seed: int, form: DataFormat, chip: TensixTraits, wide: bool) -> Question:
    """Numbers of widely different size, zeros and special values among them."""
    rng = np.random.default_rng(seed)
    k = 3 if operation == "matmul" else 1
    a, b = (rng.standard_normal((32 * k, 32)) * 2.0 ** rng.integers(-9, 9, (32 * k, 32)) for _ in range(2))
    for values in (a, b):
        values[rng.random(values.shape) < 0.1] = 0
    element = {"sum-row": (int(rng.integers(32)), 0), "sum-col": (0, int(rng.integers(32)))}
    return Question(
        operation,
        np.ascontiguousarray(a.T if k > 1 else a, np.float32),
        b.astype(np.float32),
        (form, form, form),
        element.get(operation, (int(rng.integers(32)), int(rng.integers(32)))),
        chip,
        [f for f in MathFidelity if f.name != "Invalid"][seed % 4],
        wide,
    )


@pytest.mark.parametrize("wide", [False, True], ids=["16-bit", "32-bit"])
@pytest.mark.parametrize("chip", [WORMHOLE_TENSIX, BLACKHOLE_TENSIX], ids=lambda chip: chip.chip)
@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.name)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_steps_lead_to_the_tile(operation: str, form: DataFormat, chip: TensixTraits, wide: bool) -> None:
    """`explain` raises when they do not; what was packed is near the truth."""
    for seed in range(8):
        asked = question(operation, seed, form, chip, wide)
        found = explain(asked)
        assert next(step.title for step in found.steps) == "In L1"
        assert found.steps[-1].title == "Packed"
        if form is F.Float32 and wide and asked.fidelity.name == "HiFi4":
            scale = float(np.abs(asked.a).max() * np.abs(asked.b).max())
            assert abs(found.packed - found.in_float64) <= 0.01 * scale


def test_an_error_in_the_steps_does_not_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = question("matmul", 1, F.Float16_b, WORMHOLE_TENSIX, False)
    right = explain(asked)
    nothing = Sum(np.zeros((1, 1), np.int32), np.zeros((1, 1), np.int32))
    monkeypatch.setattr("tthal_emulator.tensix.explain.fpu.group_sum", lambda *_: nothing)
    with pytest.raises(TensixError, match="report this"):
        explain(asked)
    assert right.dst


def test_mixed_row_sums_follow_chips_or_simulators() -> None:
    values = np.zeros((32, 32), np.float32)
    values[0, :4] = [1.265625, 1.7890625, 0.271484375, 1.671875]
    asked = Question(
        "sum-row", values, np.ones((32, 32), np.float32), (F.Float32, F.Float16_b, F.Float16_b), (0, 0),
        WORMHOLE_TENSIX, fp32_dest_acc_en=True,
    )  # fmt: skip
    assert explain(asked).packed == 4.96875
    assert explain(replace(asked, follow=Follow.SIMULATOR)).packed == 5.0


def command(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(numerics, ["explain", *words])
    return result.exit_code, result.output


def test_the_command_takes_numbers() -> None:
    code, text = command("add", "1.0", "-1.0009765625", "--format", "float32", "--fp32-dest")
    assert code == 0
    assert "SrcA, Tf32: 1\n" in text
    assert "SrcB, Tf32: -1.00097656" in text
    assert "-0.0009765625; what was packed differs by 0" in text


def test_the_command_takes_files(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.full((32, 64), 2.0))
    np.save(tmp_path / "b.npy", np.full((64, 32), 0.5))
    code, text = command(
        "matmul", str(tmp_path / "a.npy"), str(tmp_path / "b.npy"), "--fidelity", "LoFi", "--element", "3,17"
    )
    assert code == 0
    assert "MVMUL, phase 0, k 48..63" in text
    assert "phase 1" not in text
    assert "64; what was packed differs by 0" in text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "1"), "add needs a second operand"),
        (("add", "1", "two"), "neither a .npy file nor numbers"),
        (("add", "missing.npy", "1"), "cannot read missing.npy"),
        (("add", "1", "1", "--format", "Float16b"), "did you mean 'Float16_b'"),
        (("add", "1", "1", "--format", "Int32"), "no format 'Int32'"),
        (("add", "1", "1", "--format", "Fp8_e4m3"), "exists on Blackhole only"),
        (("copy", "1", "--element", "3"), "not ROW,COLUMN"),
        (("copy", "1", "--element", "3,32"), "outside of a 32x32 tile"),
        (("sum-row", "1", "--element", "3,1"), "leaves its sums in column 0"),
        (("mul", ",".join("1" * 40), "1"), "40 numbers do not fit"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, tuple) else None,
)
def test_bad_input_says_what_is_wanted(words: tuple[str, ...], said: str) -> None:
    code, text = command(*words)
    assert code != 0
    assert said.lower() in " ".join(text.lower().split())
    assert "Traceback" not in text


def test_the_example_of_the_documentation() -> None:
    text = (Path(__file__).parents[3] / "docs" / "numerics.md").read_text(encoding="utf-8")
    command_line, _, printed = text.split("$ tthal numerics explain ")[1].split("```")[0].partition("\n")
    assert command(*command_line.split()) == (0, printed)
