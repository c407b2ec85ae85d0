"""The bytes of a host tensor, as programs reach for them (ttnn 0.81.1)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


class HostBuffer:
    """The bytes of a tensor's pages in host order; numpy and dlpack share its memory."""

    __slots__ = ("_data",)

    def __init__(self, data: Bytes) -> None:
        self._data = data

    def __len__(self) -> int:
        return int(self._data.size)

    def __getitem__(self, index: int) -> int:
        return int(self._data[index])

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> Bytes:
        return np.array(self._data, dtype) if copy else self._data.astype(dtype or np.uint8, copy=False)

    def __dlpack__(self, **options: Any) -> Any:
        return self._data.__dlpack__(**options)

    def __dlpack_device__(self) -> Any:
        return self._data.__dlpack_device__()


class DistributedHostBuffer:
    """The host buffers of a tensor on a mesh: one, for a tensor lies on one device."""

    __slots__ = ("_only",)

    def __init__(self, data: Bytes) -> None:
        self._only = HostBuffer(data)

    def get_shard(self, coord: object = None) -> HostBuffer:
        """Return the buffer at a place of the mesh."""
        return self._only

    def is_local(self, coord: object = None) -> bool:
        """Whether this process holds the buffer at a place of the mesh."""
        return True
