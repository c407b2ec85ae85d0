"""Addresses of a launch: the measured circular buffer addresses, and argument regions worked out by hand."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet
from tthal.device_interface import (
    BufferSpec,
    CircularBufferFormat,
    CircularBufferImage,
    CircularBufferState,
    ComputeSettings,
    DataMovementSettings,
    EthernetSettings,
    KernelArguments,
    KernelContent,
    KernelImage,
    LaunchState,
    ProgramImage,
    SemaphoreImage,
)
from tthal.errors import InvalidArgument, PlacementError, Unsupported
from tthal.types import (
    NOC,
    NOC_MODE,
    BufferType,
    DataFormat,
    DataMovementProcessor,
    DispatchMode,
    Eth,
    KernelBuildOptLevel,
    MathFidelity,
)
from tthal_emulator.board.allocator import BufferAllocator
from tthal_emulator.board.boards import find_board
from tthal_emulator.board.machine import Machine
from tthal_emulator.program.config_region import RiscType
from tthal_emulator.program.placement import Placement, ProgramPlacer

N150, P150 = Machine(find_board("n150")), Machine(find_board("p150"))
CONFIG = 35_168
L1_BASE = 105_824
RISCV_0, RISCV_1 = DataMovementProcessor.RISCV_0, DataMovementProcessor.RISCV_1
COMPUTE = ComputeSettings(MathFidelity.HiFi4, False, False, (), False, False)


def cores(*corners: tuple[int, int, int, int]) -> CoreRangeSet:
    return CoreRangeSet([CoreRange(CoreCoord(x0, y0), CoreCoord(x1, y1)) for x0, y0, x1, y1 in corners])


def at(x: int, y: int) -> CoreRangeSet:
    return cores((x, y, x, y))


def kernel(
    where: CoreRangeSet,
    processor: DataMovementProcessor | None = RISCV_0,
    unique: Sequence[tuple[tuple[int, int], int]] = (),
    common: int = 0,
    name: str = "kernel",
) -> KernelImage:
    """A data movement kernel, or with processor None a compute kernel."""
    movement = DataMovementSettings(processor, NOC.NOC_0, NOC_MODE.DM_DEDICATED_NOC) if processor is not None else None
    return KernelImage(
        KernelContent(name, "void kernel_main() {}"),
        where,
        KernelBuildOptLevel.O2,
        data_movement=movement,
        compute=COMPUTE if movement is None else None,
        runtime_arg_counts=tuple((CoreCoord(*core), count) for core, count in unique),
        common_runtime_arg_count=common,
    )


def buffer(where: CoreRangeSet, *indices: int, tile: tuple[int, int] | None = None) -> CircularBufferImage:
    return CircularBufferImage(where, tuple(CircularBufferFormat(i, DataFormat.Float16_b, tile) for i in indices))


def held(total_size: int, *page_sizes: tuple[int, int]) -> CircularBufferState:
    return CircularBufferState(total_size, page_sizes)


def place_buffers(
    buffers: Sequence[tuple[CoreRangeSet, int]], machine: Machine = N150, lowest: int | None = None
) -> Placement:
    """Place circular buffers of one page each, under a kernel on all their cores."""
    image = ProgramImage(
        kernels=(kernel(cores((0, 0, machine.grid.x - 1, machine.grid.y - 1))),),
        circular_buffers=tuple(buffer(where, index) for index, (where, _) in enumerate(buffers)),
    )
    states = tuple(held(size, (index, size or 16)) for index, (_, size) in enumerate(buffers))
    placement = ProgramPlacer(image, machine).place(states)
    placement.regions.check_l1(lowest)
    return placement


# ------------------------------------------------------------------------------------------- circular buffers


def test_measured_addresses_on_one_core() -> None:
    placed = place_buffers([(at(0, 0), size) for size in (2048, 100, 48, 2048)])
    assert placed.regions.addresses == (105824, 107872, 108000, 108064)


def test_measured_addresses_on_overlapping_ranges() -> None:
    wide = cores((0, 0, 3, 3))
    placed = place_buffers([(at(0, 0), 4096), (at(3, 3), 2048), (wide, 2048), (at(3, 3), 2048)])
    assert placed.regions.addresses == (105824, 105824, 109920, 111968)


def test_blackhole_starts_at_its_base_and_aligns_to_64() -> None:
    placed = place_buffers([(at(0, 0), 100), (at(0, 0), 100)], P150)
    assert placed.regions.addresses == (111744, 111744 + 128)


def test_a_buffer_over_several_ranges_has_one_address() -> None:
    placed = place_buffers([(at(0, 0), 2048), (cores((0, 0, 0, 0), (5, 5, 5, 5)), 64), (at(5, 5), 32)])
    assert placed.regions.addresses == (L1_BASE, L1_BASE + 2048, L1_BASE + 2112)


def test_neighbouring_ranges_count_as_the_rectangle_they_make() -> None:
    # Merged at creation: the two halves are the range (0,0)-(1,0) itself, so its end is what counts.
    halves = cores((0, 0, 0, 0), (1, 0, 1, 0))
    placed = place_buffers([(halves, 2048), (cores((0, 0, 1, 0)), 2048)])
    assert placed.regions.addresses == (L1_BASE, L1_BASE + 2048)


def test_an_overlap_that_the_rule_allows_is_refused() -> None:
    # The wide range has seen only the small buffer when its own turn comes, and lands inside the large one.
    wide = cores((0, 0, 3, 3))
    with pytest.raises(PlacementError, match=r"1 on .* and 2 on .* would overlap at address 107872"):
        place_buffers([(at(0, 0), 2048), (at(3, 3), 8192), (wide, 2048)])
    assert place_buffers([(wide, 2048), (at(0, 0), 2048), (at(3, 3), 8192)]).regions.addresses[0] == L1_BASE


def test_filling_l1_to_the_last_byte_is_legal() -> None:
    assert place_buffers([(at(0, 0), 1_393_312)]).regions.addresses == (L1_BASE,)
    with pytest.raises(PlacementError, match="beyond max L1 size"):
        place_buffers([(at(0, 0), 1_393_312 + 32)])


def test_measured_text_past_the_end_of_l1() -> None:
    text = (
        "Statically allocated circular buffers on core range [0-0 - 0-0] grow to 1539424 B which is beyond max L1 "
        "size of 1499136 B"
    )
    with pytest.raises(PlacementError, match=re.escape(text)):
        place_buffers([(at(0, 0), 700 * 2048)])


def test_measured_text_of_a_clash() -> None:
    memory = BufferAllocator(N150)
    l1_buffer = memory.allocate(BufferSpec(64 * 500 * 2048, 2048, BufferType.L1))
    assert l1_buffer.address == 475136
    text = "L1 buffer allocated at 475136 and static circular buffer region ends at 720224"
    with pytest.raises(PlacementError, match=text):
        place_buffers([(at(0, 0), 300 * 2048)], lowest=memory.lowest_l1_address())
    memory.free(l1_buffer)
    place_buffers([(at(0, 0), 300 * 2048)], lowest=memory.lowest_l1_address())


def test_touching_an_l1_buffer_is_legal() -> None:
    place_buffers([(at(0, 0), 2048)], lowest=L1_BASE + 2048)
    with pytest.raises(PlacementError, match="clash"):
        place_buffers([(at(0, 0), 2048)], lowest=L1_BASE + 2047)


def test_a_program_without_circular_buffers_clashes_with_nothing() -> None:
    place_buffers([], lowest=L1_BASE)


def test_what_a_core_gets_of_a_buffer_with_two_indices() -> None:
    image = ProgramImage((kernel(at(1, 2)),), (buffer(at(1, 2), 16, 3, tile=(16, 32)), buffer(at(0, 0), 0)))
    (core,) = ProgramPlacer(image, N150).place((held(4096, (3, 1024), (16, 2048)), held(64, (0, 32)))).cores
    assert core.core == CoreCoord(1, 2)
    found = [(b.index, b.address, b.total_size, b.page_size, b.num_pages, b.tile) for b in core.circular_buffers]
    assert found == [(3, L1_BASE, 4096, 1024, 4, (16, 32)), (16, L1_BASE, 4096, 2048, 2, (16, 32))]


def test_dynamic_buffers_lie_in_the_l1_buffer_and_push_nothing() -> None:
    memory = BufferAllocator(N150)
    allocation = memory.allocate(BufferSpec(64 * 4096, 4096, BufferType.L1))
    image = ProgramImage((kernel(at(0, 0)),), tuple(buffer(at(0, 0), index) for index in range(3)))
    states = (
        CircularBufferState(4096, ((0, 2048),), allocation),
        CircularBufferState(2048, ((1, 2048),), allocation, address_offset=2048),
        held(2048, (2, 2048)),
    )
    placed = ProgramPlacer(image, N150).place(states)
    placed.regions.check_l1(memory.lowest_l1_address())
    assert placed.regions.addresses == (1499136 - 4096, 1499136 - 2048, L1_BASE)


@pytest.mark.parametrize(
    ("buffer_type", "total_size", "offset", "message"),
    [
        (BufferType.DRAM, 32, 0, "Only L1 buffers"),
        (BufferType.L1, 8192, 0, "Cannot set circular buffer size to 8192.* bank size of 4096 B"),
        (BufferType.L1, 4096, 16, "Cannot set circular buffer size to 4096"),
        (BufferType.L1, 32, 8, "multiple of 16"),
        (BufferType.L1, 32, -16, "multiple of 16"),
    ],
)
def test_dynamic_buffers_must_fit_their_l1_buffer(
    buffer_type: BufferType, total_size: int, offset: int, message: str
) -> None:
    allocation = BufferAllocator(N150).allocate(BufferSpec(64 * 4096, 4096, buffer_type))
    image = ProgramImage((kernel(at(0, 0)),), (buffer(at(0, 0), 0),))
    state = CircularBufferState(total_size, ((0, 16),), allocation, offset)
    with pytest.raises(PlacementError, match=message):
        ProgramPlacer(image, N150).place((state,))


def test_dynamic_buffers_end_with_l1() -> None:
    spec = BufferSpec(64, 64, BufferType.L1, address=1_499_136 - 32)
    image = ProgramImage((kernel(at(0, 0)),), (buffer(at(0, 0), 0),))
    state = CircularBufferState(64, ((0, 64),), BufferAllocator(N150).allocate(spec))
    with pytest.raises(PlacementError, match="ends at 1499168, past the 1499136 B of L1"):
        ProgramPlacer(image, N150).place((state,))


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (held(3000, (0, 2048)), "Total circular buffer size 3000 B must be divisible by page size 2048 B"),
        (held(2048, (1, 2048)), "page size to be set for buffer index 0"),
        (held(2048, (0, 0)), "page size to be set"),
        (held(65536, (0, 1)), "CB pages 65536 of buffer index 0 is greater than 65535"),
        (held(-2048, (0, 2048)), "negative"),
    ],
)
def test_sizes_that_do_not_make_pages(state: CircularBufferState, message: str) -> None:
    image = ProgramImage((kernel(at(0, 0)),), (buffer(at(0, 0), 0),))
    with pytest.raises(PlacementError, match=message):
        ProgramPlacer(image, N150).place((state,))


def test_the_largest_page_count_and_an_empty_buffer_are_legal() -> None:
    image = ProgramImage((kernel(at(0, 0)),), (buffer(at(0, 0), 0), buffer(at(0, 0), 1)))
    (core,) = ProgramPlacer(image, N150).place((held(0, (0, 2048)), held(65535, (1, 1)))).cores
    assert [b.num_pages for b in core.circular_buffers] == [0, 65535]


rectangles = st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)).map(
    lambda c: (min(c[0], c[2]), min(c[1], c[3]), max(c[0], c[2]), max(c[1], c[3]))
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(rectangles, st.integers(0, 200).map(lambda n: 16 * n)), min_size=1, max_size=6))
def test_buffers_never_share_a_byte_of_a_core(wanted: list[tuple[tuple[int, int, int, int], int]]) -> None:
    try:
        placed = place_buffers([(cores(corners), size) for corners, size in wanted])
    except PlacementError as error:
        assert "would overlap" in str(error)  # noqa: PT017
        return
    for x in range(3):
        for y in range(3):
            taken = np.zeros(6 * 3232, bool)
            for (x0, y0, x1, y1), size, address in zip(
                *zip(*wanted, strict=True), placed.regions.addresses, strict=True
            ):
                if x0 <= x <= x1 and y0 <= y <= y1:
                    span = taken[address - L1_BASE : address - L1_BASE + size]
                    assert len(span) == size
                    assert not span.any()
                    span[:] = True


# ------------------------------------------------------------------------------------------- configuration region


def two_groups() -> ProgramImage:
    """Two cores with reader, compute and writer, and a third with a reader of its own."""
    pair = cores((0, 0, 1, 0))
    return ProgramImage(
        kernels=(
            kernel(pair, None, unique=[((0, 0), 2), ((1, 0), 1)], name="compute"),
            kernel(pair, RISCV_1, unique=[((0, 0), 3), ((1, 0), 5)], common=3, name="reader"),
            kernel(pair, RISCV_0, unique=[((1, 0), 1)], common=5, name="writer"),
            kernel(at(4, 4), RISCV_1, unique=[((4, 4), 20)], common=1, name="alone"),
        ),
        circular_buffers=(buffer(pair, 0), buffer(pair, 5), buffer(at(7, 7), 30)),
        semaphores=(SemaphoreImage(0, pair, 7), SemaphoreImage(2, cores((1, 0, 2, 0)), 9)),
    )


STATE = LaunchState(
    kernels=(
        KernelArguments(((CoreCoord(0, 0), (100, 101)), (CoreCoord(1, 0), (110,)))),
        KernelArguments(
            ((CoreCoord(0, 0), (200, 201, 202)), (CoreCoord(1, 0), (210, 211, 212, 213, 2**32 - 1))), (250, 251, 252)
        ),
        KernelArguments(((CoreCoord(1, 0), (310,)),), (350, 351, 352, 353, 354)),
        KernelArguments(((CoreCoord(4, 4), tuple(range(400, 420))),), (450,)),
    ),
    circular_buffers=(held(4096, (0, 2048)), held(2048, (5, 1024)), held(64, (30, 32))),
)

# BRISC 1 word, NCRISC 5, TRISC 2 in the first group (32 B), 20 words in the second (80 B): common from 80 on. In the
# first group BRISC 5 words (32 B), NCRISC 3 (16 B), TRISC none; in the second NCRISC 1 (16 B). Semaphores 0..2 (48 B);
# circular buffers 0..5 (96 B).
COMMON, SEMAPHORES, BUFFERS, SIZE = 80, 128, 176, 272


def test_offsets_of_the_region() -> None:
    placer = ProgramPlacer(two_groups(), N150)
    placed = {core.core: core for core in placer.place(STATE.circular_buffers).cores}
    assert list(placed) == [CoreCoord(0, 0), CoreCoord(1, 0), CoreCoord(2, 0), CoreCoord(4, 4)]
    found = {k.kernel: (k.risc, k.runtime_args, k.runtime_arg_count) for k in placed[CoreCoord(1, 0)].kernels}
    assert found == {
        2: (RiscType.BRISC, CONFIG, 1),
        1: (RiscType.NCRISC, CONFIG + 4, 5),
        0: (RiscType.TRISC, CONFIG + 24, 1),
    }
    common = {k.kernel: (k.common_args, k.common_arg_count) for k in placed[CoreCoord(0, 0)].kernels}
    assert common == {2: (CONFIG + COMMON, 5), 1: (CONFIG + COMMON + 32, 3), 0: (CONFIG + COMMON + 48, 0)}
    (alone,) = placed[CoreCoord(4, 4)].kernels
    assert (alone.runtime_args, alone.runtime_arg_count, alone.common_args) == (CONFIG, 20, CONFIG + COMMON)
    assert placer.region.size == SIZE


def test_semaphores_are_on_all_their_cores_even_without_a_kernel() -> None:
    placed = {core.core: core for core in ProgramPlacer(two_groups(), N150).place(STATE.circular_buffers).cores}
    base = CONFIG + SEMAPHORES
    found = {core: [(s.id, s.address, s.value) for s in p.semaphores] for core, p in placed.items()}
    assert found == {
        CoreCoord(0, 0): [(0, base, 7)],
        CoreCoord(1, 0): [(0, base, 7), (2, base + 32, 9)],
        CoreCoord(2, 0): [(2, base + 32, 9)],
        CoreCoord(4, 4): [],
    }
    assert placed[CoreCoord(4, 4)].semaphore_base == base


def test_what_a_launch_writes() -> None:
    placer = ProgramPlacer(two_groups(), N150)
    placement = placer.place(STATE.circular_buffers)
    l1 = np.full((64, 200_000), 0xEE, np.uint8)
    for core, words in zip(placer.core_indices, placer.config_words(placement, STATE), strict=True):
        l1[core, CONFIG : CONFIG + words.nbytes] = words.view(np.uint8)

    def words_at(core: int, offset: int, count: int) -> list[int]:
        return l1[core, CONFIG + offset : CONFIG + offset + 4 * count].view(np.uint32).tolist()

    assert words_at(1, 0, 7) == [310, 210, 211, 212, 213, 2**32 - 1, 110]
    assert words_at(0, 4, 3) == [200, 201, 202]
    assert words_at(0, 24, 2) == [100, 101]
    assert words_at(8 * 4 + 4, 0, 20) == list(range(400, 420))
    assert words_at(0, COMMON, 5) == [350, 351, 352, 353, 354]
    assert words_at(0, COMMON + 32, 3) == [250, 251, 252]
    assert words_at(8 * 4 + 4, COMMON, 1) == [450]
    assert words_at(1, SEMAPHORES, 1) == [7]
    assert words_at(1, SEMAPHORES + 32, 1) == [9]
    assert words_at(0, BUFFERS, 4) == [L1_BASE, 4096, 2, 2048]
    assert words_at(0, BUFFERS + 5 * 16, 4) == [L1_BASE + 4096, 2048, 2, 1024]
    assert (l1[3] == 0xEE).all()
    assert (l1[0, CONFIG + SIZE :] == 0xEE).all()


def test_a_second_launch_brings_its_own_arguments_and_the_same_placement() -> None:
    placer = ProgramPlacer(two_groups(), N150)
    before = placer.config_words(placer.place(STATE.circular_buffers), STATE)
    changed = LaunchState(
        (KernelArguments(((CoreCoord(0, 0), (1, 2)), (CoreCoord(1, 0), (3,)))), *STATE.kernels[1:]),
        STATE.circular_buffers,
    )
    after = placer.config_words(placer.place(changed.circular_buffers), changed)
    assert np.argwhere(before != after).tolist() == [[0, 6], [0, 7], [1, 6]]
    assert after[0, 6:8].tolist() == [1, 2]


def test_arguments_must_be_those_the_program_was_compiled_for() -> None:
    placer = ProgramPlacer(two_groups(), N150)
    placement = placer.place(STATE.circular_buffers)
    short = LaunchState((KernelArguments(((CoreCoord(0, 0), (1, 2)),)), *STATE.kernels[1:]), STATE.circular_buffers)
    with pytest.raises(InvalidArgument, match="kernel compute"):
        placer.config_words(placement, short)
    with pytest.raises(InvalidArgument, match="2 kernels of 4"):
        placer.config_words(placement, LaunchState(STATE.kernels[:2], STATE.circular_buffers))
    with pytest.raises(InvalidArgument, match="0 circular buffers, the program 3"):
        placer.place(())


def test_an_empty_program_places_nothing() -> None:
    placer = ProgramPlacer(ProgramImage(), N150)
    assert placer.place(()).cores == ()
    assert placer.config_words(placer.place(()), LaunchState()).shape[0] == 0


def test_kernels_without_arguments_on_the_whole_grid() -> None:
    grid = cores((0, 0, 7, 7))
    image = ProgramImage((kernel(grid, RISCV_0), kernel(grid, RISCV_1), kernel(grid, None)))
    placed = ProgramPlacer(image, N150).place(())
    assert [N150.core_index(core.core) for core in placed.cores] == list(range(64))
    assert {len(core.kernels) for core in placed.cores} == {3}


# ------------------------------------------------------------------------------------------- what does not fit


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (
            ProgramImage((kernel(cores((0, 0, 1, 0)), name="A"), kernel(at(1, 0), name="B"))),
            r'Core Overlap Between \("A"\) and new kernel \("B"\) at 1-0',
        ),
        (ProgramImage((kernel(at(0, 0), DataMovementProcessor.RISCV_2),)), "RISCV_0 or RISCV_1"),
        (ProgramImage((kernel(at(0, 0), unique=[((1, 0), 1)]),)), "runtime args for 1-0, where it is not"),
    ],
)
def test_programs_that_do_not_fit_the_machine(image: ProgramImage, message: str) -> None:
    with pytest.raises(PlacementError, match=message):
        ProgramPlacer(image, N150)


def test_the_limits_themselves_are_legal() -> None:
    image = ProgramImage((kernel(at(0, 0), unique=[((0, 0), 4000)], common=94),), (buffer(at(0, 0), 31),))
    ProgramPlacer(image, N150)
    ProgramPlacer(ProgramImage((), (buffer(at(12, 9), 63),)), P150)
    slow = Machine(find_board("n150"), DispatchMode.SLOW)
    ProgramPlacer(ProgramImage((kernel(at(7, 8)),)), slow)


def test_the_region_can_overflow() -> None:
    wide = tuple(
        kernel(at(x, 0), processor, unique=[((x, 0), unique)], common=4094 - unique)
        for x, unique in ((0, 4094), (1, 0))
        for processor in (RISCV_0, RISCV_1, None)
    )
    # Unique: three times 4094 words, rounded up together; common: three times 4094 words, each rounded up.
    with pytest.raises(PlacementError, match=r"Program size \(98288\) too large for kernel config buffer \(70656\)"):
        ProgramPlacer(ProgramImage(wide), N150)


def test_offsets_have_16_bits() -> None:
    # Unique 32,752 B, common 32,736 B and 32 B more: 65,520. With 64 B more the semaphore cannot be addressed.
    semaphores = (SemaphoreImage(0, at(0, 0), 0),)
    kernels = [kernel(at(0, 0), processor, unique=[((0, 0), 4094)]) for processor in (RISCV_0, RISCV_1)]
    kernels += [kernel(at(1, 0), processor, common=4092) for processor in (RISCV_0, RISCV_1)]
    ProgramPlacer(ProgramImage((*kernels, kernel(at(1, 0), None, common=8)), semaphores=semaphores), N150)
    with pytest.raises(PlacementError, match="overflows uint16_t"):
        ProgramPlacer(ProgramImage((*kernels, kernel(at(1, 0), None, common=16)), semaphores=semaphores), N150)


def test_ethernet_is_not_there() -> None:
    ethernet = KernelImage(
        KernelContent("link", ""),
        at(0, 0),
        KernelBuildOptLevel.Os,
        ethernet=EthernetSettings(Eth.SENDER, NOC.NOC_0, RISCV_0),
    )
    with pytest.raises(Unsupported, match="kernel link"):
        ProgramPlacer(ProgramImage((ethernet,)), N150)
