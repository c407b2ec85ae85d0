"""Set-ups of the compute threads in words: which call makes the one that an operation needs."""

from __future__ import annotations

from tthal.observer import VECTOR_FUNCTIONS, SetUp

_OPERATIONS = ("add", "sub", "mul")
_BROADCASTS = ("", "_bcast_rows", "_bcast_cols", "_bcast_scalar")
_BROADCAST_NAMES = ("NONE", "ROW", "COL", "SCALAR")
_POOLS = ("SUM", "AVG", "MAX")
_DIMENSIONS = ("ROW", "COL", "SCALAR")
_PLAIN = {
    SetUp.COPY: "copy_init (copy_tile_init)",
    SetUp.TRANSPOSE: "transpose_init (transpose_wh_init_short)",
    SetUp.STARTUP: "compute_kernel_hw_startup",
    SetUp.PACK_ROWS: "pack_rows_init",
}
_BLOCKS = (SetUp.MATMUL, SetUp.TILIZE, SetUp.PACK_UNTILIZE)
_SHAPES = {
    (0, 0): "",
    (1, 0): "for ct_dim = 1 and rt_dim > 1",
    (0, 1): "for ct_dim >= rt_dim > 1",
    (1, 1): "for rt_dim > ct_dim > 1",
}
"""Shapes of blocks that one program of the matrix unit serves; the first: single tiles, and rows of them."""
_UNINITS = {
    SetUp.REDUCE: "reduce_uninit (reduce_block_max_row_uninit, mul_reduce_scalar_uninit)",
    SetUp.TILIZE: "tilize_uninit (fast_tilize_uninit)",
    SetUp.TILIZE_REDUCE: "unpack_tilizeA_B_uninit",
    SetUp.PACK_UNTILIZE: "pack_untilize_uninit",
    SetUp.PACK_ROWS: "pack_rows_uninit",
}
_LEFT = {
    SetUp.REDUCE: "since its init the packer zeroes all but a reduction's results, and this section has none",
    SetUp.TILIZE: "since tilize_init the unpacker takes its operands from rows, not from tiles",
    SetUp.TILIZE_REDUCE: "since tilizeA_B_reduce_init the unpacker takes its operands from rows, not from tiles",
    SetUp.PACK_UNTILIZE: "since pack_untilize_init the packer writes rows, not tiles",
    SetUp.PACK_ROWS: "since pack_rows_init the packer writes rows, not tiles",
}


def needed_call(set_up: int) -> str:
    """Name the call that makes a set-up, as events number it."""
    kind, first, second = set_up & 0xFF, set_up >> 8 & 0xF, set_up >> 12 & 0xF
    try:
        if kind in _BLOCKS:
            return _block(SetUp(kind), set_up)
        return _name(SetUp(kind), first, second)
    except (ValueError, IndexError):
        return "its initialisation"


def present(needed: int, set_up: int) -> str:
    """Say what is there instead of a set-up that is needed."""
    if needed & 0xFF == SetUp.UNINIT:
        return _LEFT.get(_undone(needed), "another operation's set-up is still there")
    if needed & 0xFF in (SetUp.PACK_UNTILIZE, SetUp.PACK_ROWS):
        return "the packer is set up for something else"
    if set_up == SetUp.NONE:
        return "nothing was set up"
    if set_up == SetUp.VECTOR:
        return "the vector unit was not initialised for a function"
    return f"the last set-up was {needed_call(set_up)}"


def again(needed: int) -> str:
    """Say when else the call has to be made."""
    return "" if needed & 0xFF == SetUp.UNINIT else ", and again after every other initialisation"


def begun(set_up: int) -> str:
    """Say what was called in place of compute_kernel_hw_startup."""
    if set_up == SetUp.NONE:
        return "nothing was set up"
    if set_up == SetUp.ANY:
        return "only parts were set up"
    return f"{needed_call(set_up)} alone configures neither formats nor the handing over of DST"


def _block(kind: SetUp, set_up: int) -> str:
    """Name the call for blocks of tiles."""
    first, second = set_up >> 16 & 0xFF, set_up >> 24
    if kind is SetUp.TILIZE:
        return f"tilize_init with block = {first}"
    if kind is SetUp.PACK_UNTILIZE:
        return f"pack_untilize_init<{first}, {second}> (pack_untilize_dest_init)"
    shape = _SHAPES[set_up >> 8 & 0xF, set_up >> 12 & 0xF]
    if not shape:
        return "matmul_init (mm_init; matmul_block_init with rt_dim = 1)"
    return f"matmul_block_init (mm_block_init) {shape}"


def _undone(needed: int) -> SetUp:
    """Return the set-up that is still there where an UNINIT is needed."""
    return SetUp(needed >> 8 & 0xF)


def _name(kind: SetUp, first: int, second: int) -> str:
    if kind is SetUp.BINARY:
        older = f" ({_OPERATIONS[first]}_tiles_init)" if second == 0 else ""
        return f"{_OPERATIONS[first]}{_BROADCASTS[second]}_init{older}"
    if kind is SetUp.REUSE_DEST:
        return f"{_OPERATIONS[first]}_reuse_dest_init (binary_dest_reuse_tiles_init)"
    if kind is SetUp.UNARY_BROADCAST:
        return f"unary_bcast_init<BroadcastType::{_BROADCAST_NAMES[first]}>"
    if kind is SetUp.REDUCE:
        return f"reduce_init<PoolType::{_POOLS[first]}, ReduceDim::REDUCE_{_DIMENSIONS[second]}>"
    if kind is SetUp.VECTOR:
        return f"{VECTOR_FUNCTIONS[first]}_tile_init"
    if kind is SetUp.UNINIT:
        return _UNINITS[SetUp(first)]
    return _PLAIN.get(kind, "its initialisation")
