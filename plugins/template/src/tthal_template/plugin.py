"""The entry point: the backend, and what the conformance suite should know about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tthal.device_interface import Availability, Backend, DeviceDriver, EventSink
from tthal.kit.options import DeviceOptions, help_of, read
from tthal.plugins import hookimpl


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(DeviceOptions):
    """Your options, one field each: ``seed: int = option(integer(), 0, "what it means")``."""


class TemplateBackend(Backend):
    """Opens devices that keep what is written."""

    name = "template"
    summary = "keeps what is written in host memory, runs no programs"
    interface_version = 1
    option_help = help_of(Options)

    def probe(self) -> Availability:
        """Say whether ``open`` can work here; look for your driver or library, open nothing."""
        return Availability(True, details={"devices": "1"})

    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> DeviceDriver:
        """Open a device; import what is expensive here, not at the top of this module."""
        from tthal_template.device import TemplateDevice

        return TemplateDevice(read(Options, options, self.name).num_command_queues)


@hookimpl
def tthal_backend() -> Backend:
    """Return the backend."""
    return TemplateBackend()


@hookimpl
def tthal_conformance_profile(backend_name: str) -> Mapping[str, object] | None:
    """Say what is known to fail, and why; a listed program that passes is reported as failed."""
    if backend_name != TemplateBackend.name:
        return None
    return {"parallel": True, "expected_failures": {}}
