"""What a kernel finds around itself: arguments, places, formats, helpers, names of every era."""

# ruff: noqa: E501 - kernels stand here as strings, a statement or two to a line
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import CompileError, KernelError

Check = Callable[..., list[int]]
Words = Callable[[ttnn.CoreCoord, int, int], list[int]]
CORE = ttnn.CoreCoord(0, 0)
OUT = 0x42000


def dm(**options: object) -> ttnn.DataMovementConfig:
    return ttnn.DataMovementConfig(**options)


# ---- arguments


def test_runtime_arguments(check: Check) -> None:
    body = """
        note(get_arg_val<uint32_t>(1)); note(get_arg_val<int>(2) == -5); note(get_arg_val<float>(3) == 1.5f);
        note(reinterpret_cast<uint32_t*>(get_arg_addr(1))[0]);
    """
    float_bits = int(np.float32(1.5).view(np.uint32))
    assert check(body, 4, args=[1, 22, 2**32 - 5, float_bits]) == [22, 1, 1, 22]


def test_common_arguments(run, make_program, l1: Words, head: str) -> None:
    body = "note(get_common_arg_val<uint32_t>(1)); note(reinterpret_cast<uint32_t*>(get_common_arg_addr(0))[0]);"
    program = make_program(f"{head} void kernel_main() {{ {body} }}")
    ttnn.SetCommonRuntimeArgs(program, 0, [7, 8])
    run(program)
    assert l1(CORE, OUT, 2) == [8, 7]


def test_common_arguments_stand_where_no_kernel_has_its_own(run, make_program, l1: Words, head: str) -> None:
    """The lists lie one behind the other; public kernels (a gather of 2026) read common arguments as their own."""
    source = f"{head} void kernel_main() {{ note(get_arg_val<uint32_t>(0)); note(get_arg_val<uint32_t>(1)); }}"
    program = make_program(source)
    ttnn.SetCommonRuntimeArgs(program, 0, [7, 8])
    run(program)
    assert l1(CORE, OUT, 2) == [7, 8]
    for own, common in (([], [7]), ([1], [7, 8, 9])):
        program = make_program(source, args=own)
        ttnn.SetCommonRuntimeArgs(program, 0, common)
        with pytest.raises(KernelError, match="runtime argument 1 does not exist"):
            run(program)


def test_compile_time_arguments(check: Check) -> None:
    body = """
        constexpr uint32_t second = get_compile_time_arg_val(1); note(second); note(get_ct_arg<0>());
        note(kernel_compile_time_args.size()); note(kernel_compile_time_args[2]);
        constexpr uint32_t all[] = {KERNEL_COMPILE_TIME_ARGS}; note(all[2]);
        constexpr uint32_t depth = get_named_compile_time_arg_val("depth"); note(depth);
        static_assert(get_named_ct_arg("depth") == depth);
    """
    config = dm(compile_args=[5, 6, 7], named_compile_args={"depth": 11})
    assert check(body, 6, config=config) == [6, 5, 3, 7, 7, 11]


@pytest.mark.parametrize("body", ["note(get_compile_time_arg_val(3));", 'note(get_named_compile_time_arg_val("x"));'])
def test_arguments_that_do_not_exist_do_not_compile(check: Check, body: str) -> None:
    with pytest.raises(CompileError):
        check(f"constexpr auto unused = [] {{ return 0; }}; (void)unused; {body}", config=dm(compile_args=[1]))


# ---- binding tokens


