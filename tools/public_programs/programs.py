"""The public programs that are run: their source, how they are started, what they need."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cpp_examples import PORTS
from tt_bio_sources import TT_BIO_SOURCES

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Program:
    """A public program.

    Attributes:
        source: its path in the repository.
        repository: whose checkout it runs in, of those that the command line names.
        command: what follows ``tthal`` and its options.
        verb: ``run`` or ``pytest``.
        board: what it is written for.
        python_path: folder of the checkout that its modules are found in.
        ported: whether its host is C++ there, and a port of ours here; kernels are the checkout's in any case.
        metal_home: whose checkout ``TT_METAL_HOME`` names; empty for its own.
    """

    name: str
    source: str
    repository: str
    verb: str
    command: tuple[str, ...]
    board: str = "n150"
    python_path: str = ""
    ported: bool = False
    metal_home: str = ""

    @property
    def needs(self) -> set[str]:
        """The repositories whose checkouts it cannot do without."""
        return {self.repository, *([self.metal_home] if self.metal_home else [])}


_DEBUG = "tests/ttnn/unit_tests/operations/debug"
_DEEPSEEK = "models/demos/deepseek_v3_b1/tests/unit_tests"
_DEEPSEEK_TESTS = (
    "gather", "local_reduce", "gated_local_reduce", "mcast", "matmul", "rmsnorm", "deepseek_moe_gate", "pre_sdpa",
    "dram_streaming_matmul",
)  # fmt: skip
_TT_LANG = "examples/metal_examples"
_MAKORA = {
    "binary": ("atan2", "isclose", "nextafter", "outer", "remainder"),
    "unary": ("digamma", "glu", "lgamma", "multigammaln", "polygamma", "reglu", "swiglu", "triu"),
}
_UNINITIALISED = ("digamma", "nextafter")
"""Of these, kernels that use an operation after the initialisation of another: the checks tell, a card errs."""
_UNCHECKED = ("add_2_integers_in_compute", "multicast", "shard_data_rm")
"""Ports whose kernels write circular buffers that they did not reserve, or beyond their end: the checks tell."""
_API_CALLS = ("atan", "log1p", "sin")


def _tests(name: str, source: str, repository: str = "tt-metal", *options: str, board: str = "n150") -> Program:
    path = "python" if repository == "tt-lang" else ""
    return Program(name, source, repository, "pytest", ("-q", "-p", "seeded", *options, source), board, path)


def _makora(group: str, name: str) -> Program:
    board = "n150?check=off" if name in _UNINITIALISED else "n150"
    source = f"Tenstorrent/fusion_store/{group}/{name}/{name}.py"
    return Program(f"makora {name}", source, "makora", "run", (str(HERE / "makora.py"), group, name), board)


def _eltwise(name: str) -> Program:
    source = f"src/kernel_generator.py, kernel_templates/unary.cpp.j2: {name}"
    command = (str(HERE / "eltwise_tester.py"), name)
    return Program(f"eltwise {name}", source, "eltwise-tester", "run", command, metal_home="tt-metal")


def _ported(name: str) -> Program:
    board = "n150?check=off" if name in _UNCHECKED else "n150"
    source = f"tt_metal/programming_examples: {name}"
    return Program(name, source, "tt-metal", "run", (str(HERE / "cpp_examples.py"), name), board, ported=True)


def _tt_bio(name: str) -> Program:
    command = (str(HERE / "tt_bio.py"), name)
    return Program(f"tt-bio {name}", TT_BIO_SOURCES[name], "tt-bio", "run", command, "p150", metal_home="tt-metal")


PROGRAMS = (
    _tests("test_generic_op", f"{_DEBUG}/test_generic_op.py"),
    # Its conftest.py wants image libraries; its kernels and hosts are for Blackhole.
    *(
        _tests(f"deepseek {name}", f"{_DEEPSEEK}/test_{name}.py", "tt-metal", "--noconftest", board="p150")
        for name in _DEEPSEEK_TESTS
    ),
    # Its senders end before their posted writes have left, which a card passes over.
    _tests(
        "deepseek create_q_heads",
        f"{_DEEPSEEK}/test_create_q_heads.py",
        "tt-metal",
        "--noconftest",
        board="p150?suppress=TT-END-002",
    ),
    # One of its two tests takes inputs from the model, which needs packages of its own.
    Program(
        "deepseek rope",
        f"{_DEEPSEEK}/test_rope.py",
        "tt-metal",
        "pytest",
        ("-q", "-p", "seeded", "-p", "deepseek_layout", "--noconftest", "-k", "not yarn", f"{_DEEPSEEK}/test_rope.py"),
        "p150",
    ),
    *(
        _tests(f"tt-lang {name}", f"{_TT_LANG}/{name}/metal/{name}.py", "tt-lang", "-p", "tt_lang_layout")
        for name in ("singlecore_matmul", "multicore_matmul", "multicore_reuse_matmul")
    ),
    # Its kernels come from a compiler that needs MLIR; here they are written by hand.
    Program(
        "tt-lang kernel_runner", "python/ttl/kernel_runner.py", "tt-lang", "run", (str(HERE / "tt_lang_runner.py"),)
    ),
    *(_makora(group, name) for group, names in _MAKORA.items() for name in names),
    *map(_eltwise, _API_CALLS),
    *map(_tt_bio, TT_BIO_SOURCES),
    *map(_ported, PORTS),
)
"""All of them."""
