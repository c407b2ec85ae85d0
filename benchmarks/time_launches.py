"""Measured launches of empty programs beside what the model takes for them: cases of dispatch.json."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tthal.types import Arch
from tthal_time.constants import CHIPS
from tthal_time.launch_cost import LaunchContent, launch_nanoseconds

_ALL_CORES = 110
_KERNELS = {"brisc_only": (1, False), "ncrisc_only": (1, False), "trisc_only": (3, True), "brisc_trisc": (4, True)}
"""By name: how many kernels a core has, and whether it computes."""
_CYCLES = re.compile(r"(\d+)_cycle_kernel")
_WORDS, _COMMON, _BUFFERS = re.compile(r"_(\d+)_rta"), re.compile(r"_\d+_crta"), re.compile(r"_\d+_?cb")


@dataclass(frozen=True, slots=True)
class Launch:
    """One case, in ns."""

    name: str
    arch: Arch
    measured: float
    modelled: float


def read_launches(file: Path) -> Iterator[Launch]:
    """Read the cases of both chips."""
    tables = json.loads(file.read_text(encoding="utf-8"))
    by_bytes = tables["wormhole_b0"]["pgm_dispatch_us_by_kernel_bytes"]
    for processors, (kernels, computes) in _KERNELS.items():
        for size, us in by_bytes[processors].items():
            content = LaunchContent(computes=computes, kernel_bytes=int(size) * kernels)
            yield _launch(f"{processors} {size} bytes", Arch.WORMHOLE_B0, us, content)
    for case, us in tables["blackhole"]["pgm_dispatch_us"]["cases"].items():
        yield _launch(case, Arch.BLACKHOLE, us, _content(case))


def _launch(name: str, arch: Arch, us: float, content: LaunchContent) -> Launch:
    chip = CHIPS[arch]
    cycles = _CYCLES.match(name)
    busy = int(cycles[1]) * 1e3 / chip.clock.value if cycles else 0.0
    return Launch(name, arch, us * 1e3, launch_nanoseconds(chip, content) + busy)


def _content(case: str) -> LaunchContent:
    words = _WORDS.search(case)
    is_grouped = "8g" in case or case.startswith("kernel_groups")
    hidden = _CYCLES.match(case) is not None  # what a running kernel hides of the next launch
    return LaunchContent(
        cores=1 if "1_core" in case or "only" in case else _ALL_CORES,
        computes="trisc" in case or "all_processors" in case,
        configures=not hidden and bool(_COMMON.search(case) or _BUFFERS.search(case)),
        groups=8 if is_grouped else 1,
        words=int(words[1]) if words else 0,
    )
