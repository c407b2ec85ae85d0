"""What a device is, asked with the vendor's names: grids, coordinates, memories, and its place in a mesh of one."""

from __future__ import annotations

from tthal.coordinates import CoreCoord, CoreLike, as_core
from tthal.core_grid import CoreGrid
from tthal.device_interface import DeviceProperties
from tthal.dram_workers import optimal_workers
from tthal.errors import InvalidArgument
from tthal.mesh_shapes import MeshCoordinate, MeshDeviceView, MeshShape
from tthal.noc_distances import worker_hop_distance
from tthal.types import NOC, Arch

SFPU_EPSILON = 1.1920899822825959e-07
SFPU_INFINITY = 1.7013999693950742e38
SFPU_NAN = 7.0039998997052e19
"""What the vector unit takes for these, on Wormhole and Blackhole (ttnn 0.81.1)."""


class DeviceNumber(int):
    """A device's id: a number, which may also be called for."""

    __slots__ = ()

    def __call__(self) -> int:
        """Return it."""
        return int(self)


class DeviceFacts:
    """The questions that a device answers from its properties alone."""

    id: DeviceNumber
    properties: DeviceProperties

    # ------------------------------------------------------------------ the chip

    def arch(self) -> Arch:
        """Return the chip generation."""
        return self.properties.arch

    def l1_size_per_core(self) -> int:
        """Return the bytes of L1 of one core."""
        return self.properties.l1_size

    def num_dram_channels(self) -> int:
        """Return the number of DRAM banks."""
        return len(self.properties.dram_banks)

    def dram_size_per_channel(self) -> int:
        """Return the bytes of one DRAM bank."""
        return self.properties.dram_bank_size

    def num_hw_cqs(self) -> int:
        """Return the number of command queues."""
        return self.properties.num_queues

    def sfpu_eps(self) -> float:
        """Return the vector unit's epsilon."""
        return SFPU_EPSILON

    def sfpu_inf(self) -> float:
        """Return what the vector unit takes for infinity."""
        return SFPU_INFINITY

    def sfpu_nan(self) -> float:
        """Return what the vector unit takes for no number."""
        return SFPU_NAN

    # ------------------------------------------------------------------ grids and coordinates

    def compute_with_storage_grid_size(self) -> CoreCoord:
        """Return the grid of cores that programs may use, as (columns, rows)."""
        return self.properties.compute_grid

    def logical_grid_size(self) -> CoreCoord:
        """Return the logical worker grid, the same as the compute grid."""
        return self.properties.compute_grid

    @property
    def core_grid(self) -> CoreGrid:
        """The same grid, as tensors take it."""
        return CoreGrid(x=self.properties.compute_grid.x, y=self.properties.compute_grid.y)

    def dram_grid_size(self) -> CoreCoord:
        """Return the grid of DRAM banks: bank ``b`` is the logical DRAM core (b, 0)."""
        return CoreCoord(len(self.properties.dram_banks), 1)

    def worker_core_from_logical_core(self, logical_core: CoreLike) -> CoreCoord:
        """Return the NoC coordinate that kernels use for a logical core."""
        return CoreCoord(*self.properties.virtual_core(self.checked_core(logical_core)))

    def virtual_core_from_logical_core(self, logical_core: CoreLike) -> CoreCoord:
        """Return the same as :meth:`worker_core_from_logical_core`."""
        return self.worker_core_from_logical_core(logical_core)

    def logical_core_from_worker_core(self, virtual_core: CoreLike) -> CoreCoord:
        """Return the logical core that kernels find at a NoC coordinate.

        Raises:
            InvalidArgument: no worker is there.
        """
        wanted, workers = as_core(virtual_core, "a core"), self.properties.worker_virtual
        if tuple(wanted) not in workers:
            raise InvalidArgument(f"no worker core of {self} has the NoC coordinate ({wanted.x}, {wanted.y})")
        y, x = divmod(workers.index(tuple(wanted)), self.properties.compute_grid.x)
        return CoreCoord(x, y)

    def dram_core_from_logical_core(self, logical_core: CoreLike) -> CoreCoord:
        """Return the NoC 0 coordinate of DRAM bank ``b``, the logical DRAM core (b, 0).

        Raises:
            InvalidArgument: there is no such bank.
        """
        core = as_core(logical_core, "a DRAM core")
        if core.y or core.x >= len(self.properties.dram_banks):
            raise InvalidArgument(
                f"{self} has no DRAM core {core}; its banks are 0-0 to {self.num_dram_channels() - 1}-0"
            )
        return CoreCoord(*self.properties.dram_banks[core.x].noc0)

    def get_optimal_dram_bank_to_logical_worker_assignment(
        self, noc: NOC, coord: MeshCoordinate | None = None
    ) -> list[CoreCoord]:
        """Return, for every DRAM bank, a logical core near it on a NoC; no two banks share one.

        Raises:
            Unsupported: the assignment of this board is not known.
        """
        return optimal_workers(self.properties, noc)

    def get_worker_noc_hop_distance(self, logical_src: CoreLike, logical_dst: CoreLike, noc: NOC) -> int:
        """Return the hops from one logical core to another on a NoC, which goes one way round the torus.

        Raises:
            InvalidArgument: a core lies outside the grid.
        """
        source, target = self.checked_core(logical_src), self.checked_core(logical_dst)
        return worker_hop_distance(self.properties.arch, source, target, noc)

    def checked_core(self, core: CoreLike) -> CoreCoord:
        """Return a logical core given as a CoreCoord or a pair.

        Raises:
            InvalidArgument: it lies outside the grid.
        """
        known, grid = as_core(core, "a core"), self.properties.compute_grid
        if known.x >= grid.x or known.y >= grid.y:
            raise InvalidArgument(f"core {known} lies outside the {grid.x} x {grid.y} grid of {self}")
        return known

    # ------------------------------------------------------------------ a mesh of one

    @property
    def shape(self) -> MeshShape:
        """The shape of the mesh: one device."""
        return MeshShape(1, 1)

    def get_view(self) -> MeshDeviceView:
        """Return the mesh as this process sees it."""
        return MeshDeviceView()

    def get_num_devices(self) -> int:
        """Return the number of devices of the mesh: 1."""
        return 1

    num_devices = get_num_devices

    def get_device_ids(self) -> list[int]:
        """Return the ids of the mesh's devices: its own."""
        return [int(self.id)]

    def get_device_id(self, coord: MeshCoordinate, /) -> int:
        """Return the id of the device at a coordinate of the mesh.

        Raises:
            InvalidArgument: it is another one than (0, 0).
        """
        if any(coord):
            raise InvalidArgument(f"{coord} lies outside the mesh of one device; (0, 0) is its only coordinate")
        return int(self.id)

    def get_system_mesh_id(self) -> int:
        """Return the number of the mesh among those of the system: the only one."""
        return 0

    def reshape(self, new_shape: MeshShape) -> None:
        """Give the mesh another shape of as many devices.

        Raises:
            InvalidArgument: it has more than the one device there is.
        """
        _check_one_device(new_shape)

    def create_submesh(self, submesh_shape: MeshShape, offset: MeshCoordinate | None = None) -> DeviceFacts:
        """Return a part of the mesh: all of it.

        Raises:
            InvalidArgument: it has more than the one device there is, or lies elsewhere.
        """
        _check_one_device(submesh_shape)
        if offset is not None:
            self.get_device_id(offset)
        return self

    def create_submeshes(self, submesh_shape: MeshShape) -> list[DeviceFacts]:
        """Cut the mesh into parts: one."""
        return [self.create_submesh(submesh_shape)]

    def get_submeshes(self) -> list[object]:
        """Return the meshes cut out of this one: none."""
        return []


def _check_one_device(shape: MeshShape) -> None:
    if MeshShape(list(shape)).mesh_size() != 1:
        raise InvalidArgument(f"{shape} has more devices than the mesh, which has one")
