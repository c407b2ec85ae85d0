"""What right programs compute, in numpy: each rule takes both inputs as tiles, the pages of a core, and the cores."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt

Tiles = npt.NDArray[Any]
Rule = Callable[[Tiles, Tiles, int, int], Tiles]


def _wide(tiles: Tiles) -> npt.NDArray[np.float32]:
    wide: npt.NDArray[np.float32] = tiles.astype(np.float32)
    return wide


def _copy(first: Tiles, _: Tiles, pages: int, cores: int) -> Tiles:
    return first


def _first(first: Tiles, _: Tiles, pages: int, cores: int) -> Tiles:
    """Every page is the first one."""
    return np.repeat(first[:1], len(first), 0)


def _rounds(first: Tiles, _: Tiles, pages: int, cores: int) -> Tiles:
    """Every core has the first core's pages."""
    return np.tile(first[:pages], (cores, 1))


def _own_then_first(first: Tiles, _: Tiles, pages: int, cores: int) -> Tiles:
    """Every core has its own first page, then the first core's."""
    return np.concatenate([np.stack([first[core * pages], first[0]]) for core in range(cores)])


def _mixed(first: Tiles, _: Tiles, pages: int, cores: int) -> Tiles:
    """The first page has the second half of the second one."""
    found = first.copy()
    half = first.shape[1] // 2
    found[0, half:] = first[1, half:]
    return np.asarray(found)


def _numbers(first: Tiles, _: Tiles, pages: int, cores: int) -> Tiles:
    """The words of page i are i + 1."""
    return np.repeat(np.arange(1, len(first) + 1, dtype=np.uint32)[:, None], first.shape[1] // 2, 1)


def _count(first: Tiles, _: Tiles, pages: int, cores: int) -> Tiles:
    """All words are 16, what two processors count together."""
    return np.full((len(first), first.shape[1] // 2), 16, np.uint32)


def _sums(first: Tiles, _: Tiles, pages: int, cores: int) -> Tiles:
    """Page i is the sum of the pages up to i, as words."""
    return np.cumsum(first.view(np.uint32), 0, dtype=np.uint32)


def _add(first: Tiles, second: Tiles, pages: int, cores: int) -> Tiles:
    return _wide(first) + _wide(second)


def _add_then_multiply(first: Tiles, second: Tiles, pages: int, cores: int) -> Tiles:
    """Even pages are sums, odd ones products."""
    odd = np.arange(len(first))[:, None] % 2
    return np.where(odd, _wide(first) * _wide(second), _wide(first) + _wide(second))


def _matmul(first: Tiles, second: Tiles, pages: int, cores: int) -> Tiles:
    return _faces(_square(first) @ _square(second))


def _square(tiles: Tiles) -> npt.NDArray[np.float32]:
    """From four faces of 16 x 16, one after the other, to matrices of 32 x 32."""
    return np.asarray(_wide(tiles).reshape(-1, 2, 2, 16, 16).transpose(0, 1, 3, 2, 4).reshape(-1, 32, 32))


def _faces(matrices: npt.NDArray[np.float32]) -> Tiles:
    return np.asarray(matrices.reshape(-1, 2, 16, 2, 16).transpose(0, 1, 3, 2, 4).reshape(-1, 1024))


def _total_of(tiles: Tiles) -> Tiles:
    found: Tiles = _wide(tiles).sum(0)
    return found


def _total(first: Tiles, second: Tiles, pages: int, cores: int) -> Tiles:
    return _wide(first[:1]) + _total_of(second)


def _rest(first: Tiles, second: Tiles, pages: int, cores: int) -> Tiles:
    return _wide(first[:1]) - _total_of(second)


def _doubled(first: Tiles, _: Tiles, pages: int, cores: int) -> Tiles:
    return 2 * _wide(first)


EXPECTED: dict[str, Rule] = {
    "copy": _copy,
    "gathered": _copy,
    "first": _first,
    "rounds": _rounds,
    "own_then_first": _own_then_first,
    "mixed": _mixed,
    "numbers": _numbers,
    "count": _count,
    "sums": _sums,
    "add": _add,
    "add_then_multiply": _add_then_multiply,
    "matmul": _matmul,
    "total": _total,
    "rest": _rest,
    "doubled": _doubled,
}


def same(found: Tiles, expected: Tiles) -> bool:
    """Whether two arrays hold the same bytes."""
    return np.ascontiguousarray(found).tobytes() == np.ascontiguousarray(expected, ml_dtypes.bfloat16).tobytes()
