"""Stack and static data beyond the local memory of processors (4 and 2 KB on Wormhole, 8 and 4 KB on Blackhole)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import tthal as ttnn

CORE = ttnn.CoreCoord(0, 0)
HEAD = '#include "api/dataflow/dataflow_api.h"\n'
COMPUTE_HEAD = '#include "api/compute/common.h"\n'


def stack(words: int) -> str:
    return f"void kernel_main() {{ volatile uint32_t v[{words}]; for (uint32_t i = 0; i < {words}; i++) v[i] = i; }}"


def static(words: int) -> str:
    fill = f"void kernel_main() {{ for (uint32_t i = 0; i < {words}; i++) big[i] = i; }}"
    return f"static volatile uint32_t big[{words}];\n{fill}"


def calls(depth: int) -> str:
    """Functions that call one another, each with 1 KB."""
    fill = "volatile uint32_t v[256]; for (uint32_t i = 0; i < 256; i++) v[i] = i;"
    text = f"static void __attribute__((noinline)) f0() {{ {fill} }}\n"
    for level in range(1, depth):
        text += f"static void __attribute__((noinline)) f{level}() {{ {fill} f{level - 1}(); (void)v[1]; }}\n"
    return text + f"void kernel_main() {{ f{depth - 1}(); }}"


def run(selection: str, text: str, computes: bool = False) -> None:
    with ttnn.open_device(0, backend=selection) as device:
        program = ttnn.CreateProgram()
        config = ttnn.ComputeConfig() if computes else ttnn.WriterDataMovementConfig()
        ttnn.CreateKernelFromString(program, (COMPUTE_HEAD if computes else HEAD) + text, CORE, config)
        ttnn.EnqueueProgram(device.command_queue(), program, blocking=True)


FITS: list[tuple[str, str]] = [
    ("emulator", stack(256)),
    ("emulator", static(512)),
    ("emulator", calls(3)),
    ("emulator:p150", stack(1536)),
    ("emulator:p150", static(1024)),
    ("emulator:p150", calls(6)),
    ("emulator?local_memory=unlimited", stack(8192)),
    ("emulator?local_memory=unlimited", static(4096)),
]


@pytest.mark.parametrize(("selection", "text"), FITS)
def test_what_fits_runs(selection: str, text: str) -> None:
    run(selection, text)


@pytest.mark.parametrize("selection", ["emulator", "emulator:p150"])
@pytest.mark.parametrize("make", [stack, static])
def test_what_does_not_fit_is_refused_when_compiling(selection: str, make: Callable[[int], str]) -> None:
    limit = 8192 if "p150" in selection else 4096
    with pytest.raises(ttnn.CompileError, match=f"a BRISC has {limit} B of local memory") as caught:
        run(selection, make(limit // 2))
    assert caught.value.diagnostics[0].location is not None
    assert "local_memory=unlimited" in str(caught.value)


@pytest.mark.parametrize("selection", ["emulator", "emulator:p150"])
def test_calls_that_add_up_trap(selection: str) -> None:
    with pytest.raises(ttnn.KernelError, match="below the stack"):
        run(selection, calls(9))


def test_static_data_leaves_less_stack() -> None:
    text = static(768).replace("void kernel_main() {", "void kernel_main() { volatile uint32_t v[300];")
    with pytest.raises(ttnn.KernelError, match="below the stack"):
        run("emulator", text.replace("big[i] = i;", "big[i] = v[i % 300] = i;"))


def test_static_data_of_a_compute_kernel() -> None:
    run("emulator", static(256), computes=True)
    with pytest.raises(ttnn.CompileError, match="a TRISC has 2048 B of local memory"):
        run("emulator", static(512), computes=True)


SMALL = (
    "static void __attribute__((noinline)) less() {\n"
    "    volatile uint16_t v[500]; for (uint32_t i = 0; i < 500; i++) v[i] = i; }\n"
)
COMPUTES = [
    pytest.param(stack(400), stack(600), id="an array"),
    pytest.param(SMALL + stack(200).replace("{", "{ less();", 1), SMALL + stack(400).replace("{", "{ less();", 1),
                 id="arrays of calls"),
    pytest.param("struct part { uint8_t a; uint32_t b[20]; };\nvoid kernel_main() { volatile part v[12]; v[3].a = 1; }",
                 "struct part { uint8_t a; uint32_t b[20]; };\nvoid kernel_main() { volatile part v[40]; "
                 "volatile int n = 40; for (int i = 0; i < n; i++) v[i].b[i % 20] = i; }", id="structures"),
    pytest.param(static(200) + "\n//", static(200).replace("() {", "() { volatile uint32_t v[400]; "
                 "for (uint32_t i = 0; i < 400; i++) v[i] = i;"), id="with static data"),
]  # fmt: skip


@pytest.mark.parametrize(("fits", "too_large"), COMPUTES)
def test_arrays_of_compute_kernels(fits: str, too_large: str) -> None:
    """Their frames are ours, too, so the stack itself says nothing; a compute thread of a Wormhole has 2 KB."""
    run("emulator", fits, computes=True)
    with pytest.raises(ttnn.CompileError, match="B of stack, but a TRISC has 2048 B of local memory") as caught:
        run("emulator", too_large, computes=True)
    assert caught.value.diagnostics[0].location is not None
    run("emulator?local_memory=unlimited", too_large, computes=True)


def test_a_blackholes_compute_threads_have_more() -> None:
    run("emulator:p150", stack(600), computes=True)
    with pytest.raises(ttnn.CompileError, match="a TRISC has 4096 B"):
        run("emulator:p150", stack(1200), computes=True)
