"""The networks on chip: what becomes of the transfers that kernels write down.

A transfer has no effect while it waits in its processor's queue. It takes effect at the latest moment the hardware
promises: reads at a read barrier, writes and atomics at theirs, whatever else is left when the processor ends or when
nothing in the device can run. A flush only fixes the data that writes carry. Reads may pass writes; writes and atomics
of one processor arrive in the order they were issued. So a kernel without its barrier sees stale data here every time,
where hardware would show it now and then.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from struct import Struct

from . import abi
from .abi import NocFlag, NocOperation
from .endpoints import ADDRESS_BITS, EndpointKind, NocMap, split_address, split_multicast
from .machine import Machine
from .memory import Memory

WORD = Struct("<I")
ADDRESS_MASK = (1 << ADDRESS_BITS) - 1

_READ, _WRITE, _MULTICAST = int(NocOperation.READ), int(NocOperation.WRITE), int(NocOperation.WRITE_MULTICAST)
_INLINE, _ATOMIC = int(NocOperation.WRITE_INLINE), int(NocOperation.ATOMIC_INCREMENT)
_READ_BARRIER, _WRITE_FLUSH = int(NocOperation.READ_BARRIER), int(NocOperation.WRITE_FLUSH)
_POSTED, _TRID = int(NocFlag.POSTED), int(NocFlag.TRANSACTION_ID)

_COVERS = {
    int(NocOperation.WRITE_BARRIER): {_WRITE, _MULTICAST, _INLINE},
    int(NocOperation.WRITE_FLUSH): {_WRITE, _MULTICAST, _INLINE},
    int(NocOperation.ATOMIC_BARRIER): {_ATOMIC},
}
"""The transfers each barrier waits for; earlier writes and atomics of the processor arrive before them anyway."""

_PLAIN = {
    int(barrier) | noc << 8 | abi.ANY_TRANSACTION << 16: (int(operation), noc)
    for barrier, operation in (
        (NocOperation.READ_BARRIER, NocOperation.READ),
        (NocOperation.WRITE_BARRIER, NocOperation.WRITE),
    )
    for noc in (0, 1)
}
"""The reasons with which kernels hand over a queue most of the time, and what is then in it."""


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


@dataclass(slots=True)
class Transfer:
    """A transfer as the queue holds it; ``data`` is set when a flush has fixed what a write carries."""

    operation: int
    noc: int
    flags: int
    transaction_id: int
    local: int
    remote: int
    size: int
    value: int
    extra: int
    data: bytes | None = None


class Port:
    """One processor's access to the networks: its queue in the block, and what is on its way.

    Args:
        core: index of the processor's core.
        l1: the core's L1.
        block: the processor block, bytes.
    """

    __slots__ = ("block", "core", "l1", "pending", "words")

    def __init__(self, core: int, l1: memoryview, block: memoryview) -> None:
        self.core = core
        self.l1 = l1
        self.block = block
        self.words = block.cast("I")
        self.pending: list[Transfer] = []

    def unsettled(self) -> bool:
        """Whether transfers of this processor have not taken effect yet."""
        return self.words[_COUNT_WORD] != 0 or bool(self.pending)


_COUNT_WORD = abi.NOC_QUEUE_COUNT // 4
_OUTSTANDING_WORD = abi.NOC_OUTSTANDING // 4


class Noc:
    """Both networks of a device.

    Args:
        touched: called with a core's index when another processor's transfer changed its L1.
    """

    def __init__(
        self, machine: Machine, memory: Memory, l1: Sequence[memoryview], touched: Callable[[int], None]
    ) -> None:
        self.map = NocMap(machine)
        self._targets = _targets(machine, self.map, memory, l1)
        self._workers = {target.core: target for target in self._targets[0].values() if target.core >= 0}
        self._touched = touched
        self._max_burst = machine.chip.max_noc_burst

    # ---- what processors do

    def hand_over(self, port: Port, reason: int) -> None:
        """Take over a processor's queue because of a barrier, a flush, or a full queue."""
        if not port.pending and self._carry_out(port, reason):
            return
        self.collect(port)
        operation = reason & 0xFF
        if operation & abi.NOC_QUEUE_FULL:
            return
        self._barrier(port, operation, reason >> 8 & 0xFF, reason >> 16)
        port.words[_OUTSTANDING_WORD] = len(port.pending)

    def collect(self, port: Port) -> None:
        """Move the queue's transfers to those on their way; they still have no effect."""
        count = port.words[_COUNT_WORD]
        if count == 0:
            return
        start = abi.NOC_QUEUE
        raw = port.block[start : start + abi.NOC_TRANSFER.size * count]
        port.pending.extend(Transfer(*fields[:9]) for fields in abi.NOC_TRANSFER.iter_unpack(raw))
        port.words[_COUNT_WORD] = 0
        port.words[_OUTSTANDING_WORD] = len(port.pending)

    def deliver(self, port: Port) -> bool:
        """Let everything on its way arrive; tell whether there was anything."""
        self.collect(port)
        pending, port.pending = port.pending, []
        port.words[_OUTSTANDING_WORD] = 0
        for transfer in pending:
            self._apply(port, transfer)
        return bool(pending)

    def deliver_some(self, port: Port, chance: random.Random) -> None:
        """Let a random part arrive, in an order that the networks allow."""
        self.collect(port)
        reads = [t for t in port.pending if t.operation == _READ and chance.random() < 0.5]
        others = [t for t in port.pending if t.operation != _READ]
        arriving = reads + others[: chance.randrange(len(others) + 1)]
        gone = {id(t) for t in arriving}
        port.pending = [t for t in port.pending if id(t) not in gone]
        port.words[_OUTSTANDING_WORD] = len(port.pending)
        chance.shuffle(reads)
        for transfer in arriving:
            self._apply(port, transfer)

    # ---- barriers

    def _carry_out(self, port: Port, reason: int) -> bool:
        """Carry out a queue that holds nothing but what its barrier waits for, without keeping records.

        This is what well-behaved kernels do all the time; anything else is left untouched for the general way.
        """
        wanted = _PLAIN.get(reason)
        if wanted is None:
            return False
        operation, noc = wanted
        words = port.words
        end = abi.NOC_QUEUE + abi.NOC_TRANSFER.size * words[_COUNT_WORD]
        queue = list(abi.NOC_TRANSFER.iter_unpack(port.block[abi.NOC_QUEUE : end]))
        for fields in queue:
            if fields[0] != operation or fields[1] != noc or fields[2]:
                return False
        words[_COUNT_WORD] = 0
        l1, targets, reading = port.l1, self._targets[noc], operation == _READ
        l1_size = len(l1)
        for _, _, _, _, local, remote, size, _, _, _ in queue:
            target = targets.get(remote >> ADDRESS_BITS)
            address = remote & ADDRESS_MASK
            if target is None or local + size > l1_size or address + size > target.size:
                raise self._explain(port, noc, remote, local, size, reading)
            if (address ^ local) & (target.read_mask if reading else target.write_mask):
                raise self._explain(port, noc, remote, local, size, reading)
            if reading:
                l1[local : local + size] = target.memory[address : address + size]
            else:
                target.memory[address : address + size] = l1[local : local + size]
                if target.core >= 0:
                    self._touched(target.core)
        return True

    def _barrier(self, port: Port, operation: int, noc: int, transaction_id: int) -> None:
        if operation == _READ_BARRIER:
            arriving = [t for t in port.pending if t.operation == _READ and _covered(t, noc, transaction_id)]
            port.pending = [t for t in port.pending if not (t.operation == _READ and _covered(t, noc, transaction_id))]
        else:
            arriving = self._take_ordered(port, _COVERS[operation], noc, transaction_id, operation)
        for transfer in arriving:
            self._apply(port, transfer)

    def _take_ordered(
        self, port: Port, kinds: set[int], noc: int, transaction_id: int, operation: int
    ) -> list[Transfer]:
        ordered = [t for t in port.pending if t.operation != _READ]
        covered = [
            place
            for place, t in enumerate(ordered)
            if t.operation in kinds and not t.flags & _POSTED and _covered(t, noc, transaction_id)
        ]
        if operation == _WRITE_FLUSH:
            for transfer in ordered:
                self._depart(port, transfer)
            return []
        arriving = ordered[: covered[-1] + 1] if covered else []
        gone = {id(t) for t in arriving}
        port.pending = [t for t in port.pending if id(t) not in gone]
        return arriving

    def _depart(self, port: Port, transfer: Transfer) -> None:
        if transfer.operation in (_WRITE, _MULTICAST) and transfer.data is None:
            transfer.data = bytes(self._local(port, transfer))

    # ---- effects

    def _apply(self, port: Port, transfer: Transfer) -> None:
        operation = transfer.operation
        if operation == _READ:
            self._read(port, transfer)
        elif operation == _WRITE:
            self._write(port, transfer)
        elif operation == _ATOMIC:
            self._increment(port, transfer)
        elif operation == _MULTICAST:
            self._multicast(port, transfer)
        elif operation == _INLINE:
            self._write_inline(port, transfer)
        else:
            raise NocError(f"a transfer of unknown kind {operation}; was the processor block overwritten?")

    def _read(self, port: Port, t: Transfer) -> None:
        target, address = self._remote(port, t, reading=True)
        if t.local + t.size > len(port.l1):
            raise self._explain(port, t.noc, t.remote, t.local, t.size, reading=True)
        port.l1[t.local : t.local + t.size] = target.memory[address : address + t.size]
        self._touched(port.core)

    def _write(self, port: Port, t: Transfer) -> None:
        target, address = self._remote(port, t, reading=False)
        target.memory[address : address + t.size] = t.data if t.data is not None else self._local(port, t)
        if target.core >= 0:
            self._touched(target.core)

    def _increment(self, port: Port, t: Transfer) -> None:
        target, address = self._word(port, t)
        old = WORD.unpack_from(target.memory, address)[0]
        mask = (1 << t.size) - 1
        WORD.pack_into(target.memory, address, old & ~mask | (old + t.value) & mask)
        self._touched(target.core)

    def _write_inline(self, port: Port, t: Transfer) -> None:
        target, address = self._word(port, t)
        for byte in range(4):
            if t.extra >> byte & 1:
                target.memory[address + byte] = t.value >> 8 * byte & 0xFF
        if target.core >= 0:
            self._touched(target.core)

    def _multicast(self, port: Port, t: Transfer) -> None:
        data = t.data if t.data is not None else bytes(self._local(port, t))
        address = t.remote & ADDRESS_MASK
        targets = self._rectangle(port, t)
        if len(targets) != t.value:
            raise NocError(
                f"multicast of {t.size} B to {_rectangle_text(t.remote)}: num_dests is {t.value}, but the rectangle "
                f"has {len(targets)} workers {'with' if t.flags & NocFlag.INCLUDE_SOURCE else 'without'} the sender; "
                "the acknowledgements would never add up and the write barrier would hang"
            )
        for target in targets:
            if (address ^ t.local) & target.write_mask or address + t.size > target.size:
                raise self._explain(port, t.noc, t.remote, t.local, t.size, reading=False)
            target.memory[address : address + t.size] = data
            self._touched(target.core)

    # ---- addresses

    def _rectangle(self, port: Port, t: Transfer) -> list[Target]:
        start, end, _ = split_multicast(t.remote)
        cores = self.map.cores_in(t.noc, start, end)
        include_source = t.flags & NocFlag.INCLUDE_SOURCE
        return [self._workers[core] for core in cores if include_source or core != port.core]

    def _remote(self, port: Port, t: Transfer, reading: bool) -> tuple[Target, int]:
        target = self._targets[t.noc].get(t.remote >> ADDRESS_BITS)
        address = t.remote & ADDRESS_MASK
        if target is not None and address + t.size <= target.size:
            mask = target.read_mask if reading else target.write_mask
            if not (address ^ t.local) & mask:
                return target, address
        raise self._explain(port, t.noc, t.remote, t.local, t.size, reading)

    def _word(self, port: Port, t: Transfer) -> tuple[Target, int]:
        target = self._targets[t.noc].get(t.remote >> ADDRESS_BITS)
        address = t.remote & ADDRESS_MASK
        atomic = t.operation == _ATOMIC
        if target is None or address + 4 > target.size:
            raise self._explain(port, t.noc, t.remote, t.local, 4, reading=False)
        if address % 4:
            raise NocError(
                f"{'atomic' if atomic else 'inline write'} at {_text(t.remote)}: the address must be a multiple of 4"
            )
        if atomic and target.core < 0:
            raise NocError(f"atomic increment at {_text(t.remote)}: {target.name} has no atomics, only L1 does")
        return target, address

    def _local(self, port: Port, t: Transfer) -> memoryview:
        if t.local + t.size > len(port.l1):
            raise self._explain(port, t.noc, t.remote, t.local, t.size, reading=False)
        return port.l1[t.local : t.local + t.size]

    def _explain(self, port: Port, noc: int, remote: int, local: int, size: int, reading: bool) -> NocError:
        x, y, address = split_address(remote)
        call = f"{'read' if reading else 'write'} of {size} B {'from' if reading else 'to'} {_text(remote)}"
        target = self._targets[noc].get(remote >> ADDRESS_BITS)
        if target is None:
            return NocError(f"{call}: at that coordinate of NOC {noc} is {self.map.describe(noc, x, y)}")
        if address + size > target.size:
            return NocError(f"{call}: it reaches past the end of {target.name} ({target.size} B)")
        if local + size > len(port.l1):
            return NocError(f"{call}: the local side at {local} reaches past the end of L1 ({len(port.l1)} B)")
        unit = (target.read_mask if reading else target.write_mask) + 1
        return NocError(
            f"{call}: {target.name} needs source and destination to have the same address modulo {unit}, but the "
            f"remote address is {address} (mod {unit} = {address % unit}) and the L1 address {local} "
            f"(mod {unit} = {local % unit})"
        )


def _covered(transfer: Transfer, noc: int, transaction_id: int) -> bool:
    if transfer.noc != noc:
        return False
    return transaction_id == abi.ANY_TRANSACTION or (
        bool(transfer.flags & _TRID) and transfer.transaction_id == transaction_id
    )


def _text(remote: int) -> str:
    x, y, address = split_address(remote)
    return f"({x},{y}) address 0x{address:x}"


def _rectangle_text(remote: int) -> str:
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
