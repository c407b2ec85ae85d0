"""Versions, unknown fields, types and ranges of records."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

import pytest
from tthal_memory import PROPERTIES
from tthal_toy_programs import image

from tthal.errors import TraceFormatError
from tthal.trace.codec import Codec, decode_manifest, encode, encode_image
from tthal.trace.fields import is_known
from tthal.trace.migrations import Migration, chain
from tthal.trace.schema import FormatVersion

MANIFEST = {"format": {"name": "tttrace", "major": 1, "minor": 0}, "calls": 0, "counts": {}}
READ = {"op": "read", "n": 3, "device": 1, "queue": 0, "allocation": 7}


def manifest(**changes: object) -> bytes:
    return json.dumps({**MANIFEST, **changes}).encode()


def version(major: int, minor: int = 0, name: str = "tttrace") -> dict[str, object]:
    return {"name": name, "major": major, "minor": minor}


def line(**changes: object) -> bytes:
    return json.dumps({**READ, **changes}).encode()


def test_an_images_digest_is_its_fingerprint() -> None:
    assert hashlib.sha256(encode_image(image())).hexdigest() == image().fingerprint


def test_records_encode_sets_sorted_so_equal_records_are_equal_bytes() -> None:
    reversed_order = replace(PROPERTIES, capabilities=frozenset(sorted(PROPERTIES.capabilities, reverse=True)))
    assert encode(PROPERTIES) == encode(reversed_order)
    assert json.loads(encode(PROPERTIES))["capabilities"] == sorted(each.value for each in PROPERTIES.capabilities)


def test_a_newer_major_is_refused_and_both_versions_are_named() -> None:
    with pytest.raises(TraceFormatError, match=r"format version 2\.5, this tthal .* reads up to 1\.1; upgrade"):
        decode_manifest(manifest(format=version(2, 5)))


def test_another_format_is_refused() -> None:
    with pytest.raises(TraceFormatError, match="not a tthal trace: its format is 'zip'"):
        decode_manifest(manifest(format=version(1, 0, "zip")))


@pytest.mark.parametrize("broken", [None, {}, {"name": "tttrace"}, {"name": "tttrace", "major": -1, "minor": 0}, 7])
def test_a_manifest_without_a_version_is_refused(broken: object) -> None:
    with pytest.raises(TraceFormatError, match=r"states no valid format version|not a tthal trace"):
        decode_manifest(manifest(format=broken))


def test_a_newer_minor_may_hold_fields_that_this_reader_skips() -> None:
    text, codec = decode_manifest(manifest(format=version(1, 3), colour="blue"))
    assert text.calls == 0
    assert codec.call(line(priority=9, spec={"a": 1}), 1).n == 3


def test_a_newer_minor_may_require_fields_and_is_then_refused_by_name() -> None:
    with pytest.raises(TraceFormatError, match=r"format version 1\.3\) requires the fields \['read.priority'\].* 1\.1"):
        decode_manifest(manifest(format=version(1, 3), required_fields=["read.priority", "read.queue"]))


def test_required_fields_that_are_known_are_no_obstacle() -> None:
    decode_manifest(manifest(required_fields=["read.queue", "image.kernels.defines", "properties.alignments.l1_page"]))


def test_an_unknown_field_of_a_known_version_is_damage() -> None:
    with pytest.raises(TraceFormatError, match=r"fields that format version 1\.1 lacks: \['priority'\]"):
        Codec().call(line(priority=9), 1)
    spec = {"size": 4, "page_size": 4, "buffer_type": 0, "colour": 1}
    with pytest.raises(TraceFormatError, match=r"\['spec.colour'\]"):
        Codec().call(json.dumps({"op": "allocate", "n": 1, "device": 1, "spec": spec}).encode(), 1)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"op": "explode"}, "call 'explode', unknown to this tthal"),
        ({"op": None}, "unknown to this tthal"),
        ({"n": "3"}, r"Expected `int`, got `str` - at `\$\.n`"),
        ({"n": 0}, "has no number"),
        ({"n": -1}, "n`"),
        ({"queue": 10**400}, "queue"),
        ({"queue": 2**54}, "queue"),
        ({"allocation": 1.5}, "allocation"),
        ({"error": {"kind": 3, "message": "x"}}, "kind"),
    ],
)
def test_wrong_values_are_refused_with_their_place(changes: dict[str, object], message: str) -> None:
    with pytest.raises(TraceFormatError, match=message):
        Codec().call(line(**changes), 12)


@pytest.mark.parametrize(
    "text", [b"", b"[", b"[" * 100_000, b"\xff\xfe{}", b"[1]", b'{"op":"read"', b"nul", b'{"a":"\\ud800"}']
)
def test_what_is_no_json_object_is_refused_with_its_line(text: bytes) -> None:
    with pytest.raises(TraceFormatError, match=r"calls\.jsonl line 12"):
        Codec().call(text, 12)


def test_sizes_that_cannot_exist_are_refused() -> None:
    spec = {"size": -4, "page_size": 4, "buffer_type": 0}
    with pytest.raises(TraceFormatError, match="a buffer of -4 bytes"):
        Codec().call(json.dumps({"op": "allocate", "n": 1, "device": 1, "spec": spec}).encode(), 1)


CORE = {"x": 0, "y": 0}
FAR = {"x": 1 << 40, "y": 0}


@pytest.mark.parametrize(
    ("ranges", "message"),
    [
        ([{"start": CORE, "end": FAR}], "outside any grid"),
        ([{"start": {"x": 2, "y": 0}, "end": CORE}], "ends before it starts"),
        ([{"start": CORE, "end": CORE}] * 2, "overlap"),
        ([{"start": {"x": i, "y": 0}, "end": {"x": i, "y": 0}} for i in range(600)], "600 core ranges"),
        ([{"start": {"x": -1, "y": 0}, "end": CORE}], "negative"),
    ],
)
def test_core_ranges_that_the_constructors_would_refuse_are_refused(ranges: object, message: str) -> None:
    raw = json.loads(encode_image(image()))
    raw["kernels"][0]["core_ranges"]["ranges"] = ranges
    with pytest.raises(TraceFormatError, match=message):
        Codec().image(json.dumps(raw).encode(), "the image")


def test_properties_must_cover_their_grid() -> None:
    raw = json.loads(encode(PROPERTIES))
    raw["worker_virtual"].pop()
    with pytest.raises(TraceFormatError, match="worker_virtual does not cover the grid"):
        Codec().properties(json.dumps(raw).encode(), "the properties")


def test_known_fields_are_found_through_lists_and_options() -> None:
    assert is_known("image.kernels.data_movement.noc")
    assert is_known("allocate.spec.shards.cores")
    assert not is_known("image.kernels.colour")
    assert not is_known("explode")
    assert not is_known("read.queue.more")


# ---------------------------------------------------------------------------------------------- migrations

STEPS = (
    Migration(1, call=lambda raw: {**raw, "queue": raw["lane"]} if "lane" in raw else raw),
    Migration(2, call=lambda raw: {key: value for key, value in raw.items() if key != "lane"}),
)


def test_an_old_record_goes_through_every_step_in_order() -> None:
    old = Codec(FormatVersion("tttrace", 1, 0), STEPS, major=3)
    raw = {key: value for key, value in READ.items() if key != "queue"}
    assert old.call(json.dumps({**raw, "lane": 1}).encode(), 1).queue == 1


def test_a_record_of_a_middle_version_starts_at_its_step() -> None:
    middle = Codec(FormatVersion("tttrace", 2, 0), STEPS, major=3)
    assert middle.call(line(lane=5), 1).queue == 0


def test_a_missing_step_is_named() -> None:
    with pytest.raises(TraceFormatError, match=r"step from version 2 is missing"):
        chain(1, 3, STEPS[:1])


def test_a_record_that_a_step_cannot_convert_is_refused() -> None:
    steps = (Migration(1, call=lambda raw: {"op": raw["missing"]}),)
    with pytest.raises(TraceFormatError, match="does not convert"):
        Codec(FormatVersion("tttrace", 1, 0), steps, major=2).call(line(), 1)
