"""Kernels and their configurations (host-api.md §1.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tthal.coordinates import CoreRangeSet, CoreSpec
from tthal.device_interface import (
    ComputeSettings,
    DataMovementSettings,
    EthernetSettings,
    KernelContent,
    KernelImage,
)
from tthal.errors import InvalidArgument, Unsupported, WrongType
from tthal.runtime_args import ArgumentTable, ProgramPhase, RuntimeArgsData
from tthal.types import (
    NOC,
    NOC_MODE,
    CBIndex,
    CoreType,
    DataMovementProcessor,
    Eth,
    KernelBuildOptLevel,
    MathFidelity,
    UnpackToDestMode,
)
from tthal.words import member, word, words

__all__ = [
    "ComputeConfig",
    "DataMovementConfig",
    "EthernetConfig",
    "Kernel",
    "ReaderDataMovementConfig",
    "WriterDataMovementConfig",
]

CompileArgs = Sequence[int] | Mapping[str, int]
"""A list of words, or a mapping, which becomes named compile-time arguments."""
NamedArgs = Mapping[str, int] | Iterable[tuple[str, int]]
Defines = Mapping[str, str] | Iterable[tuple[str, str]]

RESERVED_DEFINES = frozenset({"ALIGN_LOCAL_CBS_TO_REMOTE_CBS"})
"""Names the vendor's build sets itself and refuses from users (host-api.md §5)."""


_MACRO = re.compile(r"[A-Za-z_$][\w$]*(\([\w$, .]*\))?")


class ProcessorSlot(Enum):
    """What a kernel occupies on each of its cores; one kernel per slot (host-api.md §1.2, overlap rule)."""

    BRISC = "BRISC"
    NCRISC = "NCRISC"
    TRISC = "TRISC"
    ERISC0 = "ERISC0"
    ERISC1 = "ERISC1"


@dataclass
class DataMovementConfig:
    """Where a data-movement kernel runs and how it is compiled; the default is BRISC on NoC 0.

    A mapping as ``compile_args`` is taken as named compile-time arguments.
    """

    processor: DataMovementProcessor = DataMovementProcessor.RISCV_0
    noc: NOC = NOC.NOC_0
    noc_mode: NOC_MODE = NOC_MODE.DM_DEDICATED_NOC
    compile_args: CompileArgs = ()
    defines: Defines = field(default_factory=dict)
    named_compile_args: NamedArgs = field(default_factory=dict)
    opt_level: KernelBuildOptLevel = KernelBuildOptLevel.O2


@dataclass
class ReaderDataMovementConfig(DataMovementConfig):
    """The vendor's choice for kernels that read: NCRISC on NoC 0 (host-api.md §1.2)."""

    processor: DataMovementProcessor = field(default=DataMovementProcessor.RISCV_1, init=False)
    noc: NOC = field(default=NOC.NOC_0, init=False)
    noc_mode: NOC_MODE = field(default=NOC_MODE.DM_DEDICATED_NOC, init=False)


@dataclass
class WriterDataMovementConfig(DataMovementConfig):
    """The vendor's choice for kernels that write: BRISC on NoC 1 (host-api.md §1.2)."""

    processor: DataMovementProcessor = field(default=DataMovementProcessor.RISCV_0, init=False)
    noc: NOC = field(default=NOC.NOC_1, init=False)
    noc_mode: NOC_MODE = field(default=NOC_MODE.DM_DEDICATED_NOC, init=False)


@dataclass
class ComputeConfig:
    """How a compute kernel is compiled and how the matrix and vector units are set up.

    ``unpack_to_dest_mode`` has one entry per circular buffer index; missing ones mean ``Default``.
    """

    math_fidelity: MathFidelity = MathFidelity.HiFi4
    fp32_dest_acc_en: bool = False
    dst_full_sync_en: bool = False
    unpack_to_dest_mode: Sequence[UnpackToDestMode] = ()
    bfp8_pack_precise: bool = False
    math_approx_mode: bool = False
    compile_args: CompileArgs = ()
    defines: Defines = field(default_factory=dict)
    named_compile_args: NamedArgs = field(default_factory=dict)
    opt_level: KernelBuildOptLevel = KernelBuildOptLevel.O3
    enable_trisc2_rvv: bool = False


