"""Deliberately broken C++: a copy of one file with one line changed, compiled, and the program that must notice.

``python tests/conformance/mutants.py`` runs all of them and prints the table; words restrict it to mutants whose names
have them.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import tthal_emulator.compiler.compiler as compiler_module
import tthal_emulator.device as device_module
import tthal_emulator.execution.compiled.build as build_module
from tthal.selection import Selection
from tthal_conformance.catalogue import programs
from tthal_conformance.runner import Bench
from tthal_conformance.schema import Outcome, Result

EMULATOR = Path(device_module.__file__).parent
HEADERS, LIBRARY = "kernel_side/include", "kernel_side/library"
"""Of the device: headers that kernels include, functions that they call."""
COMPILED = "execution/compiled"
"""What runs beside them."""
FAST, EXACT = "emulator?numerics=fast", "emulator?numerics=exact"
"""Each grade's arithmetic stands in code of its own."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: where, what stands there, what stands there instead, and who must notice.

    Attributes:
        program: of the conformance suite.
        quick: whether it is one of the few that run with every test; the others compile for seconds.
    """

    folder: str
    file: str
    before: str
    after: str
    program: str
    selection: str = "emulator"
    quick: bool = False


MUTANTS = {
    # ---- device headers
    "pages are never pushed": Mutant(
        HEADERS, "tthal/dataflow/circular_buffers.h", ".received += pages;", ".received += 0;", "cb.stream"
    ),
    "pages are never popped": Mutant(
        HEADERS, "tthal/dataflow/circular_buffers.h", ".acked += pages;", ".acked += 0;", "cb.stream"
    ),
    "the write pointer passes the end": Mutant(
        HEADERS,
        "tthal/dataflow/circular_buffers.h",
        "cb.fifo_wr_ptr -= cb.fifo_size;",
        "cb.fifo_wr_ptr -= 0;",
        "cb.stream",
    ),
    "halves of a DRAM channel are one": Mutant(
        HEADERS,
        "tthal/dataflow/addresses.h",
        "address + get_bank_offset<DRAM>(bank));",
        "address);",
        "noc.bank_addresses",
    ),
    "loopback leaves the sender out": Mutant(
        HEADERS,
        "tthal/dataflow/noc_multicast.h",
        "size, num_dests, linked, tthal::NOC_FLAG_INCLUDE_SOURCE);",
        "size, num_dests, linked);",
        "noc.multicast_loopback",
    ),
    "increments add one": Mutant(
        HEADERS,
        "tthal/dataflow/noc_semaphores.h",
        "noc, semaphore, 0, 32, increment,",
        "noc, semaphore, 0, 32, 1,",
        "semaphore.wait_min",
    ),
    "rounding truncates": Mutant(
        HEADERS, "tthal/fpu/patterns.h", "(pattern + (1u << (bits - 1)))", "(pattern + 0u)", "compute.add_rounds", FAST
    ),
    "block floats are half as large": Mutant(
        HEADERS, "tthal/fpu/unpack.h", "static_cast<uint32_t>(exponent) - 133)", "exponent - 134u)", "format.bfp8_in"
    ),
    "faces lie column by column": Mutant(
        HEADERS,
        "tthal/fpu/unpack.h",
        "((face >> 1) * FACE_SIDE + line) * TILE_SIDE + (face & 1) * FACE_SIDE);",
        "((face & 1) * FACE_SIDE + line) * TILE_SIDE + (face >> 1) * FACE_SIDE);",
        "compute.broadcast_rows",
    ),
    # ---- functions that kernels call
    "subtraction adds": Mutant(
        LIBRARY,
        "tile_elementwise.cpp",
        "{.flipped = SIGN}",
        "{.flipped = 0}",
        "compute.sub",
        FAST,
    ),
    "products of elements forget DST": Mutant(
        LIBRARY,
        "fast_combine.cpp",
        "wasm_f32x4_add(old, wasm_f32x4_mul(a, b))",
        "wasm_f32x4_mul(a, a)",
        "compute.mul",
        FAST,
    ),
    "a released section keeps its numbers": Mutant(
        LIBRARY, "dst.cpp", "if (dirty[tile]) clear(tile);", "if (false) clear(tile);", "compute.fresh_registers"
    ),
    "block floats are cut": Mutant(
        LIBRARY, "tile_pack.cpp", "wasm_f32x4_splat(0.5f)", "wasm_f32x4_splat(0.0f)", "format.bfp8_out"
    ),
    "the upper faces count twice": Mutant(
        LIBRARY,
        "tile_reduce.cpp",
        "pool_face(sums, half + 2);",
        "pool_face(sums, half);",
        "compute.reduce_columns",
        FAST,
    ),
    # ---- compiled code beside the kernels
    "the last page is never enough": Mutant(
        COMPILED,
        "launch.cpp",
        "COUNTER_MASK) >= kernel.wait_b;\n    const",
        "COUNTER_MASK) > kernel.wait_b;\n    const",
        "cb.stream",
        quick=True,
    ),
    "a semaphore must pass its value": Mutant(
        COMPILED,
        "launch.cpp",
        "load(kernel.l1 + kernel.wait_a) >= kernel.wait_b",
        "load(kernel.l1 + kernel.wait_a) > kernel.wait_b",
        "semaphore.wait_min",
    ),
    "reads lose their last bytes": Mutant(
        COMPILED,
        "noc.cpp",
        "launch.move(local, remote, transfer.size);",
        "launch.move(local, remote, transfer.size - 4);",
        "noc.read_from_core",
        quick=True,
    ),
    "writes lose their last bytes": Mutant(
        COMPILED,
        "noc.cpp",
        "launch.move(remote, local, transfer.size);",
        "launch.move(remote, local, transfer.size - 4);",
        "noc.write_to_core",
    ),
    "misaligned transfers are carried out": Mutant(
        COMPILED, "noc.cpp", "((address ^ transfer.local) & mask) == 0", "mask != 0", "error.illegal_access"
    ),
    "HiFi3 multiplies once": Mutant(
        COMPILED,
        "multiply/fast_matmul.cpp",
        "if constexpr (two) add(left.second",
        "if constexpr (false) add(left.second",
        "matmul.hifi3",
        FAST,
    ),
    "only half of a tile is transposed": Mutant(
        COMPILED,
        "multiply/tiles.h",
        "tile[row * SIDE + column] = tile[column * SIDE + row];",
        "tile[row * SIDE + column] = other;",
        "matmul.transposed",
    ),
    "rows of a block are as far apart as columns": Mutant(
        COMPILED,
        "products.cpp",
        "product.stride0 = arguments[1].u32;",
        "product.stride0 = arguments[3].u32;",
        "matmul.block",
    ),
    "all fidelities are LoFi": Mutant(
        COMPILED, "products.cpp", "product.fidelity = block.math_fidelity;", "product.fidelity = 0;", "matmul.hifi4"
    ),
    "SrcA has no low slice": Mutant(
        COMPILED,
        "multiply/exact_operands.h",
        "slice(to, A_HIGH, A_FULL, TIE_BREAKER",
        "slice(to, A_HIGH, A_HIGH, TIE_BREAKER",
        "matmul.hifi4",
        EXACT,
    ),
}


def run(mutant: Mutant) -> Result:
    """Run the mutant's program, on what is in force."""
    return Bench(Selection.parse(mutant.selection)).run(programs()[mutant.program])


