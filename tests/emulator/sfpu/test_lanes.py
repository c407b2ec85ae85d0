"""Multiply-add, sums, products and comparisons of the exact vector unit, against unbounded integers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
from multiply_add_definition import multiply_add

import tthal as ttnn

U32 = npt.NDArray[np.uint32]
CORE, BASE, COUNT = ttnn.CoreCoord(0, 0), 0x80000, 8192
RESULTS = ("mad", "add", "mul", "plus 1", "plus -2.75", "less", "greater")
ONE, MINUS_ONE, CONSTANT = 0x3F800000, 0xBF800000, 0xC0300000
NEAR_LIMITS = np.array(
    [0, 0x80000000, 1, 0x80000001, 0x7FFFFF, 0x800000, 0x80800000, 0x800001, 0x7F7FFFFF, ONE, MINUS_ONE], np.uint32
)
KERNEL = """
#include "tthal/vector/exact/numbers.h"
using namespace tthal::exact;
void kernel_main() {
    const uint32_t count = get_arg_val<uint32_t>(1);
    const F* in = (const F*)get_arg_val<uint32_t>(0);
    const uint32_t groups = count / WIDTH;
    F* out = (F*)(in + 3 * groups);
    for (uint32_t i = 0; i < groups; i++) {
        const F x = in[i], y = in[groups + i], z = in[2 * groups + i];
        const N a = x, b = y;
        const F results[] = {F(mad(x, y, z)),      F(add(x, y)),      F(mul(x, y)),       F(a * b + 1.0f),
                             F(a * b + -2.75f), truth(less(x, y)), truth(greater(x, y))};
        for (uint32_t which = 0; which < 7; which++) out[which * groups + i] = results[which];
    }
}
"""


def patterns(rng: np.random.Generator) -> U32:
    """Numbers near 1, of all exponents, with short fractions, and at the limits of the format; none infinite or NaN."""
    random = rng.integers(0, 2**32, COUNT, dtype=np.uint64).astype(np.uint32)
    sign, fraction = random & 0x80000000, random & 0x7FFFFF

    def exponents(low: int, high: int) -> U32:
        return rng.integers(low, high, COUNT).astype(np.uint32) << 23

    short = fraction & np.left_shift(np.uint32(0x7FFFFF), rng.integers(0, 23, COUNT).astype(np.uint32))
    near, middle, any_exponent = exponents(124, 131), exponents(107, 147), exponents(0, 255)
    kinds = [sign | near | fraction, sign | middle | fraction, sign | near | short, sign | any_exponent | fraction]
    return np.select([rng.integers(0, 5, COUNT) == kind for kind in range(4)], kinds, rng.choice(NEAR_LIMITS, COUNT))


def triples(seed: int) -> U32:
    """(3, COUNT) patterns; a third of the addends nearly cancel their products, so do the constants with another."""
    rng = np.random.default_rng(seed)
    x, y, z = patterns(rng), patterns(rng), patterns(rng)
    with np.errstate(all="ignore"):
        quotient = rng.choice(np.float32([-1, 2.75]), COUNT) * rng.normal(1, 2.0 ** rng.integers(-24, 0, COUNT))
        opposite = (quotient.astype(np.float32) / x.view(np.float32)).view(np.uint32)
        usable = (opposite & 0x7F800000 != 0x7F800000) & (rng.integers(0, 3, COUNT) == 0)
        y = np.where(usable, opposite, y)
        cancelling = (x.view(np.float32) * y.view(np.float32)).view(np.uint32) ^ np.uint32(0x80000000)
    cancelling = cancelling + rng.integers(-4, 5, COUNT).astype(np.uint32)
    usable = (cancelling & 0x7F800000 != 0x7F800000) & (rng.integers(0, 3, COUNT) == 0)
    return np.stack([x, y, np.where(usable, cancelling, z)])


def rank(pattern: int) -> int:
    """The place of a pattern among signed magnitudes."""
    return -(pattern & 0x7FFFFFFF) - 1 if pattern >> 31 else pattern


def expected(x: int, y: int, z: int, blackhole: bool) -> tuple[int, ...]:
    apart = multiply_add(MINUS_ONE, y, x, blackhole)
    less = rank(x) < rank(y) if blackhole else bool(apart >> 31)
    greater = rank(x) > rank(y) if blackhole else not apart >> 31 and apart != 0
    sums = ((x, y, z), (ONE, x, y), (x, y, 0), (x, y, ONE), (x, y, CONSTANT))
    return (*(multiply_add(*three, blackhole) for three in sums), ONE * less, ONE * greater)


@pytest.fixture(scope="module", params=["n150", "p150"])
def device(request: pytest.FixtureRequest) -> Iterator[ttnn.Device]:
    with ttnn.open_device(0, backend=f"emulator:{request.param}?numerics=exact") as device:
        yield device


@pytest.mark.parametrize("seed", range(2))
def test_lanes_follow_the_definition(device: ttnn.Device, seed: int) -> None:
    operands = triples(seed)
    ttnn.WriteToDeviceL1(device, CORE, BASE, operands.tobytes())
    program = ttnn.CreateProgram()
    kernel = ttnn.CreateKernelFromString(program, KERNEL, CORE, ttnn.ComputeConfig())
    ttnn.SetRuntimeArgs(program, kernel, CORE, [BASE, COUNT])
    ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
    raw = bytes(ttnn.ReadFromDeviceL1(device, CORE, BASE + operands.nbytes, len(RESULTS) * COUNT * 4))
    got = np.frombuffer(raw, np.uint32).reshape(len(RESULTS), COUNT)
    blackhole = device.properties.arch.name == "BLACKHOLE"
    wanted = np.array([expected(*map(int, triple), blackhole) for triple in operands.T], np.uint32).T
    for name, one, other in zip(RESULTS, got, wanted, strict=True):
        where = np.flatnonzero(one != other)
        example = [hex(v) for v in (*operands[:, where[0]], one[where[0]], other[where[0]])] if where.size else []
        assert not where.size, f"{name}: {where.size} differ, as x, y, z, got, wanted {example}"
