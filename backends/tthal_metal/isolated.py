"""A device that is driven by a process of its own: the driver's side that stays in the program."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from tthal.device_interface import Allocation, DeviceProperties, EventSink, LoadedProgram
from tthal.errors import DeviceError, TthalError
from tthal.kit.device_calls import Bulk, RemoteDevice
from tthal_metal import wire
from tthal_metal.processes import children, end_with_children, is_gone, module_command
from tthal_metal.settings import LOG_VARIABLE

_LOOK_EVERY = 0.25
# Opening may build the shim and compile firmware first; and a compiler that has just ended is waited for soon.
_OPENING = 120.0
_UNNOTICED = 3.0
_LOG_LINES = 6
# With these set, somebody wants to see what the library or the kernels print.
_WANTS_OUTPUT = (LOG_VARIABLE, "TT_METAL_DPRINT_CORES", "TT_METAL_WATCHER")


class IsolatedDevice(RemoteDevice):
    """Passes every call on, and ends with one error when the other process, or its simulator, dies or hangs.

    ``freed`` is called once, when the opened device is closed or lost.
    """

    def __init__(
        self,
        device_id: int,
        argument: str,
        options: Mapping[str, str],
        timeout: float,
        events: EventSink,
        freed: Callable[[], None] | None = None,
    ) -> None:
        super().__init__()
        self._id = device_id
        self._timeout = timeout
        self._events = events
        self._lock = threading.RLock()
        self._dead = ""
        self._freed: Callable[[], None] | None = None
        self._simulators: list[int] = []
        self._log = _log_file()
        self._process, self._channel = self._start()
        try:
            inner = {**options, "isolate": "no"}
            self._properties: DeviceProperties = self.exchange("open", (device_id, argument, inner))[0]
            self._simulators = children(self._process.pid)
        except BaseException:
            self._end()
            raise
        self._freed = freed

    def _start(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        mine, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(
                [*module_command("tthal_metal.worker"), str(theirs.fileno()), str(os.getpid())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=self._log,
                # Its own group: an interrupt in the terminal is for the program, and the simulator ends with it.
                start_new_session=True,
            )
        return process, mine

    @property
    def properties(self) -> DeviceProperties:
        return self._properties

    # -------------------------------------------------------------------------------------- one call

    def exchange(self, method: str, arguments: tuple[Any, ...], bulk: Bulk = b"") -> tuple[Any, Bulk]:
        with self._lock:
            if self._dead:
                raise DeviceError(self._dead)
            try:
                wire.send(self._channel, wire.Request(method, wire.encode(arguments)), bulk)
                return self._await(method)
            except wire.Disconnected:
                raise self._lost(f"the process that drives it {self._ending()}") from None
            except (KeyboardInterrupt, SystemExit):
                # What is still under way there cannot be told apart from the next answer.
                self._lost(f"{method} was interrupted")
                raise

    def _await(self, method: str) -> tuple[Any, bytearray]:
        started = time.monotonic()
        while True:
            self._wait_for_bytes(method, started)
            head, bulk = wire.receive(self._channel)
            answer = msgspec.msgpack.decode(head, type=wire.Answer)
            if answer.kind == "event":
                self._events(msgspec.msgpack.decode(answer.content, type=wire.EVENTS[answer.name]))
            elif answer.kind == "error":
                raise wire.decode_error(answer)
            else:
                return msgspec.msgpack.decode(answer.content, type=wire.METHODS[method].result), bulk

    def _wait_for_bytes(self, method: str, started: float) -> None:
        """Wait, and look now and then whether there is still somebody to wait for."""
        alive = started
        while not select.select([self._channel], [], [], _LOOK_EVERY)[0]:
            now = time.monotonic()
            gone = [pid for pid in self._simulators if is_gone(pid)]
            if gone:
                raise self._lost(f"its simulator (process {gone[0]}) died during {method}")
            opening = method == "open"
            if not (opening and _only_dead_children(self._process.pid)):
                alive = now
            elif now - alive > _UNNOTICED:
                raise self._lost("its simulator ended while the device was opened")
            limit = max(self._timeout, _OPENING) if opening else self._timeout
            if self._timeout and now - started > limit:
                raise self._lost(f"{method} took longer than {limit:g} s (timeout={self._timeout:g})")

    # -------------------------------------------------------------------------------------- its end

    def _ending(self) -> str:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5)
        code = self._process.returncode
        if code is None:
            return "closed the connection"
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"

    def _lost(self, why: str) -> TthalError:
        self._end()
        self._free()
        self._dead = f"device {self._id} is lost: {why}; open it again"
        said = "".join(f"\n  {line}" for line in self._last_lines())
        return DeviceError(self._dead + (f". It said:{said}" if said else ""))

    def _free(self) -> None:
        freed, self._freed = self._freed, None
        if freed is not None:
            freed()

    def _last_lines(self) -> list[str]:
        if self._log is None:
            return []
        with open(self._log.name, errors="replace") as file:
            lines = [line.strip() for line in file.read()[-4000:].splitlines()]
        return [line[:300] for line in lines if line][-_LOG_LINES:]

    def _end(self) -> None:
        """End the process with all that it started, at once."""
        self._channel.close()
        end_with_children(self._process.pid)
        self._process.wait()

    def close(self) -> None:
        with self._lock:
            if not self._dead:
                self._dead = f"device {self._id} was closed"
                try:
                    wire.send(self._channel, wire.Request("close", wire.encode(())))
                    self._await("close")
                except (TthalError, wire.Disconnected):
                    self._end()
                self._channel.close()
                # A simulator takes seconds to end: nobody has to wait for that.
                threading.Thread(target=self._process.wait, daemon=True).start()
                self._free()
            if self._log is not None:
                with suppress(FileNotFoundError):
                    Path(self._log.name).unlink()
                self._log.close()

    # -------------------------------------------------------------------------------------- the interface

    def free(self, allocation: Allocation) -> None:
        if not self._dead:
            super().free(allocation)

    def unload(self, loaded: LoadedProgram) -> None:
        if not self._dead:
            super().unload(loaded)

    def circular_buffer_addresses(self, loaded: LoadedProgram) -> list[int]:
        """Return where the circular buffers of a loaded program lie; for comparisons, not part of the contract."""
        addresses: list[int] = self.exchange("circular_buffer_addresses", (self.fingerprint(loaded),))[0]
        return addresses


def _log_file() -> Any:
    """A file for what the other process prints; None (its output is ours) when somebody wants to see it."""
    if any(os.environ.get(name, "off").lower() not in ("", "off") for name in _WANTS_OUTPUT):
        return None
    return tempfile.NamedTemporaryFile(prefix="tthal-metal-", suffix=".log", delete=False)


def _only_dead_children(pid: int) -> bool:
    """Whether a process has started children and all of them have ended without its noticing."""
    found = children(pid)
    return bool(found) and all(is_gone(child) for child in found)
