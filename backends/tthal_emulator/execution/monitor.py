"""The seam for observers (tthal/observer.py): who listens to a device's launches, and what they are told.

Records are written by device headers (kernel_side/include/tthal/border/monitor.h) and by compiled code
(compiled/monitor.cpp), in the order of events; this module starts and ends an observed launch and lends out what
listeners need. The machine knows nothing of what they do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from tthal.coordinates import CoreCoord
from tthal.device_interface import DeviceProperties, LaunchState, ProgramImage
from tthal.errors import Frame, TthalError
from tthal.observer import (
    RECORD,
    EventKind,
    ObservedCircularBuffer,
    ObservedCore,
    ObservedKernel,
    ObservedLaunch,
    Observer,
)
from tthal_emulator.board.machine import Machine
from tthal_emulator.engine import Module
from tthal_emulator.engine.memory_map import SLOTS
from tthal_emulator.noc.coordinates import NODE_BITS, EndpointKind
from tthal_emulator.noc.nodes import Nodes
from tthal_emulator.program.kernel_starts import KernelStart
from tthal_emulator.program.loader import PreparedLaunch
from tthal_emulator.program.placement import CorePlacement

from .compiled import CompiledLaunch
from .scheduler import StoppedByObserver

_GATHERED = 1 << 16
"""Records that are kept for observers that read them in bulk."""
_NODES = 1 << 2 * NODE_BITS
_AXIS = (1 << NODE_BITS) - 1


class Observers:
    """The observers of one device.

    Args:
        compiled: writes and hands on the records.
    """

    def __init__(self, compiled: CompiledLaunch) -> None:
        self._compiled = compiled
        self._observers: list[Observer] = []
        self._readers: list[Observer] = []

    def __bool__(self) -> bool:
        """Whether somebody hears of launches."""
        return any(map(_hears_launches, self._observers))

    def add(self, observer: Observer) -> None:
        """Let an observer hear of everything that begins from now on."""
        self._observers.append(observer)

    def tell(self, what: Callable[[Observer], None]) -> None:
        """Call a method of every observer."""
        for observer in self._observers:
            what(observer)

    def printed(self, core: CoreCoord, processor: str, text: str) -> None:
        """Tell every observer what a kernel printed."""
        self.tell(lambda observer: observer.printed(core, processor, text))

    def listen(self, launch: ObservedLaunch, run: Callable[[], None]) -> None:
        """Run a launch that is observed; raises what ``run`` raises, unless an observer puts something in its place."""
        failure: BaseException | None = None
        self._connect()
        try:
            self.tell(lambda observer: observer.launch_began(launch))
            run()
        except (TthalError, StoppedByObserver) as error:
            failure = error
        except BaseException:
            self.tell(lambda observer: observer.launch_cut_short())
            raise
        finally:
            self._compiled.stop_observing()
        for observer in self._observers:
            failure = observer.launch_ended(failure)
        if failure is not None:
            raise failure

    def _connect(self) -> None:
        self._readers = [item for item in self._observers if type(item).records is not Observer.records]
        listening = [item for item in self._observers if item.compiled is not None]
        listeners = [item.compiled for item in listening if item.compiled is not None]
        stepwise = any(item.stepwise for item in self._readers)
        read = self._read if self._readers else None
        kinds = tuple(item.kinds for item in (*listening, *self._readers))
        self._compiled.observe(listeners, read, 1 if stepwise else _GATHERED, stepwise, _any_of(kinds))

    def _read(self, raw: memoryview) -> None:
        records = np.frombuffer(raw, dtype=RECORD)
        for observer in self._readers:
            observer.records(records)


@cache
def _any_of(kinds: tuple[frozenset[EventKind] | None, ...]) -> frozenset[EventKind]:
    """All kinds of events that somebody listens for; None stands for all that there are."""
    return frozenset(kind for wanted in kinds for kind in (EventKind if wanted is None else wanted))


def _hears_launches(observer: Observer) -> bool:
    if observer.compiled is not None:
        return True
    kind = type(observer)
    own = (kind.launch_began, kind.records, kind.launch_ended)
    return own != (Observer.launch_began, Observer.records, Observer.launch_ended)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What takes part in a launch, which stays as long as the prepared launch does."""

    starts: dict[int, KernelStart]
    kernels: dict[int, ObservedKernel]
    cores: dict[int, ObservedCore]


