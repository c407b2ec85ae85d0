"""A program in the vendor's library: created once per fingerprint, brought to each launch's state in place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from math import lcm
from typing import Any

from tthal.coordinates import CoreCoord, CoreRangeSet
from tthal.device_interface import (
    Allocation,
    CircularBufferImage,
    CircularBufferState,
    KernelArguments,
    KernelImage,
    LaunchState,
    ProgramImage,
)
from tthal.errors import CompileError, Diagnostic, SourceLocation, Unsupported
from tthal_metal import compat
from tthal_metal.binding import Shim
from tthal_metal.kernels import KernelFiles, lay_out
from tthal_metal.lowering import Lowering, argument_words, plausible_page_size
from tthal_metal.runtime import Runtime

Handle = Any
BufferOf = Callable[[Allocation], Handle]


class VendorProgram:
    """One vendor program with its workload; ``bound`` says which circular buffers lie in buffers.

    A circular buffer that was once bound to a buffer cannot be unbound in the library, so an image whose bindings
    change between launches has several of these.
    """

    def __init__(self, runtime: Runtime, device: Handle, image: ProgramImage, files: list[KernelFiles]) -> None:
        self._shim: Shim = runtime.shim
        self._device = device
        self.bound = tuple(False for _ in image.circular_buffers)
        self.launched = False
        self._workload: Handle = None
        self._arguments = [KernelArguments() for _ in image.kernels]
        self._program = self._shim.make("ttm_program *", "ttm_program_create", doing="create a program")
        try:
            usable = kernel_cores(image)
            self._circular_buffers = [self._create_cb(each, usable) for each in image.circular_buffers]
            self._create_semaphores(image)
            self._kernels = [
                self._create_kernel(kernel, laid, runtime) for kernel, laid in zip(image.kernels, files, strict=True)
            ]
            self._compile()
        except BaseException:
            self.free()
            raise

    # -------------------------------------------------------------------------------------- creation

    def _create_cb(self, image: CircularBufferImage, usable: CoreRangeSet) -> tuple[int | None, CircularBufferState]:
        """Create a circular buffer with sizes that are only right in kind; a launch sets the real ones.

        In fast dispatch libtt_metal crashes on a circular buffer on a core without a kernel, where nobody could use it:
        those cores are left out, and a circular buffer that is only there is not created at all.
        """
        lower = Lowering(self._shim.ffi)
        pages = {entry.index: plausible_page_size(image, entry.index) for entry in image.formats}
        total = lcm(*pages.values())
        state = CircularBufferState(total, tuple(pages.items()))
        ranges = image.core_ranges if usable.contains(image.core_ranges) else image.core_ranges.intersection(usable)
        if ranges.empty():
            return None, state
        cores = lower.core_ranges(ranges.ranges)
        formats = lower.circular_buffer_formats(image, pages)
        handle = self._shim.make(
            "uint64_t", "ttm_cb_create", self._program, cores, ranges.size(), total, formats, len(pages),
            doing="create a circular buffer",
        )  # fmt: skip
        return handle, state

    def _create_semaphores(self, image: ProgramImage) -> None:
        """Create the semaphores; the library's public call takes the lowest id that is free on all their cores."""
        taken: dict[CoreCoord, set[int]] = {}
        for each in image.semaphores:
            used = [taken.setdefault(core, set()) for core in each.core_ranges.cores()]
            lowest = next(number for number in count() if all(number not in ids for ids in used))
            function = "ttm_semaphore_create" if each.id == lowest else "ttm_semaphore_create_with_id"
            cores = Lowering(self._shim.ffi).core_ranges(each.core_ranges.ranges)
            ranges = each.core_ranges.size()
            doing = f"create semaphore {each.id}"
            self._shim.call(function, self._program, cores, ranges, each.initial_value, each.id, doing=doing)
            for ids in used:
                ids.add(each.id)

    def _create_kernel(self, kernel: KernelImage, files: KernelFiles, runtime: Runtime) -> int:
        lower = Lowering(self._shim.ffi)
        older = compat.include_folder(runtime.root)
        folders = [files.origin, older] if older else [files.origin]
        config = lower.kernel(kernel, files.path, folders, compat.defines(kernel, runtime.root))
        doing = f"create kernel {kernel.content.name}"
        return int(self._shim.make("uint32_t", "ttm_kernel_create", self._program, config, doing=doing))

    def _compile(self) -> None:
        try:
            self._shim.call("ttm_program_compile", self._program, self._device, doing="compile a program")
        except Unsupported:
            return  # a library without the symbol compiles at the first launch instead

    # -------------------------------------------------------------------------------------- launching

    def can_become(self, bound: tuple[bool, ...]) -> bool:
        """Whether the circular buffers can be brought to these bindings."""
        if self.bound == bound:
            return True
        return not self.launched and all(wanted or not now for now, wanted in zip(self.bound, bound, strict=True))

    def bring_to(self, state: LaunchState, buffer_of: BufferOf) -> None:
        """Set what differs from the last launch: arguments, circular buffer sizes and places."""
        self.launched = True
        for index, wanted in enumerate(state.circular_buffers):
            self._update_cb(index, wanted, buffer_of)
        for number, arguments in enumerate(state.kernels):
            self._set_arguments(number, arguments)

    def _update_cb(self, index: int, wanted: CircularBufferState, buffer_of: BufferOf) -> None:
        handle, now = self._circular_buffers[index]
        if handle is None or now == wanted:
            return
        call, program = self._shim.call, self._program
        if wanted.allocation is not None and (
            now.allocation != wanted.allocation or now.address_offset != wanted.address_offset
        ):
            # The size has to fit the old place until the new one is set, and the new one from then on.
            smaller = min(now.total_size, wanted.total_size)
            call("ttm_cb_set_total_size", program, handle, smaller, doing="resize a circular buffer")
            place = buffer_of(wanted.allocation)
            call("ttm_cb_bind", program, handle, place, wanted.address_offset, doing="bind a circular buffer")
        call("ttm_cb_set_total_size", program, handle, wanted.total_size, doing="resize a circular buffer")
        for buffer_index, page_size in wanted.page_sizes:
            call("ttm_cb_set_page_size", program, handle, buffer_index, page_size, doing="set a page size")
        self.bound = (*self.bound[:index], wanted.allocation is not None, *self.bound[index + 1 :])
        self._circular_buffers[index] = (handle, wanted)

    def _set_arguments(self, number: int, arguments: KernelArguments) -> None:
        last, kernel = self._arguments[number], self._kernels[number]
        if arguments is last:
            return
        call, ffi = self._shim.call, self._shim.ffi
        words = argument_words(arguments) if arguments.per_core != last.per_core else []
        if words:
            call("ttm_args_set", self._program, kernel, ffi.new("uint32_t[]", words), len(words), doing="set arguments")
        if arguments.common and arguments.common != last.common:
            common = ffi.new("uint32_t[]", list(arguments.common))
            call(
                "ttm_common_args_set",
                self._program,
                kernel,
                common,
                len(arguments.common),
                doing="set common arguments",
            )
        self._arguments[number] = arguments

    def enqueue(self, queue: int) -> None:
        """Run the program after the queue's earlier commands."""
        if self._workload is None:
            doing = "make a workload"
            self._workload = self._shim.make(
                "ttm_workload *", "ttm_workload_create", self._device, self._program, doing=doing
            )
        self._shim.call("ttm_workload_enqueue", self._workload, queue, 0, doing="run a program")

    def circular_buffer_addresses(self) -> list[int]:
        """Return where the circular buffers lie, as of the last launch."""
        self._shim.call("ttm_cb_place", self._program, self._device, doing="place the circular buffers")
        doing = "read a circular buffer's address"
        return [
            int(self._shim.make("uint64_t", "ttm_cb_address", self._program, handle, doing=doing))
            for handle, _ in self._circular_buffers
            if handle is not None
        ]

    def free(self) -> None:
        """Give the program back to the library."""
        if self._workload is not None:
            self._shim.call("ttm_workload_free", self._workload, doing="free a workload")
        if self._program is not None:
            self._shim.call("ttm_program_free", self._program, doing="free a program")
        self._workload = self._program = None


