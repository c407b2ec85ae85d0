"""The programs a device has compiled and loaded, so that launching one again costs a look-up."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from tthal.device_interface import DeviceDriver, DeviceProperties, LoadedProgram, ProgramImage
from tthal.errors import InvalidArgument
from tthal.kit.image_checks import check_image

if TYPE_CHECKING:
    from tthal.program import Program

CAPACITY = 256
"""Loaded programs kept per device; the least recently launched go first."""


class LoadedPrograms:
    """Loaded programs by fingerprint; two Program objects with equal images share one."""

    def __init__(self) -> None:
        self._loaded: OrderedDict[str, LoadedProgram] = OrderedDict()
        self.misses_allowed = True
        self._images: WeakKeyDictionary[Program, tuple[ProgramImage, str]] = WeakKeyDictionary()

    def __len__(self) -> int:
        return len(self._loaded)

    def get(self, driver: DeviceDriver, properties: DeviceProperties, program: Program) -> LoadedProgram:
        """Return a program loaded on the device; check and load it first if it is new there."""
        fingerprint, image = self._fingerprint(program)
        loaded = self._loaded.get(fingerprint)
        if loaded is None:
            if not self.misses_allowed:
                raise InvalidArgument(
                    "the program is new on the device, and set_program_cache_misses_allowed(False) forbids new ones: "
                    "launch it once before"
                )
            check_image(image, properties)
            loaded = self._loaded[fingerprint] = driver.load(image)
        self._loaded.move_to_end(fingerprint)
        return loaded

    def holds(self, program: Program) -> bool:
        """Whether a program is loaded."""
        return self._fingerprint(program)[0] in self._loaded

    def trim(self, driver: DeviceDriver, keep: int = CAPACITY) -> None:
        """Unload the least recently launched programs beyond ``keep``; nothing may be in flight."""
        while len(self._loaded) > keep:
            _, loaded = self._loaded.popitem(last=False)
            driver.unload(loaded)

    def _fingerprint(self, program: Program) -> tuple[str, ProgramImage]:
        image = program.image()
        known = self._images.get(program)
        if known is None or known[0] is not image:
            # Hashing all kernel sources is the slow part of a launch: once per image, not per launch.
            known = self._images[program] = (image, image.fingerprint)
        return known[1], image
