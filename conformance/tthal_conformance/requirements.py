"""What a program needs of a device, decided from what the device declares before the program runs."""

from __future__ import annotations

from dataclasses import dataclass

from tthal.device_interface import Capability, DeviceProperties
from tthal.types import DataFormat


@dataclass(frozen=True, slots=True)
class Requirements:
    """Declared capabilities, data formats, tile shapes and the smallest grid (columns, rows) of cores."""

    capabilities: frozenset[Capability] = frozenset()
    formats: tuple[DataFormat, ...] = ()
    tiles: tuple[tuple[int, int], ...] = ()
    grid: tuple[int, int] = (1, 1)

    def unmet(self, device: DeviceProperties) -> str:
        """Return what the device does not declare, in words; empty when the program applies."""
        missing = [
            *(f"capability {each.value}" for each in sorted(self.capabilities - device.capabilities)),
            *(f"data format {each.name}" for each in self.formats if each not in device.data_formats),
            *(f"tile shape {each[0]}x{each[1]}" for each in self.tiles if each not in device.tile_shapes),
        ]
        if device.compute_grid.x < self.grid[0] or device.compute_grid.y < self.grid[1]:
            missing.append(f"a grid of {self.grid[0]} x {self.grid[1]} cores")
        return f"the device does not declare {', '.join(missing)}" if missing else ""

    def words(self) -> list[str]:
        """Return the requirements as words for a report."""
        grid = [] if self.grid == (1, 1) else [f"grid-{self.grid[0]}x{self.grid[1]}"]
        return [
            *sorted(each.value for each in self.capabilities),
            *(each.name for each in self.formats),
            *(f"tile-{height}x{width}" for height, width in self.tiles),
            *grid,
        ]


DATA_MOVEMENT = frozenset({Capability.DATA_MOVEMENT_KERNELS})
COMPUTE = DATA_MOVEMENT | {Capability.COMPUTE_KERNELS}
