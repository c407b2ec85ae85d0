"""A program that is started with few rights has these and no others, and nobody else loses any."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tthal_emulator.compiler.confinement import Confinement, landlock_version

pytestmark = pytest.mark.skipif(landlock_version() == 0, reason="this system has no Landlock")
SYSTEM = tuple(Path(path) for path in ("/bin", "/usr", "/lib", "/lib64", "/etc/ld.so.cache"))


def starter(command: str) -> Callable[[], subprocess.Popen[str]]:
    return lambda: subprocess.Popen(
        ["/bin/sh", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    )


def run(command: str, confinement: Confinement) -> tuple[int, str]:
    process = confinement.start(starter(command))
    out, _ = process.communicate()
    return process.returncode, out


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name in ("open", "closed", "work"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "note").write_text(f"{name}\n")
    (tmp_path / "open" / "link").symlink_to(tmp_path / "closed" / "note")
    return tmp_path


@pytest.fixture
def confinement(files: Path) -> Confinement:
    return Confinement((*SYSTEM, files / "open", files / "nowhere"), (files / "work",))


def test_what_is_given_can_be_read_and_the_rest_cannot(files: Path, confinement: Confinement) -> None:
    assert run(f"cat {files}/open/note", confinement) == (0, "open\n")
    for name in ("closed/note", "open/link", "open/../closed/note"):
        assert run(f"cat {files}/{name}", confinement) == (1, "")


def test_only_the_work_folder_can_be_written(files: Path, confinement: Confinement) -> None:
    assert run(f"echo new > {files}/work/new && mv {files}/work/new {files}/work/newer", confinement)[0] == 0
    assert (files / "work" / "newer").read_text() == "new\n"
    for command in (f"echo x > {files}/open/note", f"rm {files}/open/note", f"mkdir {files}/open/x", f"> {files}/x"):
        assert run(command, confinement)[0] != 0
    assert (files / "open" / "note").read_text() == "open\n"


@pytest.mark.skipif(landlock_version() < 4, reason="this system's Landlock knows no networks")
def test_there_is_no_network(confinement: Confinement) -> None:
    script = "import socket; socket.socket().bind(('127.0.0.1', 0))"
    folders = (Path(sys.prefix), Path(sys.base_prefix))
    wider = Confinement((*confinement.readable, *folders), confinement.writable)
    process = wider.start(lambda: subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE, text=True))
    assert "PermissionError" in process.communicate()[1]


def test_this_process_keeps_its_rights(files: Path, confinement: Confinement) -> None:
    threads = threading.active_count()
    run("true", confinement)
    assert (files / "closed" / "note").read_text() == "closed\n"
    assert threading.active_count() == threads
    assert (
        subprocess.run(["/bin/cat", files / "closed" / "note"], capture_output=True, check=True).stdout == b"closed\n"
    )


def test_what_the_start_raises_is_raised(confinement: Confinement) -> None:
    with pytest.raises(FileNotFoundError):
        confinement.start(lambda: subprocess.Popen(["/no/such/program"]))
