"""The generated part of a kernel's translation unit: what the vendor's build writes into headers (device-api.md §5)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tthal.device_interface import CircularBufferFormat, ComputeSettings, KernelImage
from tthal.types import DataFormat, KernelBuildOptLevel
from tthal_emulator.abi import MAX_CIRCULAR_BUFFERS
from tthal_emulator.board.machine import L1_PAGE_ALIGNMENT, ZEROS_SIZE, Machine
from tthal_emulator.compiler import CompileRequest, Target
from tthal_emulator.tensix.formats import TileShape, page_bytes

from .config_region import RiscType
from .kernel_formats import KernelFormats, Registers
from .source.bindings import binding_lines
from .source.general_form import with_loads
from .source.kernel_text import prepared
from .source.standard_names import needs_whole_library
from .source.vector_headers import begins_with_vector_unit

UNCONFIGURED_TILE_BYTES = 1088
"""What get_tile_size tells of an index without a format."""
FULL_TILE = (32, 32)
FACE = 16

_VENDOR_ARRAYS = (
    ("unpack_src_format", "data_format"),
    ("unpack_dst_format", "unpacked_format"),
    ("pack_src_format", "packed_format"),
    ("pack_dst_format", "data_format"),
    *(
        (f"{unit}_{name}", array)
        for unit in ("unpack", "pack")
        for name, array in (
            ("tile_size", "tile_size"),
            ("tile_r_dim", "tile_rows"),
            ("tile_c_dim", "tile_columns"),
            ("tile_num_faces", "tile_faces"),
            ("tile_face_r_dim", "face_rows"),
            ("partial_face", "partial_face"),
            ("narrow_tile", "narrow_tile"),
        )
    ),
)
"""What the vendor's build calls the tables of circular buffer formats, and what they are called here."""

_DATA_MOVEMENT_PRELUDE = "tthal/dataflow/prelude.h"
_COMPUTE_PRELUDE = "tthal/compute/prelude.h"
_VECTOR_PRELUDE = "tthal/vector/prelude.h"
"""With the exact vector unit, whose functions take longer to parse than all else in a kernel."""


@dataclass(frozen=True, slots=True)
class ExactVectorUnit:
    """The vector unit computes as the hardware does (numerics.md §6), not in plain float32.

    Attributes:
        fused: whether the host's relaxed multiply-add rounds once; kernels then use it.
    """

    fused: bool

    @property
    def defines(self) -> tuple[tuple[str, str], ...]:
        """What compute kernels are told."""
        return (("TTHAL_EXACT", "1"), ("TTHAL_FUSED", str(int(self.fused))))

    @property
    def features(self) -> tuple[str, ...]:
        """What their code needs."""
        return ("-mrelaxed-simd",) if self.fused else ()


def target_of(
    machine: Machine,
    risc: RiscType,
    vector_unit: ExactVectorUnit | None = None,
    begins_with: ComputeSettings | None = None,
    whole_library: bool = True,
) -> Target:
    """Return the kind of processor as the compiler knows it: its prelude and the board's macros.

    Args:
        begins_with: the settings of kernels that begin with the functions of the exact vector unit.
        whole_library: kernels begin with all standard headers, not with the usual ones only.
    """
    computes = risc is RiscType.TRISC
    if not computes:
        vector_unit = None
    prelude = _COMPUTE_PRELUDE if computes else _DATA_MOVEMENT_PRELUDE
    if begins_with is not None:
        prelude = _VECTOR_PRELUDE
    defines = (
        *machine.kernel_defines(),
        ("KERNEL_BUILD", "1"),
        *(processor_defines(risc) if computes else ()),
        ("NOC_MAX_BURST_SIZE", str(machine.chip.max_noc_burst)),
        ("DRAM_ALIGNMENT", str(machine.chip.dram_alignment)),
        ("L1_ALIGNMENT", str(L1_PAGE_ALIGNMENT)),
        ("VIRTUAL_TENSIX_START_X", str(machine.chip.worker_columns[0])),
        ("VIRTUAL_TENSIX_START_Y", str(machine.chip.worker_rows[0])),
        ("MEM_ZEROS_BASE", str(machine.chip.zeros_base)),
        ("MEM_ZEROS_SIZE", str(ZEROS_SIZE)),
        *(vector_unit.defines if vector_unit is not None else ()),
        *((f"TTHAL_{name}", value) for name, value in _vector_settings(begins_with)),
    )
    chip = machine.chip
    local_memory = chip.compute_local_memory if computes else chip.local_memory
    return Target(
        risc.name.lower(),
        int(risc),
        prelude,
        defines,
        local_memory if machine.limits_local_memory else None,
        # Tile operations that are hardware on a card have a frame here.
        guards_stack=machine.limits_local_memory and not computes,
        features=vector_unit.features if vector_unit is not None else (),
        whole_library=whole_library,
    )


