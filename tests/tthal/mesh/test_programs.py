"""Tensors, mesh names and programs described as data, run on a mesh of one device of the emulator."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import tthal as ttnn

ONE_CORE = ttnn.CoreRangeSet([ttnn.CoreRange((0, 0), (0, 0))])
ORIGIN = ttnn.MeshCoordinate(0, 0)
COPY = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {
    const auto source = TensorAccessor(TensorAccessorArgs<0>(), get_arg_val<uint32_t>(0));
    const auto result = TensorAccessor(TensorAccessorArgs<2>(), get_arg_val<uint32_t>(1));
    for (uint32_t page = 0; page < get_arg_val<uint32_t>(2); page++) {
        noc_async_read(source.get_noc_addr(page), get_write_ptr(0), get_tile_size(0));
        noc_async_read_barrier();
        noc_async_write(get_write_ptr(0), result.get_noc_addr(page), get_tile_size(0));
        noc_async_write_barrier();
    }
}
"""


@pytest.fixture
def device(clean_selection: None) -> Iterator[ttnn.MeshDevice]:
    mesh = ttnn.open_mesh_device(ttnn.MeshShape(1, 1))
    yield mesh
    ttnn.close_mesh_device(mesh)


def copying(source: ttnn.Tensor, result: ttnn.Tensor) -> ttnn.ProgramDescriptor:
    """Fill descriptors after an empty construction, as many programs do."""
    kernel = ttnn.KernelDescriptor()
    kernel.kernel_source, kernel.source_type = COPY, ttnn.KernelDescriptor.SourceType.SOURCE_CODE
    kernel.core_ranges = ONE_CORE
    accessors = [ttnn.TensorAccessorArgs(each).get_compile_time_args() for each in (source, result)]
    kernel.compile_time_args = [*accessors[0], *accessors[1]]
    addresses = [source.buffer_address(), result.buffer_address()]
    kernel.runtime_args = [((0, 0), [*addresses, source.buffer_num_pages()])]
    page = ttnn.CBDescriptor()
    page.total_size, page.core_ranges = 2048, ONE_CORE
    page.format_descriptors = [ttnn.CBFormatDescriptor(0, ttnn.bfloat16, 2048)]
    program = ttnn.ProgramDescriptor()
    program.kernels, program.cbs = [kernel], [page]
    return program


def tensors(device: ttnn.MeshDevice) -> tuple[ttnn.Tensor, ttnn.Tensor]:
    numbers = np.arange(64 * 64, dtype=np.float32).reshape(64, 64) % 256
    source = ttnn.from_numpy(numbers, dtype=ttnn.bfloat16, layout=ttnn.TILE_LAYOUT, device=device)
    return source, ttnn.allocate_tensor_on_device(source.spec, device)


def test_generic_op_runs_on_tensors_and_returns_its_last(device: ttnn.MeshDevice) -> None:
    source, result = tensors(device)
    assert ttnn.generic_op([source, result], copying(source, result)) is result
    assert np.array_equal(result.to_numpy(), source.to_numpy())


def test_generic_op_takes_programs_by_their_place(device: ttnn.MeshDevice) -> None:
    source, result = tensors(device)
    by_place = ttnn.MeshProgramDescriptor()
    by_place[ttnn.MeshCoordinateRange(ORIGIN, ORIGIN)] = copying(source, result)
    assert ttnn.generic_op(io_tensors=[source, result], mesh_program_descriptor=by_place) is result
    assert np.array_equal(ttnn.get_device_tensors(result)[0].to_numpy(), source.to_numpy())
    by_place[ttnn.MeshCoordinateRange(ttnn.MeshShape(1, 2))] = copying(source, result)
    with pytest.raises(ttnn.InvalidArgument, match="one device"):
        ttnn.generic_op([source, result], by_place)


def test_generic_op_says_what_is_on_the_host(device: ttnn.MeshDevice) -> None:
    source, result = tensors(device)
    with pytest.raises(ttnn.InvalidArgument, match="to_device"):
        ttnn.generic_op([source.cpu(), result], copying(source, result))


