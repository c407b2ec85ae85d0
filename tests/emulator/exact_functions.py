"""What the recorded operations approximate, in float64 or in whole numbers: the functions of numpy and SciPy.

The parameters are those of the recorded calls: 1.1 for operations with a number, 0.5 for comparisons with one, 1.5 for
remainders and as the factor of sums of products, limits at -1 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy import special

SCALAR = float(np.float32(1.1))
SIXTH = float(np.float32(1 / 6))


def truth(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with 1 and 0 instead of true and false."""
    return lambda *numbers: function(*numbers).astype(np.float64)


def named(module: object, names: str) -> dict[str, Callable[..., Any]]:
    """Return functions of a module by their names."""
    return {name: getattr(module, name) for name in names.split()}


def elu(a: Any, alpha: float) -> Any:
    return np.where(a > 0, a, alpha * np.expm1(a / alpha))


OF_FLOATS: Mapping[str, Callable[..., Any]] = {
    # one number
    **named(np, "cbrt ceil cos cosh exp exp2 expm1 floor log log1p log2 negative sin sinh sqrt square tan tanh trunc"),
    **{
        f"a{name[3:]}": function for name, function in named(np, "arccos arccosh arcsin arcsinh arctan arctanh").items()
    },
    **named(special, "digamma erf erfc erfinv i0 i1"),
    **{name: truth(function) for name, function in named(np, "isfinite isnan isinf signbit").items()},
    "abs": np.abs,
    "celu": lambda a: elu(a, 2.0),
    "clamp": lambda a: np.clip(a, -1, 1),
    "elu": lambda a: elu(a, 1.0),
    "exp_approx": np.exp,
    "fmod": lambda a: np.fmod(a, 1.5),
    "frac": lambda a: a - np.trunc(a),
    "gelu": lambda a: a * special.ndtr(a),
    "gelu_approx": lambda a: a * special.ndtr(a),
    "hardsigmoid": lambda a: np.clip(a * SIXTH + 0.5, 0, 1),
    "hardtanh": lambda a: np.clip(a, -1, 1),
    "identity": np.positive,
    "lgamma_stirling": special.gammaln,
    "log_approx": np.log,
    "power2_5": lambda a: a**2.5,
    "power3": lambda a: a**3,
    "recip": lambda a: 1 / a,
    "relu_min": lambda a: np.maximum(a, 0.5),
    "remainder": lambda a: np.remainder(a, 1.5),
    "round2": lambda a: np.round(a * 100) / 100,
    "rsqrt": lambda a: 1 / np.sqrt(a),
    "sigmoid": special.expit,
    "sigmoid_approx": special.expit,
    "silu": lambda a: a * special.expit(a),
    "softplus": lambda a: np.where(a > 20, a, np.log1p(np.exp(a))),
    "softshrink": lambda a: np.where(a > 0.5, a - 0.5, np.where(a < -0.5, a + 0.5, 0)),
    "tanh_approx": np.tanh,
    "tanhshrink": lambda a: a - np.tanh(a),
    # and zero
    "eqz": truth(lambda a: a == 0),
    "gez": truth(lambda a: a >= 0),
    "gtz": truth(lambda a: a > 0),
    "lez": truth(lambda a: a <= 0),
    "logical_not": truth(lambda a: a == 0),
    "ltz": truth(lambda a: a < 0),
    "nez": truth(lambda a: a != 0),
    # and a parameter
    "add_unary": lambda a: a + SCALAR,
    "mul_unary": lambda a: a * SCALAR,
    "rsub_unary": lambda a: SCALAR - a,
    "sub_unary": lambda a: a - SCALAR,
    "unary_eq": truth(lambda a: a == 0.5),
    "unary_ge": truth(lambda a: a >= 0.5),
    "unary_gt": truth(lambda a: a > 0.5),
    "unary_le": truth(lambda a: a <= 0.5),
    "unary_lt": truth(lambda a: a < 0.5),
    "unary_max": lambda a: np.maximum(a, 0.5),
    "unary_min": lambda a: np.minimum(a, 0.5),
    "unary_ne": truth(lambda a: a != 0.5),
    # two and three numbers
    "add_binary": np.add,
    "addcdiv": lambda a, b, c: a + 1.5 * b / c,
    "addcmul": lambda a, b, c: a + 1.5 * b * c,
    "binary_max": np.maximum,
    "binary_min": np.minimum,
    "div_binary": np.divide,
    "eq_binary": truth(np.equal),
    "ge_binary": truth(np.greater_equal),
    "gt_binary": truth(np.greater),
    "le_binary": truth(np.less_equal),
    "lerp": lambda a, b, c: a + c * (b - a),
    "logaddexp2_binary": np.logaddexp2,
    "logaddexp_binary": np.logaddexp,
    "lt_binary": truth(np.less),
    "mac": lambda a, b, c: a * b + c,
    "mul_binary": np.multiply,
    "ne_binary": truth(np.not_equal),
    "power_binary": np.power,
    "rsub_binary": lambda a, b: b - a,
    "sub_binary": np.subtract,
}
OF_INTEGERS: Mapping[str, Callable[..., Any]] = {
    "abs_int32": np.abs,
    "add_int": np.add,
    "binary_max_int32": np.maximum,
    "binary_min_int32": np.minimum,
    "bitwise_and_binary": np.bitwise_and,
    "bitwise_not": np.invert,
    "bitwise_or_binary": np.bitwise_or,
    "bitwise_xor_binary": np.bitwise_xor,
    "eq_int": truth(np.equal),
    "eqz_int32": truth(lambda a: a == 0),
    "ge_int": truth(np.greater_equal),
    "gez_int32": truth(lambda a: a >= 0),
    "gt_int": truth(np.greater),
    "gtz_int32": truth(lambda a: a > 0),
    "le_int": truth(np.less_equal),
    "lez_int32": truth(lambda a: a <= 0),
    "lt_int": truth(np.less),
    "ltz_int32": truth(lambda a: a < 0),
    "mul_int": np.multiply,
    "ne_int": truth(np.not_equal),
    "negative_int32": np.negative,
    "nez_int32": truth(lambda a: a != 0),
    "relu_int32": lambda a: np.maximum(a, 0),
    "rsub_int": lambda a, b: b - a,
    "sub_int": np.subtract,
}
"""In 64 bits; of results beyond 32 the low ones count."""
