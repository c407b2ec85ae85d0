"""Programs described as data (host-api.md §1.7)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from tthal import kernel_source
from tthal.cb_descriptors import CBDescriptor, CBFormatDescriptor, core_range_set
from tthal.coordinates import CoreRangeSet, CoreSpec, corerange_to_cores
from tthal.core_args import RuntimeArgs, runtime_args_of
from tthal.device_interface import KernelContent
from tthal.errors import InvalidArgument, WrongType
from tthal.kernel import (
    CompileArgs,
    ComputeConfig,
    DataMovementConfig,
    Defines,
    EthernetConfig,
    KernelConfig,
    NamedArgs,
    ReaderDataMovementConfig,
    WriterDataMovementConfig,
)
from tthal.types import (
    NOC,
    NOC_MODE,
    CoreType,
    DataMovementProcessor,
    KernelBuildOptLevel,
    MathFidelity,
    SourceType,
    UnpackToDestMode,
)
from tthal.values import Checks, Parts, Value, VectorUInt32, VectorUnpackToDestMode
from tthal.words import integer, member, word, words

if TYPE_CHECKING:
    from tthal.program import Program

__all__ = [
    "CBDescriptor",
    "CBFormatDescriptor",
    "ComputeConfigDescriptor",
    "DataMovementConfigDescriptor",
    "KernelDescriptor",
    "ProgramDescriptor",
    "ReaderConfigDescriptor",
    "SemaphoreDescriptor",
    "WriterConfigDescriptor",
    "merge_program_descriptors",
]

Source = SourceType

MAX_SEMAPHORE_ID = 15
"""The largest id any architecture has (host-api.md §1.5)."""


# ---------------------------------------------------------------------------------------------- semaphores


class SemaphoreDescriptor(Value):
    """A semaphore with the id it shall have; without one, its place in the program's list of semaphores is its id."""

    checks: ClassVar[Checks] = {"initial_value": lambda given: word(given, "initial_value")}

    def __init__(
        self,
        id: int | None = None,
        core_type: CoreType = CoreType.WORKER,
        core_ranges: CoreSpec | None = None,
        initial_value: int = 0,
    ) -> None:
        number = None if id is None else integer(id, "semaphore id")
        if number is not None and not 0 <= number <= MAX_SEMAPHORE_ID:
            raise InvalidArgument(f"semaphore id {number} exceeds max value {MAX_SEMAPHORE_ID}; ids start at 0")
        self._id = number
        self.core_type = core_type
        self.core_ranges = core_ranges
        self.initial_value = initial_value

    @property
    def id(self) -> int | None:
        """The id, 0 to 15, honoured as given; None: its place in the list decides, as for clients up to 2025."""
        return self._id

    @property
    def core_ranges(self) -> CoreRangeSet:
        """The cores that have it."""
        return self._core_ranges

    @core_ranges.setter
    def core_ranges(self, given: CoreSpec | None) -> None:
        self._core_ranges = core_range_set(given)

    def __repr__(self) -> str:
        return f"SemaphoreDescriptor(id={self._id}, core_ranges={self.core_ranges}, initial_value={self.initial_value})"


# ---------------------------------------------------------------------------------------------- kernels


@dataclass(frozen=True)
class ReaderConfigDescriptor:
    """The vendor's choice for kernels that read: NCRISC on NoC 0."""


@dataclass(frozen=True)
class WriterConfigDescriptor:
    """The vendor's choice for kernels that write: BRISC on NoC 1."""


@dataclass
class DataMovementConfigDescriptor(Value):
    """A data-movement processor and its NoC."""

    processor: DataMovementProcessor = DataMovementProcessor.RISCV_0
    noc: NOC = NOC.NOC_0
    noc_mode: NOC_MODE = NOC_MODE.DM_DEDICATED_NOC


@dataclass
class ComputeConfigDescriptor(Value):
    """How the matrix and vector units are set up."""

    checks: ClassVar[Checks] = {"unpack_to_dest_mode": VectorUnpackToDestMode}

    math_fidelity: MathFidelity = MathFidelity.HiFi4
    math_approx_mode: bool = False
    fp32_dest_acc_en: bool = False
    dst_full_sync_en: bool = False
    bfp8_pack_precise: bool = False
    unpack_to_dest_mode: Sequence[UnpackToDestMode] = field(default_factory=VectorUnpackToDestMode)
    enable_trisc2_rvv: bool = False


ConfigDescriptor = (
    ReaderConfigDescriptor
    | WriterConfigDescriptor
    | DataMovementConfigDescriptor
    | ComputeConfigDescriptor
    | EthernetConfig
)


