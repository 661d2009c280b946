"""How much of which data: the share at which a loss meets a cap, and the best mixture of many domains."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.scipy.special import logsumexp

from lawjax.data.inputs import one_value
from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.choosing import laws_for
from lawjax.decisions.held import above_zero, not_negative
from lawjax.decisions.joining import beside, part
from lawjax.decisions.solving.barrier import least_on_simplex
from lawjax.decisions.solving.shares import first_and_last_below
from lawjax.draws import as_draws
from lawjax.errors import InputError
from lawjax.laws.base import Law, Params, Variable
from lawjax.laws.mixture.continual import D_CPT
from lawjax.laws.mixture.critical import CMR_LOSS
from lawjax.laws.mixture.mixing import MIXING_SHARE, mixing, mixing_law

SHARED = (MIXING_SHARE, CMR_LOSS, D_CPT)
"""The laws of one share of the training tokens."""
SHARE = "share of the training tokens"


def critical_mixture_ratio(
    source: Source,
    *,
    cap: float,
    N: float | None = None,
    D: float | None = None,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    """The shares at which a loss reaches a cap, so that continual pre-training does not lose ground.

    The share is that of the corpus that the law's own input counts: of the corpus whose loss it is for
    `mixing-share` and `d-cpt`, so that `ratio` is the least replay that keeps a general loss; of the domain data for
    `cmr-loss`, whichever loss that was fitted to, so that for a general loss `largest` is the critical mixture ratio.

    Args:
        source: a source of `mixing-share`, `cmr-loss` or `d-cpt`, of the loss that must not pass the cap.
        cap: the loss that may be reached, such as the loss before continual pre-training [nats/token].
        N: model parameters [count], for `d-cpt` alone.
        D: tokens of continual pre-training [tokens], for `d-cpt` alone.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        `ratio`, the least share at which the loss keeps to the cap, 0 where it does so from the start; `largest`, the
        largest such share. NaN where the loss is above the cap at every share.
    Raises:
        InputError: a source of another law, a cap that is none, `N` or `D` missing for `d-cpt`, or given for another.
    References:
        Ye et al. 2025, arXiv:2403.16952, section on continual pre-training; Gu et al. 2024, arXiv:2407.17467.
    Example:
        >>> import lawjax as lj
        >>> lj.decisions.critical_mixture_ratio(dict(c=2.8, k=0.2, t=-4.0), cap=2.85)["ratio"].__round__(4)
        0.3466
    """
    law = as_draws(source, laws_for(source, SHARED)[0]).law
    given = {name: value for name, value in (("N", N), ("D", D)) if value is not None}
    needed = [name for name in ("N", "D") if name in law.inputs]
    if law in SHARED and set(given) != set(needed):
        raise InputError(f"{law.name!r} asks for `N` and `D` to be {needed or 'left out'}, got {given}.")
    return decide(
        source,
        _critical_ratio,
        question="The shares at which the loss keeps to the cap",
        laws=SHARED,
        units=dict(ratio=SHARE, largest=SHARE),
        held=dict(cap=above_zero("cap", cap)) | given,
        method="roots of the law in the share, the first and the last",
        prob=prob,
        force=force,
    )


def _critical_ratio(params: Params, held: Params) -> dict[str, Any]:
    law = next(law for law in SHARED if set(law.params) == set(params))
    others = [held[name] for name in law.inputs if name in ("N", "D")]
    first, last = first_and_last_below(lambda r: law.fn(*others, r, **params) - held["cap"])
    return dict(ratio=first, largest=last)


def optimal_mixture(
    source: Source,
    *,
    weights: Mapping[str, float] | None = None,
    cap: float | None = None,
    capped: str | None = None,
    most: Sequence[float] | None = None,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    """The proportions of many domains with the least weighted sum of losses.

    Mixing laws are convex on the simplex, so there is one least value. Draws of several sources go together one by
    one.

    Args:
        source: a source of a mixing law, or one per loss by name: `{"code": fit, "prose": other}`.
        weights: weight of each loss by name; None weighs all the same.
        cap: most that one of the losses may be [nats/token].
        capped: name of that loss.
        most: most that each proportion may be, such as what its data allow or what the runs reached; None for 1.
        prob: probability of the intervals.
        force: answer even if a source's verdict is an error.
    Returns:
        `ratio`, the proportions; `loss`, the weighted mean of the losses; `losses`, each, in the order given. NaN
        where no mixture keeps below the cap.
    Raises:
        InputError: sources of other laws or of different domains, weights of unknown names, a cap of no loss, or
            limits that leave no mixture.
    References:
        Ye et al. 2025, arXiv:2403.16952.
    Example:
        >>> import lawjax as lj
        >>> best = lj.decisions.optimal_mixture({"code": "ye2025-symbolic-70m", "web": "ye2025-internet-70m"})
        >>> [round(float(share), 3) for share in best["ratio"]]
        [0.0, 0.0, 0.0, 0.244, 0.756]
    """
    sources = source if isinstance(source, Mapping) and set(source) != {"c", "k", "t"} else {"loss": source}
    if not sources:
        raise InputError("there is no source; give one per loss, as {'code': fit}.")
    found = {label: as_draws(one, _law_of(one)) for label, one in sources.items()}
    labels = tuple(found)
    law = next(iter(found.values())).law
    if "ratio" not in law.inputs or law is not mixing_law(law.inputs["ratio"].size or 2):
        raise InputError(f"this decision is for mixing laws; the source is of {law.name!r}.")
    limits = _limits(most, law.inputs["ratio"].size or 2)
    bound = {} if cap is None else dict(cap=above_zero("cap", cap))
    if (cap is None) != (capped is None) or (capped is not None and capped not in labels):
        raise InputError(
            f"give `cap` and `capped` together, the latter one of {list(labels)}; got {cap!r}, {capped!r}."
        )
    return decide(
        beside(found[labels[0]], found, law),
        _mixer(labels, capped),
        question="The best mixture of the domains",
        laws=(law,),
        units=dict(ratio=SHARE, loss="nats/token", losses="nats/token"),
        held=dict(weights=_weights(weights, labels), most=limits) | bound,
        vectors=("weights", "most"),
        method="Newton inside a logarithmic barrier",
        prob=prob,
        force=force,
    )


def _law_of(source: Any) -> Law:
    """The mixing law that plain parameters are of; that of two domains where they do not say."""
    slopes = np.shape(source.get("t", ())) if isinstance(source, Mapping) else ()
    return mixing_law(max(2, slopes[-1]) if slopes else 2)


def _weights(weights: Mapping[str, float] | None, labels: tuple[str, ...]) -> np.ndarray:
    """Weights in the order of the losses, summing to 1."""
    given = dict.fromkeys(labels, 1.0) if weights is None else weights
    if not isinstance(given, Mapping) or set(given) - set(labels):
        raise InputError(f"`weights` must be one number each for some of {list(labels)}, by name, got {weights!r}.")
    values = np.array([not_negative("weights", given.get(label, 0.0)) for label in labels])
    if not values.sum() > 0:
        raise InputError(f"`weights` must not all be 0, got {weights!r}.")
    return values / values.sum()


def _limits(most: Sequence[float] | None, size: int) -> np.ndarray:
    """The most of each domain."""
    limits = one_value("most", np.ones(size) if most is None else most, Variable(kind="fraction", size=size))
    if not np.all(limits > 0) or not limits.sum() > 1:
        raise InputError(f"`most` must be {size} shares above 0 to 1 that sum to more than 1, got {most!r}.")
    return limits


@functools.cache
def _mixer(labels: tuple[str, ...], capped: str | None) -> Any:
    """The decision for these losses, the same function for the same names, so that it compiles once."""

    def solve(params: Params, held: Params) -> dict[str, Any]:
        laws = {label: part(params, label) for label in labels}

        def losses(ratio: Any) -> Any:
            return jnp.stack([mixing(ratio, **laws[label]) for label in labels])

        def log_above_floor(label: str, ratio: Any) -> Any:
            return jnp.log(laws[label]["k"]) + jnp.dot(ratio, laws[label]["t"])

        def weighted(ratio: Any) -> Any:
            return logsumexp(jnp.stack([log_above_floor(label, ratio) for label in labels]), b=held["weights"])

        def excess(ratio: Any) -> Any:
            return log_above_floor(str(capped), ratio) - jnp.log(held["cap"] - laws[str(capped)]["c"])

        # In logarithms the least is the same, the unit of the loss no longer matters, and the cap is a plane.
        ratio = least_on_simplex(weighted, held["most"], excess if capped else None)
        return dict(ratio=ratio, loss=jnp.dot(held["weights"], losses(ratio)), losses=losses(ratio))

    return solve
