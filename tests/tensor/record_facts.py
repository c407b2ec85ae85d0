"""Write down what the vendor's wheel says about tensors, for the tests that run without it.

    python tests/tensor/record_facts.py

needs what tests/metal/differential/wheel.py needs (TTHAL_TTNN_PYTHON, or Python 3.12 and 400 MB) and a runtime root
for its mock device in TT_METAL_RUNTIME_ROOT (tests/metal/conftest.py makes one). It answers the expressions of
tests/metal/tensor_expressions.txt and some programs that tests/metal/tensor_programs.py draws.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "metal"))

import tensor_programs  # noqa: E402
from differential.wheel import RELEASE, Wheel  # noqa: E402

FACTS = HERE / f"facts-{RELEASE}.json"
PROGRAMS, STEPS = 40, 5

OPEN = """
import builtins
builtins.opened = ttnn.open_device(device_id=0)
ttnn.SetDefaultDevice(builtins.opened)
"""


def main() -> None:
    """Ask the wheel and write the answers."""
    variables = {name: os.environ[name] for name in ("TT_METAL_RUNTIME_ROOT", "TT_METAL_CACHE") if name in os.environ}
    random_ = random.Random(81)
    programs = [tensor_programs.program(random_, STEPS, where) for where in (False, True) for _ in range(PROGRAMS)]
    with Wheel(variables=variables) as wheel:
        wheel.ask(OPEN)
        expressions = {each: short(wheel.ask(tensor_programs.question(each))) for each in tensor_programs.EXPRESSIONS}
        answers = {each.removeprefix(tensor_programs.PRELUDE): short(wheel.ask(each)) for each in programs}
    origin = {"release": RELEASE, "command": "python tests/tensor/record_facts.py"}
    parts = {"origin": lines(origin), "expressions": lines(expressions), "programs": lines(answers)}
    text = ",\n".join(f"{json.dumps(name)}: {part}" for name, part in parts.items())
    FACTS.write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


def lines(facts: Mapping[str, object]) -> str:
    """A JSON object with one fact a line."""
    return "{\n" + ",\n".join(f"{json.dumps(name)}: {json.dumps(fact)}" for name, fact in facts.items()) + "\n}"


def short(answer: dict[str, object]) -> object:
    """The result, or of a refusal the class alone."""
    if "refused" in answer:
        return {"refused": str(answer["refused"]).partition(":")[0]}
    return answer["result"]


if __name__ == "__main__":
    main()
