"""Builds a trace's manifest from its calls as they go by; it grows with the kinds of devices, not with the calls."""

from __future__ import annotations

from collections import Counter

import msgspec

from tthal.device_interface import DeviceProperties
from tthal.errors import TraceFormatError
from tthal.trace.codec import encode
from tthal.trace.schema import CallBase, Configuration, Header, Manifest, Open, Trimmed

MOST_CONFIGURATIONS = 256


class ManifestBuilder:
    """Counts calls and collects the distinct devices; feed it every call in order."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._counts: Counter[str] = Counter()
        self._failures = 0
        self._devices: dict[bytes, Configuration] = {}
        self.calls = 0
        self.last = 0

    def add(self, call: CallBase, properties: DeviceProperties | None = None) -> None:
        """Count a call; ``properties`` comes with an ``open`` that succeeded.

        Raises:
            TraceFormatError: the numbers of the calls do not increase.
        """
        if call.n <= self.last:
            raise TraceFormatError(f"call {call.n} follows call {self.last}; numbers must increase")
        self.last = call.n
        self.calls += 1
        self._counts[call.op] += 1
        self._failures += call.error is not None
        if isinstance(call, Open) and properties is not None:
            self._add_device(call, properties)

    def _add_device(self, call: Open, properties: DeviceProperties) -> None:
        configuration = Configuration(
            device_id=call.device_id,
            backend=call.backend,
            selection=call.selection,
            argument=call.argument,
            options=call.options,
            properties=properties,
        )
        key = encode(configuration)
        known = self._devices.get(key)
        if known is not None:
            self._devices[key] = msgspec.structs.replace(known, opens=known.opens + 1)
        elif len(self._devices) < MOST_CONFIGURATIONS:
            self._devices[key] = configuration

    def manifest(self, *, repaired: bool = False, trimmed: Trimmed | None = None) -> Manifest:
        """Return the manifest of the calls so far."""
        header = self._header
        return Manifest(
            format=header.format,
            required_fields=header.required_fields,
            tthal=header.tthal,
            interface_version=header.interface_version,
            python=header.python,
            platform=header.platform,
            program=header.program,
            created=header.created,
            calls=self.calls,
            counts=dict(self._counts),
            failures=self._failures,
            devices=tuple(self._devices.values()),
            repaired=repaired,
            trimmed=trimmed,
        )
