"""The tool that runs public programs, over a checkout with one kernel of ours in the place of the public one."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "public_programs"
COPY = """
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    const uint32_t room = get_arg_val<uint32_t>(0);
    constexpr auto from = TensorAccessorArgs<0>();
    constexpr auto to = TensorAccessorArgs<from.next_compile_time_args_offset()>();
    const auto source = TensorAccessor(from, get_arg_val<uint32_t>(1), 2048);
    const auto target = TensorAccessor(to, get_arg_val<uint32_t>(2), 2048);
    for (uint32_t page = 0; page < get_arg_val<uint32_t>(3) - MISSING; page++) {
        noc_async_read_page(page, source, room);
        noc_async_read_barrier();
        noc_async_write_page(page, target, room);
        noc_async_write_barrier();
    }
}
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Callable[[int], Path]:
    """Make a checkout whose loopback leaves out so many pages."""

    def make(missing: int) -> Path:
        folder = tmp_path / "tt_metal/programming_examples/loopback/kernels"
        folder.mkdir(parents=True)
        (folder / "loopback_dram_copy.cpp").write_text(COPY.replace("MISSING", str(missing)), encoding="utf-8")
        return tmp_path

    return make


@pytest.mark.parametrize(
    ("missing", "row"),
    [
        (0, "passed | passed"),
        pytest.param(1, "exit status 1 | exit status 1", marks=pytest.mark.slow),
    ],
)
def test_a_ported_example_runs_and_replays(
    missing: int, row: str, checkout: Callable[[int], Path], run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    ran = run_python(str(TOOL), "--tt-metal", str(checkout(missing)), "-k", "loopback", "--markdown")
    expected = f"| loopback | tt_metal/programming_examples: loopback | ported | {row} |"
    assert ran.stdout.splitlines()[-1] == expected, ran.stderr


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool's main module."""
    monkeypatch.syspath_prepend(str(TOOL))
    spec = importlib.util.spec_from_file_location("public_programs_main", TOOL / "__main__.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("status", "text", "outcome"),
    [
        (0, "loopback: its own check passes", "passed"),
        (0, "==== 4 passed, 1 skipped in 3.20s ====", "4 passed, 1 skipped"),
        (1, "E   tthal.errors.CompileError: no\n=== 2 failed in 9.1s ===", "2 failed; CompileError: no"),
        (1, "said nothing", "exit status 1"),
    ],
)
def test_outcomes(status: int, text: str, outcome: str, tool: ModuleType) -> None:
    assert tool._outcome(subprocess.CompletedProcess([], status, text, "")) == outcome
