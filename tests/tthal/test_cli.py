from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import tthal
from tthal.cli.doctor import human_size
from tthal.cli.root import tthal as command
from tthal.device_interface import Backend
from tthal.plugins.loader import BACKENDS, PLUGINS

Install = Callable[..., Path]
Run = Callable[..., "subprocess.CompletedProcess[str]"]

CACHE = """
from pathlib import Path
from tthal.plugins import CacheInfo, hookimpl

cleared = []

@hookimpl
def tthal_caches():
    return [CacheInfo(name, Path("/cache") / name, 3 << 20, lambda name=name: cleared.append(name))
            for name in ("kernels", "toolchain")]
"""
COMMANDS = """
import click
from tthal.errors import InvalidArgument
from tthal.plugins import hookimpl

@click.command()
def trick():
    "Do a trick."
    raise InvalidArgument("no trick today")

@hookimpl
def tthal_cli_commands():
    return [trick, click.Command("doctor")]
"""


@pytest.fixture(autouse=True)
def _clean(clean_selection: None) -> None:
    pass


def invoke(*arguments: str) -> Result:
    return CliRunner(env={"COLUMNS": "200"}).invoke(command, arguments, prog_name="tthal")


class TestRoot:
    def test_version(self) -> None:
        assert invoke("--version").output == f"tthal, version {tthal.__version__}\n"

    @pytest.mark.parametrize(
        "arguments", [(), ("backends",), ("doctor",), ("run",), ("cache",), ("cache", "info"), ("cache", "clear")]
    )
    def test_every_command_has_help(self, arguments: tuple[str, ...]) -> None:
        result = invoke(*arguments, "--help")
        assert result.exit_code == 0
        assert result.stdout.startswith("Usage: tthal")
        assert len(result.stdout.splitlines()) > 3

    def test_help_begins_with_the_way_from_a_project_to_a_trace(self) -> None:
        said = invoke("--help").stdout
        steps = ["tthal new", "tthal run my_op.py", "tthal check", "tthal profile", "--record", "replay:run.tttrace"]
        places = [said.index(step) for step in steps]
        assert places == sorted(places)

    @pytest.mark.parametrize("command", ["new", "run", "check", "pytest", "backends", "trace", "profile", "explore"])
    def test_commands_for_beginners_show_how_they_are_called(self, command: str) -> None:
        said = invoke(command, "--help").stdout
        assert any(line.startswith("  tthal ") for line in said.splitlines()), said

    def test_an_unknown_command_gets_a_suggestion_and_the_list(self) -> None:
        result = invoke("backend")
        assert result.exit_code == 2
        assert "there is no command 'backend'. Did you mean 'backends'?" in result.stderr
        assert "doctor" in result.stderr

    @pytest.mark.parametrize("command", ["run", "check", "explore", "profile"])
    @pytest.mark.parametrize(("given", "meant"), [("--backed", "--backend"), ("--backed=emulator", "--backend")])
    def test_a_mistyped_option_is_no_script(self, command: str, given: str, meant: str, tmp_path: Path) -> None:
        script = tmp_path / "program.py"
        script.write_text("print(1)\n")
        result = invoke(command, given, str(script))
        assert result.exit_code == 2
        assert f"there is no option '--backed'. Did you mean {meant!r}?" in result.stderr

    def test_python_m(self, run_python: Run) -> None:
        result = run_python("-m", "tthal", "--version")
        assert (result.returncode, result.stdout) == (0, f"tthal, version {tthal.__version__}\n")


