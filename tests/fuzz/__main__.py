"""Attacks the emulator, the trace reader and the cache with random input and interrupts of ours, for a time.

``python tests/fuzz --seconds 3600 --seed 1`` prints what was tried, what came out, and every surprise with the seed
that makes it again; Ctrl-C ends it early. Whatever happens in a process of the attack ends that process only; exit
status 1 means a surprise.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ATTACKS = ("kernels", "traces", "cache", *(("interrupts",) if os.name == "posix" else ()))
HERE = Path(__file__).resolve().parent
ROUND_SECONDS = 3600
"""A round that takes longer hangs; it takes two minutes on a machine that has nothing else to do."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="how long to go on (default: 60)")
    parser.add_argument("--seed", type=int, default=1, help="of the first round (default: 1)")
    parser.add_argument("--only", choices=ATTACKS, help="one kind of attack")
    chosen = parser.parse_args()
    attacks = (chosen.only,) if chosen.only else ATTACKS
    started, seed = time.monotonic(), chosen.seed
    counts: Counter[str] = Counter()
    surprises: list[str] = []
    try:
        while time.monotonic() - started < chosen.seconds:
            for attack in attacks:
                counts.update(run_round(attack, seed, surprises))
            seed += 1
    except KeyboardInterrupt:
        print("interrupted: the round that ran does not count")
    print(f"{time.monotonic() - started:.0f} s, seeds {chosen.seed} to {seed - 1}")
    for name, count in sorted(counts.items()):
        print(f"{count:8} {name}")
    print(f"{len(surprises)} surprises")
    print("\n".join(surprises))
    return 1 if surprises else 0


def run_round(attack: str, seed: int, surprises: list[str]) -> Counter[str]:
    """One process: what it prints are counts, what it says on stderr, or its death, is a surprise."""
    command = [sys.executable, str(HERE / "rounds.py"), attack, str(seed)]
    again = f"python tests/fuzz/rounds.py {attack} {seed}"
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=ROUND_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        surprises.append(f"{again}: hangs (more than {ROUND_SECONDS} s)")
        return Counter()
    counts: Counter[str] = Counter()
    for line in done.stdout.splitlines():
        if line.startswith("COUNT "):
            _, number, name = line.split(" ", 2)
            counts[f"{attack}: {name}"] += int(number)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["nothing said"])[-1]
        surprises.append(f"{again}: status {done.returncode}: {last}")
    return counts


if __name__ == "__main__":
    raise SystemExit(main())
