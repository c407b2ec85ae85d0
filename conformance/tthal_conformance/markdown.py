"""Reports as a Markdown table, for a README."""

from __future__ import annotations

from collections.abc import Sequence

from tthal_conformance.schema import Outcome, Report


def table(reports: Sequence[Report]) -> str:
    """Return counts per backend, and below them every program that did not simply pass."""
    head = "| backend | device | tier | " + " | ".join(outcome.value for outcome in Outcome) + " |"
    rule = "|---|---|---|" + "---:|" * len(Outcome)
    rows = [head, rule, *map(_row, reports)]
    suites = sorted({f"{report.suite} ({report.digest[:12]})" for report in reports})
    text = f"Conformance suite {', '.join(suites)}.\n\n" + "\n".join(rows) + "\n"
    remarks = [line for report in reports for line in _remarks(report)]
    return text + ("\n" + "\n".join(remarks) + "\n" if remarks else "")


def _row(report: Report) -> str:
    counts = " | ".join(str(report.summary[outcome.value]) for outcome in Outcome)
    target = report.target
    device = " ".join(part for part in (target.board, target.arch) if part) or "none"
    return f"| `{_cell(target.selection)}` | {_cell(device)} | {report.tier} | {counts} |"


def _remarks(report: Report) -> list[str]:
    return [
        f"- `{_cell(report.target.selection)}` {result.outcome.value}: `{result.name}`: {_cell(result.reason)}"
        for result in report.results
        if result.outcome not in (Outcome.PASSED, Outcome.UNAVAILABLE)
    ]


def _cell(text: str) -> str:
    first = text.splitlines()[0] if text else ""
    return first.replace("|", "\\|").replace("<", "&lt;")
