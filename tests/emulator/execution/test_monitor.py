"""What observers are told of a launch: every kind of event, in order, with the kernel's own lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest

import tthal as ttnn
from tthal.observer import EventKind, EventObserver, ObservedLaunch, Observer, Records
from tthal_conformance.compute_bench import ComputeBench, Movers, Pages, Tensor

READER = """
#include "api/dataflow/dataflow_api.h"

inline __attribute__((always_inline)) void fill(uint32_t address) {
    cb_reserve_back(0, 1);
    noc_async_read(get_noc_addr_from_bank_id<true>(0, address), get_write_ptr(0), 2048);
    noc_async_read_barrier();
    cb_push_back(0, 1);
}

void kernel_main() {
    fill(get_arg_val<uint32_t>(0));
    noc_semaphore_set(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0)), 1);
}
"""
COMPUTE = """
#include "api/compute/compute_kernel_api.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/tile_move_copy.h"

void kernel_main() {
    compute_kernel_hw_startup(0, 16);
    copy_init(0);
    cb_wait_front(0, 1);
    cb_reserve_back(16, 1);
    tile_regs_acquire();
    copy_tile(0, 0, 0);
    tile_regs_commit();
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_pop_front(0, 1);
    cb_push_back(16, 1);
}
"""
WRITER = """
#include "api/dataflow/dataflow_api.h"

void kernel_main() {
    noc_semaphore_wait(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0)), 1);
    cb_wait_front(16, 1);
    noc_async_write(get_read_ptr(16), get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0)), 2048);
    noc_async_write_barrier();
    cb_pop_front(16, 1);
}
"""


class Reader(Observer):
    """Keeps all records, and the launches."""

    def __init__(self) -> None:
        self.launches: list[ObservedLaunch] = []
        self.seen: list[dict[str, int]] = []
        self.host: list[str] = []

    def allocated(self, allocation: Any) -> None:
        self.host.append("allocated")

    def accessed(self, queue: int, allocation: Any, is_write: bool) -> None:
        self.host.append("written" if is_write else "read")

    def launch_began(self, launch: ObservedLaunch) -> None:
        self.launches.append(launch)

    def records(self, records: Records) -> None:
        names = records.dtype.names or ()
        self.seen += [dict(zip(names, row.tolist(), strict=True)) for row in records]


class Counting:
    """A monitor that counts its calls."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        return lambda *_: self.calls.update([name])


@pytest.fixture(scope="module")
def device() -> Iterator[ttnn.Device]:
    with ttnn.open_device(0, backend="emulator") as opened:
        yield opened


def run(device: ttnn.Device) -> tuple[Pages, Pages]:
    given = np.random.default_rng(5).integers(0x3F80, 0x4000, (1, 1024)).astype(np.uint16).view(np.uint8)
    tensors = [Tensor(index, ttnn.DataFormat.Float16_b, given, depth=2) for index in (0, 16)]
    movers = Movers(READER, WRITER, semaphores=1)
    (found,) = ComputeBench(device, ttnn.CoreCoord(1, 2)).run(COMPUTE, tensors[:1], tensors[1:], movers=movers)
    return given, found


@pytest.fixture(scope="module")
def reader(device: ttnn.Device) -> Reader:
    observer = Reader()
    device.observe(observer)
    given, found = run(device)
    assert np.array_equal(given, found)
    return observer


def of_kind(reader: Reader, kind: EventKind) -> list[dict[str, int]]:
    return [event for event in reader.seen if event["event"] == kind]


def only(reader: Reader, kind: EventKind, processor: str) -> dict[str, int]:
    kernels = reader.launches[0].kernels
    found = [event for event in of_kind(reader, kind) if kernels[event["kernel"]].processor == processor]
    assert len(found) == 1, found
    return found[0]


def line(reader: Reader, event: Mapping[str, int]) -> int:
    """The line of the kernel, as a user would look for it: the innermost that is not in device headers."""
    frames = reader.launches[0].frames(event["kernel"], event["site"])
    return next(f.location.line for f in frames if f.location and not f.location.file.startswith("<"))


def text_line(text: str, call: str) -> int:
    return next(number for number, content in enumerate(text.split("\n"), 1) if call in content)


def test_records_come_in_the_order_of_events(reader: Reader) -> None:
    assert [event["serial"] for event in reader.seen] == list(range(len(reader.seen)))
    order = [
        (EventKind.CB_RESERVED, "NCRISC"), (EventKind.QUEUED_READ, "NCRISC"), (EventKind.READ_BARRIER, "NCRISC"),
        (EventKind.ARRIVED, "NCRISC"), (EventKind.CB_PUSHED, "NCRISC"), (EventKind.TILE_OPERAND, "TRISC"),
        (EventKind.TILE_RESULT, "TRISC"), (EventKind.CB_PUSHED, "TRISC"), (EventKind.QUEUED_WRITE, "BRISC"),
        (EventKind.ARRIVED, "BRISC"), (EventKind.CB_POPPED, "BRISC"), (EventKind.ENDED, "BRISC"),
    ]  # fmt: skip
    serials = [only(reader, kind, processor)["serial"] for kind, processor in order]
    assert serials == sorted(serials)


