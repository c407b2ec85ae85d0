"""What the emulator's engine and kernel compiler cost: ``python benchmarks/engine.py [--repeat N]``.

Prints the best of N beside the figure that the prototype reached (2 vCPU AMD EPYC), as a ratio where both exist.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

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
from tthal_emulator.execution.spin_detection import SHORT_TURN

L1_SIZE = 1_499_136
PRELUDE = """#pragma once
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <optional>
#include <tuple>
#include <type_traits>
#define HOST(name) extern "C" __attribute__((import_module("tt"), import_name(#name)))
HOST(call) void call(uint32_t a);
HOST(block) void block(uint32_t a);
extern "C" void kernel_main();
"""
EMPTY = "static uint32_t g = 7; void kernel_main() { *reinterpret_cast<volatile uint32_t*>(0x2000) = ++g; }"
LOOP = "void kernel_main() {{ for (uint32_t i = 0; i < {count}; ++i) {name}(i); }}"
SPIN = "void kernel_main() { while (*reinterpret_cast<volatile uint32_t*>(0x3000) == 0) {} }"
COUNT = 100_000


@dataclass(frozen=True)
class Figure:
    """One line of the report; ``prototype`` is what engine.md measured, in the same unit."""

    name: str
    value: float
    unit: str
    prototype: float | None = None

    def __str__(self) -> str:
        ratio = f"{self.value / self.prototype:5.2f} x prototype ({self.prototype:g})" if self.prototype else ""
        return f"{self.name:<58} {self.value:9.2f} {self.unit:<3} {ratio}"


class Benchmark:
    """An engine, a compiler with an empty cache, and the modules to run."""

    def __init__(self, folder: Path, model: MemoryModel, repeat: int) -> None:
        self.repeat = repeat
        self.headers = folder / "include"
        self.headers.mkdir()
        (self.headers / "prelude.h").write_text(PRELUDE)
        functions = (
            HostFunction("call", "u>", lambda processor, a: None),
            HostFunction("block", "u>", lambda processor, a: None, blocking=True),
        )
        self.engine = Engine(EngineOptions(memory_model=model))
        self.engine.offer(functions)
        self.folder = folder
        self.fresh = 0

    def compiler(self, cache: str) -> Compiler:
        library = [LIBRARY_FOLDER / "memory.cpp", LIBRARY_FOLDER / "language.cpp"]
        return Compiler(self.engine, find_toolchain(), [self.headers], Cache(self.folder / cache), library=library)

    def best(self, measure: Callable[[], float]) -> float:
        return min(measure() for _ in range(self.repeat))

    def kernel(self, source: str, slot: int = 0) -> CompileRequest:
        return CompileRequest(KernelContent("k", source), Target("one", slot, "prelude.h"))

    def new_kernels(self, number: int) -> list[CompileRequest]:
        """Kernels that no cache has seen."""
        first = self.fresh
        self.fresh += number
        return [self.kernel(EMPTY + f"  // {n}") for n in range(first, self.fresh)]

    # Compiling

    def compiling(self) -> Iterator[Figure]:
        yield Figure("compile: first kernel, nothing cached", self.best(self.first_kernel), "ms")
        compiler = self.compiler("warm")
        compiler.compile_all(self.new_kernels(1))
        one = self.best(lambda: timed(lambda: compiler.compile_all(self.new_kernels(1))) * 1e3)
        yield Figure("compile: one kernel with precompiled prelude", one, "ms", 48)
        eight = self.best(lambda: timed(lambda: compiler.compile_all(self.new_kernels(8))) * 1e3)
        yield Figure("compile: eight kernels in parallel", eight, "ms", 163)
        known = self.new_kernels(8)
        compiler.compile_all(known)
        cached = self.best(lambda: timed(lambda: self.compiler("warm").compile_all(known)) * 1e3)
        yield Figure("compile: eight kernels from the disk cache, new compiler", cached, "ms")

    def first_kernel(self) -> float:
        self.fresh += 1
        compiler = self.compiler(f"cold{self.fresh}")
        return timed(lambda: compiler.compile_all(self.new_kernels(1))) * 1e3

    # Running

    def running(self) -> Iterator[Figure]:
        compiler = self.compiler("warm")
        calls, blocks, spin = compiler.compile_all(
            [self.kernel(LOOP.format(count=COUNT, name=name)) for name in ("call", "block")] + [self.kernel(SPIN)]
        )
        for cores, slots, prototype in ((64, 3, 58), (140, 5, 58)):
            empty = compiler.compile_all([self.kernel(EMPTY, slot) for slot in range(slots)])
            with self.memories(cores) as memories:
                cold = instances(empty, memories)
                warm = self.best(partial(instances, empty, memories))
                yield Figure(f"instance made and closed, {cores} cores x {slots}, first launch", cold, "us", prototype)
                yield Figure(f"instance made and closed, {cores} cores x {slots}, next launches", warm, "us", prototype)
                run = self.best(partial(instances, empty, memories, run=True))
                yield Figure(f"instance made, run and closed, {cores} cores x {slots}", run, "us")
        with self.memories(1) as memories:
            yield Figure("host call", self.best(lambda: per_call(calls, memories)), "us", 0.24)
            yield Figure("block and resume", self.best(lambda: per_call(blocks, memories)), "us", 1.51)
            yield Figure("poll of a spinning processor", self.best(lambda: per_poll(spin, memories)), "us", 1.65)

    @contextmanager
    def memories(self, cores: int) -> Iterator[CoreMemories]:
        memories = core_memories(self.engine, cores, L1_SIZE)
        try:
            yield memories
        finally:
            memories.close()


def timed(action: Callable[[], object]) -> float:
    """Seconds that an action takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def instances(modules: list[Module], memories: CoreMemories, run: bool = False) -> float:
    """Microseconds per instance; ``modules[slot]`` runs in that slot of every core."""
    start = time.perf_counter()
    processors = [
        Processor(module, memories, core, slot) for core in range(memories.cores) for slot, module in enumerate(modules)
    ]
    if run:
        for processor in processors:
            processor.start("kernel_main")
        for processor in processors:
            processor.poll()
    for processor in processors:
        processor.close()
    return (time.perf_counter() - start) / len(processors) * 1e6


def per_call(module: Module, memories: CoreMemories) -> float:
    """Microseconds per call of a kernel that calls the host COUNT times."""
    processor = Processor(module, memories, 0, 0)
    processor.start("kernel_main")
    start = time.perf_counter()
    while not processor.poll():
        processor.parked = False
    elapsed = time.perf_counter() - start
    processor.close()
    return elapsed / COUNT * 1e6


def per_poll(module: Module, memories: CoreMemories, polls: int = 2000) -> float:
    """Microseconds per poll of a kernel that spins on memory, which has short turns as the scheduler gives them."""
    processor = Processor(module, memories, 0, 0)
    processor.set_yield_interval(SHORT_TURN)
    processor.start("kernel_main")
    processor.poll()
    elapsed = timed(lambda: [processor.poll() for _ in range(polls)])
    processor.close()
    return elapsed / polls * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=5, help="measure each figure so often and take the best")
    parser.add_argument("--memory", choices=[model.value for model in MemoryModel], default=MemoryModel.best().value)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        benchmark = Benchmark(Path(folder), MemoryModel(options.memory), options.repeat)
        for figure in (*benchmark.compiling(), *benchmark.running()):
            print(figure, flush=True)


if __name__ == "__main__":
    main()
