"""Prints which conformance programs give the same values on two backends: bit-equal, within tolerance, or not.

    python tests/metal/simulated_card/agreement.py [--left SELECTION] [--right SELECTION] [--report FILE]
        [--results FOLDER] [PATTERN ...]

Each backend runs in a process of its own. By default the emulator's exact numerics in slow dispatch are compared with
``metal``, which is libtt_metal.so on whatever the environment says (a simulated card: see ``prepare.py``). The exit
status is 1 if a program that runs on both gives different values.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np

from tthal_conformance.catalogue import programs
from tthal_conformance.comparison import compare
from tthal_conformance.runner import attempt
from tthal_conformance.schema import Outcome

LEFT = "emulator?dispatch=slow&numerics=exact"
RIGHT = "metal?timeout=600"
RAN = (Outcome.PASSED.value, Outcome.FAILED.value)


@dataclass(frozen=True)
class Ran:
    """What one program did on one backend: its outcome, why, the values of its checks, and the seconds it took."""

    outcome: str
    reason: str
    values: list[tuple[str, Any, Any, Any]]
    seconds: float


def run_all(selection: str, names: list[str], target: Path) -> None:
    """Run programs one after the other; the file grows program by program, so that a crash loses one."""
    known = programs()
    with target.open("wb") as file:
        for name in names:
            started = time.monotonic()
            run, result = attempt(known[name], selection)
            values = [(each.name, each.values, each.tolerance, each.scale) for each in run.outputs]
            ran = Ran(result.outcome.value, result.reason, values, time.monotonic() - started)
            pickle.dump((name, ran), file)
            file.flush()
            print(f"{name}: {ran.outcome} {ran.reason}"[:160], file=sys.stderr, flush=True)


def read_all(target: Path) -> dict[str, Ran]:
    found: dict[str, Ran] = {}
    if not target.exists():
        return found
    with target.open("rb") as file:
        while True:
            try:
                name, ran = pickle.load(file)
            except EOFError:
                return found
            found[name] = ran


def in_own_process(selection: str, names: list[str], folder: Path) -> dict[str, Ran]:
    """Run programs in a child process; when it dies, the program it died in fails and the rest goes on in another.

    What the folder holds already of programs that passed is not run again.
    """
    known = [read_all(target) for target in sorted(folder.glob("*.pickle"))]
    found = {name: ran for each in known for name, ran in each.items() if ran.outcome == Outcome.PASSED.value}
    remaining = [name for name in names if name not in found]
    while remaining:
        target = folder / f"{time.time_ns()}.pickle"
        command = [sys.executable, __file__, "--child", selection, str(target), *remaining]
        done = subprocess.run(command, check=False, env=os.environ)
        new = read_all(target)
        found.update(new)
        remaining = [name for name in remaining if name not in new]
        if remaining:
            reason = f"the process ended with status {done.returncode}"
            found[remaining.pop(0)] = Ran(Outcome.FAILED.value, reason, [], 0.0)
    return found


def side_folder(folder: Path, selection: str) -> Path:
    """Return the folder for one backend's results."""
    target = folder / re.sub(r"[^A-Za-z0-9]+", "-", selection)
    target.mkdir(parents=True, exist_ok=True)
    return target


def same_bits(left: Any, right: Any) -> bool:
    one, other = np.asarray(left), np.asarray(right)
    return one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()


def verdict(left: Ran, right: Ran) -> tuple[str, str]:
    """Return a word for how two runs of a program compare, and what is to be said about it."""
    for side, ran in (("left", left), ("right", right)):
        if ran.outcome not in RAN:
            return "not applicable", f"{side}: {ran.reason}"
    if [each[0] for each in left.values] != [each[0] for each in right.values]:
        return "different", f"left: {left.outcome} {left.reason}; right: {right.outcome} {right.reason}"
    pairs = list(zip(left.values, right.values, strict=True))
    if not pairs:
        same = left.outcome == right.outcome == Outcome.PASSED.value
        return ("same answers", "") if same else ("different", f"left: {left.reason}; right: {right.reason}")
    unequal = [(one, other) for one, other in pairs if not same_bits(one[1], other[1])]
    if not unequal:
        return "bit-equal", "" if right.outcome == Outcome.PASSED.value else f"both miss the oracle: {right.reason}"
    checks = [compare(one[0], other[1], one[1], one[2], one[3]) for one, other in unequal]
    wrong = [check for check in checks if not check.passed]
    if wrong:
        return "different", f"{wrong[0].name}: {wrong[0].wrong} of {wrong[0].total}; first {wrong[0].first}"
    furthest = max((check.max_ulp or 0.0 for check in checks), default=0.0)
    return "within tolerance", f"{checks[0].name}: up to {furthest:g} ulp"


def main() -> int:
    if sys.argv[1:2] == ["--child"]:
        run_all(sys.argv[2], sys.argv[4:], Path(sys.argv[3]))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--left", default=LEFT)
    parser.add_argument("--right", default=RIGHT)
    parser.add_argument("--report", type=Path, help="write the table as JSON, too")
    parser.add_argument("--results", type=Path, help="keep what programs computed, and go on from what is there")
    parser.add_argument("patterns", nargs="*", default=["*"])
    arguments = parser.parse_args()
    names = [name for name in programs() if any(fnmatchcase(name, each) for each in arguments.patterns)]
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.results or Path(temporary)
        sides = [in_own_process(side, names, side_folder(folder, side)) for side in (arguments.left, arguments.right)]
    rows = [(name, *verdict(sides[0][name], sides[1][name]), sides[1][name].seconds) for name in names]
    width = max((len(name) for name in names), default=0)
    for name, word, why, seconds in rows:
        print(f"{name:<{width}}  {word:<16}  {seconds:6.1f} s  {why}")
    words = [word for _, word, _, _ in rows]
    print(", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words)))
    if arguments.report:
        keys = ("program", "verdict", "reason", "seconds")
        arguments.report.write_text(json.dumps([dict(zip(keys, row, strict=True)) for row in rows], indent=1))
    return int("different" in words)


if __name__ == "__main__":
    sys.exit(main())
