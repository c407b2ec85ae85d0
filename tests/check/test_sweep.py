"""The sweep for false alarms sees what goes wrong: otherwise its silence would say nothing."""

from __future__ import annotations

import io
import json
import sys
import time
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))
from sweep import FAMILIES, Orders, Unit, script, sweep


def test_every_device_gets_the_checks_and_the_seed() -> None:
    orders = Orders()
    orders.seed = 5
    chosen = orders.choose("emulator:p150?seed=7&numerics=fast&check=off").selection
    assert str(chosen) == "emulator:p150?numerics=fast&check=full&warnings=error&seed=5"
    assert orders.opened == 1
    assert str(orders.choose("replay:x.tttrace").selection) == "replay:x.tttrace"


@pytest.mark.parametrize("ending", ["raise ValueError('wrong bytes')", "import sys; sys.exit(3)", "assert 1 == 2"])
def test_a_script_that_goes_wrong_is_told(tmp_path: Path, ending: str) -> None:
    path = tmp_path / "program.py"
    path.write_text(f"print('half')\n{ending}\n")
    assert "half" in script(path).run()
    path.write_text("print('half')\n")
    assert script(path).run() == ""


def test_a_sweep_goes_seed_by_seed_and_leaves_out_what_is_known() -> None:
    def fails() -> str:
        raise ValueError("late")

    journal, orders = io.StringIO(), Orders()
    units = [Unit("right", lambda: ""), Unit("wrong", fails)]
    found = [
        (seed, unit.name, wrong)
        for seed, unit, wrong, _ in sweep(units, range(2), orders, journal, {(0, "wrong")}, time.monotonic() + 60)
    ]
    assert found == [(0, "right", ""), (1, "right", ""), (1, "wrong", "ValueError: late")]
    assert [json.loads(line)["unit"] for line in journal.getvalue().splitlines()] == ["right", "right", "wrong"]
    assert list(sweep(units, range(2), orders, None, set(), time.monotonic() - 1)) == []


def test_families_have_programs() -> None:
    for name in ("examples", "clients", "conformance", "ladder", "programs"):
        assert FAMILIES[name](), name
