"""``import ttnn`` means tthal where it is asked to, and says what it does not have."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import tthal
from tthal.ttnn import alias

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def ttnn() -> Iterator[object]:
    """The module that ``import ttnn`` gives."""
    alias.install()
    yield importlib.import_module("ttnn")
    alias.uninstall()


def test_names_are_tthals_by_every_way_to_import_them(ttnn: object) -> None:
    inner = importlib.import_module("ttnn._ttnn.program_descriptor")
    types = importlib.import_module("ttnn.types")
    assert ttnn.CBDescriptor is inner.CBDescriptor is types.CBDescriptor is tthal.CBDescriptor  # type: ignore[attr-defined]
    assert ttnn._ttnn.program_descriptor is inner  # type: ignore[attr-defined]
    arch = tthal.get_arch_name()
    assert ttnn.device.is_wormhole_b0() is (arch == "wormhole_b0")  # type: ignore[attr-defined]
    assert ttnn.device.is_blackhole() is (arch == "blackhole")  # type: ignore[attr-defined]
    space: dict[str, object] = {}
    exec("from ttnn._ttnn.tensor import Tensor, CoreCoord", space)
    assert (space["Tensor"], space["CoreCoord"]) == (tthal.Tensor, tthal.CoreCoord)


def test_the_alias_ends() -> None:
    alias.install()
    alias.install()
    importlib.import_module("ttnn")
    alias.uninstall()
    assert not alias.installed()
    assert not [name for name in sys.modules if name == "ttnn" or name.startswith("ttnn.")]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("conv2d", ("operations library", "not planned", "generic_op")),
        ("FabricNodeId", ("several devices", "not planned")),
        ("create_global_circular_buffer", ("span cores", "planned, but not there yet")),
        ("dump_device_memory_state", ("profiler", "not planned")),
        ("load_tensor", ("tensors in files", "planned, but not there yet", "from_numpy")),
        ("frm_torch", ("no name of ttnn or tthal", "'from_torch'")),
    ],
)
def test_an_absent_name_says_where_it_belongs(ttnn: object, name: str, words: tuple[str, ...]) -> None:
    for module in (ttnn, tthal):
        with pytest.raises(AttributeError) as caught:
            getattr(module, name)
        assert all(each in str(caught.value) for each in words), str(caught.value)
        assert not hasattr(module, name)


def test_a_submodule_of_the_operations_library_says_so(ttnn: object) -> None:
    with pytest.raises(AttributeError, match=r"ttnn\.experimental\.foo belongs to the operations library"):
        ttnn.experimental.foo  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError, match=r"belongs to senders and receivers that span cores.*planned, but"):
        ttnn.experimental.CreateGlobalCircularBuffer  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("ttnn.no_such_module")


def test_settings_of_the_operations_library_can_be_made(ttnn: object) -> None:
    with ttnn.manage_config("enable_logging", True):  # type: ignore[attr-defined]
        assert ttnn.CONFIG.enable_logging  # type: ignore[attr-defined]
    assert not ttnn.CONFIG.enable_logging  # type: ignore[attr-defined]


SCRIPT = "import ttnn\nprint(ttnn.__file__, ttnn.CreateProgram())\n"


def test_what_the_vendors_conftest_asks_for(ttnn: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The root conftest.py and that of tests/ttnn in a checkout of tt-metal (2026-02) import and call these."""
    database = importlib.import_module("ttnn.database")
    assert database.SQLITE_CONNECTION is None
    assert len(database.DEVICE_IDS_IN_DATABASE) == 0
    ttnn.tracer.disable_tracing()
    (tmp_path / "config.json").write_text('{"enable_logging": true}', encoding="utf-8")
    before = ttnn.Config(ttnn.CONFIG)
    ttnn.load_config_from_json_file(tmp_path / "config.json")
    assert (before.enable_logging, ttnn.CONFIG.enable_logging) == (False, True)
    ttnn.load_config_from_dictionary({"enable_logging": False})
    assert not ttnn.CONFIG.enable_logging
    # Other tests may have devices open.
    monkeypatch.setattr("tthal.ttnn.chips.properties_at_hand", lambda: SimpleNamespace(board="n150"))
    assert ttnn.cluster.get_cluster_type() is ttnn.cluster.ClusterType.N150
    assert not ttnn.using_distributed_env()
    assert ttnn.FabricManagerMode.DEFAULT.value == 3
    assert ttnn.FabricUDMMode.DISABLED.value == 0


def test_tthal_pytest_finds_modules_from_the_folder_it_runs_in(run_python: Run, tmp_path: Path) -> None:
    (tmp_path / "models" / "demos" / "mine").mkdir(parents=True)
    (tmp_path / "models" / "demos" / "mine" / "op.py").write_text("ANSWER = 42\n", encoding="utf-8")
    test = "from models.demos.mine.op import ANSWER\nfrom models.common.utility_functions import comp_pcc\n\n"
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_op.py").write_text(f"{test}def test():\n    assert ANSWER == 42\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib\n", encoding="utf-8")
    (tmp_path / "bin").mkdir()  # as an installed command: the folder on sys.path is its own
    (tmp_path / "bin" / "tthal").write_text("from tthal.cli import main\nmain()\n", encoding="utf-8")
    ran = run_python("bin/tthal", "pytest", "-q", "tests", cwd=tmp_path)
    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr


