"""Which files the compiler can see while it compiles a kernel: a file system of its own with nothing else in it.

Whatever a kernel's text asks the preprocessor for (a header by whatever name, the bytes of a file, whether one exists),
it is looked up there, on every platform. The assembler would read past it, so kernels get none (:data:`NO_ASSEMBLER`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

NO_ASSEMBLER = (
    "-fno-gnu-inline-asm",
    # The precompiled prelude of ours has some; that it is undamaged is known from its digest.
    "-Xclang",
    "-fno-validate-pch",
)


def view(folders: Iterable[str | Path], files: Iterable[str | Path]) -> str:
    """Return what clang's ``-ivfsoverlay`` reads: these folders with all below them, these files, and nothing else."""
    roots = [("directory-remap", folder) for folder in folders] + [("file", file) for file in files]
    return json.dumps(
        {
            "version": 0,
            "case-sensitive": True,
            "redirecting-with": "redirect-only",
            "use-external-names": False,
            "roots": [{"type": kind, "name": str(path), "external-contents": str(path)} for kind, path in roots],
        }
    )
