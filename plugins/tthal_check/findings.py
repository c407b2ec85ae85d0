"""What the checks can find: stable ids, severities, and what each says, why, and how to fix it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Severity(Enum):
    """An error ends the launch; a warning is told and the launch goes on."""

    ERROR = "error"
    WARNING = "warning"


_OF_ONE = {"are": "is", "were": "was", "writes or increments": "write or increment"}
"""What words of several are of one, where that is not what lacks the last letter."""


class Number(int):
    """A number, which a format string may give words of several: ``{count:pages}`` is ``1 page``, ``2 pages``."""

    def __format__(self, words: str) -> str:
        if len(words) < 2:
            return format(int(self), words)
        return f"{int(self)} {_OF_ONE.get(words, words[:-1]) if self == 1 else words}"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of finding.

    Attributes:
        id: stable; files and comments suppress findings by it.
        text: a format string over ``id``, ``count``, ``limit`` and ``address`` (each a :class:`Number`), which kinds
            fill as they need, and the words of ``Found``: ``access``, ``needed`` and ``present`` set-up, what was
            ``begun`` of it, when to call it ``again``, ``where`` and ``cure`` of a race, ``transfer`` into a core's own
            L1 and its ``barrier``, the calls that wait for a transfer (ways.py), ``use`` of a tile and what must come
            ``first``, the ``owner`` of an address, and what to do about it (``owned``).
        other: what the second place did, a format string, too; empty when there is none.
        fix: what to do.
        never_error: a warning even where warnings are to be errors.
    """

    id: str
    severity: Severity
    text: str
    fix: str
    other: str = ""
    never_error: bool = False


NOWHERE = (
    "nothing lies there that this launch knows of",
    "is the address that of a circular buffer or a buffer of that core, and is it the core that is meant?",
)
AT_THE_END = "circular buffer {id} ends right there", "go round to the first page, as get_write_ptr and get_read_ptr do"
TILE_READ = "a tile operation reads", "write the page, or read something into it, before it is pushed"
TILE_ADDED_TO = (
    "the packer adds to",
    "pack the first block without accumulation (pack_reconfig_l1_acc(0)), or write the page before",
)
"""What some texts say of a case, and its fix."""
_ERROR, _WARNING = Severity.ERROR, Severity.WARNING

