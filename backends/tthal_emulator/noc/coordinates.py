"""What answers at a NoC coordinate: the coordinates that kernels write into 64-bit addresses (host-api.md §3).

Workers answer at virtual coordinates, the same on both NoCs, and so do Blackhole's DRAM channels. Physical coordinates
work too, which NoC 1 counts from the opposite corner; on Blackhole's NoC 1 the virtual ones leave no room for them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import product

from tthal_emulator.abi import NOC_ADDRESS_BITS, NOC_NODE_BITS
from tthal_emulator.board.boards import Coordinate
from tthal_emulator.board.machine import Machine

ADDRESS_BITS, NODE_BITS = NOC_ADDRESS_BITS, NOC_NODE_BITS
_ADDRESS_MASK = (1 << ADDRESS_BITS) - 1
_NODE_MASK = (1 << NODE_BITS) - 1


class EndpointKind(str, Enum):
    """What an endpoint leads to."""

    WORKER = "worker"
    DRAM = "dram"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A core by its index in the compute grid, or a DRAM channel, whose banks lie at their offsets in it."""

    kind: EndpointKind
    index: int


def split_address(address: int) -> tuple[int, int, int]:
    """Return (x, y, local address) of a unicast NoC address."""
    node = address >> ADDRESS_BITS
    return node & _NODE_MASK, node >> NODE_BITS & _NODE_MASK, address & _ADDRESS_MASK


def split_multicast(address: int) -> tuple[Coordinate, Coordinate, int]:
    """Return (start corner, end corner, local address) of a multicast NoC address."""
    x_end, y_end, local = split_address(address)
    x_start, y_start, _ = split_address(address >> 2 * NODE_BITS)
    return (x_start, y_start), (x_end, y_end), local


class NocMap:
    """The endpoints of one device on both NoCs.

    Attributes:
        endpoints: per NoC, ``y << 6 | x`` (a NoC address without its lower 36 bits) to endpoint.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.endpoints: tuple[dict[int, Endpoint], dict[int, Endpoint]] = (
            dict(_endpoints(machine, 0)),
            dict(_endpoints(machine, 1)),
        )
        self._rectangles: dict[tuple[int, Coordinate, Coordinate], tuple[int, ...]] = {}

    def at(self, noc: int, x: int, y: int) -> Endpoint | None:
        """Return what answers at a coordinate, or None."""
        return self.endpoints[noc].get(y << NODE_BITS | x)

    def cores_in(self, noc: int, start: Coordinate, end: Coordinate) -> tuple[int, ...]:
        """Return the cores that a multicast reaches, row by row.

        The hardware walks from the start to the end along each axis and round the torus: towards higher coordinates on
        NoC 0, towards lower ones on NoC 1. So a start behind the end wraps, and callers on NoC 1 swap the corners.
        """
        key = (noc, start, end)
        cores = self._rectangles.get(key)
        if cores is None:
            cores = self._rectangles[key] = tuple(self._walk(noc, start, end))
        return cores

    def virtual(self, core: int) -> Coordinate:
        """Return the virtual coordinate of a core."""
        return self.machine.virtual(self.machine.core(core))

    def _walk(self, noc: int, start: Coordinate, end: Coordinate) -> Iterator[int]:
        columns, rows = (self._passed(noc, axis, start[axis], end[axis]) for axis in (0, 1))
        for y, x in product(rows, columns):
            endpoint = self.at(noc, x, y)
            if endpoint is not None and endpoint.kind is EndpointKind.WORKER:
                yield endpoint.index

    def _passed(self, noc: int, axis: int, first: int, last: int) -> list[int]:
        """Return the coordinates of workers on an axis that lie on the way from one to the other."""
        machine, size = self.machine, tuple(self.machine.grid)[axis]
        virtual = (machine.chip.worker_columns, machine.chip.worker_rows)[axis][:size]
        if machine.chip.virtual_overlaps_physical or first >= virtual[0]:
            # Virtual coordinates are those of NoC 0 on both; NoC 1 walks down.
            values, (low, high) = virtual, ((first, last) if noc == 0 else (last, first))
        else:
            physical = (machine.chip.physical_columns, machine.chip.physical_rows)[axis][:size]
            values = physical if noc == 0 else tuple(machine.chip.noc_size[axis] - 1 - value for value in physical)
            low, high = first, last
        return [value for value in values if (low <= value <= high if low <= high else value >= low or value <= high)]


def _endpoints(machine: Machine, noc: int) -> Iterator[tuple[int, Endpoint]]:
    """List the node numbers that lead somewhere."""
    workers = [(machine.core(index), Endpoint(EndpointKind.WORKER, index)) for index in range(machine.num_cores)]
    for core, worker in workers:
        yield _node(machine.virtual(core)), worker
    for view in machine.board.dram:
        for place in machine.board.virtual_dram_places(view):
            yield _node(place), Endpoint(EndpointKind.DRAM, view.channel)
    if noc == 1 and machine.chip.virtual_overlaps_physical:
        return
    for core, worker in workers:
        yield _node(machine.physical(core, noc)), worker
    for view in machine.board.dram:
        for place in machine.chip.dram_ports[view.channel]:
            seen = place if noc == 0 else machine.mirrored(place)
            yield _node(seen), Endpoint(EndpointKind.DRAM, view.channel)


def _node(place: Coordinate) -> int:
    return place[1] << NODE_BITS | place[0]
