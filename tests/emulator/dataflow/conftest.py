"""Runs the body of a data-movement kernel on one core and returns what it wrote down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import tthal as ttnn

CORE, OTHER = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(2, 1)
A, B, OUT = 0x40000, 0x41000, 0x42000
HEAD = f"""
#include "dataflow_api.h"
constexpr uint32_t A = {A}, B = {B}, OUT = {OUT};
volatile uint32_t& word(uint32_t address) {{ return *reinterpret_cast<volatile uint32_t*>(address); }}
void note(uint32_t value) {{ static uint32_t next = OUT; word(next) = value; next += 4; }}
"""


def virtual(device: ttnn.Device, core: ttnn.CoreCoord) -> tuple[int, int]:
    """Return the coordinate by which kernels name a core."""
    grid = device.properties.compute_grid
    return device.properties.worker_virtual[core.y * grid.x + core.x]


def words_at(device: ttnn.Device, core: ttnn.CoreCoord, address: int, count: int) -> list[int]:
    """Return words of a core's L1."""
    return np.asarray(ttnn.ReadFromDeviceL1(device, core, address, 4 * count)).view(np.uint32).tolist()


@pytest.fixture
def head() -> str:
    """What every kernel of these tests begins with: the addresses A, B, OUT, word() and note()."""
    return HEAD


@pytest.fixture
def l1(device: ttnn.Device) -> Callable[[ttnn.CoreCoord, int, int], list[int]]:
    """Return words of a core's L1."""
    return lambda core, address, count: words_at(device, core, address, count)


@pytest.fixture
def check(device: ttnn.Device, run, make_program) -> Callable[..., list[int]]:
    """Run a kernel body that knows the other core's coordinate as X, Y; return words of OUT.

    A holds 100, 101, …; B and OUT are zero, on both cores.
    """

    def launch(body: str, words: int = 4, *, before: str = "", **options: object) -> list[int]:
        for core in (CORE, OTHER):
            ttnn.WriteToDeviceL1(device, core, A, np.arange(100, 1124, dtype=np.uint32))
            ttnn.WriteToDeviceL1(device, core, B, np.zeros(1024, np.uint32))
            ttnn.WriteToDeviceL1(device, core, OUT, np.zeros(256, np.uint32))
        x, y = virtual(device, OTHER)
        source = f"{HEAD} constexpr uint32_t X = {x}, Y = {y};\n{before}\nvoid kernel_main() {{ {body} }}"
        run(make_program(source, **options))
        return words_at(device, CORE, OUT, words)

    return launch
