"""Programs described as data, and their equality with programs built step by step."""

from __future__ import annotations

from typing import Any

import numpy as np

import tthal as ttnn
from tthal_conformance.declaration import program
from tthal_conformance.programs.buffers import reversed_pages
from tthal_conformance.requirements import DATA_MOVEMENT
from tthal_conformance.run import KERNELS, Run
from tthal_conformance.workbench import CORE, PAGE, accessor, filled, launch, output, read

HERE = ttnn.CoreRangeSet([ttnn.CoreRange(CORE, CORE)])


def _cb(index: int = 0, pages: int = 1, cores: ttnn.CoreRangeSet = HERE) -> ttnn.CBDescriptor:
    formats = [ttnn.CBFormatDescriptor(buffer_index=index, data_format=ttnn.DataFormat.UInt32, page_size=PAGE)]
    return ttnn.CBDescriptor(total_size=pages * PAGE, core_ranges=cores, format_descriptors=formats)


def _reporter(run: Run, file: str, result: ttnn.Buffer, words: list[int], **settings: Any) -> ttnn.KernelDescriptor:
    settings.setdefault("core_ranges", HERE)
    settings.setdefault("runtime_args", [[result.address(), 0, *words]])
    settings.setdefault("config", ttnn.DataMovementConfigDescriptor())
    return ttnn.KernelDescriptor(
        kernel_source=run.kernel(file),
        source_type=ttnn.SourceType.FILE_PATH,
        compile_time_args=accessor(result),
        **settings,
    )


def _copier(run: Run, source: ttnn.Buffer, target: ttnn.Buffer) -> ttnn.ProgramDescriptor:
    kernel = ttnn.KernelDescriptor(
        kernel_source=run.kernel("copy_reversed"),
        core_ranges=HERE,
        compile_time_args=[source.num_pages(), PAGE, *accessor(source), *accessor(target)],
        runtime_args=[[source.address(), target.address()]],
        config=ttnn.DataMovementConfigDescriptor(),
    )
    return ttnn.ProgramDescriptor(kernels=[kernel], cbs=[_cb()])


@program(
    "descriptor.program",
    covers=["ProgramDescriptor", "KernelDescriptor", "CBDescriptor", "CBFormatDescriptor"],
    needs=DATA_MOVEMENT,
)
def descriptor_program(run: Run) -> None:
    """A program built from a descriptor runs as any other."""
    data = run.words(160)
    source, target = filled(run, data), output(run, data.nbytes)
    launch(run, ttnn.Program(_copier(run, source, target)))
    run.check("pages", read(run, target), reversed_pages(data, PAGE))


@program("descriptor.generic_op", covers=["generic_op"], needs=DATA_MOVEMENT)
def descriptor_generic_op(run: Run) -> None:
    """generic_op runs a descriptor on its buffers and returns the last one."""
    data = run.words(160)
    source, target = filled(run, data), output(run, data.nbytes)
    result = ttnn.generic_op([source, target], _copier(run, source, target))
    run.check_host("returns the last buffer", result is target, True)
    run.check("pages", read(run, result), reversed_pages(data, PAGE))


@program("descriptor.equals_imperative", covers=["ProgramDescriptor", "CreateKernel"], needs=DATA_MOVEMENT)
def descriptor_equals_imperative(run: Run) -> None:
    """A descriptor and the steps it stands for are one program to the device: it is compiled once."""
    data = run.words(160)
    source, target = filled(run, data), output(run, data.nbytes)
    launch(run, ttnn.Program(_copier(run, source, target)))
    run.check("described", read(run, target), reversed_pages(data, PAGE))
    other = output(run, data.nbytes)
    steps = ttnn.CreateProgram()
    config = ttnn.CircularBufferConfig(PAGE, {0: ttnn.DataFormat.UInt32}).set_page_size(0, PAGE)
    ttnn.CreateCircularBuffer(steps, CORE, config)
    words = [source.num_pages(), PAGE, *accessor(source), *accessor(other)]
    kernel = ttnn.CreateKernel(steps, run.kernel("copy_reversed"), CORE, ttnn.DataMovementConfig(compile_args=words))
    ttnn.SetRuntimeArgs(steps, kernel, CORE, [source.address(), other.address()])
    launch(run, steps)
    run.check("built", read(run, other), reversed_pages(data, PAGE))
    run.check_host("programs compiled", run.device.num_program_cache_entries(), 1)


@program("descriptor.inline_source", covers=["SourceType"], needs=DATA_MOVEMENT)
def descriptor_inline_source(run: Run) -> None:
    """A kernel descriptor holds its source as text."""
    result = output(run, PAGE)
    for number, source_type in enumerate((ttnn.SourceType.INLINE, ttnn.SourceType.SOURCE_CODE), 5):
        kernel = ttnn.KernelDescriptor(
            kernel_source=(KERNELS / "string.cpp").read_text(),
            source_type=source_type,
            core_ranges=HERE,
            compile_time_args=accessor(result),
            runtime_args=[[result.address(), 0, number]],
            config=ttnn.WriterConfigDescriptor(),
        )
        launch(run, ttnn.Program(ttnn.ProgramDescriptor(kernels=[kernel], cbs=[_cb()])))
        run.check(f"number {number}", read(run, result)[0], np.uint32(number * number + 1))


