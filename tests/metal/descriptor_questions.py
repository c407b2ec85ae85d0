"""Questions about descriptors, whose parts are values: small programs, and what ttnn 0.81.1 says of them.

Asked of the vendor's library by test_descriptors.py, and of tthal by it and by tests/tthal/test_values.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PRELUDE = """
C = ttnn.CoreCoord
cores = ttnn.CoreRangeSet([ttnn.CoreRange(C(0, 0), C(1, 1))])
first = ttnn.CoreRangeSet([ttnn.CoreRange(C(0, 0), C(0, 0))])
row = ttnn.ShardOrientation.ROW_MAJOR
modes = ttnn.UnpackToDestMode
place = ttnn.MeshCoordinateRange(ttnn.MeshCoordinate(0, 0), ttnn.MeshCoordinate(0, 0))

def kernel(**named):
    named = {"core_ranges": cores, "config": ttnn.ReaderConfigDescriptor(), **named}
    return ttnn.KernelDescriptor(kernel_source="void kernel_main() {}", **named)

def cb():
    return ttnn.CBDescriptor(2048, cores, [ttnn.CBFormatDescriptor(0, ttnn.bfloat16, 2048)])
"""
"""Names that the steps use; ``vectors`` is the module that has the types of lists."""

VECTORS = "vectors = ttnn._ttnn.program_descriptor\n"
"""The same for the vendor's library."""


@dataclass(frozen=True, slots=True)
class Question:
    """Steps, and expressions that hold after them."""

    name: str
    steps: str
    claims: tuple[str, ...]

    @property
    def program(self) -> str:
        """The text that leaves which claims hold as ``result``."""
        return f"{PRELUDE}\n{self.steps}\nresult = [{', '.join(f'bool({each})' for each in self.claims)}]"


def _questions() -> tuple[Question, ...]:
    text = (Path(__file__).parent / "descriptor_questions.txt").read_text(encoding="utf-8")
    return tuple(_question(block.splitlines()) for block in text.strip().split("\n\n") if not block.startswith("#"))


def _question(lines: list[str]) -> Question:
    claims = tuple(line.removeprefix("=> ") for line in lines if line.startswith("=> "))
    return Question(lines[0], "\n".join(lines[1 : len(lines) - len(claims)]), claims)


QUESTIONS = _questions()
