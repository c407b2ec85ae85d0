"""Makes the site's tree out of the repository's: pages from outside of docs/, and links that lead there.

mkdocs calls the functions by their names. README.md is the start page; CONTRIBUTING.md, SECURITY.md, CHANGELOG.md and
the examples' READMEs become pages too. Links are written for the repository, where they work too; here they are
turned to the pages, and what has no page (a source, a license) is left as text.
"""

from __future__ import annotations

import os
import re
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parent.parent
START = "README.md"
_LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\((?!https?://|#)([^)#\s]+)(#[^)]*)?\)")


def pages_outside() -> dict[str, str]:
    """Return page of the site -> file of the repository, for the files that are not in docs/."""
    pages = {"index.md": START, "CONTRIBUTING.md": "CONTRIBUTING.md", "SECURITY.md": "SECURITY.md"}
    pages |= {"CHANGELOG.md": "CHANGELOG.md", "examples/index.md": "examples/README.md"}
    for readme in sorted(ROOT.glob("examples/*/README.md")):
        pages[f"examples/{readme.parent.name}.md"] = readme.relative_to(ROOT).as_posix()
    return pages


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Fill in the lists of the navigation that follow from files."""
    examples = re.findall(
        r"^\| \d+ \| \[(\w+)\]", (ROOT / "examples/README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    lists: dict[str, Any] = {
        "EXAMPLES": ["examples/index.md", *(f"examples/{name}.md" for name in examples)],
        "REFERENCE": _in_docs("reference"),
        "API": _in_docs("api"),
        "FINDINGS": _in_docs("findings"),
    }
    config.nav = _filled(config.nav, lists)
    return config


def _filled(nav: Any, lists: dict[str, Any]) -> Any:
    if isinstance(nav, list):
        return [_filled(entry, lists) for entry in nav]
    if isinstance(nav, dict):
        return {title: _filled(entry, lists) for title, entry in nav.items()}
    return lists.get(nav, nav)


def _in_docs(folder: str) -> list[str]:
    return [path.relative_to(ROOT / "docs").as_posix() for path in sorted((ROOT / "docs" / folder).glob("*.md"))]


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from outside."""
    for page, source in pages_outside().items():
        files.append(File.generated(config, page, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn the links of a page from the repository's tree to the site's."""
    source = Path(page.file.abs_src_path or "").resolve()
    pages = {(ROOT / file).resolve(): name for name, file in pages_outside().items()}
    docs = Path(config.docs_dir).resolve()

    def turned(link: re.Match[str]) -> str:
        text, target, anchor = link.group(1), link.group(2), link.group(3) or ""
        led = (source.parent / target).resolve()
        if led.is_dir() and (led / "README.md").exists():
            led = led / "README.md"
        name = pages.get(led) or (led.relative_to(docs).as_posix() if led.is_relative_to(docs) else "")
        if not name or files.get_file_from_path(name) is None:
            return text
        here = PurePosixPath(page.file.src_uri).parent
        return f"[{text}]({PurePosixPath(os.path.relpath(name, here))}{anchor})"

    return _LINK.sub(turned, markdown)
