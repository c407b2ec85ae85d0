"""The table of all findings, for docs/checks.md: ``python -m tthal_check.document`` prints it."""

from __future__ import annotations

from .findings import KINDS


def table() -> str:
    """Return a Markdown table: id, severity, what it says, and the fix; letters stand for the numbers of a case."""
    names = {
        "id": "N",
        "count": "n",
        "limit": "m",
        "address": 0,
        "needed": "its init",
        "present": "another was last",
        "access": "load or store",
    }
    rows = ["| id | severity | what | fix |", "|---|---|---|---|"]
    for kind in KINDS.values():
        text = kind.text.replace("0x{address:x}", "A").format(**names)
        rows.append(f"| {kind.id} | {kind.severity.value} | {text} | {kind.fix.format(**names)} |")
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(table(), end="")
