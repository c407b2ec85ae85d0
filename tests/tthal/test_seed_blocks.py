"""Every Python block of the user's API reference runs verbatim, with tthal under the name ``ttnn``.

The names a block uses without defining them (a device, kernel files, buffers, shard parameters ...) are supplied; a
block that uses an unknown one fails and says which.
"""

from __future__ import annotations

import ast
import builtins
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import tthal as ttnn

KERNEL = '#include "dataflow_api.h"\nvoid kernel_main() {}\n'
GRID = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(7, 7))


@dataclass(frozen=True)
class Block:
    """A fenced block: the heading it stands under, its first line, its text."""

    heading: str
    line: int
    source: str

    def names(self, context: type[ast.expr_context]) -> set[str]:
        """The names it reads (``ast.Load``) or binds (``ast.Store``)."""
        nodes = ast.walk(ast.parse(self.source))
        return {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, context)}

    def free_names(self) -> set[str]:
        """The names it reads but does not bind, builtins aside."""
        return {name for name in self.names(ast.Load) - self.names(ast.Store) if not hasattr(builtins, name)}

    def results(self) -> set[str]:
        """The names that its own statements bind."""
        statements = ast.parse(self.source).body
        targets = [target for each in statements if isinstance(each, ast.Assign) for target in each.targets]
        return {target.id for target in targets if isinstance(target, ast.Name)}


def _blocks() -> list[Block]:
    folder = os.environ.get("TTHAL_REFERENCE")
    if not folder:
        return []
    found, heading, start, lines = [], "", 0, []
    for number, line in enumerate((Path(folder) / "reference" / "seed-api.md").read_text("utf-8").splitlines(), 1):
        if line.startswith("```"):
            if start:
                found.append(Block(heading, start, "\n".join(lines) + "\n"))
            start, lines = (0 if start else number + 1 if line == "```python" else 0), []
        elif start:
            lines.append(line)
        elif line.startswith("#"):
            heading = line.lstrip("# ")
    return found


BLOCKS = _blocks()
NO_REFERENCE = pytest.mark.skip(reason="TTHAL_REFERENCE is not set: the reference is not part of the source tree")
CASES = [pytest.param(block, id=f"{block.heading.replace(' ', '')}-{block.line}") for block in BLOCKS]


@pytest.fixture(params=["null", "emulator"])
def device(request: pytest.FixtureRequest, null_backend: object) -> Iterator[ttnn.Device]:
    if request.param == "emulator":
        pytest.importorskip("tthal_emulator.plugin")
    with ttnn.open_device(backend=request.param) as opened:
        yield opened


@pytest.fixture
def supplied(device: ttnn.Device, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], Any]]:
    """What each free name stands for, made when a block needs it."""
    (tmp_path / "kernels").mkdir()
    for name in ("compute.cpp", "dataflow.cpp"):
        (tmp_path / "kernels" / name).write_text(KERNEL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "ttnn", ttnn)
    return {**_program_names(), **_buffer_names(device), **_descriptor_names()}


def _program_names() -> dict[str, Callable[[], Any]]:
    """A program with one kernel, one circular buffer and common arguments still to set."""
    program = ttnn.CreateProgram()
    config = ttnn.DataMovementConfig(ttnn.DataMovementProcessor.RISCV_1, ttnn.NOC.NOC_1)
    kernel_id = ttnn.CreateKernelFromString(program, KERNEL, GRID, config)
    cb = ttnn.CircularBufferConfig(2048, {5: ttnn.DataFormat.Float16_b}).set_page_size(5, 1024)
    cb_handle = ttnn.CreateCircularBuffer(program, GRID, cb)
    core_coords = [ttnn.CoreCoord(0, row) for row in range(4)]
    ttnn.SetRuntimeArgs(program, kernel_id, core_coords, [[0, 0, 0]] * 4)
    return {
        "program": lambda: program,
        "kernel_id": lambda: kernel_id,
        "kernel": lambda: program.kernel(kernel_id),
        "cb_handle": lambda: cb_handle,
        "file_name": lambda: "kernels/dataflow.cpp",
        "kernel_src_code": lambda: KERNEL,
        "core_spec": lambda: ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(0, 3)),
        "core_coords": lambda: core_coords,
        "logical_core": lambda: ttnn.CoreCoord(0, 2),
        "runtime_args": lambda: [1, 2, 3],
        "initial_value": lambda: 0,
        "total_size": lambda: 4096,
        "buffer_index": lambda: 5,
        "data_size": lambda: 1024,
    }


