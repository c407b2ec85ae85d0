"""Runtime arguments in all their forms, and their updates between launches."""

from __future__ import annotations

from typing import Any

import numpy as np

import tthal as ttnn
from tthal.coordinates import CoreSpec
from tthal_conformance.declaration import program
from tthal_conformance.requirements import DATA_MOVEMENT
from tthal_conformance.run import Run
from tthal_conformance.workbench import CORE, Reporting

ROW = ttnn.CoreRange(CORE, ttnn.CoreCoord(2, 0))
TWO = ttnn.CoreRangeSet([ttnn.CoreRange(CORE, CORE), ttnn.CoreRange(ttnn.CoreCoord(1, 1), ttnn.CoreCoord(2, 1))])


def _added(words: Any) -> Any:
    """Return what arguments.cpp makes of its words."""
    given = np.asarray(words, np.uint32)
    return given + np.arange(given.shape[-1], dtype=np.uint32)


class _Arguments(Reporting):
    """Kernels that report their own runtime arguments."""

    def __init__(self, run: Run, cores: CoreSpec = CORE, file: str = "arguments") -> None:
        super().__init__(run, cores)
        config = ttnn.DataMovementConfig(compile_args=self.compile_args)
        self.kernel = ttnn.CreateKernel(self.program, run.kernel(file), cores, config)

    def words(self, page: int, own: list[int]) -> list[int]:
        """Return the arguments that make a kernel report ``own`` on a page."""
        return [self.result.address(), page, len(own), *own]


@program("args.one_core", covers=["SetRuntimeArgs"], needs=DATA_MOVEMENT)
def args_one_core(run: Run) -> None:
    """Arguments set on one core arrive there in their order."""
    work = _Arguments(run)
    own = [int(word) for word in run.words(8)]
    ttnn.SetRuntimeArgs(work.program, work.kernel, CORE, work.words(0, own))
    run.check("words", work.launch()[0, :8], _added(own))


@program("args.range", covers=["SetRuntimeArgs", "CoreRange"], needs=DATA_MOVEMENT, grid=(3, 1))
def args_range(run: Run) -> None:
    """Arguments set on a rectangle are the same on all its cores, and one core's can be set apart afterwards."""
    work = _Arguments(run, ROW)
    ttnn.SetRuntimeArgs(work.program, work.kernel, ROW, work.words(0, [7, 8]))
    for page, core in enumerate(work.places[1:], 1):
        ttnn.SetRuntimeArgs(work.program, work.kernel, core, work.words(page, [7, 8]))
    run.check("words", work.launch()[:, :2], _added([[7, 8]] * 3))


@program("args.range_set", covers=["SetRuntimeArgs", "CoreRangeSet"], needs=DATA_MOVEMENT, grid=(3, 2))
def args_range_set(run: Run) -> None:
    """Arguments set on several rectangles arrive on all their cores; which core wrote is told by its own page."""
    work = _Arguments(run, TWO)
    ttnn.SetRuntimeArgs(work.program, work.kernel, TWO, work.words(0, [21, 22, 23]))
    held = [list(ttnn.GetRuntimeArgs(work.program, work.kernel, core)) for core in work.places]
    run.check_host("the same everywhere", held, [work.words(0, [21, 22, 23])] * 3)
    run.check("words", work.launch()[0, :3], _added([21, 22, 23]))


@program("args.per_core", covers=["SetRuntimeArgs"], needs=DATA_MOVEMENT, grid=(3, 1))
def args_per_core(run: Run) -> None:
    """A list of cores takes a list of arguments for each."""
    work = _Arguments(run, ROW)
    own = run.words(12).reshape(3, 4)
    ttnn.SetRuntimeArgs(
        work.program, work.kernel, work.places, [work.words(page, row.tolist()) for page, row in enumerate(own)]
    )
    run.check("words", work.launch()[:, :4], _added(own))


@program("args.device_and_kernel", covers=["SetRuntimeArgs", "Kernel"], needs=DATA_MOVEMENT)
def args_device_and_kernel(run: Run) -> None:
    """The form for asynchronous queues takes a device and a kernel object."""
    work = _Arguments(run)
    kernel = work.program.kernel(work.kernel)
    ttnn.SetRuntimeArgs(run.device, kernel, CORE, work.words(0, [301, 302]))
    run.check("words", work.launch()[0, :2], _added([301, 302]))


