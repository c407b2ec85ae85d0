"""One pass of a program over a trace: hands out the recorded calls in order, and explains a call that is not there."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from weakref import WeakValueDictionary

from tthal.device_interface import DEVICE_OPTIONS, DeviceDriver
from tthal.errors import ReplayMismatch
from tthal.kit.error_codec import rebuild_error
from tthal.trace.differences import Difference, Side, compare_calls, describe
from tthal.trace.elements import page_formats
from tthal.trace.reader import Trace
from tthal.trace.schema import UNMATCHED, CallBase, Close, Finish, Launch, Open, Read, Write
from tthal_replay.explain import explain

logger = logging.getLogger("tthal")

WINDOW = 200
"""How many calls ahead and behind a mismatch looks for the one the program may have meant."""

_Key = tuple[int, int | None]


class Session:
    """The recorded calls that a program has not made yet, by device.

    Args:
        trace: the recording; the session closes it.
        by_queue: match every queue's commands on their own instead of in one order.
    """

    def __init__(self, trace: Trace, by_queue: bool) -> None:
        self.trace = trace
        self.lock = threading.RLock()
        self._by_queue = by_queue
        self._unread: Iterator[CallBase] = iter(trace.calls())
        self._opens: deque[Open] = deque()
        self._waiting: dict[_Key, deque[CallBase]] = {}
        self._made: dict[int, deque[CallBase]] = {}
        self._recorded_queues = BusyQueues()
        self._closed: set[int] = set()
        # Weak: a driver that was dropped without being closed does not hold up the next pass.
        self._in_use: WeakValueDictionary[int, DeviceDriver] = WeakValueDictionary()

    # ------------------------------------------------------------------------------------------ devices

    def is_over(self, device_id: int) -> bool:
        """Whether nothing is under way and the recording opens this device no more."""
        with self.lock:
            return not self._in_use and self._next_open(device_id) is None

    def open_device(self, device_id: int, options: Mapping[str, str], ignore: frozenset[str]) -> Open:
        """Return the recorded opening of a device; raise what it raised.

        Raises:
            ReplayMismatch: the recording does not open it, or with other device options.
        """
        with self.lock:
            opened = self._next_open(device_id)
            if opened is None:
                raise ReplayMismatch(
                    f"the program opens device {device_id}, which the recording {self.trace.path} does not open (again)"
                )
            wanted = {key: value for key, value in options.items() if key in DEVICE_OPTIONS}
            actual = Open(device=0, device_id=device_id, backend="", selection="", options=wanted)
            found = compare_calls(Side(opened, self.trace), Side(actual, self.trace), ignore)
            if found:
                raise mismatch(explain(self.trace, actual, opened, found), opened, found)
            self._opens.remove(opened)
            if opened.error is not None:
                raise rebuild_error(opened.error)
            return opened

    def attach(self, device: int, driver: DeviceDriver) -> None:
        """Note which driver plays an opened device."""
        self._in_use[device] = driver

    def close_device(self, device: int) -> list[CallBase]:
        """Give up a device; return the recorded calls that its program did not make."""
        with self.lock:
            self._in_use.pop(device, None)
            # The recorded close ends the device's calls; what follows belongs to devices opened later.
            while device not in self._closed and self._read_one():
                pass
            keys = [key for key in self._waiting if key[0] == device]
            left = sorted((call for key in keys for call in self._waiting.pop(key)), key=lambda call: call.n)
            self._made.pop(device, None)
            self._closed.discard(device)
            if not self._in_use and not self._opens and not self._read_one():
                self.end()
            return left

    def _next_open(self, device_id: int) -> Open | None:
        while True:
            for opened in self._opens:
                if opened.device_id == device_id:
                    return opened
            if not self._read_one():
                return None

    def report_unopened(self) -> None:
        """Warn about devices that the recording opens and the program did not."""
        while not self._opens and self._read_one():
            pass
        if self._opens:
            ids = sorted({opened.device_id for opened in self._opens})
            logger.warning("%s: the program never opened devices that the recording opens: %s", self.trace.path, ids)

    def end(self) -> None:
        """Close the file; nothing is read from it any more."""
        self._unread = iter(())
        self.trace.close()

    # ------------------------------------------------------------------------------------------ calls

    def take(self, actual: Side, ignore: frozenset[str]) -> CallBase:
        """Return the recorded call that the program's call stands for.

        Raises:
            ReplayMismatch: it is another one; says which, and how they differ.
        """
        with self.lock:
            key = self._key(actual.call)
            expected = self._peek(key, 0)
            if expected is not None:
                recorded = Side(expected, self.trace, actual.page_size)
                if not compare_calls(recorded, actual, ignore):
                    self._made.setdefault(key[0], deque(maxlen=WINDOW)).append(self._waiting[key].popleft())
                    return expected
            raise self._mismatch(key, actual, ignore)

    def expects_finish(self, device: int, queue: int) -> bool:
        """Whether the next recorded call is a finish of this queue."""
        with self.lock:
            expected = self._peek(self._key(Finish(device=device, queue=queue)), 0)
            return isinstance(expected, Finish) and expected.queue == queue

    def _mismatch(self, key: _Key, actual: Side, ignore: frozenset[str]) -> ReplayMismatch:
        ahead = [call for index in range(WINDOW) if (call := self._peek(key, index)) is not None]
        nearest = _nearest(ahead, actual.call)
        found: list[Difference] = []
        if nearest is not None:
            found = compare_calls(Side(nearest, self.trace, actual.page_size, page_formats(self.trace)), actual, ignore)
        again = None
        if found or nearest is None:
            made = reversed(self._made.get(key[0], ()))
            again = next((call for call in made if self._same(call, actual, ignore)), None)
        expected = ahead[0] if ahead else None
        return mismatch(
            explain(self.trace, actual.call, nearest, found, expected=expected, again=again), nearest, found
        )

    def _same(self, call: CallBase, actual: Side, ignore: frozenset[str]) -> bool:
        recorded = Side(call, self.trace, actual.page_size)
        return call.op == actual.call.op and not compare_calls(recorded, actual, ignore)

    def _key(self, call: CallBase) -> _Key:
        return call.device, getattr(call, "queue", -1) if self._by_queue else None

    def _peek(self, key: _Key, index: int) -> CallBase | None:
        while len(self._waiting.get(key, ())) <= index:
            if not self._read_one():
                return None
        return self._waiting[key][index]

    def _read_one(self) -> bool:
        """Read one more call into its place; return whether there was one."""
        call = next(self._unread, None)
        if call is None:
            return False
        if isinstance(call, Open):
            self._opens.append(call)
        elif isinstance(call, Close):
            self._closed.add(call.device)
        elif call.op not in UNMATCHED and not self._recorded_queues.follow(call):
            self._waiting.setdefault(self._key(call), deque()).append(call)
        return True


class BusyQueues:
    """Which queues have commands that no finish has waited for.

    Waiting for an idle queue does nothing, and whether it happens (when a device closes, when memory runs short) is not
    program behaviour.
    """

    def __init__(self) -> None:
        self._busy: set[tuple[int, int]] = set()

    def follow(self, call: CallBase) -> bool:
        """Take note of a call; return whether it is a finish that has nothing to wait for and raises nothing."""
        if isinstance(call, Finish):
            idle = (call.device, call.queue) not in self._busy
            self._busy.discard((call.device, call.queue))
            return idle and call.error is None
        if isinstance(call, Write | Read | Launch) and call.error is None:
            self._busy.add((call.device, call.queue))
        return False


def _nearest(calls: list[CallBase], actual: CallBase) -> CallBase | None:
    """Return the recorded call that differs from the program's in the fewest fields, the earliest of several."""
    same = [call for call in calls if call.op == actual.op]
    return min(same, key=lambda call: _distance(call, actual)) if same else next(iter(calls), None)


def _distance(recorded: CallBase, actual: CallBase) -> int:
    names = [name for name in recorded.__struct_fields__ if name not in recorded.results and name != "n"]
    return sum(getattr(recorded, name) != getattr(actual, name) for name in names)


def mismatch(text: str, recorded: CallBase | None, found: list[Difference]) -> ReplayMismatch:
    """Return the error with its attributes."""
    return ReplayMismatch(text, call=recorded.n if recorded else None, differences=[str(each) for each in found])


def summarise(calls: list[CallBase], most: int = 5) -> str:
    """Return what some calls are, in words."""
    lines = [f"  call {call.n}: {describe(call)}" for call in calls[:most]]
    return "\n".join([*lines, *([f"  and {len(calls) - most} more"] if len(calls) > most else [])])