class KernelDescriptor(Value):
    """A kernel: source, cores, configuration and arguments; every attribute may be set after construction.

    ``runtime_args`` is a :class:`RuntimeArgs`, a list of ``(core, words)``, lists of words nested as ``[x][y]``, or a
    list of lists of words: one list serves every core of ``core_ranges``, several are one per core in the order of
    ``corerange_to_cores``. A core is a CoreCoord or ``(x, y)``. A mapping as ``compile_time_args`` becomes named ones.
    The default ``config`` is a ReaderConfigDescriptor. What is given is copied: later changes to it do not arrive.
    """

    SourceType = Source
    checks: ClassVar[Checks] = {
        "kernel_source": lambda given: os.fspath(given),
        "source_type": lambda given: member(Source, given, "source_type"),
        "config": lambda given: _config(given),
    }

    def __init__(
        self,
        kernel_source: str | os.PathLike[str] = "",
        source_type: Source = Source.FILE_PATH,
        core_ranges: CoreSpec | None = None,
        compile_time_args: CompileArgs = (),
        named_compile_time_args: NamedArgs = (),
        defines: Defines = (),
        runtime_args: Any = (),
        common_runtime_args: Iterable[int] = (),
        opt_level: KernelBuildOptLevel | None = None,
        config: ConfigDescriptor | None = None,
        compiler_include_paths: Sequence[str | os.PathLike[str]] = (),
    ) -> None:
        self.kernel_source = kernel_source
        self.source_type = source_type
        self.core_ranges = core_ranges
        self.compile_time_args = compile_time_args
        self.named_compile_time_args = named_compile_time_args
        self.defines = defines
        self.runtime_args = runtime_args
        self.common_runtime_args = common_runtime_args
        self.opt_level = opt_level
        self.config: ConfigDescriptor = ReaderConfigDescriptor() if config is None else config
        self.compiler_include_paths = compiler_include_paths

    @property
    def compile_time_args(self) -> VectorUInt32 | dict[str, int]:
        """The words, or named ones as a dictionary."""
        return self._compile_time_args

    @compile_time_args.setter
    def compile_time_args(self, given: CompileArgs) -> None:
        self._compile_time_args = dict(given) if isinstance(given, Mapping) else _words(given, "compile-time argument")

    @property
    def common_runtime_args(self) -> VectorUInt32:
        """The words that all cores share."""
        return self._common_runtime_args

    @common_runtime_args.setter
    def common_runtime_args(self, given: Iterable[int]) -> None:
        self._common_runtime_args = _words(given, "common runtime argument")

    @property
    def core_ranges(self) -> CoreRangeSet:
        """The cores it is placed on."""
        return self._core_ranges

    @core_ranges.setter
    def core_ranges(self, given: CoreSpec | None) -> None:
        self._core_ranges = core_range_set(given)

    @property
    def runtime_args(self) -> RuntimeArgs | list[list[int]]:
        """What was set: lists of words as they are, everything else as :class:`RuntimeArgs`."""
        return self._runtime_args

    @runtime_args.setter
    def runtime_args(self, given: Any) -> None:
        self._runtime_args = runtime_args_of(given)

    def runtime_args_by_core(self) -> RuntimeArgs:
        """Return the runtime arguments with the core of each list.

        Raises:
            InvalidArgument: the number of lists is neither one nor the number of cores.
        """
        given = self._runtime_args
        if isinstance(given, RuntimeArgs):
            return given
        cores = corerange_to_cores(self.core_ranges)
        if len(given) not in (1, len(cores)):
            raise InvalidArgument(
                f"runtime_args holds {len(given)} lists, but core_ranges {self.core_ranges} has {len(cores)} cores; "
                "give one list for all of them, one per core in corerange_to_cores order, or (core, list) pairs"
            )
        return RuntimeArgs(zip(cores, given * len(cores) if len(given) == 1 else given, strict=True))

    def clear_runtime_args(self) -> None:
        """Forget all runtime arguments."""
        self._runtime_args = RuntimeArgs()

    def extend_runtime_args_uniform(self, values: Iterable[int]) -> None:
        """Append the same words to the runtime arguments of every core."""
        tail = words(values, "runtime argument")
        present = dict(self.runtime_args_by_core())
        cores = corerange_to_cores(self.core_ranges)
        self._runtime_args = RuntimeArgs((core, [*present.get(core, ()), *tail]) for core in cores)

    def append_runtime_args_from(self, other: KernelDescriptor) -> None:
        """Append another kernel's runtime arguments, core by core."""
        merged = {core: list(values) for core, values in self.runtime_args_by_core()}
        for core, values in other.runtime_args_by_core():
            merged.setdefault(core, []).extend(values)
        self._runtime_args = RuntimeArgs(merged.items())

    def append_common_runtime_args_from(self, other: KernelDescriptor) -> None:
        """Append another kernel's common runtime arguments."""
        self.common_runtime_args.extend(other.common_runtime_args)

    def content(self) -> KernelContent:
        """Read the source with the user headers it includes."""
        if self.source_type is Source.FILE_PATH:
            return kernel_source.from_file(self.kernel_source, self.compiler_include_paths)
        return kernel_source.from_string(os.fspath(self.kernel_source), self.compiler_include_paths)

    def kernel_config(self) -> KernelConfig:
        """Return the imperative configuration this describes."""
        config = _CONFIGS[type(self.config)](self.config)
        config.compile_args = self.compile_time_args
        config.named_compile_args = self.named_compile_time_args
        config.defines = self.defines
        if self.opt_level is not None:
            config.opt_level = self.opt_level
        return config

    def __repr__(self) -> str:
        what = self.kernel_source if self.source_type == Source.FILE_PATH else "source code"
        return f"<KernelDescriptor {what} on {self.core_ranges} {type(self.config).__name__}>"


