"""Who may import whom: between distributions, between the emulator's rooms, and inside the frontend.

The arrows are those of docs/architecture.md; an import that only type checkers see counts too.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = {"tthal": ROOT} | {
    folder.name: folder.parent
    for parent in ("backends", "plugins", "conformance")
    for folder in (ROOT / parent).glob("tthal_*")
}

PACKAGES = {package: {"tthal"} for package in SOURCES if package != "tthal"} | {"tthal": set[str]()}
"""By package: which others of ours it may import; no backend or plugin another one."""

ROOMS: dict[str, set[str]] = {
    "abi": set(),
    "board": set(),
    "engine": {"abi"},
    "tensix": {"board", "abi"},
    "compiler": {"engine", "abi"},
    "noc": {"board", "abi"},
    "program": {"compiler", "engine", "tensix", "board", "abi"},
    "diagnostics": {"noc", "engine", "board", "abi"},
    "execution": {"program", "diagnostics", "noc", "compiler", "engine", "tensix", "board", "abi"},
    "the face": {"execution", "program", "diagnostics", "noc", "compiler", "engine", "tensix", "board", "abi"},
}
"""By room of the emulator, lowest first: which other rooms it may import. The face is the modules in no room."""

FRONTEND: dict[str, set[str]] = {
    "the contract": set(),
    "kit": {"the contract"},
    "plugins": {"kit", "the contract", "the host API"},
    "the host API": {"kit", "plugins", "tensor", "mesh", "the contract"},
    "tensor": {"kit", "the host API", "the contract"},
    "mesh": {"kit", "tensor", "the host API", "the contract"},
    "trace": {"kit", "plugins", "the host API", "the contract"},
    "ttnn": {"kit", "tensor", "mesh", "the host API", "the contract", "the top"},
    "cli": {"kit", "plugins", "trace", "ttnn", "the host API", "the contract", "the top"},
    "the top": {"kit", "tensor", "mesh", "trace", "ttnn", "cli", "the host API", "the contract"},
}
"""The same inside tthal; the top is ``tthal/__init__.py`` and ``__main__.py``."""

CONTRACT = {
    "device_interface",
    "device_data",
    "errors",
    "types",
    "coordinates",
    "observer",
    "event_records",
    "words",
    "_version",
}
CONTRACT |= {"columns", "host_rules", "former_rectangles", "notebook"}


FACE_AND_FLOOR = {"tthal", "tthal_conformance"}
"""Their uppermost folder holds both what stands on the others and what these stand on: modules tell, folders do not.

