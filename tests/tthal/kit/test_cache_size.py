"""The cache stays within its bound: the longest unused go first."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tthal.errors import BackendUnavailable
from tthal.kit.cache import Cache
from tthal.kit.cache_size import DEFAULT_LIMIT, limit

ValuePath = Callable[[Cache, str, str], Path]
DAY = 24 * 3600


def age(path: Path, days: float) -> None:
    used = time.time() - days * DAY
    os.utime(path, (used, used))


@pytest.fixture
def small(tmp_path: Path) -> Cache:
    """A cache of 16,000 bytes: it is looked at when it grew by 1,000, and brought to 14,000."""
    return Cache(tmp_path / "small", most=16_000)


def test_the_longest_unused_go_first(small: Cache) -> None:
    for days, key in enumerate(("aa0", "bb1", "cc2", "dd3")):
        with small.scratch() as scratch:
            (scratch / "x").write_bytes(bytes(3_000))
            age(small.adopt("o", key, scratch / "x").parent, days + 1)
    assert small.find("o", "dd3"), "now it was used"
    small.put("o", "ee4", bytes(3_000))
    assert [key for key in ("aa0", "bb1", "cc2", "dd3") if small.find("o", key)] == ["aa0", "bb1", "dd3"]
    assert small.get("o", "ee4") is not None


def test_the_bound_holds_whoever_writes(small: Cache) -> None:
    """Many short processes that write little each: no single one of them would notice."""
    largest = 0
    for number in range(100):
        Cache(small.folder, most=16_000).put("o", f"{number:04x}", bytes(700))
        largest = max(largest, small.size().size)
    assert 10_000 < largest <= 16_000


def test_what_was_just_stored_stays_however_large(small: Cache) -> None:
    small.put("o", "aaaa", bytes(100))
    small.put("o", "bbbb", bytes(50_000))
    assert small.get("o", "aaaa") is None
    assert small.get("o", "bbbb") is not None


def test_what_an_earlier_version_left_counts_and_goes(small: Cache) -> None:
    old = small.folder / "so" / "ab" / "abcd.so"
    old.parent.mkdir(parents=True, mode=0o700)
    small.folder.chmod(0o700)
    old.parent.parent.chmod(0o700)
    old.write_bytes(bytes(20_000))
    assert small.size().size == 20_000
    small.trim()
    assert not old.exists()


def test_reading_a_value_keeps_it(small: Cache, value_path: ValuePath) -> None:
    small.put("o", "aaaa", bytes(100))
    path = value_path(small, "o", "aaaa")
    age(path, 3)
    small.get("o", "aaaa")
    assert time.time() - path.stat().st_mtime < 60


@pytest.mark.parametrize(
    ("text", "size"),
    [("", DEFAULT_LIMIT), ("0", 0), ("100000000", 10**8), ("64M", 64 << 20), ("1.5 GiB", 3 << 29), ("2g", 2 << 30)],
)
def test_the_limit_is_read_from_the_environment(monkeypatch: pytest.MonkeyPatch, text: str, size: int) -> None:
    monkeypatch.setenv("TTHAL_CACHE_LIMIT", text)
    assert limit() == size


@pytest.mark.parametrize("text", ["lots", "-1", "1M", "5", "nan", "1e9", "2 X"])
def test_what_is_no_limit_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    monkeypatch.setenv("TTHAL_CACHE_LIMIT", text)
    with pytest.raises(BackendUnavailable, match=r"TTHAL_CACHE_LIMIT=.* is no size from 64M; write a number of bytes"):
        Cache(tmp_path)


def test_without_a_limit_nothing_goes(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c", most=0)
    for number in range(10):
        cache.put("o", f"{number:04x}", bytes(10_000))
    assert cache.size().entries == 10
