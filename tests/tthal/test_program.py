"""What a program hands to a backend: images, launch states, and when they are taken anew."""

from __future__ import annotations

import gc
import weakref

import msgspec
import pytest

import tthal as ttnn
from tthal.device_interface import PORTABLE_LIMITS, KernelContent, LaunchState, Limits, ProgramImage
from tthal.errors import InvalidArgument, ProgramFrozen

CORE = ttnn.CoreCoord(0, 0)
BLOCK = ttnn.CoreRange(ttnn.CoreCoord(0, 0), ttnn.CoreCoord(7, 7))
CONTENT = KernelContent("k", "void kernel_main() {}", (), "kernels/k.cpp")


def full_program() -> ttnn.Program:
    program = ttnn.CreateProgram()
    program.add_kernel(CONTENT, BLOCK, ttnn.ReaderDataMovementConfig([1, 2], {"A": "1"}, {"n": 3}))
    program.add_kernel(CONTENT, BLOCK, ttnn.ComputeConfig(fp32_dest_acc_en=True))
    config = ttnn.CircularBufferConfig(4096, {0: ttnn.DataFormat.Float16_b}).set_page_size(0, 2048)
    ttnn.CreateCircularBuffer(program, BLOCK, config)
    ttnn.CreateSemaphore(program, BLOCK, 7)
    ttnn.SetRuntimeArgs(program, 0, BLOCK, [1, 2, 3])
    ttnn.SetCommonRuntimeArgs(program, 1, [4])
    return program


def test_a_new_program_is_empty_and_portable() -> None:
    program = ttnn.CreateProgram()
    assert program.image() == ProgramImage()
    assert program.launch_state() == LaunchState()
    assert program.limits is PORTABLE_LIMITS
    assert program.limits == Limits(runtime_args=255, circular_buffers=32, semaphores=8)
    assert (program.runtime_id, program.is_frozen, program.num_kernels()) == (0, False, 0)
    assert ttnn.CreateProgram().id == program.id + 1


def test_the_image_holds_what_compiling_depends_on() -> None:
    image = full_program().image()
    reader, compute = image.kernels
    assert reader.content == CONTENT
    assert reader.core_ranges == ttnn.CoreRangeSet(BLOCK)
    assert (reader.compile_time_args, reader.defines, reader.named_compile_time_args) == (
        (1, 2), (("A", "1"),), (("n", 3),),
    )  # fmt: skip
    assert dict(reader.runtime_arg_counts) == dict.fromkeys(ttnn.corerange_to_cores(BLOCK), 3)
    assert (compute.runtime_arg_counts, compute.common_runtime_arg_count) == ((), 1)
    assert [each.id for each in image.semaphores] == [0]


def test_equal_programs_have_equal_images_and_fingerprints() -> None:
    first, second = full_program(), full_program()
    assert first.image() == second.image()
    assert first.image().fingerprint == second.image().fingerprint
    assert first.launch_state() == second.launch_state()


def test_values_are_not_part_of_the_image() -> None:
    first, second = full_program(), full_program()
    ttnn.SetRuntimeArgs(second, 0, BLOCK, [7, 8, 9])
    ttnn.UpdateCircularBufferTotalSize(second, 0, 8192)
    assert first.image() == second.image()
    assert first.launch_state() != second.launch_state()


@pytest.mark.parametrize(
    "change",
    [
        lambda program: program.add_kernel(CONTENT, BLOCK, ttnn.WriterDataMovementConfig()),
        lambda program: ttnn.CreateSemaphore(program, BLOCK, 0),
        lambda program: ttnn.CreateCircularBuffer(
            program, BLOCK, ttnn.CircularBufferConfig(64, 64, ttnn.DataFormat.UInt32)
        ),
        lambda program: ttnn.SetRuntimeArgs(program, 1, CORE, [1]),
        lambda program: ttnn.SetCommonRuntimeArgs(program, 0, [1]),
    ],
)
def test_every_structural_change_makes_a_new_image(change) -> None:
    program = full_program()
    image, state = program.image(), program.launch_state()
    change(program)
    assert program.image() != image
    assert program.image().fingerprint != image.fingerprint
    assert program.launch_state() is not state


