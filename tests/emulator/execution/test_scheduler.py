"""Order, progress and isolation of launches: the same every time for one seed, legal for every seed."""

from __future__ import annotations

from collections.abc import Callable

import ml_dtypes
import numpy as np
import pytest

import tthal as ttnn

CORE = ttnn.CoreCoord(0, 0)
SCRATCH = 0x40000


def two_kernels(brisc: str, ncrisc: str, cores: ttnn.CoreCoord | ttnn.CoreRange = CORE) -> ttnn.Program:
    program = ttnn.CreateProgram()
    ttnn.CreateKernelFromString(program, brisc, cores, ttnn.WriterDataMovementConfig())
    ttnn.CreateKernelFromString(program, ncrisc, cores, ttnn.ReaderDataMovementConfig())
    return program


PING = f"""
void kernel_main() {{
    volatile uint32_t* ball = (volatile uint32_t*){SCRATCH};
    for (uint32_t i = 0; i < 50; i++) {{
        while (*ball != 2 * i) {{}}
        *ball = 2 * i + 1;
    }}
}}"""
PONG = f"""
void kernel_main() {{
    volatile uint32_t* ball = (volatile uint32_t*){SCRATCH};
    for (uint32_t i = 0; i < 50; i++) {{
        while (*ball != 2 * i + 1) {{}}
        *ball = 2 * i + 2;
    }}
}}"""


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_processors_that_spin_on_memory_make_progress(seed: int) -> None:
    with ttnn.open_device(0, backend=f"emulator?seed={seed}") as device:
        ttnn.WriteToDeviceL1(device, CORE, SCRATCH, np.zeros(1, np.uint32))
        ttnn.EnqueueProgram(device.command_queue(), two_kernels(PING, PONG), blocking=True)
        assert ttnn.ReadFromDeviceL1(device, CORE, SCRATCH, 4).view(np.uint32)[0] == 100


def test_spinning_ends_when_a_transfer_arrives(device: ttnn.Device, run: Callable) -> None:
    """The word that a processor polls is written over the NoC by another core that never waits for its barrier."""
    program = ttnn.CreateProgram()
    there = ttnn.CoreCoord(3, 2)
    poll = f"void kernel_main() {{ while (*(volatile uint32_t*){SCRATCH} != 5) {{}} }}"
    send = f"""
void kernel_main() {{
    *(volatile uint32_t*){SCRATCH + 64} = 5;
    noc_async_write({SCRATCH + 64}, get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), {SCRATCH}), 4);
}}"""
    ttnn.WriteToDeviceL1(device, there, SCRATCH, np.zeros(1, np.uint32))
    ttnn.CreateKernelFromString(program, poll, there, ttnn.DataMovementConfig())
    sender = ttnn.CreateKernelFromString(program, send, CORE, ttnn.DataMovementConfig())
    ttnn.SetRuntimeArgs(program, sender, CORE, list(device.properties.virtual_core(there)))
    run(program)


def test_read_without_barrier_shows_stale_data(device: ttnn.Device, run: Callable) -> None:
    source = f"""
void kernel_main() {{
    *(volatile uint32_t*){SCRATCH} = 1;
    noc_async_read(get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0)), {SCRATCH}, 32);
    *(volatile uint32_t*){SCRATCH + 64} = *(volatile uint32_t*){SCRATCH};
    noc_async_read_barrier();
    *(volatile uint32_t*){SCRATCH + 68} = *(volatile uint32_t*){SCRATCH};
}}"""
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 32, 32, ttnn.BufferType.DRAM))
    ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, np.full(8, 9, np.uint32))
    program = ttnn.CreateProgram()
    kernel = ttnn.CreateKernelFromString(program, source, CORE, ttnn.DataMovementConfig())
    ttnn.SetRuntimeArgs(program, kernel, CORE, [buffer.address()])
    run(program)
    assert ttnn.ReadFromDeviceL1(device, CORE, SCRATCH + 64, 8).view(np.uint32).tolist() == [1, 9]


def test_missing_read_barrier_is_exposed_between_processors(device: ttnn.Device, run: Callable) -> None:
    """A page pushed without a read barrier reaches its consumer before its data, although the producer blocks."""
    producer = """
void kernel_main() {
    for (uint32_t i = 0; i < 2; i++) {
        cb_reserve_back(0, 1);
        noc_async_read(get_noc_addr_from_bank_id<true>(0, get_arg_val<uint32_t>(0)), get_write_ptr(0), 32);
        cb_push_back(0, 1);
    }
}"""
    consumer = f"""
void kernel_main() {{
    cb_wait_front(0, 1);
    *(volatile uint32_t*){SCRATCH} = *(volatile uint32_t*)get_read_ptr(0);
    cb_pop_front(0, 1);
    cb_wait_front(0, 1);
}}"""
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 32, 32, ttnn.BufferType.DRAM))
    ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, np.full(8, 9, np.uint32))
    program = ttnn.CreateProgram()
    config = ttnn.CircularBufferConfig(32, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 32)
    ttnn.CreateCircularBuffer(program, CORE, config)
    kernel = ttnn.CreateKernelFromString(program, producer, CORE, ttnn.ReaderDataMovementConfig())
    ttnn.CreateKernelFromString(program, consumer, CORE, ttnn.WriterDataMovementConfig())
    ttnn.SetRuntimeArgs(program, kernel, CORE, [buffer.address()])
    page = device.properties.l1_base
    ttnn.WriteToDeviceL1(device, CORE, page, np.full(8, 4, np.uint32))
    run(program)
    assert ttnn.ReadFromDeviceL1(device, CORE, SCRATCH, 4).view(np.uint32)[0] == 4


