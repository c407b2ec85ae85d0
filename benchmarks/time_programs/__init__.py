"""Programs that were measured on silicon, rebuilt from their descriptions: one function per program, by its id.

The kernels are our own; what they do, on which cores and with which parameters, is what the descriptions say. Programs
that repeat their work inside a launch (``kernel_iters``) are run for few repetitions, twice, and continued in
proportion; where the description says so, what was measured is one repetition.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import tthal as ttnn
from tthal.types import Arch

from . import engines, movement, pipes, reductions, scalars, streams
from .common import Variant

_RESULTS = frozenset({"ns", "ns_derived", "ncrisc_ns", "brisc_ns", "trials"})
_CLOCKS = {"wormhole_b0": Arch.WORMHOLE_B0, "blackhole": Arch.BLACKHOLE}
Build = Callable[[ttnn.Device, Variant, int], ttnn.Program]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How a program is built.

    Attributes:
        build: for a number of repetitions.
        each: what was measured is one repetition of ``kernel_iters``, or of the launch's whole work.
        repetitions: of a program whose description has no ``kernel_iters``.
    """

    build: Build
    each: bool = True
    repetitions: int = 1

    def times(self, variant: Variant) -> int:
        """How often the work is repeated in a launch."""
        return int(variant.get("kernel_iters", self.repetitions))


@dataclass(frozen=True, slots=True)
class Measured:
    """One variant of a program; ``rebuilt`` is None where it is not, and ``reason`` says why."""

    program: str
    arch: Arch
    variant: Variant
    ns: float
    rebuilt: Rebuilt | None
    reason: str = ""

    @property
    def name(self) -> str:
        """Its parameters, in short."""
        return " ".join(f"{key}={value}" for key, value in self.variant.items() if key not in _RESULTS)


def read_programs(file: Path) -> Iterator[Measured]:
    """Read the variants of a file of programs."""
    for program in json.loads(file.read_text(encoding="utf-8"))["programs"]:
        rebuilt = PROGRAMS.get(program["id"])
        for variant in program["variants"]:
            if variant.get("ns"):
                reason = _left_out(program["id"], variant) if rebuilt else "not rebuilt"
                arch = _CLOCKS[program["chip"]]
                yield Measured(program["id"], arch, variant, float(variant["ns"]), None if reason else rebuilt, reason)


def _left_out(program: str, variant: Variant) -> str:
    """Why a variant of a program that is rebuilt is not; empty for all others."""
    if program == "sfpu_tile_scope":
        return (
            "" if variant["scope"] in engines.SCOPES else "it calls the vector unit by other ways than the compute API"
        )
    if variant.get("variant") == "two_phase_reduce_mcast":
        return "an older form of reduce_scatter_mcast, which was not read"
    several = variant.get("HtxWtxNC", "1x").split("x")[0] != "1"
    if program == "reduce_block" and variant["dim"] == "row" and variant["variant"] == "reduce_tile" and several:
        return "a third of what the same tiles take in the other two reports: the library took another way"
    return ""


def _once(build: Callable[[ttnn.Device, Variant], ttnn.Program]) -> Rebuilt:
    return Rebuilt(lambda device, variant, _: build(device, variant))


PROGRAMS: dict[str, Rebuilt] = {
    **{
        build.__name__: _once(build)
        for build in (
            movement.dram_saturation,
            movement.reader_placement,
            movement.bank_placement,
            movement.noc_one_packet,
            movement.split_reader,
            movement.constant_synthesis,
            movement.double_buffer,
        )
    },
    "index_staging": Rebuilt(scalars.index_staging, each=False),
    "transfer_alignment": Rebuilt(scalars.transfer_alignment),
    "distribution_gate": Rebuilt(streams.distribution_gate),
    "dual_noc_read": Rebuilt(streams.dual_noc_read),
    "shared_input_reuse": Rebuilt(streams.shared_input_reuse),
    "tensix_all_reduce_ring_transport": Rebuilt(pipes.tensix_all_reduce_ring_transport),
    "tensix_all_reduce": Rebuilt(pipes.tensix_all_reduce),
    "tensix_all_reduce_bh_1d": Rebuilt(pipes.tensix_all_reduce),
    "compute_block_size": Rebuilt(engines.compute_block_size),
    "matmul_output_subblock": Rebuilt(engines.matmul_output_subblock, each=False, repetitions=100),
    "handshake_elision": Rebuilt(engines.handshake_elision, each=False),
    "sfpu_tile_scope": Rebuilt(engines.sfpu_tile_scope, repetitions=2000),
    "reduce_accumulate": Rebuilt(reductions.reduce_accumulate),
    "row_reduce_accumulate": Rebuilt(reductions.row_reduce_accumulate),
    "reduce_block": Rebuilt(reductions.reduce_block),
}
"""By id."""
