"""A kernel reads no file of the host's while it is compiled, by whatever means; the error names the line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tthal.errors import CompileError
from tthal_emulator.compiler import Compiler, confinement

NOTE = "int note_of_ours = 1234567;\n"
LINE = 3
DIRECTIVES = {
    "absolute include": '#include "{path}"',
    "absolute include in brackets": "#include <{path}>",
    "import": '#import "{path}"',
    "include that is computed": '#define NAME "{path}"\n#include NAME',
    "include that is computed by a header": '#include "named.hpp"\n#include NAME',
    "include of what follows the headers": "#include_next <{path}>",
    "relative include": '#include "{relative}"',
    "relative include past a folder": '#include "sub/{relative}"',
    "include by the folder of a header": '#include "sub/climbs.hpp"',
    "bytes": "const unsigned char bytes[] = {{\n#embed \"{path}\"\n}};",
    "some bytes": "const unsigned char bytes[] = {{\n#embed \"{path}\" limit(4)\n}};",
    "whether it exists": '#if __has_include("{path}")\nint there;\n#else\n#error it is not there\n#endif',
    "whether its bytes exist": '#if __has_embed("{path}")\nint there;\n#else\n#error it is not there\n#endif',
    "how old it is": '#pragma clang diagnostic error "-Wall"\n#pragma GCC dependency "{path}"\n#error after',
    "assembler's bytes": 'asm(".incbin \\"{path}\\"");',
    "assembler's include": 'asm(".include \\"{path}\\"");',
    "assembler in a function": 'void f() {{ asm volatile(".incbin \\"{path}\\""); }}',
    "assembler's macro": 'asm(".macro m a\\n.inc\\\\a \\"{path}\\"\\n.endm\\nm bin");',
    "assembler in a template": 'template <int> void f() {{ __asm__(".incbin \\"{path}\\""); }} template void f<1>();',
    "assembler by a macro": '#define A(x) asm(x)\nA(".incbin \\"{path}\\"");',
}  # fmt: skip


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.hpp"
    path.write_text(NOTE)
    return path


@pytest.mark.parametrize("layered", [True, False], ids=["with Landlock", "without"])
@pytest.mark.parametrize("name", DIRECTIVES)
def test_no_directive_reads_a_file(
    name: str,
    layered: bool,
    note: Path,
    compiler: Compiler,
    request_for: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not layered:
        monkeypatch.setattr(confinement, "_version", 0)
    relative = "../" * 20 + str(note).lstrip("/")
    text = DIRECTIVES[name].format(path=note, relative=relative)
    source = f"// a kernel\n// of somebody\n{text}\nvoid kernel_main() {{ block(note_of_ours); }}"
    headers = {"named.hpp": f'#define NAME "{note}"\n', "sub/climbs.hpp": f'#include "../{relative}"\n'}
    with pytest.raises(CompileError) as caught:
        compiler.compile_all([request_for(source, headers)])
    first = next(each for each in caught.value.diagnostics if each.severity == "error")
    assert "1234567" not in str(caught.value)
    assert any(words in first.message for words in ("file not found", "assembly is disabled", "it is not there"))
    assert first.location is not None
    assert first.location.line >= LINE or first.location.file == "sub/climbs.hpp"


def test_every_file_of_the_kernel_and_ours_can_be_read(compiler: Compiler, request_for: Callable[..., Any]) -> None:
    headers = {
        "../common/a.hpp": '#pragma once\n#include "b.hpp"\n',
        "../common/b.hpp": '#include "../kernels/sub/c.hpp"\n',
        "sub/c.hpp": "#define C 1\n",
    }
    source = '#include "../common/a.hpp"\n#include <cstdint>\n#include "api/extra.h"\nvoid kernel_main() { block(C); }'
    headers |= {"../kernels/sub/c.hpp": "#define C 1\n"}
    compiler.compile_all([request_for(source, headers)])
    name = "sub/c.hpp"
    embedding = f'const unsigned char text[] = {{\n#embed "{name}"\n}};\nvoid kernel_main() {{ block(text[1]); }}'
    compiler.compile_all([request_for(embedding, headers)])


@pytest.mark.parametrize("statement", ['asm volatile("" ::: "memory");', 'asm("");', '__asm__ volatile("" : "+r"(x));'])
def test_assembly_without_instructions_stays(
    statement: str, compiler: Compiler, request_for: Callable[..., Any]
) -> None:
    compiler.compile_all([request_for(f"void kernel_main() {{ uint32_t x = 1; {statement} block(x); }}")])
