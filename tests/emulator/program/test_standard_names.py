"""Which kernels do with the usual standard headers, and that these have the names they are said to have."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

import tthal as ttnn
from tthal_emulator.compiler import find_toolchain, flags
from tthal_emulator.device import INCLUDE_FOLDER
from tthal_emulator.program.source.standard_names import USUAL_HEADERS, USUAL_NAMES, needs_whole_library

LANGUAGE = INCLUDE_FOLDER / "tthal" / "language"


@pytest.mark.parametrize(
    "text",
    [
        "void kernel_main() { auto a = get_arg_val<uint32_t>(0); }",
        "auto a = std::max<uint32_t>(1, 2); std :: array<int, 2> b;",
        "#include <cstdint>\n#include <stdint.h>\n#include <api/dataflow/dataflow_api.h>\n",
        "int standard = 0; const char* text = std_text;",
    ],
)
def test_the_usual_names_are_enough(text: str) -> None:
    assert not needs_whole_library([text])


@pytest.mark.parametrize(
    "text",
    [
        "std::sort(a, b);",
        "std::optional<int> a;",
        "using namespace std;",
        "namespace s = std;",
        "#define S std\n",
        "auto a = std::ranges::max(b);",
        "std::\n    variant<int> a;",
        "#include <algorithm>\n",
        "  #  include <string_view>\n",
        "#include <vector>\n",
    ],
)
def test_other_names_need_all(text: str) -> None:
    assert needs_whole_library(["std::min(1, 2);", text])


def test_the_usual_headers_have_the_usual_names(tmp_path: Path) -> None:
    included = re.findall(r"^#include <(\w+)>$", (LANGUAGE / "usual_library.h").read_text(encoding="utf-8"), re.M)
    assert set(included) - {"algorithm"} == USUAL_HEADERS
    lines = [
        '#include "tthal/language/fixed_width.h"',
        '#include "tthal/language/usual_library.h"',
        *(f"using std::{name};" for name in sorted(USUAL_NAMES)),
    ]
    (tmp_path / "unit.cpp").write_text("\n".join(lines), encoding="utf-8")
    toolchain = find_toolchain()
    command = [*toolchain.clang, *toolchain.target, *flags.LANGUAGE, *flags.CODE, f"-I{INCLUDE_FOLDER}"]
    made = subprocess.run(
        [*command, "-fsyntax-only", "unit.cpp"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr


@pytest.mark.parametrize(
    "body",
    [
        # The device's own headers do without; a kernel has all of the library without naming a header.
        "std::array<uint32_t, 3> words = {3, 1, 2}; std::reverse(words.begin(), words.end()); value = words[0];",
        'constexpr std::string_view text = "seventeen"; value = std::optional<uint32_t>(text.size()).value_or(0);',
        "value = std::get<1>(std::variant<int, uint32_t>(uint32_t{7}));",
        "value = std::clamp<uint32_t>(9, std::min(1, 2), std::max(3, 4));",
    ],
)
def test_kernels_have_the_whole_library(device: ttnn.Device, body: str) -> None:
    program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
    source = (
        f"void kernel_main() {{ volatile uint32_t value = 0; {body} "
        "if (value != EXPECTED) __builtin_trap(); DPRINT << static_cast<uint32_t>(value) << ENDL(); }"
    )
    expected = {"reverse": 2, "seventeen": 9, "variant": 7, "clamp": 4}
    (number,) = [value for word, value in expected.items() if word in body]
    config = ttnn.ReaderDataMovementConfig([], {"EXPECTED": str(number)})
    ttnn.CreateKernelFromString(program, f'#include "debug/dprint.h"\n{source}', core, config)
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


def test_text_is_what_a_string_view_is(device: ttnn.Device) -> None:
    """Names of arguments and printed text may be views of the standard library."""
    source = """#include "debug/dprint.h"
void kernel_main() {
    constexpr std::string_view name = "pages";
    static_assert(get_named_compile_time_arg_val(name) == 5 && get_named_compile_time_arg_val("pages") == 5);
    DPRINT << name << "-" << static_cast<const char*>("text") << ENDL();
}"""
    program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
    config = ttnn.ReaderDataMovementConfig(named_compile_args={"pages": 5})
    ttnn.CreateKernelFromString(program, source, core, config)
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
