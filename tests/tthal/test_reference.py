"""The pages of facts: every citation in the sources leads to a section, and the boards' numbers are the code's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from pathlib import Path

import pytest

from tthal.data_formats import tile_size
from tthal.device_interface import DeviceProperties
from tthal.types import (
    NOC,
    NOC_MODE,
    BufferType,
    CoreType,
    DataFormat,
    DataType,
    DispatchMode,
    KernelBuildOptLevel,
    MathFidelity,
    ShardDistributionStrategy,
    ShardOrientation,
    TensorMemoryLayout,
    UnpackToDestMode,
)
from tthal_emulator.board.boards import find_board
from tthal_emulator.board.machine import Machine

ROOT = Path(__file__).resolve().parent.parent.parent
REFERENCE = ROOT / "docs" / "reference"
NAMES = sorted(path.stem for path in REFERENCE.glob("*.md") if path.stem != "README")
FOLDERS = ("tthal", "backends", "plugins", "conformance", "examples", "tests", "benchmarks", "tools", "docs")
SUFFIXES = {".py", ".h", ".hpp", ".cpp", ".md", ".toml", ".c", ".inc"}

_FILE = re.compile(r"(?<![\w/.-])(" + "|".join(NAMES) + r")\.md")
_SECTION = re.compile(r"§(\d+(?:\.\d+)*)")
_NEXT = re.compile(r"[\w-]+\.md|\n\s*\n|[);\"]")


def sections(page: str) -> set[str]:
    """The numbers of a page: of headings, of numbered items below them, and of items that carry their own."""
    found: set[str] = set()
    heading = ""
    for line in page.splitlines():
        if match := re.match(r"#+ (\d+(?:\.\d+)*)[. ]", line):
            heading = match[1]
            found.add(heading)
        elif match := re.match(r"- \*\*(\d+\.\d+)\*\*", line):
            found.add(match[1])
        elif heading and (match := re.match(r"(\d+)\. ", line)):
            found.add(f"{heading}.{match[1]}")
    return found


@cache
def known(name: str) -> set[str]:
    return sections((REFERENCE / f"{name}.md").read_text(encoding="utf-8"))


def citations(text: str) -> Iterator[tuple[str, str]]:
    """(page, section) of every citation; a comment may cite several sections of a page."""
    for match in _FILE.finditer(text):
        end = _NEXT.search(text, match.end())
        behind = text[match.end() : min(match.end() + 120, end.start() if end else len(text))]
        for section in _SECTION.findall(behind):
            yield match[1], section


def sources() -> list[Path]:
    files = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))
    return sorted(path for path in files if path.suffix in SUFFIXES and ".venv" not in path.parts)


def test_every_citation_leads_to_a_section() -> None:
    wrong, count = [], 0
    for path in sources():
        for name, section in citations(path.read_text(encoding="utf-8")):
            count += 1
            if section not in known(name):
                wrong.append(f"{path.relative_to(ROOT)} cites {name}.md §{section}")
    assert not wrong, "\n".join(wrong)
    assert count > 150, "the sources cite; this test finds it"


def test_this_test_finds_wrong_citations() -> None:
    page = "# T\n\n## 3. Boards\n\n1. one\n2. two\n\n### 3.4 More\n\n- **5.1** item\n"
    assert sections(page) == {"3", "3.1", "3.2", "3.4", "5.1"}
    text = "# (numerics~ §3.2 steps 4 to 7, §99; host-api~\n# §98.7) and engine~ says nothing; x-host-api~ §97"
    assert list(citations(text.replace("~", ".md"))) == [("numerics", "3.2"), ("numerics", "99"), ("host-api", "98.7")]


@pytest.mark.parametrize("name", NAMES)
def test_pages_cite_their_own_sections(name: str) -> None:
    text = (REFERENCE / f"{name}.md").read_text(encoding="utf-8")
    own = _FILE.sub("", text)
    assert [section for section in _SECTION.findall(own) if section not in known(name)] == []


# ---------------------------------------------------------------------------------------------- the boards

BOARDS = ("n150", "n300", "p100", "p150")


@cache
def facts() -> dict[str, tuple[str, ...]]:
    """The table of host-api.md §3: a row's cells by its name, ``same`` filled in from the left."""
    text = (REFERENCE / "host-api.md").read_text(encoding="utf-8")
    found = {}
    for line in text[text.index("## 3. ") : text.index("## 4. ")].splitlines():
        name, *cells = [cell.strip().replace("*", "") for cell in line.strip("|").split("|")]
        for place in range(1, len(cells)):
            cells[place] = cells[place - 1] if cells[place] == "same" else cells[place]
        found[re.sub(r" \[\w\]$", "", name)] = tuple(cells)
    return found


def numbers(text: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"\d+(?:,\d{3})*", text)]


