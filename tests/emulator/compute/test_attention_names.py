"""Names that attention kernels have for block operations, on small integers, which every path keeps exact."""

# ruff: noqa: E501 - C++

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.errors import KernelError

F32 = npt.NDArray[np.float32]
FRAME = """
#include "api/compute/bcast.h"
#include "api/compute/reduce_custom.h"
#include "api/compute/experimental/indexer_mul_custom.h"
#include "api/compute/experimental/layernorm.h"
#include "api/compute/experimental/reg_api.h"
#include "api/compute/triangle_solve.h"
#include "api/compute/experimental/matmul_custom.h"
#include "api/compute/experimental/sdpa_sub_custom.h"
void kernel_main() {
    compute_kernel_hw_startup<%s>(0, 1, 16);
    cb_wait_front(0, 4);
    cb_wait_front(1, 4);
    cb_reserve_back(16, 4);
    %s
    cb_push_back(16, 4);
}
"""
BEGIN = "tile_regs_acquire();"
END = "tile_regs_commit(); tile_regs_wait(); for (uint32_t t = 0; t < 4; t++) pack_tile(t, 16, t); tile_regs_release();"


def matrices(tiles: F32) -> F32:
    """Tiles as they lie in L1 as matrices, and the other way round."""
    return tiles.reshape(-1, 2, 2, 16, 16).swapaxes(2, 3).reshape(-1, 32, 32)


def pages(tiles: F32) -> npt.NDArray[np.uint8]:
    faces = np.ascontiguousarray(tiles.reshape(-1, 2, 16, 2, 16).swapaxes(2, 3))
    return (faces.view(np.uint32) >> 16).astype(np.uint16).reshape(len(tiles), -1).view(np.uint8)


A, B = np.random.default_rng(9).integers(-4, 5, (2, 4, 32, 32)).astype(np.float32)


@pytest.fixture
def run(benches: Callable[[str], Any], tensor: Any) -> Callable[..., F32]:
    """Run a body on four tiles in each of circular buffers 0 and 1."""

    def launch(body: str, order: str = "SrcOrder::Regular", b: F32 = B, board: str = "emulator", **config: Any) -> F32:
        inputs = [tensor(cb, ttnn.DataFormat.Float16_b, pages(tiles)) for cb, tiles in enumerate((A, b))]
        out = tensor(16, ttnn.DataFormat.Float32, np.zeros((4, 4096), np.uint8))
        config = {"fp32_dest_acc_en": True, **config}
        return matrices(benches(board).run(FRAME % (order, body), inputs, [out], **config)[0].view(np.float32))

    return launch


