"""The numbers by which kernels and the host name what they do; ``a`` and ``b`` are the operands that go with one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import unique
from typing import Annotated

from .vocabulary import Bits, Code, Flags, PackedWord, exported

# ---- transfers


@exported("uint8_t")
@unique
class NocOperation(Code):
    """What a transfer does, and what a barrier waits for."""

    READ = 0, "remote -> local, `size` bytes"
    WRITE = 1, "local -> remote, `size` bytes"
    WRITE_MULTICAST = 2, "local -> every core of a rectangle"
    WRITE_INLINE = 3, "the 32-bit `value` -> remote, byte enables in `extra`"
    INLINE_MULTICAST = 4, "the same to every core of a rectangle, `size` destinations"
    ATOMIC_INCREMENT = 5, "remote += value, wrapping after `size` bits"
    ATOMIC_MULTICAST = 6, "the same on every core of a rectangle, `extra` destinations"
    READ_BARRIER = 16
    WRITE_BARRIER = 17
    WRITE_FLUSH = 18
    POSTED_FLUSH = 19
    ATOMIC_BARRIER = 20


@exported("uint8_t", prefix="NOC_FLAG_")
class NocFlag(Flags):
    """Flags of a transfer."""

    POSTED = 1
    INCLUDE_SOURCE = 2
    LINKED = 4
    EXCLUDE = 8, "`extra` is the region that a multicast leaves out, an ExcludeRegion"
    UNCOUNTED = 16, "the processor's counters know nothing of it: only a barrier of its transaction id waits for it"


@dataclass(frozen=True, slots=True)
class HandOver(PackedWord):
    """Why a kernel hands its transfers over: a barrier or flush, of one NoC and one transaction id or all."""

    operation: Annotated[int, Bits(6, "NocOperation")]
    poll: Annotated[int, Bits(1, "it only asks how many transfers that would wait for")]
    queue_full: Annotated[int, Bits(1, "it is none of the kernel's barriers")]
    noc: Annotated[int, Bits(8)]
    transaction_id: Annotated[int, Bits(15, "or ANY_TRANSACTION_ID")]
    departed: Annotated[int, Bits(1, "a flush that asks for more than the network's word: that all data were read")]


@dataclass(frozen=True, slots=True)
class ExcludeRegion(PackedWord):
    """The part of a rectangle that a multicast leaves out: from a core to the edge of the chip in two directions."""

    reserved: Annotated[int, Bits(8)]
    start_x: Annotated[int, Bits(6)]
    start_y: Annotated[int, Bits(6)]
    x_up: Annotated[int, Bits(1, "it reaches to higher coordinates")]
    y_up: Annotated[int, Bits(1)]
    enabled: Annotated[int, Bits(1)]


# ---- events of an observed launch


@exported("uint8_t")
@unique
class MonitorEvent(Code):
    """What an observed launch announces, besides transfers and barriers, which keep the numbers of NocOperation."""

    CB_RESERVED = 32, "id = circular buffer, value = pages, local = write pointer"
    CB_PUSHED = 33, "the same, before the pages move"
    CB_WAITED = 34, "id = circular buffer, value = pages, local = read pointer"
    CB_POPPED = 35, "the same, before the pages move"
    SEMAPHORE_SET = 36, "local = L1 address, value; stored by the core itself"
    SEMAPHORE_REACHED = 37, "local = L1 address, value; a wait ended; id = whether more is enough"
    DST_SECTION = 38, "ACQUIRE or RELEASE: id = DstCall, local = where in its static data the kernel keeps DST"
    TILE_OPERAND = 39, "the unpacker reads: id = circular buffer, local = address, size, value = TileOperation"
    TILE_RESULT = 40, "the packer writes: the same; remote = whether it adds to what is there"
    TILE_OPERATION = 41, "within DST: value = TileOperation, id = DST index"
    PAGE_ADDRESS = 42, "an address generator was asked: id = whether in DRAM, local = base, size = stride, value = page"
    BANK_ADDRESS = 43, "the address of a bank that does not exist: id = whether in DRAM, value = bank"
    CB_MISSING = 44, "something was asked of a circular buffer that is not configured: id = its index"
    SET_UP_MISSING = 45, "an operation needs another set-up: value = needed, local = there: SetUp | details << 8"
    ODD_DIVISION = 46, "a division that has no quotient: id = OddDivision"
    LOAD = 48, "the kernel's own: local = L1 address, size; only of kernels compiled to announce them"
    STORE = 49, "the same"
    CB_ASKED = 50, "the kernel asked for a pointer into a circular buffer: id; only of such kernels"
    DST_UNWRITTEN = 51, "the packer takes a tile of DST that nothing was written to: id = DST index"
    VECTOR_OPERATION = (
        52,
        "the vector unit works on DST: id = DST index, value = hash of the function's name, size = vectors",
    )
    SET_UP = 53, "an initialisation: value = SetUp | details << 8, local = hash of a vector function's name"
    FORMAT_SET = 54, "a unit is set up for a format: id = FormatUnit"
    EXECUTED = 55, "by its own code: value = instructions, local = loads, size = stores, extra = divisions"
    ZONE = 56, "a mark of the profiler's: id = ZoneMark, value = hash of its name, remote = what it records"
    CLOCK = 57, "a look at the clock: value = cycles that the kernel waits besides; a listener answers in remote"
    DST_HANDED = 58, "as DST_SECTION, where a section goes from one thread to another: COMMIT and WAIT"
    TURN = 64, "the processor gave way without waiting for anything"
    WAIT = 65, "id = Wait, local and value = its operands"
    WAKE = 66, "id = Wait"
    DEPARTED = 67, "a transfer's data left its source: as in the transfer, flags | operation << 4"
    ARRIVED = 68, "a transfer took effect: the same"
    ENDED = 69, "the kernel ended"


@exported("uint8_t")
@unique
class ZoneMark(Code):
    """What the profiler's macros mark."""

    BEGIN = 0
    END = 1
    DATA = 2, "with data of 64 bits"


