"""Which lines of a kernel's source are compiled, as far as its defines tell."""

from __future__ import annotations

import tthal as ttnn
from tthal_check.sources import Source, sources_of, without_comments

TEXT = """#ifdef READER
reader  // and more
#else
other
#endif
#if !defined(READER)
another
#endif
#if ROUNDS > 2
perhaps
#endif
#ifndef MINE
#define MINE
perhaps, too
#endif
"""


def read(defines: dict[str, str]) -> Source:
    program = ttnn.CreateProgram()
    core = ttnn.CoreCoord(0, 0)
    for config, given in ((ttnn.ReaderDataMovementConfig(defines={"READER": "1"}), None), (None, defines)):
        mover = config or ttnn.WriterDataMovementConfig(defines=given or {})
        ttnn.CreateKernelFromString(program, TEXT, core, mover)
    image = program.image()
    return sources_of(image, image.kernels[1])[0]


def left(source: Source) -> list[str]:
    return [line.strip() for line in source.text.splitlines() if line.strip() and not line.startswith("#")]


def test_branches_follow_from_the_defines_of_the_kernels() -> None:
    assert left(read({"READER": "1"})) == ["reader", "perhaps", "perhaps, too"]
    source = read({})
    assert left(source) == ["other", "another", "perhaps", "perhaps, too"]
    assert [TEXT.splitlines()[number - 1] for number in source.doubtful] == ["perhaps", "#define MINE", "perhaps, too"]
    assert len(source.text) == len(TEXT), "every character keeps its place"


def test_comments_are_blank_and_strings_are_not() -> None:
    assert without_comments('a; // b\nc /* d\ne */ f("// g"); h') == 'a;     \nc     \n     f("// g"); h'
