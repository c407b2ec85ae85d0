"""What lies where in a processor's block and in a core's registers."""

from __future__ import annotations

from tthal import observer

from .codes import MailboxThread, MonitorEvent, NocOperation
from .vocabulary import Field, Record

MAX_CIRCULAR_BUFFERS = 64
MAX_DRAM_BANKS = 16
MAX_L1_BANKS = 160
MAX_GRID_AXIS = 32
MAX_LOADED_ARGUMENTS = 32
NOC_QUEUE_CAPACITY = 128
PRINT_CAPACITY = 4096
RECORD_CAPACITY = 255
NOC_ADDRESS_BITS = 36
NOC_NODE_BITS = 6
"""A NoC address: [35:0] address, [41:36] x, [47:42] y; a multicast has its start corner in [53:48] and [59:54]."""
ANY_TRANSACTION_ID = 0xFF
"""Of a barrier for all of them."""
COMPUTE_ADDRESS_SHIFT = 4
"""The compute processor's circular buffers are described in units of 16 bytes."""
NO_BUFFERS_FORMAT = 0xFE
"""What a unit is set up for by a circular buffer that is not configured."""
COUNTER_MASK = 0xFFFF
"""The bits of a circular buffer's counters that count."""
SLOTS = observer.SLOTS
COMPUTE_SLOT = observer.COMPUTE_SLOT
"""Of a launch's kernels: the index of one is that of its core times SLOTS, and its processor's."""
MAILBOX_THREADS = len(MailboxThread)
MAILBOX_CAPACITY = 32
MAILBOX_DEPTH = 4
"""Words that one sender may have under way."""

EXPORTED_CONSTANTS = (
    "MAX_CIRCULAR_BUFFERS", "NOC_QUEUE_CAPACITY", "PRINT_CAPACITY",
    "MAX_LOADED_ARGUMENTS", "RECORD_CAPACITY",
    "NOC_ADDRESS_BITS", "NOC_NODE_BITS", "ANY_TRANSACTION_ID", "COMPUTE_ADDRESS_SHIFT", "COUNTER_MASK",
    "NO_BUFFERS_FORMAT", "SLOTS", "COMPUTE_SLOT",
    "MAILBOX_THREADS", "MAILBOX_CAPACITY", "MAILBOX_DEPTH",
)  # fmt: skip
"""The constants that C++ has too."""

U8, U16, U32, I32, U64 = "uint8_t", "uint16_t", "uint32_t", "int32_t", "uint64_t"

