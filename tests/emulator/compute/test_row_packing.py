"""``pack_rows``: DST rows of 16 datums one behind the other, face by face, as many as were asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.errors import KernelError

Bytes = npt.NDArray[np.uint8]
KERNEL = """
#include <dev_mem_map.h>
#include "compute_kernel_api.h"
#include "compute_kernel_api/pack.h"
#include "compute_kernel_api/tile_move_copy.h"
#include "compute_kernel_api/sentinel/compute_kernel_sentinel.h"
void kernel_main() {{
    static_assert(MEM_L1_BASE == 0 && MEM_L1_SIZE > MEM_BRISC_LOCAL_SIZE);
    static_assert(!TEST_RECONFIG_CALLS(RECONFIG_CHANGED_SRCA));
    SET_CALLED_RECONFIG(RECONFIG_CHANGED_SRCB | RECONFIG_CHANGED_PACK | RECONFIG_NOTHING_CHANGED);
    dbg_halt();
    dbg_unhalt();
    compute_kernel_hw_startup(0, 16);
    state_configure(0, 16, __LINE__);
    copy_tile_init(0);
    pack_rows_init({rows});
    cb_wait_front(0, 1);
    cb_reserve_back(16, 1);
    __builtin_memset((void*)get_write_ptr(16), 1, get_tile_size(16));
    tile_regs_acquire();
    uint32_t* header;  // 16 bytes before the tile
    cb_get_tile(0, 0, &header);
    ASSERT(header[4] == reg_read(get_tile_address(0, 0)));
    cb_release_tile(0);
    copy_tile(0, 0, 0);
    tile_regs_commit();
    tile_regs_wait();
    pack_rows(0, 16);
    tile_regs_release();
    pack_rows_uninit();
    cb_pop_front(0, 1);
    cb_push_back(16, 1);
}}
"""


@pytest.fixture
def packed(benches: Callable[[str], Any], tensor: Any) -> Callable[..., Bytes]:
    """Pack rows of a tile whose datums count up, face by face; return the output page, whose bytes were ones."""

    def launch(rows: int, out: ttnn.DataFormat, selection: str = "emulator") -> Bytes:
        given = np.arange(1, 1025, dtype=np.float32).view(np.uint8)[None]
        page = np.zeros((1, 4096 if out is ttnn.DataFormat.Float32 else 2048), np.uint8)
        result: Bytes = benches(selection).run(
            KERNEL.format(rows=rows),
            [tensor(0, ttnn.DataFormat.Float32, given)],
            [tensor(16, out, page)],
            fp32_dest_acc_en=True,
        )[0]
        return result.reshape(-1)

    return launch


@pytest.mark.parametrize("selection", ["emulator", "emulator:p150?numerics=exact"])
@pytest.mark.parametrize("rows", [1, 15, 16, 17, 40, 64])
def test_rows_of_float32_follow_one_another(packed: Callable[..., Bytes], rows: int, selection: str) -> None:
    # Float32 passes SrcA as TF32, which holds integers of 11 bits.
    found = packed(rows, ttnn.DataFormat.Float32, selection)
    assert np.array_equal(found[: rows * 64].view(np.float32), np.arange(1, rows * 16 + 1))
    assert (found[rows * 64 :] == 1).all()


def test_rows_of_bfloat16_are_half_as_long(packed: Callable[..., Bytes]) -> None:
    found = packed(10, ttnn.DataFormat.Float16_b)
    values = (found[:320].view(np.uint16).astype(np.uint32) << 16).view(np.float32)
    assert np.array_equal(values, np.arange(1, 161))
    assert (found[320:] == 1).all()


def test_a_count_that_no_tile_has_is_told(packed: Callable[..., Bytes]) -> None:
    with pytest.raises(KernelError, match="ASSERT failed"):
        packed(65, ttnn.DataFormat.Float32)


def test_formats_that_are_not_emulated_are_told(benches: Callable[[str], Any], tensor: Any) -> None:
    tile = np.zeros((1, 1088), np.uint8)
    given = [tensor(0, ttnn.DataFormat.Bfp8_b, tile)]
    with pytest.raises(KernelError, match="pack_rows is emulated for whole tiles of Float32 and Float16_b"):
        benches("emulator").run(KERNEL.format(rows=4), given, [tensor(16, ttnn.DataFormat.Bfp8_b, tile)])
