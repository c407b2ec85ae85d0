"""Writes docs/findings/: a page for every kind of finding, with the report of a program that has the mistake.

``python tools/finding_pages.py`` runs the faulty programs of `tthal racebench` that finding_causes.py names, or those
of finding_programs.py, and writes all pages; ``--only ID`` writes one, ``--missing`` goes on, ``--check`` compares with
the pages that are there.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from finding_causes import CAUSES, DEADLOCK, WAYPOINTS, Cause
from finding_programs import BODIES, kernel, said

from tthal.columns import fitted, unfolded
from tthal.selection import Selection
from tthal_check.document import general
from tthal_check.findings import KINDS, Kind
from tthal_conformance.racebench.pair import Pair, Variant, pairs
from tthal_conformance.racebench.run import observe

FOLDER = Path(__file__).parents[1] / "docs" / "findings"
_PAIRS = "../../conformance/tthal_conformance/racebench/pairs"
_MODES = ("default", "full")
_MOST_OTHERS = 4
_ADDRESS = re.compile(r"0x[0-9a-f]+")
_PART = re.compile(r"^#ifdef \w+\n(.*?)^#endif$", re.M | re.S)
_BY_ID = {kind.id: kind for kind in KINDS.values()}


def page(kind: Kind, cause: Cause) -> str:
    """Return the page of a kind."""
    parts = [f"# {kind.id}\n", f"*{kind.severity.value.capitalize()}:* {general(kind.text)}.\n"]
    pair = pairs()[cause.pair] if cause.pair else None
    if pair is not None:
        mode, text = report(kind, pair.name, lambda options: _observed(pair, options))
        parts += [f"## The report\n\nWith `check={mode}`:\n", f"```text\n{text}\n```\n"]
        parts += [
            f"of the faulty program of [`{pair.name}`]({_PAIRS}/{pair.name}.cpp); `FAULTY(...)` is only in that one, "
            f"`FIXED(...)` only in the fixed one, and `EITHER(a, b)` is a in it and b in the fixed one:\n",
            f"```cpp\n{kernels(pair)}\n```\n",
        ]
    elif kind.id in BODIES:
        mode, text = report(kind, "its program", lambda options: said(kind.id, options))
        parts += [f"## The report\n\nWith `check={mode}`:\n", f"```text\n{text}\n```\n"]
        parts += [f"of the kernel\n\n```cpp\n{kernel(kind.id)}```\n"]
    parts += [f"## On a card\n\n{cause.card}\n", f"The watcher says: {cause.watcher}.\n"]
    fix = general(kind.fix)
    parts += [f"## The fix\n\n{fix[0].upper()}{fix[1:]}{'' if fix.endswith('?') else '.'}\n"]
    return "\n".join(parts)


def _observed(pair: Pair, options: str) -> str:
    return observe(pair, Variant.FAULTY, Selection.parse(f"emulator?{options}")).report


def report(kind: Kind, name: str, run: Callable[[str], str]) -> tuple[str, str]:
    """Return what the checks say of a faulty program, and under which mode; addresses are left out.

    Args:
        run: runs the program on a device with some options, and returns all that it says.

    Raises:
        LookupError: none says this kind.
    """
    for mode in _MODES:
        others: list[str] = []
        # Findings that come first hide the text of later ones, which only list their ids.
        for _ in range(_MOST_OTHERS):
            suppress = f"&suppress={'+'.join(others)}" if others else ""
            text = unfolded(run(f"check={mode}{suppress}&jobs=1"))
            found = re.search(r"^.*\[" + kind.id + r"\](?:\n    (?!In the same).*)*", text, re.M)
            if found is not None:
                return mode, fitted(_ADDRESS.sub("0x…", re.sub(r"^\w+Error: ", "", found[0])))
            first = re.search(r"\[(TT-[A-Z]+-\d+)\]", text)
            if first is None:
                break
            others.append(first[1])
    raise LookupError(f"{kind.id}: no check says it of {name}")


def kernels(pair: Pair) -> str:
    """Return the kernels of a pair that its fault is about."""
    parts = [part.strip() for part in _PART.findall(pair.path.read_text(encoding="utf-8"))]
    return "\n\n".join(part for part in parts if "// site" in part)


def index() -> str:
    """Return the page that lists all kinds, with the watcher's names beside ours."""
    rows = ["| finding | severity | what | the card's watcher says |", "|---|---|---|---|"]
    for kind in KINDS.values():
        what = general(kind.text)
        rows.append(f"| [{kind.id}]({kind.id}.md) | {kind.severity.value} | {what} | {CAUSES[kind.id].watcher} |")
    head = (
        "# Findings\n\nWhat [the checks](../checks.md) can find. `python tools/finding_pages.py` writes these pages.\n"
    )
    return "\n".join([head, *rows]) + "\n\nWhere nobody can go on: [deadlocks](deadlocks.md).\n"


def deadlocks() -> str:
    """Return the page of deadlocks."""
    pair = pairs()[DEADLOCK]
    text = _ADDRESS.sub("0x…", re.sub(r"^\w+Error: ", "", _observed(pair, "check=default&jobs=1")))
    rows = ["| waypoint | waits in |", "|---|---|", *(f"| `{name}` | {words} |" for name, words in WAYPOINTS.items())]
    return (
        "\n".join(
            [
                "# Deadlocks\n",
                "When no processor can go on, the emulator says so at once, with every processor's line and wait, "
                "and with `check=default` the cycle of waits, who has ended, and who pushed, popped and raised what:\n",
                f"```text\n{text}\n```\n",
                f"That is the faulty program of [`{pair.name}`]({_PAIRS}/{pair.name}.cpp):\n",
                f"```cpp\n{kernels(pair)}\n```\n",
                "A card hangs. Its watcher, when it is on, shows the last waypoint of every processor, in a row per "
                "core (BRISC, NCRISC, TRISC0 to 2):\n",
                *rows,
                "\nA kernel's own `WAYPOINT` is shown by the emulator, too, in brackets behind the wait.",
            ]
        )
        + "\n"
    )


def main() -> int:
    """Write or compare the pages."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="ID", action="append", choices=sorted(_BY_ID))
    parser.add_argument("--missing", action="store_true", help="write only pages that are not there")
    parser.add_argument("--check", action="store_true", help="compare only")
    options = parser.parse_args()
    FOLDER.mkdir(exist_ok=True)
    wanted = {} if options.only else {FOLDER / "README.md": index, FOLDER / "deadlocks.md": deadlocks}
    wanted |= {FOLDER / f"{i}.md": lambda i=i: page(_BY_ID[i], CAUSES[i]) for i in options.only or _BY_ID}  # type: ignore[misc]
    stale = []
    for path, make in wanted.items():
        if options.missing and path.exists():
            continue
        try:
            text = make()
        except LookupError as problem:
            print(problem, file=sys.stderr)
            stale.append(path)
            continue
        if options.check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            stale.append(path)
        elif not options.check:
            path.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"not as it should be: {path.name}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
