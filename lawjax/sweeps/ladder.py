"""Which way a sweep is computed: along the boundary of what is allowed, on a factored grid, or by a general scan.

Each way gives the same result; the first that is proven to apply is taken, and the result says which it was.
"""

import collections
import dataclasses
from collections.abc import Mapping

from lawjax.sweeps.best import BestBy
from lawjax.sweeps.boundary import BestOnLines, BoundaryScan, boundary_axis
from lawjax.sweeps.reducer import Reducer
from lawjax.sweeps.stream import Scan


def quickest(scan: Scan, reducers: Mapping[str, Reducer]) -> tuple[Scan, dict[str, Reducer]]:
    """The scan and the reducers that answer the same with the least work that is proven to suffice."""
    axis = boundary_axis(scan, list(reducers.values()))
    if axis is None:
        return scan, dict(reducers)
    same = {field.name: getattr(scan, field.name) for field in dataclasses.fields(scan)}
    lines = BoundaryScan(**same, axis=axis)
    return lines, {n: BestOnLines(r.keep, lines) for n, r in reducers.items() if isinstance(r, BestBy)}


def rung_of(scan: Scan) -> str:
    """The way, in a few words."""
    if isinstance(scan, BoundaryScan):
        return f"boundary along `{scan.axis}`"
    return "general scan" if scan.plan.costly else "factored grid"


def method_of(scan: Scan) -> str:
    """The way in words, with the work that it is."""
    if isinstance(scan, BoundaryScan):
        way = "falls" if scan.falls else "rises"
        end = "last" if scan.falls else "first"
        return (
            f"{rung_of(scan)}: the loss {way} along it, so of each of {scan.num_lines:,} lines of {scan.length:,} the "
            f"{end} that is allowed is the best; counts in {scan.dtype}, the best in float64"
        )
    layout, steps = scan.layout, collections.Counter(scan.plan.costly)
    work = ", ".join(f"{num} {name}" for name, num in steps.items())
    of_each = f"{work} for each" if work else "nothing but sums, products and comparisons for each"
    return (
        f"{rung_of(scan)} in {layout.num_rows:,} rows of {layout.width:,}, {of_each}, {scan.dtype}; "
        "what is kept, in float64"
    )
