"""What the suite's own tests share: running programs by name in this process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tthal.selection import Selection
from tthal_conformance.catalogue import programs
from tthal_conformance.runner import Bench
from tthal_conformance.schema import Result

RunProgram = Callable[..., Result]


@pytest.fixture
def run_program(clean_selection: None) -> RunProgram:
    """Run one program on a backend: ``run_program("cb.stream", "emulator")``; more keywords as for Bench."""

    def run(name: str, selection: str = "emulator", **settings: object) -> Result:
        return Bench(Selection.parse(selection), **settings).run(programs()[name])  # type: ignore[arg-type]

    return run
