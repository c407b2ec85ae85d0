"""The vendor's vector operations, bit for bit: outputs of the 0.81.1 kernels recorded from the simulated chips.

Every file holds the two statements (``init``, ``call``) that stood between ``copy_tile`` and ``pack_tile``, four sets
of inputs and the bytes that came out. Here the same statements run in the exact grade of the file's chip, from the
reader's pages to the packer's. The README beside the files says how they were made and which rules they follow.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from recorded_formats import FORMAT_BY_SHORT_NAME
from recorded_operations import BOARDS, FILES, OUTPUT, TOGETHER, config_of, kernel_of, meta_of

# One file of every kind of arithmetic; the rest is part of the full tier.
QUICK = re.compile(
    r"^(abs_fp32|add_binary_fp32|eqz_bf16|exp_(bf16|fp32)|fmod_int32|lerp_bf16|rsqrt_fp32|typecast_fp32_to_i32|where_bf16)"
)


class Kernels:
    """The files that share a kernel: of one chip, DST and formats, quick ones by themselves."""

    def __init__(self, paths: Sequence[Path]) -> None:
        alike: dict[object, list[tuple[Path, dict[str, Any]]]] = defaultdict(list)
        for path in paths:
            meta = meta_of(path)
            formats = (*meta["ins"], meta["out"], meta["fp32_dest_acc_en"])
            alike[meta["arch"], formats, QUICK.match(path.stem) is not None].append((path, meta))
        self._of: dict[Path, tuple[str, int]] = {}
        for files in alike.values():
            for first in range(0, len(files), TOGETHER):
                self._add(files[first : first + TOGETHER])

    def _add(self, files: Sequence[tuple[Path, dict[str, Any]]]) -> None:
        statements = [(meta["init"], meta["call"]) for _, meta in files]
        text = kernel_of(statements, len(files[0][1]["ins"]))
        self._of.update({path: (text, number) for number, (path, _) in enumerate(files)})

    def of(self, path: Path) -> tuple[str, int]:
        """The kernel's text, and the number of the file's operation in it."""
        return self._of[path]


@pytest.fixture(scope="module")
def kernels() -> Kernels:
    """The kernels of all files."""
    return Kernels(FILES)


class Recorded:
    """One file: inputs, outputs and settings in terms of the bench."""

    def __init__(self, path: Path, tensor: Any) -> None:
        with np.load(path) as stored:
            self.arrays = {name: stored[name] for name in stored.files if name != "meta"}
        self.meta = meta_of(path)
        self.seeds = sorted(int(name[4:]) for name in self.arrays if name.startswith("out_"))
        self._tensor = tensor

    def stacked(self, prefix: str, cb: int, short_name: str) -> Any:
        """Return the tiles of all seeds, one after the other."""
        pages = np.concatenate([self.arrays[f"{prefix}_{seed}"] for seed in self.seeds])
        return self._tensor(cb, FORMAT_BY_SHORT_NAME[short_name], pages)

    def inputs(self) -> list[Any]:
        return [self.stacked("abc"[cb], cb, name) for cb, name in enumerate(self.meta["ins"])]

    def output(self) -> Any:
        return self.stacked("out", OUTPUT, self.meta["out"])

    def config(self) -> dict[str, Any]:
        return config_of(self.meta["fp32_dest_acc_en"], self.meta["ins"])


@pytest.fixture(scope="module")
def table(request: pytest.FixtureRequest) -> Iterator[dict[str, int]]:
    """How many elements of each file differ; printed at the end."""
    differing: dict[str, int] = {}
    yield differing
    exact = sum(count == 0 for count in differing.values())
    rows = [f"  {count:6} {name}" for name, count in differing.items() if count]
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and len(differing) > 1:
        reporter.write_line("\n".join(["", f"{exact} of {len(differing)} recorded operations are exact", *rows]))


def test_reference_folder_is_complete(reference: Path) -> None:
    assert len(FILES) >= 277, f"{reference} lacks recorded vector operations"


@pytest.mark.parametrize(
    "path", [pytest.param(p, id=p.stem, marks=() if QUICK.match(p.stem) else pytest.mark.slow) for p in FILES]
)
def test_operation_has_the_recorded_bits(
    path: Path, benches: Callable[[str], Any], tensor: Any, kernels: Kernels, table: dict[str, int]
) -> None:
    recorded = Recorded(path, tensor)
    bench = benches(f"emulator:{BOARDS[recorded.meta['arch']]}?numerics=exact")
    wanted = recorded.output()
    inputs = recorded.inputs()
    text, which = kernels.of(path)
    (got,) = bench.run(text, inputs, [wanted], [len(wanted.pages), which], **recorded.config())
    kind = np.uint16 if recorded.meta["out"] in ("bf16", "u16") else np.uint32
    differing = int(np.count_nonzero(got.view(kind) != wanted.pages.view(kind)))
    table[path.stem] = differing
    assert differing == 0, f"{differing} of {wanted.pages.size // np.dtype(kind).itemsize} elements differ"
