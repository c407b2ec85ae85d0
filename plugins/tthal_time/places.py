"""Where things lie on the two tori: nodes are ``y * width + x`` in the coordinates of NoC 0."""

from __future__ import annotations

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
        self.banks: list[tuple[int, int]] = []
        """Node and number of every bank, as NoC 0 reaches it."""
        self._bank_of_port: dict[tuple[int, int], int] = {}
        endpoints = [self._physical(*bank.noc0) for bank in properties.dram_banks]
        for bank, port in enumerate(endpoints):
            ports = next(ports for ports in chip.dram_ports if port in ports)
            for other in ports:
                self._bank_of_port.setdefault(other, bank)
        for bank, port in enumerate(endpoints):
            self._bank_of_port[port] = bank
            self.banks.append((self.node(*port), bank))
        self.bank_nodes: tuple[list[int], list[int]] = (
            [node for node, _ in self.banks],
            [self.dram(*self.seen_from_noc0(*bank.noc1))[0] for bank in properties.dram_banks],
        )
        """Node of every bank as each NoC reaches it."""
        columns, rows = self.grid
        self.cores = {(x, y): self.core(x, y) for y in range(rows) for x in range(columns)}
        """Node of every logical core, row by row."""

    def node(self, x: int, y: int) -> int:
        """The node at a physical coordinate of NoC 0."""
        return y * self.chip.grid[0] + x

    def core(self, x: int, y: int) -> int:
        """The node of a logical core; which columns and rows a card has lost is not known."""
        return self.node(self.chip.columns[x], self.chip.rows[y])

    def dram(self, x: int, y: int) -> tuple[int, int]:
        """Node and bank of a port of DRAM, by its physical or virtual coordinate on NoC 0.

        A bank has a port of its own; what reaches a channel by another port counts to its first bank.
        """
        port = self._physical(x, y)
        return self.node(*port), self._bank_of_port.get(port, 0)

    def _physical(self, x: int, y: int) -> tuple[int, int]:
        if x < _VIRTUAL_DRAM[0]:
            return x, y
        line = y - _VIRTUAL_DRAM[1]
        channel = (x - _VIRTUAL_DRAM[0]) * _CHANNELS_OF_COLUMN + line // _PORTS
        return self.chip.dram_ports[channel][line % _PORTS]

    def seen_from_noc0(self, x: int, y: int) -> tuple[int, int]:
        """A coordinate that kernels use on NoC 1: a physical one is mirrored, a virtual one the same on both."""
        inside = x < self.chip.grid[0] and y < self.chip.grid[1]
        return self.mirrored(x, y) if inside else (x, y)

    def mirrored(self, x: int, y: int) -> tuple[int, int]:
        """A physical coordinate of NoC 1 as NoC 0 counts, which begins in the opposite corner."""
        width, height = self.chip.grid
        return width - 1 - x, height - 1 - y
