"""The coverage report: what it makes up for kernels, and how it sorts what does not compile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "kernel_coverage.py"

KERNELS = {
    "plain": '#include "api/dataflow/dataflow_api.h"\nvoid kernel_main() { noc_async_read_barrier(); }',
    "bindings": """#include "api/dataflow/dataflow_buffer.h"
        #include "experimental/kernel_args.h"
        void kernel_main() {
            DataflowBuffer in(dfb::in), out(dfb::out);
            static_assert(dfb::in.id != dfb::out.id);
            in.push_back(get_arg(args::count));
        }""",
    "macro": "void kernel_main() { static_assert(REDUCE_OP == ckernel::PoolType::SUM); }",
    "unknown_macro": "void kernel_main() { MY_FACTORY_WRITES_THIS(1); }",
    "missing_name": "void kernel_main() { vendor_function(); }",
    "missing_header": '#include "api/vendor_header.h"\nvoid kernel_main() {}',
    "lost_header": '#include "nowhere.h"\nvoid kernel_main() {}',
    "binding": "void kernel_main() { get_arg(pipe::in); }",
    "argument": "void kernel_main() { static_assert(get_compile_time_arg_val(0) == 12345); }",
    "network": '#include "api/socket_api.h"\nvoid kernel_main() {}',
    "fabric": '#include "tt_metal/fabric/hw/inc/linear/api.h"\nvoid kernel_main() {}',
    "syntax": "void kernel_main() { return 1 +; }",
}


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A wheel's folders with kernels of our own, and a device header that only tells names."""
    kernels = tmp_path / "ttnn/ttnn/cpp/ttnn/operations/some/device/kernels/dataflow"
    kernels.mkdir(parents=True)
    for name, source in KERNELS.items():
        (kernels / f"{name}.cpp").write_text(source)
    headers = tmp_path / "ttnn/tt_metal/hw/inc"
    headers.mkdir(parents=True)
    (headers / "vendor_header.h").write_text("void vendor_function();")
    return tmp_path


def test_causes(corpus: Path) -> None:
    command = [sys.executable, str(TOOL), str(corpus), "--kind", "dataflow"]
    made = subprocess.run(command, capture_output=True, text=True, check=True)
    head, *sections = made.stdout.split("\n\n")
    assert head.splitlines() == [
        # The one that includes fabric headers itself is not counted at all.
        "11 kernels, 1 of them out of scope by what their headers include",
        "3 of the other 10 compile as they are (30.0%);",
        "1 of these with made-up macros in place of those that a host program injects",
    ]
    found = {section.splitlines()[0]: section for section in sections}
    expected = {
        "1 kernels: out of scope: fabric, sockets, a mesh of devices": "network.cpp",
        "1 kernels: a file that the corpus does not hold": "lost_header.cpp",
        "2 kernels: missing name": "missing_header.cpp",
        "1 kernels: missing binding that the vendor's build generates": "binding.cpp",
        "1 kernels: macro that the host program injects": "unknown_macro.cpp",
        "1 kernels: other (may be our bug)": "syntax.cpp",
        "1 kernels: made-up argument": "argument.cpp",
    }
    assert found.keys() == expected.keys()
    for section, kernel in expected.items():
        assert kernel in found[section]
    assert "missing_name.cpp" in found["2 kernels: missing name"]
