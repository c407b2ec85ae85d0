"""What compute threads do for each other, played by one processor: PACK's vector unit, and semaphores."""

# ruff: noqa: E501 - C++

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.errors import CompileError, KernelError

F32 = npt.NDArray[np.float32]
FRAME = """
#include "api/compute/compute_kernel_api.h"
#include "api/compute/eltwise_binary_sfpu.h"
#include "ckernel_sfpu_silu.h"
#include "ckernel_sfpu_binary.h"
#include "api/dataflow/dfb_access.h"
void kernel_main() {
    compute_kernel_hw_startup(0, 16);
    copy_init(0);
    cb_wait_front(0, 4);
    cb_reserve_back(16, 4);
    %s
    cb_push_back(16, 4);
}
"""
LOAD = "tile_regs_acquire(); for (uint32_t t = 0; t < 4; t++) copy_tile(0, t, t); tile_regs_commit();"
STORE = "for (uint32_t t = 0; t < 4; t++) pack_tile(t, 16); tile_regs_release();"
SILU_BY_PACK = """
    PACK(SFPU_UNARY_CALL(DST_SYNC_MODE, DST_ACCUM_MODE, calculate_silu, (DST_ACCUM_MODE, 8), 0, ::ckernel::VectorMode::RC));
"""


def tiles(count: int = 4) -> F32:
    """Tiles of numbers, in the order in which they lie in L1; nothing here depends on a datum's place."""
    return np.random.default_rng(5).uniform(-4, 4, (count, 1024)).astype(np.float32)


@pytest.fixture
def run(benches: Callable[[str], Any], tensor: Any) -> Callable[..., F32]:
    """Run a body on four tiles in circular buffer 0, with results in 16."""

    def launch(body: str, board: str = "emulator", **config: Any) -> F32:
        page = tiles().view(np.uint8).reshape(4, 4096)
        source = tensor(0, ttnn.DataFormat.Float32, page)
        target = tensor(16, ttnn.DataFormat.Float32, np.zeros_like(page))
        config = {"fp32_dest_acc_en": True, **config}
        result: F32 = benches(board).run(FRAME % body, [source], [target], **config)[0].view(np.float32)
        return result

    return launch


def as_copied(values: F32) -> F32:
    """What copy_tile leaves of float32 datums: 10 bits of fraction."""
    return (values.view(np.uint32) & 0xFFFFE000).view(np.float32)


def silu(x: F32) -> npt.NDArray[np.float64]:
    wide = x.astype(np.float64)
    return wide / (1 + np.exp(-wide))


def test_the_vector_unit_works_on_packs_section_while_math_fills_the_next(run: Callable[..., F32]) -> None:
    # A section of a 32-bit DST is four tiles; MATH owns the second one when PACK works on the first.
    body = """
        tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_commit();
        tile_regs_acquire(); copy_tile(0, 1, 0);
        tile_regs_wait();
    """
    body += SILU_BY_PACK + "pack_tile(0, 16); tile_regs_release();"
    body += "tile_regs_commit(); tile_regs_wait(); pack_tile(0, 16); tile_regs_release();"
    found, given = run(body), as_copied(tiles())
    np.testing.assert_allclose(found[0], silu(given[0]), rtol=1e-6)
    assert np.array_equal(found[1], given[1])


@pytest.mark.parametrize("board", ["emulator", "emulator:p150"])
def test_an_activation_on_packs_thread(run: Callable[..., F32], board: str) -> None:
    body = LOAD + """
        PACK(TTI_SEMWAIT(p_stall::STALL_TDMA | p_stall::STALL_CFG, semaphore::t6_sem(semaphore::MATH_PACK), p_stall::STALL_ON_ZERO));
        PACK(TT_SETC16(DEST_TARGET_REG_CFG_MATH_Offset_ADDR32, ckernel::packer::get_packer_dest_offset()));
        silu_tile_pack(0);
        PACK((SFPU_BINARY_CALL(DST_SYNC_MODE, DST_ACCUM_MODE, calculate_sfpu_binary,
            (true, ckernel::BinaryOp::MUL, 8, DST_ACCUM_MODE), 0, 1, 2, ::ckernel::VectorMode::RC)));
        PACK(TTI_STALLWAIT(p_stall::STALL_PACK, p_stall::WAIT_SFPU));
    """ + STORE  # fmt: skip
    found, given = run(body, board), as_copied(tiles())
    np.testing.assert_allclose(found[0], silu(given[0]), rtol=1e-6)
    np.testing.assert_allclose(found[2], silu(given[0]) * given[1], rtol=1e-6)
    assert np.array_equal(found[[1, 3]], given[[1, 3]])


