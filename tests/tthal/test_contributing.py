"""What contributors are told holds: commands, folders, pinned tools, fragments of the changelog."""

from __future__ import annotations

import configparser
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
HOOKS = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
FRAGMENT = re.compile(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md")


def test_the_named_environments_of_tox_exist() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    named = set(re.findall(r"tox -e ([\w-]+)", CONTRIBUTING))
    assert named
    assert named <= {section.partition(":")[2] for section in tox.sections()}


def test_the_named_folders_and_files_exist() -> None:
    """They are named from the root, or from the emulator's or the suite's folder."""
    bases = [ROOT, ROOT / "backends" / "tthal_emulator", ROOT / "conformance" / "tthal_conformance"]
    named = {name for name in re.findall(r"`([\w./-]+/[\w.-]*)`", CONTRIBUTING) if "NAME" not in name}
    named -= {"tthal/vector/", "api/compute/eltwise_unary/", "changelog.d/TOPIC.KIND.md"}
    assert len(named) > 15
    assert [name for name in sorted(named) if not any((base / name).exists() for base in bases)] == []
    headers = ROOT / "backends" / "tthal_emulator" / "kernel_side" / "include"
    assert (headers / "tthal" / "vector").is_dir()
    assert (headers / "api" / "compute" / "eltwise_unary").is_dir()


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the standard library reads TOML from Python 3.11 on")
def test_the_hooks_use_the_tools_that_ci_uses() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (ruff,) = project["dependency-groups"]["lint"]
    assert HOOKS.count(f'["{ruff}"]') == HOOKS.count("entry: ruff ") == 2


@pytest.mark.parametrize(
    ("subject", "refused"),
    [("x" * 72, False), ("x" * 73, True), ("Short\n\n" + "y" * 100, False), ("x" * 73 + "\n\nbody", True)],
)
def test_the_hook_refuses_long_subjects(subject: str, refused: bool) -> None:
    (pattern,) = re.findall(r"entry: '(\\A.*)'", HOOKS)
    assert bool(re.search(pattern, subject, re.MULTILINE)) is refused


def test_fragments_are_named_so_that_towncrier_finds_them() -> None:
    files = [path for path in (ROOT / "changelog.d").iterdir() if path.name not in ("README.md", "_template.md.jinja")]
    assert [path.name for path in files if not FRAGMENT.fullmatch(path.name)] == []
    assert [path.name for path in files if not path.read_text(encoding="utf-8").strip()] == []
    pattern = re.search(r"exclude: \^changelog.*\|(\[a-z0-9-\].*?)\)\$", HOOKS)
    assert pattern is not None
    assert pattern[1] == FRAGMENT.pattern, "the hook and this test want the same"
