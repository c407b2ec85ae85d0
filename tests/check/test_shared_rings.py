"""Circular buffers of several indices: each index counts its own pages, what they hold is the memory's."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping

import ml_dtypes
import numpy as np
import pytest
from copying import BARRIER, COMPUTE, CORRECT, HEAD, MATH, READ, READER, WRITE, WRITER

import tthal as ttnn
from tthal_check.listener import CheckWarning

CORE, PAGE, PAGES = ttnn.CoreCoord(0, 0), 2048, 4
BF16 = ttnn.DataFormat.Float16_b
HEADS = {
    READ: HEAD,
    WRITE: HEAD,
    MATH: """#include "api/compute/common.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/pack.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"
""",
}
IN_PLACE = {(0, 16): PAGES}
"""The input and the result of a stream have one memory, which is as large as both together need at a time."""
SUM = """void kernel_main() {
    compute_kernel_hw_startup(0, 24);
    for (int i = 0; i < 4; i++) {
        const uint32_t to = i == 3 ? 16 : 24;
        cb_wait_front(0, 1);
        tile_regs_acquire();
        if (i == 0) {
            copy_init(0);
            copy_tile(0, 0, 0);
        } else {
            cb_wait_front(24, 1);
            add_tiles_init(0, 24);
            add_tiles(0, 24, 0, 0, 0);
            cb_pop_front(24, 1);
        }
        tile_regs_commit();
        cb_pop_front(0, 1);
        cb_reserve_back(to, 1);
        tile_regs_wait();
        pack_tile(0, to);
        tile_regs_release();
        cb_push_back(to, 1);
    }
}
"""
ONE = WRITER.replace("i < 4", "i < 1")
SUMMED = {READ: READER, MATH: SUM, WRITE: ONE}
PARTIALS = {(0,): 2, (16, 24): 1}
"""Partial results and the last one have one memory, as those of a product of several blocks."""
PATCH = """void kernel_main() {
    const InterleavedAddrGen<true> result = {.bank_base_address = get_arg_val<uint32_t>(0), .page_size = 2048};
    const InterleavedAddrGen<true> source = {.bank_base_address = get_arg_val<uint32_t>(1), .page_size = 2048};
    for (uint32_t i = 0; i < 4; i++) {
        cb_wait_front(24, 1);
        cb_reserve_back(25, 1);
        noc_async_read(get_noc_addr(i, source), get_read_ptr(24), 64);
        noc_async_read_barrier();
        cb_push_back(25, 1);
        cb_pop_front(24, 1);
    }
    for (uint32_t i = 0; i < 4; i++) {
        cb_wait_front(16, 1);
        noc_async_write(get_read_ptr(16), get_noc_addr(i, result), 2048);
        noc_async_write_barrier();
        cb_pop_front(16, 1);
    }
}
"""
TWICE = """void copy(uint32_t from, uint32_t to) {
    cb_wait_front(from, 1);
    cb_reserve_back(to, 1);
    tile_regs_acquire();
    copy_tile(from, 0, 0);
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, to);
    tile_regs_release();
    cb_push_back(to, 1);
    cb_pop_front(from, 1);
}
void kernel_main() {
    compute_kernel_hw_startup(0, 16);
    copy_init(0);
    for (int i = 0; i < 4; i++) {
        copy(0, 24);
        copy(25, 16);
    }
}
"""
PATCHED = {READ: READER, MATH: TWICE, WRITE: PATCH}
CACHE = {(0,): 2, (24, 25): 1, (16,): 4}
"""What a data mover changes between two steps of the compute kernel goes round in one memory."""
LATER = """void kernel_main() {
    compute_kernel_hw_startup(0, 16);
    copy_init(0);
    for (int i = 0; i < 4; i++) {
        cb_wait_front(0, 1);
        cb_reserve_back(24, 1);
        cb_reserve_back(26, 1);
        tile_regs_acquire();
        copy_tile(0, 0, 0);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, 24);
        pack_tile(0, 26);
        tile_regs_release();
        cb_push_back(24, 1);
        cb_push_back(26, 1);
        cb_pop_front(0, 1);
        cb_wait_front(26, 1);
        cb_reserve_back(16, 1);
        tile_regs_acquire();
        copy_tile(24, 0, 0);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
        cb_pop_front(24, 1);
        cb_pop_front(26, 1);
    }
}
"""
BETWEEN = {(0,): 2, (16,): 2, (24,): 1, (26,): 1}
"""Rings by which the packer hands tiles back to the unpacker."""
Rings = Mapping[tuple[int, ...], int]


@pytest.fixture(params=["default", "full"])
def check(request: pytest.FixtureRequest) -> Iterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("error", CheckWarning)
        yield f"check={request.param}"


def memory(device: ttnn.Device) -> ttnn.Buffer:
    """Four pages in the core's L1."""
    cores = ttnn.CoreRangeSet([ttnn.CoreRange(CORE, CORE)])
    spec = ttnn.ShardSpecBuffer(cores, (PAGES, 1024), ttnn.ShardOrientation.ROW_MAJOR, (1, 1024), (PAGES, 1))
    config = ttnn.ShardedBufferConfig(device, PAGES * PAGE, PAGE, ttnn.BufferType.L1, shard_parameters=spec)
    return ttnn.CreateBuffer(config)


