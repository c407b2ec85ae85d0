"""Descriptors are values: what one is made of is copied, what it holds can be changed in place (ttnn 0.81.1).

tests/metal/test_descriptors.py asks the vendor's library the same questions.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tthal as ttnn
from tthal import values
from tthal.errors import InvalidArgument
from tthal.ttnn import inner
from tthal.values import VectorUInt32, VectorUnpackToDestMode
from tthal.words import Extents

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "metal"))
from descriptor_questions import QUESTIONS, Question


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_a_descriptor_owns_its_parts(question: Question) -> None:
    space: dict[str, Any] = {"ttnn": ttnn, "vectors": values}
    exec(question.program, space)
    assert space["result"] == [True] * len(question.claims)


@pytest.mark.parametrize(
    "words",
    [(1, 2), range(1, 3), np.array([1, 2]), np.array([1, 2], np.uint32), [np.int64(1), np.uint8(2)], [True, 2], {1, 2}],
    ids=str,
)
def test_words_come_in_every_kind_of_list(words: Any) -> None:
    core = ttnn.CoreCoord(0, 0)
    for arguments in ([(core, words)], [((0, 0), words)]):
        kernel = ttnn.KernelDescriptor(
            compile_time_args=words, common_runtime_args=words, runtime_args=arguments, core_ranges=core
        )
        found = [kernel.compile_time_args, kernel.common_runtime_args, kernel.runtime_args[0][0]]
        assert found == [[1, 2]] * 3
        assert all(type(word) is int for each in found for word in each)


def test_one_word_in_an_array_is_no_index() -> None:
    """An array of one element can be an index, which made its core's coordinates the words."""
    core = ttnn.CoreCoord(0, 0)
    for spelled in (core, (0, 0)):
        kernel = ttnn.KernelDescriptor(runtime_args=[(spelled, np.array([7], np.uint32))], core_ranges=core)
        assert kernel.runtime_args[0][0] == [7]


@pytest.mark.parametrize("wrong", [[-1], [1 << 32], [1.0], ["1"], "12", 3, None])
def test_what_is_no_word_is_refused_where_it_is_given(wrong: Any) -> None:
    with pytest.raises(InvalidArgument):
        ttnn.KernelDescriptor(compile_time_args=wrong)
    with pytest.raises(InvalidArgument):
        VectorUInt32().extend(wrong)


def test_a_vector_checks_what_enters_it() -> None:
    vector = VectorUInt32([1, True])
    for change in (
        lambda: vector.append(-1),
        lambda: vector.insert(0, 0.5),
        lambda: vector.__setitem__(0, 1 << 32),
        lambda: vector.__setitem__(slice(0, 1), [-1]),
        lambda: vector.__iadd__(["a"]),
    ):
        with pytest.raises(InvalidArgument):
            change()
    assert vector == [1, 1]
    vector += [np.uint32(5)]
    vector[0:1] = [8, 9]
    assert vector == [8, 9, 1, 5]
    with pytest.raises(InvalidArgument, match="UnpackToDestMode"):
        VectorUnpackToDestMode([7])


def test_extents_equal_lists_and_tuples() -> None:
    tile = ttnn.Tile((16, 32))
    assert tile.tile_shape == [16, 32]
    assert tile.tile_shape == (16, 32)
    assert tile.tile_shape != [32, 16]
    assert hash(Extents((1, 2))) == hash((1, 2))


@pytest.mark.parametrize("height", [1, 2, 4, 8])
def test_faces_of_short_tiles_are_not_transposed(height: int) -> None:
    assert ttnn.Tile((height, 32)).tile_shape == [height, 32]
    with pytest.raises(InvalidArgument, match="32 or 16 high"):
        ttnn.Tile((height, 32), transpose_tile=True)


def test_block_floats_of_the_inner_module_come_back() -> None:
    numbers = np.arange(-1024, 1024, dtype=np.float32).reshape(2, 32, 32)
    for name in ("bfp8", "bfp4", "bfp2"):
        pack, unpack = inner.BFP_UTILS[f"pack_{name}"], inner.BFP_UTILS[f"unpack_{name}"]
        words = pack(numbers, row_major_input=True)
        assert words.dtype == np.uint32
        assert words.nbytes == 2 * ttnn.tile_size(getattr(ttnn.DataFormat, f"{name.capitalize()}_b"))
        back = unpack(words, row_major_output=True).reshape(numbers.shape)
        blocks = np.abs(numbers).reshape(-1, 16).max(axis=1, keepdims=True)
        step = np.exp2(np.floor(np.log2(np.maximum(blocks, 1)))) / (1 << (int(name[3]) - 2))
        assert np.all(np.abs(back - numbers).reshape(-1, 16) <= step)
        assert np.array_equal(unpack(words), ttnn.tilize(back))
