"""What launches cost: every part of a program adds its own figure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tthal_time.constants import CHIPS, Chip
from tthal_time.launch_cost import LaunchContent, launch_nanoseconds

CHIP_IDS = [chip.name for chip in CHIPS.values()]
PLAIN = LaunchContent()


@pytest.mark.parametrize("chip", CHIPS.values(), ids=CHIP_IDS)
def test_an_empty_program_costs_a_launch(chip: Chip) -> None:
    assert launch_nanoseconds(chip, PLAIN) == chip.launch.value


@pytest.mark.parametrize("chip", CHIPS.values(), ids=CHIP_IDS)
def test_parts_add_up(chip: Chip) -> None:
    content = LaunchContent(cores=10, computes=True, kernel_bytes=1000, configures=True, groups=3, words=5)
    own = 10 * (chip.launch_arguments.value + 5 * chip.launch_word.value)
    parts = 1000 * chip.launch_byte.value + chip.launch_compute.value + chip.launch_configuration.value
    expected = chip.launch.value + parts + own + 2 * chip.launch_group.value
    assert launch_nanoseconds(chip, content) == pytest.approx(expected)
    assert launch_nanoseconds(chip, replace(content, words=0)) == pytest.approx(expected - own)
