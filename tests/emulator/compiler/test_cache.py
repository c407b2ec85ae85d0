"""The cache folder: private, checked, counted and emptied."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from tthal.errors import BackendUnavailable
from tthal_emulator.compiler import Cache, cache_folder
from tthal_emulator.compiler.cache import digest

posix_only = pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX ones")


def test_what_is_put_is_got(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    assert cache.get("wasm", "00ff") is None
    cache.put("wasm", "00ff", b"content")
    assert Cache(tmp_path / "c").get("wasm", "00ff") == b"content"
    assert cache.get("native", "00ff") is None
    cache.put("wasm", "00ff", b"")
    assert cache.get("wasm", "00ff") == b""
    cache.remove("wasm", "00ff")
    assert cache.get("wasm", "00ff") is None


@pytest.mark.parametrize("flip", [0, 20, -1])
def test_a_flipped_bit_is_noticed_and_the_entry_removed(tmp_path: Path, flip: int) -> None:
    """CApi code must never run damaged."""
    cache = Cache(tmp_path)
    cache.put("native", "abcd", b"x" * 100)
    path = cache.path("native", "abcd")
    content = bytearray(path.read_bytes())
    content[flip] ^= 1
    path.write_bytes(content)
    assert cache.get("native", "abcd") is None
    assert not path.exists()


@posix_only
def test_folders_and_files_are_private(tmp_path: Path) -> None:
    os.umask(os.umask(0o022))
    cache = Cache(tmp_path / "c")
    cache.put("native", "abcd", b"x")
    assert (cache.folder.stat().st_mode & 0o777, cache.path("native", "abcd").stat().st_mode & 0o777) == (0o700, 0o600)


@posix_only
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    with pytest.raises(BackendUnavailable, match=r"writable by others.*chmod go-w"):
        Cache(tmp_path)


@posix_only
def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: os.stat(tmp_path).st_uid + 1)
    with pytest.raises(BackendUnavailable, match=r"another user.*TTHAL_CACHE_DIR"):
        Cache(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BackendUnavailable, match="cannot be used"):
        Cache(tmp_path / "file" / "folder")


def test_the_folder_is_read_from_the_environment_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTHAL_CACHE_DIR", str(tmp_path / "mine"))
    assert cache_folder() == tmp_path / "mine" / "kernels"
    assert Cache().folder == tmp_path / "mine" / "kernels"
    monkeypatch.delenv("TTHAL_CACHE_DIR")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        assert cache_folder() == tmp_path / "xdg" / "tthal" / "kernels"


def test_info_and_clear(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "c")
    assert (cache.info().entries, cache.info().size) == (0, 0)
    cache.put("wasm", "aa11", b"x" * 1000)
    cache.put("native", "aa11", b"x" * 3000)
    with cache.scratch() as scratch:
        (scratch / "file").write_bytes(b"unfinished")
        info = cache.info()
        assert (info.folder, info.entries) == (tmp_path / "c", 2)
        assert 4000 <= info.size < 4200
        assert cache.clear() == info
        assert (scratch / "file").exists(), "a compilation that runs keeps its files"
    assert not scratch.exists()
    assert cache.info().entries == 0
    cache.put("wasm", "aa11", b"again")
    assert cache.get("wasm", "aa11") == b"again"


def test_clear_sweeps_what_killed_compilations_left(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    stale = tmp_path / "scratch" / "stale"
    stale.mkdir(parents=True)
    os.utime(stale, (1, 1))
    cache.clear()
    assert not stale.exists()


def test_trim_removes_the_longest_unused_first_and_looks_once_a_day(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "kernels")
    for days, key in enumerate(("aa0", "bb1", "cc2", "dd3")):
        cache.put("o", key, bytes(1000))
        used = time.time() - days * 24 * 3600 - 60
        os.utime(cache.path("o", key), (used, used))
    cache.trim(limit=2500)
    left = {key for key in ("aa0", "bb1", "cc2", "dd3") if cache.get("o", key) is not None}
    assert left == {"aa0", "bb1"}
    cache.put("o", "ee4", bytes(5000))
    os.utime(cache.path("o", "ee4"), (0, 0))
    cache.trim(limit=1)
    assert cache.path("o", "ee4").exists()
    os.utime(cache.folder / "trimmed", (0, 0))
    cache.trim(limit=1)
    assert not cache.path("o", "ee4").exists()
    assert cache.path("o", "aa0").exists(), "used within the last day"


def test_a_full_disk_only_costs_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = Cache(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache.put("wasm", "aa11", b"x")
    assert cache.get("wasm", "aa11") is None
    assert not list(tmp_path.rglob(".new-*"))


def test_digests_keep_parts_apart() -> None:
    assert len({digest("a", "bc"), digest("ab", "c"), digest("abc"), digest(), digest(""), digest("", "")}) == 6
    assert digest("a") == digest(b"a")
