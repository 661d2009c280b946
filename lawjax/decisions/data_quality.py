"""Data quality: which buckets and which fraction to keep, examples for a loss, a mixture's performance at size."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.choosing import laws_for
from lawjax.decisions.held import above_zero
from lawjax.draws import as_draws
from lawjax.errors import InputError
from lawjax.laws.base import Law
from lawjax.laws.data_quality import PROJEKTOR_SIZE, PRUNED_PERCEPTRON, RECTIFIED, RECTIFIED_HILL, filtered_pools
from lawjax.laws.data_quality.filtering import FORMS, pooled_error
from lawjax.laws.data_quality.pruning import pruned_perceptron
from lawjax.laws.data_quality.rectified import as_rectified

__all__ = ["buckets_to_keep", "examples_for_loss", "fraction_to_keep", "project_performance"]

MOST_POOLS = 12
LEAST_KEPT = 0.02
GRID, ZOOMS = 24, 2


def buckets_to_keep(
    source: Source, samples: float, pool: float, *, form: str = "utility", prob: float = 0.9, force: bool = False
) -> Answer:
    """How many of the best buckets of data to keep for a number of samples to be seen.

    Few samples are best spent on the best bucket; with more, it repeats until the next one is worth more.

    Args:
        source: a fit, draws, published coefficients or their name of `filtered_pools`, or a dict of its parameters;
            b and tau of each bucket, best first.
        samples: samples that training will see [count].
        pool: size of one bucket [samples].
        form: form of plain parameters: "utility", "data" or "utility-code".
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with buckets, how many to keep; error with them; and errors, that of keeping one, two, and so on,
        shape (bucket,). NaN where a bucket would be seen more than 128 times.
    Raises:
        InputError: a source of another law, or a number that is not above 0.
    References:
        Goyal et al. 2024, arXiv:2404.07177.
    Example:
        >>> import lawjax as lj
        >>> [lj.decisions.buckets_to_keep("goyal2024-utility", n, 12.8e6)["buckets"] for n in (32e6, 128e6)]
        [1.0, 2.0]
    """
    law = _pooled_law(source, form)
    return decide(
        source,
        _SOLVES[_form_of(law)],
        question=f"How many buckets of {pool:g} samples to keep for {samples:g} samples?",
        laws=(law,),
        units={"buckets": "buckets", "error": "error rate", "errors": "error rate"},
        held={"samples": samples, "pool": above_zero("pool", pool)},
        method="least of the errors",
        prob=prob,
        force=force,
    )


def fraction_to_keep(source: Source, alpha: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """The fraction of hardest examples to keep, for a number of examples that can be kept.

    With a perfect metric, theta = 0, the harder the better without end once there are enough examples. With any other
    there is a best fraction: beyond it one trains on what the metric wrongly finds hard.

    Args:
        source: a fit, draws or parameters of `PRUNED_PERCEPTRON`: dict(theta=0.3) is an angle of 17 degrees.
        alpha: examples kept per dimension.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with keep, the fraction; error there; and unpruned, the error of as many examples taken at random.
        NaN where the best fraction lies below 0.02 or is all of them.
    Raises:
        InputError: a source of another law, or a number that is not above 0.
    References:
        Sorscher et al. 2022, arXiv:2206.14486.
    Example:
        >>> import lawjax as lj
        >>> answer = lj.decisions.fraction_to_keep(dict(theta=0.1745), 3.0)
        >>> f"{answer['keep']:.2f} {answer['error']:.3f} {answer['unpruned']:.3f}"
        '0.28 0.065 0.143'
    """
    return decide(
        source,
        _fraction,
        question=f"Which fraction of the examples to keep, if {alpha:g} per dimension are kept?",
        laws=(PRUNED_PERCEPTRON,),
        units={"keep": "fraction", "error": "error rate", "unpruned": "error rate"},
        held={"alpha": alpha},
        method="least error over fractions",
        prob=prob,
        force=force,
    )


def examples_for_loss(source: Source, loss: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    r"""Examples of fine-tuning that a loss takes.

    $$D = \Big(\frac{B}{L - E} - D_l\Big)^{1 / \beta}$$

    Args:
        source: a fit, draws, a posterior or parameters of `rectified` or `rectified_hill`.
        loss: loss or error to reach, in the unit of the law.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with D [examples] and gain, what the next doubling of the examples would take off the loss; NaN
        where the loss lies below the floor or above the start of the curve.
    Raises:
        InputError: a source of another law.
    References:
        Lin et al. 2024, arXiv:2402.02314; Qin et al. 2025, arXiv:2503.19551.
    Example:
        >>> import lawjax as lj
        >>> gpt2 = dict(E=1.2423, B=856.37, D_l=260.71, beta=0.5005)
        >>> f"{lj.decisions.examples_for_loss(gpt2, 2.0)['D']:.2e}"
        '7.46e+05'
    """
    laws = laws_for(source, (RECTIFIED_HILL, RECTIFIED))
    return decide(
        source,
        _examples,
        question=f"How many examples does a loss of {loss:g} take?",
        laws=laws,
        units={"D": "examples", "gain": "loss"},
        held={"loss": loss},
        method="closed form",
        prob=prob,
        force=force,
    )


def project_performance(source: Source, n: float, *, prob: float = 0.9, force: bool = False) -> Answer:
    """Performance of a mixture at a training size, from pilots.

    Two pilots determine the line with nothing to spare, and their noise grows by `noise_amplification`. Give draws,
    `line_through` of simulated or repeated pilots, to see it in the interval.

    Args:
        source: a fit, draws or parameters of `projektor_size`; `line_through` makes them of two pilots.
        n: training examples [count].
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with performance.
    Raises:
        InputError: a source of another law, or a size that is not above 0.
    References:
        Kang et al. 2023, arXiv:2307.02460.
    Example:
        >>> import lawjax as lj
        >>> line = lj.laws.line_through((1000, 1500), (0.60, 0.65))
        >>> round(lj.decisions.project_performance(line, 10000)["performance"], 5)
        0.88394
    """
    return decide(
        source,
        _performance,
        question=f"What performance at {n:g} examples?",
        laws=(PROJEKTOR_SIZE,),
        units={"performance": "as in the pilots"},
        held={"n": n},
        method="straight line in log n",
        prob=prob,
        force=force,
    )


def _pooled_law(source: Any, form: str) -> Law:
    """The law of pools that a source is of; that of a dict has as many pools as its b."""
    if isinstance(source, Mapping):
        if "b" not in source or jnp.ndim(jnp.asarray(source["b"])) == 0:
            raise InputError("`b` must hold one value for each bucket, best first.")
        return filtered_pools(form, int(jnp.shape(jnp.asarray(source["b"]))[-1]))
    law = as_draws(source).law
    known = {filtered_pools(name, num) for name in FORMS for num in range(1, MOST_POOLS + 1)}
    if law not in known:
        raise InputError(f"this decision is for laws made by `filtered_pools`; the source is of {law.name!r}.")
    return law


def _form_of(law: Law) -> str:
    return next(name for name in FORMS if law is filtered_pools(name, law.params["b"].size or 1))


def _buckets(form: str) -> Any:
    def solve(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
        b, tau = params["b"], params["tau"]

        def error(kept: int) -> Any:
            epochs = held["samples"] / (kept * held["pool"])
            return pooled_error(form, held["samples"], epochs, a=params["a"], b=b[:kept], tau=tau[:kept], d=params["d"])

        errors = jnp.stack([error(kept) for kept in range(1, b.shape[0] + 1)])
        return {"buckets": 1.0 + jnp.nanargmin(errors), "error": jnp.nanmin(errors), "errors": errors}

    return solve


_SOLVES = {form: _buckets(form) for form in FORMS}


def _fraction(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    def error(log_keep: Any) -> Any:
        return pruned_perceptron(held["alpha"], jnp.exp(log_keep), **params)

    best = _zoomed(error, jnp.log(LEAST_KEPT), -1e-6)
    at_best, unpruned = jax.vmap(error)(jnp.stack([best, jnp.zeros_like(best)]))
    return {"keep": jnp.exp(best), "error": at_best, "unpruned": unpruned}


def _zoomed(fn: Any, low: Any, high: Any) -> Any:
    """Where a costly function is least: ever finer grids, then a parabola; NaN at an end of one."""

    def zoom(ends: Any, _: Any) -> Any:
        grid = jnp.linspace(ends[0], ends[1], GRID)
        values = jax.vmap(fn)(grid)
        values = jnp.where(jnp.isnan(values), jnp.inf, values)
        best = jnp.clip(jnp.argmin(values), 1, GRID - 2)
        before, here, after = values[best - 1], values[best], values[best + 1]
        shift = 0.5 * (before - after) / (before - 2.0 * here + after)
        inside = (before >= here) & (after >= here)
        place = jnp.where(inside, grid[best] + shift * (grid[1] - grid[0]), jnp.nan)
        return jnp.stack([grid[best - 1], grid[best + 1]]), place

    _, places = jax.lax.scan(zoom, jnp.stack([low, jnp.full_like(low, high)]), None, length=ZOOMS)
    return jnp.where(jnp.isnan(places[0]), jnp.nan, places[-1])


def _examples(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    p = params if "D_l" in params else as_rectified(params)
    left = p["B"] / (held["loss"] - p["E"]) - p["D_l"]
    D = jnp.where(left > 0, left, jnp.nan) ** (1.0 / p["beta"])
    doubled = p["E"] + p["B"] / (p["D_l"] + (2.0 * D) ** p["beta"])
    return {"D": D, "gain": held["loss"] - doubled}


def _performance(params: Mapping[str, Any], held: Mapping[str, Any]) -> dict[str, Any]:
    return {"performance": PROJEKTOR_SIZE(held["n"], **params)}
