"""What the client programs of tests/emulator/programs/clients hand to generic_op, told by the vendor's library too.

Each runs here up to its kernels; its tensors are then made again on the vendor's mock device, and the host answers
about them compared: shapes, page sizes, words for accessors, circular buffers that lie in shards.
"""

from __future__ import annotations

import runpy
import sys
from pathlib import Path
from typing import Any

import pytest
import tensor_programs
from differential.interpreter import answer
from differential.wheel import Wheel

import tthal
from tthal.ttnn import alias

pytestmark = pytest.mark.slow
pytest.importorskip("torch", reason="the programs start from torch tensors")

CLIENTS = Path(__file__).resolve().parents[1] / "emulator" / "programs" / "clients"
NAMES = sorted(path.stem for path in CLIENTS.glob("*.py") if path.stem != "common")

FACTS = """
def facts(t):
    flat_in_l1 = t.memory_config().shard_spec and t.memory_config().buffer_type == L1
    held = ttnn.cb_descriptor_from_sharded_tensor(3, t) if flat_in_l1 else None
    known = described(t)
    cb = held and [held.total_size, held.address_offset, str(held.core_ranges), held.format_descriptors[0].page_size]
    pages = [t.buffer_page_size(), t.buffer_aligned_page_size(), t.buffer_num_pages()]
    return [*known[:10], *pages, ttnn.TensorAccessorArgs(t).get_compile_time_args(), cb]

L1 = ttnn.BufferType.L1
device = ttnn.open_device(device_id=0)
result = []
"""


class Reached(Exception):
    """A program came to its kernels."""


def handed_over(name: str, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Run a program up to its first ``generic_op``; return the tensors it hands over."""
    found: list[Any] = []

    def stop(io_tensors: list[Any], program: Any = None, **_: Any) -> None:
        found.extend(io_tensors)
        raise Reached

    monkeypatch.setattr(tthal, "generic_op", stop)
    monkeypatch.setattr(sys, "path", [str(CLIENTS), *sys.path])
    monkeypatch.setattr(sys, "argv", [name])
    alias.install()
    try:
        with pytest.raises(Reached):
            runpy.run_path(str(CLIENTS / f"{name}.py"), run_name="__main__")
    finally:
        alias.uninstall()
        sys.modules.pop("common", None)
    return found


def made_again(tensor: Any) -> str:
    """Return the line that makes a tensor like this one."""
    memory, kinds = tensor.memory_config(), f"ttnn.DataType.{tensor.dtype.name}, ttnn.Layout.{tensor.layout.name}"
    where, shape = memory.buffer_type.name, list(tensor.shape)
    if tensor.tile.tile_shape != (32, 32):
        tile = f"ttnn.Tile({list(tensor.tile.tile_shape)})"
        spec = f"ttnn.TensorSpec({shape}, {kinds}, ttnn.BufferType.{where}, {tile})"
        return f"result.append(facts(ttnn.allocate_tensor_on_device({spec}, device)))"
    config = f"ttnn.MemoryConfig(ttnn.TensorMemoryLayout.INTERLEAVED, ttnn.BufferType.{where})"
    shards = memory.nd_shard_spec if memory.created_with_nd_shard_spec else memory.shard_spec
    if shards is not None:
        ranges = [((each.start.x, each.start.y), (each.end.x, each.end.y)) for each in shards.grid.ranges()]
        row_major = shards.orientation is tthal.ShardOrientation.ROW_MAJOR
        extents = list(getattr(shards, "shape", ()))
        config = f"flat({memory.memory_layout.name!r}, {where!r}, {extents}, {ranges}, {row_major})"
        if memory.created_with_nd_shard_spec:
            deal = shards.shard_distribution_strategy.name
            config = f"nd({where!r}, {list(shards.shard_shape)}, {ranges}, {row_major}, {deal!r})"
    made = f"ttnn.allocate_tensor_on_device(ttnn.Shape({shape}), {kinds}, device, {config})"
    return f"result.append(facts({made}))"


@pytest.mark.parametrize("name", NAMES)
def test_both_libraries_tell_the_same_of_its_tensors(wheel: Wheel, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [made_again(each) for each in handed_over(name, monkeypatch)]
    text = "\n".join([tensor_programs.PRELUDE, FACTS, *lines, "ttnn.close_device(device)"])
    theirs, ours = wheel.ask(text), answer(tthal, text, {})
    assert "result" in theirs, theirs
    assert len(theirs["result"]) >= 2
    assert ours == theirs
