"""Run the conformance suite on what libtt_metal.so reaches here: a card, a simulated card or a mock device.

Says which of them it is, and what is missing when there is none; that is no failure. Arguments are passed on to
``tthal conformance``.
"""

from __future__ import annotations

import subprocess
import sys

from tthal.errors import BackendError
from tthal.plugins.facade import load_backend

REACH = {
    "card": "a card",
    "simulator": "a simulated card (TT_METAL_SIMULATOR)",
    "mock": "the vendor's mock device (TT_METAL_MOCK_CLUSTER_DESC_PATH), which runs no kernels",
}


def main() -> int:
    """Return the suite's exit status, 0 when there is nothing to run it on."""
    try:
        found = load_backend("metal").probe()
    except BackendError as error:
        print(f"conformance-metal: the backend cannot be loaded: {error}", file=sys.stderr)
        return 1
    target = found.details.get("target", "")
    if not found.available:
        print(f"conformance-metal: none of {', '.join(REACH)} is available: {found.reason} To fix it: {found.fix}")
        return 0
    print(f"conformance-metal: running on {REACH.get(target, target)}; library {found.details.get('library')}")
    command = [sys.executable, "-m", "tthal", "conformance", "--backend", "metal", *sys.argv[1:]]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
