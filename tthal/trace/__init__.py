"""Traces: recordings of every call between a program and its device, in one file (docs/read-a-trace.md)."""

from tthal.trace.reader import Trace
from tthal.trace.recording import RECORD_VARIABLE, Recording, current_recording, is_recording, record
from tthal.trace.schema import CURRENT_VERSION, SUFFIX

__all__ = [
    "CURRENT_VERSION",
    "RECORD_VARIABLE",
    "SUFFIX",
    "Recording",
    "Trace",
    "current_recording",
    "is_recording",
    "record",
]
