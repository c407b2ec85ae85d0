"""Names that stand beside the API: numbers, masks, the parts that address generators and accessors are made of."""

# ruff: noqa: E501 - kernels stand here as strings, a statement or two to a line
from __future__ import annotations

import logging
import re
from collections.abc import Callable

import ml_dtypes
import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import CompileError

Check = Callable[..., list[int]]
CORE = ttnn.CoreCoord(0, 0)
BRISC = ttnn.DataMovementConfig()
NCRISC = ttnn.DataMovementConfig(processor=ttnn.DataMovementProcessor.RISCV_1, noc=ttnn.NOC.RISCV_1_default)
DIVISORS = (7, 12, 20, 28, 48, 56, 63, 70, 72, 80, 94, 108, 110, 117, 120, 124, 126, 130, 140)


# ---- arithmetic


def test_divisions_by_constants(check: Check) -> None:
    """Of numbers that the compiler does not know, up to the largest."""
    numbers = (0, 139, 140, 1_000_003, 0xFFFFFFFF)
    calls = [
        "fast_udiv_7", "fast_udiv_12", "fast_udiv_20", "fast_udiv_28", "fast_udiv_48", "fast_udiv_56", "fast_udiv_63",
        "fast_udiv_70", "fast_udiv_72", "fast_udiv_80", "fast_udiv_94", "fast_udiv_108", "fast_udiv_110", "fast_udiv_117",
        "fast_udiv_120", "fast_udiv_124", "fast_udiv_126", "fast_udiv_130", "fast_udiv_140",
    ]  # fmt: skip
    body = "".join(f"for (uint32_t i = 0; i < {len(numbers)}; i++) note({call}(word(B + 4 * i)));" for call in calls)
    put = "".join(f"word(B + {4 * i}) = {number}u;" for i, number in enumerate(numbers))
    found = check(put + body, len(calls) * len(numbers), before='#include "internal/mod_div_lib.h"')
    assert found == [number // divisor for divisor in DIVISORS for number in numbers]


def test_bits_of_numbers(check: Check) -> None:
    """The masks and special values of three formats, as numpy and ml_dtypes have them."""
    bfloat16 = {"NEG_INF_BFLOAT16": -np.inf, "POS_INF_BFLOAT16": np.inf}
    float32 = {"NEG_INF_FLOAT32": -np.inf, "POS_INF_FLOAT32": np.inf}
    names = [*bfloat16, *float32, "NEG_INF_INT32", "POS_INF_INT32", "INT32_SIGN_MASK"]
    expected = [int(np.array(value, ml_dtypes.bfloat16).view(np.uint16)) for value in bfloat16.values()]
    expected += [int(np.array(value, np.float32).view(np.uint32)) for value in float32.values()]
    expected += [0x80000000, 0x7FFFFFFF, 0x80000000]
    body = "".join(f"note(static_cast<uint32_t>({name}));" for name in names)
    masks = """
        static_assert((BFLOAT16_SIGN_MASK ^ BFLOAT16_EXPONENT_MASK ^ BFLOAT16_MANTISSA_MASK) == 0xFFFF);
        static_assert((BFLOAT16_EXPONENT_MASK | BFLOAT16_MANTISSA_MASK) == BFLOAT16_MAGNITUDE_MASK);
        static_assert((FLOAT32_SIGN_MASK ^ FLOAT32_EXPONENT_MASK ^ FLOAT32_MANTISSA_MASK) == 0xFFFFFFFF);
        static_assert((FLOAT32_EXPONENT_MASK | FLOAT32_MANTISSA_MASK) == FLOAT32_MAGNITUDE_MASK);
        note(std::isnan(bf16_to_fp32(NAN_BFLOAT16))); note(std::isnan(std::bit_cast<float>(NAN_FLOAT32)));
        note(BFLOAT16_SIGN_MASK == fp32_to_bf16(-0.0f)); note(FLOAT32_SIGN_MASK == std::bit_cast<uint32_t>(-0.0f));
    """
    before = "".join(f'#include "api/numeric/{name}.h"\n' for name in ("bfloat16", "float32", "int32"))
    assert check(body + masks, len(expected) + 4, before=before) == [*expected, 1, 1, 1, 1]


# ---- addresses


def test_addresses_of_pages_by_hand(check: Check, device: ttnn.Device) -> None:
    """What InterleavedAddrGen does in one go, step by step, for DRAM and L1, against what the host tells of its banks."""
    properties = device.properties
    page, base, ids = 96, 0x10000, (0, 5, 12, 77, 200)
    body = """
        using namespace interleaved_addr_gen;
        static_assert(get_allocator_alignment<true>() == DRAM_ALIGNMENT && get_allocator_alignment<false>() == L1_ALIGNMENT);
        static_assert(LOG_BASE_2_OF_ALLOCATOR_ALIGNMENT<true> == 5 && LOG_BASE_2_OF_ALLOCATOR_ALIGNMENT<false> == 4);
        static_assert(NOC_ADDR_LOCAL_BITS == 36 && NOC_ADDR_NODE_ID_BITS == 6);
        const InterleavedAddrGen<true> plain{.bank_base_address = START, .page_size = 96};
        const InterleavedPow2AddrGen<true> power{.bank_base_address = START, .log_base_2_of_page_size = 6};
        const InterleavedAddrGenFast<true> fast{.bank_base_address = START, .page_size = 96, .data_format = DataFormat::UInt32};
        for (uint32_t id : {IDS}) {
            const uint32_t slot = get_bank_offset_index<true>(id), bank = get_bank_index<true>(id, slot);
            const uint64_t address = page_address<true>(START, 96, id, 4, 0);
            note(bank); note(slot); note(get_noc_xy<true>(bank) == address >> NOC_ADDR_LOCAL_BITS);
            note(static_cast<uint32_t>(address) - get_bank_offset<true>(bank));
            note(plain.get_noc_addr(id, 4) == address); note(fast.get_noc_addr(id, 4) == address);
            note(static_cast<uint32_t>(power.get_noc_addr(id)) - get_bank_offset<true>(bank));
            note(get_bank_index<false>(id, get_bank_offset_index<false>(id)));
        }
    """.replace("IDS", ", ".join(map(str, ids))).replace("START", str(base))
    banks, l1_banks = len(properties.dram_banks), len(properties.l1_banks)
    expected = []
    for each in ids:
        slot = each // banks
        expected += [each % banks, slot, 1, base + slot * page + 4, 1, 1, base + slot * 64, each % l1_banks]
    assert check(body, len(expected)) == expected


def test_what_address_generators_offer(check: Check) -> None:
    body = """
        using Plain = InterleavedAddrGen<true>; using Power = InterleavedPow2AddrGen<true>; using Accessor = decltype(TensorAccessor(TensorAccessorArgs<0>(), 0));
        static_assert(has_get_noc_addr_v<Plain> && has_page_size_v<Plain> && !has_get_aligned_page_size_v<Plain>);
        static_assert(has_log_base_2_of_page_size_v<Power> && !has_page_size_v<Power>);
        static_assert(has_get_aligned_page_size_v<Accessor> && has_required_addrgen_traits_v<Accessor>);
        static_assert(!has_get_noc_addr_v<uint32_t> && !has_required_addrgen_traits_v<uint32_t>); note(1);
    """
    assert check(body, 1, config=ttnn.DataMovementConfig(compile_args=[2, 64])) == [1]


def test_numbers_of_the_noc(check: Check) -> None:
    """A multicast address by its macro, an excluded region by its fields, and a transfer by numbers of every kind."""
    body = """
        note(NOC_MULTICAST_ADDR(1, 2, 3, 4, 0x50) == get_noc_multicast_addr(1, 2, 3, 4, 0x50));
        note(get_noc_exclude_region(5, 6, 1, 0) == (EXCLUDE_ENABLED << EXCLUDE_ENABLED_OFFSET | 0u << EXCLUDE_DIRECTION_Y_OFFSET
            | 1u << EXCLUDE_DIRECTION_X_OFFSET | 6u << EXCLUDE_START_Y_OFFSET | 5u << EXCLUDE_START_X_OFFSET));
        static_assert(NCRISC_WR_CMD_BUF != NCRISC_RD_CMD_BUF && NCRISC_WR_REG_CMD_BUF != NCRISC_AT_CMD_BUF);
        static_assert(NUM_NOCS == 2 && NOC_MAX_TRANSACTION_ID_COUNT == 255 && noc_mode == DM_DEDICATED_NOC && noc_mode != DM_DYNAMIC_NOC);
        for (uint8_t noc = 0; noc < NUM_NOCS; noc++) {
            noc_async_write(A + 16 * noc, get_noc_addr(X, Y, B + 16 * noc, noc), 16, noc, NOC_UNICAST_WRITE_VC);
            noc_async_write_barrier(noc);
        }
        noc_inline_dw_write(get_noc_addr(X, Y, B + 32), 7, 0xF, noc_index, NOC_DISPATCH_MULTICAST_WRITE_VC); noc_async_write_barrier();
        noc_inline_dw_write_set_state<false, true>(get_noc_addr(X, Y, B + 36), 8, 0xF, write_reg_cmd_buf);
        noc_inline_dw_write_with_state<>(0, 0, write_reg_cmd_buf); noc_async_write_barrier();
        noc_async_read(get_noc_addr(X, Y, B), B, 48); noc_async_read_barrier();
        note(word(B)); note(word(B + 16)); note(word(B + 32)); note(word(B + 36));
    """
    assert check(body, 6) == [1, 1, 100, 104, 7, 8]


def test_polling_for_transfers_of_a_transaction_id(check: Check) -> None:
    """Up to the largest id; a poll that finds all done comes after the transfer took effect."""
    body = """
        noc_async_read_set_trid(NOC_MAX_TRANSACTION_ID);
        noc_async_read(get_noc_addr(X, Y, A), B, 16);
        while (!ncrisc_noc_read_with_transaction_id_flushed(noc_index, NOC_MAX_TRANSACTION_ID)) {}
        note(word(B));
        noc_async_write_one_packet_with_trid(A + 16, get_noc_addr(X, Y, B), 16, 3);
        while (!ncrisc_noc_nonposted_write_with_transaction_id_sent(noc_index, 3)) {}
        word(A + 16) = 0;
        while (!ncrisc_noc_nonposted_write_with_transaction_id_flushed(noc_index, 3)) {}
        noc_async_read_set_trid(0); noc_async_read(get_noc_addr(X, Y, B), B + 16, 16); noc_async_read_barrier(); note(word(B + 16));
    """
    assert check(body, 2) == [100, 104]


def test_places_of_pages_in_shards(check: Check) -> None:
    """A tensor of 5x7 pages in blocks of 2x3: which shard, which place therein, how many follow; then by the generator."""
    info = "ShardedInfo<4, 9, 64, 7, 1, 3, 2>"  # block-sharded, nine cores, 64 B apart, rightmost shards padded
    body = f"""
        using namespace experimental::shard_addr_gen_utils; constexpr auto padded = shard_addr_gen_consts::ContiguityType::L1_PADDING_IN_RIGHTMOST_SHARD;
        const auto put = [](ShardCoordInfo found) {{ note(found.core_num); note(found.page_num); note(found.num_contiguous_pages); }};
        for (uint32_t page : {{0, 5, 6, 23, 34}}) {{
            put(get_block_sharded_coordinates<3, 2, 7, padded>(page)); put(get_width_sharded_coordinates<3, 7, padded>(page));
            put(get_height_sharded_coordinates<2, 7, padded>(page));
        }}
        const mapping_table_t map[] = {{0x01020304, 0x05060708, 0x090A0B0C, 0x0D0E0F10, 0x11120000}};
        const experimental::ShardedAddrGen<{info}> pages{{.bank_base_address = 0x1000, .shard_array = map}};
        note(pages.get_aligned_page_size()); note(pages.get_sharded_l1_addr(3, 4)); note(pages.get_sharded_addr(0x1000, 0x0506) == NOC_XY_ADDR(5, 6, 0x1000));
        note(pages.get_noc_addr(23, 8) == NOC_XY_ADDR(7, 8, 0x1000 + 5 * 64 + 8)); note(pages.get_contiguous_noc_addr(5).second);
    """

    def place(page: int, height: int, width: int) -> list[int]:
        row, column = divmod(page, 7)
        run = min(width - column % width, 7 - column)
        shard = row // height * -(-7 // width) + column // width
        return [shard, row % height * width + column % width, run]

    expected = [n for page in (0, 5, 6, 23, 34) for h, w in ((2, 3), (1000, 3), (2, 7)) for n in place(page, h, w)]
    # Page 23 = row 3, column 2: the fourth shard's last page of its second row, on the core of the map's fourth entry.
    expected += [64, 0x1000 + 3 * 64 + 4, 1, 1, 1]
    before = '#include "ttnn/operations/ccl/kernel_common/sharding_addrgen.hpp"'
    assert check(body, len(expected), before=before) == expected


def test_attributes(check: Check) -> None:
    before = """
        struct ATTR_PACK Packed { uint8_t first; uint32_t second; };
        FORCE_INLINE uint32_t twice(uint32_t x) { return 2 * x; }
        NOINLINE tt_uint64_t large(uint32_t x) { return static_cast<tt_uint64_t>(x) << 32; }
    """
    body = "volatile uint32_t tt_reg_ptr* p = &word(A); note(sizeof(Packed)); note(twice(*p)); note(large(5) >> 32);"
    assert check(body, 3, before=before) == [5, 200, 5]


# ---- tokens, options and traits of the object API


def test_types_that_tokens_and_options_have(check: Check) -> None:
    body = """
        constexpr DFBBindingToken<dfb::AccessPattern::STRIDED, dfb::AccessPattern::ALL> ring(0);
        DataflowBuffer buffer(ring); note(buffer.get_id() == ring);
        constexpr SemaphoreBindingToken token{1, SemScope::EXTERNAL};
        Semaphore<ProgrammableCoreType::TENSIX> semaphore(token); static_assert(token.scope != SemScope::LOCAL_NONATOMIC);
        semaphore.set(5); note(*reinterpret_cast<volatile uint32_t*>(get_semaphore<ProgrammableCoreType::TENSIX>(1)));
        constexpr auto options = NocOptions::POSTED | NocOptions::CUSTOM_VC;
        static_assert(has_flag(options, NocOptions::POSTED) && !has_flag(options, NocOptions::TXN_ID) && has_flag(options, NocOptions::CUSTOM_VC));
        static_assert(noc_zero_l1_endpoint_v<CircularBuffer> && noc_zero_l1_endpoint_v<CoreLocalMem<uint8_t>> && !noc_zero_l1_endpoint_v<UnicastEndpoint>);
        Noc noc; UnicastEndpoint there; const NocOptVals values{.vc = 2, .trid = 6};
        buffer.reserve_back(1);
        noc.async_read<NocOptions::TXN_ID>(there, buffer, 16, {X, Y, A}, DataflowBufferArgs{.offset_bytes = 32}, values);
        noc.async_read_barrier<NocOptions::TXN_ID>(values);
        note(*buffer.scoped_write_lock().get_ptr<uint32_t>()); note(buffer.scoped_write_lock().get_ptr()[8]);
        buffer.push_back(1); note(buffer.scoped_read_lock().get_ptr()[9]);
    """
    body += "note(writes(buffer.scoped_write_lock())); note(writes(buffer.scoped_read_lock(1)));"
    before = "template <bool w, typename F> constexpr bool writes(const DfbScopedLock<w, F>&) { return w; }"
    found = check("word(get_write_ptr(0)) = 42;" + body, 7, before=before, circular_buffers=[(0, 1)])
    assert found == [1, 5, 42, 100, 101, 1, 0]


def test_arguments_by_their_tokens(check: Check, run, make_program, l1, head: str) -> None:
    """Tokens that a kernel makes itself read what those of the preamble read."""
    body = """
        note(get_arg(experimental::RtaArg<uint32_t>{4})); note(get_arg(experimental::CrtaArg<uint32_t>{8}));
        static_assert(get_arg(experimental::CtaVal<uint16_t>{9}) == 9);
        constexpr ScratchpadBindingToken token(0, 64); const Scratchpad<uint32_t> scratch(token);
        note(scratch.size()); scratch[3] = 77; note(word(B + 12));
        using Tensor = tensor_accessor::TensorBindingToken<0, 4>; note(Tensor::address()); note(TensorAccessor(Tensor()).get_bank_base_address());
    """
    program = ttnn.CreateProgram()
    config = ttnn.DataMovementConfig(compile_args=[2, 64])
    kernel = ttnn.CreateKernelFromString(program, f"{head} void kernel_main() {{ {body} }}", CORE, config)
    ttnn.SetRuntimeArgs(program, kernel, CORE, [5, 6])
    ttnn.SetCommonRuntimeArgs(program, kernel, [0x41000, 0x3000, 8])
    run(program)
    assert l1(CORE, 0x42000, 6) == [6, 8, 16, 77, 0x3000, 0x3000]


# ---- accessors and what they are made of


def sharded_buffer(device: ttnn.Device) -> ttnn.Buffer:
    """5x6 pages of 64 B in 2x2 shards, three by three of them on 3x3 cores, row by row."""
    cores = ttnn.CoreRangeSet([ttnn.CoreRange(CORE, ttnn.CoreCoord(2, 2))])
    shards = ttnn.ShardSpecBuffer(cores, (2, 32), ttnn.ShardOrientation.ROW_MAJOR, (1, 16), (5, 6))
    config = ttnn.ShardedBufferConfig(
        device=device, size=5 * 6 * 64, page_size=64, buffer_type=ttnn.BufferType.L1,
        buffer_layout=ttnn.TensorMemoryLayout.BLOCK_SHARDED, shard_parameters=shards,
    )  # fmt: skip
    return ttnn.CreateBuffer(config)


SHAPES = """
    note(args.get_rank()); note(args.get_num_banks()); note(args.get_packed_num_banks()); note(args.resolve_shard_contiguous());
    note(args.tensor_extent(0)); note(args.tensor_extent(1)); note(args.shard_extent(0)); note(args.shard_extent(1));
    note(args.bank_coordinate(0) == (my_x[0] << 8 | my_y[0])); note(args.num_common_runtime_args());
    note(args.crta_offset()); note(args.tensor_shape_crta_offset()); note(args.shard_shape_crta_offset()); note(args.bank_coords_crta_offset());
    note(args.next_common_runtime_args_offset());
"""


@pytest.mark.parametrize(
    ("config", "runtime_words", "places"),
    [
        # All that is known when compiling; then shapes and coordinates behind one word of the kernel's own.
        (ttnn.ArgConfig.NONE, 0, [0, 0, 0, 0, 0]),
        (
            ttnn.ArgConfig.RuntimeTensorShape | ttnn.ArgConfig.RuntimeShardShape | ttnn.ArgConfig.RuntimeBankCoords,
            9,
            [1, 1, 3, 5, 10],
        ),
    ],
)
def test_words_of_an_accessor(
    device: ttnn.Device, run, l1, head: str, config: ttnn.ArgConfig, runtime_words: int, places: list[int]
) -> None:
    buffer = sharded_buffer(device)
    words = ttnn.TensorAccessorArgs(buffer, config)
    flags = {
        "Sharded": 1, "IsDram": 0, "RuntimeRank": 0, "RuntimeNumBanks": 0, "RuntimePageSize": 0,
        "RuntimeTensorShape": int(bool(runtime_words)), "RuntimeShardShape": int(bool(runtime_words)), "RuntimeBankCoords": int(bool(runtime_words)),
    }  # fmt: skip
    own = 1 if runtime_words else 0
    body = f"""
        constexpr TensorAccessorArgs<0> none; using namespace tensor_accessor; const TensorAccessorArgs<0> args({own});
        static_assert(MAX_RANK == 8 && UNKNOWN == static_cast<std::size_t>(-1) && (SHARD_CONTIGUOUS & none.get_packed_num_banks()) == 0);
        static_assert(none.num_compile_time_args() == {len(words.get_compile_time_args())} && none.next_compile_time_args_offset() == none.num_compile_time_args());
        {"".join(f"static_assert(bool(none.flags & ArgConfig::{name}) == {value});" for name, value in flags.items())}
        {SHAPES}
    """
    program = ttnn.CreateProgram()
    made = ttnn.DataMovementConfig(compile_args=words.get_compile_time_args())
    kernel = ttnn.CreateKernelFromString(program, f"{head} void kernel_main() {{ {body} }}", CORE, made)
    ttnn.SetCommonRuntimeArgs(program, kernel, [*[0] * own, *words.get_common_runtime_args()] or [0])
    ttnn.WriteToDeviceL1(device, CORE, 0x42000, np.zeros(32, np.uint32))
    run(program)
    found = l1(CORE, 0x42000, 15)
    assert found == [2, 9, 9, 0, 5, 6, 2, 2, 1, runtime_words, *places]


def test_shapes_and_places_of_shards(device: ttnn.Device, run, l1, head: str) -> None:
    """Sizes, strides and the bank of every shard; page 16 = row 2, column 4 opens shard 5 on the sixth core."""
    buffer = sharded_buffer(device)
    body = """
        const auto tensor = TensorAccessor(TensorAccessorArgs<0>(), get_arg_val<uint32_t>(0)); const auto& spec = tensor.dspec();
        static_assert(std::is_same_v<std::decay_t<decltype(spec)>, tensor_accessor::DistributionSpec<TensorAccessorArgs<0>>>);
        static_assert(tensor_accessor::InterleavedArgs<true>::is_dram && make_dram.is_interleaved);
        for (auto i : {0, 1}) { note(spec.tensor_strides()[i]); note(spec.shard_strides()[i]); note(spec.shard_grid()[i]); note(spec.shard_grid_strides()[i]); }
        note(spec.bank_of_shard(5)); note(spec.place_of_shard(5)); note(spec.resolve_shard_contiguous());
        const decltype(tensor)::PageMapping page = tensor.get_bank_and_offset(std::array<uint32_t, 2>{2, 4}); note(page.bank_id); note(page.bank_page_offset);
        note(tensor.get_noc_addr(16) >> 36 == static_cast<uint32_t>((spec.bank_coordinate(5) & 0xFF) << 6 | spec.bank_coordinate(5) >> 8));
    """
    program = ttnn.CreateProgram()
    config = ttnn.DataMovementConfig(compile_args=ttnn.TensorAccessorArgs(buffer).get_compile_time_args())
    before = "constexpr auto make_dram = tensor_accessor::make_interleaved_dspec<true>();"
    kernel = ttnn.CreateKernelFromString(program, f"{head} {before} void kernel_main() {{ {body} }}", CORE, config)
    ttnn.SetRuntimeArgs(program, kernel, CORE, [buffer.address()])
    run(program)
    assert l1(CORE, 0x42000, 14) == [6, 2, 3, 3, 1, 1, 3, 1, 5, 0, 0, 5, 0, 1]


def test_walks_by_hand_and_accessors_of_any_kind(device: ttnn.Device, run, l1, head: str) -> None:
    """Shard 8 is cut off at the tensor's edge: its pages are 28 and 29."""
    sharded = sharded_buffer(device)
    plain = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 64 * 30, 64, ttnn.BufferType.DRAM))
    body = """
        constexpr auto layouts = make_tensor_accessor_args_tuple<2, 0>();
        const auto tensor = TensorAccessor(std::get<0>(layouts), get_arg_val<uint32_t>(0));
        const auto other = TensorAccessor(std::get<1>(layouts), get_arg_val<uint32_t>(1));
        using Tensor = std::decay_t<decltype(tensor)>; using namespace tensor_accessor;
        const ShardPages<Tensor> pages = tensor.shard_pages(8);
        for (ShardPagesAddressIterator<Tensor> at = pages.begin(); at != pages.end(); ++at) {
            const ShardPage<Tensor>& page = *at; note(page.page_id()); note(page.shard_id()); note(page.page_in_shard());
            note(page.noc_addr() == tensor.get_noc_addr(at.page_id())); note(&page.accessor() == &tensor);
        }
        const Pages<Tensor> all = tensor.pages(28, 30);
        for (PagesAddressIterator<Tensor> at = all.begin(); at != all.end(); at++) {
            const AccessorPage<Tensor>& page = *at; note(at.page_id()); note(page.noc_addr() == tensor.get_noc_addr(page.page_id()) && &page.accessor() == &tensor);
        }
        const auto wrapped = make_abstract_tensor_accessor_wrappers(std::make_tuple(tensor, other));
        const std::array<AbstractTensorAccessorWrapper, 2>& any = wrapped;
        note(any.size());
    """
    args = [w for b in (sharded, plain) for w in ttnn.TensorAccessorArgs(b).get_compile_time_args()]
    program = ttnn.CreateProgram()
    kernel = ttnn.CreateKernelFromString(
        program, f"{head} void kernel_main() {{ {body} }}", CORE, ttnn.DataMovementConfig(compile_args=args)
    )
    ttnn.SetRuntimeArgs(program, kernel, CORE, [sharded.address(), plain.address()])
    run(program)
    assert l1(CORE, 0x42000, 15) == [28, 8, 0, 1, 1, 29, 8, 1, 1, 1, 28, 1, 29, 1, 2]


