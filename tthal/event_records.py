"""What devices tell observers: the record of an event, and the numbers in its fields.

``tthal/observer.h`` is the same for C++; ``python -m tthal.kit.observer_header`` writes it after a change here. Whoever
listens finds all of it in :mod:`tthal.observer`.
"""

from __future__ import annotations

from enum import IntEnum, unique

import numpy as np


@unique
class EventKind(IntEnum):
    """What a record is about. The comment says what its fields hold; ``site`` is the kernel's place where there is one.

    QUEUED_x: a kernel asked for a transfer: ``noc``, ``flags`` (:class:`TransferFlag`), ``id`` (transaction id),
    ``local`` (L1 address), ``remote`` (NoC address), ``size`` (bytes), ``value`` (number of destinations, inline
    word or increment), ``extra`` (of a write of 4 bytes: the word that it sends). Barriers and flushes: ``extra`` =
    noc, ``id`` = transaction id or 255 for all.
    """

    QUEUED_READ = 0
    QUEUED_WRITE = 1
    QUEUED_WRITE_MULTICAST = 2
    QUEUED_WRITE_INLINE = 3
    QUEUED_INLINE_MULTICAST = 4
    QUEUED_ATOMIC_INCREMENT = 5
    QUEUED_ATOMIC_MULTICAST = 6
    READ_BARRIER = 16
    WRITE_BARRIER = 17
    WRITE_FLUSH = 18
    POSTED_FLUSH = 19
    ATOMIC_BARRIER = 20
    CB_RESERVED = 32  # id = circular buffer, value = pages, local = write pointer
    CB_PUSHED = 33  # the same, before the pages move
    CB_WAITED = 34  # id = circular buffer, value = pages, local = read pointer
    CB_POPPED = 35  # the same, before the pages move
    SEMAPHORE_SET = 36  # local = L1 address, value: stored by the core itself
    SEMAPHORE_REACHED = 37  # local = L1 address, value: a wait ended; id = 1 when more is enough
    DST_SECTION = 38  # ACQUIRE or RELEASE: id = :class:`DstCall`, local = where in its static data the kernel keeps DST
    TILE_OPERAND = 39  # the unpacker reads: id = circular buffer, local = address, size in bytes, value = operation:
    # :class:`TileOperation`, or one that it does not name
    TILE_RESULT = 40  # the packer writes: the same; remote = 1 when it adds to what is there
    TILE_OPERATION = 41  # value = operation, id = DST index
    PAGE_ADDRESS = 42  # of an interleaved buffer: id = in DRAM, local = base, size = stride, value = page, remote
    BANK_ADDRESS = 43  # a kernel named a bank that does not exist: id = in DRAM, value = bank, remote
    CB_MISSING = 44  # a kernel asked of a circular buffer that is not configured: id
    SET_UP_MISSING = 45  # an operation needs another set-up: value = needed, local = present (:class:`SetUp`)
    ODD_DIVISION = 46  # an integer division without a quotient: id = 0 by zero, 1 overflow
    LOAD = 48  # of the kernel's own code: local = L1 address, size; see Observer.loads_and_stores
    STORE = 49  # the same
    CB_ASKED = 50  # the kernel asked for a pointer into a circular buffer: id; only with loads_and_stores
    DST_UNWRITTEN = 51  # the packer takes a tile of DST that nothing was written to: id = DST index
    VECTOR_OPERATION = 52  # the vector unit works on DST: id = index, value = :func:`name_hash`, size in vectors, extra
    # = 1 in an approximate mode
    SET_UP = 53  # an initialisation: value = :class:`SetUp`, local = :func:`name_hash` of a vector function or 0
    FORMAT_SET = 54  # a unit is set up for a format: id = :class:`FormatUnit`
    EXECUTED = 55  # by its own code since the last of these; see Observer.executed. value = instructions, local = loads
    # and size = stores through pointers, extra = divisions; remote = bytes of blocks, aligned alike | others << 32
    ZONE = 56  # the profiler's macros: id = :class:`ZoneMark`; value = :func:`name_hash`
    CLOCK = 57  # a look at the clock; value = cycles waited besides; a compiled listener may answer, in remote
    DST_HANDED = 58  # as DST_SECTION, where a section goes from one thread to another: COMMIT and WAIT
    TURN = 64  # the processor gave way without waiting for anything
    WAIT = 65  # id = :class:`Awaited`, local and value = its arguments
    WAKE = 66
    DEPARTED = 67  # a transfer's data left its source: as queued, but flags | operation << 4
    ARRIVED = 68  # a transfer took effect: the same
    ENDED = 69  # the kernel ended


