"""Runs kernels by tt-lang's own runner, ``python/ttl/kernel_runner.py`` of its checkout, as its compiler would.

The compiler needs a build of MLIR; the runner only takes what it made. The kernels here are written by hand in the form
that the compiler's tests describe (``test/python/simple_add*.py``): indices of circular buffers and accessors as
compile-time arguments, addresses as common arguments, accessors numbered by tensor and by position.

    python tools/public_programs --tt-lang tt-lang -k kernel_runner
"""

from __future__ import annotations

import importlib
import tempfile
from pathlib import Path
from types import SimpleNamespace

import torch
import ttnn
from tt_lang_layout import lay_out

COMPUTE = """
#include <cstdint>
#include "compute_kernel_api/common.h"
#include "compute_kernel_api/tile_move_copy.h"
#include "compute_kernel_api/eltwise_binary_sfpu.h"
#include "compute_kernel_api/eltwise_unary/eltwise_unary.h"
void kernel_main() {
    size_t zero = 0, one = 1;
    init_sfpu(get_compile_time_arg_val(0), get_compile_time_arg_val(2));
    cb_wait_front(get_compile_time_arg_val(0), 1);
    cb_wait_front(get_compile_time_arg_val(1), 1);
    cb_reserve_back(get_compile_time_arg_val(2), 1);
    tile_regs_acquire();
    copy_tile_init(get_compile_time_arg_val(0));
    copy_tile(get_compile_time_arg_val(0), zero, zero);
    copy_tile_init(get_compile_time_arg_val(1));
    copy_tile(get_compile_time_arg_val(1), zero, one);
    add_binary_tile_init();
    add_binary_tile(zero, one, zero);
    tile_regs_commit();
    tile_regs_wait();
    pack_tile<false>(zero, get_compile_time_arg_val(2), zero);
    tile_regs_release();
    cb_push_back(get_compile_time_arg_val(2), 1);
    cb_pop_front(get_compile_time_arg_val(0), 1);
    cb_pop_front(get_compile_time_arg_val(1), 1);
}
"""
READ = """
#include <cstdint>
#include "dataflow_api.h"
void kernel_main() {
    size_t tile = get_absolute_logical_x() + 4 * get_absolute_logical_y();
    int32_t bytes = 2048;
    cb_reserve_back(get_compile_time_arg_val(0), 1);
    auto left_args = TensorAccessorArgs<3, 0>();
    TensorAccessor left = TensorAccessor(left_args, get_common_arg_val<uint32_t>(0), bytes);
    noc_async_read_tile(tile, left, get_write_ptr(get_compile_time_arg_val(0)));
    noc_async_read_barrier();
    cb_push_back(get_compile_time_arg_val(0), 1);
    cb_reserve_back(get_compile_time_arg_val(1), 1);
    auto right_args = TensorAccessorArgs<decltype(left_args)::next_compile_time_args_offset(), 1>();
    TensorAccessor right = TensorAccessor(right_args, get_common_arg_val<uint32_t>(1), bytes);
    noc_async_read_tile(tile, right, get_write_ptr(get_compile_time_arg_val(1)));
    noc_async_read_barrier();
    cb_push_back(get_compile_time_arg_val(1), 1);
}
"""
WRITE = """
#include <cstdint>
#include "dataflow_api.h"
void kernel_main() {
    size_t tile = get_absolute_logical_x() + 4 * get_absolute_logical_y();
    int32_t bytes = 2048;
    cb_wait_front(get_compile_time_arg_val(2), 1);
    auto args = TensorAccessorArgs<7, 0>();
    TensorAccessor out = TensorAccessor(args, get_common_arg_val<uint32_t>(0), bytes);
    noc_async_write_tile(tile, out, get_read_ptr(get_compile_time_arg_val(2)));
    noc_async_write_barrier();
    cb_pop_front(get_compile_time_arg_val(2), 1);
}
"""


def main() -> None:
    """Add two matrices on 4x2 cores, a tile on each."""
    lay_out()
    runner = importlib.import_module("ttl.kernel_runner")
    device = ttnn.open_device(device_id=0)
    torch.manual_seed(0)
    left, right = (torch.randn(64, 128, dtype=torch.bfloat16) for _ in range(2))
    tensors = [
        ttnn.from_torch(each, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
        for each in (left, right, torch.zeros_like(left))
    ]
    cores = ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(3, 1))])
    buffers = [
        SimpleNamespace(shape=(1, 1), buffer_factor=2, tensor=each, _cb_index=i) for i, each in enumerate(tensors)
    ]
    # In a folder with a name of its own, as tt-lang's compiler leaves them: a recording knows kernels by their files.
    folder = Path(tempfile.gettempdir(), "ttlang_kernels")
    folder.mkdir(exist_ok=True)
    kernels = []
    for name, text in (("compute", COMPUTE), ("read", READ), ("write", WRITE)):
        path = folder / f"{name}.cpp"
        path.write_text(text, encoding="utf-8")
        kernels.append(str(path))
    result = runner.run_kernel_on_device(
        kernel_specs=[
            runner.KernelSpec(kernels[0], "compute", [], ttnn.ComputeConfigDescriptor()),
            runner.KernelSpec(kernels[1], "noc", [0, 1], ttnn.ReaderConfigDescriptor()),
            runner.KernelSpec(kernels[2], "noc", [2], ttnn.WriterConfigDescriptor()),
        ],
        tensors=tensors,
        cb_configs=buffers,
        core_ranges=cores,
    )
    expected = left.float() + right.float()
    found = ttnn.to_torch(result).float()
    ttnn.close_device(device)
    if not torch.allclose(found, expected, rtol=2**-7, atol=2**-7):
        raise SystemExit(f"differs by {(found - expected).abs().max().item()}")
    print("passed")


main()
