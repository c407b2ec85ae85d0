"""The options of the selection string, and the environment of the vendor's library that they and the user decide."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TypeVar

from tthal.errors import SelectionError
from tthal.types import DispatchMode

OPTION_HELP: Mapping[str, str] = {
    "dispatch": "fast or slow; default: what TT_METAL_SLOW_DISPATCH_MODE says, else fast",
    "isolate": "yes: drive the device from a process of its own, which may crash or hang; no: from this one (faster); "
    "auto (default): yes for a simulator, no for a card",
    "timeout": "seconds that one call may take; 0: no limit, the default but for a simulator, which gets 600",
    "root": "the runtime root with device headers and firmware; default: TT_METAL_RUNTIME_ROOT, else the library's own",
}


class Isolation(str, Enum):
    """Whether a device is driven from a process of its own."""

    AUTO = "auto"
    YES = "yes"
    NO = "no"


class Target(str, Enum):
    """What the vendor's library will open, by its own environment variables."""

    CARD = "card"
    SIMULATOR = "simulator"
    MOCK = "mock"


SIMULATOR_VARIABLE = "TT_METAL_SIMULATOR"
MOCK_VARIABLE = "TT_METAL_MOCK_CLUSTER_DESC_PATH"
SLOW_VARIABLE = "TT_METAL_SLOW_DISPATCH_MODE"
ROOT_VARIABLE = "TT_METAL_RUNTIME_ROOT"
LOG_VARIABLE = "TT_METAL_LOGGER_LEVEL"
VISIBLE_VARIABLE = "TT_METAL_VISIBLE_DEVICES"
TIMEOUT_VARIABLE = "TT_METAL_OPERATION_TIMEOUT_SECONDS"

# A simulator that does not know an instruction often just waits.
_SIMULATOR_TIMEOUT = 600.0

# What the library reads once per process: opening with other values needs another process.
FROZEN_VARIABLES = (SIMULATOR_VARIABLE, MOCK_VARIABLE, SLOW_VARIABLE, ROOT_VARIABLE, "TT_METAL_CACHE", TIMEOUT_VARIABLE,
                    VISIBLE_VARIABLE)  # fmt: skip


def target() -> Target:
    """Return what the environment asks the library to open."""
    if os.environ.get(SIMULATOR_VARIABLE):
        return Target.SIMULATOR
    return Target.MOCK if os.environ.get(MOCK_VARIABLE) else Target.CARD


@dataclass(frozen=True, slots=True)
class Settings:
    """How a device is to be opened; sizes in bytes, ``timeout`` in seconds (0: none)."""

    dispatch: DispatchMode
    isolation: Isolation = Isolation.AUTO
    timeout: float = 0.0
    root: Path | None = None
    num_queues: int = 1
    l1_small_size: int = 0
    trace_region_size: int = 0
    worker_l1_size: int = 0

    @classmethod
    def read(cls, options: Mapping[str, str]) -> Settings:
        """Read the options' texts.

        Raises:
            SelectionError: a value is not understood.
        """
        slow = bool(os.environ.get(SLOW_VARIABLE))
        root = options.get("root") or os.environ.get(ROOT_VARIABLE)
        return cls(
            dispatch=_enum(DispatchMode, options, "dispatch", DispatchMode.SLOW if slow else DispatchMode.FAST),
            isolation=_enum(Isolation, options, "isolate", Isolation.AUTO),
            timeout=_number(options, "timeout", _SIMULATOR_TIMEOUT if target() is Target.SIMULATOR else 0.0),
            root=Path(root).expanduser().absolute() if root else None,
            num_queues=_count(options, "num_command_queues", 1),
            l1_small_size=_count(options, "l1_small_size", 0),
            trace_region_size=_count(options, "trace_region_size", 0),
            worker_l1_size=_count(options, "worker_l1_size", 0),
        )

    @property
    def isolated(self) -> bool:
        """Whether the options and the target ask for a process of its own."""
        if self.isolation is Isolation.AUTO:
            return target() is Target.SIMULATOR
        return self.isolation is Isolation.YES

    def environment(self, root: Path | None) -> dict[str, str]:
        """Return the variables that the library has to see, without those that are unset."""
        values = {name: os.environ.get(name, "") for name in FROZEN_VARIABLES}
        values[SLOW_VARIABLE] = "1" if self.dispatch is DispatchMode.SLOW else ""
        values[ROOT_VARIABLE] = str(root) if root else ""
        if self.timeout and not values[TIMEOUT_VARIABLE]:
            values[TIMEOUT_VARIABLE] = str(self.timeout)
        # Everything the library logs as an error it also throws; its log would say it a second time.
        values[LOG_VARIABLE] = os.environ.get(LOG_VARIABLE) or "off"
        return {name: value for name, value in values.items() if value}


_Member = TypeVar("_Member", bound=Enum)


def _enum(kind: type[_Member], options: Mapping[str, str], key: str, default: _Member) -> _Member:
    try:
        return kind(options[key]) if key in options else default
    except ValueError:
        names = ", ".join(str(member.value) for member in kind)
        raise SelectionError(f"metal option {key}={options[key]!r} is not one of {names}") from None


def _number(options: Mapping[str, str], key: str, default: float) -> float:
    try:
        value = float(options.get(key, default))
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise SelectionError(f"metal option {key}={options[key]!r} is not a number from 0; it is {OPTION_HELP[key]}")
    return value


def _count(options: Mapping[str, str], key: str, default: int) -> int:
    text = options.get(key, str(default))
    if not text.isdecimal():
        raise SelectionError(f"metal option {key}={text!r} is not a whole number from 0")
    return int(text)
