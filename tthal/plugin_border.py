"""The one place where an unexpected exception of a plugin becomes an error that names the plugin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tthal.errors import BackendError, TthalError


@contextmanager
def plugin_border(doing: str) -> Iterator[None]:
    """Run a plugin's code; ``doing`` names the plugin and what failed: ``backend 'x' failed in probe``.

    Raises:
        BackendError: the plugin raised something that is no TthalError; it is chained.
    """
    try:
        yield
    except TthalError:
        raise
    except Exception as error:
        raise BackendError(f"{doing}: {type(error).__name__}: {error}") from error
