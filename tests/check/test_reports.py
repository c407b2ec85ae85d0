"""Findings as data: on the exception, as events, and in the reports of ``tthal check``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from copying import BARRIER, CORRECT, READ, READER, WRITE, WRITER, run

import tthal as ttnn
from tthal.cli.root import tthal
from tthal.device_interface import Event, FindingReported
from tthal.errors import DeadlockError, Finding, Frame, KernelError, ProcessorState, SourceLocation
from tthal_check.listener import CheckWarning
from tthal_check.reports import Report, json_report, sarif_report, text_report

FLUSHED = WRITER.replace("noc_async_write_barrier", "noc_async_writes_flushed")
MISTAKEN = {**CORRECT, READ: READER.replace(BARRIER, ""), WRITE: FLUSHED}
LINE = SourceLocation("my kernels/reader.cpp", 7, 3)
FOUND = {
    Finding(
        "TT-CB-001",
        "error",
        "cb_push_back of circular buffer 0 while a read into the page is still on its way",
        "call noc_async_read_barrier() between the read and the push",
        (1, 2),
        "NCRISC",
        "reader.cpp",
        (Frame("kernel_main", LINE),),
        "the read: core (1,2) NCRISC, kernel reader.cpp at reader.cpp:6:9",
        SourceLocation("my kernels/reader.cpp", 6, 9),
    ): 3,
    Finding("TT-CB-012", "warning", "2 pages were pushed", "is a consumer missing?", (0, 0), "BRISC", "x.cpp"): 1,
}


def test_the_exception_has_all_findings_when_asked() -> None:
    with (
        ttnn.open_device(0, backend="emulator?findings=all") as device,
        pytest.warns(CheckWarning, match="TT-END-003"),
        pytest.raises(ttnn.KernelError) as caught,
    ):
        run(device, MISTAKEN)
    ids = [finding.id for finding in caught.value.findings]
    assert ids == ["TT-CB-001", "TT-END-001"]
    first = caught.value.findings[0]
    assert (first.core, first.processor, first.severity) == ((0, 0), "NCRISC", "error")
    assert first.location is not None
    assert first.other_location is not None
    assert (first.location.line, first.other_location.line) == (7, 6)
    assert str(caught.value).startswith(str(first))


def test_findings_are_events_and_warnings_name_the_kernels_line() -> None:
    events: list[Event] = []
    with ttnn.open_device(0) as device:
        device.subscribe(events.append)
        with pytest.warns(CheckWarning, match="TT-END-003") as told:
            assert run(device, {**CORRECT, WRITE: FLUSHED})
    assert [event.finding.id for event in events if isinstance(event, FindingReported)] == ["TT-END-003"]
    assert (told[0].filename, told[0].lineno) == ("Kernel_Source_Code", 6)


def test_text_fits_a_hundred_columns() -> None:
    text = text_report(Report(FOUND))
    assert max(map(len, text.splitlines())) <= 100
    assert "(3 times)" in text
    assert text.endswith("1 error, 1 warning\n")


def test_json_has_all_that_is_known() -> None:
    first, second = json_report(Report(FOUND))["findings"]
    assert first["id"] == "TT-CB-001"
    assert first["location"] == {"file": "my kernels/reader.cpp", "line": 7, "column": 3}
    assert first["other_location"]["line"] == 6
    assert first["times"] == 3
    assert second["location"] is None
    json.dumps(json_report(Report(FOUND)))


URI = {"type": "string", "format": "uri-reference", "pattern": "^[^ ]*$"}
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
PLACE = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "id": {"type": "integer", "minimum": -1},
        "message": TEXT,
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "additionalProperties": False,
            "properties": {
                "artifactLocation": {"type": "object", "properties": {"uri": URI}, "additionalProperties": False},
                "region": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {name: {"type": "integer", "minimum": 1} for name in ("startLine", "startColumn")},
                },
            },
        },
    },
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RULE = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string"},
        "shortDescription": TEXT,
        "help": TEXT,
        "defaultConfiguration": {"type": "object", "properties": {"level": LEVEL}, "additionalProperties": False},
    },
    "additionalProperties": False,
}
RESULT = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "ruleId": {"type": "string"},
        "ruleIndex": {"type": "integer", "minimum": -1},
        "level": LEVEL,
        "message": TEXT,
        "occurrenceCount": {"type": "integer", "minimum": 1},
        "locations": {"type": "array", "items": PLACE},
        "relatedLocations": {"type": "array", "items": PLACE},
        "suppressions": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"enum": ["inSource", "external"]}},
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
DRIVER = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "version": {"type": "string"},
        "informationUri": {"type": "string", "format": "uri"},
        "rules": {"type": "array", "uniqueItems": True, "items": RULE},
    },
    "additionalProperties": False,
}
INVOCATION = {
    "type": "object",
    "required": ["executionSuccessful"],
    "properties": {"executionSuccessful": {"type": "boolean"}, "exitCode": {"type": "integer"}},
    "additionalProperties": False,
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"enum": ["2.1.0"]},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool"],
                "properties": {
                    "tool": {"type": "object", "required": ["driver"], "properties": {"driver": DRIVER}},
                    "invocations": {"type": "array", "items": INVOCATION},
                    "properties": {"type": "object"},
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "results": {"type": "array", "items": RESULT},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
}
"""What SARIF 2.1.0 (3.8, 3.13 to 3.29, 3.35, 3.49) says of the properties that we write; no others may be there."""


def test_sarif_is_what_its_specification_says() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the package jsonschema (dependency group test) is missing")
    log = sarif_report(Report(FOUND))
    jsonschema.validate(log, SARIF)
    run_ = log["runs"][0]
    rules = run_["tool"]["driver"]["rules"]
    for result in run_["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    first = run_["results"][0]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "my%20kernels/reader.cpp"}
    assert place["region"] == {"startLine": 7, "startColumn": 3}
    assert first["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 6


def _of_failures() -> Report:
    state = ProcessorState((1, 0), "BRISC", "writer.cpp", "waits for a semaphore", LINE)
    broken = KernelError("it divides by zero", core=(0, 0), processor="NCRISC", kernel="x.cpp", location=LINE)
    return Report(
        {}, 3, {next(iter(FOUND)): 2}, [DeadlockError("deadlock: nobody can go on", [state]), broken], 1, False
    )


def test_failures_and_what_is_suppressed_are_in_both_documents() -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="the package jsonschema (dependency group test) is missing")
    report = _of_failures()
    document = json_report(report)
    assert (document["exit_code"], document["completed"], document["suppressed"]) == (1, False, 3)
    assert [each["kind"] for each in document["failures"]] == ["DeadlockError", "KernelError"]
    assert document["failures"][0]["waiting"][0]["state"] == "waits for a semaphore"
    assert [each["id"] for each in document["allowed"]] == ["TT-CB-001"]
    log = sarif_report(report)
    jsonschema.validate(log, SARIF)
    run_ = log["runs"][0]
    assert run_["invocations"] == [{"executionSuccessful": False, "exitCode": 1}]
    assert "informationUri" not in run_["tool"]["driver"]
    allowed, deadlock, broken = run_["results"]
    assert allowed["suppressions"] == [{"kind": "inSource"}]
    rules = [rule["id"] for rule in run_["tool"]["driver"]["rules"]]
    assert rules == ["TT-CB-001", "DeadlockError", "KernelError"]
    for result, id in ((allowed, "TT-CB-001"), (deadlock, "DeadlockError"), (broken, "KernelError")):
        assert rules[result["ruleIndex"]] == result["ruleId"] == id
        assert result["level"] == "error"
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 7


SCRIPT = """import sys
sys.path.insert(0, {tests!r})
import copying
from copying import BARRIER, CORRECT, READ, READER, WRITE, WRITER
FLUSHED = WRITER.replace("noc_async_write_barrier", "noc_async_writes_flushed")
MISTAKEN = {{**CORRECT, READ: READER.replace(BARRIER, ""), WRITE: FLUSHED}}
import tthal
with tthal.open_device(0) as device:
    try:
        copying.run(device, {program})
    except tthal.KernelError:
        pass
