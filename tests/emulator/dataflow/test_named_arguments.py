"""Named compile-time arguments that a kernel asks for and does not have, and names that are no literals.

On a card (``api/compile_time_args.h`` of 0.81.1) such a name is an error of the compiler where a constant is needed,
and undefined behaviour elsewhere; public kernels ask for some that only another of their configurations uses.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

import pytest

import tthal as ttnn
from tthal.errors import CompileError

Check = Callable[..., list[int]]

CONFIG = ttnn.DataMovementConfig(named_compile_args={"right": 7, "other": 8})
UNUSED = """
    struct Work { uint32_t pages; uint32_t size; } work{
        get_named_compile_time_arg_val("right"),
        get_named_compile_time_arg_val("wrong"),
    };
    if constexpr (get_named_compile_time_arg_val("other") == 9) note(work.size);
    note(work.pages);
"""
DIVIDES = "note(get_arg_val<uint32_t>(0) / get_arg_val<uint32_t>(1));"
"""Divides by what it does not know: such code is compiled in two steps, and the compiler's words come from another."""


@pytest.mark.parametrize("division", ["", DIVIDES])
def test_a_missing_argument_that_nothing_uses_is_a_warning(
    check: Check, division: str, caplog: pytest.LogCaptureFixture
) -> None:
    never_compiled = f"// {uuid.uuid4()}\n"
    with caplog.at_level(logging.WARNING, "tthal"):
        found = check(never_compiled + UNUSED + division, 2, config=CONFIG, args=[12, 4])
    assert found == [7, 3 if division else 0]
    (said,) = [record.getMessage() for record in caplog.records if "named" in record.getMessage()]
    assert "there is no named compile-time argument 'wrong'; the kernel has: other, right; the value is not" in said


@pytest.mark.parametrize("division", ["", DIVIDES])
def test_one_that_is_used_is_an_error_at_its_line(check: Check, division: str) -> None:
    use = 'note(get_named_compile_time_arg_val("right"));\nnote(get_named_compile_time_arg_val("wrong"));'
    with pytest.raises(CompileError) as raised:
        check(use + division, config=CONFIG, args=[12, 4])
    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.message == "there is no named compile-time argument 'wrong'; the kernel has: other, right"
    assert diagnostic.location is not None
    assert 'get_named_compile_time_arg_val("wrong")' in diagnostic.excerpt


def test_a_branch_that_is_left_out_asks_for_nothing(check: Check, caplog: pytest.LogCaptureFixture) -> None:
    body = """
        if constexpr (get_named_compile_time_arg_val("right") != 7) note(get_named_compile_time_arg_val("wrong"));
        else note(1);
    """
    assert check(body, 1, config=CONFIG) == [1]
    assert not caplog.records


def test_names_out_of_an_array(check: Check) -> None:
    """As tt-metal's matmul for gathered inputs fills its list of buffers."""
    body = """
        static constexpr const char* names[] = {"other", "right"};
        constexpr auto fill = [](const char* const* from) {
            std::array<uint32_t, 2> all{};
            for (uint32_t i = 0; i < 2; ++i) all[i] = get_named_compile_time_arg_val(from[i]);
            return all;
        };
        constexpr auto all = fill(names);
        note(all[0]); note(all[1]);
    """
    assert check(body, 2, config=CONFIG) == [8, 7]
