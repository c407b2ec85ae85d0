"""A device that answers every call from the trace."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field, replace

from tthal.coordinates import CoreCoord
from tthal.device_interface import (
    Allocation,
    BufferSpec,
    Capability,
    DeviceDriver,
    DeviceProperties,
    LaunchState,
    LoadedProgram,
    ProgramImage,
)
from tthal.errors import ReplayMismatch, TraceFormatError
from tthal.kit.error_codec import rebuild_error
from tthal.trace.codec import encode, encode_image
from tthal.trace.differences import Side
from tthal.trace.schema import (
    Allocate,
    CallBase,
    Finish,
    Launch,
    Load,
    Open,
    Read,
    ReadDram,
    ReadL1,
    Write,
    WriteDram,
    WriteL1,
)
from tthal_replay.session import BusyQueues, Session, summarise

logger = logging.getLogger("tthal")


@dataclass(frozen=True, slots=True)
class ReplayedProgram:
    """A program that the trace knows, by the fingerprint recorded: files may bear other names than they did then."""

    image: ProgramImage
    fingerprint: str


@dataclass(slots=True)
class _Live:
    """The program's own values, by the digests that its calls would be recorded with."""

    images: dict[str, ProgramImage] = field(default_factory=dict)
    states: dict[str, LaunchState] = field(default_factory=dict)
    contents: dict[str, memoryview] = field(default_factory=dict)

    def image(self, digest: str) -> ProgramImage:
        return self.images[digest]

    def state(self, digest: str) -> LaunchState:
        return self.states[digest]

    def data(self, digest: str) -> bytes:
        return bytes(self.contents[digest])


