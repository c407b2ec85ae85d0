"""A solver, a small chip whose figures are easy to reckon with, and programs to profile (``timed_programs.py``)."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import tthal as ttnn
from tthal_time import session
from tthal_time.constants import WORMHOLE_B0, Chip, Figure
from tthal_time.html import write_page
from tthal_time.npe import NpeFile
from tthal_time.perfetto import TraceFile
from tthal_time.profile import Profile
from tthal_time.solver import Solver
from tthal_time.stored import save
from tthal_time.vendor_log import VendorLog

sys.path.append(str(Path(__file__).resolve().parent))
from timed_programs import copy


@pytest.fixture(scope="session")
def solver() -> Iterator[Solver]:
    """Built by a device that is closed again: solving needs none."""
    found = Solver()
    with ttnn.open_device(0, backend="emulator:n150") as device:
        device.observe(found)
    return found


@pytest.fixture
def profiles() -> Iterator[list[Profile]]:
    """The profiles of a test, in which nothing else is asked."""
    session.profiles.clear()
    yield session.profiles
    session.profiles.clear()
    session.wishes.what_ifs = ()


@pytest.fixture
def chip() -> Chip:
    """10 cycles a hop, 32 bytes per cycle, interfaces and answers that cost nothing."""
    figures = {
        "hop": 10, "niu": 0, "write_rate": 32, "read_rate": 32, "router_room": 2, "response": 0, "path_base": 7,
        "path_hop": 16, "path_inside": 9, "path_outside": 8, "linked_gap": 5,
        "dram_rate": 16, "dram_mixed_rate": 8, "dram_turning": 100,
        "dram_read_latency": 100, "dram_write_latency": 50, "dram_read_interval": 8,
        "dram_write_interval": 8, "dram_small_write": 0,
    }  # fmt: skip
    return replace(WORMHOLE_B0, **{name: Figure(value, "", "made up") for name, value in figures.items()})


@pytest.fixture(scope="module")
def outputs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with all of them, of two launches."""
    folder = tmp_path_factory.mktemp("outputs")
    session.profiles.clear()
    with TraceFile(folder / "trace.json") as trace:
        session.wishes.timelines += [trace.add, VendorLog(folder / "logs").add, NpeFile(folder / "npe.json").add]
        copy("emulator:n150?time=on")
        copy("emulator:n150?time=on", depth=12)
        session.wishes.timelines.clear()
    save(session.profiles, folder / "profile.json")
    write_page(session.profiles, folder / "page.html")
    yield folder
    session.profiles.clear()
