"""A hostile text is prepared as quickly as any other of its length."""

from __future__ import annotations

import pytest

from tthal.device_interface import KernelContent
from tthal_emulator.program.source.kernel_text import prepared


@pytest.mark.parametrize(
    "piece",
    ["/*", "asm", "asm ", "asm(", 'asm("', 'asm("nop":', 'asm("nop"', "template<", "TT_KERNEL void a(", "PACK(",
     "mailbox_read ", "TT_KERNEL void a(" + " " * 50, "template<> "],
)  # fmt: skip
def test_what_looks_ahead_in_vain_ends(piece: str) -> None:
    """From every place to the end of the text, this would take hours."""
    text = "asm mailbox_ TT_KERNEL " + piece * (400_000 // len(piece))
    assert prepared(KernelContent("hostile", text, (), "hostile"), ()).name == "hostile"
