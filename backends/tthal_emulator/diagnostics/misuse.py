"""What the device headers tell a kernel off for, in words that say what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tthal.columns import counted
from tthal.errors import Frame
from tthal.types import DataFormat
from tthal_emulator.abi import (
    NO_BUFFERS_FORMAT,
    DstCall,
    FormatSetup,
    FormatUnit,
    MailboxThread,
    Misuse,
    ThreadTrouble,
    Wait,
)

from .states import MAILBOX_NAMES, filled, user_location
from .transfers import place_text
from .view import KernelView


class KernelMisuse(Exception):
    """A kernel called the device API wrongly; ``CALL`` in its text stands for the function that the kernel called."""

    def text(self, frames: Sequence[Frame]) -> str:
        """Return what is wrong, with the function named after the backtrace."""
        return str(self).replace(CALL, _called(frames) or "an operation on DST")


def _called(frames: Sequence[Frame]) -> str | None:
    """Name the function of the device headers that the kernel's own code called, without template arguments."""
    place = user_location(frames)
    called: str | None = None
    for frame in frames:
        if frame.location is not None and frame.location == place:
            break
        called = frame.function
    return called.split("<")[0].rsplit("::", 1)[-1] if called else None


CALL = "{the call}"

_DST_CALLS = {
    DstCall.ACQUIRE: "tile_regs_acquire",
    DstCall.COMMIT: "tile_regs_commit",
    DstCall.WAIT: "tile_regs_wait",
    DstCall.RELEASE: "tile_regs_release",
    DstCall.MATH: CALL,
    DstCall.PACK: CALL,
}
_DST_NEEDS = {
    DstCall.ACQUIRE: "MATH owns a section already, or PACK has not released one: commit, wait, pack, release first",
    DstCall.COMMIT: "there is nothing to commit: call tile_regs_acquire first",
    DstCall.WAIT: "there is no section to wait for: call tile_regs_acquire and tile_regs_commit first",
    DstCall.RELEASE: "PACK owns no section: call tile_regs_commit and tile_regs_wait first",
    DstCall.MATH: "MATH owns no section of DST: call tile_regs_acquire first, and compute before tile_regs_commit",
    DstCall.PACK: "PACK owns no section of DST: call tile_regs_commit and tile_regs_wait first",
}


def _cb_index(kernel: KernelView, a: int, b: int) -> str:
    configured = ", ".join(str(index) for index, pages in enumerate(kernel.pages) if pages) or "none"
    return f"circular buffer {a} is not configured on this core (configured: {configured}); CreateCircularBuffer for it"


def _dst_state(kernel: KernelView, a: int, b: int) -> str:
    call = DstCall(a)
    return f"{_DST_CALLS[call]} out of order: {_DST_NEEDS[call]}"


def _thread(number: int) -> str:
    return MAILBOX_NAMES[MailboxThread(number)]


_SET_UP_CALLS = {
    FormatUnit.SRC_A: ("SrcA's unpacker", "reconfig_data_format_srca"),
    FormatUnit.SRC_B: ("SrcB's unpacker", "reconfig_data_format_srcb"),
    FormatUnit.PACKER: ("the packer", "pack_reconfig_data_format"),
}


def _format_setup(kernel: KernelView, a: int, b: int) -> str:
    setup = FormatSetup.unpacked(b)
    unit, call = _SET_UP_CALLS[FormatUnit(setup.unit)]
    nothing = setup.format == NO_BUFFERS_FORMAT
    there = "a circular buffer that this core does not have" if nothing else DataFormat(setup.format).name
    return (
        f"{unit} is set up for {there}, but circular buffer {a} holds another format: the hardware "
        f"would misread it; call {call}({a}) first, or name the buffer in compute_kernel_hw_startup"
    )


_THREAD_TROUBLES = {
    ThreadTrouble.NEVER_POSTED: (
        "waits for semaphore {} of the compute threads, which nothing before it in the source posts: the three threads "
        "are one processor here and run in the order of the source; post first, or use tile_regs_* and circular buffers"
    ),
    ThreadTrouble.NEVER_TAKEN: (
        "waits until semaphore {} of the compute threads is taken, which nothing before it in the source does: the "
        "three threads are one processor here and run in the order of the source; take it first"
    ),
    ThreadTrouble.NOT_COUNTED: (
        "counts semaphore {} of the compute threads itself; semaphore 1 is the state of DST, of which tile_regs_commit "
        "and tile_regs_release take care, and there are 8"
    ),
    ThreadTrouble.DST_BASE: (
        "points the vector unit at row {} of DST, where PACK's section is not; pass "
        "ckernel::packer::get_packer_dest_offset()"
    ),
    ThreadTrouble.NOTHING_UNPACKED: (
        "reduces a tile that the unpacker did not provide: call unpack_tilizeA_B_block with as many tiles as "
        "reduce_tile_math takes"
    ),
    ThreadTrouble.OTHER_FACES: (
        "reduces {} faces per tile, but the circular buffer's tiles have another number; give it such tiles with "
        "set_tile_dims"
    ),
    ThreadTrouble.NO_OPERANDS: (
        "multiplies operands that the unpacker did not provide: call llk_unpack_AB_matmul before llk_math_matmul"
    ),
}


def _threads(kernel: KernelView, a: int, b: int) -> str:
    return "the kernel " + _THREAD_TROUBLES[ThreadTrouble(a)].format(b)


def _filled(kernel: KernelView, cb: int) -> str:
    _pages(kernel, cb)
    return filled(kernel, cb)