class Description:
    """What observers are told of a launch, besides the program: see :class:`ObservedLaunch`.

    Args:
        frames_of: from a module and a site to the calls that lead there.
    """

    def __init__(
        self,
        device_id: int,
        machine: Machine,
        properties: DeviceProperties,
        frames_of: Callable[[Module, int], tuple[Frame, ...]],
    ) -> None:
        self._device_id = device_id
        self._config_base = machine.chip.config_base
        self._properties = properties
        self._frames_of = frames_of
        # Describing 192 kernels takes as long as a tenth of vector_add: once per prepared launch.
        self._parts: WeakKeyDictionary[PreparedLaunch, _Parts] = WeakKeyDictionary()
        self._nodes: npt.NDArray[np.int32] | None = None

    def launch(
        self, queue: int, image: ProgramImage, state: LaunchState, prepared: PreparedLaunch, nodes: Nodes
    ) -> ObservedLaunch:
        """Describe a launch that is about to begin; ``nodes`` are the device's."""
        parts = self._parts.get(prepared)
        if parts is None:
            parts = self._parts[prepared] = _parts(image, prepared, self._config_base)
        if self._nodes is None:
            self._nodes = _node_table(nodes)
        starts, frames_of = parts.starts, self._frames_of
        return ObservedLaunch(
            device_id=self._device_id,
            queue=queue,
            image=image,
            state=state,
            kernels=parts.kernels,
            cores=parts.cores,
            properties=self._properties,
            nodes=self._nodes,
            frames=lambda index, site: frames_of(starts[index].module, site) if index in starts else (),
            l1=lambda core: _l1(nodes, core),
        )


def _parts(image: ProgramImage, prepared: PreparedLaunch, config_base: int) -> _Parts:
    starts, placement = {_index(start): start for start in prepared.starts}, prepared.placement
    numbers = [placed.kernel for core in placement.cores for placed in core.kernels]
    kernels = {
        index: ObservedKernel(index, CoreCoord(*start.place), start.risc.name, number, start.name)
        for (index, start), number in zip(starts.items(), numbers, strict=True)
    }
    semaphores = max((semaphore.id + 1 for semaphore in image.semaphores), default=0)
    cores = {
        index: _observed_core(index, placed, semaphores, config_base)
        for index, placed in zip(prepared.cores, placement.cores, strict=True)
    }
    return _Parts(starts, kernels, cores)


def _index(start: KernelStart) -> int:
    return start.core * SLOTS + int(start.risc)


def _observed_core(index: int, placed: CorePlacement, semaphores: int, config_base: int) -> ObservedCore:
    buffers = tuple(
        ObservedCircularBuffer(
            index=buffer.index,
            address=buffer.address,
            total_size=buffer.total_size,
            page_size=buffer.page_size,
            in_buffer=buffer.in_buffer,
            data_format=buffer.data_format,
            tile=buffer.tile,
        )
        for buffer in placed.circular_buffers
    )
    arguments = (config_base, placed.semaphore_base)
    return ObservedCore(index, placed.core, buffers, (placed.semaphore_base, semaphores), arguments)


def _l1(nodes: Nodes, core: int) -> memoryview:
    found = (node.memory for node in nodes.at[0].values() if node.core == core)
    return next(found, memoryview(b"")).toreadonly()


def _node_table(nodes: Nodes) -> npt.NDArray[np.int32]:
    table = np.full((len(nodes.at), _NODES), -1, dtype=np.int32)
    for noc, found in enumerate(nodes.at):
        for place in found:
            endpoint = nodes.map.at(noc, place & _AXIS, place >> NODE_BITS)
            if endpoint is not None:
                is_worker = endpoint.kind is EndpointKind.WORKER
                table[noc, place] = endpoint.index if is_worker else -2 - endpoint.index
    table.flags.writeable = False
    return table
