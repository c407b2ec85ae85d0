"""Deliberately broken emulators: each must be caught, by the programs that are about what it breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import pytest

from tthal.device_interface import Allocation, CircularBufferState, KernelArguments, LaunchState, ProgramImage
from tthal.types import MathFidelity
from tthal_conformance.schema import Outcome
from tthal_emulator.abi import tile_operations
from tthal_emulator.board.device_memory import DeviceMemory
from tthal_emulator.compiler import Compiler
from tthal_emulator.device import EmulatedDevice
from tthal_emulator.noc import ports
from tthal_emulator.noc import transfers as noc
from tthal_emulator.program import kernel_starts, loader
from tthal_emulator.program.loader import LoadedImage
from tthal_emulator.program.placement import ProgramPlacer
from tthal_emulator.tensix import pack
from tthal_emulator.tensix.tile_unit import TileUnit

Patch = pytest.MonkeyPatch
Mutation = Callable[[Patch], None]

PYTHON = "emulator?fast=off"
"""Tile math and transfers by the Python definitions, so that a mutation of those is felt."""


def _with_state(patch: Patch, change: Callable[[LaunchState], LaunchState]) -> None:
    """Change what a launch writes into L1."""
    config_words = ProgramPlacer.config_words

    def changed(self: ProgramPlacer, placement: Any, state: LaunchState) -> Any:
        return config_words(self, placement, change(state))

    patch.setattr(ProgramPlacer, "config_words", changed)


def _with_image(patch: Patch, change: Callable[[ProgramImage], ProgramImage]) -> None:
    """Change what is compiled."""
    load = EmulatedDevice.load
    patch.setattr(EmulatedDevice, "load", lambda self, image: load(self, change(image)))


# ---------------------------------------------------------------------------------------------- data movement


def barriers_do_nothing(patch: Patch) -> None:
    """Transfers stay on their way until the kernel ends."""
    patch.setattr(noc.Noc, "hand_over", lambda self, port, reason: self.collect(port))


def flushes_do_nothing(patch: Patch) -> None:
    """A write carries what its source holds when it arrives, however often it was flushed."""
    for module in (noc, ports):
        patch.setattr(module, "CARRIES_DATA", ())


def increments_are_stores(patch: Patch) -> None:
    """An atomic increment replaces the value, so increments by several cores are lost."""

    add = noc.Noc._add

    def store(self: noc.Noc, target: Any, transfer: Any) -> None:
        noc.WORD.pack_into(target.memory, transfer.remote & noc.ADDRESS_MASK, 0)
        add(self, target, transfer)

    patch.setattr(noc.Noc, "_add", store)


def reads_are_a_page_off(patch: Patch) -> None:
    """The host reads every page from its neighbour's place."""
    read_buffer = DeviceMemory.read_buffer

    def shifted(self: DeviceMemory, allocation: Allocation, out: memoryview) -> None:
        read_buffer(self, allocation, out)
        data = np.frombuffer(out, np.uint8)
        data[:] = np.roll(data, allocation.spec.page_size)

    patch.setattr(DeviceMemory, "read_buffer", shifted)


def banks_in_another_order(patch: Patch) -> None:
    """Kernels look for DRAM banks in reverse order."""
    machine_block = kernel_starts.machine_block

    def reversed_banks(machine: Any) -> Any:
        block = machine_block(machine)
        count = len(machine.board.dram)
        for network in (0, 1):
            block["dram_bank_xy"][network, :count] = block["dram_bank_xy"][network, :count][::-1].copy()
        return block

    patch.setattr(kernel_starts, "machine_block", reversed_banks)


def l1_banks_in_another_order(patch: Patch) -> None:
    """Kernels look for L1 banks in the order of the cores."""
    machine_block = kernel_starts.machine_block

    def plain_order(machine: Any) -> Any:
        block = machine_block(machine)
        for network in (0, 1):
            for core in range(machine.num_cores):
                x, y = machine.virtual(machine.core(core))
                block["l1_bank_xy"][network, machine.num_cores - 1 - core] = y << 6 | x
        return block

    patch.setattr(kernel_starts, "machine_block", plain_order)


# ---------------------------------------------------------------------------------------------- launches


