"""What a trace holds: the version, the manifest, one record per interface call, and the bounds a reader accepts.

Every record names its data by sha256. Fields listed in a record's ``results`` came from the device; all others were
chosen by the program, and a replay matches those.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from tthal.coordinates import CoreCoord
from tthal.device_interface import BufferSpec, DeviceProperties
from tthal.kit.error_codec import RecordedError

FORMAT_NAME = "tttrace"
FORMAT_MAJOR = 1
FORMAT_MINOR = 1
SUFFIX = ".tttrace"

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]
Digest = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
Name = Annotated[str, msgspec.Meta(max_length=4096)]


class Limits(msgspec.Struct, frozen=True):
    """Upper bounds of what a reader takes into memory, in bytes; a trace is untrusted input.

    Attributes:
        expansion, free_expansion: how many times its stored bytes an entry may have, and what it may have anyway.
        all_expanded: what all entries may have, besides ``expansion`` times the file's.
        values: numbers, texts, lists and fields of one record or document.
    """

    record: int = 16 << 20
    manifest: int = 16 << 20
    document: int = 32 << 20
    expansion: int = 100
    free_expansion: int = 64 << 20
    all_expanded: int = 4 << 30
    values: int = 2_000_000
    core_ranges: int = 512
    coordinate: int = 4095

    def expanded(self, stored: int) -> int:
        """Return the most that an entry of ``stored`` bytes may expand to."""
        return max(self.free_expansion, self.expansion * stored)


LIMITS = Limits()


class FormatVersion(msgspec.Struct, frozen=True):
    """The version of the format: a new major changes meaning, a new minor adds fields that older readers may skip."""

    name: str
    major: Count
    minor: Count

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}"


CURRENT_VERSION = FormatVersion(FORMAT_NAME, FORMAT_MAJOR, FORMAT_MINOR)


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What is known when a recording begins; it is the first thing in the file."""

    format: FormatVersion = CURRENT_VERSION
    required_fields: tuple[Name, ...] = ()
    tthal: Name = ""
    interface_version: Count = 1
    python: Name = ""
    platform: Name = ""
    program: Name = ""
    created: Name = ""
    pid: Count = 0


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """A device as it was opened: by which selection, with which options, and what it said it is."""

    device_id: Count
    backend: Name
    selection: Name
    argument: Name
    options: dict[str, str]
    properties: DeviceProperties
    opens: Count = 1


class Trimmed(msgspec.Struct, frozen=True, kw_only=True):
    """What a trimmed trace was cut from: the number of calls it had and what was asked for."""

    calls: Count
    kept: Name


class Manifest(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The summary at the front door of a finished trace; all of it except the header follows from the calls."""

    format: FormatVersion
    required_fields: tuple[Name, ...] = ()
    tthal: Name = ""
    interface_version: Count = 1
    python: Name = ""
    platform: Name = ""
    program: Name = ""
    created: Name = ""
    calls: Count
    counts: dict[str, Count]
    failures: Count = 0
    devices: tuple[Configuration, ...] = ()
    repaired: bool = False
    trimmed: Trimmed | None = None


class CallBase(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="op"):
    """One interface call; ``n`` counts calls from 1, ``device`` counts opened devices from 1."""

    n: Count = 0
    device: Count
    error: RecordedError | None = None

    results: ClassVar[frozenset[str]] = frozenset({"error"})

    @property
    def op(self) -> str:
        """The call's name."""
        return str(self.__struct_config__.tag)


class Open(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="open"):
    """``Backend.open``; ``properties`` is the digest of the device's properties, empty when it failed."""

    device_id: Count
    backend: Name
    selection: Name
    argument: Name = ""
    options: dict[str, str] = {}
    properties: Digest | None = None

    results = frozenset({"error", "properties"})


class Close(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="close"):
    """``DeviceDriver.close``."""


class Allocate(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="allocate"):
    """``allocate``; ``allocation`` is the id and ``address`` the place that the device gave."""

    spec: BufferSpec
    allocation: int | None = None
    address: Count | None = None

    results = frozenset({"error", "allocation", "address"})


class Free(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="free"):
    """``free``; its position is not program behaviour."""

    allocation: int


class Write(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="write"):
    """``write`` of a whole buffer; ``data`` is the digest of its bytes."""

    queue: Count
    allocation: int
    data: Digest


class Read(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="read"):
    """``read`` of a whole buffer; the bytes arrive with the queue's next ``finish``."""

    queue: Count
    allocation: int


class Load(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="load"):
    """``load``; ``program`` is the fingerprint of the image, which is the digest of its canonical JSON."""

    program: Digest


class Unload(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="unload"):
    """``unload``; like ``free``, its position is not matched."""

    program: Digest


class Launch(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="launch"):
    """``launch``; ``state`` is the digest of the launch state's JSON."""

    queue: Count
    program: Digest
    state: Digest


class ReadData(msgspec.Struct, frozen=True, omit_defaults=True):
    """The bytes that the read with number ``call`` delivered; no digest: what it left behind is undefined."""

    call: Count
    data: Digest | None = None


class Finish(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="finish"):
    """``finish``; ``reads`` are the reads of this queue that it completed, in order."""

    queue: Count
    reads: tuple[ReadData, ...] = ()

    results = frozenset({"error", "reads"})


class WriteL1(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="write_l1"):
    """``write_l1``."""

    core: CoreCoord
    address: Count
    data: Digest


class ReadL1(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="read_l1"):
    """``read_l1``."""

    core: CoreCoord
    address: Count
    size: Count
    data: Digest | None = None

    results = frozenset({"error", "data"})


class WriteDram(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="write_dram"):
    """``write_dram``."""

    bank: Count
    address: Count
    data: Digest


class ReadDram(CallBase, frozen=True, kw_only=True, omit_defaults=True, tag="read_dram"):
    """``read_dram``."""

    bank: Count
    address: Count
    size: Count
    data: Digest | None = None

    results = frozenset({"error", "data"})


Call = (
    Open
    | Close
    | Allocate
    | Free
    | Write
    | Read
    | Load
    | Unload
    | Launch
    | Finish
    | WriteL1
    | ReadL1
    | WriteDram
    | ReadDram
)

CALL_TYPES: dict[str, type[CallBase]] = {
    str(kind.__struct_config__.tag): kind
    for kind in (
        *(Open, Close, Allocate, Free, Write, Read, Load, Unload),
        *(Launch, Finish, WriteL1, ReadL1, WriteDram, ReadDram),
    )
}

UNMATCHED = frozenset({"free", "unload", "close"})
"""Calls whose position follows from garbage collection or teardown, not from what the program does."""