@exported("uint8_t", prefix="OBSERVED_")
class Observed(Flags):
    """What kernels do besides their work."""

    RECORDS = 1, "they announce events"
    SWITCHES = 2, "they ask who runs next before they do what others can see"
    EXECUTED = 4, "they announce what they executed before every other event"
    ACCESSES = 8, "they ask who runs next before loads and stores of L1, too"


@exported()
@unique
class OddDivision(Code):
    """Why an integer division has no quotient, and what the card answers."""

    BY_ZERO = 0, "integer division by zero; as on the card, n / 0 is all ones and n % 0 is n"
    OVERFLOW = 1, "integer overflow in a division; as on the card, INT_MIN / -1 is INT_MIN and INT_MIN % -1 is 0"


# ---- waiting


@exported()
@unique
class Wait(Code):
    """Why a processor gives up the core until something changes."""

    CB_PAGES = 0, "a = circular buffer, b = pages that must be there"
    CB_SPACE = 1, "a = circular buffer, b = pages that must be free"
    SEMAPHORE_EQUAL = 2, "a = L1 address, b = value"
    SEMAPHORE_AT_LEAST = 3, "a = L1 address, b = value"
    YIELD = 4, "let the others run"
    MAILBOX_WORD = 5, "a = sender, b = receiver"
    MAILBOX_ROOM = 6, "a = sender"
    PRODUCTS = 7, "until the matrix products of this kernel are in its DST"
    SWITCH = 8, "for nothing: another order of events may begin here; a = MonitorEvent, b = address or circular buffer"


# ---- orders of events


@exported()
@unique
class Strategy(Code):
    """How launches choose between the orders of events that the hardware allows."""

    DEFAULT = 0
    RANDOM = 1
    PCT = 2
    SCRIPT = 3, "the default order but for given decisions"


@exported("uint16_t")
@unique
class Decision(Code):
    """What may be decided otherwise than in the default order, where the decision is 0."""

    PICK = 0, "which of those that are ready runs"
    SWITCH = 1, "whether the running processor gives way"
    ARRIVE = 2, "which of its transfers arrive early: the seed of that choice"
    READ_LATE = 3, "whether what a flush lets go is read from its source later than that"


