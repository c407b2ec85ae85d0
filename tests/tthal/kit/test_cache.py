"""The cache: what is stored is got, checked, counted and emptied, whatever happened to the disk."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tthal.kit.cache import Cache, cache_folder, digest
from tthal.kit.cache_size import DEFAULT_LIMIT

Store = Callable[..., Path]
ValuePath = Callable[[Cache, str, str], Path]


# ---------------------------------------------------------------------------------------------- what is stored


def test_what_is_put_is_got(cache: Cache) -> None:
    assert cache.get("wasm", "00ff") is None
    cache.put("wasm", "00ff", b"content")
    assert Cache(cache.folder).get("wasm", "00ff") == b"content"
    assert cache.get("native", "00ff") is None
    cache.put("wasm", "00ff", b"")
    assert cache.get("wasm", "00ff") == b""
    cache.remove("wasm", "00ff")
    assert cache.get("wasm", "00ff") is None


def test_a_tree_is_stored_whole_or_not_at_all(cache: Cache, store: Store) -> None:
    assert cache.tree("tree", "00ff") is None
    with pytest.raises(ZeroDivisionError):
        cache.tree_or_build("tree", "00ff", lambda work: 1 // (work / "half").write_text(""))
    assert cache.tree("tree", "00ff") is None
    assert not list((cache.folder / "scratch").iterdir())
    folder = store(cache, "00ff", a="1", b="2")
    assert folder == cache.tree("tree", "00ff") == Cache(cache.folder).tree("tree", "00ff")
    assert (folder / "sub" / "b").read_text() == "2"
    assert store(cache, "00ff", a="other") == folder
    assert (folder / "sub" / "a").read_text() == "1", "it was there already"


def test_the_digests_are_what_sha256sum_checks(cache: Cache, store: Store) -> None:
    folder = store(cache, "00ff", a="1", b="2")
    lines = [line.split("  ") for line in (folder / "SHA256SUMS").read_text().splitlines()]
    assert lines == [[hashlib.sha256(text).hexdigest(), f"sub/{name}"] for name, text in (("a", b"1"), ("b", b"2"))]
    if tool := shutil.which("sha256sum"):
        subprocess.run([tool, "--strict", "-c", "SHA256SUMS"], cwd=folder, check=True, capture_output=True)


def test_one_file_is_adopted_and_found(cache: Cache, tmp_path: Path) -> None:
    assert cache.find("so", "00ff") is None
    with cache.scratch() as scratch:
        (scratch / "made").write_bytes(b"library")
        path = cache.adopt("so", "00ff", scratch / "made")
    assert path == cache.find("so", "00ff") == cache.path("so", "00ff")
    assert path.read_bytes() == b"library"


def test_the_first_of_two_builders_wins(cache: Cache) -> None:
    with cache.building("tree", "00ff") as mine:
        (mine / "a").write_text("mine")
        with cache.building("tree", "00ff") as others:
            (others / "a").write_text("theirs")
    found = cache.tree("tree", "00ff")
    assert found is not None
    assert (found / "a").read_text() == "theirs"


def test_digests_keep_parts_apart() -> None:
    assert len({digest("a", "bc"), digest("ab", "c"), digest("abc"), digest(), digest(""), digest("", "")}) == 6
    assert digest("a") == digest(b"a")


def test_the_folder_is_read_from_the_environment_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTHAL_CACHE_DIR", str(tmp_path / "mine"))
    assert cache_folder("kernels") == tmp_path / "mine" / "kernels" == Cache.of_user("kernels").folder
    monkeypatch.delenv("TTHAL_CACHE_DIR")
    if sys.platform == "linux":
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
        assert cache_folder("metal") == tmp_path / "xdg" / "tthal" / "metal"


# ---------------------------------------------------------------------------------------------- damage


@pytest.mark.parametrize("flip", [0, 20, -1])
def test_a_flipped_bit_is_noticed_and_the_value_removed(cache: Cache, flip: int, value_path: ValuePath) -> None:
    """Native code must never run damaged."""
    cache.put("native", "abcd", b"x" * 100)
    path = value_path(cache, "native", "abcd")
    content = bytearray(path.read_bytes())
    content[flip] ^= 1
    path.write_bytes(content)
    assert cache.get("native", "abcd") is None
    assert not path.exists()


def _flip(folder: Path) -> None:
    content = bytearray((folder / "sub" / "a").read_bytes())
    content[0] ^= 1
    (folder / "sub" / "a").write_bytes(content)


def _new_file(folder: Path) -> None:
    (folder / "sub" / "more").write_text("")


DAMAGE: dict[str, Callable[[Path], object]] = {
    "flipped": _flip,
    "cut off": lambda folder: os.truncate(folder / "sub" / "a", 1),
    "emptied": lambda folder: os.truncate(folder / "sub" / "b", 0),
    "longer": lambda folder: (folder / "sub" / "a").write_text("1 and more"),
    "a file removed": lambda folder: (folder / "sub" / "a").unlink(),
    "a file added": _new_file,
    "digests removed": lambda folder: (folder / "SHA256SUMS").unlink(),
    "digests emptied": lambda folder: os.truncate(folder / "SHA256SUMS", 0),
    "digests no text": lambda folder: (folder / "SHA256SUMS").write_bytes(b"\xff\xfe"),
    "all removed": shutil.rmtree,
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("known", [False, True], ids=["new", "checked before"])
def test_a_damaged_tree_is_noticed_and_heals(cache: Cache, damage: str, known: bool, store: Store) -> None:
    folder = store(cache, "00ff", a="1 and 2", b="3")
    assert not known or cache.tree("tree", "00ff") is not None
    time.sleep(0.01)  # the clock of some file systems is coarse
    DAMAGE[damage](folder)
    assert cache.tree("tree", "00ff") is None
    assert not folder.exists()
    assert (store(cache, "00ff", a="1 and 2", b="3") / "sub" / "a").read_text() == "1 and 2"


def test_entries_are_on_the_disk_before_they_get_their_name(
    cache: Cache, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    """A crash of the machine leaves no cut-off file under a final name."""
    events: list[str] = []
    fsync, replace, rename = os.fsync, os.replace, os.rename

    def traced_fsync(handle: int) -> None:
        events.append(f"fsync {os.fstat(handle).st_ino}")
        fsync(handle)

    def traced_replace(source: Path, target: Path) -> None:
        if Path(target).suffix == ".wasm":
            events.append(f"name {os.stat(source).st_ino}")
        replace(source, target)

    def traced_rename(source: Path, target: Path, **options: object) -> None:
        events.extend(f"name {path.stat().st_ino}" for path in sorted(Path(source).rglob("*")) if path.is_file())
        rename(source, target)

    monkeypatch.setattr(os, "fsync", traced_fsync)
    monkeypatch.setattr(os, "replace", traced_replace)
    monkeypatch.setattr(os, "rename", traced_rename)
    cache.put("wasm", "00ff", b"content")
    store(cache, "00ff", a="1", b="2")
    named = [event.split()[1] for event in events if event.startswith("name")]
    assert len(named) == 1 + 3
    assert all(events.index(f"fsync {inode}") < events.index(f"name {inode}") for inode in named)


# ---------------------------------------------------------------------------------------------- counting and emptying


def test_size_and_clear(cache: Cache, store: Store) -> None:
    assert (cache.size().entries, cache.size().size) == (0, 0)
    assert not cache.folder.exists(), "looking makes nothing"
    cache.put("wasm", "aa11", b"x" * 1000)
    store(cache, "aa11", a="x" * 3000)
    with cache.scratch() as scratch:
        (scratch / "file").write_bytes(b"unfinished")
        size = cache.size()
        assert (size.folder, size.entries, size.limit) == (cache.folder, 2, DEFAULT_LIMIT)
        assert 4000 <= size.size < 4200
        assert cache.clear() == size
        assert (scratch / "file").exists(), "work under way keeps its files"
    assert not scratch.exists()
    assert cache.size().entries == 0
    cache.put("wasm", "aa11", b"again")
    assert cache.get("wasm", "aa11") == b"again"


@pytest.fixture
def stale(cache: Cache, value_path: ValuePath) -> Iterator[Path]:
    """What a killed process left."""
    cache.put("wasm", "aa11", b"x")
    folder = cache.folder / "scratch" / "stale"
    folder.mkdir(parents=True)
    half = value_path(cache, "wasm", "aa11").with_name(".new-half")
    half.write_bytes(b"")
    os.utime(folder, (1, 1))
    os.utime(half, (1, 1))
    yield folder
    assert not folder.exists()
    assert not half.exists()


def test_clear_sweeps_what_killed_processes_left(cache: Cache, stale: Path) -> None:
    cache.clear()


def test_so_does_a_look_at_the_size(cache: Cache, stale: Path) -> None:
    (cache.folder / "growth").unlink()
    cache.trim()
