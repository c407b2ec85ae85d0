"""What the tables of constants are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .math_unit import MathCost


@dataclass(frozen=True, slots=True)
class Figure:
    """One constant of a chip.

    Attributes:
        value: in ``unit``.
        unit: cycles are those of the chip's clock.
        source: where it is measured or documented, and how it follows from there.
    """

    value: float
    unit: str
    source: str


@dataclass(frozen=True, slots=True)
class Chip:
    """The constants of one chip.

    Attributes:
        columns, rows: NoC 0 coordinates of the workers' columns and rows where none is harvested that need not be;
            which ones a card has lost differs from card to card.
        grid: columns and rows of the two tori.
        math: what MATH takes for a call; unpack: UNPACK's cycles by operation where they do not follow from its bytes.
        dram_ports: NoC 0 coordinates of every DRAM channel's ports.
    """

    name: str
    grid: tuple[int, int]
    columns: tuple[int, ...]
    rows: tuple[int, ...]
    dram_ports: tuple[tuple[tuple[int, int], ...], ...]
    clock: Figure
    flit: Figure
    packet: Figure
    hop: Figure
    niu: Figure
    write_rate: Figure
    read_rate: Figure
    router_room: Figure
    path_base: Figure
    path_hop: Figure
    path_inside: Figure
    path_outside: Figure
    linked_gap: Figure
    response: Figure
    write_issue: Figure
    write_issue_stateful: Figure
    read_issue: Figure
    read_issue_stateful: Figure
    new_address: Figure
    next_address: Figure
    page_address: Figure
    new_state: Figure
    write_barrier: Figure
    read_barrier: Figure
    zone: Figure
    dram_rate: Figure
    dram_mixed_rate: Figure
    dram_turning: Figure
    dram_read_latency: Figure
    dram_write_latency: Figure
    dram_read_interval: Figure
    dram_write_interval: Figure
    dram_small_write: Figure
    dram_small_write_interval: Figure
    buffer_call: Figure
    semaphore_call: Figure
    semaphore_wait: Figure
    instruction: Figure
    l1_load: Figure
    l1_store: Figure
    division: Figure
    copy_alike: Figure
    copy_shifted: Figure
    issue_loop: Figure
    unpack_rate: Figure
    unpack_both_rate: Figure
    unpack_call: Figure
    pack_rate: Figure
    pack_add_rate: Figure
    pack_untilize_rate: Figure
    pack_call: Figure
    pack_section: Figure
    math_call: Figure
    section_call: Figure
    unpack_set_up: Figure
    tilize_set_up: Figure
    math_set_up: Figure
    vector_set_up: Figure
    vector_call: Figure
    startup: Figure
    unpack_format: Figure
    pack_format: Figure
    start: Figure
    launch: Figure
    launch_byte: Figure
    launch_compute: Figure
    launch_configuration: Figure
    launch_arguments: Figure
    launch_word: Figure
    launch_group: Figure
    math: tuple[MathCost, ...]
    unpack: Mapping[int, float]

    def figures(self) -> dict[str, Figure]:
        """Every constant by its name."""
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: figure for name, figure in found.items() if isinstance(figure, Figure)}
