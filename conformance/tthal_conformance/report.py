"""Making, reading, writing and summing up reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path

import msgspec

from tthal import __version__
from tthal.errors import InvalidArgument
from tthal_conformance import SUITE_VERSION
from tthal_conformance.catalogue import digest, programs, tiers_of
from tthal_conformance.declaration import ConformanceProgram
from tthal_conformance.profile import Profile
from tthal_conformance.schema import FORMAT, Outcome, Report, Result, Target

MOST_LISTED = 25


def assemble(
    results: Mapping[str, Result], names: Iterable[str], tier: str, target: Target, profile: Profile
) -> Report:
    """Return the report of a run over ``names``; a program without a result has failed."""
    listed = [results.get(name) or _lost(programs()[name]) for name in sorted(names)]
    unavailable = [result for result in listed if result.outcome is Outcome.UNAVAILABLE]
    if listed and len(unavailable) == len(listed):
        target = msgspec.structs.replace(target, available=False, reason=unavailable[0].reason)
    counts = Counter(result.outcome for result in listed)
    return Report(
        format=FORMAT,
        tthal=__version__,
        suite=SUITE_VERSION,
        digest=digest(),
        tier=tier,
        created=datetime.now(timezone.utc).isoformat(timespec="seconds"),
        target=target,
        summary={outcome.value: counts[outcome] for outcome in Outcome},
        results=listed,
        notes=[f"the profile's {each!r} matches no program" for each in profile.unmatched(programs())],
    )


def _lost(program: ConformanceProgram) -> Result:
    return Result(
        name=program.name,
        outcome=Outcome.FAILED,
        kind=program.kind.value,
        summary=program.summary,
        requires=program.requirements.words(),
        covers=list(program.covers),
        tiers=tiers_of(program.name),
        reason="there is no result: the process that ran it died or was stopped",
    )


def write(report: Report, path: Path) -> None:
    """Write a report as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=1))


def read(path: Path) -> Report:
    """Read a report.

    Raises:
        InvalidArgument: it is no report, or one of another format.
    """
    try:
        version = msgspec.json.decode(path.read_bytes(), type=_Version).format
        if version != FORMAT:
            raise InvalidArgument(
                f"{path} has format {version}, this tthal reads {FORMAT}; update the older of the two"
            )
        return msgspec.json.decode(path.read_bytes(), type=Report)
    except msgspec.MsgspecError as error:
        raise InvalidArgument(f"{path} is no conformance report: {error}") from None


class _Version(msgspec.Struct):
    format: int


def verdict(report: Report) -> bool:
    """Whether the backend conforms as far as it was tested: nothing failed, and something passed."""
    return report.summary[Outcome.FAILED.value] == 0 and report.summary[Outcome.PASSED.value] > 0


def headline(report: Report) -> str:
    """Return the counts in one line."""
    counts = ", ".join(f"{count} {name}" for name, count in report.summary.items() if count)
    return f"{report.target.selection}: {counts or 'nothing ran'}"


def one_screen(report: Report) -> list[str]:
    """Return what a person wants to know first, in at most a screen of lines."""
    target = report.target
    known = " ".join(part for part in (target.board, target.arch, target.dispatch) if part)
    lines = [
        f"suite {report.suite} ({report.digest[:12]}), tier {report.tier}, tthal {report.tthal}",
        f"device: {known or 'none opened'}",
        *(f"note: {note}" for note in report.notes),
    ]
    if not target.available:
        lines.append(f"unavailable: {target.reason}")
    for outcome in (Outcome.FAILED, Outcome.EXPECTED_FAILURE):
        found = [result for result in report.results if result.outcome is outcome]
        lines += [f"{outcome.value:16} {result.name}: {_short(result.reason)}" for result in found[:MOST_LISTED]]
        if len(found) > MOST_LISTED:
            lines.append(f"{outcome.value:16} and {len(found) - MOST_LISTED} more, see the report")
    lines += _unsupported(report)
    return [*lines, headline(report)]


def _unsupported(report: Report) -> list[str]:
    """Return one line for each reason why programs do not apply, with how many there are."""
    found = [result for result in report.results if result.outcome is Outcome.UNSUPPORTED]
    lines = []
    for reason, count in Counter(result.reason for result in found).most_common(MOST_LISTED):
        first = next(result.name for result in found if result.reason == reason)
        names = first if count == 1 else f"{first} and {count - 1} more"
        lines.append(f"{Outcome.UNSUPPORTED.value:16} {names}: {_short(reason)}")
    return lines


def _short(text: str, limit: int = 160) -> str:
    first = text.splitlines()[0] if text else ""
    return first if len(first) <= limit else first[: limit - 1] + "…"
