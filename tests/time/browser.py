"""A headless Chromium that is asked over a pipe: the DevTools protocol, one message after the other."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
OPTIONS = ("--headless", "--no-sandbox", "--disable-gpu")
_FIRST_FREE = 10
"""Of file descriptors: the browser hears at 3 and answers at 4."""


class Browser:
    """One page; ends with the block.

    Args:
        folder: of its user's data.
    """

    def __init__(self, folder: Path, address: str) -> None:
        hears, self._asks = os.pipe()
        self._answers, says = os.pipe()
        far = [fcntl.fcntl(each, fcntl.F_DUPFD, _FIRST_FREE) for each in (hears, says)]
        command = [CHROMIUM, *OPTIONS, f"--user-data-dir={folder}", "--remote-debugging-pipe", "about:blank"]
        moved = f'exec "$@" 3<&{far[0]} 4>&{far[1]}'
        self._process = subprocess.Popen(
            ["bash", "-c", moved, "bash", *command], pass_fds=far, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        for each in (hears, says, *far):
            os.close(each)
        self._rest, self._count = b"", 0
        target = self._ask("Target.createTarget", url=address)["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def __enter__(self) -> Browser:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(timeout=30)
        for each in (self._asks, self._answers):
            os.close(each)

    def evaluate(self, expression: str) -> Any:
        """What JavaScript makes of it in the page; a promise is awaited."""
        asked = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        return self._ask("Runtime.evaluate", self._session, **asked)["result"].get("value")

    def _ask(self, method: str, session: str = "", **values: Any) -> Any:
        self._count += 1
        message = {"id": self._count, "method": method, "params": values, **({"sessionId": session} if session else {})}
        os.write(self._asks, json.dumps(message).encode() + b"\0")
        while True:
            while b"\0" not in self._rest:
                part = os.read(self._answers, 1 << 16)
                if not part:
                    raise RuntimeError(f"Chromium ended while it was asked for {method}")
                self._rest += part
            first, _, self._rest = self._rest.partition(b"\0")
            answer = json.loads(first)
            if answer.get("id") == self._count:
                return answer["result"]