@dataclass
class EthernetConfig:
    """Where an Ethernet kernel runs and how it is compiled."""

    eth_mode: Eth = Eth.SENDER
    noc: NOC = NOC.NOC_0
    processor: DataMovementProcessor = DataMovementProcessor.RISCV_0
    noc_mode: NOC_MODE = NOC_MODE.DM_DEDICATED_NOC
    compile_args: CompileArgs = ()
    defines: Defines = field(default_factory=dict)
    named_compile_args: NamedArgs = field(default_factory=dict)
    opt_level: KernelBuildOptLevel = KernelBuildOptLevel.Os


KernelConfig = DataMovementConfig | ComputeConfig | EthernetConfig
Settings = DataMovementSettings | ComputeSettings | EthernetSettings


class Kernel:
    """A kernel of a program: its content, where it is placed, and its arguments.

    Attributes:
        id: its number in the program, from 0.
        name: the source file's stem, ``Kernel_Source_Code`` for a string.
        core_ranges: the cores it is placed on.
        slot: what it occupies on each of them.
        settings: what it runs on, or how the units are set up.
        arguments: its runtime arguments.
    """

    def __init__(
        self,
        kernel_id: int,
        content: KernelContent,
        core_ranges: CoreRangeSet,
        config: KernelConfig,
        max_runtime_args: int,
        phase: ProgramPhase,
    ) -> None:
        self.id = kernel_id
        self.content = content
        self.name = content.name
        self.core_ranges = core_ranges
        self.cores = frozenset(core_ranges.cores())
        self.settings, self.slot = _settings_of(config)
        self.compile_time_args, self.named_compile_time_args = _compile_time_args(config)
        self.defines = _defines(config.defines)
        self.opt_level = member(KernelBuildOptLevel, config.opt_level, "opt_level")
        self.arguments = ArgumentTable(
            f"kernel {kernel_id} ({content.source_name})", core_ranges, max_runtime_args, phase
        )

    @property
    def core_type(self) -> CoreType:
        """Whether it runs on Tensix or on Ethernet cores."""
        return CoreType.ETH if isinstance(self.settings, EthernetSettings) else CoreType.WORKER

    def set_runtime_args(self, core_spec: CoreSpec, runtime_args: Iterable[int]) -> None:
        """Give every core of ``core_spec`` the same words."""
        self.arguments.set(core_spec, runtime_args)

    def set_common_runtime_args(self, runtime_args: Iterable[int]) -> None:
        """Set the words that all cores share, once."""
        self.arguments.set_common(runtime_args)

    def runtime_args(self, core: Any) -> RuntimeArgsData:
        """Return the words of one core as a view."""
        return self.arguments.of(core)

    def common_runtime_args(self) -> RuntimeArgsData:
        """Return the words all cores share as a view."""
        return self.arguments.common

    def image(self) -> KernelImage:
        """Return what compiling this kernel depends on."""
        settings = self.settings
        return KernelImage(
            content=self.content,
            core_ranges=self.core_ranges,
            opt_level=self.opt_level,
            data_movement=settings if isinstance(settings, DataMovementSettings) else None,
            compute=settings if isinstance(settings, ComputeSettings) else None,
            ethernet=settings if isinstance(settings, EthernetSettings) else None,
            compile_time_args=self.compile_time_args,
            named_compile_time_args=self.named_compile_time_args,
            defines=self.defines,
            runtime_arg_counts=self.arguments.counts(),
            common_runtime_arg_count=len(self.arguments.common),
        )

    def __repr__(self) -> str:
        return f"<Kernel {self.id} {self.content.source_name} on {self.core_ranges} {self.slot.value}>"


_DATA_MOVEMENT_SLOTS = {
    DataMovementProcessor.RISCV_0: ProcessorSlot.BRISC,
    DataMovementProcessor.RISCV_1: ProcessorSlot.NCRISC,
}
_ETHERNET_SLOTS = {
    DataMovementProcessor.RISCV_0: ProcessorSlot.ERISC0,
    DataMovementProcessor.RISCV_1: ProcessorSlot.ERISC1,
}


