"""Runs one program on one backend and says what became of it."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import tthal as ttnn
from tthal.device_interface import DeviceProperties
from tthal.errors import BackendUnavailable
from tthal.selection import BACKEND_VARIABLE, Selection
from tthal_conformance.catalogue import tiers_of
from tthal_conformance.comparison import compare
from tthal_conformance.declaration import ConformanceProgram
from tthal_conformance.profile import Profile
from tthal_conformance.run import NotApplicable, Run
from tthal_conformance.schema import Failure, Outcome, Result, Target

SUFFIX = ".tttrace"


@dataclass(slots=True)
class Bench:
    """Where and how programs are run.

    Attributes:
        selection: the backend; ``replay:FOLDER`` takes each program's trace from the folder.
        record: a folder that gets a trace of every program.
        against: a folder of traces whose outputs the backend's are compared with.
        target: what the last opened device said of itself.
    """

    selection: Selection
    profile: Profile = field(default_factory=Profile)
    record: Path | None = None
    against: Path | None = None
    target: Target = field(init=False)

    def __post_init__(self) -> None:
        self.target = Target(str(self.selection))

    def run(self, program: ConformanceProgram) -> Result:
        """Run a program; nothing it does wrong escapes."""
        started = time.perf_counter()
        run, result = self._attempt(program)
        if run.properties is not None:
            self.target = describe(str(self.selection), run.properties)
        if self.against is not None and result.outcome is Outcome.PASSED:
            _compare_recorded(program, run, result, self.against / f"{program.name}{SUFFIX}")
        _judge_expected(result, self.profile.expected_failure(program.name))
        result.seconds = round(time.perf_counter() - started, 3)
        return result

    def selection_for(self, program: str) -> Selection:
        """Return the selection string that a program runs with."""
        folder = self.selection.argument
        if self.selection.backend == "replay" and os.path.isdir(folder):
            return replace(self.selection, argument=str(Path(folder) / f"{program}{SUFFIX}"))
        return self.selection

    def _attempt(self, program: ConformanceProgram) -> tuple[Run, Result]:
        selection = self.selection_for(program.name)
        if selection is not self.selection and not os.path.exists(selection.argument):
            reason = f"{self.selection.argument} holds no recording of it"
            return Run(program, str(selection)), _result(program, Outcome.UNAVAILABLE, reason)
        if self.record is None:
            return attempt(program, str(selection))
        self.record.mkdir(parents=True, exist_ok=True)
        path = self.record / f"{program.name}{SUFFIX}"
        with ttnn.record(path, overwrite=True):
            run, result = attempt(program, str(selection))
        if result.outcome is Outcome.UNAVAILABLE:
            path.unlink(missing_ok=True)
        return run, result


def attempt(program: ConformanceProgram, selection: str) -> tuple[Run, Result]:
    """Run a program once on a backend."""
    run = Run(program, selection)
    result = _result(program, Outcome.PASSED)
    with _selected(selection):
        try:
            run.open()
            program.body(run)
            run.close()
        except NotApplicable as error:
            result.outcome, result.reason = Outcome.UNSUPPORTED, str(error)
        except BackendUnavailable as error:
            result.outcome, result.reason = Outcome.UNAVAILABLE, str(error)
        except Exception as error:  # noqa: BLE001 - whatever a backend raises is a finding
            result.outcome, result.error = Outcome.FAILED, _failure(error)
            result.reason = f"{result.error.type}: {result.error.message.splitlines()[0] if str(error) else ''}"
        finally:
            run.abandon()
    result.checks = run.checks
    if result.outcome is Outcome.PASSED:
        _judge_checks(result)
    return run, result


def describe(selection: str, properties: DeviceProperties) -> Target:
    """Return what a device says of itself, for a report."""
    return Target(
        selection=selection,
        arch=properties.arch.value,
        board=properties.board,
        dispatch=properties.dispatch_mode.value,
        capabilities=sorted(each.value for each in properties.capabilities),
        versions=dict(properties.library_versions),
    )


def _judge_checks(result: Result) -> None:
    failed = [check for check in result.checks if not check.passed]
    if failed:
        first = failed[0]
        result.outcome = Outcome.FAILED
        result.reason = f"{first.name}: {first.wrong} of {first.total} wrong"
        if first.first is not None:
            place = f" at {first.first.index}" if first.first.index else ""
            result.reason += f"; first{place}: {first.first.actual}, expected {first.first.expected}"
    elif not result.checks:
        result.outcome, result.reason = Outcome.FAILED, "the program checked nothing"


def _judge_expected(result: Result, reason: str) -> None:
    if not reason:
        return
    if result.outcome is Outcome.FAILED:
        result.outcome, result.reason = Outcome.EXPECTED_FAILURE, f"{reason} ({result.reason})"
    elif result.outcome is Outcome.PASSED:
        result.outcome = Outcome.FAILED
        result.reason = f"it passes, but the backend's profile lists it as an expected failure: {reason}"


def _compare_recorded(program: ConformanceProgram, run: Run, result: Result, trace: Path) -> None:
    if not trace.exists():
        result.outcome, result.reason = Outcome.UNAVAILABLE, f"{trace} does not exist: nothing to compare with"
        return
    recorded, replayed = attempt(program, f"replay:{trace}")
    if replayed.outcome is Outcome.UNSUPPORTED:
        # What it needs is no part of a trace, prints for instance; that it passed here is all there is to say.
        result.reason = f"not compared with the recording: {replayed.reason}"
        return
    if replayed.outcome is not Outcome.PASSED:
        result.outcome, result.error = Outcome.FAILED, replayed.error
        result.reason = f"the recording {trace} does not replay: {replayed.reason}"
        return
    for ours, theirs in zip(run.outputs, recorded.outputs, strict=True):
        name = f"{ours.name}, against the recording"
        result.checks.append(compare(name, ours.values, theirs.values, ours.tolerance.between_two(), ours.scale))
    _judge_checks(result)


def _result(program: ConformanceProgram, outcome: Outcome, reason: str = "") -> Result:
    return Result(
        name=program.name,
        outcome=outcome,
        kind=program.kind.value,
        summary=program.summary,
        requires=program.requirements.words(),
        covers=list(program.covers),
        tiers=tiers_of(program.name),
        reason=reason,
    )


def _failure(error: BaseException) -> Failure:
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if "tthal_conformance" in Path(frame.filename).parts]
    where = f"{Path(inside[-1].filename).name}:{inside[-1].lineno}" if inside else ""
    return Failure(type(error).__name__, str(error), where)


@contextmanager
def _selected(selection: str) -> Iterator[None]:
    before = os.environ.get(BACKEND_VARIABLE)
    os.environ[BACKEND_VARIABLE] = selection
    try:
        yield
    finally:
        if before is None:
            del os.environ[BACKEND_VARIABLE]
        else:
            os.environ[BACKEND_VARIABLE] = before