_CONFIGS: dict[type, Callable[[Any], KernelConfig]] = {
    ReaderConfigDescriptor: lambda _: ReaderDataMovementConfig(),
    WriterConfigDescriptor: lambda _: WriterDataMovementConfig(),
    DataMovementConfigDescriptor: lambda given: DataMovementConfig(given.processor, given.noc, given.noc_mode),
    ComputeConfigDescriptor: lambda given: ComputeConfig(
        enable_trisc2_rvv=given.enable_trisc2_rvv,
        math_fidelity=given.math_fidelity,
        fp32_dest_acc_en=given.fp32_dest_acc_en,
        dst_full_sync_en=given.dst_full_sync_en,
        unpack_to_dest_mode=given.unpack_to_dest_mode,
        bfp8_pack_precise=given.bfp8_pack_precise,
        math_approx_mode=given.math_approx_mode,
    ),
    EthernetConfig: replace,
}


def _config(given: Any) -> ConfigDescriptor:
    if type(given) not in _CONFIGS:
        names = ", ".join(kind.__name__ for kind in _CONFIGS)
        raise WrongType(f"config of a KernelDescriptor must be one of {names}, not {type(given).__name__}")
    known: ConfigDescriptor = given
    return known


# ---------------------------------------------------------------------------------------------- programs


@dataclass
class ProgramDescriptor(Value):
    """Kernels, semaphores and circular buffers; ``Program(descriptor)`` builds the program."""

    checks: ClassVar[Checks] = {
        "kernels": Parts.of(KernelDescriptor, "kernels of a ProgramDescriptor"),
        "semaphores": Parts.of(SemaphoreDescriptor, "semaphores of a ProgramDescriptor"),
        "cbs": Parts.of(CBDescriptor, "cbs of a ProgramDescriptor"),
    }

    kernels: Sequence[KernelDescriptor] = field(default_factory=list)
    semaphores: Sequence[SemaphoreDescriptor] = field(default_factory=list)
    cbs: Sequence[CBDescriptor] = field(default_factory=list)
    custom_program_hash: int | None = None

    def add_to(self, program: Program) -> None:
        """Add all to a program: circular buffers, semaphores, kernels, then their arguments (host-api.md §1.7)."""
        for cb in self.cbs:
            program.add_circular_buffer(cb.core_ranges, cb.config())
        for place, each in enumerate(self.semaphores):
            number = place if each.id is None else each.id
            program.add_semaphore(each.core_ranges, each.initial_value, each.core_type, number)
        for described in self.kernels:
            kernel = program.add_kernel(described.content(), described.core_ranges, described.kernel_config())
            for core, values in described.runtime_args_by_core():
                kernel.arguments.set(core, values)
            kernel.arguments.set_common(described.common_runtime_args)


def merge_program_descriptors(descriptors: Sequence[ProgramDescriptor]) -> ProgramDescriptor:
    """Return one descriptor with the parts of several.

    Raises:
        InvalidArgument: kernels of two of them share a core.
    """
    seen = CoreRangeSet()
    for index, descriptor in enumerate(descriptors):
        mine = CoreRangeSet()
        for kernel in descriptor.kernels:
            mine = mine.merge(kernel.core_ranges)
        common = seen.intersection(mine)
        if not common.empty():
            raise InvalidArgument(
                f"descriptor {index} has kernels on {common}, where an earlier one has kernels too; merge only "
                "programs on disjoint cores"
            )
        seen = seen.merge(mine)
    return ProgramDescriptor(
        kernels=[kernel for each in descriptors for kernel in each.kernels],
        semaphores=[semaphore for each in descriptors for semaphore in each.semaphores],
        cbs=[cb for each in descriptors for cb in each.cbs],
    )


def _words(values: Iterable[int], what: str) -> VectorUInt32:
    return VectorUInt32(words(values, what))
