"""The C library's functions as kernels see them, against Python's and numpy's."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tthal_emulator.compiler import Compiler
from tthal_emulator.compiler.kernel_library import LIBRARY_FOLDER, defined_names
from tthal_emulator.engine import Engine, Processor, core_memories

Floats = npt.NDArray[np.floating[Any]]
COUNT = 2000
FIRST, SECOND, THIRD, RESULT = 0x10000, 0x20000, 0x30000, 0x40000
SPECIAL = [0.0, -0.0, math.inf, -math.inf, math.nan, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 5e-324, 1.7e308, -1.7e308, 1e16]


@pytest.fixture(scope="module")
def evaluate(compiler: Compiler, engine: Engine, request_for: Callable[..., Any]) -> Callable[..., Floats]:
    """Evaluates a C expression of ``a[i]``, ``b[i]``, ``c[i]`` for whole arrays in one kernel."""

    def run(expression: str, *arguments: Floats) -> Floats:
        kind = arguments[0].dtype
        name = {"d": "double", "f": "float", "I": "uint32_t"}[kind.char]
        source = f"""#include <math.h>
        #include <string.h>
        void kernel_main() {{
            auto* a = (const {name}*){FIRST}; auto* b = (const {name}*){SECOND}; auto* c = (const {name}*){THIRD};
            auto* result = ({name}*){RESULT};
            for (uint32_t i = 0; i < {len(arguments[0])}; ++i) result[i] = {expression};
        }}"""
        (module,) = compiler.compile_all([request_for(source)])
        memories = core_memories(engine, 1, 1_499_136)
        for address, values in zip((FIRST, SECOND, THIRD), arguments, strict=False):
            memories.l1[0][address : address + values.nbytes] = values.view(np.uint8)
        processor = Processor(module, memories, 0, 0)
        processor.start("kernel_main")
        while not processor.poll():
            pass
        processor.close()
        result = memories.l1[0][RESULT : RESULT + arguments[0].nbytes].copy().view(kind)
        memories.close()
        return result

    return run


def python(function: Callable[..., float], *arguments: Floats) -> Floats:
    """Python's function with C's results where Python raises."""

    def one(*values: float) -> float:
        try:
            return function(*values)
        except OverflowError:
            return math.inf
        except ValueError:
            return math.nan

    return np.array([one(*map(float, values)) for values in zip(*arguments, strict=True)])


def units_off(result: Floats, expected: Floats) -> float:
    """The largest difference in units of the last place; infinite where one is NaN or infinite and the other not."""
    with np.errstate(invalid="ignore", over="ignore"):
        same = (result == expected) | (np.isnan(result) & np.isnan(expected))
        units = np.abs(result - expected) / np.spacing(np.abs(expected))
    return float(np.max(np.where(same, 0, np.where(np.isfinite(units), units, math.inf))))


# name: (lowest, highest, units in the last place allowed for doubles; the algorithms' own error bounds)
FUNCTIONS = {
    "exp": (-740, 709, 2),
    "exp2": (-1070, 1023, 2),
    "expm1": (-50, 709, 3),
    "log": (1e-5, 1e300, 2),
    "log2": (1e-5, 1e300, 2),
    "log10": (1e-5, 1e300, 2),
    "log1p": (-0.999, 1e300, 2),
    "sin": (-1e300, 1e300, 2),
    "cos": (-1e300, 1e300, 2),
    "tan": (-1e5, 1e5, 4),
    "asin": (-1, 1, 3),
    "acos": (-1, 1, 3),
    "atan": (-1e10, 1e10, 2),
    "sinh": (-700, 700, 4),
    "cosh": (-700, 700, 4),
    "tanh": (-25, 25, 4),
    "asinh": (-1e300, 1e300, 3),
    "acosh": (1, 1e300, 3),
    "atanh": (-0.9999, 0.9999, 3),
    "erf": (-7, 7, 20),
    "erfc": (-5, 26, 40),
    "tgamma": (0.1, 170, 200),
    "cbrt": (-1e300, 1e300, 2),
}
FLOAT_LIMITS = {"exp": (-80, 80), "exp2": (-120, 120), "expm1": (-50, 80), "sinh": (-80, 80), "cosh": (-80, 80),
                "tgamma": (0.1, 34), "erfc": (-5, 9)}  # fmt: skip


def samples(low: float, high: float, seed: int) -> Floats:
    """Values over the range, evenly and on a logarithmic scale."""
    random = np.random.default_rng(seed)
    signs = random.choice([-1.0, 1.0], COUNT // 2)
    spread = signs * 10.0 ** random.uniform(-12, math.log10(max(abs(low), abs(high), 2)), COUNT // 2)
    inside = np.where((spread < low) | (spread > high), np.clip(-spread, low, high), spread)
    return np.concatenate([random.uniform(low, high, COUNT // 2), inside])


def oracle(name: str, values: Floats) -> Floats:
    if name == "cbrt":
        # In long doubles: numpy's cbrt of doubles is off by more than a unit on some processors.
        return np.cbrt(values.astype(np.longdouble)).astype(np.float64)
    if name == "exp2":
        return np.exp2(values)
    return python(getattr(math, "gamma" if name == "tgamma" else name), values)


@pytest.mark.parametrize("name", list(FUNCTIONS))
def test_functions_of_one_argument(evaluate: Any, name: str) -> None:
    low, high, units = FUNCTIONS[name]
    values = samples(low, high, seed=len(name))
    assert units_off(evaluate(f"{name}(a[i])", values), oracle(name, values)) <= units
    low, high = FLOAT_LIMITS.get(name, (max(low, -1e30), min(high, 1e30)))
    short = samples(low, high, seed=7).astype(np.float32)
    expected = oracle(name, short.astype(np.float64)).astype(np.float32)
    assert units_off(evaluate(f"{name}f(a[i])", short), expected) <= 1
    assert np.mean(evaluate(f"{name}f(a[i])", short) == expected) > 0.999


@pytest.mark.parametrize("name", ["exp", "expm1", "sin", "cos", "atan", "tanh", "sinh", "asinh", "erf", "cbrt"])
def test_special_values_of_one_argument(evaluate: Any, name: str) -> None:
    values = np.array(SPECIAL)
    with np.errstate(all="ignore"):
        function = {"erf": lambda v: python(math.erf, v)}.get(
            name, getattr(np, {"atan": "arctan", "asinh": "arcsinh"}.get(name, name), None)
        )
        assert function is not None
        expected = function(values)
    result = evaluate(f"{name}(a[i])", values)
    assert units_off(result, expected) <= 4
    zeros = (result == 0) & ~np.isnan(expected)
    assert (np.signbit(result) == np.signbit(expected))[zeros].all()


@pytest.mark.parametrize(
    ("name", "function", "units"),
    [
        ("pow", np.power, 2),
        ("atan2", np.arctan2, 2),
        ("hypot", np.hypot, 2),
        ("fmod", np.fmod, 0),
        ("remainder", lambda x, y: python(math.remainder, x, y), 0),
        ("fmin", np.fmin, 0),
        ("fmax", np.fmax, 0),
        ("nextafter", np.nextafter, 0),
        ("copysign", np.copysign, 0),
    ],
)
def test_functions_of_two_arguments(evaluate: Any, name: str, function: Any, units: float) -> None:
    random = np.random.default_rng(3)
    pairs = np.array([(x, y) for x in SPECIAL for y in SPECIAL])
    first = np.concatenate([pairs[:, 0], random.normal(size=COUNT) * 10.0 ** random.uniform(-9, 9, COUNT)])
    second = np.concatenate([pairs[:, 1], random.normal(size=COUNT) * 10.0 ** random.uniform(-2, 1, COUNT)])
    with np.errstate(all="ignore"):
        assert units_off(evaluate(f"{name}(a[i], b[i])", first, second), function(first, second)) <= units


def test_powers_of_integers_are_exact_to_the_last_place_but_one(evaluate: Any) -> None:
    random = np.random.default_rng(5)
    base, exponent = random.integers(1, 1000, COUNT), random.integers(-12, 12, COUNT)
    expected = np.array([float(Fraction(int(b)) ** int(e)) for b, e in zip(base, exponent, strict=True)])
    assert units_off(evaluate("pow(a[i], b[i])", base.astype(float), exponent.astype(float)), expected) <= 1


def test_fused_multiply_add_rounds_once(evaluate: Any) -> None:
    random = np.random.default_rng(6)
    x, y = random.uniform(-2, 2, COUNT), random.uniform(-2, 2, COUNT)
    z = -(x * y) * (1 + random.choice([0, 1e-16, 3e-16, 1e-10, 1, 1e-30], COUNT))
    z[: COUNT // 2] *= 2.0 ** random.integers(-110, 110, COUNT // 2)
    exact = [Fraction(a) * Fraction(b) + Fraction(c) for a, b, c in zip(x, y, z, strict=True)]
    assert (evaluate("fma(a[i], b[i], c[i])", x, y, z) == np.array([float(value) for value in exact])).all()


def test_rounding_and_exponents(evaluate: Any) -> None:
    values = np.array([v for v in SPECIAL if math.isfinite(v)] + [2.5, -2.5, 3.49999, -0.4, 1e9 + 0.5, 123456.75])
    assert (evaluate("round(a[i])", values) == np.copysign(np.floor(np.abs(values) + 0.5), values)).all()
    assert (evaluate("rint(a[i])", values) == np.rint(values)).all()
    assert (evaluate("trunc(a[i])", values) == np.trunc(values)).all()
    assert (evaluate("({ int n; double m = frexp(a[i], &n); ldexp(m, n); })", values) == values).all()
    nonzero = values[values != 0]
    assert (evaluate("ilogb(a[i])", nonzero) == np.frexp(nonzero)[1] - 1).all()
    assert (evaluate("({ double whole; modf(a[i], &whole) + whole; })", values) == values).all()


def test_scaling_rounds_once_into_subnormals(evaluate: Any) -> None:
    random = np.random.default_rng(8)
    values, exponents = random.uniform(1, 2, COUNT), random.integers(-1080, 1030, COUNT)
    with np.errstate(over="ignore"):
        expected = np.ldexp(values, exponents)
    assert (evaluate("ldexp(a[i], (int)b[i])", values, exponents.astype(float)) == expected).all()


# memory.cpp and strings.cpp


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 31, 33, 100])
@pytest.mark.parametrize("shift", [-17, -16, -5, 0, 3, 16, 40])
def test_memmove_of_overlapping_bytes(evaluate: Any, size: int, shift: int) -> None:
    content = np.arange(1, 201, dtype=np.uint32)
    moved = bytearray(content.astype("<u4").tobytes())
    moved[200 + shift : 200 + shift + size] = moved[200 : 200 + size]
    parameters = np.resize(np.array([200 + shift, size], np.uint32), content.shape)
    call = f"memmove((char*){FIRST} + b[0], (char*){FIRST} + 200, b[1])"
    result = evaluate(f"(i == 0 ? (void){call} : (void)0, a[i])", content, parameters)
    assert result.tobytes() == bytes(moved)


def test_string_functions(evaluate: Any) -> None:
    calls = {
        'strlen("four" + (a[0] & 0))': 4,
        'strnlen("four" + (a[0] & 0), 2)': 2,
        'strcmp("abc" + (a[0] & 0), "abd") < 0': 1,
        'strcmp("b" + (a[0] & 0), "\\xc3\\xa9") < 0': 1,
        'strncmp("abc" + (a[0] & 0), "abd", 2)': 0,
        'strchr("hello" + (a[0] & 0), 0)[-1]': ord("o"),
        '*strchr("hello" + (a[0] & 0), 101)': ord("e"),
        '*(const char*)memchr("hello" + (a[0] & 0), 108, 5)': ord("l"),
        'memchr("hello" + (a[0] & 0), 120, 5) == nullptr': 1,
        'memcmp("abc" + (a[0] & 0), "abd", 3) < 0': 1,
        '({ char t[8]; strcpy(t, "kernel" + (a[0] & 0)); t[5]; })': ord("l"),
        '({ char t[8]; memset(t, 7, 8); strncpy(t, "ab" + (a[0] & 0), 5); t[4] * 10 + t[5]; })': 7,
    }
    for expression, expected in calls.items():
        assert evaluate(expression, np.zeros(1, np.uint32))[0] == expected, expression


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("dst", "dst.cpp"), ("math_slot", "dst.cpp"), ("set_up", "units.cpp"), ("operand_b", "tile_elementwise.cpp"),
        ("simd_rearrange", "tile_rearrange.cpp"), ("pack_rows", "tile_pack_rows.cpp"),
        ("exact_add", "exact_add.cpp"), ("exact_multiply", "exact_multiply.cpp"),
        ("exact_reduce", "exact_reduce.cpp"), ("memset", "memory.cpp"), ("expm1", "math.cpp"),
        ("strlen", "strings.cpp"),
        ("_ZdlPv", "language.cpp"), ("__multi3", "language.cpp"), ("my_logical_x_", "firmware_globals.cpp"),
    ],
)  # fmt: skip
def test_a_name_is_found_where_it_is_defined_and_not_where_it_is_used(name: str, source: str) -> None:
    defining = [path.name for path in LIBRARY_FOLDER.rglob("*.cpp") if name in defined_names(path.read_text())]
    assert defining == [source]
