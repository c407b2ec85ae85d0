"""The cache: private, checked, bounded, emptied, and usable on full and read-only disks when it is warm."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tthal.errors import BackendUnavailable
from tthal.kit.cache import Cache, cache_folder, digest
from tthal.kit.cache_size import DEFAULT_LIMIT, limit

posix_only = pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX ones")
DAY = 24 * 3600


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "c")


def store(cache: Cache, key: str, **files: str) -> Path:
    """Store a tree."""

    def fill(work: Path) -> None:
        for name, text in files.items():
            (work / "sub").mkdir(exist_ok=True)
            (work / "sub" / name).write_text(text)

    return cache.tree_or_build("tree", key, fill)


def value_path(cache: Cache, kind: str, key: str) -> Path:
    return cache.folder / kind / key[:2] / f"{key}.{kind}"


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


def test_a_tree_is_stored_whole_or_not_at_all(cache: Cache) -> None:
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


def test_the_digests_are_what_sha256sum_checks(cache: Cache) -> None:
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
def test_a_flipped_bit_is_noticed_and_the_value_removed(cache: Cache, flip: int) -> None:
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
def test_a_damaged_tree_is_noticed_and_heals(cache: Cache, damage: str, known: bool) -> None:
    folder = store(cache, "00ff", a="1 and 2", b="3")
    assert not known or cache.tree("tree", "00ff") is not None
    time.sleep(0.01)  # the clock of some file systems is coarse
    DAMAGE[damage](folder)
    assert cache.tree("tree", "00ff") is None
    assert not folder.exists()
    assert (store(cache, "00ff", a="1 and 2", b="3") / "sub" / "a").read_text() == "1 and 2"


def test_entries_are_on_the_disk_before_they_get_their_name(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
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


# ---------------------------------------------------------------------------------------------- who may write


@posix_only
def test_folders_and_files_are_private_whatever_the_umask(cache: Cache) -> None:
    before = os.umask(0)
    try:
        cache.put("native", "abcd", b"x")
        folder = store(cache, "00ff", a="1")
    finally:
        os.umask(before)
    value = value_path(cache, "native", "abcd")
    assert [stat.S_IMODE(path.stat().st_mode) for path in (value, value.parent, value.parents[1])] == [0o600, 448, 448]
    assert not any(path.stat().st_mode & 0o022 for path in [cache.folder, folder.parent, folder, folder / "sub" / "a"])


@posix_only
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777])
def test_a_folder_that_others_can_write_is_refused(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    with pytest.raises(BackendUnavailable, match=r"writable by others.*chmod go-w"):
        Cache(tmp_path)


@posix_only
def test_a_folder_above_that_everybody_can_write_is_refused_unless_it_is_sticky(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    with pytest.raises(BackendUnavailable, match=r"open, above .*, is writable by everybody; chmod o-w it"):
        Cache(tmp_path / "open" / "mine" / "kernels")
    (tmp_path / "open").chmod(0o1777)
    Cache(tmp_path / "open" / "mine" / "kernels").put("o", "00ff", b"x")


@posix_only
@pytest.mark.parametrize("level", ["kind", "prefix"])
@pytest.mark.parametrize("how", ["writable", "link"])
def test_a_folder_on_the_way_that_is_not_private_is_refused(cache: Cache, tmp_path: Path, level: str, how: str) -> None:
    cache.put("native", "abcd", b"x")
    folder = cache.folder / "native" / ("" if level == "kind" else "ab")
    if how == "writable":
        folder.chmod(0o777)
    else:
        folder.rename(tmp_path / "elsewhere")
        folder.symlink_to(tmp_path / "elsewhere")
    for use in (lambda: cache.get("native", "abcd"), lambda: cache.tree("native", "abcd")):
        with pytest.raises(BackendUnavailable, match=r"writable by others|is a link"):
            use()
    assert list((tmp_path / "elsewhere").rglob("*.native")) or how == "writable", "nothing behind a link is touched"


@posix_only
def test_files_that_others_can_write_or_that_are_links_are_made_anew(cache: Cache, tmp_path: Path) -> None:
    cache.put("native", "abcd", b"x")
    value_path(cache, "native", "abcd").chmod(0o666)
    assert cache.get("native", "abcd") is None

    cache.put("native", "abcd", b"x")
    shutil.move(value_path(cache, "native", "abcd"), tmp_path / "kept")
    value_path(cache, "native", "abcd").symlink_to(tmp_path / "kept")
    assert cache.get("native", "abcd") is None
    assert not value_path(cache, "native", "abcd").is_symlink()
    assert (tmp_path / "kept").exists()

    folder = store(cache, "00ff", a="1")
    (folder / "sub" / "a").chmod(0o666)
    assert cache.tree("tree", "00ff") is None
    folder = store(cache, "00ff", a="1")
    shutil.move(folder / "sub", tmp_path / "sub")
    (folder / "sub").symlink_to(tmp_path / "sub")
    assert cache.tree("tree", "00ff") is None
    assert (tmp_path / "sub" / "a").read_text() == "1"


@posix_only
def test_a_pipe_is_not_waited_for(cache: Cache) -> None:
    cache.put("native", "abcd", b"x")
    value_path(cache, "native", "abcd").unlink()
    os.mkfifo(value_path(cache, "native", "abcd"), 0o600)
    assert cache.get("native", "abcd") is None
    assert not value_path(cache, "native", "abcd").exists()


@posix_only
def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: os.stat(tmp_path).st_uid + 1)
    with pytest.raises(BackendUnavailable, match=r"another user.*TTHAL_CACHE_DIR"):
        Cache(tmp_path)


def test_the_folder_itself_may_be_reached_over_a_link(tmp_path: Path) -> None:
    (tmp_path / "big").mkdir(mode=0o700)
    (tmp_path / "link").symlink_to(tmp_path / "big")
    cache = Cache(tmp_path / "link")
    cache.put("o", "00ff", b"x")
    assert cache.get("o", "00ff") == b"x"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BackendUnavailable, match="cannot be used"):
        Cache(tmp_path / "file" / "folder")


# ---------------------------------------------------------------------------------------------- full and read-only

MOUNTED = """
import errno, os, subprocess, sys
from pathlib import Path
from tthal.errors import BackendUnavailable
from tthal.kit.cache import Cache

