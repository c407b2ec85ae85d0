"""What the vector unit takes for a tile of 32x32, by function of the compute API: (Wormhole B0, Blackhole), cycles.

Sources: measurements of tt-metal's LLK performance tests (main, July and August 2026) and of the examples
compute_fusion, sfpu_tile_scope; where a chip was not measured, the other one's figure stands. Functions of the same
length share a figure: what is loaded, changed by one or two instructions and stored takes 146 cycles (abs).
"""

from __future__ import annotations

_SHORT = (146, 146)
_ROUND = (568, 476)

APPROXIMATE = "~"
"""Behind the name of a function in its approximate mode; where that was not measured, the exact one's figure stands."""
VECTOR_FUNCTIONS: dict[str, tuple[float, float]] = {
    **dict.fromkeys(
        ("relu_tile", "abs_tile", "abs_int32_tile", "negative_tile", "sign_tile", "square_tile", "fill_tile",
         "add_unary_tile", "sub_unary_tile", "rsub_unary_tile", "mul_unary_tile", "identity_tile", "leaky_relu_tile",
         "eqz_tile", "nez_tile", "gtz_tile", "gez_tile", "ltz_tile", "lez_tile", "binop_with_scalar_tile"),
        _SHORT,
    ),
    **dict.fromkeys(("ceil_tile", "floor_tile"), _ROUND),
    **dict.fromkeys(("add_binary_tile", "sub_binary_tile", "mul_binary_tile", "rsub_binary_tile"), (416, 416)),
    "relu_max_tile": (491, 491),
    "relu_min_tile": (491, 491),
    "hardsigmoid_tile": (483, 483),
    "signbit_tile": (180, 180),
    "trunc_tile": (440, 440),
    "frac_tile": (504, 504),
    "sqrt_tile": (957, 957),
    "rsqrt_tile": (1010, 1010),
    "recip_tile": (1091, 1202),
    "exp_tile": (718, 718),
    "exp2_tile": (860, 860),
    "sin_tile": (894, 894),
    "cos_tile": (1022, 1022),
    "atan_tile": (1672, 1672),
    "tanh_tile": (792, 764),
    "sigmoid_tile": (1247, 1247),
    "silu_tile": (1432, 1432),
    "gelu_tile": (2847, 2847),
    "erfinv_tile": (3164, 3164),
    "softplus_tile": (1549, 1549),
    "i0_tile": (1417, 1417),
    "div_binary_tile": (1475, 1475),
    "addcmul_tile": (346, 346),
    "tanhshrink_tile": (1375, 1375),
    "gelu_tanh_tile": (2013, 2013),
    "gelu_derivative_tile": (3809, 3809),
    f"gelu_derivative_tile{APPROXIMATE}": (3425, 3425),
    f"gelu_tile{APPROXIMATE}": (222, 222),
    f"sigmoid_tile{APPROXIMATE}": (221, 221),
    f"tanh_tile{APPROXIMATE}": (160, 160),
    f"exp_tile{APPROXIMATE}": (94, 94),
    "sfpu_reduce_rows": (258, 230),
    "sfpu_reduce_columns": (125, 109),
}  # fmt: skip
UNKNOWN = 480.0
"""The median of what was measured stands for functions that were not."""
SFPI = "sfpi"
"""Code that programs the unit itself: what it stores a vector, by its share of :data:`UNKNOWN`."""
