"""The border between kernels and the host, said once: ``generate.py`` writes its C++ half from these tables.

After a change: ``python -m tthal_emulator.abi.generate``. Offsets and sizes are asserted in the generated C++, so that
whatever compiles agrees with Python; tests/emulator/test_abi.py asks a kernel for everything else.
"""

from __future__ import annotations

from .codes import (
    DstCall,
    ExcludeRegion,
    FormatSetup,
    FormatUnit,
    HandOver,
    MailboxThread,
    Misuse,
    MonitorEvent,
    NocFlag,
    NocOperation,
    NumericsFlag,
    ProductShape,
    ThreadTrouble,
    Wait,
)
from .layout import (
    ANY_TRANSACTION_ID,
    COMPUTE_ADDRESS_SHIFT,
    CORE_REGISTERS,
    COUNTER_MASK,
    COUNTERS_SIZE,
    MAILBOX_CAPACITY,
    MAILBOX_DEPTH,
    MAILBOX_THREADS,
    MAX_CIRCULAR_BUFFERS,
    MAX_DRAM_BANKS,
    MAX_GRID_AXIS,
    MAX_L1_BANKS,
    NOC_ADDRESS_BITS,
    NOC_NODE_BITS,
    NOC_QUEUE_CAPACITY,
    NOC_TRANSFER,
    PRINT_CAPACITY,
    PROCESSOR_BLOCK,
    RECORDS,
)
from .turns import StopReason
from .vocabulary import Code, Flags, PackedWord, Record

__all__ = [
    "ANY_TRANSACTION_ID",
    "COMPUTE_ADDRESS_SHIFT",
    "CORE_REGISTERS",
    "COUNTERS_SIZE",
    "COUNTER_MASK",
    "MAILBOX_CAPACITY",
    "MAILBOX_DEPTH",
    "MAILBOX_THREADS",
    "MAX_CIRCULAR_BUFFERS",
    "MAX_DRAM_BANKS",
    "MAX_GRID_AXIS",
    "MAX_L1_BANKS",
    "NOC_ADDRESS_BITS",
    "NOC_NODE_BITS",
    "NOC_QUEUE_CAPACITY",
    "NOC_TRANSFER",
    "PRINT_CAPACITY",
    "PROCESSOR_BLOCK",
    "RECORDS",
    "Code",
    "DstCall",
    "ExcludeRegion",
    "Flags",
    "FormatSetup",
    "FormatUnit",
    "HandOver",
    "MailboxThread",
    "Misuse",
    "MonitorEvent",
    "NocFlag",
    "NocOperation",
    "NumericsFlag",
    "PackedWord",
    "ProductShape",
    "Record",
    "StopReason",
    "ThreadTrouble",
    "Wait",
]
