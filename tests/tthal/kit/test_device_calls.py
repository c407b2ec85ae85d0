"""Calls that travel: a device behind messages is the device itself, whatever it does and raises."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from tthal_memory import MemoryBackend
from tthal_toy_programs import grand_tour, image, no_events, state, words

from tthal.device_interface import Backend, BufferSpec, DeviceDriver, DeviceProperties, EventSink
from tthal.errors import DeadlockError, InvalidArgument, KernelError, SourceLocation, TthalError
from tthal.kit.device_calls import CALLS, Bulk, CallServer, RemoteDevice
from tthal.kit.error_codec import RecordedError, rebuild_error, record_error
from tthal.types import BufferType

BYTES = BufferSpec(2048, 2048, BufferType.DRAM)


class Loopback(RemoteDevice):
    """Sends every call through its encoding, to a server in this process."""

    def __init__(self, device_id: int, argument: str, options: Mapping[str, str]) -> None:
        super().__init__()
        self.server = CallServer(lambda *opening: MemoryBackend().open(*opening, no_events))
        self._properties: DeviceProperties = self.exchange("open", (device_id, argument, dict(options)))[0]

    @property
    def properties(self) -> DeviceProperties:
        return self._properties

    def exchange(self, method: str, arguments: tuple[Any, ...], bulk: Bulk = b"") -> tuple[Any, Bulk]:
        types = CALLS[method]
        sent = msgspec.msgpack.decode(msgspec.msgpack.encode(arguments), type=types.arguments)
        try:
            result, data = self.server.carry_out(method, sent, memoryview(bytes(bulk)))
        except TthalError as error:
            answer = msgspec.msgpack.encode(record_error(error))
            raise rebuild_error(msgspec.msgpack.decode(answer, type=RecordedError)) from None
        return msgspec.msgpack.decode(msgspec.msgpack.encode(result), type=types.result), bytes(data)

    def close(self) -> None:
        self.exchange("close", ())


class LoopbackBackend(MemoryBackend):
    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> Any:
        return Loopback(device_id, argument, options)


def test_the_table_holds_every_call_of_the_interface() -> None:
    assert set(CALLS) == (DeviceDriver.__abstractmethods__ - {"properties"}) | {"open"}
    assert "open" in Backend.__abstractmethods__


def test_a_program_sees_what_it_would_see_without_messages() -> None:
    assert grand_tour(LoopbackBackend()) == grand_tour(MemoryBackend())


def test_several_reads_arrive_with_their_queues_finish() -> None:
    device = Loopback(0, "", {})
    buffers = [device.allocate(BYTES) for _ in range(3)]
    for number, buffer in enumerate(buffers):
        device.write(number % 2, buffer, words(number, 1))
    outs = [bytearray(2048) for _ in buffers]
    for number, (buffer, out) in enumerate(zip(buffers, outs, strict=True)):
        device.read(number % 2, buffer, memoryview(out))
    device.finish(0)
    assert [bytes(out) for out in outs] == [bytes(words(0, 1)), bytes(2048), bytes(words(2, 1))]
    device.finish(1)
    assert outs[1] == words(1, 1)


def test_errors_keep_their_class_and_attributes() -> None:
    device = Loopback(0, "", {})
    buffer = device.allocate(BYTES)
    device.launch(0, device.load(image("trap")), state(buffer, buffer, buffer))
    with pytest.raises(KernelError) as trapped:
        device.finish(0)
    assert (trapped.value.core, trapped.value.processor, trapped.value.line) == ((0, 0), "BRISC", 1)
    assert trapped.value.backtrace[0].location == SourceLocation("trap.cpp", 1)
    device.launch(0, device.load(image("hang")), state(buffer, buffer, buffer))
    with pytest.raises(DeadlockError) as stuck:
        device.finish(0)
    assert [each.processor for each in stuck.value.waiting] == ["BRISC"]


def test_a_program_of_another_device_is_refused() -> None:
    device, other = Loopback(0, "", {}), Loopback(1, "", {})
    loaded = device.load(image())
    with pytest.raises(InvalidArgument, match="loaded on another device, or unloaded since"):
        other.launch(0, loaded, state())
    with pytest.raises(InvalidArgument, match="loaded on another device"):
        device.launch(0, MemoryBackend().open(0, "", {}, no_events).load(image()), state())
    device.unload(loaded)
    with pytest.raises(InvalidArgument, match="unloaded since"):
        device.launch(0, loaded, state())


def test_nothing_works_before_a_device_is_open() -> None:
    server = CallServer(lambda *opening: MemoryBackend().open(*opening, no_events))
    with pytest.raises(InvalidArgument, match="no device is open"):
        server.carry_out("finish", (0,), memoryview(b""))
    assert server.carry_out("close", (), memoryview(b"")) == (None, b"")
