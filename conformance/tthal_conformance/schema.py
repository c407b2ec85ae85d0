"""The JSON report: its types are its schema, documented in docs/conformance-report.md."""

from __future__ import annotations

from enum import Enum

import msgspec

FORMAT = 1
"""The report's version; a reader refuses others."""


class Outcome(str, Enum):
    """What became of a program on a backend."""

    PASSED = "passed"
    FAILED = "failed"
    UNSUPPORTED = "unsupported"
    EXPECTED_FAILURE = "expected-failure"
    UNAVAILABLE = "unavailable"


class Mismatch(msgspec.Struct):
    """The first element that is wrong: its index, and both values as text."""

    index: list[int]
    actual: str
    expected: str


class Bin(msgspec.Struct):
    """One bar of a histogram."""

    label: str
    count: int


class Check(msgspec.Struct):
    """One comparison of a program: ``wrong`` of ``total`` elements lie outside the tolerance."""

    name: str
    passed: bool
    total: int
    wrong: int
    tolerance: str
    reason: str
    first: Mismatch | None = None
    max_ulp: float | None = None
    histogram: list[Bin] = []


class Failure(msgspec.Struct):
    """An exception that ended a program: its class, its message, and where in the suite it came from."""

    type: str
    message: str
    where: str = ""


class Result(msgspec.Struct):
    """One program's result; ``reason`` says why it is not simply passed."""

    name: str
    outcome: Outcome
    kind: str
    summary: str
    requires: list[str]
    covers: list[str]
    tiers: list[str]
    seconds: float = 0.0
    reason: str = ""
    checks: list[Check] = []
    error: Failure | None = None


class Target(msgspec.Struct):
    """What was tested: the selection string and what the opened device said of itself."""

    selection: str
    available: bool = True
    reason: str = ""
    arch: str = ""
    board: str = ""
    dispatch: str = ""
    capabilities: list[str] = []
    versions: dict[str, str] = {}


class Report(msgspec.Struct):
    """A run of the suite on one backend."""

    format: int
    tthal: str
    suite: str
    digest: str
    tier: str
    created: str
    target: Target
    summary: dict[str, int]
    results: list[Result]
    notes: list[str] = []
