"""The fixtures that the vendor's unit tests take, for one device; those for several skip."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

import tthal

_OPENING = ("l1_small_size", "trace_region_size", "num_command_queues", "worker_l1_size")


@pytest.fixture
def reset_seeds() -> None:
    """Seed Python's, numpy's and torch's random numbers."""
    random.seed(213919)
    np.random.seed(213919)
    try:
        import torch
    except ModuleNotFoundError:
        return
    torch.manual_seed(213919)


@pytest.fixture
def function_level_defaults(reset_seeds: None) -> None:
    """Seed random numbers."""


@pytest.fixture
def is_ci_env() -> bool:
    """Whether this runs in continuous integration."""
    return os.environ.get("CI") == "true"


@pytest.fixture
def device_params(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What a test parametrizes its device with."""
    return dict(getattr(request, "param", {}))


@pytest.fixture
def device(request: pytest.FixtureRequest, device_params: dict[str, Any]) -> Iterator[tthal.Device]:
    """An open device, the default one; closed at the end."""
    yield from _opened(device_params, 0)


@pytest.fixture
def mesh_device(request: pytest.FixtureRequest, device_params: dict[str, Any]) -> Iterator[tthal.Device]:
    """A mesh of one device; a test that asks for a larger one skips."""
    shape = getattr(request, "param", 1)
    numbers = shape if isinstance(shape, Sequence) else (shape,)
    if any(number != 1 for number in numbers if isinstance(number, int)):
        pytest.skip(f"needs a mesh of {shape} devices; tthal runs programs on one")
    yield from _opened(device_params, 0)


def _opened(parameters: dict[str, Any], device_id: int) -> Iterator[tthal.Device]:
    if parameters.get("fabric_config") is not None:
        pytest.skip("needs the fabric between devices; tthal runs programs on one")
    config = parameters.get("dispatch_core_config")
    axis = parameters.get("dispatch_core_axis")
    if config is None and axis is not None:
        config = tthal.DispatchCoreConfig(axis=axis)
    sizes = {name: parameters[name] for name in _OPENING if name in parameters}
    with tthal.open_device(device_id, dispatch_core_config=config, **sizes) as opened:
        before = tthal.GetDefaultDevice()
        tthal.SetDefaultDevice(opened)
        try:
            yield opened
        finally:
            tthal.SetDefaultDevice(before)


@pytest.fixture
def silicon_arch_name() -> str:
    """The chip generation at hand."""
    return tthal.get_arch_name()


@pytest.fixture
def silicon_arch_wormhole_b0(silicon_arch_name: str) -> None:
    """Skip elsewhere than on Wormhole."""
    if silicon_arch_name != "wormhole_b0":
        pytest.skip("only for Wormhole")


@pytest.fixture
def silicon_arch_blackhole(silicon_arch_name: str) -> None:
    """Skip elsewhere than on Blackhole."""
    if silicon_arch_name != "blackhole":
        pytest.skip("only for Blackhole")


@pytest.fixture(autouse=True)
def check_requires_grid_size(request: pytest.FixtureRequest) -> None:
    """Skip a test marked ``requires_grid_size((columns, rows))`` or ``(cores)`` when its device's grid is smaller."""
    marker = request.node.get_closest_marker("requires_grid_size")
    if marker is None or not marker.args:
        return
    name = next((name for name in ("mesh_device", "device") if name in request.fixturenames), None)
    if name is None:
        pytest.skip("requires_grid_size asks of device or mesh_device, and the test takes neither")
    grid, wanted = request.getfixturevalue(name).compute_with_storage_grid_size(), marker.args[0]
    enough = grid.x >= wanted[0] and grid.y >= wanted[1] if isinstance(wanted, tuple) else grid.x * grid.y >= wanted
    if not enough:
        pytest.skip(f"needs a grid of {wanted} cores; there is {grid.x} x {grid.y}")


@pytest.fixture
def use_program_cache() -> None:
    """Do nothing: loaded programs are always kept."""


@pytest.fixture
def ensure_gc() -> None:
    """Do nothing: what is dropped is freed when its memory is wanted."""


def _several_devices() -> None:
    pytest.skip("needs several devices; tthal runs programs on one")


t3k_mesh_device = pytest.fixture(name="t3k_mesh_device")(lambda: _several_devices())
t3k_single_board_mesh_device = pytest.fixture(name="t3k_single_board_mesh_device")(lambda: _several_devices())
pcie_mesh_device = pytest.fixture(name="pcie_mesh_device")(lambda: _several_devices())
all_devices = pytest.fixture(name="all_devices")(lambda: _several_devices())
pcie_devices = pytest.fixture(name="pcie_devices")(lambda: _several_devices())
bh_1d_mesh_device = pytest.fixture(name="bh_1d_mesh_device")(lambda: _several_devices())
bh_2d_mesh_device = pytest.fixture(name="bh_2d_mesh_device")(lambda: _several_devices())
