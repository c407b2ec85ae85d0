"""A table of options: its help, its parser, its errors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import pytest

from tthal.device_interface import DEVICE_OPTIONS
from tthal.errors import SelectionError
from tthal.kit.options import (
    DeviceOptions,
    choice,
    computed_option,
    help_of,
    integer,
    number,
    one_of,
    option,
    path,
    read,
    rows,
    switch,
)


class Speed(Enum):
    SLOW = "slow"
    FAST = "fast"
    FASTEST = "fastest"


_counted: Iterator[int] = iter(range(100))


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(DeviceOptions):
    speed: Speed = option(choice(Speed), Speed.FAST, "how quickly")
    colour: str = option(one_of("red", "blue"), "red", "what it looks like")
    loud: bool = option(switch(), False, "whether it is heard", former={"volume": {"11": "yes", "0": "no"}})
    seed: int = option(integer(), 0, "which order")
    jobs: int | None = option(integer(1), None, "how many", unset="all")
    share: float = option(number(0, 1), 0.5, "how much")
    file: Path | None = option(path(), None, "where to", unset="nowhere")
    serial: int = computed_option(integer(), lambda: next(_counted), "which one", unset="the next")


def options(**texts: str) -> Options:
    return read(Options, texts, "acme")


def test_the_help_says_what_values_there_are_and_what_is_the_default() -> None:
    assert help_of(Options) == {
        "speed": "slow, fast (default) or fastest: how quickly",
        "colour": "red (default) or blue: what it looks like",
        "loud": "yes or no (default): whether it is heard",
        "seed": "an integer (default: 0): which order",
        "jobs": "an integer from 1 (default: all): how many",
        "share": "a number from 0 to 1 (default: 0.5): how much",
        "file": "a path (default: nowhere): where to",
        "serial": "an integer (default: the next): which one",
        "volume": "former name of loud: 11 is loud=yes, 0 is loud=no",
    }


def test_every_table_has_the_options_of_every_backend() -> None:
    assert {row.key for row in rows(DeviceOptions)} == set(DEVICE_OPTIONS)
    assert options(num_command_queues="2", worker_l1_size="1024").worker_l1_size == 1024
    with pytest.raises(
        SelectionError, match=r"num_command_queues='3': it is out of range\. It takes an integer from 1 to"
    ):
        options(num_command_queues="3")


def test_values() -> None:
    given = options(speed="slow", colour="blue", loud="yes", seed="-0x10", jobs="3", share="1e-1", file="~/x y")
    assert (given.speed, given.colour, given.loud, given.seed) == (Speed.SLOW, "blue", True, -16)
    assert (given.jobs, given.share, given.file) == (3, 0.1, Path.home() / "x y")


def test_defaults_and_those_that_are_worked_out_when_asked() -> None:
    first, second = options(), options()
    assert (first.speed, first.jobs, first.file) == (Speed.FAST, None, None)
    assert second.serial == first.serial + 1
    assert options(serial="77").serial == 77


@pytest.mark.parametrize(
    ("key", "text", "says"),
    [
        ("speed", "fats", r"there is no such value\. Did you mean 'fast'\? It takes slow, fast \(default\) or fastest"),
        ("colour", "", r"there is no such value\. It takes red \(default\) or blue: what it looks like$"),
        ("loud", "YES", r"Did you mean 'yes'\?"),
        ("seed", "1.5", r"it is not understood\. It takes an integer \(default: 0\): which order$"),
        ("seed", "", r"it is not understood"),
        ("jobs", "0", r"it is out of range\. It takes an integer from 1"),
        ("share", "1.01", r"it is out of range"),
        ("share", "nan", r"it is not finite"),
        ("share", "-inf", r"it is not finite"),
        ("file", "", r"it is no path"),
        ("file", "a\0b", r"it is no path"),
    ],
)
def test_what_is_not_understood_is_an_error_that_shows_the_row(key: str, text: str, says: str) -> None:
    with pytest.raises(SelectionError, match=says) as caught:
        options(**{key: text})
    assert str(caught.value).startswith(f"acme option {key}={text!r}: ")


def test_an_unknown_key_gets_a_suggestion_and_the_list() -> None:
    with pytest.raises(
        SelectionError, match=r"backend 'acme' has no option 'sped'\. Did you mean 'speed'\? It takes: col"
    ):
        options(sped="slow")


class TestFormerKeys:
    """A recorded trace's selection may hold a key that has another name today."""

    def test_they_keep_their_meaning(self) -> None:
        assert options(volume="11").loud
        assert not options(volume="0").loud
        assert options(volume="11", loud="yes").loud

    def test_another_value_names_the_new_key(self) -> None:
        with pytest.raises(
            SelectionError, match=r"volume is the former name of loud, and took 0, 11\. Today: loud=yes or"
        ):
            options(volume="3")

    def test_both_that_differ_are_refused(self) -> None:
        with pytest.raises(
            SelectionError, match="volume=11 means loud=yes, but loud=no is given too; leave out volume"
        ):
            options(volume="11", loud="no")
