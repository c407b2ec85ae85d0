"""Tiny kernels compiled from C++ and run by the engine, without device headers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tthal.device_interface import KernelContent
from tthal_emulator.compiler import Cache, Compiler, CompileRequest, Target, find_toolchain
from tthal_emulator.compiler.kernel_library import LIBRARY_FOLDER
from tthal_emulator.engine import (
    CoreMemories,
    Engine,
    EngineOptions,
    HostFunction,
    MemoryModel,
    Module,
    Processor,
    core_memories,
)

L1_SIZE = 1_499_136
CORES = 3
GO_ON = 99
"""A reason to block that the host does away with at once."""
KERNEL_TYPES = "tthal/language/fixed_width.h"
"""The one device header that the kernel library needs."""
LIBRARY = [LIBRARY_FOLDER / "memory.cpp", LIBRARY_FOLDER / "language.cpp"]
PRELUDE = """#pragma once
#include <stdint.h>
#define HOST(name) extern "C" __attribute__((import_module("tt"), import_name(#name)))
HOST(add) uint32_t add(uint32_t a, uint32_t b);
HOST(scale) double scale(double a, float b);
HOST(raise) void raise_on_host(uint32_t what);
HOST(block) void block(uint32_t reason);
HOST(hook) void hook();
extern "C" void kernel_main();
#define L1(type, address) (*reinterpret_cast<volatile type*>(address))
"""


def raise_error(processor: Processor, what: int) -> None:
    if what == 0:
        raise LookupError("the host does not know")
    raise KeyboardInterrupt


@dataclass
class Bench:
    """An engine, a compiler and the memory of three cores."""

    engine: Engine
    compiler: Compiler
    memories: CoreMemories
    blocked: list[tuple[Processor, int]]
    hooks: list[Callable[[Processor], None]]
    processors: list[Processor] = field(default_factory=list)

    def module(self, source: str, slot: int = 0) -> Module:
        target = Target(f"processor{slot}", slot, "prelude.h")
        return self.compiler.compile_all([CompileRequest(KernelContent("kernel", source, (), "kernel.cpp"), target)])[0]

    def start(self, source: str | Module, core: int = 0, slot: int = 0) -> Processor:
        module = source if isinstance(source, Module) else self.module(source, slot)
        processor = Processor(module, self.memories, core, slot)
        self.processors.append(processor)
        processor.start("kernel_main")
        return processor

    def run(self, source: str | Module, core: int = 0, slot: int = 0) -> Processor:
        """Run a kernel to its end, letting it go on whenever it blocks."""
        processor = self.start(source, core, slot)
        try:
            while not processor.poll():
                processor.parked = False
        finally:
            processor.close()
            self.processors.remove(processor)
        return processor

    def word(self, address: int, core: int = 0) -> int:
        return int(self.memories.l1[core][address : address + 4].view(np.uint32)[0])

    def close(self) -> None:
        for processor in self.processors:
            processor.close()
        self.processors.clear()
        self.blocked.clear()
        self.hooks.clear()


def make_bench(folder: Path, options: EngineOptions) -> Bench:
    include = folder / "include"
    include.mkdir(exist_ok=True)
    (include / "prelude.h").write_text(PRELUDE)
    types = include / KERNEL_TYPES
    types.parent.mkdir(parents=True, exist_ok=True)
    types.write_text((LIBRARY_FOLDER.parent / "include" / KERNEL_TYPES).read_text())
    blocked: list[tuple[Processor, int]] = []
    hooks: list[Callable[[Processor], None]] = []

    def block(processor: Processor, reason: int) -> None:
        blocked.append((processor, reason))
        processor.parked = reason != GO_ON

    engine = Engine(options)
    engine.offer(
        (
            HostFunction("add", "uu>u", lambda processor, a, b: (a + b) & 0xFFFFFFFF),
            HostFunction("scale", "Ff>F", lambda processor, a, b: a * b),
            HostFunction("raise", "u>", raise_error),
            HostFunction("block", "u>", block, blocking=True),
            HostFunction("hook", ">", lambda processor: hooks.pop(0)(processor)),
        )
    )
    compiler = Compiler(engine, find_toolchain(), [include], Cache(folder / "cache"), library=LIBRARY)
    return Bench(engine, compiler, core_memories(engine, CORES, L1_SIZE), blocked, hooks)


@pytest.fixture(scope="session")
def bench_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("engine")


@pytest.fixture(scope="session")
def mapped_bench(bench_folder: Path) -> Bench:
    return make_bench(bench_folder, EngineOptions(memory_model=MemoryModel.MAPPED))


@pytest.fixture(scope="session")
def shared_bench(bench_folder: Path) -> Bench:
    return make_bench(bench_folder, EngineOptions(memory_model=MemoryModel.SHARED))


needs_mapped = pytest.mark.skipif(
    MemoryModel.best() is not MemoryModel.MAPPED, reason="this host has no per-processor mappings (Linux, 4 KB pages)"
)


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """The mapped model, which isolates processors; memory is zero."""
    if MemoryModel.best() is not MemoryModel.MAPPED:
        pytest.skip("this host has no per-processor mappings (needs Linux with 4 KB pages)")
    yield from _fresh(request.getfixturevalue("mapped_bench"))


@pytest.fixture(params=[pytest.param("mapped", marks=needs_mapped), "shared"])
def any_bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Both memory models, one after the other."""
    yield from _fresh(request.getfixturevalue(f"{request.param}_bench"))


def _fresh(bench: Bench) -> Iterator[Bench]:
    for part in (*bench.memories.l1, *bench.memories.registers):
        part[:] = 0
    yield bench
    bench.close()


@pytest.fixture(scope="session")
def new_bench(bench_folder: Path) -> Callable[..., Bench]:
    """Makes a bench with options of its own."""

    def make(**options: Any) -> Bench:
        return make_bench(bench_folder, EngineOptions(**options))

    return make
