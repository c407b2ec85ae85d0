"""What the random compute kernels do: C++ of the vendor's 0.81.1 that tthal's headers take as well.

In a step, ``I`` is the index of the operands' tiles in their buffers, ``D`` the tile of DST, ``TILES`` how many tiles
each input has.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Form(Enum):
    """How an operation goes over the tiles."""

    EACH = "a tile of each input gives a tile"
    ONE = "all tiles give one"
    BLOCK = "a block of tiles is rearranged in one call, without DST in the kernel's hands"


@dataclass(frozen=True)
class Operation:
    """An operation of the matrix unit.

    Attributes:
        rows_in, rows_out: its input or output are plain rows, so no block floats.
        scaler: the second operand is one number, as reductions want it.
        integers: it also moves integers.
    """

    init: str
    step: str
    inputs: int = 1
    form: Form = Form.EACH
    rows_in: bool = False
    rows_out: bool = False
    scaler: str = ""
    integers: bool = False


_ONE, _TWO = "compute_kernel_hw_startup(0, 16); ", "compute_kernel_hw_startup(0, 1, 16); "
_PRODUCT = "compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16); "
_OVER_ALL = "for (uint32_t k = 0; k < TILES; ++k) "


def _binary() -> dict[str, Operation]:
    found = {}
    for name in ("add", "sub", "mul"):
        found[name] = Operation(f"{_TWO}{name}_init(0, 1);", f"{name}_tiles(0, 1, I, I, D);", 2)
        found[f"{name} onto DST"] = Operation(
            f"{_TWO}{name}_init(0, 1, true);", f"{_OVER_ALL}{name}_tiles(0, 1, k, k, D);", 2, Form.ONE
        )
        for side, taken in (("SRCA", "srcb"), ("SRCB", "srca")):
            # The buffer's tile goes where DST does not, so that register has to be told its format.
            reuse = f"<EltwiseBinaryReuseDestType::DEST_TO_{side}>"
            first, again = (
                ("", "") if taken == "srcb" else (f"reconfig_data_format_{taken}({each}); " for each in (0, 1))
            )
            found[f"{name} of DST as {side}"] = Operation(
                _TWO,
                f"{first}add_init(0, 1); add_tiles(0, 1, I, I, D); {again}{name}_reuse_dest_init{reuse}(1); "
                f"{name}_reuse_dest_tiles{reuse}(1, I, D);",
                2,
            )
        for kind in ("rows", "cols", "scalar"):
            found[f"{name} broadcast {kind}"] = Operation(
                f"{_TWO}{name}_bcast_{kind}_init(0, 1);", f"{name}_tiles_bcast_{kind}(0, 1, I, I, D);", 2
            )
    return found


def _reductions() -> dict[str, Operation]:
    found = {}
    for pool, scaler in (("SUM", "any"), ("AVG", "any"), ("MAX", "one")):
        for dimension in ("ROW", "COL", "SCALAR"):
            words = f"<PoolType::{pool}, ReduceDim::REDUCE_{dimension}>"
            # The vendor's reduction along rows swaps the operands and wants to be told.
            told = "reconfig_data_format(1, 0); " if dimension == "ROW" and pool != "MAX" else ""
            found[f"reduce {pool} {dimension}"] = Operation(
                f"{_TWO}{told}reduce_init{words}(0, 1, 16);", f"{_OVER_ALL}reduce_tile{words}(0, 1, k, 0, D);", 2,
                Form.ONE, scaler=scaler,
            )  # fmt: skip
    return found


_MOVES = {
    "copy": Operation(f"{_ONE}copy_init(0);", "copy_tile(0, I, D);", integers=True),
    "transpose": Operation(f"{_ONE}transpose_init(0);", "transpose_tile(0, I, D);"),
    "tilize": Operation(
        f"{_ONE}tilize_init(0, TILES, 16);", "tilize_block(0, TILES, 16);", form=Form.BLOCK, rows_in=True
    ),
    "untilize": Operation(
        f"{_ONE}untilize_init(0);", "untilize_block(0, TILES, 16);", form=Form.BLOCK, rows_out=True
    ),
    "pack untilize": Operation(
        f"{_ONE}pack_untilize_init<TILES>(0, 16);", "pack_untilize_block<TILES>(0, 1, 16);", form=Form.BLOCK,
        rows_out=True,
    ),
}  # fmt: skip
_PRODUCTS = {
    "matmul": Operation(f"{_PRODUCT}matmul_init(0, 1);", f"{_OVER_ALL}matmul_tiles(0, 1, k, k, D);", 2, Form.ONE),
    "matmul transposed": Operation(
        f"{_PRODUCT}matmul_init(0, 1, 1);", f"{_OVER_ALL}matmul_tiles(0, 1, k, k, D);", 2, Form.ONE
    ),
    "matmul each": Operation(f"{_PRODUCT}matmul_init(0, 1);", "matmul_tiles(0, 1, I, I, D);", 2),
    "matmul block": Operation(
        f"{_PRODUCT}matmul_block_init(0, 1, 0, 1, 1, TILES);",
        f"{_OVER_ALL}matmul_block(0, 1, k, k, D, 0, 1, 1, TILES);", 2, Form.ONE,
    ),
}  # fmt: skip

OPERATIONS = _MOVES | _PRODUCTS | _binary() | _reductions()

HEADERS = (
    "common", "compute_kernel_hw_startup", "reconfig_data_format", "reg_api", "tile_move_copy", "pack",
    "eltwise_binary", "bcast", "reduce", "matmul", "transpose", "tilize", "untilize", "pack_untilize",
)  # fmt: skip
