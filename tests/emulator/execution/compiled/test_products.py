"""Matrix products that another thread does: same bytes, same errors, nothing left behind."""

from __future__ import annotations

import threading

import ml_dtypes
import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.tiles import tilize, untilize
from tthal_conformance.compute_bench import ComputeBench, Prepared, Tensor

BF16 = ml_dtypes.bfloat16
GRID = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(3, 1))
DEPTH = 6
"""Products of one output tile."""
COMPUTE = """
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/matmul.h"
void kernel_main() {
    compute_kernel_hw_startup<SrcOrder::Reverse>(0, 1, 16);
    matmul_init(0, 1);
    tile_regs_acquire();
    for (uint32_t k = 0; k < get_arg_val<uint32_t>(0); k++) {
        cb_wait_front(0, 1);
        cb_wait_front(1, 1);
        matmul_tiles(0, 1, 0, 0, 0);
        cb_pop_front(0, 1);
        cb_pop_front(1, 1);
    }
    FINALLY
    tile_regs_commit();
    tile_regs_wait();
    cb_reserve_back(16, 1);
    pack_tile(0, 16);
    tile_regs_release();
    cb_push_back(16, 1);
}"""


def prepared_product(device: ttnn.Device, operands: list[npt.NDArray[np.float32]], finally_: str = "") -> Prepared:
    """Each core adds up DEPTH products and writes its tile."""
    pages = [
        np.stack([tilize(tile.astype(BF16)).reshape(-1).view(np.uint8) for tile in operand]) for operand in operands
    ]
    inputs = [Tensor(cb, ttnn.DataFormat.Float16_b, each, depth=2) for cb, each in enumerate(pages)]
    output = Tensor(16, ttnn.DataFormat.Float16_b, np.zeros((1, 2048), np.uint8), depth=2)
    return ComputeBench(device, GRID).prepare(COMPUTE.replace("FINALLY", finally_), inputs, [output], [DEPTH])


def random_operands(seed: int) -> list[npt.NDArray[np.float32]]:
    rng = np.random.default_rng(seed)
    return [rng.integers(-1, 2, (DEPTH, 32, 32)).astype(np.float32) for _ in range(2)]


def run_and_check(device: ttnn.Device, seed: int) -> None:
    """Sums of small integers, which a 16-bit DST holds exactly."""
    operands = random_operands(seed)
    expected = sum(a @ b for a, b in zip(*operands, strict=True)).astype(BF16)
    prepared = prepared_product(device, operands)
    for _ in range(3):
        tiles = prepared.run()[0].view(BF16)
        assert len(tiles) == GRID.size()
        for tile in tiles:
            np.testing.assert_array_equal(untilize(tile, (32, 32)), expected)
    prepared.free()


@pytest.mark.parametrize("options", ["", "?jobs=1", "?jobs=4", "?seed=5&jobs=3", "?memory=shared"])
def test_products_arrive_before_their_tile_is_packed(options: str) -> None:
    with ttnn.open_device(0, backend=f"emulator{options}") as device:
        for seed in range(3):
            run_and_check(device, seed)


def test_kernel_that_fails_leaves_no_products_behind() -> None:
    with ttnn.open_device(0, backend="emulator") as device:
        prepared = prepared_product(device, random_operands(0), "*(volatile uint32_t*)0x10 = 1;")
        for seed in range(3):
            with pytest.raises(ttnn.KernelError, match="null page"):
                prepared.run()
            run_and_check(device, seed)


def test_devices_in_two_threads() -> None:
    failures: list[BaseException] = []

    def work(device_id: int) -> None:
        try:
            with ttnn.open_device(device_id, backend="emulator") as device:
                for seed in range(5):
                    run_and_check(device, seed + 10 * device_id)
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=work, args=(device_id,)) for device_id in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_closing_a_device_ends_its_thread() -> None:
    before = threading.active_count()
    with ttnn.open_device(0, backend="emulator") as device:
        run_and_check(device, 1)
    assert threading.active_count() == before
