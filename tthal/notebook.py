"""What notebooks show of programs, devices, buffers and tensors: small tables and grids, in HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

COLOURS = ("#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#eeca3b", "#9d755d")
"""One for each group of cores, again from the first after the last."""

_CELL = 16

Core = tuple[int, int]
"""Column and row."""


def facts(title: str, rows: Mapping[str, object]) -> str:
    """Return a titled table of names and values."""
    cells = "".join(
        f"<tr><th style='text-align:left'>{escape(k)}</th><td>{escape(str(v))}</td></tr>" for k, v in rows.items()
    )
    return f"<div><b>{escape(title)}</b><table>{cells}</table></div>"


def groups(title: str, listed: Sequence[tuple[Sequence[Core], Sequence[str]]]) -> str:
    """Return the grid of cores, coloured by group, and a list of what each group has, line by line."""
    coloured = [(COLOURS[i % len(COLOURS)], cores, lines) for i, (cores, lines) in enumerate(listed)]
    picture = grid({(x, y): colour for colour, cores, _ in coloured for x, y in cores})
    legend = "".join(
        f"<li><b style='color:{colour}'>{in_words(cores)}</b><br>{'<br>'.join(escape(line) for line in lines)}</li>"
        for colour, cores, lines in coloured
    )
    return f"<div><b>{escape(title)}</b><br>{picture}<ul>{legend}</ul></div>"


def in_words(listed: Sequence[object]) -> str:
    """Return how many cores that are, in words."""
    return f"{len(listed)} core{'s' if len(listed) != 1 else ''}"


def cores(title: str, listed: Iterable[Core]) -> str:
    """Return the grid with these cores filled."""
    return f"<div><b>{escape(title)}</b><br>{grid(dict.fromkeys(listed, COLOURS[0]))}</div>"


def grid(colours: Mapping[Core, str]) -> str:
    """Return an SVG of the grid of cores; (0, 0) is in the upper left corner."""
    found = {(x, y): colour for (x, y), colour in colours.items()}
    columns, rows = (max((core[axis] for core in found), default=-1) + 1 for axis in (0, 1))
    squares = "".join(
        f"<rect x='{x * _CELL}' y='{y * _CELL}' width='{_CELL - 2}' height='{_CELL - 2}' "
        f"fill='{found.get((x, y), '#dddddd')}'><title>({x},{y})</title></rect>"
        for y in range(rows)
        for x in range(columns)
    )
    return f"<svg width='{columns * _CELL}' height='{rows * _CELL}' xmlns='http://www.w3.org/2000/svg'>{squares}</svg>"
