"""Where circular buffers go in L1: the vendor's rule, in creation order (host-api.md §4)."""

from __future__ import annotations

from collections.abc import Sequence

from tthal.coordinates import CoreRange, CoreRangeSet
from tthal.device_interface import CircularBufferImage, CircularBufferState
from tthal.errors import PlacementError
from tthal_emulator.board.machine import L1_PAGE_ALIGNMENT, Machine, align_up
from tthal_emulator.board.pages import bank_extent

MAX_PAGES = 65_535
"""The counters of a circular buffer have 16 bits."""


class CircularBufferRegions:
    """The addresses of a program's circular buffers, and how far they reach.

    Attributes:
        addresses: per circular buffer.
        ends: per core range that some local circular buffer was created on, the end of what is placed there.

    Raises:
        PlacementError: sizes do not fit together, or buffers would overlap.
    """

    def __init__(
        self, images: Sequence[CircularBufferImage], states: Sequence[CircularBufferState], machine: Machine
    ) -> None:
        self._machine = machine
        for image, state in zip(images, states, strict=True):
            _check_sizes(image, state)
        merged = [image.core_ranges.merge_ranges() for image in images]
        self.ends: dict[CoreRange, int] = {}
        for ranges in merged:
            for core_range in ranges.ranges:
                self.ends.setdefault(core_range, machine.l1_base)
        self.addresses: tuple[int, ...] = tuple(
            self._place(ranges, state) if state.allocation is None else self._dynamic_address(state)
            for ranges, state in zip(merged, states, strict=True)
        )
        self._check_overlaps(merged, states)

    def check_l1(self, lowest_l1_address: int | None) -> None:
        """Compare with the size of L1 and with the L1 buffers that exist now.

        Raises:
            PlacementError: the circular buffers reach past the end of L1, or into a buffer.
        """
        size = self._machine.chip.l1_size
        for core_range, end in self.ends.items():
            if end > size:
                raise PlacementError(
                    f"Statically allocated circular buffers on core range {core_range} grow to {end} B which is "
                    f"beyond max L1 size of {size} B; make them smaller or hold fewer pages"
                )
            if lowest_l1_address is not None and lowest_l1_address < end:
                raise PlacementError(
                    f"Statically allocated circular buffers clash with L1 buffers on core range {core_range}. L1 "
                    f"buffer allocated at {lowest_l1_address} and static circular buffer region ends at {end}; free "
                    f"L1 buffers or make the circular buffers smaller"
                )

    def _place(self, ranges: CoreRangeSet, state: CircularBufferState) -> int:
        """Put a buffer behind what its own ranges hold, at one address on all of them."""
        start = max((self.ends[core_range] for core_range in ranges.ranges), default=self._machine.l1_base)
        address = align_up(start, self._machine.granule)
        end = address + state.total_size
        for core_range in ranges.ranges:
            for other, other_end in self.ends.items():
                # The vendor skips a neighbouring range whose own buffers already reach further.
                if other == core_range or (other.intersects(core_range) and address >= other_end):
                    self.ends[other] = max(other_end, end)
        return address

    def _dynamic_address(self, state: CircularBufferState) -> int:
        allocation = state.allocation
        if allocation is None:
            return 0
        spec = allocation.spec
        if not spec.buffer_type.is_l1:
            raise PlacementError(
                f"Only L1 buffers can have an associated circular buffer! This one is in {spec.buffer_type.name}"
            )
        if state.address_offset < 0 or state.address_offset % L1_PAGE_ALIGNMENT:
            raise PlacementError(
                f"circular buffer address offset {state.address_offset} must be a multiple of {L1_PAGE_ALIGNMENT} B"
            )
        room = bank_extent(spec, self._machine) - state.address_offset
        if state.total_size > room:
            raise PlacementError(
                f"Cannot set circular buffer size to {state.total_size}. This is larger than the associated "
                f"dynamically allocated L1 buffer bank size of {room} B"
            )
        address = allocation.address + state.address_offset
        if address + state.total_size > self._machine.chip.l1_size:
            raise PlacementError(
                f"the circular buffer in the L1 buffer at {allocation.address} ends at {address + state.total_size}, "
                f"past the {self._machine.chip.l1_size} B of L1; give the buffer a lower address"
            )
        return address

    def _check_overlaps(self, ranges: Sequence[CoreRangeSet], states: Sequence[CircularBufferState]) -> None:
        """Refuse what the vendor's rule places on top of each other when ranges overlap without being equal."""
        local = [index for index, state in enumerate(states) if state.allocation is None and state.total_size]
        for position, second in enumerate(local):
            for first in local[:position]:
                start, end = self.addresses[second], self.addresses[second] + states[second].total_size
                apart = start >= self.addresses[first] + states[first].total_size or end <= self.addresses[first]
                if not apart and ranges[first].intersects(ranges[second]):
                    raise PlacementError(
                        f"circular buffers {first} on {ranges[first]} and {second} on {ranges[second]} would overlap "
                        f"at address {start}, on a card without any warning; create the one with more cores first"
                    )


def _check_sizes(image: CircularBufferImage, state: CircularBufferState) -> None:
    page_sizes = dict(state.page_sizes)
    if state.total_size < 0:
        raise PlacementError(f"circular buffer size {state.total_size} B is negative")
    for entry in image.formats:
        page_size = page_sizes.get(entry.index, 0)
        if page_size <= 0:
            raise PlacementError(
                f"Expected both data format and page size to be set for buffer index {entry.index}; call "
                f"set_page_size({entry.index}, bytes)"
            )
        if state.total_size % page_size:
            raise PlacementError(
                f"Total circular buffer size {state.total_size} B must be divisible by page size {page_size} B "
                f"(buffer index {entry.index})"
            )
        if state.total_size // page_size > MAX_PAGES:
            raise PlacementError(
                f"the number of CB pages {state.total_size // page_size} of buffer index {entry.index} is greater "
                f"than {MAX_PAGES}. It would cause wraparound; use larger pages or a smaller circular buffer"
            )
