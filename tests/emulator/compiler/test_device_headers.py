"""The names that kernels find the device headers by: the headers' own, and those of a table."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tthal.errors import CompileError
from tthal.older_headers import headers_in, older_names
from tthal_emulator.compiler import Cache, Compiler, DeviceHeaders
from tthal_emulator.compiler.device_headers import device_headers
from tthal_emulator.compiler.header_names import FURTHER_NAMES
from tthal_emulator.device import INCLUDE_FOLDER
from tthal_emulator.engine import Engine, Processor, core_memories

Request = Callable[..., Any]
FURTHER = older_names(headers_in(INCLUDE_FOLDER), FURTHER_NAMES)
_COMMENT = re.compile(r"//[^\n]*")


def test_the_include_folder_holds_only_headers_with_content() -> None:
    for path in INCLUDE_FOLDER.rglob("*.h*"):
        lines = _COMMENT.sub("", path.read_text(encoding="utf-8")).split("\n")
        said = [line for line in map(str.strip, lines) if line and line != "#pragma once"]
        assert len(said) > 1, f"{path} says {said}: make it a row of header_names.py"


def test_every_row_of_the_table_is_in_force() -> None:
    assert FURTHER.keys() >= FURTHER_NAMES.keys()
    assert all((INCLUDE_FOLDER / header).is_file() for header in FURTHER.values())


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("dataflow_api.h", "api/dataflow/dataflow_api.h"),
        ("compute_kernel_api/eltwise_unary/exp.h", "api/compute/eltwise_unary/exp.h"),
        ("compute_kernel_api/transpose_wh.h", "api/compute/transpose.h"),
        ("compute_kernel_api/eltwise_unary/bitwise_and.h", "api/compute/eltwise_unary/bitwise.h"),
        ("debug/dprint.h", "api/debug/dprint.h"),
        ("debug/dprint_tile.h", "api/debug/dprint.h"),
        ("risc_attribs.h", "tthal/language/attributes.h"),
    ],
)
def test_a_name_is_another_name_of_a_header(name: str, header: str) -> None:
    assert FURTHER[name] == header
    assert not (INCLUDE_FOLDER / name).exists()
    assert {name, header} <= set(DeviceHeaders([INCLUDE_FOLDER]).names)


@pytest.fixture
def folder(headers: Path, tmp_path: Path) -> Path:
    """An include folder with one header that older kernels know by another name."""
    folder = tmp_path / "include"
    (folder / "api" / "compute").mkdir(parents=True)
    (folder / "prelude.h").write_text((headers / "prelude.h").read_text())
    (folder / "api" / "compute" / "seven.h").write_text(
        '#pragma once\n#include "api/eight.h"\ninline int seven() { return EIGHT - 1; }\n'
        "template <class T> inline T small(T value) { static_assert(sizeof(T) <= 4); return value; }\n"
    )
    (folder / "api" / "eight.h").write_text("#pragma once\n#define EIGHT 8\n")
    return folder


def answer(compiler: Compiler, engine: Engine, request: Any) -> int:
    """What a kernel that stores a word at 0x2000 leaves there."""
    memories = core_memories(engine, 1, 1_499_136)
    processor = Processor(*compiler.compile_all([request]), memories, 0, 0)
    processor.start("kernel_main")
    assert processor.poll()
    processor.close()
    word = int.from_bytes(bytes(memories.l1[0][0x2000:0x2004]), "little")
    memories.close()
    return word


def test_a_header_by_both_names_is_one_header(
    folder: Path, new_compiler: Callable[..., Compiler], engine: Engine, request_for: Request
) -> None:
    both = '#include "compute_kernel_api/seven.h"\n#include <api/compute/seven.h>\n'
    source = f"{both}void kernel_main() {{ *(volatile uint32_t*)0x2000 = seven(); }}"
    assert answer(new_compiler(include_dirs=[folder]), engine, request_for(source)) == 7


def test_a_kernels_own_header_goes_before_ours(
    folder: Path, new_compiler: Callable[..., Compiler], engine: Engine, request_for: Request
) -> None:
    own = {"compute_kernel_api/seven.h": "inline int seven() { return 70; }\n"}
    source = '#include "compute_kernel_api/seven.h"\nvoid kernel_main() { *(volatile uint32_t*)0x2000 = seven(); }'
    assert answer(new_compiler(include_dirs=[folder]), engine, request_for(source, own)) == 70


def test_debug_information_speaks_of_the_header_itself(
    folder: Path, new_compiler: Callable[..., Compiler], request_for: Request, tmp_path: Path
) -> None:
    source = '#include "compute_kernel_api/seven.h"\nvoid kernel_main() { *(volatile int*)0x2000 = seven(); }'
    new_compiler(tmp_path / "cache", include_dirs=[folder]).compile_all([request_for(source, opt_level="O0")])
    (wasm,) = (path.read_bytes() for path in (tmp_path / "cache").rglob("*.wasm"))
    assert b"<tthal>/api/compute" in wasm
    assert b"compute_kernel_api" not in wasm
    assert str(folder).encode() not in wasm


def test_an_error_in_a_header_names_the_line_that_led_to_it(
    folder: Path, new_compiler: Callable[..., Compiler], request_for: Request
) -> None:
    source = '#include "compute_kernel_api/seven.h"\nvoid kernel_main() { small(8.0); }'
    with pytest.raises(CompileError) as caught:
        new_compiler(include_dirs=[folder]).compile_all([request_for(source)])
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.location is not None
    assert (diagnostic.location.file, diagnostic.location.line) == ("kernels/mine.cpp", 2)


def test_the_table_enters_the_digest(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = DeviceHeaders([folder])
    monkeypatch.setitem(FURTHER_NAMES, "seven.h", "api/compute/seven.h")
    after = DeviceHeaders([folder])
    assert after.digest != before.digest
    assert set(after.names) - set(before.names) == {"seven.h"}


def test_headers_are_read_again_when_one_changes(folder: Path) -> None:
    before = device_headers([folder])
    assert device_headers([folder]) is before
    (folder / "new.h").write_text("inline int new_one() { return 1; }\n")
    after = device_headers([folder])
    assert set(after.names) - set(before.names) == {"new.h"}
    (folder / "new.h").write_text("inline int new_one() { return 12; }\n")
    assert device_headers([folder]).digest not in {before.digest, after.digest}


def test_names_outlive_a_cleared_cache(
    folder: Path, new_compiler: Callable[..., Compiler], engine: Engine, request_for: Request, tmp_path: Path
) -> None:
    compiler = new_compiler(tmp_path / "cache", include_dirs=[folder])
    for number in (1, 2):
        source = f'#include "compute_kernel_api/seven.h"\nvoid kernel_main() {{ *(volatile int*)0x2000 = {number}; }}'
        assert answer(compiler, engine, request_for(source)) == number
        Cache(tmp_path / "cache").clear()
