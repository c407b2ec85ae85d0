"""What a trace costs is in proportion to its size, and what is repaired can be opened."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parent))
from corpus import assembled, contents_of, deflated, stored
from tthal_toy_programs import no_events, recording, spec, words

from tthal.errors import TraceError, TraceFormatError
from tthal.trace import Trace, container, record
from tthal.trace import schema as trace_schema
from tthal.trace.container import Entry
from tthal.trace.extract import extract
from tthal.trace.repair import repair
from tthal.trace.schema import Limits

WRITES = 50


@pytest.fixture
def repeating(tmp_path: Path) -> Path:
    """A trace of many writes of one content."""
    path = tmp_path / "repeating.tttrace"
    with record(path):
        driver = recording().open(0, "", {}, no_events)
        buffer = driver.allocate(spec())
        for seed in (1, *[2] * (WRITES - 1)):
            driver.write(0, buffer, words(seed))
        driver.close()
    return path


def test_equal_contents_are_extracted_once(repeating: Path, tmp_path: Path) -> None:
    with Trace(repeating) as trace:
        done = extract(trace, tmp_path / "out")
    assert done.data == 2
    folder = tmp_path / "out" / "data"
    listed = [json.loads(line) for line in (folder / "contents.jsonl").read_text().splitlines()]
    assert [each["file"] for each in listed] == [listed[0]["name"], *[listed[1]["name"]] * (WRITES - 1)]
    assert {each.name for each in folder.iterdir()} == {"contents.jsonl", *(each["file"] for each in listed)}
    assert (folder / listed[1]["file"]).read_bytes() == bytes(words(2))


def test_extracting_has_a_limit(repeating: Path, tmp_path: Path) -> None:
    with Trace(repeating) as trace, pytest.raises(TraceError, match=r"more to extract .*--most"):
        extract(trace, tmp_path / "out", most=len(bytes(words(1))) + 200)
    written = sum(path.stat().st_size for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert written <= len(bytes(words(1))) + 200


def test_all_entries_together_have_a_budget(recorded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tthal.trace.reader.LIMITS", Limits(all_expanded=8 << 20))
    parts = [stored(name, data) for name, data in contents_of(recorded).items()]
    for seed in range(16):
        data = bytes([seed]) * (1 << 20)
        parts.append(deflated("blobs/" + hashlib.sha256(data).hexdigest(), data))
    path = tmp_path / "wide.tttrace"
    path.write_bytes(assembled(parts))
    with pytest.raises(TraceFormatError, match=r"entries would expand to 1\d{7} bytes, from a file of"):
        Trace(path)


@pytest.mark.parametrize("value", ["[]", "{}", "1"])
def test_a_record_has_no_more_values_than_memory_is_for(value: str) -> None:
    from tthal.trace.codec import Codec

    line = f'{{"op":"close","device":1,"n":1,"more":[{",".join([value] * trace_schema.LIMITS.values)}]}}\n'
    with pytest.raises(TraceFormatError, match="holds more than 2000000 values"):
        Codec().call(line.encode(), 1)


# ---------------------------------------------------------------------------------------------- repair


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A recording as a killed process leaves it."""
    live, path = tmp_path / "live.tttrace", tmp_path / "killed.tttrace"
    with record(live):
        driver = recording().open(0, "", {}, no_events)
        buffer = driver.allocate(spec())
        for seed in range(4):
            driver.write(0, buffer, words(seed))
        shutil.copy(live, path)
        driver.close()
    return path


def rewritten(path: Path, change: Callable[[Entry, bytes], list[tuple[Entry, bytes]]]) -> None:
    """Make each entry of a journal anew."""
    with path.open("rb") as file:
        found = [
            (entry, container.read_exactly(file, start, entry.stored_size))
            for entry, start in container.scan(file, path.stat().st_size)
        ]
    out = b""
    for entry, packed in found:
        for new, data in change(entry, packed):
            placed = Entry(new.name, new.method, new.crc, new.stored_size, new.size, len(out))
            out += container.local_header(placed) + data
    path.write_bytes(out)


def with_a_line_in_two(entry: Entry, packed: bytes) -> list[tuple[Entry, bytes]]:
    if entry.name.startswith("journal/") and b'"write"' in packed:
        return [stored(entry.name, packed.replace(b",", b",\n", 1))]
    return [(entry, packed)]


def without_an_end_of_line(entry: Entry, packed: bytes) -> list[tuple[Entry, bytes]]:
    if entry.name.startswith("journal/") and b'"write"' in packed:
        return [stored(entry.name, packed.rstrip())]
    return [(entry, packed)]


def with_blobs_twice(entry: Entry, packed: bytes) -> list[tuple[Entry, bytes]]:
    return [(entry, packed)] * (2 if entry.name.startswith("blobs/") else 1)


def with_an_unknown_method(entry: Entry, packed: bytes) -> list[tuple[Entry, bytes]]:
    if entry.name.startswith("blobs/") and entry.method == container.STORED:
        return [(Entry(entry.name, 12, entry.crc, entry.stored_size, entry.size, 0), packed)]
    return [(entry, packed)]


@pytest.mark.parametrize(
    "change", [with_a_line_in_two, without_an_end_of_line, with_blobs_twice, with_an_unknown_method]
)
def test_what_is_repaired_can_be_read(
    change: Callable[[Entry, bytes], list[tuple[Entry, bytes]]], journal: Path, tmp_path: Path
) -> None:
    rewritten(journal, change)
    before = journal.read_bytes()
    with pytest.raises(TraceError, match="is damaged after call"):
        repair(journal)
    assert journal.read_bytes() == before
    done = repair(journal, tmp_path / "out.tttrace")
    assert done.damage
    with Trace(done.path) as trace:
        assert len(list(trace.calls())) == done.calls < 6
        for name in trace.blob_names():
            trace.data(name)


def test_a_manifest_that_no_reader_takes_is_refused_before_anything_is_written(
    journal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tthal.trace.repair.LIMITS", Limits(manifest=200))
    before = journal.read_bytes()
    for output in (None, tmp_path / "out.tttrace"):
        with pytest.raises(TraceFormatError, match="cannot be repaired: no reader would open the result"):
            repair(journal, output)
    assert journal.read_bytes() == before
    assert not (tmp_path / "out.tttrace").exists()
