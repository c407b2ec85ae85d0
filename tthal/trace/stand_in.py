"""Opens the devices that a trace is re-executed on: by selection, with what the trace says where that is silent."""

from __future__ import annotations

from dataclasses import replace

from tthal.device_interface import DEVICE_OPTIONS, DeviceDriver
from tthal.opening import Resolved, open_driver, resolve
from tthal.selection import Choice, Selection
from tthal.trace.schema import Open


def stand_in(selection: Selection, recorded: Open) -> Selection:
    """Return the selection for a recorded device.

    Device options, such as the number of queues, are the recorded ones. On the backend that the trace was recorded on,
    the board and the other options are too, unless ``selection`` gives them.
    """
    given = selection.option_values
    options = {key: value for key, value in recorded.options.items() if key in DEVICE_OPTIONS and key not in given}
    argument = selection.argument
    if selection.backend == recorded.backend:
        argument = argument or recorded.argument
        options |= {key: value for key, value in recorded.options.items() if key not in given}
    return replace(selection, argument=argument, options=selection.options + tuple(sorted(options.items())))


def open_stand_in(selection: Selection, recorded: Open) -> DeviceDriver:
    """Open the device that stands in for a recorded one, with the plugins in force.

    Raises:
        SelectionError, BackendUnavailable, PluginError: it cannot be opened.
    """
    resolved = resolve(Choice(selection, "--on"))
    chosen = stand_in(resolved.selection, recorded)
    standing_in = Resolved(resolved.backend, chosen, resolved.reason)
    return open_driver(recorded.device_id, standing_in, progress=False)[0]  # the whole re-execution has a bar