# ---- names that are there to be refused

REMOTE = [
    "remote_cb_wait_front(31, 1)", "remote_cb_pop_front(31, 1)", "remote_cb_reserve_back(31, 1)", "remote_cb_sender_barrier(31)",
    "remote_cb_push_back_and_write_pages<true>(31, A, 1, 1, 1, 16, noc_index)", "resize_remote_sender_cb_interface<true>(31, 64, noc_index)",
    "resize_remote_receiver_cb_interface<true>(31, 64, noc_index)", "update_remote_cb_config_in_l1(31)",
    "align_local_cbs_to_remote_cb(31, {0})", "RemoteCircularBuffer(31)",
]  # fmt: skip


def test_remote_circular_buffers_may_stand_in_dead_branches(check: Check) -> None:
    calls = "".join(f"experimental::{call};" for call in REMOTE)
    body = f"if constexpr (NOC_INDEX == 5) {{ const uint32_t cbs[] = {{0}}; {calls.replace('{0}', 'cbs')} }} note(1);"
    assert check(body, 1, before='#include "api/remote_circular_buffer.h"') == [1]


@pytest.mark.parametrize("call", REMOTE)
def test_remote_circular_buffers_are_refused_by_name(check: Check, call: str) -> None:
    name = call.partition("(")[0].partition("<")[0]
    body = f"const uint32_t cbs[] = {{0}}; experimental::{call.replace('{0}', 'cbs')};"
    with pytest.raises(
        CompileError, match=f"{name} is not emulated: host programs cannot make global circular buffers"
    ):
        check(body, before='#include "api/remote_circular_buffer.h"')


