"""Why a problem has no feasible choice: which constraints and bounds exclude each other, and by how much."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.planning.constrained.interior_point import Ended, Values, minimum
from lawjax.planning.constrained.program import Lane, Params, Program
from lawjax.planning.constrained.search import LANE_AXES, Search
from lawjax.planning.constraints import EQUAL
from lawjax.text import number

STARTS = 4
INVOLVED = 1e-3
"""Share of the conflict from which a constraint is named."""
NO_CONFLICT = 1e-7


def conflict(search: Search, scenario: int) -> str:
    """Which constraints and bounds leave no choice in a scenario, found by loosening all of them alike, in words."""
    combination, start = (part.ravel() for part in np.indices((search.num_combinations, STARTS)))
    lane = search.lane(np.full(len(start), scenario), combination)
    params = {name: array[np.full(len(start), search.middle)] for name, array in search.params.items()}
    loosest, top = _loosened(search.program, lane, params, search.starts[start])
    off = np.where(np.isfinite(loosest.objective), loosest.objective * top, np.inf)
    best = int(np.argmin(off))
    if off[best] <= NO_CONFLICT:
        return "no choice that keeps to the constraints was found, though none exclude each other. Narrow the bounds."
    if not np.isfinite(off[best]):
        return "the quantities are not finite anywhere that was tried. Check the law, the constraints and the bounds."
    ended = jax.tree.map(lambda array: array[best], loosest)
    names = _involved(search, scenario, ended, float(top[best]))
    inputs = search.program.inputs(_lane_at(lane, best), jnp.asarray(ended.point[:-1]))
    chosen = ", ".join(
        f"{name} = {number(float(inputs[name]), 3)}"
        for name in search.bound.choices.inputs
        if np.ndim(inputs[name]) == 0
    )
    return (
        f"{' and '.join(names)} exclude each other: the nearest choice ({chosen}) is off by {_size(float(off[best]))}. "
        "Relax one of them."
    )


def _lane_at(lane: Lane, place: int) -> Lane:
    return lane._replace(held={name: array[place] for name, array in lane.held.items()}, limits=lane.limits[place])


def _size(off: float) -> str:
    """A violation in logarithm as a factor, or as a percentage where it is small."""
    return f"a factor of {np.exp(off):.3g}" if off > 0.5 else f"{100 * np.expm1(off):.2g} %"


def _involved(search: Search, scenario: int, ended: Ended, top: float) -> list[str]:
    """The constraints and bounds that hold the nearest choice where it is."""
    problem, choices = search.bound.problem, search.bound.choices
    above, names = list(np.asarray(ended.above) * top)[choices.coordinates.num_mixtures :], []
    num_equal = sum(constraint.sense == EQUAL for constraint in problem.subject_to)
    pairs = above[len(above) - 2 * num_equal :]
    for constraint in problem.subject_to:
        pull = max(pairs.pop(0), pairs.pop(0)) if constraint.sense == EQUAL else above.pop(0)
        if pull > INVOLVED:
            limit = f"{number(constraint.at(scenario), 4)} {constraint.unit}".rstrip()
            names.append(f"`{constraint.label} {constraint.sense} {limit}`")
    for place, name in enumerate(choices.coordinates.names):
        for side, pulls in ((0, ended.low), (1, ended.high)):
            if pulls[place] > INVOLVED and name in choices.bounds:
                end = choices.bounds[name][side]
                names.append(f"the {('lower', 'upper')[side]} bound {number(end, 3)} of `{name}`")
    return names or ["the constraints"]


@partial(jax.jit, static_argnums=0)
def _loosened(program: Program, lane: Lane, params: Params, starts: Any) -> tuple[Ended, Any]:
    """The least by which all constraints must be loosened alike, as a share of the worst violation at the start."""

    def one(lane: Lane, draw: Params, start: Any) -> tuple[Ended, Any]:
        at_start = program.in_draw(lane, draw, start)
        broken = jnp.concatenate([-at_start.above, jnp.abs(at_start.equal)])
        top = 1.0 + jnp.max(jnp.where(jnp.isfinite(broken), broken, 0.0), initial=0.0)

        def values(extended: Any) -> Values:
            within, slack = program.in_draw(lane, draw, extended[:-1]), extended[-1] * top
            both = jnp.stack([within.equal, -within.equal], axis=1).ravel()
            return Values(extended[-1], jnp.concatenate([within.above, both]) + slack, jnp.zeros(0))

        return minimum(values, jnp.append(start, 0.9)), top

    return jax.vmap(one, in_axes=(LANE_AXES, 0, 0))(lane, dict(params), starts)
