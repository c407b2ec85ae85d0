"""What notebooks show, and pictures: the right cores, owners and addresses are in them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import pytest

import tthal as ttnn

KERNEL = "void kernel_main() {}"


@pytest.fixture
def device() -> Iterator[ttnn.Device]:
    with ttnn.open_device(0, backend="emulator") as opened:
        yield opened


@pytest.fixture
def program() -> ttnn.Program:
    """A kernel on 2x3 cores, a circular buffer on two of them and a semaphore there, too."""
    built = ttnn.CreateProgram()
    ttnn.CreateKernelFromString(built, KERNEL, ttnn.CoreRange((0, 0), (1, 2)))
    corner = ttnn.CoreRange((0, 0), (1, 0))
    ttnn.CreateCircularBuffer(built, corner, ttnn.CircularBufferConfig(64, {3: ttnn.bfloat16}).set_page_size(3, 32))
    ttnn.CreateSemaphore(built, corner, 7)
    return built


def test_cores_that_are_alike_are_one_group(program: ttnn.Program) -> None:
    most, corner = program.core_groups()
    assert most.places() == [(0, 1), (1, 1), (0, 2), (1, 2)]
    assert corner.places() == [(0, 0), (1, 0)]
    assert corner.lines()[1:] == ["circular buffer 3: 64 B", "semaphore 0, from 7"]


def test_a_program_shows_its_grid_and_its_parts(program: ttnn.Program) -> None:
    html = program._repr_html_()
    colours = re.findall(r"fill='(#\w+)'", html)
    assert len(colours) == 6
    assert colours[0] == colours[1] != colours[2] == colours[5]
    assert "circular buffer 3: 64 B" in html


def test_names_of_kernels_are_escaped() -> None:
    from tthal.notebook import groups

    assert "<script" not in groups("x", [([(0, 0)], ["<script>"])])


def test_devices_buffers_tensors_and_cores_show_their_facts(device: ttnn.Device) -> None:
    assert "8 x 8, 1464 KB of L1 each" in device._repr_html_()
    buffer = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 4096, 1024, ttnn.BufferType.DRAM))
    assert "4096 B in 4 pages of 1024 B" in buffer._repr_html_()
    assert f"0x{buffer.address():x}" in buffer._repr_html_()
    buffer.deallocate()
    assert "deallocated" in buffer._repr_html_()
    tensor = ttnn.from_numpy(np.zeros((33, 32), np.float32), layout=ttnn.TILE_LAYOUT, device=device)
    assert "DRAM of" in tensor._repr_html_()
    assert "padded" in tensor._repr_html_()
    assert ttnn.CoreRangeSet(ttnn.CoreRange((1, 0), (2, 0)))._repr_html_().count("#dddddd") == 1


def test_a_descriptor_has_a_picture_too() -> None:
    pytest.importorskip("matplotlib", reason="pictures are drawn by matplotlib")
    kernel = ttnn.KernelDescriptor(
        kernel_source="void kernel_main() {}",
        source_type=ttnn.KernelDescriptor.SourceType.SOURCE_CODE,
        core_ranges=ttnn.CoreRangeSet(ttnn.CoreRange((0, 0), (3, 0))),
        config=ttnn.ReaderConfigDescriptor(),
    )
    grid, _ = ttnn.plot.program(ttnn.ProgramDescriptor(kernels=[kernel], semaphores=[], cbs=[])).axes
    assert len(grid.patches) == 4


def test_the_picture_of_a_program_has_a_square_for_every_core(program: ttnn.Program) -> None:
    pytest.importorskip("matplotlib", reason="pictures are drawn by matplotlib")
    grid, legend = ttnn.plot.program(program).axes
    assert sorted((round(p.get_x() + 0.45), round(p.get_y() + 0.45)) for p in grid.patches) == [
        (x, y) for x in range(2) for y in range(3)
    ]
    assert "  semaphore 0, from 7" in [text.get_text() for text in legend.texts]


def test_the_picture_of_memory_has_every_living_buffer_at_its_address(device: ttnn.Device) -> None:
    pytest.importorskip("matplotlib", reason="pictures are drawn by matplotlib")
    kept = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 4096, 1024, ttnn.BufferType.L1))
    gone = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 4096, 1024, ttnn.BufferType.L1))
    dram = ttnn.CreateBuffer(ttnn.InterleavedBufferConfig(device, 24 * 2048, 2048, ttnn.BufferType.DRAM))
    gone.deallocate()
    drawn = [[(bar.get_x(), bar.get_width()) for bar in axes.patches] for axes in ttnn.plot.memory(device).axes]
    assert drawn == [[(kept.address(), 1024)], [(dram.address(), 2 * 2048)]]  # 12 banks, two pages in each


def test_the_picture_of_a_tile_shows_its_numbers() -> None:
    pytest.importorskip("matplotlib", reason="pictures are drawn by matplotlib")
    numbers = np.arange(64 * 32, dtype=np.float32).reshape(64, 32)
    (image,) = ttnn.plot.tile(numbers, row=1).axes[0].images
    assert np.array_equal(image.get_array(), numbers[32:])
    with pytest.raises(ttnn.InvalidArgument, match=r"tile \(2, 0\) of 32x32 is outside"):
        ttnn.plot.tile(numbers, row=2)


def test_pictures_of_nothing_are_refused() -> None:
    with pytest.raises(ttnn.InvalidArgument, match="nothing to draw"):
        ttnn.plot.program(ttnn.CreateProgram())


def test_what_cannot_be_drawn_is_said(device: ttnn.Device) -> None:
    pytest.importorskip("matplotlib", reason="pictures are drawn by matplotlib")
    with pytest.raises(ttnn.InvalidArgument, match="'x' is not a Program or a ProgramDescriptor"):
        ttnn.plot.program("x")
    with pytest.raises(ttnn.InvalidArgument, match="None is not a Device"):
        ttnn.plot.memory(None)
    with pytest.raises(ttnn.InvalidArgument, match="real numbers, not complex128"):
        ttnn.plot.tile(np.zeros((32, 32), complex))
    with pytest.raises(ttnn.InvalidArgument, match=r"1\.5 is not the number of a row"):
        ttnn.plot.tile(np.zeros((64, 32)), row=1.5)


def test_one_core_is_not_many() -> None:
    from tthal.notebook import groups

    assert "<b style='color:#4c78a8'>1 core</b>" in groups("x", [([(0, 0)], [])])
    assert "2 cores</b>" in groups("x", [([(0, 0), (1, 0)], [])])


def test_what_is_left_of_a_closed_device_still_shows_itself() -> None:
    with ttnn.open_device(0, backend="emulator") as opened:
        tensor = ttnn.from_numpy(np.zeros((32, 32), np.float32), layout=ttnn.TILE_LAYOUT, device=opened)
    assert "its device is closed" in repr(tensor)
    for each in (opened, tensor, tensor.buffer()):
        assert each._repr_html_()
        assert repr(each)
