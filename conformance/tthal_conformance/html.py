"""Reports as one self-contained page: a matrix of programs and backends, each cell opening what was compared."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from tthal_conformance.schema import Bin, Check, Outcome, Report, Result

_SIGNS = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✗",
    Outcome.UNSUPPORTED: "–",
    Outcome.EXPECTED_FAILURE: "x",
    Outcome.UNAVAILABLE: "○",
}

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --passed: #1a7f37; --failed: #cf222e; --other: #8a6d00; }
body { font: 14px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
td.cell { width: 9rem; }
summary { cursor: pointer; white-space: nowrap; }
.passed { color: var(--passed); } .failed { color: var(--failed); font-weight: 600; }
.unsupported, .unavailable, .expected-failure { color: var(--other); }
.detail { padding: .4rem 0; max-width: 40rem; }
code, pre { font: 12px/1.4 ui-monospace, monospace; } pre { white-space: pre-wrap; margin: .3rem 0; }
.area { background: #8881; font-weight: 600; }
.dim { opacity: .7; }
label { margin-right: 1rem; }
body:has(#only-bad:checked) tr.good { display: none; }
"""


def page(reports: Sequence[Report]) -> str:
    """Return the page for one or more reports, one column each."""
    names = sorted({result.name for report in reports for result in report.results})
    columns = [{result.name: result for result in report.results} for report in reports]
    heads = "".join(f"<th>{escape(report.target.selection)}</th>" for report in reports)
    rows, area = [], ""
    for name in names:
        if name.split(".")[0] != area:
            area = name.split(".")[0]
            rows.append(f'<tr class="area"><td colspan="{len(reports) + 1}">{escape(area)}</td></tr>')
        rows.append(_row(name, [column.get(name) for column in columns]))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>tthal conformance</title>'
        f"<style>{_STYLE}</style></head><body><h1>tthal conformance</h1>"
        f"{''.join(map(_overview, reports))}{_warning(reports)}"
        '<p><label><input type="checkbox" id="only-bad"> only programs that did not pass everywhere</label>'
        f"{_legend()}</p>"
        f"<table><thead><tr><th>program</th>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></body></html>\n"
    )


def _warning(reports: Sequence[Report]) -> str:
    if len({report.digest for report in reports}) < 2:
        return ""
    return '<p class="failed">These reports come from different suites: the same name may mean different programs.</p>'


def _legend() -> str:
    return " ".join(f'<span class="{each.value}">{_SIGNS[each]} {each.value}</span>' for each in Outcome)


def _overview(report: Report) -> str:
    target = report.target
    counts = ", ".join(f'<span class="{name}">{count} {name}</span>' for name, count in report.summary.items() if count)
    device = " ".join(part for part in (target.board, target.arch, target.dispatch) if part)
    state = f"unavailable: {target.reason}" if not target.available else device
    versions = ", ".join(f"{name} {version}" for name, version in sorted(target.versions.items()))
    notes = "".join(f"<br>note: {escape(note)}" for note in report.notes)
    return (
        f"<p><strong>{escape(target.selection)}</strong> {escape(state)}: {counts}<br>"
        f'<span class="dim">tier {escape(report.tier)}, suite {escape(report.suite)} '
        f"<code>{escape(report.digest[:12])}</code>, tthal {escape(report.tthal)}, {escape(report.created)}"
        f"{', ' + escape(versions) if versions else ''}{notes}</span></p>"
    )


def _row(name: str, results: Sequence[Result | None]) -> str:
    known = next(result for result in results if result is not None)
    good = all(result is not None and result.outcome is Outcome.PASSED for result in results)
    about = f'<strong>{escape(name)}</strong><br><span class="dim">{escape(known.summary)}</span>'
    cells = "".join(f'<td class="cell">{_cell(result)}</td>' for result in results)
    return f'<tr class="{"good" if good else "bad"}"><td>{about}</td>{cells}</tr>'


def _cell(result: Result | None) -> str:
    if result is None:
        return '<span class="dim">not run</span>'
    sign = f'<span class="{result.outcome.value}">{_SIGNS[result.outcome]} {result.outcome.value}</span>'
    parts = [f"<p>{escape(result.reason)}</p>" if result.reason else ""]
    if result.error is not None:
        parts.append(
            f"<pre>{escape(result.error.where)} {escape(result.error.type)}: {escape(result.error.message)}</pre>"
        )
    parts += map(_check, result.checks)
    needs = f"needs {', '.join(result.requires)}; " if result.requires else ""
    parts.append(f'<p class="dim">{escape(needs)}covers {escape(", ".join(result.covers))}; {result.seconds:.2f} s</p>')
    return f'<details><summary>{sign}</summary><div class="detail">{"".join(parts)}</div></details>'


def _check(check: Check) -> str:
    verdict = "passed" if check.passed else "failed"
    text = f'<span class="{verdict}">{escape(check.name)}</span>: '
    text += f"{check.total} compared, {check.wrong} wrong; tolerance {escape(check.tolerance)}"
    text += f' <span class="dim">({escape(check.reason)})</span>'
    if check.first is not None:
        place = f" at {check.first.index}" if check.first.index else ""
        both = f"<code>{escape(check.first.actual)}</code>, expected <code>{escape(check.first.expected)}</code>"
        text += f"<br>first mismatch{place}: {both}"
    if check.max_ulp is not None:
        text += f"<br>largest error {check.max_ulp:.3g} ulp"
    return f"<p>{text}{_histogram(check.histogram)}</p>"


_BAR, _HEIGHT = 42, 60


def _histogram(bins: Sequence[Bin]) -> str:
    """Return a picture of how many elements lie how many ulps off; heights grow with the root of the count."""
    most = max((each.count for each in bins), default=0)
    if not most:
        return ""
    bars = []
    for place, each in enumerate(bins):
        tall = round(_HEIGHT * (each.count / most) ** 0.5)
        left, middle, top = place * _BAR + 3, place * _BAR + _BAR // 2, _HEIGHT - tall + 12
        box = f'x="{left}" y="{top}" width="{_BAR - 6}" height="{tall}" fill="currentColor" opacity=".55"'
        bars.append(f"<rect {box}><title>{escape(each.label)} ulp: {each.count}</title></rect>")
        bars.append(_label(middle, _HEIGHT + 24, escape(each.label)))
        if each.count:
            bars.append(_label(middle, top - 3, str(each.count)))
    size = f'width="{len(bins) * _BAR}" height="{_HEIGHT + 30}"'
    return f'<svg role="img" aria-label="errors in ulp" {size} style="display:block">{"".join(bars)}</svg>'


def _label(x: int, y: int, text: str) -> str:
    return f'<text x="{x}" y="{y}" font-size="9" text-anchor="middle" fill="currentColor">{text}</text>'
