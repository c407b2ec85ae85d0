"""Finding plugins by their entry points without importing them, and importing one with a readable failure."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import Distribution, EntryPoint, entry_points
from types import ModuleType

import pluggy

from tthal.errors import BackendError, BackendUnavailable, PluginError
from tthal.kit.suggestions import did_you_mean, listing
from tthal.plugins import hookspecs

BACKENDS = "tthal.backends"
PLUGINS = "tthal.plugins"
GROUPS = (BACKENDS, PLUGINS)


@dataclass(frozen=True, slots=True)
class PluginEntry:
    """One entry point: where a plugin is said to be. Nothing is imported yet."""

    group: str
    name: str
    module: str
    distribution: str
    version: str
    requirements: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """``backend`` or ``plugin``."""
        return "backend" if self.group == BACKENDS else "plugin"

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r} (entry point {self.module} of {self.distribution} {self.version})"


def entries(group: str) -> tuple[PluginEntry, ...]:
    """Return a group's entry points sorted by name, duplicates included."""
    return tuple(entry for entry in _scan(tuple(sys.path)) if entry.group == group)


def rescan() -> None:
    """Look for entry points anew, for distributions installed while the process runs."""
    importlib.invalidate_caches()
    _scan.cache_clear()


@lru_cache(maxsize=8)
def _scan(path: tuple[str, ...]) -> tuple[PluginEntry, ...]:
    # A scan reads every distribution's metadata (5 to 30 ms), so its result stays until sys.path changes.
    facts: dict[int, tuple[str, str, tuple[str, ...]]] = {}
    everything = entry_points()
    points = [point for group in GROUPS for point in everything.select(group=group)]
    found = {PluginEntry(point.group, point.name, point.value, *_facts(point, facts)) for point in points}
    return tuple(sorted(found, key=lambda entry: (entry.group, entry.name, entry.distribution)))


def _facts(point: EntryPoint, known: dict[int, tuple[str, str, tuple[str, ...]]]) -> tuple[str, str, tuple[str, ...]]:
    """Return name, version and requirements of an entry point's distribution; its metadata is parsed once."""
    distribution: Distribution | None = point.dist
    if distribution is None:
        return "an unknown distribution", "", ()
    if id(distribution) not in known:
        metadata = distribution.metadata
        requires = tuple(distribution.requires or ())
        known[id(distribution)] = (metadata["Name"], metadata["Version"], requires)
    return known[id(distribution)]


def find(group: str, name: str) -> PluginEntry | None:
    """Return the one entry point with this name, None if there is none.

    Raises:
        PluginError: two distributions have it.
    """
    found = [entry for entry in entries(group) if entry.name == name]
    if not found:
        rescan()
        found = [entry for entry in entries(group) if entry.name == name]
    if len(found) > 1:
        raise PluginError(duplicate_message(found))
    return found[0] if found else None


def duplicate_message(same_name: Iterable[PluginEntry]) -> str:
    """Say which distributions claim one name, and what to do."""
    found = list(same_name)
    owners = " and ".join(f"{entry.distribution} {entry.version} ({entry.module})" for entry in found)
    return (
        f"the {found[0].kind} name {found[0].name!r} is claimed by {len(found)} distributions: {owners}. "
        f"Uninstall all but one, for instance: pip uninstall {found[-1].distribution}"
    )


def load(entry: PluginEntry) -> ModuleType:
    """Import a plugin module and check its hooks.

    Raises:
        BackendUnavailable: the module needs another one that is not installed.
        PluginError: it cannot be imported, or its hooks are not the ones that exist.
    """
    try:
        module = importlib.import_module(entry.module)
    except ModuleNotFoundError as error:
        raise _missing_module(entry, error) from error
    except (Exception, SystemExit) as error:
        raise PluginError(f"{entry} cannot be imported: {type(error).__name__}: {error}. {_way_out(entry)}") from error
    _check_hooks(entry, module)
    return module


def _way_out(entry: PluginEntry) -> str:
    update = f"Update or uninstall it: pip install --upgrade {entry.distribution}"
    return update if entry.group == BACKENDS else f"{update}; or leave plugins out with TTHAL_PLUGINS=off"


def _missing_module(entry: PluginEntry, error: ModuleNotFoundError) -> BackendError:
    missing = error.name or str(error)
    if entry.module == missing or entry.module.startswith(missing + "."):
        return PluginError(
            f"{entry} points at a module that does not exist: {missing}. "
            f"Reinstall it: pip install --force-reinstall {entry.distribution}"
        )
    fix = install_line(entry, missing)
    return BackendUnavailable(f"{entry} needs the module {missing!r}, which is not installed. To get it: {fix}")


def install_line(entry: PluginEntry, module: str) -> str:
    """Return the pip command that brings a missing module, as far as the distribution's requirements tell."""
    wanted = _normalised(module.partition(".")[0])
    for requirement in entry.requirements:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        if name is None or _normalised(name.group()) != wanted:
            continue
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", requirement)
        target = f"{entry.distribution}[{extra.group(1)}]" if extra else requirement.partition(";")[0].strip()
        return f"pip install '{target}'"
    return f"pip install --force-reinstall {entry.distribution} (it should bring what provides {module!r})"


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def new_manager() -> pluggy.PluginManager:
    """Return a plugin manager that knows our hooks and no plugin."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def hook_names() -> list[str]:
    """Return the names of all hooks."""
    return sorted(name for name in vars(hookspecs) if name.startswith("tthal_"))


@lru_cache(maxsize=64)
def _check_hooks(entry: PluginEntry, module: ModuleType) -> None:
    """Look at a module's hooks, once: every device that is opened loads the same plugins."""
    manager = new_manager()
    try:
        manager.register(module, entry.name)
    except pluggy.PluginValidationError as error:
        raise PluginError(f"{entry} has a hook with a wrong signature: {error}. {_way_out(entry)}") from error
    known = hook_names()
    for caller in manager.get_hookcallers(module) or ():
        if not caller.has_spec():
            raise PluginError(
                f"{entry} implements the hook {caller.name!r}, which does not exist."
                f"{did_you_mean(caller.name, known)} The hooks are: {listing(known)}"
            )
        if any(impl.wrapper or impl.hookwrapper for impl in caller.get_hookimpls()):
            raise PluginError(f"{entry} marks {caller.name!r} as a pluggy wrapper; tthal's hooks cannot be wrapped")
    _check_unmarked(entry, module, known)


def _check_unmarked(entry: PluginEntry, module: ModuleType, known: list[str]) -> None:
    for name in known:
        hook = getattr(module, name, None)
        marked = hasattr(hook, f"{hookspecs.PROJECT}_impl")
        if inspect.isfunction(hook) and hook.__module__ == module.__name__ and not marked:
            raise PluginError(
                f"{entry} defines {name} without @hookimpl, so it would never be called; "
                "add `from tthal.plugins import hookimpl` and decorate it"
            )
