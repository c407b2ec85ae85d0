"""Records to JSON and back, strictly: types, ranges, unknown fields, versions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from tthal import host_rules
from tthal._version import __version__
from tthal.coordinates import CoreCoord, CoreRangeSet
from tthal.device_interface import BufferSpec, DeviceProperties, LaunchState, ProgramImage
from tthal.errors import InvalidArgument, TraceFormatError
from tthal.trace import migrations
from tthal.trace.fields import is_known, remove_unknown
from tthal.trace.migrations import Migration
from tthal.trace.schema import (
    CALL_TYPES,
    CURRENT_VERSION,
    FORMAT_MAJOR,
    FORMAT_MINOR,
    FORMAT_NAME,
    LIMITS,
    Allocate,
    Call,
    CallBase,
    FormatVersion,
    Header,
    Manifest,
)

HOST_RULES_SINCE = (1, 1)
"""The version of the format whose properties say by which rules arguments were made; before, there was one set."""

T = TypeVar("T")
DECODE_ERRORS = (msgspec.MsgspecError, UnicodeError, RecursionError, ValueError, OverflowError)
_encoder = msgspec.json.Encoder(order="deterministic")
_image_encoder = msgspec.json.Encoder()


def encode(record: Any) -> bytes:
    """Return a record as JSON; equal records give equal bytes, in every process."""
    return _encoder.encode(record)


def encode_image(image: ProgramImage) -> bytes:
    """Return a program image as its canonical JSON, whose sha256 is the image's fingerprint."""
    return _image_encoder.encode(image)


def check_version(version: FormatVersion, required_fields: Sequence[str]) -> None:
    """Refuse a trace that this reader would misread.

    Raises:
        TraceFormatError: naming the trace's version and this reader's.
    """
    if version.name != FORMAT_NAME or version.major < 1:
        raise TraceFormatError(f"not a tthal trace: its format is {version.name!r} {version}, not {FORMAT_NAME!r}")
    reader = f"this tthal {__version__} reads up to {CURRENT_VERSION}; upgrade it (pip install --upgrade tthal)"
    if version.major > FORMAT_MAJOR:
        raise TraceFormatError(f"the trace has format version {version}, {reader}")
    unknown = [name for name in required_fields if not is_known(name)]
    if unknown and version.major == FORMAT_MAJOR:
        raise TraceFormatError(f"the trace (format version {version}) requires the fields {unknown}, {reader}")


def _parse(data: bytes, what: str) -> dict[str, Any]:
    # An empty list takes 3 bytes of text and 64 of memory; each value but the first follows one of these.
    if sum(map(data.count, (b",", b"[", b"{"))) > LIMITS.values:
        raise TraceFormatError(f"{what} holds more than {LIMITS.values} values")
    try:
        raw = msgspec.json.decode(data)
    except DECODE_ERRORS as error:
        raise TraceFormatError(f"{what} is not valid JSON: {error}") from error
    if not isinstance(raw, dict):
        raise TraceFormatError(f"{what} is not a JSON object but a {type(raw).__name__}")
    return raw


def _version_of(raw: dict[str, Any], what: str) -> FormatVersion:
    try:
        version = msgspec.convert(raw.get("format"), FormatVersion)
        check_version(version, msgspec.convert(raw.get("required_fields", []), tuple[str, ...]))
    except DECODE_ERRORS as error:
        raise TraceFormatError(f"{what} states no valid format version: {error}") from error
    return version


def decode_header(data: bytes) -> Header:
    """Read the header of a recording."""
    raw = _parse(data, "the header")
    return Codec(_version_of(raw, "the header")).typed(raw, Header, "the header")


def decode_manifest(data: bytes) -> tuple[Manifest, Codec]:
    """Read a manifest, and return with it the codec for the rest of the trace."""
    raw = _parse(data, "manifest.json")
    codec = Codec(_version_of(raw, "manifest.json"))
    raw = _migrated(raw, codec.steps, lambda step: step.manifest)
    return codec.typed(raw, Manifest, "manifest.json"), codec


