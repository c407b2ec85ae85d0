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
from tthal_conformance.compute_bench import ComputeBench, Tensor

from .compute_operations import HEADERS, OPERATIONS, Form, Operation

F = ttnn.DataFormat
TILE = 1024
OUT, UNUSED = 16, 31

_FAMILIES = (("Float16",), ("Float16_b", "Bfp8_b", "Bfp4_b"))
"""Formats that go together; the simulated cards know no other block floats."""
_INTEGERS = {"UInt16": np.uint16}
"""32-bit integers do not go by way of SrcA, and the simulated cards know no other way."""
_PAGE = {
    "Float32": 4096, "Float16": 2048, "Float16_b": 2048, "Bfp8_b": 1088, "Bfp4_b": 576,
    "UInt16": 2048,
}  # fmt: skip
_EXPONENTS = {"Float16": (-24, 14)}
_KINDS = ("plain", "spread", "integers", "zeros", "extremes")
_VARIATIONS = 4
"""Cases of one build: only the values differ, so that compiling is not all that a comparison does."""


@dataclass(frozen=True)
class ComputeCase:
    """One compute kernel: what it does, with which formats, and from which seed its operands come.

    Attributes:
        depth: pages of the buffers; with fewer than there are tiles, the kernel takes them one by one.
        dest: the tile of DST that is used.
    """

    operation: str
    inputs: tuple[str, ...]
    output: str
    unused: str
    fp32_dest: bool
    fidelity: str
    tiles: int
    depth: int
    dest: int
    values: str
    seed: int

    def __str__(self) -> str:
        formats = f"{' and '.join(self.inputs)} to {self.output}" + (f" beside {self.unused}" if self.unused else "")
        how = f"{self.tiles} tiles by {self.depth}, {32 if self.fp32_dest else 16}-bit DST {self.dest}, {self.fidelity}"
        return f"{self.operation} of {formats}, {how}, {self.values} values, seed {self.seed}"

    @property
    def of(self) -> Operation:
        """The operation."""
        return OPERATIONS[self.operation]

    @property
    def ground(self) -> tuple[object, ...]:
        """What decides whether a simulator models the case."""
        return (self.operation, self.inputs, self.output, self.fp32_dest)

    def source(self) -> str:
        """Return the compute kernel."""
        includes = "\n".join(f'#include "api/compute/{name}.h"' for name in HEADERS)
        body = self._block() if self.of.form is Form.BLOCK else self._loop()
        return f"{includes}\nvoid kernel_main() {{\n    constexpr uint32_t D = {self.dest};\n{body}}}\n"

    def _for_inputs(self, call: str, pages: str) -> str:
        return " ".join(f"{call}({k}, {pages});" for k in range(len(self.inputs)))

    def _block(self) -> str:
        return f"""    {self.of.init}
    {self._for_inputs("cb_wait_front", "TILES")}
    cb_reserve_back(16, TILES);
    {self.of.step}
    cb_push_back(16, TILES);
    {self._for_inputs("cb_pop_front", "TILES")}
"""

    def _loop(self) -> str:
        one_by_one = self.depth < self.tiles
        first = "" if one_by_one else self._for_inputs("cb_wait_front", "TILES")
        each = (
            (self._for_inputs("cb_wait_front", "1"), self._for_inputs("cb_pop_front", "1")) if one_by_one else ("", "")
        )
        return f"""    {self.of.init}
    {first}
    for (uint32_t t = 0; t < RESULTS; ++t) {{
        const uint32_t I = {"0" if one_by_one else "t"};
        {each[0]}
        tile_regs_acquire();
        {self.of.step}
        tile_regs_commit();
        {each[1]}
        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(D, 16);
        tile_regs_release();
        cb_push_back(16, 1);
    }}
"""

    def operands(self) -> list[np.ndarray]:
        """Return the bytes of each input."""
        rng = np.random.default_rng(self.seed)
        found = [_bytes(rng, each, self.values, self.tiles) for each in self.inputs]
        if self.of.scaler:
            factor = 1.0 if self.of.scaler == "one" else float(rng.choice((1.0, 0.5, 1 / 32, 1 / 3, -1.25)))
            found[1] = _encoded(np.full(self.tiles * TILE, factor), self.inputs[1])
        return found

    def run(self, device: ttnn.Device) -> bytes:
        """Run it; return the bytes of the output tiles."""
        results = 1 if self.of.form is Form.ONE else self.tiles
        inputs = [
            Tensor(index, F[name], data.view(np.uint8).reshape(self.tiles, _PAGE[name]), depth=self.depth)
            for index, (name, data) in enumerate(zip(self.inputs, self.operands(), strict=True))
        ]
        output = Tensor(OUT, F[self.output], np.zeros((results, _PAGE[self.output]), np.uint8), depth=self.depth)
        unused = {UNUSED: (F[self.unused], _PAGE[self.unused], self.depth)} if self.unused else {}
        settings = {
            "math_fidelity": ttnn.MathFidelity[self.fidelity],
            "fp32_dest_acc_en": self.fp32_dest,
            "defines": {"TILES": str(self.tiles), "RESULTS": str(results)},
        }
        (found,) = ComputeBench(device).run(self.source(), inputs, [output], scratch=unused, **settings)
        return found.tobytes()

    def smaller(self) -> Iterator[ComputeCase]:
        """Return simpler cases, the most telling first."""
        if self.unused:
            yield replace(self, unused="")
        if self.tiles > 1:
            yield replace(self, tiles=1, depth=1)
        if self.depth < self.tiles:
            yield replace(self, depth=self.tiles)
        if self.dest:
            yield replace(self, dest=0)
        if self.values != "plain":
            yield replace(self, values="plain")
        if self.fidelity != "HiFi4":
            yield replace(self, fidelity="HiFi4")
        if self.operation != "copy" and not self.of.rows_in:
            yield replace(self, operation="copy", inputs=self.inputs[:1])
        for place, name in enumerate(self.inputs):
            for simple in ("Float16_b", "Float16", "Float32"):
                if name not in _INTEGERS and name != simple and _PAGE[simple] >= _PAGE[name]:
                    yield replace(self, inputs=(*self.inputs[:place], simple, *self.inputs[place + 1 :]))