# ---- printing

WHO = """
    DPRINT_DATA0("data0\\n"); DPRINT_DATA1("data1\\n"); DPRINT_UNPACK("unpack\\n"); DPRINT_MATH("math\\n"); DPRINT_PACK("pack\\n");
    DEVICE_PRINT_DATA0("DATA0\\n"); DEVICE_PRINT_DATA1("DATA1\\n"); DEVICE_PRINT_UNPACK("UNPACK\\n"); DEVICE_PRINT_MATH("MATH\\n"); DEVICE_PRINT_PACK("PACK\\n");
"""


@pytest.mark.parametrize(
    ("config", "lines"),
    [
        (BRISC, ["data0", "DATA0"]),
        (NCRISC, ["data1", "DATA1"]),
        (ttnn.ComputeConfig(), ["unpack", "math", "pack", "UNPACK", "MATH", "PACK"]),
    ],
)
def test_prints_of_one_processor(
    run, make_program, caplog: pytest.LogCaptureFixture, config: object, lines: list[str]
) -> None:
    with caplog.at_level(logging.INFO, "tthal.dprint"):
        run(make_program(f'#include "api/debug/dprint.h"\nvoid kernel_main() {{ {WHO} }}', config=config))
    assert [
        record.getMessage().split(": ", 1)[1] for record in caplog.records if record.name == "tthal.dprint"
    ] == lines


