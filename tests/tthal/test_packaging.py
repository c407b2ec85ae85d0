from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import distribution
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

HEAVY = {
    "cffi",
    "click",
    "pluggy",
    "rich",
    "tthal_conformance",
    "tthal_emulator",
    "tthal_metal",
    "tthal_recorder",
    "tthal_replay",
    "wasmtime",
    "ziglang",
}


def test_import_brings_no_backend_compiler_or_terminal(run_python: Run) -> None:
    result = run_python("-c", "import sys, tthal; print(*sorted({name.partition('.')[0] for name in sys.modules}))")
    imported = set(result.stdout.split())
    assert "tthal" in imported, result.stderr
    assert not imported & HEAVY


def test_import_reads_no_environment(run_python: Run) -> None:
    result = run_python("-c", "import tthal", env={"TTHAL_BACKEND": "?", "TTHAL_PLUGINS": "gone", "TTHAL_RECORD": "/"})
    assert (result.returncode, result.stderr) == (0, "")


def test_every_public_name_exists_and_is_sorted(run_python: Run) -> None:
    import tthal

    assert [name for name in tthal.__all__ if not hasattr(tthal, name)] == []
    assert len(set(tthal.__all__)) == len(tthal.__all__)


def shell_blocks(readme: Path) -> list[str]:
    return [block.strip() for block in re.findall(r"```sh\n(.*?)```", readme.read_text(encoding="utf-8"), re.DOTALL)]


@pytest.mark.skipif(sys.platform == "win32", reason="the CI script is a bash script")
def test_ci_runs_the_readmes_commands(project_root: Path) -> None:
    install_and_run, test = shell_blocks(project_root / "README.md")[:2]
    listed = subprocess.run(
        [project_root / ".ci" / "run", "--list"], capture_output=True, text=True, check=True, timeout=60
    )
    assert listed.stdout.splitlines() == [install_and_run, test]
    assert install_and_run.startswith("pip install . && python examples/vector_add/")
    assert re.fullmatch(r"pip install tox && tox -e quick", test)


def test_the_version_is_the_distributions() -> None:
    import tthal

    assert distribution("tthal").version == tthal.__version__


def test_built_in_plugins_use_the_public_door() -> None:
    found = {(point.group, point.name) for point in distribution("tthal").entry_points}
    assert {("tthal.backends", name) for name in ("emulator", "metal", "replay")} <= found
    assert {("tthal.plugins", name) for name in ("conformance", "recorder")} <= found
    assert ("console_scripts", "tthal") in found


@pytest.mark.parametrize("package", ["tthal", "tthal_emulator", "tthal_metal", "tthal_replay", "tthal_recorder"])
def test_packages_are_typed(package: str) -> None:
    import importlib

    folder = Path(importlib.import_module(package).__file__ or "").parent
    assert (folder / "py.typed").exists()


def test_the_wheel_holds_exactly_our_packages(project_root: Path) -> None:
    if not any(str(file).startswith("tthal/") for file in distribution("tthal").files or ()):
        pytest.skip("tthal is installed in editable mode; tox installs the wheel")
    check = subprocess.run(
        [sys.executable, "-I", str(project_root / ".ci" / "check_wheel.py")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert check.returncode == 0, check.stderr
