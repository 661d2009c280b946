"""Cross capabilities: the score of a task that needs several capabilities at once, from the score of each."""

import functools
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jaxtyping import ArrayLike, ScalarLike

from lawjax.errors import check_whole
from lawjax.laws.base import Law, Param, Scalar, Variable, positive, real
from lawjax.laws.terms import mixture_mean, softmin

POINTS = "points of 100"
PAIR_WORDS = "which kind of task it is: 1 at its place, 0 elsewhere"


def weakest_link(scores: ArrayLike, *, offset: ScalarLike, sharpness: ScalarLike) -> Scalar:
    r"""Score where several capabilities are needed at once, pulled towards the weakest of them.

    A form of our own: Zhong et al. count how often a cross score lies at or below the weaker score, and give no
    formula.

    $$s = d - \frac1k \log\Big(\frac1n \sum_{i=1}^n e^{-k s_i}\Big)$$

    It is the mean score for small k and the least score for large k. The gradient with respect to $s_i$ is
    $e^{-k s_i} / \sum_j e^{-k s_j}$: what a point gained there is worth.

    Args:
        scores: score of each capability alone [points], shape (capability,).
        offset: what is lost, or gained, by combining them [points].
        sharpness: k, how strongly the weakest decides [1/points].
    Returns:
        Score of the task that needs them all [points].
    References:
        Zhong et al. 2024, arXiv:2409.19951 (the question and the scores).
    """
    return offset + softmin(scores, sharpness)


def weakest_link_of_pairs(scores: ArrayLike, pair: ArrayLike, *, offset: ArrayLike, sharpness: ScalarLike) -> Scalar:
    r"""The weakest link, with an offset of its own for each kind of task.

    A form of our own, as `weakest_link` is.

    $$s = d_p - \frac1k \log\Big(\frac1n \sum_{i=1}^n e^{-k s_i}\Big)$$

    Args:
        scores: score of each capability alone [points], shape (capability,).
        pair: which kind of task it is, 1 at its place and 0 elsewhere, shape (pair,).
        offset: what is lost, or gained, in each kind of task [points], shape (pair,).
        sharpness: k, how strongly the weakest decides [1/points].
    Returns:
        Score of the task that needs them all [points].
    References:
        Zhong et al. 2024, arXiv:2409.19951 (the question and the scores).
    """
    return mixture_mean(pair, offset) + softmin(scores, sharpness)


def ranked_link(scores: ArrayLike, *, offset: ScalarLike, weight: ArrayLike) -> Scalar:
    r"""Score where several capabilities are needed at once, as a weighted sum of the ordered scores.

    A form of our own, and the rival that the weakest link must beat: it is linear in its parameters.

    $$s = d + \sum_{i=1}^n w_i\, s_{(i)}, \qquad s_{(1)} \le \dots \le s_{(n)}$$

    Args:
        scores: score of each capability alone [points], shape (capability,).
        offset: score at which all scores are 0 [points].
        weight: weight of each score, the weakest first, shape (capability,).
    Returns:
        Score of the task that needs them all [points].
    References:
        Zhong et al. 2024, arXiv:2409.19951 (the question and the scores).
    """
    return offset + mixture_mean(jnp.sort(jnp.asarray(scores)), weight)


def ranked_link_of_pairs(scores: ArrayLike, pair: ArrayLike, *, offset: ArrayLike, weight: ArrayLike) -> Scalar:
    r"""The weighted sum of the ordered scores, with an offset of its own for each kind of task.

    A form of our own, as `ranked_link` is.

    $$s = d_p + \sum_{i=1}^n w_i\, s_{(i)}, \qquad s_{(1)} \le \dots \le s_{(n)}$$

    Args:
        scores: score of each capability alone [points], shape (capability,).
        pair: which kind of task it is, 1 at its place and 0 elsewhere, shape (pair,).
        offset: score at which all scores are 0, in each kind of task [points], shape (pair,).
        weight: weight of each score, the weakest first, shape (capability,).
    Returns:
        Score of the task that needs them all [points].
    References:
        Zhong et al. 2024, arXiv:2409.19951 (the question and the scores).
    """
    return mixture_mean(pair, offset) + mixture_mean(jnp.sort(jnp.asarray(scores)), weight)


@functools.cache
def weakest_link_law(num_capabilities: int = 2, num_pairs: int = 1) -> Law:
    """The weakest link over a number of capabilities, with one offset or one for each kind of task.

    Args:
        num_capabilities: how many capabilities a task needs, 2 or more.
        num_pairs: how many kinds of task there are; 1 gives `weakest_link`, more `weakest_link_of_pairs`.
    Returns:
        The same `Law` for the same numbers each time, so that it compiles once.
    Raises:
        InputError: a number that is too small or not whole.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.weakest_link_law(3)
        <Law weakest-link-3: score(scores; offset, sharpness)>
    """
    sharpness = positive(0.01, 1.0)
    fn = weakest_link if num_pairs == 1 else weakest_link_of_pairs
    return _link_law("weakest-link", fn, num_capabilities, num_pairs, dict(sharpness=sharpness))


@functools.cache
def ranked_link_law(num_capabilities: int = 2, num_pairs: int = 1) -> Law:
    """The weighted sum of the ordered scores, with one offset or one for each kind of task.

    Args:
        num_capabilities: how many capabilities a task needs, 2 or more.
        num_pairs: how many kinds of task there are; 1 gives `ranked_link`, more `ranked_link_of_pairs`.
    Returns:
        The same `Law` for the same numbers each time, so that it compiles once.
    Raises:
        InputError: a number that is too small or not whole.
    Example:
        >>> import lawjax as lj
        >>> lj.laws.ranked_link_law(2, num_pairs=7)
        <Law ranked-link-2-pairs-7: score(scores, pair; offset, weight)>
    """
    weight = real(0.1, 0.9, size=num_capabilities)
    fn = ranked_link if num_pairs == 1 else ranked_link_of_pairs
    return _link_law("ranked-link", fn, num_capabilities, num_pairs, dict(weight=weight))


def _link_law(name: str, fn: Callable[..., Any], num_capabilities: int, num_pairs: int, rest: dict[str, Param]) -> Law:
    check_whole("num_capabilities", num_capabilities, 2)
    check_whole("num_pairs", num_pairs, 1)
    several = num_pairs > 1
    inputs = dict(scores=Variable(unit=POINTS, kind="real", size=num_capabilities, usual=(30.0, 90.0)))
    if several:
        inputs |= dict(pair=Variable(unit=PAIR_WORDS, kind="simplex", size=num_pairs))
    return Law(
        fn=fn,
        response="score",
        inputs=inputs,
        rises=("scores",),
        unit=POINTS,
        support="real",
        params=dict(offset=real(-15.0, 5.0, size=num_pairs if several else None), **rest),
        linear=() if several else ("offset",),
        reference="zhong2024",
        name=f"{name}-{num_capabilities}" + (f"-pairs-{num_pairs}" if several else ""),
    )