@program("descriptor.named_args_and_defines", covers=["KernelDescriptor"], needs=DATA_MOVEMENT)
def descriptor_named_args_and_defines(run: Run) -> None:
    """Named compile-time arguments and macros of a descriptor reach the kernel."""
    result = output(run, PAGE)
    named = _reporter(run, "named_compile_arguments", result, [], named_compile_time_args={"rows": 3, "columns": 9})
    launch(run, ttnn.Program(ttnn.ProgramDescriptor(kernels=[named], cbs=[_cb()])))
    run.check("named", read(run, result)[:2], np.array([3009, 9], np.uint32))
    defined = _reporter(run, "defines", result, [], defines={"WITH_EXTRA": "77"})
    launch(run, ttnn.Program(ttnn.ProgramDescriptor(kernels=[defined], cbs=[_cb()])))
    run.check("defined", read(run, result)[0], np.uint32(77))


@program("descriptor.opt_level", covers=["KernelDescriptor", "KernelBuildOptLevel"], needs=DATA_MOVEMENT)
def descriptor_opt_level(run: Run) -> None:
    """The reference's spelling of the fastest level, FAST, builds a kernel that computes the same."""
    result = output(run, PAGE)
    kernel = _reporter(run, "arguments", result, [2, 31, 32], opt_level=ttnn.KernelBuildOptLevel.FAST)
    launch(run, ttnn.Program(ttnn.ProgramDescriptor(kernels=[kernel], cbs=[_cb()])))
    run.check("words", read(run, result)[:2], np.array([31, 33], np.uint32))


@program("descriptor.args_per_core", covers=["KernelDescriptor", "RuntimeArgs"], needs=DATA_MOVEMENT, grid=(3, 1))
def descriptor_args_per_core(run: Run) -> None:
    """Runtime arguments come as one list per core, as pairs, and by core."""
    row = ttnn.CoreRangeSet([ttnn.CoreRange(CORE, ttnn.CoreCoord(2, 0))])
    cores = list(row.cores())
    result = output(run, 3 * PAGE)
    lists = [[result.address(), page, 1, 70 + page] for page in range(3)]
    by_core = ttnn.RuntimeArgs()
    for core, words in zip(cores, lists, strict=True):
        by_core[core.x][core.y] = [*words[:3], words[3] + 200]
    forms: dict[str, tuple[Any, int]] = {
        "lists": (lists, 70),
        "pairs": ([(core, [*words[:3], words[3] + 100]) for core, words in zip(cores, lists, strict=True)], 170),
        "by core": (by_core, 270),
    }
    for form, (arguments, first) in forms.items():
        kernel = _reporter(run, "arguments", result, [], core_ranges=row, runtime_args=arguments)
        launch(run, ttnn.Program(ttnn.ProgramDescriptor(kernels=[kernel], cbs=[_cb(cores=row)])))
        expected = np.arange(first, first + 3, dtype=np.uint32)
        run.check(form, read(run, result).reshape(3, -1)[:, 0], expected)


@program("descriptor.common_args", covers=["KernelDescriptor"], needs=DATA_MOVEMENT)
def descriptor_common_args(run: Run) -> None:
    """Common runtime arguments of a descriptor reach the kernel."""
    result = output(run, PAGE)
    kernel = _reporter(run, "common_arguments", result, [8], common_runtime_args=[1000, 2000])
    launch(run, ttnn.Program(ttnn.ProgramDescriptor(kernels=[kernel], cbs=[_cb()])))
    run.check("words", read(run, result)[:3], np.array([1000, 2000, 1000 ^ 8], np.uint32))


@program("descriptor.semaphores", covers=["SemaphoreDescriptor"], needs=DATA_MOVEMENT)
def descriptor_semaphores(run: Run) -> None:
    """Semaphores of a descriptor have the ids it gives them."""
    result = output(run, PAGE)
    semaphores = [
        ttnn.SemaphoreDescriptor(id=each, core_ranges=HERE, initial_value=30 + each)
        for each in (5, 2, 7, 0, 1, 3, 4, 6)
    ]
    kernel = _reporter(run, "semaphore_values", result, [])
    launch(run, ttnn.Program(ttnn.ProgramDescriptor(kernels=[kernel], semaphores=semaphores, cbs=[_cb()])))
    run.check("values", read(run, result)[:8], np.arange(30, 38, dtype=np.uint32))


@program("descriptor.merge", covers=["merge_program_descriptors"], needs=DATA_MOVEMENT, grid=(2, 1))
def descriptor_merge(run: Run) -> None:
    """Descriptors of disjoint cores become one program."""
    result = output(run, 2 * PAGE)
    parts = []
    for page in range(2):
        core = ttnn.CoreCoord(page, 0)
        place = ttnn.CoreRangeSet([ttnn.CoreRange(core, core)])
        words = [[result.address(), page, 1, 90 + page]]
        kernel = _reporter(run, "arguments", result, [], core_ranges=place, runtime_args=words)
        parts.append(ttnn.ProgramDescriptor(kernels=[kernel], cbs=[_cb(cores=place)]))
    launch(run, ttnn.Program(ttnn.merge_program_descriptors(parts)))
    run.check("words", read(run, result).reshape(2, -1)[:, 0], np.array([90, 91], np.uint32))
