"""Where cases run: every place is a ``concurrent.futures.Executor``."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tthal.errors import InvalidArgument

HELP = (
    "local (default), dask:ADDRESS, ray, ray:ADDRESS, or MODULE:FUNCTION, which returns a concurrent.futures.Executor"
)
_RETRIES = 3
"""How often a case is run again when the worker that had it is lost."""
_PATIENCE = 20
"""Seconds until a scheduler must have answered."""


@dataclass(frozen=True, slots=True)
class Workers:
    """An executor, and how many things it does at once."""

    executor: Executor
    at_once: int


@contextmanager
def workers_at(place: str, jobs: int | None) -> Iterator[Workers]:
    """Give the workers of a place; they end with the context.

    Args:
        jobs: how many things are to be done at once; None is as many as the place has room for.

    Raises:
        InvalidArgument: there is no such place, it does not answer, or what it needs is not installed.
    """
    kind, _, rest = place.partition(":")
    with ExitStack() as stack:
        if kind == "dask" and rest:
            client = stack.enter_context(_dask(rest))
            yield Workers(client.get_executor(retries=_RETRIES), jobs or sum(client.nthreads().values()) or cpus())
        else:
            executor = stack.enter_context(_executor(place, kind, rest, jobs))
            yield Workers(executor, jobs or _room(executor))


def _dask(address: str) -> Any:
    """Return a client of a Dask scheduler."""
    distributed = _imported("distributed", "tthal[cluster]")
    try:
        return distributed.Client(address, timeout=_PATIENCE)
    except (OSError, ValueError) as problem:  # TimeoutError is an OSError; so is what distributed raises of addresses
        reason = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise InvalidArgument(
            f"no Dask scheduler answers at {address}: {reason}. Start one with `dask scheduler`, and name the address "
            "that it prints, dask:tcp://HOST:8786"
        ) from None


def _room(executor: Executor) -> int:
    return executor.at_once() if isinstance(executor, RayExecutor) else cpus()


def _executor(place: str, kind: str, rest: str, jobs: int | None) -> Executor:
    if place == "local":
        # A case is a process of its own; the threads only wait for theirs.
        return ThreadPoolExecutor(jobs or cpus())
    if kind == "ray":
        ray = _imported("ray", "ray")
        ray.init(address=rest or None, ignore_reinit_error=True)
        return RayExecutor(ray)
    if rest and kind not in ("local", "dask"):
        return _made(kind, rest)
    raise InvalidArgument(f"no executor {place!r}; use {HELP}")


def _imported(module: str, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as problem:
        raise InvalidArgument(f"this executor needs {module}: pip install '{package}' ({problem})") from None


def _made(module: str, function: str) -> Executor:
    try:
        made = getattr(importlib.import_module(module), function)()
    except (ImportError, AttributeError) as problem:
        raise InvalidArgument(f"cannot use the executor {module}:{function}: {problem}") from None
    if not isinstance(made, Executor):
        raise InvalidArgument(f"{module}:{function} returned {type(made).__name__}, not a concurrent.futures.Executor")
    return made


class RayExecutor(Executor):
    """Runs functions as ray tasks."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Start a task; it runs again when its worker is lost."""
        future: Future[Any] = self._ray.remote(fn).options(max_retries=_RETRIES).remote(*args, **kwargs).future()
        return future

    def at_once(self) -> int:
        """Return how many tasks the cluster has room for."""
        return int(self._ray.cluster_resources().get("CPU", 1)) or 1


def cpus() -> int:
    """Return how many processes run at once unless somebody says otherwise."""
    return os.cpu_count() or 1
