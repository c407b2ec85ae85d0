"""The tile operations that kernels can leave to the host, and the words in which they tell it what to do.

One class per operation. Its fields are the arguments of the method of ``tensix.TileMath`` that defines the operation,
and in this order the words of the host call: two for a tile in L1, one for everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import unique
from typing import Annotated, Any, ClassVar, NamedTuple, TypeVar, get_type_hints

from .vocabulary import Bits, Code, Field, PackedWord, Record, exported

NAMESPACE = "tthal::tensix"
WORDS = 6
"""How many words an operation has."""


# ---- DST

DST_TILES = 16
TILE_ROWS = TILE_COLUMNS = 32
TILE_ELEMENTS = TILE_ROWS * TILE_COLUMNS
EXPORTED_CONSTANTS = ("DST_TILES", "TILE_ROWS", "TILE_COLUMNS", "TILE_ELEMENTS")

DST = Record(
    "Dst",
    "DST as float32 patterns, row-major tiles, and the row halves that nothing was written to since they were cleared.",
    (
        Field("bits", "uint32_t", (DST_TILES, TILE_ELEMENTS)),
        Field("fresh", "uint8_t", (DST_TILES, TILE_ROWS, 2)),
    ),
    alignment=16,
)


# ---- choices


@exported(namespace=NAMESPACE)
@unique
class BinaryOperation(Code):
    """The FPU's elementwise operations."""

    ADD = 0
    SUB = 1
    MUL = 2


@exported(namespace=NAMESPACE)
@unique
class Broadcast(Code):
    """Which part of a tile stands for the whole: a row for all rows, a column for all columns, one element."""

    NONE = 0
    ROW = 1
    COL = 2
    SCALAR = 3


@exported(namespace=NAMESPACE)
@unique
class Pool(Code):
    """What a reduction does; an average is a sum whose scaler tile holds 1/n."""

    SUM = 0
    AVG = 1
    MAX = 2


@exported(namespace=NAMESPACE)
@unique
class Dimension(Code):
    """What a reduction leaves: ROW one column, COL one row, SCALAR one element."""

    ROW = 0
    COL = 1
    SCALAR = 2


@exported(namespace=NAMESPACE)
@unique
class ReuseDest(Code):
    """Which operand of a binary operation is the DST tile itself."""

    DEST_TO_SRCA = 0
    DEST_TO_SRCB = 1


@exported(namespace=NAMESPACE)
@unique
class ReluMode(Code):
    """The packer's rectifier; the values are the hardware's codes (STACC_RELU_ApplyRelu)."""

    NONE = 0
    ZERO = 1
    MIN_THRESHOLD = 2
    MAX_THRESHOLD = 3


@exported(namespace=NAMESPACE)
@unique
class EdgeMask(Code):
    """What the packer keeps of every tile after ``reduce_init``; the rest becomes +0 (numerics.md §4.6)."""

    NONE = 0, "all"
    COLUMN_0 = 1, "column 0 of every face"
    ROW_0 = 2, "row 0 of the first two faces"
    ELEMENT_0 = 3, "the first element"


@exported(namespace=NAMESPACE)
@unique
class SetUp(Code):
    """What the compute threads are set up for; details of a set-up stand above the lowest 8 bits."""

    NONE = 0, "nothing was set up yet"
    COPY = 1
    BINARY = 2, "details: BinaryOperation, Broadcast << 4"
    REUSE_DEST = 3, "details: BinaryOperation, ReuseDest << 4"
    UNARY_BROADCAST = 4, "details: Broadcast"
    MATMUL = 5, "details: which operand is kept, whether several rows and columns << 4"
    REDUCE = 6, "details: Pool, Dimension << 4"
    TRANSPOSE = 7
    TILIZE = 8, "details: tiles of a row << 8"
    STARTUP = 9, "compute_kernel_hw_startup"
    VECTOR = 10, "the vector unit's constants; details: VectorFunction"
    PACK_UNTILIZE = 11, "of the packer; details: tiles of a block << 8, of a row << 16"
    PACK_ROWS = 12, "of the packer"
    TILIZE_REDUCE = 13, "rows to tiles, and those to sums"
    UNINIT = 14, "that what another set-up left is undone; details: that SetUp"
    ANY = 255, "set up in parts, or in a way that is not looked after"


# ---- words of several fields


@dataclass(frozen=True, slots=True)
class Rearrangement(PackedWord):
    """How a copied tile is rearranged: faces change places, datums change places within their face."""

    transpose_faces: Annotated[bool, Bits(1)]
    transpose_within_face: Annotated[bool, Bits(1)]


