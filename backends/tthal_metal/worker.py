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
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from tthal.device_interface import DeviceDriver, Event
from tthal.errors import DeviceError, TthalError
from tthal.kit.device_calls import Bulk, CallServer
from tthal.kit.options import read
from tthal_metal import wire
from tthal_metal.processes import children

_LOOK_EVERY = 1.0


class Worker:
    """Carries out requests on one device."""

    def __init__(self, channel: socket.socket) -> None:
        self._channel = channel
        self._calls = CallServer(self._open)

    def serve(self) -> None:
        """Answer requests until the other side closes or is gone."""
        while True:
            try:
                head, bulk = wire.receive(self._channel)
                request = msgspec.msgpack.decode(head, type=wire.Request)
                self._answer(request, memoryview(bulk))
            except wire.Disconnected:
                return
            if request.method == "close":
                return

    def _answer(self, request: wire.Request, bulk: memoryview) -> None:
        try:
            arguments = msgspec.msgpack.decode(request.arguments, type=wire.METHODS[request.method].arguments)
            result, read_back = self._carry_out(request.method, arguments, bulk)
        except TthalError as error:
            wire.send(self._channel, wire.encode_error(error))
        except Exception as error:  # noqa: BLE001 - the border of a process: the other side gets to know everything
            failure = DeviceError(f"the process that drives the device failed: {type(error).__name__}: {error}")
            wire.send(self._channel, wire.encode_error(failure))
        else:
            wire.send(self._channel, wire.Answer("result", "", wire.encode(result)), read_back)

    def _carry_out(self, method: str, arguments: tuple[object, ...], bulk: memoryview) -> tuple[object, Bulk]:
        if method == "circular_buffer_addresses":
            program = self._calls.program(str(arguments[0]))
            return getattr(self._calls.device, method)(program), b""
        return self._calls.carry_out(method, arguments, bulk)

    def _open(self, device_id: int, argument: str, options: Mapping[str, str]) -> DeviceDriver:
        from tthal_metal.backend import open_here
        from tthal_metal.settings import Settings

        return open_here(device_id, argument, read(Settings, options, "metal"), self._event)

    def _event(self, event: Event) -> None:
        name = type(event).__name__
        if name in wire.EVENTS:
            wire.send(self._channel, wire.Answer("event", name, wire.encode(event)))


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
