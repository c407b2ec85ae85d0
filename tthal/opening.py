"""From a selection to an open device: choosing, loading, wrapping, checking and opening a backend."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tthal.device_interface import DEVICE_OPTIONS, Availability, Backend, Capability, DeviceDriver
from tthal.errors import BackendError, BackendUnavailable, InvalidArgument, SelectionError
from tthal.events import EventHub
from tthal.kernel_prints import KernelPrintWriter, PrintSelection
from tthal.plugin_border import plugin_border
from tthal.selection import AUTO, AUTO_PREFERENCE, Choice, Selection, check_understood, choose

if TYPE_CHECKING:
    from tthal.plugins.facade import PluginOption

logger = logging.getLogger("tthal")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A backend that can be opened, the selection it came from, and why it was selected."""

    backend: Backend
    selection: Selection
    reason: str


@dataclass(frozen=True, slots=True)
class Opened:
    """An open driver, what it was selected by and why, and where its events go."""

    driver: DeviceDriver
    events: EventHub
    selection: Selection
    reason: str


def open_selected(device_id: int, backend: str | Selection | None, options: Mapping[str, str]) -> Opened:
    """Open a driver of the selected backend; ``options`` are keys of ``DEVICE_OPTIONS``.

    Raises:
        SelectionError: the backend or an option does not exist.
        BackendUnavailable: something it needs is missing; another backend is never taken instead.
        PluginError: a plugin cannot be loaded.
    """
    if isinstance(device_id, bool) or not isinstance(device_id, int) or device_id < 0:
        raise InvalidArgument(f"a device id is an int from 0, not {device_id!r}; the board is part of the selection")
    choice = choose(backend)
    resolved = resolve(choice)
    selection = resolved.selection.with_options(options)
    driver, events = open_driver(device_id, Resolved(resolved.backend, selection, resolved.reason))
    return Opened(driver, events, selection, resolved.reason)


def open_driver(device_id: int, resolved: Resolved, *, progress: bool = True) -> tuple[DeviceDriver, EventHub]:
    """Open a device with the plugins in force: wrapped by them, with their option keys and event sinks.

    ``progress`` shows work that takes long, and what kernels print, on the terminal.

    Raises:
        SelectionError: an option does not exist, or is a plugin's and the device cannot be observed.
        BackendUnavailable: something is missing.
        PluginError: a plugin cannot be loaded.
    """
    from tthal.plugins.facade import Plugins

    selection = resolved.selection
    plugins = Plugins.for_open(selection.backend)
    wrapped = plugins.wrap_backend(resolved.backend, selection)
    described = describe(selection.backend, wrapped)
    added = plugins.device_options(described.option_help)
    understood = {**described.option_help, **{key: option.help for key, option in added.items()}}
    check_understood(selection, understood, described.argument_help)
    # An argument may name the very part that a probe misses (a library's place, say): then opening decides.
    if not selection.argument:
        require_available(selection, probe(selection.backend, wrapped), resolved.reason)
    prints = [KernelPrintWriter(PrintSelection.from_environment(os.environ))] if progress else []
    events = EventHub([*prints, *plugins.event_sinks(device_id, selection)], progress=progress)
    try:
        driver = _open(wrapped, device_id, selection.without(added), events)
    finally:
        events.settle()
    _require_observable(driver, selection, added)
    return driver, events


def _require_observable(driver: DeviceDriver, selection: Selection, added: Mapping[str, PluginOption]) -> None:
    used = [key for key in selection.option_values if key in added]
    if not used or Capability.OBSERVABLE in driver.properties.capabilities:
        return
    board = driver.properties.board
    driver.close()
    raise SelectionError(
        f"option {used[0]!r} belongs to {added[used[0]].entry}, which looks into the device; {board!r} of backend "
        f"{selection.backend!r} does not declare the capability {Capability.OBSERVABLE.value!r}. Leave it out, or "
        "select a backend that can be observed, for instance emulator"
    )


def resolve(choice: Choice) -> Resolved:
    """Load the backend that is chosen; ``auto`` takes the first available one of ``AUTO_PREFERENCE``.

    Raises:
        SelectionError, BackendUnavailable, PluginError: it does not exist or cannot be loaded.
    """
    from tthal.plugins.facade import load_backend

    selection = choice.selection
    if selection.backend == AUTO:
        return _automatic(choice)
    try:
        return Resolved(load_backend(selection.backend), selection, f"selected by {choice.source}")
    except SelectionError as error:
        raise SelectionError(f"{error} (selected by {choice.source})") from None


def _automatic(choice: Choice) -> Resolved:
    from tthal.plugins.facade import load_backend

    if choice.selection.argument or choice.selection.options:
        raise SelectionError(
            f"{str(choice.selection)!r}: {AUTO!r} takes neither argument nor options; name the backend they are for"
        )
    passed_over: list[str] = []
    for name in AUTO_PREFERENCE:
        try:
            backend = load_backend(name)
            availability = probe(name, backend)
        except BackendError as error:
            passed_over.append(f"{name}: {error}")
            continue
        if availability.available:
            reason = f"auto, by {choice.source}: {'; '.join([*passed_over, f'{name} is available'])}"
            logger.info("backend auto chose %s (%s)", name, reason)
            return Resolved(backend, Selection(name), reason)
        passed_over.append(f"{name}: {availability.reason}")
    raise BackendUnavailable(f"backend 'auto' found none that can be used: {'; '.join(passed_over)}")


def probe(name: str, backend: Backend) -> Availability:
    """Ask a backend whether it can be used.

    Raises:
        BackendError: the backend failed to answer.
    """
    with plugin_border(f"backend {name!r} failed in probe"):
        return backend.probe()


@dataclass(frozen=True, slots=True)
class Description:
    """What a backend says about itself; ``option_help`` includes the options that every backend takes."""

    summary: str
    argument_help: str
    option_help: Mapping[str, str]


def describe(name: str, backend: Backend) -> Description:
    """Ask a backend what it takes.

    Raises:
        BackendError: the backend failed to answer.
    """
    with plugin_border(f"backend {name!r} failed to describe itself"):
        return Description(backend.summary, backend.argument_help, {**backend.option_help, **DEVICE_OPTIONS})


def require_available(selection: Selection, availability: Availability, reason: str) -> None:
    """Check that a backend can be used.

    Raises:
        BackendUnavailable: it cannot; says why, and how to mend it.
    """
    if not availability.available:
        fix = f" To fix it: {availability.fix}." if availability.fix else ""
        raise BackendUnavailable(
            f"backend {selection.backend!r} ({reason}) cannot be used here: {availability.reason.rstrip('.')}.{fix} "
            "`tthal backends` lists what can"
        )


def _open(backend: Backend, device_id: int, selection: Selection, events: EventHub) -> DeviceDriver:
    with plugin_border(f"backend {selection.backend!r} failed to open device {device_id}"):
        driver = backend.open(device_id, selection.argument, selection.option_values, events)
    if not isinstance(driver, DeviceDriver):
        raise BackendError(f"backend {selection.backend!r} opened {driver!r}, which is no tthal DeviceDriver")
    return driver


def count_devices(backend: str | Selection | None = None) -> int:
    """Return how many devices the selected backend has: what its probe says in ``devices``, else 1 or 0."""
    resolved = resolve(choose(backend))
    availability = probe(resolved.selection.backend, resolved.backend)
    if not availability.available:
        return 0
    with plugin_border(f"backend {resolved.selection.backend!r} says wrongly how many devices it has"):
        return int(availability.details.get("devices", "1"))