def _buffer_names(device: ttnn.Device) -> dict[str, Callable[[], Any]]:
    def l1() -> ttnn.Buffer:
        return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 64 * 4096, 4096, ttnn.BufferType.L1))

    def shard_params() -> ttnn.ShardSpecBuffer:
        cores = ttnn.CoreRangeSet(ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(3, 0)))
        return ttnn.ShardSpecBuffer(cores, (32, 32), ttnn.ShardOrientation.ROW_MAJOR, (32, 32), (4, 1))

    return {
        "device": lambda: device,
        "buffer_size": lambda: 8192,
        "page_size": lambda: 2048,
        "shard_params": shard_params,
        "config": lambda: ttnn.ShardedBufferConfig(device, 8192, 2048, shard_parameters=shard_params()),
        **dict.fromkeys(["buffer", "my_buffer", "input_buffer", "output_buffer", "src_buffer", "dst_buffer"], l1),
        **dict.fromkeys(["buffer1", "buffer2"], l1),
    }


def _descriptor_names() -> dict[str, Callable[[], Any]]:
    def kernel_on(column: int) -> ttnn.KernelDescriptor:
        cores = ttnn.CoreRangeSet(ttnn.CoreCoord(column, 0))
        return ttnn.KernelDescriptor(KERNEL, ttnn.SourceType.INLINE, cores)

    def semaphore(number: int) -> ttnn.SemaphoreDescriptor:
        return ttnn.SemaphoreDescriptor(number, core_ranges=ttnn.CoreRangeSet(GRID))

    def cb(index: int) -> ttnn.CBDescriptor:
        formats = [ttnn.CBFormatDescriptor(index, ttnn.DataFormat.Float16_b, 2048)]
        return ttnn.CBDescriptor(4096, ttnn.CoreRangeSet(GRID), formats)

    return {
        "format_desc": lambda: ttnn.CBFormatDescriptor(0, ttnn.DataType.BFLOAT16, 2048),
        "core_range": lambda: ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 1)),
        "compute_config": ttnn.ComputeConfigDescriptor,
        "shared_value": lambda: 42,
        "kernel_desc1": lambda: kernel_on(0),
        "kernel_desc2": lambda: kernel_on(1),
        "sem_desc1": lambda: semaphore(0),
        "sem_desc2": lambda: semaphore(1),
        "cb_desc1": lambda: cb(0),
        "cb_desc2": lambda: cb(1),
    }


def execute(block: Block, supplied: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Run a block with what it needs; return the names it leaves behind."""
    wanted = block.free_names() - {"ttnn"}
    unknown = sorted(wanted - supplied.keys())
    assert not unknown, f"the block under {block.heading!r} uses {unknown}, which nobody supplies"
    names: dict[str, Any] = {"ttnn": ttnn, **{name: supplied[name]() for name in wanted}}
    if block.heading == "CreateCircularBuffer" and "config" in wanted:
        names["config"] = ttnn.CircularBufferConfig(4096, 2048, ttnn.DataFormat.Float16_b)
    exec(compile(block.source, f"seed-api.md:{block.line}", "exec"), names)
    return names


@NO_REFERENCE if not BLOCKS else pytest.mark.parametrize("block", CASES)
def test_a_block_of_the_reference_runs_verbatim(block: Block, supplied: dict[str, Callable[[], Any]]) -> None:
    names = execute(block, supplied)
    for name in block.results():
        assert names[name] is not None, name


@NO_REFERENCE if not BLOCKS else pytest.mark.parametrize("block", [CASES[-1]] if CASES else [])
def test_the_program_descriptor_of_the_reference_builds_a_program(
    block: Block, supplied: dict[str, Callable[[], Any]], device: ttnn.Device
) -> None:
    program = ttnn.Program(execute(block, supplied)["program_desc"])
    assert (len(program.kernels), len(program.semaphores), len(program.circular_buffers)) == (2, 2, 2)
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


def test_the_blocks_of_the_reference_are_found(reference: Path) -> None:
    text = (reference / "reference" / "seed-api.md").read_text("utf-8")
    assert len(BLOCKS) == text.count("```python") > 20
