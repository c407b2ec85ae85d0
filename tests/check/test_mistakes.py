"""More mistakes of the kinds that are reported in public (``check=full``), each beside the program that is right."""

from __future__ import annotations

from dataclasses import dataclass

import ml_dtypes
import numpy as np
import pytest

import tthal as ttnn

CORES = [ttnn.CoreCoord(0, 0), ttnn.CoreCoord(1, 0)]
PAGES, PAGE = 4, 2048
DATAFLOW = """#include "api/dataflow/dataflow_api.h"
using word = volatile tt_l1_ptr uint32_t;
#define W(address) reinterpret_cast<word*>(address)
#define ARG(index) get_arg_val<uint32_t>(index)
#define LOAD(page, to) noc_async_read(get_noc_addr(page, in), to, 2048); noc_async_read_barrier()
#define STORE(page, from) noc_async_write(from, get_noc_addr(page, out), 2048); noc_async_write_barrier()
#define THERE(address) get_noc_addr(ARG(3), ARG(4), address)
#define TELL(semaphore) noc_semaphore_inc(THERE(semaphore), 1); noc_async_atomic_barrier()
void kernel_main() {
    [[maybe_unused]] const InterleavedAddrGen<true> in = {.bank_base_address = ARG(0), .page_size = 2048};
    [[maybe_unused]] const InterleavedAddrGen<true> out = {.bank_base_address = ARG(1), .page_size = 2048};
    [[maybe_unused]] const uint32_t a = get_write_ptr(1), b = get_write_ptr(2);
    [[maybe_unused]] const uint32_t s = get_semaphore(0), t = get_semaphore(1);
"""
COMPUTE = """#include "api/compute/common.h"
#include "api/compute/bcast.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/eltwise_unary/exp.h"
#include "api/compute/eltwise_unary/recip.h"
#include "api/compute/matmul.h"
#include "api/compute/pack.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/transpose_wh.h"
void kernel_main() {
    compute_kernel_hw_startup(0, 16);
"""
EACH = "for (uint32_t i = 0; i < 4; i++) {\n"
READ = EACH + "cb_reserve_back(0, 1); LOAD(i, get_write_ptr(0)); cb_push_back(0, 1);\n}\n"
WRITE = EACH + "cb_wait_front(16, 1); STORE(i, get_read_ptr(16)); cb_pop_front(16, 1);\n}\n"
COPY = (
    "copy_init(0);\n" + EACH + "cb_wait_front(0, 1); cb_reserve_back(16, 1);\n"
    "tile_regs_acquire(); copy_tile(0, 0, 0); tile_regs_commit();\n"
    "tile_regs_wait(); pack_tile(0, 16); tile_regs_release();\ncb_push_back(16, 1); cb_pop_front(0, 1);\n}\n"
)
R, C, W = "reader", "compute", "writer"
Kernels = dict[tuple[int, str], str]
STREAM: Kernels = {(0, R): READ, (0, C): COPY, (0, W): WRITE}


def stream(**parts: str) -> Kernels:
    """A stream through one core with some of its parts replaced."""
    return {**STREAM, **{(0, kind): text for kind, text in parts.items()}}


def computes(init: str, work: str) -> Kernels:
    """The stream with another operation."""
    return stream(compute=COPY.replace("copy_init(0);", init).replace("copy_tile(0, 0, 0);", work))


def alone(text: str) -> Kernels:
    """One kernel."""
    return {(0, R): text}


def sends(first: str, second: str) -> Kernels:
    """A kernel that tells another core, which sends on what it has got."""
    return {(0, R): "LOAD(0, a);\n" + first, (1, R): second + "STORE(1, a);\n"}


SEND, AWAIT = "noc_async_write(a, THERE(a), 2048); noc_async_write_barrier();\n", "noc_semaphore_wait(W(s), 1);\n"
RIGHT = sends(SEND + "TELL(s);\n", AWAIT)
NEIGHBOUR = "get_noc_multicast_addr(ARG(3), ARG(4), ARG(3), ARG(4), {})"
FLAG = f"noc_semaphore_set(W(t), 1); noc_semaphore_set_multicast(t, {NEIGHBOUR.format('s')}, 1);\n"
DATA = f"noc_async_write_multicast(a, {NEIGHBOUR.format('a')}, 2048, 1);\n"
FLUSH, WRITTEN = "noc_async_writes_flushed();\n", "noc_async_write_barrier();\n"
SUM = "uint32_t sum = 0; for (int i = 0; i < 512; i++) sum += W(a)[i];\nW(b)[0] = sum;\n"


@dataclass(frozen=True)
class Pair:
    """A mistake, what is said of it, and its twin."""

    name: str
    id: str
    wrong: Kernels
    right: Kernels