def test_tokens_of_arguments(check: Check, run, make_program, l1: Words, head: str) -> None:
    named = {
        "args::size": 40, "rta::first": 1, "crta::shared": 0, "dfb::in": 3, "sem::ready": 2,
        "dfb::outputs[0]": 4, "dfb::outputs[1]": 5, "sem::done.address": 9,
    }  # fmt: skip
    source = f"""{head}
        #include "experimental/kernel_args.h"
        void kernel_main() {{
            static_assert(get_arg(args::size) == 40);
            note(get_arg(args::first)); note(get_arg(args::shared)); note(get_vararg(0)); note(get_common_vararg(0));
            note(dfb::in); note(DataflowBuffer(dfb::in).get_id()); note(std::get<1>(dfb::outputs)); note(sem::ready.id);
            if constexpr (dfb::get_token_if_present<"in">().has_value()) note((*dfb::get_token_if_present<"in">()).id);
            if constexpr (dfb::get_token_if_present<"absent">().has_value()) note(1); else note(99);
            note(get_compile_time_vararg<0>());
        }}"""
    program = make_program(source, config=dm(compile_args=[12], named_compile_args=named))
    ttnn.SetRuntimeArgs(program, 0, CORE, [20, 21, 22])
    ttnn.SetCommonRuntimeArgs(program, 0, [30, *range(31, 41)])
    run(program)
    assert l1(CORE, OUT, 11) == [21, 30, 22, 40, 3, 3, 5, 2, 3, 99, 12]


def test_tokens_of_tensors(device: ttnn.Device, run, make_program, l1: Words, head: str) -> None:
    page = 64
    words = np.arange(24, dtype=np.uint32).repeat(page // 4)
    plain = ttnn.InterleavedBufferConfig(
        device=device, size=24 * page, page_size=page, buffer_type=ttnn.BufferType.DRAM
    )
    shards = ttnn.ShardSpecBuffer(
        ttnn.CoreRangeSet([ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 1))]),
        (3, 32), ttnn.ShardOrientation.ROW_MAJOR, (1, 16), (6, 4),
    )  # fmt: skip
    sharded = ttnn.ShardedBufferConfig(
        device=device, size=24 * page, page_size=page, buffer_type=ttnn.BufferType.L1,
        buffer_layout=ttnn.TensorMemoryLayout.BLOCK_SHARDED, shard_parameters=shards,
    )  # fmt: skip
    buffers = [ttnn.CreateBuffer(config) for config in (plain, sharded)]
    for buffer in buffers:
        ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, words)
    compile_args: list[int] = []
    common: list[int] = [buffers[0].address(), buffers[1].address()]
    ttnn.TensorAccessorArgs(buffers[0]).append_to(compile_args)
    offset = len(compile_args)
    # The runtime words of an accessor follow its address.
    ttnn.TensorAccessorArgs(buffers[1], ttnn.ArgConfig.RuntimeBankCoords).append_to(compile_args, common)
    named = {
        "tensor::plain": 0, "tensor::plain.address": 0, "tensor::shards": offset, "tensor::shards.address": 1,
        "tensor::both[0]": 0, "tensor::both[0].address": 0, "tensor::both[1]": offset, "tensor::both[1].address": 1,
    }  # fmt: skip
    source = f"""{head} void kernel_main() {{
        auto see = [](const auto& tensor, uint32_t page) {{
            noc_async_read_page(page, tensor, B); noc_async_read_barrier(); note(word(B));
        }};
        see(TensorAccessor(tensor::plain), 17); see(TensorAccessor(tensor::shards), 14);
        auto both = make_tensor_accessors(tensor::both); see(std::get<0>(both), 5); see(std::get<1>(both), 23);
        LocalTensorAccessor<uint32_t> local(tensor::shards); note(local[16]);
        auto locals = make_local_tensor_accessors<uint32_t>(std::make_tuple(tensor::shards)); note(locals[0][0]);
    }}"""
    program = make_program(source, config=dm(compile_args=compile_args, named_compile_args=named))
    ttnn.SetCommonRuntimeArgs(program, 0, common)
    run(program)
    assert l1(CORE, OUT, 6) == [17, 14, 5, 23, 1, 0]


