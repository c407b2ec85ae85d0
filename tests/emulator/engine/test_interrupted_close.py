"""The memory of a device's cores is given back once, wherever Ctrl-C comes."""

from __future__ import annotations

import itertools
import os
import sys

import pytest
from interrupting import interrupted

from tthal_emulator.engine import Engine
from tthal_emulator.engine.core_memory import MappedMemories


@pytest.mark.skipif(sys.platform != "linux", reason="mapped memories are Linux's")
def test_closing_again_after_an_interrupt_closes_nothing_else() -> None:
    engine = Engine()
    for line in itertools.count(1):
        memory = MappedMemories(engine, 1, 1 << 20)
        was_interrupted = interrupted(memory.close, "engine", line)
        others = [os.memfd_create("other") for _ in range(3)]
        memory.close()
        for other in others:
            os.close(other)
        if not was_interrupted:
            break
    assert line > 5
