"""Sub-devices: disjoint parts of a device's cores, each of which runs programs of its own (ttnn 0.81.1)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence

from tthal.coordinates import CoreCoord, CoreRangeSet, CoreSpec, as_cores
from tthal.errors import InvalidArgument, Unsupported
from tthal.words import integer

__all__ = ["SubDevice", "SubDeviceId", "SubDeviceManagerId"]


class SubDeviceId(int):
    """A sub-device's place in the manager that is loaded."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"SubDeviceId({int(self)})"


class SubDeviceManagerId(int):
    """The number of a division of a device into sub-devices."""

    __slots__ = ()


class SubDevice:
    """A part of a device: its worker cores, as ``SubDevice([cores])``."""

    def __init__(self, cores: Sequence[CoreSpec]) -> None:
        groups = [CoreRangeSet.of(as_cores(each, "cores of a sub-device")) for each in cores]
        if not groups or groups[0].empty():
            raise InvalidArgument("a sub-device needs worker cores: ttnn.SubDevice([core_range_set])")
        if any(not each.empty() for each in groups[1:]):
            raise Unsupported("a sub-device with Ethernet cores: programs run on worker cores only")
        self.cores = groups[0]

    def __repr__(self) -> str:
        return f"SubDevice({self.cores})"


WHOLE_GRID = SubDeviceManagerId(0)
"""The division that every device starts with: one sub-device of all its cores."""


class SubDevices:
    """The divisions of one device, and which is in force."""

    def __init__(self) -> None:
        self._managers: dict[int, list[SubDevice]] = {}
        self._numbers = itertools.count(1)
        self.loaded: int = WHOLE_GRID

    def create(
        self, checked_core: Callable[[CoreCoord], CoreCoord], sub_devices: Sequence[SubDevice], local_l1_size: int
    ) -> SubDeviceManagerId:
        """Note a division; ``checked_core`` raises for a core outside the device's grid.

        Raises:
            InvalidArgument: a part lies outside the grid, or two share a core.
            Unsupported: L1 of their own for the parts.
        """
        if integer(local_l1_size, "local_l1_size"):
            raise Unsupported(
                f"sub-devices with {local_l1_size} bytes of L1 of their own are planned, but not there yet; use 0: "
                "buffers of all parts come from the device's L1"
            )
        taken = CoreRangeSet()
        for each in sub_devices:
            for core in each.cores.cores():
                checked_core(core)
            if taken.intersects(each.cores):
                raise InvalidArgument(f"{each} shares cores with another sub-device; they must be disjoint")
            taken = taken.merge(each.cores)
        number = SubDeviceManagerId(next(self._numbers))
        self._managers[number] = list(sub_devices)
        return number

    def load(self, number: int) -> None:
        """Put a division in force."""
        self._require(number)
        self.loaded = number

    def remove(self, number: int) -> None:
        """Forget a division.

        Raises:
            InvalidArgument: it is in force.
        """
        self._require(number)
        if number == self.loaded:
            raise InvalidArgument("the division in force cannot be removed; clear_loaded_sub_device_manager() first")
        del self._managers[number]

    def clear(self) -> None:
        """Let the whole grid be one again."""
        self.loaded = WHOLE_GRID

    def parts(self) -> list[SubDevice]:
        """Return the sub-devices in force; none when the whole grid is one."""
        return self._managers.get(self.loaded, [])

    def check(self, kernels: Iterable[CoreRangeSet]) -> None:
        """Check that a program stays within one sub-device, by the cores of its kernels.

        Raises:
            InvalidArgument: its cores lie in several, or outside all.
        """
        parts = self.parts()
        if not parts:
            return
        cores = CoreRangeSet()
        for each in kernels:
            cores = cores.merge(each)
        if not any(part.cores.contains(cores) for part in parts):
            raise InvalidArgument(
                f"programs must be executed on a single sub-device: the kernels' cores {cores} lie in none of "
                f"{', '.join(map(str, parts))}"
            )

    def check_ids(self, ids: Iterable[int]) -> None:
        """Check that sub-devices exist.

        Raises:
            InvalidArgument: one does not.
        """
        count = len(self.parts()) or 1
        for each in ids:
            if not 0 <= integer(each, "sub-device id") < count:
                raise InvalidArgument(f"there is no sub-device {int(each)}: {count} are in force, counted from 0")

    def _require(self, number: int) -> None:
        if number not in self._managers:
            raise InvalidArgument(
                f"the device has no sub-device manager {number!r}; create_sub_device_manager makes one"
            )
