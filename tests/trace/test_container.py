"""The zip layer against Python's own zipfile, and its 64-bit fields."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path

import pytest

from tthal.errors import TraceFormatError
from tthal.trace import container
from tthal.trace.container import DEFLATED, STORED, Entry

TEXT = b"the same words again and again " * 40


def write_zip(path: Path, contents: dict[str, tuple[int, bytes]]) -> None:
    with io.FileIO(path, "x+") as file:
        entries = []
        for name, (method, data) in contents.items():
            packed = data
            if method == DEFLATED:
                deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
                packed = deflater.compress(data) + deflater.flush()
            entry = Entry(name, method, zlib.crc32(data), len(packed), len(data), file.tell())
            container.write_all(file, container.local_header(entry) + packed)
            entries.append(entry)
        container.write_directory(file, entries, file.tell())


def test_zipfile_reads_what_we_write(tmp_path: Path) -> None:
    write_zip(tmp_path / "a.zip", {"one": (STORED, b"1"), "two": (DEFLATED, TEXT), "empty": (STORED, b"")})
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {"one": b"1", "two": TEXT, "empty": b""}
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_we_read_what_zipfile_writes(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("one", TEXT)
        archive.writestr("two", b"2", zipfile.ZIP_STORED)
    with io.FileIO(path) as file:
        entries = list(container.read_directory(file, path.stat().st_size))
        read = {e.name: b"".join(container.expand(file, e, container.data_start(file, e))) for e in entries}
    assert read == {"one": TEXT, "two": b"2"}


def test_a_directory_longer_than_one_chunk_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    names = [f"blobs/{number:064x}" for number in range(12_000)]
    write_zip(path, dict.fromkeys(names, (STORED, b"")))
    assert path.stat().st_size > 2 * container.CHUNK
    with io.FileIO(path) as file:
        assert [entry.name for entry in container.read_directory(file, path.stat().st_size)] == names
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == names


def test_more_entries_than_16_bits_count_use_the_64_bit_end(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    write_zip(path, {f"{number:x}": (STORED, b"") for number in range(66_000)})
    with io.FileIO(path) as file:
        assert sum(1 for _ in container.read_directory(file, path.stat().st_size)) == 66_000
    with zipfile.ZipFile(path) as archive:
        assert len(archive.namelist()) == 66_000


@pytest.mark.parametrize("large", [5 << 32, (1 << 32) - 1])
def test_sizes_and_offsets_past_32_bits_survive_both_headers(tmp_path: Path, large: int) -> None:
    entry = Entry("blobs/x", STORED, 7, large, large, 0)
    path = tmp_path / "a.zip"
    path.write_bytes(container.local_header(entry) + b"data")
    with io.FileIO(path) as file:
        found = container.entry_at(file, 0)
    assert found is not None
    assert found[0] == entry
    far = Entry("blobs/x", STORED, 7, large, large, large + 100)
    assert container._central_entry(container.central_header(far), 0)[0] == far


def test_a_file_larger_than_32_bits_is_addressed(tmp_path: Path) -> None:
    path = tmp_path / "sparse.zip"
    data = b"far away"
    offset = (1 << 32) + 5
    entry = Entry("far", STORED, zlib.crc32(data), len(data), len(data), offset)
    with io.FileIO(path, "x+") as file:
        file.seek(offset)
        container.write_all(file, container.local_header(entry) + data)
        container.write_directory(file, [entry], file.tell())
        length = file.seek(0, io.SEEK_END)
        (found,) = container.read_directory(file, length)
        assert b"".join(container.expand(file, found, container.data_start(file, found))) == data
    with zipfile.ZipFile(path) as archive:
        assert archive.read("far") == data


def test_a_scan_stops_at_what_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    write_zip(path, {"one": (STORED, b"1" * 50), "two": (STORED, b"2" * 50)})
    whole = path.read_bytes()
    seen = set()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with io.FileIO(path) as file:
            seen.add(tuple(entry.name for entry, _ in container.scan(file, length)))
    assert seen == {(), ("one",), ("one", "two")}


def test_an_entry_that_expands_past_its_size_is_stopped_early(tmp_path: Path) -> None:
    bomb = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed = bomb.compress(bytes(300 << 20)) + bomb.flush()
    entry = Entry("bomb", DEFLATED, 0, len(packed), 1000, 0)
    path = tmp_path / "a.zip"
    path.write_bytes(container.local_header(entry) + packed)
    with io.FileIO(path) as file:
        chunks = container.expand(file, entry, len(container.local_header(entry)))
        with pytest.raises(TraceFormatError, match="expands past its stated 1000 bytes"):
            list(chunks)
        assert file.tell() <= 2 * container.CHUNK
