"""The options of the selection string, and the environment of the vendor's library that they and the user decide."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tthal.kit.options import DeviceOptions, choice, computed_option, number, option, path
from tthal.types import DispatchMode


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


def _dispatch() -> DispatchMode:
    return DispatchMode.SLOW if os.environ.get(SLOW_VARIABLE) else DispatchMode.FAST


def _timeout() -> float:
    return _SIMULATOR_TIMEOUT if target() is Target.SIMULATOR else 0.0


def _root() -> Path | None:
    return Path(os.environ[ROOT_VARIABLE]).expanduser() if os.environ.get(ROOT_VARIABLE) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(DeviceOptions):
    """How a device is to be opened; sizes in bytes, ``timeout`` in seconds."""

    dispatch: DispatchMode = computed_option(
        choice(DispatchMode), _dispatch, "who dispatches, as on the card", unset=f"what {SLOW_VARIABLE} says, else fast"
    )
    isolate: Isolation = option(
        choice(Isolation),
        Isolation.AUTO,
        "yes drives the device from a process of its own, which may crash or hang; no from this one, which is faster; "
        "auto takes yes for a simulator, no for a card",
    )
    timeout: float = computed_option(
        number(0), _timeout, "seconds that one call may take; 0 is no limit", unset="0, for a simulator 600"
    )
    root: Path | None = computed_option(
        path(),
        _root,
        "the runtime root with device headers and firmware",
        unset=f"{ROOT_VARIABLE}, else the library's own",
    )

    @property
    def isolated(self) -> bool:
        """Whether the options and the target ask for a process of its own."""
        if self.isolate is Isolation.AUTO:
            return target() is Target.SIMULATOR
        return self.isolate is Isolation.YES

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
