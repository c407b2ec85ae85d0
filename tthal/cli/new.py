"""``tthal new``: a project for an operation of one's own, which passes its tests as it is."""

from __future__ import annotations

import ast
import keyword
import re
import shlex
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import click

TEMPLATE = Path(__file__).parents[1] / "templates" / "operation"
TEMPLATE_SUFFIX = ".tmpl"
TAKEN = {"conftest", "kernels", "torch", "tthal", "ttnn", *sys.stdlib_module_names}
"""Modules that the project's own would hide, besides those of tthal's requirements."""


@click.command(short_help="Create a project for an operation of your own.")
@click.argument("name")
@click.option(
    "--into", metavar="FOLDER", type=click.Path(file_okay=False, path_type=Path), help="Where; default: ./NAME."
)
def new(name: str, into: Path | None) -> None:
    """Create a project for an operation NAME: a host program with three kernels, tests against numpy on every available
    backend, and a workflow for continuous integration. It adds two tensors and passes as it is; put your operation in
    its place.

    \b
    tthal new my_op
    cd my_op && pip install -e '.[test]'
    pytest

    The README.md of the project says what next: how to find mistakes, profile and record.
    """
    _check(name)
    folder = into if into is not None else Path(name)
    # A repository that was just made has nothing to lose.
    if folder.exists() and (not folder.is_dir() or any(each.name != ".git" for each in folder.iterdir())):
        raise click.UsageError(f"{folder} exists and is not empty; nothing was written")
    names = {"@name@": name, "@project@": name.replace("_", "-").strip("-") or name}
    try:
        for path, text in _files(name):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(_filled(text, names), encoding="utf-8")
            click.echo(f"  {target}")
    except OSError as problem:
        raise click.ClickException(f"cannot write {problem.filename}: {problem.strerror}") from None
    click.echo(f"Created {folder}. Next: cd {shlex.quote(str(folder))} && pip install -e '.[test]' && pytest")


def _check(name: str) -> None:
    """Raise UsageError unless a module and a distribution can have the name and pytest takes it for no test."""
    if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]*", name) or not name.strip("_") or keyword.iskeyword(name):
        raise click.UsageError(f"{name!r} is not a Python name; use letters, digits and _, such as my_op")
    if name.startswith("test") or name.endswith("_test"):
        raise click.UsageError(f"pytest would take {name!r} for a test; choose another")
    if name in TAKEN | _required_modules() | _names_in_use():
        raise click.UsageError(f"{name!r} would hide a name that the project or Python needs; choose another")


def _required_modules() -> set[str]:
    return {re.split(r"[^\w.-]", each)[0].replace("-", "_") for each in metadata.requires("tthal") or ()}


def _names_in_use() -> set[str]:
    """Return what the project's Python files use as names for other things than the operation."""
    names: set[str] = set()
    for path in TEMPLATE.glob("*.py" + TEMPLATE_SUFFIX):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8").replace("@name@", "_"))):
            if isinstance(node, ast.Name):
                names.add(node.id)
            elif isinstance(node, ast.arg):
                names.add(node.arg)
            elif isinstance(node, ast.FunctionDef):
                names.add(node.name)
            elif isinstance(node, ast.alias):
                names.add(node.asname or node.name)
    return names


def _files(name: str) -> Iterator[tuple[str, str]]:
    """Yield where every file of the project goes, and its text with places to fill in."""
    for path in sorted(TEMPLATE.rglob("*")):
        if path.suffix in (TEMPLATE_SUFFIX, ".cpp"):
            place = path.relative_to(TEMPLATE).as_posix().removesuffix(TEMPLATE_SUFFIX)
            yield place.replace("NAME", name).replace("dot_", "."), path.read_text(encoding="utf-8")


def _filled(text: str, names: dict[str, str]) -> str:
    for place, word in names.items():
        text = text.replace(place, word)
    return text
