"""Kernels count what their own code executes: the additions that are put into LLVM code, and what observers hear."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

import tthal as ttnn
from tthal.observer import EventKind, Observer, Records
from tthal_emulator.compiler.executed import count_executed

MODULE = """define hidden void @kernel_main() !dbg !5 {
  %1 = load i32, ptr inttoptr (i32 64 to ptr), align 4, !dbg !10
  br label %2, !dbg !11

2:                                                ; preds = %0
  %3 = phi i32 [ 0, %0 ], [ %6, %2 ]
  %4 = getelementptr inbounds i32, ptr null, i32 %3, !dbg !11
  %5 = udiv i32 %3, %1, !dbg !11
  store i32 %5, ptr %4, align 4, !dbg !11
  %6 = add i32 %3, 1, !dbg !11
  %7 = icmp eq i32 %6, %1, !dbg !11
  br i1 %7, label %8, label %2, !dbg !11

8:                                                ; preds = %2
  call void @llvm.memmove.p0.p0.i32(ptr %4, ptr null, i32 %1, i1 false), !dbg !11
  ret void, !dbg !11
}
!1 = !DIFile(filename: "<tthal>/a.h", directory: "")
!2 = !DIFile(filename: "kernel.cpp", directory: "")
!4 = distinct !DISubprogram(name: "f", scope: !1, file: !1)
!5 = distinct !DISubprogram(name: "kernel_main", scope: !2, file: !2)
!6 = distinct !DILexicalBlock(scope: !5, file: !2, line: 3)
!10 = !DILocation(line: 1, scope: !4, inlinedAt: !11)
!11 = !DILocation(line: 2, scope: !6)
"""


def test_blocks_add_what_they_execute() -> None:
    lines = count_executed(MODULE).split("\n")
    additions = [line.split("<4 x i32>")[1] for line in lines if " = add <4 x i32>" in line]
    # The header's load is not the kernel's. An index that is scaled, the addition and the branch: 2 + 1 + 1.
    assert [addition.partition("<")[2] for addition in additions] == ["i32 4, i32 0, i32 1, i32 1>"]
    place = next(number for number, line in enumerate(lines) if "br i1" in line)
    assert lines[place - 1].startswith("  store <4 x i32> ")
    assert lines[place - 1].endswith(", ptr @tthal_executed, align 16")
    assert any("@tthal_copied(ptr %4, ptr null, i32 %1)" in line for line in lines)
    assert lines[[line.strip() for line in lines].index("ret void, !dbg !11") - 1].strip() == (
        "call void @tthal_executed_all()"
    )


class Counts(Observer):
    """Adds up what kernels executed."""

    executed = True

    def __init__(self) -> None:
        self.rows: list[npt.NDArray[np.void]] = []

    def records(self, records: Records) -> None:
        self.rows.append(records[records["event"] == EventKind.EXECUTED].copy())


KERNEL = """#include "api/dataflow/dataflow_api.h"
#include <cstring>
void kernel_main() {
    const uint32_t count = get_arg_val<uint32_t>(0);
    auto* from = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_arg_val<uint32_t>(1));
    auto* to = reinterpret_cast<volatile tt_l1_ptr uint32_t*>(get_arg_val<uint32_t>(1) + 4096);
    for (uint32_t i = 0; i < count; i++) to[i] = from[i] + 1;
    noc_async_write_barrier();
    memmove((void*)(to + 256), (const void*)(from), 4 * count);
    memmove((void*)(to + 512), (const uint8_t*)(from) + 1, count);
}
"""


@pytest.mark.parametrize("count", [1, 37])
def test_observers_hear_what_loops_executed(count: int) -> None:
    counts = Counts()
    with ttnn.open_device(0, backend="emulator:n150?check=off") as device:
        device.observe(counts)
        program, core, base = ttnn.CreateProgram(), ttnn.CoreCoord(0, 0), 0x60000
        kernel = ttnn.CreateKernelFromString(program, KERNEL, core, ttnn.ReaderDataMovementConfig())
        ttnn.SetRuntimeArgs(program, kernel, core, [count, base])
        data = np.arange(count, dtype=np.uint32)
        ttnn.WriteToDeviceL1(device, core, base, data)
        ttnn.EnqueueProgram(device.command_queue(), program, True)
        found = np.frombuffer(bytes(ttnn.ReadFromDeviceL1(device, core, base + 4096, 4 * count)), np.uint32)
    np.testing.assert_array_equal(found, data + 1)
    executed = np.concatenate(counts.rows)
    loads, stores, divisions = (int(executed[name].sum()) for name in ("local", "size", "extra"))
    arguments = 2
    assert (loads, stores, divisions) == (count + arguments, count, 0)
    assert 2 * count <= executed["value"].sum() <= 8 * count + 30
    assert int(executed["remote"].sum()) == 4 * count | count << 32  # bytes that are aligned alike, and others
