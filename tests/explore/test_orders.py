"""Orders of events on the emulator: the same one again by its decisions, others by strategies, what they show."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import tthal as ttnn
from tthal.errors import SelectionError
from tthal.selection import Selection
from tthal_conformance.racebench.pair import Variant, pairs
from tthal_conformance.racebench.run import Bytes, observe
from tthal_emulator.execution.compiled.order import Order, text_of
from tthal_explore.commands import explore_command

FAULTY, FIXED = Variant.FAULTY, Variant.FIXED


def result(pair: str, variant: Variant, **options: str) -> Bytes:
    chosen = {"check": "off"} | options
    return observe(pairs()[pair], variant, Selection("emulator", "", tuple(chosen.items()))).result


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(
        "import sys\nfrom tthal_conformance.racebench.__main__ import main\n"
        "from tthal_conformance.racebench.pair import Variant\nsys.exit(main(sys.argv[1], Variant(sys.argv[2])))\n"
    )
    return path


# ---- the option


def test_an_order_is_read_and_written() -> None:
    order = Order.read("a40.77,s12,p13.2")
    assert text_of(order.script) == "s12,p13.2,a40.77"
    assert Order.read("random").by_seed(0) == Order()
    assert Order.read("default").script == ()


def test_pct_falls_at_as_many_steps_as_its_depth_says() -> None:
    order = Order.read("pct:4:50").by_seed(3)
    assert len(order.falls) == 3
    assert list(order.falls) == sorted(order.falls)
    assert order.falls[-1] < 50
    assert order.falls == Order.read("pct:4:50").by_seed(3).falls


@pytest.mark.parametrize("text", ["s", "x12", "s1;s2", "pct:2", "s1,"])
def test_what_is_no_order_is_refused(text: str) -> None:
    with pytest.raises(SelectionError, match="order"), ttnn.open_device(0, backend=f"emulator?order={text}"):
        pass


# ---- what an order does


def logged(pair: str, variant: Variant, log: Path, **options: str) -> tuple[Bytes, dict[str, object]]:
    log.unlink(missing_ok=True)
    found = result(pair, variant, order_log=str(log), **options)
    return found, json.loads(log.read_text().splitlines()[-1])


def test_decisions_repeat_an_order(tmp_path: Path) -> None:
    """Twelve random orders of a racy program, each again by its decisions: the same bytes, the same events."""
    found = set()
    for seed in range(1, 13):
        first, order = logged("semaphore_reset/after_credit", FAULTY, tmp_path / "log", seed=str(seed))
        again, repeated = logged(
            "semaphore_reset/after_credit", FAULTY, tmp_path / "log", order=str(order["order"]) or "default"
        )
        assert again is first
        assert repeated["digest"] == order["digest"]
        assert repeated["order"] == order["order"]
        found.add(first)
    assert len(found) == 2, "some orders hang, others do not"


def test_nothing_is_counted_unless_orders_are_explored(tmp_path: Path) -> None:
    _, default = logged("processor_race/scratch", FIXED, tmp_path / "log")
    assert (default["steps"], default["order"]) == (0, "")
    _, counted = logged("processor_race/scratch", FIXED, tmp_path / "log", order="default")
    assert counted["steps"] > 0
    assert counted["order"] == ""


@pytest.mark.parametrize("switch_at", ["calls", "loads"])
@pytest.mark.parametrize("pair", ["processor_race/counter", "core_race/ready", "multicast_order/flag"])
def test_an_order_is_the_same_whoever_looks(pair: str, switch_at: str, tmp_path: Path) -> None:
    """What the checks observe are no steps of their own, so that decisions mean the same with them and without."""
    orders = [
        logged(pair, FIXED, tmp_path / "log", check=check, seed="5", switch_at=switch_at)[1]
        for check in ("off", "default", "full")
    ]
    assert orders[0]["order"]
    assert orders[1:] == [orders[0]] * 2


def test_a_flag_overtakes_its_payload_where_the_chip_lets_it() -> None:
    seeds = [str(seed) for seed in range(1, 25)]
    assert any(result("multicast_order/flag", FAULTY, seed=seed) is Bytes.WRONG for seed in seeds)
    assert all(result("multicast_order/flag", FIXED, seed=seed) is Bytes.RIGHT for seed in seeds[:4])


@pytest.mark.parametrize("pair", ["processor_race/scratch", "core_race/ready", "dram_race/unannounced"])
@pytest.mark.parametrize("order", ["random", "pct:2:40"])
def test_strategies_show_races(pair: str, order: str) -> None:
    seeds = [str(seed) for seed in range(1, 17)]
    for wanted in (Bytes.RIGHT, Bytes.WRONG):
        assert any(result(pair, FAULTY, seed=seed, order=order) is wanted for seed in seeds)
    assert all(result(pair, FIXED, seed=seed, order=order) is Bytes.RIGHT for seed in seeds[:3])


def test_loads_and_stores_may_be_switched_at() -> None:
    """Two processors count up one word: no call of theirs lies between a load and its store."""
    seeds = [str(seed) for seed in range(1, 9)]
    assert all(result("processor_race/counter", FAULTY, seed=seed) is Bytes.RIGHT for seed in seeds[:3])
    options = {"switch_at": "loads"}
    assert any(result("processor_race/counter", FAULTY, seed=seed, **options) is Bytes.WRONG for seed in seeds)
    assert all(result("processor_race/counter", FIXED, seed=seed, **options) is Bytes.RIGHT for seed in seeds[:3])


# ---- the command


@pytest.mark.slow
def test_the_smallest_schedule_is_printed_and_fails_like_the_first(script: Path) -> None:
    words = ["--seeds", "4", "--backend", "emulator?check=off", str(script), "core_race/ready", "faulty"]
    told = CliRunner().invoke(explore_command, words)
    assert told.exit_code == 1, told.output
    assert "different orders" in told.output
    repeat = next(line for line in told.output.splitlines() if "repeat: " in line)
    order = repeat.split("emulator?check=off&order=")[1].split("'")[0]
    assert len(order.split(",")) <= 3
    assert result("core_race/ready", FAULTY, order=order) is Bytes.WRONG


@pytest.mark.slow
def test_small_programs_are_explored_systematically(script: Path) -> None:
    words = [
        "--strategy",
        "systematic",
        "--depth",
        "1",
        "--seeds",
        "90",
        "--no-shrink",
        "--backend",
        "emulator?check=off",
    ]
    told = CliRunner().invoke(explore_command, [*words, str(script), "processor_race/scratch", "faulty"])
    assert "orders with up to 1 decision: all of them; a race may need more, which --depth 2 tries" in told.output, (
        told.output
    )
    assert "repeat: tthal run --backend 'emulator?check=off&order=" in told.output


@pytest.mark.slow
def test_a_race_comes_with_its_witness(script: Path) -> None:
    words = [
        "--races",
        "--seeds",
        "8",
        "--backend",
        "emulator?check=off",
        str(script),
        "dram_race/unannounced",
        "faulty",
    ]
    told = CliRunner().invoke(explore_command, words)
    assert told.exit_code == 1
    assert "1 finding of check=full, 1 with a witness" in told.output, told.output
    witness = next(line for line in told.output.splitlines() if "witness: " in line)
    options = dict(item.split("=", 1) for item in witness.split("'emulator?")[1].split("'")[0].split("&"))
    assert options["check"] == "off"
    assert "order" in options
    assert result("dram_race/unannounced", FAULTY, **options) is Bytes.WRONG
