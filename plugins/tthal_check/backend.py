"""The selected backend with the checks as observers of every device it opens."""

from __future__ import annotations

from collections.abc import Mapping

from tthal.device_interface import Availability, Backend, Capability, DeviceDriver, EventSink

from .listener import CheckObserver
from .settings import Settings


class CheckedBackend(Backend):
    """Opens devices as ``backend`` does, and observes those that can be observed."""

    def __init__(self, backend: Backend, settings: Settings) -> None:
        self._backend = backend
        self._settings = settings
        self.name = backend.name
        self.summary = backend.summary
        self.interface_version = backend.interface_version

    @property
    def option_help(self) -> Mapping[str, str]:  # type: ignore[override]
        """See :class:`Backend`."""
        return self._backend.option_help

    @property
    def argument_help(self) -> str:  # type: ignore[override]
        """See :class:`Backend`."""
        return self._backend.argument_help

    def probe(self) -> Availability:
        """See :class:`Backend`."""
        return self._backend.probe()

    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> DeviceDriver:
        """See :class:`Backend`."""
        driver = self._backend.open(device_id, argument, options, events)
        # Whether it is a driver at all is for whoever opens it to say.
        if isinstance(driver, DeviceDriver) and Capability.OBSERVABLE in driver.properties.capabilities:
            driver.observe(CheckObserver(device_id, driver.properties, self._settings, events))
        return driver

    def doctor(self) -> list[tuple[str, str]]:
        """See :class:`Backend`."""
        return self._backend.doctor()
