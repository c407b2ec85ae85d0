"""``tthal numerics chain``: an element in DST after every call."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from tthal_emulator.commands import numerics

EXP, RECIP = "exp_tile_init(); exp_tile(0)", "recip_tile_init(); recip_tile(0);"
REUSE = "<EltwiseBinaryType::ELWMUL, EltwiseBinaryReuseDestType::DEST_TO_SRCA>"


def called(*arguments: str) -> Any:
    return CliRunner().invoke(numerics, ["chain", *arguments])


def seen(*arguments: str) -> list[float]:
    """The numbers in DST, first as copied."""
    result = called(*arguments)
    assert result.exit_code == 0, result.output
    return [float(number) for number in re.findall(r"^  (?:DST )?(\S+) \(0x", result.output, re.MULTILINE)]


@pytest.mark.parametrize("board", ["n150", "p150"])
def test_functions_of_the_vector_unit_follow_each_other(board: str) -> None:
    copied, power, inverse = seen("1.1", EXP, RECIP, "--fp32-dest", "--board", board)
    assert copied == 1.1015625
    assert power == pytest.approx(np.exp(1.1015625), rel=2e-7)
    assert inverse == pytest.approx(np.exp(-1.1015625), rel=4e-7)


def test_dst_is_an_operand_and_the_packer_has_the_last_word() -> None:
    init, call = f"binary_dest_reuse_tiles_init{REUSE}(1)", f"binary_dest_reuse_tiles{REUSE}(1, 0, 0)"
    arguments = ("1.5", init, call, "--and", "0.25,2.5", "--format-out", "Bfp8_b", "--fidelity", "HiFi4")
    assert seen(*arguments) == [1.5, 1.5, 0.375]
    assert "Bfp8_b in L1: 0.375" in called(*arguments).output
    assert seen(*arguments, "--element", "0,1") == [1.5, 1.5, 3.75]


def test_a_statement_that_does_not_compile_is_named() -> None:
    result = called("1", "exp_tiel(0)")
    assert result.exit_code == 1
    assert "exp_tiel" in result.output


def test_the_example_of_the_documentation() -> None:
    text = (Path(__file__).parents[2] / "docs" / "numerics.md").read_text(encoding="utf-8")
    command_line, _, printed = text.split("$ tthal numerics chain ")[1].split("```")[0].partition("\n")
    assert called(*shlex.split(command_line)).output == printed
