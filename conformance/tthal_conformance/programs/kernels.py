"""Creating kernels: from files and strings, on cores and processors, with compile-time arguments and macros."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import tthal as ttnn
from tthal_conformance.declaration import program
from tthal_conformance.requirements import DATA_MOVEMENT
from tthal_conformance.run import KERNELS, Run
from tthal_conformance.workbench import CORE, Reporting

MASK = 0xFFFFFFFF


def _work(seed: int) -> int:
    """Return what work.cpp computes."""
    state = seed
    for step in range(100):
        state = (state * 1664525 + 1013904223) & MASK
        if state & 1:
            state ^= step << 7
    return state


def _one(run: Run, file: str, config: Callable[[list[int]], ttnn.DataMovementConfig], *words: int) -> list[int]:
    """Run one reporting kernel on one core; return its page."""
    work = Reporting(run)
    kernel = ttnn.CreateKernel(work.program, run.kernel(file), CORE, config(work.compile_args))
    work.place_arguments(kernel, *words)
    return [int(word) for word in work.launch()[0]]


def _data_movement(**settings: object) -> Callable[[list[int]], ttnn.DataMovementConfig]:
    return lambda words: ttnn.DataMovementConfig(compile_args=words, **settings)  # type: ignore[arg-type]


@program("kernel.file", covers=["CreateProgram", "CreateKernel", "DataMovementConfig"], needs=DATA_MOVEMENT)
def kernel_from_file(run: Run) -> None:
    """A kernel file runs on BRISC, the default processor."""
    page = _one(run, "work", _data_movement(), 12345)
    run.check("state", page[0], np.uint32(_work(12345)))


@program("kernel.default_config", covers=["CreateKernel"], needs=DATA_MOVEMENT)
def kernel_without_config(run: Run) -> None:
    """Without a config a kernel moves data on BRISC over NoC 0."""
    source = (KERNELS / "default_config.cpp").read_text()
    raw = run.words(8)
    work = Reporting(run)
    bank = run.device.properties.dram_base
    kernel = ttnn.CreateKernelFromString(work.program, source, CORE)
    ttnn.SetRuntimeArgs(work.program, kernel, CORE, [work.result.address(), int(raw[0])])
    page = work.launch()[0]
    run.check("words", page[:2], np.array([raw[0] ^ np.uint32(0x5555AAAA), 0 + 7], np.uint32))
    run.check_host("the result lies in DRAM", work.result.address() >= bank, True)


@program("kernel.string", covers=["CreateKernelFromString"], needs=DATA_MOVEMENT)
def kernel_from_string(run: Run) -> None:
    """A kernel given as text runs as one in a file does."""
    work = Reporting(run)
    source = (KERNELS / "string.cpp").read_text()
    config = ttnn.DataMovementConfig(compile_args=work.compile_args)
    kernel = ttnn.CreateKernelFromString(work.program, source, CORE, config)
    work.place_arguments(kernel, 77)
    run.check("word", work.launch()[0, 0], np.uint32(77 * 77 + 1))


@program("kernel.ids", covers=["CreateKernel"], needs=DATA_MOVEMENT)
def kernel_ids(run: Run) -> None:
    """Kernel ids count from 0 in each program, and each id names its own kernel's arguments."""
    work = Reporting(run, ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0)))
    ids = []
    for place in work.places:
        config = ttnn.DataMovementConfig(compile_args=work.compile_args)
        ids.append(ttnn.CreateKernel(work.program, run.kernel("arguments"), place, config))
    run.check_host("ids", ids, [0, 1])
    for page, (kernel, place) in enumerate(zip(ids, work.places, strict=True)):
        arguments = [work.result.address(), page, 1, 500 + page]
        ttnn.SetRuntimeArgs(work.program, kernel, place, arguments)
    run.check("words", work.launch()[:, 0], np.array([500, 501], np.uint32))


@program("kernel.both_processors", covers=["DataMovementProcessor", "NOC"], needs=DATA_MOVEMENT)
def both_processors(run: Run) -> None:
    """BRISC and NCRISC of one core run different kernels, each on its own NoC."""
    work = Reporting(run, pages=2)
    config = ttnn.CircularBufferConfig(64, {1: ttnn.DataFormat.UInt32}).set_page_size(1, 64)
    ttnn.CreateCircularBuffer(work.program, CORE, config)
    for page, processor in enumerate((ttnn.DataMovementProcessor.RISCV_0, ttnn.DataMovementProcessor.RISCV_1)):
        settings = ttnn.DataMovementConfig(
            processor,
            (ttnn.NOC.NOC_1, ttnn.NOC.NOC_0)[page],
            compile_args=work.compile_args,
            defines={"SCRATCH": str(page)},
        )
        kernel = ttnn.CreateKernel(work.program, run.kernel("processor"), CORE, settings)
        ttnn.SetRuntimeArgs(work.program, kernel, CORE, [work.result.address(), page, 40 + page])
    words = work.launch()
    run.check("words", words[:, 0], np.array([40 * 3, 41 * 3], np.uint32))
    run.check("noc", words[:, 1], np.array([11, 10], np.uint32))


@program(
    "kernel.reader_writer_configs", covers=["ReaderDataMovementConfig", "WriterDataMovementConfig"], needs=DATA_MOVEMENT
)
def reader_writer_configs(run: Run) -> None:
    """The reader's config is NCRISC on NoC 0, the writer's BRISC on NoC 1."""
    work = Reporting(run, pages=2)
    config = ttnn.CircularBufferConfig(64, {1: ttnn.DataFormat.UInt32}).set_page_size(1, 64)
    ttnn.CreateCircularBuffer(work.program, CORE, config)
    configs = (
        ttnn.ReaderDataMovementConfig(work.compile_args, {"SCRATCH": "0"}),
        ttnn.WriterDataMovementConfig(work.compile_args, {"SCRATCH": "1"}),
    )
    for page, settings in enumerate(configs):
        kernel = ttnn.CreateKernel(work.program, run.kernel("processor"), CORE, settings)
        ttnn.SetRuntimeArgs(work.program, kernel, CORE, [work.result.address(), page, 60 + page])
    words = work.launch()
    run.check("words", words[:, 0], np.array([180, 183], np.uint32))
    run.check("noc", words[:, 1], np.array([10, 11], np.uint32))