def test_packs_offset_alternates_between_the_sections(run: Callable[..., F32]) -> None:
    body = """
        uint32_t rows[4];
        for (uint32_t t = 0; t < 4; t++) {
            tile_regs_acquire();
            copy_tile(0, t, 0);
            tile_regs_commit();
            tile_regs_wait();
            rows[t] = ckernel::packer::get_packer_dest_offset();
            PACK(TT_SETC16(DEST_TARGET_REG_CFG_MATH_Offset_ADDR32, rows[t]));
            pack_tile(0, 16);
            tile_regs_release();
        }
        auto* out = reinterpret_cast<volatile float*>(get_local_cb_interface(16).fifo_wr_ptr << cb_addr_shift);
        for (uint32_t t = 0; t < 4; t++) out[t] = rows[t];
    """
    assert run(body)[0, :4].tolist() == [0, 512, 0, 512]


def test_a_wrong_offset_is_an_error(run: Callable[..., F32]) -> None:
    with pytest.raises(KernelError, match="row 64 of DST, where PACK's section is not"):
        run(LOAD + "tile_regs_wait(); PACK(TT_SETC16(DEST_TARGET_REG_CFG_MATH_Offset_ADDR32, 64));" + STORE)


# ---- semaphores


def test_what_the_source_posts_first_need_not_be_waited_for(run: Callable[..., F32]) -> None:
    body = """
        PACK((t6_semaphore_init(semaphore::PACK_DONE, 0, 2)));
        for (uint32_t round = 0; round < 20; round++) {
            PACK((t6_semaphore_wait_on_max<p_stall::STALL_PACK>(semaphore::PACK_DONE)));
            PACK((t6_semaphore_post<p_stall::STALL_PACK>(semaphore::PACK_DONE)));
            UNPACK((t6_semaphore_wait_on_zero<p_stall::STALL_SYNC>(semaphore::PACK_DONE)));
            UNPACK((t6_semaphore_get<>(semaphore::PACK_DONE)));
        }
        PACK(tensix_sync());
    """
    body += LOAD + "tile_regs_wait();" + STORE
    assert np.array_equal(run(body), as_copied(tiles()))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("t6_semaphore_wait_on_zero(semaphore::FPU_SFPU);", "semaphore 0 of the compute threads, which nothing before"),
        ("t6_semaphore_post(4); t6_semaphore_get(4); t6_semaphore_wait_on_zero(4);", "semaphore 4 of the compute"),
        ("t6_semaphore_init(6, 0, 1); t6_semaphore_post(6); t6_semaphore_wait_on_max(6);", "until semaphore 6 .* is taken"),
        ("t6_semaphore_post(semaphore::MATH_PACK);", "counts semaphore 1 of the compute threads itself"),
        ("t6_semaphore_init(8, 0, 1);", "counts semaphore 8"),
    ],
)  # fmt: skip
def test_what_would_never_end_is_an_error(run: Callable[..., F32], body: str, text: str) -> None:
    with pytest.raises(KernelError, match=text):
        run(body)


# ---- looking into buffers


