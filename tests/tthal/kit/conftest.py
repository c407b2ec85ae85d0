"""A cache of a test's own, and what lies in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tthal.kit.cache import Cache


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "c")


@pytest.fixture
def store() -> Callable[..., Path]:
    """Store a tree of files: ``store(cache, key, name=text, …)``."""

    def put(cache: Cache, key: str, **files: str) -> Path:
        def fill(work: Path) -> None:
            for name, text in files.items():
                (work / "sub").mkdir(exist_ok=True)
                (work / "sub" / name).write_text(text)

        return cache.tree_or_build("tree", key, fill)

    return put


@pytest.fixture
def value_path() -> Callable[[Cache, str, str], Path]:
    """Return where a value lies: ``value_path(cache, kind, key)``."""
    return lambda cache, kind, key: cache.folder / kind / key[:2] / f"{key}.{kind}"
