"""What a device says about itself; values of ttnn 0.81.1 on mock devices."""

from __future__ import annotations

import pytest

import tthal as ttnn

ASSIGNED = {
    "n150": [(3, 7), (0, 0), (0, 4), (2, 1)],
    "p100": [(0, 9), (0, 0), (0, 7), (5, 9)],
    "p150": [(0, 9), (0, 0), (0, 7), (0, 3)],
}


@pytest.mark.parametrize(("board", "dram"), [("n150", (0, 7)), ("p100", (17, 14)), ("p150", (17, 21))])
def test_grids_coordinates_and_workers(board: str, dram: tuple[int, int], clean_selection: None) -> None:
    with ttnn.open_device(backend=f"emulator:{board}") as device:
        assert device.core_grid == ttnn.CoreGrid(
            x=device.compute_with_storage_grid_size().x, y=device.compute_with_storage_grid_size().y
        )
        assert device.dram_core_from_logical_core((3, 0)) == dram
        for core in ((0, 0), (3, 4)):
            assert device.logical_core_from_worker_core(device.worker_core_from_logical_core(core)) == core
        assigned = device.get_optimal_dram_bank_to_logical_worker_assignment(ttnn.NOC.NOC_0)
        assert assigned[:4] == ASSIGNED[board]
        assert len(set(assigned)) == device.num_dram_channels()
        assert (device.id, device.id(), device.shape, device.get_num_devices()) == (0, 0, ttnn.MeshShape(1, 1), 1)
        hops = device.get_worker_noc_hop_distance
        width, height = (10, 12) if board == "n150" else (17, 12)
        # Neighbours, as the vendor's test has them: one hop one way, the rest of the torus the other way.
        assert (hops((0, 0), (0, 1), ttnn.NOC.NOC_0), hops((0, 0), (0, 1), ttnn.NOC.NOC_1)) == (1, height - 1)
        assert (hops((1, 0), (0, 0), ttnn.NOC.NOC_0), hops((1, 0), (0, 0), ttnn.NOC.NOC_1)) == (width - 1, 1)
        # The fifth row of a Wormhole is followed by Ethernet cores, the seventh column of a Blackhole by two of DRAM.
        beyond = ((0, 4), (0, 5)) if board == "n150" else ((6, 0), (7, 0))
        assert hops(*beyond, ttnn.NOC.NOC_0) == (2 if board == "n150" else 3)
        with pytest.raises(ttnn.InvalidArgument, match="outside"):
            hops((0, 0), (30, 0), ttnn.NOC.NOC_0)
        with pytest.raises(ttnn.InvalidArgument, match="no worker core"):
            device.logical_core_from_worker_core((0, 0))
        with pytest.raises(ttnn.InvalidArgument, match="DRAM core"):
            device.dram_core_from_logical_core((0, 1))


def test_dispatch_is_checked_against_what_the_device_does(clean_selection: None) -> None:
    row, column = ttnn.DispatchCoreAxis.ROW, ttnn.DispatchCoreAxis.COL
    with ttnn.open_device(dispatch_core_config=ttnn.DispatchCoreConfig(ttnn.DispatchCoreType.WORKER, row)) as device:
        assert device.is_open
    with pytest.raises(ttnn.Unsupported, match="dispatches from"):
        ttnn.open_device(dispatch_core_config=ttnn.DispatchCoreConfig(axis=column))
    with ttnn.open_device(backend="emulator:p150", dispatch_core_config=ttnn.DispatchCoreConfig(axis=column)) as device:
        assert device.arch() is ttnn.Arch.BLACKHOLE


def test_new_programs_can_be_forbidden(clean_selection: None) -> None:
    with ttnn.open_device() as device:
        device.set_program_cache_misses_allowed(False)
        program = ttnn.CreateProgram()
        ttnn.CreateKernelFromString(program, "void kernel_main() {}", (0, 0))
        with pytest.raises(ttnn.InvalidArgument, match="new on the device"):
            ttnn.EnqueueProgram(device.command_queue(), program)
        device.set_program_cache_misses_allowed(True)
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)
        assert device.num_program_cache_entries() == 1
        device.clear_program_cache()
        assert device.num_program_cache_entries() == 0


def test_sizes_and_queues_without_a_device() -> None:
    assert [ttnn.element_size(each) for each in (ttnn.bfloat16, ttnn.float32, ttnn.uint8)] == [2, 4, 1]
    with pytest.raises(ttnn.InvalidArgument, match="tile_size"):
        ttnn.element_size(ttnn.bfloat8_b)
    with ttnn.open_device(num_command_queues=2) as device:
        assert device.command_queue().id == 0
        with ttnn.command_queue(1):
            assert device.command_queue().id == 1
        assert device.command_queue().id == 0
    with pytest.raises(ttnn.InvalidArgument, match="0 and 1"), ttnn.command_queue(2):
        pass
