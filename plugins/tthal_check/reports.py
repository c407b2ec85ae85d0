"""Findings as text of 100 columns, as JSON, and as SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from tthal import __version__
from tthal.columns import counted, fitted, unfolded
from tthal.errors import Finding, SourceLocation

from .document import general
from .findings import BY_ID

_DOCUMENTATION = "docs/checks.md"
_SARIF_VERSION = "2.1.0"
_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def text_report(findings: Mapping[Finding, int], suppressed: int = 0) -> str:
    """Return all findings as lines of at most 100 columns; a path that is longer stays whole."""
    left_out = f", {suppressed} suppressed" if suppressed else ""
    blocks = [_block(finding, times) for finding, times in findings.items()]
    errors = sum(1 for finding in findings if finding.severity == "error")
    return (
        "\n\n".join([*blocks, f"{counted(errors, 'error')}, {counted(len(findings) - errors, 'warning')}{left_out}"])
        + "\n"
    )


def write_report(path: Path, findings: Mapping[Finding, int]) -> None:
    """Write ``path`` as its ending says: ``.json``, ``.sarif``, or text."""
    made = {".json": json_report, ".sarif": sarif_report}.get(path.suffix)
    text = json.dumps(made(findings), indent=2) + "\n" if made else text_report(findings)
    path.write_text(text, encoding="utf-8")


def json_report(findings: Mapping[Finding, int]) -> dict[str, Any]:
    """Return a document with all findings and all that is known of each."""
    return {"tool": "tthal check", "version": __version__, "findings": [_json(*item) for item in findings.items()]}


def sarif_report(findings: Mapping[Finding, int]) -> dict[str, Any]:
    """Return a SARIF log of one run; ids of findings are its rules."""
    ids = sorted({finding.id for finding in findings})
    driver = {
        "name": "tthal check",
        "version": __version__,
        "informationUri": "https://github.com/tenstorrent/tt-metal",
        "rules": [_rule(id) for id in ids],
    }
    results = [_result(finding, times, ids) for finding, times in findings.items()]
    return {
        "$schema": _SARIF_SCHEMA,
        "version": _SARIF_VERSION,
        "runs": [{"tool": {"driver": driver}, "results": results, "columnKind": "unicodeCodePoints"}],
    }


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
