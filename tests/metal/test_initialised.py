"""Every byte of the structures that cross the border to libtt_metal has a value, whatever the memory held before.

A structure is made in memory of one pattern and of another; a byte that differs afterwards was left alone. Only what
the standard library keeps inside its own types may be: the library reads these through the code that wrote them. What
the library's own constructors fill (tiles, circular buffers, distributions) is as they leave it. The declarations are
one file for all supported releases (0.79.0, 0.80.0, 0.81.1).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

import tthal_metal

CSRC = Path(tthal_metal.__file__).resolve().parent / "csrc"


@dataclass(frozen=True)
class Structure:
    """How the shim makes one, and the members whose insides are the standard library's."""

    made: str
    standard: tuple[str, ...] = ()


_GRID = "CoreRangeSet(std::vector<CoreRange>{CoreRange{{1, 2}, {3, 4}}})"
_SHARDS = f"ShardSpec{{{_GRID}, {{1, 2}}, ShardOrientation::COL_MAJOR}}"
_LISTS = ("compile_args", "defines", "named_compile_args", "compiler_include_paths")
STRUCTURES = {
    "CoreCoord": Structure("CoreCoord{1, 2}"),
    "CoreRange": Structure("CoreRange{{1, 2}, {3, 4}}"),
    "CoreRangeSet": Structure(_GRID),
    "DataMovementConfig": Structure("DataMovementConfig()", _LISTS),
    "ComputeConfig": Structure("ComputeConfig()", ("unpack_to_dest_mode", *_LISTS)),
    "DispatchCoreConfig": Structure("DispatchCoreConfig()", ("axis_",)),
    "ShardSpec": Structure(_SHARDS),
    "ShardSpecBuffer": Structure(f"ShardSpecBuffer{{{_SHARDS}, {{1, 1}}, {{1, 2}}}}"),
    "Shape": Structure("Shape(std::span<const uint32_t>(dimensions))"),
    "distributed::DeviceLocalBufferConfig": Structure(
        "distributed::DeviceLocalBufferConfig()", ("sharding_args", "bottom_up", "sub_device_id")
    ),
    "distributed::ReplicatedBufferConfig": Structure("distributed::ReplicatedBufferConfig()"),
    "distributed::ShardedBufferConfig": Structure("distributed::ShardedBufferConfig()"),
}
PROGRAM = """
#include "declarations.hpp"
#include <cstdio>
#include <cstring>
#include <new>
using namespace tt::tt_metal;
// The library's own; here only so that the structures can be made.
BufferShardingArgs::BufferShardingArgs() : pimpl_(nullptr) {}
BufferShardingArgs::~BufferShardingArgs() {}
CoreRangeSet::CoreRangeSet(std::vector<CoreRange>&& ranges) : ranges_(std::move(ranges)) {}
CoreRangeSet::CoreRangeSet(CoreRangeSet&& other) noexcept : ranges_(std::move(other.ranges_)) {}
void ShapeBase::init() {}
const uint32_t dimensions[] = {5, 6};
template <class T, class Make>
void look(const char* name, Make make, std::initializer_list<std::pair<size_t, size_t>> own) {
    alignas(T) static unsigned char one[sizeof(T)], other[sizeof(T)];
    memset(one, 0xA5, sizeof one);
    memset(other, 0x5A, sizeof other);
    make(one);
    make(other);
    for (size_t at = 0; at < sizeof(T); at++) {
        bool standard = false;
        for (auto [begin, size] : own) standard = standard || (at >= begin && at < begin + size);
        if (!standard && one[at] == 0xA5 && other[at] == 0x5A) printf("%s byte %zu\\n", name, at);
    }
    printf("%s has %zu bytes\\n", name, sizeof(T));
}
struct Known { char set = 1; int left; };
int main() {
    look<Known>("Known", [](void* at) { new (at) Known; }, {});
LOOKS
}
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    compiler = os.environ.get("CXX") or shutil.which("g++")
    if compiler is None:
        pytest.skip("needs g++: libtt_metal's structures are those of its standard library")
    looks = []
    for name, structure in STRUCTURES.items():
        own = ", ".join(f"{{offsetof({name}, {each}), sizeof({name}::{each})}}" for each in structure.standard)
        looks.append(f'    look<{name}>("{name}", [](void* at) {{ new (at) {structure.made}; }}, {{{own}}});')
    folder = tmp_path_factory.mktemp("initialised")
    (folder / "look.cpp").write_text(PROGRAM.replace("LOOKS", "\n".join(looks)))
    # Members that only the library reads have offsets too, and what is written before a constructor is not left out.
    options = ["-std=c++20", "-O0", "-fno-access-control", "-fno-lifetime-dse", "-Wno-invalid-offsetof", f"-I{CSRC}"]
    subprocess.run([compiler, *options, "look.cpp", "-o", "look"], cwd=folder, check=True)
    return subprocess.run([folder / "look"], capture_output=True, text=True, check=True).stdout


def test_a_byte_that_is_left_alone_is_seen(printed: str) -> None:
    assert [line for line in printed.splitlines() if line.startswith("Known byte")] == [
        f"Known byte {at}" for at in range(1, 8)
    ]


@pytest.mark.parametrize("name", STRUCTURES)
def test_every_byte_has_a_value(name: str, printed: str) -> None:
    lines = [line for line in printed.splitlines() if line.startswith(f"{name} ")]
    assert lines
    assert [line for line in lines if " byte " in line] == []