def trace_of_increments(seed: int) -> list[int]:
    """The order in which sixteen cores' atomic increments are seen by one observer, as the values it reads."""
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(3, 3))
    observer = f"""
void kernel_main() {{
    volatile uint32_t* log = (volatile uint32_t*){SCRATCH + 256};
    volatile uint32_t* sum = (volatile uint32_t*){SCRATCH};
    uint32_t last = 0, n = 0;
    while (last != 0xFFFF) {{
        uint32_t now = *sum;
        if (now != last) log[n++] = last = now;
        invalidate_l1_cache();
    }}
}}"""
    sender = f"""
void kernel_main() {{
    uint32_t bit = get_absolute_logical_y() * 4 + get_absolute_logical_x();
    for (uint32_t i = 0; i <= bit; i++) invalidate_l1_cache();
    noc_semaphore_inc(get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), {SCRATCH}), 1u << bit);
    noc_async_atomic_barrier();
}}"""
    program = ttnn.CreateProgram()
    ttnn.CreateKernelFromString(program, observer, CORE, ttnn.ReaderDataMovementConfig())
    kernel = ttnn.CreateKernelFromString(program, sender, cores, ttnn.WriterDataMovementConfig())
    with ttnn.open_device(0, backend=f"emulator?seed={seed}") as device:
        ttnn.WriteToDeviceL1(device, CORE, SCRATCH, np.zeros(128, np.uint32))
        ttnn.SetRuntimeArgs(program, kernel, cores, list(device.properties.virtual_core(CORE)))
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        values = ttnn.ReadFromDeviceL1(device, CORE, SCRATCH + 256, 64).view(np.uint32)
        return values[values != 0].tolist()


def test_one_seed_gives_one_order_and_seeds_differ() -> None:
    orders = {seed: trace_of_increments(seed) for seed in (0, 1, 2, 3, 4)}
    assert all(order[-1] == 0xFFFF for order in orders.values())
    assert all(orders[seed] == trace_of_increments(seed) for seed in (0, 2))
    assert len({tuple(order) for order in orders.values()}) > 1


def test_static_data_is_fresh_in_every_launch_and_on_every_core(device: ttnn.Device, run: Callable) -> None:
    source = f"""
static uint32_t counter = 5;
static uint32_t zero;
void kernel_main() {{
    *(volatile uint32_t*){SCRATCH} = ++counter;
    *(volatile uint32_t*){SCRATCH + 4} = ++zero;
}}"""
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 1))
    program = ttnn.CreateProgram()
    ttnn.CreateKernelFromString(program, source, cores, ttnn.DataMovementConfig())
    for _ in range(2):
        run(program)
        for core in cores:
            assert ttnn.ReadFromDeviceL1(device, core, SCRATCH, 8).view(np.uint32).tolist() == [6, 1]


def test_arguments_may_change_between_launches(device: ttnn.Device, run: Callable) -> None:
    source = f"""
void kernel_main() {{
    *(volatile uint32_t*){SCRATCH} = get_arg_val<uint32_t>(0) + get_common_arg_val<uint32_t>(0);
}}"""
    program = ttnn.CreateProgram()
    kernel = ttnn.CreateKernelFromString(program, source, CORE, ttnn.DataMovementConfig())
    ttnn.SetCommonRuntimeArgs(program, kernel, [100])
    for value in (1, 2):
        ttnn.SetRuntimeArgs(program, kernel, CORE, [value])
        run(program)
        assert ttnn.ReadFromDeviceL1(device, CORE, SCRATCH, 4).view(np.uint32)[0] == 100 + value


