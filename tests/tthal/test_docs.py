"""Every Python block of the documentation runs, in order, page by page, on the default backend."""

from __future__ import annotations

import json
import operator
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "examples").rglob("*.md"))]
NOTEBOOKS = sorted((ROOT / "examples").rglob("*.ipynb"))


def blocks(page: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page)], ids=lambda page: page.name)
def test_the_snippets_run(
    page: Path, tmp_path: Path, run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    script = tmp_path / "snippets.py"
    script.write_text("\n".join(blocks(page)), encoding="utf-8")
    result = run_python(str(script), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    if page.name == "README.md":
        assert result.stdout == "equal to numpy: True\n" * 2  # in both styles


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda notebook: notebook.name)
def test_notebooks_run(
    notebook: Path, tmp_path: Path, run_python: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    pytest.importorskip("matplotlib", reason="pictures are drawn by matplotlib")
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    script = tmp_path / "notebook.py"
    script.write_text("\n".join(code), encoding="utf-8")
    result = run_python(str(script), cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    shown = ["".join(output["text"]) for cell in cells for output in cell.get("outputs", []) if "text" in output]
    assert result.stdout == "".join(shown)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_inside_the_documentation_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?://)([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


def test_every_name_that_a_cpp_name_is_mapped_to_exists() -> None:
    import tthal

    text = (ROOT / "docs" / "cpp-names.md").read_text(encoding="utf-8")
    here = [
        cell for row in re.findall(r"^\| .* \| (.*) \|$", text, re.MULTILINE) for cell in re.findall("`([^`]+)`", row)
    ]
    names = {name for cell in here for name in re.findall(r"ttnn\.([\w.]*\w)", cell)}
    assert len(names) > 80
    for name in sorted(names):
        assert name.partition(".")[0] in tthal.__all__, name
        operator.attrgetter(name)(tthal)


def test_the_small_backend_of_the_documentation_works(
    install_plugin: Callable[..., Path], clean_selection: None
) -> None:
    (source,) = blocks(ROOT / "docs" / "write-a-backend.md")
    install_plugin("tthal-acme", "tthal.backends", "acme", source, module="acme")
    import tthal

    with tthal.open_device(backend="acme") as device:
        config = tthal.InterleavedBufferConfig(device, 64, 32, tthal.BufferType.DRAM)
        buffer = tthal.CreateBuffer(config)
        tthal.EnqueueWriteBuffer(device.command_queue(), buffer, b"x" * 64)
        assert tthal.EnqueueReadBuffer(device.command_queue(), buffer).tobytes() == b"x" * 64
