"""Handwritten digits: a network of two layers, trained here in numpy, run on the device in every format and fidelity.

The data are scikit-learn's 1,797 digits of 8x8 pixels (``pip install scikit-learn``). Printed is how many of those that
training has not seen are recognised, by the format of all tensors and the fidelity of the products; ``--picture FILE``
draws it (``pip install matplotlib``).
"""

import argparse
import sys
import time
from pathlib import Path

import tthal as ttnn

FORMATS = {"float32": ttnn.float32, "bfloat16": ttnn.bfloat16, "bfloat8_b": ttnn.bfloat8_b, "bfloat4_b": ttnn.bfloat4_b}
FIDELITIES = {fidelity.name: fidelity for fidelity in ttnn.MathFidelity if fidelity.name in ("LoFi", "HiFi2", "HiFi4")}


def main() -> int:
    """Run the example; return 0 when the device in bfloat16 is as good as numpy in float64, to 1 %."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--picture", help="draw the table into this file, a .png or .svg")
    options = parser.parse_args()
    try:
        from network import scores_on_device
        from training import load_digits, train

        if options.picture:
            from picture import draw
    except ModuleNotFoundError as error:
        parser.error(f"{error}: pip install scikit-learn, and matplotlib for --picture")
    if options.picture and not Path(options.picture).absolute().parent.is_dir():
        parser.error(f"--picture {options.picture}: there is no such folder")
    train_set, test_set = load_digits()
    net = train(*train_set)
    samples, labels = test_set
    reference = float((net.scores(samples).argmax(1) == labels).mean())

    start, table = time.perf_counter(), {}
    with ttnn.open_device(0) as device:
        for name, dtype in FORMATS.items():
            for fidelity in FIDELITIES:
                scores = scores_on_device(device, samples, net, dtype, FIDELITIES[fidelity])
                table[name, fidelity] = float((scores.argmax(1) == labels).mean())
    seconds = time.perf_counter() - start

    print(f"{len(labels)} digits, {len(table)} launches in {seconds:.1f} s; numpy recognises {reference:.2%}")
    print("recognised".ljust(12) + "".join(fidelity.rjust(9) for fidelity in FIDELITIES))
    for name in FORMATS:
        print(name.ljust(12) + "".join(f"{table[name, fidelity]:9.2%}" for fidelity in FIDELITIES))
    if options.picture:
        draw(table, reference, options.picture)
    good = table["bfloat16", "HiFi4"] >= reference - 0.01
    print("PASSED" if good else "FAILED: bfloat16 with HiFi4 is worse than numpy by more than 1 %")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
