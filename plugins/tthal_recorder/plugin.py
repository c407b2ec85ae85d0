"""What the recorder adds to tthal: it wraps the selected backend while something is being recorded."""

from __future__ import annotations

from tthal.device_interface import Backend
from tthal.plugins import hookimpl
from tthal.selection import Selection
from tthal.trace.recording import is_recording


@hookimpl
def tthal_wrap_backend(backend: Backend, selection: Selection) -> Backend | None:
    """Wrap the backend if a recording is in force."""
    if not is_recording():
        return None
    from tthal_recorder.recording_backend import RecordingBackend

    return RecordingBackend(backend, str(selection))
