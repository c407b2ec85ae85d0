"""What a chain of compute calls makes of one element, call by call: the kernel runs, and DST is looked at in between.

Where `tensix.explain` tells of one operation of the matrix unit instruction by instruction, this takes any statements
of the compute API: functions of the vector unit, DST as an operand, what comes before them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

import tthal
from tthal import CoreCoord, DataFormat, MathFidelity, pack_tiles, unpack_tiles
from tthal_emulator.tensix.datum import F32
from tthal_emulator.tensix.formats import TILE_SIDE, Operand

_CORE = CoreCoord(0, 0)
_OUTPUT = 16
_SEEN, _RESULT, _OPERANDS = 0xC0000, 0xC4000, 0xC8000
"""Where in L1 the kernels exchange with the host: what was seen, the packed page, the operands' pages."""
_PAGE_ROOM = 0x2000
_HEADERS = (
    "bcast",
    "compute_kernel_api",
    "compute_kernel_hw_startup",
    "eltwise_binary",
    "eltwise_binary_sfpu",
    "eltwise_unary/sfpu_split_includes",
    "matmul",
    "pack",
    "reconfig_data_format",
    "reduce",
    "tile_move_copy",
)
_COMPUTE = """
static void look(uint32_t place) {{
    ((volatile uint32_t*){seen}u)[place] = tthal::tensix::math_tile(0)[{index}];
}}
void kernel_main() {{
    compute_kernel_hw_startup(0, {last}, 16);
    {waits}
    tile_regs_acquire();
    {copies}
    look(0);
    {calls}
    tile_regs_commit();
    tile_regs_wait();
    cb_reserve_back(16, 1);
    pack_tile(0, 16);
    cb_push_back(16, 1);
    tile_regs_release();
}}
"""
_MOVE = """
#include "api/dataflow/dataflow_api.h"
void kernel_main() {{
    {statements}
}}
"""
_COPY = "reconfig_data_format_srca({0}); copy_init({0}); copy_tile({0}, 0, {0});"
_FILL = "cb_reserve_back({0}, 1); __builtin_memcpy((void*)get_write_ptr({0}), (void*){1}u, {2}); cb_push_back({0}, 1);"
_EMPTY = "cb_wait_front(16, 1); __builtin_memcpy((void*){0}u, (void*)get_read_ptr(16), {1}); cb_pop_front(16, 1);"


@dataclass(frozen=True, slots=True)
class Chain:
    """Statements of a compute kernel, on one or two tiles.

    Attributes:
        calls: statements, one step each; tile A lies in circular buffer 0 and DST 0, tile B in 1 and 1.
        operands: values (32, 32), one or two.
        formats: of the operands' circular buffers; the last one of the packed result.
        element: row and column that is looked at.
    """

    calls: tuple[str, ...]
    operands: tuple[F32, ...]
    formats: tuple[DataFormat, ...]
    element: tuple[int, int]
    board: str
    fidelity: MathFidelity = MathFidelity.HiFi4
    fp32_dest_acc_en: bool = False
    follow: str = "silicon"


@dataclass(frozen=True, slots=True)
class Seen:
    """The element's patterns in DST 0, before the first call and after each; its value in L1, and as it was packed."""

    patterns: tuple[int, ...]
    stored: tuple[float, ...]
    packed: float


def run(chain: Chain) -> Seen:
    """Run the chain on an emulated device in the exact grade.

    Raises:
        CompileError: the statements do not compile.
        DeviceError: they do what no kernel may.
    """
    backend = f"emulator:{chain.board}?numerics=exact&check=off&follow={chain.follow}"
    pages = [pack_tiles(values, form) for values, form in zip(chain.operands, chain.formats, strict=False)]
    size = Operand(chain.formats[-1]).page_bytes
    with tthal.open_device(0, backend=backend) as device:
        for number, page in enumerate(pages):
            tthal.WriteToDeviceL1(device, _CORE, _operand_at(number), page.tobytes())
        tthal.EnqueueProgram(device.command_queue(), _program(chain, [page.nbytes for page in pages]), blocking=True)
        seen = tthal.ReadFromDeviceL1(device, _CORE, _SEEN, 4 * (len(chain.calls) + 1))
        result = tthal.ReadFromDeviceL1(device, _CORE, _RESULT, size)
    patterns = tuple(int(word) for word in np.frombuffer(bytes(seen), np.uint32))
    stored = tuple(_value(page.tobytes(), form, chain) for page, form in zip(pages, chain.formats, strict=False))
    return Seen(patterns, stored, _value(bytes(result), chain.formats[-1], chain))


def _operand_at(number: int) -> int:
    return _OPERANDS + number * _PAGE_ROOM


def _value(page: bytes, form: DataFormat, chain: Chain) -> float:
    values = unpack_tiles(np.frombuffer(page, np.uint8), (TILE_SIDE, TILE_SIDE), form)
    return float(np.asarray(values, np.float32)[chain.element])


def _program(chain: Chain, sizes: list[int]) -> tthal.Program:
    program = tthal.CreateProgram()
    for index, form in (*enumerate(chain.formats[:-1]), (_OUTPUT, chain.formats[-1])):
        page = Operand(form).page_bytes
        config = tthal.CircularBufferConfig(page, {index: form}).set_page_size(index, page)
        tthal.CreateCircularBuffer(program, _CORE, config)
    fills = [_FILL.format(number, hex(_operand_at(number)), size) for number, size in enumerate(sizes)]
    empty = _EMPTY.format(hex(_RESULT), Operand(chain.formats[-1]).page_bytes)
    reader, writer = (_MOVE.format(statements="\n    ".join(each)) for each in (fills, [empty]))
    tthal.CreateKernelFromString(program, reader, _CORE, tthal.ReaderDataMovementConfig())
    tthal.CreateKernelFromString(program, writer, _CORE, tthal.WriterDataMovementConfig())
    compute = tthal.ComputeConfig(math_fidelity=chain.fidelity, fp32_dest_acc_en=chain.fp32_dest_acc_en)
    tthal.CreateKernelFromString(program, _compute_kernel(chain), _CORE, compute)
    return program


def _compute_kernel(chain: Chain) -> str:
    numbers = range(len(chain.operands))
    row, column = chain.element
    calls = [f"{call.rstrip().rstrip(';')}; look({place});" for place, call in enumerate(chain.calls, 1)]
    body = _COMPUTE.format(
        seen=hex(_SEEN),
        index=row * TILE_SIDE + column,
        last=numbers[-1],
        waits=" ".join(f"cb_wait_front({number}, 1);" for number in numbers),
        copies=" ".join(_COPY.format(number) for number in numbers),
        calls="\n    ".join(calls),
    )
    return "".join(f'#include "api/compute/{header}.h"\n' for header in _HEADERS) + body
