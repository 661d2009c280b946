"""Which pools of data to keep at a budget of samples."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero
from lawjax.draws import as_draws
from lawjax.errors import InputError, choose
from lawjax.laws.base import Law
from lawjax.laws.data_quality import filtered_pools
from lawjax.laws.data_quality.filtering import FORMS, pooled_error

MOST_POOLS = 12


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
    samples, pool = above_zero("samples", samples), above_zero("pool", pool)
    law = _pooled_law(source, choose("form of the law", form, FORMS))
    return decide(
        source,
        _SOLVES[_form_of(law)],
        question=f"How many buckets of {pool:g} samples to keep for {samples:g} samples?",
        laws=(law,),
        units={"buckets": "buckets", "error": "error rate", "errors": "error rate"},
        held={"samples": samples, "pool": pool},
        method="least of the errors",
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