PAIRS = [
    Pair("a page behind the reserved one is read into", "TT-CB-006",
         stream(reader=READ.replace("get_write_ptr(0)", "get_write_ptr(0) + 2048")), STREAM),
    Pair("pushed, then read", "TT-CB-006",
         stream(reader=EACH + "cb_reserve_back(0, 1); const uint32_t p = get_write_ptr(0); cb_push_back(0, 1);\n"
                "LOAD(i, p);\n}\n"), STREAM),
    Pair("popped before its write has left", "TT-NOC-001",
         stream(writer=WRITE.replace("STORE(i, get_read_ptr(16));",
                                     "noc_async_write(get_read_ptr(16), get_noc_addr(i, out), 2048);") + WRITTEN),
         stream(writer=WRITE.replace("STORE(i, get_read_ptr(16));",
                                     "noc_async_write(get_read_ptr(16), get_noc_addr(i, out), 2048);\n" + FLUSH)
                + WRITTEN)),
    Pair("a read pointer of before", "TT-CB-011",
         stream(writer="const uint32_t p = get_read_ptr(16);\n" + WRITE.replace("get_read_ptr(16)", "p")), STREAM),
    Pair("two pages of one that was waited for", "TT-RACE-00[123]",
         stream(writer="for (uint32_t i = 0; i < 4; i += 2) {\ncb_wait_front(16, 1); STORE(i, get_read_ptr(16));\n"
                "STORE(i + 1, get_read_ptr(16) + 2048); cb_wait_front(16, 2); cb_pop_front(16, 2);\n}\n"),
         stream(writer="for (uint32_t i = 0; i < 4; i += 2) {\ncb_wait_front(16, 2); STORE(i, get_read_ptr(16));\n"
                "STORE(i + 1, get_read_ptr(16) + 2048); cb_pop_front(16, 2);\n}\n")),
    Pair("a tile behind the one that was waited for", "TT-CB-007",
         computes("copy_init(0);", "copy_tile(0, 1, 0);"), STREAM),
    Pair("popped, then copied", "TT-CB-007",
         stream(compute=COPY.replace(" cb_pop_front(0, 1);\n}", "\n}").replace(
             "cb_wait_front(0, 1);", "cb_wait_front(0, 1); cb_pop_front(0, 1);")), STREAM),
    Pair("packed before it is reserved", "TT-CB-008",
         stream(compute=COPY.replace("cb_reserve_back(16, 1);\n", "").replace(
             "cb_push_back", "cb_reserve_back(16, 1); cb_push_back")), STREAM),
    Pair("two are pushed of one", "TT-CB-002",
         stream(compute=COPY.replace("cb_push_back(16, 1)", "cb_push_back(16, 2)")), STREAM),
    Pair("an addition set up as a product", "TT-SET-001",
         computes("mul_tiles_init(0, 0);", "add_tiles(0, 0, 0, 0, 0);"),
         computes("add_tiles_init(0, 0);", "add_tiles(0, 0, 0, 0, 0);")),
    Pair("a copy after an addition's set-up", "TT-SET-001", computes("add_tiles_init(0, 0);", "copy_tile(0, 0, 0);"),
         STREAM),
    Pair("a reciprocal after the set-up of exp", "TT-SET-001",
         computes("copy_init(0); recip_tile_init(); exp_tile_init();", "copy_tile(0, 0, 0); recip_tile(0);"),
         computes("copy_init(0); recip_tile_init();", "copy_tile(0, 0, 0); recip_tile(0);")),
    Pair("another tile of DST is packed", "TT-INI-003", computes("copy_init(0);", "copy_tile(0, 0, 1);"), STREAM),
    Pair("not waited for", "TT-RACE-00[123]", sends(SEND + "TELL(s);\n", ""), RIGHT),
    Pair("a wait for nothing", "TT-RACE-00[123]",
         sends(SEND + "TELL(s);\n", "noc_semaphore_wait_min(W(s), 0);\n"), RIGHT),
    Pair("a wait for another semaphore", "TT-RACE-00[123]",
         sends("TELL(t);\n" + SEND + "TELL(s);\n", AWAIT.replace("(s)", "(t)")),
         sends("TELL(t);\n" + SEND + "TELL(s);\n", AWAIT.replace("(s)", "(t)") + AWAIT)),
    Pair("changed after it was told", "TT-RACE-00[123]",
         sends("TELL(s);\nfor (int i = 0; i < 512; i++) W(a)[i] = 9;\n",
               AWAIT + "noc_async_read(THERE(a), a, 2048); noc_async_read_barrier();\n"),
         sends("for (int i = 0; i < 512; i++) W(a)[i] = 9;\nTELL(s);\n",
               AWAIT + "noc_async_read(THERE(a), a, 2048); noc_async_read_barrier();\n")),
    Pair("the flag overtakes the data", "TT-RACE-00[123]", sends(FLAG + DATA + WRITTEN, AWAIT),
         sends(DATA + FLUSH + FLAG + WRITTEN, AWAIT)),
    Pair("the flag is changed while it leaves", "TT-NOC-002",
         sends(DATA + FLUSH + FLAG + "noc_semaphore_set(W(t), 0);\n" + WRITTEN, AWAIT),
         sends(DATA + FLUSH + FLAG + FLUSH + "noc_semaphore_set(W(t), 0);\n" + WRITTEN, AWAIT)),
    Pair("a semaphore is set up too late", "TT-RACE-006",
         sends(SEND + "TELL(s);\n", "noc_semaphore_set(W(s), 0);\nnoc_semaphore_wait_min(W(s), 1);\n"), RIGHT),
    Pair("a local step of a semaphore that another raises", "TT-RACE-006",
         sends(SEND + "TELL(s);\n", "W(s)[0] = W(s)[0] + 1;\nnoc_semaphore_wait_min(W(s), 1);\n"),
         sends(SEND + "TELL(s);\n", "noc_semaphore_wait_min(W(s), 1);\nW(s)[0] = W(s)[0] + 1;\n")),
    Pair("one page too many", "TT-MEM-009", alone("for (uint32_t i = 0; i <= 4; i++) {\nLOAD(i, a);\n}\n"),
         alone(EACH + "LOAD(i, a);\n}\n")),
    Pair("page -1", "TT-MEM-009", alone("LOAD(-1u, a);\n"), alone("LOAD(3, a);\n")),
    Pair("a read past its page", "TT-MEM-003",
         alone("noc_async_read(get_noc_addr(0, in), a, 4096); noc_async_read_barrier();\n"), alone("LOAD(0, a);\n")),
    Pair("the barrier of the other direction", "TT-RACE-005",
         alone("noc_async_read(get_noc_addr(0, in), a, 2048);\n" + WRITTEN + SUM + "noc_async_read_barrier();\n"),
         alone("LOAD(0, a);\n" + SUM)),
    Pair("stored into while it is read", "TT-RACE-005|TT-NOC",
         alone("noc_async_read(get_noc_addr(0, in), a, 2048);\nW(a)[5] = 3;\nnoc_async_read_barrier();\n"),
         alone("LOAD(0, a);\nW(a)[5] = 3;\n")),
    Pair("half a page is summed", "TT-INI-001",
         alone("noc_async_read(get_noc_addr(0, in), a, 1024); noc_async_read_barrier();\n" + SUM),
         alone("LOAD(0, a);\n" + SUM)),
    Pair("half a tile is copied", "TT-INI-002",
         stream(reader=READ.replace("LOAD(i, get_write_ptr(0));",
                                    "noc_async_read(get_noc_addr(i, in), get_write_ptr(0), 1024); "
                                    "noc_async_read_barrier();")), STREAM),
    Pair("sent and never filled", "TT-INI-005", alone("STORE(0, b);\n"), alone("LOAD(0, b);\nSTORE(0, b);\n")),
    Pair("a neighbour's page that was never filled", "TT-INI-005",
         sends("", "noc_async_read(THERE(b), a, 2048); noc_async_read_barrier();\n"),
         sends(SEND + "TELL(s);\n", AWAIT)),
]  # fmt: skip
QUICK = {"pushed, then read", "page -1", "sent and never filled", "a semaphore is set up too late"}
MARKED = [pytest.param(pair, id=pair.name, marks=[] if pair.name in QUICK else pytest.mark.slow) for pair in PAIRS]