In ``tthal`` that is on purpose: some 25 of its modules are what folders and other distributions import by their public
names (``tthal.errors``, ``tthal.device_interface``), and ten more stand on those folders. To tell them apart by folders
would rename the contract. With its modules taken one by one there is no circle: test_parts_import_in_no_circle.
"""


def imports(package: str) -> Iterator[tuple[str, str, str]]:
    """(importing module, imported name, place) of every import in a package."""
    base = SOURCES[package]
    for file in sorted((base / package).rglob("*.py")):
        parts = file.relative_to(base).with_suffix("").parts
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        inside = module if parts[-1] == "__init__" else module.rpartition(".")[0]
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            for name in _names(node, inside):
                yield module, name, f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"


def _names(node: ast.AST, inside: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if not isinstance(node, ast.ImportFrom):
        return []
    above = inside.split(".")[: len(inside.split(".")) - node.level + 1] if node.level else []
    origin = ".".join([*above, *([node.module] if node.module else [])])
    return [f"{origin}.{alias.name}" for alias in node.names]


def modules_below(package: str) -> dict[str, set[str]]:
    """By module of a package: which others of the package it imports, wherever the import stands."""
    base = SOURCES[package]
    parts = (file.relative_to(base).with_suffix("").parts for file in (base / package).rglob("*.py"))
    below = {".".join(each[:-1] if each[-1] == "__init__" else each): set[str]() for each in parts}
    for module, name, _ in imports(package):
        names = [name.rsplit(".", cut)[0] for cut in range(name.count(".") + 1)]
        below[module].update([each for each in names if each in below and each != module][:1])
    return below


def emulator_room(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in ROOMS else "the face"


def frontend_room(name: str) -> str:
    parts = name.split(".")
    if len(parts) == 1 or parts[1] == "__main__":
        return "the top"
    if parts[1] in CONTRACT:
        return "the contract"
    if parts[1] in FRONTEND:
        return parts[1]
    return "the host API" if (ROOT / "tthal" / f"{parts[1]}.py").exists() else "the top"


@pytest.mark.parametrize("package", sorted(SOURCES))
def test_packages_import_what_they_may(package: str) -> None:
    used = [(name.partition(".")[0], place) for _, name, place in imports(package)]
    wrong = [f"{place} imports {other}" for other, place in used if other in SOURCES and other != package]
    assert [each for each in wrong if each.rpartition(" ")[2] not in PACKAGES[package]] == []


def test_the_emulators_rooms_import_what_they_may() -> None:
    wrong = []
    for module, name, place in imports("tthal_emulator"):
        here, there = emulator_room(module), emulator_room(name)
        if name.startswith("tthal_emulator") and here != there and there not in ROOMS[here]:
            wrong.append(f"{place}: {here} imports {there} ({name})")
    assert wrong == []


def test_the_frontends_parts_import_what_they_may() -> None:
    wrong = []
    for module, name, place in imports("tthal"):
        here, there = frontend_room(module), frontend_room(name)
        if name.partition(".")[0] == "tthal" and here != there and there not in FRONTEND[here]:
            wrong.append(f"{place}: {here} imports {there} ({name})")
    assert wrong == []


def test_the_tables_are_about_what_there_is() -> None:
    rooms = {folder.name for folder in (ROOT / "backends/tthal_emulator").iterdir() if any(folder.glob("*.py"))}
    assert rooms == set(ROOMS) - {"the face"}
    folders = {folder.name for folder in (ROOT / "tthal").iterdir() if any(folder.glob("*.py"))}
    assert folders == {part for part in FRONTEND if not part.startswith("the ")}
    assert all((ROOT / "tthal" / f"{name}.py").is_file() for name in CONTRACT)


@pytest.mark.parametrize("package", sorted(SOURCES))
def test_modules_import_in_no_circle(package: str) -> None:
    """Imports inside functions and those that only type checkers see count too."""
    below = modules_below(package)
    assert any(below.values())
    try:
        TopologicalSorter(below).prepare()
    except CycleError as circle:
        pytest.fail(" imports ".join(reversed(circle.args[1])))


def folders_below(package: str) -> dict[str, set[str]]:
    """By folder of a package: from which others its modules import."""
    base, found = SOURCES[package], dict[str, set[str]]()

    def folder(module: str) -> str:
        return module if (base / module.replace(".", "/")).is_dir() else module.rpartition(".")[0]

    for module, others in modules_below(package).items():
        found.setdefault(folder(module), set()).update({folder(other) for other in others} - {folder(module)})
    return found


@pytest.mark.parametrize("package", sorted(SOURCES.keys() - FACE_AND_FLOOR))
def test_folders_import_in_no_circle(package: str) -> None:
    try:
        TopologicalSorter(folders_below(package)).prepare()
    except CycleError as circle:
        pytest.fail(" imports ".join(reversed(circle.args[1])))


def parts_below(package: str) -> dict[str, set[str]]:
    """By part of a package, a folder or a module in its uppermost folder: which other parts it imports."""
    found = dict[str, set[str]]()
    for module, others in modules_below(package).items():
        parts = {each.split(".")[1] for each in others if each != package}
        if module != package:
            part = module.split(".")[1]
            found.setdefault(part, set()).update(parts - {part})
    return found


@pytest.mark.parametrize("package", sorted(SOURCES))
def test_parts_import_in_no_circle(package: str) -> None:
    try:
        TopologicalSorter(parts_below(package)).prepare()
    except CycleError as circle:
        pytest.fail(" imports ".join(reversed(circle.args[1])))


def test_a_circle_of_folders_would_be_found() -> None:
    below = folders_below("tthal_emulator")
    assert "tthal_emulator.execution.compiled" in below["tthal_emulator.execution"]
    below["tthal_emulator.execution.compiled"].add("tthal_emulator.execution")
    with pytest.raises(CycleError):
        TopologicalSorter(below).prepare()


def test_a_circle_would_be_found() -> None:
    below = modules_below("tthal")
    below["tthal.errors"].add("tthal.device")
    with pytest.raises(CycleError):
        TopologicalSorter(below).prepare()


def test_rooms_lie_on_floors() -> None:
    """A room imports only rooms that stand before it in the table: there is no circle."""
    above: set[str] = set()
    for room, below in ROOMS.items():
        assert below <= above, room
        above.add(room)


def test_kernels_and_python_meet_at_the_border_only() -> None:
    """What compiled code of the host shares with kernels is the generated border and the arithmetic of both."""
    emulator = ROOT / "backends" / "tthal_emulator"
    assert list((emulator / "kernel_side").rglob("*.py")) == []
    shared = set()
    for file in (emulator / "execution" / "compiled").rglob("*"):
        if file.suffix in (".cpp", ".h"):
            shared |= set(re.findall(r'^#include "(tthal/[^"]+)"', file.read_text(encoding="utf-8"), re.MULTILINE))
    assert {name for name in shared if not name.startswith(("tthal/border/", "tthal/exact/", "tthal/fpu/"))} == set()


def test_the_pages_folders_exist_and_all_are_there() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = text[text.index("## The folders") : text.index("## Who may")]
    listed = set(re.findall(r"`([\w/]+/)`", table))
    assert [folder for folder in sorted(listed) if not (ROOT / folder).is_dir()] == []
    rooms = {f"backends/tthal_emulator/{room}/" for room in ROOMS if room != "the face"}
    parts = {f"tthal/{part}/" for part in FRONTEND if not part.startswith("the ")}
    others = {f"{SOURCES[package].relative_to(ROOT)}/{package}/" for package in SOURCES if package != "tthal"}
    assert rooms | parts | others <= listed


def test_the_pages_files_exist() -> None:
    """Files are named from the root, from ``tthal`` or from the emulator."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    bases = (ROOT, ROOT / "tthal", ROOT / "backends" / "tthal_emulator")
    named = set(re.findall(r"`([\w/]+\.(?:py|cpp|md))`", text))
    assert len(named) > 25
    assert [name for name in sorted(named) if not any((base / name).is_file() for base in bases)] == []
