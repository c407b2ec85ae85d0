"""Names of the compute API that a release dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from tthal.device_interface import Header, KernelContent
from tthal_metal import older_compute

TODAY = """
template <SrcOrder src_order = SrcOrder::Regular>
ALWI void compute_kernel_hw_startup(uint32_t icb0, uint32_t icb1, uint32_t ocb) {}
ALWI void matmul_init(uint32_t in0, uint32_t in1, const uint32_t transpose = 0) {}
ALWI void add_init(
    std::uint32_t icb0, std::uint32_t icb1, bool acc_to_dest = false) {}
// ALWI void pack_tile_block(uint32_t dst) was here
"""
BOTH = "[[deprecated]] ALWI void mm_init(uint32_t in0, uint32_t in1) {}\n"


def root_with(folder: Path, text: str) -> Path:
    file = folder / "tt_metal/hw/inc/api/compute/all.h"
    file.parent.mkdir(parents=True)
    file.write_text(text)
    return folder


def test_names_are_given_back_for_which_all_is_there(tmp_path: Path) -> None:
    """Neither those that the release has still, nor those whose function of today it has not."""
    names = older_compute.missing(root_with(tmp_path / "today", TODAY))
    assert names == {"mm_init", "mm_init_short", "add_tiles_init", "binary_op_init_common"}
    assert "mm_init" not in older_compute.missing(root_with(tmp_path / "both", TODAY + BOTH))
    assert older_compute.missing(root_with(tmp_path / "older", BOTH)) == frozenset()


def test_the_header_defines_these_names_only() -> None:
    text = older_compute.header(frozenset({"mm_init", "transpose_wh_dest"}))
    assert "ALWI void mm_init(uint32_t a = 0, uint32_t b = 1, uint32_t out = 16," in text
    assert "compute_kernel_hw_startup<SrcOrder::Reverse>(a, b, out); matmul_init(a, b, transpose);" in text
    assert "template <bool of_32_bits = false>\nALWI void transpose_wh_dest(uint32_t dst)" in text
    assert text.count("ALWI") == 2


@pytest.mark.parametrize(
    ("source", "headers"),
    [
        ("void kernel_main() { mm_init(0, 1, 16); }", ()),
        ("void kernel_main() { binary_dest_reuse<ELWADD>(0); }", ()),
        ("void kernel_main() { start(); }", (Header("start.hpp", "void start() { add_tiles_init(0, 1); }"),)),
    ],
)
def test_a_kernel_that_uses_one_includes_it_and_keeps_its_lines(
    source: str, headers: tuple[Header, ...], tmp_path: Path
) -> None:
    content = KernelContent("k", source, headers)
    found = older_compute.with_older_names(content, root_with(tmp_path, TODAY))
    assert found.source == f'#include "{older_compute.HEADER}"\n#line 1\n{source}'
    assert found.headers == headers


def test_other_kernels_stay_as_they_are(tmp_path: Path) -> None:
    used = KernelContent("k", "void kernel_main() { mm_init(0, 1, 16); }")
    assert older_compute.with_older_names(used, root_with(tmp_path / "older", BOTH)) is used
    other = KernelContent("k", "void kernel_main() { matmul_init(0, 1); comm_init_short(); }")
    assert older_compute.with_older_names(other, root_with(tmp_path / "today", TODAY)) is other