def run(kernels: Kernels) -> None:
    with ttnn.open_device(0, backend="emulator?check=full&warnings=error") as device:
        config = ttnn.InterleavedBufferConfig(device, PAGES * PAGE, PAGE, ttnn.BufferType.DRAM)
        source, result, queue = ttnn.CreateBuffer(config), ttnn.CreateBuffer(config), device.command_queue()
        data = np.random.default_rng(3).integers(1, 9, PAGES * PAGE // 2).astype(ml_dtypes.bfloat16)
        ttnn.EnqueueWriteBuffer(queue, source, data.view(np.uint8))
        ttnn.EnqueueWriteBuffer(queue, result, np.zeros(PAGES * PAGE, np.uint8))
        program, both = ttnn.CreateProgram(), ttnn.CoreRange(*CORES)
        for index in (0, 1, 2, 16):
            ring = ttnn.CircularBufferConfig(2 * PAGE, {index: ttnn.DataFormat.Float16_b}).set_page_size(index, PAGE)
            ttnn.CreateCircularBuffer(program, both, ring)
        for _ in range(2):
            ttnn.CreateSemaphore(program, both, 0)
        addresses = [source.address(), result.address()]
        for (place, kind), text in kernels.items():
            mover = ttnn.ReaderDataMovementConfig() if kind == R else ttnn.WriterDataMovementConfig()
            how = ttnn.ComputeConfig() if kind == C else mover
            head = COMPUTE if kind == C else DATAFLOW
            kernel = ttnn.CreateKernelFromString(program, f"{head}{text}}}", CORES[place], how)
            other = device.worker_core_from_logical_core(CORES[1 - place])
            if kind != C:
                ttnn.SetRuntimeArgs(program, kernel, CORES[place], [*addresses, place, other.x, other.y])
        ttnn.EnqueueProgram(queue, program, blocking=True)


@pytest.mark.parametrize("pair", MARKED)
def test_a_mistake_is_named_and_its_twin_is_not(pair: Pair) -> None:
    with pytest.raises((ttnn.KernelError, ttnn.DeadlockError), match=rf"\[({pair.id})"):
        run(pair.wrong)
    run(pair.right)
