"""Where things lie on the two tori: nodes are ``y * width + x`` in the coordinates of NoC 0."""

from __future__ import annotations

from collections.abc import Sequence

from tthal.device_interface import DeviceProperties

from .constants import Chip

_VIRTUAL_DRAM = (17, 12)
"""Where Blackhole's virtual coordinates of DRAM begin: 4 channels to a column, 3 ports each."""
_CHANNELS_OF_COLUMN, _PORTS = 4, 3


class Places:
    """The nodes of one device's cores and banks.

    Args:
        chip: with the coordinates of its workers and ports of DRAM.
        properties: of the device; its banks are placed as kernels see them.
    """

    def __init__(self, chip: Chip, properties: DeviceProperties) -> None:
        self.chip = chip
        self.grid = (properties.compute_grid.x, properties.compute_grid.y)
        ports = [self.dram(*bank.noc0) for bank in properties.dram_banks]
        self.banks: Sequence[tuple[int, int]] = ports
        """Node and channel of every bank, as NoC 0 reaches it."""

    @property
    def channels(self) -> int:
        """How many DRAM channels there are."""
        return len(self.chip.dram_ports)

    def node(self, x: int, y: int) -> int:
        """The node at a physical coordinate of NoC 0."""
        return y * self.chip.grid[0] + x

    def core(self, x: int, y: int) -> int:
        """The node of a logical core; which columns and rows a card has lost is not known."""
        return self.node(self.chip.columns[x], self.chip.rows[y])

    def dram(self, x: int, y: int) -> tuple[int, int]:
        """Node and channel of a port of DRAM, by its physical or virtual coordinate on NoC 0."""
        if x >= _VIRTUAL_DRAM[0]:
            line = y - _VIRTUAL_DRAM[1]
            channel = (x - _VIRTUAL_DRAM[0]) * _CHANNELS_OF_COLUMN + line // _PORTS
            return self.node(*self.chip.dram_ports[channel][line % _PORTS]), channel
        channel = next(index for index, ports in enumerate(self.chip.dram_ports) if (x, y) in ports)
        return self.node(x, y), channel

    def mirrored(self, x: int, y: int) -> tuple[int, int]:
        """A physical coordinate of NoC 1 as NoC 0 counts, which begins in the opposite corner."""
        width, height = self.chip.grid
        return width - 1 - x, height - 1 - y
