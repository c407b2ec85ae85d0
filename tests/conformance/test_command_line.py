"""``tthal conformance`` and the pytest plugin, in processes of their own, on the null backend and the emulator."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Python = Callable[..., "subprocess.CompletedProcess[str]"]
TTHAL = ("-m", "tthal", "conformance")
PLUGIN = ("-p", "tthal_conformance.plugin", "-p", "no:cacheprovider")
PYTEST = ("-m", "pytest", *PLUGIN, "--pyargs", "tthal_conformance")


@pytest.fixture
def null_path(project_root: Path) -> tuple[Path, ...]:
    return (project_root / "tests" / "null_backend",)


def test_a_backend_that_conforms(run_python: Python, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    page, table = tmp_path / "page.html", tmp_path / "table.md"
    written = ("--report", str(report), "--html", str(page), "--markdown", str(table))
    done = run_python(*TTHAL, "--backend", "emulator", "--select", "args.c*", *written)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "emulator: 2 passed"
    found = json.loads(report.read_text())
    assert [result["name"] for result in found["results"]] == ["args.common", "args.common_update"]
    assert found["target"]["board"] == "n150"
    assert "args.common" in page.read_text()
    assert "| `emulator` |" in table.read_text()


def test_a_backend_that_does_not(run_python: Python, null_path: tuple[Path, ...]) -> None:
    done = run_python(*TTHAL, "--backend", "null", "--select", "cb.stream", "--select", "error.cores", path=null_path)
    assert done.returncode == 1
    assert "failed           cb.stream: " in done.stdout
    assert done.stdout.splitlines()[-1] == "null: 1 passed, 1 failed"


def test_several_processes(run_python: Python, null_path: tuple[Path, ...]) -> None:
    done = run_python(*TTHAL, "--backend", "null", "--select", "error.*", "-j", "2", path=null_path)
    assert "passed" in done.stdout.splitlines()[-1]


def test_what_does_not_exist(run_python: Python) -> None:
    unknown = run_python(*TTHAL, "--backend", "emulater")
    assert unknown.returncode == 1
    assert "Did you mean 'emulator'" in unknown.stderr
    nothing = run_python(*TTHAL, "--select", "cb.strem")
    assert nothing.returncode == 1
    assert "Did you mean 'cb.stream'" in nothing.stderr


def test_listing_runs_nothing(run_python: Python) -> None:
    done = run_python(*TTHAL, "--list", "--tier", "full", "--select", "matmul.*")
    assert done.returncode == 0
    assert "matmul.lofi: LoFi multiplies the operands' leading bits only.  [compute-kernels," in done.stdout


def test_without_pytest_it_says_what_to_install(run_python: Python, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['pytest'] = None\n")
    script = (
        "import importlib.util as u; find = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'pytest' else find(name, *rest)\n"
        "import sys; sys.argv[1:] = ['conformance', '--backend', 'emulator']\n"
        "from tthal.cli import main; main()"
    )
    done = run_python("-c", script, path=(tmp_path,))
    assert done.returncode == 1
    assert "pip install 'tthal[conformance]'" in done.stderr
    listed = run_python("-m", "tthal", "--help", path=(tmp_path,))
    assert "conformance" in listed.stdout


def test_comparing_reports(run_python: Python, null_path: tuple[Path, ...], tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("a.json", "b.json")]
    for backend, file in zip(("emulator", "null"), files, strict=True):
        run_python(*TTHAL, "--backend", backend, "--select", "args.common", "--report", file, path=null_path)
    worse = run_python(*TTHAL, "compare", *files)
    assert worse.returncode == 1
    assert worse.stdout.startswith("- args.common: passed -> failed; words: 9 of 9 wrong")
    better = run_python(*TTHAL, "compare", *reversed(files))
    assert better.returncode == 0
    shown = run_python(*TTHAL, "show", *files, "--html", str(tmp_path / "both.html"))
    assert shown.returncode == 0
    assert "<th>emulator</th><th>null</th>" in (tmp_path / "both.html").read_text()


def test_recording_replaying_and_comparing(run_python: Python, tmp_path: Path) -> None:
    chosen = ("--select", "args.common", "--select", "compute.add")
    traces = str(tmp_path / "traces")
    recorded = run_python(*TTHAL, "--backend", "emulator", *chosen, "--record", traces)
    assert recorded.returncode == 0, recorded.stdout
    assert sorted(path.name for path in Path(traces).iterdir()) == ["args.common.tttrace", "compute.add.tttrace"]
    replayed = run_python(*TTHAL, "--backend", f"replay:{traces}", *chosen)
    assert replayed.stdout.splitlines()[-1] == f"replay:{traces}: 2 passed"
    against = run_python(
        *TTHAL, "--backend", "emulator:p150", *chosen, "--against", traces, "--report", str(tmp_path / "r.json")
    )
    assert against.returncode == 0, against.stdout
    checks = json.loads((tmp_path / "r.json").read_text())["results"][0]["checks"]
    assert [check["name"] for check in checks] == ["read back", "words", "words, against the recording"]


def test_a_backend_that_kills_its_process(run_python: Python, tmp_path: Path) -> None:
    module = tmp_path / "tthal_mortal.py"
    module.write_text(
        "import os\n"
        "from tthal.device_interface import Availability, Backend\n"
        "from tthal.plugins import hookimpl\n"
        "class Mortal(Backend):\n"
        "    name, summary, option_help, interface_version = 'mortal', 'dies', {}, 1\n"
        "    def probe(self): return Availability(True)\n"
        "    def open(self, *arguments): os._exit(9)\n"
        "@hookimpl\n"
        "def tthal_backend(): return Mortal()\n"
    )
    info = tmp_path / "tthal_mortal-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tthal-mortal\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[tthal.backends]\nmortal = tthal_mortal\n")
    done = run_python(*TTHAL, "--backend", "mortal", "--select", "args.c*", path=(tmp_path,))
    assert done.returncode == 1
    assert "the process that ran it died" in done.stdout


def test_the_plugin_in_pytest(run_python: Python, null_path: tuple[Path, ...], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    done = run_python(
        *PYTEST,
        *("--tthal-backend", "null", "--tthal-select", "error.c*", "--tthal-select", "cb.stream"),
        *("--tthal-report", str(report), "-q"),
        path=null_path,
        cwd=tmp_path,
    )
    assert done.returncode == 1
    assert "null: " in done.stdout
    assert json.loads(report.read_text())["summary"]["failed"] >= 1


def test_the_plugin_is_not_loaded_unasked(run_python: Python, tmp_path: Path) -> None:
    done = run_python("-m", "pytest", "--help", cwd=tmp_path)
    assert "--tthal-backend" not in done.stdout
    assert sys.version_info >= (3, 10)


@pytest.mark.parametrize(
    ("option", "says"),
    [
        (("--tthal-backend", "emulater"), "Did you mean 'emulator'"),
        (("--tthal-select", "no.such"), "matches 'no.such'"),
        (("--tthal-against", "no/such/folder"), "there is no such folder"),
    ],
)
def test_wrong_options_of_the_plugin(run_python: Python, tmp_path: Path, option: tuple[str, ...], says: str) -> None:
    done = run_python(*PYTEST, *option, cwd=tmp_path)
    assert done.returncode == 4
    assert says in done.stderr
