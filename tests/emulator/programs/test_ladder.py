"""The first rungs of the ladder of kernels, with real arguments (device-api.md §6): own kernels, the vendor's files.

``TTHAL_KERNEL_CORPUS`` names the folder a wheel ``ttnn`` was unpacked into; without it the vendor's files are skipped.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

import tthal as ttnn

if TYPE_CHECKING:
    from .conftest import Bench

CORE = ttnn.CoreCoord(0, 0)
OUT = 0x60000
PAGE = 2048
Layout = ttnn.TensorMemoryLayout


def random_words(count: int) -> np.ndarray:
    return np.random.default_rng(count).integers(1, 2**32, count, dtype=np.uint32)


def dm(**options: object) -> ttnn.DataMovementConfig:
    return ttnn.DataMovementConfig(**options)


READER = {"processor": ttnn.DataMovementProcessor.RISCV_1, "noc": ttnn.NOC.NOC_1}


def from_source(source: str, args: list[int], config: ttnn.DataMovementConfig | None = None) -> ttnn.Program:
    program = ttnn.CreateProgram()
    kernel = ttnn.CreateKernelFromString(program, source, CORE, config or dm())
    if args:
        ttnn.SetRuntimeArgs(program, kernel, CORE, args)
    return program


# ---- 1 to 8: own kernels of the same kind


@pytest.mark.parametrize("source", ["void kernel_main() {}", '#include "dataflow_api.h"\nvoid kernel_main() {}'])
def test_empty_kernels(bench: Bench, source: str) -> None:
    program = from_source(source, [])
    marker = random_words(1)
    bench.fill_l1(CORE, OUT, marker)
    bench.run(program)
    np.testing.assert_array_equal(bench.l1(CORE, OUT, 1), marker)


def test_two_integers_in_l1(bench: Bench) -> None:
    source = """void kernel_main() {
        auto* out = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_compile_time_arg_val(0));
        *out = get_arg_val<uint32_t>(0) + get_arg_val<uint32_t>(1);
    }"""
    bench.run(from_source(source, [101, 202], dm(compile_args=[OUT])))
    assert bench.l1(CORE, OUT, 1).tolist() == [303]


def test_two_integers_in_dram(bench: Bench) -> None:
    buffers = [bench.interleaved(1, 32) for _ in range(3)]
    for buffer, value in zip(buffers, (14, 7, 0), strict=True):
        bench.write(buffer, np.full(8, value, np.uint32))
    source = f"""void kernel_main() {{
        constexpr uint32_t a = {OUT}, b = {OUT + 64}, c = {OUT + 128};
        noc_async_read(get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0)), a, 32);
        noc_async_read(get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(1)), b, 32);
        noc_async_read_barrier();
        *reinterpret_cast<uint32_t*>(c) = *reinterpret_cast<uint32_t*>(a) + *reinterpret_cast<uint32_t*>(b);
        noc_async_write(c, get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(2)), 4);
        noc_async_write_barrier();
    }}"""
    bench.run(from_source(source, [buffer.address() for buffer in buffers]))
    assert bench.read(buffers[2])[0] == 21


def test_loopback_over_explicit_coordinates_in_chunks(bench: Bench) -> None:
    """From DRAM bank 0 to bank 5 by the coordinates the device tells, in chunks, the last of them short."""
    banks = [bench.device.properties.dram_banks[bank] for bank in (0, 5)]
    size, chunk, base = 10_240 + 96, 4096, bench.device.properties.dram_base
    data = random_words(size // 4)
    ttnn.WriteToDeviceDRAMChannel(bench.device, 0, base, data)
    source = f"""void kernel_main() {{
        uint32_t left = get_arg_val<uint32_t>(6), from = get_arg_val<uint32_t>(2), to = get_arg_val<uint32_t>(5);
        while (left > 0) {{
            const uint32_t bytes = left < {chunk} ? left : {chunk};
            noc_async_read(get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), from), {OUT}, bytes);
            noc_async_read_barrier();
            noc_async_write({OUT}, get_noc_addr(get_arg_val<uint32_t>(3), get_arg_val<uint32_t>(4), to), bytes);
            noc_async_write_barrier();
            left -= bytes; from += bytes; to += bytes;
        }}
    }}"""
    args = [word for bank in banks for word in (*bank.noc0, base + bank.offset)]
    bench.run(from_source(source, [*args, size]))
    found = np.asarray(ttnn.ReadFromDeviceDRAMChannel(bench.device, 5, base, size)).view(np.uint32)
    np.testing.assert_array_equal(found, data)


# ---- the vendor's own files


@pytest.fixture
def vendor_kernel() -> Callable[[str], str]:
    """Return the path of a kernel in the corpus, relative to its operations."""
    corpus = os.environ.get("TTHAL_KERNEL_CORPUS")
    if not corpus:
        pytest.skip("TTHAL_KERNEL_CORPUS is not set: the vendor's kernels are not part of the source tree")
    operations = Path(corpus) / "ttnn" / "ttnn" / "cpp" / "ttnn" / "operations"
    return lambda name: str(operations / name)


def accessor(buffer: ttnn.Buffer) -> list[int]:
    return ttnn.TensorAccessorArgs(buffer).get_compile_time_args()


def test_vendor_blank(bench: Bench, vendor_kernel: Callable[[str], str]) -> None:
    program = ttnn.CreateProgram()
    ttnn.CreateKernel(program, vendor_kernel("examples/example/device/kernels/dataflow/blank.cpp"), CORE, dm())
    bench.run(program)


def test_vendor_clone_reader_and_writer(bench: Bench, vendor_kernel: Callable[[str], str]) -> None:
    """Their binding tokens are named compile-time arguments here; the two share a circular buffer."""
    source, target = bench.interleaved(30, 96), bench.interleaved(30, 96, ttnn.BufferType.L1)
    data = random_words(30 * 24)
    bench.write(source, data)
    program = ttnn.CreateProgram()
    bench.circular_buffer(program, CORE, 0, 2, 96)
    args = {"rta::stick_size": 0, "rta::num_sticks": 1, "rta::start_id": 2}
    for name, dfb, tensor, buffer, place in (
        ("read", "src", "input", source, READER),
        ("write", "dst", "output", target, {}),
    ):
        named = {**args, f"dfb::{dfb}": 0, f"tensor::{tensor}": 0, f"tensor::{tensor}.address": 0}
        config = dm(compile_args=accessor(buffer), named_compile_args=named, **place)
        path = vendor_kernel(f"data_movement/clone/device/kernels/{name}_kernel_rm.cpp")
        kernel = ttnn.CreateKernel(program, path, CORE, config)
        ttnn.SetRuntimeArgs(program, kernel, CORE, [96, 30, 0])
        ttnn.SetCommonRuntimeArgs(program, kernel, [buffer.address()])
    bench.run(program)
    np.testing.assert_array_equal(bench.read(target), data)


def test_vendor_unary_reader(bench: Bench, vendor_kernel: Callable[[str], str]) -> None:
    """Pages 5 to 8 come into a circular buffer that holds all of them."""
    source = bench.interleaved(20, PAGE)
    data = random_words(20 * PAGE // 4).reshape(20, -1)
    bench.write(source, data)
    program = ttnn.CreateProgram()
    config = ttnn.CircularBufferConfig(4 * PAGE, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, PAGE)
    ttnn.CreateCircularBuffer(program, CORE, config)
    path = vendor_kernel("data_movement/copy/device/kernels/reader_unary_start_id.cpp")
    kernel = ttnn.CreateKernel(program, path, CORE, dm(compile_args=accessor(source), **READER))
    ttnn.SetRuntimeArgs(program, kernel, CORE, [source.address(), 4, 5])
    bench.run(program)
    # The program's first circular buffer begins where L1 for buffers does.
    found = bench.l1(CORE, bench.device.properties.l1_base, 4 * PAGE // 4)
    np.testing.assert_array_equal(found.reshape(4, -1), data[5:9])


def test_vendor_sharded_reader(bench: Bench, vendor_kernel: Callable[[str], str]) -> None:
    """The circular buffer is the shard, so the reader only publishes it; a kernel of ours sums what it finds."""
    shards = bench.sharded(Layout.HEIGHT_SHARDED, ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0)), (4, 1), (2, 1), 64)
    data = np.arange(1, 65, dtype=np.uint32)
    bench.write(shards, data)
    program = ttnn.CreateProgram()
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0))
    bench.circular_buffer(program, cores, 3, 2, 64, shards)
    path = vendor_kernel("eltwise/unary/device/kernels/dataflow/reader_unary_sharded.cpp")
    reader = ttnn.CreateKernel(program, path, cores, dm(compile_args=[3], **READER))
    ttnn.SetRuntimeArgs(program, reader, cores, [2])
    source = f"""void kernel_main() {{
        cb_wait_front(3, 2); uint32_t sum = 0;
        for (uint32_t i = 0; i < 32; i++) sum += reinterpret_cast<volatile uint32_t*>(get_read_ptr(3))[i];
        *reinterpret_cast<volatile uint32_t*>({OUT}) = sum; cb_pop_front(3, 2);
    }}"""
    ttnn.CreateKernelFromString(program, source, cores, dm())
    bench.run(program)
    assert [bench.l1(core, OUT, 1)[0] for core in cores] == [data[:32].sum(), data[32:].sum()]


def test_vendor_nd_sharded_blocks(bench: Bench, vendor_kernel: Callable[[str], str]) -> None:
    """Every second shard of six, page by page, from the shards' own cores."""
    source = bench.sharded(Layout.BLOCK_SHARDED, ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 2)), (6, 4), (2, 2), 64)
    data = random_words(24 * 16).reshape(6, 4, 16)
    bench.write(source, data.reshape(-1))
    program = ttnn.CreateProgram()
    bench.circular_buffer(program, CORE, 1, 12, 64)
    named = {
        "rta::start_shard_id": 0, "args::num_tiles_per_input_block": 1, "args::num_shards": 6, "args::num_cores": 2,
        "dfb::in": 1, "tensor::src": 0, "tensor::src.address": 0,
    }  # fmt: skip
    path = vendor_kernel("data_movement/sharded/device/kernels/dataflow/reader_unary_nd_sharded_blocks_metal2.cpp")
    config = dm(compile_args=accessor(source), named_compile_args=named, **READER)
    kernel = ttnn.CreateKernel(program, path, CORE, config)
    ttnn.SetRuntimeArgs(program, kernel, CORE, [1])
    ttnn.SetCommonRuntimeArgs(program, kernel, [source.address()])
    bench.run(program)
    found = bench.l1(CORE, bench.device.properties.l1_base, 12 * 16).reshape(3, 4, 16)
    # Shards 1, 3, 5 are the right halves of the three rows of shards.
    expected = [data[row : row + 2, 2:4].reshape(4, 16) for row in (0, 2, 4)]
    np.testing.assert_array_equal(found, np.array(expected))
