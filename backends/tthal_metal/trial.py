"""Loads a library and a shim and says whether they fit: run in a process of its own, which may crash."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tthal.errors import TthalError
from tthal_metal.binding import Shim

FOUND = "tthal-trial-found "
REFUSED = "tthal-trial-refused "


def findings(library: Path, shim: Path, root: str) -> dict[str, object]:
    """Load both and measure; some releases construct nothing before they know their runtime root.

    Raises:
        TthalError: they do not fit.
    """
    bound = Shim(library, shim)
    if root:
        bound.call("ttm_set_root", bound.ffi.new("char[]", root.encode()), doing="set the runtime root")
    written, expected = bound.ffi.new("size_t *"), bound.ffi.new("size_t *")
    bound.call("ttm_probe_cb_config", written, expected, doing="construct a circular buffer's configuration")
    if written[0] != expected[0]:
        raise TthalError(f"its CircularBufferConfig has {written[0]} bytes, the shim expects {expected[0]}")
    return {
        "identity": bound.text(bound.lib.ttm_shim_identity()),
        "vendor_headers": bool(bound.lib.ttm_uses_vendor_headers()),
        "circular_buffer_config": written[0],
    }


def main(arguments: list[str]) -> int:
    """Print a line with the findings as JSON, or with the reason; the library may print lines of its own."""
    try:
        print(FOUND + json.dumps(findings(Path(arguments[0]), Path(arguments[1]), arguments[2])))
    except TthalError as error:
        print(REFUSED + " ".join(str(error).split()))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
