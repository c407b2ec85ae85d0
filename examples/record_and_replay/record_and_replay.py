"""Record a test suite where a device is, replay it where none is: the tests are the same, the answers are the trace's.

It runs two commands that you would type yourself: ``tthal pytest --record FILE`` on the selected device (a card, or the
emulator), and ``tthal pytest --backend replay:FILE``, which needs neither card nor compiler.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent


def run_tests(*options: str) -> tuple[bool, str]:
    """Run the suite by ``tthal pytest``; return whether all passed, and pytest's last line."""
    command = [sys.executable, "-m", "tthal", "pytest", *options, "-q", "-p", "no:cacheprovider", str(HERE)]
    print(f"$ tthal {' '.join(command[3:])}")
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=HERE)
    lines = (done.stdout + done.stderr).strip().splitlines()
    return done.returncode == 0, lines[-1] if lines else ""


def main() -> int:
    """Run the example; return 0 when the suite passes on the device and on its own recording."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trace", help="keep the trace in this file, which must not exist (default: a temporary one)")
    options = parser.parse_args()
    if options.trace and (Path(options.trace).exists() or not Path(options.trace).absolute().parent.is_dir()):
        parser.error(f"--trace {options.trace}: it is there already, or its folder is not")

    passed = []
    with tempfile.TemporaryDirectory() as folder:
        trace = str(Path(options.trace).absolute() if options.trace else Path(folder) / "suite.tttrace")
        for way in (["--record", trace], ["--backend", f"replay:{trace}"]):
            start = time.perf_counter()
            good, said = run_tests(*way)
            print(f"{said}; {time.perf_counter() - start:.1f} s with starting")
            passed.append(good)
    print("PASSED" if all(passed) else "FAILED: the suite does not pass in both ways")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
