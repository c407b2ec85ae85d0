"""Pictures of programs, of a device's memory and of tiles, by matplotlib (``pip install matplotlib``).

Each function returns a matplotlib figure, which a notebook shows and ``figure.savefig("name.svg")`` keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tthal.buffer import Buffer
from tthal.core_groups import CoreGroup, extent
from tthal.descriptors import ProgramDescriptor
from tthal.device import Device
from tthal.errors import InvalidArgument
from tthal.notebook import COLOURS, in_words
from tthal.program import Program
from tthal.tensor import Tensor, to_numpy

if TYPE_CHECKING:
    from tthal.figure import Picture

__all__ = ["memory", "program", "tile"]

LINE_INCHES = 0.22
"""From one line of text to the next."""


def program(program: Program | ProgramDescriptor) -> Picture:
    """Draw the grid of cores, coloured by what is on them: kernels, circular buffers and semaphores.

    Raises:
        InvalidArgument: matplotlib is not installed, the program has no parts, or it is none.
    """
    if isinstance(program, ProgramDescriptor):
        program = Program(program)
    _require(program, Program, "a Program or a ProgramDescriptor")
    groups = program.core_groups()
    if not groups:
        raise InvalidArgument(f"{program!r} has nothing to draw")
    columns, rows = extent(core for group in groups for core in group.cores)
    lines = sum(len(group.lines()) + 2 for group in groups)
    figure = _figure(4.5 + 0.5 * columns, max(1 + 0.5 * rows, LINE_INCHES * lines))
    grid, legend = figure.subplots(1, 2, width_ratios=[0.5 * columns + 0.5, 4])
    for number, group in enumerate(groups):
        for core in group.cores:
            grid.add_patch(_square(core.x, core.y, COLOURS[number % len(COLOURS)]))
    grid.set(xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), xticks=range(columns), yticks=range(rows))
    grid.set_aspect("equal")
    grid.set_title(f"program {program.id}")
    _write_groups(legend, groups)
    return figure


def _write_groups(axes: Any, groups: Sequence[CoreGroup]) -> None:
    axes.axis("off")
    lines, line = sum(len(group.lines()) + 2 for group in groups), 0
    step = min(1 / lines, LINE_INCHES / axes.figure.get_figheight())
    for number, group in enumerate(groups):
        for text in [in_words(group.cores), *(f"  {each}" for each in group.lines())]:
            colour = COLOURS[number % len(COLOURS)] if not text.startswith(" ") else "black"
            axes.text(0, 1 - (line + 0.5) * step, text, color=colour, transform=axes.transAxes, fontsize=9)
            line += 1
        line += 1


def memory(device: Device) -> Picture:
    """Draw who has the L1 of the cores and the DRAM of the banks: every buffer that is alive, from its address on.

    Not shown are buffers at an address that the program chose itself, which own no memory, and circular buffers, which
    take L1 only while their program runs, from the lowest address for buffers on.

    Raises:
        InvalidArgument: matplotlib is not installed, or ``device`` is none.
    """
    _require(device, Device, "a Device")
    facts, alive = device.properties, device.buffers()
    figure = _figure(8, 4)
    l1, dram = figure.subplots(2, 1)
    _draw_memory(l1, f"L1 of a core, {facts.l1_size // 1024} KB", facts.l1_base, facts.l1_size, _of(alive, l1=True))
    title = f"a DRAM bank of {len(facts.dram_banks)}, {facts.dram_bank_size >> 20} MB"
    _draw_memory(dram, title, facts.dram_base, facts.dram_bank_size, _of(alive, l1=False))
    return figure


def _of(alive: Sequence[Buffer], l1: bool) -> list[Buffer]:
    return sorted((each for each in alive if each.is_l1() == l1), key=lambda each: each.address())


def _draw_memory(axes: Any, title: str, base: int, size: int, buffers: Sequence[Buffer]) -> None:
    # A whole bank of DRAM is gigabytes: what is shown ends where the buffers end, unless they lie at the top.
    ends = [each.address() + each.aligned_size_per_bank() for each in buffers]
    starts = [each.address() for each in buffers]
    low = min([base, *starts]) if not buffers or min(starts) - base < size // 2 else min(starts)
    high = size if not buffers or max(ends) > size // 2 else max(ends)
    for number, each in enumerate(buffers):
        colour = COLOURS[number % len(COLOURS)]
        label = f"{each.unique_id()}: {each.buffer_layout().name.lower()}, {each.size()} B at 0x{each.address():x}"
        axes.barh(0, each.aligned_size_per_bank(), left=each.address(), color=colour, label=label, edgecolor="white")
    axes.set(xlim=(low, high), yticks=[], title=title if buffers else f"{title}: no buffer")
    axes.locator_params("x", nbins=5)
    axes.xaxis.set_major_formatter(lambda value, _: f"0x{int(value):x}")
    if buffers:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=7, title="buffers", title_fontsize=7)


def tile(x: Tensor | np.ndarray, row: int = 0, column: int = 0) -> Picture:
    """Draw one tile of a matrix as colours, with lines between its faces.

    Args:
        x: a tensor or an array of at least two dimensions; of more, the first matrix counts.
        row: which tile, counted in tiles of 32x32, or in the tensor's tiles.
        column: the same, across.

    Raises:
        InvalidArgument: matplotlib is not installed, ``x`` has no real numbers or fewer than two dimensions, or there
            is no such tile.
    """
    values = to_numpy(x) if isinstance(x, Tensor) else np.asarray(x)
    if values.ndim < 2:
        raise InvalidArgument(f"a tile has rows and columns; the shape is {values.shape}")
    if not np.can_cast(values.dtype, np.float64, "same_kind"):
        raise InvalidArgument(f"a tile has real numbers, not {values.dtype}")
    for place in (row, column):
        _require(place, (int, np.integer), "the number of a row or column of tiles")
    height, width = x.get_tile().tile_shape if isinstance(x, Tensor) and x.get_tile() is not None else (32, 32)
    matrix = values.reshape(-1, *values.shape[-2:])[0].astype(np.float64)
    part = matrix[row * height : (row + 1) * height, column * width : (column + 1) * width]
    if not part.size or row < 0 or column < 0:
        raise InvalidArgument(f"tile ({row}, {column}) of {height}x{width} is outside of a matrix of {matrix.shape}")
    figure = _figure(5, 4.5)
    axes = figure.subplots()
    picture = axes.imshow(part, cmap="viridis")
    for face in range(16, max(part.shape), 16):
        axes.axhline(face - 0.5, color="white", linewidth=0.8)
        axes.axvline(face - 0.5, color="white", linewidth=0.8)
    axes.set(xlim=(-0.5, part.shape[1] - 0.5), ylim=(part.shape[0] - 0.5, -0.5), title=f"tile ({row}, {column})")
    figure.colorbar(picture, ax=axes)
    return figure


def _require(given: object, kind: type | tuple[type, ...], what: str) -> None:
    if not isinstance(given, kind):
        raise InvalidArgument(f"{given!r} is not {what}")


def _figure(width: float, height: float) -> Picture:
    try:
        from tthal.figure import Picture
    except ModuleNotFoundError as error:
        raise InvalidArgument(f"pictures are drawn by matplotlib: {error}; pip install matplotlib") from None
    return Picture(figsize=(width, height), layout="constrained")


def _square(x: int, y: int, colour: str) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.45, y - 0.45), 0.9, 0.9, color=colour)
