"""What is installed and whether it works: what ``tthal backends`` and ``tthal doctor`` print."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tthal.device_interface import Availability, Backend
from tthal.errors import TthalError
from tthal.opening import describe, probe
from tthal.plugin_border import plugin_border
from tthal.plugins import loader
from tthal.plugins.facade import backend_names, load_backend
from tthal.plugins.loader import BACKENDS, PluginEntry


@dataclass(frozen=True, slots=True)
class BackendReport:
    """One backend as found: where it comes from, whether it can be used, what it takes."""

    name: str
    distributions: tuple[PluginEntry, ...]
    availability: Availability
    summary: str = ""
    argument_help: str = ""
    option_help: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[tuple[str, str], ...] = ()

    @property
    def origin(self) -> str:
        """The distribution and its version; several when they clash."""
        return " and ".join(f"{entry.distribution} {entry.version}" for entry in self.distributions)

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values for ``tthal backends --json``."""
        return {
            "name": self.name,
            "summary": self.summary,
            "distributions": [
                {"name": entry.distribution, "version": entry.version, "module": entry.module}
                for entry in self.distributions
            ],
            "available": self.availability.available,
            "reason": self.availability.reason,
            "fix": self.availability.fix,
            "details": dict(self.availability.details),
            "argument": self.argument_help,
            "options": dict(self.option_help),
        }


def inspect_backends(with_findings: bool = False) -> list[BackendReport]:
    """Load and probe every installed backend; one that cannot be loaded is reported as unavailable.

    Args:
        with_findings: also ask each for its rows of ``tthal doctor``.
    """
    return [inspect_backend(name, with_findings) for name in backend_names()]


def inspect_backend(name: str, with_findings: bool = False) -> BackendReport:
    """Load and probe one installed backend."""
    entries = tuple(entry for entry in loader.entries(BACKENDS) if entry.name == name)
    try:
        backend = load_backend(name)
        described = describe(name, backend)
        availability = probe(name, backend)
        findings = _findings(name, backend) if with_findings else ()
    except TthalError as error:
        return BackendReport(name, entries, Availability(False, str(error)))
    return BackendReport(
        name,
        entries,
        availability,
        described.summary,
        described.argument_help,
        described.option_help,
        findings,
    )


def _findings(name: str, backend: Backend) -> tuple[tuple[str, str], ...]:
    try:
        with plugin_border(f"backend {name!r} failed in doctor"):
            return tuple((str(what), str(finding)) for what, finding in backend.doctor())
    except TthalError as error:
        return (("doctor", str(error)),)
