"""What is kept of a launch that failed, when asked for (``dump=FOLDER``): report, graph of waits, memory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tthal.observer import ObservedLaunch

DST_TILES, TILE = 16, (32, 32)
DST_BYTES = DST_TILES * prod(TILE) * 4
_CORES = 16
"""Cores whose memory is kept."""


def write_dump(
    folder: Path,
    launch: ObservedLaunch,
    report: str,
    cores: Iterable[int],
    buffers: Mapping[int, npt.NDArray[np.void]],
    dst: Mapping[int, npt.NDArray[np.uint32]],
    graph: str = "",
) -> Path:
    """Write a new folder below ``folder``: report.txt, waits.dot for a deadlock, and state.npz.

    The arrays of state.npz: ``l1_X_Y`` (bytes) of the logical cores involved, ``semaphores_X_Y`` (words), and
    ``circular_buffers_X_Y``, what the checks know of each by index (address, sizes, pages pushed and popped, …), and,
    where a compute kernel had begun a section, ``dst_X_Y``: 16 tiles of DST as float32 patterns, row by row; of two
    sections in turns the second begins at tile 8.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = 1 + sum(1 for _ in folder.glob("launch-*"))
    while (place := folder / f"launch-{number}").exists():
        number += 1
    place.mkdir()
    (place / "report.txt").write_text(report + "\n", encoding="utf-8")
    if graph:
        (place / "waits.dot").write_text(graph, encoding="utf-8")
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for index in list(dict.fromkeys(cores))[:_CORES]:
        core = launch.cores.get(index)
        if core is None:
            continue
        name = f"{core.core.x}_{core.core.y}"
        memory = np.frombuffer(launch.l1(index), np.uint8)
        base, count = core.semaphores
        arrays[f"l1_{name}"] = memory.copy()
        arrays[f"semaphores_{name}"] = memory[base : base + 16 * count].view(np.uint32)[::4].copy()
        if index in dst:
            arrays[f"dst_{name}"] = dst[index].reshape(DST_TILES, *TILE)
        arrays[f"circular_buffers_{name}"] = buffers[index][[item.index for item in core.circular_buffers]].copy()
    np.savez_compressed(place / "state.npz", **arrays)  # type: ignore[arg-type]
    return place
