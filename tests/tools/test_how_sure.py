"""The page of proofs is what its tool writes from the recorded bytes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date(reference: Path) -> None:
    command = [sys.executable, str(ROOT / "tools" / "how_sure.py"), "--reference", str(reference), "--check"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
