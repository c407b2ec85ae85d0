"""The releases of libtt_metal.so that the shim's own declarations were checked against."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CheckedRelease:
    """A release of the ``ttnn`` wheel and the ELF build id of its libtt_metal.so (one for all Python versions)."""

    version: str
    build_id: str


# Class layouts change between releases under unchanged symbol names, and not every change can be seen in the binary
# (ComputeConfig has no exported constructor). So a library is only used without its headers when it is in this table.
CHECKED_RELEASES = (
    CheckedRelease("0.79.0", "e948a03fc0fff550ac0748841562566d61b168c1"),
    CheckedRelease("0.80.0", "dc1dbf2959e8459743a45d70a3f48ed1314cf600"),
    CheckedRelease("0.81.1", "23bb346fe8447951975aca3c3eb261b08372522d"),
)


def checked_release(build_id: str) -> CheckedRelease | None:
    """Return the checked release with this build id."""
    return next((release for release in CHECKED_RELEASES if release.build_id == build_id), None)
