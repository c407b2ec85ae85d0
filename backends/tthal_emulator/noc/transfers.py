"""The networks on chip: what becomes of the transfers that kernels write down.

A transfer has no effect while it waits in its processor's queue. It takes effect at the latest moment the hardware
promises: reads at a read barrier, writes and atomics at theirs, whatever else is left when the processor ends or when
nothing in the device can run. A flush only fixes the data that writes carry. So a kernel without its barrier sees stale
data here every time, where hardware would show it now and then. In which order they may arrive, ``ports.py`` says.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from struct import Struct
from typing import Protocol

from tthal_emulator import abi
from tthal_emulator.abi import ExcludeRegion, HandOver, MonitorEvent
from tthal_emulator.board.boards import Coordinate

from .coordinates import ADDRESS_BITS, NODE_BITS, split_multicast
from .errors import IllegalTransfer, IllegalWord, NocError, UnknownBarrier, UnknownTransfer, WrongReceivers
from .nodes import ADDRESS_MASK, Node, Nodes
from .ports import (
    ATOMIC,
    ATOMIC_BARRIER,
    ATOMIC_MULTICAST,
    CARRIES_DATA,
    EXCLUDE,
    FLUSHES,
    INCLUDE_SOURCE,
    INLINE,
    INLINE_MULTICAST,
    MULTICAST,
    READ,
    READ_BARRIER,
    TRANSFER,
    WRITE,
    WRITE_BARRIER,
    Lane,
    Port,
    Transfer,
    covered,
    is_waited_for,
    keep_link,
    lanes,
    shuffled,
)

WORD = Struct("<I")
MOST_HELD = 4 << 20
"""Bytes that one processor's transfers on their way may take; then the oldest arrive, as they would in any network."""
HELD_EACH = 256
"""What one takes, about, besides the data that a flush has fixed."""
_UNICAST_MASK = (1 << ADDRESS_BITS + 2 * NODE_BITS) - 1
"""A multicast address without its start corner: the node at the end corner."""

_COUNT_WORD = abi.PROCESSOR_BLOCK.offsets["noc_queue_count"] // 4
_OUTSTANDING_WORD = abi.PROCESSOR_BLOCK.offsets["noc_outstanding"] // 4
_COUNTED_WORD = abi.PROCESSOR_BLOCK.offsets["noc_counted"] // 4
_QUEUE = abi.PROCESSOR_BLOCK.offsets["noc_queue"]


class Surroundings(Protocol):
    """Those whom transfers concern besides the nodes: who waits on a core, who observes the launch."""

    @property
    def observed(self) -> bool:
        """Whether anybody wants to hear of transfers."""

    def mark_dirty(self, core: int) -> None:
        """Take note that a transfer changed a core's L1."""

    def mark_held(self, index: int, held: bool) -> None:
        """Take note whether transfers of a processor are on their way, or links of it open."""

    def reads_late(self, index: int) -> bool:
        """Decide whether what a processor's flush lets go is read from its source later."""

    def announce(self, index: int, transfer: bytes, event: int) -> None:
        """Take note what became of a processor's transfer, a MonitorEvent; ``transfer`` is as in the queue."""