@pytest.fixture(params=BOARDS)
def board(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def properties(board: str, dispatch: DispatchMode = DispatchMode.FAST) -> DeviceProperties:
    return Machine(find_board(board), dispatch).properties(frozenset(), [DataFormat.Float32])


def fact(board: str, name: str) -> list[int]:
    return numbers(facts()[name][BOARDS.index(board)])


def test_the_grids_are_those_of_the_page(board: str) -> None:
    grid = properties(board).compute_grid
    assert [grid.x, grid.y] == fact(board, "compute grid, fast dispatch on Tensix")[:2]
    assert len(properties(board).l1_banks) == fact(board, "L1 interleave banks = compute cores")[0]
    slow = properties(board, DispatchMode.SLOW).compute_grid
    assert [slow.x, slow.y] == fact(board, "full logical worker grid (slow dispatch)")[:2]


def test_the_sizes_and_addresses_are_those_of_the_page(board: str) -> None:
    machine, device = Machine(find_board(board)), properties(board)
    assert machine.chip.config_base == fact(board, "KERNEL_CONFIG base (end of FW map)")[0]
    assert machine.chip.config_size == fact(board, "kernel-config ring size (default)")[0]
    assert device.l1_size == fact(board, "L1 per Tensix")[-1]
    assert device.l1_base == fact(board, "L1 allocator base = first CB address")[0]
    assert device.l1_size - device.l1_base == fact(board, "L1 usable per bank (l1_small 0)")[0]
    assert device.dram_base == fact(board, "DRAM allocator base")[0]
    assert device.dram_bank_size - device.dram_base == fact(board, "DRAM allocatable per bank")[0]
    assert len(device.dram_banks) == fact(board, "DRAM banks (views)")[0]


def test_the_limits_and_alignments_are_those_of_the_page(board: str) -> None:
    device = properties(board)
    alignments, limits = device.alignments, device.limits
    assert [alignments.dram_page, alignments.allocation] == fact(board, "alignment: DRAM alloc/page") * 2
    assert alignments.l1_page == fact(board, "alignment: L1 page")[0]
    transfers = [alignments.noc_dram_read, alignments.noc_dram_write, alignments.noc_l1_read, alignments.noc_l1_write]
    assert transfers == fact(board, "NOC align: DRAM rd/wr, L1 rd/wr, PCIe rd/wr")[:4]
    assert limits.circular_buffers == fact(board, "NUM_CIRCULAR_BUFFERS")[0]
    assert limits.semaphores == fact(board, "semaphores/core")[0]
    assert limits.runtime_args == fact(board, "runtime args/core (unique+common)")[0]
    assert device.max_noc_burst == fact(board, "max NOC burst")[0]
    assert list(device.worker_virtual[0]) == fact(board, "virtual coord of logical (0,0)")


# ---------------------------------------------------------------------------------------------- numbers of names


def section(number: str) -> str:
    """The text of a numbered section of host-api.md."""
    text = (REFERENCE / "host-api.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^(?:##+) {re.escape(number)}[. ].*?(?=^##+ \d|\Z)", text, re.MULTILINE | re.DOTALL)
    return str(found)


def pairs(text: str) -> dict[str, int]:
    return {name: int(number) for name, number in re.findall(r"(\w+)[: ](\d+)(?=[,}.\s])", text)}


@pytest.mark.parametrize("kind", [DataFormat, DataType], ids=lambda kind: kind.__name__)
def test_the_codes_of_formats_are_those_of_the_page(kind: type[DataFormat] | type[DataType]) -> None:
    text = section("3")
    listed = pairs(re.search(rf"^{kind.__name__} codes: (.*?)\n\n", text, re.MULTILINE | re.DOTALL)[1])  # type: ignore[index]
    assert len(listed) > 10
    assert listed == {name: int(member) for name, member in kind.__members__.items() if name in listed}


ENUMERATIONS = {
    "1.2": [NOC, NOC_MODE, MathFidelity, UnpackToDestMode, KernelBuildOptLevel, CoreType],
    "1.3": [BufferType, TensorMemoryLayout, ShardOrientation, ShardDistributionStrategy],
}


@pytest.mark.parametrize(
    ("number", "kind"), [(number, kind) for number, kinds in ENUMERATIONS.items() for kind in kinds]
)
def test_enumerations_are_those_of_the_page(number: str, kind: type[IntEnum]) -> None:
    braces = re.search(rf"(?<!\w){kind.__name__}\s+\{{(.*?)\}}", section(number), re.DOTALL)
    assert braces is not None
    listed = pairs(braces[1] + ",")
    assert listed
    assert listed == {name: int(kind[name]) for name in listed}


def test_the_bytes_of_tiles_are_those_of_the_page() -> None:
    listed = re.search(r"\*\*Tile bytes\*\* \[M\] \(32×32\): (.*?)\. General", section("3"), re.DOTALL)
    assert listed is not None
    for group in listed[1].split(";"):
        names, _, size = " ".join(group.split()).rpartition(" ")
        for name in re.sub(r"\((_b)\)", "", names).split("/"):
            assert tile_size(DataFormat[name]) == int(size), name


PLACES = re.compile(r"\((\d+),(\d+)\)")


def test_the_dram_banks_are_where_the_page_says() -> None:
    text = " ".join(section("3").split())
    for board, start in (("n150", "WH banks 0..11:"), ("p150", "NOC0:"), ("p100", "(channel 3 harvested):")):
        banks = properties(board).dram_banks
        listed = PLACES.findall(text[text.index(start, text.index("DRAM bank → NOC0")) :])[: len(banks)]
        assert [tuple(map(int, place)) for place in listed] == [bank.noc0 for bank in banks]
    assert [bank.offset for bank in properties("n150").dram_banks] == [0, 1 << 30] * 6


def test_the_l1_banks_are_where_the_page_says(board: str) -> None:
    text = " ".join(section("4").split())
    start = {"n150": "N150 banks 0..:", "n300": "N300 (8×7):", "p100": "P100:", "p150": "P150:"}[board]
    listed = PLACES.findall(
        text[text.index(start, text.index("L1 bank b ↔ core")) :].partition("…")[0].partition(":")[2]
    )
    assert len(listed) >= 4
    banks = properties(board).l1_banks
    assert [(core.x, core.y) for core in banks[: len(listed)]] == [tuple(map(int, place)) for place in listed]
