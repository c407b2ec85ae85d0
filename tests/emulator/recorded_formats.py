"""Formats by the names that files of recorded device bytes use."""

from __future__ import annotations

from tthal.types import DataFormat
from tthal_emulator.tensix.formats import FORMATS

FORMAT_BY_SHORT_NAME: dict[str, DataFormat] = {row.short_name: row.format for row in FORMATS.values()}