def run(options: str, rings: Rings, texts: Mapping[str, str], in_buffer: bool = False) -> np.ndarray:
    """Launch the kernels on one core, with circular buffers of some pages by their indices; return four pages of bf16.

    Page i of the input is full of the number i + 1. All circular buffers may lie in one buffer.
    """
    with ttnn.open_device(0, backend=f"emulator?{options}") as device:
        program = ttnn.CreateProgram()
        config = ttnn.InterleavedBufferConfig(device, PAGES * PAGE, PAGE, ttnn.BufferType.DRAM)
        source, result = ttnn.CreateBuffer(config), ttnn.CreateBuffer(config)
        given = np.repeat(np.arange(1, PAGES + 1), PAGE // 2).astype(ml_dtypes.bfloat16)
        ttnn.EnqueueWriteBuffer(device.command_queue(), source, given.view(np.uint16))
        place = memory(device) if in_buffer else None
        for indices, pages in rings.items():
            ring = ttnn.CircularBufferConfig(pages * PAGE, dict.fromkeys(indices, BF16))
            for index in indices:
                ring.set_page_size(index, PAGE)
            ttnn.CreateCircularBuffer(program, CORE, ring.set_globally_allocated_address(place) if place else ring)
        configs = {
            READ: ttnn.ReaderDataMovementConfig(),
            WRITE: ttnn.WriterDataMovementConfig(),
            MATH: ttnn.ComputeConfig(),
        }
        for part, text in texts.items():
            kernel = ttnn.CreateKernelFromString(program, HEADS[part] + text, CORE, configs[part])
            first = result if part == WRITE else source
            ttnn.SetRuntimeArgs(program, kernel, CORE, [first.address(), source.address()])
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        found = np.asarray(ttnn.EnqueueReadBuffer(device.command_queue(), result)).view(ml_dtypes.bfloat16)
        return found.reshape(PAGES, -1).astype(np.float32)


def other(text: str, *changes: tuple[str, str]) -> str:
    """A text with some of its parts replaced, each of which it has."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text


CHANGED = other(
    PATCH,
    (PATCH[PATCH.index("    for (") : PATCH.rindex("    for (")], ""),
    (
        "cb_wait_front(16, 1);",
        "cb_wait_front(16, 1); noc_async_read(get_noc_addr(i, source), get_read_ptr(16), 64);\n" + BARRIER,
    ),
)
VIEW = other(READER, ("get_write_ptr(0)", "get_write_ptr(1)"))
LATE = other(
    PATCH,
    ("        cb_reserve_back(25, 1);\n", ""),
    ("cb_push_back(25, 1)", "cb_reserve_back(25, 1); cb_push_back(25, 1)"),
)
RIGHT: dict[str, tuple[Rings, Mapping[str, str], list[int]]] = {
    "a stream in place": (IN_PLACE, CORRECT, [1, 2, 3, 4]),
    "a stream in place, all at once": (
        IN_PLACE,
        {
            **CORRECT,
            MATH: other(
                COMPUTE,
                ("cb_wait_front(0, 1);", "cb_wait_front(0, 4 - i);"),
                ("cb_reserve_back(16, 1);", "if (i == 0) cb_reserve_back(16, 4);"),
            ),
        },
        [1, 2, 3, 4],
    ),
    "partial results": (PARTIALS, SUMMED, [10]),
    "a page that is changed between two indices": (CACHE, PATCHED, [1, 2, 3, 4]),
    "a page that was waited for is changed, then reserved": (CACHE, {**PATCHED, WRITE: LATE}, [1, 2, 3, 4]),
    "a page that was waited for is changed": ({(0,): 2, (16,): 2}, {**CORRECT, WRITE: CHANGED}, [1, 2, 3, 4]),
    "an index that nobody uses": ({(0, 1): 2, (16, 24): 2}, CORRECT, [1, 2, 3, 4]),
    "a tile that a later wait for the packer tells of": (BETWEEN, {**CORRECT, MATH: LATER}, [1, 2, 3, 4]),
    "a pointer of an index that is no queue": ({(0, 1): 1, (16,): 2}, {**CORRECT, READ: VIEW}, [1, 2, 3, 4]),
}


@pytest.mark.parametrize(("rings", "texts", "expected"), RIGHT.values(), ids=RIGHT.keys())
def test_right_programs_are_told_nothing(
    check: str, rings: Rings, texts: Mapping[str, str], expected: list[int]
) -> None:
    found = run(check, rings, texts)
    assert (found[: len(expected)] == np.array(expected)[:, None]).all()


@pytest.mark.parametrize("rings", [IN_PLACE, {(0,): PAGES, (16,): PAGES}], ids=["two indices", "two rings"])
def test_rings_in_one_buffer_are_told_nothing(check: str, rings: Rings) -> None:
    found = run(check, rings, CORRECT, in_buffer=True)
    assert (found == np.array([1, 2, 3, 4])[:, None]).all()


def in_place(part: str, *changes: tuple[str, str]) -> tuple[Rings, Mapping[str, str]]:
    return IN_PLACE, {**CORRECT, part: other(CORRECT[part], *changes)}


def summed(part: str, *changes: tuple[str, str]) -> tuple[Rings, Mapping[str, str]]:
    return PARTIALS, {**SUMMED, part: other(SUMMED[part], *changes)}


BEHIND = "get_write_ptr(0), 2048", "get_write_ptr(0) + 2048, 2048"
PAST = "get_write_ptr(0), 2048", "get_write_ptr(0) + 1024, 2048"
UNSEEN = ("cb_wait_front(0, 1);", ""), ("copy_tile(", "// ")
WRONG: dict[str, tuple[str, tuple[Rings, Mapping[str, str]]]] = {
    "no barrier before the push": ("TT-CB-001", in_place(READ, (BARRIER, ""))),
    "no barrier, a ring of which one index is used": (
        "TT-CB-001",
        ({(0, 1): 2, (16, 24): 2}, {**CORRECT, READ: other(READER, (BARRIER, ""))}),
    ),
    "a push of what was not reserved": ("TT-CB-002", in_place(MATH, ("cb_push_back(16, 1)", "cb_push_back(16, 2)"))),
    "a pop of what was not waited for": ("TT-CB-003", in_place(MATH, *UNSEEN)),
    "a read behind the reserved page": ("TT-CB-006", in_place(READ, BEHIND)),
    "a tile that was not waited for": ("TT-CB-007", in_place(MATH, ("cb_wait_front(0, 1);", ""))),
    "a tile behind the one that was waited for": ("TT-CB-007", in_place(MATH, ("copy_tile(0, 0", "copy_tile(0, 1"))),
    "a changed page that was not waited for": (
        "TT-CB-007",
        (CACHE, {**PATCHED, MATH: other(TWICE, ("cb_wait_front(from, 1)", "if (from == 0) cb_wait_front(from, 1)"))}),
    ),
    "partial results that were not waited for": (
        "TT-CB-007",
        ({(0,): 2, (16,): 1, (24,): 1}, {**SUMMED, MATH: other(SUM, ("cb_wait_front(24, 1);", ""))}),
    ),
    "a tile of the packer's of which nothing tells": (
        "TT-CB-007",
        (BETWEEN, {**CORRECT, MATH: other(LATER, ("cb_wait_front(26, 1);", ""))}),
    ),
    "the packer fills a page more": ("TT-CB-008", in_place(MATH, ("pack_tile(0, 16);", 2 * "pack_tile(0, 16); "))),
    "the packer fills the other index": ("TT-CB-008", summed(MATH, ("pack_tile(0, to)", "pack_tile(0, 24)"))),
    "a read past the end": ("TT-CB-014", ({(0, 1): 1, (16, 24): 1}, {**CORRECT, READ: other(READER, PAST)})),
}


@pytest.mark.parametrize(("finding", "program"), WRONG.values(), ids=WRONG.keys())
def test_mistakes_are_told(check: str, finding: str, program: tuple[Rings, Mapping[str, str]]) -> None:
    with pytest.raises(ttnn.KernelError) as caught:
        run(check, *program)
    assert finding in {each.id for each in caught.value.findings}