def test_entry_of_a_tt_kernel(run, make_program, l1: Words, head: str) -> None:
    source = f"""{head}
        #include "experimental/kernel_args.h"
        template <uint32_t Count, bool Twice>
        TT_KERNEL void work(uint32_t base, int32_t step /* signed, */, uint32_t last) {{
            for (uint32_t i = 0; i < Count; i++) note(base + i * step * (Twice ? 2 : 1));
            note(last);
        }}"""
    named = {"Count": 3, "args::Twice": 1, "rta::last": 3}
    run(make_program(source, args=[100, 2**32 - 3, 0, 55], config=dm(named_compile_args=named)))
    assert l1(CORE, OUT, 4) == [100, 94, 88, 55]


# ---- places


def test_places(run, make_program, l1: Words, head: str, device: ttnn.Device) -> None:
    body = """
        note(my_x[0]); note(my_y[1]); note(get_absolute_logical_x()); note(get_absolute_logical_y());
        note(get_relative_logical_x()); note(get_relative_logical_y());
        note(NUM_CIRCULAR_BUFFERS); note(noc_index); note(noc_mode == DM_DEDICATED_NOC);
        note(get_noc_addr(0x40000) == get_noc_addr(my_x[0], my_y[0], 0x40000));
        note(my_x[0] == VIRTUAL_TENSIX_START_X + get_absolute_logical_x());
        note(my_y[0] == VIRTUAL_TENSIX_START_Y + get_absolute_logical_y());
    """
    config = dm(processor=ttnn.DataMovementProcessor.RISCV_1, noc=ttnn.NOC.NOC_1)
    cores = ttnn.CoreRange(ttnn.CoreCoord(2, 3), ttnn.CoreCoord(4, 4))
    run(make_program(f"{head} void kernel_main() {{ {body} }}", config=config, cores=cores))
    for core in cores:
        virtual = device.properties.worker_virtual[core.y * device.properties.compute_grid.x + core.x]
        expected = [
            *virtual,
            core.x,
            core.y,
            # From the sub-device's origin, not the kernel's first core: libtt_metal 0.81.1 on ttsim.
            core.x,
            core.y,
            32,
            1,
            1,
            1,
            1,
            1,
        ]
        assert l1(core, OUT, 12) == expected


@pytest.mark.parametrize("name", ["my_logical_x_", "my_relative_y_"])
def test_the_firmwares_variables_are_not_declared(run, make_program, head: str, name: str) -> None:
    """As for the vendor's compiler: kernels ask get_absolute_logical_x() and its like."""
    with pytest.raises(CompileError, match=f"undeclared identifier '{name}'"):
        run(make_program(f"{head} void kernel_main() {{ note({name}); }}"))


def test_questions_for_more_pages_than_there_are_are_answered(check: Check) -> None:
    """False on a card (libtt_metal 0.81.1 on ttsim); waiting for them would hang it, and is an error."""
    body = "note(cb_pages_reservable_at_back(0, 4)); note(cb_pages_available_at_front(0, 4)); note(7);"
    assert check(body, 3, circular_buffers=[(0, 3)]) == [0, 0, 7]
    # The vendor's circular_buffer headers compare signed numbers.
    body = "note(cb_pages_reservable_at_back(0, -1)); note(cb_pages_available_at_front(0, -1));"
    assert check(body, 2, circular_buffers=[(0, 3)]) == [1, 1]
    for wait in ("cb_wait_front", "cb_reserve_back"):
        with pytest.raises(KernelError, match="4 pages of circular buffer 0 can never be there"):
            check(f"{wait}(0, 4);", 1, circular_buffers=[(0, 3)])


# ---- circular buffers


