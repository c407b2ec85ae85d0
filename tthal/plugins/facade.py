"""Calling plugins, typed: what the rest of tthal uses instead of pluggy's dynamic hooks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

import pluggy

from tthal.device_interface import INTERFACE_VERSION, Backend, EventSink
from tthal.errors import BackendError, PluginError, SelectionError, TthalError
from tthal.kit.suggestions import did_you_mean, listing
from tthal.plugin_border import plugin_border
from tthal.plugins import loader
from tthal.plugins.hookspecs import CacheInfo
from tthal.plugins.loader import BACKENDS, PLUGINS, PluginEntry
from tthal.selection import Selection

if TYPE_CHECKING:
    import click

T = TypeVar("T")

PLUGINS_VARIABLE = "TTHAL_PLUGINS"


def backend_names() -> list[str]:
    """Return the names of all installed backends, sorted, without importing them."""
    return sorted({entry.name for entry in loader.entries(BACKENDS)})


def backend_entry(name: str) -> PluginEntry:
    """Return where a backend is said to be.

    Raises:
        SelectionError: there is none of this name; says which there are.
        PluginError: two distributions claim it.
    """
    entry = loader.find(BACKENDS, name)
    if entry is None:
        names = backend_names()
        raise SelectionError(
            f"there is no backend {name!r}.{did_you_mean(name, [*names, 'auto'])} Installed: {listing(names)}. "
            "A backend of another distribution has to be installed with pip first"
        )
    return entry


def load_backend(name: str) -> Backend:
    """Import one backend, and no other.

    Raises:
        SelectionError: there is none of this name.
        BackendUnavailable: it needs a module that is not installed.
        PluginError: it cannot be loaded.
    """
    entry = backend_entry(name)
    for backend in Plugins.load([entry]).backends():
        return backend
    raise PluginError(f"{entry} has no hook tthal_backend; it must return an instance of a tthal Backend")


def active_entries() -> list[PluginEntry]:
    """Return the plugins in force, in order: all by name, or what ``TTHAL_PLUGINS`` (``off`` or ``a,b``) says.

    Raises:
        PluginError: ``TTHAL_PLUGINS`` names a plugin that does not exist, or two distributions claim one name.
    """
    wanted = os.environ.get(PLUGINS_VARIABLE, "").strip()
    if wanted.lower() in ("off", "none", "0"):
        return []
    installed = sorted({entry.name for entry in loader.entries(PLUGINS)})
    names = [name.strip() for name in wanted.split(",") if name.strip()] or installed
    return [_active_entry(name, installed) for name in names]


def _active_entry(name: str, installed: list[str]) -> PluginEntry:
    entry = loader.find(PLUGINS, name)
    if entry is None:
        raise PluginError(
            f"{PLUGINS_VARIABLE} names the plugin {name!r}, which is not installed.{did_you_mean(name, installed)} "
            f"Installed: {listing(installed)}; {PLUGINS_VARIABLE}=off leaves all out"
        )
    return entry


@dataclass(frozen=True, slots=True)
class PluginOption:
    """An option key that a plugin adds to observable devices: whose it is, and one line of help."""

    entry: PluginEntry
    help: str


class Plugins:
    """Imported plugins, in the order in which their hooks are called."""

    def __init__(self, loaded: Sequence[tuple[PluginEntry, ModuleType]]) -> None:
        self._manager = loader.new_manager()
        self._by_name: dict[str, PluginEntry] = {}
        # pluggy calls what was registered last first.
        for entry, module in reversed(loaded):
            if self._manager.is_registered(module):
                continue  # one module may be a backend and a plugin
            name = f"{entry.group}:{entry.name}"
            self._by_name[name] = entry
            self._manager.register(module, name)

    @classmethod
    def load(cls, entries: Iterable[PluginEntry]) -> Plugins:
        """Import plugins.

        Raises:
            BackendUnavailable: one needs a module that is not installed.
            PluginError: one cannot be loaded.
        """
        return cls([(entry, loader.load(entry)) for entry in entries])

    @classmethod
    def for_open(cls, backend: str) -> Plugins:
        """Return the active plugins and the selected backend's own hooks; a broken plugin raises."""
        return cls.load([*active_entries(), backend_entry(backend)])

    @classmethod
    def for_commands(cls) -> tuple[Plugins, list[TthalError]]:
        """Return all plugins that can be loaded, backends included, and what is wrong with the others."""
        candidates, problems = _candidates()
        loaded: list[tuple[PluginEntry, ModuleType]] = []
        for entry in candidates:
            try:
                loaded.append((entry, loader.load(entry)))
            except BackendError as error:
                problems.append(error)
        return cls(loaded), problems

    def wrap_backend(self, backend: Backend, selection: Selection) -> Backend:
        """Return the backend with every plugin's wrapper around it, the first plugin's innermost."""
        for entry, implementation in self._implementations("tthal_wrap_backend"):
            wrapped = _invoke(entry, implementation, {"backend": backend, "selection": selection})
            if wrapped is not None:
                backend = _checked(entry, "tthal_wrap_backend", wrapped, Backend)  # type: ignore[type-abstract]
        return backend

    def event_sinks(self, device_id: int, selection: Selection) -> list[EventSink]:
        """Return the plugins' subscribers to a device's events."""
        sinks: list[EventSink] = []
        for entry, sink in self._call("tthal_event_sink", device_id=device_id, selection=selection):
            if not callable(sink):
                raise PluginError(f"{entry}: tthal_event_sink returned {sink!r}, which cannot be called")
            sinks.append(sink)
        return sinks

    def device_options(self, taken: Mapping[str, str]) -> dict[str, PluginOption]:
        """Return the option keys that plugins add to an observable device's own.

        Args:
            taken: the backend's keys.

        Raises:
            PluginError: two plugins, or a plugin and the backend, claim one key.
        """
        found: dict[str, PluginOption] = {}
        for entry, options in self._call("tthal_device_options"):
            for key, text in _mapping(entry, "tthal_device_options", options).items():
                other = "the backend" if key in taken else str(found[key].entry) if key in found else ""
                if other:
                    raise PluginError(
                        f"{entry} and {other} both claim the option {key!r}; TTHAL_PLUGINS leaves one out"
                    )
                found[key] = PluginOption(entry, text)
        return found

    def cli_commands(self) -> tuple[list[tuple[PluginEntry, click.Command]], list[TthalError]]:
        """Return the plugins' commands, and what is wrong with plugins that fail to give theirs."""
        import click

        return self._gather("tthal_cli_commands", click.Command)

    def caches(self) -> tuple[list[tuple[PluginEntry, CacheInfo]], list[TthalError]]:
        """Return the plugins' caches, and what is wrong with plugins that fail to give theirs."""
        return self._gather("tthal_caches", CacheInfo)

    def conformance_profile(self, backend_name: str) -> object | None:
        """Return the first conformance profile that a plugin has for a backend."""
        profiles: Iterator[tuple[PluginEntry, object]]
        profiles = self._call("tthal_conformance_profile", backend_name=backend_name)
        return next((profile for _, profile in profiles), None)

    def backends(self) -> Iterator[Backend]:
        """Yield the backends of the plugins that have one."""
        for entry, backend in self._call("tthal_backend"):
            yield _checked_backend(entry, backend)

    def _implementations(self, hook: str) -> Iterator[tuple[PluginEntry, pluggy.HookImpl]]:
        for implementation in reversed(getattr(self._manager.hook, hook).get_hookimpls()):
            yield self._by_name[implementation.plugin_name], implementation

    def _call(self, hook: str, **arguments: object) -> Iterator[tuple[PluginEntry, Any]]:
        for entry, implementation in self._implementations(hook):
            result = _invoke(entry, implementation, arguments)
            if result is not None:
                yield entry, result

    def _gather(self, hook: str, kind: type[T]) -> tuple[list[tuple[PluginEntry, T]], list[TthalError]]:
        found: list[tuple[PluginEntry, T]] = []
        problems: list[TthalError] = []
        for entry, implementation in self._implementations(hook):
            try:
                results = _invoke(entry, implementation, {})
                found += [(entry, _checked(entry, hook, item, kind)) for item in _sequence(entry, hook, results)]
            except TthalError as error:
                problems.append(error)
        return found, problems


