"""A trace is untrusted input: one clear error for each kind of damage, no crash, no hang, bounded memory."""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tracemalloc
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parent))
from corpus import CASES, Case, contents_of, zipped
from tthal_toy_programs import expected_sum, no_events, record_vector_add, vector_add

from tthal.errors import ReplayMismatch, TraceError, TraceFormatError
from tthal.trace.extract import extract
from tthal.trace.info import collect
from tthal.trace.reader import Trace
from tthal.trace.repair import repair
from tthal.trace.verify import verify
from tthal_replay.backend import ReplayBackend

BOUND = 160 << 20
"""Bytes that reading any of these small files may take."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound trace."""
    path = tmp_path_factory.mktemp("sound") / "run.tttrace"
    record_vector_add(path)
    return path


def complaints(path: Path) -> str:
    """Return what opening and verifying a trace has to say, empty when it is sound."""
    try:
        with Trace(path) as trace:
            return "\n".join(verify(trace).problems)
    except TraceFormatError as error:
        return str(error)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_corpus_gives_one_clear_error_each(case: Case, sound: Path, tmp_path: Path) -> None:
    path = tmp_path / f"{case.name}.tttrace"
    path.write_bytes(case.make(sound.read_bytes(), contents_of(sound)))
    tracemalloc.start()
    try:
        found = complaints(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found
    assert re.search(case.message, found), found
    assert path.name in found or "call " in found
    assert peak < BOUND


def test_a_trace_zipped_again_by_another_tool_is_read(sound: Path, tmp_path: Path) -> None:
    path = tmp_path / "again.tttrace"
    path.write_bytes(zipped(contents_of(sound)))
    assert complaints(path) == ""


def test_damage_met_while_replaying_is_an_error_too(sound: Path, tmp_path: Path) -> None:
    contents = contents_of(sound)
    result = next(name for name, data in contents.items() if data == expected_sum())
    path = tmp_path / "bad.tttrace"
    path.write_bytes(zipped({**contents, result: bytes(4096)}))
    driver = ReplayBackend().open(0, str(path), {}, no_events)
    with pytest.raises(TraceFormatError, match="does not hold the bytes that its name promises"):
        vector_add(driver)


def test_repairing_stops_where_a_call_is_lost(sound: Path, tmp_path: Path) -> None:
    """Whatever entries are cut out of the journal, what is saved is a sound trace."""
    content, lost = sound.read_bytes(), tmp_path / "lost.tttrace"
    places = sorted(entry.header_offset for entry in zipfile.ZipFile(sound).infolist())
    saved = set()
    for first, start in enumerate(places):
        for end in places[first + 1 :]:
            lost.write_bytes(content[:start] + content[end:])
            repaired = tmp_path / f"{start}-{end}.tttrace"
            with suppress(TraceFormatError):
                saved.add(repair(lost, repaired).calls)
            if repaired.exists():
                with Trace(repaired) as trace:
                    assert verify(trace).problems == []
    assert len(saved) > 3


# ---------------------------------------------------------------------------------------------- fuzzing


def use(path: Path, folder: Path) -> None:
    """Put a file to every use; whatever is wrong must be a TraceError."""
    try:
        with Trace(path) as trace:
            verdict = verify(trace)
            if verdict.ok:
                collect(trace)
                extract(trace, folder / "extracted")
    except TraceError:
        pass
    try:
        driver = ReplayBackend().open(0, str(path), {}, no_events)
        out = vector_add(driver)
        driver.close()
        assert out == expected_sum()
    except (TraceFormatError, ReplayMismatch):
        pass
    try:
        repaired = folder / "repaired.tttrace"
        repaired.unlink(missing_ok=True)
        repair(path, repaired)
    except TraceError:
        return
    with Trace(repaired) as trace:
        assert verify(trace).problems == []


FUZZ = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@FUZZ
@given(data=st.data())
def test_flipped_bits(sound: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    content = bytearray(sound.read_bytes())
    for position in data.draw(st.lists(st.integers(0, len(content) * 8 - 1), min_size=1, max_size=4)):
        content[position // 8] ^= 1 << position % 8
    use_bytes(bytes(content), tmp_path_factory)


@FUZZ
@given(data=st.data())
def test_cut_inserted_and_moved_bytes(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = sound.read_bytes()
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    middle = data.draw(st.one_of(st.just(b""), st.binary(max_size=64), st.just(content[start:end] * 2)))
    use_bytes(content[:start] + middle + content[end:], tmp_path_factory)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@FUZZ
@given(data=st.data())
def test_changed_values_inside_sound_json(
    sound: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    contents = contents_of(sound)
    name = data.draw(st.sampled_from([name for name in contents if not contents[name][:1].isalnum()]))
    try:
        lines = [json.loads(line) for line in contents[name].splitlines()]
    except ValueError:
        return
    for _ in range(data.draw(st.integers(1, 3))):
        _change(data.draw(st.sampled_from(lines)), data)
    changed = b"\n".join(json.dumps(line).encode() for line in lines) + (b"\n" if name.endswith("l") else b"")
    if name.startswith("blobs/"):
        # A document's name follows its content, and so do the calls that name it: the hashes hold, the content is odd.
        digest = hashlib.sha256(changed).hexdigest()
        contents["calls.jsonl"] = contents["calls.jsonl"].replace(name[6:].encode(), digest.encode())
        del contents[name]
        name = f"blobs/{digest}"
    contents[name] = changed
    use_bytes(zipped(contents), tmp_path_factory)


def _change(value: object, data: st.DataObject) -> None:
    """Replace one value somewhere inside a JSON object."""
    while True:
        keys: list[object] = list(value) if isinstance(value, dict) else list(range(len(value)))  # type: ignore[call-overload, arg-type]
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = value[key]  # type: ignore[index]
        if isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
            value = inner
            continue
        value[key] = data.draw(JSON)  # type: ignore[index]
        return


def use_bytes(content: bytes, factory: pytest.TempPathFactory) -> None:
    folder = factory.mktemp("fuzz")
    path = folder / "fuzzed.tttrace"
    path.write_bytes(content)
    use(path, folder)
