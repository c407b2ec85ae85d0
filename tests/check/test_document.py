"""docs/checks.md lists what the checks can find, docs/findings has a page of each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tthal.columns import COLUMNS, unfolded
from tthal_check.document import table
from tthal_check.findings import KINDS, Kind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "checks.md"


def test_the_page_has_the_table_of_today() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), "python -m tthal_check.document prints the table"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.id)
def test_every_finding_has_a_page_with_a_report(kind: Kind) -> None:
    text = (PAGE.parent / "findings" / f"{kind.id}.md").read_text(encoding="utf-8")
    report = re.search(r"^## The report\n.*?^```text\n(.*?)^```$", text, re.M | re.S)
    assert report is not None, f"python tools/finding_pages.py --only {kind.id} writes it"
    assert f"[{kind.id}]" in unfolded(report[1])
    assert max(map(len, report[1].splitlines())) <= COLUMNS
