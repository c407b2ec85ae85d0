"""Asks the vendor's library in which formats circular buffers reach the registers, for mixtures of buffers on a core.

    python tests/metal/format_table.py TARGET.json.gz [--wheel FOLDER] [--buffers 2|3] [--sample N] [--board n150|p150]

The library writes ``chlkc_descriptors.h`` when it compiles a compute kernel; on the vendor's mock device nothing else
is needed than a compiler that answers, so a small C program stands in for it. A row of the table is one mixture: the
chip, whether DST has 32 bits, the buffers' formats, and either what each of them is for unpacker and packer (four
codes: in L1, in SrcA/SrcB, in DST, in L1) or the reason why the library refuses to compile.
"""

from __future__ import annotations

import argparse
import gzip
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from mock_root import make_root  # noqa: E402
from standin_compiler import elf  # noqa: E402

from tthal.coordinates import CoreCoord, CoreRange, CoreRangeSet  # noqa: E402
from tthal.device_interface import (  # noqa: E402
    CircularBufferFormat,
    CircularBufferImage,
    ComputeSettings,
    DeviceDriver,
    KernelContent,
    KernelImage,
    ProgramImage,
)
from tthal.errors import TthalError  # noqa: E402
from tthal.types import DataFormat, KernelBuildOptLevel, MathFidelity, UnpackToDestMode  # noqa: E402
from tthal_metal.backend import MetalBackend  # noqa: E402

FORMATS = [each for each in DataFormat if each is not DataFormat.Invalid]
CORE = CoreRangeSet(CoreRange(CoreCoord(0, 0), CoreCoord(0, 0)))
TABLES = ("unpack_src_format", "unpack_dst_format", "pack_src_format", "pack_dst_format")

_FAST_STANDIN = r"""
#include <stdio.h>
#include <string.h>
static void copy(const char* from, const char* to) {
  FILE *in = from ? fopen(from, "rb") : 0, *out = fopen(to, "wb");
  char block[4096];
  size_t count;
  while (in && (count = fread(block, 1, sizeof block, in)) > 0) fwrite(block, 1, count, out);
  fclose(out);
}
int main(int count, char** words) {
  const char *output = 0, *depends = 0;
  int links = 1;
  for (int i = 1; i < count; i++) {
    if (!strcmp(words[i], "--version")) { puts(RELEASE); return 0; }
    if (!strcmp(words[i], "-o")) output = words[i + 1];
    if (!strcmp(words[i], "-MF")) depends = words[i + 1];
    if (!strcmp(words[i], "-c")) links = 0;
  }
  if (depends) { FILE* f = fopen(depends, "w"); fprintf(f, "%s:\n", output); fclose(f); }
  if (output) copy(links ? ELF : 0, output);
  return 0;
}
"""


def fast_root(wheel: Path, folder: Path) -> Path:
    """Make a runtime root whose compiler is a program that answers in a millisecond."""
    root = folder / "root"
    make_root(wheel, root)
    compiler = root / "runtime/sfpi/compiler/bin/riscv-tt-elf-g++"
    release = (compiler.parent / "sfpi-release").read_text().strip()
    compiler.unlink()
    program, source = folder / "elf", folder / "standin.c"
    program.write_bytes(elf())
    source.write_text(_FAST_STANDIN)
    defines = [f'-DRELEASE="{release}"', f'-DELF="{program}"']
    subprocess.run(["gcc", "-O1", *defines, str(source), "-o", str(compiler)], check=True)
    return root


def kernel(fp32_dest: bool, precise: bool, modes: tuple[UnpackToDestMode, ...]) -> KernelImage:
    settings = ComputeSettings(
        MathFidelity.HiFi4,
        fp32_dest_acc_en=fp32_dest,
        dst_full_sync_en=False,
        bfp8_pack_precise=precise,
        math_approx_mode=False,
        unpack_to_dest_mode=modes,
    )
    content = KernelContent("compute", "void kernel_main() {}\n")
    return KernelImage(content, CORE, KernelBuildOptLevel.O2, compute=settings)


