"""The choices a compute kernel makes, as enumerations."""

from __future__ import annotations

from enum import Enum


class Grade(Enum):
    """How close the arithmetic is to the hardware's."""

    EXACT = "exact"
    FAST = "fast"


class BinaryOp(Enum):
    """The FPU's elementwise operations."""

    ADD = "add"
    SUB = "sub"
    MUL = "mul"


class Broadcast(Enum):
    """Which part of a tile stands for the whole: a row for all rows, a column for all columns, one element."""

    NONE = "none"
    ROW = "row"
    COL = "col"
    SCALAR = "scalar"


class PoolType(Enum):
    """What a reduction does; an average is a sum whose scaler tile holds 1/n."""

    SUM = "sum"
    AVG = "avg"
    MAX = "max"


class ReduceDim(Enum):
    """What a reduction leaves: ROW one column, COL one row, SCALAR one element."""

    ROW = "row"
    COL = "col"
    SCALAR = "scalar"


class ReuseDest(Enum):
    """Which operand of a binary operation is the DST tile itself."""

    DEST_TO_SRCA = "srca"
    DEST_TO_SRCB = "srcb"
