"""Tiles and the sizes of device data formats (host-api.md §3, §6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tthal.errors import InvalidArgument
from tthal.types import DataFormat, DataType
from tthal.words import Extents, integer

__all__ = ["FaceGeometry", "Tile", "TileDescriptor", "tile_size"]

TILE_HEIGHT = 32
TILE_WIDTH = 32
FACE_HEIGHT = 16
FACE_WIDTH = 16

TILE_SHAPES = tuple((height, width) for height in (32, 16, 8, 4, 2, 1) for width in (32, 16))
TRANSPOSED_HEIGHTS = (32, 16)
"""Heights of tiles whose faces can be transposed (ttnn 0.81.1)."""
"""The (height, width) the hardware knows (host-api.md §3)."""

ELEMENT_BITS = {
    DataFormat.Float32: 32,
    DataFormat.Tf32: 32,
    DataFormat.Int32: 32,
    DataFormat.UInt32: 32,
    DataFormat.Float16: 16,
    DataFormat.Float16_b: 16,
    DataFormat.UInt16: 16,
    DataFormat.Lf8: 8,
    DataFormat.Int8: 8,
    DataFormat.UInt8: 8,
    DataFormat.Fp8_e4m3: 8,
    DataFormat.Bfp8: 8,
    DataFormat.Bfp8_b: 8,
    DataFormat.Bfp4: 4,
    DataFormat.Bfp4_b: 4,
    DataFormat.Bfp2: 2,
    DataFormat.Bfp2_b: 2,
}
"""Bits of one datum, without shared exponents (host-api.md §3)."""

BLOCK_FORMATS = frozenset(
    {
        DataFormat.Bfp8,
        DataFormat.Bfp8_b,
        DataFormat.Bfp4,
        DataFormat.Bfp4_b,
        DataFormat.Bfp2,
        DataFormat.Bfp2_b,
    }
)
"""Formats in which the 16 datums of a face row share an exponent byte."""

EXPONENT_ALIGNMENT = 16
"""The exponent bytes in front of a block-float tile are padded to a multiple of this."""


class Tile:
    """The shape of a tile in elements, (height, width); made of faces 16 wide and at most 16 high.

    Raises:
        InvalidArgument: the hardware knows no such tile.
    """

    __slots__ = ("tile_shape", "transpose_tile")

    def __init__(self, tile_shape: Sequence[int] = (TILE_HEIGHT, TILE_WIDTH), transpose_tile: bool = False) -> None:
        if isinstance(tile_shape, (str, bytes)) or len(tile_shape) != 2:
            raise InvalidArgument(f"a tile shape is two numbers (height, width), not {tile_shape!r}")
        height, width = (integer(value, "tile height or width") for value in tile_shape)
        if (height, width) not in TILE_SHAPES:
            raise InvalidArgument(
                f"tile size {height}x{width} is not valid for the hardware; "
                "height is 32, 16, 8, 4, 2 or 1, width 32 or 16"
            )
        if transpose_tile and height not in TRANSPOSED_HEIGHTS:
            raise InvalidArgument(f"a tile whose faces are transposed is 32 or 16 high, not {height}")
        self.tile_shape = Extents((height, width))
        self.transpose_tile = bool(transpose_tile)

    @property
    def height(self) -> int:
        """Rows."""
        return self.tile_shape[0]

    @property
    def width(self) -> int:
        """Columns."""
        return self.tile_shape[1]

    @property
    def face_shape(self) -> tuple[int, int]:
        """The shape of a face (height, width)."""
        return min(self.height, FACE_HEIGHT), FACE_WIDTH

    @property
    def num_faces(self) -> int:
        """The number of faces: 4, 2 or 1."""
        return self.height // self.face_shape[0] * (self.width // FACE_WIDTH)

    @property
    def tile_hw(self) -> int:
        """The number of elements."""
        return self.height * self.width

    @property
    def partial_face(self) -> int:
        """1 when its faces have fewer than 16 rows or it is but one face high, as the vendor counts it, else 0."""
        return int(self.height <= FACE_HEIGHT)

    @property
    def narrow_tile(self) -> int:
        """1 when it is one face wide, else 0."""
        return int(self.width <= FACE_WIDTH)

    @property
    def transpose_of_faces(self) -> bool:
        """Whether its faces are transposed."""
        return self.transpose_tile

    @property
    def transpose_within_face(self) -> bool:
        """Whether elements are transposed within each face."""
        return self.transpose_tile

    def get_tile_size(self, dtype: DataFormat | DataType) -> int:
        """Return the bytes of a tile in a format."""
        return tile_size(dtype, self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Tile):
            return NotImplemented
        return (self.tile_shape, self.transpose_tile) == (other.tile_shape, other.transpose_tile)

    def __hash__(self) -> int:
        return hash((self.tile_shape, self.transpose_tile))

    def __repr__(self) -> str:
        return f"Tile({self.tile_shape}{', transpose_tile=True' if self.transpose_tile else ''})"


class TileDescriptor(Tile):
    """A tile as the descriptors spell it: ``(height, width, transpose=False)``, or another one; it can be changed."""

    __slots__ = ()

    def __init__(
        self,
        height: int | Tile | None = None,
        width: int | None = None,
        transpose: bool = False,
        *,
        tile: Tile | None = None,
        other: Tile | None = None,
    ) -> None:
        like = next((each for each in (height, tile, other) if isinstance(each, Tile)), None)
        if like is not None:
            super().__init__(like.tile_shape, like.transpose_tile)
            return
        rows = TILE_HEIGHT if height is None else height
        columns = TILE_WIDTH if width is None else width
        super().__init__((rows, columns), transpose)  # type: ignore[arg-type]

    @property
    def height(self) -> int:
        """Rows."""
        return self.tile_shape[0]

    @height.setter
    def height(self, value: int) -> None:
        self.tile_shape = Tile((value, self.width)).tile_shape

    @property
    def width(self) -> int:
        """Columns."""
        return self.tile_shape[1]

    @width.setter
    def width(self, value: int) -> None:
        self.tile_shape = Tile((self.height, value)).tile_shape

    @property
    def transpose(self) -> bool:
        """Whether elements are transposed within the tile."""
        return self.transpose_tile

    @transpose.setter
    def transpose(self, value: bool) -> None:
        self.transpose_tile = bool(value)


@dataclass
class FaceGeometry:
    """The rows of a face and the number of faces, where a page holds less than a whole tile (ttnn 0.81.1)."""

    face_r_dim: int = FACE_HEIGHT
    num_faces: int = 4

    def shape(self, tile: Tile) -> tuple[int, int]:
        """Return the height and width of what these faces make up in a tile.

        Raises:
            InvalidArgument: there are no such faces, or they do not fit the tile.
        """
        rows, faces = integer(self.face_r_dim, "face_r_dim"), integer(self.num_faces, "num_faces")
        if not 1 <= rows <= FACE_HEIGHT or faces not in (1, 2, 4):
            raise InvalidArgument(
                f"{faces} faces of {rows} rows: a face has 1 to {FACE_HEIGHT} rows, a tile 1, 2 or 4 faces"
            )
        across = 1 if faces == 1 or tile.width <= FACE_WIDTH else 2
        shape = rows * (faces // across), across * FACE_WIDTH
        # Short faces one above the other are no tile's faces.
        if shape not in TILE_SHAPES or shape[0] > tile.height or (rows < FACE_HEIGHT and faces > across):
            raise InvalidArgument(
                f"{faces} faces of {rows} rows make up no tile that the hardware knows, or do not fit one of "
                f"{tile.height}x{tile.width}"
            )
        return shape


TileLike = Tile | Sequence[int]


def as_tile(tile: TileLike | None) -> Tile:
    """Return a tile or a (height, width) as a Tile; None is 32x32."""
    return tile if isinstance(tile, Tile) else Tile() if tile is None else Tile(tile)


def device_format(data_format: DataFormat | DataType) -> DataFormat:
    """Return the device format of a DataFormat or of a tensor's DataType.

    Raises:
        InvalidArgument: it is neither, or it is Invalid.
    """
    if isinstance(data_format, DataType):
        data_format = data_format.data_format
    if not isinstance(data_format, DataFormat) or data_format is DataFormat.Invalid:
        raise InvalidArgument(f"unsupported data format {data_format!r}; use a DataFormat such as DataFormat.Float16_b")
    return data_format


def exponent_bytes(data_format: DataFormat, tile: TileLike | None = None) -> int:
    """Return the bytes of shared exponents in front of a tile, padding included; 0 unless it is block-float."""
    if data_format not in BLOCK_FORMATS:
        return 0
    shape = as_tile(tile)
    rows = shape.tile_hw // FACE_WIDTH
    return -(-rows // EXPONENT_ALIGNMENT) * EXPONENT_ALIGNMENT


def tile_size(dtype: DataFormat | DataType, tile: TileLike | None = None) -> int:
    """Return the bytes of a tile in a format: 2048 for a 32x32 tile of Float16_b, 1088 for Bfp8_b."""
    known = device_format(dtype)
    return exponent_bytes(known, tile) + as_tile(tile).tile_hw * ELEMENT_BITS[known] // 8
