"""What a kernel is compiled with when nobody knows what its host program would give it.

A host program chooses compile-time arguments, binding tokens and macros. Here they are made up so that a kernel can
make sense of them: circular buffers get an index each, other numbers one value, and a macro that stands for an
operation gets the simplest operation of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from tthal.device_interface import KernelContent
from tthal_emulator.abi import MAX_CIRCULAR_BUFFERS
from tthal_emulator.program.source.typed_entry import TypedEntry

NUMBER_OF_ARGUMENTS = 320

_SPACES = ("args", "dfb", "sem", "tensor", "scratch")
_NO_TOKENS = ("get_token_if_present", "AccessPattern")
_TOKEN = re.compile(r"\b(args|dfb|sem|tensor|scratch)::([A-Za-z_]\w*)")
_GROUP = re.compile(
    r"(?:std::get<[^;{}]*?>|std::apply|make_\w+|tuple_size\w*<[^;]*?decltype|tuple_size\w*)\s*\(?[^;(){}]*?"
    r"\b(args|dfb|sem|tensor|scratch)::([A-Za-z_]\w*)"
)
_OPTIONAL_TOKEN = re.compile(r'\b(dfb|sem|tensor|scratch)::get_token_if_present<\s*"(\w+)"')
_NAMED = re.compile(r'get_named_compile_time_arg_val\(\s*"([^"]+)"')
_POSITIONAL = re.compile(r"\b([A-Za-z_]\w*)\s*=\s*(?:\([^()]*\)\s*)?get_compile_time_arg_val\(\s*(\d+)\s*\)")
_BUFFER = re.compile(r"(?:^|_)(?:cb|dfb)(?:_|\d|$)|(?:cb|dfb)_?(?:id|index|idx)", re.IGNORECASE)

_TOGETHER: tuple[Mapping[str, str], ...] = (
    {"REDUCE_OP": "ckernel::PoolType::SUM", "REDUCE_DIM": "ckernel::ReduceDim::REDUCE_ROW"},
    {"BINARY_OP": "add_tiles", "BINARY_OP_TYPE": "EltwiseBinaryType::ELWADD"},
    {"BINARY_SFPU_INIT": "add_binary_tile_init();", "BINARY_SFPU_OP": "add_binary_tile"},
    {"ELTWISE_OP": "add_tiles", "ELTWISE_OP_TYPE": "EltwiseBinaryType::ELWADD"},
    {"BCAST_OP": "add_tiles_bcast", "BCAST_LLKOP": "EltwiseBinaryType::ELWADD", "BCAST_DIM": "BroadcastType::ROW"},
    {
        "CHAIN_BCAST_OP": "compute_kernel_lib::BinaryFpuOp::Add",
        "CHAIN_BCAST_DIM": "compute_kernel_lib::BroadcastDim::Row",
    },
    {
        "TERNARY_SFPU_OP_INIT": "addcmul_tile_init",
        "TERNARY_SFPU_OP_FUNC(a, b, c, o, ...)": "addcmul_tile<DataFormat::Float16_b>(a, b, c, o, 1u)",
    },
    {"ENABLE_FP32_DEST_ACC": "0", "DST_SYNC_FULL": "0"},
    {"FILL_PAD_DATA_FMT": "DataFormat::Float16_b", "FILL_PAD_FILL_FN": "fill_tile_bitcast"},
    {"TYPECAST_LLK_INIT": "typecast_tile_init<5, 0>", "TYPECAST_LLK": "typecast_tile<5, 0>"},
)
"""Macros that a host program defines together."""

_ALONE = {
    **{
        f"FILL_TILE_WITH_FIRST_{part}{operand}": f"fill_tile_with_first_{part.lower()}_bfloat16"
        for part in ("ROW", "COLUMN", "ELEMENT", "ROW_RM", "COLUMN_RM")
        for operand in ("", "_B")
    },
    **dict.fromkeys(("INPUT_CORE_XY", "OUTPUT_CORE_XY", "COLLECTOR_CORE_COORDS"), "{{1, 2}}"),
    **dict.fromkeys(("Q_OUTPUT_CORE_XY", "K_OUTPUT_CORE_XY", "V_OUTPUT_CORE_XY"), "{{1, 2}}"),
    "ADDCMUL_DATA_FORMAT": "DataFormat::Int32",
    "BF16_ROUNDING_MODE": "ckernel::DstRoundingMode::Default",
    "BINARY_OP_INIT": "add_binary_tile_init",
    "CLAMP_BITS": "0xFF7FFFFF",
    "COPY_DEST_DATA_FORMAT": "DataFormat::Float16_b",
    "DEVICE_ORDER": "{0, 1}",
    "BCAST_DIM_0": "BroadcastType::ROW",
    "BCAST_DIM_1": "BroadcastType::COL",
    "EXP_APPROX": "0",
    "EXP_APPROX_MODE": "0",
    "FILL_PAD_FILL_ARG": "fill_bits",
    "FILL_TILE": "fill_tile_bitcast",
    "GROUPED_KV_SOURCE_COUNT": "1",
    "HYB_UNIFIED_CT_BASE": "0",
    "HYB_UNIFIED_RT_BASE": "0",
    "H_MCAST_POSTED": "0",
    "INIT_RELU": "",
    "SFPI_OP_AND_PACK": "exp_tile(0); pack_tile(0, CBIndex::c_16);",
    "DEINIT_RELU": "",
    "NUM_BYTES": "4",
    "OUTPUT_SHARD_CORE_MAP": "{18, 18}",
    "RELOAD_IMPL": "0",
    "SCHEDULE": "{{0, 1, 2}}",
    "SFPU_OP_CHAIN_0": "exp_tile_init(); exp_tile(0);",
    "SLIDING_HALO_SLOT_COUNT": "2",
    "SLIDING_LOCAL_FIRST": "1",
    "SLIDING_MAX_SOURCE_RANGES": "2",
    "TILE_HW_VAL": "1024",
    "WELFORD_TWO_PASS_STREAMING_CB_TILES": "2",
    "WHERE_DATA_FORMAT": "Float16_b",
    "input_std_type": "uint32_t",
}
"""Macros that a host program defines, one for one kernel or a family of them."""

_NO_ACTIVATIONS = {f"PROCESS_{operand}_ACTIVATIONS(i)": "" for operand in ("LHS", "RHS", "POST")} | {"BCAST_INPUT": "1"}
_FIRST_IS_BROADCAST = {"SRC_BCAST": "1", "SRC_BCAST_B": "0"}
_SYMPTOMS: Mapping[str, Mapping[str, str]] = {
    "PROCESS_LHS_ACTIVATIONS": _NO_ACTIVATIONS,
    "PROCESS_RHS_ACTIVATIONS": _NO_ACTIVATIONS,
    "PROCESS_POST_ACTIVATIONS": _NO_ACTIVATIONS,
    "PROCESS_BCAST_OP_BCAST_INPUT_ACTIVATIONS": _NO_ACTIVATIONS,
    "PROCESS_BCAST_OP_P_COMPL_BCAST_INPUT_ACTIVATIONS": _NO_ACTIVATIONS,
    **dict.fromkeys(("cb_bcast", "cb_llk_post", "cb_left", "cb_right"), _FIRST_IS_BROADCAST),
    **dict.fromkeys((f"no matching function for call to 'reduce_{each}'" for each in ("init", "tile")), _TOGETHER[0]),
}
"""What kernels miss for want of macros with other names."""

_MACROS: Mapping[str, Mapping[str, str]] = {
    **{name.partition("(")[0]: group for group in _TOGETHER for name in group},
    **{name: {name: value} for name, value in _ALONE.items()},
    **_SYMPTOMS,
}


_IN_THEIR_PLACE: tuple[tuple[str, Mapping[str, str]], ...] = (
    (
        "eltwise_unary/where.h",
        {
            "TERNARY_SFPU_OP_INIT": "where_tile_init",
            "TERNARY_SFPU_OP_FUNC": "where_tile<DataFormat::Float16_b>",
            "BINARY_SFPU_INIT": "where_tile_init();",
            "BINARY_SFPU_OP": "where_tile<DataFormat::Float16_b>",
        },
    ),
    ("BINARY_OP_INIT", {"BINARY_OP": "add_binary_tile"}),
)
"""Other values for kernels whose text holds a phrase."""


def macros_for(missing: Iterable[str], source: str) -> dict[str, str]:
    """Return the macros a host program would define so that a kernel knows these names."""
    macros = {name: value for found in missing for name, value in _MACROS.get(found, {}).items()}
    for phrase, others in _IN_THEIR_PLACE:
        for name in [name for name in macros if phrase in source and name.partition("(")[0] in others]:
            del macros[name]
            macros[name.partition("(")[0]] = others[name.partition("(")[0]]
    return macros


def is_injected(name: str) -> bool:
    """Whether a name is known to come from host programs."""
    return name in _MACROS


@dataclass(frozen=True, slots=True)
class Choice:
    """How arguments are made up: the value of most of them, and whether circular buffers differ from one another."""

    fill: int
    buffers_differ: bool


CHOICES = tuple(Choice(fill, differ) for differ in (True, False) for fill in (2, 32, 1, 64, 4, 8, 0))
"""What is tried; 2 and 1 make the words of an accessor (interleaved, sharded)."""


def positional_arguments(content: KernelContent, choice: Choice) -> list[int]:
    """Make up the compile-time arguments."""
    values = [choice.fill] * NUMBER_OF_ARGUMENTS
    if choice.buffers_differ:
        found = {int(place) for name, place in _POSITIONAL.findall(content.source) if _BUFFER.search(name)}
        for number, place in enumerate(sorted(place for place in found if place < len(values))):
            values[place] = number % MAX_CIRCULAR_BUFFERS
    return values


def named_arguments(content: KernelContent, choice: Choice) -> Iterator[tuple[str, int]]:
    """Make up a value for every name that a kernel and its headers ask for."""
    texts = [content.source, *(header.text for header in content.headers)]
    buffers = count()

    def value(space: str, name: str) -> int:
        if choice.buffers_differ and (space == "dfb" or (space in ("", "args") and _BUFFER.search(name))):
            return next(buffers) % MAX_CIRCULAR_BUFFERS
        return {"tensor": 0, "scratch": 1024}.get(space, choice.fill)

    for name in sorted({name for text in texts for name in _NAMED.findall(text)}):
        yield name, value("", name)
    groups = {found for text in texts for found in _GROUP.findall(text)}
    tokens = {found for text in texts for found in (*_TOKEN.findall(text), *_OPTIONAL_TOKEN.findall(text))}
    if entry := TypedEntry.find(content.source):
        tokens |= {("args", parameter.name) for parameter in entry.template}
    for space, name in sorted(tokens - {(space, word) for space in _SPACES for word in _NO_TOKENS}):
        members = [f"{name}[{number}]" for number in range(2)] if (space, name) in groups else [name]
        for member in members:
            yield f"{space}::{member}", value(space, name)
            if space in ("tensor", "scratch"):
                yield f"{space}::{member}.address", 0