def draw(random_: random.Random) -> Iterator[ComputeCase]:
    """Draw cases that the vendor's build takes, some of each build."""
    while True:
        build = _draw_build(random_)
        kinds = random_.sample(_KINDS, _VARIATIONS)
        yield from (replace(build, values=kind, seed=random_.randrange(1 << 31)) for kind in kinds)


def _draw_build(random_: random.Random) -> ComputeCase:
    name = random_.choice(tuple(OPERATIONS))
    of = OPERATIONS[name]
    family: tuple[str, ...] = (*random_.choice(_FAMILIES), "Float32")
    inputs = tuple(_choice(random_, family, of.rows_in) for _ in range(of.inputs))
    output = _choice(random_, family, of.rows_out)
    fp32_dest = random_.random() < 0.5
    if of.integers and random_.random() < 0.5:
        family = (random_.choice(tuple(_INTEGERS)),)
        inputs, output = family, family[0]
    tiles = random_.randint(1, 4)
    streams = of.form is Form.EACH and random_.random() < 0.5
    return ComputeCase(
        name,
        inputs,
        output,
        random_.choice((*family, "", "", "")),
        fp32_dest,
        random_.choice(("LoFi", "HiFi2", "HiFi3", "HiFi4")),
        tiles,
        random_.randint(1, tiles) if streams else tiles,
        0 if of.form is Form.BLOCK else random_.randrange(4),
        "plain",
        0,
    )


def _choice(random_: random.Random, family: tuple[str, ...], rows: bool) -> str:
    return random_.choice([name for name in family if not (rows and name.startswith("Bfp"))])


def _bytes(rng: np.random.Generator, name: str, kind: str, tiles: int) -> np.ndarray:
    """Return tiles of a format with numbers of a kind, none of them an infinity or NaN in the format."""
    count = tiles * TILE
    if name in _INTEGERS:
        limits = np.iinfo(_INTEGERS[name])
        low, high = (max(limits.min, -64), 64) if kind in ("plain", "integers") else (limits.min, int(limits.max))
        return rng.integers(low, high, count, _INTEGERS[name], endpoint=True).view(np.uint8)
    numbers = rng.standard_normal(count)
    if kind == "spread":
        numbers = np.ldexp(numbers, rng.integers(-9, 10, count))
    elif kind == "integers":
        numbers = rng.integers(-64, 65, count).astype(np.float64)
    elif kind == "zeros":
        numbers = np.where(rng.random(count) < 0.3, np.copysign(0.0, numbers), numbers)
    elif kind == "extremes":
        low, high = _EXPONENTS.get(name, (-60, 60))
        numbers = np.ldexp(rng.uniform(1, 2, count) * rng.choice((-1.0, 1.0), count), rng.integers(low, high, count))
    return _encoded(numbers, name)


def _encoded(numbers: np.ndarray, name: str) -> np.ndarray:
    if name.startswith("Bfp"):
        return ttnn.pack_tiles(numbers.reshape(-1, 32), F[name])
    return encode(numbers, F[name])
