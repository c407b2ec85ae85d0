"""Where wolfpine 2.2 computes otherwise than ttsim and the emulator, as docs/numerics.md says.

Such cases are counted apart; with ttsim (``--simulator``) nothing is disputed.
"""

from __future__ import annotations

from .compute_programs import ComputeCase

_FIVE_BIT = "Float16"
_REAL_NUMBERS = "Float16 as real numbers: sums cut instead of rounded, zero in a source register read as 2^-15"
_ONE_STYLE = "SrcB's TF32 cut to bfloat16 because SrcA holds bfloat16"
_MOVES = ("copy", "transpose", "tilize", "untilize", "pack untilize")


def explanation(case: object) -> str | None:
    """Return what wolfpine does otherwise in a case; None: it has to agree."""
    if not isinstance(case, ComputeCase):
        return None
    if _FIVE_BIT in (*case.inputs, case.output, case.unused) and (case.operation not in _MOVES or case.fp32_dest):
        return _REAL_NUMBERS
    mixed = case.fp32_dest and "Float32" in case.inputs and len(set(case.inputs)) > 1
    return _ONE_STYLE if mixed and _in_srca(case) != "Float32" else None


def _in_srca(case: ComputeCase) -> str:
    """Return the format in SrcA: a product's second operand, and the scaler of sums along rows."""
    swapped = case.operation.startswith("matmul") or case.operation in ("reduce SUM ROW", "reduce AVG ROW")
    return case.inputs[1 if swapped else 0]
