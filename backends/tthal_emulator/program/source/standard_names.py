"""Whether a kernel does with the usual standard headers, which are precompiled sooner than all that it may rely on.

All of them are there for it (device-api.md §5); as long as it names nothing of the others, they change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NAME = re.compile(r"\bstd\b(?:\s*::\s*(\w+))?")
_INCLUDE = re.compile(r"^[ \t]*#[ \t]*include[ \t]*<(\w+)>", re.MULTILINE)

USUAL_HEADERS = frozenset(
    {
        "array", "bit", "climits", "cmath", "compare", "concepts", "cstddef", "cstdint", "cstring", "limits", "new",
        "tuple", "type_traits", "utility",
    }
)  # fmt: skip
"""The standard headers of ``tthal/language/usual_library.h``."""
USUAL_NAMES = frozenset(
    {
        # <array>, <tuple>, <utility>
        "apply", "array", "as_const", "cmp_equal", "cmp_greater", "cmp_greater_equal", "cmp_less", "cmp_less_equal",
        "cmp_not_equal", "declval", "exchange", "forward", "forward_as_tuple", "get", "ignore", "in_range",
        "index_sequence", "index_sequence_for", "integer_sequence", "make_from_tuple", "make_index_sequence",
        "make_integer_sequence", "make_pair", "make_tuple", "move", "pair", "piecewise_construct", "swap", "tie",
        "to_array", "tuple", "tuple_cat", "tuple_element", "tuple_element_t", "tuple_size", "tuple_size_v",
        # of <algorithm>
        "clamp", "max", "min", "minmax",
        # <bit>
        "bit_cast", "bit_ceil", "bit_floor", "bit_width", "countl_one", "countl_zero", "countr_one", "countr_zero",
        "endian", "has_single_bit", "popcount", "rotl", "rotr",
        # <cmath>
        "abs", "acos", "asin", "atan", "atan2", "cbrt", "ceil", "copysign", "cos", "cosh", "erf", "erfc", "exp", "exp2",
        "expm1", "fabs", "floor", "fma", "fmax", "fmin", "fmod", "hypot", "isfinite", "isinf", "isnan", "ldexp", "log",
        "log10", "log1p", "log2", "nearbyint", "pow", "rint", "round", "signbit", "sin", "sinh", "sqrt", "tan", "tanh",
        "trunc",
        # <concepts>
        "convertible_to", "derived_from", "floating_point", "integral", "invocable", "same_as", "signed_integral",
        "unsigned_integral",
        # <cstddef>, <cstdint>, <cstring>, <limits>
        "byte", "int16_t", "int32_t", "int64_t", "int8_t", "intptr_t", "max_align_t", "memchr", "memcmp", "memcpy",
        "memmove", "memset", "nullptr_t", "numeric_limits", "ptrdiff_t", "size_t", "strcmp", "strlen", "strncmp",
        "to_integer", "uint16_t", "uint32_t", "uint64_t", "uint8_t", "uintptr_t",
        # <type_traits>
        "add_const_t", "add_pointer_t", "bool_constant", "common_type", "common_type_t", "conditional", "conditional_t",
        "conjunction", "conjunction_v", "decay", "decay_t", "disjunction", "disjunction_v", "enable_if", "enable_if_t",
        "extent_v", "false_type", "integral_constant", "invoke_result_t", "is_arithmetic_v", "is_array_v", "is_base_of",
        "is_base_of_v", "is_class_v", "is_const_v", "is_constant_evaluated", "is_convertible", "is_convertible_v",
        "is_empty_v", "is_enum", "is_enum_v", "is_floating_point", "is_floating_point_v", "is_function_v",
        "is_integral", "is_integral_v", "is_invocable_v", "is_pointer", "is_pointer_v", "is_reference_v", "is_same",
        "is_same_v", "is_signed", "is_signed_v", "is_standard_layout_v", "is_trivially_copyable",
        "is_trivially_copyable_v", "is_unsigned", "is_unsigned_v", "is_void_v", "is_volatile_v", "make_signed",
        "make_signed_t", "make_unsigned", "make_unsigned_t", "negation", "negation_v", "remove_const_t",
        "remove_cv_t", "remove_cvref_t", "remove_pointer_t", "remove_reference", "remove_reference_t", "true_type",
        "type_identity", "type_identity_t", "underlying_type", "underlying_type_t", "void_t",
    }
)  # fmt: skip
"""Names that they have; of others they may lack some."""


def needs_whole_library(texts: Iterable[str]) -> bool:
    """Return whether texts name anything of the standard library that is not among the usual."""
    return any(
        any(name not in USUAL_NAMES for name in _NAME.findall(text))
        or any(header not in USUAL_HEADERS for header in _INCLUDE.findall(text))
        for text in texts
    )