class SetUp(IntEnum):
    """What the compute threads are set up for, in the lowest 8 bits; the details above them are four bits each.

    BINARY: operation (add, sub, mul), broadcast (none, row, col, scalar). REDUCE: pool (sum, avg, max), dimension (row,
    col, scalar). REUSE_DEST: operation. UNARY_BROADCAST: broadcast. VECTOR: :data:`VECTOR_FUNCTIONS`. UNINIT: the
    set-up of which something is left. MATMUL: the operand that is kept (1: the first), whether the block has several
    rows and columns. TILIZE: the width in tiles, PACK_UNTILIZE: those of a block and of the whole, 8 bits each from
    bit 16 on.
    """

    NONE = 0
    COPY = 1
    BINARY = 2
    REUSE_DEST = 3
    UNARY_BROADCAST = 4
    MATMUL = 5
    REDUCE = 6
    TRANSPOSE = 7
    TILIZE = 8
    STARTUP = 9
    VECTOR = 10
    PACK_UNTILIZE = 11
    PACK_ROWS = 12
    TILIZE_REDUCE = 13
    UNINIT = 14
    ANY = 255


VECTOR_FUNCTIONS = ("nothing", "exp", "recip", "sqrt", "rsqrt", "log", "tanh", "gelu")
"""Functions whose initialisations load constants that only they can use."""


def name_hash(name: str) -> int:
    """What VECTOR_OPERATION calls a function, and ZONE a zone: FNV-1a of its name, 32 bits."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


class TransferFlag(IntEnum):
    """Bits of ``flags`` in records about transfers."""

    POSTED = 1
    INCLUDE_SOURCE = 2
    LINKED = 4
    EXCLUDE = 8  # extra is the region that a multicast leaves out
    UNCOUNTED = 16  # only a barrier of its transaction id waits for it


@unique
class DstCall(IntEnum):
    """``id`` of DST_SECTION and DST_HANDED."""

    ACQUIRE = 0
    COMMIT = 1
    WAIT = 2
    RELEASE = 3


@unique
class Awaited(IntEnum):
    """``id`` of WAIT, and what ``local`` and ``value`` are."""

    CB_PAGES = 0  # circular buffer, pages that must be there
    CB_SPACE = 1  # circular buffer, pages that must be free
    SEMAPHORE_EQUAL = 2  # L1 address, value
    SEMAPHORE_AT_LEAST = 3  # L1 address, value
    YIELD = 4  # nothing: the others shall run


@unique
class FormatUnit(IntEnum):
    """``id`` of FORMAT_SET: both unpackers, and the packer."""

    SRC_A = 0
    SRC_B = 1
    PACKER = 2


@unique
class ZoneMark(IntEnum):
    """``id`` of ZONE."""

    BEGIN = 0
    END = 1
    DATA = 2  # in remote


@unique
class TileOperation(IntEnum):
    """``value`` of TILE_OPERAND, TILE_RESULT and TILE_OPERATION, of the operations that listeners tell apart."""

    COPY = 0
    BINARY = 1
    MATMUL = 2
    TRANSPOSE = 4
    TILIZE = 5
    UNARY_BROADCAST = 6
    TRANSPOSE_DEST = 7
    BINARY_REUSE_DEST = 8
    REDUCE = 9
    PACK_UNTILIZE = 10
    TILIZE_REDUCE = 11
    SUM_DEST = 12


SLOTS = 5
"""Processors for which a core has a number; ``kernel`` of a record is ``core index * SLOTS + slot``."""
COMPUTE_SLOT = 2
"""The compute kernel's; BRISC is 0, NCRISC 1."""
ADDRESS_BITS = 36
"""``remote`` of a transfer: address, then x and y of the node; of a multicast also those of its start corner."""
NODE_BITS = 6
ALL_TRANSACTIONS = 0xFF
"""``id`` of a barrier that waits for all transaction ids."""


RECORD = np.dtype(
    [
        ("event", "u1"), ("noc", "u1"), ("flags", "u1"), ("id", "u1"), ("local", "<u4"), ("remote", "<u8"),
        ("size", "<u4"), ("value", "<u4"), ("extra", "<u4"), ("site", "<u4"), ("kernel", "<u4"), ("serial", "<u4"),
    ]
)  # fmt: skip
"""One event, 40 bytes: its fields, the index of the kernel that it is about, and its place in the launch's order."""
