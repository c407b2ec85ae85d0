"""A pytest plugin, ``-p tthal_explore.fixtures``: ``explored_device`` runs a test under ``--tthal-seeds`` seeds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import tthal
from tthal.selection import choose
from tthal_explore.cases import Case


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--tthal-seeds``."""
    parser.getgroup("tthal").addoption(
        "--tthal-seeds", type=int, default=10, metavar="N", help="orders of events for explored_device (default: 10)"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every seed."""
    if "explored_device" in metafunc.fixturenames:
        seeds = range(metafunc.config.getoption("--tthal-seeds"))
        metafunc.parametrize("explored_device", seeds, indirect=True, ids=[f"seed={seed}" for seed in seeds])


@pytest.fixture
def explored_device(request: pytest.FixtureRequest) -> Iterator[tthal.Device]:
    """A device of the selected backend under one seed."""
    selection = Case(request.param, str(choose().selection), (), 0).selection
    with tthal.open_device(0, backend=selection) as device:
        yield device
