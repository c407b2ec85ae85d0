"""The real libtt_metal.so on a simulated Wormhole: kernels really run, slowly (simulated_card/prepare.py).

Needs Debian's RISC-V compiler and the package index; skips with the reason otherwise.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.device_interface import DeviceProperties
from tthal.errors import CompileError, DeviceError
from tthal.types import DispatchMode
from tthal_emulator.board.boards import find_board
from tthal_emulator.board.machine import Machine
from tthal_metal.processes import is_gone

pytestmark = pytest.mark.slow

TILE = 32 * 32 * 2


@pytest.fixture(scope="module")
def environment(simulated_card: dict[str, str]) -> Iterator[dict[str, str]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TT_METAL_MOCK_CLUSTER_DESC_PATH", raising=False)
        for name, value in simulated_card.items():
            patch.setenv(name, value)
        yield simulated_card


@pytest.fixture(scope="module")
def device(environment: dict[str, str]) -> Iterator[Any]:
    """One simulated card for the whole module."""
    with ttnn.open_device(backend="metal?timeout=300") as opened:
        yield opened


def test_it_is_an_n150_in_slow_dispatch(device: Any) -> None:
    emulated = Machine(find_board("n150"), DispatchMode.SLOW).properties(frozenset(), ())
    own = {"capabilities", "data_formats", "library_versions"}
    for field in fields(DeviceProperties):
        if field.name not in own:
            assert getattr(device.properties, field.name) == getattr(emulated, field.name), field.name


def random_bytes(size: int, seed: int = 1) -> bytes:
    return np.random.default_rng(seed).integers(0, 256, size, dtype=np.uint8).tobytes()


def dram(device: Any, pages: int, page: int = TILE) -> Any:
    return ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, pages * page, page, ttnn.BufferType.DRAM))


def read(buffer: Any) -> bytes:
    return bytes(np.asarray(ttnn.ReadFromBuffer(buffer)).view(np.uint8))


MOVE_IN = """
#include "dataflow_api.h"
void kernel_main() {
    const uint32_t address = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    constexpr auto layout = TensorAccessorArgs<0>();
    const auto pages = TensorAccessor(layout, address, 2048);
    for (uint32_t i = 0; i < count; i++) {
        cb_reserve_back(0, 1);
        noc_async_read_tile(i, pages, get_write_ptr(0));
        noc_async_read_barrier();
        cb_push_back(0, 1);
    }
}
"""
MOVE_OUT = """
#include "api/dataflow/dataflow_api.h"
#include "which.hpp"
void kernel_main() {
    const uint32_t address = get_arg_val<uint32_t>(0), count = get_arg_val<uint32_t>(1);
    constexpr auto layout = TensorAccessorArgs<0>();
    const auto pages = TensorAccessor(layout, address, 2048);
    for (uint32_t i = 0; i < count; i++) {
        cb_wait_front(kBuffer, 1);
        noc_async_write_tile(i, pages, get_read_ptr(kBuffer));
        noc_async_write_barrier();
        cb_pop_front(kBuffer, 1);
    }
}
"""
"""The older include spelling, today's, and a header of the user's."""


def mover(program: Any, core: Any, path: Path, source: str, processor: int, args: list[int]) -> int:
    path.write_text(source)
    noc = ttnn.NOC.NOC_0 if processor == 1 else ttnn.NOC.NOC_1
    config = ttnn.DataMovementConfig(processor=ttnn.DataMovementProcessor(processor), noc=noc, compile_args=[2, TILE])
    kernel = ttnn.CreateKernel(program, str(path), core, config)
    ttnn.SetRuntimeArgs(program, kernel, core, args)
    return int(kernel)


def circular_buffer(program: Any, core: Any, index: int, tiles: int = 2) -> Any:
    config = ttnn.CircularBufferConfig(tiles * TILE, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, TILE)
    return ttnn.CreateCircularBuffer(program, core, config)


def copy_program(tmp_path: Path, source: Any, target: Any, tiles: int) -> tuple[Any, int, int]:
    core = ttnn.CoreCoord(1, 2)
    program = ttnn.CreateProgram()
    circular_buffer(program, core, 0)
    (tmp_path / "which.hpp").write_text("constexpr uint32_t kBuffer = 0;\n")
    reader = mover(program, core, tmp_path / "in.cpp", MOVE_IN, 1, [source.address(), tiles])
    writer = mover(program, core, tmp_path / "out.cpp", MOVE_OUT, 0, [target.address(), tiles])
    return program, reader, writer


def test_buffers_hold_what_was_written(device: Any) -> None:
    for kind, page in ((ttnn.BufferType.DRAM, 2048), (ttnn.BufferType.L1, 64)):
        buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 20 * page, page, kind))
        data = random_bytes(20 * page)
        ttnn.WriteToBuffer(buffer, np.frombuffer(data, np.uint8))
        assert read(buffer) == data


def test_shards_come_back_in_host_order(device: Any) -> None:
    grid = ttnn.CoreRangeSet([ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 1))])
    spec = ttnn.ShardSpecBuffer(grid, (2, 16), ttnn.ShardOrientation.ROW_MAJOR, (1, 16), (3, 2))
    config = ttnn.ShardedBufferConfig(
        device=device, size=6 * 64, page_size=64, buffer_type=ttnn.BufferType.L1,
        buffer_layout=ttnn.TensorMemoryLayout.BLOCK_SHARDED, shard_parameters=spec,
    )  # fmt: skip
    buffer = ttnn.CreateBuffer(config)
    data = random_bytes(6 * 64)
    ttnn.WriteToBuffer(buffer, np.frombuffer(data, np.uint8))
    assert read(buffer) == data
    second = bytes(device.read_l1(ttnn.CoreCoord(1, 0), buffer.address(), 128))
    assert second == data[64:128] + data[192:256], "pages 1 and 3: the second column of the first two rows"


def test_raw_memory_is_the_buffers_memory(device: Any) -> None:
    buffer = dram(device, 3)
    data = random_bytes(3 * TILE)
    ttnn.WriteToBuffer(buffer, np.frombuffer(data, np.uint8))
    assert bytes(device.read_dram(1, buffer.address(), 64)) == data[TILE : TILE + 64], "page 1 lies in bank 1"
    device.write_dram(2, buffer.address(), b"\x07" * 32)
    assert read(buffer)[2 * TILE : 2 * TILE + 32] == b"\x07" * 32
    device.write_l1(ttnn.CoreCoord(7, 8), 0x60000, b"abcd" * 4)
    assert bytes(device.read_l1(ttnn.CoreCoord(7, 8), 0x60000, 16)) == b"abcd" * 4


def test_data_moves_and_arguments_change_between_launches(device: Any, tmp_path: Path) -> None:
    tiles = 3
    source, first, second = dram(device, tiles), dram(device, tiles), dram(device, tiles)
    data = random_bytes(tiles * TILE)
    ttnn.WriteToBuffer(source, np.frombuffer(data, np.uint8))
    program, _, writer = copy_program(tmp_path, source, first, tiles)
    queue = device.command_queue()
    ttnn.EnqueueProgram(queue, program, False)
    ttnn.SetRuntimeArgs(program, writer, ttnn.CoreCoord(1, 2), [second.address(), tiles])
    ttnn.EnqueueProgram(queue, program, False)
    ttnn.Finish(queue)
    assert read(first) == data
    assert read(second) == data


TABLE = """
void kernel_main() {
    volatile tt_l1_ptr uint32_t* out = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_arg_val<uint32_t>(0));
    for (uint32_t noc = 0; noc < 2; noc++) {
        for (uint32_t bank = 0; bank < NUM_DRAM_BANKS; bank++) {
            out[noc * NUM_DRAM_BANKS + bank] = dram_bank_to_noc_xy[noc][bank];
        }
    }
    out[2 * NUM_DRAM_BANKS] = (my_y[0] << 16) | my_x[0];
}
"""


def test_banks_are_where_the_firmware_says(device: Any, tmp_path: Path) -> None:
    program = ttnn.CreateProgram()
    core = ttnn.CoreCoord(2, 3)
    mover(program, core, tmp_path / "table.cpp", TABLE, 0, [0x60000])
    ttnn.EnqueueProgram(device.command_queue(), program, True)
    banks = device.properties.dram_banks
    words = np.frombuffer(bytes(device.read_l1(core, 0x60000, 4 * (2 * len(banks) + 1))), np.uint32)
    expected = [(y << 6) | x for ends in ([b.noc0 for b in banks], [b.noc1 for b in banks]) for x, y in ends]
    assert [int(word) >> 4 for word in words[:-1]] == expected


ADD = """
#include "api/compute/eltwise_binary.h"
#include "api/compute/compute_kernel_hw_startup.h"
void kernel_main() {
    compute_kernel_hw_startup(0, 1, 16);
    add_init(0, 1);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    tile_regs_acquire();
    add_tiles(0, 1, 0, 0, 0);
    tile_regs_commit();
    cb_reserve_back(16, 1);
    tile_regs_wait();
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
    cb_pop_front(0, 1);
    cb_pop_front(1, 1);
}
"""
OLD_ADD = """
#include "compute_kernel_api/eltwise_binary.h"
#include "compute_kernel_api/compute_kernel_hw_startup.h"
namespace NAMESPACE {
void MAIN {
BODY
}
}
""".replace("BODY", ADD[ADD.index("{") + 1 : ADD.rindex("}")])
OLD_NAMES = (
    ADD.replace("compute_kernel_hw_startup(0, 1, 16)", "binary_op_init_common(0, 1, 16)")
    .replace("add_init(0, 1)", "add_tiles_init(0, 1)")
    .replace("api/compute/compute_kernel_hw_startup.h", "api/compute/compute_kernel_api.h")
)
"""Functions that 0.81.1 dropped, and a header of the vector unit, which the kernel does not use."""
EXP = ADD.replace("tile_regs_commit();", "exp_tile_init(); exp_tile(0); tile_regs_commit();").replace(
    "void kernel_main", '#include "api/compute/eltwise_unary/exp.h"\nvoid kernel_main'
)
TWO_IN = """
void kernel_main() {
    constexpr auto layout = TensorAccessorArgs<0>();
    const auto left = TensorAccessor(layout, get_arg_val<uint32_t>(0), 2048);
    const auto right = TensorAccessor(layout, get_arg_val<uint32_t>(1), 2048);
    cb_reserve_back(0, 1);
    cb_reserve_back(1, 1);
    noc_async_read_tile(0, left, get_write_ptr(0));
    noc_async_read_tile(0, right, get_write_ptr(1));
    noc_async_read_barrier();
    cb_push_back(0, 1);
    cb_push_back(1, 1);
}
"""


@pytest.mark.parametrize("source", [ADD, OLD_ADD, OLD_NAMES], ids=["today's form", "the older form", "older names"])
def test_the_matrix_unit_adds(device: Any, tmp_path: Path, source: str) -> None:
    left = (np.arange(1024) % 64).astype(ml_dtypes.bfloat16)
    right = (100 - np.arange(1024) % 32).astype(ml_dtypes.bfloat16)
    buffers = [dram(device, 1) for _ in range(3)]
    ttnn.WriteToBuffer(buffers[0], left)
    ttnn.WriteToBuffer(buffers[1], right)
    core = ttnn.CoreCoord(0, 0)
    program = ttnn.CreateProgram()
    for index in (0, 1, 16):
        circular_buffer(program, core, index)
    (tmp_path / "which.hpp").write_text("constexpr uint32_t kBuffer = 16;\n")
    mover(program, core, tmp_path / "in.cpp", TWO_IN, 1, [buffers[0].address(), buffers[1].address()])
    mover(program, core, tmp_path / "out.cpp", MOVE_OUT, 0, [buffers[2].address(), 1])
    (tmp_path / "add.cpp").write_text(source)
    ttnn.CreateKernel(program, str(tmp_path / "add.cpp"), core, ttnn.ComputeConfig())
    ttnn.EnqueueProgram(device.command_queue(), program, True)
    result: npt.NDArray[Any] = np.frombuffer(read(buffers[2]), ml_dtypes.bfloat16)
    assert np.array_equal(result.astype(int), left.astype(int) + right.astype(int)), "sums that bfloat16 holds exactly"


def test_a_semaphore_and_a_multicast(device: Any, tmp_path: Path) -> None:
    send = """
    void kernel_main() {
        volatile tt_l1_ptr uint32_t* here = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(0x60000);
        for (uint32_t i = 0; i < 16; i++) here[i] = 0xabc0 + i;
        const uint64_t data = get_noc_multicast_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1),
            get_arg_val<uint32_t>(2), get_arg_val<uint32_t>(3), 0x60000);
        noc_async_write_multicast(0x60000, data, 64, 2);
        noc_async_write_barrier();
        const uint32_t flag = get_semaphore(0);
        noc_semaphore_set(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(flag), 1);
        const uint64_t flags = get_noc_multicast_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1),
            get_arg_val<uint32_t>(2), get_arg_val<uint32_t>(3), flag);
        noc_semaphore_set_multicast(flag, flags, 2);
        noc_async_write_barrier();
    }
    """
    take = """
    void kernel_main() {
        noc_semaphore_wait(reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_semaphore(0)), 1);
        volatile tt_l1_ptr uint32_t* here = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(0x60000);
        for (uint32_t i = 0; i < 16; i++) here[i] = here[i] + get_arg_val<uint32_t>(0);
    }
    """
    program = ttnn.CreateProgram()
    sender, first, last = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(2, 0), ttnn.CoreCoord(3, 0)
    row = ttnn.CoreRange(sender, last)
    ttnn.CreateSemaphore(program, row, 0)
    (start_x, start_y), (end_x, end_y) = (device.properties.virtual_core(core) for core in (first, last))
    path = tmp_path / "send.cpp"
    path.write_text(send)
    kernel = ttnn.CreateKernel(program, str(path), sender, ttnn.DataMovementConfig())
    ttnn.SetRuntimeArgs(program, kernel, sender, [start_x, start_y, end_x, end_y])
    path = tmp_path / "take.cpp"
    path.write_text(take)
    receivers = ttnn.CoreRange(first, last)
    kernel = ttnn.CreateKernel(program, str(path), receivers, ttnn.DataMovementConfig())
    ttnn.SetRuntimeArgs(program, kernel, first, [100])
    ttnn.SetRuntimeArgs(program, kernel, last, [200])
    ttnn.EnqueueProgram(device.command_queue(), program, True)
    for core, added in ((first, 100), (last, 200)):
        words = np.frombuffer(bytes(device.read_l1(core, 0x60000, 64)), np.uint32)
        assert words.tolist() == [0xABC0 + i + added for i in range(16)]


def test_a_kernel_that_does_not_compile(device: Any, tmp_path: Path) -> None:
    path = tmp_path / "broken.cpp"
    path.write_text("void kernel_main() {\n    int x = undeclared;\n}\n")
    program = ttnn.CreateProgram()
    core = ttnn.CoreCoord(0, 0)
    ttnn.CreateKernel(program, str(path), core, ttnn.DataMovementConfig())
    with pytest.raises(CompileError, match=r"broken\.cpp:2:13: error: .undeclared. was not declared"):
        ttnn.EnqueueProgram(device.command_queue(), program, True)
    buffer = dram(device, 1)
    ttnn.WriteToBuffer(buffer, np.zeros(TILE, np.uint8))
    assert read(buffer) == bytes(TILE)


def test_a_kernel_of_the_vector_unit_does_not_link(device: Any, tmp_path: Path) -> None:
    """The stand-in for the vendor's compiler knows the names of the vector unit and has nothing behind them."""
    program, core = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0)
    for index in (0, 1, 16):
        circular_buffer(program, core, index)
    (tmp_path / "exp.cpp").write_text(EXP)
    ttnn.CreateKernel(program, str(tmp_path / "exp.cpp"), core, ttnn.ComputeConfig())
    with pytest.raises(CompileError, match="sfpi"):
        ttnn.EnqueueProgram(device.command_queue(), program, True)


def test_a_killed_simulator(environment: dict[str, str], tmp_path: Path) -> None:
    device = ttnn.open_device(backend="metal")
    driver: Any = device._driver
    buffer = dram(device, 1)
    simulator = driver._simulators[-1]
    os.kill(simulator, signal.SIGKILL)
    started = time.monotonic()

    def transfer() -> None:
        ttnn.WriteToBuffer(buffer, np.zeros(TILE, np.uint8))
        read(buffer)

    with pytest.raises(DeviceError, match=r"device 0 is lost: its simulator \(process \d+\) died"):
        transfer()
    assert time.monotonic() - started < 60
    assert is_gone(driver._process.pid)
    with pytest.raises(DeviceError):
        device.close()
    with ttnn.open_device(backend="metal") as again:
        assert again.properties.compute_grid == ttnn.CoreCoord(8, 9)
