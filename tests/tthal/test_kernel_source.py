"""Finding kernel files and the user headers they include."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from tthal import kernel_source
from tthal.device_interface import KernelContent
from tthal.errors import InvalidArgument, KernelFileNotFound

SOURCE = "void kernel_main() {}\n"


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in kernel_source.ROOT_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def write(path: Path, text: str = SOURCE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def headers(content: KernelContent) -> dict[str, str]:
    return {header.name: header.text for header in content.headers}


# ---------------------------------------------------------------------------------------------- the file


def test_a_file_is_found_relative_to_the_working_folder(tmp_path: Path) -> None:
    write(tmp_path / "work/kernels/reader.cpp")
    content = kernel_source.from_file("kernels/reader.cpp")
    assert content == KernelContent("reader", SOURCE, (), "kernels/reader.cpp")


def test_an_absolute_path_is_known_by_the_file_and_its_folder(tmp_path: Path) -> None:
    content = kernel_source.from_file(write(tmp_path / "deep/kernels/reader.cpp"))
    assert content.source_name == "kernels/reader.cpp"


def test_what_tempfile_made_bears_no_random_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    names = set()
    for _ in range(2):
        folder = Path(tempfile.mkdtemp(prefix="op"))
        names.add(kernel_source.from_file(write(folder / "reader.cpp")).source_name)
        names.add(kernel_source.from_file(write(folder / "kernels/writer.cpp")).source_name)
        with tempfile.NamedTemporaryFile(suffix=".cpp") as file:
            names.add(kernel_source.from_file(file.name).source_name)
    assert names == {"reader.cpp", "kernels/writer.cpp", "tmp.cpp"}
    assert kernel_source.from_file(write(tmp_path / "mine.cpp")).source_name == "mine.cpp"


@pytest.mark.parametrize("variable", kernel_source.ROOT_VARIABLES)
def test_a_file_is_found_below_the_documented_variables(
    variable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "elsewhere/kernels/reader.cpp")
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    assert kernel_source.from_file("kernels/reader.cpp").source == SOURCE


def test_the_working_folder_comes_first_then_home_then_the_kernel_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("work", "home", "path"):
        write(tmp_path / folder / "a.cpp", f"// {folder}\n")
    monkeypatch.setenv("TT_METAL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TT_METAL_KERNEL_PATH", str(tmp_path / "path"))
    for folder in ("work", "home", "path"):
        assert kernel_source.from_file("a.cpp").source == f"// {folder}\n"
        (tmp_path / folder / "a.cpp").unlink()


def test_a_missing_file_names_every_searched_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TT_METAL_HOME", str(tmp_path / "home"))
    with pytest.raises(KernelFileNotFound) as caught:
        kernel_source.from_file("kernels/missing.cpp")
    assert str(tmp_path / "work/kernels/missing.cpp") in str(caught.value)
    assert str(tmp_path / "home/kernels/missing.cpp") in str(caught.value)
    assert "TT_METAL_KERNEL_PATH" in str(caught.value)
    assert isinstance(caught.value, FileNotFoundError)


@pytest.mark.parametrize("given", ["/no/such/kernel.cpp", "", "."])
def test_an_absolute_missing_file_and_a_folder_are_not_kernels(given: str) -> None:
    with pytest.raises(KernelFileNotFound):
        kernel_source.from_file(given)


def test_latin_1_comments_do_not_prevent_reading(tmp_path: Path) -> None:
    (tmp_path / "work/a.cpp").write_bytes(b"// caf\xe9\n")
    assert kernel_source.from_file("a.cpp").source == "// caf\u00e9\n"


def test_the_content_is_that_of_the_moment_of_reading(tmp_path: Path) -> None:
    path = write(tmp_path / "work/a.cpp")
    content = kernel_source.from_file(path)
    path.write_text("changed")
    assert content.source == SOURCE


# ---------------------------------------------------------------------------------------------- the headers


def test_the_closure_of_headers_is_carried_with_logical_names(tmp_path: Path) -> None:
    write(
        tmp_path / "work/kernels/a.cpp", '#include "util.hpp"\n#include <sub/math.hpp>\n#include "../common/log.hpp"\n'
    )
    write(tmp_path / "work/kernels/util.hpp", "// util\n")
    write(tmp_path / "work/kernels/sub/math.hpp", '#include "more.hpp"\n')
    write(tmp_path / "work/kernels/sub/more.hpp", '#include "../util.hpp"\n')
    write(tmp_path / "work/common/log.hpp", '#include "colour.hpp"\n')
    write(tmp_path / "work/common/colour.hpp", "// colour\n")
    found = headers(kernel_source.from_file("kernels/a.cpp"))
    assert sorted(found) == ["../common/colour.hpp", "../common/log.hpp", "sub/math.hpp", "sub/more.hpp", "util.hpp"]
    assert found["../common/colour.hpp"] == "// colour\n"


def test_headers_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    write(tmp_path / "work/a.hpp", '#pragma once\n#include "b.hpp"\n')
    write(tmp_path / "work/b.hpp", '#pragma once\n#include "a.hpp"\n')
    content = kernel_source.from_string('#include "a.hpp"\n')
    assert [header.name for header in content.headers] == ["a.hpp", "b.hpp"]
    assert content.source_name == content.name == "Kernel_Source_Code"


@pytest.mark.parametrize("variable", kernel_source.ROOT_VARIABLES)
@pytest.mark.parametrize("spelling", ['"lib/tool.hpp"', "<lib/tool.hpp>"])
def test_headers_are_found_over_the_search_paths(
    variable: str, spelling: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "elsewhere/lib/tool.hpp", "// tool\n")
    monkeypatch.setenv(variable, str(tmp_path / "elsewhere"))
    assert headers(kernel_source.from_string(f"#include {spelling}\n")) == {"lib/tool.hpp": "// tool\n"}


@pytest.mark.parametrize("spelling", ["ttnn/cpp/ttnn/lib/tool.hpp", "cpp/ttnn/lib/tool.hpp", "ttnn/lib/tool.hpp"])
def test_the_vendors_helpers_have_three_names(spelling: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "home/ttnn/cpp/ttnn/lib/tool.hpp", "// tool\n")
    monkeypatch.setenv("TT_METAL_HOME", str(tmp_path / "home"))
    assert headers(kernel_source.from_string(f'#include "{spelling}"\n')) == {spelling: "// tool\n"}


def test_given_include_paths_come_before_the_documented_ones(tmp_path: Path) -> None:
    write(tmp_path / "extra/tool.hpp", "// extra\n")
    write(tmp_path / "work/tool.hpp", "// work\n")
    content = kernel_source.from_string("#include <tool.hpp>\n", [tmp_path / "extra"])
    assert headers(content) == {"tool.hpp": "// extra\n"}


def test_unresolved_names_belong_to_the_backend() -> None:
    content = kernel_source.from_string('#include <stdint.h>\n#include "api/dataflow/dataflow_api.h"\n')
    assert content.headers == ()


def test_the_device_api_of_an_installed_tree_is_not_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs = (
        "tt_metal/hw/inc/dataflow_api.h",
        "tt_metal/fabric/hw/inc/linear/api.h",
        "tt_metal/tools/profiler/kernel_profiler.hpp",
        "third_party/tracy/public/tracy/Tracy.hpp",
    )
    for name in theirs:
        write(tmp_path / "home" / name, "// theirs\n")
    write(tmp_path / "home/tt_metal/kernels/common.hpp", "// mine\n")
    monkeypatch.setenv("TT_METAL_HOME", str(tmp_path / "home"))
    source = "".join(f'#include "{name}"\n' for name in (*theirs, "tt_metal/kernels/common.hpp"))
    assert list(headers(kernel_source.from_string(source))) == ["tt_metal/kernels/common.hpp"]


def test_a_header_by_absolute_path_is_left_to_the_compiler(tmp_path: Path) -> None:
    path = write(tmp_path / "work/abs.hpp")
    assert kernel_source.from_string(f'#include "{path}"\n').headers == ()


@pytest.mark.parametrize(
    "name",
    ["../../private/note.txt", "link.hpp", "linked/note.txt", "sub/../../../private/note.txt", "fifo", "a" * 5000],
)
@pytest.mark.parametrize("form", ['#include "{}"\n', "#include <{}>\n", "#if __has_include(<{}>)\n#endif\n"])
def test_no_name_reaches_a_file_outside_the_kernels_trees(name: str, form: str, tmp_path: Path) -> None:
    write(tmp_path / "private/note.txt", "not for kernels\n")
    folder = tmp_path / "work/kernels"
    write(folder / "a.cpp", form.format(name))
    (folder / "sub").mkdir()
    (folder / "link.hpp").symlink_to(tmp_path / "private/note.txt")
    (folder / "linked").symlink_to(tmp_path / "private")
    os.mkfifo(folder / "fifo")
    assert kernel_source.from_file("kernels/a.cpp").headers == ()


def test_an_include_path_opens_its_folder(tmp_path: Path) -> None:
    write(tmp_path / "shared/note.hpp", "// for all\n")
    write(tmp_path / "work/kernels/a.cpp", '#include "../../shared/note.hpp"\n')
    assert kernel_source.from_file("kernels/a.cpp").headers == ()
    found = headers(kernel_source.from_file("kernels/a.cpp", [tmp_path / "shared"]))
    assert found == {"../../shared/note.hpp": "// for all\n"}


def test_the_home_folder_is_no_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "work/.private/note.hpp")
    monkeypatch.setenv("HOME", str(tmp_path / "work"))
    assert kernel_source.from_string('#include ".private/note.hpp"\n').headers == ()
    write(tmp_path / "work/project/k/a.cpp", '#include "../b.hpp"\n')
    write(tmp_path / "work/project/b.hpp", "// b\n")
    assert headers(kernel_source.from_file("project/k/a.cpp")) == {"../b.hpp": "// b\n"}


def test_what_is_no_source_file_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "work/a.cpp", '#include "large.hpp"\n')
    with (tmp_path / "work/large.hpp").open("wb") as file:
        file.truncate(1 << 30)
    with pytest.raises(InvalidArgument, match=r"large\.hpp is no source file"):
        kernel_source.from_file("a.cpp")


def test_one_name_for_two_different_headers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "work/a.cpp", '#include "util.hpp"\n#include <lib/tool.hpp>\n')
    write(tmp_path / "work/util.hpp", "// the kernel's\n")
    write(tmp_path / "home/lib/tool.hpp", '#include "../util.hpp"\n')
    write(tmp_path / "home/util.hpp", "// the library's\n")
    monkeypatch.setenv("TT_METAL_HOME", str(tmp_path / "home"))
    with pytest.raises(InvalidArgument, match=r"both known as 'util.hpp'"):
        kernel_source.from_file("a.cpp")
    write(tmp_path / "home/util.hpp", "// the kernel's\n")
    assert set(headers(kernel_source.from_file("a.cpp"))) == {"util.hpp", "lib/tool.hpp"}


# ---------------------------------------------------------------------------------------------- the directives


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('#include "a.h"', [("a.h", True)]),
        ("  #  include\t<b/c.h> // why", [("b/c.h", False)]),
        ('// #include "no.h"', []),
        ('/* text\n#include "no.h"\n*/\n#include "yes.h"', [("yes.h", True)]),
        ('const char* s = "/*";\n#include "yes.h"\n// */', [("yes.h", True)]),
        ('const char* s = R"x(\n#include <raw.h>\n)x";\n#include "b.h"', [("b.h", True)]),
        ('#inc\\\nlude "spliced.h"', [("spliced.h", True)]),
        ("#include HEADER", []),
        ("#if __has_include(<maybe.h>)\n#endif", [("maybe.h", False)]),
        ("int a = 1 ' 2;\n#include <after.h>", [("after.h", False)]),
        ('#define X "#include <in_a_string.h>"', []),
    ],
)
def test_included_names(source: str, expected: list[tuple[str, bool]]) -> None:
    assert list(kernel_source.included_names(source)) == expected


@pytest.mark.parametrize("piece", ["/*", 'R"(', 'R"x', '"', "'", "#include ", "# ", "__has_include", "\\\n"])
def test_a_hostile_text_takes_no_longer_than_its_length(piece: str) -> None:
    """What looks ahead in vain from every place would take hours here."""
    assert list(kernel_source.included_names(piece * 200_000)) == []


def test_the_environment_is_read_when_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "late/a.cpp")
    with pytest.raises(KernelFileNotFound):
        kernel_source.from_file("a.cpp")
    monkeypatch.setitem(os.environ, "TT_METAL_HOME", str(tmp_path / "late"))
    assert kernel_source.from_file("a.cpp").source == SOURCE
