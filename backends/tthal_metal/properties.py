"""Asks the library what a device is."""

from __future__ import annotations

from typing import Any

from tthal.coordinates import CoreCoord
from tthal.device_interface import Alignments, Capability, DeviceProperties, DramBank, Limits
from tthal.errors import BackendUnavailable
from tthal.types import Arch, DataFormat
from tthal_metal.runtime import Runtime
from tthal_metal.settings import Settings, Target

# tt::ARCH, tt::tt_metal::ClusterType (one card, whatever else the host holds)
_ARCHS = {2: Arch.WORMHOLE_B0, 3: Arch.BLACKHOLE}
_BOARDS = {1: "n150", 2: "n300", 3: "n300", 4: "galaxy", 5: "galaxy", 6: "p100", 7: "p150", 8: "p150", 9: "p150",
           10: "wormhole-simulator", 11: "blackhole-simulator", 12: "n300", 13: "p150", 14: "p300",
           16: "blackhole-galaxy", 17: "p300"}  # fmt: skip

# Which the library does not tell (host-api.md §3).
_SEMAPHORES = 16
_RUNTIME_ARGS = 4094
_NOC_L1 = 16
_NOC_DRAM_WRITE = 16
_ACCESSOR_ENCODING = 2
_TILE_SHAPES = tuple((height, width) for height in (32, 16, 8, 4, 2, 1) for width in (32, 16))
_FORMATS = tuple(each for each in DataFormat if each not in (DataFormat.Invalid, DataFormat.Tf32))

_MEMORY = {Capability.SHARDED_BUFFERS, Capability.EXPLICIT_ADDRESS, Capability.RAW_MEMORY_ACCESS}
_KERNELS = {Capability.DATA_MOVEMENT_KERNELS, Capability.COMPUTE_KERNELS}
_CARD = {Capability.SFPU, Capability.BLOCK_FLOAT, Capability.INTEGER_TILES, Capability.EXACT_MATRIX_UNIT}


def capabilities(target: Target, num_queues: int) -> frozenset[Capability]:
    """Return what a target can do: a mock runs nothing, the simulator knows no vector unit and no block floats."""
    found = set(_MEMORY)
    if target is not Target.MOCK:
        found |= _KERNELS
    if target is Target.SIMULATOR:
        found.add(Capability.EXACT_MATRIX_UNIT)
    if target is Target.CARD:
        found |= _CARD
    if num_queues > 1:
        found.add(Capability.TWO_QUEUES)
    return frozenset(found)


def read_properties(runtime: Runtime, handle: Any, settings: Settings, target: Target) -> DeviceProperties:
    """Return the properties of an open device.

    Raises:
        BackendUnavailable: it is of an architecture that tthal does not know.
    """
    shim = runtime.shim
    info = shim.ffi.new("ttm_device_info *")
    shim.call("ttm_device_describe", handle, info, doing="describe the device")
    if info.arch not in _ARCHS:
        raise BackendUnavailable(f"the device's architecture (code {info.arch}) is neither Wormhole nor Blackhole")
    grid = CoreCoord(info.grid_x, info.grid_y)
    return DeviceProperties(
        arch=_ARCHS[info.arch],
        board=_BOARDS.get(info.cluster_type, f"cluster-type-{info.cluster_type}"),
        dispatch_mode=settings.dispatch,
        compute_grid=grid,
        worker_virtual=tuple(_worker(runtime, handle, x, y) for y in range(grid.y) for x in range(grid.x)),
        l1_size=info.l1_size,
        l1_base=info.l1_base,
        l1_banks=tuple(_l1_bank(runtime, handle, bank) for bank in range(info.l1_banks)),
        dram_banks=tuple(_dram_bank(runtime, handle, bank) for bank in range(info.dram_banks)),
        dram_base=info.dram_base,
        dram_bank_size=info.dram_size,
        alignments=Alignments(
            dram_page=info.dram_alignment,
            l1_page=info.l1_alignment,
            allocation=info.dram_alignment,
            noc_dram_read=info.dram_alignment,
            noc_dram_write=_NOC_DRAM_WRITE,
            noc_l1_read=_NOC_L1,
            noc_l1_write=_NOC_L1,
        ),
        limits=Limits(_RUNTIME_ARGS, info.max_circular_buffers, _SEMAPHORES),
        max_noc_burst=info.max_noc_burst,
        tile_shapes=_TILE_SHAPES,
        data_formats=_FORMATS,
        num_queues=info.num_queues,
        accessor_encoding=_ACCESSOR_ENCODING,
        capabilities=capabilities(target, info.num_queues),
        l1_small_size=settings.l1_small_size,
        library_versions=_versions(runtime, target),
    )


def _versions(runtime: Runtime, target: Target) -> dict[str, str]:
    library = runtime.library
    versions = {"libtt_metal": library.version or "unknown", "libtt_metal build id": library.build_id}
    return versions if target is Target.CARD else {**versions, "target": target.value}


def _worker(runtime: Runtime, handle: Any, x: int, y: int) -> tuple[int, int]:
    core = runtime.shim.make("ttm_core", "ttm_device_worker", handle, {"x": x, "y": y}, doing="translate a coordinate")
    return core.x, core.y


def _l1_bank(runtime: Runtime, handle: Any, bank: int) -> CoreCoord:
    core = runtime.shim.make("ttm_core", "ttm_device_l1_bank", handle, bank, doing="find an L1 bank's core")
    return CoreCoord(core.x, core.y)


def _dram_bank(runtime: Runtime, handle: Any, bank: int) -> DramBank:
    ends = []
    offset = runtime.shim.ffi.new("int64_t *")
    for noc in (0, 1):
        core = runtime.shim.ffi.new("ttm_core *")
        runtime.shim.call("ttm_device_dram_bank", handle, bank, noc, core, offset, doing="find a DRAM bank")
        ends.append((core.x, core.y))
    return DramBank(ends[0], ends[1], offset[0])