def semaphores_are_never_reset(patch: Patch) -> None:
    """Only a program's first launch writes the initial values."""
    run = EmulatedDevice._run
    launched: set[str] = set()

    def keep(self: EmulatedDevice, loaded: LoadedImage, prepared: Any, words: Any, *rest: Any) -> None:
        if loaded.fingerprint in launched:
            base, first = self._machine.chip.config_base, loaded._placer.region.semaphores
            for core, row in zip(prepared.cores, words, strict=True):
                held = self._memory.l1[core][base + first : base + words.shape[1] * 4].view(np.uint32)[:64]
                row[first // 4 : first // 4 + len(held)] = held
        launched.add(loaded.fingerprint)
        run(self, loaded, prepared, words, *rest)

    patch.setattr(EmulatedDevice, "_run", keep)


def arguments_are_shifted(patch: Patch) -> None:
    """Every core's runtime arguments begin with the second one."""

    def shifted(state: LaunchState) -> LaunchState:
        kernels = tuple(
            KernelArguments(tuple((core, (*words[1:], *words[:1])) for core, words in each.per_core), each.common)
            for each in state.kernels
        )
        return replace(state, kernels=kernels)

    _with_state(patch, shifted)


def common_arguments_are_zero(patch: Patch) -> None:
    """Common runtime arguments do not arrive."""

    def cleared(state: LaunchState) -> LaunchState:
        kernels = tuple(replace(each, common=tuple(0 for _ in each.common)) for each in state.kernels)
        return replace(state, kernels=kernels)

    _with_state(patch, cleared)


def _launched_with(patch: Patch, change: Callable[[LaunchState, LaunchState], LaunchState]) -> None:
    """Launch with something of a program's first state."""
    launch = EmulatedDevice.launch
    first: dict[str, LaunchState] = {}

    def stale(self: EmulatedDevice, queue: int, loaded: LoadedImage, state: LaunchState) -> None:
        launch(self, queue, loaded, change(state, first.setdefault(loaded.fingerprint, state)))

    patch.setattr(EmulatedDevice, "launch", stale)


def arguments_stay_as_at_first(patch: Patch) -> None:
    """New values of runtime arguments are ignored."""
    _launched_with(patch, lambda state, first: replace(state, kernels=first.kernels))


def circular_buffers_stay_as_at_first(patch: Patch) -> None:
    """New sizes and addresses of circular buffers are ignored."""

    def sizes(state: CircularBufferState, first: CircularBufferState) -> CircularBufferState:
        return first

    def stale(state: LaunchState, first: LaunchState) -> LaunchState:
        buffers = tuple(map(sizes, state.circular_buffers, first.circular_buffers))
        return replace(state, circular_buffers=buffers)

    _launched_with(patch, stale)


def failures_are_swallowed(patch: Patch) -> None:
    """What goes wrong on a queue is forgotten."""
    patch.setattr(EmulatedDevice, "finish", lambda self, queue: self._failures.pop(queue, None) and None)


def writes_keep_the_callers_memory(patch: Patch) -> None:
    """A write takes its data when the queue gets to it, though the caller may have changed it by then."""
    write, launch = EmulatedDevice.write, EmulatedDevice.launch
    waiting: list[tuple[int, Allocation, memoryview]] = []

    def later(self: EmulatedDevice, queue: int, allocation: Allocation, data: memoryview) -> None:
        waiting.append((queue, allocation, data))

    def settle(self: EmulatedDevice) -> None:
        while waiting:
            write(self, *waiting.pop(0))

    def launched(self: EmulatedDevice, *arguments: Any) -> None:
        settle(self)
        launch(self, *arguments)

    patch.setattr(EmulatedDevice, "write", later)
    patch.setattr(EmulatedDevice, "launch", launched)


# ---------------------------------------------------------------------------------------------- compiling


def defines_are_ignored(patch: Patch) -> None:
    """Macros of the host program do not reach the compiler."""
    compile_request = loader.compile_request

    def without(formats: Any, *rest: Any) -> Any:
        return compile_request(replace(formats, kernel=replace(formats.kernel, defines=())), *rest)

    patch.setattr(loader, "compile_request", without)


def stale_compile_cache(patch: Patch) -> None:
    """A kernel is compiled once per source text, whatever else changes."""
    compile_all = Compiler.compile_all
    known: dict[tuple[Any, ...], Any] = {}

    def cached(self: Compiler, requests: Any, *rest: Any) -> Any:
        found = []
        for request in requests:
            key = (id(self), request.content.source, request.target.name)
            if key not in known:
                known[key] = compile_all(self, [request], *rest)[0]
            found.append(known[key])
        return found

    patch.setattr(Compiler, "compile_all", cached)


# ---------------------------------------------------------------------------------------------- computing


def _at_pack(patch: Patch, change: Callable[[TileUnit, int, int], None]) -> None:
    """Do something to each tile that was packed: (unit, circular buffer, address)."""
    run = TileUnit.run

    def packed(self: TileUnit, operation: int, *arguments: int) -> None:
        run(self, operation, *arguments)
        if operation == tile_operations.Pack.number:
            change(self, arguments[0], arguments[1])

    patch.setattr(TileUnit, "run", packed)


def faces_are_swapped(patch: Patch) -> None:
    """The packer exchanges the upper right and the lower left face of bfloat16 tiles."""

    def swap(unit: TileUnit, cb: int, address: int) -> None:
        page = unit._l1[address : address + 2048]
        page[512:1536] = np.concatenate([page[1024:1536], page[512:1024]])

    _at_pack(patch, swap)


def truncation_for_rounding(patch: Patch) -> None:
    """The packer cuts bits off instead of rounding."""
    patch.setattr(pack, "round_half_away", lambda bits, dropped: bits & np.uint32(0x1_0000_0000 - (1 << dropped)))


def registers_are_not_cleared(patch: Patch) -> None:
    """DST keeps what an earlier section left in it."""
    run = TileUnit.run
    kept: WeakKeyDictionary[TileUnit, Any] = WeakKeyDictionary()

    def stale(self: TileUnit, *arguments: int) -> None:
        registers = self._math.dst
        if self in kept:
            registers.bits[:] = kept[self]
            registers.fresh[:] = False
        run(self, *arguments)
        kept[self] = registers.bits.copy()

    patch.setattr(TileUnit, "run", stale)


def fidelity_is_ignored(patch: Patch) -> None:
    """The matrix unit always multiplies all bits."""

    def exact(image: ProgramImage) -> ProgramImage:
        kernels = tuple(
            replace(each, compute=replace(each.compute, math_fidelity=MathFidelity.HiFi4)) if each.compute else each
            for each in image.kernels
        )
        return replace(image, kernels=kernels)

    _with_image(patch, exact)


def float32_registers_are_ignored(patch: Patch) -> None:
    """DST holds bfloat16 whatever the kernel's config says."""

    def narrow(image: ProgramImage) -> ProgramImage:
        kernels = tuple(
            replace(each, compute=replace(each.compute, fp32_dest_acc_en=False)) if each.compute else each
            for each in image.kernels
        )
        return replace(image, kernels=kernels)

    _with_image(patch, narrow)


CAUGHT: list[tuple[Mutation, str, tuple[str, ...]]] = [
    (barriers_do_nothing, PYTHON, ("cb.stream", "noc.transaction_ids", "noc.inline_write")),
    (flushes_do_nothing, "emulator", ("noc.flushed",)),
    (increments_are_stores, "emulator", ("semaphore.wait", "semaphore.wait_min")),
    (reads_are_a_page_off, "emulator", ("buffer.dram", "buffer.l1", "shard.height", "compute.copy")),
    (banks_in_another_order, "emulator", ("buffer.dram", "buffer.dram_to_l1", "noc.bank_addresses")),
    (l1_banks_in_another_order, "emulator", ("buffer.l1", "buffer.dram_to_l1")),
    (semaphores_are_never_reset, "emulator", ("semaphore.initial_values",)),
    (arguments_are_shifted, "emulator", ("args.one_core", "args.per_core", "kernel.file")),
    (common_arguments_are_zero, "emulator", ("args.common", "args.common_update", "compute.arguments")),
    (arguments_stay_as_at_first, "emulator", ("args.update", "args.update_by_view", "args.common_update")),
    (
        circular_buffers_stay_as_at_first,
        "emulator",
        ("cb.update_total_size", "cb.update_page_size", "cb.dynamic_address", "cb.dynamic_address_and_size"),
    ),
    (failures_are_swallowed, "emulator", ("launch.after_failure", "error.deadlock", "error.illegal_access")),
    (writes_keep_the_callers_memory, "emulator", ("queue.in_order",)),
    (defines_are_ignored, "emulator", ("kernel.defines", "launch.two_programs", "descriptor.named_args_and_defines")),
    (stale_compile_cache, "emulator", ("kernel.compile_args", "launch.equal_programs", "launch.two_programs")),
    (faces_are_swapped, PYTHON, ("compute.special_positions", "compute.copy", "compute.add")),
    (truncation_for_rounding, PYTHON, ("compute.add_rounds", "compute.mul_rounds", "format.float32_to_bfloat16")),
    (registers_are_not_cleared, PYTHON, ("compute.fresh_registers", "compute.mul")),
    (fidelity_is_ignored, "emulator", ("matmul.lofi", "matmul.hifi2", "matmul.hifi3")),
    (float32_registers_are_ignored, "emulator", ("matmul.fp32_dst", "format.float32_as_tf32", "matmul.integers")),
]
UNFIT = ("TypeError", "AttributeError", "NameError")
CASES = [(mutation, selection, name) for mutation, selection, names in CAUGHT for name in names]


@pytest.fixture
def mutate(monkeypatch: Patch) -> Callable[[Mutation], None]:
    """Apply a mutation for one test."""
    return lambda mutation: mutation(monkeypatch)


@pytest.mark.parametrize(
    ("mutation", "selection", "name"), CASES, ids=[f"{mutation.__name__}-{name}" for mutation, _, name in CASES]
)
def test_mutated_emulator_is_caught(
    mutate: Callable[[Mutation], None], run_program: Any, mutation: Mutation, selection: str, name: str
) -> None:
    assert run_program(name, f"{selection}").outcome is Outcome.PASSED
    mutate(mutation)
    result = run_program(name, selection)
    assert result.outcome is Outcome.FAILED, f"{mutation.__name__} goes unnoticed by {name}"
    assert result.reason
    # A mutation that no longer fits the code it changes would fail too.
    assert result.error is None or result.error.type not in UNFIT, result.reason


def test_at_least_ten_mutations() -> None:
    assert len({mutation for mutation, _, _ in CAUGHT}) >= 10