place = Path(sys.argv[1])

def mount(*options):
    if subprocess.run(["mount", "-t", "tmpfs", *options, "tmpfs", str(place)], capture_output=True).returncode:
        print("no mount"); raise SystemExit

def refused(work):
    try:
        work()
    except BackendUnavailable as error:
        return str(error)

mount("-o", "size=1m,mode=700")
cache = Cache(place / "kernels")
cache.put("wasm", "00ff", b"warm")
cache.tree_or_build("tree", "00ff", lambda work: (work / "a").write_text("warm"))
try:
    (place / "filler").write_bytes(bytes(2 << 20))
except OSError as error:
    assert error.errno == errno.ENOSPC
cache = Cache(place / "kernels")
assert cache.get("wasm", "00ff") == b"warm"
assert cache.tree("tree", "00ff")
cache.put("wasm", "aaaa", bytes(10000))
assert cache.get("wasm", "aaaa") is None
print(refused(lambda: cache.tree_or_build("tree", "aaaa", lambda work: (work / "a").write_bytes(bytes(10000)))))
cache.trim()
assert not list(cache.folder.rglob(".new-*")) and not list((cache.folder / "scratch").iterdir())

(place / "filler").unlink()
subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
cache = Cache(place / "kernels")
assert cache.get("wasm", "00ff") == b"warm"
assert cache.tree("tree", "00ff")
cache.put("wasm", "aaaa", b"x")
print(refused(lambda: cache.tree_or_build("tree", "aaaa", lambda work: None)))
cache.trim()
assert cache.size().entries == 2
assert refused(lambda: Cache(place / "other").tree_or_build("tree", "aaaa", lambda work: None))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="makes a file system of its own with Linux's unshare")
def test_on_a_full_or_read_only_file_system_a_warm_cache_works(tmp_path: Path) -> None:
    place = tmp_path / "mounted"
    place.mkdir()
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("there is no unshare")
    command = [unshare, "--mount", "--map-root-user", sys.executable, "-c", MOUNTED, str(place)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if "unshare" in done.stderr or "no mount" in done.stdout:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    full, read_only = done.stdout.splitlines()
    assert "cannot be written: No space left on device. Free some space (`tthal cache clear`" in full
    assert (
        "cannot be written: Read-only file system. What it holds works; for anything new set TTHAL_CACHE" in read_only
    )


def test_a_put_that_fails_leaves_nothing(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    cache.put("wasm", "aa11", b"x")
    assert cache.get("wasm", "aa11") is None
    assert not list(cache.folder.rglob(".new-*"))


def test_other_peoples_errors_pass_through(cache: Cache, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), cache.scratch():
        (tmp_path / "no such file").read_text()
    with pytest.raises(PermissionError), cache.scratch():
        raise PermissionError(errno.EACCES, "not yours", str(tmp_path / "elsewhere"))


# ---------------------------------------------------------------------------------------------- its size


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


def test_reading_a_value_keeps_it(small: Cache) -> None:
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


# ---------------------------------------------------------------------------------------------- counting and emptying


def test_size_and_clear(cache: Cache) -> None:
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
def stale(cache: Cache) -> Iterator[Path]:
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
