"""From a program's image to launches of it: its kernels are compiled once, placed once per state of its buffers."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tthal.device_interface import CircularBufferState, LaunchState, ProgramImage
from tthal_emulator.board.machine import Machine
from tthal_emulator.compiler import Compiler, CompileRequest, Progress
from tthal_emulator.engine import Module
from tthal_emulator.engine.host_functions import IMPORT_MODULE

from .argument_slots import Words
from .config_region import risc_of
from .kernel_formats import KernelFormats, kernel_formats
from .kernel_starts import KernelStart, KernelStarts, TileOptions
from .placement import Placement, ProgramPlacer
from .preamble import ExactVectorUnit, compile_request
from .source.general_form import loaded_arguments

_KEPT = 4
"""Launches that a loaded program keeps prepared: those whose circular buffers change come back to a few states."""


@dataclass(frozen=True, eq=False)
class PreparedLaunch:
    """All of a launch but the arguments: the same object as long as circular buffers stay as they are.

    Attributes:
        cores: indices of the cores that take part.
        starts: every kernel on every core, in core order.
    """

    placement: Placement
    cores: tuple[int, ...]
    starts: tuple[KernelStart, ...]


class LoadedImage:
    """A compiled program on one machine; the device interface's LoadedProgram.

    Args:
        modules: compiled code, one per kernel.
        compile_seconds: how long it took to compile them.
    """

    def __init__(
        self, placer: ProgramPlacer, starts: KernelStarts, modules: Sequence[Module], compile_seconds: float
    ) -> None:
        self._image = placer.image
        self._placer = placer
        self._starts = starts
        self._modules = tuple(modules)
        self._compile_seconds = compile_seconds
        self._prepared: OrderedDict[tuple[CircularBufferState, ...], PreparedLaunch] = OrderedDict()
        self.fingerprint = self._image.fingerprint
        self.multiplies = any((IMPORT_MODULE, "matmul") in module.imports for module in modules)
        """Whether some kernel asks the host for products of tiles."""

    @property
    def image(self) -> ProgramImage:
        """The image it was loaded from."""
        return self._image

    def prepare(self, state: LaunchState, lowest_l1_address: int | None) -> PreparedLaunch:
        """Return the launch of a state; those of the last few states of the circular buffers are kept.

        Args:
            lowest_l1_address: of the L1 buffers that exist now.

        Raises:
            PlacementError: circular buffers do not fit, or clash with L1 buffers.
        """
        states = state.circular_buffers
        prepared = self._prepared.pop(states, None) or self._prepare(states)
        self._prepared[states] = prepared
        if len(self._prepared) > _KEPT:
            self._prepared.popitem(last=False)
        prepared.placement.regions.check_l1(lowest_l1_address)
        return prepared

    def _prepare(self, states: Sequence[CircularBufferState]) -> PreparedLaunch:
        placement = self._placer.place(states)
        return PreparedLaunch(placement, self._placer.core_indices, self._starts.of(placement, self._modules))

    def config_words(self, prepared: PreparedLaunch, state: LaunchState) -> Words:
        """Return the configuration region's words, one row per core of the launch."""
        return self._placer.config_words(prepared.placement, state)

    def take_compile_seconds(self) -> float:
        """Return how long it took to compile the first time, and 0 from then on."""
        seconds, self._compile_seconds = self._compile_seconds, 0.0
        return seconds


def load(
    image: ProgramImage,
    machine: Machine,
    compiler: Compiler,
    options: TileOptions,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> LoadedImage:
    """Compile a program's kernels.

    Raises:
        CompileError: a kernel does not compile.
        PlacementError, Unsupported: no launch of it could work on this machine.
    """
    started = time.perf_counter()
    placer = ProgramPlacer(image, machine)
    kernels = kernel_formats(image, machine.chip.tensix)
    starts = KernelStarts(kernels, machine, options)
    requests = _requests(kernels, machine, options.vector_unit)
    modules = compiler.compile_all(requests, progress, jobs)
    return LoadedImage(placer, starts, modules, time.perf_counter() - started)


def _requests(kernels: Sequence[KernelFormats], machine: Machine, unit: ExactVectorUnit | None) -> list[CompileRequest]:
    """Return one request per kernel; kernels that differ in arguments only get a general form to share.

    Those that stand alone do not: code that contains its arguments is faster.
    """
    requests = [compile_request(each, risc_of(each.kernel), machine, unit) for each in kernels]
    alike: dict[CompileRequest, set[CompileRequest]] = {}
    for each, request in zip(kernels, requests, strict=True):
        if loaded := loaded_arguments(each.kernel):
            general = compile_request(each, risc_of(each.kernel), machine, unit, loaded)
            alike.setdefault(general, set()).add(request)
    shared = {request: general for general, group in alike.items() if len(group) > 1 for request in group}
    return [replace(request, general=shared.get(request)) for request in requests]
