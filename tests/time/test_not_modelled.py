"""What the model has no figure for is named with its share of the time; and questions about what is not there."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner
from timed_programs import COMPUTE

import tthal as ttnn
from tthal.cli.root import tthal as command_line
from tthal_time import session, settings
from tthal_time.constants.vector_unit import SFPI, UNKNOWN, VECTOR_FUNCTIONS
from tthal_time.profile import Cause, Profile
from tthal_time.stored import load, save

PAGE = 2048
INCLUDES = """#include "sfpi.h"
#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/gelu.h"
"""
OWN_CODE = """
#ifdef TRISC_MATH
    for (int i = 0; i < 32; i++) { sfpi::dst_reg[0] = sfpi::dst_reg[0] * 3.0f; sfpi::dst_reg++; }
#endif
"""
SCRIPT = """import sys
sys.path.insert(0, {folder!r})
from test_not_modelled import launch
launch("emulator:n150", "log_tile_init(); log_tile(0);")
"""


def launch(backend: str, *calls: str) -> None:
    """Run one compute kernel per text."""
    with ttnn.open_device(0, backend=backend) as device:
        for text in calls:
            program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
            for buffer in (0, 16):
                ring = ttnn.CircularBufferConfig(PAGE, {buffer: ttnn.DataFormat.Float16_b}).set_page_size(buffer, PAGE)
                ttnn.CreateCircularBuffer(program, core, ring)
            source = INCLUDES + COMPUTE.replace("CALLS", text)
            ttnn.CreateKernelFromString(program, source, core, ttnn.ComputeConfig())
            ttnn.EnqueueProgram(device.command_queue(), program, True)


def test_functions_and_code_of_ones_own_are_named(profiles: list[Profile], tmp_path: Path) -> None:
    launch("emulator:n150?time=on", "log_tile_init(); log_tile(0); log_tile(0);", OWN_CODE)
    named, own = profiles
    (log,), (sfpi,) = named.not_modelled, own.not_modelled
    assert (log.name, log.calls, sfpi.name, sfpi.calls) == ("log_tile", 2, SFPI, 32)
    assert log.share == pytest.approx(2 * UNKNOWN / named.cycles)
    assert UNKNOWN < sfpi.share * own.cycles < 2 * UNKNOWN
    save(profiles, tmp_path / "profile.json")
    assert [profile.not_modelled for profile in load(tmp_path / "profile.json")] == [(log,), (sfpi,)]


def test_outputs_name_it_with_its_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(settings.TIME_VARIABLE, "off")
    session.profiles.clear()
    script, page, log = tmp_path / "script.py", tmp_path / "page.html", tmp_path / "csv"
    script.write_text(SCRIPT.format(folder=str(Path(__file__).parent)))
    found = CliRunner().invoke(command_line, ["profile", "--html", str(page), "--csv", str(log), str(script)])
    assert found.exit_code == 0, found.output
    (function,) = session.profiles[0].not_modelled
    said = f"log_tile: not modelled, {function.share:.1%} of the time"
    assert said in found.output
    assert said in page.read_text()
    with (log / "ops_perf_results.csv").open(newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert row["ATTRIBUTES"] == f"{{'not modelled log_tile': '{function.share:.1%} in 1 calls'}}"
    question = CliRunner().invoke(command_line, ["profile", "--what-if", "cb=3:8", str(script)])
    session.wishes.what_ifs = ()
    assert question.exit_code not in (0, 3)
    assert "circular buffer 3; there are 0, 16" in question.output + str(question.exception)


def test_instructions_of_compute_kernels_take_time(profiles: list[Profile]) -> None:
    """All three processors run them, and beside an engine's work they do not show."""
    loop = "for (volatile uint32_t i = 0; i < ROUNDS; i = i + 1) {}"
    launch(
        "emulator:n150?time=on",
        "",
        loop.replace("ROUNDS", "100"),
        loop.replace("ROUNDS", "300"),
        "relu_tile(0);",
        "relu_tile(0); " + loop.replace("ROUNDS", "10"),
    )
    spent = [
        {item.thread.engine: item.spent[Cause.OWN] for item in profile.threads if item.thread.engine}
        for profile in profiles
    ]
    for engine in ("UNPACK", "MATH", "PACK"):
        few, many = (spent[place][engine] - spent[0].get(engine, 0.0) for place in (1, 2))
        assert 300 <= few <= 1000
        assert many == pytest.approx(3 * few, rel=0.1)
    assert spent[4]["MATH"] == spent[3]["MATH"]
    assert spent[4]["PACK"] > spent[3].get("PACK", 0.0)


def test_approximate_modes_take_their_own_time(profiles: list[Profile]) -> None:
    """gelu_tile is approximate unless it is told not to be, exp_tile the other way round."""
    calls = (
        "gelu_tile_init(); gelu_tile(0);",
        "gelu_tile_init<false>(); gelu_tile<false>(0);",
        "exp_tile_init<true>(); exp_tile<true>(0);",
        "exp_tile_init(); exp_tile(0);",
        "log_tile_init<true>(); log_tile<true>(0);",
    )
    launch("emulator:n150?time=on", *calls)
    math = [next(item for item in found.threads if item.thread.engine == "MATH") for found in profiles]
    took = [item.spent[Cause.COMPUTE] for item in math]
    wanted = [VECTOR_FUNCTIONS[name][0] for name in ("gelu_tile~", "gelu_tile", "exp_tile~", "exp_tile")] + [UNKNOWN]
    assert [cycles - took[0] for cycles in took] == pytest.approx([cycles - wanted[0] for cycles in wanted])
