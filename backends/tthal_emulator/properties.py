"""What an emulated board declares: its properties, capabilities and formats."""

from __future__ import annotations

from tthal.device_interface import Capability, DeviceProperties
from tthal.types import DataFormat

from .board.machine import Machine
from .compiler import Toolchain
from .engine.libwasmtime import wasmtime_library
from .options import Options
from .tensix.operations import Grade

CAPABILITIES = frozenset(
    {
        Capability.DATA_MOVEMENT_KERNELS,
        Capability.COMPUTE_KERNELS,
        Capability.SFPU,
        Capability.BLOCK_FLOAT,
        Capability.INTEGER_TILES,
        Capability.SHARDED_BUFFERS,
        Capability.EXPLICIT_ADDRESS,
        Capability.RAW_MEMORY_ACCESS,
        Capability.TWO_QUEUES,
        Capability.DPRINT,
        Capability.DETECTS_DEADLOCK,
        Capability.DETECTS_ILLEGAL_ACCESS,
        Capability.OBSERVABLE,
    }
)
DATA_FORMATS = tuple(item for item in DataFormat if item is not DataFormat.Invalid)


def device_properties(machine: Machine, toolchain: Toolchain, options: Options) -> DeviceProperties:
    """Return what a board is, opened with these options."""
    exact = {Capability.EXACT_MATRIX_UNIT} if options.numerics is Grade.EXACT else set()
    return machine.properties(
        CAPABILITIES | exact,
        DATA_FORMATS,
        options.num_command_queues,
        {
            "wasmtime": wasmtime_library().version,
            "toolchain": toolchain.version,
            "numerics": options.numerics.value,
            "follow": options.follow.value,
            "seed": str(options.seed),
        },
    )
