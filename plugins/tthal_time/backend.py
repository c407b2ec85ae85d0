"""The selected backend with the model as an observer of every device it opens."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tthal.device_interface import Availability, Backend, Capability, DeviceDriver, EventSink
from tthal.errors import Unsupported

from .listener import TimeObserver
from .profile import Profile


class TimedBackend(Backend):
    """Opens devices as ``backend`` does, and times their launches.

    Args:
        profiled: is told of every launch.
        asked: what asked for it, for the error on a device that cannot be observed.
    """

    def __init__(self, backend: Backend, profiled: Callable[[Profile], None], asked: str) -> None:
        self._backend = backend
        self._profiled = profiled
        self._asked = asked
        self.name = backend.name
        self.summary = backend.summary
        self.option_help = backend.option_help
        self.argument_help = backend.argument_help
        self.interface_version = backend.interface_version

    def probe(self) -> Availability:
        """See :class:`Backend`."""
        return self._backend.probe()

    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> DeviceDriver:
        """See :class:`Backend`.

        Raises:
            Unsupported: the device cannot be observed.
        """
        driver = self._backend.open(device_id, argument, options, events)
        if Capability.OBSERVABLE not in driver.properties.capabilities:
            driver.close()
            raise Unsupported(
                f"{self._asked}: the timing model listens to what happens inside a device, and {self.name} does not "
                "tell. A trace can be run again on the emulator: tthal trace replay FILE --on emulator"
            )
        # What a backend calls the CPUs that it may use.
        driver.observe(TimeObserver(driver.properties, self._profiled, alone=options.get("jobs") == "1"))
        return driver

    def doctor(self) -> list[tuple[str, str]]:
        """See :class:`Backend`."""
        return self._backend.doctor()
