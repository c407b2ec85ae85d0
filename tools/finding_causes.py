"""What a card does where a check finds something, and what its watcher says then: for tools/finding_pages.py.

Watcher names are tt-metal's (docs/source/tt-metalium/tools/watcher.rst, tt_metal/impl/debug/watcher_device_reader.cpp,
WAYPOINT in tt_metal/hw/inc/api/dataflow): a waypoint is where a hanging processor stands, a sanitizer stops one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """Of one kind of finding.

    Attributes:
        card: what happens on a card.
        watcher: what the watcher says, if anything.
        pair: the pair of ``tthal racebench`` whose faulty program shows it; empty when none does.
    """

    card: str
    watcher: str = "nothing"
    pair: str = ""


CAUSES: dict[str, Cause] = {
    "TT-CB-001": Cause(
        "The consumer is told of the page as soon as its counter is raised. What it reads is what was there before, "
        "for as long as the read takes: some hundred cycles, more when the DRAM is busy. So it shows with large "
        "pages, far banks and fast consumers, and seldom in a test.",
        pair="read_barrier/push",
    ),
    "TT-CB-002": Cause(
        "The counter passes what the ring holds. The producer overwrites pages that the consumer has not read, and "
        "the consumer's count of free pages goes wrong for the rest of the kernel, which ends in a hang (`CRBW`) or "
        "in tiles that come twice.",
        watcher="waypoint `CRBW` in the producer, if it hangs",
        pair="cb_overfill/push",
    ),
    "TT-CB-003": Cause(
        "The consumer gives pages back that the producer has not filled. The producer fills them later, into a slot "
        "that counts as free, and consumer and producer are one page apart from then on.",
        watcher="waypoint `CWFW` in the consumer, if it hangs",
        pair="cb_underwait/pop",
    ),
    "TT-CB-004": Cause(
        "Each processor keeps a write pointer of its own, which only its own pushes move. Both begin at the first "
        "page, so they overwrite each other's pages while the shared counter says that there are more. Processors that "
        "take turns at the same place get on, but for the packer: it counts its own pushes, waits for room by that "
        "count and stores it over the shared one (llk_io_pack.h of ttnn 0.81.1). A sum that goes back into the "
        "reader's ring hangs at its second round.",
        watcher="nothing, or `CWFW` in the consumer at the end",
        pair="cb_shared/producers",
    ),
    "TT-CB-005": Cause(
        "Each processor keeps a read pointer of its own. Both read the first page, and each pops pages that the other"
        " has not read. The unpacker also counts its own pops, waits by that count and stores it over the shared one "
        "(llk_io_unpack.h of ttnn 0.81.1), so that pages which another popped before count as there.",
        watcher="nothing, or `CRBW` in the producer at the end",
        pair="cb_shared/consumers",
    ),
    "TT-CB-006": Cause(
        "The data lands in a page that the consumer may be reading. With one page, or while both pointers agree, the "
        "result is right, so the mistake lives until somebody makes the ring longer (tt-metal#39170, #39432, #46843).",
        watcher="nothing: its check of circular buffers looks at their ends only",
        pair="cb_overfill/read_pointer",
    ),
    "TT-CB-007": Cause(
        "The unpacker reads whatever lies in the page: the tile of a round before, most often. It is right when the "
        "producer happens to be ahead.",
        pair="cb_underwait/fewer",
    ),
    "TT-CB-008": Cause(
        "The packer writes behind the reserved pages: over pages that the writer has not sent, or past the end of the"
        " circular buffer into the next one (tt-metal#51286).",
        pair="cb_overfill/pack",
    ),
    "TT-CB-009": Cause(
        "Unpacker, math and packer are a pipeline, and nothing makes the unpacker wait for the packer but a push and "
        "a wait. It may have fetched the old tile before the packer writes the new one: a card adds up to 2 where it "
        "should be n + 1 (tt-metal#20880).",
        pair="in_place/add",
    ),
    "TT-CB-010": Cause(
        "The unpacker and the packer know the tile's size by its format, not by the page's. They touch the next page,"
        " or what lies behind the circular buffer.",
        pair="page_size/input",
    ),
    "TT-CB-011": Cause(
        "The producer may fill the page again before the write has read it; what arrives is a mixture of both. With "
        "more pages in the ring it takes a full round to go wrong (tt-metal#50363).",
        pair="use_after_pop/transfer",
    ),
    "TT-CB-012": Cause(
        "Nothing goes wrong in this launch. But the counters are reset by the next one only, so a program that is "
        "launched again without being configured again finds the page (tt-metal#46662).",
    ),
    "TT-CB-013": Cause(
        "The card answers with what the compiler put into its tables for circular buffers that do not exist.",
    ),
    "TT-CB-014": Cause(
        "What does not fit goes into the circular buffer that lies behind. The write pointer goes round between "
        "pages, not within one.",
        watcher="sanitizer: NOC transaction overflows a circular buffer",
    ),
    "TT-MEM-001": Cause(
        "A read brings whatever lies there, a write destroys it: weights of another layer, most often, since buffers "
        "are packed closely.",
        watcher="nothing as long as the address is within the DRAM",
        pair="page_geometry/memory",
    ),
    "TT-MEM-002": Cause(
        "The bytes stay until somebody else gets the place. Under a program cache, which keeps addresses in its "
        "arguments, that is the normal course of things.",
        pair="freed/input",
    ),
    "TT-MEM-003": Cause(
        "Pages lie in one bank after another. What follows a page in its bank is the page that comes a whole round of"
        " banks later, and behind the last one another buffer.",
        pair="page_range/two",
    ),
    "TT-MEM-004": Cause(
        "The write succeeds and nobody sees it, until a circular buffer or a buffer gets the place.",
        watcher="nothing as long as the address is within L1",
    ),
    "TT-MEM-005": Cause(
        "L1 is reused at once, by circular buffers too, which lie at its lower end.",
        pair="freed/l1",
    ),
    "TT-MEM-006": Cause(
        "Arguments, semaphores and configurations of the launch lie there, below them the firmware's mailboxes: the "
        "core hangs, now or at the next launch. The 512 bytes of zeros at MEM_ZEROS_BASE may be read.",
        watcher="sanitizer: NOC target overwrites mailboxes, in a part of that region",
    ),
    "TT-MEM-007": Cause(
        "Inline writes do not reach DRAM; on Blackhole their data can be lost (tt-metal#20881).",
        watcher="sanitizer: inline dw writes do not support DRAM destination addresses (Blackhole)",
    ),
    "TT-MEM-008": Cause(
        "The bank's first bytes are read, which belong to the system: a number that looks like data.",
        watcher="sanitizer: NOC target address underflow",
        pair="page_geometry/base",
    ),
    "TT-MEM-009": Cause(
        "Where the buffer has as many pages as fill its banks evenly, the next page is another buffer's (tt-"
        "metal#51213).",
        pair="page_range/last",
    ),
    "TT-MEM-010": Cause(
        "All pages of the first round of banks are right; from the second on, the address is that of another page or "
        "of another buffer.",
        pair="page_geometry/size",
    ),
    "TT-MEM-011": Cause(
        "Bank and offset are computed for DRAM: the read goes to a DRAM bank at the L1 buffer's address.",
        watcher="nothing, or an underflow of the target address",
        pair="page_geometry/memory",
    ),
    "TT-MEM-012": Cause(
        "Bank and offset are computed for L1: the read goes to some core's L1 at the DRAM buffer's address, which may"
        " lie past its end.",
        watcher="sanitizer: NOC target address overflow, if it lies past the end of L1",
    ),
    "TT-MEM-013": Cause(
        "The table of banks ends before; the coordinates are whatever lies behind it.",
        watcher="sanitizer: NOC target address did not map to any known core",
        pair="page_geometry/bank",
    ),
    "TT-MEM-014": Cause(
        "The kernel reads the new owner's data, in the shape of the old one's.",
        pair="freed/reused",
    ),
    "TT-MEM-015": Cause(
        "The same in L1: the kernel reads, or overwrites, what another buffer holds by then.",
    ),
    "TT-MEM-016": Cause(
        "The data land in another circular buffer of the receiver, whose own page stays as it was. Circular buffers "
        "get their places core by core, one behind the other: one more on one of two cores moves all that follow.",
    ),
    "TT-MEM-017": Cause(
        "Semaphores of a program lie at the same places on all its cores, so that the word is there, and nobody reads "
        "it: whoever waits for the semaphore on another core waits for ever. It is what a wrong core's coordinates do.",
    ),
    "TT-END-001": Cause(
        "The data arrives when the next kernel runs, in memory that is that kernel's by then; its barrier may count "
        "the answer, too.",
        watcher="assert: detected an inter-kernel data race due to kernel completing with pending NOC transactions "
        "(missing NOC reads flushed barrier)",
        pair="kernel_end/reads",
    ),
    "TT-END-002": Cause(
        "The next program, or the host, may read before the write has arrived; the source may be overwritten before "
        "it has left.",
        watcher="the same assert (missing NOC non-posted writes sent barrier)",
        pair="kernel_end/writes",
    ),
    "TT-END-003": Cause(
        "The acknowledgement comes while the next kernel runs, whose counters are compared for equality: its barrier "
        "may wait for ever (tt-metal#27726, #40879).",
        watcher="the same assert (missing NOC non-posted atomics flushed barrier)",
        pair="kernel_end/increments",
    ),
    "TT-END-004": Cause(
        "The semaphore between math and packer is left as it is: the next kernel on the core finds one section fewer,"
        " and hangs when both are gone.",
        watcher="waypoints of the compute threads in the next kernel",
        pair="dst_section/last",
    ),
    "TT-SET-001": Cause(
        "Unpackers, math and packer do what they were set up for last: a product in place of a sum, operands in "
        "another layout, or a hang when the number of faces differs.",
        watcher="nothing; builds with LLK asserts stop some of these",
        pair="missing_init/add",
    ),
    "TT-SET-002": Cause(
        "Formats, strides and the packer's addresses are what the last kernel of the core left.",
        pair="missing_init/startup",
    ),
    "TT-NOC-001": Cause(
        "A write reads its source when it leaves, which is later when the network is busy. What arrives is the new "
        "data, or both.",
        pair="write_source/store_over",
    ),
    "TT-NOC-002": Cause(
        "The receivers get the value that was set last. A delay of 500 cycles hides it, so does the watcher (tt-"
        "metal#27979).",
        watcher="nothing; it delays the kernel enough to hide it. Receivers hang at waypoint `NSW`",
        pair="semaphore_reset/left",
    ),
    "TT-NOC-003": Cause(
        "The network may wait for the sender's own acknowledgement, which does not come.",
        watcher="waypoint `NWBW` in the sender, if it hangs",
        pair="multicast_shape/outside",
    ),
    "TT-NOC-004": Cause(
        "Nothing arrives.",
        pair="multicast_shape/alone",
    ),
    "TT-NOC-005": Cause(
        "The write takes from memory what is there when it leaves: the old page, the new one, or some of each.",
        pair="read_barrier/forward",
    ),
    "TT-NOC-006": Cause(
        "A flush waits for a counter (NIU_MST_NONPOSTED_WR_REQ_SENT, and its posted sibling) that Wormhole raises "
        "before the data have been read from L1 (tt-isa-documentation, WormholeB0/NoC/Counters.md). Mostly the few "
        "cycles in between are over when the memory is written again, and kernels of the vendor rely on it; a store "
        "right behind the flush may still change what is sent. It is no error, even with `warnings=error`, and no "
        "matter on Blackhole. Emulated writes take the data at the flush, but for orders under `late_reads=on`, which "
        "`tthal explore --races` tries.",
    ),
    "TT-PTR-001": Cause(
        "The firmware's variables change: the core hangs, now or at the next launch.",
        watcher="memory corruption at address 0 only",
        pair="stray_pointer/firmware",
    ),
    "TT-PTR-002": Cause(
        "The word behind the arguments is another kernel's argument, a semaphore, or what an earlier launch left.",
        watcher="assert: accessed unique runtime arg index out of bounds, for get_arg_val only",
    ),
    "TT-PTR-003": Cause(
        "Another program's data changes.",
    ),
    "TT-PTR-004": Cause(
        "The page of another circular buffer changes, which may be in use.",
        pair="stray_pointer/neighbour",
    ),
    "TT-PTR-005": Cause(
        "Nothing is seen until somebody gets the place.",
        pair="stray_pointer/nothing",
    ),
    "TT-PTR-006": Cause(
        "The new owner's data changes.",
    ),
    "TT-INI-001": Cause(
        "L1 holds what the last program left: right once, wrong the next time, and another number on every core.",
        pair="uninitialised/sum",
    ),
    "TT-INI-002": Cause(
        "The same, with the tile that was in the page before. A packer that adds to it (pack_reconfig_l1_acc) takes "
        "it into the sum; it shows from the second launch on, when the first one left something there.",
        pair="uninitialised/page",
    ),
    "TT-INI-003": Cause(
        "DST holds what an earlier section left there.",
        pair="uninitialised/dst",
    ),
    "TT-INI-004": Cause(
        "DRAM holds what programs before left there; after a reset, anything.",
    ),
    "TT-INI-005": Cause(
        "What an earlier program left in the core's L1 is sent, which may be right by luck.",
    ),
    "TT-RACE-001": Cause(
        "The bytes of whoever comes last stay; with transfers of more than one packet, some of each.",
        pair="dram_race/writers",
    ),
    "TT-RACE-002": Cause(
        "The reader gets the old data, the new, or some of each, by the distance of the cores.",
        pair="dram_race/unannounced",
    ),
    "TT-RACE-003": Cause(
        "The same the other way round: a slow reader gets what was written after it asked.",
        pair="semaphore_reset/stale",
    ),
    "TT-RACE-004": Cause(
        "Queues are independent: the second one's program may run before the first one's write.",
        pair="queue_race/write_run",
    ),
    "TT-RACE-005": Cause(
        "A kernel goes on while its transfer is on its way: it may see its memory as it was before, as it will be, or "
        "in between, by the traffic of others.",
        pair="read_barrier/load",
    ),
    "TT-RACE-006": Cause(
        "An increment that comes before the reset is wiped out by it, and the kernel that waits for it waits for ever; "
        "one that comes after it counts. Which of the two it is depends on the distance of the cores.",
        pair="semaphore_reset/after_credit",
    ),
    "TT-RACE-007": Cause(
        "Both load the same number, and both store that number plus one: one step is lost.",
        pair="processor_race/counter",
    ),
    "TT-NUM-001": Cause(
        "A division by zero does not trap: the quotient is all ones, the remainder the dividend.",
    ),
    "TT-NUM-002": Cause(
        "The quotient is the smallest number, the remainder 0.",
    ),
}

WAYPOINTS = {
    "CRBW": "cb_reserve_back: no room in a circular buffer",
    "CWFW": "cb_wait_front: no pages in a circular buffer",
    "NSW": "noc_semaphore_wait: a semaphore does not become a value",
    "NSMW": "noc_semaphore_wait_min: a semaphore does not reach a value",
    "NRBW": "noc_async_read_barrier",
    "NWBW": "noc_async_write_barrier",
    "NWFW": "noc_async_writes_flushed",
    "NABW": "noc_async_atomic_barrier",
}
"""Where a processor of a card waits, by the letters that its watcher shows; with D for W at the end it went on."""
DEADLOCK = "cb_count/index"
"""The pair whose faulty program shows what a deadlock's report looks like."""
