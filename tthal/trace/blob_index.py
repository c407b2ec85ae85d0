"""Which blobs a trace already holds, and where, in memory that does not grow."""

from __future__ import annotations


class BlobIndex:
    """A map from digest to offset in a private temporary database, which spills to disk."""

    def __init__(self) -> None:
        # Imported late: only recording needs it, and every program imports this module.
        import sqlite3

        self._database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._database.execute("PRAGMA journal_mode=OFF")
        self._database.execute("CREATE TABLE blobs (digest BLOB PRIMARY KEY, offset INTEGER) WITHOUT ROWID")

    def add(self, digest: bytes, offset: int) -> bool:
        """Note a blob; return whether it is new."""
        done = self._database.execute("INSERT OR IGNORE INTO blobs VALUES (?, ?)", (digest, offset))
        return done.rowcount == 1

    def find(self, digest: bytes) -> int | None:
        """Return where the blob's entry starts, None when there is none."""
        row = self._database.execute("SELECT offset FROM blobs WHERE digest = ?", (digest,)).fetchone()
        return None if row is None else int(row[0])

    def close(self) -> None:
        """Drop the database."""
        self._database.close()