@program("kernel.dynamic_noc", covers=["NOC_MODE"], needs=DATA_MOVEMENT)
def dynamic_noc(run: Run) -> None:
    """In dynamic mode a kernel may use either NoC."""
    page = _one(run, "work", _data_movement(noc_mode=ttnn.NOC_MODE.DM_DYNAMIC_NOC), 99)
    run.check("state", page[0], np.uint32(_work(99)))


def _places(run: Run, cores: ttnn.CoreCoord | ttnn.CoreRange | ttnn.CoreRangeSet) -> None:
    """Run a kernel on cores; each must say where it is."""
    work = Reporting(run, cores)
    settings = ttnn.DataMovementConfig(compile_args=work.compile_args)
    work.place_arguments(ttnn.CreateKernel(work.program, run.kernel("place"), cores, settings))
    virtual = [run.device.worker_core_from_logical_core(core) for core in work.places]
    expected = [[v.x, v.y, 1, core.x + 100, core.y + 200] for v, core in zip(virtual, work.places, strict=True)]
    run.check("places", work.launch()[:, :5], np.array(expected, np.uint32))


@program("kernel.on_core", covers=["CoreCoord"], needs=DATA_MOVEMENT, grid=(2, 2))
def kernel_on_core(run: Run) -> None:
    """A kernel placed on one core runs there and knows its coordinates."""
    _places(run, ttnn.CoreCoord(1, 1))


@program("kernel.on_range", covers=["CoreRange"], needs=DATA_MOVEMENT, grid=(3, 2))
def kernel_on_range(run: Run) -> None:
    """A kernel placed on a rectangle runs on every core of it."""
    _places(run, ttnn.CoreRange(ttnn.CoreCoord(1, 0), ttnn.CoreCoord(2, 1)))


@program("kernel.on_range_set", covers=["CoreRangeSet"], needs=DATA_MOVEMENT, grid=(4, 3))
def kernel_on_range_set(run: Run) -> None:
    """A kernel placed on several rectangles runs on every core of each."""
    corners = (((0, 0), (1, 0)), ((3, 1), (3, 2)))
    ranges = [ttnn.CoreRange(ttnn.CoreCoord(*first), ttnn.CoreCoord(*last)) for first, last in corners]
    _places(run, ttnn.CoreRangeSet(ranges))


@program("kernel.whole_grid", covers=["compute_with_storage_grid_size"], needs=DATA_MOVEMENT)
def kernel_on_whole_grid(run: Run) -> None:
    """A kernel runs on every core that the device offers."""
    grid = run.device.compute_with_storage_grid_size()
    _places(run, ttnn.CoreRange(CORE, ttnn.CoreCoord(grid.x - 1, grid.y - 1)))


@program("kernel.defines", covers=["defines"], needs=DATA_MOVEMENT)
def kernel_defines(run: Run) -> None:
    """Macros reach the compiler: numbers, expressions, and ones with parameters."""
    page = _one(
        run, "defines", _data_movement(defines={"WITH_EXTRA": "31", "EXPRESSION": "(3 + 4)", "APPLY(x)": "((x) + 1)"})
    )
    run.check("words", page[:3], np.array([31, 14, 21], np.uint32))
    pairs = _one(run, "defines", _data_movement(defines=[("WITH_EXTRA", "32")]))
    run.check("as pairs", pairs[:3], np.array([32, 0xB0000001, 0xB0000002], np.uint32))


@program("kernel.compile_args", covers=["compile_time_args"], needs=DATA_MOVEMENT)
def kernel_compile_args(run: Run) -> None:
    """Positional compile-time arguments are constants in their order."""
    for own in ([5, 0xFFFFFFFF, 7], [9, 7, 0x80000001]):
        page = _one(run, "compile_arguments", lambda words, own=own: ttnn.DataMovementConfig(compile_args=words + own))  # type: ignore[misc]
        run.check(f"words of {own[0]}", page[:3], np.array([(own[0] - 1) ** 2, own[1], own[2]], np.uint32))


@program("kernel.named_compile_args", covers=["named_compile_args"], needs=DATA_MOVEMENT)
def kernel_named_compile_args(run: Run) -> None:
    """Named compile-time arguments are constants found by name."""
    page = _one(run, "named_compile_arguments", _data_movement(named_compile_args={"rows": 12, "columns": 34}))
    run.check("words", page[:2], np.array([12034, 34], np.uint32))


@program("kernel.opt_levels", covers=["KernelBuildOptLevel"], needs=DATA_MOVEMENT)
def kernel_opt_levels(run: Run) -> None:
    """A kernel computes the same at every optimisation level."""
    for seed, level in enumerate(ttnn.KernelBuildOptLevel, 1000):
        page = _one(run, "work", _data_movement(opt_level=level), seed)
        run.check(level.name, page[0], np.uint32(_work(seed)))


@program("kernel.user_header", covers=["CreateKernel"], needs=DATA_MOVEMENT)
def kernel_user_header(run: Run) -> None:
    """A kernel includes headers that lie beside it and below."""
    page = _one(run, "user_header", _data_movement(), 3)
    run.check("word", page[0], np.uint32(1009 * 3 + 17))
