"""Kernels that differ in compile-time arguments share code where none is needed as a constant, and compute the same."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import tthal as ttnn
from tthal.device_interface import DataMovementSettings, KernelArguments, KernelContent, KernelImage, LaunchState
from tthal.device_interface import ProgramImage as Image
from tthal.types import NOC, NOC_MODE, DataMovementProcessor, KernelBuildOptLevel
from tthal_emulator.device import EmulatedDevice
from tthal_emulator.options import Options
from tthal_emulator.program.source.general_form import loaded_arguments

SETTINGS = DataMovementSettings(DataMovementProcessor.RISCV_0, NOC.NOC_0, NOC_MODE.DM_DEDICATED_NOC)
OUT, KERNELS = 0x30000, 2

SHARED = {
    "variable": "uint32_t a = get_compile_time_arg_val(0); note(a * 3);",
    "expression": "note(get_compile_time_arg_val(0) + get_compile_time_arg_val(1));",
    "constexpr that is read": """
        constexpr uint32_t a = get_compile_time_arg_val(0);
        for (uint32_t i = 0; i < a; i++) note(i + a);
    """,
    "comparison": "constexpr auto a = get_compile_time_arg_val(1); if (a == 12) note(1); else note(a);",
    "other argument needed": """
        constexpr uint32_t a = get_compile_time_arg_val(0);
        constexpr uint32_t kind = get_compile_time_arg_val(2);
        if constexpr (kind == 7) note(a); else note(kind);
    """,
    "lambda": """
        constexpr uint32_t a = get_compile_time_arg_val(0);
        auto f = [&](uint32_t x) { return x + a; }; note(f(4));
    """,
    "division": "const uint32_t a = get_compile_time_arg_val(1); note(1000 / a); note(1000 % a);",
    "static variable": "static uint32_t a = get_compile_time_arg_val(0); a += 5; note(a);",
    "signed": "constexpr int a = get_compile_time_arg_val(0); note(a - 2 < 0);",
    "byte": "constexpr uint8_t a = get_compile_time_arg_val(3); note(a);",
}
"""Bodies whose kernels share code."""

OWN = {
    "if constexpr": """
        constexpr uint32_t a = get_compile_time_arg_val(0);
        if constexpr (a == 1) note(5); else note(a);
    """,
    "template argument": """
        std::array<uint32_t, get_compile_time_arg_val(0)> all{};
        all[0] = 3; note(all.size() + all[0]);
    """,
    "array": "constexpr uint32_t a = get_compile_time_arg_val(0); uint32_t all[a] = {}; note(sizeof(all));",
    "array without constexpr": "const uint32_t a = get_compile_time_arg_val(0); uint32_t all[a]; note(sizeof(all));",
    "array of a macro": "const auto a = get_compile_time_arg_val(0); ROOM(all, a); note(sizeof(all));",
    "static_assert": "constexpr auto a = get_compile_time_arg_val(0); static_assert(a < 9); note(a);",
    "case": """
        constexpr auto a = get_compile_time_arg_val(0);
        switch (opaque(2)) { case a: note(8); break; default: note(a); }
    """,
    "another constexpr": "constexpr auto a = get_compile_time_arg_val(0); constexpr auto b = a * 2; note(b);",
    "static constexpr": "static constexpr uint32_t a = get_compile_time_arg_val(0); note(a);",
    "lambda without capture": """
        constexpr auto a = get_compile_time_arg_val(0);
        auto f = [] { return a + 1; }; note(f());
    """,
    "all of them": "for (auto each : kernel_compile_time_args) note(each + get_compile_time_arg_val(0));",
    "the list": "const uint32_t all[] = {KERNEL_COMPILE_TIME_ARGS}; note(all[1] + get_compile_time_arg_val(0));",
    "constant function": """
        const auto a = get_compile_time_arg_val(0);
        note(square(a)); constexpr auto b = square(FIRST); note(b);
    """,
    "index by constant": """
        constexpr uint32_t first = 0; note(get_compile_time_arg_val(first + 1)); note(get_compile_time_arg_val(0));
    """,
    "dead call": "const auto a = get_compile_time_arg_val(0); if (a > 100) never_defined(); note(a);",
}
"""Bodies whose kernels need constants, some of which only the compiler finds."""

HEAD = """
#include <array>
#include "api/dataflow/dataflow_api.h"
#define ROOM(name, size) uint32_t name[size]
#define FIRST get_compile_time_arg_val(0)
extern "C" void never_defined();
constexpr uint32_t square(uint32_t x) { return x * x; }
inline uint32_t opaque(uint32_t x) { volatile uint32_t y = x; return y; }
"""


def source(body: str, before: str = "") -> str:
    noted = f"uint32_t noted = 0; auto note = [&](uint32_t x) {{ ((volatile uint32_t*){OUT})[noted++] = x; }};"
    return f"{HEAD}{before}void kernel_main() {{ {noted} {body} }}\n"


def kernel(text: str, arguments: tuple[int, ...], column: int) -> KernelImage:
    cores = ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(column, 0))])
    content = KernelContent("kernel", text, (), "kernel.cpp")
    return KernelImage(content, cores, KernelBuildOptLevel.O2, data_movement=SETTINGS, compile_time_args=arguments)


def arguments(number: int) -> tuple[int, ...]:
    return number + 1, 10 + number, 7, 250 + 3 * number


@pytest.fixture(scope="module")
def device() -> Iterator[EmulatedDevice]:
    opened = EmulatedDevice(0, "n150", Options(), lambda event: None)
    yield opened
    opened.close()


def noted(device: EmulatedDevice, image: Image) -> tuple[list[list[int]], int]:
    """Return what every kernel noted, and how many codes there are."""
    loaded = device.load(image)
    columns = range(len(image.kernels))
    for column in columns:
        device.write_l1(ttnn.CoreCoord(column, 0), OUT, memoryview(bytes(64)))
    device.launch(0, loaded, LaunchState(tuple(KernelArguments() for _ in columns), ()))
    device.finish(0)
    words = [np.frombuffer(device.read_l1(ttnn.CoreCoord(column, 0), OUT, 64), np.uint32) for column in columns]
    return [each.tolist() for each in words], len(
        {start.module for start in loaded.prepare(LaunchState((), ()), None).starts}
    )


@pytest.mark.parametrize(("name", "codes"), [*((name, 1) for name in SHARED), *((name, KERNELS) for name in OWN)])
def test_shared_code_computes_what_own_code_does(name: str, codes: int, device: EmulatedDevice) -> None:
    text = source((SHARED | OWN)[name])
    together = Image(tuple(kernel(text, arguments(number), number) for number in range(KERNELS)), ())
    found, shared = noted(device, together)
    alone = [noted(device, Image((kernel(text, arguments(number), 0),), ())) for number in range(KERNELS)]
    assert found == [words[0] for words, _ in alone]
    assert shared == codes
    assert found[0] != found[1]


def test_variables_outside_of_functions_are_constants(device: EmulatedDevice) -> None:
    text = source(
        "note(whole); note(half);", "constexpr uint32_t whole = get_compile_time_arg_val(0);\nuint32_t half = whole;\n"
    )
    found, codes = noted(device, Image(tuple(kernel(text, arguments(number), number) for number in range(KERNELS)), ()))
    assert [words[:2] for words in found] == [[1, 1], [2, 2]]
    assert codes == KERNELS


def test_accessors_keep_their_arguments(device: EmulatedDevice) -> None:
    """Those of a TensorAccessor are constants; what lies before and behind them may be loaded."""
    text = source("""
        constexpr uint32_t a = get_compile_time_arg_val(0);
        constexpr auto layout = TensorAccessorArgs<1>();
        note(a); note(layout.next_compile_time_args_offset()); note(get_compile_time_arg_val(3));
    """)
    images = tuple(kernel(text, (number, 2, 2048, 40 + number), number) for number in range(KERNELS))
    found, codes = noted(device, Image(images, ()))
    assert [words[:3] for words in found] == [[number, 3, 40 + number] for number in range(KERNELS)]
    assert codes == 1


def test_kernels_that_differ_in_a_needed_argument_form_groups(device: EmulatedDevice) -> None:
    text = source("""
        constexpr uint32_t kind = get_compile_time_arg_val(0);
        if constexpr (kind == 1) note(100); note(get_compile_time_arg_val(1));
    """)
    images = tuple(kernel(text, (number % 2, number), number) for number in range(4))
    found, codes = noted(device, Image(images, ()))
    assert [words[:2] for words in found] == [[0, 0], [100, 1], [2, 0], [100, 3]]
    assert codes == 2


def test_a_kernel_that_does_not_compile_says_so_once(device: EmulatedDevice) -> None:
    text = source("note(get_compile_time_arg_val(0)); nonsense;")
    with pytest.raises(ttnn.CompileError, match="nonsense") as caught:
        device.load(Image(tuple(kernel(text, arguments(number), number) for number in range(2)), ()))
    assert len(caught.value.diagnostics) == 1


@pytest.mark.parametrize(
    ("body", "loaded"),
    [
        ("get_compile_time_arg_val(0) + get_compile_time_arg_val( 2u );", {0, 1, 2, 3}),
        ("get_compile_time_arg_val(0) + get_compile_time_arg_val(x);", {0}),
        ("get_compile_time_arg_val(0); TensorAccessorArgs<2>();", {0}),
        ("constexpr uint32_t a = get_compile_time_arg_val(1); f<a>();", {0, 2, 3}),
        ("for (int i = 0; i < get_compile_time_arg_val(1); i++) {}", {0, 1, 2, 3}),
        ("kernel_compile_time_args[0] + get_compile_time_arg_val(1)", set()),
        ("get_compile_time_arg_val(4) + get_compile_time_arg_val(010)", {0, 1, 2, 3}),
        ("foo<get_compile_time_arg_val(0)>(get_compile_time_arg_val(0), get_compile_time_arg_val(3))", {1, 2, 3}),
    ],
)
def test_what_is_worth_a_try(body: str, loaded: set[int]) -> None:
    assert loaded_arguments(kernel(body, (1, 2, 3, 4), 0)) == loaded
