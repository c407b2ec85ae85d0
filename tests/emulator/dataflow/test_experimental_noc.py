"""The object API as it was until summer 2026: namespace experimental, modes as template arguments, channels as numbers.

Signatures: tt_metal/hw/inc/experimental/{noc,endpoints,noc_semaphore,circular_buffer,core_local_mem}.h of
tenstorrent/tt-metal at 02ccf0878f6a.
"""

# ruff: noqa: E501 - kernels stand here as strings, a statement or two to a line
from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import tthal as ttnn
from tthal.errors import KernelError

Check = Callable[..., list[int]]
Words = Callable[[ttnn.CoreCoord, int, int], list[int]]

CORE, OTHER = ttnn.CoreCoord(0, 0), ttnn.CoreCoord(2, 1)
A, B = 0x40000, 0x41000
HEADERS = """
#include "experimental/core_local_mem.h"
#include "experimental/endpoints.h"
#include "experimental/noc.h"
using experimental::Noc;
"""
THERE = "{.noc_x = X, .noc_y = Y, .addr = A + 16}"
TO = "{.noc_x = X, .noc_y = Y, .addr = B}"
ONLY = "{.noc_x_start = X, .noc_y_start = Y, .noc_x_end = X, .noc_y_end = Y, .addr = B}"
SETUP = "Noc noc(noc_index); experimental::UnicastEndpoint there; experimental::CoreLocalMem<uint32_t> a = A, b = B;"

READS = {
    "channel": f"noc.async_read(there, b, 32, {THERE}, {{}}, 1); noc.async_read_barrier();",
    "no transaction id": (
        f"noc.async_read<Noc::TxnIdMode::DISABLED, 64>(there, b, 32, {THERE}, {{}}, NOC_UNICAST_WRITE_VC);"
        "noc.async_read_barrier<Noc::BarrierMode::FULL>();"
    ),
    "transaction id": (
        f"noc.async_read<Noc::TxnIdMode::ENABLED>(there, b, 32, {THERE}, {{}}, NOC_UNICAST_WRITE_VC, 3);"
        "noc.async_read_barrier<Noc::BarrierMode::TXN_ID>(3);"
    ),
    "with state": (
        f"noc.set_async_read_state(there, 32, {THERE}, 1); noc.async_read_with_state(there, b, 32, {THERE}, {{}}, 1);"
        "noc.async_read_barrier();"
    ),
    "one packet with state": (
        f"noc.set_async_read_state<Noc::VcSelection::CUSTOM, 64>(there, 32, {THERE}, 2);"
        f"noc.async_read_with_state<Noc::VcSelection::CUSTOM, 64>(there, b, 32, {THERE}, {{}}, 2);"
        "noc.async_read_barrier();"
    ),
}


@pytest.mark.parametrize("name", READS)
def test_reads(check: Check, l1: Words, name: str) -> None:
    check(f"{SETUP} {READS[name]}", before=HEADERS)
    assert l1(CORE, B, 9) == [*range(104, 112), 0]


WRITES = {
    "channel": f"noc.async_write(a, there, 32, {{.offset_bytes = 16}}, {TO}, 1); noc.async_write_barrier();",
    "posted": (
        f"noc.async_write<Noc::TxnIdMode::DISABLED, Noc::ResponseMode::POSTED, 64>(a + 4, there, 32, {{}}, {TO});"
        "noc.async_writes_flushed<Noc::ResponseMode::POSTED>(); word(A + 16) = 0;"
    ),
    "transaction id": (
        f"noc.async_write<Noc::TxnIdMode::ENABLED>(a + 4, there, 32, {{}}, {TO}, 1, 4);"
        "noc.async_writes_flushed<Noc::ResponseMode::NON_POSTED, Noc::BarrierMode::TXN_ID>(4); word(A + 16) = 0;"
        "noc.async_write_barrier<Noc::BarrierMode::TXN_ID>(4);"
    ),
    "with state": (
        f"noc.set_async_write_state(there, 32, {TO}, 1); noc.async_write_with_state(a + 4, there, 32, {{}}, {TO}, 1);"
        "noc.async_write_barrier<Noc::BarrierMode::FULL>();"
    ),
    "one posted packet with state": (
        f"noc.set_async_write_state<Noc::ResponseMode::POSTED, 64>(there, 32, {TO});"
        f"noc.async_write_with_state<Noc::ResponseMode::POSTED, 64>(a + 4, there, 32, {{}}, {TO});"
        "noc.async_writes_flushed<Noc::ResponseMode::POSTED>();"
    ),
    "multicast": (
        "noc.async_write_multicast<Noc::McastMode::EXCLUDE_SRC>(a + 4, experimental::MulticastEndpoint{}, 32, 1, {}, "
        f"{ONLY}); noc.async_write_barrier();"
    ),
    "multicast with the sender": (
        "noc.async_write_multicast<Noc::McastMode::INCLUDE_SRC, Noc::TxnIdMode::DISABLED, "
        "Noc::ResponseMode::NON_POSTED, 64>(a + 4, experimental::MulticastEndpoint{}, 32, 6, {}, {.noc_x_start = my_x[0], "
        ".noc_y_start = my_y[0], .noc_x_end = X, .noc_y_end = Y, .addr = B}, false);"
        "noc.async_write_barrier(); note(word(B) == 104);"
    ),
}


@pytest.mark.parametrize("name", WRITES)
def test_writes(check: Check, l1: Words, name: str) -> None:
    noted = check(f"{SETUP} {WRITES[name]}", before=HEADERS)
    assert l1(OTHER, B, 9) == [*range(104, 112), 0]
    assert noted[0] == (1 if "sender" in name else 0)


