"""Runs small host programs in one Python, on tthal or on the vendor's ``ttnn``, and answers with what they found.

    python interpreter.py ttnn < requests > answers

A request is a line of JSON, a program's text; it sees its library as ``ttnn`` and leaves a value in ``result``. The
answer is a line of JSON: the value, made comparable, or the fact that the library refused. The file imports nothing
of ours, so that it runs in the Python of the vendor's wheel as it is.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from types import ModuleType
from typing import Any


def comparable(value: Any) -> Any:
    """Return a value as JSON can hold it; objects of the library as they print."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, (list, tuple)):
        return [comparable(each) for each in value]
    if isinstance(value, dict):
        return {str(key): comparable(each) for key, each in value.items()}
    if isinstance(value, (bytes, bytearray)):
        return value.hex()
    if hasattr(value, "x") and hasattr(value, "y"):
        return [value.x, value.y]
    if hasattr(value, "ranges") or hasattr(value, "grid_size"):
        return str(value)
    if hasattr(value, "tobytes"):
        return value.tobytes().hex()
    return str(value)


def answer(library: ModuleType, program: str, names: dict[str, Any]) -> dict[str, Any]:
    """Run one program; a refusal is an answer too."""
    space = {**names, "ttnn": library}
    try:
        exec(compile(program, "<program>", "exec"), space)
    except (ArithmeticError, LookupError, RuntimeError, TypeError, ValueError) as error:
        return {"refused": f"{type(error).__name__}: {str(error)[:2000]}"}
    return {"result": comparable(space.get("result"))}


def main() -> None:
    """Answer until the input ends; whatever the library prints goes to the standard error stream."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    library = importlib.import_module(sys.argv[1])
    names: dict[str, Any] = {}
    for line in sys.stdin:
        answers.write(json.dumps(answer(library, json.loads(line), names)) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