class TestPluginCommands:
    def test_they_are_listed_and_run(self, install_plugin: Install) -> None:
        install_plugin("dist-a", PLUGINS, "a", COMMANDS)
        assert "Do a trick." in invoke("--help").output
        result = invoke("trick")
        assert result.exit_code == 1
        assert result.stderr.splitlines()[-1] == "error: no trick today"

    def test_a_traceback_on_request(self, install_plugin: Install) -> None:
        install_plugin("dist-a", PLUGINS, "a", COMMANDS)
        assert isinstance(invoke("--traceback", "trick").exception, tthal.InvalidArgument)

    def test_the_own_commands_win_and_the_clash_is_reported(self, install_plugin: Install) -> None:
        install_plugin("dist-a", PLUGINS, "a", COMMANDS)
        stderr = invoke("--help").stderr
        assert (
            "plugin 'a' (entry point dist_a of dist-a 1.0) adds the command 'doctor', which tthal itself has" in stderr
        )

    def test_a_broken_plugin_is_reported_and_the_rest_works(self, install_plugin: Install) -> None:
        install_plugin("dist-a", PLUGINS, "a", "1 / 0")
        install_plugin("dist-b", PLUGINS, "b", COMMANDS)
        result = invoke("--help")
        assert result.exit_code == 0
        assert "trick" in result.output
        assert "warning: plugin 'a' (entry point dist_a of dist-a 1.0) cannot be imported: ZeroDiv" in result.stderr

    def test_own_commands_import_no_plugin(self, install_plugin: Install) -> None:
        install_plugin("dist-a", PLUGINS, "a", "raise SystemExit('imported')")
        assert invoke("--version").exit_code == 0
        assert invoke("backends", "--json").exit_code == 0


