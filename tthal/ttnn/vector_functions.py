"""Functions of one device tensor for expected values, computed as the device does.

On a card, ``ttnn.exp`` and the kernel that it is compared with run the same function of the vector unit, and programs
compare the two without room for a last bit (tt-metal's own test of ``generic_op`` does). So a tensor of tiles on a
device goes through a program of one core with the function's call: the arithmetic is the device's, whichever that is.
All other operations, and all host tensors, are computed in numpy (host_reference.py).
"""

from __future__ import annotations

from typing import Any, cast

import numpy.typing as npt

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.descriptors import (
    CBDescriptor,
    CBFormatDescriptor,
    ComputeConfigDescriptor,
    KernelDescriptor,
    ProgramDescriptor,
    ReaderConfigDescriptor,
    WriterConfigDescriptor,
)
from tthal.device import Device
from tthal.generic_op import generic_op
from tthal.tensor.creation import allocate_tensor_on_device
from tthal.tensor.memory_config import DRAM_MEMORY_CONFIG
from tthal.tensor.operations import to_memory_config
from tthal.tensor.tensor import Tensor
from tthal.tensor.types import Layout, StorageType
from tthal.tensor_accessor import TensorAccessorArgs
from tthal.types import DataType, SourceType, UnpackToDestMode

_SAME_NAME = """
    acos acosh asin asinh atan atanh cbrt cos cosh erf erfc exp exp2 expm1 log log1p rsqrt sigmoid silu sin sinh sqrt
    tan tanh
"""
FUNCTIONS = {**{name: name for name in _SAME_NAME.split()}, "reciprocal": "recip"}
"""By ttnn's name of a function its name in the compute API, whose call without parameters is what ttnn's default is."""

_READER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto from = TensorAccessor(args, get_arg_val<uint32_t>(0), get_tile_size(0));
    for (uint32_t tile = 0; tile < get_arg_val<uint32_t>(1); tile++) {
        cb_reserve_back(0, 1);
        noc_async_read_page(tile, from, get_write_ptr(0));
        noc_async_read_barrier();
        cb_push_back(0, 1);
    }
}
"""
_COMPUTE = """#include "api/compute/compute_kernel_api.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_unary/sfpu_split_includes.h"
#include "api/compute/pack.h"
#include "api/compute/tile_move_copy.h"
void kernel_main() {{
    compute_kernel_hw_startup(0, 16);
    copy_init(0);
    {name}_tile_init();
    for (uint32_t tile = 0; tile < get_arg_val<uint32_t>(0); tile++) {{
        cb_wait_front(0, 1);
        tile_regs_acquire();
        copy_tile(0, 0, 0);
        {name}_tile(0);
        tile_regs_commit();
        cb_pop_front(0, 1);
        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
    }}
}}
"""
_WRITER = """#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    constexpr auto args = TensorAccessorArgs<0>();
    const auto to = TensorAccessor(args, get_arg_val<uint32_t>(0), get_tile_size(16));
    for (uint32_t tile = 0; tile < get_arg_val<uint32_t>(1); tile++) {
        cb_wait_front(16, 1);
        noc_async_write_page(tile, to, get_read_ptr(16));
        noc_async_write_barrier();
        cb_pop_front(16, 1);
    }
}
"""


def is_computed(name: str, tensor: object) -> bool:
    """Whether a function of this tensor runs on its device: in tiles of bfloat16 or float32, not on the host."""
    return (
        name in FUNCTIONS
        and isinstance(tensor, Tensor)
        and tensor.storage_type() is not StorageType.HOST
        and tensor.layout is Layout.TILE
        and tensor.dtype in (DataType.BFLOAT16, DataType.FLOAT32)
        and tuple(tensor.tile.tile_shape) == (32, 32)
    )


def computed(name: str, tensor: Tensor) -> npt.NDArray[Any]:
    """Return the function's values, of the tensor's shape."""
    source, device = to_memory_config(tensor, DRAM_MEMORY_CONFIG), cast(Device, tensor.device())
    target = allocate_tensor_on_device(source.shape, source.dtype, source.layout, device, DRAM_MEMORY_CONFIG)
    generic_op([source, target], _program(FUNCTIONS[name], source, target))
    values = target.values()
    for each in (target, *(() if source is tensor else (source,))):
        each.deallocate()
    return values


def _program(name: str, source: Tensor, target: Tensor) -> ProgramDescriptor:
    core = CoreCoord(0, 0)
    cores = CoreRangeSet([CoreRange(core, core)])
    tiles, wide = source.buffer_num_pages(), source.dtype is DataType.FLOAT32
    modes = [UnpackToDestMode.UnpackToDestFp32] + [UnpackToDestMode.Default] * 63 if wide else []

    def kernel(text: str, config: Any, words: list[int], args: list[int]) -> KernelDescriptor:
        return KernelDescriptor(
            kernel_source=text, source_type=SourceType.SOURCE_CODE, core_ranges=cores, compile_time_args=words,
            runtime_args=[(core, args)], config=config,
        )  # fmt: skip

    def words(tensor: Tensor) -> list[int]:
        return list(TensorAccessorArgs(tensor).get_compile_time_args())

    return ProgramDescriptor(
        kernels=[
            kernel(_READER, ReaderConfigDescriptor(), words(source), [source.buffer_address(), tiles]),
            kernel(
                _COMPUTE.format(name=name),
                ComputeConfigDescriptor(fp32_dest_acc_en=wide, unpack_to_dest_mode=modes),
                [],
                [tiles],
            ),
            kernel(_WRITER, WriterConfigDescriptor(), words(target), [target.buffer_address(), tiles]),
        ],
        semaphores=[],
        cbs=[_buffer(index, source, cores) for index in (0, 16)],
    )


def _buffer(index: int, tensor: Tensor, cores: CoreRangeSet) -> CBDescriptor:
    page = tensor.buffer_page_size()
    form = CBFormatDescriptor(buffer_index=index, data_format=tensor.dtype, page_size=page)
    return CBDescriptor(total_size=2 * page, core_ranges=cores, format_descriptors=[form])
