"""A device's calls as messages: the types of each, the side that makes them, the side that carries them out.

For a backend that drives its device from a process of its own. How messages travel is the backend's business: it
encodes arguments and results with msgspec, by the types in :data:`CALLS`, and carries bulk data beside them.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tthal.coordinates import CoreCoord
from tthal.device_interface import (
    Allocation,
    BufferSpec,
    DeviceDriver,
    DeviceProperties,
    LaunchState,
    LoadedProgram,
    ProgramImage,
)
from tthal.errors import InvalidArgument

Bulk = bytes | bytearray | memoryview
"""Data that travels beside a call's arguments or its result."""


@dataclass(frozen=True, slots=True)
class CallTypes:
    """The types of a call's arguments and result.

    A loaded program travels as its fingerprint, memory to write as bulk data of the call, memory to read into as its
    size. What was read comes as bulk data of the answer: of ``finish`` for buffers, which fills them by the contract.
    """

    arguments: Any
    result: Any = None


CALLS: Mapping[str, CallTypes] = {
    "open": CallTypes(tuple[int, str, dict[str, str]], DeviceProperties),
    "allocate": CallTypes(tuple[BufferSpec], Allocation),
    "free": CallTypes(tuple[Allocation]),
    "write": CallTypes(tuple[int, Allocation]),
    "read": CallTypes(tuple[int, Allocation, int]),
    "load": CallTypes(tuple[ProgramImage], str),
    "unload": CallTypes(tuple[str]),
    "launch": CallTypes(tuple[int, str, LaunchState]),
    "finish": CallTypes(tuple[int]),
    "write_l1": CallTypes(tuple[CoreCoord, int]),
    "read_l1": CallTypes(tuple[CoreCoord, int, int]),
    "write_dram": CallTypes(tuple[int, int]),
    "read_dram": CallTypes(tuple[int, int, int]),
    "close": CallTypes(tuple[()]),
}
"""``Backend.open`` and every method of :class:`~tthal.device_interface.DeviceDriver`, by name."""


@dataclass(frozen=True, slots=True)
class RemoteProgram:
    """A program that the other side has loaded."""

    image: ProgramImage
    fingerprint: str


class RemoteDevice(DeviceDriver):
    """The side that makes the calls; a subclass carries them over."""

    def __init__(self) -> None:
        self._reading: dict[int, list[memoryview]] = {}

    @abstractmethod
    def exchange(self, method: str, arguments: tuple[Any, ...], bulk: Bulk = b"") -> tuple[Any, Bulk]:
        """Make a call; return its result and its bulk data, or raise what it raised."""

    def _call(self, method: str, *arguments: Any) -> Any:
        return self.exchange(method, arguments)[0]

    def allocate(self, spec: BufferSpec) -> Allocation:
        allocation: Allocation = self._call("allocate", spec)
        return allocation

    def free(self, allocation: Allocation) -> None:
        self._call("free", allocation)

    def write(self, queue: int, allocation: Allocation, data: memoryview) -> None:
        self.exchange("write", (queue, allocation), data)

    def read(self, queue: int, allocation: Allocation, out: memoryview) -> None:
        self._call("read", queue, allocation, out.nbytes)
        self._reading.setdefault(queue, []).append(out.cast("B"))

    def load(self, image: ProgramImage) -> LoadedProgram:
        return RemoteProgram(image, self._call("load", image))

    def unload(self, loaded: LoadedProgram) -> None:
        self._call("unload", self.fingerprint(loaded))

    def launch(self, queue: int, loaded: LoadedProgram, state: LaunchState) -> None:
        self._call("launch", queue, self.fingerprint(loaded), state)

    def finish(self, queue: int) -> None:
        reading = self._reading.pop(queue, [])
        data = memoryview(self.exchange("finish", (queue,))[1])
        for out in reading:
            out[:], data = data[: out.nbytes], data[out.nbytes :]

    def write_l1(self, core: CoreCoord, address: int, data: memoryview) -> None:
        self.exchange("write_l1", (core, address), data)

    def read_l1(self, core: CoreCoord, address: int, size: int) -> bytes:
        return bytes(self.exchange("read_l1", (core, address, size))[1])

    def write_dram(self, bank: int, address: int, data: memoryview) -> None:
        self.exchange("write_dram", (bank, address), data)

    def read_dram(self, bank: int, address: int, size: int) -> bytes:
        return bytes(self.exchange("read_dram", (bank, address, size))[1])

    def fingerprint(self, loaded: LoadedProgram) -> str:
        """Return what names a loaded program to the other side.

        Raises:
            InvalidArgument: the program is of another kind of device.
        """
        if not isinstance(loaded, RemoteProgram):
            raise InvalidArgument("the program was loaded on another device")
        return loaded.fingerprint


class CallServer:
    """The side that carries the calls out, on the device that the first of them opens.

    Args:
        open_device: makes the device of device id, argument and options.
    """

    def __init__(self, open_device: Callable[[int, str, Mapping[str, str]], DeviceDriver]) -> None:
        self._open_device = open_device
        self._device: DeviceDriver | None = None
        self._loaded: dict[str, LoadedProgram] = {}
        self._reading: dict[int, list[bytearray]] = {}
        self._special: dict[str, Callable[..., Any]] = {
            "open": self._open,
            "read": self._read,
            "load": self._load,
            "unload": self._unload,
            "launch": self._launch,
            "finish": self._finish,
            "close": self._close,
        }

    def carry_out(self, method: str, arguments: tuple[Any, ...], bulk: memoryview) -> tuple[Any, Bulk]:
        """Carry out one call of :data:`CALLS`; return its result and its bulk data, or raise what it raises."""
        if method in self._special:
            result = self._special[method](*arguments)
        elif method in ("write", "write_l1", "write_dram"):
            result = getattr(self.device, method)(*arguments, bulk)
        else:
            result = getattr(self.device, method)(*arguments)
        return (None, result) if isinstance(result, (bytes, bytearray)) else (result, b"")

    @property
    def device(self) -> DeviceDriver:
        """The open device.

        Raises:
            InvalidArgument: none is open.
        """
        if self._device is None:
            raise InvalidArgument("no device is open yet")
        return self._device

    def program(self, fingerprint: str) -> LoadedProgram:
        """Return a loaded program.

        Raises:
            InvalidArgument: it is not loaded here.
        """
        if fingerprint not in self._loaded:
            raise InvalidArgument("the program was loaded on another device, or unloaded since")
        return self._loaded[fingerprint]

    def _open(self, device_id: int, argument: str, options: dict[str, str]) -> DeviceProperties:
        self._device = self._open_device(device_id, argument, options)
        return self._device.properties

    def _read(self, queue: int, allocation: Allocation, size: int) -> None:
        space = bytearray(size)
        self.device.read(queue, allocation, memoryview(space))
        self._reading.setdefault(queue, []).append(space)

    def _finish(self, queue: int) -> bytes | bytearray:
        spaces = self._reading.pop(queue, [])
        self.device.finish(queue)
        return spaces[0] if len(spaces) == 1 else b"".join(spaces)

    def _load(self, image: ProgramImage) -> str:
        self._loaded[image.fingerprint] = self.device.load(image)
        return image.fingerprint

    def _unload(self, fingerprint: str) -> None:
        loaded = self._loaded.pop(fingerprint, None)
        if loaded is not None:
            self.device.unload(loaded)

    def _launch(self, queue: int, fingerprint: str, state: LaunchState) -> None:
        self.device.launch(queue, self.program(fingerprint), state)

    def _close(self) -> None:
        if self._device is not None:
            self._device.close()
