"""What an architecture does otherwise than another, as far as checks must know it."""

from __future__ import annotations

from dataclasses import dataclass

from tthal.types import Arch


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one architecture.

    Attributes:
        multicasts_overtake: a multicast of a flag may arrive before one of data that was issued first.
            Blackhole: tt-metal#48481 and the order of its NoC's virtual channels.
        flushes_early: what a flush waits for (NIU_MST_NONPOSTED_WR_REQ_SENT and its posted sibling) is counted before
            the data have been read from L1; only NIU_MST_WRITE_REQS_OUTGOING_ID and acknowledgements come after it.
            Wormhole: tt-isa-documentation, WormholeB0/NoC/Counters.md, "Write requests with NOC_CMD_WR_INLINE=false".
        zeros: where the firmware keeps 512 bytes of zeros for kernels to read (MEM_ZEROS_BASE; host-api.md §3).
    """

    multicasts_overtake: bool
    flushes_early: bool
    zeros: int


RULES = {
    Arch.WORMHOLE_B0: Rules(multicasts_overtake=False, flushes_early=True, zeros=13_344),
    Arch.BLACKHOLE: Rules(multicasts_overtake=True, flushes_early=False, zeros=13_536),
}