LOCAL_CB_INTERFACE = Record(
    "LocalCBInterface",
    "What firmware keeps per circular buffer and processor; kernels read and write it through get_local_cb_interface. "
    "For its sizes and addresses see `cb_addr_shift`.",
    (
        Field("fifo_size", U32),
        Field("fifo_limit", U32, meaning="one past the last byte"),
        Field("fifo_page_size", U32),
        Field("fifo_num_pages", U32),
        Field("fifo_rd_ptr", U32),
        Field("fifo_wr_ptr", U32),
        Field("tiles_acked_received_init", U32, halves=("tiles_acked", "tiles_received")),
        Field("fifo_wr_tile_ptr", U32, meaning="pages that pack_tile wrote since the last push_back"),
    ),
)
NOC_TRANSFER = Record(
    "NocTransfer",
    "A transfer as kernels write it down.",
    (
        Field("operation", NocOperation),
        Field("noc", U8),
        Field("flags", U8, meaning="NocFlag"),
        Field("transaction_id", U8),
        Field("local", U32, meaning="L1 address"),
        Field("remote", U64, meaning="NoC address, see NOC_ADDRESS_BITS"),
        Field("size", U32),
        Field("value", U32, meaning="inline value, increment, number of multicast destinations"),
        Field("extra", U32, meaning="byte enables, exclude region, number of atomic multicast destinations"),
        Field("site", U32, meaning="where the kernel asked for it, see monitor.h"),
    ),
)
MONITOR_RECORD = Record(
    "MonitorRecord",
    "An event of an observed launch; fields as in NocTransfer where it is about a transfer.",
    (
        Field("event", MonitorEvent),
        Field("noc", U8),
        Field("flags", U8),
        Field("id", U8),
        Field("local", U32),
        Field("remote", U64),
        Field("size", U32),
        Field("value", U32),
        Field("extra", U32),
        Field("site", U32),
    ),
)
TILE_FORMAT = Record(
    "TileFormat",
    "What a circular buffer index holds, for the unpackers and packers.",
    (
        Field("format", U8, meaning="DataFormat code, 255 = not configured"),
        Field("rows", U8),
        Field("columns", U8),
        Field("unpack_to_dest", U8),
        Field("bytes", U32, meaning="of one tile"),
    ),
)
PROCESSOR_BLOCK = Record(
    "ProcessorBlock",
    "The private parameters of one processor: written by the host before a launch.",
    (
        Field("runtime_args", U32, meaning="L1 address of the unique arguments"),
        Field("common_runtime_args", U32, meaning="L1 address of the common arguments"),
        Field("runtime_arg_count", U32),
        Field("common_runtime_arg_count", U32),
        Field("semaphores", U32, meaning="L1 address of semaphore 0; the others follow every 16 bytes"),
        Field("my_x", U8, (2,)),
        Field("my_y", U8, (2,)),
        Field("my_logical_x", U8),
        Field("my_logical_y", U8),
        Field("my_relative_x", U8),
        Field("my_relative_y", U8),
        Field("l1_size", U32),
        Field("noc_queue_count", U32),
        Field("print_count", U32),
        Field("math_fidelity", U8, meaning="the vendor's code: 0, 2, 3, 4"),
        Field("fp32_dest", U8),
        Field("dst_full_sync", U8),
        Field("math_on_host", U8),
        Field("math_approximate", U8),
        Field("bfp8_pack_precise", U8),
        Field("noc_index", U8),
        Field("numerics", U8, meaning="NumericsFlag"),
        Field("noc_outstanding", U32, meaning="transfers that left the queue but have not taken effect"),
        Field("waypoint", U32, meaning="up to four letters, the last WAYPOINT that the kernel passed"),
        Field("in_buffers", U32, (2,), "a bit per circular buffer that lies in a buffer's memory"),
        Field("dram_bank_xy", U16, (2, MAX_DRAM_BANKS), "[noc][bank], y << 6 | x", at=0x40),
        Field("dram_bank_offset", I32, (MAX_DRAM_BANKS,)),
        Field("l1_bank_xy", U16, (2, MAX_L1_BANKS)),
        Field("l1_bank_offset", I32, (MAX_L1_BANKS,)),
        Field("logical_to_virtual_x", U8, (MAX_GRID_AXIS,)),
        Field("logical_to_virtual_y", U8, (MAX_GRID_AXIS,)),
        Field("tiles", TILE_FORMAT, (MAX_CIRCULAR_BUFFERS,), at=0x600),
        Field("circular_buffers", LOCAL_CB_INTERFACE, (MAX_CIRCULAR_BUFFERS,), at=0x800),
        Field("noc_queue", NOC_TRANSFER, (NOC_QUEUE_CAPACITY,), at=0x1000),
        Field("print", "char", (PRINT_CAPACITY,), at=0x2000),
        Field("noc_counted", U32, (), "the answer to a poll: transfers that the barrier would wait for", at=0x3000),
        Field("polled", U32, (4,), "pages that are asked for in vain: Wait + 1 or 0, circular buffer, number, site"),
        Field("last_access", MONITOR_RECORD, meaning="the last load or store before which others may run"),
        Field("compile_time_args", U32, (MAX_LOADED_ARGUMENTS,), "the first ones, for code that several kernels share"),
    ),
)
MONITOR = Record(
    "Monitor",
    "Where a processor writes down what happens while a launch is observed.",
    (
        Field("record_count", U32),
        Field("observed", U8, meaning="Observed"),
        Field("record_room", U8, meaning="records up to which a kernel writes them down without a call"),
        Field("clock", U64, meaning="the answer to a look at the clock; 0 when nobody knows the time"),
        Field("heard", U64, meaning="a bit per MonitorEvent: whether anybody listens for it"),
        Field("announced", U64, meaning="a bit per MonitorEvent: whether kernels announce it, for records or switches"),
        Field("records", MONITOR_RECORD, (RECORD_CAPACITY,), at=0x20),
    ),
)
CIRCULAR_BUFFER_COUNTERS = Record(
    "CircularBufferCounters",
    "The stream registers that all processors of a core share.",
    (Field("received", U32), Field("acked", U32)),
)
MAILBOXES = Record(
    "Mailboxes",
    "Queues of words between the threads that have mailboxes: [sender][receiver].",
    (
        Field("written", U32, (MAILBOX_THREADS, MAILBOX_THREADS)),
        Field("taken", U32, (MAILBOX_THREADS, MAILBOX_THREADS)),
        Field("words", U32, (MAILBOX_THREADS, MAILBOX_THREADS, MAILBOX_CAPACITY)),
    ),
)
CORE_REGISTERS = Record(
    "CoreRegisters",
    "What the processors of a core share beside its L1.",
    (
        Field("circular_buffers", CIRCULAR_BUFFER_COUNTERS, (MAX_CIRCULAR_BUFFERS,)),
        Field("mailboxes", MAILBOXES),
    ),
)

RECORDS = (
    LOCAL_CB_INTERFACE, NOC_TRANSFER, MONITOR_RECORD, TILE_FORMAT, PROCESSOR_BLOCK, MONITOR, CIRCULAR_BUFFER_COUNTERS,
    MAILBOXES, CORE_REGISTERS,
)  # fmt: skip
"""In an order in which each stands behind those that it holds."""

COUNTERS_SIZE = CORE_REGISTERS.offsets["mailboxes"] + MAILBOXES.offsets["words"]
"""Bytes at the beginning of a core's registers that count; what follows are the words of mailboxes."""
