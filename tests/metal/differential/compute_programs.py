"""Random small compute kernels: an operation of the matrix unit on a few tiles, in a mixture of formats.

A case is plain data, so that it travels to another process, is printed, and is shrunk.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

import tthal as ttnn
from tthal.tiles import encode

F = ttnn.DataFormat
TILE = 1024
OUT, UNUSED = 16, 31
CORE = ttnn.CoreCoord(0, 0)

_FAMILIES = (("Float16",), ("Float16_b", "Bfp8_b", "Bfp4_b"))
"""Formats that go together; the simulated cards know no other block floats."""
_PAGE = {
    "Float32": 4096, "Float16": 2048, "Float16_b": 2048, "Bfp8": 1088, "Bfp8_b": 1088, "Bfp4": 576, "Bfp4_b": 576,
    "Bfp2": 320, "Bfp2_b": 320,
}  # fmt: skip

# Names that the vendor's 0.81.1 and tthal share.
_BODIES = {
    "copy": ("compute_kernel_hw_startup(0, 16); copy_init(0);", "copy_tile(0, t, 0);", 1),
    "add": ("compute_kernel_hw_startup(0, 1, 16); add_init(0, 1);", "add_tiles(0, 1, t, t, 0);", 2),
    "sub": ("compute_kernel_hw_startup(0, 1, 16); sub_init(0, 1);", "sub_tiles(0, 1, t, t, 0);", 2),
    "mul": ("compute_kernel_hw_startup(0, 1, 16); mul_init(0, 1);", "mul_tiles(0, 1, t, t, 0);", 2),
    "matmul": (
        "compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16); matmul_init(0, 1);",
        "for (uint32_t k = 0; k < TILES; ++k) matmul_tiles(0, 1, k, t, 0);", 2,
    ),
}  # fmt: skip
OPERATIONS = tuple(_BODIES)

_INCLUDES = "\n".join(
    f'#include "api/compute/{name}.h"'
    for name in ("common", "compute_kernel_hw_startup", "tile_move_copy", "pack", "eltwise_binary", "matmul")
)
_READER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    for (uint32_t k = 0; k < get_arg_val<uint32_t>(0); ++k) {
        const uint32_t bytes = get_tile_size(k) * TILES;
        cb_reserve_back(k, TILES);
        noc_async_read(get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(1 + k)), get_write_ptr(k), bytes);
        noc_async_read_barrier();
        cb_push_back(k, TILES);
    }
}
"""
_WRITER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    cb_wait_front(16, TILES);
    const uint32_t bytes = get_tile_size(16) * TILES;
    noc_async_write(get_read_ptr(16), get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0)), bytes);
    noc_async_write_barrier();
    cb_pop_front(16, TILES);
}
"""


@dataclass(frozen=True)
class ComputeCase:
    """One compute kernel: what it does, with which formats, and from which seed its operands come."""

    operation: str
    inputs: tuple[str, ...]
    output: str
    unused: str
    fp32_dest: bool
    fidelity: str
    tiles: int
    values: str
    seed: int

    def __str__(self) -> str:
        formats = f"{' and '.join(self.inputs)} to {self.output}" + (f" beside {self.unused}" if self.unused else "")
        dest = 32 if self.fp32_dest else 16
        how = f"{self.tiles} tiles, {dest}-bit DST, {self.fidelity}, {self.values} values"
        return f"{self.operation} of {formats}, {how}, seed {self.seed}"

    def source(self) -> str:
        """Return the compute kernel."""
        init, step, _ = _BODIES[self.operation]
        waits = "".join(f"cb_wait_front({k}, TILES); " for k in range(len(self.inputs)))
        return f"""{_INCLUDES}