@pytest.mark.parametrize(
    ("init", "call"),
    [
        ("mm_no_mop_init_short(0, 1);", "matmul_block_no_mop"),
        ("mm_no_mop_init_short(0, 1, false, 2, 2, 2); mm_no_mop_reinit_short(0, 1, false, 2, 2, 2);", "matmul_block_no_mop"),
        ("mm_no_mop_init_short_fidelity<MATH_FIDELITY>(0, 1); mm_no_mop_reinit_short_fidelity<MATH_FIDELITY>(0, 1);",
         "matmul_block_no_mop_fidelity<MATH_FIDELITY>"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("stride", [1, 2])
def test_blocks_of_a_matmul(run: Callable[..., F32], init: str, call: str, stride: int) -> None:
    # A is 2 by 2 tiles; B's columns lie `stride` tiles apart: row-major (1) or column-major (2).
    step = 2 if stride == 1 else 1
    body = f"{init} matmul_set_in1_column_stride(1, {stride}); {BEGIN}"
    body += "".join(f"{call}(0, 1, {k}, {k * step}, 0, false, 2, 2, 2);" for k in range(2)) + END
    left = A.reshape(2, 2, 32, 32).swapaxes(1, 2).reshape(64, 64)
    right = (B if stride == 1 else B[[0, 2, 1, 3]]).reshape(2, 2, 32, 32).swapaxes(1, 2).reshape(64, 64)
    product = (left @ right).reshape(2, 32, 2, 32).swapaxes(1, 2).reshape(4, 32, 32)
    assert np.array_equal(run(body, "SrcOrder::Reverse"), product)


PRODUCT = """
    UNPACK((llk_unpack_AB_matmul(0, 1, 0, 0)));
    MATH((llk_math_matmul<MathFidelity::{0}, MM_THROTTLE>(0)));
"""


@pytest.mark.parametrize("selection", ["emulator", "emulator?math=numpy", "emulator?numerics=fast"])
def test_a_fidelity_for_single_products(run: Callable[..., F32], selection: str) -> None:
    # LoFi sees 5 significant bits of B and 7 of A; the products of what it sees are exact.
    rng = np.random.default_rng(5)
    fine = (rng.integers(64, 128, (4, 32, 32)) * 2.0**-7).astype(np.float32)
    init = """
        state_configure(1, 0);
        MATH((llk_math_matmul_init<MathFidelity::LoFi, MM_THROTTLE>(0, 1, 0)));
        UNPACK((llk_unpack_AB_matmul_init(0, 1, 0)));
    """
    order, config = "SrcOrder::Reverse", {"board": selection, "b": fine, "math_fidelity": ttnn.MathFidelity.HiFi4}
    coarse = np.floor(fine[0] * 32) / 32
    found = {}
    for fidelity in ("LoFi", "HiFi4"):
        body = init + BEGIN + PRODUCT.format(fidelity) + "matmul_init(0, 1); matmul_tiles(0, 1, 0, 0, 1);" + END
        found[fidelity] = run(body, order, **config)
        assert np.array_equal(found[fidelity][1], A[0] @ fine[0])
    assert np.array_equal(found["HiFi4"][0], A[0] @ fine[0])
    assert np.array_equal(found["LoFi"][0], A[0] @ coarse.astype(np.float32))
    blocks = "matmul_block_no_mop_fidelity<MathFidelity::LoFi>(0, 1, 0, 0, 0, false, 1, 1, 1);"
    block = "mm_no_mop_init_short_fidelity<MathFidelity::LoFi>(0, 1); mm_no_mop_reinit_short_fidelity<MathFidelity::LoFi>(0, 1);"
    assert np.array_equal(run(block + BEGIN + blocks + END, order, **config)[0], found["LoFi"][0])


def test_a_product_without_operands_is_an_error(run: Callable[..., F32]) -> None:
    with pytest.raises(KernelError, match="operands that the unpacker did not provide"):
        run(BEGIN + "llk_math_matmul<MathFidelity::LoFi>(0);" + END, "SrcOrder::Reverse")


def test_older_set_ups(run: Callable[..., F32]) -> None:
    # They fit where function pointers with the caller's line are wanted.
    pointer = "void (*volatile init)(uint32_t, uint32_t, uint32_t) = {0}; init(0, 1, 0);"
    cases = {
        "add_bcast_scalar_init_short": ("add_tiles_bcast_scalar", A[0] + B[0][0, 0]),
        "sub_tiles_bcast_scalar_init_short": ("sub_tiles_bcast_scalar", A[0] - B[0][0, 0]),
        "mul_bcast_rows_init_short": ("mul_tiles_bcast_rows", A[0] * B[0][:1]),
        "sub_bcast_cols_init_short": ("sub_tiles_bcast_cols", A[0] - B[0][:, :1]),
    }
    for init, (call, expected) in cases.items():
        assert np.array_equal(run(pointer.format(init) + BEGIN + f"{call}(0, 1, 0, 0, 0);" + END)[0], expected)


def test_an_older_set_up_in_parts(run: Callable[..., F32]) -> None:
    body = """
        MATH((llk_math_eltwise_binary_init<EltwiseBinaryType::ELWSUB, BroadcastType::NONE, MATH_FIDELITY>()));
        UNPACK((llk_unpack_AB_init<BroadcastType::NONE>(0, 1)));
    """
    assert np.array_equal(run(body + BEGIN + "sub_tiles(0, 1, 2, 3, 0);" + END)[0], A[2] - B[3])


def test_helpers_in_the_older_namespace(benches: Callable[[str], Any], tensor: Any) -> None:
    kernel = """
        namespace NAMESPACE { void helper() { compute_kernel_hw_startup(0, 16); copy_init(0); } }
        void kernel_main() {
            helper();
            cb_wait_front(0, 4);
            cb_reserve_back(16, 4);
            tile_regs_acquire(); copy_block(0, 0, 0, 4); tile_regs_commit();
            tile_regs_wait(); pack_block(0, 16, 4); tile_regs_release();
            cb_push_back(16, 4);
        }
    """
    given = tensor(0, ttnn.DataFormat.Float16_b, pages(A))
    out = tensor(16, ttnn.DataFormat.Float16_b, np.zeros((4, 2048), np.uint8))
    assert np.array_equal(benches("emulator").run(kernel, [given], [out])[0], given.pages)


def test_the_older_end_of_a_reduction(run: Callable[..., F32]) -> None:
    body = "reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW>(0, 1, 16);"
    body += "MATH((llk_math_reduce_init<PoolType::MAX, ReduceDim::REDUCE_ROW, DST_ACCUM_MODE, MATH_FIDELITY>()));"
    body += "reduce_uninit{0}; copy_init(0);"
    for end in ("<true>()", "<>()", "<false>(0)", "(0)"):
        assert np.array_equal(run(body.format(end) + BEGIN + "copy_tile(0, 0, 0);" + END)[0], A[0])


def test_neighbours_minus_a_column(run: Callable[..., F32]) -> None:
    body = "sub_bcast_cols_init_short_custom(0, 1, 3);" + BEGIN + "sub_tiles_bcast_cols_custom(0, 1, 1, 2, 0, 3);" + END
    assert np.array_equal(run(body)[:3], A[1:] - B[2][:, :1])


def test_neighbours_times_a_column_collect(run: Callable[..., F32]) -> None:
    calls = "".join(f"mul_tiles_bcast_cols_custom(0, 1, 0, {tile}, 0, 4);" for tile in (1, 3))
    body = "mul_bcast_cols_init_short_custom(0, 1);" + BEGIN + calls + END
    assert np.array_equal(run(body, board="emulator:p150"), A * B[1][:, :1] + A * B[3][:, :1])


MAXIMA = (
    "reduce_block_max_row_init_runtime(16, 3, 0, 1, {0});" + BEGIN + "reduce_block_max_row_runtime(0, 1, 1, 0, {0});"
)


def test_maxima_of_rows_of_as_many_tiles_as_asked(run: Callable[..., F32]) -> None:
    found = run(MAXIMA.format("false") + END + "reduce_block_max_row_uninit_runtime(0);", b=np.ones_like(B))
    assert np.array_equal(found[0][:, 0], A[1:].max(axis=(0, 2)))
    assert not found[0][:, 1:].any()


def test_triggered_maxima_take_what_pack_posted(run: Callable[..., F32]) -> None:
    post = "PACK((t6_semaphore_post<p_stall::STALL_PACK>(semaphore::FPU_SFPU)));"
    body = post + MAXIMA.format("true") + END + "reduce_block_max_row_uninit_runtime(0, true);"
    assert np.array_equal(run(body, b=np.ones_like(B))[0][:, 0], A[1:].max(axis=(0, 2)))
    with pytest.raises(KernelError, match="semaphore 0 of the compute threads"):
        run(body + "t6_semaphore_wait_on_zero(semaphore::FPU_SFPU);", b=np.ones_like(B))


def test_a_copy_set_up_in_parts(run: Callable[..., F32]) -> None:
    body = """
        UNPACK((llk_unpack_A_init<BroadcastType::NONE, false, EltwiseBinaryReuseDestType::NONE, UnpackToDestEn>(1, true, 0)));
        MATH((llk_math_eltwise_unary_datacopy_init<DataCopyType::A2D, DST_ACCUM_MODE, BroadcastType::NONE, false, PackMode::Default>(0)));
        MATH((llk_math_reconfig_remap(true)));
        UNPACK((llk_unpack_reconfig_data_format(1, 0, 0, 1)));
        MATH((llk_math_reconfig_data_format(1, 0, 0, 1)));
    """ + BEGIN + "for (uint32_t t = 0; t < 4; t++) copy_tile(0, t, t);" + END  # fmt: skip
    assert np.array_equal(run(body), A.swapaxes(1, 2))


def test_the_packers_mask_alone(run: Callable[..., F32]) -> None:
    for dimension, kept in (("ROW", np.s_[:, 0]), ("COL", np.s_[0, :]), ("SCALAR", np.s_[0, 0])):
        mask = f"PACK((llk_pack_reduce_mask_config<ReduceDim::REDUCE_{dimension}, PackMode::Default>(16)));"
        body = "copy_init(0);" + mask + BEGIN + "copy_tile(0, 0, 0);" + END
        expected = np.zeros((32, 32), np.float32)
        expected[kept] = A[0][kept]
        # Each face is masked by itself; the first one is where results are.
        assert np.array_equal(run(body)[0][:16, :16], expected[:16, :16])


def test_means_taken_off_in_two_steps(run: Callable[..., F32]) -> None:
    body = "sub_bcast_cols_compensated_init(0, 1);" + BEGIN + "sub_bcast_cols_compensated(0, 1, 1, 1, 3);" + END
    assert np.array_equal(run(body)[1:], A[1:] - B[0][:, :1] + B[0][:, 16:17])


def test_all_of_dst_becomes_zero(run: Callable[..., F32]) -> None:
    body = (
        "copy_init(0);"
        + BEGIN
        + "copy_tile(0, 0, 0); copy_tile(0, 1, 3); MATH((ckernel::zeroacc())); copy_tile(0, 2, 1);"
        + END
    )
    assert np.array_equal(run(body), [0 * A[0], A[2], 0 * A[0], 0 * A[0]])


def test_sections_that_math_clears(run: Callable[..., F32]) -> None:
    # Four sections of which each writes one tile: what a section held before is gone.
    section = "tile_regs_acquire_math_clear(); copy_tile(0, {0}, {0} % 2); tile_regs_commit(); tile_regs_wait();"
    section += "pack_tile<true>(0, 16, {0}); tile_regs_release_math_clear();"
    found = run("copy_init(0);" + "".join(section.format(tile) for tile in range(4)), board="emulator:p150")
    assert np.array_equal(found, [A[0], 0 * A[1], A[2], 0 * A[3]])


@pytest.mark.parametrize("negated", [False, True])
def test_a_triangular_system(run: Callable[..., F32], negated: bool) -> None:
    # Few small integers below the diagonal keep the solution exact; what lies on and above it does not count.
    below = np.tril(np.random.default_rng(1).random((32, 32)) < 0.08, -1) * np.sign(B[1])
    stored = np.where(np.tril(np.ones((32, 32)), -1) > 0, -below if negated else below, B[2]).astype(np.float32)
    call = f"triangle_solve_tile<DataFormat::Float16_b, {str(negated).lower()}>(1, 2, 0, 1);"
    body = "copy_init(0); triangle_solve_tile_init();" + BEGIN + "copy_tile(0, 1, 0);" + call + END
    found = run(body, b=np.stack([B[0], B[1], stored, B[3]]), board="emulator:p150")[1]
    solution = np.linalg.solve(np.eye(32) + below, A[1].astype(np.float64))
    assert np.array_equal(found, np.round(solution))
    assert np.abs(np.round(solution) - solution).max() < 1e-6


def test_a_triangular_system_of_float32(benches: Callable[[str], Any], tensor: Any) -> None:
    rng = np.random.default_rng(3)
    lower = np.tril(rng.uniform(-0.3, 0.3, (32, 32)), -1).astype(np.float32)
    right = (rng.integers(-64, 65, (32, 32)) / 8).astype(np.float32)

    def page(tile: F32) -> npt.NDArray[np.uint8]:
        faces = np.ascontiguousarray(tile.reshape(1, 2, 16, 2, 16).swapaxes(2, 3))
        return faces.view(np.uint8).reshape(1, 4096)

    kernel = """
        #include "api/compute/triangle_solve.h"
        void kernel_main() {
            compute_kernel_hw_startup(0, 16);
            copy_init(0);
            cb_wait_front(0, 1);
            cb_wait_front(1, 1);
            cb_reserve_back(16, 1);
            tile_regs_acquire();
            copy_tile(0, 0, 0);
            triangle_solve_tile(1, 0, 0, 1);
            tile_regs_commit();
            tile_regs_wait();
            pack_tile(1, 16);
            tile_regs_release();
            cb_push_back(16, 1);
        }
    """
    inputs = [tensor(cb, ttnn.DataFormat.Float32, page(tile)) for cb, tile in enumerate((right, lower))]
    out = tensor(16, ttnn.DataFormat.Float32, np.zeros((1, 4096), np.uint8))
    found = matrices(benches("emulator:p150").run(kernel, inputs, [out], fp32_dest_acc_en=True)[0].view(np.float32))[0]
    np.testing.assert_allclose(found, np.linalg.solve(np.eye(32) + lower.astype(np.float64), right), atol=2e-5)