def test_values_of_tiles_at_the_front(run: Callable[..., F32]) -> None:
    body = """
        const DataflowBuffer in(0);
        const CircularBuffer same(get_operand_id(0));
        auto* out = reinterpret_cast<volatile uint32_t*>(get_local_cb_interface(16).fifo_wr_ptr << 4);
        out[0] = in.read_tile_value(2, 5);
        out[1] = in.read_tile_value<uint16_t>(1, 7);
        out[2] = same.read_tile_value(3, 1023);
        out[3] = in.get_tile_address(2) - same.get_tile_address(0);
        auto& front = get_local_cb_interface(0);
        front.fifo_rd_ptr += front.fifo_page_size;
        out[4] = in.read_tile_value(0, 0);
        front.fifo_rd_ptr -= front.fifo_page_size;
        out[5] = front.fifo_limit - front.fifo_rd_ptr - front.fifo_size;
        out[6] = front.fifo_page_size;
        out[7] = is_dataflow_buffer_v<DataflowBuffer> && std::is_same_v<DataflowBufferAnyPattern, DataflowBuffer> && !is_dataflow_buffer_v<int>;
    """
    words = tiles().view(np.uint32)
    halves = words[1].view(np.uint16)
    expected = [words[2, 5], halves[7], words[3, 1023], 8192, words[1, 0], 0, 4096 // 16, 1]
    assert run(body).view(np.uint32)[0, :8].tolist() == [int(each) for each in expected]


def test_tiles_per_packing_call(run: Callable[..., F32]) -> None:
    body = (
        LOAD
        + """
        tile_regs_wait();
        PACK((llk_pack_init<PackMode::Default, false, true, true>(16, 2)));
        PACK((llk_pack<DST_ACCUM_MODE, true, PackMode::Default>(0, 16, 2)));
        PACK((llk_pack_init(16)));
        PACK((llk_matmul_pack<DST_ACCUM_MODE, true, PackMode::Default>(2, 16, 2, 0)));
        tile_regs_release();
    """
    )
    assert np.array_equal(run(body), as_copied(tiles())[[2, 3, 0, 1]])


INSTRUCTIONS = (
    "TTI_SEMPOST", "TTI_SEMGET", "TTI_SEMINIT", "TTI_INCRWC", "TTI_SFPLOAD", "TTI_SFPLOADI", "TT_SFPLOADI", "TTI_SFPSTORE",
    "TTI_SFPMAD", "TTI_SFPADD", "TTI_SFPMUL", "TTI_SFPIADD", "TT_SFPIADD", "TTI_SFPMOV", "TTI_SFPAND", "TTI_SFPOR", "TTI_SFPXOR",
    "TTI_SFPNOT", "TTI_SFPSHFT", "TTI_SFPSHFT2", "TTI_SFPSWAP", "TTI_SFPTRANSP", "TTI_SFPCONFIG", "TTI_SFPSETCC", "TTI_SFPENCC",
    "TTI_REPLAY", "TTI_WRCFG", "TTI_ZEROACC",
    "TTI_MVMUL", "TTI_ELWADD", "TTI_ELWSUB", "TTI_ELWMUL", "TTI_GAPOOL", "TTI_GMPOOL", "TTI_MOVA2D",
    "TTI_MOVB2D", "TTI_MOVD2A", "TTI_MOVD2B", "TTI_TRNSPSRCB", "TTI_UNPACR", "TTI_UNPACR_NOP", "TTI_PACR",
    "TTI_ZEROSRC", "TTI_CLEARDVALID", "TTI_MOP",
)  # fmt: skip


def test_instructions_that_compute_do_not_compile(run: Callable[..., F32]) -> None:
    uses = {name: f"{name}(0, 0, 0, 0, 0);" for name in INSTRUCTIONS} | {
        "TTI_SFPNOP": "TTI_SFPNOP;",
        "TTI_NOP": "TTI_NOP;",
    }
    for names in (list(uses)[start::3] for start in range(3)):  # the compiler stops after 20 errors
        with pytest.raises(CompileError) as caught:
            run("".join(uses[name] for name in names))
        for name in names:
            assert f"{name} is not emulated: Tensix instructions" in str(caught.value)


@pytest.mark.parametrize(
    "call", ["noc_async_read(0, 0, 32);", "noc_async_write_barrier();", "Noc().async_atomic_barrier();"]
)
def test_transfers_do_not_compile(run: Callable[..., F32], call: str) -> None:
    with pytest.raises(CompileError, match="NoC transfers are for data-movement kernels"):
        run(call)
