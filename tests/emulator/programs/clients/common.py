"""What these programs share: cores, circular buffers and kernels in a line each, and the comparison at the end."""

from __future__ import annotations

import torch
import ttnn

SOURCE = ttnn.KernelDescriptor.SourceType.SOURCE_CODE
BYTES = {
    ttnn.bfloat16: 2048, ttnn.float32: 4096, ttnn.uint32: 4096, ttnn.int32: 4096, ttnn.uint16: 2048,
    ttnn.bfloat8_b: 1088, ttnn.bfloat4_b: 576,
}  # fmt: skip


def rectangle(x0, y0, x1, y1):
    return ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(x0, y0), ttnn.CoreCoord(x1, y1))])


def cb(index, cores, dtype, tiles, page=None, tile=None):
    page = page or BYTES[dtype]
    shape = None if tile is None else ttnn.TileDescriptor(tile)
    formats = [ttnn.CBFormatDescriptor(buffer_index=index, data_format=dtype, page_size=page, tile=shape)]
    return ttnn.CBDescriptor(total_size=tiles * page, core_ranges=cores, format_descriptors=formats)


def kernel(source, cores, config, ct=(), rt=(), common=(), defines=()):
    return ttnn.KernelDescriptor(
        kernel_source=source, source_type=SOURCE, core_ranges=cores, compile_time_args=list(ct), runtime_args=rt,
        common_runtime_args=list(common), defines=list(defines), config=config,
    )  # fmt: skip


def program(kernels, cbs, semaphores=()):
    return ttnn.ProgramDescriptor(kernels=kernels, semaphores=list(semaphores), cbs=cbs)


def same(got, expected, what, atol=0.0, rtol=0.0):
    got, expected = got.float(), expected.float()
    assert got.shape == expected.shape, (what, got.shape, expected.shape)
    assert torch.allclose(got, expected, atol=atol, rtol=rtol), (what, (got - expected).abs().max().item())
    assert expected.abs().max() > 0, what
    print(what, "agrees")