sys.exit({status})
"""


@pytest.fixture
def own_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the command changes of its process is taken back."""
    for variable in ("TTHAL_BACKEND", "TTHAL_RECORD"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.setenv(variable, "")
        monkeypatch.delenv(variable)
    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.setattr(sys, "path", [*sys.path])


@pytest.mark.parametrize(
    ("program", "status", "expected", "says"),
    [
        ("MISTAKEN", 0, 1, "TT-CB-001"),
        ("MISTAKEN", 7, 7, "TT-END-003"),
        ("CORRECT", 0, 0, "0 errors, 0 warnings"),
        ("CORRECT", 3, 3, "The script failed, though no check found anything"),
    ],
)
@pytest.mark.usefixtures("own_process")
def test_the_command_reports_and_passes_the_status_on(
    program: str, status: int, expected: int, says: str, tmp_path: Path
) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(tests=str(Path(__file__).parent), program=program, status=status))
    report = tmp_path / "found.json"
    done = CliRunner().invoke(tthal, ["check", "--report", str(report), str(script)])
    assert done.exit_code == expected, done.output
    assert says in done.output
    found = [finding["id"] for finding in json.loads(report.read_text())["findings"]]
    assert found == ([] if program == "CORRECT" else ["TT-CB-001", "TT-END-001", "TT-END-003"])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--backend", "emulator?suppress=TT-CB-001"), ", 4 suppressed"),
        (("--backend", "emulator?check=none"), "check"),
        (("--report", "nowhere/found.json"), "there is no folder"),
    ],
)
@pytest.mark.usefixtures("own_process")
def test_options_are_kept_and_what_is_left_out_is_counted(
    options: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(tests=str(Path(__file__).parent), program="MISTAKEN", status=0))
    done = CliRunner().invoke(tthal, ["check", *options, str(script)])
    assert done.exit_code != 0
    assert says in done.output
    assert "TT-CB-001" not in done.output


