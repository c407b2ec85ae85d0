"""What the conformance suite should know: a card is expected to pass everything, what stands in for one is not."""

from __future__ import annotations

from tthal_metal.settings import Target, target

# wolfpine 2.2 with libtt_metal 0.81.1; each was looked into, and passes or is in use on cards.
_SIMULATOR_FAILURES = {
    "compute.l1_accumulate": "the simulator's packer does not know accumulation in L1",
    "compute.relu": "the simulator's packer does not know ReLU",
    "noc.inline_write": "the simulator takes an inline write's word from memory and its target from the write before",
    "noc.multicast": "the simulator waits for the sender's own answer when it lies in the rectangle it writes to",
}

_MOCK_FAILURES = {"buffer.bank_layout": "the mock device keeps no data"}


def profile() -> dict[str, object]:
    """Return the profile of what would be opened now."""
    if target() is Target.SIMULATOR:
        # Every process starts a simulator of its own: nothing is shared, but each takes a CPU.
        return {"parallel": True, "expected_failures": _SIMULATOR_FAILURES}
    if target() is Target.MOCK:
        return {"parallel": True, "expected_failures": _MOCK_FAILURES}
    return {"parallel": False, "expected_failures": {}}