def test_formats_of_circular_buffers(run, l1: Words, head: str) -> None:
    body = """
        static_assert(get_tile_size(2) == 1088 && get_dataformat(2) == DataFormat::Bfp8_b && get_tile_hw(5) == 512);
        static_assert(get_tile_num_faces(5) == 2 && get_tile_size(9) == 1088 && get_tile_size(5) == 2048);
        static_assert(unpack_tile_size[5] == 2048 && pack_tile_r_dim[5] == 16 && unpack_tile_c_dim[5] == 32);
        static_assert(unpack_src_format[2] == 6 && pack_dst_format[5] == 0 && unpack_tile_num_faces[2] == 4 && unpack_tile_face_r_dim[5] == 16);
        static_assert(unpack_partial_face[5] && !unpack_partial_face[2] && !unpack_narrow_tile[5] && pack_partial_face[5]);
        static_assert(tt::CBIndex::c_31 == 31 && tt::CB::c_in3 == 3 && tt::CB::c_out0 == 16 && tt::CB::c_intermed1 == 25);
        note(get_local_cb_interface(2).fifo_page_size); note(get_local_cb_interface(5).fifo_num_pages << cb_addr_shift);
    """
    program = ttnn.CreateProgram()
    for index, kind, tile in ((2, ttnn.DataFormat.Bfp8_b, (32, 32)), (5, ttnn.DataFormat.Float32, (16, 32))):
        size = 1088 if index == 2 else 2048
        config = (
            ttnn.CircularBufferConfig(2 * size, {index: kind}).set_page_size(index, size).set_tile_dims(index, tile)
        )
        ttnn.CreateCircularBuffer(program, CORE, config)
    ttnn.CreateKernelFromString(program, f"{head} void kernel_main() {{ {body} }}", CORE, dm())
    run(program)
    assert l1(CORE, OUT, 2) == [1088, 2]


def test_counters_of_circular_buffers_wrap_after_16_bits(check: Check) -> None:
    body = """
        for (uint32_t i = 0; i < 70000; i++) { cb_reserve_back(0, 1); cb_push_back(0, 1); cb_wait_front(0, 1); cb_pop_front(0, 1); }
        note(cb_pages_available_at_front(0, 1)); note(cb_pages_reservable_at_back(0, 3));
        note(static_cast<uint16_t>(*get_cb_tiles_received_ptr(0))); note(static_cast<uint16_t>(*get_cb_tiles_acked_ptr(0)));
    """
    assert check(body, 4, circular_buffers=[(0, 3)]) == [0, 1, 70000 - 65536, 70000 - 65536]


def test_several_buffers_at_one_index_on_disjoint_cores(run, l1: Words, head: str) -> None:
    program = ttnn.CreateProgram()
    for core, pages in ((CORE, 2), (ttnn.CoreCoord(1, 0), 5)):
        config = ttnn.CircularBufferConfig(pages * 2048, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, 2048)
        ttnn.CreateCircularBuffer(program, core, config)
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0))
    ttnn.CreateKernelFromString(
        program, f"{head} void kernel_main() {{ note(DataflowBuffer(0).get_total_num_entries()); }}", cores, dm()
    )
    run(program)
    assert [l1(core, OUT, 1) for core in cores] == [[2], [5]]


def test_buffer_over_a_sharded_tensor(device: ttnn.Device, run, l1: Words, head: str) -> None:
    """A dynamic circular buffer is the shard itself: what is pushed is already there, what is written is the tensor."""
    shards = ttnn.ShardSpecBuffer(
        ttnn.CoreRangeSet([ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0))]),
        (2, 16), ttnn.ShardOrientation.ROW_MAJOR, (1, 16), (4, 1),
    )  # fmt: skip
    buffer = ttnn.CreateBuffer(ttnn.ShardedBufferConfig(
        device=device, size=256, page_size=64, buffer_type=ttnn.BufferType.L1,
        buffer_layout=ttnn.TensorMemoryLayout.HEIGHT_SHARDED, shard_parameters=shards,
    ))  # fmt: skip
    ttnn.EnqueueWriteBuffer(device.command_queue(), buffer, np.arange(64, dtype=np.uint32))
    program = ttnn.CreateProgram()
    cores = ttnn.CoreRange(CORE, ttnn.CoreCoord(1, 0))
    config = ttnn.CircularBufferConfig(128, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 64)
    ttnn.CreateCircularBuffer(program, cores, config.set_globally_allocated_address(buffer))
    body = "cb_reserve_back(0, 2); cb_push_back(0, 2); cb_wait_front(0, 2); note(word(get_read_ptr(0))); word(get_read_ptr(0) + 64) += 1000;"
    ttnn.CreateKernelFromString(program, f"{head} void kernel_main() {{ {body} }}", cores, dm())
    run(program)
    assert [l1(core, OUT, 1) for core in cores] == [[0], [32]]
    words = np.asarray(ttnn.EnqueueReadBuffer(device.command_queue(), buffer)).view(np.uint32)
    assert words[[15, 16, 17, 48]].tolist() == [15, 1016, 17, 1048]


