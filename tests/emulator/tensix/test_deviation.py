"""The table of the fast grade's deviation: complete, and within what is promised."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tthal.types import DataFormat
from tthal_emulator.tensix.deviation import FORMATS, WITH_FIDELITY, WITHOUT_FIDELITY, Deviation, measure, table


@pytest.fixture(scope="module")
def rows() -> list[Deviation]:
    return measure()


def test_every_combination_has_a_row(rows: list[Deviation]) -> None:
    assert len(rows) == 2 * len(FORMATS) * (len(WITHOUT_FIDELITY) + 4 * len(WITH_FIDELITY))
    assert len({(r.operation, r.data_format, r.fp32_dest_acc_en, r.fidelity) for r in rows}) == len(rows)


def test_moves_and_32_bit_products_are_the_same(rows: list[Deviation]) -> None:
    for row in rows:
        if row.operation in ("copy", "reduce max row") or (row.fp32_dest_acc_en and row.operation.startswith("mul")):
            assert (row.equal, row.worst) == (1.0, 0.0), row


def test_arithmetic_stays_close(rows: list[Deviation]) -> None:
    """Units of bfloat16 with 16-bit DST, 11 aligned bits with 32-bit DST; a block-float code at its coarsest.

    A scalar sum is one number whose terms cancel, so its relative error says nothing.
    """
    for row in rows:
        if row.operation == "reduce sum scalar":
            continue
        coarse = row.data_format is DataFormat.Bfp8_b or not row.fp32_dest_acc_en
        assert row.frobenius <= (1e-2 if coarse else 2e-3), row
        assert row.worst <= (2e-2 if coarse else 5e-3), row


def test_some_rows_differ(rows: list[Deviation]) -> None:
    assert any(row.equal < 0.5 for row in rows)


def test_table_is_printed_by_the_module(rows: list[Deviation]) -> None:
    command = [sys.executable, "-m", "tthal_emulator.tensix.deviation"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.rstrip("\n") == table(rows)
