"""What the tests of the checks share: programs in which they make mistakes (``copying.py``, ``three_cores.py``)."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent))