def test_a_transaction_id_is_waited_for_alone(check: Check) -> None:
    """The barrier of one id lets what another id has under way go on: its bytes are not there yet."""
    body = f"""{SETUP}
        noc.async_read<Noc::TxnIdMode::ENABLED>(there, b, 32, {THERE}, {{}}, 1, 2);
        noc.async_read<Noc::TxnIdMode::ENABLED>(there, b + 16, 32, {THERE}, {{}}, 1, 5);
        noc.async_read_barrier<Noc::BarrierMode::TXN_ID>(2); note(word(B)); note(word(B + 64));
        noc.async_read_barrier<Noc::BarrierMode::TXN_ID>(5); note(word(B + 64));
    """
    assert check(body, 3, before=HEADERS) == [104, 0, 104]


def test_an_id_is_needed_where_ids_are_asked_for(check: Check) -> None:
    with pytest.raises(KernelError, match="transaction id"):
        check(f"{SETUP} noc.async_write<Noc::TxnIdMode::ENABLED>(a, there, 32, {{}}, {TO});", before=HEADERS)


def test_words(check: Check, l1: Words) -> None:
    body = f"""{SETUP}
        noc.inline_dw_write(there, 0x12, {TO}, 0xF, 1);
        noc.inline_dw_write<Noc::TxnIdMode::DISABLED, InlineWriteDst::L1, Noc::ResponseMode::POSTED>(
            there, 0x3456, {{.noc_x = X, .noc_y = Y, .addr = B + 4}}, 0x1, 1);
        noc.inline_dw_write<Noc::TxnIdMode::DISABLED, InlineWriteDst::REG>(there, 5, {{.noc_x = X, .noc_y = Y, .addr = B + 8}});
        noc.async_full_barrier();
    """
    check(body, before=HEADERS)
    assert l1(OTHER, B, 4) == [0x12, 0x56, 5, 0]


def test_semaphores(check: Check, run, make_program, l1: Words, head: str) -> None:
    source = f"""{head}
        #include "experimental/noc_semaphore.h"
        void kernel_main() {{
            experimental::Noc noc(noc_index); experimental::Semaphore<> ready(0);
            ready.set(3);
            ready.set_multicast<experimental::Noc::McastMode::INCLUDE_SRC>(noc, my_x[0], my_y[0], my_x[0], my_y[0], 1);
            noc.async_write_barrier(); ready.wait(3); note(1);
            ready.up(noc, my_x[0], my_y[0], 2, 1); noc.async_atomic_barrier(); ready.down(5); ready.wait(0); note(2);
        }}"""
    program = make_program(source)
    ttnn.CreateSemaphore(program, ttnn.CoreRange(CORE, CORE), 0)
    run(program)
    assert l1(CORE, 0x42000, 2) == [1, 2]


@pytest.mark.parametrize("selector", ["AddrSel", "AddrSelector"])
def test_circular_buffers(selector: str, device: ttnn.Device, run, make_program, l1: Words, head: str) -> None:
    """The pointer that a transfer takes of a buffer is named by AddrSelector, at first AddrSel."""
    source = f"""{head}
        #include "experimental/circular_buffer.h"
        #include "experimental/endpoints.h"
        void kernel_main() {{
            using Buffer = experimental::CircularBuffer;
            experimental::Noc noc(noc_index); Buffer buffer(0); experimental::UnicastEndpoint memory;
            buffer.reserve_back(1);
            noc.async_read(memory, buffer, 64, {{.noc_x = my_x[0], .noc_y = my_y[0], .addr = A}}, {{}});
            noc.async_read_barrier();
            noc.async_write(experimental::use<Buffer::{selector}::WRITE_PTR>(buffer), memory, 32, {{.offset_bytes = 16}},
                            {{.noc_x = my_x[0], .noc_y = my_y[0], .addr = B}});
            noc.async_write_barrier(); buffer.push_back(1);
            buffer.wait_front(1); {{ const auto lock = buffer.scoped_lock(); note(word(buffer.get_read_ptr() + 4)); }}
            buffer.pop_front(1);
        }}"""
    ttnn.WriteToDeviceL1(device, CORE, A, np.arange(100, 164, dtype=np.uint32))
    ttnn.WriteToDeviceL1(device, CORE, B, np.zeros(64, np.uint32))
    program = make_program(source)
    config = ttnn.CircularBufferConfig(128, {0: ttnn.DataFormat.UInt32}).set_page_size(0, 64)
    ttnn.CreateCircularBuffer(program, CORE, config)
    run(program)
    assert l1(CORE, B, 9) == [*range(104, 112), 0]
    assert l1(CORE, 0x42000, 1) == [101]


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("circular_buffer", "CircularBuffer"),
        ("circular_buffer", "Lock<void (*)()>"),
        ("core_local_mem", "CoreLocalMem<uint32_t>"),
        ("dataflow_buffer", "DataflowBuffer"),
        ("endpoints", "AllocatorBank<experimental::AllocatorBankType::DRAM>"),
        ("noc", "UnicastEndpoint"),
        ("noc_semaphore", "Semaphore<>"),
        ("tensor", "noc_traits_t<experimental::UnicastEndpoint>"),
    ],
)
def test_each_header_brings_what_it_needs(check: Check, header: str, name: str) -> None:
    body = f"using Named = experimental::{name}; note(sizeof(Named) > 0); note(experimental::Noc(1).get_noc_id());"
    assert check(body, 2, before=f'#include "experimental/{header}.h"') == [1, 1]
