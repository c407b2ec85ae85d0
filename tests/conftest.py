"""Fixtures for all tests: a clean selection, the null backend, and plugins installed for one test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tthal.plugins import loader

try:
    import resource
except ModuleNotFoundError:  # Windows
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from tests.null_backend.tthal_null import NullBackend

ROOT = Path(__file__).resolve().parent.parent
NULL_BACKEND = ROOT / "tests" / "null_backend"
MEMORY_BACKEND = ROOT / "tests" / "memory_backend"
sys.path.append(str(MEMORY_BACKEND))

CPU_SECONDS = 120
WALL_SECONDS = 900

# A shell that starts the tests in the background ignores Ctrl-C for them; some tests send one.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def project_root() -> Path:
    """The root of the source tree."""
    return ROOT


@pytest.fixture
def reference() -> Path:
    """The folder of reference material; skips without it."""
    folder = os.environ.get("TTHAL_REFERENCE")
    if not folder:
        pytest.skip("TTHAL_REFERENCE is not set: the reference material is not part of the source tree")
    return Path(folder)


@pytest.fixture
def clean_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    """No TTHAL_* variable from outside decides what this test opens."""
    for name in ("TTHAL_BACKEND", "TTHAL_PLUGINS", "TTHAL_RECORD"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def null_backend(clean_selection: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[NullBackend]:
    """The null backend, installed under the name ``null`` by its entry point; ``opened`` lists its devices."""
    monkeypatch.syspath_prepend(str(NULL_BACKEND))
    backend = loader.load(loader.find(loader.BACKENDS, "null")).tthal_backend()
    backend.opened.clear()
    yield backend
    backend.opened.clear()


@pytest.fixture
def install_plugin(
    clean_selection: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Path]]:
    """Install a distribution of one module for this test: ``install_plugin("dist", group, name, source)``.

    Returns the folder that holds it, for the PYTHONPATH of a child process. The metadata is real, so the loader finds
    it as it finds any other.
    """
    modules: list[str] = []

    def install(
        distribution: str,
        group: str,
        name: str,
        source: str,
        module: str | None = None,
        requirements: tuple[str, ...] = (),
    ) -> Path:
        site = tmp_path / "site"
        module = module or distribution.replace("-", "_")
        info = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
        info.mkdir(parents=True)
        wanted = "".join(f"Requires-Dist: {each}\n" for each in requirements)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n{wanted}")
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}\n")
        if source:
            (site / f"{module}.py").write_text(source)
        modules.append(module)
        if str(site) not in sys.path:
            monkeypatch.syspath_prepend(str(site))
        loader.rescan()
        return site

    yield install
    for module in modules:
        sys.modules.pop(module, None)
    loader.rescan()


@pytest.fixture
def run_python() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run Python in a process of its own: ``run_python("-c", "…", path=[folder], env={…})``.

    It may use :data:`CPU_SECONDS` of processor time, as may each process it starts; by the clock it has much longer,
    since a busy machine is no fault of what runs on it.
    """

    def run(
        *arguments: str, path: tuple[Path, ...] = (), env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        outer = {key: value for key, value in os.environ.items() if not key.startswith("TTHAL_")}
        inherited = [outer["PYTHONPATH"]] if outer.get("PYTHONPATH") else []
        outer["PYTHONPATH"] = os.pathsep.join([*map(str, path), *inherited])
        return subprocess.run(
            [sys.executable, *arguments],
            env={**outer, "COLUMNS": "200", **(env or {})},
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=WALL_SECONDS,
            check=False,
            preexec_fn=_limit_processor_time if resource is not None else None,
        )

    return run


def _limit_processor_time() -> None:
    if resource is not None:
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, most))


@pytest.fixture
def memory_backend_folder() -> Path:
    """The folder that makes the memory backend importable in a child process."""
    return MEMORY_BACKEND


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    """A trace of one vector_add on the toy device."""
    from tthal_toy_programs import record_vector_add

    path = tmp_path / "run.tttrace"
    record_vector_add(path)
    return path


@pytest.fixture
def toured(tmp_path: Path) -> Path:
    """A trace that holds every kind of call, failing ones too."""
    from tthal_toy_programs import record_grand_tour

    path = tmp_path / "tour.tttrace"
    record_grand_tour(path)
    return path


@pytest.fixture
def in_empty_folder(clean_selection: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No TTHAL_* variables, and a working folder of the test's own."""
    monkeypatch.chdir(tmp_path)
