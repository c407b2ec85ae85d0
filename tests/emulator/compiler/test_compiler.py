"""What is compiled, how often, and what comes out of the cache."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tthal.device_interface import Header, KernelContent
from tthal.errors import BackendUnavailable, CompileError
from tthal_emulator.compiler import Cache, Compiler, CompileRequest, Target, builder, find_toolchain
from tthal_emulator.compiler.toolchain import Toolchain
from tthal_emulator.compiler.tools import Answer, Tools
from tthal_emulator.engine import Engine, Processor, Trap, core_memories

Request = Callable[..., Any]
TWO = Target("two", 1, "prelude.h")
NO_TOOL = Toolchain("none", find_toolchain().version, ("/no/such/compiler",), ("/no/such/linker",), (), (), (), ())


def result_of(engine: Engine, module: Any, entry: str = "kernel_main", slot: int = 0) -> int:
    """Run a kernel and return the word that it leaves at 0x2000."""
    memories = core_memories(engine, 1, 1_499_136)
    processor = Processor(module, memories, 0, slot)
    try:
        processor.start(entry)
        while not processor.poll():
            processor.parked = False
        return int.from_bytes(memories.l1_bytes[0][0x2000:0x2004], "little")
    finally:
        processor.close()
        memories.close()


STORE = "*reinterpret_cast<volatile uint32_t*>(0x2000) = "


def test_defines_preamble_and_headers_reach_the_kernel(
    compiler: Compiler, engine: Engine, request_for: Request
) -> None:
    request = request_for(
        f'#include "../common/base.hpp"\n#include "beside.hpp"\n#include <api/extra.h>\n'
        f"void kernel_main() {{ {STORE} FACTOR * OFFSET(3) + args[1] + base() + beside() + EXTRA; }}",
        {
            "../common/base.hpp": "#pragma once\ninline int base() { return 10000; }\n",
            "beside.hpp": '#pragma once\n#include "../common/base.hpp"\n#include "sub/inner.hpp"\n'
            "inline int beside() { return inner() + base(); }\n",
            "sub/inner.hpp": '#pragma once\n#include "../../common/base.hpp"\n'
            "inline int inner() { return 5 + base(); }\n",
        },
        defines=(("FACTOR", "2"), ("OFFSET(n)", "(n + \\\n  4)")),
        preamble="static constexpr uint32_t args[] = {100, 200};",
    )
    (module,) = compiler.compile_all([request])
    assert result_of(engine, module) == 2 * 7 + 200 + 10000 + (5 + 10000 + 10000) + 1


def test_targets_differ_in_prelude_defines_and_place(compiler: Compiler, engine: Engine, request_for: Request) -> None:
    source = f"void kernel_main() {{ {STORE} WHO; }}"
    one, two = compiler.compile_all([request_for(source), request_for(source, target=TWO)])
    assert (result_of(engine, one), result_of(engine, two, slot=1)) == (1, 2)


@pytest.mark.parametrize("level", ["O0", "O1", "O2", "O3", "Os", "Oz", "Ofast", "Og"])
def test_optimisation_levels(compiler: Compiler, engine: Engine, request_for: Request, level: str) -> None:
    (module,) = compiler.compile_all([request_for(f"void kernel_main() {{ {STORE} add(20, 22); }}", opt_level=level)])
    assert result_of(engine, module) == 42


def test_the_namespace_form_is_a_second_entry(compiler: Compiler, engine: Engine, request_for: Request) -> None:
    source = f"namespace NAMESPACE {{\nvoid MAIN {{ {STORE} 5; }}\n}}"
    (module,) = compiler.compile_all([request_for(source)])
    assert "kernel_main" not in module.exports
    assert result_of(engine, module, "__tt_compute_main") == 5


def test_dialect_of_the_target(compiler: Compiler, engine: Engine, request_for: Request) -> None:
    """Unsigned char, 32-bit pointers, narrowing in braces, address 0 no undefined behaviour, GNU extensions."""
    source = f"""
    struct Pair {{ uint8_t a; uint16_t b; }};
    void kernel_main() {{
        uint32_t wide = add(250, 10);
        Pair pair{{wide, wide}};
        static_assert(sizeof(void*) == 4 && sizeof(long) == 4 && char(-1) > 0);
        auto* pointer = reinterpret_cast<uint32_t*>(add(0, 0));
        int flag = ({{ int inner = pointer ? 1 : 2; inner; }});
        {STORE} pair.a * 100000 + pair.b * 10 + flag;
    }}"""
    (module,) = compiler.compile_all([request_for(source)])
    assert result_of(engine, module) == 4 * 100000 + 260 * 10 + 2


def test_function_pointers_and_virtual_functions(compiler: Compiler, engine: Engine, request_for: Request) -> None:
    source = f"""
    struct Shape {{ virtual uint32_t corners() const = 0; virtual ~Shape() = default; }};
    struct Square : Shape {{ uint32_t corners() const override {{ return 4; }} }};
    struct Triangle : Shape {{ uint32_t corners() const override {{ return 3; }} }};
    uint32_t twice(uint32_t n) {{ return 2 * n; }}
    uint32_t thrice(uint32_t n) {{ return 3 * n; }}
    uint32_t (*const functions[])(uint32_t) = {{twice, thrice}};
    void kernel_main() {{
        Square square; Triangle triangle;
        const Shape* shapes[] = {{&square, &triangle}};
        {STORE} functions[add(1, 0)](shapes[add(0, 1)]->corners()) + shapes[add(0, 0)]->corners();
    }}"""
    (module,) = compiler.compile_all([request_for(source)])
    assert result_of(engine, module) == 13


def test_volatile_is_honoured(compiler: Compiler, engine: Engine, request_for: Request) -> None:
    """Another processor changes what this one waits for; merged reads would loop for ever."""
    wait = "void kernel_main() { auto* p = (volatile uint32_t*)0x2000; if (*p == 1) return; while (*p != 1) {} }"
    store = f"void kernel_main() {{ {STORE} 1; }}"
    waiting, storing = compiler.compile_all([request_for(wait), request_for(store, target=TWO)])
    memories = core_memories(engine, 1, 1_499_136)
    first, second = Processor(waiting, memories, 0, 0), Processor(storing, memories, 0, 1)
    first.start("kernel_main")
    second.start("kernel_main")
    assert not first.poll()
    assert second.poll()
    assert first.poll()


def test_names_in_traps_are_logical(compiler: Compiler, engine: Engine, request_for: Request) -> None:
    (module,) = compiler.compile_all(
        [
            request_for(
                '#include "../common/crash.hpp"\nvoid kernel_main() {\n  crash();\n}',
                {"../common/crash.hpp": "#pragma once\ninline void crash() {\n  __builtin_trap();\n}\n"},
            )
        ]
    )
    with pytest.raises(Trap) as caught:
        result_of(engine, module)
    places = [(frame.location.file, frame.location.line) for frame in caught.value.frames if frame.location]
    assert places == [("../common/crash.hpp", 3), ("kernels/mine.cpp", 3)]


def test_file_macro_is_logical(compiler: Compiler, engine: Engine, request_for: Request) -> None:
    source = f'#include <string.h>\nvoid kernel_main() {{ {STORE} strcmp(__FILE__, "kernels/mine.cpp") == 0; }}'
    (module,) = compiler.compile_all([request_for(source)])
    assert result_of(engine, module) == 1


# What is compiled how often


def test_equal_requests_share_a_module(compiler: Compiler, request_for: Request) -> None:
    first, second, other = (request_for("void kernel_main() { block(1); }", label=label) for label in ("a", "b", "c"))
    modules = compiler.compile_all([first, second, other])
    assert len(set(map(id, modules))) == 1
    assert compiler.compile_all([first])[0] is modules[0]


@pytest.mark.parametrize(
    "change",
    [
        {"source": "void kernel_main() { block(3); }"},
        {"headers": {"a.hpp": "#define A 2\n"}},
        {"headers": {"b.hpp": "#define A 1\n"}},
        {"defines": (("X", "2"),)},
        {"defines": (("Y", "1"),)},
        {"preamble": "// other"},
        {"opt_level": "O3"},
        {"name": "other.cpp"},
        {"target": Target("one", 0, "prelude.h", (("COMPILE_FOR_ONE", "2"),))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_every_part_of_a_request_makes_a_difference(
    compiler: Compiler, request_for: Request, change: dict[str, Any]
) -> None:
    base: dict[str, Any] = {
        "source": "void kernel_main() { block(2); }",
        "headers": {"a.hpp": "#define A 1\n"},
        "defines": (("X", "1"),),
    }
    changed = base | change
    modules = compiler.compile_all(
        [request_for(fields.pop("source"), fields.pop("headers"), **fields) for fields in (dict(base), dict(changed))]
    )
    assert modules[0] is not modules[1]


def test_parts_do_not_run_into_each_other(request_for: Request) -> None:
    keys = {
        request.key()
        for request in (
            request_for("", {}, defines=(("A", "B"), ("C", "D"))),
            request_for("", {"A": "B"}, defines=(("C", "D"),)),
            request_for("", {"A": "B", "C": "D"}),
            request_for("", {"AB": "", "C": "D"}),
            request_for("AB"),
            request_for("B", preamble="A"),
        )
    }
    assert len(keys) == 6


def test_the_cache_answers_without_a_compiler(
    new_compiler: Callable[..., Compiler], request_for: Request, engine: Engine
) -> None:
    request = request_for(f"void kernel_main() {{ {STORE} 31; }}")
    new_compiler().compile_all([request])
    progress: list[object] = []
    (module,) = new_compiler(toolchain=NO_TOOL).compile_all([request], lambda *step: progress.append(step))
    assert result_of(engine, module) == 31
    assert progress == []
    with pytest.raises(BackendUnavailable, match="cannot be started"):
        new_compiler(toolchain=NO_TOOL).compile_all([request_for("void kernel_main() { block(77); }")])


def test_progress_counts_every_kernel_from_the_calling_thread(compiler: Compiler, request_for: Request) -> None:
    steps: list[tuple[int, int, str]] = []
    threads = set()

    def report(done: int, total: int, name: str) -> None:
        steps.append((done, total, name))
        threads.add(threading.get_ident())

    requests = [request_for(f"void kernel_main() {{ block({n}); }} // progress", name=f"{n}.cpp") for n in range(5)]
    compiler.compile_all([*requests, requests[0]], report, jobs=3)
    assert [step[:2] for step in steps] == [(n, 5) for n in range(1, 6)]
    assert {name for _, _, name in steps} == {f"{n}.cpp" for n in range(5)}
    assert threads == {threading.get_ident()}


def test_a_change_of_our_headers_compiles_anew(
    new_compiler: Callable[..., Compiler], request_for: Request, engine: Engine, headers: Path, tmp_path: Path
) -> None:
    request = request_for(f"#include <api/extra.h>\nvoid kernel_main() {{ {STORE} EXTRA; }}")
    (tmp_path / "api").mkdir()
    (tmp_path / "prelude.h").write_text((headers / "prelude.h").read_text())
    results = []
    for value in (1, 2):
        (tmp_path / "api" / "extra.h").write_text(f"#pragma once\n#define EXTRA {value}\n")
        (module,) = new_compiler(include_dirs=[tmp_path]).compile_all([request])
        results.append(result_of(engine, module))
    assert results == [1, 2]


def test_headers_of_ours_that_do_not_compile_are_not_the_users_fault(
    new_compiler: Callable[..., Compiler], request_for: Request, tmp_path: Path
) -> None:
    (tmp_path / "prelude.h").write_text("this is not C++")
    with pytest.raises(BackendUnavailable, match="own headers do not compile"):
        new_compiler(include_dirs=[tmp_path]).compile_all([request_for("void kernel_main() {}")])


def test_the_kernel_library_is_compiled_as_far_as_it_is_needed(
    new_compiler: Callable[..., Compiler], request_for: Request, tmp_path: Path
) -> None:
    def objects_after(source: str) -> int:
        new_compiler(tmp_path).compile_all([request_for(source)])
        return len(entries(tmp_path, "o"))

    assert objects_after("void kernel_main() {}") == 0
    assert objects_after("#include <string.h>\nvoid kernel_main() { block(strlen((char*)0x2000)); }") == 1
    sine = "#include <math.h>\nvoid kernel_main() { auto* x = (volatile float*)0x2000; *x = sinf(*x); }"
    assert objects_after(sine) == 1 + 4, "math and what it is made of: the elementary functions"
    assert objects_after(sine + " // again") == 5


# Damage, time limits, interruption


def entries(folder: Path, kind: str) -> list[Path]:
    return sorted(path for path in folder.rglob(f"*.{kind}") if path.is_file())


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda content: content[: len(content) // 2],
    "overwritten": lambda content: content[: len(content) // 2] + b"\xff" * (len(content) // 2),
    # In the middle of an object or a precompiled header the tools would not notice it.
    "flipped": lambda content: bytes(byte ^ 4 * (at == len(content) // 2) for at, byte in enumerate(content)),
    "empty": lambda content: b"",
}


@pytest.mark.parametrize("kind", ["native", "wasm", "pch", "h", "o", "overlay"])
@pytest.mark.parametrize("damage", [*DAMAGE, "removed"])
def test_damaged_entries_are_made_anew(
    new_compiler: Callable[..., Compiler], request_for: Request, engine: Engine, tmp_path: Path, kind: str, damage: str
) -> None:
    def requests(*numbers: int) -> list[CompileRequest]:
        compare = 'extern "C" int memcmp(const void*, const void*, unsigned long);'
        source = "void kernel_main() {{ {0} {1}; block(memcmp((void*)0x2000, (void*)0x3000, add(0, 0))); }}"
        return [request_for(source.format(STORE, number), preamble=compare) for number in numbers]

    new_compiler(tmp_path).compile_all(requests(1))
    paths = entries(tmp_path, kind)
    assert paths
    for path in paths:
        if damage == "removed":
            path.unlink()
        else:
            path.write_bytes(DAMAGE[damage](path.read_bytes()))
    modules = new_compiler(tmp_path).compile_all(requests(1, 2, 3))
    assert [result_of(engine, module) for module in modules] == [1, 2, 3]
    if kind not in ("native", "wasm"):
        assert all(Cache(tmp_path).tree(kind, path.parent.name) for path in paths), "whole again"


def compile_in_process(headers: str, cache: str, numbers: list[int], results: Any) -> None:
    engine = Engine()
    compiler = Compiler(engine, find_toolchain(), [Path(headers)], Cache(Path(cache)), library=[])
    target = Target("one", 0, "prelude.h")
    requests = [
        CompileRequest(KernelContent("k", f"void kernel_main() {{ {STORE} {n}; }}", (Header("h", ""),)), target)
        for n in numbers
    ]
    results.put([result_of(engine, module) for module in compiler.compile_all(requests)])


def test_processes_share_an_empty_cache(
    headers: Path, tmp_path: Path, project_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(project_root))  # the new processes import this module by its name
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    processes = [
        context.Process(target=compile_in_process, args=(str(headers), str(tmp_path), [1, 2, 3], results))
        for _ in range(2)
    ]
    for process in processes:
        process.start()
    assert [results.get(timeout=120) for _ in processes] == [[1, 2, 3]] * 2
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert not list((tmp_path / "scratch").iterdir())
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".new-")]


def endless_tool(folder: Path) -> Toolchain:
    script = folder / "endless"
    script.write_text("#!/bin/sh\necho $$ >> " + str(folder / "pids") + "\nexec sleep 600\n")
    script.chmod(0o700)
    return Toolchain("endless", "endless", (str(script),), (str(script),), (), (), (), ())


@pytest.mark.skipif(os.name != "posix", reason="needs a shell script as compiler")
def test_a_compiler_that_hangs_is_stopped(
    new_compiler: Callable[..., Compiler], request_for: Request, tmp_path: Path
) -> None:
    compiler = new_compiler(tmp_path / "cache", toolchain=endless_tool(tmp_path), timeout=0.3)
    with pytest.raises(BackendUnavailable, match="took more than"):
        compiler.compile_all([request_for("void kernel_main() {}")])


@pytest.mark.skipif(os.name != "posix", reason="needs a shell script as compiler")
def test_ctrl_c_ends_the_compilers(new_compiler: Callable[..., Compiler], request_for: Request, tmp_path: Path) -> None:
    compiler = new_compiler(tmp_path / "cache", toolchain=endless_tool(tmp_path))
    requests = [request_for(f"void kernel_main() {{ block({n}); }}") for n in (1, 2)]

    def interrupt() -> None:
        while not (tmp_path / "pids").exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        compiler.compile_all(requests, jobs=2)
    thread.join()
    for pid in map(int, (tmp_path / "pids").read_text().split()):
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
    with pytest.raises(CompileError):
        new_compiler().compile_all([request_for("x")])


def test_foreign_settings_do_not_reach_the_compiler(
    new_compiler: Callable[..., Compiler], request_for: Request, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sneaky.h").write_text("#define SNEAKED_IN 1\n")
    monkeypatch.setenv("CPATH", str(tmp_path))
    monkeypatch.setenv("CPLUS_INCLUDE_PATH", str(tmp_path))
    with pytest.raises(CompileError, match=r"'sneaky\.h' file not found"):
        new_compiler().compile_all([request_for("#include <sneaky.h>\nvoid kernel_main() {}")])


def test_no_tool_runs_at_import() -> None:
    code = (
        "import subprocess\n"
        "def refuse(*a, **k): raise SystemExit('started a program')\n"
        "subprocess.Popen = refuse\n"
        "import tthal_emulator.compiler\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


ONE_RUN = "kernel_main() { uint32_t n = 0; for (uint32_t i = 0; i < add(3, 4); i++) n += i * i / 3 + WHO; RESULT = n; }"
TWO_RUNS = "kernel_main() { RESULT = (uint32_t)(float(add(1, 2)) * 1.5f); }"
GUESSED = "kernel_main() { RESULT = add(1, 2); }  // as a TensorAccessor says"


@pytest.mark.parametrize(
    ("text", "runs"),
    [(ONE_RUN, 1), (TWO_RUNS, 2), (GUESSED, 2)],
    ids=["usual", "with the card's arithmetic", "with it by the look of it, in vain"],
)
@pytest.mark.parametrize("level", ["O0", "O2", "Os"])
def test_the_compiler_runs_twice_only_for_what_the_cards_arithmetic_changes(
    new_compiler: Callable[..., Compiler],
    request_for: Request,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    runs: int,
    level: str,
) -> None:
    started: list[list[str]] = []
    run = Tools.run

    def counted(self: Tools, command: list[str], *others: Any) -> Answer:
        started.append(command)
        return run(self, command, *others)

    text = f"#define RESULT *(volatile uint32_t*)0x2000\nvoid {text}"
    build = new_compiler()._builder.build
    request = request_for(text, opt_level=level)
    build(request)  # its prelude is there from now on
    monkeypatch.setattr(Tools, "run", counted)
    wasm = build(request)
    assert len(started) == runs + 1  # and the linker
    monkeypatch.setattr(builder, "_is_rewritten", lambda target: True)
    assert build(request) == wasm
