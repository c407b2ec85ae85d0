"""What MATH takes for one call, without the time that its operands take; both chips alike until measured apart."""

from __future__ import annotations

from .figures import Figure

_IDEAL = "tenstorrent/tt-isa-documentation, WormholeB0: ideal rates of the matrix unit"
_REDUCE = "ttnn/ttnn/operations/examples/reduce_accumulate: 83.2 cycles per tile, columns, HiFi4"
_MOVE = "estimate: a tile moves by 8 rows in 2 cycles; not measured"

MATH_OPERATIONS = (
    Figure(16, "cycles per copy to DST", _MOVE),
    Figure(16, "cycles per elementwise operation", _IDEAL),
    Figure(0, "cycles per matrix product, besides its tiles", "counted by tile"),
    Figure(0, "cycles per pack", "PACK's own"),
    Figure(32, "cycles per transposition", _MOVE),
    Figure(16, "cycles per tile to tilize", _MOVE),
    Figure(16, "cycles per broadcast", _MOVE),
    Figure(32, "cycles per transposition within DST", _MOVE),
    Figure(32, "cycles per operation with DST as operand", _MOVE),
    Figure(83, "cycles per reduction", _REDUCE),
    Figure(0, "cycles per pack", "PACK's own"),
    Figure(83, "cycles per reduction", _REDUCE),
    Figure(83, "cycles per sum within DST", _REDUCE),
)
"""By number of the tile operation."""
