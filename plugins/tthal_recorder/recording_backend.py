"""A backend that records what is opened through it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from tthal.device_interface import Availability, Backend, DeviceDriver, EventSink
from tthal.kit.error_codec import record_error
from tthal.trace.codec import encode
from tthal.trace.recording import Recording, current_recording
from tthal.trace.schema import Open
from tthal_recorder.recording_driver import RecordingDriver


class RecordingBackend(Backend):
    """Passes everything on to another backend; devices opened while a recording is in force are recorded.

    Args:
        backend: the backend to record.
        selection: the selection string it was selected by, for the trace.
    """

    def __init__(self, backend: Backend, selection: str) -> None:
        self._backend = backend
        self._selection = selection
        self.name = backend.name
        self.summary = backend.summary
        self.argument_help = backend.argument_help
        self.interface_version = backend.interface_version

    @property
    def option_help(self) -> Mapping[str, str]:  # type: ignore[override]
        return self._backend.option_help

    def probe(self) -> Availability:
        return self._backend.probe()

    def doctor(self) -> list[tuple[str, str]]:
        return self._backend.doctor()

    def open(self, device_id: int, argument: str, options: Mapping[str, str], events: EventSink) -> DeviceDriver:
        recording = current_recording()
        if recording is None:
            return self._backend.open(device_id, argument, options, events)
        call = Open(
            device=recording.new_device(),
            device_id=device_id,
            backend=self.name,
            selection=self._selection,
            argument=argument,
            options=dict(options),
        )
        return self._open(recording, call, events)

    def _open(self, recording: Recording, call: Open, events: EventSink) -> DeviceDriver:
        try:
            driver = self._backend.open(call.device_id, call.argument, call.options, events)
        except Exception as error:
            recording.append(replace(call, error=record_error(error)))
            raise
        properties = driver.properties
        digest = recording.document(encode(properties))
        recording.append(replace(call, properties=digest), properties)
        recording.device_opened(call.device)
        return RecordingDriver(driver, recording, call.device)