STATEMENTS = """
    DPRINT_DATA0(DPRINT << "a" << ENDL();) DPRINT_DATA1({ int i = 1; DPRINT << "b" << i << ENDL(); });
    DPRINT_UNPACK(DPRINT << "c;" << ENDL()); DPRINT_MATH(DPRINT << "d)" << ENDL(); if (true) { DPRINT << "e" << ENDL(); });
    DPRINT_PACK(
        // a comment; with a semicolon
        for (int i = 0; i < 2; i++) DPRINT << i << ENDL();)
"""


@pytest.mark.parametrize(
    ("config", "lines"),
    [(BRISC, ["a"]), (NCRISC, ["b1"]), (ttnn.ComputeConfig(), ["c;", "d)", "e", "0", "1"])],
)
def test_statements_of_one_processor(
    run, make_program, caplog: pytest.LogCaptureFixture, config: object, lines: list[str]
) -> None:
    """As the macros took them until 2026: whatever stands in the brackets is compiled for that processor."""
    with caplog.at_level(logging.INFO, "tthal.dprint"):
        run(make_program(f'#include "api/debug/dprint.h"\nvoid kernel_main() {{ {STATEMENTS} }}', config=config))
    found = [record.getMessage().split(": ", 1)[1] for record in caplog.records if record.name == "tthal.dprint"]
    assert found == lines


