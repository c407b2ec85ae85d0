"""The conformance suite: identical programs on every backend (docs/write-a-backend.md, "Conformance")."""

from __future__ import annotations

SUITE_VERSION = "1"
"""Raised when programs join or leave a tier, or demand more; a report names it."""