class ReplayDriver(DeviceDriver):
    """Matches a program's calls with the recorded ones of one device.

    Attributes:
        unused: after closing, the recorded calls that the program did not make, in words.
    """

    def __init__(self, session: Session, opened: Open, ignore: frozenset[str], complete: bool) -> None:
        if opened.properties is None:
            raise TraceFormatError(f"{session.trace.path}: call {opened.n} opens a device without its properties")
        self._session = session
        self._device = opened.device
        self._ignore = ignore
        self._complete = complete
        recorded = session.trace.properties(opened.properties)
        # A trace holds calls and their results, not what happened inside the device.
        inside = {Capability.DPRINT, Capability.OBSERVABLE}
        self._properties = replace(recorded, capabilities=recorded.capabilities - inside)
        self._reads: dict[int, memoryview] = {}
        self._queues = BusyQueues()
        self._differed = False
        self._closed = False
        self.unused: list[str] = []
        session.attach(opened.device, self)

    @property
    def properties(self) -> DeviceProperties:
        return self._properties

    def allocate(self, spec: BufferSpec) -> Allocation:
        recorded = self._answered(Allocate(device=self._device, spec=spec))
        if not isinstance(recorded, Allocate) or recorded.allocation is None or recorded.address is None:
            raise self._damaged(recorded, "has no result")
        return Allocation(recorded.allocation, recorded.address, spec)

    def free(self, allocation: Allocation) -> None:
        """Do nothing: when memory is given back is not program behaviour."""

    def write(self, queue: int, allocation: Allocation, data: memoryview) -> None:
        digest, live = self._content(data)
        call = Write(device=self._device, queue=queue, allocation=allocation.id, data=digest)
        self._answered(call, live, allocation.spec.page_size)

    def read(self, queue: int, allocation: Allocation, out: memoryview) -> None:
        recorded = self._answered(Read(device=self._device, queue=queue, allocation=allocation.id))
        self._reads[recorded.n] = out

    def load(self, image: ProgramImage) -> LoadedProgram:
        fingerprint = hashlib.sha256(encode_image(image)).hexdigest()
        recorded = self._answered(Load(device=self._device, program=fingerprint), _Live({fingerprint: image}))
        if not isinstance(recorded, Load):
            raise self._damaged(recorded, "is no load")
        return ReplayedProgram(image, recorded.program)

    def unload(self, loaded: LoadedProgram) -> None:
        """Do nothing."""

    def launch(self, queue: int, loaded: LoadedProgram, state: LaunchState) -> None:
        fingerprint = hashlib.sha256(encode_image(loaded.image)).hexdigest()
        if isinstance(loaded, ReplayedProgram):
            fingerprint = loaded.fingerprint
        digest = hashlib.sha256(encode(state)).hexdigest()
        live = _Live({fingerprint: loaded.image}, {digest: state})
        self._answered(Launch(device=self._device, queue=queue, program=fingerprint, state=digest), live)

    def finish(self, queue: int) -> None:
        idle = self._queues.follow(Finish(device=self._device, queue=queue))
        if idle and not self._session.expects_finish(self._device, queue):
            return
        recorded = self._matched(Finish(device=self._device, queue=queue))
        if not isinstance(recorded, Finish):
            raise self._damaged(recorded, "is no finish")
        for each in recorded.reads:
            out = self._reads.pop(each.call, None)
            if out is None:
                raise self._damaged(recorded, f"completes call {each.call}, which is no read")
            if each.data is not None:
                self._session.trace.read_into(each.data, out)
        self._raise_recorded(recorded)

    def write_l1(self, core: CoreCoord, address: int, data: memoryview) -> None:
        digest, live = self._content(data)
        self._answered(WriteL1(device=self._device, core=core, address=address, data=digest), live)

    def read_l1(self, core: CoreCoord, address: int, size: int) -> bytes:
        return self._data_of(self._answered(ReadL1(device=self._device, core=core, address=address, size=size)))

    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        digest, live = self._content(data)
        self._answered(WriteDram(device=self._device, bank=bank, address=address, data=digest), live)

    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        return self._data_of(self._answered(ReadDram(device=self._device, bank=bank, address=address, size=size)))

    def close(self) -> None:
        """End the replay of this device.

        Raises:
            ReplayMismatch: with ``complete=yes``, when recorded calls are left that the program did not make.
        """
        if self._closed:
            return
        self._closed = True
        path = self._session.trace.path
        left = self._session.close_device(self._device)
        self.unused = [f"call {call.n}: {call.op}" for call in left]
        # After a mismatch the rest was never reached, which the program knows already.
        if not left or self._differed:
            return
        text = f"{path}: the program ended, but {len(left)} recorded calls of its device are left:\n{summarise(left)}"
        if self._complete:
            raise ReplayMismatch(text, call=left[0].n)
        logger.warning("%s", text)

    # ------------------------------------------------------------------------------------------ matching

    def _answered(self, call: CallBase, live: _Live | None = None, page_size: int = 1) -> CallBase:
        """Return the recorded call; raise what it raised."""
        recorded = self._matched(call, live, page_size)
        self._raise_recorded(recorded)
        self._queues.follow(recorded)
        return recorded

    def _matched(self, call: CallBase, live: _Live | None = None, page_size: int = 1) -> CallBase:
        try:
            return self._session.take(Side(call, live or _Live(), page_size), self._ignore)
        except ReplayMismatch:
            self._differed = True
            raise

    def _raise_recorded(self, recorded: CallBase) -> None:
        if recorded.error is not None:
            raise rebuild_error(recorded.error)

    def _content(self, data: memoryview) -> tuple[str, _Live]:
        digest = hashlib.sha256(data).hexdigest()
        return digest, _Live(contents={digest: data})

    def _data_of(self, recorded: CallBase) -> bytes:
        if not isinstance(recorded, ReadL1 | ReadDram) or recorded.data is None:
            raise self._damaged(recorded, "has no data")
        data = self._session.trace.data(recorded.data)
        if len(data) != recorded.size:
            raise self._damaged(recorded, f"says {recorded.size} bytes and holds {len(data)}")
        return data

    def _damaged(self, recorded: CallBase, why: str) -> TraceFormatError:
        return TraceFormatError(f"{self._session.trace.path}: call {recorded.n} ({recorded.op}) {why}")
