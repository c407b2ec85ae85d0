"""A bench for the vector unit: bit patterns straight into DST, a few statements, patterns straight out of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn

Tiles = npt.NDArray[np.uint32]
CORE = ttnn.CoreCoord(0, 0)
BASE = 0x80000
TILE_WORDS = 32 * 32

KERNEL = """
#include "api/compute/compute_kernel_api.h"
#include "api/compute/eltwise_unary/eltwise_unary.h"
{head}
static void load() {{
    for (uint32_t i = 0; i < get_arg_val<uint32_t>(1); i++)
        __builtin_memcpy(tthal::tensix::math_tile(i), (const uint32_t*)get_arg_val<uint32_t>(0) + i * 1024, 4096);
}}
static void keep(uint32_t section) {{
    const uint32_t count = get_arg_val<uint32_t>(3);
    uint32_t* to = (uint32_t*)get_arg_val<uint32_t>(2) + section * count * 1024;
    for (uint32_t i = 0; i < count; i++) __builtin_memcpy(to + i * 1024, tthal::tensix::math_tile(i), 4096);
}}
void kernel_main() {{
    tile_regs_acquire();
    {sections}
    tile_regs_commit();
    tile_regs_wait();
    tile_regs_release();
}}
"""


class Lanes:
    """Runs statements on DST tiles of core (0, 0)."""

    def __init__(self, device: ttnn.Device) -> None:
        self.device = device

    def run_each(
        self, head: str, bodies: Sequence[str], inputs: Any, outputs: int = 1, wide: bool = True, **config: Any
    ) -> Tiles:
        """Return DST tiles 0 .. outputs-1 after each body, uint32 (bodies, outputs, 32, 32).

        Every body finds the inputs' patterns in DST tiles 0, 1 ...; ``head`` stands before ``kernel_main``.
        """
        tiles = np.ascontiguousarray(inputs).view(np.uint32).reshape(-1, 32, 32)
        ttnn.WriteToDeviceL1(self.device, CORE, BASE, tiles.tobytes())
        target = BASE + tiles.nbytes
        sections = "\n".join(f"load();\n{{ {body} }}\nkeep({i});" for i, body in enumerate(bodies))
        program = ttnn.CreateProgram()
        settings = ttnn.ComputeConfig(fp32_dest_acc_en=wide, dst_full_sync_en=True, **config)
        source = KERNEL.format(head=head, sections=sections)
        kernel = ttnn.CreateKernelFromString(program, source, CORE, settings)
        ttnn.SetRuntimeArgs(program, kernel, CORE, [BASE, len(tiles), target, outputs])
        ttnn.EnqueueProgram(self.device.command_queue(), program, blocking=True)
        data = ttnn.ReadFromDeviceL1(self.device, CORE, target, len(bodies) * outputs * 4 * TILE_WORDS)
        return np.frombuffer(bytes(data), np.uint32).reshape(len(bodies), outputs, 32, 32)

    def run(self, head: str, body: str, inputs: Any, outputs: int = 1, **settings: Any) -> Tiles:
        """The same for one body, uint32 (outputs, 32, 32)."""
        result: Tiles = self.run_each(head, [body], inputs, outputs, **settings)[0]
        return result

    def floats(self, head: str, body: str, inputs: Any, outputs: int = 1, **settings: Any) -> npt.NDArray[np.float32]:
        """The same, with float32 in and out."""
        return self.run(head, body, np.asarray(inputs, np.float32), outputs, **settings).view(np.float32)


@pytest.fixture(scope="session")
def lanes() -> Iterator[Lanes]:
    """A bench on one Wormhole device, in the fast grade: functions are float32."""
    with ttnn.open_device(0, backend="emulator?numerics=fast&check=off") as device:
        yield Lanes(device)


@pytest.fixture(scope="session")
def blackhole() -> Iterator[Lanes]:
    """The same on a Blackhole device."""
    with ttnn.open_device(0, backend="emulator:p150?numerics=fast&check=off") as device:
        yield Lanes(device)


@pytest.fixture(scope="module", params=["n150", "p150"])
def exact_lanes(request: pytest.FixtureRequest) -> Iterator[Lanes]:
    """A bench on each chip in the exact grade."""
    with ttnn.open_device(0, backend=f"emulator:{request.param}?numerics=exact") as device:
        yield Lanes(device)


@pytest.fixture
def ramp() -> Callable[..., npt.NDArray[np.float32]]:
    """Return a tile of evenly spaced numbers, every one at another place."""

    def make(low: float, high: float, shape: Sequence[int] = (32, 32)) -> npt.NDArray[np.float32]:
        return np.linspace(low, high, int(np.prod(shape)), dtype=np.float32).reshape(shape)

    return make
