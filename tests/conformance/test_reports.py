"""Reports: JSON, the page, the table, one screen, and their comparison."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import msgspec
import pytest

from tthal.errors import InvalidArgument
from tthal_conformance import report as reports
from tthal_conformance.compare import differences
from tthal_conformance.html import page
from tthal_conformance.markdown import table
from tthal_conformance.profile import Profile
from tthal_conformance.schema import Bin, Check, Failure, Mismatch, Outcome, Report, Result, Target

CHECK = Check(
    "a < b", False, 4, 1, "relative 0.01", "rounded", Mismatch([2], "1.0", "2.0"), 3.0, [Bin("0", 3), Bin("> 1", 1)]
)


def _result(name: str, outcome: Outcome, reason: str = "", **more: object) -> Result:
    return Result(name, outcome, "value", "Does it.", ["sfpu"], ["CreateKernel"], ["core"], reason=reason, **more)  # type: ignore[arg-type]


def _report(*results: Result, selection: str = "one") -> Report:
    names = [result.name for result in results]
    target = Target(selection, board="n150", arch="wormhole_b0")
    return reports.assemble({result.name: result for result in results}, names, "core", target, Profile())


GOOD = _result("cb.stream", Outcome.PASSED)
BAD = _result(
    "cb.blocks", Outcome.FAILED, "it <differs>", checks=[CHECK], error=Failure("KernelError", "stack & all", "x.py:1")
)
LACKING = _result("sfpu.exp", Outcome.UNSUPPORTED, "not declared")


def test_counts_and_verdict() -> None:
    found = _report(GOOD, BAD, LACKING)
    assert found.summary == {"passed": 1, "failed": 1, "unsupported": 1, "expected-failure": 0, "unavailable": 0}
    assert not reports.verdict(found)
    assert reports.verdict(_report(GOOD, LACKING))
    assert not reports.verdict(_report(LACKING)), "nothing passed"


def test_a_program_without_result_has_failed() -> None:
    found = reports.assemble({}, ["cb.stream"], "core", Target("x"), Profile())
    assert found.results[0].outcome is Outcome.FAILED
    assert "died" in found.results[0].reason


def test_a_backend_that_is_not_there_is_unavailable() -> None:
    found = _report(
        _result("cb.stream", Outcome.UNAVAILABLE, "no card"), _result("cb.blocks", Outcome.UNAVAILABLE, "no card")
    )
    assert (found.target.available, found.target.reason) == (False, "no card")
    assert "unavailable: no card" in reports.one_screen(found)


def test_unmatched_patterns_of_a_profile_are_noted() -> None:
    profile = Profile(expected_failures={"no.such": "reason"})
    found = reports.assemble({"cb.stream": GOOD}, ["cb.stream"], "core", Target("x"), profile)
    assert found.notes == ["the profile's 'no.such' matches no program"]


def test_json_and_back(tmp_path: Path) -> None:
    found = _report(GOOD, BAD)
    reports.write(found, tmp_path / "deep" / "report.json")
    assert reports.read(tmp_path / "deep" / "report.json") == found


@pytest.mark.parametrize(
    ("text", "says"), [("[]", "no conformance report"), ('{"format": 99}', "format 99"), ("x", "no conf")]
)
def test_files_that_are_no_report(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(text)
    with pytest.raises(InvalidArgument, match=says):
        reports.read(path)


def test_one_screen_is_short() -> None:
    many = [_result(f"cb.x{number}", Outcome.FAILED, "long " * 100) for number in range(100)]
    target = Target("x")
    found = Report(1, "0", "1", "d" * 64, "full", "now", target, {"failed": 100}, many)
    lines = reports.one_screen(found)
    assert len(lines) < 40
    assert max(map(len, lines)) < 200
    assert "and 75 more, see the report" in lines[-2]


def test_what_does_not_apply_is_told_by_reason() -> None:
    lacking = [_result(f"sfpu.x{number}", Outcome.UNSUPPORTED, "no vector unit") for number in range(9)]
    lines = reports.one_screen(_report(GOOD, *lacking, _result("cb.blocks", Outcome.UNSUPPORTED, "no rings")))
    assert "unsupported      sfpu.x0 and 8 more: no vector unit" in lines
    assert "unsupported      cb.blocks: no rings" in lines


def test_the_page_stands_alone() -> None:
    text = page([_report(GOOD, BAD), _report(GOOD, LACKING, selection="two")])
    assert text.startswith("<!doctype html>")
    assert "http" not in text
    assert "<script" not in text
    body = text[text.index("<body>") : text.index("</html>")].replace("</body>", "</body>")
    ElementTree.fromstring(body.replace("<br>", "<br/>").replace('id="only-bad">', 'id="only-bad"/>'))


def test_the_page_warns_of_different_suites() -> None:
    other = _report(GOOD, selection="two")
    assert "different suites" not in page([_report(GOOD), other])
    other.digest = "0" * 64
    assert "different suites" in page([_report(GOOD), other])


def test_the_page_drills_down() -> None:
    text = page([_report(GOOD, BAD)])
    assert "it &lt;differs&gt;" in text
    assert "first mismatch at [2]" in text
    assert "<code>1.0</code>, expected <code>2.0</code>" in text
    assert "stack &amp; all" in text
    assert "<svg" in text
    assert "largest error 3 ulp" in text


def test_the_table() -> None:
    text = table([_report(GOOD, BAD), _report(GOOD, selection="two|three")])
    assert "| `one` | n150 wormhole_b0 | core | 1 | 1 | 0 | 0 | 0 |" in text
    assert "two\\|three" in text
    assert "- `one` failed: `cb.blocks`: it &lt;differs>" in text


def test_differences() -> None:
    before = _report(GOOD, BAD, LACKING)
    after = _report(_result("cb.stream", Outcome.FAILED, "broken"), _result("cb.blocks", Outcome.PASSED))
    found = differences(before, after)
    assert [(each.program, each.is_worse) for each in found] == [
        ("cb.stream", True),
        ("cb.blocks", False),
        ("sfpu.exp", False),
    ]
    assert str(found[0]) == "- cb.stream: passed -> failed; broken"
    assert differences(before, before) == []


def test_the_schema_is_documented(project_root: Path) -> None:
    text = (project_root / "docs" / "conformance-report.md").read_text()
    for kind in (Report, Target, Result, Check, Mismatch, Bin, Failure):
        for field in msgspec.structs.fields(kind):
            assert f"`{field.name}`" in text, f"{kind.__name__}.{field.name} is not documented"
    for outcome in Outcome:
        assert f"`{outcome.value}`" in text