@dataclass(frozen=True, slots=True)
class BinarySettings(PackedWord):
    """What a binary operation does with its operands."""

    op: Annotated[BinaryOperation, Bits(2)]
    bcast: Annotated[Broadcast, Bits(2, "of the second operand")]
    accumulate: Annotated[bool, Bits(1)]
    bcast_row: Annotated[int, Bits(24, "of Broadcast::ROW")]


@dataclass(frozen=True, slots=True)
class ReduceSettings(PackedWord):
    """What a reduction does and what it leaves."""

    pool: Annotated[Pool, Bits(2)]
    dim: Annotated[Dimension, Bits(2)]


@dataclass(frozen=True, slots=True)
class PackerSettings(PackedWord):
    """The packer's configuration apart from the output format."""

    relu_mode: Annotated[ReluMode, Bits(2)]
    edge_mask: Annotated[EdgeMask, Bits(2)]
    l1_accumulate: Annotated[bool, Bits(1)]
    threshold: Annotated[int, Bits(16, "of the rectifier: a pattern of 16 bits")]


@dataclass(frozen=True, slots=True)
class ProductTarget(PackedWord):
    """Where products go, and how many tiles the rows of the first operand lie apart."""

    slot: Annotated[int, Bits(8)]
    row_stride: Annotated[int, Bits(24)]


@dataclass(frozen=True, slots=True)
class ProductSettings(PackedWord):
    """What is multiplied: rows and columns of tiles, and how."""

    transpose: Annotated[bool, Bits(1, "the second operand's tiles")]
    fidelity: Annotated[int, Bits(4, "MathFidelity code")]
    rows: Annotated[int, Bits(8)]
    columns: Annotated[int, Bits(16)]


@dataclass(frozen=True, slots=True)
class RowsAndScaler(PackedWord):
    """Which tile of a row-major block, how many it has, and the circular buffer of the scaler."""

    scaler_cb: Annotated[int, Bits(8)]
    tiles: Annotated[int, Bits(12)]
    tile: Annotated[int, Bits(12)]


@dataclass(frozen=True, slots=True)
class BlockWidths(PackedWord):
    """Tiles that are written, and tiles that the row-major block has."""

    tiles: Annotated[int, Bits(16)]
    full: Annotated[int, Bits(16)]


@dataclass(frozen=True, slots=True)
class BlockPlace(PackedWord):
    """The first tile in the block, and how much of each tile is written; no rows: as the buffer's tiles."""

    first: Annotated[int, Bits(16)]
    rows: Annotated[int, Bits(8)]
    columns: Annotated[int, Bits(8)]


# ---- operations


class TileInL1(NamedTuple):
    """A tile, or the first of several, of a circular buffer's format."""

    cb: int
    address: int


class Names(NamedTuple):
    """What the defining method calls a tile's format and its bytes."""

    operand: str = "operand"
    pages: str = "pages"


Operation = TypeVar("Operation", bound="TileOperation")


class TileOperation:
    """What a kernel asks for; subclasses are dataclasses that :func:`tile_operation` numbers.

    Attributes:
        number: the operation's code.
        method: the method of TileMath that defines it.
    """

    __slots__ = ()
    number: ClassVar[int]
    method: ClassVar[str]

    def __init__(self, *arguments: Any) -> None:
        raise TypeError(f"{type(self).__name__} has no arguments")

    @classmethod
    def read(cls: type[Operation], words: tuple[int, ...]) -> Operation:
        """Return the operation that the words of a host call ask for.

        Raises:
            ValueError: a word stands for nothing.
        """
        make: Callable[..., Operation] = cls
        rest = iter(words)
        return make(*(_value(argument.kind, rest) for argument in arguments(cls)))


class Argument(NamedTuple):
    """An argument of an operation; the names are those of a tile."""

    name: str
    kind: type[Any]
    names: Names = Names()


TILE_OPERATIONS: dict[int, type[TileOperation]] = {}
"""By number."""


_known: dict[type[TileOperation], tuple[Argument, ...]] = {}


def arguments(operation: type[TileOperation]) -> tuple[Argument, ...]:
    """Return the arguments of an operation; they are read from its fields when they are first asked for."""
    if operation not in _known:
        _known[operation] = tuple(_arguments(operation))
    return _known[operation]


def _arguments(operation: type[TileOperation]) -> Iterator[Argument]:
    for name, hint in get_type_hints(operation, include_extras=True).items():
        if hasattr(hint, "__metadata__"):
            yield Argument(name, hint.__origin__, *hint.__metadata__)
        elif not name.startswith("_") and name not in ("number", "method"):
            yield Argument(name, hint)