def kernel_cores(image: ProgramImage) -> CoreRangeSet:
    """Return the cores that run a kernel."""
    cores = CoreRangeSet()
    for kernel in image.kernels:
        cores = cores.merge(kernel.core_ranges)
    return cores


@dataclass(slots=True)
class LoadedMetalProgram:
    """What ``load`` returns: an image with its vendor programs."""

    image: ProgramImage
    runtime: Runtime
    device: Handle
    files: list[KernelFiles] = field(default_factory=list)
    variants: list[VendorProgram] = field(default_factory=list)

    @classmethod
    def load(cls, runtime: Runtime, device: Handle, image: ProgramImage) -> LoadedMetalProgram:
        """Write the kernels out, create the program and compile it.

        Raises:
            CompileError: the vendor's compiler rejects a kernel.
            Unsupported: it has a kind of kernel that the backend does not run.
        """
        for kernel in image.kernels:
            if kernel.ethernet is not None:
                raise Unsupported(f"kernel {kernel.content.name!r} is an Ethernet kernel, which metal does not run yet")
        loaded = cls(image, runtime, device)
        loaded.variants.append(loaded.new_variant())
        return loaded

    def new_variant(self) -> VendorProgram:
        """Create the program in the library once more; its kernels come from the library's own cache."""
        # Laid out anew: what is used later may be gone from the cache.
        self.files = [lay_out(compat.content(kernel, self.runtime.root)) for kernel in self.image.kernels]
        try:
            return VendorProgram(self.runtime, self.device, self.image, self.files)
        except CompileError as error:
            raise self.in_user_terms(error) from error

    def variant_for(self, state: LaunchState) -> VendorProgram:
        """Return a vendor program whose circular buffers can be bound as the launch wants them."""
        bound = tuple(each.allocation is not None for each in state.circular_buffers)
        for variant in self.variants:
            if variant.can_become(bound):
                return variant
        self.variants.append(self.new_variant())
        return self.variants[-1]

    def in_user_terms(self, error: CompileError) -> CompileError:
        """Return a compile error whose files are named as the user knows them."""
        diagnostics = [self._named(each) for each in error.diagnostics]
        if not diagnostics:
            return error
        return CompileError(f"the vendor's compiler rejected a kernel: {diagnostics[0]}", diagnostics)

    def _named(self, diagnostic: Diagnostic) -> Diagnostic:
        place = diagnostic.location
        if place is None:
            return diagnostic
        for files in self.files:
            name = files.logical(place.file)
            if name != place.file:
                location = SourceLocation(name, place.line, place.column)
                return Diagnostic(files.content.name, diagnostic.severity, diagnostic.message, location)
        return diagnostic

    def free(self) -> None:
        """Give all vendor programs back."""
        for variant in self.variants:
            variant.free()
        self.variants.clear()
