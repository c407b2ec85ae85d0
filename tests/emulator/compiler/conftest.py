"""A small toolchain setting of its own: a prelude and an engine with two host functions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tthal.device_interface import Header, KernelContent
from tthal_emulator.compiler import Cache, Compiler, CompileRequest, Target, find_toolchain
from tthal_emulator.compiler.kernel_library import LIBRARY_FOLDER
from tthal_emulator.engine import Engine, HostFunction

PRELUDE = """#pragma once
#include <stdint.h>
#define HOST(name) extern "C" __attribute__((import_module("tt"), import_name(#name)))
HOST(add) uint32_t add(uint32_t a, uint32_t b);
HOST(block) void block(uint32_t reason);
extern "C" void kernel_main();
#define MAIN __tt_compute_main()
namespace NAMESPACE { extern "C" void __tt_compute_main(); }
void take_two(uint32_t first, uint32_t second);
template <class T> inline T only_small(T value) { static_assert(sizeof(T) <= 4, "too large"); return value; }
template <int N> inline int at_least_one() { static_assert(N > 0, "N must be positive"); return N; }
inline constexpr int WHO =
#if defined(COMPILE_FOR_ONE)
    1;
#else
    2;
#endif
"""
ONE = Target("one", 0, "prelude.h", (("COMPILE_FOR_ONE", "1"),))
LIBRARY = [
    LIBRARY_FOLDER / "memory.cpp",
    LIBRARY_FOLDER / "language.cpp",
    *(LIBRARY_FOLDER / "on_demand" / f"{name}.cpp" for name in ("math", "strings")),
    *LIBRARY_FOLDER.glob("on_demand/elementary_*.cpp"),
]
"""Everything that does without the device headers."""


@pytest.fixture(scope="session")
def headers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("headers")
    (folder / "prelude.h").write_text(PRELUDE)
    (folder / "api").mkdir()
    (folder / "api" / "extra.h").write_text("#pragma once\n#define EXTRA 1\n")
    types = folder / "tthal" / "language" / "fixed_width.h"
    types.parent.mkdir(parents=True)
    # Present, so that the prelude stands on precompiled standard headers here, too.
    for name in ("standard_library.h", "usual_library.h"):
        types.with_name(name).write_text("#pragma once\n#include <array>\n#include <type_traits>\n")
    types.write_text((LIBRARY_FOLDER.parent / "include" / types.relative_to(folder)).read_text())
    return folder


@pytest.fixture(scope="session")
def engine() -> Engine:
    engine = Engine()
    engine.offer(
        (
            HostFunction("add", "uu>u", lambda processor, a, b: (a + b) & 0xFFFFFFFF),
            HostFunction("block", "u>", lambda processor, reason: None, blocking=True),
        )
    )
    return engine


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache") / "kernels"


@pytest.fixture(scope="session")
def new_compiler(engine: Engine, headers: Path, shared_cache: Path) -> Callable[..., Compiler]:
    """Makes compilers; by default they share a cache, so that the prelude is compiled once."""

    def make(cache: Path | None = None, **changes: Any) -> Compiler:
        options: dict[str, Any] = {"library": LIBRARY, "toolchain": find_toolchain(), "include_dirs": [headers]}
        options |= changes
        return Compiler(engine, cache=Cache(cache or shared_cache), **options)

    return make


@pytest.fixture(scope="session")
def compiler(new_compiler: Callable[..., Compiler]) -> Compiler:
    return new_compiler()


@pytest.fixture(scope="session")
def request_for() -> Callable[..., CompileRequest]:
    """Makes requests: ``request_for(source, {header: text}, **fields)``."""

    def make(source: str, headers: dict[str, str] | None = None, **fields: Any) -> CompileRequest:
        name = fields.pop("name", "kernels/mine.cpp")
        closure = tuple(Header(header, text) for header, text in (headers or {}).items())
        return CompileRequest(KernelContent("mine", source, closure, name), fields.pop("target", ONE), **fields)

    return make
