"""One finding of a launch: its places, its words, and the error that it becomes."""

from __future__ import annotations

import numpy as np

from tthal.columns import fitted
from tthal.errors import Finding, Frame, KernelError, SourceLocation
from tthal.observer import ObservedLaunch

from .findings import AT_THE_END, CURES, KINDS, NOWHERE, TILE_ADDED_TO, TILE_READ, Kind, Number, Severity
from .set_ups import again, begun, needed_call, present
from .structures import FINDING, NONE
from .ways import calls_that_wait

ALLOW = "tthal: allow "
"""A comment with an id behind it suppresses findings in its line."""
_DEVICE_HEADERS = "<"
_OTHERS = 8
"""Further findings of a launch that an error names."""
_IN_DRAM = 1 << 31
"""Set in the place of a race: the rest is a DRAM channel, not a core's number."""
_NO_BUFFER = 0xFF
"""The id of a finding about no circular buffer, where it may be about one (compiled/owners.cpp)."""
_BY_WRITE = 1 << 63
"""Set in the address of a finding about a transfer into a core's own L1, or a use of a tile: a write, not a read."""


class Found:
    """One finding of a launch, with its places."""

    def __init__(self, row: np.void, launch: ObservedLaunch) -> None:
        self._row = {name: int(row[name]) for name in FINDING.names or ()}
        self._launch = launch
        self.kind: Kind = KINDS[self._row["kind"]]
        self.frames = self._frames("kernel", "site")

    def _frames(self, kernel: str, site: str) -> tuple[Frame, ...]:
        frames = self._launch.frames(self._row[kernel], self._row[site]) if self._row[site] else ()
        return tuple(frame for frame in frames if not _is_header(frame.location))

    def is_of_the_end(self, failure: KernelError) -> bool:
        """Whether it only says what a kernel left undone that failed before."""
        where = self._launch.kernels.get(self._row["kernel"])
        failed = where is not None and ((where.core.x, where.core.y), where.processor) == (
            failure.core,
            failure.processor,
        )
        return failed and self.kind.id.startswith("TT-END")

    def is_sure(self) -> bool:
        """Whether it is what it seems: a word is changed where a load and the store behind it are of one line.

        Where they are of two, the load may be a wait for the word, and the store its answer.
        """
        if self.kind.id != "TT-RACE-007":
            return True
        sites = (("kernel", "site"), ("kernel", "id")), (("other_kernel", "other_site"), ("other_kernel", "count"))
        lines = [(self._line(*store), self._line(*load)) for store, load in sites]
        return all(store == load and store is not None for store, load in lines)

    def _line(self, kernel: str, site: str) -> tuple[str, int] | None:
        frames = self._frames(kernel, site)
        location = frames[0].location if frames else None
        return (location.file, location.line) if location is not None else None

    def is_suppressed_in_source(self) -> bool:
        """Whether the line itself says so: a comment with ``tthal: allow ID``."""
        location = self.frames[0].location if self.frames else None
        if location is None:
            return False
        kernel = self._launch.kernels[self._row["kernel"]]
        content = self._launch.image.kernels[kernel.kernel].content
        texts = {content.source_name: content.source, **{header.name: header.text for header in content.headers}}
        lines = texts.get(location.file, "").splitlines()
        return location.line <= len(lines) and f"{ALLOW}{self.kind.id}" in lines[location.line - 1]

    def _place(self, kernel: int, frames: tuple[Frame, ...]) -> str:
        where = self._launch.kernels.get(kernel)
        if where is None:
            return "the host"
        location = frames[0].location if frames else None
        at = f" at {location}" if location is not None else ""
        return f"core ({where.core.x},{where.core.y}) {where.processor}, kernel {where.name}{at}"

    def lines(self) -> tuple[object, ...]:
        """What it is about, and in which line of which kernel; the same for all places of one line."""
        location = self.frames[0].location if self.frames else None
        line = (location.file, location.line) if location is not None else self._row["site"]
        return self.kind.id, self._row["kernel"], line, self._row["other_kernel"], self._row["other_site"]

    @property
    def is_race(self) -> bool:
        """Whether it is one."""
        return self.kind.id.startswith("TT-RACE")

    def kernels(self) -> list[int]:
        """Indices of the kernels that it is about."""
        return [self._row[name] for name in ("kernel", "other_kernel") if self._row[name] != NONE]

    def _words(self) -> dict[str, str]:
        """What some texts say in words: see findings.py."""
        row, limit = self._row, self._row["limit"]
        use, first = TILE_ADDED_TO if self._is_write else TILE_READ
        owner, owned = NOWHERE if row["id"] == _NO_BUFFER else AT_THE_END
        ways = calls_that_wait(limit)
        return {
            "access": "store" if limit else "load",
            "needed": needed_call(row["count"]),
            "present": present(row["count"], limit),
            "again": again(row["count"]),
            "begun": begun(limit),
            "where": f"DRAM channel {limit & ~_IN_DRAM}" if limit & _IN_DRAM else self._core(limit),
            "cure": CURES.get(row["id"], CURES[0]),
            "page": f"{self._page_size()}",
            "more": f"{row['count'] + 1}",
            "room": self._room(),
            "transfer": self._transfer,
            "use": use,
            "first": first,
            "owner": owner.format(id=row["id"]),
            "owned": owned,
            **ways,
            "barrier": ways[f"{self._transfer}_barrier"],
        }

    def _core(self, index: int) -> str:
        """A core's L1, by the core's number in the grid."""
        width, kernels = self._launch.properties.compute_grid.x, self._launch.kernels.values()
        x, y = index % width, index // width
        is_idle = all((kernel.core.x, kernel.core.y) != (x, y) for kernel in kernels)
        return f"L1 of core ({x},{y})" + (" (it runs no kernel)" if is_idle else "")

    @property
    def _is_write(self) -> bool:
        return self._row["address"] & _BY_WRITE != 0

    @property
    def _transfer(self) -> str:
        return "write" if self._is_write else "read"

    def _page_size(self) -> int:
        """Bytes of a page of the circular buffer that it is about; 0 when it is about none."""
        where = self._launch.kernels[self._row["kernel"]]
        buffers = [
            buffer
            for core in self._launch.cores.values()
            if core.core == where.core
            for buffer in core.circular_buffers
        ]
        return next((buffer.page_size for buffer in buffers if buffer.index == self._row["id"]), 0)

    def _room(self) -> str:
        """How a transfer comes to have room: a page may be too small for it, or missing."""
        reserved = self._row["limit"] * self._page_size()
        if 0 < reserved < self._row["count"]:
            done = "written" if self._transfer == "write" else "read"
            return (
                f"the {self._transfer} is larger than what is reserved: is the circular buffer's page size that of "
                f"what is {done} ({self._row['count']} B)? If so, reserve more pages with cb_reserve_back"
            )
        return f"reserve the pages with cb_reserve_back and {self._transfer} to get_write_ptr"

    def finding(self, is_error: bool | None = None) -> Finding:
        """Say what, where, and how to mend it."""
        row, kind = self._row, self.kind
        where = self._launch.kernels[row["kernel"]]
        values = {name: Number(row[name]) for name in ("id", "count", "limit")}
        values["address"] = Number(row["address"] & ~_BY_WRITE)
        words = self._words()
        what, fix, did = (text.format(**values, **words) for text in (kind.text, kind.fix, kind.other))
        other, location = "", None
        if kind.other and row["other_kernel"] != NONE:
            frames = self._frames("other_kernel", "other_site")
            other = f"{did}: {self._place(row['other_kernel'], frames)}"
            location = frames[0].location if frames else None
        severity = kind.severity if not is_error else Severity.ERROR
        core = (where.core.x, where.core.y)
        return Finding(
            kind.id, severity.value, what, fix, core, where.processor, where.name, self.frames, other, location
        )


def error_of(findings: list[Finding], cause: BaseException | None) -> KernelError:
    """Make the error that the program sees of the first of some findings; it names the others.

    What a kernel failed of by itself, which is what became of the mistake, is the error's cause.
    """
    first = findings[0]
    others = [fitted(f"        {other.id} at {_short(other)}") for other in findings[1 : 1 + _OTHERS]]
    lines = [str(first), *(["    In the same launch:", *others] if others else [])]
    error = KernelError(
        "\n".join(lines),
        core=first.core,
        processor=first.processor,
        kernel=first.kernel,
        backtrace=first.frames,
        location=first.location,
        findings=findings,
    )
    error.__cause__ = cause if isinstance(cause, RuntimeError) else None
    return error


def _short(finding: Finding) -> str:
    at = f" at {finding.location}" if finding.location is not None else ""
    return f"core ({finding.core[0]},{finding.core[1]}) {finding.processor}, kernel {finding.kernel}{at}"


def _is_header(location: SourceLocation | None) -> bool:
    return location is None or location.file.startswith(_DEVICE_HEADERS)
