"""The enumerations of the host API, with the vendor's names and values (host-api.md §1.2, §1.3, §3)."""

from __future__ import annotations

from enum import Enum, IntEnum

__all__ = [
    "NOC",
    "NOC_MODE",
    "NUM_CIRCULAR_BUFFERS",
    "Arch",
    "BufferType",
    "CBIndex",
    "CoreType",
    "DataFormat",
    "DataMovementProcessor",
    "DataType",
    "Eth",
    "KernelBuildOptLevel",
    "MathFidelity",
    "ShardDistributionStrategy",
    "ShardOrientation",
    "SourceType",
    "TensorMemoryLayout",
    "UnpackToDestMode",
]


class NamedEnum(IntEnum):
    """An enumeration of numbers that prints its members' names, on every Python, as the vendor's does."""

    __str__ = Enum.__str__
    __format__ = Enum.__format__


class Arch(str, Enum):
    """The chip generation of a device."""

    WORMHOLE_B0 = "wormhole_b0"
    BLACKHOLE = "blackhole"


class DispatchMode(str, Enum):
    """How commands reach the workers: ``fast`` reserves a row or column of cores for dispatch, ``slow`` uses none."""

    FAST = "fast"
    SLOW = "slow"


class BufferType(NamedEnum):
    """The memory a buffer lives in."""

    DRAM = 0
    L1 = 1
    SYSTEM_MEMORY = 2
    L1_SMALL = 3
    TRACE = 4

    @property
    def is_l1(self) -> bool:
        """Whether the buffer lives in the workers' L1."""
        return self in (BufferType.L1, BufferType.L1_SMALL)


class TensorMemoryLayout(NamedEnum):
    """How a buffer's pages are spread over the banks."""

    INTERLEAVED = 0
    HEIGHT_SHARDED = 2
    WIDTH_SHARDED = 3
    BLOCK_SHARDED = 4
    ND_SHARDED = 5


class ShardOrientation(NamedEnum):
    """The order in which shards are dealt to the cores of a grid."""

    ROW_MAJOR = 0
    COL_MAJOR = 1


class ShardDistributionStrategy(NamedEnum):
    """How the shards of an N-D sharded buffer are dealt to the banks."""

    ROUND_ROBIN_1D = 0
    GRID_2D = 1
    CONTIGUOUS_1D = 2


class DataMovementProcessor(NamedEnum):
    """The data-movement processors of a core; a Tensix core has RISCV_0 (BRISC) and RISCV_1 (NCRISC)."""

    RISCV_0 = 0
    RISCV_1 = 1
    RISCV_2 = 2
    RISCV_3 = 3
    RISCV_4 = 4
    RISCV_5 = 5
    RISCV_6 = 6
    RISCV_7 = 7


class NOC(NamedEnum):
    """The two networks on chip."""

    NOC_0 = 0
    NOC_1 = 1
    RISCV_0_default = 0
    RISCV_1_default = 1


class NOC_MODE(NamedEnum):
    """Whether each data-movement processor owns a NoC or both may use both."""

    DM_DEDICATED_NOC = 0
    DM_DYNAMIC_NOC = 1


class MathFidelity(NamedEnum):
    """The number of passes of the matrix unit over the operands' mantissa slices."""

    LoFi = 0
    HiFi2 = 2
    HiFi3 = 3
    HiFi4 = 4
    Invalid = 255


class UnpackToDestMode(NamedEnum):
    """Whether a float32 circular buffer is unpacked straight to DST with all its bits."""

    UnpackToDestFp32 = 0
    Default = 1


class KernelBuildOptLevel(NamedEnum):
    """The compiler's optimisation level; ``FAST`` is the older spelling of ``Ofast``."""

    O1 = 0
    O2 = 1
    O3 = 2
    O0 = 3
    Os = 4
    Ofast = 5
    Oz = 6
    FAST = 5