# ---- helpers


def test_helpers(check: Check) -> None:
    body = """
        static_assert(align(17, 12) == 24 && align_power_of_2(17, 16) == 32 && is_power_of_2(64) && !is_power_of_2(0));
        static_assert(NOC_L1_READ_ALIGNMENT_BYTES == 16 && NOC_DRAM_READ_ALIGNMENT_BYTES == 32 && NOC_DRAM_WRITE_ALIGNMENT_BYTES == 16);
        static_assert(NOC_L1_WRITE_ALIGNMENT_BYTES == L1_ALIGNMENT && NOC_MAX_BURST_SIZE == 8192 && MEM_ZEROS_SIZE == 512);
        static_assert(tt::constants::TILE_HW == 1024 && ckernel::FACE_HW == 256 && VALID == 1 && INVALID == 0);
        static_assert(static_cast<int>(ckernel::PoolType::MAX) == 2 && NOC_ADDR_COORD_SHIFT == 36 && DYNAMIC_NOC_DIRECTION(1, 1) == 0);
        static_assert(fast_udiv_7(1000) == 142 && fast_udiv_140(1000) == 7 && udivsi3_const_divisor<48>(1000) == 20);
        static_assert(umodsi3_const_divisor<48>(1000) == 40 && mulsi3(7, 8) == 56);
        note(word(MEM_ZEROS_BASE) | word(MEM_ZEROS_BASE + 508));
        note(ckernel::load_blocking(&word(A))); clobber_all_memory(); riscv_wait(100); invalidate_l1_cache();
        asm volatile("fence"); asm volatile("nop"); __asm__ volatile("fence" ::: "memory");
        NOC_CMD_BUF_WRITE_REG(noc_index, NCRISC_RD_CMD_BUF, NOC_CTRL,
            NOC_CMD_CPY | NOC_CMD_RD | NOC_CMD_RESP_MARKED | NOC_CMD_VC_STATIC | NOC_CMD_STATIC_VC(1));
        scoped_lock_acquire_cache_ops(A, 16); scoped_lock_release_cache_ops(A, 16);
        note(bf16_to_fp32(0x3FC0) == 1.5f); note(fp32_to_bf16(1.00390625f)); note(fp32_to_bf16(1.01171875f)); note(fp32_to_bf16_truncate(1.01171875f));
        note(FloatBits(1.5f).high16); note(FloatBits(1.5f).low16); note(bfloat16_greater(0x3F80, 0xBF80)); note(bfloat16_greater(0xC000, 0xBF80));
        note(float32_greater(0x3F800000, 0xBF800000)); note(float32_greater(0x7FC00000, 0)); note(float32_greater(0, 0x80000000)); note(int32_greater(-1, -2));
    """
    before = """
        #include "api/numeric/bfloat16.h"
        #include "api/numeric/float32.h"
        #include "api/numeric/int32.h"
        #include "internal/mod_div_lib.h"
        #include "internal/scoped_lock_cache_ops.h"
    """
    expected = [0, 100, 1, 0x3F80, 0x3F82, 0x3F81, 0x3FC0, 0, 1, 0, 1, 0, 0, 1]
    assert check(body, 14, before=before) == expected


