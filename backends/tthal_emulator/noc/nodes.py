"""The nodes of the networks that have memory, and what is wrong with a transfer to or from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tthal_emulator.board.machine import Machine
from tthal_emulator.board.memory import Memory

from .coordinates import ADDRESS_BITS, EndpointKind, NocMap, split_address, split_multicast

ADDRESS_MASK = (1 << ADDRESS_BITS) - 1


class NocError(Exception):
    """A transfer that the hardware would refuse or corrupt; the message names the rule."""


@dataclass(frozen=True, slots=True)
class Target:
    """A node of the network that has memory.

    Attributes:
        memory: its bytes, index = the address in a NoC address.
        core: the core's index, or -1 for DRAM.
        read_mask, write_mask: the address bits in which both ends of a transfer must agree.
        name: for messages.
        size: length of the memory.
    """

    memory: memoryview
    core: int
    read_mask: int
    write_mask: int
    name: str
    size: int


class Nodes:
    """What lies where on both networks.

    Attributes:
        targets: per NoC, a NoC address without its lower 36 bits to what answers there.
        workers: a core's index to its L1.
    """

    def __init__(self, machine: Machine, memory: Memory, l1: Sequence[memoryview]) -> None:
        self.map = NocMap(machine)
        self.targets = _targets(machine, self.map, memory, l1)
        self.workers = {target.core: target for target in self.targets[0].values() if target.core >= 0}

    def explain(self, noc: int, remote: int, local: int, size: int, l1_size: int, reading: bool) -> NocError:
        """Say which rule a transfer breaks."""
        x, y, address = split_address(remote)
        call = f"{'read' if reading else 'write'} of {size} B {'from' if reading else 'to'} {place_text(remote)}"
        target = self.targets[noc].get(remote >> ADDRESS_BITS)
        if target is None:
            return NocError(f"{call}: at that coordinate of NOC {noc} is {self.map.describe(noc, x, y)}")
        if address + size > target.size:
            return NocError(f"{call}: it reaches past the end of {target.name} ({target.size} B)")
        if local + size > l1_size:
            return NocError(
                f"{call}: the local side at 0x{local:x} is not in L1 ({l1_size} B); the NoC reaches no variables of "
                "the kernel, only L1"
            )
        unit = (target.read_mask if reading else target.write_mask) + 1
        return NocError(
            f"{call}: {target.name} needs source and destination to have the same address modulo {unit}, but the "
            f"remote address is {address} (mod {unit} = {address % unit}) and the L1 address {local} "
            f"(mod {unit} = {local % unit})"
        )

    def explain_word(self, noc: int, remote: int, what: str) -> NocError:
        """Say why no word can be written or changed at a NoC address."""
        x, y, address = split_address(remote)
        target = self.targets[noc].get(remote >> ADDRESS_BITS)
        call = f"{what} at {place_text(remote)}"
        if target is None:
            return NocError(f"{call}: at that coordinate of NOC {noc} is {self.map.describe(noc, x, y)}")
        if address % 4:
            return NocError(f"{call}: the address must be a multiple of 4")
        if address + 4 > target.size:
            return NocError(f"{call}: it reaches past the end of {target.name} ({target.size} B)")
        return NocError(f"{call}: {target.name} has no atomics, only L1 does")


def place_text(remote: int) -> str:
    """Write a NoC address as coordinate and address."""
    x, y, address = split_address(remote)
    return f"({x},{y}) address 0x{address:x}"


def rectangle_text(remote: int) -> str:
    """Write a multicast NoC address as corners and address."""
    start, end, address = split_multicast(remote)
    return f"({start[0]},{start[1]})-({end[0]},{end[1]}) address 0x{address:x}"


def _targets(
    machine: Machine, noc_map: NocMap, memory: Memory, l1: Sequence[memoryview]
) -> tuple[dict[int, Target], dict[int, Target]]:
    rules = machine.alignments()
    workers = [
        Target(
            l1[index],
            index,
            rules.noc_l1_read - 1,
            rules.noc_l1_write - 1,
            f"L1 of core {machine.core(index)}",
            len(l1[index]),
        )
        for index in range(machine.num_cores)
    ]
    channels = {
        channel: Target(
            memoryview(data.data),
            -1,
            rules.noc_dram_read - 1,
            rules.noc_dram_write - 1,
            f"DRAM channel {channel}",
            len(data),
        )
        for channel, data in memory.channels.items()
    }
    found = tuple(
        {
            node: workers[endpoint.index] if endpoint.kind is EndpointKind.WORKER else channels[endpoint.index]
            for node, endpoint in nodes.items()
        }
        for nodes in noc_map.nodes
    )
    return found[0], found[1]
