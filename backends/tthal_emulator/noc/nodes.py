"""The nodes of the networks that have memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tthal_emulator.board.device_memory import DeviceMemory
from tthal_emulator.board.machine import Machine

from .coordinates import ADDRESS_BITS, EndpointKind, NocMap

ADDRESS_MASK = (1 << ADDRESS_BITS) - 1


@dataclass(frozen=True, slots=True)
class Node:
    """A node of the networks that has memory.

    Attributes:
        memory: its bytes, index = the address in a NoC address.
        core: the core's index, or -1 for DRAM.
        read_mask, write_mask: the address bits in which both ends of a transfer must agree.
        size: length of the memory.
    """

    memory: memoryview
    core: int
    read_mask: int
    write_mask: int
    size: int


class Nodes:
    """What lies where on both networks.

    Attributes:
        at: per NoC, a NoC address without its lower 36 bits to what answers there.
        workers: a core's index to its L1.
        flags_overtake: whether a flag's multicast may arrive before a payload's that has not left.
        flushes_early: whether a flush may end before the data of its writes were read.
    """

    def __init__(self, machine: Machine, memory: DeviceMemory, l1: Sequence[memoryview]) -> None:
        self.map = NocMap(machine)
        self.flags_overtake = machine.chip.flags_overtake
        self.flushes_early = machine.chip.flushes_early
        self.at = _nodes(machine, self.map, memory, l1)
        self.workers = {node.core: node for node in self.at[0].values() if node.core >= 0}

    def close(self) -> None:
        """Let go of the memory; no transfer may follow."""
        for nodes in (*self.at, self.workers):
            nodes.clear()


def _nodes(
    machine: Machine, noc_map: NocMap, memory: DeviceMemory, l1: Sequence[memoryview]
) -> tuple[dict[int, Node], dict[int, Node]]:
    rules = machine.alignments()
    workers = [
        Node(
            l1[index],
            index,
            rules.noc_l1_read - 1,
            rules.noc_l1_write - 1,
            len(l1[index]),
        )
        for index in range(machine.num_cores)
    ]
    channels = {
        channel: Node(
            memoryview(data.data),
            -1,
            rules.noc_dram_read - 1,
            rules.noc_dram_write - 1,
            len(data),
        )
        for channel, data in memory.channels.items()
    }
    found = tuple(
        {
            place: workers[endpoint.index] if endpoint.kind is EndpointKind.WORKER else channels[endpoint.index]
            for place, endpoint in endpoints.items()
        }
        for endpoints in noc_map.endpoints
    )
    return found[0], found[1]