@contextmanager
def mutated(mutant: Mutant, scratch: Path) -> Iterator[None]:
    """Let devices that are opened meanwhile be made of a copy with the mistake.

    Raises:
        LookupError: the file does not say what the mutant changes.
    """
    copy = scratch / Path(mutant.folder).name
    shutil.copytree(EMULATOR / mutant.folder, copy)
    text = (copy / mutant.file).read_text(encoding="utf-8")
    if mutant.before not in text:
        raise LookupError(f"{mutant.file} does not say {mutant.before!r} any more")
    (copy / mutant.file).write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        if mutant.folder == HEADERS:
            patch.setattr(device_module, "INCLUDE_FOLDER", copy)
        elif mutant.folder == LIBRARY:
            patch.setattr(compiler_module, "LIBRARY_FOLDER", copy)
        else:
            patch.setattr(build_module, "FOLDER", copy)
        yield


def judged(mutant: Mutant) -> str:
    """Say how a mutant fared: what its program said, or that it escaped."""
    if run(mutant).outcome is not Outcome.PASSED:
        return "?: its program fails without it"
    with tempfile.TemporaryDirectory() as scratch, mutated(mutant, Path(scratch)):
        result = run(mutant)
    if result.outcome is Outcome.PASSED:
        return "ESCAPED"
    return f"caught: {' '.join((result.reason or '').split())[:100]}"


def main() -> None:
    """Print the table."""
    wanted = sys.argv[1:]
    for name, mutant in MUTANTS.items():
        if all(word in name for word in wanted):
            print(f"{name:45} {mutant.folder}/{mutant.file:36} {mutant.program:24} {judged(mutant)}", flush=True)


if __name__ == "__main__":
    main()