RANGES = {
    "SliceRange::hw0_32_16()": (slice(0, 32, 16), slice(0, 32, 16)),
    "SliceRange::hw0_32_8()": (slice(0, 32, 8), slice(0, 32, 8)),
    "SliceRange::hw0_32_4()": (slice(0, 32, 4), slice(0, 32, 4)),
    "SliceRange::h0_w0_32()": (slice(0, 1), slice(0, 32)),
    "SliceRange::h0_32_w0()": (slice(0, 32), slice(0, 1)),
    "SliceRange::h0_32_w1()": (slice(0, 32), slice(1, 2)),
    "SliceRange::hw041()": (slice(0, 4), slice(0, 4)),
}


@pytest.mark.parametrize("name", RANGES)
def test_ranges_of_tile_slices(
    device: ttnn.Device, run, make_program, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    values = np.arange(1024, dtype=np.float32).reshape(32, 32) % 251
    ttnn.WriteToDeviceL1(device, CORE, device.properties.l1_base, ttnn.pack_tiles(values, ttnn.DataFormat.Float16_b))
    body = f"const dprint_tslice_cb_t kind = TSLICE_INPUT_CB; const dprint_tslice_ptr_t side = TSLICE_RD_PTR; DPRINT << TSLICE(0, 0, {name}, kind, side, true, true);"
    with caplog.at_level(logging.INFO, "tthal.dprint"):
        run(make_program(f'#include "api/debug/dprint.h"\nvoid kernel_main() {{ {body} }}', circular_buffers=[(0, 1)]))
    text = " ".join(record.getMessage().split(": ", 1)[1] for record in caplog.records if record.name == "tthal.dprint")
    found = [float(number) for number in re.findall(r"[\d.]+", text)]
    assert found == values[RANGES[name]].reshape(-1).tolist()
