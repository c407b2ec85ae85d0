"""The pytest plugin of the suite: ``-p tthal_conformance.plugin``; it is never loaded unasked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from tthal.errors import TthalError
from tthal.selection import choose
from tthal_conformance import catalogue
from tthal_conformance.profile import Profile
from tthal_conformance.report import assemble, one_screen, write
from tthal_conformance.runner import Bench
from tthal_conformance.schema import Report, Result, Target

BENCH = pytest.StashKey[Bench]()
NAMES: pytest.StashKey[Any] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("tthal", "conformance of tthal backends")
    group.addoption("--tthal-backend", metavar="SELECTION", help="what to test; default: what TTHAL_BACKEND says")
    group.addoption("--tthal-tier", choices=catalogue.TIERS, default="core", help="which list of programs (core)")
    group.addoption(
        "--tthal-select", action="append", default=[], metavar="PATTERN", help="programs by name or pattern"
    )
    group.addoption("--tthal-report", type=Path, metavar="FILE", help="write the JSON report there")
    group.addoption("--tthal-record", type=Path, metavar="DIR", help="keep a trace of every program there")
    group.addoption("--tthal-against", type=Path, metavar="DIR", help="compare outputs with the traces there")
    group.addoption("--tthal-stream", type=Path, metavar="FILE", help="append each result to this file as a JSON line")


def pytest_configure(config: pytest.Config) -> None:
    try:
        selection = choose(config.getoption("--tthal-backend")).selection
        profile = Profile.of(selection.backend)
        names = catalogue.select(config.getoption("--tthal-tier"), config.getoption("--tthal-select"))
    except TthalError as error:
        raise pytest.UsageError(str(error)) from None
    against = config.getoption("--tthal-against")
    if against is not None and not against.is_dir():
        raise pytest.UsageError(f"--tthal-against {against}: there is no such folder; --tthal-record DIR makes one")
    config.stash[BENCH] = Bench(selection, profile, config.getoption("--tthal-record"), against)
    config.stash[NAMES] = names
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reporter(config), "tthal-conformance-reporter")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "tthal_program" in metafunc.fixturenames:
        metafunc.parametrize("tthal_program", metafunc.config.stash[NAMES])


@pytest.fixture(scope="session")
def tthal_bench(request: pytest.FixtureRequest) -> Bench:
    """Where the programs run."""
    return request.config.stash[BENCH]


class Reporter:
    """Gathers the results, also those of other processes, and writes what was asked for."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._bench = config.stash[BENCH]
        self._results: dict[str, Result] = {}
        self._target = Target(str(self._bench.selection))
        self._report: Report | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when != "call":
            return
        properties: dict[str, Any] = dict(report.user_properties)
        if "tthal" not in properties:
            return
        result = msgspec.convert(properties["tthal"], Result)
        self._results[result.name] = result
        target = msgspec.convert(properties["tthal-target"], Target)
        if not self._target.arch or target.arch:
            self._target = target
        stream = self._config.getoption("--tthal-stream")
        if stream is not None:
            with open(stream, "ab") as file:
                file.write(msgspec.json.encode((result, self._target)) + b"\n")

    def pytest_sessionfinish(self) -> None:
        names = self._config.stash[NAMES]
        tier = self._config.getoption("--tthal-tier")
        self._report = assemble(self._results, names, tier, self._target, self._bench.profile)
        path = self._config.getoption("--tthal-report")
        if path is not None:
            write(self._report, path)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._report is not None and self._config.getoption("--tthal-stream") is None:
            terminalreporter.section("conformance")
            for line in one_screen(self._report):
                terminalreporter.write_line(line)
