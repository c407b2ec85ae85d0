"""The networks on chip: banks, multicast, packets, transaction ids, and what barriers and flushes promise."""

from __future__ import annotations

import numpy as np

import tthal as ttnn
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


def _multicast(run: Run, loopback: bool) -> None:
    """Let core (0, 0) write to a rectangle; its cores report what they got."""
    grid = ttnn.CoreRange(CORE, ttnn.CoreCoord(2, 1))
    work = Reporting(run, grid)
    circular_buffer(work.program, grid, 1)
    semaphore = ttnn.CreateSemaphore(work.program, grid, 0)
    receivers = [core for core in work.places if loopback or core != CORE]
    listening = ttnn.CoreRangeSet([ttnn.CoreRange(core, core) for core in receivers])
    config = ttnn.ReaderDataMovementConfig(work.compile_args)
    receiver = ttnn.CreateKernel(work.program, run.kernel("receive_page"), listening, config)
    for page, core in enumerate(receivers):
        ttnn.SetRuntimeArgs(work.program, receiver, core, [work.result.address(), page])
    first, last = (run.device.worker_core_from_logical_core(core) for core in (grid.start, grid.end))
    # On NoC 1 a rectangle is named from its far corner; NoC 0, used here, takes the near one first.
    defines = {"LOOPBACK": "1"} if loopback else {}
    sending = ttnn.DataMovementConfig(noc=ttnn.NOC.NOC_0, defines=defines)
    if loopback:
        receiver_noc = ttnn.DataMovementConfig(ttnn.DataMovementProcessor.RISCV_0, ttnn.NOC.NOC_1, defines=defines)
        sending = receiver_noc
        first, last = last, first
    sender = ttnn.CreateKernel(work.program, run.kernel("multicast"), CORE, sending)
    ttnn.SetRuntimeArgs(work.program, sender, CORE, [first.x, first.y, last.x, last.y, len(receivers)])
    run.check_host("semaphore", semaphore, 0)
    expected = np.tile(np.arange(7000, 7016, dtype=np.uint32), (len(receivers), 1))
    run.check("words", work.launch()[: len(receivers)], expected)


@program(
    "noc.multicast",
    covers=["noc_async_write_multicast", "noc_semaphore_set_multicast"],
    needs=DATA_MOVEMENT,
    grid=(3, 2),
)
def multicast(run: Run) -> None:
    """A multicast reaches every core of the rectangle but the sender."""
    _multicast(run, loopback=False)


@program(
    "noc.multicast_loopback",
    covers=["noc_async_write_multicast_loopback_src", "noc_semaphore_set_multicast_loopback_src"],
    needs=DATA_MOVEMENT,
    grid=(3, 2),
)
def multicast_loopback(run: Run) -> None:
    """A multicast with loopback reaches the sender too, here on NoC 1."""
    _multicast(run, loopback=True)


@program("noc.inline_write", covers=["noc_inline_dw_write"], needs=DATA_MOVEMENT)
def inline_write(run: Run) -> None:
    """Single words are written without a source."""
    work = Reporting(run)
    circular_buffer(work.program, CORE, 1)
    config = ttnn.DataMovementConfig(compile_args=work.compile_args)
    work.place_arguments(ttnn.CreateKernel(work.program, run.kernel("inline_write"), CORE, config), 880)
    run.check("words", work.launch()[0, :4], np.arange(880, 884, dtype=np.uint32))


@program("noc.bank_addresses", covers=["get_noc_addr_from_bank_id"], needs=DATA_MOVEMENT)
def bank_addresses(run: Run) -> None:
    """DRAM banks are found by their numbers, in the order of the pages."""
    banks = run.device.num_dram_channels()
    data = run.words(banks * WORDS)
    source, target = filled(run, data), output(run, data.nbytes)
    work = ttnn.CreateProgram()
    circular_buffer(work, CORE)
    kernel = ttnn.CreateKernel(work, run.kernel("bank_addresses"), CORE, ttnn.DataMovementConfig())
    ttnn.SetRuntimeArgs(work, kernel, CORE, [source.address(), target.address(), banks])
    launch(run, work)
    run.check("pages", read(run, target), np.roll(data, WORDS))


