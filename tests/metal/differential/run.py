"""Compares random programs on the vendor's library and on tthal, until the time is over.

    python tests/metal/differential/run.py [--minutes 10] [--seed 0] [--chip wormhole|blackhole|both]
        [--only host,movement,compute,arithmetic] [--simulator PATH] [--report FILE.json]

Four kinds take turns. *Host*: expressions over cores, rectangles, dealt work, accessors, shard maps, packing and
descriptors, evaluated by the ``ttnn`` wheel on its mock device and by tthal. *Movement*: NoC commands, semaphores,
multicasts and circular buffers on four cores. *Compute*: operations of the matrix unit in mixtures of formats.
*Arithmetic*: conversions and divisions that C++ leaves open. The last three run on libtt_metal on a simulated card
(``simulated_card/prepare.py``) and on the emulator with exact numerics; what is compared is every byte. ``--simulator``
takes another simulator than the one prepared, such as a libttsim.so with its soc_descriptor.yaml beside it (a folder
with one per chip: ``wh``, ``bh``). Where the prepared one, wolfpine, is known to compute otherwise (disputed.py and
docs/numerics.md), a difference is counted apart.

A difference is shrunk to a small program and printed. What the simulator does not model is counted apart. The same seed
draws the same programs. The exit status is 1 if something differed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from platformdirs import user_cache_dir  # noqa: E402

import tthal  # noqa: E402
from differential import arithmetic_programs, compute_programs, host_programs, movement_programs  # noqa: E402
from differential.disputed import explanation  # noqa: E402
from differential.interpreter import answer  # noqa: E402
from differential.side import Side  # noqa: E402
from differential.wheel import NoWheel, Wheel  # noqa: E402

BOARDS = {"wormhole": "n150", "blackhole": "p150"}
BANKS = {"wormhole": 12, "blackhole": 8}
DRAM_ALIGNMENT = {"wormhole": 32, "blackhole": 64}
SIMULATORS = {"wormhole": "wh", "blackhole": "bh"}


@dataclass
class Tally:
    """What came of the programs of one kind on one chip."""

    equal: int = 0
    refused: int = 0
    left_out: int = 0
    not_modelled: Counter[str] = field(default_factory=Counter)
    disputed: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    def line(self) -> str:
        """Say it in a line."""
        unmodelled = sum(self.not_modelled.values())
        return (
            f"{self.equal} equal, {self.refused} refused by both, {unmodelled} not modelled by the simulator and "
            f"{self.left_out} like them left out, {sum(self.disputed.values())} different as docs/numerics.md says, "
            f"{len(self.differences)} different"
        )


class HostPrograms:
    """Expressions on the wheel and on tthal."""

    def __init__(self, chip: str, random_: random.Random) -> None:
        self.tally = Tally()
        self._random = random_
        self._board = BOARDS[chip]
        self._wheel: Wheel | None = None

    def step(self) -> None:
        """Compare a handful of programs."""
        self._wheel = self._wheel or Wheel(self._board)
        for _ in range(50):
            self._compare(host_programs.draw(self._random, self._board))

    def _compare(self, program: host_programs.HostProgram) -> None:
        if not self._differs(program):
            return
        shrunk = shrunk_while(program, self._differs)
        theirs, ours = self._answers(shrunk)
        self.tally.differences.append(f"{shrunk}\n  library: {theirs}\n  tthal:   {ours}")

    def _answers(self, program: host_programs.HostProgram) -> tuple[dict[str, Any], dict[str, Any]]:
        assert self._wheel is not None
        try:
            theirs = self._wheel.ask(program.theirs)
        except ChildProcessError as lost:
            self._wheel.close()
            self._wheel = Wheel(self._board)
            theirs = {"lost": str(lost)}
        return theirs, answer(tthal, program.ours, {})

    def _differs(self, program: host_programs.HostProgram) -> bool:
        theirs, ours = self._answers(program)
        if "lost" in theirs:
            self.tally.not_modelled["the library's process ended"] += 1
            return False
        if "refused" in theirs:
            self.tally.refused += "refused" in ours
            return "refused" not in ours
        self.tally.equal += theirs == ours
        return theirs != ours

    def close(self) -> None:
        """End the wheel's process."""
        if self._wheel is not None:
            self._wheel.close()


class Kernels:
    """Cases on the simulated card and on the emulator.

    Losing a simulator costs seconds, so ground on which it was lost twice and never answered is left out from then on.
    """

    def __init__(
        self, chip: str, cases: Iterator[Any], variables: Mapping[str, str], disputed: Callable[[object], str | None]
    ) -> None:
        self.tally = Tally()
        self._cases = cases
        self._disputed = disputed
        self._lost: Counter[tuple[object, ...]] = Counter()
        self._card = Side("metal?timeout=300", variables)
        self._emulator = Side(f"emulator:{BOARDS[chip]}?dispatch=slow&numerics=exact&follow=simulator&check=off")

    def step(self) -> None:
        """Compare a few programs."""
        for _ in range(4):
            self._compare(next(self._cases))

    def _compare(self, case: Any) -> None:
        if self._lost[case.ground] > 1:
            self.tally.left_out += 1
        elif self._differs(case):
            if reason := self._disputed(case):
                self.tally.disputed[reason] += 1
                return
            shrunk = shrunk_while(case, self._differs, most=12)
            theirs, ours = self._card.answer(shrunk), self._emulator.answer(shrunk)
            self.tally.differences.append(f"{shrunk}\n  {described(theirs, ours)}")

    def _differs(self, case: Any) -> bool:
        theirs, ours = self._card.answer(case), self._emulator.answer(case)
        if "lost" in theirs:
            self.tally.not_modelled[theirs["lost"].splitlines()[-1].partition("ERROR: ")[2] or "lost"] += 1
            self._lost[case.ground] += 1
            return False
        self._lost[case.ground] = -1000
        if "refused" in theirs:
            self.tally.refused += "refused" in ours
            return "refused" not in ours
        self.tally.equal += theirs == ours
        return theirs != ours

    def close(self) -> None:
        """End both processes."""
        self._card.close()
        self._emulator.close()


