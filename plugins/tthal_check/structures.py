"""What Python and the compiled checks share: the structures of compiled/check.h as numpy sees them."""

from __future__ import annotations

import numpy as np

from tthal.observer import SLOTS, EventKind

NONE = 0xFFFFFFFF
FINDINGS = 64
SEMAPHORE_STRIDE = 16
"""Bytes from one semaphore to the next (L1 alignment)."""
FINDING = np.dtype(
    [
        ("kind", "<u4"), ("kernel", "<u4"), ("site", "<u4"), ("other_kernel", "<u4"), ("other_site", "<u4"),
        ("id", "<u4"), ("count", "<u4"), ("limit", "<u4"), ("address", "<u8"),
    ]
)  # fmt: skip
WORD_CALL = np.dtype(
    [
        ("remote", "<u8"), *((name, "<u4") for name in ("kernel", "site", "size", "times", "sum", "value", "last")),
        *((name, "u1") for name in ("event", "noc", "flags", "padding")),
    ]
)  # fmt: skip
STATE = np.dtype(
    [
        ("cores", "<u8"), ("nodes", "<u8"), ("dram", "<u8"), ("l1", "<u8"), ("arguments", "<u8"),
        ("given", "<u8"), ("interleaved", "<u8"), ("replaced", "<u8"), ("dram_hints", "<u8", (2, 32)),
        ("dram_uses", "<u8"), ("l1_uses", "<u8"),
        ("dram_count", "<u8"), ("l1_count", "<u8"), ("argument_count", "<u8"), ("interleaved_count", "<u8"),
        ("replaced_count", "<u8"), ("given_count", "<u8"),
        ("written", "<u8"), ("dram_written", "<u8"), ("dram_stride", "<u8"), ("dram_channels", "<u8"),
        ("transfers", "<u8"), ("transfers_taken", "<u8"), ("transfers_room", "<u8"), ("races", "<u8"),
        ("suppressed", "<u8"), ("go_on", "<u4"), ("suppressed_count", "<u4"), ("core_count", "<u4"),
        ("l1_base", "<u4"), ("dram_base", "<u4"), ("finding_count", "<u4"), ("error_count", "<u4"),
        ("dram_banks", "<u4"), ("l1_banks", "<u4"), ("l1_size", "<u4"),
        ("flushes_early", "<u4"), ("layouts_differ", "<u4"), ("findings", FINDING, (FINDINGS,)),
        ("zeros", "<u4"), ("multicasts_overtake", "<u4"), ("padding", "<u4"), ("word_calls_lost", "<u4"),
        ("word_calls", WORD_CALL, (512,)),
    ]
)  # fmt: skip
"""State of compiled/check.h."""
BUFFER = np.dtype(
    [
        ("address", "<u4"), ("size", "<u4"), ("page_size", "<u4"), ("flags", "u1", (4,)), ("write_pointer", "<u4"),
        ("reserved", "<u4"), ("filled", "<u4"), ("head", "<u4"), ("tail", "<u4"), ("pushed", "<u4"), ("popped", "<u4"),
        ("read_pointer", "<u4", (5,)), ("waited", "<u4", (5,)), ("producer", "<u4"), ("producer_site", "<u4"),
        ("consumer", "<u4"), ("consumer_site", "<u4"),
        ("in_place_address", "<u4"), ("in_place_kernel", "<u4"), ("in_place_site", "<u4"),
        ("seen", "<u4"), ("waiter", "<u4"), ("waiter_site", "<u4"), ("id", "u1"),
        ("is_shared", "u1"), ("heard_of", "<u2"),
    ]
)  # fmt: skip
"""CircularBuffer of compiled/check.h."""
_SUSPECT = np.dtype([("remote", "<u8"), *((name, "<u4") for name in ("size", "kind", "count", "limit"))])
_PROCESSOR = np.dtype(
    [
        ("count", "<u4"), ("room", "<u4"), ("dst_acquired", "<u4"), ("dst_released", "<u4"), ("dst_site", "<u4"),
        ("dst_address", "<u4"), ("suspect_count", "<u4"), ("next_suspect", "<u4"), ("generator_hint", "<u4"),
        ("buffer_hints", "u1", (4,)), ("transfers", "<u8"), ("suspects", _SUSPECT, (8,)),
        ("arrivals", "<u4", (2,)), ("sources", "<u4", (2,)),
    ]
)  # fmt: skip
_BY_BUFFER = np.dtype([("kept", "<u8"), ("places", "<u8")])
CORE = np.dtype(
    [
        ("buffers", _BY_BUFFER), ("early", _BY_BUFFER), ("used", "u1", (64,)), ("used_count", "<u4"),
        ("present", "<u4"), ("asked", "<u8"), ("semaphores", "<u4"), ("semaphores_end", "<u4"), ("arguments", "<u4"),
        ("arguments_end", "<u4"), ("sources", "<u4"), ("semaphore_values", "<u4", (16,)), ("semaphore_ids", "<u4"),
        ("is_partly_known", "<u4"), ("padding", "<u4", (13,)), ("processors", _PROCESSOR, (SLOTS,)),
    ]
)  # fmt: skip
"""Core of compiled/check.h."""
TRANSFER_BYTES = 20
"""Of Transfer of compiled/check.h."""
_POINTERS = (
    "thread_of", "kernel_of", "clocks", "lost", "buffer_histories", "word_index", "words", "word_histories", "pool",
    "snapshots", "heard", "heard_clocks", "polled", "set_addresses", "chains", "loaded", "ends",
    "doubts", "flights", "index", "blocks",
)  # fmt: skip
_NUMBERS = (
    "threads", "serial", "block_count", "words_lost", "words_used", "reorders_multicasts", "recent_block",
    "recent_word", "arrays_used", "pool_used", "buffer_places",
)  # fmt: skip
RACES = np.dtype(
    [*((name, "<u8") for name in _POINTERS), *((name, "<u4") for name in _NUMBERS), ("pool_free", "<u4", (10,))],
    align=True,
)
"""Races of compiled/full/races.h."""
DEFAULT_KINDS = frozenset(
    {
        EventKind.QUEUED_READ, EventKind.QUEUED_WRITE, EventKind.QUEUED_WRITE_MULTICAST, EventKind.QUEUED_WRITE_INLINE,
        EventKind.QUEUED_INLINE_MULTICAST, EventKind.QUEUED_ATOMIC_INCREMENT, EventKind.QUEUED_ATOMIC_MULTICAST,
        EventKind.READ_BARRIER, EventKind.WRITE_BARRIER, EventKind.WRITE_FLUSH, EventKind.POSTED_FLUSH,
        EventKind.ATOMIC_BARRIER, EventKind.SEMAPHORE_SET, EventKind.SEMAPHORE_REACHED, EventKind.DST_SECTION,
        EventKind.CB_RESERVED,
        EventKind.CB_PUSHED, EventKind.CB_WAITED, EventKind.CB_POPPED, EventKind.TILE_OPERAND, EventKind.TILE_RESULT,
        EventKind.PAGE_ADDRESS, EventKind.BANK_ADDRESS, EventKind.SET_UP_MISSING, EventKind.CB_MISSING,
        EventKind.ODD_DIVISION, EventKind.ENDED,
    }
)  # fmt: skip
"""Events that the checks of compiled/listen.h are about, but for loads and stores; races hear of all."""
