"""Nobody else can write what the cache trusts, and a warm cache is of use on full and read-only disks."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tthal.errors import BackendUnavailable
from tthal.kit.cache import Cache

Store = Callable[..., Path]
ValuePath = Callable[[Cache, str, str], Path]
posix_only = pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX ones")


@posix_only
def test_folders_and_files_are_private_whatever_the_umask(cache: Cache, store: Store, value_path: ValuePath) -> None:
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
def test_files_that_others_can_write_or_that_are_links_are_made_anew(
    cache: Cache, tmp_path: Path, store: Store, value_path: ValuePath
) -> None:
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
def test_a_pipe_is_not_waited_for(cache: Cache, value_path: ValuePath) -> None:
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
