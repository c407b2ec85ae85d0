"""docs/checks.md lists what the checks can find."""

from __future__ import annotations

from pathlib import Path

from tthal_check.document import table

PAGE = Path(__file__).resolve().parents[2] / "docs" / "checks.md"


def test_the_page_has_the_table_of_today() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), "python -m tthal_check.document prints the table"