def test_profiler_zones_may_stand_anywhere(check: Check) -> None:
    body = """
        DeviceZoneScopedN("all"); { DeviceZoneScopedMainN("main"); DeviceZoneScopedMainChildN("child"); }
        DeviceZoneScopedSumN1("one"); DeviceZoneScopedSumN2("two"); DeviceTimestampedData("data", 5); DeviceRecordEvent(7); note(1);
    """
    assert check(body, 1) == [1]


def test_assertions(check: Check) -> None:
    body = 'constexpr auto f = [](int x) { ASSERT(x > 0); return x; }; static_assert(f(3) == 3); ASSERT(true, "never"); note(ASSERT_ENABLED);'
    assert check(body, 1) == [1]
    with pytest.raises(KernelError, match="ASSERT failed in line"):
        check("ASSERT(word(A) == 1); LLK_ASSERT(true);")


def test_the_clock_goes_on(check: Check) -> None:
    """Every look is later than the last, a wait takes what it says, and two runs see the same."""
    body = """
        const uint64_t first = get_timestamp(); const uint32_t second = get_timestamp_32b();
        riscv_wait(1000); const uint64_t third = ckernel::read_wall_clock();
        note(second > first); note(third - second > 1000); note(third); uint32_t looks = 0;
        while (get_timestamp() < third + 100000) looks++;
        note(looks > 10); note(c_tensix_core::read_wall_clock() > third); PAUSE();
    """
    found = check(body, 5, before='#include "api/debug/pause.h"')
    assert (found[0], found[1], found[3], found[4]) == (1, 1, 1, 1)
    assert check(body, 5) == found


def test_variables_of_the_firmware(run, make_program, l1: Words, head: str) -> None:
    """Kernels declare them themselves; here is what the vendor's firmware sets before a kernel starts."""
    core = ttnn.CoreCoord(2, 1)
    source = f"""{head}
        extern uint8_t my_logical_x_;
        extern uint8_t my_logical_y_, my_relative_x_, my_relative_y_;
        extern uint32_t rta_count, crta_count;
        extern uint32_t tt_l1_ptr* rta_l1_base;
        extern uint32_t tt_l1_ptr* crta_l1_base;
        void kernel_main() {{
            note(my_logical_x_); note(my_logical_y_); note(my_relative_x_); note(my_relative_y_);
            note(rta_count); note(crta_count); note(rta_l1_base[1]); note(crta_l1_base[2]);
        }}"""
    program = make_program(source, cores=core)
    ttnn.SetRuntimeArgs(program, 0, core, [11, 12])
    ttnn.SetCommonRuntimeArgs(program, 0, [21, 22, 23])
    run(program)
    assert l1(core, OUT, 8) == [2, 1, 2, 1, 2, 3, 12, 23]


def test_virtual_coordinates_of_workers(check: Check, device: ttnn.Device) -> None:
    grid = device.properties.compute_grid
    x, y = device.properties.worker_virtual[5 * grid.x + 3]
    body = "const coord_t place = get_virtual_coord_from_worker_logical_coord(3, 5); note(place.x); note(place.y);"
    assert check(body, 2) == [x, y]


@pytest.mark.parametrize(("processor", "number"), [("RISCV_0", 0), ("RISCV_1", 1)])
def test_which_processor_this_is(check: Check, processor: str, number: int) -> None:
    config = dm(processor=ttnn.DataMovementProcessor[processor], noc=ttnn.NOC.NOC_0)
    body = "note(proc_type); note(proc_type == static_cast<uint8_t>(TensixProcessorTypes::DM1)); static_assert(sizeof proc_type == 1);"
    assert check(body, 2, config=config) == [number, number]