def _value(kind: type[Any], words: Iterator[int]) -> Any:
    if kind is TileInL1:
        return TileInL1(next(words), next(words))
    return kind.unpacked(next(words)) if issubclass(kind, PackedWord) else kind(next(words))


def tile_operation(number: int, method: str) -> Callable[[type[Operation]], type[Operation]]:
    """Number an operation and name its definition."""

    def register(operation: type[Operation]) -> type[Operation]:
        operation.number, operation.method = number, method
        TILE_OPERATIONS[number] = operation
        return operation

    return register


@tile_operation(0, "copy_tile")
@dataclass(frozen=True, slots=True)
class Copy(TileOperation):
    """DST[idst] = a tile, rearranged."""

    source: TileInL1
    idst: int
    how: Rearrangement


@tile_operation(1, "binary_tiles")
@dataclass(frozen=True, slots=True)
class Binary(TileOperation):
    """DST[idst] = a op b."""

    a: Annotated[TileInL1, Names("a", "pages_a")]
    b: Annotated[TileInL1, Names("b", "pages_b")]
    idst: int
    how: BinarySettings


@tile_operation(2, "matmul_block")
@dataclass(frozen=True, slots=True)
class Matmul(TileOperation):
    """DST[slot + r * columns + c] += in0[r] @ in1[c]: one step of k."""

    in0: Annotated[TileInL1, Names("in0", "pages0")]
    in1: Annotated[TileInL1, Names("in1", "pages1")]
    target: ProductTarget
    how: ProductSettings


@tile_operation(3, "pack_tile")
@dataclass(frozen=True, slots=True)
class Pack(TileOperation):
    """A tile in L1 = DST[idst]."""

    out: Annotated[TileInL1, Names("out", "pages")]
    idst: int
    settings: PackerSettings


@tile_operation(4, "transpose_tile")
@dataclass(frozen=True, slots=True)
class Transpose(TileOperation):
    """DST[idst] = a tile, transposed."""

    source: TileInL1
    idst: int


@tile_operation(5, "tilize_block")
@dataclass(frozen=True, slots=True)
class Tilize(TileOperation):
    """DST[idst] = one tile of a row-major block of ``tiles`` tiles."""

    source: Annotated[TileInL1, Names("operand", "block")]
    idst: int
    tiles: int
    tile: int
    fast: bool


@tile_operation(6, "unary_bcast")
@dataclass(frozen=True, slots=True)
class UnaryBroadcast(TileOperation):
    """DST[idst] = a tile that a part of it fills."""

    source: TileInL1
    idst: int
    dim: Broadcast


@tile_operation(7, "transpose_dest")
@dataclass(frozen=True, slots=True)
class TransposeDest(TileOperation):
    """DST[idst] = itself, transposed, or only within its faces."""

    idst: int
    is_32_bit: bool
    transpose_faces: bool


@tile_operation(8, "reuse_dest_tiles")
@dataclass(frozen=True, slots=True)
class BinaryReuseDest(TileOperation):
    """DST[idst] = DST[idst] op a tile, or the tile op DST[idst]; ``wide`` if SrcA is set up for TF32."""

    source: TileInL1
    idst: int
    op: BinaryOperation
    reuse: ReuseDest
    wide: bool


@tile_operation(9, "reduce_tile")
@dataclass(frozen=True, slots=True)
class Reduce(TileOperation):
    """DST[idst] gathers a tile's reduction."""

    data: Annotated[TileInL1, Names("data", "page")]
    scaler: Annotated[TileInL1, Names("scaler", "scaler_page")]
    idst: int
    how: ReduceSettings


@tile_operation(10, "pack_untilize")
@dataclass(frozen=True, slots=True)
class PackUntilize(TileOperation):
    """A row-major block in L1 = tiles of DST from idst."""

    out: Annotated[TileInL1, Names("out", "block")]
    idst: int
    settings: PackerSettings
    widths: BlockWidths
    place: BlockPlace


@tile_operation(11, "reduce_tile")
@dataclass(frozen=True, slots=True)
class TilizeReduce(TileOperation):
    """As Reduce, of a tile of a row-major block."""

    data: Annotated[TileInL1, Names("data", "page")]
    where: RowsAndScaler
    scaler_address: int
    idst: int
    how: ReduceSettings


@tile_operation(12, "sum_dest")
@dataclass(frozen=True, slots=True)
class SumDest(TileOperation):
    """DST[idst] element 0 = the sum of ``count`` tiles of DST from idst, times the scaler's square."""

    idst: int
    count: int
    scaler: int
    srca_format: int
    srcb_format: int