DATA_MOVEMENT_SETTINGS = (
    "constexpr uint8_t noc_index = NOC_INDEX;",
    "constexpr uint8_t noc_mode = NOC_MODE;",
    "constexpr uint8_t proc_type = static_cast<uint8_t>(TensixProcessorTypes(PROCESSOR_INDEX));",
)
"""The C++ that tells a kernel that moves data how it is set up."""


def processor_defines(risc: RiscType) -> tuple[tuple[str, str], ...]:
    """Return what tells a kernel its processor; the prelude of those that move data does not know it."""
    return ((f"COMPILE_FOR_{risc.name}", "1"), ("PROCESSOR_INDEX", str(int(risc))))


def compile_request(
    formats: KernelFormats,
    risc: RiscType,
    machine: Machine,
    vector_unit: ExactVectorUnit | None = None,
    loaded: frozenset[int] = frozenset(),
) -> CompileRequest:
    """Return what the compiler is asked for one kernel of a program.

    Args:
        loaded: the compile-time arguments that the code is to load instead of containing them.
    """
    kernel = formats.kernel
    content = prepared(kernel.content, kernel.named_compile_time_args)
    processor = () if risc is RiscType.TRISC else processor_defines(risc)
    defines = (*processor, *_network_defines(kernel), *kernel.defines)
    vector = vector_unit is not None and begins_with_vector_unit(content, defines)
    preamble = _preamble(kernel, loaded, formats.in_l1, formats.in_registers)
    texts = (content.source, *(header.text for header in content.headers), *(value for _, value in defines), preamble)
    settings = kernel.compute if vector else None
    return CompileRequest(
        content=with_loads(content, loaded) if loaded else content,
        target=target_of(machine, risc, vector_unit, settings, needs_whole_library(texts)),
        defines=defines,
        preamble=preamble if vector else "\n".join([*vector_settings(kernel.compute), preamble]),
        opt_level="Ofast" if kernel.opt_level == KernelBuildOptLevel.Ofast else kernel.opt_level.name,
    )


def tile_bytes(entry: CircularBufferFormat) -> int:
    """Return the bytes of one tile of a circular buffer index."""
    if entry.data_format is DataFormat.Invalid:
        return UNCONFIGURED_TILE_BYTES
    return page_bytes(entry.data_format, TileShape(*(entry.tile or FULL_TILE)))


def _network_defines(kernel: KernelImage) -> tuple[tuple[str, str], ...]:
    settings = kernel.data_movement
    if settings is None:
        return (("NOC_MODE", "0"),)
    return (("NOC_INDEX", str(int(settings.noc))), ("NOC_MODE", str(int(settings.noc_mode))))


def _preamble(
    kernel: KernelImage,
    loaded: frozenset[int],
    formats: Mapping[int, CircularBufferFormat],
    registers: Registers,
) -> str:
    arguments, named = kernel.compile_time_args, kernel.named_compile_time_args
    known = known_when_compiling(arguments, named, formats, registers, loaded)
    return "\n".join([*known, *_settings(kernel)]) + "\n"


def known_when_compiling(
    arguments: Sequence[int],
    named: Sequence[tuple[str, int]],
    formats: Mapping[int, CircularBufferFormat],
    registers: Registers,
    loaded: frozenset[int] = frozenset(),
) -> list[str]:
    """Return the C++ that tells a kernel its compile-time arguments, binding tokens and circular buffer formats.

    Those of the arguments that are ``loaded`` have no value in it.
    """
    arguments = [0 if place in loaded else value for place, value in enumerate(arguments)]
    lines = [
        "struct tthal_program {",
        "    static constexpr uint32_t processor_index = PROCESSOR_INDEX;",
        f"    static constexpr uint32_t num_compile_time_args = {len(arguments)};",
        f"    static constexpr uint32_t compile_time_args[] = {{{_list(arguments or (0,))}}};",
        f"    static constexpr uint32_t loaded_args = {sum(1 << place for place in loaded)}u;",
        *_format_arrays(formats, registers),
        *_named_arguments(named),
        "};",
        *(_LOADING if loaded else _whole(arguments)),
        *[f"constexpr auto& {name} = tthal_program::{array};" for name, array in _VENDOR_ARRAYS],
    ]
    return [*lines, *binding_lines(named)]