def test_a_workload_of_the_cpp_examples(device: ttnn.MeshDevice) -> None:
    local = ttnn.DeviceLocalBufferConfig(page_size=1024, buffer_type=ttnn.BufferType.DRAM)
    buffers = [ttnn.MeshBuffer.create(ttnn.ReplicatedBufferConfig(4096), local, device) for _ in range(2)]
    program = ttnn.CreateProgram()
    kernel = ttnn.CreateKernelFromString(program, COPY.replace("get_tile_size(0)", "1024"), (0, 0))
    del kernel
    queue, data = device.mesh_command_queue(), list(range(1024))
    ttnn.EnqueueWriteMeshBuffer(queue, buffers[0], data)
    copied = ttnn.CreateProgram()
    ttnn.CreateCircularBuffer(copied, (0, 0), ttnn.CircularBufferConfig(1024, {0: ttnn.uint32}).set_page_size(0, 1024))
    words = [word for each in buffers for word in ttnn.TensorAccessorArgs(each).get_compile_time_args()]
    config = ttnn.DataMovementConfig(compile_args=words)
    number = ttnn.CreateKernelFromString(copied, COPY.replace("get_tile_size(0)", "1024"), (0, 0), config)
    ttnn.SetRuntimeArgs(copied, number, (0, 0), [buffers[0].address(), buffers[1].address(), 4])
    workload = ttnn.MeshWorkload()
    workload.add_program(ttnn.MeshCoordinateRange(device.shape), copied)
    ttnn.EnqueueMeshWorkload(queue, workload, False)
    found: list[int] = []
    ttnn.EnqueueReadMeshBuffer(queue, found, buffers[1], True)
    assert found == data
    with pytest.raises(ttnn.InvalidArgument, match="already"):
        workload.add_program(ORIGIN, program)


def test_a_circular_buffer_lies_in_a_sharded_tensor(device: ttnn.MeshDevice) -> None:
    # Addresses, sizes and cores as ttnn 0.81.1 gives them on a mock n150.
    shards = ttnn.create_sharded_memory_config((128, 64), ttnn.CoreGrid(y=2, x=2), ttnn.ShardStrategy.HEIGHT)
    tensor = ttnn.allocate_tensor_on_device((128, 64), ttnn.bfloat16, ttnn.TILE_LAYOUT, device, shards)
    whole = ttnn.cb_descriptor_from_sharded_tensor(3, tensor)
    assert (whole.total_size, str(whole.core_ranges), whole.address_offset) == (4096, "{[0-0 - 1-1]}", 0)
    assert [(each.buffer_index, each.page_size) for each in whole.format_descriptors] == [(3, 2048)]
    assert whole.has_buffer()
    assert whole.buffer_address() == tensor.buffer_address() == ttnn.get_cb_address(whole) == 1499136 - 4096
    part = ttnn.cb_descriptor_from_sharded_tensor(3, tensor, 2048, 2048, ONE_CORE)
    assert (part.total_size, str(part.core_ranges), part.address_offset) == (2048, "{[0-0 - 0-0]}", 2048)
    assert ttnn.get_cb_address(part) == tensor.buffer_address() + 2048
    assert ttnn.get_cb_address(ttnn.CBDescriptor()) == 0
    with pytest.raises(ttnn.InvalidArgument, match="exceed"):
        ttnn.cb_descriptor_from_sharded_tensor(3, tensor, 2048, 4096)
    with pytest.raises(ttnn.InvalidArgument, match="sharded"):
        ttnn.cb_descriptor_from_sharded_tensor(3, tensors(device)[0])


def test_a_global_semaphore_is_a_word_on_every_core(device: ttnn.MeshDevice) -> None:
    # The first two of a process on a mock n150 lie here (ttnn 0.81.1).
    block = ttnn.CoreRangeSet([ttnn.CoreRange((0, 0), (3, 3))])
    first, second = (ttnn.create_global_semaphore(device, block, value) for value in (5, 6))
    assert [ttnn.get_global_semaphore_address(each) for each in (first, second)] == [1499104, 1499072]
    ttnn.reset_global_semaphore_value(second, 7)
    for core in ((0, 0), (3, 3)):
        assert [word_at(device, core, each) for each in (first, second)] == [5, 7]
    with pytest.raises(ttnn.InvalidArgument, match="value of a semaphore"):
        ttnn.reset_global_semaphore_value(first, -1)


def word_at(device: ttnn.MeshDevice, core: tuple[int, int], semaphore: ttnn.GlobalSemaphore) -> int:
    return int(ttnn.ReadFromDeviceL1(device, core, semaphore.address(), 4).view(np.uint32)[0])


def test_meshes_of_several_devices_are_refused(clean_selection: None) -> None:
    with pytest.raises(ttnn.Unsupported, match=r"MeshShape\(1, 1\)"):
        ttnn.open_mesh_device(ttnn.MeshShape(1, 2))
