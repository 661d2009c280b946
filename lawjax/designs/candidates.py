"""Candidate runs: configurations with what each costs, from a table, a frame or a space."""

import dataclasses
from typing import Any

import jax
import numpy as np

from lawjax.costs.cost import Cost
from lawjax.data.inputs import input_columns
from lawjax.designs.information import columns_of
from lawjax.errors import InputError
from lawjax.laws.base import Law
from lawjax.sweeps.design_space import Space
from lawjax.sweeps.layout import configurations

MOST = 100_000
"""Candidates beyond which memory, not time, is short."""


@dataclasses.dataclass(frozen=True, eq=False)
class Candidates:
    """Configurations that may be run.

    Attributes:
        inputs: of the law, natural units, each leading with (candidate,).
        more: what else the cost takes, shape (candidate,).
        cost: of one run, shape (candidate,).
    """

    inputs: dict[str, np.ndarray]
    more: dict[str, np.ndarray]
    cost: np.ndarray

    def __len__(self) -> int:
        return len(self.cost)

    @property
    def columns(self) -> dict[str, np.ndarray]:
        """All inputs."""
        return {**self.inputs, **self.more}

    def take(self, index: np.ndarray) -> "Candidates":
        """The chosen ones."""
        part = lambda columns: {name: column[index] for name, column in columns.items()}
        return Candidates(part(self.inputs), part(self.more), self.cost[index])


def candidates_of(law: Law, given: Any, cost: Cost) -> Candidates:
    """Candidates from a dict of columns, a frame, `Runs` or a `Space`, each costed.

    Raises:
        InputError: a missing input of the law or of the cost, too many candidates, or a cost that is not above 0.
    """
    columns = _of_space(given) if isinstance(given, Space) else dict(columns_of(law, given))
    wanting = [name for name in dict.fromkeys((*law.inputs, *cost.inputs)) if name not in columns]
    if wanting:
        raise InputError(
            f"the candidates have no column for {wanting}; law {law.name!r} has the inputs {list(law.inputs)}, the "
            f"cost {cost.name!r} {list(cost.inputs)}."
        )
    inputs = input_columns(law, {name: columns[name] for name in law.inputs})
    num = len(next(iter(inputs.values())))
    if num > MOST:
        raise InputError(f"{num:,} candidates are more than the {MOST:,} that can be held. Use coarser axes.")
    names = [name for name in cost.inputs if name not in inputs]
    more = {name: np.broadcast_to(np.asarray(columns[name], dtype=np.float64), num).copy() for name in names}
    return Candidates(inputs, more, _costs(cost, {**inputs, **more}))


def _of_space(space: Space) -> dict[str, np.ndarray]:
    if space.size > MOST:
        raise InputError(f"{space.size:,} candidates are more than the {MOST:,} that can be held. Use coarser axes.")
    found = configurations(space, np.arange(space.size))
    found |= {name: np.broadcast_to(value, (space.size, *value.shape)).copy() for name, value in space.fixed.items()}
    for name, function in space.derived.items():
        from lawjax.costs.named import call

        found[name] = np.broadcast_to(np.asarray(call(function, found), dtype=np.float64), space.size).copy()
    return found


def _costs(cost: Cost, columns: dict[str, np.ndarray]) -> np.ndarray:
    taken = {name: columns[name] for name in cost.inputs}
    found = np.asarray(jax.vmap(lambda row: 1.0 * cost(row))(taken), dtype=np.float64)
    bad = ~(np.isfinite(found) & (found > 0))
    if bad.any():
        raise InputError(
            f"the cost of a run must be a finite number above 0, got {found[bad][0]:g} {cost.unit} for candidate "
            f"{int(np.flatnonzero(bad)[0]) + 1}. Leave it out, or mend the cost."
        )
    return found