class Codec:
    """Reads the records of one format version."""

    def __init__(
        self,
        version: FormatVersion = CURRENT_VERSION,
        steps: Sequence[Migration] | None = None,
        major: int = FORMAT_MAJOR,
    ) -> None:
        self.version = version
        self.steps = migrations.chain(version.major, major, migrations.MIGRATIONS if steps is None else steps)
        self._may_hold_more = version.major == major and version.minor > FORMAT_MINOR

    def typed(self, raw: dict[str, Any], kind: type[T], what: str) -> T:
        """Turn migrated JSON into a record, refusing wrong types and, unless a newer minor wrote them, unknown fields.

        Raises:
            TraceFormatError: naming the place.
        """
        try:
            unknown = remove_unknown(raw, kind)
            if unknown and not self._may_hold_more:
                raise TraceFormatError(f"{what} holds fields that format version {self.version} lacks: {unknown[:5]}")
            return msgspec.convert(raw, kind)
        except DECODE_ERRORS as error:
            raise TraceFormatError(f"{what} is not valid: {error}") from error

    def call(self, line: bytes, number: int) -> Call:
        """Read one line of calls.jsonl."""
        what = f"calls.jsonl line {number}"
        raw = _migrated(_parse(line, what), self.steps, lambda step: step.call)
        kind = CALL_TYPES.get(str(raw.get("op")))
        if kind is None:
            raise TraceFormatError(
                f"{what} is a call {raw.get('op')!r}, unknown to this tthal {__version__} (format version "
                f"{CURRENT_VERSION}; the trace has {self.version})"
            )
        call = self.typed(raw, kind, what)
        _check_call(call, what)
        return call  # type: ignore[return-value]

    def image(self, data: bytes, what: str) -> ProgramImage:
        """Read a program image."""
        raw = _migrated(_parse(data, what), self.steps, lambda step: step.image)
        image = self.typed(raw, ProgramImage, what)
        for buffer in image.circular_buffers:
            _check_cores(buffer.core_ranges, what)
        for semaphore in image.semaphores:
            _check_cores(semaphore.core_ranges, what)
        for kernel in image.kernels:
            _check_cores(kernel.core_ranges, what)
            for core, _ in kernel.runtime_arg_counts:
                _check_core(core, what)
        return image

    def state(self, data: bytes, what: str) -> LaunchState:
        """Read a launch state."""
        raw = _migrated(_parse(data, what), self.steps, lambda step: step.state)
        state = self.typed(raw, LaunchState, what)
        for kernel in state.kernels:
            for core, _ in kernel.per_core:
                _check_core(core, what)
        return state

    def properties(self, data: bytes, what: str) -> DeviceProperties:
        """Read a device's properties."""
        raw = _migrated(_parse(data, what), self.steps, lambda step: step.properties)
        properties = self.typed(raw, DeviceProperties, what)
        if (self.version.major, self.version.minor) < HOST_RULES_SINCE:
            properties = replace(properties, host_rules=host_rules.FIRST)
        _check_core(properties.compute_grid, what)
        if len(properties.worker_virtual) != properties.compute_grid.x * properties.compute_grid.y:
            raise TraceFormatError(f"{what}: worker_virtual does not cover the grid {properties.compute_grid}")
        return properties


def _migrated(
    raw: dict[str, Any], steps: Sequence[Migration], part: Callable[[Migration], migrations.Step]
) -> dict[str, Any]:
    try:
        for step in steps:
            raw = part(step)(raw)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise TraceFormatError(f"a record does not convert to format version {CURRENT_VERSION}: {error!r}") from error
    return raw


def _check_core(core: CoreCoord, what: str) -> None:
    if max(core.x, core.y) > LIMITS.coordinate:
        raise TraceFormatError(f"{what}: core {core} lies outside any grid")


def _check_cores(cores: CoreRangeSet, what: str) -> None:
    """Check what the constructors would: msgspec fills CoreRange and CoreRangeSet without calling them."""
    if len(cores.ranges) > LIMITS.core_ranges:
        raise TraceFormatError(f"{what}: {len(cores.ranges)} core ranges in one set, more than {LIMITS.core_ranges}")
    for core_range in cores.ranges:
        _check_core(core_range.end, what)
        if core_range.end.x < core_range.start.x or core_range.end.y < core_range.start.y:
            raise TraceFormatError(f"{what}: core range {core_range} ends before it starts")
    try:
        CoreRangeSet(cores.ranges)
    except InvalidArgument as error:
        raise TraceFormatError(f"{what}: {error}") from error


def _check_spec(spec: BufferSpec, what: str) -> None:
    if not (0 <= spec.size <= 2**53 and 0 <= spec.page_size <= 2**53):
        raise TraceFormatError(f"{what}: a buffer of {spec.size} bytes in pages of {spec.page_size} cannot exist")


def _check_call(call: CallBase, what: str) -> None:
    if call.n == 0:
        raise TraceFormatError(f"{what} has no number")
    if isinstance(call, Allocate):
        _check_spec(call.spec, what)