void kernel_main() {{
    {init}
    {waits}cb_reserve_back(16, TILES);
    for (uint32_t t = 0; t < TILES; ++t) {{
        tile_regs_acquire();
        {step}
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
    }}
    cb_push_back(16, TILES);
}}
"""

    def operands(self) -> list[np.ndarray]:
        """Return the bytes of each input."""
        rng = np.random.default_rng(self.seed)
        return [_bytes(rng, each, self.values, self.tiles) for each in self.inputs]

    def run(self, device: ttnn.Device) -> bytes:
        """Run it; return the bytes of the output tiles."""
        program, queue = ttnn.CreateProgram(), device.command_queue()
        made = [_buffer(device, each, self.tiles) for each in (*self.inputs, self.output)]
        sources, target = made[:-1], made[-1]
        unused = [(UNUSED, self.unused)] if self.unused else []
        for index, name in (*enumerate(self.inputs), (OUT, self.output), *unused):
            page = _PAGE[name]
            config = ttnn.CircularBufferConfig(self.tiles * page, {index: F[name]}).set_page_size(index, page)
            ttnn.CreateCircularBuffer(program, CORE, config)
        defines = {"TILES": str(self.tiles)}
        settings = ttnn.ComputeConfig(
            math_fidelity=ttnn.MathFidelity[self.fidelity], fp32_dest_acc_en=self.fp32_dest, defines=defines
        )
        reader = ttnn.CreateKernelFromString(program, _READER, CORE, ttnn.ReaderDataMovementConfig(defines=defines))
        ttnn.CreateKernelFromString(program, self.source(), CORE, settings)
        writer = ttnn.CreateKernelFromString(program, _WRITER, CORE, ttnn.WriterDataMovementConfig(defines=defines))
        ttnn.SetRuntimeArgs(program, reader, CORE, [len(sources), *(source.address() for source in sources)])
        ttnn.SetRuntimeArgs(program, writer, CORE, [target.address()])
        for source, data in zip(sources, self.operands(), strict=True):
            ttnn.EnqueueWriteBuffer(queue, source, data)
        ttnn.EnqueueProgram(queue, program, blocking=True)
        return bytes(ttnn.EnqueueReadBuffer(queue, target))

    def smaller(self) -> Iterator[ComputeCase]:
        """Return simpler cases, the most telling first."""
        if self.unused:
            yield replace(self, unused="")
        if self.tiles > 1:
            yield replace(self, tiles=1)
        if self.values != "plain":
            yield replace(self, values="plain")
        if self.fidelity != "HiFi4":
            yield replace(self, fidelity="HiFi4")
        if self.operation != "copy":
            yield replace(self, operation="copy", inputs=self.inputs[:1])
        for place, name in enumerate(self.inputs):
            for simple in ("Float16_b", "Float16", "Float32"):
                if name != simple and _PAGE[simple] >= _PAGE[name]:
                    yield replace(self, inputs=(*self.inputs[:place], simple, *self.inputs[place + 1 :]))


def draw(random_: random.Random) -> ComputeCase:
    """Draw a case that the vendor's build takes."""
    family = (*random_.choice(_FAMILIES), "Float32")
    operation = random_.choice(OPERATIONS)
    inputs = tuple(random_.choice(family) for _ in range(_BODIES[operation][2]))
    return ComputeCase(
        operation,
        inputs,
        random_.choice(family),
        random_.choice((*family, "", "", "")),
        random_.random() < 0.5,
        random_.choice(("LoFi", "HiFi2", "HiFi3", "HiFi4")),
        random_.randint(1, 3),
        random_.choice(("plain", "plain", "spread", "integers", "zeros")),
        random_.randrange(1 << 31),
    )


def _buffer(device: ttnn.Device, name: str, tiles: int) -> ttnn.Buffer:
    size = tiles * _PAGE[name]
    return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, size, size, ttnn.BufferType.DRAM))


def _bytes(rng: np.random.Generator, name: str, kind: str, tiles: int) -> np.ndarray:
    """Return tiles of a format with numbers of a kind, none of them an infinity or NaN in the format."""
    count = tiles * TILE
    numbers = rng.standard_normal(count)
    if kind == "spread":
        numbers = np.ldexp(numbers, rng.integers(-9, 10, count))
    elif kind == "integers":
        numbers = rng.integers(-64, 65, count).astype(np.float64)
    elif kind == "zeros":
        numbers = np.where(rng.random(count) < 0.3, np.copysign(0.0, numbers), numbers)
    if name.startswith("Bfp"):
        return ttnn.pack_tiles(numbers.reshape(32 * tiles, 32), F[name])
    return encode(numbers, F[name])
