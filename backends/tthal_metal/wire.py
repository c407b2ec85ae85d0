"""The talk between a program and the process that drives its device: framed msgpack, bulk data beside it.

A request is a method's name and its arguments; the answer is a result, an error or, before either, events. The types
of both are in one table, so that everything that arrives is checked.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Mapping

import msgspec

from tthal.device_interface import Event, LaunchFinished, Progress
from tthal.errors import TthalError
from tthal.kit.device_calls import CALLS, Bulk, CallTypes
from tthal.kit.error_codec import RecordedError, rebuild_error, record_error

_FRAME = struct.Struct("<IQ")
_MOST_HEAD = 1 << 30
_MOST_BULK = 1 << 36


METHODS: Mapping[str, CallTypes] = {
    **CALLS,
    "circular_buffer_addresses": CallTypes(tuple[str], list[int]),
}

EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in (Progress, LaunchFinished)}


class Request(msgspec.Struct, array_like=True):
    """A call: the method and its encoded arguments."""

    method: str
    arguments: msgspec.Raw


class Answer(msgspec.Struct, array_like=True):
    """What comes back: kind ``result``, ``error`` or ``event``, an event's class name, and the content."""

    kind: str
    name: str
    content: msgspec.Raw


class Disconnected(Exception):
    """The other side is gone."""


def send(channel: socket.socket, head: msgspec.Struct, bulk: Bulk = b"") -> None:
    """Send one frame.

    Raises:
        Disconnected: the other side is gone.
    """
    encoded = msgspec.msgpack.encode(head)
    data = memoryview(bulk)
    try:
        channel.sendall(_FRAME.pack(len(encoded), data.nbytes) + encoded)
        if data.nbytes:
            channel.sendall(data)
    except OSError as error:
        raise Disconnected(str(error)) from error


def receive(channel: socket.socket) -> tuple[bytes, bytearray]:
    """Receive one frame: its head and its bulk data.

    Raises:
        Disconnected: the other side is gone, or sent no frame.
    """
    head_size, bulk_size = _FRAME.unpack(_exactly(channel, _FRAME.size))
    if head_size > _MOST_HEAD or bulk_size > _MOST_BULK:
        raise Disconnected("what arrived is no frame")
    return bytes(_exactly(channel, head_size)), _exactly(channel, bulk_size)


def _exactly(channel: socket.socket, size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    while view.nbytes:
        try:
            count = channel.recv_into(view)
        except OSError as error:
            raise Disconnected(str(error)) from error
        if count == 0:
            raise Disconnected("the connection was closed")
        view = view[count:]
    return data


def encode(value: object) -> msgspec.Raw:
    """Encode arguments, a result or an event."""
    return msgspec.Raw(msgspec.msgpack.encode(value))


def encode_error(error: TthalError) -> Answer:
    """Pack an error with its attributes."""
    return Answer("error", "", encode(record_error(error)))


def decode_error(answer: Answer) -> Exception:
    """Unpack an error; of the same class, with the same attributes."""
    return rebuild_error(msgspec.msgpack.decode(answer.content, type=RecordedError))
