"""Asking for the chip at hand, and marks that skip tests by it."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


@cache
def _arch() -> str:
    from tthal.default_device import get_arch_name

    return get_arch_name()


def is_wormhole_b0() -> bool:
    """Whether the device at hand is a Wormhole."""
    return _arch() == "wormhole_b0"


def is_blackhole() -> bool:
    """Whether the device at hand is a Blackhole."""
    return _arch() == "blackhole"


def is_grayskull() -> bool:
    """Whether the device at hand is a Grayskull: never."""
    return False


def is_single_chip() -> bool:
    """Whether there is one device."""
    return True


def is_slow_dispatch() -> bool:
    """Whether the vendor's variable asks for slow dispatch."""
    return os.environ.get("TT_METAL_SLOW_DISPATCH_MODE", "") not in ("", "0")


def is_watcher_enabled() -> bool:
    """Whether the vendor's variable turns its watcher on."""
    return bool(os.environ.get("TT_METAL_WATCHER"))


def _skip(condition: bool, reason: str) -> pytest.MarkDecorator:
    import pytest

    return pytest.mark.skipif(condition, reason=reason)


def skip_for_blackhole(reason_str: str = "not for Blackhole") -> pytest.MarkDecorator:
    """Skip a test on Blackhole."""
    return _skip(is_blackhole(), reason_str)


def skip_for_wormhole_b0(reason_str: str = "not for Wormhole") -> pytest.MarkDecorator:
    """Skip a test on Wormhole."""
    return _skip(is_wormhole_b0(), reason_str)


def skip_for_grayskull(reason_str: str = "not for Grayskull") -> pytest.MarkDecorator:
    """Skip a test on Grayskull, which is never."""
    return _skip(False, reason_str)


def run_for_blackhole(reason_str: str = "only for Blackhole") -> pytest.MarkDecorator:
    """Skip a test everywhere but on Blackhole."""
    return _skip(not is_blackhole(), reason_str)


def run_for_wormhole_b0(reason_str: str = "only for Wormhole") -> pytest.MarkDecorator:
    """Skip a test everywhere but on Wormhole."""
    return _skip(not is_wormhole_b0(), reason_str)


def run_for_grayskull(reason_str: str = "only for Grayskull") -> pytest.MarkDecorator:
    """Skip a test: it is for a chip that is no longer supported."""
    return _skip(True, reason_str)


def skip_for_slow_dispatch(reason_str: str = "not for slow dispatch") -> pytest.MarkDecorator:
    """Skip a test in slow dispatch mode."""
    return _skip(is_slow_dispatch(), reason_str)


def skip_with_watcher(reason_str: str = "not with the watcher") -> pytest.MarkDecorator:
    """Skip a test with the vendor's watcher."""
    return _skip(is_watcher_enabled(), reason_str)


def run_for_n_dev(n: int, reason_str: str = "for another number of devices") -> pytest.MarkDecorator:
    """Skip a test unless there are ``n`` devices; there is one."""
    return _skip(n != 1, reason_str)


def skip_for_n_dev(n: int, reason_str: str = "for another number of devices") -> pytest.MarkDecorator:
    """Skip a test if there are ``n`` devices; there is one."""
    return _skip(n == 1, reason_str)


def skip_for_n_or_less_dev(n: int, reason_str: str = "for more devices") -> pytest.MarkDecorator:
    """Skip a test if there are ``n`` devices at most; there is one."""
    return _skip(n >= 1, reason_str)