# ---- mistakes


@exported()
@unique
class Misuse(Code):
    """What the device headers tell a kernel off for; the host has the words."""

    CB_INDEX = 0, "a = index"
    CB_TOO_MANY = 1, "a = index, b = pages asked for"
    CB_OVER_PUSH = 2, "a = index, b = pages pushed"
    CB_OVER_POP = 3, "a = index, b = pages popped"
    RUNTIME_ARG = 4, "a = index, b = count"
    COMMON_RUNTIME_ARG = 5, "a = index, b = count"
    DST_STATE = 6, "a = DstCall, b = the state it was in"
    DST_INDEX = 7, "a = index, b = capacity"
    TILE_FORMAT = 8, "a = circular buffer, b = format code"
    NOC_TOO_LARGE = 9, "a = size, b = largest"
    ASSERTION = 10, "a = line"
    SHARD_PAGE = 11, "a = page, b = pages of the tensor"
    TRANSACTION_ID = 12, "a = id"
    NOT_LOCAL = 13, "a, b = NoC address"
    NOC_REGISTER = 14, "a = register, b = value"
    MAILBOX_EMPTY = 15, "a = sender, b = receiver"
    MAILBOX_FULL = 16, "a = sender, b = receiver"
    MAILBOX_THREAD = 17, "a = thread"
    THREADS = 18, "a = ThreadTrouble, b = semaphore or value"
    PACK_ROWS = 19, "a = circular buffer"
    FORMAT_SETUP = 32, "a = circular buffer, b = FormatSetup"


@exported()
@unique
class ThreadTrouble(Code):
    """Why the three compute threads get into each other's way."""

    NEVER_POSTED = 0, "b = semaphore"
    NEVER_TAKEN = 1, "b = semaphore"
    NOT_COUNTED = 2, "b = semaphore"
    DST_BASE = 3, "b = row"
    NOTHING_UNPACKED = 4
    OTHER_FACES = 5, "b = faces"
    NO_OPERANDS = 6


@exported()
@unique
class DstCall(Code):
    """The calls whose order the DST state machine checks."""

    ACQUIRE = 0
    COMMIT = 1
    WAIT = 2
    RELEASE = 3
    MATH = 4
    PACK = 5


@exported()
@unique
class FormatUnit(Code):
    """The units that are set up for a format."""

    SRC_A = 0
    SRC_B = 1
    PACKER = 2


@dataclass(frozen=True, slots=True)
class FormatSetup(PackedWord):
    """A unit, and the format it is set up for."""

    unit: Annotated[int, Bits(8, "FormatUnit")]
    format: Annotated[int, Bits(8, "DataFormat code")]


@exported()
@unique
class MailboxThread(Code):
    """The threads that have mailboxes, by the vendor's numbers."""

    BRISC = 0
    UNPACK = 1
    MATH = 2
    PACK = 3


# ---- matrix products


@exported("uint8_t", prefix="NUMERICS_")
class NumericsFlag(Flags):
    """Which grade of numbers a kernel computes, and what the chip's matrix path does in its own way (TensixTraits)."""

    EXACT = 1
    MINUS_ONE_QUIRK = 2, "the normaliser mistakes a sum of -1 units (numerics.md §3.2, §11.1)"
    PARTIAL_TAKES_BOTH = 4, "SrcB's width counts too when a partial scalar sum goes back to SrcA (numerics.md §11.2)"
    FP8_E4M3 = 8, "the chip has this format"
    FOLLOW_SIMULATOR = 16, "of the bit-exact simulators and chips that contradict them, as the simulators"


@dataclass(frozen=True, slots=True)
class ProductShape(PackedWord):
    """What is multiplied: formats of both operands, rows and columns of tiles, whether the second is transposed."""

    format0: Annotated[int, Bits(5, "DataFormat code")]
    format1: Annotated[int, Bits(5)]
    rows: Annotated[int, Bits(5)]
    columns: Annotated[int, Bits(5)]
    transpose: Annotated[int, Bits(1)]