class CoreType(NamedEnum):
    """The kind of a node on the chip."""

    ARC = 0
    DRAM = 1
    ACTIVE_ETH = 2
    IDLE_ETH = 3
    PCIE = 4
    TENSIX = 5
    ROUTER_ONLY = 6
    SECURITY = 7
    L2CPU = 8
    DISPATCH = 9
    HARVESTED = 10
    ETH = 11
    WORKER = 12
    COUNT = 13
    UNSPECIFIED = 14


class Eth(NamedEnum):
    """The role of an Ethernet kernel."""

    SENDER = 0
    RECEIVER = 1
    IDLE = 2


class SourceType(NamedEnum):
    """What ``KernelDescriptor.kernel_source`` holds; ``INLINE`` is the reference's spelling of ``SOURCE_CODE``."""

    FILE_PATH = 0
    SOURCE_CODE = 1
    INLINE = 1


class DataFormat(NamedEnum):
    """The formats the unpackers and packers know, with the hardware's codes (host-api.md §3)."""

    Float32 = 0
    Float16 = 1
    Bfp8 = 2
    Bfp4 = 3
    Tf32 = 4
    Float16_b = 5
    Bfp8_b = 6
    Bfp4_b = 7
    Int32 = 8
    UInt16 = 9
    Lf8 = 10
    Bfp2 = 11
    Int8 = 14
    Bfp2_b = 15
    UInt32 = 24
    Fp8_e4m3 = 26
    UInt8 = 30
    Invalid = 255


class DataType(NamedEnum):
    """The element types of a tensor on the host (host-api.md §3)."""

    BFLOAT16 = 0
    FLOAT32 = 1
    UINT32 = 2
    BFLOAT8_B = 3
    BFLOAT4_B = 4
    UINT8 = 5
    UINT16 = 6
    INT32 = 7
    FP8_E4M3 = 8
    INT8 = 9
    INVALID = 10

    @property
    def data_format(self) -> DataFormat:
        """The device format that holds this element type."""
        return _FORMAT_OF_TYPE[self]


_FORMAT_OF_TYPE = {
    DataType.BFLOAT16: DataFormat.Float16_b,
    DataType.FLOAT32: DataFormat.Float32,
    DataType.UINT32: DataFormat.UInt32,
    DataType.BFLOAT8_B: DataFormat.Bfp8_b,
    DataType.BFLOAT4_B: DataFormat.Bfp4_b,
    DataType.UINT8: DataFormat.UInt8,
    DataType.UINT16: DataFormat.UInt16,
    DataType.INT32: DataFormat.Int32,
    DataType.FP8_E4M3: DataFormat.Fp8_e4m3,
    DataType.INT8: DataFormat.Int8,
    DataType.INVALID: DataFormat.Invalid,
}


NUM_CIRCULAR_BUFFERS = 32
"""Circular buffers per core that every architecture has; Blackhole has 64 (host-api.md §3)."""

MAX_CIRCULAR_BUFFERS = 64
"""Indices that any architecture has (host-api.md §1.4)."""

CBIndex = IntEnum(
    "CBIndex",
    "c_0 c_1 c_2 c_3 c_4 c_5 c_6 c_7 c_8 c_9 c_10 c_11 c_12 c_13 c_14 c_15 "
    "c_16 c_17 c_18 c_19 c_20 c_21 c_22 c_23 c_24 c_25 c_26 c_27 c_28 c_29 c_30 c_31 "
    "c_32 c_33 c_34 c_35 c_36 c_37 c_38 c_39 c_40 c_41 c_42 c_43 c_44 c_45 c_46 c_47 "
    "c_48 c_49 c_50 c_51 c_52 c_53 c_54 c_55 c_56 c_57 c_58 c_59 c_60 c_61 c_62 c_63",
    start=0,
    module=__name__,
)
CBIndex.__doc__ = "The circular buffer indices, c_0 to c_63; Wormhole has the first 32."
