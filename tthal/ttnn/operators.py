"""``a + b`` of tensors: the operations of the host reference by their signs, as ttnn 0.81.1 has them."""

from __future__ import annotations

import numbers
from collections.abc import Callable
from typing import Any

from tthal.tensor.tensor import Tensor
from tthal.ttnn.host_reference import HostReference, operation

SIGNS = {
    "__add__": "add",
    "__radd__": "add",
    "__sub__": "subtract",
    "__rsub__": "rsub",
    "__mul__": "multiply",
    "__rmul__": "multiply",
    "__truediv__": "divide",
    "__rtruediv__": "rdiv",
    "__matmul__": "matmul",
}
"""Which operation each method calls; of a reflected one, the tensor is the first argument."""


def _method(sign: str, name: str) -> Callable[[Tensor, Any], HostReference]:
    computed = operation(name)
    if computed is None:
        raise LookupError(f"the host reference has no {name!r}")

    def compute(self: Tensor, other: Any) -> Any:
        if not isinstance(other, (Tensor, numbers.Real)):
            return NotImplemented
        return computed(self, other)

    compute.__name__ = sign
    return compute


def attach() -> None:
    """Give tensors their signs; the layer of tensors itself computes nothing."""
    for sign, name in SIGNS.items():
        setattr(Tensor, sign, _method(sign, name))