KINDS = {
    1: Kind(
        "TT-CB-001", _ERROR,
        "cb_push_back of circular buffer {id} while a {transfer} into the page is still on its way",
        "call {barrier} between the {transfer} and the push", "the {transfer}",
    ),
    2: Kind(
        "TT-CB-002", _ERROR, "cb_push_back of {count:pages} of circular buffer {id}, of which {limit:are} reserved",
        "reserve as many pages with cb_reserve_back as are pushed",
    ),
    3: Kind(
        "TT-CB-003", _ERROR, "cb_pop_front of {count:pages} of circular buffer {id}, of which {limit:were} waited for",
        "call cb_wait_front for as many pages before cb_pop_front",
    ),
    4: Kind(
        "TT-CB-004", _ERROR, "two producers: another processor of this core pushes into circular buffer {id} too",
        "give every producer a circular buffer of its own: each keeps a write pointer of its own, so that they "
        "overwrite each other's pages, and the packer's push forgets what others pushed", "the other producer",
    ),
    5: Kind(
        "TT-CB-005", _ERROR, "two consumers: another processor of this core pops circular buffer {id} too",
        "give every consumer a circular buffer of its own: each keeps a read pointer of its own, and the unpacker's "
        "pop forgets what others popped", "the other consumer",
    ),
    6: Kind(
        "TT-CB-006", _ERROR,
        "a {transfer} of {count} B into pages of circular buffer {id} that are not reserved (reserved: {limit} of "
        "{page} B)",
        "{room}",
    ),
    7: Kind(
        "TT-CB-007", _ERROR,
        "a tile operation reads tile {count} (counted from 0) of circular buffer {id}, where the kernel has waited for "
        "{limit:tiles}",
        "call cb_wait_front({id}, {more}) before it: the page may not be there yet", "the producer",
    ),
    8: Kind(
        "TT-CB-008", _ERROR,
        "the packer writes page {count} (counted from 0) of circular buffer {id}, where the kernel has reserved "
        "{limit:pages}",
        "reserve as many pages with cb_reserve_back as are packed: what lies behind them is overwritten",
    ),
    9: Kind(
        "TT-CB-009", _WARNING,
        "a tile of circular buffer {id} is read again that the packer wrote in place, without a push and a pop between",
        "pop the page, reserve, pack and push: on a card the unpacker may have fetched the old tile before",
        "the packer",
    ),
    10: Kind(
        "TT-CB-010", _ERROR,
        "a tile operation touches {count} B at a time of circular buffer {id}, whose pages have {limit} B",
        "make the page at least as large as the tile of its data format",
    ),
    11: Kind(
        "TT-CB-011", _ERROR, "a write out of a page of circular buffer {id} that was popped already",
        "write and wait (noc_async_writes_flushed or the barrier) before cb_pop_front", "the pop",
    ),
    12: Kind(
        "TT-CB-012", _WARNING, "nobody waited for {count} of the pages that were pushed into circular buffer {id}",
        "is a consumer missing, does it count fewer pages, or was a cb_pop_front forgotten, so that it took the same "
        "page again?", "the last wait",
    ),
    13: Kind(
        "TT-CB-013", _WARNING, "the tile size of circular buffer {id}, which no circular buffer of the program has, is "
        "asked for", "is the index right? A card answers with a number that means nothing",
    ),
    14: Kind(
        "TT-CB-014", _ERROR, "a {transfer} of {count} B into circular buffer {id} reaches {limit} B past its end",
        "transfer no more than the reserved pages hold; the write pointer goes round only between pages",
    ),
    32: Kind(
        "TT-MEM-001", _ERROR,
        "a transfer of {count} B at DRAM channel {limit}, address 0x{address:x}: no buffer lies there",
        "is the page number within the buffer, and are base address, page size and memory (DRAM or L1) those of the "
        "buffer?",
    ),
    33: Kind(
        "TT-MEM-002", _ERROR,
        "a transfer of {count} B at DRAM channel {limit}, address 0x{address:x}: the buffer there was deallocated "
        "(freed)",
        "keep the buffer until the program has run",
    ),
    34: Kind(
        "TT-MEM-003", _ERROR,
        "a transfer of {count} B at DRAM address 0x{address:x} reaches {limit} B past the end of a buffer",
        "transfer no more than the page that lies in this bank",
    ),
    35: Kind(
        "TT-MEM-004", _ERROR,
        "a transfer of {count} B at address 0x{address:x} in {where}: {owner}", "{owned}",
    ),
    36: Kind(
        "TT-MEM-005", _ERROR,
        "a transfer of {count} B at address 0x{address:x} in {where}: the buffer there was deallocated "
        "(freed)", "keep the buffer until the program has run",
    ),
    37: Kind(
        "TT-MEM-006", _ERROR,
        "a transfer of {count} B at address 0x{address:x} in {where}: that is the firmware's memory or "
        "the kernels' arguments", "take addresses from get_write_ptr, get_semaphore or a buffer",
    ),
    38: Kind(
        "TT-MEM-007", _ERROR, "an inline write to DRAM address 0x{address:x}, which does not work on cards",
        "write the word to L1 and send it with noc_async_write",
    ),
    39: Kind(
        "TT-MEM-008", _ERROR, "a transfer of page {count} of a buffer whose address is 0",
        "pass the buffer's address() as an argument; is it in the argument that the kernel reads?",
    ),
    40: Kind(
        "TT-MEM-009", _ERROR, "a transfer of page {count} of a buffer that has {limit:pages}",
        "count pages from 0 and stop before the last; are all of the buffer's pages of this size?",
    ),
    41: Kind(
        "TT-MEM-010", _ERROR,
        "a transfer whose address counts pages of {count} B, but the buffer's lie {limit} B apart in a bank",
        "give the address generator the page size that the buffer was made with",
    ),
    42: Kind(
        "TT-MEM-011", _ERROR, "a transfer of page {count} of an L1 buffer, whose address is taken for one in DRAM",
        "use an address generator for L1 (InterleavedAddrGen<false>, or the buffer's TensorAccessorArgs)",
    ),
    43: Kind(
        "TT-MEM-012", _ERROR, "a transfer of page {count} of a DRAM buffer, whose address is taken for one in L1",
        "use an address generator for DRAM (InterleavedAddrGen<true>, or the buffer's TensorAccessorArgs)",
    ),
    44: Kind(
        "TT-MEM-013", _ERROR, "a transfer at bank {count}, which the board does not have",
        "count banks from 0; NUM_DRAM_BANKS and NUM_L1_BANKS say how many there are",
    ),
    45: Kind(
        "TT-MEM-014", _ERROR,
        "a transfer of {count} B at DRAM channel {limit}, address 0x{address:x}: the buffer that the kernel's "
        "arguments name was deallocated (freed), and another one took its place",
        "keep the buffer until the program has run, or set the arguments again",
    ),
    46: Kind(
        "TT-MEM-015", _ERROR,
        "a transfer of {count} B at address 0x{address:x} in {where}: the buffer that the kernel's "
        "arguments name was deallocated (freed), and another one took its place",
        "keep the buffer until the program has run, or set the arguments again",
    ),
    47: Kind(
        "TT-MEM-016", _ERROR,
        "a write of {count} B at address 0x{address:x} in {where}: circular buffer {id} of the sender's core lies "
        "there, but that core's lies elsewhere",
        "create the circular buffer with one call for both cores, or give the receiver's address as an argument",
    ),
    48: Kind(
        "TT-MEM-017", _ERROR,
        "an increment or inline write of semaphore {id} at address 0x{address:x} in {where}, which does not have it",
        "create the semaphore on the cores that are told of something, too",
    ),
    64: Kind(
        "TT-END-001", _ERROR, "the kernel ended with {count:reads} on their way, asked for here",
        "call {read_barrier} before the end",
    ),
    65: Kind(
        "TT-END-002", _ERROR, "the kernel ended with {count:writes} that nobody waited for, asked for here",
        "call {write_barrier} before the end",
    ),
    66: Kind(
        "TT-END-003", _WARNING,
        "the kernel ended with {count:writes or increments} not acknowledged, asked for here",
        "call {acknowledgement} before the end",
    ),
    67: Kind(
        "TT-END-004", _ERROR, "the kernel ended with a section of DST that was acquired and not released",
        "call tile_regs_commit, tile_regs_wait and tile_regs_release for every tile_regs_acquire",
    ),
    80: Kind(
        "TT-SET-001", _ERROR, "the operation needs {needed} before it: {present}",
        "call {needed} before the operation{again}",
    ),
    81: Kind(
        "TT-SET-002", _ERROR, "the operation needs compute_kernel_hw_startup before it: {begun}",
        "call compute_kernel_hw_startup with the kernel's circular buffers before anything else",
    ),
    96: Kind(
        "TT-NOC-001", _ERROR,
        "L1 address 0x{address:x} is overwritten while a write still reads from it",
        "wait with {flush} before the memory is used again",
        "the write",
    ),
    97: Kind(
        "TT-NOC-002", _ERROR,
        "the semaphore at 0x{address:x} is set while a write or multicast of its value has not left",
        "wait with {flush} before the word is set again", "the multicast or write",
    ),
    98: Kind(
        "TT-NOC-003", _WARNING, "a loopback multicast to {count:cores}, of which the sender is none",
        "use the multicast without loopback, or take the sender into the rectangle",
    ),
    99: Kind(
        "TT-NOC-004", _WARNING, "a loopback multicast to the sender alone, which does not work on cards",
        "copy within the core: noc_async_write to its own address",
    ),
    100: Kind(
        "TT-NOC-005", _ERROR,
        "a write of {count} B from L1 address 0x{address:x}, into which a {transfer} is still on its way",
        "call {barrier} between the {transfer} and this write", "the {transfer}",
    ),
    101: Kind(
        "TT-NOC-006", _WARNING,
        "L1 address 0x{address:x} is written again while a write from it was flushed, which on Wormhole does not "
        "mean that all of it has been read",
        "wait with {write_barrier} before the memory is used again (or with noc_async_writes_departed(), "
        "where the library has it, or with a flush of the write's transaction id)",
        "the write", never_error=True,
    ),
    112: Kind(
        "TT-PTR-001", _ERROR,
        "a {access} of {count} B at L1 address 0x{address:x}, which is the firmware's or another kernel's arguments",
        "is the pointer set? Take addresses from get_write_ptr, get_read_ptr, get_semaphore or an argument",
    ),
    113: Kind(
        "TT-PTR-002", _ERROR,
        "a load of {count} B at L1 address 0x{address:x}, past the end of the kernel's arguments",
        "give as many arguments on every core as the kernel reads, or read fewer where there are fewer",
    ),
    114: Kind(
        "TT-PTR-003", _ERROR,
        "a {access} of {count} B at L1 address 0x{address:x}, in a buffer that no argument of the launch names",
        "pass the buffer's address as an argument, or mend the pointer",
    ),
    115: Kind(
        "TT-PTR-004", _ERROR,
        "an access of {count} B at L1 address 0x{address:x}, in circular buffer {limit}, of which no kernel of the "
        "core asked for a pointer",
        "does an index run past the end of another buffer? Take pointers from get_write_ptr or get_read_ptr",
    ),
    116: Kind(
        "TT-PTR-005", _ERROR, "a {access} of {count} B at L1 address 0x{address:x}, where nothing lies",
        "does an index run past the end of a buffer, or is the pointer not set?",
    ),
    117: Kind(
        "TT-PTR-006", _ERROR,
        "a {access} of {count} B at L1 address 0x{address:x}, in a buffer that was deallocated (freed)",
        "keep the buffer until the program has run",
    ),
    120: Kind(
        "TT-INI-001", _ERROR, "a load of {count} B at L1 address 0x{address:x}, some of which were never written",
        "L1 is not zero on a card: write it, or read something into it, before it is read",
    ),
    121: Kind(
        "TT-INI-002", _ERROR,
        "{use} {count} B of circular buffer {id}, of which {limit} B were never written (L1 address 0x{address:x})",
        "{first}",
    ),
    122: Kind(
        "TT-INI-003", _ERROR, "the packer (pack_tile) takes tile {id} of DST, to which nothing was written",
        "compute or copy into the tile first; is the index right? On a card it may hold what an earlier section left",
    ),
    123: Kind(
        "TT-INI-004", _ERROR,
        "a transfer of {count} B at DRAM channel {limit}, address 0x{address:x}, none of which was ever written",
        "write the buffer before the program runs (EnqueueWriteBuffer): on a card it holds what was there before",
    ),
    124: Kind(
        "TT-INI-005", _ERROR,
        "a transfer of {count} B from address 0x{address:x} in {where}, none of which was ever written",
        "L1 is not zero on a card: write it, or read something into it, before it is sent",
    ),
    128: Kind(
        "TT-RACE-001", _ERROR,
        "race: another kernel writes the same bytes, and nothing orders the two ({count} B at {where}, 0x{address:x})",
        "let both write apart, or {cure}", "the other write",
    ),
    129: Kind(
        "TT-RACE-002", _ERROR,
        "race: the bytes read are written by another kernel, and nothing orders the two ({count} B at {where}, "
        "0x{address:x})",
        "let the reader wait for the writer: {cure}", "the write",
    ),
    130: Kind(
        "TT-RACE-003", _ERROR,
        "race: the bytes written are read by another kernel, and nothing orders the two ({count} B at {where}, "
        "0x{address:x})",
        "let the writer wait for the reader: {cure}", "the read",
    ),
    131: Kind(
        "TT-RACE-004", _ERROR, "race between command queues",
        "let one queue wait for the other: Finish, or an event (record_event and wait_for_event)",
    ),
    132: Kind(
        "TT-RACE-005", _ERROR,
        "race of a kernel with its own transfer, which is still on its way ({count} B at {where}, 0x{address:x})",
        "{cure}", "the transfer",
    ),
    133: Kind(
        "TT-RACE-006", _ERROR,
        "race: a semaphore or flag is written while another kernel's write or increment of it may come before or "
        "after, and nothing orders the two: one of them is lost (at {where}, 0x{address:x})",
        "reset the word before the other kernel is told to go on (before the credit is given), or wait for the other's "
        "write first", "the other write or increment",
    ),
    134: Kind(
        "TT-RACE-007", _ERROR,
        "race: two kernels load, change and store the same word, and nothing orders the two: steps are lost (at "
        "{where}, 0x{address:x})",
        "count with noc_semaphore_inc, which is one step, or give every kernel a word of its own", "the other store",
    ),
    144: Kind(
        "TT-NUM-001", _WARNING, "an integer division or remainder by zero",
        "test the divisor first: the card goes on with all bits set (or, for the remainder, the dividend)",
    ),
    145: Kind(
        "TT-NUM-002", _WARNING, "an integer division or remainder of the smallest number by -1, which overflows",
        "test for it first: the card goes on with the smallest number (or, for the remainder, with 0)",
    ),
}  # fmt: skip
"""By the numbers of compiled/check.h."""

