"""``python -m tthal_conformance.racebench NAME faulty|fixed``: one program, for any tool to look at.

The backend is the one that ``TTHAL_BACKEND`` says. Exit status: 0 when the bytes were right, 3 when wrong.
Errors are raised.
"""

from __future__ import annotations

import sys

import tthal as ttnn
from tthal.selection import choose
from tthal_conformance.racebench.expected import same
from tthal_conformance.racebench.hosts import HOSTS, Bench
from tthal_conformance.racebench.pair import Variant, select
from tthal_conformance.racebench.run import on_board

WRONG = 3


def main(name: str, variant: Variant) -> int:
    """Run a program and say whether its bytes are right."""
    pair = select([name])[0]
    selection = on_board(pair, choose().selection)
    with ttnn.open_device(0, backend=str(selection), num_command_queues=2) as device:
        right = same(*HOSTS[pair.host](Bench(device, pair, variant)))
    print("right bytes" if right else "wrong bytes")
    return 0 if right else WRONG


if __name__ == "__main__":
    if len(sys.argv) != len(("python", "name", "variant")):
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], Variant(sys.argv[2])))