@program("args.update", covers=["SetRuntimeArgs", "EnqueueProgram"], needs=DATA_MOVEMENT)
def args_update(run: Run) -> None:
    """Arguments set again take effect at the next launch, without building anything anew."""
    work = _Arguments(run)
    for step in range(3):
        own = [100 * step + 1, 100 * step + 2]
        ttnn.SetRuntimeArgs(work.program, work.kernel, CORE, work.words(0, own))
        run.check(f"launch {step}", work.launch()[0, :2], _added(own))
    run.check_host("loaded programs", run.device.num_program_cache_entries(), 1)


@program("args.update_by_view", covers=["GetRuntimeArgs", "RuntimeArgsData"], needs=DATA_MOVEMENT)
def args_update_by_view(run: Run) -> None:
    """What GetRuntimeArgs returns is a view: assigning to it takes effect at the next launch."""
    work = _Arguments(run)
    ttnn.SetRuntimeArgs(work.program, work.kernel, CORE, work.words(0, [1, 2]))
    run.check("before", work.launch()[0, :2], _added([1, 2]))
    view = ttnn.GetRuntimeArgs(work.program, work.kernel, CORE)
    view[3] = 4001
    view[4] = 4002
    run.check("after", work.launch()[0, :2], _added([4001, 4002]))


@program("args.get_all", covers=["GetRuntimeArgs"], needs=DATA_MOVEMENT, grid=(3, 1))
def args_get_all(run: Run) -> None:
    """GetRuntimeArgs without a core returns every core's arguments by column and row."""
    work = _Arguments(run, ROW)
    for page, core in enumerate(work.places):
        ttnn.SetRuntimeArgs(work.program, work.kernel, core, work.words(page, [page + 50]))
    found = ttnn.GetRuntimeArgs(work.program, work.kernel)
    run.check_host("by column and row", [list(found[core.x][core.y])[3] for core in work.places], [50, 51, 52])
    run.check("words", work.launch()[:, 0], np.array([50, 51, 52], np.uint32))


@program("args.common", covers=["SetCommonRuntimeArgs", "GetCommonRuntimeArgs"], needs=DATA_MOVEMENT, grid=(3, 1))
def args_common(run: Run) -> None:
    """Common arguments are the same on all cores, beside each core's own."""
    work = _Arguments(run, ROW, "common_arguments")
    ttnn.SetCommonRuntimeArgs(work.program, work.kernel, [0xC0FFEE, 0xFACADE])
    for page, core in enumerate(work.places):
        ttnn.SetRuntimeArgs(work.program, work.kernel, core, [work.result.address(), page, 1 << page])
    run.check_host("read back", list(ttnn.GetCommonRuntimeArgs(work.program, work.kernel)), [0xC0FFEE, 0xFACADE])
    expected = [[0xC0FFEE, 0xFACADE, 0xC0FFEE ^ (1 << page)] for page in range(3)]
    run.check("words", work.launch()[:, :3], np.array(expected, np.uint32))


@program("args.common_update", covers=["GetCommonRuntimeArgs"], needs=DATA_MOVEMENT)
def args_common_update(run: Run) -> None:
    """Common arguments are changed through their view, from the next launch on."""
    work = _Arguments(run, CORE, "common_arguments")
    ttnn.SetCommonRuntimeArgs(work.program, work.kernel, [5, 6])
    ttnn.SetRuntimeArgs(work.program, work.kernel, CORE, [work.result.address(), 0, 16])
    run.check("before", work.launch()[0, :3], np.array([5, 6, 21], np.uint32))
    view = ttnn.GetCommonRuntimeArgs(work.program, work.kernel)
    view[0], view[1] = 9, 10
    run.check("after", work.launch()[0, :3], np.array([9, 10, 25], np.uint32))


@program("args.most", covers=["SetRuntimeArgs"], needs=DATA_MOVEMENT)
def args_most(run: Run) -> None:
    """A core takes 255 arguments, the documented maximum."""
    work = _Arguments(run, CORE, "sum_arguments")
    own = run.words(252)
    ttnn.SetRuntimeArgs(work.program, work.kernel, CORE, work.words(0, own.tolist()))
    total = int((own.astype(object) * np.arange(1, 253)).sum()) & 0xFFFFFFFF
    run.check("weighted sum and count", work.launch()[0, :2], np.array([total, 252], np.uint32))
