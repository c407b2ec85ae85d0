"""Lets kernels read the wall clock through a pointer of their own: the register lies where a core has no memory.

The headers' functions (``get_timestamp``, ``ckernel::reg_read``) know the register. A kernel that makes a pointer of
its address would fault, so in a module that holds one of the addresses, loads that may mean it ask first. Addresses, on
both chips: tt-metal, tensix.h of Wormhole B0 and Blackhole (RISCV_DEBUG_REG_WALL_CLOCK_0, _1 and _1_AT).
"""

from __future__ import annotations

import re

from .sites import UNNUMBERED

LOW = 0xFFB121F0
"""The low word, which keeps the high one; 4 bytes further lies the high word as it is, 8 bytes further the kept one."""
_BYTES = 12
_SPELLINGS = tuple(str(number) for word in range(0, _BYTES, 4) for number in (LOW + word, LOW + word - (1 << 32)))
_LOAD = re.compile(
    r"^(\s+%\S+ = )load (?:atomic )?(volatile )?i32, ptr (.+?)(?: acquire)?, align \d+(?:.*?(, !dbg !\d+))?.*$",
    re.MULTILINE,
)
"""A volatile load acquires: another processor's store may be what it waits for (flags.py)."""
_FUNCTION = f"""
declare i32 @tthal_wall_clock(i32, i32)
define internal i32 @card.load(ptr %word, i32 %place) alwaysinline nounwind {{
  %address = ptrtoint ptr %word to i32
  %offset = sub i32 %address, {LOW - (1 << 32)}
  %is_clock = icmp ult i32 %offset, {_BYTES}
  br i1 %is_clock, label %clock, label %memory
clock:
  %time = call i32 @tthal_wall_clock(i32 %offset, i32 %place)
  ret i32 %time
memory:
  %found = load atomic volatile i32, ptr %word acquire, align 4
  ret i32 %found
}}
"""


def with_clock_registers(module: str) -> str:
    """Return a module of unoptimised LLVM IR whose loads of the wall clock's registers answer."""
    if not any(spelling in module for spelling in _SPELLINGS):
        return module

    def asking(found: re.Match[str]) -> str:
        result, volatile, pointer, place = found.groups()
        if not volatile and not any(spelling in pointer for spelling in _SPELLINGS):
            return found[0]
        return f"{result}call i32 @card.load(ptr {pointer}, i32 {UNNUMBERED}){place or ''}"

    return _LOAD.sub(asking, module) + _FUNCTION