def _settings_of(config: KernelConfig) -> tuple[Settings, ProcessorSlot]:
    if isinstance(config, ComputeConfig):
        return _compute_settings(config), ProcessorSlot.TRISC
    if not isinstance(config, (DataMovementConfig, EthernetConfig)):
        raise WrongType(
            "config must be a DataMovementConfig, ComputeConfig, EthernetConfig or None (data movement on BRISC), "
            f"not {type(config).__name__}"
        )
    processor = member(DataMovementProcessor, config.processor, "processor")
    noc = member(NOC, config.noc, "noc")
    noc_mode = member(NOC_MODE, config.noc_mode, "noc_mode")
    slots = _DATA_MOVEMENT_SLOTS if isinstance(config, DataMovementConfig) else _ETHERNET_SLOTS
    if processor not in slots:
        raise InvalidArgument(
            f"data movement kernels run on DataMovementProcessor.RISCV_0 or RISCV_1, not {processor.name}: a core has "
            "two data-movement processors"
        )
    if isinstance(config, DataMovementConfig):
        return DataMovementSettings(processor, noc, noc_mode), slots[processor]
    return EthernetSettings(member(Eth, config.eth_mode, "eth_mode"), noc, processor, noc_mode), slots[processor]


def _compute_settings(config: ComputeConfig) -> ComputeSettings:
    if config.enable_trisc2_rvv:
        raise Unsupported("enable_trisc2_rvv: kernels with RISC-V vector instructions do not run here; leave it False")
    fidelity = member(MathFidelity, config.math_fidelity, "math_fidelity")
    if fidelity is MathFidelity.Invalid:
        raise InvalidArgument("math_fidelity Invalid names no fidelity; choose LoFi, HiFi2, HiFi3 or HiFi4")
    return ComputeSettings(
        math_fidelity=fidelity,
        fp32_dest_acc_en=bool(config.fp32_dest_acc_en),
        dst_full_sync_en=bool(config.dst_full_sync_en),
        unpack_to_dest_mode=_unpack_modes(config.unpack_to_dest_mode),
        bfp8_pack_precise=bool(config.bfp8_pack_precise),
        math_approx_mode=bool(config.math_approx_mode),
    )


def _unpack_modes(given: Sequence[UnpackToDestMode]) -> tuple[UnpackToDestMode, ...]:
    """Return nothing when all are Default, else one mode for each index of the architecture with most of them."""
    modes = [member(UnpackToDestMode, mode, "unpack_to_dest_mode") for mode in given]
    if len(modes) > len(CBIndex):
        raise InvalidArgument(
            f"unpack_to_dest_mode has {len(modes)} entries, but no core has more than {len(CBIndex)} circular buffers"
        )
    if all(mode is UnpackToDestMode.Default for mode in modes):
        return ()
    return tuple(modes + [UnpackToDestMode.Default] * (len(CBIndex) - len(modes)))


def _compile_time_args(config: KernelConfig) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...]]:
    named = _pairs(config.named_compile_args, "named_compile_args")
    positional: Sequence[int] = ()
    if isinstance(config.compile_args, Mapping):
        named += _pairs(config.compile_args, "compile_args")
    else:
        positional = config.compile_args
    checked: dict[str, int] = {}
    for name, value in named:
        number = word(value, f"named compile-time argument {name!r}")
        if checked.setdefault(name, number) != number:
            raise InvalidArgument(
                f"named compile-time argument {name!r} is defined twice, as {checked[name]} and as {number}; "
                "drop one of them"
            )
    return words(positional, "compile-time argument"), tuple(sorted(checked.items()))


def _defines(given: Defines) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for name, value in _pairs(given, "defines"):
        text = value if isinstance(value, str) else str(value)
        if not _MACRO.fullmatch(name) or "\0" in text or "\n" in text:
            raise InvalidArgument(
                f"define {name!r} = {text!r} is not a macro: the name must be a C identifier, the value one line "
                "without NUL characters"
            )
        if name in RESERVED_DEFINES:
            raise InvalidArgument(f"define {name} is reserved for the kernel build; choose another name")
        found.setdefault(name, text)
    return tuple(sorted(found.items()))


def _pairs(given: Any, what: str) -> list[tuple[str, Any]]:
    pairs = given.items() if isinstance(given, Mapping) else given
    try:
        found = [(name, value) for name, value in pairs]
    except (TypeError, ValueError):
        raise InvalidArgument(f"{what} must be a dict or a list of (name, value) pairs, not {given!r}") from None
    for name, _ in found:
        if not isinstance(name, str) or not name:
            raise InvalidArgument(f"{what}: {name!r} is not a name; use a non-empty str")
    return found
