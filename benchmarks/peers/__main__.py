"""One addition, C = A + B in bfloat16, by tthal and by the peers that install from a registry, side by side.

    python benchmarks/peers [--size 256] [--tt-lang-sim FOLDER] [--simulated-card FOLDER]

``--tt-lang-sim`` is a virtual environment that has it (``pip install tt-lang-sim``); without it one is made, which
takes gigabytes, since its torch brings CUDA along. ``--simulated-card`` is what tests/metal/simulated_card/prepare.py
made: the vendor's library on the simulator wolfpine. Printed per peer: version, seconds of the first run (with
compiling) and of the second, the largest difference to float64, and what is missing where it could not run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one peer's run; ``problem`` says why there are no figures."""

    peer: str
    version: str
    first: float = 0.0
    again: float = 0.0
    error: float = 0.0
    problem: str = ""


def run(peer: str, version: str, command: list[str], **variables: str) -> Outcome:
    """Run a script that ends with a line of JSON."""
    environment = {**os.environ, **variables}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=900)
    lines = done.stdout.strip().splitlines()
    if done.returncode or not lines:
        return Outcome(peer, version, problem=(done.stderr.strip() or "nothing was printed").splitlines()[-1])
    return Outcome(peer, version, **json.loads(lines[-1]))


def tthal(size: int, selection: str, name: str) -> Outcome:
    """Run it on one of tthal's backends, with an empty cache of kernels."""
    import tthal as package

    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, str(HERE / "add_tthal.py"), str(size)]
        return run(name, package.__version__, command, TTHAL_BACKEND=selection, TTHAL_CACHE_DIR=cache)


def tt_lang_sim(size: int, folder: Path) -> Outcome:
    """Run it on tt-lang-sim; install that first if it is not in ``folder``."""
    python, script = folder / "bin" / "python", folder / "bin" / "tt-lang-sim"
    if not script.exists():
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "tt-lang-sim"], check=True)
    version = _version_in(python, "tt-lang-sim")
    return run("tt-lang-sim", version, [str(script), str(HERE / "add_tt_lang.py"), str(size)])


def simulated_card(size: int, folder: Path) -> Outcome:
    """Run it on the vendor's library over wolfpine, through tthal's metal backend."""
    record = folder / "environment-wormhole.json"
    name = "libtt_metal on wolfpine"
    if not record.is_file():
        return Outcome(name, "", problem="not prepared: tests/metal/simulated_card/prepare.py WHEEL FOLDER")
    variables = json.loads(record.read_text(encoding="utf-8"))["variables"]
    variables.setdefault("TTHAL_METAL_LIBRARY", str(_wheel(Path(variables["TT_METAL_RUNTIME_ROOT"]))))
    version = _version_in(Path(variables["WOLFPINE_PYTHON"]), "wolfpine")
    command = [sys.executable, str(HERE / "add_tthal.py"), str(size)]
    return run(name, version, command, TTHAL_BACKEND="metal", **variables)


def _wheel(root: Path) -> Path:
    """Return the vendor's package that the links in a prepared runtime root lead into."""
    return next(entry for entry in root.iterdir() if entry.is_symlink()).resolve().parent


def _version_in(python: Path, package: str) -> str:
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False).stdout.strip()


def main() -> None:
    """Run all and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=256, help="rows and columns, a multiple of 32 (default: 256)")
    parser.add_argument("--tt-lang-sim", type=Path, help="a virtual environment that has it")
    parser.add_argument("--simulated-card", type=Path, default=Path("no-simulated-card"), help="a prepared folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        outcomes = [
            tthal(options.size, "emulator?numerics=fast", "tthal, fast"),
            tthal(options.size, "emulator?numerics=exact", "tthal, exact"),
            tt_lang_sim(options.size, options.tt_lang_sim or Path(scratch) / "tt-lang-sim"),
            simulated_card(options.size, options.simulated_card),
        ]
    table = Table("peer", "version", "first run", "second run", "largest difference")
    for each in outcomes:
        figures = (f"{each.first:.3g} s", f"{each.again:.2g} s", f"{each.error:.2g}")
        table.add_row(each.peer, each.version, *(figures if not each.problem else ("did not run", "", "")))
    console = Console()
    console.print(table)
    for each in outcomes:
        if each.problem:
            console.print(f"{each.peer}: {each.problem}")


if __name__ == "__main__":
    main()
