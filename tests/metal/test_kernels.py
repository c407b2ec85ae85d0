"""Kernels and their headers as files."""

from __future__ import annotations

from pathlib import Path

import pytest

from tthal.coordinates import CoreCoord, CoreRangeSet
from tthal.device_interface import (
    ComputeSettings,
    DataMovementSettings,
    Header,
    KernelContent,
    KernelImage,
)
from tthal.errors import InvalidArgument
from tthal.types import NOC, NOC_MODE, DataMovementProcessor, KernelBuildOptLevel, MathFidelity
from tthal_metal import compat
from tthal_metal.kernels import lay_out


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTHAL_CACHE_DIR", str(tmp_path / "cache"))


def test_headers_lie_where_their_names_say() -> None:
    headers = (Header("util.hpp", "// beside"), Header("../common/deep.hpp", "// up"), Header("sub/x.hpp", "// down"))
    files = lay_out(KernelContent("reader", '#include "util.hpp"\n', headers, "kernels/reader.cpp"))
    assert files.path.read_text() == '#include "util.hpp"\n'
    assert (files.path.parent / "util.hpp").read_text() == "// beside"
    assert (files.path.parent / "../common/deep.hpp").read_text() == "// up"
    assert (files.origin / "sub/x.hpp").read_text() == "// down"


def test_the_file_is_named_after_the_kernel_and_names_come_back() -> None:
    files = lay_out(KernelContent("read er", "x", (Header("../a/b.hpp", "y"),), "my/reader.cpp"))
    assert files.path.name == "read_er.cpp"
    assert files.logical(str(files.path)) == "my/reader.cpp"
    assert files.logical(str(files.origin / ".." / "a" / "b.hpp")) == "../a/b.hpp"
    assert files.logical("/usr/include/stdio.h") == "/usr/include/stdio.h"


def test_equal_kernels_share_files_and_others_do_not() -> None:
    one = lay_out(KernelContent("k", "a"))
    assert lay_out(KernelContent("k", "a")).path == one.path
    assert lay_out(KernelContent("k", "b")).path != one.path
    assert lay_out(KernelContent("k", "a", (Header("h.hpp", ""),))).path != one.path


@pytest.mark.parametrize("name", ["/etc/passwd", "a/../../b.hpp", "", "a\0b"])
def test_names_that_would_leave_the_folder(name: str) -> None:
    with pytest.raises(InvalidArgument, match="relative path"):
        lay_out(KernelContent("k", "x", (Header(name, "y"),)))


def test_any_number_of_leading_climbs_stays_inside(tmp_path: Path) -> None:
    files = lay_out(KernelContent("k", "x", (Header("../../../../../../up.hpp", "y"),)))
    written = (files.origin / "../../../../../../up.hpp").resolve()
    assert written.read_text() == "y"
    assert (tmp_path / "cache").resolve() in written.parents


def vendor_root(root: Path, *names: str) -> Path:
    for name in names:
        file = root / "tt_metal/hw/inc" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("")
    return root


def test_older_header_names_forward_to_todays(tmp_path: Path) -> None:
    root = vendor_root(
        tmp_path, "api/dataflow/dataflow_api.h", "api/compute/matmul.h", "api/compute/eltwise_unary/exp.h",
        "api/compute/transpose.h", "api/debug/dprint.h",
    )  # fmt: skip
    folder = compat.include_folder(root)
    assert folder is not None
    found = {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*.h")}
    assert '#include "api/dataflow/dataflow_api.h"' in found["dataflow_api.h"]
    assert '#include "api/compute/eltwise_unary/exp.h"' in found["compute_kernel_api/eltwise_unary/exp.h"]
    assert '#include "api/compute/transpose.h"' in found["compute_kernel_api/transpose_wh.h"]
    assert '#include "api/debug/dprint.h"' in found["debug/dprint.h"]
    assert "compute_kernel_api.h" not in found, "the release has no compute_kernel_api.h to forward to"


def test_a_release_that_has_the_older_names_keeps_them(tmp_path: Path) -> None:
    assert compat.include_folder(vendor_root(tmp_path, "dataflow_api.h", "compute_kernel_api/matmul.h")) is None
    both = vendor_root(tmp_path / "both", "dataflow_api.h", "api/dataflow/dataflow_api.h", "api/compute/pack.h")
    assert "dataflow_api.h" not in compat.forwarders(both)
    assert "compute_kernel_api/pack.h" in compat.forwarders(both)


COMPUTE = ComputeSettings(MathFidelity.HiFi4, False, False, (), False, False)
MOVER = DataMovementSettings(DataMovementProcessor.RISCV_0, NOC.NOC_0, NOC_MODE.DM_DEDICATED_NOC)


def kernel(source: str, compute: bool = True, defines: tuple[tuple[str, str], ...] = ()) -> KernelImage:
    return KernelImage(
        KernelContent("k", source),
        CoreRangeSet(CoreCoord(0, 0)),
        KernelBuildOptLevel.O3,
        data_movement=None if compute else MOVER,
        compute=COMPUTE if compute else None,
        defines=defines,
    )


def test_the_older_entry_point_is_given_its_macro(tmp_path: Path) -> None:
    root = vendor_root(tmp_path, "api/compute/matmul.h")
    old = "namespace NAMESPACE {\nvoid MAIN {}\n}"
    assert [name for name, _ in compat.defines(kernel(old, defines=(("A", "1"),)), root)] == ["A", "NAMESPACE"]
    assert compat.defines(kernel("void kernel_main() {}"), root) == ()
    assert compat.defines(kernel(old, compute=False), root) == ()
    assert compat.defines(kernel(old, defines=(("NAMESPACE", "mine"),)), root) == (("NAMESPACE", "mine"),)
    assert compat.defines(kernel(old), tmp_path / "an older release") == ()
