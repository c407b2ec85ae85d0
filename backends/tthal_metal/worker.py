"""The process that drives one device for another process: ``python -m tthal_metal.worker FD PARENT``.

It may crash, hang or be killed with its simulator; the program it works for stays.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import msgspec

from tthal.coordinates import CoreCoord
from tthal.device_interface import Allocation, DeviceProperties, Event, LaunchState, ProgramImage
from tthal.errors import DeviceError, InvalidArgument, TthalError
from tthal_metal import wire
from tthal_metal.driver import MetalDevice
from tthal_metal.processes import children
from tthal_metal.program import LoadedMetalProgram

_LOOK_EVERY = 1.0


class Worker:
    """Carries out requests on one device."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._device: MetalDevice | None = None
        self._loaded: dict[str, LoadedMetalProgram] = {}
        self._bulk: bytearray = bytearray()
        # Methods that need no more than to be passed on to the device are taken from it by name.
        self._own: dict[str, Callable[..., object]] = {
            name.removeprefix("_do_"): getattr(self, name) for name in dir(self) if name.startswith("_do_")
        }

    def serve(self) -> None:
        """Answer requests until the other side closes or is gone."""
        while True:
            try:
                head, self._bulk = wire.receive(self._channel)
                request = msgspec.msgpack.decode(head, type=wire.Request)
                self._answer(request)
            except wire.Disconnected:
                return
            if request.method == "close":
                return

    def _answer(self, request: wire.Request) -> None:
        try:
            result, bulk = self._carry_out(request)
        except TthalError as error:
            wire.send(self._channel, wire.describe_error(error))
        except Exception as error:  # noqa: BLE001 - the border of a process: the other side gets to know everything
            failure = DeviceError(f"the process that drives the device failed: {type(error).__name__}: {error}")
            wire.send(self._channel, wire.describe_error(failure))
        else:
            wire.send(self._channel, wire.Answer("result", "", wire.encode(result)), bulk)

    def _carry_out(self, request: wire.Request) -> tuple[object, bytes]:
        method = wire.METHODS[request.method]
        arguments = msgspec.msgpack.decode(request.arguments, type=method.arguments)
        carry_out = self._own.get(request.method) or getattr(self._open_device(), request.method)
        result = carry_out(*arguments)
        if isinstance(result, (bytes, bytearray)):
            return None, bytes(result)
        return result, b""

    def _open_device(self) -> MetalDevice:
        if self._device is None:
            raise InvalidArgument("no device is open yet")
        return self._device

    def _event(self, event: Event) -> None:
        name = type(event).__name__
        if name in wire.EVENTS:
            wire.send(self._channel, wire.Answer("event", name, wire.encode(event)))

    def _do_open(self, device_id: int, argument: str, options: dict[str, str]) -> DeviceProperties:
        from tthal.kit.options import read
        from tthal_metal.backend import open_here
        from tthal_metal.settings import Settings

        self._device = open_here(device_id, argument, read(Settings, options, "metal"), self._event)
        return self._device.properties

    def _do_write(self, queue: int, allocation: Allocation) -> None:
        self._open_device().write(queue, allocation, memoryview(self._bulk))

    def _do_read(self, queue: int, allocation: Allocation, size: int) -> bytearray:
        space = bytearray(size)
        self._open_device().read(queue, allocation, memoryview(space))
        return space

    def _do_load(self, image: ProgramImage) -> str:
        loaded: Any = self._open_device().load(image)
        self._loaded[image.fingerprint] = loaded
        return image.fingerprint

    def _do_unload(self, fingerprint: str) -> None:
        loaded = self._loaded.pop(fingerprint, None)
        if loaded is not None:
            self._open_device().unload(loaded)

    def _do_launch(self, queue: int, fingerprint: str, state: LaunchState) -> None:
        self._open_device().launch(queue, self._program(fingerprint), state)

    def _program(self, fingerprint: str) -> LoadedMetalProgram:
        try:
            return self._loaded[fingerprint]
        except KeyError:
            raise InvalidArgument("the program was loaded on another device, or unloaded since") from None

    def _do_circular_buffer_addresses(self, fingerprint: str) -> list[int]:
        return self._open_device().circular_buffer_addresses(self._program(fingerprint))

    def _do_write_l1(self, core: CoreCoord, address: int) -> None:
        self._open_device().write_l1(core, address, memoryview(self._bulk))

    def _do_write_dram(self, bank: int, address: int) -> None:
        self._open_device().write_dram(bank, address, memoryview(self._bulk))

    def _do_close(self) -> None:
        if self._device is not None:
            self._device.close()


def end_with(parent: int) -> None:
    """End this process and all it started when the program it works for is gone, even out of a call that hangs."""
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY)
    for child in children(os.getpid()):
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    os._exit(1)


def main(arguments: list[str]) -> int:
    """Serve on the socket with the given file descriptor for the process with the given id."""
    threading.Thread(target=end_with, args=(int(arguments[1]),), daemon=True).start()
    with socket.socket(fileno=int(arguments[0])) as channel:
        Worker(channel).serve()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