def test_names_that_a_c_library_takes(check: Check) -> None:
    """Kernels have constants of these names: cb_wrapping_test_blocking_reader.cpp of tt-metal has PAGE_SIZE."""
    names = [
        "PAGE_SIZE",
        "PAGESIZE",
        "WORD_BIT",
        "LONG_BIT",
        "HUGE",
        "NZERO",
        "BUFSIZ",
        "NAME_MAX",
        "PATH_MAX",
        "IOV_MAX",
        "M_PI",
    ]
    before = "#include <climits>\n#include <cmath>\n" + "".join(
        f"constexpr uint32_t {n} = {i};" for i, n in enumerate(names)
    )
    assert check(f"note({' + '.join(names)});", 1, before=before) == [sum(range(len(names)))]


def test_macros_of_profilers(check: Check) -> None:
    before = '#include "tt_metal/tools/profiler/kernel_profiler.hpp"\n#include "tracy/Tracy.hpp"'
    body = """
        const uint32_t value = word(A); ZoneScoped; ZoneScopedN("a"); ZoneScopedC(1); ZoneScopedNC("a", 2);
        ZoneText("a", 1); ZoneName("a", 1); ZoneValue(value); FrameMark; FrameMarkNamed("f"); TracyMessage("m", 1);
        TracyMessageL("m"); DeviceProfilerInit(); DeviceTraceOnlyProfilerInit(); DeviceIncrementTraceCount();
        { DeviceZoneScopedNIf("b", value > 1); DeviceZoneSetCounter(value); DeviceValidateProfiler(true); }
        StartPerfCounters(); StopPerfCounters(); RecordPerfCounters();
        RECORD_NOC_EVENT(NocEventType::READ, false, 0); RECORD_NOC_EVENT_WITH_ADDR(t, a, b, 16, 1, false, 0);
        RECORD_NOC_EVENT_WITH_ID(t, a, 0, g, 0, 16, 1, false, 0); RECORD_SCOPED_LOCK_EVENT(t, a, 16);
        NOC_TRACE_QUICK_PUSH_IF_LINKED(write_cmd_buf, false); SYNC_WAIT("s", 1); SYNC_SIGNAL("s", 1);
        SYNC_SIGNAL_NOC_ADDR("s", 1ull, 0); note(value);
    """
    assert check(body, 1, before=before) == [100]


HEADERS = [
    "api/debug/pause.h", "c_tensix_core.h", "internal/tt-1xx/blackhole/noc/noc_parameters.h", "noc_nonblocking_api.h",
    "core_config.h", "hw/inc/api/compile_time_args.h", "hw/inc/api/dataflow/dataflow_api.h", "internal/profiler/noc_event_profiler.hpp",
    "internal/tt-1xx/risc_common.h", "risc_common.h", "third_party/tracy/public/tracy/Tracy.hpp",
    "tools/profiler/perf_counters.hpp", "tracy/Tracy.hpp", "tt_metal/hw/inc/internal/risc_attribs.h", "tt_metal/hw/inc/internal/tt-1xx/risc_common.h",
    "tt_metal/tools/profiler/kernel_profiler.hpp",
    "dataflow_api.h", "api/dataflow/dataflow_api.h", "accessor/tensor_accessor.h", "accessor/tensor_accessor_args.h",
    "api/alignment.h", "api/compile_time_args.h", "api/core_local_mem.h", "api/dataflow/circular_buffer.h",
    "api/dataflow/dataflow_buffer.h", "api/dataflow/endpoints.h", "api/dataflow/noc.h", "api/dataflow/noc_semaphore.h",
    "api/debug/assert.h", "api/debug/device_print.h", "api/debug/dprint.h", "api/debug/dprint_pages.h",
    "api/debug/dprint_tile.h", "api/debug/kernel_profiler.hpp", "api/debug/ring_buffer.h", "api/debug/waypoint.h",
    "api/lock.h", "api/scratchpad.h", "api/semaphore.h", "api/tensor/local_tensor_accessor.h", "api/tensor/noc_traits.h",
    "api/tensor/tensor_accessor.h", "api/tensor/tensor_accessor_args.h", "circular_buffer.h", "ckernel.h",
    "ckernel_defs.h", "compile_time_args.h", "debug/assert.h", "debug/debug.h", "debug/dprint.h", "debug/dprint_pages.h",
    "debug/dprint_tile.h", "debug/waypoint.h", "experimental/circular_buffer.h", "experimental/core_local_mem.h",
    "experimental/dataflow_buffer.h", "experimental/endpoints.h", "experimental/kernel_args.h", "experimental/lock.h",
    "experimental/noc.h", "experimental/noc_semaphore.h", "experimental/tensor.h", "hostdevcommon/common_values.hpp",
    "hostdevcommon/kernel_structs.h", "internal/circular_buffer_interface.h", "internal/dataflow/dataflow_api_addrgen.h",
    "internal/dataflow/dataflow_api_common.h", "internal/mod_div_lib.h", "internal/risc_attribs.h", "llk_defs.h",
    "mod_div_lib.h", "noc/noc_parameters.h", "noc_parameters.h", "noc_semaphore.h", "risc_attribs.h", "tensix_types.h",
    "tools/profiler/kernel_profiler.hpp", "tt-metalium/buffer_types.hpp", "tt-metalium/circular_buffer_constants.h",
    "tt-metalium/constants.hpp",
]  # fmt: skip


