"""Queues: order, asynchrony, failures, and programs launched many times."""

from __future__ import annotations

import numpy as np

import tthal as ttnn
from tthal.device_interface import Capability, Event, KernelPrint
from tthal_conformance.declaration import program
from tthal_conformance.programs.buffers import reversed_pages
from tthal_conformance.requirements import DATA_MOVEMENT
from tthal_conformance.run import Run
from tthal_conformance.workbench import (
    CORE,
    PAGE,
    WORDS,
    Reporting,
    accessor,
    circular_buffer,
    filled,
    launch,
    output,
    read,
)


def _copier(run: Run, source: ttnn.Buffer, target: ttnn.Buffer) -> ttnn.Program:
    """Return a program that copies pages in reverse order."""
    work = ttnn.CreateProgram()
    circular_buffer(work, CORE)
    words = [source.num_pages(), PAGE, *accessor(source), *accessor(target)]
    kernel = ttnn.CreateKernel(work, run.kernel("copy_reversed"), CORE, ttnn.DataMovementConfig(compile_args=words))
    ttnn.SetRuntimeArgs(work, kernel, CORE, [source.address(), target.address()])
    return work


@program(
    "queue.in_order",
    covers=["EnqueueWriteBuffer", "EnqueueProgram", "EnqueueReadBuffer", "Finish"],
    needs=DATA_MOVEMENT,
)
def queue_in_order(run: Run) -> None:
    """Commands without waiting happen in their order; memory handed over may be changed at once."""
    first, second = run.words(64), run.words(64)
    source, target = filled(run, first), output(run, first.nbytes)
    work = _copier(run, source, target)
    early, late = np.zeros(64, np.uint32), np.zeros(64, np.uint32)
    staging = first.copy()
    ttnn.EnqueueWriteBuffer(run.queue, source, staging)
    staging[:] = 0
    ttnn.EnqueueProgram(run.queue, work)
    ttnn.EnqueueReadBuffer(run.queue, target, early, blocking=False)
    ttnn.EnqueueWriteBuffer(run.queue, source, second)
    ttnn.EnqueueProgram(run.queue, work)
    ttnn.EnqueueReadBuffer(run.queue, target, late, blocking=False)
    ttnn.Finish(run.queue)
    run.check("before the second write", early, reversed_pages(first, PAGE))
    run.check("after it", late, reversed_pages(second, PAGE))


@program("queue.by_number", covers=["EnqueueProgram", "Finish", "synchronize_device"], needs=DATA_MOVEMENT)
def queue_by_number(run: Run) -> None:
    """A queue may be named by its number when one device is open."""
    data = run.words(64)
    source, target = filled(run, data), output(run, data.nbytes)
    ttnn.EnqueueProgram(0, _copier(run, source, target))
    ttnn.Finish(0)
    ttnn.synchronize_device(run.device)
    run.check("pages", read(run, target), reversed_pages(data, PAGE))


@program("queue.launch_program", covers=["LaunchProgram"], needs=DATA_MOVEMENT)
def queue_launch_program(run: Run) -> None:
    """LaunchProgram runs a program and waits."""
    data = run.words(64)
    source, target = filled(run, data), output(run, data.nbytes)
    ttnn.LaunchProgram(run.device, _copier(run, source, target))
    run.check("pages", read(run, target), reversed_pages(data, PAGE))


@program("queue.two", covers=["command_queue", "num_hw_cqs"], needs=DATA_MOVEMENT | {Capability.TWO_QUEUES})
def queue_two(run: Run) -> None:
    """A device with two queues takes writes on one and launches on the other."""
    device = run.open(num_command_queues=2)
    run.check_host("queues", device.num_hw_cqs(), 2)
    data = run.words(64)
    target = output(run, data.nbytes)
    source = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, data.nbytes, PAGE, ttnn.BufferType.DRAM))
    run.note_input(data)
    ttnn.EnqueueWriteBuffer(device.command_queue(1), source, data, blocking=True)
    launch(run, _copier(run, source, target))
    found = ttnn.EnqueueReadBuffer(device.command_queue(1), target).view(np.uint32)
    run.check("pages", found, reversed_pages(data, PAGE))


@program(
    "device.create_and_close", covers=["CreateDevice", "CloseDevice", "GetNumAvailableDevices"], needs=DATA_MOVEMENT
)
def device_create_and_close(run: Run) -> None:
    """CreateDevice opens what TTHAL_BACKEND selects; CloseDevice closes it, and it can be opened again."""
    run.close()
    run.check_host("there is a device", ttnn.GetNumAvailableDevices() >= 1, True)
    for step in (1, 2):
        device = ttnn.CreateDevice(0)
        data = run.words(64)
        run.note_input(data)
        config = ttnn.InterleavedBufferConfig(device, data.nbytes, PAGE, ttnn.BufferType.DRAM)
        source, target = ttnn.CreateBuffer(config), ttnn.CreateBuffer(config)
        queue = device.command_queue()
        ttnn.EnqueueWriteBuffer(queue, source, data)
        ttnn.EnqueueProgram(queue, _copier(run, source, target))
        found = ttnn.EnqueueReadBuffer(queue, target).view(np.uint32)
        run.check(f"opened {step} times", found, reversed_pages(data, PAGE))
        run.check_host(f"closed {step} times", (ttnn.CloseDevice(device), ttnn.CloseDevice(device)), (True, False))


