"""TT-Metal's host API in Python; ``import tthal as ttnn``."""

from tthal import host_api as _host_api
from tthal._version import __version__
from tthal.buffer import Buffer, BufferRegion, InterleavedBufferConfig, ShardedBufferConfig
from tthal.circular_buffer import CircularBuffer, CircularBufferConfig
from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet, corerange_to_cores, num_cores_to_corerangeset
from tthal.data_formats import Tile, TileDescriptor, tile_size
from tthal.device_interface import PORTABLE_LIMITS, Limits
from tthal.host_api import *  # noqa: F403
from tthal.kernel import (
    ComputeConfig,
    DataMovementConfig,
    EthernetConfig,
    Kernel,
    ReaderDataMovementConfig,
    WriterDataMovementConfig,
)
from tthal.program import Program
from tthal.runtime_args import RuntimeArgsData
from tthal.sharding import ShardSpec, ShardSpecBuffer
from tthal.types import (
    NOC,
    NOC_MODE,
    NUM_CIRCULAR_BUFFERS,
    Arch,
    BufferType,
    CBIndex,
    CoreType,
    DataFormat,
    DataMovementProcessor,
    DataType,
    Eth,
    KernelBuildOptLevel,
    MathFidelity,
    ShardDistributionStrategy,
    ShardOrientation,
    SourceType,
    TensorMemoryLayout,
    UnpackToDestMode,
)