@pytest.mark.parametrize("options", ["", "?math=numpy", "?memory=shared", "?seed=7", "?dispatch=slow"])
@pytest.mark.parametrize("board", ["n150", "n300", "p100", "p150"])
def test_streaming_add_on_every_board(board: str, options: str, project_root) -> None:
    """The kernels of the vector_add example on four cores, whatever the board and whoever computes."""
    folder = project_root / "examples" / "vector_add" / "kernels"
    tiles, cores = 24, ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 1))
    rng = np.random.default_rng(5)
    a, b = rng.integers(-64, 64, (2, tiles * 1024)).astype(ml_dtypes.bfloat16)
    with ttnn.open_device(0, backend=f"emulator:{board}{options}") as device:
        queue = device.command_queue()
        config = ttnn.InterleavedBufferConfig(device, tiles * 2048, 2048, ttnn.BufferType.DRAM)
        buffers = [ttnn.CreateBuffer(config) for _ in range(3)]
        program = ttnn.CreateProgram()
        for index in (0, 1, 16):
            cb = ttnn.CircularBufferConfig(4096, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, 2048)
            ttnn.CreateCircularBuffer(program, cores, cb)
        args = ttnn.TensorAccessorArgs(buffers[0]).get_compile_time_args()
        kernels = [
            ttnn.CreateKernel(program, str(folder / "reader.cpp"), cores, ttnn.ReaderDataMovementConfig(args + args)),
            ttnn.CreateKernel(program, str(folder / "compute.cpp"), cores, ttnn.ComputeConfig()),
            ttnn.CreateKernel(program, str(folder / "writer.cpp"), cores, ttnn.WriterDataMovementConfig(args)),
        ]
        share = tiles // cores.size()
        for number, core in enumerate(cores):
            first = number * share
            addresses = [buffer.address() for buffer in buffers]
            ttnn.SetRuntimeArgs(program, kernels[0], core, [*addresses[:2], first, share])
            ttnn.SetRuntimeArgs(program, kernels[1], core, [share])
            ttnn.SetRuntimeArgs(program, kernels[2], core, [addresses[2], first, share])
        ttnn.EnqueueWriteBuffer(queue, buffers[0], a)
        ttnn.EnqueueWriteBuffer(queue, buffers[1], b)
        ttnn.EnqueueProgram(queue, program)
        c = ttnn.EnqueueReadBuffer(queue, buffers[2]).view(ml_dtypes.bfloat16)
    # Sums of integers below 128 are exact in bfloat16.
    assert np.array_equal(c.astype(np.int32), a.astype(np.int32) + b.astype(np.int32))


CHATTER = f"""
void kernel_main() {{
    volatile uint32_t* stop = (volatile uint32_t*){SCRATCH};
    while (true) {{
        MINE
    }}
}}"""


@pytest.mark.parametrize("seed", [0, 3])
def test_a_busy_core_does_not_keep_others_from_running(seed: int) -> None:
    """Two processors hand pages to each other until a third, on another core, tells them to stop."""
    give = "cb_reserve_back(0, 1); const bool last = stop[0]; stop[1] = last; cb_push_back(0, 1); if (last) return;"
    take = "cb_wait_front(0, 1); cb_pop_front(0, 1); if (stop[1]) return;"
    stop = f"""
void kernel_main() {{
    *(volatile uint32_t*){SCRATCH + 64} = 1;
    noc_async_write({SCRATCH + 64}, get_noc_addr(get_arg_val<uint32_t>(0), get_arg_val<uint32_t>(1), {SCRATCH}), 4);
    noc_async_write_barrier();
}}"""
    program = two_kernels(CHATTER.replace("MINE", take), CHATTER.replace("MINE", give))
    ttnn.CreateCircularBuffer(
        program, CORE, ttnn.CircularBufferConfig(64, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 32)
    )
    other = ttnn.CoreCoord(1, 0)
    kernel = ttnn.CreateKernelFromString(program, stop, other, ttnn.DataMovementConfig())
    with ttnn.open_device(0, backend=f"emulator?seed={seed}&timeout=60") as device:
        ttnn.WriteToDeviceL1(device, CORE, SCRATCH, np.zeros(2, np.uint32))
        ttnn.SetRuntimeArgs(program, kernel, other, list(device.properties.virtual_core(CORE)))
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


def test_a_launch_finds_nothing_of_the_last_one(device: ttnn.Device, run: Callable) -> None:
    """Static data is fresh, and the stack is zero, although processors are used again."""
    source = f"""
uint32_t counter = 5;
uint32_t zeros[300];
void kernel_main() {{
    volatile uint32_t* out = (volatile uint32_t*){SCRATCH};
    uint32_t deep[256], sum = 0;
    asm volatile("" : : "r"(deep) : "memory");
    for (uint32_t i = 0; i < 256; i++) sum |= deep[i];
    for (uint32_t i = 0; i < 300; i++) sum |= zeros[i];
    out[0] = sum;
    out[1] = counter++;
    for (uint32_t i = 0; i < 256; i++) deep[i] = 7;
    for (uint32_t i = 0; i < 300; i++) zeros[i] = 9;
    asm volatile("" : : "r"(deep), "r"(zeros) : "memory");
}}"""
    program = ttnn.CreateProgram()
    ttnn.CreateKernelFromString(program, source, CORE, ttnn.DataMovementConfig())
    for _ in range(3):
        run(program)
        assert ttnn.ReadFromDeviceL1(device, CORE, SCRATCH, 8).view(np.uint32).tolist() == [0, 5]