class TestBackends:
    def reports(self) -> dict[str, dict[str, object]]:
        return {report["name"]: report for report in json.loads(invoke("backends", "--json").stdout)}

    def test_json_says_it_all(self, null_backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TTHAL_BACKEND", "null?memory=64")
        reports = self.reports()
        assert set(reports) >= {"emulator", "metal", "null", "replay"}
        null = reports["null"]
        assert null["options"]["memory"] == "bytes that buffers may take in all"  # type: ignore[index]
        del null["options"]
        assert null == {
            "name": "null",
            "summary": "accepts everything, computes nothing, reads zeros",
            "distributions": [{"name": "tthal-null", "version": "1.0", "module": "tthal_null"}],
            "available": True,
            "reason": "",
            "fix": "",
            "details": {"devices": "2"},
            "argument": "",
            "selected": True,
        }
        assert [name for name, report in reports.items() if report["selected"]] == ["null"]

    def test_text_says_what_is_missing_and_how_to_get_it(self, null_backend: Backend, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", "import warp", requirements=("warp>=2",))
        output = invoke("backends").output
        assert "null  available" in output
        assert "?memory=" in output
        assert "acme  not available" in output
        assert "pip install 'warp>=2'" in output
        assert "emulator" in output.partition("(selected by the default)")[0].splitlines()[-1]

    def test_a_backend_that_cannot_describe_itself_does_not_hide_the_others(
        self, null_backend: Backend, install_plugin: Install
    ) -> None:
        source = """
from tthal.device_interface import Availability, Backend
from tthal.plugins import hookimpl

class Mine(Backend):
    name, summary = "mine", ""
    @property
    def option_help(self): return {}["x"]
    def probe(self): return Availability(True)
    def open(self, *arguments): return None

@hookimpl
def tthal_backend(): return Mine()
"""
        install_plugin("acme-card", BACKENDS, "acme", source)
        reports = self.reports()
        assert reports["null"]["available"]
        assert reports["acme"]["reason"] == "backend 'acme' failed to describe itself: KeyError: 'x'"
        with pytest.raises(tthal.BackendError, match="'acme' failed to describe itself"):
            tthal.open_device(backend="acme")

    def test_a_bad_selection_does_not_stop_it(self, null_backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TTHAL_BACKEND", "null?")
        assert "(selected by" in invoke("backends").output
        monkeypatch.setenv("TTHAL_BACKEND", "?")
        result = invoke("backends")
        assert result.exit_code == 0
        assert "(selected by" not in result.output

    def test_two_distributions_of_one_name_are_both_shown(self, install_plugin: Install) -> None:
        install_plugin("acme-card", BACKENDS, "acme", "x = 1")
        install_plugin("other-acme", BACKENDS, "acme", "x = 1")
        acme = self.reports()["acme"]
        assert [each["name"] for each in acme["distributions"]] == ["acme-card", "other-acme"]  # type: ignore[attr-defined]
        assert "claimed by 2 distributions" in str(acme["reason"])


class TestDoctor:
    def test_a_working_selection(self, null_backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TTHAL_BACKEND", "null")
        monkeypatch.setenv("TTHAL_PLUGINS", "off")
        result = invoke("doctor")
        assert f"tthal         {tthal.__version__}" in result.output
        assert sys.executable in result.output
        assert "null (the environment variable TTHAL_BACKEND)" in result.output
        assert "recorder" in result.output
        assert "left out" in result.output
        assert "Backend null" in result.output

    def test_a_broken_plugin_is_shown_and_fails(
        self, null_backend: Backend, install_plugin: Install, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("TTHAL_BACKEND", "null")
        install_plugin("dist-a", PLUGINS, "a", "1 / 0")
        result = invoke("doctor")
        assert result.exit_code == 1
        assert "broken, see below" in result.output
        assert "error: plugin 'a' (entry point dist_a of dist-a 1.0) cannot be imported" in result.stderr

    @pytest.mark.parametrize("selected", ["gone", "?", "null?no_such_option=1", "null:no-argument"])
    def test_a_selection_that_cannot_work_fails(
        self, null_backend: Backend, monkeypatch: pytest.MonkeyPatch, selected: str
    ) -> None:
        monkeypatch.setenv("TTHAL_BACKEND", selected)
        assert invoke("doctor").exit_code == 1

    def test_a_backends_failing_check_is_a_finding(self, install_plugin: Install) -> None:
        source = """
from tthal.device_interface import Availability, Backend
from tthal.plugins import hookimpl

class Mine(Backend):
    name, summary, option_help = "mine", "", {}
    def probe(self): return Availability(False, "the cable is out", "plug it in", {"cable": "loose"})
    def open(self, *arguments): raise NotImplementedError
    def doctor(self): return 1 / 0

@hookimpl
def tthal_backend(): return Mine()
"""
        install_plugin("acme-card", BACKENDS, "acme", source)
        output = " ".join(invoke("doctor").output.split())
        assert "state not available: the cable is out to fix plug it in cable loose" in output
        assert "doctor backend 'acme' failed in doctor: ZeroDivisionError: division by zero" in output

    def test_a_finding_stands_for_the_detail_of_its_name(self, install_plugin: Install) -> None:
        source = """
from tthal.device_interface import Availability, Backend
from tthal.plugins import hookimpl

class Mine(Backend):
    name, summary, option_help = "mine", "", {}
    def probe(self): return Availability(True, details={"cable": "short", "fan": "quiet"})
    def open(self, *arguments): raise OSError
    def doctor(self): return [("cable", "a long story")]

@hookimpl
def tthal_backend(): return Mine()
"""
        install_plugin("acme-card", BACKENDS, "acme", source)
        output = " ".join(invoke("doctor").output.split())
        assert "state available fan quiet cable a long story" in output


class TestCache:
    def test_info_and_clear(self, install_plugin: Install) -> None:
        install_plugin("dist-a", PLUGINS, "a", CACHE)
        lines = [line.split() for line in invoke("cache", "info").stdout.splitlines()]
        assert ["kernels", "3.0", "MiB", "none", str(Path("/cache/kernels"))] in lines
        assert invoke("cache", "clear", "toolchain").stdout == "emptied toolchain: 3.0 MiB\n"
        assert sys.modules["dist_a"].cleared == ["toolchain"]

    def test_an_unknown_cache_empties_nothing(self, install_plugin: Install) -> None:
        install_plugin("dist-a", PLUGINS, "a", CACHE)
        result = invoke("cache", "clear", "kernels", "kernel")
        assert result.exit_code == 2
        assert "there is no cache 'kernel'. Did you mean 'kernels'?" in result.stderr
        assert sys.modules["dist_a"].cleared == []

    @pytest.mark.parametrize(
        ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 20, "5.0 MiB"), (3 << 30, "3.0 GiB")]
    )
    def test_sizes_are_readable(self, size: int, text: str) -> None:
        assert human_size(size) == text


class TestRun:
    """In processes of their own, as users have it."""

    @pytest.fixture
    def run(self, run_python: Run, project_root: Path, tmp_path: Path) -> Run:
        def run(source: str, *arguments: str, before: tuple[str, ...] = (), **env: str):  # type: ignore[no-untyped-def]
            script = tmp_path / "script.py"
            script.write_text(source)
            null = project_root / "tests" / "null_backend"
            return run_python("-m", "tthal", "run", *before, str(script), *arguments, path=(null,), env=env)

        return run

    def test_it_is_the_main_module_with_its_arguments(self, run: Run) -> None:
        result = run(
            "import sys, helper_of_script\nprint(__name__, sys.argv[1:], __file__ == sys.argv[0])",
            "--backend",
            "x",
            "-v",
        )
        assert "No module named 'helper_of_script'" in result.stderr
        result = run(
            "import sys\nprint(__name__, sys.argv[1:], __file__ == sys.argv[0])",
            "--backend", "x", "-v", "--help",
        )  # fmt: skip
        assert result.stdout == "__main__ ['--backend', 'x', '-v', '--help'] True\n"

    def test_modules_beside_the_script_are_found(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "helper_of_script.py").write_text("word = 'found'")
        assert run("import helper_of_script\nprint(helper_of_script.word)").stdout == "found\n"

    def test_the_backend_reaches_the_program_and_its_children(self, run: Run) -> None:
        source = (
            "import os, subprocess, sys, tthal\n"
            "with tthal.open_device() as device: print(device.selection, flush=True)\n"
            "if len(sys.argv) == 1: subprocess.run([sys.executable, __file__, 'child'], check=True)\n"
        )
        result = run(source, before=("--backend", "null?memory=64"), TTHAL_BACKEND="gone")
        assert result.stdout.splitlines() == ["null?memory=64", "null?memory=64"], result.stderr

    @pytest.mark.parametrize(
        ("selection", "complaint"),
        [("nul", "Did you mean 'null'?"), ("null?memory", "write KEY=VALUE")],
    )
    def test_a_bad_selection_stops_before_the_script(self, run: Run, selection: str, complaint: str) -> None:
        result = run("print('ran')", before=("--backend", selection))
        assert (result.returncode, result.stdout) == (1, "")
        assert complaint in result.stderr
        assert "Traceback" not in result.stderr

    @pytest.mark.parametrize(
        ("source", "status"), [("import sys; sys.exit(7)", 7), ("pass", 0), ("import sys; sys.exit('bad')", 1)]
    )
    def test_the_exit_status_is_passed_on(self, run: Run, source: str, status: int) -> None:
        assert run(source).returncode == status

    @pytest.mark.parametrize(
        ("arguments", "meant"),
        [(("--size", "4", "--record=x", "--backend", "null"), "--record, --backend"), (("-x",), "")],
    )
    def test_options_behind_a_script_that_does_not_know_them_are_explained(
        self, run: Run, arguments: tuple[str, ...], meant: str
    ) -> None:
        source = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--size')\np.parse_args()"
        result = run(source, *arguments)
        assert result.returncode == 2
        assert "unrecognized arguments" in result.stderr
        assert (f"if {meant} is meant for `python -m tthal run`, put it before the script" in result.stderr) == bool(
            meant
        )
        assert ("before the script" in result.stderr) == bool(meant)

    def test_an_error_of_tthal_is_one_message_with_the_place(self, run: Run) -> None:
        source = "import tthal\n\ndef work():\n    tthal.CoreCoord(-1, 0)\n\nwork()\n"
        result = run(source)
        assert result.returncode == 1
        message, place = result.stderr.splitlines()
        assert message.startswith("error: InvalidArgument: CoreCoord x=-1 is negative")
        assert place.startswith("note: raised by ")
        assert place.endswith("script.py, line 4: tthal.CoreCoord(-1, 0)")

    def test_the_whole_traceback_on_request(self, run: Run) -> None:
        result = run("import tthal\ntthal.CoreCoord(-1, 0)\n", before=("--traceback",))
        assert result.stderr.startswith("Traceback")
        assert "coordinates.py" in result.stderr

    def test_other_errors_show_the_programs_own_traceback(self, run: Run) -> None:
        result = run("def work():\n    1 / 0\nwork()\n")
        assert result.returncode == 1
        assert "ZeroDivisionError" in result.stderr
        assert "script.py" in result.stderr
        assert "runpy" not in result.stderr

    def test_ctrl_c(self, run: Run) -> None:
        result = run("raise KeyboardInterrupt")
        assert (result.returncode, result.stderr) == (130, "error: interrupted\n")

    def test_recording_sets_the_variable_and_says_when_nothing_came(self, run: Run, tmp_path: Path) -> None:
        source = "import os, pathlib, sys\npathlib.Path(os.environ['TTHAL_RECORD']).write_text('x' * len(sys.argv))"
        file = tmp_path / "run.tttrace"
        assert run(source, before=("--record", str(file))).returncode == 0
        assert file.read_text() == "x"
        result = run("pass", before=("--record", str(tmp_path / "other.tttrace")))
        assert result.returncode == 1
        assert "nothing was recorded" in result.stderr