def test_headers_of_every_era(check: Check) -> None:
    before = "\n".join(f'#include "{name}"\n#include <{name}>' for name in HEADERS)
    body = """
        experimental::Noc noc; experimental::CoreLocalMem<uint32_t> b(B); experimental::UnicastEndpoint there;
        experimental::DataflowBuffer buffer(0); experimental::Semaphore<> semaphore(0); using experimental::TensorAccessor;
        noc.async_read(there, b, 16, {X, Y, A}, {}); noc.async_read_barrier(); note(b[0]); note(buffer.get_id());
        using namespace tt::tt_metal; static_assert(static_cast<int>(TensorMemoryLayout::BLOCK_SHARDED) == 4 && BufferType::L1 != BufferType::DRAM);
        { experimental::Lock lock([] { note(3); }); note(2); }
    """
    assert check(body, 4, before=before, circular_buffers=[(0, 1)]) == [100, 0, 2, 3]


OF_A_CHECKOUT = [
    "hw/inc/api/dataflow/dataflow_api.h", "third_party/tracy/public/tracy/Tracy.hpp",
    "tt_metal/hw/inc/api/dataflow/dataflow_api.h", "tt_metal/hw/inc/internal/tt-1xx/risc_common.h",
    "tt_metal/tools/profiler/kernel_profiler.hpp",
]  # fmt: skip


def test_our_headers_go_before_those_of_a_checkout(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TT_METAL_HOME is for kernels and their helpers; what is the device API there would bring the firmware's headers."""
    missing = "tt_metal/hw/inc/api/of_a_later_release.h"
    for name in (*OF_A_CHECKOUT, missing):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('#include "firmware.h"\n')
    (tmp_path / "helpers").mkdir()
    (tmp_path / "helpers/of_mine.h").write_text(f'#include "{OF_A_CHECKOUT[-1]}"\nconstexpr uint32_t MINE = 9;\n')
    monkeypatch.setenv("TT_METAL_HOME", str(tmp_path))
    before = "\n".join(f'#include "{name}"' for name in (*OF_A_CHECKOUT, "helpers/of_mine.h"))
    assert check("note(MINE);", 1, before=before) == [9]
    with pytest.raises(
        CompileError, match=f"'{missing}' file not found: the emulator's own device headers have none"
    ) as caught:
        check("", 1, before=f'#include "{missing}"')
    assert "firmware.h" not in str(caught.value)
