"""Synthetic runs: a known law, a design, and noise, to test what a fit can recover."""

from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

from lawjax.data.inputs import input_columns
from lawjax.data.reading import runs_from_columns
from lawjax.data.runs import Runs
from lawjax.errors import InputError, choose
from lawjax.laws.base import Law, Variable, over_runs
from lawjax.precision import in_float64, seed_of


@in_float64
def simulate(
    law: Law,
    params: Mapping[str, Any],
    design: Mapping[str, Any] | Runs | None = None,
    *,
    num_runs: int = 60,
    noise: float = 0.01,
    freedom: float = np.inf,
    space: str = "log",
    key: Any = 0,
) -> Runs:
    """Runs that follow a law, with noise.

    Args:
        law: the law.
        params: its true parameters, natural units.
        design: the inputs of each run, a dict of arrays or `Runs`; None spreads `num_runs` over the usual range of each
            input, evenly in the logarithm where it is positive.
        num_runs: how many runs, where there is no design.
        noise: scale of the noise in the residual space.
        freedom: degrees of freedom of Student-t noise; infinite is normal.
        space: "log" multiplies, "raw" adds.
        key: an int or a JAX key.
    Returns:
        `Runs` with the law's inputs and its response.
    Raises:
        InputError: wrong parameters, a design without an input, or negative noise.
    Example:
        >>> import lawjax as lj
        >>> runs = lj.simulate(lj.laws.POWER_LAW, {"A": 5.0, "alpha": 0.1}, {"x": [1.0, 10.0]}, noise=0.0)
        >>> [round(float(y), 4) for y in runs["loss"]]
        [5.0, 3.9716]
    """
    choose("space of the noise", space, ("log", "raw"))
    if set(params) != set(law.params):
        raise InputError(f"law {law.name!r} has the parameters {list(law.params)}, got {list(params)}.")
    if not (noise >= 0 and np.isfinite(noise)):
        raise InputError(f"`noise` must be 0 or a positive number, got {noise!r}.")
    if not freedom > 0:
        raise InputError(f"`freedom` must be above 0, got {freedom!r}.")
    generator = np.random.default_rng(seed_of(key))
    columns = _spread(law, num_runs, generator) if design is None else _designed(law, design)
    mean = np.asarray(_law_values(law, {name: np.asarray(params[name], float) for name in law.params}, columns))
    scatter = noise * (
        generator.standard_t(freedom, len(mean)) if np.isfinite(freedom) else generator.standard_normal(len(mean))
    )
    response = mean * np.exp(scatter) if space == "log" else mean + scatter
    return runs_from_columns({**columns, law.response: response})


_law_values = jax.jit(over_runs)


def _designed(law: Law, design: Mapping[str, Any] | Runs) -> dict[str, np.ndarray]:
    missing = [name for name in law.inputs if name not in design]
    if missing:
        raise InputError(f"the design has no column for {missing}; law {law.name!r} has the inputs {list(law.inputs)}.")
    return input_columns(law, {name: design[name] for name in law.inputs})


def _spread(law: Law, num_runs: int, generator: np.random.Generator) -> dict[str, np.ndarray]:
    """A random design that is even over the usual range of each input."""
    if not isinstance(num_runs, int) or num_runs < 1:
        raise InputError(f"`num_runs` must be a whole number above 0, got {num_runs!r}.")
    return {name: _spread_one(variable, num_runs, generator) for name, variable in law.inputs.items()}


def _spread_one(variable: Variable, num: int, generator: np.random.Generator) -> np.ndarray:
    shape = (num,) if variable.size is None else (num, variable.size)
    if variable.kind == "simplex":
        return generator.dirichlet(np.ones(shape[-1]), size=num)
    assert variable.usual is not None
    low, high = variable.usual
    even = generator.permuted(np.linspace(0, 1, num)) if variable.size is None else generator.uniform(size=shape)
    if variable.positive:
        return np.exp(np.log(low) + even * np.log(high / low))
    return low + even * (high - low)