def _candidates() -> tuple[list[PluginEntry], list[TthalError]]:
    """Return the entries that may be imported for the command line, and why others may not."""
    problems: list[TthalError] = []
    found: list[PluginEntry] = []
    try:
        found += active_entries()
    except BackendError as error:
        problems.append(error)
    for name in backend_names():
        try:
            found.append(backend_entry(name))
        except BackendError as error:
            problems.append(error)
    return found, problems


def _invoke(entry: PluginEntry, implementation: pluggy.HookImpl, arguments: Mapping[str, object]) -> Any:
    with plugin_border(f"{entry} failed in {implementation.function.__name__}"):
        return implementation.function(*(arguments[name] for name in implementation.argnames))


def _sequence(entry: PluginEntry, hook: str, results: object) -> Sequence[object]:
    if results is None:
        return ()
    if not isinstance(results, Sequence):
        raise PluginError(f"{entry}: {hook} returned {results!r}; return a list")
    return results


def _mapping(entry: PluginEntry, hook: str, result: object) -> Mapping[str, str]:
    if not isinstance(result, Mapping) or not all(isinstance(text, str) for item in result.items() for text in item):
        raise PluginError(f"{entry}: {hook} returned {result!r}; return a mapping of option keys to their help")
    return result


def _checked(entry: PluginEntry, hook: str, result: object, kind: type[T]) -> T:
    if isinstance(result, type) and issubclass(result, kind):
        raise PluginError(f"{entry}: {hook} returned the class {result.__name__}; return an instance of it")
    if not isinstance(result, kind):
        raise PluginError(f"{entry}: {hook} returned {result!r}, which is no {kind.__module__}.{kind.__name__}")
    return result


def _checked_backend(entry: PluginEntry, result: object) -> Backend:
    backend = _checked(entry, "tthal_backend", result, Backend)  # type: ignore[type-abstract]
    if backend.interface_version != INTERFACE_VERSION:
        raise PluginError(
            f"{entry} is written for version {backend.interface_version} of the device interface, this tthal has "
            f"version {INTERFACE_VERSION}; update both: pip install --upgrade tthal {entry.distribution}"
        )
    return backend
