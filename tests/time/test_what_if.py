"""What-ifs against really running the changed program: the same cycles, to the last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from timed_programs import copy, product

import tthal as ttnn
from tthal.errors import InvalidArgument
from tthal.types import Arch
from tthal_time import constants, session
from tthal_time.constants import Chip, Figure
from tthal_time.profile import Profile
from tthal_time.what_if import parse

TIMED = {Arch.WORMHOLE_B0: "emulator:n150?time=on", Arch.BLACKHOLE: "emulator:p150?time=on"}


def asked(profiles: list[Profile], question: str, run: Callable[[], None], changed: Callable[[], None]) -> None:
    """Ask of one run, carry out another, compare; the answer is not that nothing changes."""
    session.wishes.what_ifs = [parse(question)]
    run()
    session.wishes.what_ifs = ()
    changed()
    before, after = profiles
    then = before.what_ifs[question]
    assert then.cycles == after.cycles
    assert then.cycles != before.cycles
    assert then.nanoseconds == after.nanoseconds


@pytest.mark.parametrize("arch", TIMED)
def test_a_deeper_buffer(profiles: list[Profile], arch: Arch) -> None:
    asked(profiles, "cb=0:12", lambda: copy(TIMED[arch]), lambda: copy(TIMED[arch], depth=12))


def test_the_other_noc(profiles: list[Profile]) -> None:
    """Bank and core lie where both directions differ."""
    timed = TIMED[Arch.WORMHOLE_B0]
    session.wishes.what_ifs = [parse("noc.swap")]
    copy(timed)
    session.wishes.what_ifs = ()
    copy(timed, swapped=True)
    before, after = profiles
    assert before.what_ifs["noc.swap"].cycles == after.cycles
    assert (before.links[0] == after.links[1]).all() == (before.links[0] == before.links[1]).all()
    assert before.what_ifs["noc.swap"].links.tolist() == after.links.tolist()
    assert before.links.tolist() != after.links.tolist()


def test_another_fidelity(profiles: list[Profile]) -> None:
    timed, fidelity = TIMED[Arch.WORMHOLE_B0], ttnn.MathFidelity
    asked(profiles, "fidelity=LoFi", lambda: product(timed, fidelity.HiFi4), lambda: product(timed, fidelity.LoFi))


def changed_chip(monkeypatch: pytest.MonkeyPatch, **values: float) -> None:
    chip = constants.CHIPS[Arch.WORMHOLE_B0]
    figures = {name: Figure(value, "", "changed by a test") for name, value in values.items()}
    other: Chip = replace(chip, **figures)
    monkeypatch.setitem(constants.CHIPS, Arch.WORMHOLE_B0, other)  # type: ignore[arg-type]


def test_a_faster_clock(profiles: list[Profile], monkeypatch: pytest.MonkeyPatch) -> None:
    """What DRAM carries in a second stays: twice the cycles for the same bytes."""
    timed, chip = TIMED[Arch.WORMHOLE_B0], constants.CHIPS[Arch.WORMHOLE_B0]
    slower = {name: getattr(chip, name).value / 2 for name in ("dram_rate", "dram_mixed_rate")}
    longer = ("dram_read_latency", "dram_write_latency", "dram_turning", "dram_read_interval", "dram_write_interval")
    more = {name: getattr(chip, name).value * 2 for name in (*longer, "dram_small_write_interval")}

    def changed() -> None:
        changed_chip(monkeypatch, clock=chip.clock.value * 2, **slower, **more)
        copy(timed)

    asked(profiles, f"clock={chip.clock.value * 2:g}", lambda: copy(timed), changed)


def test_a_faster_dram(profiles: list[Profile], monkeypatch: pytest.MonkeyPatch) -> None:
    timed, chip = TIMED[Arch.WORMHOLE_B0], constants.CHIPS[Arch.WORMHOLE_B0]
    names = ("dram_turning", "dram_read_interval", "dram_write_interval", "dram_small_write_interval")
    factor = 2
    whole = chip.dram_rate.value * 12 * chip.clock.value / 1e3

    def changed() -> None:
        rates = {name: getattr(chip, name).value * factor for name in ("dram_rate", "dram_mixed_rate")}
        changed_chip(monkeypatch, **rates, **{name: getattr(chip, name).value / factor for name in names})
        copy(timed)

    asked(profiles, f"dram={whole * factor!r}", lambda: copy(timed), changed)


def test_a_buffer_that_is_too_small_never_ends(profiles: list[Profile]) -> None:
    session.wishes.what_ifs = [parse("cb=0:3")]
    copy(TIMED[Arch.WORMHOLE_B0])
    (profile,) = profiles
    assert any("wait for what the model never sees" in note for note in profile.what_ifs["cb=0:3"].notes)


@pytest.mark.parametrize(
    "text", ["", "cb", "cb=1", "cb=64:2", "cb=0:0", "cb=a:b", "noc", "clock=0", "clock=fast", "dram=inf", "fidelity=Hi"]
)
def test_questions_that_are_none_say_what_can_be_asked(text: str) -> None:
    with pytest.raises(InvalidArgument, match=r"noc\.swap"):
        parse(text)