CURES = {
    0: "order them with a circular buffer (cb_push_back, cb_wait_front) within a core, or with a semaphore "
    "(noc_semaphore_inc or noc_semaphore_set_multicast, noc_semaphore_wait)",
    1: "the other kernel tells too early: it calls noc_async_read_barrier() of the read's NoC first",
    2: "the other kernel tells too early: it calls noc_async_write_barrier() of the write's NoC first (a word that "
    "goes another way than the data, by the other NoC or to another core, may overtake it)",
    3: "the other kernel tells too early: it calls noc_async_writes_flushed() or noc_async_write_barrier() first "
    "(noc_async_posted_writes_flushed() when the write is posted)",
    4: "call noc_async_read_barrier() of the read's NoC (and transaction id) before the bytes are used",
    5: "call noc_async_write_barrier() of the write's NoC before the bytes are used",
    6: "call noc_async_writes_flushed() or noc_async_write_barrier() before the bytes are written again "
    "(noc_async_posted_writes_flushed() when the write is posted)",
    7: "the other kernel tells too early: its write is posted, and no call waits until it has arrived "
    "(noc_async_posted_writes_flushed() is about its source). It sends the word by the write's NoC to the same core, "
    "or does not post the write and calls noc_async_write_barrier() first",
    8: "the write is posted, and no call waits until it has arrived (noc_async_posted_writes_flushed() is about its "
    "source): do not post it, and call noc_async_write_barrier() of its NoC before the bytes are used",
    9: "the other kernel tells too early, or this one waits for too little: what it heard of the other was told before "
    "that access. Tell behind the access (and its barrier), and wait for that word",
}
"""What orders a race, by Cure of compiled/full/shadow.cpp: a clause that follows "or" or a colon."""

BY_ID = {kind.id: kind for kind in KINDS.values()}
