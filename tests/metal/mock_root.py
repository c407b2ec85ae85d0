"""A runtime root in which the vendor's library opens its mock device: links into the wheel, and a stand-in compiler."""

from __future__ import annotations

import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def link_all(source: Path, target: Path, besides: tuple[str, ...] = ()) -> None:
    """Mirror a folder by links, except some names."""
    target.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        if entry.name not in besides:
            (target / entry.name).symlink_to(entry)


def make_root(wheel: Path, root: Path) -> None:
    """Make a runtime root from links into the wheel and the stand-in compiler."""
    package = wheel / "ttnn"
    link_all(package, root, ("runtime", "tt_metal"))
    link_all(package / "tt_metal", root / "tt_metal", ("pre-compiled",))
    link_all(package / "tt_metal/pre-compiled", root / "tt_metal/pre-compiled")
    link_all(package / "runtime", root / "runtime", ("sfpi",))
    compiler = root / "runtime/sfpi/compiler/bin/riscv-tt-elf-g++"
    compiler.parent.mkdir(parents=True)
    compiler.write_text(f"#!{sys.executable} -SE\n{(HERE / 'standin_compiler.py').read_text()}")
    compiler.chmod(0o755)
    release = (package / "tt_metal/sfpi-version").read_text()
    number, build = (re.search(rf"sfpi_{key}='([^']+)'", release) for key in ("version", "build"))
    assert number is not None
    assert build is not None
    # The release enters the key of the precompiled firmware: with the right one, nothing is compiled at the opening.
    line = f"riscv-tt-elf-g++ (tenstorrent/sfpi:{number[1]}[{build[1]}]) 15.1.0\n"
    (compiler.parent / "sfpi-release").write_text(line)
