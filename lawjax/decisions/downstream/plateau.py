"""Plateau: the size from which little is left to gain."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lawjax.decisions.answer import Answer, Source, decide
from lawjax.decisions.held import above_zero, between, numbers
from lawjax.errors import InputError
from lawjax.laws.downstream import BOUNDED_SCORE, family_score
from lawjax.verdict import Verdict, warning


def smallest_size_on_plateau(
    source: Source,
    sizes: Sequence[float],
    delta: float,
    *,
    family: Sequence[float] | None = None,
    sure: float = 0.9,
    prob: float = 0.9,
    force: bool = False,
) -> Answer:
    """The smallest of the sizes on offer after which no next size gains `delta`, with probability `sure`.

    Args:
        source: a fit, posterior or draws of `bounded_score`, or of `family_score` where `family` is given; or a
            dict of its parameters.
        sizes: the sizes on offer, rising [parameters].
        delta: the gain in score that would be worth the next size.
        family: 1 at the family that is asked of and 0 elsewhere, shape (family,); None where there is one.
        sure: share of the draws that must agree.
        prob: probability of the intervals.
        force: answer even if the source's verdict is an error.
    Returns:
        An `Answer` with chosen [parameters], the same in every draw; N [parameters], each draw's own; and gain, the
        score that each next size adds, shape (draw, size - 1). NaN where the sizes end before the plateau.
    Raises:
        InputError: a source of another law, sizes that do not rise, or a delta or share that cannot be.
    References:
        Heim et al. 2025, arXiv:2505.16276 (the form and the rule are our own).
    Example:
        >>> import lawjax as lj
        >>> law = dict(floor=0.2, ceiling=0.9, slope=1.0, location=21.0)
        >>> answer = lj.decisions.smallest_size_on_plateau(law, [1e9, 7e9, 3e10, 7e10], 0.05)
        >>> answer["chosen"]
        30000000000.0
    """
    offered = numbers("sizes", sizes)
    if offered.ndim != 1 or len(offered) < 2 or not np.all(np.diff(offered) > 0) or not offered[0] > 0:
        raise InputError(f"`sizes` must be two or more numbers above 0 that rise, got {list(sizes)!r}.")
    delta, sure = above_zero("delta", delta), between("sure", sure, 0.0, 1.0)
    of_family = {} if family is None else {"family": family}
    answer = decide(
        source,
        _plateau,
        question=f"From which size on does the next one gain less than {delta:g}?",
        laws=(BOUNDED_SCORE if family is None else family_score(len(family)),),
        units={"N": "parameters", "gain": "score"},
        held={"sizes": offered, "delta": delta, **of_family},
        vectors=("sizes", "family"),
        method="scores at every size on offer",
        prob=prob,
        force=force,
    )
    return _agreed(answer, offered, sure)


def _agreed(answer: Answer, sizes: np.ndarray, sure: float) -> Answer:
    """The answer with the first size that a share `sure` of the draws finds on the plateau."""
    shares = np.mean(answer.draws["N"][:, None] <= sizes, axis=0)
    enough = shares > sure
    chosen = float(sizes[np.argmax(enough)]) if enough.any() else np.nan
    note = warning("no-plateau", f"No size on offer is on the plateau in more than {sure:.0%} of the draws.")
    return dataclasses.replace(
        answer,
        draws={"chosen": np.full(len(answer), chosen), **answer.draws},
        units={"chosen": "parameters", **answer.units},
        verdict=answer.verdict + Verdict(() if enough.any() else (note,)),
    )


def _plateau(params: Any, held: Any) -> dict[str, Any]:
    shared = {name: params[name] for name in ("floor", "ceiling", "slope")}
    place = jnp.dot(held["family"], params["location"]) if "family" in held else params["location"]
    gain = jnp.diff(jax.vmap(lambda N: BOUNDED_SCORE(N, **shared, location=place))(held["sizes"]))
    # A sigmoid is flat at both ends: a size is on the plateau where all later steps are small as well.
    settled = jnp.flip(jnp.cumprod(jnp.flip(gain < held["delta"])))
    first = held["sizes"][jnp.argmax(settled)]
    return {"N": jnp.where(settled.any(), first, jnp.nan), "gain": gain}
