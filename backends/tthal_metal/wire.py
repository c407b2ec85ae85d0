"""The talk between a program and the process that drives its device: framed msgpack, bulk data beside it.

A request is a method's name and its arguments; the answer is a result, an error or, before either, events. The types
of both are in one table, so that everything that arrives is checked.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import Any

import msgspec

from tthal import errors
from tthal.coordinates import CoreCoord
from tthal.device_interface import (
    Allocation,
    BufferSpec,
    DeviceProperties,
    Event,
    LaunchFinished,
    LaunchState,
    ProgramImage,
    Progress,
)
from tthal.errors import CompileError, Diagnostic, TthalError

_FRAME = struct.Struct("<IQ")
_MOST_HEAD = 1 << 30
_MOST_BULK = 1 << 36


@dataclass(frozen=True, slots=True)
class Method:
    """The types of a method's arguments and result; bulk data travels apart."""

    arguments: Any
    result: Any = None


METHODS = {
    "open": Method(tuple[int, str, dict[str, str]], DeviceProperties),
    "allocate": Method(tuple[BufferSpec], Allocation),
    "free": Method(tuple[Allocation]),
    "write": Method(tuple[int, Allocation]),
    "read": Method(tuple[int, Allocation, int]),
    "load": Method(tuple[ProgramImage], str),
    "unload": Method(tuple[str]),
    "launch": Method(tuple[int, str, LaunchState]),
    "circular_buffer_addresses": Method(tuple[str], list[int]),
    "finish": Method(tuple[int]),
    "write_l1": Method(tuple[CoreCoord, int]),
    "read_l1": Method(tuple[CoreCoord, int, int]),
    "write_dram": Method(tuple[int, int]),
    "read_dram": Method(tuple[int, int, int]),
    "close": Method(tuple[()]),
}

EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in (Progress, LaunchFinished)}


class Request(msgspec.Struct, array_like=True):
    """A call: the method and its encoded arguments."""

    method: str
    arguments: msgspec.Raw


class Answer(msgspec.Struct, array_like=True):
    """What comes back: kind ``result``, ``error`` or ``event``, a class name for the latter two, and the content."""

    kind: str
    name: str
    content: msgspec.Raw


class Failure(msgspec.Struct):
    """An error of tthal's tree."""

    message: str
    diagnostics: list[Diagnostic] = []


class Disconnected(Exception):
    """The other side is gone."""


def send(channel: socket.socket, head: msgspec.Struct, bulk: bytes | memoryview = b"") -> None:
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


def describe_error(error: TthalError) -> Answer:
    """Pack an error."""
    diagnostics = list(error.diagnostics) if isinstance(error, CompileError) else []
    return Answer("error", type(error).__name__, encode(Failure(str(error), diagnostics)))


def rebuild_error(answer: Answer) -> TthalError:
    """Unpack an error; an unknown class becomes a DeviceError."""
    failure = msgspec.msgpack.decode(answer.content, type=Failure)
    kind = getattr(errors, answer.name, None)
    if kind is CompileError:
        return CompileError(failure.message, failure.diagnostics)
    if isinstance(kind, type) and issubclass(kind, TthalError):
        try:
            return kind(failure.message)
        except TypeError:
            pass
    return errors.DeviceError(failure.message)
