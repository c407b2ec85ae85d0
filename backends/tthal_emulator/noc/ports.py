"""A processor's access to the networks: its queue, what is on its way, and in which order that may arrive.

What leaves on the same route arrives in the order in which it left: writes, words and atomics of one processor over one
NoC to one node, and multicasts to one rectangle. Between different routes, and between reads, there is no order.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from tthal_emulator import abi
from tthal_emulator.abi import HandOver, NocFlag, NocOperation

from .coordinates import ADDRESS_BITS
from .errors import ReservedByLink

READ, WRITE, MULTICAST = int(NocOperation.READ), int(NocOperation.WRITE), int(NocOperation.WRITE_MULTICAST)
INLINE, ATOMIC = int(NocOperation.WRITE_INLINE), int(NocOperation.ATOMIC_INCREMENT)
INLINE_MULTICAST, ATOMIC_MULTICAST = int(NocOperation.INLINE_MULTICAST), int(NocOperation.ATOMIC_MULTICAST)
READ_BARRIER, WRITE_BARRIER = int(NocOperation.READ_BARRIER), int(NocOperation.WRITE_BARRIER)
WRITE_FLUSH, POSTED_FLUSH = int(NocOperation.WRITE_FLUSH), int(NocOperation.POSTED_FLUSH)
ATOMIC_BARRIER = int(NocOperation.ATOMIC_BARRIER)
POSTED, LINKED, EXCLUDE = int(NocFlag.POSTED), int(NocFlag.LINKED), int(NocFlag.EXCLUDE)
INCLUDE_SOURCE, UNCOUNTED = int(NocFlag.INCLUDE_SOURCE), int(NocFlag.UNCOUNTED)

FLUSHES = frozenset({WRITE_FLUSH, POSTED_FLUSH})
CARRIES_DATA = frozenset({WRITE, MULTICAST})
WRITES = frozenset({WRITE, MULTICAST, INLINE, INLINE_MULTICAST})
ATOMICS = frozenset({ATOMIC, ATOMIC_MULTICAST})
MULTICASTS = frozenset({MULTICAST, INLINE_MULTICAST, ATOMIC_MULTICAST})

Lane = tuple[int, bool, int, bool]
"""A route, and whether it is that of flags which overtake payloads."""

TRANSFER = abi.NOC_TRANSFER.struct()
"""How a queue holds one."""
FLAG_SIZE = 4
"""Bytes of a multicast that may be a flag: one word."""


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
    site: int = 0
    data: bytes | None = None

    def packed(self) -> bytes:
        """Return it as the queue holds it."""
        return TRANSFER.pack(
            self.operation, self.noc, self.flags, self.transaction_id, self.local, self.remote, self.size, self.value,
            self.extra, self.site,
        )  # fmt: skip

    @property
    def route(self) -> tuple[int, bool, int]:
        """What it shares with those that it must not overtake: NoC, kind of channel, and destination.

        The destination is what stands above the address: a node, or of a multicast the whole rectangle. A multicast
        and a write to one of its nodes are on different channels, so either may come first.
        """
        return self.noc, self.operation in MULTICASTS, self.remote >> ADDRESS_BITS


class Port:
    """One processor's access to the networks: its queue in the block, and what is on its way.

    Args:
        index: number of the processor in its device.
        core: index of the processor's core.
        l1: the core's L1.
        block: the processor block, bytes.

    Attributes:
        pending: what is on its way, in the order in which it left.
        unfixed: those of them that carry data which no flush has fixed.
        fixed: bytes of data that flushes have fixed.
        linked: per NoC, the multicast that keeps its route reserved for the next one.
    """

    __slots__ = ("block", "core", "fixed", "index", "l1", "linked", "pending", "unfixed", "words")

    def __init__(self, index: int, core: int, l1: memoryview, block: memoryview) -> None:
        self.index = index
        self.core = core
        self.l1 = l1
        self.block = block
        self.words = block.cast("I")
        self.pending: list[Transfer] = []
        self.unfixed: list[Transfer] = []
        self.fixed = 0
        self.linked: dict[int, Transfer] = {}

    def clear(self) -> None:
        """Forget what is left of a run that ended well: links, for all transfers have arrived."""
        self.pending, self.unfixed, self.fixed = [], [], 0
        self.linked.clear()

    def hold(self, pending: list[Transfer]) -> None:
        """From now on these are on their way."""
        self.pending = pending
        self.unfixed = [t for t in pending if t.data is None and t.operation in CARRIES_DATA]
        self.fixed = sum(len(t.data) for t in pending if t.data is not None)


def covered(t: Transfer, operation: int, noc: int, transaction_id: int) -> bool:
    """Whether a barrier or flush waits for a transfer.

    One of a transaction id looks at the NIU's counters of that id, which count whatever will be answered, and all
    writes that have not left (NIU_MST_REQS_OUTSTANDING_ID and NIU_MST_WRITE_REQS_OUTGOING_ID: tt-isa-documentation,
    WormholeB0/NoC/Counters.md); the others compare the processor's own count of what it has issued.
    """
    if t.noc != noc:
        return False
    if transaction_id != abi.ANY_TRANSACTION_ID:
        if t.transaction_id != transaction_id:
            return False
        return t.operation in WRITES if operation in FLUSHES else not t.flags & POSTED
    if t.flags & UNCOUNTED:
        return False
    if operation == READ_BARRIER:
        return t.operation == READ
    if operation == ATOMIC_BARRIER:
        return t.operation in ATOMICS and not t.flags & POSTED
    return t.operation in WRITES and bool(t.flags & POSTED) == (operation == POSTED_FLUSH)


def is_waited_for(t: Transfer, asked: HandOver) -> bool:
    """Whether a poll finds a transfer under way; a write whose data a flush has fixed has departed."""
    departed = t.data is not None or t.operation not in CARRIES_DATA
    return covered(t, asked.operation, asked.noc, asked.transaction_id) and not (
        asked.operation in FLUSHES and departed
    )


def keep_link(port: Port, transfer: Transfer) -> None:
    """Watch over the rule of linked multicasts: nothing else may leave on the NoC until the last one, not linked."""
    link = port.linked.get(transfer.noc)
    if link is not None and transfer.operation not in MULTICASTS:
        raise ReservedByLink(transfer.noc, transfer.remote, link.remote)
    if transfer.flags & LINKED:
        port.linked[transfer.noc] = transfer
    elif link is not None:
        del port.linked[transfer.noc]


def lanes(transfers: list[Transfer], flags_overtake: bool) -> Iterator[tuple[Lane, Transfer]]:
    """Yield transfers with their lanes: what shares one arrives in order.

    That is a route for most; a read has one of its own, and so has the multicast of a flag (of one word) while all
    payloads before it on its route have yet to leave, where a chip's flags may overtake them.
    """
    unsent: dict[tuple[int, bool, int], bool] = {}
    for place, transfer in enumerate(transfers):
        route = transfer.route
        is_flag = transfer.operation == MULTICAST and transfer.size == FLAG_SIZE
        if transfer.operation == READ:
            yield (transfer.noc, False, -place, False), transfer  # no node is below zero
        else:
            yield (*route, is_flag and unsent.get(route, False) and flags_overtake), transfer
        if transfer.operation == MULTICAST and not is_flag:
            waits = transfer.data is None and not transfer.flags & LINKED
            unsent[route] = waits and unsent.get(route, True)


def shuffled(transfers: list[tuple[Lane, Transfer]], chance: random.Random) -> list[Transfer]:
    """Mix transfers, keeping the order of those that share a lane.

    Lanes are shuffled, a place for each transfer; then every place takes the first that is left of its lane. So all
    orders that the networks allow can come, and no other.
    """
    order = [lane for lane, _ in transfers]
    chance.shuffle(order)
    queues: dict[Lane, list[Transfer]] = {}
    for lane, transfer in reversed(transfers):
        queues.setdefault(lane, []).append(transfer)
    return [queues[lane].pop() for lane in order]