def _format_arrays(formats: Mapping[int, CircularBufferFormat], registers: Registers) -> list[str]:
    """Return arrays by index of a circular buffer: format, its sizes in L1 and its faces in the registers."""
    indices = range(MAX_CIRCULAR_BUFFERS)
    sizes = [tile_bytes(formats[i]) if i in formats else UNCONFIGURED_TILE_BYTES for i in indices]
    codes = [int(formats[i].data_format if i in formats else DataFormat.Invalid) for i in indices]
    unpacked, packed = (
        [int(getattr(registers[i], place) if i in registers else DataFormat.Invalid) for i in indices]
        for place in ("unpacked", "packed")
    )
    shapes = [(formats[i].tile if i in formats else None) or FULL_TILE for i in indices]
    faces = [(formats[i].unpacked if i in formats else None) or shapes[i] for i in indices]
    return [
        f"    static constexpr uint32_t tile_size[] = {{{_list(sizes)}}};",
        f"    static constexpr uint8_t data_format[] = {{{_list(codes)}}};",
        f"    static constexpr uint8_t unpacked_format[] = {{{_list(unpacked)}}};",
        f"    static constexpr uint8_t packed_format[] = {{{_list(packed)}}};",
        f"    static constexpr uint32_t tile_hw[] = {{{_list(h * w for h, w in shapes)}}};",
        f"    static constexpr uint32_t tile_rows[] = {{{_list(h for h, _ in shapes)}}};",
        f"    static constexpr uint32_t tile_columns[] = {{{_list(w for _, w in shapes)}}};",
        f"    static constexpr uint32_t tile_faces[] = {{{_list(-(-h // FACE) * (w // FACE) for h, w in faces)}}};",
        f"    static constexpr uint32_t face_rows[] = {{{_list(min(h, FACE) for h, _ in faces)}}};",
        f"    static constexpr bool partial_face[] = {{{_bools(h <= FACE for h, _ in shapes)}}};",
        f"    static constexpr bool narrow_tile[] = {{{_bools(w <= FACE for _, w in shapes)}}};",
    ]


_LOADING = (
    # Where a constant may be meant, the compiler says so, and the kernel gets code of its own.
    '#pragma clang diagnostic error "-Wvla"',
    '#pragma clang diagnostic error "-Wglobal-constructors"',
)


def _whole(arguments: Sequence[int]) -> list[str]:
    """Return the forms in which kernels have all arguments at once."""
    array = f"constexpr std::array<uint32_t, {len(arguments)}> kernel_compile_time_args = {{{_list(arguments)}}};"
    return [array, *([f"#define KERNEL_COMPILE_TIME_ARGS {_list(arguments)}"] if arguments else [])]


def _named_arguments(named: Iterable[tuple[str, int]]) -> list[str]:
    entries = ", ".join(f"{{{json.dumps(name)}, {value}u}}" for name, value in named)
    declared = "std::array<tthal::NamedArgument, 0> named_compile_time_args" if not entries else ""
    declared = declared or f"tthal::NamedArgument named_compile_time_args[] = {{{entries}}}"
    return [f"    static constexpr {declared};"]


def _settings(kernel: KernelImage) -> list[str]:
    if kernel.data_movement is not None:
        return list(DATA_MOVEMENT_SETTINGS)
    if kernel.compute is None:
        return []
    return compute_settings(kernel.compute)


def compute_settings(settings: ComputeSettings) -> list[str]:
    """Return the C++ that tells a compute kernel how its matrix unit is set up, and how it shares DST."""
    fidelity, sync = int(settings.math_fidelity), "SyncFull" if settings.dst_full_sync_en else "SyncHalf"
    return [
        f"constexpr ckernel::MathFidelity MATH_FIDELITY = static_cast<ckernel::MathFidelity>({fidelity});",
        f"#define DST_SYNC_MODE ckernel::DstSync::{sync}",
    ]


def vector_settings(settings: ComputeSettings | None) -> list[str]:
    """Return the C++ that tells a compute kernel how its vector unit is set up."""
    return [f"constexpr bool {name} = {value};" for name, value in _vector_settings(settings)]


def _vector_settings(settings: ComputeSettings | None) -> tuple[tuple[str, str], ...]:
    if settings is None:
        return ()
    return (("APPROX", _bool(settings.math_approx_mode)), ("DST_ACCUM_MODE", _bool(settings.fp32_dest_acc_en)))


def _bool(value: bool) -> str:
    return "true" if value else "false"


def _bools(values: Iterable[bool]) -> str:
    return ", ".join(map(_bool, values))


def _list(values: Iterable[int]) -> str:
    return ", ".join(f"{value}u" for value in values)
