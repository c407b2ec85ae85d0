"""The C++ types behind the fixed-width names.

Expected values are those of the vendor's compiler for the cards: gcc for RISC-V with newlib (``riscv64-unknown-elf-g++
-march=rv32im -mabi=ilp32 -dM -E`` prints the types), and libtt_metal 0.81.1 on ttsim.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

import tthal as ttnn
from tthal.errors import CompileError

Check = Callable[..., list[int]]

TYPES = {
    "int8_t": "signed char", "uint8_t": "unsigned char", "int16_t": "short", "uint16_t": "unsigned short",
    "int32_t": "long", "uint32_t": "unsigned long", "int64_t": "long long", "uint64_t": "unsigned long long",
    "int_least32_t": "long", "uint_least32_t": "unsigned long", "int_fast8_t": "int", "uint_fast16_t": "unsigned int",
    "uint_fast8_t": "unsigned int", "int_fast16_t": "int",
    "int_fast32_t": "int", "uint_fast32_t": "unsigned int", "intptr_t": "int", "uintptr_t": "unsigned int",
    "decltype(INT32_C(1))": "long", "decltype(UINT32_C(1))": "unsigned long", "std::uint32_t": "unsigned long",
    "decltype(INT32_MAX)": "long", "decltype(INT32_MIN)": "long", "decltype(UINT32_MAX)": "unsigned long",
    "decltype(INT_LEAST32_MAX)": "long", "decltype(INT_LEAST32_MIN)": "long", "intmax_t": "long long",
    "decltype(UINT_LEAST32_MAX)": "unsigned long", "decltype(UINT_FAST8_MAX)": "unsigned int",
    "decltype(UINT_FAST16_MAX)": "unsigned int", "decltype(UINTPTR_MAX)": "unsigned int",
    "decltype(UINT64_C(1))": "unsigned long long", "decltype(SIZE_MAX)": "unsigned int",
}  # fmt: skip


LIMITS = {
    "INT32_MAX": 0x7FFFFFFF, "INT32_MIN": 0x80000000, "UINT32_MAX": 0xFFFFFFFF, "INT_FAST8_MAX": 0x7FFFFFFF,
    "INT_FAST8_MIN": 0x80000000, "UINT_FAST8_MAX": 0xFFFFFFFF, "UINT_FAST16_MAX": 0xFFFFFFFF, "INT_LEAST8_MAX": 127,
    "UINT_LEAST16_MAX": 0xFFFF, "INT_FAST32_MIN": 0x80000000, "INT_FAST16_MAX": 0x7FFFFFFF,
    "INT_FAST16_MIN": 0x80000000,
    "INT_FAST32_MAX": 0x7FFFFFFF, "UINT_FAST32_MAX": 0xFFFFFFFF, "INTPTR_MAX": 0x7FFFFFFF, "INTPTR_MIN": 0x80000000,
    "PTRDIFF_MAX": 0x7FFFFFFF, "PTRDIFF_MIN": 0x80000000,
}  # fmt: skip


def test_the_types_are_the_vendors(check: Check) -> None:
    """All in one kernel; what is not of its type is named."""
    body = "".join(f"note(std::is_same_v<{name}, {type_}>);" for name, type_ in TYPES.items())
    found = check(f"{body}", len(TYPES))
    assert [name for name, same in zip(TYPES, found, strict=True) if not same] == []


def test_the_limits_are_the_vendors(check: Check) -> None:
    assert check("".join(f"note({name});" for name in LIMITS), len(LIMITS)) == list(LIMITS.values())
    assert check("uint32_t word = 9; note(std::min(word, UINT32_MAX)); note(std::max(int32_t(-3), INT32_MIN));", 2) == [
        9,
        0xFFFFFFFD,
    ]


def test_overloads_and_specialisations_choose_as_on_a_card(check: Check) -> None:
    extra = """
        struct Which {
            static uint32_t of(unsigned int) { return 1; }
            static uint32_t of(unsigned long) { return 2; }
            static uint32_t of(int) { return 3; }
            static uint32_t of(long) { return 4; }
        };
        uint32_t word = 7; int32_t number = -7;
        note(Which::of(word)); note(Which::of(number)); note(Which::of(get_arg_val<uint32_t>(0)));
        note(std::max(word, 5ul)); note(Which::of(reinterpret_cast<uintptr_t>(&word)));
    """
    assert check(extra, 5, args=[3]) == [2, 4, 2, 7, 1]


def test_what_the_vendors_compiler_refuses_is_refused(check: Check) -> None:
    with pytest.raises(CompileError, match="no matching function for call to 'max'"):
        check("uint32_t word = 7; note(std::max(word, 5u));", 1)


def test_size_t_cannot_be_changed_and_clashes_where_it_matters(check: Check) -> None:
    """The vendor's is unsigned int; here two overloads that a card tells apart are one, which is an error."""
    same = "note(std::is_same_v<size_t, unsigned long>); note(std::is_same_v<ptrdiff_t, long>);"
    assert check(same, 2) == [1, 1]
    with pytest.raises(CompileError, match=r"redeclared|redefinition"):
        check("struct Two { static int of(uint32_t) { return 1; } static int of(size_t) { return 2; } };", 1)


@pytest.mark.parametrize(
    "use",
    [
        'constexpr uint32_t x = get_named_compile_time_arg_val("wrong"); note(x);',
        'uint32_t x = get_named_compile_time_arg_val("wrong"); note(x);',
        'if (get_arg_val<uint32_t>(0) == get_named_compile_time_arg_val("wrong")) note(1);',
        'note(std::array<int, get_named_compile_time_arg_val("wrong")>{}.size());',
        'note(std::integral_constant<uint32_t, get_named_compile_time_arg_val("wrong")>::value);',
    ],
)
@pytest.mark.parametrize(("named", "has"), [({"right": 1}, "the kernel has: right"), ({}, "the kernel has none")])
def test_a_named_argument_that_is_not_there_is_an_error_with_its_name(
    run: Callable[..., None],
    make_program: Callable[..., ttnn.Program],
    head: str,
    use: str,
    named: dict[str, int],
    has: str,
) -> None:
    config = ttnn.DataMovementConfig(named_compile_args=named)
    with pytest.raises(CompileError, match=f"there is no named compile-time argument 'wrong'; {has}"):
        run(make_program(f"{head} void kernel_main() {{ {use} }}", config=config))