def disputed_by_none(case: object) -> None:
    """Expect the simulator to agree on every case."""


def shrunk_while(case: Any, differs: Callable[[Any], bool], most: int = 200) -> Any:
    """Return a simpler case that still differs: the first simpler one that does, again and again."""
    left = most
    while left > 0:
        for simpler in case.smaller():
            left -= 1
            if left < 0 or differs(simpler):
                break
        else:
            return case
        if left >= 0:
            case = simpler
    return case


def described(theirs: Mapping[str, str], ours: Mapping[str, str]) -> str:
    """Say where two answers differ first."""
    if "bytes" not in theirs or "bytes" not in ours:
        return f"library: {str(dict(theirs))[:300]}; tthal: {str(dict(ours))[:600]}"
    one, other = bytes.fromhex(theirs["bytes"]), bytes.fromhex(ours["bytes"])
    places = [place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b]
    first = places[0] // 4 * 4 if places else 0
    return (
        f"{len(places)} of {len(one)} bytes differ, first at {first}: library {one[first : first + 16].hex(' ', 4)}, "
        f"tthal {other[first : first + 16].hex(' ', 4)}"
    )


def card_variables(chip: str, simulator: Path | None) -> dict[str, str]:
    """Return the variables that open a simulated card of a chip, as prepare.py wrote them."""
    folder = Path(os.environ.get("TTHAL_SIMULATED_CARD") or Path(user_cache_dir("tthal")) / "simulated-card")
    prepared = folder / f"environment-{chip}.json"
    if not prepared.is_file():
        raise SystemExit(
            f"no simulated {chip}: python tests/metal/simulated_card/prepare.py WHEEL {folder} --arch {chip}"
        )
    variables: dict[str, str] = json.loads(prepared.read_text())["variables"]
    variables.setdefault("TTHAL_METAL_LIBRARY", str(Path(user_cache_dir("tthal")) / "test-wheels" / "ttnn-0.81.1"))
    if simulator is not None:
        variables["TT_METAL_SIMULATOR"] = str(simulator / SIMULATORS[chip] / "libttsim.so")
        variables["TT_METAL_CACHE"] += "-other"
    return variables


def kinds(arguments: argparse.Namespace) -> Iterator[tuple[str, HostPrograms | Kernels]]:
    """Make what was asked for: every kind on every chip, each with random numbers of its own."""
    chips = list(BOARDS) if arguments.chip == "both" else [arguments.chip]
    for chip in chips:
        for kind in arguments.only.split(","):
            random_ = random.Random(f"{arguments.seed} {chip} {kind}")
            if kind == "host":
                yield f"{chip} host", HostPrograms(chip, random_)
                continue
            variables = card_variables(chip, arguments.simulator)
            draws: dict[str, Callable[[], Iterator[Any]]] = {
                "movement": lambda: movement_programs.draw(random_, BANKS[chip], DRAM_ALIGNMENT[chip]),  # noqa: B023
                "compute": lambda: compute_programs.draw(random_),  # noqa: B023
                "arithmetic": lambda: arithmetic_programs.draw(random_),  # noqa: B023
            }
            if kind not in draws:
                raise SystemExit(f"--only takes host, {', '.join(draws)}, not {kind!r}")
            cases = draws[kind]()
            disputed = disputed_by_none if arguments.simulator else explanation
            yield f"{chip} {kind}", Kernels(chip, cases, variables, disputed)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--chip", choices=[*BOARDS, "both"], default="both")
    parser.add_argument("--only", default="host,movement,compute,arithmetic")
    parser.add_argument("--simulator", type=Path, default=None)
    parser.add_argument("--report", type=Path, default=None)
    arguments = parser.parse_args()
    end = time.monotonic() + 60 * arguments.minutes
    running = list(kinds(arguments))
    try:
        while time.monotonic() < end:
            for _, each in running:
                seen = len(each.tally.differences)
                each.step()
                for text in each.tally.differences[seen:]:
                    print(f"DIFFERENT: {text}", flush=True)
                if time.monotonic() >= end:
                    break
    except NoWheel as missing:
        raise SystemExit(str(missing)) from missing
    except KeyboardInterrupt:
        print("interrupted")
    for name, each in running:
        each.close()
        print(f"{name}: {each.tally.line()}")
        for what, count in [*each.tally.not_modelled.most_common(5), *each.tally.disputed.most_common()]:
            print(f"    {count:4} {what[:140]}")
    if arguments.report:
        found = {name: vars(each.tally) for name, each in running}
        arguments.report.write_text(json.dumps(found, indent=1))
    return int(any(each.tally.differences for _, each in running))


if __name__ == "__main__":
    sys.exit(main())
