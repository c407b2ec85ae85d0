"""Findings as text of 100 columns, as JSON, and as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from tthal import __version__
from tthal.columns import counted, fitted, unfolded
from tthal.errors import DeadlockError, Finding, KernelError, LaunchError, SourceLocation

from .document import general
from .findings import BY_ID

_DOCUMENTATION = "docs/checks.md"
_SARIF_VERSION = "2.1.0"
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Report:
    """What there is to say of a script.

    Attributes:
        findings: with how often each came.
        suppressed: how often something was found that is not to be told; ``allowed`` are those that comments name.
        failures: errors that ended a launch in which no check found one.
        exit_code: of ``tthal check``.
        completed: whether the script ended well.
    """

    findings: Mapping[Finding, int]
    suppressed: int = 0
    allowed: Mapping[Finding, int] = field(default_factory=dict)
    failures: Sequence[LaunchError] = ()
    exit_code: int = 0
    completed: bool = True


def text_report(report: Report) -> str:
    """Return all findings as lines of at most 100 columns; a path that is longer stays whole."""
    left_out = f", {report.suppressed} suppressed" if report.suppressed else ""
    blocks = [_block(finding, times) for finding, times in report.findings.items()]
    errors = sum(1 for finding in report.findings if finding.severity == "error")
    counts = f"{counted(errors, 'error')}, {counted(len(report.findings) - errors, 'warning')}{left_out}"
    return "\n\n".join([*blocks, counts]) + "\n"


def write_report(path: Path, report: Report) -> None:
    """Write ``path`` as its ending says: ``.json``, ``.sarif``, or text."""
    made = {".json": json_report, ".sarif": sarif_report}.get(path.suffix)
    failures = "".join(f"error: {type(each).__name__}: {each}\n\n" for each in report.failures)
    text = json.dumps(made(report), indent=2) + "\n" if made else failures + text_report(report)
    path.write_text(text, encoding="utf-8")


def json_report(report: Report) -> dict[str, Any]:
    """Return a document with all findings and all that is known of each."""
    return {
        "tool": "tthal check",
        "version": __version__,
        "exit_code": report.exit_code,
        "completed": report.completed,
        "findings": [_json(*item) for item in report.findings.items()],
        "failures": [_failure(error) for error in report.failures],
        "suppressed": report.suppressed,
        "allowed": [_json(*item) for item in report.allowed.items()],
    }


def sarif_report(report: Report) -> dict[str, Any]:
    """Return a SARIF log of one run; ids of findings and names of errors are its rules."""
    ids = sorted({finding.id for finding in (*report.findings, *report.allowed)})
    names = sorted({type(error).__name__ for error in report.failures})
    rules = [*map(_rule, ids), *map(_failure_rule, names)]
    results = [_result(finding, times, ids) for finding, times in report.findings.items()]
    results += [
        _result(finding, times, ids) | {"suppressions": [{"kind": "inSource"}]}
        for finding, times in report.allowed.items()
    ]
    results += [_failure_result(error, [*ids, *names]) for error in report.failures]
    run = {
        "tool": {"driver": {"name": "tthal check", "version": __version__, "rules": rules}},
        "invocations": [{"executionSuccessful": report.completed, "exitCode": report.exit_code}],
        "results": results,
        "columnKind": "unicodeCodePoints",
        "properties": {"suppressed": report.suppressed},
    }
    return {"$schema": _SARIF_SCHEMA, "version": _SARIF_VERSION, "runs": [run]}


def _failure(error: LaunchError) -> dict[str, Any]:
    waiting = error.waiting if isinstance(error, DeadlockError) else ()
    return {
        "kind": type(error).__name__,
        "message": unfolded(str(error)),
        "location": _place(_where(error)),
        "waiting": [
            {
                "core": list(state.core),
                "processor": state.processor,
                "kernel": state.kernel,
                "state": state.state,
                "location": _place(state.location),
            }
            for state in waiting
        ],
    }


def _where(error: LaunchError) -> SourceLocation | None:
    """Return the line that an error is about; of a deadlock that of the first who waits and has one."""
    if isinstance(error, KernelError):
        return SourceLocation(error.file, error.line) if error.file is not None and error.line else None
    waiting = error.waiting if isinstance(error, DeadlockError) else ()
    return next((state.location for state in waiting if state.location is not None), None)


def _failure_rule(name: str) -> dict[str, Any]:
    texts = {
        "DeadlockError": "Every unfinished processor waits.",
        "KernelError": "A kernel did something illegal, or never ends.",
    }
    return {
        "id": name,
        "shortDescription": {"text": texts.get(name, "A launch failed.")},
        "help": {"text": f"See {_DOCUMENTATION}."},
        "defaultConfiguration": {"level": "error"},
    }


def _failure_result(error: LaunchError, rules: list[str]) -> dict[str, Any]:
    name, place = type(error).__name__, _where(error)
    result: dict[str, Any] = {
        "ruleId": name,
        "ruleIndex": rules.index(name),
        "level": "error",
        "message": {"text": unfolded(str(error))},
        "occurrenceCount": 1,
    }
    return result | ({"locations": [_physical(place)]} if place is not None else {})


def _block(finding: Finding, times: int) -> str:
    often = f" ({times} times)" if times > 1 else ""
    return fitted(f"{finding.severity}: {unfolded(str(finding))}{often}")


def _json(finding: Finding, times: int) -> dict[str, Any]:
    return {
        "id": finding.id,
        "severity": finding.severity,
        "message": finding.message,
        "fix": finding.fix,
        "core": list(finding.core),
        "processor": finding.processor,
        "kernel": finding.kernel,
        "location": _place(finding.location),
        "frames": [{"function": frame.function, "location": _place(frame.location)} for frame in finding.frames],
        "other": finding.other or None,
        "other_location": _place(finding.other_location),
        "times": times,
    }


def _place(location: SourceLocation | None) -> dict[str, Any] | None:
    return {"file": location.file, "line": location.line, "column": location.column} if location else None


def _rule(id: str) -> dict[str, Any]:
    kind = BY_ID[id]
    return {
        "id": id,
        "shortDescription": {"text": general(kind.text)},
        "help": {"text": f"See {_DOCUMENTATION}."},
        "defaultConfiguration": {"level": kind.severity.value},
    }


def _result(finding: Finding, times: int, ids: list[str]) -> dict[str, Any]:
    core = f"core ({finding.core[0]},{finding.core[1]}) {finding.processor}, kernel {finding.kernel}"
    result: dict[str, Any] = {
        "ruleId": finding.id,
        "ruleIndex": ids.index(finding.id),
        "level": finding.severity,
        "message": {"text": f"{core}: {finding.message}. Fix: {finding.fix}."},
        "occurrenceCount": times,
    }
    if finding.location is not None:
        result["locations"] = [_physical(finding.location)]
    if finding.other_location is not None:
        related = _physical(finding.other_location)
        result["relatedLocations"] = [{"id": 1, **related, "message": {"text": finding.other}}]
    return result


def _physical(location: SourceLocation) -> dict[str, Any]:
    region = {"startLine": location.line} | ({"startColumn": location.column} if location.column else {})
    uri = PurePosixPath(location.file.replace("\\", "/"))
    artifact = {"uri": uri.as_uri() if uri.is_absolute() else str(uri).replace(" ", "%20")}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}