class Library:
    """The vendor's library on a mock board, asked for one mixture after the other."""

    def __init__(self, wheel: Path, board: str, folder: Path) -> None:
        self.cache = folder / "cache"
        variables = {
            "TTHAL_METAL_LIBRARY": str(wheel),
            "TT_METAL_MOCK_CLUSTER_DESC_PATH": str(HERE / "boards" / f"{board}.yaml"),
            "TT_METAL_RUNTIME_ROOT": str(fast_root(wheel, folder)),
            "TT_METAL_CACHE": str(self.cache),
            "TT_METAL_LOGGER_LEVEL": "FATAL",
        }
        self.cache.mkdir()
        os.environ.update(variables)
        self.device: DeviceDriver = MetalBackend().open(0, "", {"isolate": "yes"}, lambda event: None)

    def formats(
        self, formats: tuple[DataFormat, ...], fp32_dest: bool, precise: bool = False, to_dest: Iterable[int] = ()
    ) -> list[list[int]] | str:
        """Return four codes of each buffer, or why the library refuses."""
        direct = set(to_dest)
        modes = tuple(
            UnpackToDestMode.UnpackToDestFp32 if index in direct else UnpackToDestMode.Default
            for index in range(32 if direct else 0)
        )
        buffers = tuple(
            CircularBufferImage(CORE, (CircularBufferFormat(index, each, None),)) for index, each in enumerate(formats)
        )
        try:
            loaded = self.device.load(ProgramImage((kernel(fp32_dest, precise, modes),), buffers, ()))
        except TthalError as error:
            return reason(str(error))
        self.device.unload(loaded)
        written = sorted(self.cache.parent.glob("**/chlkc_descriptors.h"))
        text = max(written, key=lambda path: path.stat().st_mtime_ns).read_text()
        for path in written:
            shutil.rmtree(path.parent)
        tables = {
            name: [int(word) for word in body.split(",")]
            for name, body in re.findall(r"(\w+_format)\[\d+\] = \{\s*([\d,\s]+)\};", text)
        }
        return [[tables[name][index] for name in TABLES] for index in range(len(formats))]


def reason(text: str) -> str:
    """Return the line of an error that says what is wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if not line.startswith(("TT_", "info:", "backtrace"))), lines[0])[:160]


def mixtures(buffers: int, sample: int, seed: int) -> Iterator[tuple[DataFormat, ...]]:
    """Return every mixture of so many buffers, or some of them in a random order of buffers; none comes twice.

    Of one that it has seen in this process the library writes nothing.
    """
    every = list(itertools.combinations_with_replacement(FORMATS, buffers))
    if not sample:
        yield from every
        return
    random_ = random.Random(seed)
    for chosen in random_.sample(every, min(sample, len(every))):
        yield tuple(random_.sample(chosen, len(chosen)))


def rows(library: Library, board: str, buffers: int, sample: int) -> Iterator[list[Any]]:
    for formats in mixtures(buffers, sample, seed=1):
        for fp32_dest in (False, True):
            codes = [int(each) for each in formats]
            yield [board, fp32_dest, codes, library.formats(formats, fp32_dest)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("target", type=Path)
    parser.add_argument("--wheel", type=Path, required=True)
    parser.add_argument("--buffers", type=int, nargs="*", default=[1, 2, 3])
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--board", default="n150")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = Library(arguments.wheel, arguments.board, Path(folder))
        table = [row for count in arguments.buffers for row in rows(library, arguments.board, count, arguments.sample)]
        library.device.close()
    with gzip.GzipFile(arguments.target, "wb", mtime=0) as file:
        file.write("\n".join(json.dumps(row, separators=(",", ":")) for row in table).encode())


if __name__ == "__main__":
    main()
