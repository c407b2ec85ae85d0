"""The backend: whether it can be used, and opening devices."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from tthal.device_interface import Availability, Backend, DeviceDriver, EventSink, Progress
from tthal.errors import BackendUnavailable
from tthal.kit.options import help_of, read
from tthal_metal import build, runtime
from tthal_metal.discovery import find_library, require_usable
from tthal_metal.doctor import cards, findings
from tthal_metal.driver import MetalDevice
from tthal_metal.isolated import IsolatedDevice
from tthal_metal.settings import (
    MOCK_VARIABLE,
    SIMULATOR_VARIABLE,
    Isolation,
    Settings,
    Target,
    target,
)

_NO_CARD = "no card is installed: there is no /dev/tenstorrent"
_GET_CARD = (
    f"install the card's kernel driver (docs/cards.md), or set {SIMULATOR_VARIABLE} or {MOCK_VARIABLE} to work "
    "without a card"
)


class MetalBackend(Backend):
    """Runs programs on a Tenstorrent card through the vendor's libtt_metal.so."""

    name = "metal"
    summary = "runs programs on a Tenstorrent card through libtt_metal.so"
    option_help = help_of(Settings)
    argument_help = "where libtt_metal.so is: the file, a ttnn package, or a TT-Metalium tree (default: searched for)"

    def probe(self) -> Availability:
        """Look for the library, a compiler and something to open, without opening it."""
        if sys.platform != "linux":
            return Availability(False, "libtt_metal.so exists for Linux only", "use the emulator backend here")
        try:
            library = find_library()
            require_usable(library)
            build.find_compiler()
        except BackendUnavailable as error:
            return Availability(False, str(error), "see docs/cards.md")
        details = {"library": f"{library.path} ({library.version or 'unknown version'})", "target": target().value}
        if target() is Target.CARD:
            details["devices"] = str(len(cards()))
            if not cards():
                return Availability(False, _NO_CARD, _GET_CARD, details)
        return Availability(True, details=details)

    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> DeviceDriver:
        """Open a card, a simulator or a mock device, in this process or in one of its own."""
        settings = read(Settings, options, self.name)
        alone = settings.isolated
        if settings.isolate is Isolation.AUTO and not alone:
            alone = not runtime.fits_this_process(argument, settings)
        if not alone:
            return open_here(device_id, argument, settings, events)
        if target() is not Target.CARD:
            # Every process has a simulator or a mock device of its own.
            return IsolatedDevice(device_id, argument, options, settings.timeout, events)
        freed = partial(runtime.release, runtime.claim(device_id))
        try:
            return IsolatedDevice(device_id, argument, options, settings.timeout, events, freed)
        except BaseException:
            freed()
            raise

    def doctor(self) -> list[tuple[str, str]]:
        """Say what was found where, and what is missing."""
        return findings()


def open_here(device_id: int, argument: str, settings: Settings, events: EventSink) -> MetalDevice:
    """Open a device in this process.

    Raises:
        BackendUnavailable: the library, its shim, its runtime root or the device is missing.
    """
    _require_target()

    def progress(text: str) -> None:
        events(Progress(device_id, text, 0, 1))

    return MetalDevice(runtime.load(argument, settings, progress), device_id, settings, events)


def _require_target() -> None:
    for name in (SIMULATOR_VARIABLE, MOCK_VARIABLE):
        place = os.environ.get(name)
        if place and not Path(place).exists():
            raise BackendUnavailable(f"{name}={place} does not exist; correct it, or unset it to use a card")
    if target() is Target.CARD and not cards():
        raise BackendUnavailable(f"{_NO_CARD}; {_GET_CARD}")
