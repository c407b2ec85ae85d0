"""Operations that programs use to compute what their own kernels should give: they run on the host, in numpy.

No operations library: what comes out is a tensor on the host, marked as such, never a result of the device. Values are
computed in float64, integers as they are, and rounded to the type of the first tensor or the one asked for. Functions
of one device tensor have the device's arithmetic (vector_functions.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from tthal.buffer import Buffer
from tthal.errors import InvalidArgument, Unsupported, WrongType
from tthal.tensor import elements
from tthal.tensor.spec import TensorSpec
from tthal.tensor.tensor import Tensor
from tthal.tensor.types import Layout
from tthal.ttnn import vector_functions
from tthal.ttnn.host_operations import BINARY, OTHERS, UNARY
from tthal.types import DataType

Array = npt.NDArray[Any]

logger = logging.getLogger("tthal.host_reference")

NAMES = frozenset({*UNARY, *BINARY, *OTHERS})
"""The operations there are."""

_WHERE_IT_RUNS = """
    memory_config queue_id cq_id compute_kernel_config core_grid program_config sub_core_grids sub_device_id
    fast_and_approximate_mode use_legacy vector_mode
"""
WHERE_IT_RUNS = frozenset(_WHERE_IT_RUNS.split())
"""Options that say how and where a device computes; they change nothing here."""

_INTEGERS = frozenset({DataType.UINT8, DataType.INT8, DataType.UINT16, DataType.INT32, DataType.UINT32})

_noticed = False


class HostReference(Tensor):
    """A tensor that the host computed as reference: compare with it; a program cannot run on it as it is.

    Attributes:
        operation: what it was computed with.
    """

    __slots__ = ("operation",)

    operation: str

    def buffer(self) -> Buffer:
        """Refuse: it has none.

        Raises:
            InvalidArgument: always.
        """
        raise InvalidArgument(
            f"this tensor is a host_reference: ttnn.{self.operation} computed it for comparison, so it is no input "
            "or output of a program; ttnn.to_device(tensor, device) puts its values on the device"
        )


class HostOperation:
    """One operation of the host reference, called as ttnn's."""

    def __init__(self, name: str, function: Callable[..., Array]) -> None:
        self.__name__ = name
        self.__doc__ = f"Compute {name} on the host, in numpy; what comes out is marked as host_reference."
        self._function = function

    def __call__(self, *given: Any, **options: Any) -> HostReference:
        """Compute on the host.

        Raises:
            Unsupported: an option that only ttnn's operations library has.
            TypeError: no tensor among the arguments.
        """
        dtype = options.pop("dtype", None)
        approximate = options.get("fast_and_approximate_mode", False)
        for option in [option for option in options if option in WHERE_IT_RUNS]:
            del options[option]
        first = _first_tensor(given, options)
        if first is None:
            raise WrongType(f"ttnn.{self.__name__} computes with tensors; none is among its arguments")
        if not (options or approximate) and len(given) == 1 and vector_functions.is_computed(self.__name__, first):
            _notice(self.__name__, "on the device, as a program of one core")
            return _tensor(self.__name__, vector_functions.computed(self.__name__, first), first, dtype)
        values = [_values(each) for each in given]
        named = {_PLAIN.get(name, name): _values(value) for name, value in options.items() if value is not None}
        with np.errstate(all="ignore"):
            try:
                result = self._function(*values, **named)
            except TypeError as error:
                raise Unsupported(
                    f"ttnn.{self.__name__} with these arguments is beyond the host reference ({error}); compute it "
                    "with torch or numpy"
                ) from None
        kind = first.dtype if dtype is None else dtype
        _notice(self.__name__, f"on the host, in numpy (float64, rounded once to {kind.name})")
        return _tensor(self.__name__, np.asarray(result), first, dtype)

    def __repr__(self) -> str:
        return f"<ttnn.{self.__name__}: computed on the host, in numpy>"


_PLAIN = {"slope": "negative_slope", "input_tensor_b": "b", "input_tensor_a": "a", "eps": "epsilon"}
"""ttnn's other names of parameters."""


def operation(name: str) -> HostOperation | None:
    """Return the operation of this name, None if there is none."""
    function = UNARY.get(name) or BINARY.get(name) or OTHERS.get(name)
    return None if function is None else HostOperation(name, function)


def _first_tensor(given: tuple[Any, ...], options: dict[str, Any]) -> Tensor | None:
    flat = [each for value in (*given, *options.values()) for each in (value if isinstance(value, list) else [value])]
    return next((each for each in flat if isinstance(each, Tensor)), None)


def _values(given: Any) -> Any:
    if isinstance(given, list) and any(isinstance(each, Tensor) for each in given):
        return [_values(each) for each in given]
    if not isinstance(given, Tensor):
        return given
    return given.values() if given.dtype in _INTEGERS else given.values().astype(np.float64)


def _tensor(name: str, values: Array, like: Tensor, dtype: DataType | None) -> HostReference:
    kind = like.dtype if dtype is None else dtype
    host_values = values.astype(np.float32) if values.dtype.kind in "fb" else values
    spec = TensorSpec.of(values.shape, kind, like.layout, tile=like.tile if like.layout is Layout.TILE else None)
    data = elements.encode(elements.convert(host_values, kind), spec)
    made = cast(HostReference, HostReference.on_host(spec, data))
    made.operation = name
    return made


def _notice(name: str, where: str) -> None:
    global _noticed
    if not _noticed:
        _noticed = True
        logger.warning(
            "host_reference: ttnn.%s ran %s. There is no operations library: what programs call for expected values "
            "runs on the host, in numpy, and functions of one device tensor with the device's arithmetic; what comes "
            "out is a host tensor, whose last bits may differ from a kernel's: compare with a tolerance",
            name,
            where,
        )
