"""A matplotlib figure that notebooks show without a plotting backend."""

from __future__ import annotations

from io import StringIO

from matplotlib.figure import Figure


class Picture(Figure):
    """A figure that shows itself as SVG."""

    def _repr_svg_(self) -> str:
        out = StringIO()
        # The same figure is the same text, so that a notebook that is run again does not change.
        self.savefig(out, format="svg", metadata={"Date": None})
        return out.getvalue()