@program("launch.many", covers=["EnqueueProgram", "num_program_cache_entries"], needs=DATA_MOVEMENT)
def launch_many(run: Run) -> None:
    """A program launched many times is compiled once and computes every time."""
    data = run.words(64)
    source, target = filled(run, data), output(run, data.nbytes)
    there, back = _copier(run, source, target), _copier(run, target, source)
    for _ in range(10):
        launch(run, there)
        launch(run, back)
        data = data + np.uint32(1)
        ttnn.EnqueueWriteBuffer(run.queue, source, data)
    launch(run, there)
    run.check("after 21 launches", read(run, target), reversed_pages(data, PAGE))
    run.check_host("programs compiled", run.device.num_program_cache_entries(), 1)


@program(
    "launch.equal_programs",
    covers=["num_program_cache_entries", "disable_and_clear_program_cache"],
    needs=DATA_MOVEMENT,
)
def launch_equal_programs(run: Run) -> None:
    """Programs that are built alike are compiled once; ones that differ in a compile-time argument are not mixed up."""
    results = []
    for own in ([4, 100, 101], [4, 100, 101], [6, 100, 101]):
        work = Reporting(run)
        config = ttnn.DataMovementConfig(compile_args=[*work.compile_args, *own])
        work.place_arguments(ttnn.CreateKernel(work.program, run.kernel("compile_arguments"), CORE, config))
        results.append(int(work.launch()[0, 0]))
    run.check("squares", np.array(results, np.uint32), np.array([9, 9, 25], np.uint32))
    run.check_host("programs compiled", run.device.num_program_cache_entries(), 2)
    run.device.disable_and_clear_program_cache()
    run.check_host("after clearing", run.device.num_program_cache_entries(), 0)


@program("launch.two_programs", covers=["EnqueueProgram"], needs=DATA_MOVEMENT)
def launch_two_programs(run: Run) -> None:
    """Programs on the same core, launched in turns, keep their own arguments and macros."""
    found = []
    works = []
    for extra in ("11", "22"):
        work = Reporting(run)
        config = ttnn.DataMovementConfig(compile_args=work.compile_args, defines={"WITH_EXTRA": extra})
        work.place_arguments(ttnn.CreateKernel(work.program, run.kernel("defines"), CORE, config))
        works.append(work)
    for turn in (0, 1, 0, 1, 1, 0):
        found.append(int(works[turn].launch()[0, 0]))
    run.check("macros", np.array(found, np.uint32), np.array([11, 22, 11, 22, 22, 11], np.uint32))


@program("launch.after_failure", covers=["LaunchError", "Finish"], needs=DATA_MOVEMENT | {Capability.DETECTS_DEADLOCK})
def launch_after_failure(run: Run) -> None:
    """A launch that fails surfaces at the next blocking call, once; then the device works as before."""
    stuck = ttnn.CreateProgram()
    circular_buffer(stuck, CORE)
    ttnn.CreateKernel(stuck, run.kernel("deadlock"), CORE, ttnn.DataMovementConfig())
    ttnn.EnqueueProgram(run.queue, stuck)
    with run.raises("the failure", ttnn.DeadlockError):
        ttnn.Finish(run.queue)
    ttnn.Finish(run.queue)
    data = run.words(64)
    source, target = filled(run, data), output(run, data.nbytes)
    launch(run, _copier(run, source, target))
    run.check("pages", read(run, target), reversed_pages(data, PAGE))


@program("launch.prints", covers=["DPRINT", "KernelPrint"], needs=DATA_MOVEMENT | {Capability.DPRINT})
def launch_prints(run: Run) -> None:
    """What a kernel prints arrives as an event with its core."""
    lines: list[KernelPrint] = []

    def listen(event: Event) -> None:
        if isinstance(event, KernelPrint):
            lines.append(event)

    run.device.subscribe(listen)
    work = Reporting(run)
    config = ttnn.DataMovementConfig(compile_args=work.compile_args)
    work.place_arguments(ttnn.CreateKernel(work.program, run.kernel("print"), CORE, config), 4711)
    run.check("word", work.launch()[0, 0], np.uint32(4712))
    said = "".join(line.text for line in lines).strip()
    run.check_host("text", said.splitlines()[:1], ["conformance 4711"])
    run.check_host("core", {line.core for line in lines}, {CORE})


@program("launch.whole_words", covers=["EnqueueReadBuffer"], needs=DATA_MOVEMENT)
def launch_whole_words(run: Run) -> None:
    """Values of all 32 bits survive the way through arguments, memory and back."""
    work = Reporting(run)
    config = ttnn.DataMovementConfig(compile_args=work.compile_args)
    kernel = ttnn.CreateKernel(work.program, run.kernel("arguments"), CORE, config)
    own = [0xFFFFFFFF, 0x80000000, 0x7FFFFFFF, 1, 0xDEADBEEF]
    ttnn.SetRuntimeArgs(work.program, kernel, CORE, [work.result.address(), 0, len(own), *own])
    expected = (np.array(own, np.uint64) + np.arange(5, dtype=np.uint64)) & np.uint64(0xFFFFFFFF)
    run.check("words", work.launch()[0, :5], expected.astype(np.uint32))
    run.check_host("words of a page", work.launch().shape, (1, WORDS))
