"""Calls compared field by field, in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tthal_toy_programs import CORE, PAGE, image, spec

from tthal.coordinates import CoreCoord
from tthal.device_interface import (
    Allocation,
    CircularBufferState,
    DeviceProperties,
    KernelArguments,
    LaunchState,
    ProgramImage,
)
from tthal.errors import SelectionError
from tthal.kit.error_codec import RecordedError
from tthal.trace.differences import Side, compare_calls, describe, differences, parse_ignored
from tthal.trace.schema import Allocate, CallBase, Finish, Launch, Load, Open, Write, WriteL1


class Values:
    """Blobs by made-up digests."""

    def __init__(self, **values: object) -> None:
        self._values = values

    def image(self, digest: str) -> ProgramImage:
        value = self._values[digest]
        assert isinstance(value, ProgramImage)
        return value

    def state(self, digest: str) -> LaunchState:
        value = self._values[digest]
        assert isinstance(value, LaunchState)
        return value

    def data(self, digest: str) -> bytes:
        value = self._values[digest]
        assert isinstance(value, bytes)
        return value

    def properties(self, digest: str) -> DeviceProperties:
        value = self._values[digest]
        assert isinstance(value, DeviceProperties)
        return value


def compare(recorded: CallBase, actual: CallBase, *ignore: str, **values: object) -> list[str]:
    blobs = Values(**values)
    return [
        str(each) for each in compare_calls(Side(recorded, blobs, PAGE), Side(actual, blobs, PAGE), frozenset(ignore))
    ]


def arguments(*words: int, core: CoreCoord = CORE, common: tuple[int, ...] = ()) -> LaunchState:
    return LaunchState((KernelArguments(((core, words),), common),), (CircularBufferState(PAGE, ((0, PAGE),)),))


def launch(state: str) -> Launch:
    return Launch(device=1, queue=0, program="add", state=state)


def test_numbers_and_devices_are_not_compared() -> None:
    assert compare(Finish(n=3, device=1, queue=0), Finish(n=9, device=2, queue=0)) == []


def test_what_the_device_answered_is_not_compared() -> None:
    answered = Allocate(device=1, spec=spec(), allocation=3, address=64)
    assert compare(answered, Allocate(device=1, spec=spec())) == []
    failed = Finish(device=1, queue=0, error=RecordedError(kind="DeviceError", message="x"))
    assert compare(failed, Finish(device=1, queue=0)) == []


def test_another_operation_is_one_difference() -> None:
    (text,) = compare(Finish(device=1, queue=0), Write(device=1, queue=0, allocation=1, data="d" * 64))
    assert text == "call: recorded finish(queue=0), got write(queue=0, allocation=1, data=dddddddddddd)"


def test_a_specs_fields_are_named() -> None:
    found = compare(Allocate(device=1, spec=spec(2)), Allocate(device=1, spec=replace(spec(3), bottom_up=True)))
    assert found == [
        "spec.size: recorded 4096 (0x1000), got 6144 (0x1800)",
        "spec.bottom_up: recorded None, got True",
    ]


def test_a_runtime_argument_is_named_by_kernel_core_and_index() -> None:
    values = {"add": image(), "a": arguments(1, 2, 3), "b": arguments(1, 20, 3)}
    assert compare(launch("a"), launch("b"), **values) == [
        "state.kernels[0] (add_kernel) runtime argument 1 on core 0-0: recorded 2, got 20 (0x14)"
    ]
    assert compare(launch("a"), launch("b"), "runtime-args", **values) == []


def test_arguments_of_other_cores_and_common_ones_are_named() -> None:
    values = {
        "add": image(),
        "a": arguments(1, common=(5,)),
        "b": arguments(1, core=CoreCoord(1, 0), common=(6, 7)),
    }
    assert compare(launch("a"), launch("b"), **values) == [
        "state.kernels[0] (add_kernel) runtime arguments on core 0-0: recorded (1,), got nothing",
        "state.kernels[0] (add_kernel) runtime arguments on core 1-0: recorded nothing, got (1,)",
        "state.kernels[0] (add_kernel) common runtime argument 0: recorded 5, got 6",
        "state.kernels[0] (add_kernel) common runtime argument 1: recorded nothing, got 7",
    ]


def test_a_changed_kernel_shows_its_first_changed_line() -> None:
    changed = image(text="int x;\n")
    values = {"add": image(), "new": changed}
    found = compare(Load(device=1, program="add"), Load(device=1, program="new"), **values)
    assert found == [
        "image.kernels[0] (add_kernel).content.source: recorded line 3 'the end of the text', got line 3 'int x;'"
    ]
    assert compare(Load(device=1, program="add"), Load(device=1, program="new"), "kernel-source", **values) == []


def test_names_of_kernel_files_do_not_count() -> None:
    kernel = image().kernels[0]
    content = replace(kernel.content, name="tmp1", source_name="tmp1/other.cpp")
    values = {"add": image(), "new": replace(image(), kernels=(replace(kernel, content=content),))}
    assert compare(Load(device=1, program="add"), Load(device=1, program="new"), **values) == []


def test_compile_time_arguments_and_defines_are_named() -> None:
    kernel = replace(image().kernels[0], compile_time_args=(1, 2), defines=(("A", "1"), ("B", "2")))
    other = replace(kernel, compile_time_args=(1, 3), defines=(("A", "1"), ("C", "2")))
    values = {"add": replace(image(), kernels=(kernel,)), "new": replace(image(), kernels=(other,))}
    assert compare(Load(device=1, program="add"), Load(device=1, program="new"), **values) == [
        "image.kernels[0] (add_kernel) compile-time argument 1: recorded 2, got 3",
        "image.kernels[0] (add_kernel).defines[B]: recorded '2', got nothing",
        "image.kernels[0] (add_kernel).defines[C]: recorded nothing, got '2'",
    ]


def test_data_shows_page_element_and_both_values() -> None:
    one, other = bytes(2 * PAGE), bytes(PAGE + 5) + b"\x07" + bytes(PAGE - 6)
    values = {"a": one, "b": other}
    recorded, actual = (Write(device=1, queue=0, allocation=1, data=name) for name in "ab")
    assert compare(recorded, actual, **values) == [
        "data, page 1, byte 5: recorded 0x00, got 0x07 (1 of 4096 bytes differ)"
    ]
    assert compare(recorded, actual, "data", **values) == []


def test_addresses_can_be_ignored_wherever_they_stand() -> None:
    recorded, actual = (WriteL1(device=1, core=CORE, address=address, data="a") for address in (64, 96))
    assert compare(recorded, actual, a=b"") == ["address: recorded 64 (0x40), got 96 (0x60)"]
    assert compare(recorded, actual, "addresses", a=b"") == []
    placed = [Allocate(device=1, spec=replace(spec(), address=address)) for address in (64, 96)]
    assert compare(*placed, "addresses") == []
    states = [
        replace(arguments(1), circular_buffers=(CircularBufferState(64, (), Allocation(1, address, spec())),))
        for address in (64, 96)
    ]
    values = {"add": image(), "a": states[0], "b": states[1]}
    assert compare(launch("a"), launch("b"), **values) == [
        "state.circular_buffers[0].allocation.address: recorded 64 (0x40), got 96 (0x60)"
    ]
    assert compare(launch("a"), launch("b"), "addresses", **values) == []


def test_only_device_options_of_an_open_are_matched() -> None:
    recorded = Open(device=1, device_id=0, backend="emulator", selection="emulator?seed=3", options={"seed": "3"})
    actual = Open(device=1, device_id=0, backend="", selection="", options={"num_command_queues": "2"})
    assert compare(recorded, actual) == ["options[num_command_queues]: recorded nothing, got '2'"]
    assert compare(recorded, actual, "device-options") == []
    assert compare(recorded, replace_device(actual, 1)) == [
        "device_id: recorded 0, got 1",
        "options[num_command_queues]: recorded nothing, got '2'",
    ]


def replace_device(call: Open, device_id: int) -> Open:
    return Open(device=1, device_id=device_id, backend="", selection="", options=call.options)


def test_values_of_different_kinds_are_shown_whole() -> None:
    (found,) = differences((1, "x"), [1, "x"], "value")
    assert (found.field, found.recorded, found.actual) == ("value", "(1, 'x')", "[1, 'x']")


def test_long_values_are_cut() -> None:
    (found,) = differences("x" * 500, "y", "value")
    assert len(found.recorded) == 100


def test_a_failed_call_is_described_with_its_error() -> None:
    call = Finish(device=1, queue=0, error=RecordedError(kind="DeadlockError", message="stuck"))
    assert describe(call) == "finish(queue=0) -> DeadlockError"


def test_names_to_ignore_are_checked() -> None:
    assert parse_ignored("data, addresses") == {"data", "addresses"}
    with pytest.raises(SelectionError, match=r"cannot ignore 'adresses'\. Did you mean 'addresses'\? It can ignore:"):
        parse_ignored("adresses")