def test_tthal_run_gives_the_alias_unless_told_otherwise(run_python: Run, tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(SCRIPT)
    assert "<Program 0" in run_python("-m", "tthal", "run", str(script)).stdout
    vendor = tmp_path / "vendor" / "ttnn"
    vendor.mkdir(parents=True)
    (vendor / "__init__.py").write_text("def CreateProgram(): return 'the vendor speaking'\n")
    assert "<Program 0" in run_python("-m", "tthal", "run", str(script), path=(vendor.parent,)).stdout
    found = run_python("-m", "tthal", "run", "--no-alias", str(script), path=(vendor.parent,))
    assert "the vendor speaking" in found.stdout, found.stderr


TESTS = """
import pytest
import ttnn
from loguru import logger
from models.common.utility_functions import comp_pcc, run_for_blackhole, skip_for_blackhole
from tests.ttnn.utils_for_testing import assert_with_pcc

@skip_for_blackhole("only the other")
@pytest.mark.parametrize("device_params", [{"l1_small_size": 1024}], indirect=True)
def test_device(device, reset_seeds):
    logger.info("on {}", device)
    assert device.properties.l1_small_size == 1024
    assert ttnn.GetDefaultDevice() is device

@run_for_blackhole()
def test_never(device):
    raise AssertionError

@pytest.mark.parametrize("mesh_device", [(1, 1), (2, 4)], indirect=True)
def test_mesh(mesh_device):
    assert mesh_device.shape == ttnn.MeshShape(1, 1)

@pytest.mark.parametrize("device_params", [{"fabric_config": ttnn.FabricConfig.FABRIC_1D}], indirect=True)
def test_fabric(device):
    raise AssertionError

@pytest.mark.requires_grid_size((8, 8))
def test_grid(device):
    assert device.compute_with_storage_grid_size() == ttnn.CoreCoord(8, 8)

@pytest.mark.requires_grid_size(64)
def test_cores(mesh_device):
    pass

@pytest.mark.requires_grid_size((9, 1))
def test_wider(device, check_requires_grid_size):
    raise AssertionError

@pytest.mark.requires_grid_size(65)
def test_more_cores(mesh_device):
    raise AssertionError

@pytest.mark.requires_grid_size((1, 1))
def test_without_device():
    raise AssertionError

def test_comparisons():
    import numpy as np
    assert_with_pcc(np.arange(9.0), np.arange(9.0) + 1e-6)
    assert not comp_pcc(np.arange(9.0), -np.arange(9.0))[0]
"""


@pytest.mark.parametrize("command", [("-m", "tthal", "pytest"), ("-m", "pytest", "-p", "tthal.ttnn")])
def test_the_plugin_supplies_fixtures_and_helper_modules(
    command: tuple[str, ...], run_python: Run, tmp_path: Path
) -> None:
    (tmp_path / "test_program.py").write_text(TESTS)
    found = run_python(*command, "-q", "-p", "no:cacheprovider", "test_program.py", cwd=tmp_path)
    assert "5 passed, 6 skipped" in found.stdout, found.stdout + found.stderr
    assert "warning" not in found.stdout


def test_a_helper_module_that_is_there_is_not_replaced(run_python: Run, tmp_path: Path) -> None:
    helpers = tmp_path / "tests" / "ttnn"
    helpers.mkdir(parents=True)
    (helpers / "utils_for_testing.py").write_text("assert_with_pcc = 'the vendor speaking'\n")
    (tmp_path / "test_program.py").write_text(
        "from tests.ttnn.utils_for_testing import assert_with_pcc\n"
        "from models.common.utility_functions import comp_pcc\n"
        "def test(): assert assert_with_pcc == 'the vendor speaking' and callable(comp_pcc)\n"
    )
    found = run_python("-m", "tthal", "pytest", "-q", "test_program.py", cwd=tmp_path, path=(tmp_path,))
    assert "1 passed" in found.stdout, found.stdout + found.stderr


def test_no_alias_leaves_the_vendors_package(run_python: Run, tmp_path: Path) -> None:
    vendor = tmp_path / "vendor" / "ttnn"
    vendor.mkdir(parents=True)
    (vendor / "__init__.py").write_text("SPEAKING = True\n")
    (tmp_path / "test_program.py").write_text("import ttnn\ndef test(): assert ttnn.SPEAKING\n")
    found = run_python(
        "-m", "tthal", "pytest", "--no-alias", "-q", "test_program.py", cwd=tmp_path, path=(vendor.parent,)
    )
    assert "1 passed" in found.stdout, found.stdout + found.stderr