@pytest.mark.parametrize(
    ("kind", "processor", "text", "call"),
    [
        (EventKind.CB_RESERVED, "NCRISC", READER, "cb_reserve_back"),
        (EventKind.QUEUED_READ, "NCRISC", READER, "noc_async_read(get"),
        (EventKind.ARRIVED, "NCRISC", READER, "noc_async_read(get"),
        (EventKind.READ_BARRIER, "NCRISC", READER, "noc_async_read_barrier"),
        (EventKind.SEMAPHORE_SET, "NCRISC", READER, "noc_semaphore_set"),
        (EventKind.SEMAPHORE_REACHED, "BRISC", WRITER, "noc_semaphore_wait"),
        (EventKind.CB_WAITED, "TRISC", COMPUTE, "cb_wait_front"),
        (EventKind.TILE_OPERAND, "TRISC", COMPUTE, "copy_tile(0"),
        (EventKind.TILE_RESULT, "TRISC", COMPUTE, "pack_tile(0"),
        (EventKind.QUEUED_WRITE, "BRISC", WRITER, "noc_async_write(get"),
        (EventKind.CB_POPPED, "BRISC", WRITER, "cb_pop_front"),
    ],
)
def test_sites_are_the_kernels_own_lines(reader: Reader, kind: EventKind, processor: str, text: str, call: str) -> None:
    assert line(reader, only(reader, kind, processor)) == text_line(text, call)


def test_a_site_names_the_calls_that_lead_to_it(reader: Reader) -> None:
    event = only(reader, EventKind.QUEUED_READ, "NCRISC")
    frames = reader.launches[0].frames(event["kernel"], event["site"])
    own = [(f.function, f.location.line) for f in frames if f.location and not f.location.file.startswith("<")]
    assert own == [("fill", text_line(READER, "noc_async_read(get")), ("kernel_main", text_line(READER, "fill(get"))]


def test_the_launch_is_described(reader: Reader) -> None:
    launch = reader.launches[0]
    assert {kernel.processor for kernel in launch.kernels.values()} == {"BRISC", "NCRISC", "TRISC"}
    (core,) = launch.cores.values()
    assert core.core == ttnn.CoreCoord(1, 2)
    assert [(buffer.index, buffer.total_size, buffer.page_size) for buffer in core.circular_buffers] == [
        (0, 4096, 2048),
        (16, 4096, 2048),
    ]
    read = only(reader, EventKind.QUEUED_READ, "NCRISC")
    assert read["local"] == core.circular_buffers[0].address
    assert launch.nodes[read["noc"], read["remote"] >> 36] <= -2  # DRAM
    assert reader.host[:5] == ["allocated", "allocated", "written", "written", "read"]


def test_every_event_one_by_one(device: ttnn.Device) -> None:
    with ttnn.open_device(1, backend="emulator?seed=3") as other:
        monitor = Counting()
        other.observe(EventObserver(monitor))
        given, found = run(other)
    assert np.array_equal(given, found)
    calls = monitor.calls
    assert calls["launch_began"] == calls["launch_ended"] == 1
    assert calls["transfer"] >= 4
    assert calls["pages"] == 8
    assert calls["semaphore"] == 2
    assert calls["tile"] == 6
    assert calls["barrier"] == 2


class Choosing(Reader):
    """Listens for some kinds of events."""

    kinds = frozenset({EventKind.QUEUED_READ, EventKind.ENDED})


def test_what_nobody_listens_for_is_left_out() -> None:
    choosing, reader = Choosing(), Reader()
    with ttnn.open_device(3, backend="emulator?check=off") as device:
        device.observe(choosing)
        run(device)
        alone = {event["event"] for event in choosing.seen}
        device.observe(reader)
        run(device)
    assert choosing.kinds <= alone
    assert not alone & {EventKind.ARRIVED, EventKind.WAIT, EventKind.WAKE, EventKind.TURN}
    assert {EventKind.ARRIVED, EventKind.WAIT, EventKind.WAKE} <= {event["event"] for event in reader.seen}


class Refusing(Observer):
    """Has a word in how a launch ends."""

    def launch_ended(self, failure: BaseException | None) -> BaseException | None:
        assert failure is None
        return ttnn.LaunchError("an observer refuses it")


def test_an_observer_may_fail_a_launch_and_the_device_goes_on() -> None:
    with ttnn.open_device(2, backend="emulator") as device:
        observer = Refusing()
        device.observe(observer)
        with pytest.raises(ttnn.LaunchError, match="an observer refuses it"):
            run(device)
        observer.launch_ended = lambda failure: failure  # type: ignore[method-assign]
        given, found = run(device)
    assert np.array_equal(given, found)