@program("noc.flushed", covers=["noc_async_writes_flushed"], needs=DATA_MOVEMENT)
def flushed(run: Run) -> None:
    """When a write is flushed its source may be used again."""
    work = Reporting(run, pages=4)
    config = ttnn.DataMovementConfig(compile_args=work.compile_args)
    kernel = ttnn.CreateKernel(work.program, run.kernel("flushed"), CORE, config)
    ttnn.SetRuntimeArgs(work.program, kernel, CORE, [work.result.address(), 0, 6007])
    expected = [[6007 * step + i for i in range(WORDS)] for step in range(1, 5)]
    run.check("pages", work.launch(), np.array(expected, np.uint32))


@program(
    "noc.one_packet_state",
    covers=[
        "noc_async_read_one_packet_set_state",
        "noc_async_read_one_packet_with_state",
        "noc_async_write_one_packet_set_state",
    ],
    needs=DATA_MOVEMENT,
)
def one_packet_state(run: Run) -> None:
    """Transfers of one packet reuse an address that was set up once."""
    banks, pages = run.device.num_dram_channels(), 6
    data = run.words(banks * pages * WORDS).reshape(pages, banks, WORDS)
    source, target = filled(run, data), output(run, data.nbytes)
    work = ttnn.CreateProgram()
    circular_buffer(work, CORE, pages=pages)
    kernel = ttnn.CreateKernel(work, run.kernel("with_state"), CORE, ttnn.DataMovementConfig())
    ttnn.SetRuntimeArgs(work, kernel, CORE, [source.address(), target.address(), pages])
    launch(run, work)
    found = read(run, target).reshape(pages, banks, WORDS)
    run.check("pages of bank 0", found[:, 0], data[::-1, 0])


@program(
    "noc.transaction_ids", covers=["noc_async_read_set_trid", "noc_async_read_barrier_with_trid"], needs=DATA_MOVEMENT
)
def transaction_ids(run: Run) -> None:
    """A barrier with an id waits for the reads of that id."""
    banks = run.device.num_dram_channels()
    data = run.words(2 * banks * WORDS).reshape(2, banks, WORDS)
    source = filled(run, data)
    work = Reporting(run)
    circular_buffer(work.program, CORE, 1, 64, 2)
    config = ttnn.DataMovementConfig(compile_args=work.compile_args)
    work.place_arguments(ttnn.CreateKernel(work.program, run.kernel("transaction_ids"), CORE, config), source.address())
    expected = np.array([data[1, 0, 0], data[0, 0, 0]], np.uint32) + np.uint32(1)
    run.check("words", work.launch()[0, :2], expected)


@program("noc.object_api_pages", covers=["Noc", "CircularBuffer", "TensorAccessor"], needs=DATA_MOVEMENT)
def object_api_pages(run: Run) -> None:
    """The object API moves pages as the functions do."""
    data = run.words(20 * 32)
    source, target = filled(run, data, 128), output(run, data.nbytes, 128)
    work = ttnn.CreateProgram()
    circular_buffer(work, CORE, page_size=128, pages=2)
    words = [20, 128, *accessor(source), *accessor(target)]
    kernel = ttnn.CreateKernel(work, run.kernel("object_api"), CORE, ttnn.DataMovementConfig(compile_args=words))
    ttnn.SetRuntimeArgs(work, kernel, CORE, [source.address(), target.address()])
    launch(run, work)
    run.check("pages", read(run, target), reversed_pages(data, 128))


@program("noc.both_networks", covers=["NOC"], needs=DATA_MOVEMENT)
def both_networks(run: Run) -> None:
    """Each NoC reaches the same banks under its own coordinates."""
    for noc in (ttnn.NOC.NOC_0, ttnn.NOC.NOC_1):
        data = run.words((2 * run.device.num_dram_channels() + 1) * WORDS)
        source, target = filled(run, data), output(run, data.nbytes)
        work = ttnn.CreateProgram()
        circular_buffer(work, CORE)
        words = [source.num_pages(), PAGE, *accessor(source), *accessor(target)]
        config = ttnn.DataMovementConfig(noc=noc, compile_args=words)
        kernel = ttnn.CreateKernel(work, run.kernel("copy_reversed"), CORE, config)
        ttnn.SetRuntimeArgs(work, kernel, CORE, [source.address(), target.address()])
        launch(run, work)
        run.check(noc.name, read(run, target), reversed_pages(data, PAGE))
