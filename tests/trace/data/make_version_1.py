"""How ``version-1.tttrace`` was made: the toy device's grand tour, written by tthal 0.1.0 with a fixed header.

The file is kept for ever, so that every later version proves that it still reads it. Do not make it again.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[2] / "memory_backend"))

from tthal_toy_programs import record_grand_tour

from tthal.trace import Trace
from tthal.trace.schema import Header
from tthal.trace.trim import copy_call
from tthal.trace.writer import TraceWriter

HEADER = Header(
    tthal="0.1.0",
    python="3.11.7",
    platform="linux-x86_64",
    program="grand_tour.py",
    created="2026-01-01T00:00:00+00:00",
)


def make(path: Path) -> None:
    """Write the trace."""
    with tempfile.TemporaryDirectory() as folder:
        recorded = Path(folder) / "tour.tttrace"
        record_grand_tour(recorded)
        with Trace(recorded) as trace:
            writer = TraceWriter(path, HEADER)
            kept = {call.n for call in trace.calls()}
            for call in trace.calls():
                copy_call(trace, call, writer, kept)
            writer.close()


if __name__ == "__main__":
    make(Path(__file__).resolve().with_name("version-1.tttrace"))
