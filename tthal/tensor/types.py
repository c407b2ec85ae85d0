"""The enumerations and constants of tensors, with ttnn's names and values (ttnn 0.81.1)."""

from __future__ import annotations

from enum import Enum

from tthal.types import DataType, NamedEnum


class Layout(NamedEnum):
    """Whether elements lie row by row, or tile by tile and face by face."""

    ROW_MAJOR = 0
    TILE = 1
    INVALID = 2


class StorageType(NamedEnum):
    """Where a tensor's bytes are."""

    HOST = 0
    DEVICE = 1


class ShardStrategy(Enum):
    """How :func:`tthal.create_sharded_memory_config` cuts a tensor: along its height, its width, or both."""

    HEIGHT = 1
    WIDTH = 2
    BLOCK = 3


class ShardShapeAlignment(NamedEnum):
    """How far ``TensorSpec.sharded`` rounds a shard's shape up: not, to whole tiles, or to whole memory words too."""

    NONE = 0
    REQUIRED = 1
    RECOMMENDED = 2


ROW_MAJOR_LAYOUT = Layout.ROW_MAJOR
TILE_LAYOUT = Layout.TILE

DEVICE_STORAGE_TYPE = StorageType.DEVICE

TILE_SIZE = 32
"""Rows and columns of the usual tile."""

uint8 = DataType.UINT8
int8 = DataType.INT8
uint16 = DataType.UINT16
int32 = DataType.INT32
uint32 = DataType.UINT32
float32 = DataType.FLOAT32
bfloat16 = DataType.BFLOAT16
bfloat8_b = DataType.BFLOAT8_B
bfloat4_b = DataType.BFLOAT4_B
fp8_e4m3 = DataType.FP8_E4M3

BLOCK_TYPES = frozenset({DataType.BFLOAT8_B, DataType.BFLOAT4_B})
"""Types whose elements share exponents; on the host their values are float32."""
