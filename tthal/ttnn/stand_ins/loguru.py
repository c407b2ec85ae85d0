"""``from loguru import logger`` where loguru is not installed: its calls, on Python's own logging."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

_log = logging.getLogger("tthal.loguru")

_LEVELS = {
    "trace": logging.DEBUG,
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "success": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
    "critical": logging.CRITICAL,
}


class _Logger:
    def __getattr__(self, name: str) -> Callable[..., None]:
        if name not in _LEVELS:
            raise AttributeError(f"tthal's stand-in for loguru has no logger.{name}; install loguru")

        def write(message: object, *given: Any, **named: Any) -> None:
            _log.log(_LEVELS[name], "%s", str(message).format(*given, **named) if given or named else message)

        return write

    def exception(self, message: object, *given: Any) -> None:
        """Log an error with its traceback."""
        _log.exception("%s", str(message).format(*given) if given else message)

    def log(self, level: str | int, message: object, *given: Any) -> None:
        """Log at a level by its name or number."""
        number = level if isinstance(level, int) else _LEVELS.get(level.lower(), logging.INFO)
        _log.log(number, "%s", str(message).format(*given) if given else message)

    def opt(self, **_: Any) -> _Logger:
        """Return the logger: options of single calls change nothing."""
        return self

    bind = opt

    def add(self, *_: Any, **__: Any) -> int:
        """Do nothing: Python's logging says where lines go."""
        return 0

    def remove(self, *_: Any) -> None:
        """Do nothing."""


logger = _Logger()
