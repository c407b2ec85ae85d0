"""The compiled part out of the cache: opened when it is sound, built anew when it is not."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tthal.errors import BackendUnavailable
from tthal.kit.cache import Cache
from tthal.observer import RECORD
from tthal_emulator.compiler import find_toolchain
from tthal_emulator.compiler.tools import Answer, Tools, usable_cpus
from tthal_emulator.execution.compiled import build

RUNS = len(build._units(build._own_part(build.FOLDER, "").sources, usable_cpus())) + 1
"""Compilations, and the linker."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Cache:
    cache = Cache(tmp_path_factory.mktemp("cache") / "kernels")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "_opened", {})
        build.compiled_part(find_toolchain(), cache)
    return cache


@pytest.fixture
def open_again(built: Cache, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Opens the compiled part as a new process would; returns how often a tool ran."""
    runs: list[Answer] = []
    run = Tools.run

    def counted(self: Tools, command: list[str], folder: Path) -> Answer:
        runs.append(run(self, command, folder))
        return runs[-1]

    monkeypatch.setattr(Tools, "run", counted)

    def open_again() -> int:
        runs.clear()
        monkeypatch.setattr(build, "_opened", {})
        build.compiled_part(find_toolchain(), built)
        return len(runs)

    return open_again


def stored(cache: Cache) -> Path:
    (path,) = cache.folder.glob("so/*/*/*.so")
    return path


def test_it_is_built_once(open_again: Callable[[], int]) -> None:
    assert open_again() == 0


@pytest.mark.parametrize("damage", ["cut off", "emptied", "flipped"])
def test_a_damaged_one_is_never_opened(built: Cache, open_again: Callable[[], int], damage: str) -> None:
    path = stored(built)
    sound = path.read_bytes()
    if damage == "flipped":
        path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
    else:
        os.truncate(path, len(sound) // 2 if damage == "cut off" else 0)
    assert open_again() == RUNS
    assert stored(built).read_bytes() == sound
    assert open_again() == 0


def test_what_was_stored_but_cannot_be_opened_is_built_once_more(built: Cache, open_again: Callable[[], int]) -> None:
    key = stored(built).parent.name
    built.remove("so", key)
    with built.scratch() as scratch:
        (scratch / "x").write_bytes(b"no library")
        built.adopt("so", key, scratch / "x")
    assert open_again() == RUNS
    assert open_again() == 0


def test_one_that_can_never_be_opened_says_so(
    built: Cache, open_again: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unfit(path: Path, symbol: str) -> None:
        raise BackendUnavailable("no such processor")

    monkeypatch.setattr(build, "_open", unfit)
    with pytest.raises(BackendUnavailable, match="no such processor"):
        open_again()


def test_a_listener_depends_on_its_own_headers_and_on_the_observers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sources := tmp_path / "listener").mkdir()
    (sources / "count.cpp").write_text('#include "count.h"\n')
    header = sources / "count.h"
    (contract := tmp_path / "include" / "tthal").mkdir(parents=True)
    monkeypatch.setattr(build, "LISTENER_INCLUDE", contract.parent)
    keys = []
    for own, record in (("", ""), ("int a;", ""), ("int a;", "struct Record;")):
        header.write_text(own)
        (contract / "observer.h").write_text(record)
        keys.append(build._listening_part(sources).key(find_toolchain()))
    assert len(set(keys)) == 3


def test_a_listener_finds_the_record(built: Cache, tmp_path: Path) -> None:
    text = '#include "tthal/observer.h"\nextern "C" int size() { return sizeof(tthal::Record); }\n'
    (tmp_path / "size.cpp").write_text(text)
    address = build.listening_part(tmp_path, find_toolchain(), built)("size")
    assert ctypes.CFUNCTYPE(ctypes.c_int)(address)() == RECORD.itemsize