def _pages(kernel: KernelView, cb: int) -> int:
    """Return the pages of a circular buffer, whose index a kernel may have made up."""
    if cb >= len(kernel.pages):
        raise ValueError(cb)
    return kernel.pages[cb]


TEXTS: dict[Misuse, Callable[[KernelView, int, int], str]] = {
    Misuse.CB_INDEX: _cb_index,
    Misuse.CB_TOO_MANY: lambda k, a, b: (
        f"{counted(b, 'page')} of circular buffer {a} can never be there: it has {_pages(k, a)}; make it larger or ask "
        "for less"
    ),
    Misuse.CB_OVER_PUSH: lambda k, a, b: (
        f"cb_push_back(cb {a}, {counted(b, 'page')}) pushes more than the free pages ({_filled(k, a)}) or runs past "
        "the buffer's end, which wraps only between pages: call cb_reserve_back first, with counts that divide the "
        "buffer"
    ),
    Misuse.CB_OVER_POP: lambda k, a, b: (
        f"cb_pop_front(cb {a}, {counted(b, 'page')}) pops more than there is ({_filled(k, a)}) or runs past the "
        "buffer's end, which wraps only between pages: call cb_wait_front first, with counts that divide the buffer"
    ),
    Misuse.RUNTIME_ARG: lambda k, a, b: (
        f"runtime argument {a} does not exist: the kernel has {b} on this core; give more to SetRuntimeArgs"
    ),
    Misuse.COMMON_RUNTIME_ARG: lambda k, a, b: (
        f"common runtime argument {a} does not exist: the kernel has {b}; give more to SetCommonRuntimeArgs"
    ),
    Misuse.DST_STATE: _dst_state,
    Misuse.DST_INDEX: lambda k, a, b: (
        f"{CALL}: DST tile {a} does not exist: {b} fit in this mode; process fewer tiles per acquire, or enable "
        "dst_full_sync_en or disable fp32_dest_acc_en"
    ),
    Misuse.TILE_FORMAT: lambda k, a, b: (
        f"circular buffer {a} has no data format on this core; give one in its CircularBufferConfig"
    ),
    Misuse.PACK_ROWS: lambda k, a, b: (
        f"pack_rows is emulated for whole tiles of Float32 and Float16_b that add to nothing in L1, which circular "
        f"buffer {a} has not; use pack_tile, pack_untilize_dest, or one of these formats"
    ),
    Misuse.NOC_TOO_LARGE: lambda k, a, b: (
        f"a one-packet transfer of {a} B is larger than the NoC's largest burst of {b} B; use the call without "
        "one_packet"
    ),
    Misuse.FORMAT_SETUP: _format_setup,
    Misuse.THREADS: _threads,
    Misuse.ASSERTION: lambda k, a, b: f"ASSERT failed in line {a}",
    Misuse.SHARD_PAGE: lambda k, a, b: (
        f"page {a} does not exist: the sharded tensor has {b}; check the page number and the accessor's arguments"
    ),
    Misuse.NOC_REGISTER: lambda k, a, b: (
        f"the kernel writes 0x{b:x} to NoC command register {a} itself; only the virtual channel of NOC_CTRL can be "
        "set, use the NoC functions for transfers"
    ),
    Misuse.MAILBOX_EMPTY: lambda k, a, b: (
        f"mailbox_read({_thread(a)}ThreadId) in {_thread(b).upper()}() comes before the word is written: the "
        "three compute threads run in the order of the source here; move the mailbox_write before it"
    ),
    Misuse.MAILBOX_FULL: lambda k, a, b: (
        f"{_thread(a).upper()}() writes more words to the mailbox of {_thread(b).upper()}() than fit before the "
        "first is read: the three compute threads run in the order of the source here; read in between"
    ),
    Misuse.MAILBOX_THREAD: lambda k, a, b: (
        f"there is no mailbox of thread {a}; name one by ckernel::ThreadId: Brisc, Unpack, Math or Pack"
    ),
    Misuse.TRANSACTION_ID: lambda k, a, b: f"the NoC's transaction ids are 0 to 15; {a} is none",
    Misuse.NOT_LOCAL: lambda k, a, b: (
        f"the NoC address {place_text(a << 32 | b)} is used as memory of this core but leads elsewhere; use it as the "
        "remote side of the transfer, or check is_local_page first"
    ),
}


def explain(kernel: KernelView, what: int, a: int, b: int) -> str:
    """Return the message for a report of the device headers; a kernel may also have made one up."""
    try:
        return TEXTS[Misuse(what)](kernel, a, b)
    except ValueError:
        return f"the kernel reports a mistake that the device headers do not know ({what}, {a}, {b})"


def unknown_wait(kind: int, a: int, b: int) -> str:
    """Return the message for a wait that the compiled part does not know."""
    if kind in (Wait.SEMAPHORE_EQUAL, Wait.SEMAPHORE_AT_LEAST):
        return f"the kernel waits for a semaphore at 0x{a:x}, which is not in L1"
    return f"the kernel waits for something unknown ({kind}, {a}, {b})"


def impossible_product(in0: int, in1: int) -> str:
    """Return the message for a matrix product that the compiled part refuses."""
    return (
        f"the kernel multiplies tiles at 0x{in0:x} and 0x{in1:x}: they reach past the end of L1, or its own memory was "
        "overwritten"
    )


UNOBSERVED_RECORDS = "the kernel's own memory was overwritten: it announces events that nobody observes"
PRINT_OUTSIDE_BUFFER = "the kernel prints from outside its print buffer"
