"""What a user reads when a kernel does not compile: his file, his line, and nothing of ours."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tthal.errors import CompileError, SourceLocation
from tthal_emulator.compiler import Compiler
from tthal_emulator.compiler.device_headers import DeviceHeaders
from tthal_emulator.compiler.messages import Reader
from tthal_emulator.device import INCLUDE_FOLDER

Request = Callable[..., Any]


@pytest.fixture
def error_of(compiler: Compiler, request_for: Request) -> Callable[..., CompileError]:
    def compile_and_fail(*arguments: Any, **fields: Any) -> CompileError:
        with pytest.raises(CompileError) as caught:
            compiler.compile_all([request_for(*arguments, **fields)])
        assert not re.search(r"/tmp|/home|site-packages|scratch", str(caught.value)), "a machine path leaked"
        return caught.value

    return compile_and_fail


def test_an_undeclared_name_has_file_line_column_excerpt_and_caret(error_of: Any) -> None:
    error = error_of("#include <stdint.h>\nvoid kernel_main() {\n  missing_call(3);\n}\n")
    (diagnostic,) = error.diagnostics
    assert diagnostic.location == SourceLocation("kernels/mine.cpp", 3, 3)
    assert diagnostic.message == "use of undeclared identifier 'missing_call'"
    assert "missing_call(3);" in diagnostic.excerpt
    assert diagnostic.excerpt.splitlines()[1].strip().startswith("|   ^")
    assert str(error).startswith("kernel kernels/mine.cpp does not compile:\nkernels/mine.cpp:3:3: error: use of")


def test_did_you_mean(error_of: Any) -> None:
    (diagnostic,) = error_of("void kernel_main() { int counter = 1; countre++; }").diagnostics
    assert "did you mean 'counter'?" in diagnostic.message
    assert "note: 'counter' declared here" in diagnostic.excerpt


def test_wrong_arguments_to_a_function_of_ours_say_what_it_takes(error_of: Any) -> None:
    (diagnostic,) = error_of("void kernel_main() {\n  take_two(1, 2, 3);\n}").diagnostics
    assert diagnostic.location == SourceLocation("kernels/mine.cpp", 2, 3)
    assert "no matching function" in diagnostic.message
    assert "requires 2 arguments, but 3 were provided" in diagnostic.excerpt
    assert "prelude" not in diagnostic.excerpt


@pytest.mark.parametrize(
    ("statement", "message"),
    [("double x = only_small(1.0); (void)x;", "too large"), ("at_least_one<0>();", "N must be positive")],
)
def test_an_error_inside_our_headers_shows_the_users_call(error_of: Any, statement: str, message: str) -> None:
    error = error_of(f"void kernel_main() {{\n  {statement}\n}}")
    assert message in error.diagnostics[0].message
    assert error.diagnostics[0].location is not None
    assert (error.diagnostics[0].location.file, error.diagnostics[0].location.line) == ("kernels/mine.cpp", 2)
    assert statement in error.diagnostics[0].excerpt


def test_errors_in_a_users_header_name_it_and_the_way_there(error_of: Any) -> None:
    error = error_of(
        '#include "../common/deep.hpp"\nvoid kernel_main() { deep<int>(); }',
        {"../common/deep.hpp": "template <class T> void deep() {\n  T::nothing();\n}\n"},
    )
    (diagnostic,) = error.diagnostics
    assert diagnostic.location == SourceLocation("../common/deep.hpp", 2, 3)
    assert "kernels/mine.cpp:2:22: note: in instantiation" in diagnostic.excerpt


def test_an_inline_kernel_goes_by_the_name_it_is_given(error_of: Any) -> None:
    (diagnostic,) = error_of("void kernel_main() { oops }", name="Kernel_Source_Code").diagnostics
    assert diagnostic.location is not None
    assert (diagnostic.kernel, diagnostic.location.file) == ("Kernel_Source_Code", "Kernel_Source_Code")


@pytest.mark.parametrize("name", ['quo"ted.cpp', "back\\slash.cpp", "two\nlines.cpp", "ümlaut 漢字.cpp", "a:b.cpp"])
def test_strange_kernel_names(compiler: Compiler, request_for: Request, name: str) -> None:
    (module,) = compiler.compile_all([request_for("void kernel_main() {}", name=name)])
    assert "kernel_main" in module.exports
    with pytest.raises(CompileError, match="undeclared identifier 'x'"):
        compiler.compile_all([request_for("void kernel_main() { x; }", name=name)])


def test_a_missing_header(error_of: Any) -> None:
    (diagnostic,) = error_of('int before;\n#include "nowhere.h"\nvoid kernel_main() {}').diagnostics
    assert diagnostic.message.startswith("'nowhere.h' file not found; searched: beside the kernel")
    assert "TT_METAL_HOME" in diagnostic.message
    assert diagnostic.location == SourceLocation("kernels/mine.cpp", 2, 10)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("tt_metal/fabric/hw/inc/linear/api.h", "fabric and Ethernet between devices are not emulated"),
        ("api/socket_api.h", "sockets between devices, and to the host, are not emulated"),
        ("experimental/udm/udm_api.hpp", "fabric and Ethernet between devices are not emulated"),
        ("experimental/gddr_dma.h", "kernels on the processors of DRAM channels are not emulated"),
        ("experimental/blaze_named_args.h", "runtime arguments by the names of Blaze are not emulated; name"),
        ("api/dataflow/prefetcher_pipe.h", "prefetcher pipes are not emulated"),
        ("api/compute/of_a_later_release.h", "the emulator's own device headers have none of this name"),
    ],
)
def test_a_device_header_that_does_not_exist_here_says_why(error_of: Any, header: str, reason: str) -> None:
    (diagnostic,) = error_of(f"#include <{header}>\nvoid kernel_main() {{}}").diagnostics
    assert diagnostic.message.startswith(f"'{header}' file not found: {reason}")


@pytest.mark.parametrize(
    ("header", "nearest"),
    [
        ("api/dataflow/dataflow_ap.h", "api/dataflow/dataflow_api.h"),
        ("api/compute/matmull.h", "api/compute/matmul.h"),
        ("compute_kernel_api/matmul.hpp", "compute_kernel_api/matmul.h"),
        ("dataflow-api.h", "dataflow_api.h"),
        ("my_helper.h", "my_helpers.h"),
    ],
)
def test_a_missing_header_with_a_near_name(request_for: Request, header: str, nearest: str) -> None:
    reader = Reader(request_for("", {"my_helpers.h": ""}), DeviceHeaders([INCLUDE_FOLDER]).names)
    (diagnostic,) = reader.clang(f"kernels/mine.cpp:1:10: fatal error: '{header}' file not found\n")
    assert diagnostic.message.startswith(f"'{header}' file not found")
    assert diagnostic.message.endswith(f"device headers. Did you mean '{nearest}'?")


@pytest.mark.parametrize("header", ["nowhere_at_all.h", "../kernel_main.h", "api/socket_api.h"])
def test_a_missing_header_without_one(request_for: Request, header: str) -> None:
    reader = Reader(request_for(""), DeviceHeaders([INCLUDE_FOLDER]).names)
    (diagnostic,) = reader.clang(f"kernels/mine.cpp:1:10: fatal error: '{header}' file not found\n")
    assert "Did you mean" not in diagnostic.message


def test_a_function_without_definition_shows_its_call(error_of: Any) -> None:
    (diagnostic,) = error_of("void later(int);\nvoid kernel_main() {\n  later(3);\n}").diagnostics
    assert diagnostic.message == "later(int) is declared but defined nowhere"
    assert diagnostic.location == SourceLocation("kernels/mine.cpp", 3, 3)
    assert "later(3);" in diagnostic.excerpt


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("int no_entry;", "defines neither void kernel_main() nor MAIN"),
        ("#include <vector>\nvoid kernel_main() { std::vector<int> v(add(1, 2)); block(v[1]); }", "has no heap"),
        ('#include <cstdio>\nvoid kernel_main() { printf("hello"); }', "print with DPRINT"),
        ("static char big[3000000]; void kernel_main() { for (char& c : big) c += add(1, 2); }", "static data is too"),
        (
            "void kernel_main() { volatile char big[70000]; for (uint32_t i = 0; i < 70000; ++i) big[i] = 1; }",
            "stack frame size",
        ),
        ('void kernel_main() { asm volatile("i32.const 1"); }', "inline assembly is disabled: a kernel can have none"),
        ("#error these are my words\n", "these are my words"),
        ("template <int N> struct A { static constexpr int v = A<N + 1>::v; }; int x = A<0>::v;", "recursive template"),
        ("constexpr int f() { for (;;) {} return 1; } static_assert(f());", "not an integral constant"),
        ("void kernel_main() {", "expected '}'"),
        ('__attribute__((import_module("env"), import_name("read"))) extern "C" int r(); void kernel_main() { r(); }',
         "imports what the emulator does not have: env.read"),
        ('__attribute__((import_module("tt"), import_name("add"))) extern "C" void w(); void kernel_main() { w(); }',
         "types incompatible"),
        ('__attribute__((target("bulk-memory"))) void kernel_main() '
         "{ __builtin_memcpy((void*)0x2000, (void*)0x3000, add(1, 2)); }", "bulk memory support is not enabled"),
    ],
)  # fmt: skip
def test_what_a_kernel_cannot_do(error_of: Any, source: str, message: str) -> None:
    assert message in str(error_of(source))


def test_settings_that_break_the_code_are_reported(error_of: Any) -> None:
    error = error_of("void kernel_main() {}", defines=(("FINE", "1"),), preamble="constexpr int args[] = {garbage};")
    assert error.diagnostics[0].message == "use of undeclared identifier 'garbage'"
    assert "args[]" in error.diagnostics[0].excerpt
    assert error.diagnostics[0].location is None


@pytest.mark.parametrize(
    "fields",
    [
        {"defines": (("not a name", "1"),)},
        {"defines": (("X\n#include <stdio.h>", "1"),)},
        {"defines": (("", "1"),)},
        {"opt_level": "O9"},
    ],
)
def test_requests_that_cannot_be_written_down(error_of: Any, fields: dict[str, Any]) -> None:
    assert "kernels/mine.cpp" in str(error_of("void kernel_main() {}", **fields))


@pytest.mark.parametrize("header", ["/etc/passwd", "C:\\x.h", "..", "x\0y", "/".join([".."] * 40) + "/x.h"])
def test_header_names_that_leave_the_kernels_tree(error_of: Any, header: str) -> None:
    assert "is not relative to the kernel" in str(error_of("void kernel_main() {}", {header: ""}))


def test_text_that_is_no_text(error_of: Any) -> None:
    assert "UTF-8" in str(error_of("// \udcff\nvoid kernel_main() {}"))


def test_all_kernels_that_fail_are_reported(compiler: Compiler, request_for: Request) -> None:
    good, bad, worse = (
        request_for(source, name=name)
        for source, name in (("void kernel_main() {}", "a.cpp"), ("void kernel_main() { b }", "b.cpp"), ("c", "c.cpp"))
    )
    with pytest.raises(CompileError, match="2 kernels do not compile") as caught:
        compiler.compile_all([good, bad, worse])
    kernels = [diagnostic.kernel for diagnostic in caught.value.diagnostics]
    assert list(dict.fromkeys(kernels)) == ["b.cpp", "c.cpp"]


def test_a_label_tells_kernels_of_one_name_apart(error_of: Any) -> None:
    error = error_of("void kernel_main() { x; }", name="Kernel_Source_Code", label="reader on BRISC")
    assert error.diagnostics[0].kernel == "reader on BRISC"
    assert error.diagnostics[0].location == SourceLocation("Kernel_Source_Code", 1, 22)


def test_warnings_of_the_user_are_kept_and_do_not_fail(compiler: Compiler, request_for: Request) -> None:
    source = "#warning mind this\nvoid kernel_main() {}"
    assert compiler.compile_all([request_for(source)])
    with pytest.raises(CompileError) as caught:
        compiler.compile_all([request_for(source + " x")])
    first = caught.value.diagnostics[0]
    assert (first.severity, first.message) == ("warning", "mind this")
    assert "mind this" not in str(caught.value)
