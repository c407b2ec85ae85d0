"""One processor's own view of memory on Linux: 4 GB of address space in which only its parts are mapped.

wasmtime omits bounds checks inside its reservation, so an access to anything else faults and becomes an exact trap at
no run-time cost. A space is kept and reused by the next launch on the same processor: its page tables stay warm.
"""

from __future__ import annotations

import errno
import mmap
import os
from functools import cache
from typing import Any

from . import memory_map as at
from .traps import EngineError

_STACK_LOW, _DATA = at.PRIVATE_BASE - at.STACK_SIZE, at.PRIVATE_BASE + at.DATA_OFFSET
_BLOCK, _NO_BLOCK = at.STACK_SIZE // at.HOST_PAGE, bytes(at.DATA_OFFSET // at.HOST_PAGE)
"""Of the pages from the stack to the end of the data, those of the processor block and the monitor, shared with the
host."""
_MAP_NORESERVE = 0x4000
_MAP_FIXED = 0x10
_PROT_NONE = 0
_READ_WRITE = mmap.PROT_READ | mmap.PROT_WRITE


@cache
def _libc() -> tuple[Any, Any]:
    from ._interface import ffi

    return ffi, ffi.dlopen(None)


def _map(address: int, length: int, protection: int, flags: int, fd: int = -1, offset: int = 0) -> int:
    ffi, libc = _libc()
    result = int(ffi.cast("intptr_t", libc.mmap(ffi.cast("void*", address), length, protection, flags, fd, offset)))
    if result == -1:
        reason = os.strerror(ffi.errno)
        hint = (
            "the limit on address space or mappings is too low for this many processors: raise `ulimit -v` and "
            "vm.max_map_count"
            if ffi.errno == errno.ENOMEM
            else "the host refuses the mapping"
        )
        raise EngineError(f"mapping {length} bytes for a processor failed: {reason}; {hint}")
    return result


@cache
def _pagemap() -> int | None:
    try:
        fd = os.open("/proc/self/pagemap", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    if _tells_the_truth(fd):
        return fd
    os.close(fd)
    return None


def _tells_the_truth(fd: int) -> bool:
    """Whether the host knows a page that exists from one that does not: some sandboxes only pretend to."""
    ffi, _ = _libc()
    with mmap.mmap(-1, 2 * at.HOST_PAGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as pages:
        pages[0] = 1
        with memoryview(pages) as view:
            address = int(ffi.cast("uintptr_t", ffi.from_buffer(view)))
        return _read_pagemap(fd, address, 2) == b"\1\0\0"


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pagemap.cache_clear)  # it would go on to tell about the parent

_TOUCHED = bytes(bool(byte & 0xC0) for byte in range(256))
"""By the last byte of a page's entry: bit 63 says that it is in memory, bit 62 that it is swapped out (proc(5))."""


def _touched_pages(address: int, length: int) -> bytes | None:
    """One byte per page, 1 when the page exists, and a 0 at the end; None when the host does not tell."""
    fd = _pagemap()
    return None if fd is None else _read_pagemap(fd, address, length // at.HOST_PAGE)


def _read_pagemap(fd: int, address: int, pages: int) -> bytes | None:
    try:
        entries = os.pread(fd, 8 * pages, 8 * (address // at.HOST_PAGE))
    except OSError:
        return None
    return entries[7::8].translate(_TOUCHED) + b"\0" if len(entries) == 8 * pages else None


class AddressSpace:
    """The mapping that one processor slot of one core uses, launch after launch.

    Args:
        fd: the memory file that holds the shared parts.
        shared: (address, file offset, size) of each shared part, in bytes.
    """

    __slots__ = ("_fd", "_length", "_mapping", "_private_end", "_shared", "base", "in_use", "size")

    def __init__(self, fd: int, shared: tuple[tuple[int, int, int], ...]) -> None:
        self._fd = fd
        self._shared = shared
        self._length = 0
        self._mapping: Any = None
        self._private_end = 0
        self.base = 0
        self.size = 0
        self.in_use = False

    def prepare(self, minimum: int, length: int) -> None:
        """Make the space ready for a new instance: private parts zero, ``minimum`` bytes of memory."""
        if self.base == 0:
            self._reserve(length)
        elif length > self._length:
            raise EngineError(f"an address space of {self._length} bytes cannot hold {length}")
        if self._private_end == minimum:
            self._clear_private()
        else:
            self._map_private(minimum)
        self.size = minimum

    def _reserve(self, length: int) -> None:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE
        base = _map(0, length, _PROT_NONE, flags)
        for address, offset, size in self._shared:
            _map(base + address, size, _READ_WRITE, mmap.MAP_SHARED | _MAP_FIXED, self._fd, offset)
        ffi, libc = _libc()
        self._mapping = ffi.gc(ffi.cast("char*", base), lambda pointer: libc.munmap(pointer, length))
        # Set last: an interrupt (Ctrl-C) before this leaves the space unmade, not half made.
        self.base, self._length = base, length

    def _map_private(self, end: int) -> None:
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE | _MAP_FIXED
        data = _DATA
        self._private_end = 0
        _map(self.base + data, at.MEMORY_END - data, _PROT_NONE, flags)
        _map(self.base + at.PRIVATE_BASE - at.STACK_SIZE, at.STACK_SIZE, _READ_WRITE, flags)
        if end > data:
            _map(self.base + data, end - data, _READ_WRITE, flags)
        self._private_end = end

    def _clear_private(self) -> None:
        """Zero the pages that were touched; giving them back would cost a fault for each at its next use."""
        _, libc = _libc()
        start = self._mapping + _STACK_LOW
        length = max(self._private_end - _STACK_LOW, at.STACK_SIZE)
        touched = _touched_pages(self.base + _STACK_LOW, length)
        if touched is None:
            self._discard(_STACK_LOW, at.STACK_SIZE)
            self._discard(_DATA, self._private_end - _DATA)
            return
        touched = touched[:_BLOCK] + _NO_BLOCK + touched[_BLOCK + len(_NO_BLOCK) :]
        first = touched.find(1)
        while first >= 0:
            end = touched.find(0, first)
            libc.memset(start + first * at.HOST_PAGE, 0, (end - first) * at.HOST_PAGE)
            first = touched.find(1, end)

    def _discard(self, address: int, length: int) -> None:
        ffi, libc = _libc()
        if length > 0 and libc.madvise(ffi.cast("void*", self.base + address), length, mmap.MADV_DONTNEED):
            raise EngineError(f"clearing a processor's memory failed: {os.strerror(ffi.errno)}")

    def data(self, address: int, size: int) -> memoryview:
        """A writable part of the static data; refuses what lies outside it."""
        low = _DATA
        if not self.in_use or address < low or address + size > self._private_end:
            raise EngineError(f"0x{address:x} and {size} bytes from there are not static data of the processor")
        ffi, _ = _libc()
        part = ffi.gc(self._mapping + address, lambda pointer, keep=self._mapping: None)
        return memoryview(ffi.buffer(part, size))

    def image(self) -> bytes:
        """The static data, without the zeros at its end."""
        low = _DATA
        return bytes(self.data(low, self._private_end - low)).rstrip(b"\0") if self._private_end > low else b""

    def restore(self, image: bytes) -> None:
        """Clear stack and static data, and put ``image`` at the start of the data."""
        self._clear_private()
        ffi, _ = _libc()
        ffi.memmove(self._mapping + _DATA, image, len(image))

    def unmap(self) -> None:
        """Give the address range back as soon as nobody looks at it; the space must not be in use."""
        if not self.in_use:
            self.base, self._mapping = 0, None