def test_snapshots_of_an_unchanged_program_are_the_same_objects() -> None:
    program = full_program()
    image, state = program.image(), program.launch_state()
    assert program.image() is image
    assert program.launch_state() is state
    ttnn.SetRuntimeArgs(program, 0, CORE, [5, 5, 5])
    changed = program.launch_state()
    assert program.image() is image
    assert changed is not state
    assert changed.kernels[1] is state.kernels[1]
    assert dict(state.kernels[0].per_core)[CORE] == (1, 2, 3)
    assert dict(changed.kernels[0].per_core)[CORE] == (5, 5, 5)


@pytest.mark.parametrize("snapshot", [ProgramImage, LaunchState])
def test_snapshots_survive_serialisation(snapshot: type) -> None:
    program = full_program()
    taken = program.image() if snapshot is ProgramImage else program.launch_state()
    assert msgspec.json.decode(msgspec.json.encode(taken), type=snapshot) == taken


def test_structure_is_fixed_by_the_first_launch() -> None:
    program = full_program()
    program.freeze()
    program.freeze()
    with pytest.raises(ProgramFrozen, match=f"cannot add a kernel to program {program.id}.*already launched"):
        program.add_kernel(CONTENT, BLOCK, ttnn.WriterDataMovementConfig())
    assert program.num_kernels() == 2


def test_a_dropped_program_goes_at_once() -> None:
    program = full_program()
    ttnn.GetRuntimeArgs(program, 0)
    program.launch_state()
    gone = weakref.ref(program)
    gc.disable()
    try:
        del program
        assert gone() is None
    finally:
        gc.enable()


def test_parts_are_found_by_id() -> None:
    program = full_program()
    assert [kernel.id for kernel in program.kernels] == [0, 1]
    assert program.kernel(1).common_runtime_args() == [4]
    assert program.circular_buffer(0).buffer_indices == (0,)
    with pytest.raises(InvalidArgument, match="its ids go from 0 to 1"):
        program.kernel(2)
    with pytest.raises(InvalidArgument, match="it has none at all"):
        ttnn.CreateProgram().kernel(0)
    assert repr(program) == f"<Program {program.id} open: 2 kernels, 1 circular buffers, 1 semaphores>"
    assert repr(program.kernel(0)) == "<Kernel 0 kernels/k.cpp on {[0-0 - 7-7]} NCRISC>"


def test_a_program_owns_buffers_only() -> None:
    with pytest.raises(TypeError, match="owns Buffer objects, not int"):
        ttnn.AssignGlobalBufferToProgram(4096, ttnn.CreateProgram())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "call",
    [
        lambda: ttnn.CreateKernelFromString(None, "", CORE),  # type: ignore[arg-type]
        lambda: ttnn.CreateSemaphore("p", BLOCK, 0),  # type: ignore[arg-type]
        lambda: ttnn.GetCircularBufferConfig(0, 0),  # type: ignore[arg-type]
        lambda: ttnn.AssignGlobalBufferToProgram(None, None),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_program_is_a_type_error(call) -> None:
    with pytest.raises(TypeError, match="program must be a Program"):
        call()


def test_a_kernel_from_a_string_is_text() -> None:
    program = ttnn.CreateProgram()
    kernel = ttnn.CreateKernelFromString(program, "void kernel_main() {}", CORE)
    assert kernel == 0
    assert program.kernel(kernel).name == "Kernel_Source_Code"
    with pytest.raises(TypeError, match="must be a str"):
        ttnn.CreateKernelFromString(program, b"void", CORE)  # type: ignore[arg-type]


def test_a_kernel_file_is_read_when_the_kernel_is_created(tmp_path) -> None:
    program = ttnn.CreateProgram()
    file = tmp_path / "reader.cpp"
    file.write_text("// one")
    ttnn.CreateKernel(program, str(file), CORE, ttnn.ReaderDataMovementConfig())
    file.write_text("// two")
    ttnn.CreateKernel(program, file, CORE, ttnn.WriterDataMovementConfig())
    assert [kernel.content.source for kernel in program.image().kernels] == ["// one", "// two"]
    assert program.kernel(0).name == "reader"
