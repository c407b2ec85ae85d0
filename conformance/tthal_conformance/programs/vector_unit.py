"""The vector unit (SFPU): functions of one tile, and operations on two tiles in DST."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tthal.device_interface import Capability
from tthal_conformance.declaration import program
from tthal_conformance.requirements import COMPUTE
from tthal_conformance.run import Run
from tthal_conformance.tile_bench import Tiles, TileWork
from tthal_conformance.tolerance import Form, Tolerance
from tthal_conformance.values import Doubles, random_bfloat16, small_integers

SFPU = COMPUTE | {Capability.SFPU}
APPROXIMATE = Tolerance(
    "the vector unit approximates to about bfloat16's precision; one rounding besides",
    2**-6,
    absolute=2**-12,
    form=Form.BFLOAT16,
)
FP32 = {"fp32_dest_acc_en": True}


def _apply(run: Run, matrix: Doubles, init: str, apply: str, **config: Any) -> Doubles:
    work = TileWork(
        "compute_sfpu",
        matrix.size // 1024,
        arguments=[matrix.size // 1024],
        defines={"INIT": init, "APPLY": apply},
        config=config,
    )
    return work.matrix(run, matrix.shape, Tiles.of(matrix))


def _function(run: Run, name: str, oracle: Callable[[Doubles], Any], matrix: Doubles) -> None:
    found = _apply(run, matrix, f"{name}_tile_init()", f"{name}_tile(0)", **FP32)
    run.check(name, found, np.asarray(oracle(matrix), np.float64))


def _positive(run: Run, low: int = -4, high: int = 4) -> Doubles:
    return np.asarray(np.abs(random_bfloat16(run.rng, (64, 32), low, high)), np.float64)


@program("sfpu.exp", covers=["exp_tile", "exp_tile_init"], needs=SFPU, tolerance=APPROXIMATE)
def exp(run: Run) -> None:
    """The exponential function."""
    _function(run, "exp", np.exp, random_bfloat16(run.rng, (64, 32), -4, 2))


@program("sfpu.log", covers=["log_tile", "log_tile_init"], needs=SFPU, tolerance=APPROXIMATE)
def log(run: Run) -> None:
    """The natural logarithm, away from its zero."""
    _function(run, "log", np.log, _positive(run, 1, 6))


@program("sfpu.reciprocal", covers=["recip_tile", "recip_tile_init"], needs=SFPU, tolerance=APPROXIMATE)
def reciprocal(run: Run) -> None:
    """The reciprocal."""
    _function(run, "recip", lambda x: 1.0 / x, random_bfloat16(run.rng, (64, 32)))


@program("sfpu.square_root", covers=["sqrt_tile", "rsqrt_tile"], needs=SFPU, tolerance=APPROXIMATE)
def square_root(run: Run) -> None:
    """The square root and its reciprocal."""
    _function(run, "sqrt", np.sqrt, _positive(run))
    _function(run, "rsqrt", lambda x: 1.0 / np.sqrt(x), _positive(run))


@program("sfpu.sigmoid_tanh", covers=["sigmoid_tile", "tanh_tile"], needs=SFPU, tolerance=APPROXIMATE)
def sigmoid_tanh(run: Run) -> None:
    """The logistic function and the hyperbolic tangent."""
    matrix = random_bfloat16(run.rng, (64, 32), -3, 2)
    _function(run, "sigmoid", lambda x: 1.0 / (1.0 + np.exp(-x)), matrix)
    _function(run, "tanh", np.tanh, matrix)


@program("sfpu.signs", covers=["abs_tile", "negative_tile", "relu_tile"], needs=SFPU)
def signs(run: Run) -> None:
    """Magnitude, negation and ReLU are exact."""
    matrix = random_bfloat16(run.rng, (64, 32))
    run.check("abs", _apply(run, matrix, "abs_tile_init()", "abs_tile(0)"), np.abs(matrix))
    run.check("negative", _apply(run, matrix, "negative_tile_init()", "negative_tile(0)"), -matrix)
    run.check("relu", _apply(run, matrix, "relu_tile_init()", "relu_tile(0)"), np.maximum(matrix, 0.0))


@program("sfpu.square", covers=["square_tile", "square_tile_init"], needs=SFPU)
def square(run: Run) -> None:
    """Squares of small integers are exact."""
    matrix = small_integers(run.rng, (64, 32), 15)
    run.check("square", _apply(run, matrix, "square_tile_init()", "square_tile(0)"), matrix * matrix)


@program("sfpu.scalar", covers=["binop_with_scalar_tile_init", "mul_unary_tile", "add_unary_tile"], needs=SFPU)
def scalar(run: Run) -> None:
    """A scalar, given as the bits of a float, is added to or multiplied with a tile."""
    matrix = small_integers(run.rng, (64, 32))
    for name, value, expected in (("mul", 3.0, matrix * 3.0), ("add", 5.0, matrix + 5.0), ("sub", 7.0, matrix - 7.0)):
        bits = int(np.float32(value).view(np.uint32))
        found = _apply(run, matrix, "binop_with_scalar_tile_init()", f"{name}_unary_tile(0, {bits}u)")
        run.check(name, found, expected)


@program("sfpu.fill", covers=["fill_tile", "fill_tile_init"], needs=SFPU)
def fill(run: Run) -> None:
    """A tile is filled with one value."""
    matrix = random_bfloat16(run.rng, (64, 32))
    run.check("filled", _apply(run, matrix, "fill_tile_init()", "fill_tile(0, 2.5f)"), np.full((64, 32), 2.5))


@program("sfpu.binary", covers=["add_binary_tile", "sub_binary_tile", "mul_binary_tile"], needs=SFPU)
def binary(run: Run) -> None:
    """Two tiles in DST are added, subtracted and multiplied."""
    a, b = small_integers(run.rng, (64, 32), 11), small_integers(run.rng, (64, 32), 11)
    for name, expected in (("add", a + b), ("sub", a - b), ("mul", a * b)):
        defines = {"INIT": f"{name}_binary_tile_init()", "APPLY": f"{name}_binary_tile"}
        work = TileWork("compute_sfpu_binary", 2, arguments=[2], defines=defines)
        run.check(name, work.matrix(run, a.shape, Tiles.of(a), Tiles.of(b)), expected)