class Noc:
    """Both networks of a device.

    Args:
        around: told of all that transfers do.
        look: called before every arrival; raises what ends a launch that takes too long.
    """

    def __init__(self, nodes: Nodes, around: Surroundings, look: Callable[[], None]) -> None:
        self._nodes = nodes
        self._around = around
        self._mark_dirty = around.mark_dirty
        self._mark_held = around.mark_held
        self._look = look
        self._effects: dict[int, Callable[[Port, Transfer], None]] = {
            READ: self._read,
            WRITE: self._write,
            INLINE: self._write_inline,
            ATOMIC: self._increment,
            MULTICAST: self._multicast,
            INLINE_MULTICAST: self._multicast_inline,
            ATOMIC_MULTICAST: self._multicast_increment,
        }

    # ---- what processors do

    def hand_over(self, port: Port, reason: int) -> None:
        """Take over a processor's queue because of a barrier, a flush, or a full queue."""
        self.collect(port)
        asked = HandOver.unpacked(reason)
        if asked.queue_full:
            return
        if asked.poll:
            port.words[_COUNTED_WORD] = sum(is_waited_for(t, asked) for t in port.pending)
            return
        if port.unfixed and self._is_early(asked) and self._around.reads_late(port.index):
            return
        self._barrier(port, asked.operation, asked.noc, asked.transaction_id)
        self._note_pending(port)

    def _is_early(self, asked: HandOver) -> bool:
        """Whether a flush may end before the data of its writes were read, as Wormhole's do.

        One of a transaction id waits until they were, as asking for that does (source: tthal_check/rules.py).
        """
        is_for_all = asked.transaction_id == abi.ANY_TRANSACTION_ID
        return self._nodes.flushes_early and asked.operation in FLUSHES and is_for_all and not asked.departed

    def collect(self, port: Port) -> None:
        """Move the queue's transfers to those on their way; they still have no effect."""
        count = min(port.words[_COUNT_WORD], abi.NOC_QUEUE_CAPACITY)
        if count == 0:
            return
        raw = port.block[_QUEUE : _QUEUE + TRANSFER.size * count]
        port.words[_COUNT_WORD] = 0
        for fields in TRANSFER.iter_unpack(raw):
            transfer = Transfer(*fields)
            if transfer.operation not in self._effects or transfer.noc > 1:
                raise UnknownTransfer(transfer.operation, transfer.noc)
            with _blaming(transfer):
                keep_link(port, transfer)
            port.pending.append(transfer)
            if transfer.operation in CARRIES_DATA:
                port.unfixed.append(transfer)
        self._make_room(port)
        self._note_pending(port)

    def _make_room(self, port: Port) -> None:
        """Let the older half arrive when there is more on its way than a processor can have."""
        while len(port.pending) * HELD_EACH + port.fixed > MOST_HELD:
            half = (len(port.pending) + 1) // 2
            oldest = port.pending[:half]
            port.hold(port.pending[half:])
            for transfer in oldest:
                self._arrive(port, transfer)

    def deliver(self, port: Port) -> bool:
        """Let everything on its way arrive; tell whether there was anything."""
        self.collect(port)
        pending = port.pending
        port.hold([])
        self._note_pending(port)
        for transfer in pending:
            self._arrive(port, transfer)
        return bool(pending)

    def deliver_some(self, port: Port, chance: random.Random) -> None:
        """Let a random part arrive, in an order that the networks allow."""
        self.collect(port)
        waiting: set[Lane] = set()
        arriving: list[tuple[Lane, Transfer]] = []
        left: list[Transfer] = []
        for lane, transfer in lanes(port.pending, self._nodes.flags_overtake):
            if chance.random() < 0.5 or lane in waiting:
                waiting.add(lane)
                left.append(transfer)
            else:
                arriving.append((lane, transfer))
        port.hold(left)
        self._note_pending(port)
        for transfer in shuffled(arriving, chance):
            self._arrive(port, transfer)

    def _note_pending(self, port: Port) -> None:
        """Let kernel and compiled code know how much is on its way."""
        port.words[_OUTSTANDING_WORD] = len(port.pending)
        self._mark_held(port.index, bool(port.pending or port.linked))

    # ---- barriers

    def _barrier(self, port: Port, operation: int, noc: int, transaction_id: int) -> None:
        if operation in FLUSHES:
            return self._flush(port, operation, noc, transaction_id)
        if operation not in (READ_BARRIER, WRITE_BARRIER, ATOMIC_BARRIER):
            raise UnknownBarrier(operation)
        asked = [covered(t, operation, noc, transaction_id) for t in port.pending]
        # A barrier that waits for one transaction id, or for atomics alone, still carries along what it does not wait
        # for: what left earlier on the route of something that has arrived has arrived before it. Reads are answers of
        # their own and overtake each other and everything else.
        last = {t.route: place for place, t in enumerate(port.pending) if asked[place] and t.operation != READ}
        arrives = [
            asked[place] or (t.operation != READ and place < last.get(t.route, 0))
            for place, t in enumerate(port.pending)
        ]
        arriving = [t for t, now in zip(port.pending, arrives, strict=True) if now]
        port.hold([t for t, now in zip(port.pending, arrives, strict=True) if not now])
        for transfer in arriving:
            self._arrive(port, transfer)
        return None

    def _flush(self, port: Port, operation: int, noc: int, transaction_id: int) -> None:
        """Fix the data of what leaves; of each transfer once, so that many flushes do not look at all of them."""
        unfixed, port.unfixed = port.unfixed, []
        for transfer in unfixed:
            if not covered(transfer, operation, noc, transaction_id):
                port.unfixed.append(transfer)
                continue
            with _blaming(transfer):
                transfer.data = bytes(self._local(port, transfer))
            port.fixed += len(transfer.data)
            if self._around.observed:
                self._around.announce(port.index, transfer.packed(), MonitorEvent.DEPARTED)
        self._make_room(port)

    # ---- effects

    def _arrive(self, port: Port, t: Transfer) -> None:
        self._look()
        with _blaming(t):
            self._effects[t.operation](port, t)
        if self._around.observed:
            self._around.announce(port.index, t.packed(), MonitorEvent.ARRIVED)

    def _read(self, port: Port, t: Transfer) -> None:
        node, address = self._remote(port, t, reading=True)
        if t.local + t.size > len(port.l1):
            raise self._illegal(port, t, t.remote, reading=True)
        port.l1[t.local : t.local + t.size] = node.memory[address : address + t.size]
        self._mark_dirty(port.core)

    def _write(self, port: Port, t: Transfer) -> None:
        node, address = self._remote(port, t, reading=False)
        node.memory[address : address + t.size] = t.data if t.data is not None else self._local(port, t)
        if node.core >= 0:
            self._mark_dirty(node.core)

    def _increment(self, port: Port, t: Transfer) -> None:
        node = self._nodes.at[t.noc].get(t.remote >> ADDRESS_BITS)
        if node is None or node.core < 0:
            raise IllegalWord(self._nodes, t.noc, t.remote, t.value, atomic=True)
        self._add(node, t)

    def _write_inline(self, port: Port, t: Transfer) -> None:
        node = self._nodes.at[t.noc].get(t.remote >> ADDRESS_BITS)
        if node is None:
            raise IllegalWord(self._nodes, t.noc, t.remote, t.value, atomic=False)
        self._put(node, t)

    def _multicast(self, port: Port, t: Transfer) -> None:
        data = t.data if t.data is not None else bytes(self._local(port, t))
        address = t.remote & ADDRESS_MASK
        for node in self._rectangle(port, t, t.value):
            if (address ^ t.local) & node.write_mask or address + t.size > node.size:
                raise self._illegal(port, t, t.remote & _UNICAST_MASK, reading=False)
            node.memory[address : address + t.size] = data
            self._mark_dirty(node.core)

    def _multicast_inline(self, port: Port, t: Transfer) -> None:
        for node in self._rectangle(port, t, t.size):
            self._put(node, t)

    def _multicast_increment(self, port: Port, t: Transfer) -> None:
        for node in self._rectangle(port, t, t.extra):
            self._add(node, t)

    def _add(self, node: Node, t: Transfer) -> None:
        address = t.remote & ADDRESS_MASK
        if address % 4 or address + 4 > node.size:
            raise IllegalWord(self._nodes, t.noc, t.remote, t.value, atomic=True)
        old = WORD.unpack_from(node.memory, address)[0]
        mask = (1 << min(t.size, 32)) - 1
        WORD.pack_into(node.memory, address, old & ~mask | (old + t.value) & mask)
        self._mark_dirty(node.core)

    def _put(self, node: Node, t: Transfer) -> None:
        address = t.remote & ADDRESS_MASK
        if address % 4 or address + 4 > node.size:
            raise IllegalWord(self._nodes, t.noc, t.remote, t.value, atomic=False)
        for byte in range(4):
            if t.extra >> byte & 1:
                node.memory[address + byte] = t.value >> 8 * byte & 0xFF
        if node.core >= 0:
            self._mark_dirty(node.core)

    # ---- addresses

    def _rectangle(self, port: Port, t: Transfer, expected: int) -> list[Node]:
        """Return the receivers of a multicast, which must be as many as the kernel says."""
        start, end, _ = split_multicast(t.remote)
        cores = self._receivers(port, t, start, end)
        if len(cores) != expected:
            swapped, with_sender = len(self._receivers(port, t, end, start)), bool(t.flags & INCLUDE_SOURCE)
            raise WrongReceivers(t.noc, t.remote, expected, len(cores), with_sender, swapped)
        return [self._nodes.workers[core] for core in cores]

    def _receivers(self, port: Port, t: Transfer, start: Coordinate, end: Coordinate) -> tuple[int, ...]:
        cores = self._nodes.map.cores_in(t.noc, start, end)
        if not t.flags & INCLUDE_SOURCE:
            cores = tuple(core for core in cores if core != port.core)
        if t.flags & EXCLUDE:
            cores = tuple(core for core in cores if not self._excluded(core, t))
        return cores

    def _excluded(self, core: int, t: Transfer) -> bool:
        x, y = self._nodes.map.virtual(core)
        left_out = ExcludeRegion.unpacked(t.extra)
        beside = x >= left_out.start_x if left_out.x_up else x <= left_out.start_x
        return beside and (y >= left_out.start_y if left_out.y_up else y <= left_out.start_y)

    def _remote(self, port: Port, t: Transfer, reading: bool) -> tuple[Node, int]:
        node = self._nodes.at[t.noc].get(t.remote >> ADDRESS_BITS)
        address = t.remote & ADDRESS_MASK
        if node is not None and address + t.size <= node.size:
            mask = node.read_mask if reading else node.write_mask
            if not (address ^ t.local) & mask:
                return node, address
        raise self._illegal(port, t, t.remote, reading)

    def _local(self, port: Port, t: Transfer) -> memoryview:
        if t.local + t.size > len(port.l1):
            raise self._illegal(port, t, t.remote, reading=False)
        return port.l1[t.local : t.local + t.size]

    def _illegal(self, port: Port, t: Transfer, remote: int, reading: bool) -> IllegalTransfer:
        return IllegalTransfer(self._nodes, t.noc, remote, t.local, t.size, len(port.l1), reading)


class _blaming:
    """Lets errors that are raised meanwhile say which transfer they are about."""

    __slots__ = ("_transfer",)

    def __init__(self, transfer: Transfer) -> None:
        self._transfer = transfer

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(error, NocError):
            error.site = self._transfer.site
