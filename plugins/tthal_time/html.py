"""Profiles as one self-contained page: heat maps of cores, of both NoCs' links and of DRAM, a table per launch."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tthal.errors import InvalidArgument

from .profile import WAITS, Cause, Profile, rows
from .report import bound, time_text

_FOLDER = Path(__file__).resolve().parent / "page"
_LAUNCHES = 50
"""The longest ones, in one page."""


def write_page(profiles: Sequence[Profile], path: Path) -> None:
    """Write the page of a run.

    Raises:
        InvalidArgument: the file cannot be written.
    """
    shown = sorted(range(len(profiles)), key=lambda number: -profiles[number].cycles)[:_LAUNCHES]
    data = {
        "total": time_text(sum(profile.nanoseconds for profile in profiles)),
        "count": len(profiles),
        "launches": [_launch(number, profiles[number]) for number in sorted(shown)],
    }
    # In a script element, `</` would end it.
    text = json.dumps(data, separators=(",", ":")).replace("</", "<\\/")
    parts = {name: (_FOLDER / name).read_text(encoding="utf-8") for name in ("page.html", "page.css", "page.js")}
    page = parts["page.html"].replace("/*STYLE*/", parts["page.css"]).replace("/*DATA*/", text)
    try:
        path.write_text(page.replace("/*SCRIPT*/", parts["page.js"]), encoding="utf-8")
    except OSError as error:
        raise InvalidArgument(f"--html {path}: {error.strerror or error}") from error


def _launch(number: int, profile: Profile) -> dict[str, Any]:
    width, height = profile.chip.grid
    share = 1 / profile.cycles if profile.cycles else 0.0
    return {
        "number": number,
        "name": profile.name,
        "time": time_text(profile.nanoseconds),
        "cycles": round(profile.cycles),
        "chip": profile.chip.name,
        "bound": bound(profile, profile.critical) if profile.critical is not None else "nothing",
        "grid": profile.grid,
        "torus": [width, height],
        "cores": _cores(profile, share),
        "nodes": [[node % width, node // width, x, y] for (x, y), node in profile.nodes.items()],
        "banks": [
            {"x": bank.node % width, "y": bank.node // width, "busy": round(bank.busy * share, 4), "read": bank.read,
             "written": bank.written}
            for bank in profile.banks
        ],
        "links": [[[round(busy * share, 4) for busy in side.tolist()] for side in noc] for noc in profile.links],
        "rows": _rows(profile),
        "notes": profile.remarks,
    }  # fmt: skip


def _cores(profile: Profile, share: float) -> list[dict[str, Any]]:
    """Per core: the share of its busiest processor at work, and of the one that waits most."""
    found: dict[tuple[int, int], list[dict[str, Any]]] = defaultdict(list)
    for item in profile.threads:
        spent = {cause.value: round(item.spent[cause] * share, 4) for cause in Cause if item.spent[cause] > 0}
        waits = sum(item.spent[cause] for cause in Cause if cause in WAITS) * share
        line, _ = item.hottest
        found[item.thread.core].append(
            {
                "label": item.thread.label,
                "kernel": item.thread.name.rsplit("/", 1)[-1],
                "busy": round(item.own * share, 4),
                "waiting": round(waits, 4),
                "spent": spent,
                "sent": item.sent,
                "finish": round(item.finish),
                "line": str(line) if line is not None else "",
            }
        )
    return [{"x": x, "y": y, "threads": threads} for (x, y), threads in sorted(found.items())]


def _rows(profile: Profile) -> list[dict[str, Any]]:
    return [
        {
            "kernel": row.kernel,
            "label": row.label,
            "cores": row.cores,
            "spent": {cause.value: round(row.spent[cause], 4) for cause in Cause if row.spent[cause] > 0},
            "sent": row.sent,
            "limit": round(row.sent / profile.cycles / row.limit, 4) if profile.cycles and row.limit else 0,
            "tiles": row.tiles,
            "each": round(profile.cycles / row.tiles, 1) if row.tiles else 0,
            "ideal": round(row.ideal, 1),
        }
        for row in rows(profile)
    ]
