"""Prints which conformance programs give the same values on two backends: bit-equal, within tolerance, or not.

    python tests/metal/simulated_card/agreement.py [--left SELECTION] [--right SELECTION] [--report FILE]
        [--results FOLDER] [--limit SECONDS] [--try-all] [PATTERN ...]

Each backend runs in a process of its own. By default the emulator's exact numerics in slow dispatch are compared with
``metal``, which is libtt_metal.so on whatever the environment says (a simulated card: see ``prepare.py``). A program
that a backend cannot run, by what the device declares or by the backend's conformance profile, is a row with the
reason. The exit status is 1 if a program that runs on both gives different values.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass
from enum import Enum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
from sides import CHILD, Ran, Side, run_all

from tthal_conformance.catalogue import programs
from tthal_conformance.comparison import compare
from tthal_conformance.schema import Outcome

LEFT = "emulator?dispatch=slow&numerics=exact&check=off"
RIGHT = "metal?timeout=120"
RAN = (Outcome.PASSED.value, Outcome.FAILED.value)


class Verdict(str, Enum):
    """How a program's two runs compare; ``SAME_ANSWERS``: it asks the host API only and computes no values."""

    BIT_EQUAL = "bit-equal"
    SAME_ANSWERS = "same answers"
    WITHIN_TOLERANCE = "within tolerance"
    DIFFERENT = "different"
    NOT_APPLICABLE = "not applicable"


@dataclass(frozen=True)
class Row:
    """One line of the table; ``reason`` for what is not plainly equal, ``seconds`` on the right-hand backend."""

    program: str
    verdict: Verdict
    reason: str
    seconds: float


def same_bits(left: Any, right: Any) -> bool:
    one, other = np.asarray(left), np.asarray(right)
    return one.shape == other.shape and one.dtype == other.dtype and one.tobytes() == other.tobytes()


def judge(left: Ran, right: Ran) -> tuple[Verdict, str]:
    """Return how two runs of a program compare, and what is to be said about it."""
    if [each[0] for each in left.values] != [each[0] for each in right.values]:
        return Verdict.DIFFERENT, f"left: {left.outcome} {left.reason}; right: {right.outcome} {right.reason}"
    pairs = list(zip(left.values, right.values, strict=True))
    if not pairs:
        same = left.outcome == right.outcome == Outcome.PASSED.value
        why = f"left: {left.outcome} {left.reason}; right: {right.outcome} {right.reason}"
        return (Verdict.SAME_ANSWERS, "") if same else (Verdict.DIFFERENT, why)
    unequal = [(one, other) for one, other in pairs if not same_bits(one[1], other[1])]
    if not unequal:
        return Verdict.BIT_EQUAL, "" if right.outcome == Outcome.PASSED.value else f"both fail: {right.reason}"
    checks = [compare(one[0], other[1], one[1], one[2], one[3]) for one, other in unequal]
    wrong = [check for check in checks if not check.passed]
    if wrong:
        return Verdict.DIFFERENT, f"{wrong[0].name}: {wrong[0].wrong} of {wrong[0].total}; first {wrong[0].first}"
    furthest = max((check.max_ulp or 0.0 for check in checks), default=0.0)
    return Verdict.WITHIN_TOLERANCE, f"{checks[0].name}: up to {furthest:g} ulp"


def row(program: str, left: Side, right: Side, one: Ran, other: Ran) -> Row:
    """Compare one program's runs."""
    for side, ran in ((left, one), (right, other)):
        if ran.outcome not in RAN:
            return Row(program, Verdict.NOT_APPLICABLE, f"{side.backend}: {ran.reason}", other.seconds)
    return Row(program, *judge(one, other), other.seconds)


def print_table(rows: list[Row]) -> None:
    width = max((len(each.program) for each in rows), default=0)
    for each in rows:
        reason = " ".join(each.reason.split())[:200]
        print(f"{each.program:<{width}}  {each.verdict.value:<16}  {each.seconds:6.1f} s  {reason}".rstrip())
    counts = Counter(each.verdict for each in rows)
    print(f"\n{len(rows)} programs: " + ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict))
    reasons = Counter(each.reason for each in rows if each.verdict is Verdict.NOT_APPLICABLE)
    for reason, count in reasons.most_common():
        print(f"  {count:3} not applicable: {reason}")


def main() -> int:
    if sys.argv[1:2] == [CHILD]:
        run_all(sys.argv[2], sys.argv[4:], Path(sys.argv[3]))
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--left", default=LEFT)
    parser.add_argument("--right", default=RIGHT)
    parser.add_argument("--report", type=Path, help="write the table as JSON, too")
    parser.add_argument("--results", type=Path, help="keep what programs computed, and go on from what is there")
    parser.add_argument("--limit", type=float, default=300.0, help="seconds that one program may take (300)")
    parser.add_argument("--try-all", action="store_true", help="run what the profiles expect to fail, too")
    parser.add_argument("patterns", nargs="*", default=["*"])
    arguments = parser.parse_args()
    # Ended by it, the run ends its child too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    names = [name for name in programs() if any(fnmatchcase(name, each) for each in arguments.patterns)]
    if not names:
        parser.error(f"no program is called {' or '.join(arguments.patterns)}")
    with tempfile.TemporaryDirectory() as temporary:
        results = arguments.results or Path(temporary)
        left, right = (
            Side(selection, results, arguments.limit, arguments.try_all)
            for selection in (arguments.left, arguments.right)
        )
        ones, others = left.run(names), right.run(names)
    rows = [row(name, left, right, ones[name], others[name]) for name in names]
    print_table(rows)
    if arguments.report:
        arguments.report.write_text(json.dumps([asdict(each) for each in rows], indent=1))
    return int(any(each.verdict is Verdict.DIFFERENT for each in rows))


if __name__ == "__main__":
    sys.exit(main())
