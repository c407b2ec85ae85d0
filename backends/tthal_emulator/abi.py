"""The host's half of include/tthal/border/abi.h: what lies where in a processor's block and in a core's registers.

Every number here is compared with the C++ one in tests/emulator/test_abi.py.
"""

from __future__ import annotations

from enum import IntEnum, IntFlag, unique
from struct import Struct

import numpy as np

MAX_CIRCULAR_BUFFERS = 64
MAX_DRAM_BANKS = 16
MAX_L1_BANKS = 160
MAX_GRID_AXIS = 32
NOC_QUEUE_CAPACITY = 128
PRINT_CAPACITY = 4096
MAILBOX_THREADS = 4
MAILBOX_CAPACITY = 32

PROCESSOR_BLOCK = np.dtype(
    {
        "names": [
            "runtime_args", "common_runtime_args", "runtime_arg_count", "common_runtime_arg_count", "semaphores",
            "my_x", "my_y", "my_logical_x", "my_logical_y", "my_relative_x", "my_relative_y", "l1_size",
            "noc_queue_count", "print_count", "math_fidelity", "fp32_dest", "dst_full_sync", "math_on_host",
            "math_approximate", "bfp8_pack_precise", "noc_index", "numerics", "noc_outstanding", "waypoint",
            "in_buffers", "dram_bank_xy", "dram_bank_offset", "l1_bank_xy", "l1_bank_offset", "logical_to_virtual_x",
            "logical_to_virtual_y", "tiles", "circular_buffers", "noc_queue", "print",
        ],
        "formats": [
            "<u4", "<u4", "<u4", "<u4", "<u4",
            ("u1", 2), ("u1", 2), "u1", "u1", "u1", "u1", "<u4",
            "<u4", "<u4", "u1", "u1", "u1", "u1",
            "u1", "u1", "u1", "u1", "<u4", "<u4", ("<u4", 2), ("<u2", (2, MAX_DRAM_BANKS)),
            ("<i4", MAX_DRAM_BANKS), ("<u2", (2, MAX_L1_BANKS)), ("<i4", MAX_L1_BANKS), ("u1", MAX_GRID_AXIS),
            ("u1", MAX_GRID_AXIS),
            ([("format", "u1"), ("rows", "u1"), ("columns", "u1"), ("unpack_to_dest", "u1"), ("bytes", "<u4")],
             MAX_CIRCULAR_BUFFERS),
            ([("fifo_size", "<u4"), ("fifo_limit", "<u4"), ("fifo_page_size", "<u4"), ("fifo_num_pages", "<u4"),
              ("fifo_rd_ptr", "<u4"), ("fifo_wr_ptr", "<u4"), ("tiles_acked_received_init", "<u4"),
              ("fifo_wr_tile_ptr", "<u4")], MAX_CIRCULAR_BUFFERS),
            ("V32", NOC_QUEUE_CAPACITY), f"V{PRINT_CAPACITY}",
        ],
        "offsets": [
            0, 4, 8, 12, 16,
            20, 22, 24, 25, 26, 27, 28,
            32, 36, 40, 41, 42, 43,
            44, 45, 46, 47, 48, 52, 56, 0x40,
            0x80, 0xC0, 0x340, 0x5C0,
            0x5E0,
            0x600, 0x800, 0x1000, 0x2000,
        ],
        "itemsize": 0x3000,
    }
)  # fmt: skip
"""The private parameters of one processor, at the start of its block."""


def offset_of(field: str) -> int:
    """Return a field's byte offset in the processor block."""
    fields = PROCESSOR_BLOCK.fields
    if fields is None or field not in fields:
        raise KeyError(field)
    return int(fields[field][1])


NOC_QUEUE_COUNT = offset_of("noc_queue_count")
NOC_OUTSTANDING = offset_of("noc_outstanding")
NOC_QUEUE = offset_of("noc_queue")
WAYPOINT = offset_of("waypoint")
PRINT = offset_of("print")

NOC_TRANSFER = Struct("<BBBBIQIIII")
"""operation, noc, flags, transaction id, local, remote, size, value, extra, reserved."""

COUNTERS_SIZE = 8
"""Bytes of one circular buffer's shared counters: received, acked, 32 bits each."""
COUNTER_MASK = 0xFFFF
MAILBOX_COUNTERS = MAX_CIRCULAR_BUFFERS * COUNTERS_SIZE
"""Offset in the core's registers of what was written to mailboxes, by sender and receiver; what was taken follows."""
MAILBOX_COUNTERS_SIZE = 2 * 4 * MAILBOX_THREADS**2
MAILBOX_DEPTH = 4
"""Words that one sender may have under way."""


@unique
class NocOperation(IntEnum):
    """What a transfer does, and what a barrier waits for."""

    READ = 0
    WRITE = 1
    WRITE_MULTICAST = 2
    WRITE_INLINE = 3
    INLINE_MULTICAST = 4
    ATOMIC_INCREMENT = 5
    ATOMIC_MULTICAST = 6
    READ_BARRIER = 16
    WRITE_BARRIER = 17
    WRITE_FLUSH = 18
    POSTED_FLUSH = 19
    ATOMIC_BARRIER = 20


NOC_QUEUE_FULL = 0x80
"""Set in the reason of a hand-over that is none of the kernel's barriers."""
ANY_TRANSACTION = 0xFF


class NocFlag(IntFlag):
    """Flags of a transfer."""

    POSTED = 1
    INCLUDE_SOURCE = 2
    LINKED = 4
    EXCLUDE = 8


class NumericsFlag(IntFlag):
    """Which grade of numbers a kernel computes, and on which chip."""

    EXACT = 1
    BLACKHOLE = 2


@unique
class Wait(IntEnum):
    """Why a processor gave up the core."""

    CB_PAGES = 0
    CB_SPACE = 1
    SEMAPHORE_EQUAL = 2
    SEMAPHORE_AT_LEAST = 3
    YIELD = 4
    MAILBOX_WORD = 5
    MAILBOX_ROOM = 6
    PRODUCTS = 7


@unique
class Misuse(IntEnum):
    """What the device headers tell a kernel off for."""

    CB_INDEX = 0
    CB_TOO_MANY = 1
    CB_OVER_PUSH = 2
    CB_OVER_POP = 3
    RUNTIME_ARG = 4
    COMMON_RUNTIME_ARG = 5
    DST_STATE = 6
    DST_INDEX = 7
    TILE_FORMAT = 8
    NOC_TOO_LARGE = 9
    ASSERTION = 10
    SHARD_PAGE = 11
    TRANSACTION_ID = 12
    NOT_LOCAL = 13
    NOC_REGISTER = 14
    MAILBOX_EMPTY = 15
    MAILBOX_FULL = 16
    MAILBOX_THREAD = 17
    THREADS = 18
    FORMAT_SETUP = 32


class DstCall(IntEnum):
    """The calls whose order the DST state machine checks."""

    ACQUIRE = 0
    COMMIT = 1
    WAIT = 2
    RELEASE = 3
    MATH = 4
    PACK = 5
