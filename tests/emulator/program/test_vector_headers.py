"""Which kernels begin with the precompiled functions of the vector unit."""

from __future__ import annotations

import re
from functools import cache

import pytest

from tthal.device_interface import Header, KernelContent
from tthal_emulator.compiler.header_names import FURTHER_NAMES
from tthal_emulator.device import INCLUDE_FOLDER
from tthal_emulator.program.source.vector_headers import begins_with_vector_unit

VECTOR_UNIT = "tthal/vector/exact/"
INCLUDE = re.compile(r'^#include "(.+?)"', re.MULTILINE)
HEADERS = sorted(path.relative_to(INCLUDE_FOLDER).as_posix() for path in INCLUDE_FOLDER.glob("api/compute/**/*.h"))
OTHER_NAMES = {
    other: name for name, others in FURTHER_NAMES.items() for other in others if other.startswith("api/compute/")
}


@cache
def included(header: str) -> list[str]:
    return INCLUDE.findall((INCLUDE_FOLDER / header).read_text(encoding="utf-8"))


def closure(header: str) -> set[str]:
    """Return a header and all that it includes."""
    found, new = {header}, [header]
    while new:
        new = sorted({name for each in new for name in included(each)} - found)
        found.update(new)
    return found


def kernel(source: str, *headers: str) -> KernelContent:
    return KernelContent("kernel.cpp", source, tuple(Header(f"{i}.h", text) for i, text in enumerate(headers)))


@pytest.mark.parametrize("header", [*HEADERS, *OTHER_NAMES])
@pytest.mark.parametrize("folder", ["api/compute/", "compute_kernel_api/"])
def test_a_header_that_includes_the_vector_unit_is_known_for_it(folder: str, header: str) -> None:
    name = header.replace("api/compute/", folder)
    expected = any(each.startswith(VECTOR_UNIT) for each in closure(OTHER_NAMES.get(header, header)))
    assert begins_with_vector_unit(kernel(f"#include <{name}>\nvoid kernel_main() {{}}\n"), ()) is expected


def test_headers_of_the_kernel_count() -> None:
    assert begins_with_vector_unit(kernel('#include "0.h"\n', '#include "api/compute/eltwise_unary/exp.h"\n'), ())
    assert begins_with_vector_unit(kernel("#include <sfpi.h>\n"), ())
    assert not begins_with_vector_unit(kernel('#include "0.h"\n', '#include "api/compute/matmul.h"\n'), ())


def test_forms_for_float32_data_are_chosen_where_functions_are_parsed() -> None:
    gelu = '#include "api/compute/eltwise_unary/gelu.h"\n'
    assert begins_with_vector_unit(kernel(gelu), (("OTHER", "1"),))
    assert not begins_with_vector_unit(kernel(gelu), (("INP_FLOAT32", "1"),))
    assert not begins_with_vector_unit(kernel(f"#define INP_FLOAT32 1\n{gelu}"), ())