@pytest.mark.usefixtures("own_process")
def test_a_backend_that_checks_all_does_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import tthal\nwith tthal.open_device(0) as device: print(dict(device.selection.options)['check'])\n"
    )
    assert CliRunner().invoke(tthal, ["check", "--backend", "emulator?check=full", str(script)]).output[:5] == "full\n"


@pytest.mark.usefixtures("own_process")
def test_what_the_script_ends_with_is_told_once(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    text = SCRIPT.format(tests=str(Path(__file__).parent), program="MISTAKEN", status=0)
    script.write_text(text.replace("pass", "raise"))
    done = CliRunner().invoke(tthal, ["check", str(script)])
    assert done.exit_code == 1
    assert done.output.count("[TT-CB-001]") == 1
    assert f"KernelError raised by {script}, line 10" in done.output


@pytest.mark.parametrize("ending", ["json", "sarif"])
@pytest.mark.usefixtures("own_process")
def test_a_deadlock_is_in_the_report(ending: str, tmp_path: Path) -> None:
    """The writer waits for a fifth page; a comment at the push allows what is found there."""
    script, report = tmp_path / "script.py", tmp_path / f"found.{ending}"
    comment = '"push_back(0, 1);  // tthal: allow TT-CB-001\\n" + BARRIER'
    allowed = f'READER.replace(BARRIER, "").replace("push_back(0, 1);", {comment})'
    program = f'{{**CORRECT, WRITE: WRITER.replace("i < 4", "i < 5"), READ: {allowed}}}'
    script.write_text(SCRIPT.format(tests=str(Path(__file__).parent), program=program, status=1))
    done = CliRunner().invoke(tthal, ["check", "--report", str(report), str(script)])
    assert done.exit_code == 1, done.output
    assert "suppressed" in done.output
    document = json.loads(report.read_text())
    if ending == "json":
        assert [each["kind"] for each in document["failures"]] == ["DeadlockError"]
        assert (document["exit_code"], document["completed"]) == (1, False)
        assert document["suppressed"] > 0
        assert [each["id"] for each in document["allowed"]] == ["TT-CB-001"]
    else:
        allowed_, deadlock = document["runs"][0]["results"]
        assert (allowed_["ruleId"], allowed_["suppressions"]) == ("TT-CB-001", [{"kind": "inSource"}])
        assert deadlock["ruleId"] == "DeadlockError"
        assert document["runs"][0]["invocations"] == [{"executionSuccessful": False, "exitCode": 1}]
