"""Programs that rearrange data: transposing, gathering and scattering."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

import tthal as ttnn

if TYPE_CHECKING:
    from tests.emulator.program_bench import Bench


def random_words(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(1, 2**32, count, dtype=np.uint32)


def cores(count: int) -> ttnn.CoreRange:
    return ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(count - 1, 0))


def accessor_words(*buffers: ttnn.Buffer) -> list[int]:
    return [word for buffer in buffers for word in ttnn.TensorAccessorArgs(buffer).get_compile_time_args()]


def test_transpose_of_row_major_sticks(bench: Bench) -> None:
    rows, columns = 24, 20
    data = random_words(rows * columns).reshape(rows, columns)
    source, target = bench.interleaved(rows, 4 * columns), bench.interleaved(columns, 4 * rows, ttnn.BufferType.L1)
    bench.write(source, data.reshape(-1))
    program = ttnn.CreateProgram()
    bench.circular_buffer(program, cores(3), 0, rows, 4 * columns + 16)
    bench.circular_buffer(program, cores(3), 1, 1, 4 * rows)
    kernel = bench.kernel(program, "transpose_sticks", cores(3), compile_args=accessor_words(source, target))
    for place, core in enumerate(cores(3)):
        share = [place * columns // 3, (place + 1) * columns // 3]
        # Rows lie at multiples of the aligned page size, so that DRAM reads keep their alignment.
        args = [source.address(), target.address(), rows, source.aligned_page_size(), *share]
        ttnn.SetRuntimeArgs(program, kernel, core, args)
    bench.run(program)
    np.testing.assert_array_equal(bench.read(target).reshape(columns, rows), data.T)


def test_gather_and_scatter_with_page_lists(bench: Bench) -> None:
    pages, page = 60, 128
    data = random_words(pages * page // 4).reshape(pages, -1)
    source, target = bench.interleaved(pages, page), bench.interleaved(pages, page)
    bench.write(source, data.reshape(-1))
    bench.write(target, np.zeros(pages * page // 4, np.uint32))
    rng = np.random.default_rng(5)
    to = rng.permutation(pages)
    program = ttnn.CreateProgram()
    bench.circular_buffer(program, cores(2), 0, 32, page)
    kernel = bench.kernel(program, "gather_pages", cores(2), compile_args=accessor_words(source, target))
    ttnn.SetCommonRuntimeArgs(program, kernel, [source.address(), target.address()])
    expected = np.zeros_like(data)
    for core, share, count in zip(cores(2), (slice(0, 20), slice(20, 49)), (20, 29), strict=True):
        from_pages = rng.integers(0, pages, count)
        expected[to[share]] = data[from_pages]
        ttnn.SetRuntimeArgs(program, kernel, core, [count, *from_pages.tolist(), *to[share].tolist()])
    bench.run(program)
    np.testing.assert_array_equal(bench.read(target).reshape(pages, -1), expected)
