"""The operations of the host reference, as functions of numpy arrays: float64, or the integers as they are."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Dimensions = int | Sequence[int] | None

_erf = np.vectorize(math.erf, otypes=[np.float64])


def _sigmoid(x: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-x)))


def _softplus(x: Array, beta: float = 1.0, threshold: float = 20.0) -> Array:
    return np.where(x * beta > threshold, x, np.log1p(np.exp(np.minimum(x * beta, threshold))) / beta)


def _gelu(x: Array, **_: object) -> Array:
    return np.asarray(x * 0.5 * (1 + _erf(x / math.sqrt(2))))


def _elu(x: Array, alpha: float = 1.0) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def _celu(x: Array, alpha: float = 1.0) -> Array:
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0) / alpha))


def _selu(x: Array) -> Array:
    alpha, scale = 1.6732632423543772, 1.0507009873554805
    return np.asarray(scale * _elu(x, alpha))


def _clamp(x: Array, min: Any = None, max: Any = None) -> Array:
    return np.clip(x, min, max)


UNARY: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "acos": np.arccos,
    "acosh": np.arccosh,
    "asin": np.arcsin,
    "asinh": np.arcsinh,
    "atan": np.arctan,
    "atanh": np.arctanh,
    "bitwise_not": np.invert,
    "cbrt": np.cbrt,
    "ceil": np.ceil,
    "celu": _celu,
    "clamp": _clamp,
    "clip": _clamp,
    "cos": np.cos,
    "cosh": np.cosh,
    "deg2rad": np.deg2rad,
    "elu": _elu,
    "eqz": lambda x: x == 0,
    "erf": _erf,
    "erfc": lambda x: 1 - _erf(x),
    "exp": np.exp,
    "exp2": np.exp2,
    "expm1": np.expm1,
    "floor": np.floor,
    "frac": lambda x: x - np.trunc(x),
    "gelu": _gelu,
    "gez": lambda x: x >= 0,
    "gtz": lambda x: x > 0,
    "hardsigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "hardswish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "hardtanh": lambda x, min_val=-1.0, max_val=1.0: np.clip(x, min_val, max_val),
    "identity": np.copy,
    "isfinite": np.isfinite,
    "isinf": np.isinf,
    "isnan": np.isnan,
    "leaky_relu": lambda x, negative_slope=0.01: np.where(x > 0, x, x * negative_slope),
    "lez": lambda x: x <= 0,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "log_sigmoid": lambda x: -_softplus(-x),
    "logical_not": lambda x: x == 0,
    "ltz": lambda x: x < 0,
    "mish": lambda x: x * np.tanh(_softplus(x)),
    "neg": np.negative,
    "nez": lambda x: x != 0,
    "rad2deg": np.rad2deg,
    "reciprocal": lambda x: 1 / x,
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "round": lambda x, decimals=0: np.round(x, decimals),
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "selu": _selu,
    "sigmoid": lambda x, **_: _sigmoid(x),
    "sign": np.sign,
    "silu": lambda x: x * _sigmoid(x),
    "sin": np.sin,
    "sinh": np.sinh,
    "softplus": _softplus,
    "softsign": lambda x: x / (1 + np.abs(x)),
    "sqrt": lambda x, **_: np.sqrt(x),
    "square": np.square,
    "swish": lambda x: x * _sigmoid(x),
    "tan": np.tan,
    "tanh": lambda x, **_: np.tanh(x),
    "tanhshrink": lambda x: x - np.tanh(x),
    "trunc": np.trunc,
}
"""Functions of one tensor; further parameters have ttnn's names."""

BINARY: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "atan2": np.arctan2,
    "bitwise_and": np.bitwise_and,
    "bitwise_or": np.bitwise_or,
    "bitwise_xor": np.bitwise_xor,
    "div": np.divide,
    "divide": np.divide,
    "eq": lambda a, b: a == b,
    "floor_div": np.floor_divide,
    "fmod": np.fmod,
    "ge": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "hypot": np.hypot,
    "ldexp": lambda a, b: np.asarray(a * np.exp2(b)),
    "le": lambda a, b: a <= b,
    "logaddexp": np.logaddexp,
    "logaddexp2": np.logaddexp2,
    "logical_and": np.logical_and,
    "logical_or": np.logical_or,
    "logical_xor": np.logical_xor,
    "lt": lambda a, b: a < b,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "mul": np.multiply,
    "multiply": np.multiply,
    "ne": lambda a, b: a != b,
    "pow": np.power,
    "remainder": np.remainder,
    "rdiv": lambda a, b: b / a,
    "rsub": lambda a, b: b - a,
    "squared_difference": lambda a, b: np.square(a - b),
    "sub": np.subtract,
    "subtract": np.subtract,
}
"""Functions of two tensors, or of a tensor and a number."""


def _linear(
    a: Array, b: Array, bias: Array | None = None, transpose_a: bool = False, transpose_b: bool = False
) -> Array:
    a, b = (each.swapaxes(-1, -2) if turned else each for each, turned in ((a, transpose_a), (b, transpose_b)))
    product = np.matmul(a, b)
    return product if bias is None else np.asarray(product + bias)


def _softmax(x: Array, dim: int = -1, numeric_stable: bool = True) -> Array:
    powers = np.exp(x - np.max(x, axis=dim, keepdims=True))
    return np.asarray(powers / np.sum(powers, axis=dim, keepdims=True))


def _rms_norm(x: Array, epsilon: float = 1e-12, weight: Array | None = None, bias: Array | None = None) -> Array:
    return _scaled(x / np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + epsilon), weight, bias)


def _layer_norm(x: Array, epsilon: float = 1e-12, weight: Array | None = None, bias: Array | None = None) -> Array:
    centred = x - np.mean(x, axis=-1, keepdims=True)
    return _scaled(centred / np.sqrt(np.mean(np.square(centred), axis=-1, keepdims=True) + epsilon), weight, bias)


def _scaled(x: Array, weight: Array | None, bias: Array | None) -> Array:
    x = x if weight is None else x * weight.reshape(-1)
    return x if bias is None else np.asarray(x + bias.reshape(-1))


def _where(predicate: Array, yes: Any, no: Any) -> Array:
    return np.asarray(np.where(predicate != 0, yes, no))


def _reduced(function: Callable[..., Array]) -> Callable[..., Array]:
    def reduce(x: Array, dim: Dimensions = None, keepdim: bool = False) -> Array:
        axis = tuple(dim) if isinstance(dim, Sequence) else dim
        return np.asarray(function(x, axis=axis, keepdims=keepdim))

    return reduce


OTHERS: dict[str, Callable[..., Array]] = {
    "addcmul": lambda x, a, b, value=1.0: x + value * a * b,
    "addcdiv": lambda x, a, b, value=1.0: x + value * a / b,
    "concat": lambda tensors, dim=0: np.concatenate(tensors, axis=dim),
    "cumsum": lambda x, dim: np.cumsum(x, axis=dim),
    "layer_norm": _layer_norm,
    "linear": _linear,
    "mac": lambda a, b, c: a * b + c,
    "matmul": _linear,
    "max": _reduced(np.max),
    "mean": _reduced(np.mean),
    "min": _reduced(np.min),
    "permute": lambda x, dims: np.transpose(x, tuple(dims)),
    "rms_norm": _rms_norm,
    "softmax": _softmax,
    "sum": _reduced(np.sum),
    "transpose": lambda x, dim1, dim2: np.swapaxes(x, dim1, dim2),
    "where": _where,
}
"""Functions of other forms."""
