"""The only file that touches ArviZ: a posterior as `InferenceData` (ArviZ 0.x) or as a `DataTree` (1.x)."""

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from lawjax.errors import require
from lawjax.fitting.residuals import from_space, to_space
from lawjax.laws.base import over_draws
from lawjax.precision import in_float64, seed_of

if TYPE_CHECKING:
    from lawjax.inference.posterior import Posterior

Group = dict[str, np.ndarray]

STAT_NAMES = {
    "potential": "lp",
    "acceptance": "acceptance_rate",
    "num_steps": "n_steps",
    "longest_path": "reached_max_treedepth",
}
"""ArviZ's names for what the sampler says, where they differ."""


def to_arviz(posterior: "Posterior", key: Any = 0) -> Any:
    """The posterior with all its groups, for the ArviZ that is installed."""
    arviz = require("arviz", "posterior")
    groups = make_groups(posterior, key)
    labels = {"coords": {"run": run_labels(posterior)}, "dims": make_dims(posterior)}
    if int(arviz.__version__.partition(".")[0]) >= 1:
        return arviz.from_dict(groups, **labels)
    return arviz.from_dict(**groups, **labels)


def pointwise_loo(posterior: "Posterior") -> tuple[np.ndarray, np.ndarray]:
    """Log predictive density of each run by the posterior of the others, and its Pareto k, each shape (run,).

    Pareto-smoothed importance sampling; above k = 0.7 a run's value is not to be trusted.

    References:
        Vehtari, Gelman and Gabry 2017, arXiv:1507.04544.
    """
    arviz = require("arviz", "posterior")
    with warnings.catch_warnings():
        # ArviZ warns of high k; the caller gets k itself and makes a note of it.
        warnings.simplefilter("ignore", UserWarning)
        found = arviz.loo(to_arviz(posterior), pointwise=True)
    pointwise = found.elpd_i if "elpd_i" in found else found.loo_i
    return np.asarray(pointwise).ravel(), np.asarray(found.pareto_k).ravel()


def make_groups(posterior: "Posterior", key: Any = 0) -> dict[str, Group]:
    """Arrays by group and variable; those of draws lead with (chain, draw)."""
    law, runs = posterior.law, posterior.runs
    by_chain = posterior.by_chain
    stats = {STAT_NAMES.get(name, name): by_chain(array) for name, array in posterior.stats.items()}
    return {
        "posterior": {name: by_chain(array) for name, array in posterior.sampled.items()},
        "sample_stats": {**stats, "lp": -stats["lp"]},
        "log_likelihood": {law.response: by_chain(posterior.log_likelihood)},
        "posterior_predictive": {law.response: by_chain(_predictive(posterior, key))},
        "prior": {name: array[None] for name, array in posterior.prior.items()},
        "observed_data": {law.response: np.asarray(runs[law.response], dtype=np.float64)},
        "constant_data": {name: np.asarray(runs[name], dtype=np.float64) for name in law.inputs},
    }


def make_dims(posterior: "Posterior") -> dict[str, list[str]]:
    """Names of the axes of each variable, after chain and draw."""
    law, runs = posterior.law, posterior.runs
    entries = {name: [f"{name}_entry"] for name, param in law.params.items() if param.size is not None}
    inputs = {name: ["run"] if np.ndim(runs[name]) == 1 else ["run", f"{name}_entry"] for name in law.inputs}
    return {**entries, **inputs, law.response: ["run"]}


def run_labels(posterior: "Posterior") -> np.ndarray:
    """The row number of each run in its source."""
    row = posterior.runs.row
    return np.arange(1, len(posterior.runs) + 1) if row is None else np.asarray(row)


@in_float64
def _predictive(posterior: "Posterior", key: Any) -> np.ndarray:
    """Responses that new runs at the same inputs would show, shape (draw, run)."""
    predicted = over_draws(posterior.law, posterior.params, posterior.runs.columns)
    generator = np.random.default_rng(seed_of(key))
    middle = np.asarray(to_space(posterior.noise.space, predicted))
    return from_space(posterior.noise.space, middle + posterior.noise.sample(middle.shape, generator))
