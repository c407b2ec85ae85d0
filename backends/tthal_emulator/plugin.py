"""The emulator as a backend plugin: cheap to import and to construct."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tthal.device_interface import Availability, Backend, DeviceDriver, EventSink
from tthal.kit.options import help_of, read
from tthal.plugins import CacheInfo, cache_info, hookimpl

if TYPE_CHECKING:
    import click


class EmulatorBackend(Backend):
    """Runs kernels on this computer: compiled to wasm, on emulated Wormhole and Blackhole boards."""

    name = "emulator"
    summary = "runs the real C++ kernels on this computer"
    argument_help = "the board: n150 (default), n300, p100 or p150"

    @property
    def option_help(self) -> Mapping[str, str]:  # type: ignore[override]
        """The keys of the selection string."""
        from tthal_emulator.options import Options

        return help_of(Options)

    def probe(self) -> Availability:
        """Look for the compiler and for libwasmtime."""
        from tthal_emulator.probe import availability

        return availability()

    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> DeviceDriver:
        """Open a board; every device id is another board of the same kind."""
        from tthal_emulator.device import EmulatedDevice
        from tthal_emulator.options import Options

        return EmulatedDevice(device_id, argument, read(Options, options, self.name), events)

    def doctor(self) -> list[tuple[str, str]]:
        """Say what was found."""
        from tthal_emulator.probe import findings

        return findings()


@hookimpl
def tthal_backend() -> Backend:
    """Return the emulator."""
    return EmulatorBackend()


@hookimpl
def tthal_caches() -> Sequence[CacheInfo]:
    """Return the cache of compiled kernels."""
    from tthal_emulator.compiler import kernel_cache

    return [cache_info("compiled kernels", kernel_cache())]


@hookimpl
def tthal_cli_commands() -> Sequence[click.Command]:
    """Return the ``numerics`` group."""
    from tthal_emulator.commands import numerics

    return [numerics]


@hookimpl
def tthal_conformance_profile(backend_name: str) -> Mapping[str, object] | None:
    """Tell the conformance suite that any number of processes may emulate at once."""
    return {"parallel": True} if backend_name == EmulatorBackend.name else None
