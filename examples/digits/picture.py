"""Draws how many digits are recognised, by data format and fidelity."""

import matplotlib as mpl
import numpy as np

mpl.use("Agg")
from matplotlib import pyplot as plt


def draw(table: dict[tuple[str, str], float], reference: float, path: str) -> None:
    """Draw a group of bars for each format, one bar for each fidelity, and numpy's share as a line."""
    formats, fidelities = (list(dict.fromkeys(names)) for names in zip(*table, strict=True))
    figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
    for place, fidelity in enumerate(fidelities):
        shares = [100 * table[name, fidelity] for name in formats]
        axes.bar(np.arange(len(formats)) + 0.27 * (place - 1), shares, 0.25, label=fidelity)
    axes.axhline(100 * reference, color="black", linestyle=":", label="numpy, float64")
    axes.set_xticks(range(len(formats)), formats)
    axes.set_ylim(100 * min(table.values()) - 5, 100)
    axes.set_ylabel("digits recognised, %")
    axes.legend(ncols=4, loc="upper center", bbox_to_anchor=(0.5, 1.13), frameon=False)
    figure.savefig(path)
